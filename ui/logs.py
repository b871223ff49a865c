"""What the files of a project say: its logs, tables and names, each read once.

Keys are names and settings; a table is never hashed. The filters of the open project are told by `ui.ask`,
what its tab hides by `ui.veil`.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import streamlit as st

from journey.aggregates.bound import Bound
from journey.aggregates.conditions import Conditions, conditions
from journey.aggregates.event_counts import EventCounts, event_counts
from journey.aggregates.event_counts import customers_of as customers_of_groups
from journey.aggregates.plan_choices import PlanChoices, plan_choices
from journey.aggregates.segment import members_of
from journey.errors import ProjectMissing
from journey.events.disguise import are_plain_numbers, disguised, disguised_tables, naming, stand_ins
from journey.events.forgetting import is_telling
from journey.events.log import EventLog
from journey.events.other_tables import OTHER_KINDS, OtherTables, called, nobody, other_tables, registered
from journey.events.privacy import mask_ids
from journey.projects.data_ref import FileRef
from journey.projects.project import Project
from journey.stages.stage_map import StageMap
from journey.stages.suggest import Suggestion, suggest
from ui import session

__all__ = [
    "NO_FILTERS",
    "bound",
    "choices",
    "codes",
    "counts",
    "customers_of",
    "key",
    "log",
    "members",
    "naming_attributes",
    "plain_numbers",
    "plans",
    "said",
    "shown",
    "source",
    "sure",
    "survey",
    "tables",
    "view",
    "whole",
    "without_names",
]

NO_FILTERS = '{"period": null, "segment": null, "where": {}}'
_LONGEST_NAME = 60


def key(settings: Mapping[str, Any]) -> str:
    """Settings as a part of a key."""
    return json.dumps(settings, sort_keys=True, ensure_ascii=False)


def source() -> tuple[str, str]:
    """By what the open project and its data are told apart in keys. Raises ProjectMissing without data."""
    opened, data = session.project(), session.state().data
    if opened is None or data is None or not (data.has_customers or data.has_experiments):
        raise ProjectMissing
    return opened.id, data.name


def whole() -> EventLog:
    """The whole log with ids and values as they are in demo mode too: to compare with, never to show."""
    return log(*source())


@st.cache_resource(max_entries=8, show_spinner=False)
def log(project_id: str, fingerprint: str) -> EventLog:
    """The whole log of a project; of those whom only tables know, or of nobody, where it has no events."""
    found = session.store().open(project_id).log()
    return found or registered(tables(project_id, fingerprint, "")) or nobody()


@st.cache_resource(max_entries=8, show_spinner=False)
def tables(project_id: str, fingerprint: str, disguise: str) -> OtherTables:
    """What the project's other files say about its customers; demo mode's with codes and stand-ins."""
    if disguise:
        wanted, opened = json.loads(disguise), session.store().open(project_id)
        covered = [name for name in wanted["hidden"] if name not in wanted["numbers"]]
        names = {name: said(project_id, fingerprint, disguise, name) for name in covered}
        plain, ids = tables(project_id, fingerprint, ""), log(project_id, fingerprint).customer_ids
        return disguised_tables(plain, opened.mask_key, ids, names)
    opened = session.store().open(project_id)
    files = () if opened.state.data is None else opened.state.data.of_kind(*OTHER_KINDS)
    return other_tables((file.kind, _typed(opened, file)) for file in files)


def _typed(opened: Project, file: FileRef) -> Mapping[str, pa.Table]:
    """The tables of one file that questions read; a test without a name is called as its file is."""
    made = {name: opened.table(file.id, name) for name in OTHER_KINDS[file.kind] if name in file.tables}
    return called(made, file.name) if file.kind == "experiment" else made


@st.cache_resource(max_entries=8, show_spinner=False)
def choices(project_id: str, fingerprint: str, settings: str) -> Conditions:
    """What rules can be about."""
    found, others = log(project_id, fingerprint), tables(project_id, fingerprint, "")
    return conditions(found, others, **json.loads(settings))


@st.cache_resource(max_entries=4, show_spinner=False)
def bound(project_id: str, fingerprint: str, stages: str) -> Bound:
    """What cards of journey maps can be bound to, counted over all customers and days."""
    own = StageMap.from_json(stages)
    return Bound(log(project_id, fingerprint), own, tables(project_id, fingerprint, ""))


@st.cache_resource(max_entries=8, show_spinner=False)
def plans(project_id: str, fingerprint: str) -> PlanChoices:
    """What a plan of an experiment can be made of."""
    return plan_choices(log(project_id, fingerprint), tables(project_id, fingerprint, ""))


@st.cache_resource(max_entries=16, show_spinner=False)
def view(project_id: str, fingerprint: str, filters: str) -> EventLog:
    """The log as the filters leave it."""
    wanted = json.loads(filters)
    found = log(project_id, fingerprint)
    if wanted["segment"]:
        rule, stages = key(wanted["segment"]["rule"]), wanted["segment"]["stages"]
        found = found.of_customers(members(project_id, fingerprint, stages, rule))
    for name, values in wanted["where"].items():
        found = found.where(name, values)
    if wanted["period"]:
        first, last = (dt.date.fromisoformat(day) for day in wanted["period"])
        found = found.between(first, last)
    return found


@st.cache_resource(max_entries=32, show_spinner=False)
def members(project_id: str, fingerprint: str, stages: str, rule: str) -> np.ndarray:
    """One flag a customer of the whole log: does the rule pick them?"""
    found, others = log(project_id, fingerprint), tables(project_id, fingerprint, "")
    flags = members_of(found, StageMap.from_json(stages), json.loads(rule), others)
    flags.setflags(write=False)
    return flags


@st.cache_resource(max_entries=32, show_spinner=False)
def naming_attributes(project_id: str, fingerprint: str) -> tuple[str, ...]:
    """The attributes whose values may name somebody."""
    return naming(log(project_id, fingerprint))


@st.cache_resource(max_entries=32, show_spinner=False)
def plain_numbers(project_id: str, fingerprint: str) -> frozenset[str]:
    """The attributes whose values are numbers that name nobody."""
    found = log(project_id, fingerprint).attributes.items()
    return frozenset(name for name, one in found if are_plain_numbers(name, one.categories))


def shown(project_id: str, fingerprint: str, filters: str, disguise: str) -> EventLog:
    """The log as the filters leave it, in demo mode disguised."""
    if disguise:
        return _disguised(project_id, fingerprint, filters, disguise)
    return view(project_id, fingerprint, filters)


@st.cache_resource(max_entries=8, show_spinner=False)
def _disguised(project_id: str, fingerprint: str, filters: str, disguise: str) -> EventLog:
    wanted, key = json.loads(disguise), session.store().open(project_id).mask_key
    found = view(project_id, fingerprint, filters)
    return disguised(found, key, attributes=wanted["hidden"], word=wanted["word"])


@st.cache_resource(max_entries=32, show_spinner=False)
def said(project_id: str, fingerprint: str, disguise: str, attribute: str) -> Mapping[str, str]:
    """Value -> what demo mode says for it, of an attribute that it hides; empty for any other."""
    wanted, found = json.loads(disguise), log(project_id, fingerprint)
    if attribute not in wanted["hidden"]:
        return {}
    key = session.store().open(project_id).mask_key
    return stand_ins(found.attributes[attribute].categories, key, wanted["word"])


@st.cache_data(max_entries=512, show_spinner=False)
def without_names(project_id: str, fingerprint: str, disguise: str, words: str) -> str:
    """The words with the code of each customer and the stand-in of each value that stands there as a word.

    Short ids, numbers and single letters stay: they may be anything (see `is_telling`).
    """
    coded, attributes = codes(project_id, fingerprint), json.loads(disguise)["hidden"]
    values = [said(project_id, fingerprint, disguise, name) for name in attributes]

    def shown_for(word: str) -> str | None:
        if is_telling(word) and word in coded:
            return coded[word]
        if len(word) < 2 or word.isdigit():
            return None
        return next((names[word] for names in values if word in names), None)

    def is_end(at: int) -> bool:
        # A Korean particle follows a name without a space.
        return not (words[at - 1 : at + 1].isalnum() and words[at - 1 : at + 1].isascii()) or at == len(words)

    told, at = [], 0
    while at < len(words):
        last = min(at + _LONGEST_NAME, len(words)) if not at or not words[at - 1].isalnum() else at
        ends = (end for end in range(last, at, -1) if is_end(end))
        found = next(((end, shown) for end in ends if (shown := shown_for(words[at:end])) is not None), None)
        at, piece = found or (at + 1, words[at])
        told.append(piece)
    return "".join(told)


@st.cache_resource(max_entries=32, show_spinner=False)
def counts(project_id: str, fingerprint: str, filters: str) -> EventCounts:
    """Rows and customers of each event."""
    return event_counts(view(project_id, fingerprint, filters))


@st.cache_resource(max_entries=32, show_spinner=False)
def customers_of(
    project_id: str, fingerprint: str, filters: str, digest: str, n_groups: int, _groups: np.ndarray
) -> np.ndarray:
    """Distinct customers of each group of events; `digest` stands for the groups in the key."""
    return customers_of_groups(view(project_id, fingerprint, filters), _groups, n_groups)


@st.cache_resource(max_entries=32, show_spinner=False)
def _guess(project_id: str, fingerprint: str, language: str) -> Suggestion:
    counted = counts(project_id, fingerprint, NO_FILTERS)
    return suggest(counted.names, counted.rows, language=language)


@st.cache_resource(max_entries=32, show_spinner=False)
def sure(project_id: str, fingerprint: str, language: str) -> Mapping[str, float]:
    """How sure the first guess of stages was, by event and by a rule's pattern."""
    first = _guess(project_id, fingerprint, language)
    rules = {name: first.stage_map.rule_of(name) for name in first.confidence}
    ruled = {rule.pattern: first.confidence[name] for name, rule in rules.items() if rule is not None}
    return {**first.confidence, **ruled}


@st.cache_resource(max_entries=2, show_spinner=False)
def codes(project_id: str, fingerprint: str) -> dict[str, str]:
    """Customer id -> the code that stands for it, also of those whom only records know."""
    opened = session.store().open(project_id)
    ids, key = log(project_id, fingerprint).customer_ids, opened.mask_key
    codes = dict(zip(ids.to_pylist(), mask_ids(ids, key), strict=True))
    # Who was assigned to an experiment may be somebody whom the log does not know.
    files = () if opened.state.data is None else opened.state.data.of_kind("experiment")
    for file in (one for one in files if "records" in one.tables):
        table = opened.table(file.id, "records")
        strangers = [one for one in table.column("customer").unique().to_pylist() if one and one not in codes]
        codes |= zip(strangers, mask_ids(strangers, key, among=ids), strict=True)
    return codes


def survey(tables: OtherTables, found: EventLog) -> pd.DataFrame | None:
    """The answers of the project's surveys; where customers are filtered, those of the ones that are left."""
    given = tables.answers
    if found.origin is None or given.empty:
        return None if given.empty else given
    return given[given["customer"].isin(set(found.customer_ids.to_pylist()))]
