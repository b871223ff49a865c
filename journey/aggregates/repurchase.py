"""After how many days do customers buy again, and how long was each of the others watched?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from journey.aggregates.calendar import Calendar
from journey.aggregates.presence import Presence

__all__ = ["Repurchase", "repurchase"]


@dataclass(frozen=True, eq=False)
class Repurchase:
    """Counts that add up over parts of a log with disjoint customers and one window.

    again[d]      customers whose second purchase day comes d days after the first
    watched[d]    customers without one, whose first purchase day lies d days before the last observed day
    customers[i]  customers who were watched for at least the i-th number of days asked for
    within[i]     of these, who bought again in it
    """

    again: np.ndarray
    watched: np.ndarray
    customers: np.ndarray
    within: np.ndarray

    def __add__(self, other: Repurchase) -> Repurchase:
        return Repurchase(
            self.again + other.again,
            self.watched + other.watched,
            self.customers + other.customers,
            self.within + other.within,
        )


def repurchase(
    bought: Presence, days: Calendar, *, within_days: Sequence[int], among: np.ndarray | None = None
) -> Repurchase:
    """Count second purchase days by days since the first one; `bought` has one entry a customer and day.

    Several purchases on one day are one. `among` flags the first entries' customers that are counted.
    """
    n = max(days.observed, 1)
    at = bought.begins
    if among is not None:
        at = at[among[bought.customer[at]]]
    first = bought.period.take(at)
    follows = np.append(np.diff(bought.customer) == 0, False)[: len(bought.customer)].take(at)
    gap = np.where(follows, bought.period.take(at + 1, mode="clip") - first, n) if len(at) else first
    seen = n - 1 - first
    asked = np.asarray(within_days, dtype=np.int64)
    return Repurchase(
        again=np.bincount(gap[follows], minlength=n)[:n],
        watched=np.bincount(seen[~follows], minlength=n)[:n],
        customers=np.array([np.count_nonzero(seen >= most) for most in asked], dtype=np.int64),
        within=np.array(
            [np.count_nonzero((seen >= most) & follows & (gap <= most)) for most in asked], dtype=np.int64
        ),
    )
