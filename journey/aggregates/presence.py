"""In which days, weeks or months did each customer do something?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from journey.aggregates.calendar import Calendar
from journey.aggregates.visits import block_borders
from journey.events.log import EventLog
from journey.stages.stage_map import StageMap

__all__ = ["EVENT", "Presence", "events_named", "presence", "presence_at", "presence_words"]

# Before the name of an event, where a stage could be meant as well.
EVENT = "event:"
_MOST_BITS = 64


@dataclass(frozen=True, eq=False)
class Presence:
    """One entry a customer and period with at least one of the rows that count, sorted by both.

    customer  position of the customer in the log
    period    position in the calendar
    first     instant of the first such row in the period, microseconds UTC
    last      instant of the last one
    """

    customer: np.ndarray
    period: np.ndarray
    first: np.ndarray
    last: np.ndarray

    @property
    def begins(self) -> np.ndarray:
        """Positions of the entries that are their customer's first."""
        return np.flatnonzero(np.diff(self.customer, prepend=-1))

    @property
    def ends(self) -> np.ndarray:
        """Positions of the entries that are their customer's last."""
        return np.flatnonzero(np.diff(self.customer, append=-1))


def events_named(log: EventLog, stages: StageMap, named: str | None) -> np.ndarray | None:
    """One flag an event name of the log: does it count as this stage, or as this "event:NAME"?

    None means any event, also an unmapped or an ignored one. A stage is told by id or name; an event that
    the log does not have is nobody's. Raises StageUnknown.
    """
    if named is None:
        return None
    if named.startswith(EVENT):
        return np.array([name == named.removeprefix(EVENT) for name in log.event_names], dtype=bool)
    place = stages.stages.index(stages.named(named))
    return np.asarray(stages.codes(log.event_names) == place)


def presence(log: EventLog, calendar: Calendar, events: np.ndarray | None = None) -> Presence:
    """Collapse each customer's rows of some events (None: of any) to the periods in which they lie.

    Rows outside of the calendar count nowhere.
    """
    parts: list[tuple[np.ndarray, ...]] = []
    whole = calendar.holds(log)
    for (low, high), times, begins in _blocks(log):
        sizes = np.diff(np.append(begins, len(times)))
        who = np.repeat(np.arange(low, high, dtype=np.int32), sizes)
        period = calendar.of(times, inside=whole).astype(np.int32)
        if events is not None or not whole:
            counts = (period >= 0) & (period < len(calendar))
            if events is not None:
                first = int(log.offsets[low])
                counts &= events.take(log.event[first : first + len(times)])
            rows = np.flatnonzero(counts)
            who, period, times = who.take(rows), period.take(rows), times.take(rows)
        new = np.ones(len(times), dtype=bool)
        new[1:] = (period[1:] != period[:-1]) | (who[1:] != who[:-1])
        at = np.flatnonzero(new)
        ends = np.append(at[1:], len(times))[: len(at)] - 1
        parts.append((who.take(at), period.take(at), times.take(at), times.take(ends)))
    if not parts:
        none = np.zeros(0, dtype=np.int64)
        return Presence(none, none, none, none)
    return Presence(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def presence_at(log: EventLog, calendar: Calendar, rows: np.ndarray) -> Presence:
    """The same of some rows, by their ascending positions; those outside of the calendar count nowhere."""
    period = calendar.of(log.time.take(rows))
    inside = np.flatnonzero((period >= 0) & (period < len(calendar)))
    rows, period = rows.take(inside), period.take(inside)
    who, times = np.searchsorted(log.offsets, rows, side="right") - 1, log.time.take(rows)
    new = np.ones(len(rows), dtype=bool)
    new[1:] = (period[1:] != period[:-1]) | (who[1:] != who[:-1])
    at = np.flatnonzero(new)
    ends = np.append(at[1:], len(rows))[: len(at)] - 1
    return Presence(who.take(at), period.take(at), times.take(at), times.take(ends))


def presence_words(log: EventLog, calendar: Calendar) -> np.ndarray | None:
    """One word a customer: bit i says that it has a row of any kind in period i. None above 64 periods.

    Also None where rows lie outside of the calendar.
    """
    n = len(calendar)
    if n > _MOST_BITS or not calendar.holds(log):
        return None
    kind = np.uint32 if n <= 32 else np.uint64
    words = np.zeros(log.n_customers, dtype=kind)
    offsets = np.asarray(log.offsets)
    for (low, high), times, begins in _blocks(log):
        period = calendar.of(times, inside=True).astype(kind, copy=False)
        new = np.empty(len(period), dtype=bool)
        new[0] = True
        np.not_equal(period[1:], period[:-1], out=new[1:])
        new[begins] = True
        bits = np.left_shift(new.astype(kind), period)
        # Each bit stands once a customer, so a sum is the union, and sums of words may wrap around.
        sums = np.cumsum(bits, dtype=kind).take(offsets[low + 1 : high + 1] - (offsets[low] + 1))
        words[low] = sums[0]
        np.subtract(sums[1:], sums[:-1], out=words[low + 1 : high])
    return words


def _blocks(log: EventLog) -> Iterator[tuple[tuple[int, int], np.ndarray, np.ndarray]]:
    """Blocks of whole customers: which, the times of their rows, and where each one's rows begin."""
    offsets, time = np.asarray(log.offsets), np.asarray(log.time)
    for low, high in pairwise(block_borders(log).tolist()):
        first, last = int(offsets[low]), int(offsets[high])
        yield (low, high), time[first:last], offsets[low:high] - first
