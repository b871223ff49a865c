"""Who is new, comes again, comes back or stays away, period by period; and who of those active is lost?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from journey.aggregates.calendar import Calendar
from journey.aggregates.presence import Presence

__all__ = ["Churn", "Lifecycle", "churn", "lifecycle"]


@dataclass(frozen=True, eq=False)
class Lifecycle:
    """Customers by calendar period; counts add up over parts of a log with disjoint customers.

    new          their first period
    returning    here and in the period before
    resurrected  here, not in the period before, but in an earlier one
    dormant      not here, but in the period before
    """

    new: np.ndarray
    returning: np.ndarray
    resurrected: np.ndarray
    dormant: np.ndarray

    def __add__(self, other: Lifecycle) -> Lifecycle:
        return Lifecycle(
            self.new + other.new,
            self.returning + other.returning,
            self.resurrected + other.resurrected,
            self.dormant + other.dormant,
        )


def lifecycle(here: Presence, calendar: Calendar) -> Lifecycle:
    """Count new, returning, resurrected and dormant customers of each period."""
    n = len(calendar)
    first = np.diff(here.customer, prepend=-1) != 0
    last = np.diff(here.customer, append=-1) != 0
    step = np.diff(here.period, prepend=-2)
    again = ~first & (step == 1)
    gone = last | (np.diff(here.period, append=-2) != 1)
    return Lifecycle(
        new=np.bincount(here.period[first], minlength=n),
        returning=np.bincount(here.period[again], minlength=n),
        resurrected=np.bincount(here.period[~first & ~again], minlength=n),
        dormant=np.bincount(here.period[gone] + 1, minlength=n + 1)[:n],
    )


@dataclass(frozen=True, eq=False)
class Churn:
    """Customers by calendar period; counts add up over parts of a log with disjoint customers.

    customers  active in the days before the period began
    lost       of these, without an event in the period
    """

    customers: np.ndarray
    lost: np.ndarray

    def __add__(self, other: Churn) -> Churn:
        return Churn(self.customers + other.customers, self.lost + other.lost)


def churn(here: Presence, days: Calendar, calendar: Calendar, *, within_days: int) -> Churn:
    """Count who was active in the `within_days` days before each period, and who of them did not come in it.

    `here` has one entry a customer and day of `days`; whoever is new in a period is not in its count.
    """
    n = len(calendar)
    day = days.days.astype(np.int64)
    begins = calendar.days.astype(np.int64)
    period_of = np.searchsorted(begins, day[:-1], side="right") - 1
    # The last of these periods that begins at most so many days after each day.
    reach = np.searchsorted(begins[:-1], day[:-1] + within_days, side="right") - 1
    own = period_of.take(here.period)
    # An entry is the last one before the periods that begin after it, up to that of the next entry.
    until = np.append(own[1:], n)[: len(own)]
    until[np.diff(here.customer, append=-1) != 0] = n
    counted = np.minimum(reach.take(here.period), until)
    silent = np.minimum(counted, until - 1)
    return Churn(_covered(own + 1, counted, n), _covered(own + 1, silent, n))


def _covered(first: np.ndarray, last: np.ndarray, n: int) -> np.ndarray:
    """How many of the spans, both ends included, cover each of n places; a span may be empty."""
    some = last >= first
    up, down = (np.bincount(ends[some], minlength=n + 2) for ends in (first, last + 1))
    return (up - down).cumsum()[:n]
