"""After how many days do customers buy again, and how long was each of the others watched?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from journey.aggregates.calendar import Calendar, calendar
from journey.aggregates.orders import purchase_rows
from journey.aggregates.presence import EVENT, Presence, events_named, presence_at
from journey.events.deeds import deeds
from journey.events.log import EventLog
from journey.stages.stage_map import StageMap

__all__ = ["Repurchase", "purchase_events", "repurchase", "repurchase_members"]


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


def repurchase_members(
    log: EventLog,
    stages: StageMap,
    *,
    within_days: int,
    returned: bool | None = True,
    purchase: str | None = None,
    purchases: Sequence[str] | None = None,
) -> np.ndarray:
    """One flag a customer: watched for these days after a first purchase, and bought again in them, or not.

    None for `returned` means both. Raises StageUnknown.
    """
    days = calendar(log, "day")
    events, _ = purchase_events(log, stages, purchase, purchases)
    bought = presence_at(log, days, purchase_rows(log, events))
    at = bought.begins
    first = bought.period.take(at)
    follows = np.append(np.diff(bought.customer) == 0, False)[: len(bought.customer)].take(at)
    second = bought.period.take(np.minimum(at + 1, len(bought.period) - 1)) if len(at) else first
    again = follows & (second - first <= within_days)
    there = days.observed - 1 - first >= within_days
    if returned is not None:
        there &= again == returned
    flags = np.zeros(log.n_customers, dtype=bool)
    flags[bought.customer.take(at[there])] = True
    return flags


def purchase_events(
    log: EventLog, stages: StageMap, purchase: str | None, purchases: Sequence[str] | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the events that are purchases, and what they are called together.

    `purchase` is a stage or an "event:NAME"; without it the events `purchases`, without these those whose
    names or amounts say so, and where there are none those of the goal. Raises StageUnknown.
    """
    if purchase is None:
        found = deeds(log, purchases=purchases).purchases
        if found or (goal := stages.goal_stage) is None:
            return found, found
        return _names(log, events_named(log, stages, goal.id)), (goal.name,)
    is_event = purchase.startswith(EVENT)
    called = purchase.removeprefix(EVENT) if is_event else stages.named(purchase).name
    return _names(log, events_named(log, stages, purchase)), (called,)


def _names(log: EventLog, flags: np.ndarray | None) -> tuple[str, ...]:
    return () if flags is None else tuple(log.event_names[code] for code in np.flatnonzero(flags))
