"""On which days was each customer there?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from journey.events.log import DAY, EventLog, day_start

__all__ = ["ActiveDays", "active_days", "day_number", "days_of"]

_ZERO = dt.date(1970, 1, 1)


@dataclass(frozen=True, eq=False)
class ActiveDays:
    """One entry a customer and calendar day with at least one row, by customer, then day.

    `day` counts days since 1970-01-01 in the log's zone. Of parts of a log with disjoint customers the
    entries stand one after the other.
    """

    customer: np.ndarray
    day: np.ndarray
    n_customers: int

    def active(self, first: dt.date, last: dt.date) -> np.ndarray:
        """One flag a customer: was there a row on these days, both included?"""
        inside = (self.day >= day_number(first)) & (self.day <= day_number(last))
        seen = np.zeros(self.n_customers, dtype=bool)
        seen[self.customer.compress(inside)] = True
        return seen

    def first_days(self) -> np.ndarray:
        """Each customer's first day; a customer without any row has none."""
        return self.day.take(np.flatnonzero(self._new()))

    def returns(self) -> np.ndarray:
        """Days from each customer's first to their second active day; -1 where there is no second one."""
        at = np.flatnonzero(self._new())
        again = np.append(at[1:], len(self.day)) - at > 1
        later = np.minimum(at + 1, len(self.day) - 1)
        return np.where(again, self.day.take(later) - self.day.take(at), -1) if len(at) else at

    def _new(self) -> np.ndarray:
        new = np.ones(len(self.customer), dtype=bool)
        new[1:] = self.customer[1:] != self.customer[:-1]
        return new


def active_days(log: EventLog, day: np.ndarray | None = None) -> ActiveDays:
    """The days of every customer, in one pass over the rows; `day` is `days_of` these, where it is known."""
    day = days_of(log.time, log) if day is None else day
    new = log.start.copy()
    new[1:] |= day[1:] != day[:-1]
    at = np.flatnonzero(new)
    return ActiveDays(log.customer_of_row().take(at), day.take(at), log.n_customers)


def days_of(instants: np.ndarray, log: EventLog) -> np.ndarray:
    """The number of the calendar day of each instant in the log's zone (int32)."""
    if not len(instants):
        return np.zeros(0, dtype=np.int32)
    low, high = (int(end) for end in (instants.min(), instants.max()))
    first = _ZERO + dt.timedelta(days=low // DAY - 1)
    count = high // DAY - low // DAY + 4
    midnights = np.array([day_start(first + dt.timedelta(days=n), log.zone) for n in range(count)])
    begin = day_number(first)
    if (np.diff(midnights) == DAY).all():
        return (((instants - midnights[0]) // DAY) + begin).astype(np.int32)
    return (np.searchsorted(midnights, instants, side="right") - 1 + begin).astype(np.int32)


def day_number(day: dt.date) -> int:
    """Days from 1970-01-01 to this one."""
    return (day - _ZERO).days
