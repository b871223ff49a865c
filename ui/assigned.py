"""Those who were assigned to an experiment, each in their arm, and the log of them alone."""

from __future__ import annotations

import json

import pyarrow as pa
import streamlit as st

from journey.aggregates.arm_members import ArmMembers, arm_members
from journey.aggregates.arm_sources import ArmSource, arm_sources
from journey.aggregates.exposed import exposed
from journey.events.log import EventLog
from journey.events.privacy import mask_ids
from journey.stages.experiment_plan import Plan
from ui import logs, session

__all__ = ["exposed_log", "members", "sources"]


@st.cache_resource(max_entries=16, show_spinner=False)
def exposed_log(project_id: str, fingerprint: str, filters: str, disguise: str, wanted: str) -> EventLog:
    """The log of those assigned, as `wanted` tells: to what, from when on, by which unit."""
    asked, found = json.loads(wanted), logs.shown(project_id, fingerprint, filters, disguise)
    source = asked["experiment"]
    everyone = members(project_id, fingerprint, logs.key(source))
    labels = [arm.label for arm in everyone.arms]
    if disguise and "attribute" in source:
        shown = logs.said(project_id, fingerprint, disguise, source["attribute"])
        labels = [shown.get(one, one) for one in labels]
    others = everyone.ids.filter(pa.array(everyone.customer < 0))
    if disguise:
        key = session.store().open(project_id).mask_key
        among = logs.log(project_id, fingerprint).customer_ids
        others = pa.array(mask_ids(others, key, among=among), pa.large_string())
    chosen = json.loads(filters)
    is_narrowed = bool(chosen["segment"] or chosen["where"])
    return exposed(
        found,
        everyone if found.origin is None else everyone.within(found.origin),
        since=asked["since"],
        only=everyone.number(asked["arm"]) if asked.get("arm") else None,
        # Of those whom the log does not know no filter can tell.
        others=None if is_narrowed else others,
        called=labels,
        # A session without a row is none.
        rows_for_all=asked["unit"] == "customer",
    )


@st.cache_resource(max_entries=16, show_spinner=False)
def members(project_id: str, fingerprint: str, source: str) -> ArmMembers:
    """The customers of an experiment by their arm, with ids and labels as they are."""
    tables = logs.tables(project_id, fingerprint, "")
    return arm_members(logs.log(project_id, fingerprint), json.loads(source), tables)


@st.cache_resource(max_entries=16, show_spinner=False)
def sources(project_id: str, fingerprint: str, plans: str) -> tuple[ArmSource, ...]:
    """The experiments whose customers are known one by one."""
    tables = logs.tables(project_id, fingerprint, "")
    return arm_sources(
        logs.log(project_id, fingerprint), tables, [Plan.from_json(one) for one in json.loads(plans)]
    )
