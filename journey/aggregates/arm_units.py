"""The units of an experiment: each one's arm, its value of every metric, and what was known of it before."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from journey.aggregates.active_days import days_of
from journey.aggregates.column_measures import column_before, column_values, segment_codes
from journey.aggregates.customer_attributes import MOST_CATEGORIES, attribute_columns, categories
from journey.aggregates.exposures import Exposures, exposures, labels_of
from journey.aggregates.log_measures import LogMeasures
from journey.aggregates.metric_guesses import guessed_metrics, guessed_of_log, says_experiment
from journey.aggregates.records import UNTIMED, Records, named_experiments, records
from journey.aggregates.summed_arms import proposed_sums
from journey.errors import MetricUnfit, SettingWrong
from journey.events.log import DAY, EventLog
from journey.events.other_tables import NO_TABLES, OtherTables
from journey.stages.experiment_plan import LONGEST_NAME, MOST_ARMS, Arm, Metric, MetricKind, Plan
from journey.stages.stage_map import StageMap

__all__ = ["ArmUnits", "Assigned", "Codes", "Measured", "arm_units", "proposed_plans"]

_NUMBERED = re.compile(r"\.\d+$")
_ZERO = dt.date(1970, 1, 1)
# Windows that are proposed, in days, and which share of the units must be observed for one.
_WINDOWS, _MOSTLY_OBSERVED = (14, 7, 3, 1), 0.8

# Codes (int32, one a unit, -1 missing) and the names that they are positions in.
Codes = tuple[np.ndarray, tuple[str, ...]]


@dataclass(frozen=True, eq=False)
class Measured:
    """One metric of a plan, one value a unit.

    values        of a ratio the number above; NaN missing, yes is 1 and no is 0; times are in days
    below         of a ratio the number below, NaN where the one above is
    before        what is known from before the exposure; where it is missing, the mean of all who have it
                  (that is known before too, so it favours no arm); None where nothing is asked for
    cap           the value to which larger ones were cut, None: none
    n_capped      values that were cut; n_infinite: that are missing because they were infinite;
                  n_negative: below 0, which stay; n_unobserved: missing because the unit was not observed
                  for long enough for this metric; n_no_before: that got the mean
    """

    metric: Metric
    values: np.ndarray
    below: np.ndarray | None = None
    before: np.ndarray | None = None
    cap: float | None = None
    n_capped: int = 0
    n_infinite: int = 0
    n_negative: int = 0
    n_unobserved: int = 0
    n_no_before: int = 0

    @property
    def missing(self) -> np.ndarray:
        """One flag a unit: is there no value?"""
        return np.isnan(self.values)


@dataclass(frozen=True, eq=False)
class Assigned:
    """All units that were assigned to one arm, observed for long enough or not: what a mismatch is told by.

    `day` and `segments` as of ArmUnits.
    """

    n_arms: int
    arm: np.ndarray
    day: np.ndarray | None = None
    segments: Mapping[str, Codes] = field(default_factory=dict)

    def by_day(self) -> np.ndarray:
        """Units by day since the first exposure and arm, of shape (days, arms); (0, arms) without times."""
        if self.day is None:
            return np.zeros((0, self.n_arms), dtype=np.int64)
        return self._by(self.day, int(self.day.max(initial=-1)) + 1)

    def by_segment(self, name: str) -> np.ndarray:
        """Units by value of a segment and arm, of shape (values, arms); those without a value are in none."""
        codes, names = self.segments[name]
        return self._by(codes, len(names))

    def _by(self, codes: np.ndarray, n: int) -> np.ndarray:
        cells = (codes.astype(np.int64) + 1) * self.n_arms + self.arm
        found = np.bincount(cells, minlength=(n + 1) * self.n_arms)
        return found.reshape(-1, self.n_arms)[1:]


@dataclass(frozen=True, eq=False)
class ArmUnits:
    """The units that count: in exactly one arm of the plan, and observed for the whole window.

    arms        the control first; as planned, else as the data have them
    arm         each unit's position among them (int8)
    measured    in the order of the plan's metrics
    day         calendar days from the first exposure to the unit's (int32; -1 without a time), or None
    segments    by name of an attribute that was known before the exposure: codes (int32, -1 missing), values
    customer    position in the log's customers, -1 unknown; None where units are no customers
    left_out    units that do not count, by reason: "two_arms", "not_observed" (for the whole window),
                "unknown_arm" (not of the plan), "no_arm", "filtered" (by the log's filters)
    merged      (label, other spellings) that were taken for one arm
    everyone    all units that were assigned
    duplicates  rows of the file beyond one a unit: of yes and no any yes counts, numbers are added up, times
                are the first one
    strangers   units that the log does not know; to them nothing happened there
    """

    arms: tuple[Arm, ...]
    arm: np.ndarray
    unit: Literal["customer", "session", "row"]
    measured: tuple[Measured, ...]
    day: np.ndarray | None
    first_day: dt.date | None
    segments: Mapping[str, Codes]
    customer: np.ndarray | None
    left_out: Mapping[str, int]
    everyone: Assigned
    merged: tuple[tuple[str, tuple[str, ...]], ...] = ()
    duplicates: int = 0
    strangers: int = 0

    def __len__(self) -> int:
        return len(self.arm)

    @property
    def assigned(self) -> np.ndarray:
        """How many units were assigned to each arm, without those in two."""
        return np.bincount(self.everyone.arm, minlength=len(self.arms))

    @property
    def counted(self) -> np.ndarray:
        """How many units count in each arm."""
        return np.bincount(self.arm, minlength=len(self.arms))


def arm_units(
    log: EventLog,
    stages: StageMap,
    plan: Plan,
    tables: OtherTables = NO_TABLES,
    *,
    purchases: Sequence[str] | None = None,
    found: Exposures | None = None,
) -> ArmUnits:
    """Measure every unit of an experiment by all metrics of its plan.

    The source is "records" or "attribute"; summed tables have no units. Outcomes of the log count in
    [exposure, exposure + window], both ends included. `purchases` names the events that are purchases, where
    not their names and amounts decide; `found` is who was exposed, where somebody knows it already. Raises
    ExperimentMissing, ColumnMissing, StageUnknown, SettingWrong.
    """
    if "sums" in plan.source:
        raise SettingWrong(setting="source", value="sums", allowed="records | attribute")
    found = exposures(log, plan, tables) if found is None else found
    day, first_day = _days(found, log)
    segments = _segments(log, found, plan, tables)
    everyone = Assigned(len(found.arms), found.arm, day, segments)
    measures = LogMeasures(found.log, stages, found.place, found.moment, plan.window, purchases)
    not_observed, strangers = 0, 0
    if any(_is_of_log(metric) for metric in plan.metrics):
        strangers = int((found.place < 0).sum())
        observed = measures.observed()
        if not observed.all():
            kept = np.flatnonzero(observed)
            not_observed = len(found) - len(kept)
            found, day, segments = _of_some(found, day, segments, kept)
            measures = LogMeasures(found.log, stages, found.place, found.moment, plan.window, purchases)
    return ArmUnits(
        arms=found.arms,
        arm=found.arm,
        unit=found.unit,
        measured=tuple(_measured(found, measures, metric) for metric in plan.metrics),
        day=day,
        first_day=first_day,
        segments=segments,
        customer=None if found.unit == "row" else found.customer,
        left_out={**found.left_out, "not_observed": not_observed},
        everyone=everyone,
        merged=found.merged,
        duplicates=found.duplicates,
        strangers=strangers,
    )


def proposed_plans(log: EventLog, stages: StageMap, tables: OtherTables = NO_TABLES) -> tuple[Plan, ...]:
    """A plan for each experiment in the data: of records, of sums, then of attributes that are called so.

    Names of columns and their values say what kinds of metrics they are; the first that is yes or no decides.
    Of experiments without outcomes the log tells whether the goal was reached, and what was paid.
    """
    of_log = guessed_of_log(log, stages)
    of_records = (
        _of_records(log, records(tables, name), of_log) for name in named_experiments(tables.records)
    )
    attributes = (
        name
        for name, one in log.attributes.items()
        if of_log and 2 <= len(one.categories) <= MOST_ARMS and says_experiment(name)
    )
    of_attributes = (
        _watched(log, Plan(name=name[:LONGEST_NAME], source={"attribute": name}, metrics=of_log))
        for name in attributes
    )
    return (*of_records, *proposed_sums(tables), *of_attributes)


def _of_records(log: EventLog, rows: Records, of_log: tuple[Metric, ...]) -> Plan:
    found = guessed_metrics({name: rows.numbers(name) for name in rows.outcomes})
    plan = Plan(
        name=(rows.name or "")[:LONGEST_NAME],
        source={"records": rows.name},
        arms=labels_of(rows.texts("arm")).arms,
        metrics=found or of_log,
    )
    return plan if found or not of_log else _watched(log, plan, OtherTables(records=rows.parts))


def _watched(log: EventLog, plan: Plan, tables: OtherTables = NO_TABLES) -> Plan:
    """The plan with its arms, and with the longest usual window for which most units are observed."""
    found = exposures(log, plan, tables)
    moment = found.moment.compress(found.moment != UNTIMED)
    fitting = (
        days
        for days in _WINDOWS
        if len(moment) and (moment + days * DAY <= log.observed[1]).mean() >= _MOSTLY_OBSERVED
    )
    return replace(plan, arms=found.arms, window=next(fitting, None))


# ---- values of units -------------------------------------------------------------------------------------


def _is_of_log(metric: Metric) -> bool:
    """Is the outcome, or a part of it, read from the log?"""
    sides = metric.of.values() if metric.kind == "ratio" else [metric.of]
    return any("column" not in side for side in sides)


def _of_some(
    found: Exposures, day: np.ndarray | None, segments: Mapping[str, Codes], kept: np.ndarray
) -> tuple[Exposures, np.ndarray | None, dict[str, Codes]]:
    """The units at these positions alone."""
    unit_of_row = found.unit_of_row
    if unit_of_row is not None:
        place = np.full(len(found) + 1, -1, dtype=np.int64)
        place[kept] = np.arange(len(kept))
        unit_of_row = place.take(unit_of_row)
    some = replace(
        found,
        **{name: getattr(found, name).take(kept) for name in ("arm", "moment", "customer", "place")},
        first_row=None if found.first_row is None else found.first_row.take(kept),
        unit_of_row=unit_of_row,
    )
    taken = {name: (codes.take(kept), names) for name, (codes, names) in segments.items()}
    return some, None if day is None else day.take(kept), taken


def _measured(found: Exposures, measures: LogMeasures, metric: Metric) -> Measured:
    below = None
    if metric.kind == "ratio":
        values, infinite, unobserved = _values(found, measures, metric.of["above"], "mean")
        below, *more = _values(found, measures, metric.of["below"], "mean")
        missing = np.isnan(values) | np.isnan(below)
        values, below = (np.where(missing, np.nan, side) for side in (values, below))
        infinite, unobserved = infinite + more[0], max(unobserved, more[1])
    else:
        values, infinite, unobserved = _values(found, measures, metric.of, metric.kind)
    values, cap, n_capped = _cut(values, metric.cap)
    before, n_no_before = _before(found, measures, metric)
    return Measured(
        metric=metric,
        values=values,
        below=below,
        before=before,
        cap=cap,
        n_capped=n_capped,
        n_infinite=infinite,
        n_negative=int(np.count_nonzero(values < 0)),
        n_unobserved=unobserved,
        n_no_before=n_no_before,
    )


def _values(
    found: Exposures, measures: LogMeasures, of: Mapping[str, Any], kind: MetricKind
) -> tuple[np.ndarray, int, int]:
    """The values of a measure, how many were infinite, and how many are missing as not observed."""
    if "column" in of:
        return *column_values(found, of["column"], kind), 0
    values, unobserved = measures.values(of, kind)
    return values, 0, unobserved


def _before(found: Exposures, measures: LogMeasures, metric: Metric) -> tuple[np.ndarray | None, int]:
    if metric.before is None:
        return None, 0
    if "column" in metric.before:
        values = column_before(found, metric.before["column"])
    else:
        of = metric.of["above"] if metric.kind == "ratio" else metric.of
        if "column" in of:
            raise MetricUnfit(reason="before")
        values = measures.before(of, metric.kind, metric.before["days"])
    known = ~np.isnan(values)
    n_known = int(np.count_nonzero(known))
    if not n_known:
        return None, 0
    return (values if known.all() else np.where(known, values, values[known].mean())), len(values) - n_known


def _cut(values: np.ndarray, cap: float | None) -> tuple[np.ndarray, float | None, int]:
    """Values above the one of this rank, over all arms together, become that one (nearest rank)."""
    known = values[~np.isnan(values)] if cap is not None else values[:0]
    if cap is None or not len(known):
        return values, None, 0
    rank = max(0, int(np.ceil(cap * len(known))) - 1)
    most = float(np.partition(known, rank)[rank])
    return np.minimum(values, most), most, int(np.count_nonzero(known > most))


# ---- days and segments -----------------------------------------------------------------------------------


def _days(found: Exposures, zone_of: EventLog) -> tuple[np.ndarray | None, dt.date | None]:
    known = np.flatnonzero(found.moment != UNTIMED)
    if not len(known):
        return None, None
    days = days_of(found.moment.take(known), zone_of)
    first = int(days.min())
    made = np.full(len(found), -1, dtype=np.int32)
    made[known] = days - first
    return made, _ZERO + dt.timedelta(days=first)


def _segments(log: EventLog, found: Exposures, plan: Plan, tables: OtherTables) -> dict[str, Codes]:
    """What is known of units from before: the file's texts, their customers' values, and those of the row of
    the exposure."""
    made: dict[str, Codes] = {}
    if found.records is not None:
        for name in found.records.attributes:
            column = found.records.texts(name)
            if 0 < len(column.values) <= MOST_CATEGORIES:
                made[name] = segment_codes(found, column), tuple(column.values.to_pylist())
    if found.unit != "row" and not log.is_empty:
        for one in attribute_columns(log, tables):
            name = _plain_name(one.name, log) if found.first_row is None else one.name
            if one.reading == "category" and name not in made:
                codes, names = categories(one)
                made[name] = np.append(codes, -1).astype(np.int32).take(found.customer), names
    if found.first_row is not None:
        for name, attribute in found.log.attributes.items():
            if attribute.of == "event" and 0 < len(attribute.categories) <= MOST_CATEGORIES:
                made[name] = attribute.codes.take(found.first_row), attribute.categories
    made.pop(plan.source.get("attribute", ""), None)
    return made


def _plain_name(name: str, log: EventLog) -> str:
    """The name of a customer's value without the number that tells it from an attribute of events.

    That attribute is no segment here, so nothing else has the name.
    """
    plain = _NUMBERED.sub("", name)
    known = log.attributes.get(plain)
    return plain if known is not None and known.of == "event" else name
