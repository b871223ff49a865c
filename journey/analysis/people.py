"""Who are the customers of a ribbon, of a node, or of a rule?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Unpack

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from journey.aggregates.arm_units import arm_units
from journey.aggregates.arrivals import arrivals
from journey.aggregates.compared import are_periods, at_stage, on_link, two_groups, two_periods
from journey.aggregates.coverage import coverage_notes
from journey.aggregates.funnel_attempts import attempts
from journey.aggregates.funnel_plan import funnel_plan
from journey.aggregates.kpi_groups import window_of
from journey.aggregates.kpi_survey import BOXES, answers
from journey.aggregates.members import of_mark
from journey.aggregates.picture import FlowSettings, Picture, picture
from journey.aggregates.segment import members_of, unit_members
from journey.errors import SettingWrong
from journey.events.log import EventLog
from journey.events.other_tables import NO_TABLES, OtherTables
from journey.findings import Finding
from journey.stages.experiment_plan import Plan
from journey.stages.segment import Rule
from journey.stages.stage_map import StageMap

__all__ = [
    "People",
    "answer_people",
    "arm_people",
    "compared_people",
    "feature_people",
    "funnel_people",
    "people",
    "rule_people",
]

# Of the units of an arm: all, or those to whom what a metric counts did or did not happen.
_BOXES = ("all", "yes", "no", "missing")


@dataclass(frozen=True)
class People:
    """The customers of one drawn link or node of a flow with the same settings, or of a rule.

    table        customer, (in the unit "session" also session, its number within the customer,) events (rows
                 of any kind), first and last (times of these rows, wall time of the log's zone), route (the
                 names of all its visits; "" is a missing value); in the order of the ids
    n_customers  exactly the number at the ribbon, also when `limit` cuts the table
    """

    table: pd.DataFrame
    n_customers: int
    unit: str
    finding: Finding
    notes: tuple[Finding, ...] = field(default=())


def people(
    log: EventLog,
    stages: StageMap,
    *,
    step: int,
    source: str,
    source_kind: str = "stage",
    target: str | None = None,
    target_kind: str | None = None,
    limit: int | None = None,
    **flow: Unpack[FlowSettings],
) -> People:
    """Find the customers of the link from source to target at a step, or without target those at the source.

    Names, kinds and `step` are those of the flow's tables, the other settings those of the flow. Without a
    target the source may also be an end or a beginning ("exit", ...): all who end or begin so at that step.
    A node that is not there any more has nobody.
    """
    _check_limit(limit)
    view = picture(log, stages, **flow)
    who = of_mark(
        view, step=step, source=source, source_kind=source_kind, target=target, target_kind=target_kind
    )
    return _people(view, who, limit)


def rule_people(
    log: EventLog,
    stages: StageMap,
    *,
    rule: Rule | np.ndarray,
    unit: str = "customer",
    limit: int | None = None,
    tables: OtherTables = NO_TABLES,
) -> People:
    """Find the customers (or sessions) that a rule picks in this log, or those that a mask of flags marks.

    Of sessions a rule (see stages.segment) is about what is in each, or about whose it is.
    """
    _check_limit(limit)
    view = picture(log, stages, unit=unit)
    return _people(view, np.flatnonzero(unit_members(log, view, rule, tables)), limit)


def answer_people(
    log: EventLog,
    stages: StageMap,
    *,
    card: str,
    days: Sequence[str],
    box: str = BOXES[0],
    limit: int | None = None,
    survey: pd.DataFrame | None = None,
) -> People:
    """Find the customers who gave an answer in this `box` of a card of the KPI board about answers.

    A note says how many answers these are, as a customer may give several, and how many of others: of
    people whom the log does not have, or without a customer. Raises SettingWrong.
    """
    _check_limit(limit)
    given = answers(survey, log.zone).givers(card, window_of(days), box)
    at = pc.index_in(pa.array(given, pa.large_string()), value_set=log.customer_ids)
    known = at.drop_null().to_numpy()
    found = _people(picture(log, stages), np.unique(known).astype(np.int64), limit)
    values = {"answers": len(given), "customers": found.n_customers, "others": len(given) - len(known)}
    note = Finding("people.note_answers_others" if values["others"] else "people.note_answers", values)
    return replace(found, notes=(note, *found.notes))


def arm_people(
    log: EventLog,
    stages: StageMap,
    *,
    plan: Mapping[str, Any],
    arm: str,
    metric: str | None = None,
    box: str = "all",
    limit: int | None = None,
    tables: OtherTables = NO_TABLES,
    purchases: Sequence[str] | None = None,
) -> People:
    """Find the customers of one arm of an experiment, exactly those whom its result counts.

    With the id of a `metric` of the plan only those of a `box`: "yes", whose value is above 0 (to whom it
    happened), "no", whose value is not, or "missing", without a value. A note says how many of them the log
    does not know. Raises SettingWrong.
    """
    _check_limit(limit)
    used = Plan.from_json(plan)
    units = arm_units(log, stages, used, tables, purchases=purchases)
    labels = [one.label for one in units.arms]
    values = next((one.values for one in units.measured if one.metric.id == metric), None)
    if arm not in labels or units.customer is None or box not in _BOXES or (values is None) != (box == "all"):
        raise SettingWrong(setting="arm", value=f"{arm} {box}"[:80], allowed=", ".join(labels)[:200])
    inside = units.arm == labels.index(arm)
    if values is not None:
        known = ~np.isnan(values)
        inside &= {"yes": known & (values > 0), "no": known & ~(values > 0), "missing": ~known}[box]
    who = units.customer[inside]
    found = _people(picture(log, stages), np.unique(who[who >= 0]).astype(np.int64), limit)
    strangers = int((who < 0).sum())
    if not strangers:
        return found
    return replace(found, notes=(Finding("people.note_strangers", {"n": strangers}), *found.notes))


def compared_people(
    log: EventLog,
    stages: StageMap,
    *,
    side: str,
    step: int,
    source: str,
    target: str | None = None,
    source_kind: str = "stage",
    target_kind: str = "stage",
    a: Rule | np.ndarray | None = None,
    b: Rule | np.ndarray | None = None,
    left: bool | None = None,
    limit: int | None = None,
    tables: OtherTables = NO_TABLES,
    **flow: Unpack[FlowSettings],
) -> People:
    """Find those of the group `side` ("a" or "b") on a link of a comparison with the same settings.

    Without a target it is a cell of its matrix: the node `source` in that step, or an end before it. With
    `left` it is one of its measures, whatever the step: those who reached the stage `source`, or (true) left
    there.
    """
    _check_limit(limit)
    if side not in ("a", "b"):
        raise SettingWrong(setting="side", value=side, allowed="a, b")

    def draw(own: EventLog) -> Picture:
        return picture(own, stages, **flow)

    parts = (
        two_periods(log, draw, a, b) if are_periods(a, b) else (two_groups(log, draw(log), a, b, tables)[0],)
    )
    if left is not None:
        return _people(*at_stage(parts, "ab".index(side), source, left=left), limit)
    view, who = on_link(
        parts,
        "ab".index(side),
        step=step,
        source=source,
        source_kind=source_kind,
        target=target,
        target_kind=target_kind,
        nodes=flow.get("nodes"),
    )
    return _people(view, who, limit)


def funnel_people(
    log: EventLog, stages: StageMap, *, step: int, outcome: str, limit: int | None = None, **setting: Any
) -> People:
    """Find those behind a bar of the funnel with this setting, in its unit.

    `outcome` is "reached", or of these "continued" to the next step or "lost".
    """
    _check_limit(limit)
    plan = funnel_plan(log, stages, **setting)
    who = np.flatnonzero(attempts(plan).members(step, outcome))
    return _people(picture(log, stages, unit=plan.unit), who, limit)


def feature_people(
    log: EventLog,
    stages: StageMap,
    *,
    kind: str,
    name: str = "",
    value: str = "",
    above: float | None = None,
    reached: bool | None = None,
    rule: Rule | np.ndarray | None = None,
    among: Rule | np.ndarray | None = None,
    limit: int | None = None,
    tables: OtherTables = NO_TABLES,
    **setting: Any,
) -> People:
    """Find those compared by `drivers` with this setting who have a feature of its table, in its unit.

    `reached` picks those who got to the outcome, or those who did not; None: both.
    """
    _check_limit(limit)
    flags, inside = (
        who if who is None or isinstance(who, np.ndarray) else members_of(log, stages, who, tables)
        for who in (rule, among)
    )
    found = arrivals(log, stages, flags=flags, among=inside, **setting)
    who = found.having(kind=kind, name=name, value=value, above=above, reached=reached)
    return _people(found.view, np.flatnonzero(who), limit)


def _check_limit(limit: int | None) -> None:
    if limit is not None and not limit >= 0:
        raise SettingWrong(setting="limit", value=limit, allowed="≥ 0")


def _people(view: Picture, who: np.ndarray, limit: int | None) -> People:
    n_visitors = int(np.count_nonzero(np.diff(view.seen.offsets)))
    return People(
        table=_table(view, who if limit is None else who[:limit]),
        n_customers=len(who),
        unit=view.unit,
        finding=_finding(view.log.n_customers, len(who), view.unit),
        notes=coverage_notes(
            view.log, view.stages, n_customers=view.log.n_customers, n_visitors=n_visitors, unit=view.unit
        ),
    )


def _table(view: Picture, who: np.ndarray) -> pd.DataFrame:
    log, seen = view.log, view.seen
    ids = log.customer_ids.take(pa.array(who)).to_pylist()
    owners: dict[str, object] = {"customer": pd.Series(ids, dtype="str")}
    if view.unit == "session":
        parts = [one.rpartition("\x1f") for one in ids]
        owners = {
            "customer": pd.Series([part[0] for part in parts], dtype="str"),
            "session": np.array([int(part[2]) for part in parts], dtype=np.int64),
        }
    low, high = log.offsets[who], log.offsets[who + 1]
    names = view.nodes.names
    routes = [
        [names[code] for code in seen.node[seen.offsets[one] : seen.offsets[one + 1]].tolist()] for one in who
    ]
    return pd.DataFrame(
        {
            **owners,
            "events": (high - low).astype(np.int64),
            "first": _wall(log.time[low], log.zone),
            "last": _wall(log.time[high - 1], log.zone),
            "route": pd.Series(routes, dtype=object),
        }
    )


def _wall(instants: np.ndarray, zone: str) -> pd.Series:
    stamps = pd.Series(np.asarray(instants).astype("datetime64[us]"))
    return stamps.dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None)


def _finding(n_customers: int, n_members: int, unit: str) -> Finding:
    if not n_members:
        return Finding("people.finding_nobody")
    values = {"customers": n_members, "of": n_customers, "share": n_members / n_customers}
    return Finding(f"people.finding_{unit}s", values)
