"""What does each customer have behind it at a moment of its own?"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cache, cached_property
from itertools import pairwise

import numpy as np

from journey.aggregates.calendar import calendar
from journey.aggregates.visits import block_borders, stage_blocks
from journey.events.log import EventLog
from journey.stages.stage_map import StageMap

__all__ = ["MOST_EVENTS", "Behind"]

# Of so many events, the most frequent, it is asked who did them.
MOST_EVENTS = 256
_WORD = 64
_BLOCK = 1 << 16


class Behind:
    """The rows of each customer strictly before `until`, one instant a customer (microseconds UTC).

    Without instants all rows. Rows are sorted by time, so these are each customer's first rows.
    """

    def __init__(self, log: EventLog, stages: StageMap, until: np.ndarray | None = None) -> None:
        self._log, self._stages = log, stages
        self._start = np.asarray(log.offsets[:-1])
        self._stop = np.asarray(log.offsets[1:])
        self._seen, self._there = log, np.arange(log.n_customers)
        if until is not None:
            sizes, rows = _before(log, until)
            self._stop = self._start + sizes
            self._there = np.flatnonzero(sizes)
            if len(rows) < log.n_rows:
                self._seen = _cut(log, rows, sizes.take(self._there))
        often = np.argsort(-log.event_rows, kind="stable")[:MOST_EVENTS]
        self._asked = np.sort(often[log.event_rows[often] > 0])
        self.codes = cache(self._codes)

    @property
    def events(self) -> tuple[str, ...]:
        """The names of the events that `did` knows."""
        return tuple(self._log.event_names[code] for code in self._asked)

    @property
    def attributes(self) -> tuple[tuple[str, str], ...]:
        """(kind, name) of what has a value a customer: "attribute", or "first" and "last" of rows' values."""
        own = self._log.attributes.items()
        return tuple(
            (kind, name)
            for name, attribute in own
            for kind in (("attribute",) if attribute.of == "customer" else ("first", "last"))
        )

    def did(self, events: Collection[str]) -> np.ndarray:
        """One flag a customer: at least one row of any of these events?"""
        found = np.zeros(self._log.n_customers, dtype=bool)
        for first, words in enumerate(self._words):
            if bits := self._bits(first, events):
                found |= (words & words.dtype.type(bits)) != 0
        return found

    def number_with(self, events: Sequence[Collection[str]], among: np.ndarray) -> list[int]:
        """How many of some customers, given by their positions, did any of these events, for each of several.

        All are asked of as many customers at once as a processor's cache holds.
        """
        found = [0] * len(events)
        bits = [[self._bits(first, some) for some in events] for first in range(len(self._words))]
        for low in range(0, len(among), _BLOCK):
            some = among[low : low + _BLOCK]
            parts = [words.take(some) for words in self._words]
            for place in range(len(events)):
                did = np.zeros(len(some), dtype=bool)
                for words, own in zip(parts, bits, strict=True):
                    if own[place]:
                        did |= (words & words.dtype.type(own[place])) != 0
                found[place] += int(np.count_nonzero(did))
        return found

    def _bits(self, first: int, events: Collection[str]) -> int:
        """The bits of these events in the words with this number."""
        inside = self._asked[first * _WORD : (first + 1) * _WORD]
        return sum(1 << at for at, code in enumerate(inside) if self._log.event_names[code] in events)

    def _codes(self, kind: str, name: str) -> tuple[np.ndarray, tuple[str, ...]]:
        """A value a customer, as a code into the values; "" is no value. -1: no row was looked at.

        "attribute": its own; "first": the first known value of its rows, "last": that of its last row (of
        rows of one time the last that has one). "visits" and "days" count the visits of stages begun, and
        calendar days with a row.
        """
        if kind in ("visits", "days"):
            number = self._visits() if kind == "visits" else self._days()
            # Small whole numbers are told apart by counting, which needs no sorting of all customers.
            there = np.bincount(number, minlength=1) > 0
            codes = (np.cumsum(there, dtype=np.int32) - 1).take(number)
            return codes, tuple(str(one) for one in np.flatnonzero(there))
        attribute = self._log.attributes[name]
        if kind == "attribute":
            codes = np.asarray(attribute.codes)
        else:
            at = self._first_known(attribute.codes) if kind == "first" else self._last_known(attribute.codes)
            codes = np.where(at < 0, -1, attribute.codes.take(np.maximum(at, 0)))
        codes = np.where(codes < 0, len(attribute.categories), codes).astype(np.int32)
        return np.where(self._stop > self._start, codes, -1), (*attribute.categories, "")

    @cached_property
    def _words(self) -> list[np.ndarray]:
        """One word a customer for every 64 events: which of them it did."""
        found = []
        for first in range(0, len(self._asked), _WORD):
            inside = self._asked[first : first + _WORD]
            word = np.dtype(np.uint32 if len(inside) <= 32 else np.uint64)
            bits = np.zeros(len(self._log.event_names), dtype=word)
            bits[inside] = np.left_shift(word.type(1), np.arange(len(inside), dtype=word))
            words = np.zeros(self._log.n_customers, dtype=word)
            if len(self._there):
                rows = bits.take(self._seen.event)
                words[self._there] = np.bitwise_or.reduceat(rows, self._seen.offsets[:-1])
            found.append(words)
        return found

    def _first_known(self, codes: np.ndarray) -> np.ndarray:
        """The customer's first row with a value, or -1."""
        known = np.flatnonzero(np.asarray(codes) >= 0)
        at = np.append(known, self._log.n_rows).take(np.searchsorted(known, self._start))
        return np.where(at < self._stop, at, -1)

    def _last_known(self, codes: np.ndarray) -> np.ndarray:
        """The last row with a value among those of the time of the customer's last row, or -1."""
        known = np.flatnonzero(np.asarray(codes) >= 0)
        at = np.append(known, -1).take(np.searchsorted(known, self._stop) - 1)
        last = np.maximum(self._stop - 1, 0)
        fits = (at >= self._start) & (self._log.time.take(np.maximum(at, 0)) == self._log.time.take(last))
        return np.where(fits, at, -1)

    def _visits(self) -> np.ndarray:
        number = np.zeros(self._log.n_customers, dtype=np.int64)
        for block in stage_blocks(self._seen, self._stages):
            begins = np.flatnonzero(block.begins)
            number[self._there.take(block.present)] = np.diff(begins, append=len(block.stage))
        return number

    def _days(self) -> np.ndarray:
        number, seen = np.zeros(self._log.n_customers, dtype=np.int64), self._seen
        if not seen.is_empty:
            day = calendar(self._log, "day").of(seen.time)
            new = seen.start.copy()
            new[1:] |= day[1:] != day[:-1]
            number[self._there] = np.diff(np.append(0, np.cumsum(new, dtype=np.int32)).take(seen.offsets))
        return number


def _before(log: EventLog, until: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How many rows of each customer lie strictly before its instant, and which."""
    sizes = np.zeros(log.n_customers, dtype=np.int64)
    offsets, time = np.asarray(log.offsets), np.asarray(log.time)
    parts = [np.zeros(0, dtype=np.int64)]
    for low, high in pairwise(block_borders(log).tolist()):
        first, last = int(offsets[low]), int(offsets[high])
        before = time[first:last] < np.repeat(until[low:high], np.diff(offsets[low : high + 1]))
        sums = np.append(np.int32(0), np.cumsum(before, dtype=np.int32))
        sizes[low:high] = np.diff(sums.take(offsets[low : high + 1] - first))
        parts.append(np.flatnonzero(before) + first)
    return sizes, np.concatenate(parts)


def _cut(log: EventLog, rows: np.ndarray, sizes: np.ndarray) -> EventLog:
    """These rows as a log of the customers who have some; nobody asks it for more than events and times."""
    return replace(
        log,
        offsets=np.append(0, np.cumsum(sizes)),
        event=log.event.take(rows),
        time=log.time.take(rows),
        attributes={},
        session=None,
        amount=None,
    )
