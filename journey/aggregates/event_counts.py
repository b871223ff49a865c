"""How often does each event occur, and to how many customers?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from journey.events.log import EventLog

__all__ = ["EventCounts", "event_counts"]

_BLOCK_ROWS = 1 << 17


@dataclass(frozen=True, eq=False)
class EventCounts:
    """One entry an event name of the log, in its order: rows, and customers with at least one such row."""

    names: tuple[str, ...]
    rows: np.ndarray
    customers: np.ndarray


def event_counts(log: EventLog) -> EventCounts:
    """Count rows and customers by event: from the log's sets of events, or where it has none from the rows.

    These are taken in blocks of whole customers, so that the memory stays small.
    """
    n_names = len(log.event_names)
    sets = log.event_sets
    if sets is not None:
        bits = (np.left_shift(sets.dtype.type(1), sets.dtype.type(name)) for name in range(n_names))
        customers = np.array([np.count_nonzero(sets & bit) for bit in bits], dtype=np.int64)
        return EventCounts(log.event_names, log.event_rows, customers)
    customers = np.zeros(n_names, dtype=np.int64)
    borders = np.searchsorted(log.offsets, np.arange(0, log.n_rows + _BLOCK_ROWS, _BLOCK_ROWS), side="left")
    for low, high in pairwise(np.minimum(borders, log.n_customers)):
        if high == low:
            continue
        sizes = np.diff(log.offsets[low : high + 1])
        who = np.repeat(np.arange(high - low), sizes)
        what = log.event[log.offsets[low] : log.offsets[high]]
        pairs = np.unique(who * n_names + what)
        customers += np.bincount(pairs % n_names, minlength=n_names)
    return EventCounts(log.event_names, log.event_rows, customers)
