"""How many would be exposed to an experiment, and how do they do today? What a plan is made from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from journey.aggregates.log_measures import LogMeasures, event_flags
from journey.errors import SettingWrong
from journey.events.log import DAY, EventLog
from journey.stages.experiment_plan import Metric, Unit
from journey.stages.stage_map import StageMap
from journey.statistics.sums import Sums

__all__ = ["Base", "Traffic", "base", "traffic"]

_WEEK = 7 * DAY
_MOST_WEEKS = 52
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class Traffic:
    """Different units that came by in the last 1, 2, ... weeks of the log: `in_weeks[k - 1]` in the last k.

    Who comes again is one unit, so twice the weeks bring less than twice the units.
    """

    unit: Unit
    in_weeks: np.ndarray

    @property
    def n_weeks(self) -> int:
        """How many whole weeks the log has, at most 52; 0 where it is shorter than one."""
        return len(self.in_weeks)

    @property
    def a_week(self) -> float:
        """Units in a week: those of the last one; NaN in a log of less than a week."""
        return float(self.in_weeks[0]) if self.n_weeks else math.nan

    def units_in(self, weeks: float) -> float:
        """How many units would come by in so many weeks.

        Between whole weeks in a straight line; beyond the log as the second half of its weeks added some.
        NaN in a log of less than a week.
        """
        if not self.n_weeks:
            return math.nan
        known = np.append(0, self.in_weeks)
        if weeks <= self.n_weeks:
            return float(np.interp(weeks, np.arange(len(known)), known))
        return float(known[-1] + (weeks - self.n_weeks) * self._added())

    def weeks_for(self, n: float) -> float:
        """In how many weeks so many units would come by; infinite where they never will, NaN as above."""
        if not self.n_weeks:
            return math.nan
        if n <= 0:
            return 0.0
        known = np.append(0, self.in_weeks).astype(float)
        if n <= known[-1]:
            at = int(np.searchsorted(known, n, side="left"))
            return float(at - (known[at] - n) / (known[at] - known[at - 1]))
        more = self._added()
        return self.n_weeks + (n - float(known[-1])) / more if more > 0 else math.inf

    def _added(self) -> float:
        """New units a week in the earlier half of the weeks, which came last when counted backwards."""
        known = np.append(0, self.in_weeks)
        middle = self.n_weeks // 2
        return float(known[-1] - known[middle]) / (self.n_weeks - middle)


@dataclass(frozen=True)
class Base:
    """How units do today from their first arrival on: sums of a metric (see statistics.sums).

    sums          n, x and xx of the value; of a ratio also y, yy and xy of the number below
    n_unobserved  units that are left out since the log ends before their window does
    """

    sums: Sums
    n_unobserved: int = 0

    @property
    def mean(self) -> float:
        """The share, mean or ratio; NaN for nobody."""
        below = self.sums.y
        return self.sums.x / below if below else math.nan

    @property
    def deviation(self) -> float:
        """The standard deviation of a unit's value; of a ratio of x - mean y, over the mean of y.

        So the variance of the mean or ratio is its square over n (delta method). NaN below two units.
        """
        n, r = self.sums.n, self.mean
        if n < 2 or math.isnan(r):
            return math.nan
        around = self.sums.x - r * self.sums.y
        squares = self.sums.xx - 2 * r * self.sums.xy + r * r * self.sums.yy
        spread = max(squares - around * around / n, 0.0) / (n - 1)
        return math.sqrt(spread) / abs(self.sums.y / n)


def traffic(
    log: EventLog, stages: StageMap, *, start: Mapping[str, Any] | None = None, unit: Unit = "customer"
) -> Traffic:
    """Count who comes by: at {"stage": ID} or {"event": NAME}; None: with any row.

    Weeks are counted back from the end of the observation window. Raises StageUnknown and SettingWrong.
    """
    view = _view(log, unit)
    begin, end = view.observed
    weeks = min(_MOST_WEEKS, (end - begin) // _WEEK)
    if not weeks or view.is_empty:
        return Traffic(unit, np.zeros(0, dtype=np.int64))
    rows = _rows(view, stages, start)
    if view.period:
        rows = rows.compress(view.time.take(rows) < end)
    # Rows of a unit ascend in time: the last one tells in which weeks, counted back, it is new.
    last = np.full(view.n_customers, -1, dtype=np.int64)
    last[view.customer_of_row().take(rows)] = view.time.take(rows)
    age = (end - last.compress(last >= 0)) // _WEEK
    return Traffic(unit, np.cumsum(np.bincount(np.clip(age, 0, weeks), minlength=weeks + 1)[:weeks]))


def base(
    log: EventLog,
    stages: StageMap,
    metric: Metric,
    *,
    start: Mapping[str, Any] | None = None,
    window: float | None = 14,
    weeks: int = 8,
    unit: Unit = "customer",
    purchases: Sequence[str] | None = None,
) -> Base:
    """How would a metric of the log come out today, without any experiment?

    Each unit counts from its first arrival (see `traffic`) in the last `weeks` weeks that leave room for the
    whole window; in a shorter log from its first arrival at all. Raises as `traffic`, and SettingWrong for a
    metric of a file's column.
    """
    sides = metric.of.values() if metric.kind == "ratio" else [metric.of]
    if any("column" in side for side in sides):
        raise SettingWrong(setting="metric", value="column", allowed="stage | event | revenue | active")
    view = _view(log, unit)
    if view.is_empty:
        return Base(Sums())
    begin, end = view.observed
    room = _room(metric, window) if view.owner is None else 0
    since = max(begin, end - room - weeks * _WEEK)
    rows = _rows(view, stages, start)
    when = view.time.take(rows)
    later = np.flatnonzero(when >= since)
    rows, when = rows.take(later), when.take(later)
    who = view.customer_of_row().take(rows)
    first = np.full(view.n_customers, _NEVER)
    first[who[::-1]] = when[::-1]
    place = np.flatnonzero(first < _NEVER)
    moment = first.take(place)
    inside = moment <= end - room
    place, moment = place.compress(inside), moment.compress(inside)
    measures = LogMeasures(view, stages, place, moment, window, purchases)
    if metric.kind == "ratio":
        values, below = (measures.values(metric.of[side], "mean")[0] for side in ("above", "below"))
        known = np.flatnonzero(~(np.isnan(values) | np.isnan(below)))
        sums = Sums.of(values.take(known), below.take(known))
    else:
        values = measures.values(metric.of, metric.kind)[0]
        sums = Sums.of(values.take(np.flatnonzero(values == values)))
    return Base(sums, int(np.count_nonzero(~inside)))


def _view(log: EventLog, unit: Unit) -> EventLog:
    return log.by_session() if unit == "session" else log


def _room(metric: Metric, window: float | None) -> int:
    """For how long after its arrival a unit must be observed, in microseconds."""
    sides = metric.of.values() if metric.kind == "ratio" else [metric.of]
    days = [float(side["active"][1]) for side in sides if "active" in side]
    return int(max([window or 0.0, *days]) * DAY)


def _rows(log: EventLog, stages: StageMap, start: Mapping[str, Any] | None) -> np.ndarray:
    """The rows at which units come by."""
    if start is None:
        return np.arange(log.n_rows)
    return np.flatnonzero(event_flags(log, stages, start).take(log.event))
