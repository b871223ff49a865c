"""What the log says of each unit of an experiment, in a span of time after or before its exposure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from journey.aggregates.orders import purchases
from journey.aggregates.records import UNTIMED
from journey.aggregates.visits import block_borders
from journey.errors import MetricUnfit, SettingWrong
from journey.events.deeds import deeds
from journey.events.log import DAY, EventLog
from journey.stages.experiment_plan import MetricKind
from journey.stages.stage_map import StageMap

__all__ = ["LogMeasures", "event_flags"]

_NEVER = np.iinfo(np.int64).max


class _Hits(NamedTuple):
    """Rows inside of the spans of units: whose they are, when, and the money where that is asked for."""

    unit: np.ndarray
    time: np.ndarray
    worth: np.ndarray | None


def event_flags(log: EventLog, stages: StageMap, of: Mapping[str, Any]) -> np.ndarray:
    """One flag an event name: is it the one of {"event": NAME}, or in the stage of {"stage": ID}?

    Raises StageUnknown, and SettingWrong for another measure.
    """
    (measure, what), *_ = of.items()
    if measure == "stage":
        found: np.ndarray = stages.codes(log.event_names) == stages.stages.index(stages.named(what))
        return found
    if measure != "event":
        raise SettingWrong(setting="measure", value=measure, allowed="stage | event")
    return np.array([name == what for name in log.event_names], dtype=bool)


class LogMeasures:
    """Measures of units that are customers of a log (of one by session: sessions).

    `place` is each unit's position in the log (-1: a stranger, to whom nothing happened) and `moment` its
    exposure (UNTIMED: unknown, so is all that would come after it). Outcomes count in [exposure, exposure +
    window days], both ends included; without a window, to the end. Retention has its own days.
    """

    def __init__(
        self,
        log: EventLog,
        stages: StageMap,
        place: np.ndarray,
        moment: np.ndarray,
        window: float | None,
        named: Sequence[str] | None = None,
    ) -> None:
        self.log, self.stages, self.moment = log, stages, moment
        self._named = named
        self._timed = moment != UNTIMED
        self._length = None if window is None else int(window * DAY)
        # Only customers with an exposure that is known have rows that can count.
        self._unit = np.full(log.n_customers + 1, -1, dtype=np.int64)
        units = np.flatnonzero((place >= 0) & self._timed)
        self._unit[place.take(units)] = units
        self._moment = np.where(self._timed, moment, 0)

    def observed(self) -> np.ndarray:
        """One flag a unit: does the log reach from its day of exposure to the end of its window?

        Without a time nobody can tell, so such a unit stays, without values.
        """
        begin, end = self.log.observed
        length = self._length or 0
        if self.log.owner is not None:
            length = 0  # a session has an end of its own
        inside = (self._moment > begin - DAY) & (self._moment + length <= end)
        return inside | ~self._timed

    def values(self, of: Mapping[str, Any], kind: MetricKind) -> tuple[np.ndarray, int]:
        """The outcome of each unit, and how many are missing because they were not observed for its own days.

        Conversion and retention: 1 where it happened. Time: days until it did, cut at the end of the window.
        Else how often, or how much money, refunds taken off.
        """
        (measure, what), *_ = of.items()
        low, high = self._moment, self._window_end()
        observed = np.ones(len(low), dtype=bool)
        if measure == "active":
            if self.log.owner is not None:
                raise MetricUnfit(reason="sessions")
            first, last = (int(days * DAY) for days in what)
            # Active again: what happened at the moment itself is the exposure.
            low, high = self._moment + max(first, 1), self._moment + last
            observed = high <= self.log.observed[1]
        hits = self._hits(of, low, high)
        if kind == "time":
            end = np.maximum(np.minimum(high, self.log.observed[1]), self._moment)
            found = self._first(hits, end)
        elif kind in ("conversion", "retention"):
            found = self._any(hits)
        else:
            found = self._total(hits)
        known = self._timed & observed
        if measure == "revenue" and self.log.amount is None:
            known[:] = False  # nobody can tell what was paid
        return np.where(known, found, np.nan), int(np.count_nonzero(self._timed & ~observed))

    def before(self, of: Mapping[str, Any], kind: MetricKind, days: float) -> np.ndarray:
        """The same in the days before the exposure, without its moment; of times, whether it happened."""
        length = int(days * DAY)
        measured = {"event": None} if "active" in of else of
        hits = self._hits(measured, self._moment - length, self._moment - 1)
        found = self._any(hits) if kind in ("conversion", "retention", "time") else self._total(hits)
        return np.where(self._timed, found, np.nan)

    # ---- rows -------------------------------------------------------------------------------------------

    def _window_end(self) -> np.ndarray:
        if self._length is None:
            return np.full(len(self._moment), _NEVER)
        return self._moment + self._length

    def _hits(self, of: Mapping[str, Any], low: np.ndarray, high: np.ndarray) -> _Hits:
        (measure, what), *_ = of.items()
        if measure == "revenue":
            return self._money(low, high)
        log, take = self.log, None
        if measure != "active" and what is not None:
            take = event_flags(self.log, self.stages, of)
        units, times = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
        offsets, event, time = (np.asarray(column) for column in (log.offsets, log.event, log.time))
        for first, last in pairwise(block_borders(log).tolist()):
            begin, end = int(offsets[first]), int(offsets[last])
            unit = np.repeat(self._unit[first:last], np.diff(offsets[first : last + 1]))
            here = unit >= 0
            if take is not None:
                here &= take.take(event[begin:end])
            rows = np.flatnonzero(here)
            unit, when = unit.take(rows), time[begin:end].take(rows)
            inside = np.flatnonzero((when >= low.take(unit)) & (when <= high.take(unit)))
            units.append(unit.take(inside))
            times.append(when.take(inside))
        return _Hits(np.concatenate(units), np.concatenate(times), None)

    def _money(self, low: np.ndarray, high: np.ndarray) -> _Hits:
        """Purchases and refunds, as the KPI board counts them."""
        known = deeds(self.log, purchases=self._named)
        found = purchases(self.log, known.purchases, known.refunds)
        unit = self._unit.take(found.customer)
        rows = np.flatnonzero(unit >= 0)
        unit, when = unit.take(rows), found.time.take(rows)
        inside = np.flatnonzero((when >= low.take(unit)) & (when <= high.take(unit)))
        rows = rows.take(inside)
        worth = np.nan_to_num(found.amount.take(rows))
        # A purchase without an amount, as without any refund, brings nothing but is one.
        return _Hits(unit.take(inside), found.time.take(rows), worth)

    # ---- one number a unit ------------------------------------------------------------------------------

    def _any(self, hits: _Hits) -> np.ndarray:
        made = np.zeros(len(self._moment))
        made[hits.unit if hits.worth is None else hits.unit.compress(hits.worth > 0)] = 1.0
        return made

    def _total(self, hits: _Hits) -> np.ndarray:
        return np.bincount(hits.unit, hits.worth, len(self._moment)).astype(float)

    def _first(self, hits: _Hits, end: np.ndarray) -> np.ndarray:
        made = end.copy()
        # Rows of a customer ascend in time, so of those written backwards the first one stays.
        unit, time = hits.unit[::-1], hits.time[::-1]
        if hits.worth is not None:
            paid = hits.worth[::-1] > 0
            unit, time = unit.compress(paid), time.compress(paid)
        made[unit] = time
        return (made - self._moment) / DAY
