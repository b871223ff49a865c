"""What can the plan of an experiment be made of, and what is still wrong with it?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journey.aggregates.arm_labels import plain
from journey.events.log import EventLog
from journey.events.other_tables import REGISTERED, OtherTables
from journey.findings import Finding
from journey.stages.experiment_plan import MOST_ARMS, Metric, MetricKind, Plan
from journey.stages.stage_map import StageMap

__all__ = [
    "KINDS_OF",
    "Gaps",
    "Place",
    "PlanChoices",
    "begun_metric",
    "measures_of",
    "plan_choices",
    "plan_gaps",
]

_OWN_OF_RECORDS = ("customer", "experiment", "arm", "time")
# What each kind of metric can be read from.
KINDS_OF: Mapping[MetricKind, tuple[str, ...]] = {
    "conversion": ("column", "stage", "event"),
    "mean": ("column", "event"),
    "ratio": ("column", "event", "revenue", "stage"),
    "revenue": ("revenue", "column"),
    "retention": ("active", "column"),
    "time": ("stage", "event", "column"),
}
_FIRST_KIND: Mapping[str, MetricKind] = {
    "column": "mean",
    "stage": "conversion",
    "event": "conversion",
    "revenue": "revenue",
    "active": "retention",
}
_LOW, _HIGH = 0.0, 1.0
_WEEK = [1, 7]


@dataclass(frozen=True)
class Place:
    """One place where arms stand, `source` as in a plan.

    labels   of arms, the commonest first
    columns  names of numbers a unit, or of the metrics of summed tables; `yes_no` those of 0 and 1 only
    is_log   can outcomes be looked up in the log? Summed tables and records without ids know of nobody
    """

    source: Mapping[str, Any]
    labels: tuple[str, ...]
    columns: tuple[str, ...] = ()
    yes_no: frozenset[str] = frozenset()
    is_log: bool = False


@dataclass(frozen=True)
class PlanChoices:
    """The places where arms stand, and what the log knows."""

    places: tuple[Place, ...] = ()
    events: tuple[str, ...] = ()
    is_journey: bool = False

    def place(self, source: Mapping[str, Any]) -> Place | None:
        """The place of a source; one without a name is also the only one of its kind."""
        exact = next((one for one in self.places if dict(one.source) == dict(source)), None)
        kind, name = next(iter(source.items()))
        same = [one for one in self.places if kind in one.source]
        return exact or (same[0] if name is None and len(same) == 1 else None)


@dataclass(frozen=True)
class Gaps:
    """What has to be put right before a plan can be used, and what it would be better with."""

    wrong: tuple[Finding, ...] = ()
    missing: tuple[Finding, ...] = ()


def plan_choices(log: EventLog, tables: OtherTables) -> PlanChoices:
    """Look through the labels of arms and the columns beside them, once."""
    is_journey = bool(log.event_names) and log.event_names != (REGISTERED,)
    places = [*_records(tables, is_journey), *_sums(tables)]
    for name, values in log.attributes.items():
        if 2 <= len(values.categories) <= MOST_ARMS:
            rows = np.bincount(values.codes[values.codes >= 0], minlength=len(values.categories))
            labels = [values.categories[at] for at in np.argsort(-rows, kind="stable")]
            places.append(Place({"attribute": name}, tuple(labels), is_log=is_journey))
    return PlanChoices(tuple(places), log.event_names if is_journey else (), is_journey)


def _records(tables: OtherTables, is_journey: bool) -> Iterable[Place]:
    for name, parts in _by_name(tables.records):
        columns: dict[str, bool] = {}
        for part in parts:
            for column in part.column_names:
                if column not in _OWN_OF_RECORDS and pa.types.is_floating(part.schema.field(column).type):
                    columns[column] = columns.get(column, True) and _is_yes_no(part.column(column))
        has_ids = any(part.column("customer").null_count < part.num_rows for part in parts)
        yield Place(
            {"records": name},
            _labels(parts),
            tuple(columns),
            frozenset(column for column, is_two in columns.items() if is_two),
            has_ids and is_journey,
        )


def _sums(tables: OtherTables) -> Iterable[Place]:
    for name, parts in _by_name(tables.sums):
        metrics = dict.fromkeys(one for part in parts for one in _texts(part, "metric"))
        shares = {one: True for one in metrics}
        for part in parts:
            alike = pc.fill_null(pc.equal(part.column("x"), part.column("xx")), False)
            for one in _texts(part.filter(pc.invert(alike)), "metric"):
                shares[one] = False
        yield Place(
            {"sums": name}, _labels(parts), tuple(metrics), frozenset(one for one in metrics if shares[one])
        )


def _by_name(tables: Iterable[pa.Table]) -> Iterable[tuple[str | None, list[pa.Table]]]:
    parts: dict[str | None, list[pa.Table]] = {}
    for table in tables:
        of = table.column("experiment")
        for name in pc.unique(of).to_pylist():
            one = pc.is_null(of) if name is None else pc.fill_null(pc.equal(of, name), False)
            parts.setdefault(name, []).append(table.filter(one))
    return parts.items()


def _labels(parts: list[pa.Table]) -> tuple[str, ...]:
    """One spelling of each arm, the commonest, by how many rows there are."""
    rows: dict[str, dict[str, int]] = {}
    for part in parts:
        for one in pc.value_counts(part.column("arm")).to_pylist():
            if one["values"] is not None:
                spelled = rows.setdefault(plain(one["values"]), {})
                spelled[one["values"]] = spelled.get(one["values"], 0) + one["counts"]
    order = sorted(rows.values(), key=lambda one: -sum(one.values()))
    return tuple(max(one, key=lambda label: (one[label], label)) for one in order)[: MOST_ARMS * 2]


def _texts(table: pa.Table, column: str) -> list[str]:
    return [one for one in pc.unique(table.column(column)).to_pylist() if one is not None]


def _is_yes_no(column: pa.ChunkedArray) -> bool:
    """Is every number of it 0 or 1?"""
    either = pc.or_(pc.equal(column, _LOW), pc.equal(column, _HIGH))
    known = pc.and_(pc.is_valid(column), pc.invert(pc.fill_null(pc.is_nan(column), True)))
    return bool(pc.all(pc.fill_null(either.filter(known), False)).as_py() is not False)


# ---- metrics --------------------------------------------------------------------------------------------


def measures_of(choices: PlanChoices, plan: Plan, stages: StageMap, *, money: bool) -> list[dict[str, Any]]:
    """All that a metric of this plan can be read from: columns first, then the journey."""
    place = choices.place(plan.source)
    found: list[dict[str, Any]] = [{"column": name} for name in (place.columns if place else ())]
    if choices.is_journey and (place is None or place.is_log):
        found += [{"stage": stage.id} for stage in stages.stages]
        found += [{"revenue": True}] if money else []
        found += [{"active": _WEEK}, *({"event": name} for name in choices.events)]
    return found


def begun_metric(plan: Plan, of: Mapping[str, Any], place: Place | None) -> Metric:
    """A new metric of this measure, under an id that the plan does not have yet; the first one decides."""
    known = {one.id for one in plan.metrics}
    id_ = next(name for at in range(1, len(known) + 2) if (name := f"m{at}") not in known)
    kind = _FIRST_KIND[next(iter(of))]
    if place is not None and of.get("column") in place.yes_no:
        kind = "conversion"
    return Metric(id_, kind, dict(of), role="secondary" if plan.primary else "primary")


# ---- what is wrong --------------------------------------------------------------------------------------


def plan_gaps(plan: Plan, choices: PlanChoices, stages: StageMap) -> Gaps:
    """What speaks against a plan. What is not in the data yet is not wrong: most plans are older than it."""
    place = choices.place(plan.source)
    wrong = [*_of_arms(plan, place), *_of_metrics(plan, place, choices, stages)]
    if plan.starts and plan.ends and plan.ends < plan.starts:
        wrong.append(Finding("plan_form.ends_first"))
    missing = [
        Finding(f"plan_form.no_{what}")
        for what, is_there in (
            ("name", plan.name.strip()),
            ("hypothesis", plan.hypothesis.strip()),
            ("smallest", plan.smallest),
            ("planned", plan.planned),
            ("window", plan.window or not any(map(_is_of_log, _all_measures(plan)))),
        )
        if not is_there
    ]
    return Gaps(tuple(wrong), tuple(missing))


def _of_arms(plan: Plan, place: Place | None) -> list[Finding]:
    keys = [plain(one.label) for one in plan.arms]
    if len(keys) == 1 or (not keys and (place is None or len(place.labels) < 2)):
        return [Finding("plan_form.few_arms")]
    for at, key in enumerate(keys):
        if key in keys[:at]:
            names = {"one": plan.arms[keys.index(key)].label, "other": plan.arms[at].label}
            return [Finding("plan_form.same_arms", names)]
    known = None if place is None else {plain(label) for label in place.labels}
    lost = [arm.label for arm, key in zip(plan.arms, keys, strict=True) if known and key not in known]
    return [Finding("plan_form.unknown_arm", {"arm": one}) for one in lost]


def _of_metrics(plan: Plan, place: Place | None, choices: PlanChoices, stages: StageMap) -> Iterable[Finding]:
    if plan.primary is None:
        yield Finding("plan_form.only_guardrails" if plan.metrics else "plan_form.no_metric")
    if sum(one.role == "primary" for one in plan.metrics) > 1:
        yield Finding("plan_form.several_primary")
    for metric in plan.metrics:
        if metric.kind == "ratio" and metric.of["above"] == metric.of["below"]:
            yield Finding("plan_form.same_measure")
        if "active" in metric.of and plan.unit == "session":
            yield Finding("plan_form.active_sessions")
    known: dict[str, Iterable[str] | None] = {
        "column": None if place is None else place.columns,
        "stage": {stage.id for stage in stages.stages},
        "event": choices.events if choices.is_journey else None,
    }
    for of in _all_measures(plan):
        kind, name = next(iter(of.items()))
        if _is_of_log(of) and place is not None and not place.is_log:
            yield Finding("plan_form.needs_log")
        elif kind in known and (names := known[kind]) is not None and name not in names:
            yield Finding(f"plan_form.gone_{kind}", {} if kind == "stage" else {"name": name})


def _all_measures(plan: Plan) -> list[Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for metric in plan.metrics:
        for of in metric.of.values() if metric.kind == "ratio" else (metric.of,):
            found.setdefault(str(of), of)
    return list(found.values())


def _is_of_log(of: Mapping[str, Any]) -> bool:
    return "column" not in of
