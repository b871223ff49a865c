"""How often was something shown, and how often clicked?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from journey.events.log import EventLog
from journey.statistics.sums import Sums

__all__ = ["click_sums"]


def click_sums(log: EventLog, clicks: Sequence[str], impressions: Sequence[str]) -> Sums:
    """Sums over customers with either: rows of clicks above, rows of impressions below; they add up."""
    counts = [_rows(log, names) for names in (clicks, impressions)]
    either = np.flatnonzero(counts[0] + counts[1])
    return Sums.of(counts[0].take(either), counts[1].take(either))


def _rows(log: EventLog, names: Sequence[str]) -> np.ndarray:
    """How many rows of these events each customer has."""
    wanted = np.array([name in names for name in log.event_names], dtype=bool)
    at = np.flatnonzero(wanted.take(log.event))
    counts: np.ndarray = np.diff(np.searchsorted(at, log.offsets))
    return counts
