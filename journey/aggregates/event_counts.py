"""How often does each event occur, and to how many customers?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from journey.events.log import EventLog

__all__ = ["EventCounts", "customers_of", "event_counts"]

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
    return EventCounts(log.event_names, log.event_rows, customers_of(log, np.arange(n_names), n_names))


def customers_of(log: EventLog, groups: np.ndarray, n_groups: int) -> np.ndarray:
    """For each group of events its customers: those with at least one row of any event in it, each once.

    `groups` says for each event name of the log its group, or -1 for none.
    """
    sets = log.event_sets
    if sets is not None:
        events = [np.flatnonzero(groups == group).tolist() for group in range(n_groups)]
        members = [sum(1 << event for event in inside) for inside in events]
        return np.array([np.count_nonzero(sets & sets.dtype.type(bits)) for bits in members], dtype=np.int64)
    customers = np.zeros(n_groups, dtype=np.int64)
    borders = np.searchsorted(log.offsets, np.arange(0, log.n_rows + _BLOCK_ROWS, _BLOCK_ROWS), side="left")
    for low, high in pairwise(np.minimum(borders, log.n_customers)):
        if high == low:
            continue
        sizes = np.diff(log.offsets[low : high + 1])
        who = np.repeat(np.arange(high - low), sizes)
        what = groups[log.event[log.offsets[low] : log.offsets[high]]]
        inside = what >= 0
        pairs = np.unique(who[inside] * n_groups + what[inside])
        customers += np.bincount(pairs % n_groups, minlength=n_groups)
    return customers
