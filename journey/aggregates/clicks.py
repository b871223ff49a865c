"""How often was something shown, and how often clicked?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from journey.events.log import EventLog
from journey.statistics.sums import Sums

__all__ = ["Clicks", "clicks_of"]


@dataclass(frozen=True, eq=False)
class Clicks:
    """One entry a click or impression, by customer, then time; `shown` says which of the two."""

    customer: np.ndarray
    time: np.ndarray
    shown: np.ndarray

    def sums(self, low: int, high: int) -> Sums:
        """Sums over customers with either, from one instant to before another: clicks above, shown below."""
        rows = np.flatnonzero((self.time >= low) & (self.time < high))
        who, shown = self.customer.take(rows), self.shown.take(rows)
        if not len(who):
            return Sums()
        begins = np.flatnonzero(np.append(True, who[1:] != who[:-1]))
        all_of_each = np.diff(begins, append=len(who))
        shown_of_each = np.add.reduceat(shown, begins, dtype=np.int64)
        return Sums.of(all_of_each - shown_of_each, shown_of_each)


def clicks_of(log: EventLog, clicks: Sequence[str], impressions: Sequence[str]) -> Clicks:
    """The rows of these events; an event that is both counts as an impression."""
    kinds = np.array(
        [(name in clicks) | 2 * (name in impressions) for name in log.event_names], dtype=np.uint8
    )
    rows = np.flatnonzero(kinds.take(log.event))
    return Clicks(
        customer=log.customer_of_row().take(rows),
        time=log.time.take(rows),
        shown=kinds.take(log.event.take(rows)) >= 2,
    )
