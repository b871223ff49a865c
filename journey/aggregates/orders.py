"""What did customers buy, and for how much? Orders and money of each, over any span of days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from journey.aggregates.active_days import days_of
from journey.aggregates.visits import block_borders, pairs_of, restaged
from journey.events.log import EventLog
from journey.statistics.sums import Sums

__all__ = ["OrderSums", "Purchases", "purchase_rows", "purchases"]

_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class OrderSums:
    """Sums over customers that add up over parts with disjoint customers.

    revenue  over customers with a purchase or a refund: what they paid minus what they got back
    values   over customers with a purchase that has an amount: their amounts above, how many below
    orders   over customers with a purchase: how many
    """

    revenue: Sums
    values: Sums
    orders: Sums

    def __add__(self, other: OrderSums) -> OrderSums:
        return OrderSums(self.revenue + other.revenue, self.values + other.values, self.orders + other.orders)


@dataclass(frozen=True, eq=False)
class Purchases:
    """One entry a purchase or refund, by customer, then time.

    amount  as it counts: purchases as they stand there, refunds below 0; NaN where none is known
    day     number of the calendar day, as in `ActiveDays`
    begun   instant of each customer's first row of any kind
    """

    customer: np.ndarray
    time: np.ndarray
    day: np.ndarray
    amount: np.ndarray
    refund: np.ndarray
    begun: np.ndarray

    @property
    def n_customers(self) -> int:
        return len(self.begun)

    @property
    def has_amounts(self) -> bool:
        return bool((~np.isnan(self.amount)).any())

    def revenue(self) -> np.ndarray:
        """What each customer paid minus what they got back; below 0 for whoever got back more."""
        found: np.ndarray = np.bincount(self.customer, np.nan_to_num(self.amount), self.n_customers)
        return found

    def sums(self, low: int, high: int) -> OrderSums:
        """The sums of the entries from one instant to before another."""
        rows = np.flatnonzero((self.time >= low) & (self.time < high))
        who, amount = self.customer.take(rows), self.amount.take(rows)
        bought = ~self.refund.take(rows)
        known = ~np.isnan(amount)
        # Of those who bought or got money back, also where it is not known how much.
        some = known | bought
        return OrderSums(
            revenue=Sums.of(_of_each(who, np.where(known, amount, 0.0), some)),
            values=Sums.of(_of_each(who, amount, bought & known), _of_each(who, None, bought & known)),
            orders=Sums.of(_of_each(who, None, bought)),
        )

    def buyers(self, low: int, high: int) -> np.ndarray:
        """One flag a customer: was anything bought in this span?"""
        seen = np.zeros(self.n_customers, dtype=bool)
        seen[self.customer.compress(~self.refund & (self.time >= low) & (self.time < high))] = True
        return seen

    def first_days(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The first and the second day with a purchase (-1: none), and the instant of the first purchase."""
        rows = np.flatnonzero(~self.refund)
        who, day, time = self.customer.take(rows), self.day.take(rows), self.time.take(rows)
        new = np.ones(len(who), dtype=bool)
        new[1:] = (who[1:] != who[:-1]) | (day[1:] != day[:-1])
        at = np.flatnonzero(new)
        who, day, time = who.take(at), day.take(at), time.take(at)
        begins = np.flatnonzero(np.diff(who, prepend=-1))
        again = np.append(begins[1:], len(who)) - begins > 1
        first, second = (np.full(self.n_customers, -1, dtype=np.int64) for _ in range(2))
        instant = np.full(self.n_customers, _NEVER)
        first[who.take(begins)] = day.take(begins)
        instant[who.take(begins)] = time.take(begins)
        second[who.take(begins[again])] = day.take(begins[again] + 1)
        return first, second, instant


def purchase_rows(log: EventLog, bought: Sequence[str]) -> np.ndarray:
    """The rows of these events that are purchases: an amount below 0 makes one a refund."""
    named = np.array([name in bought for name in log.event_names], dtype=bool)
    rows = np.flatnonzero(named.take(log.event)) if named.any() else np.zeros(0, dtype=np.int64)
    if log.amount is None:
        return rows
    return rows.compress(~(log.amount.take(rows) < 0))


def purchases(log: EventLog, bought: Sequence[str], refunded: Sequence[str] = ()) -> Purchases:
    """The rows of these events. An amount below 0 makes a purchase a refund; a refund never brings money."""
    kinds = np.zeros(len(log.event_names) + 1, dtype=np.uint8)
    for code, name in enumerate(log.event_names):
        kinds[code] = 2 if name in refunded else 1 if name in bought else 0
    rows, customer = _marked(log, kinds)
    amount = np.full(len(rows), np.nan) if log.amount is None else np.asarray(log.amount.take(rows))
    refund = (kinds.take(log.event.take(rows)) == 2) | (amount < 0)
    time = log.time.take(rows)
    return Purchases(
        customer=customer,
        time=time,
        day=days_of(time, log),
        amount=np.where(refund, -np.abs(amount), amount),
        refund=refund,
        begun=log.time.take(log.offsets[:-1]),
    )


def _marked(log: EventLog, kinds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rows of events of some kind, and whose they are (int32), in blocks that a cache holds."""
    event, offsets = np.asarray(log.event), np.asarray(log.offsets)
    pairs = pairs_of(kinds) if event.dtype == np.uint8 else None
    rows, customer = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int32)]
    for low, high in pairwise(block_borders(log).tolist()):
        first, last = int(offsets[low]), int(offsets[high])
        found = np.flatnonzero(restaged(event[first:last], kinds, pairs) > 0)
        of = np.repeat(np.arange(low, high, dtype=np.int32), np.diff(offsets[low : high + 1]))
        rows.append(found + first)
        customer.append(of.take(found))
    return np.concatenate(rows), np.concatenate(customer)


def _of_each(who: np.ndarray, values: np.ndarray | None, some: np.ndarray) -> np.ndarray:
    """The sum (without values: the number) of the chosen entries of each customer who has any."""
    if not some.all():
        who, values = who.compress(some), None if values is None else values.compress(some)
    if not len(who):
        return np.zeros(0)
    begins = np.flatnonzero(who[1:] != who[:-1]) + 1
    ends = np.append(begins, len(who))
    if values is None:
        return np.diff(ends, prepend=0).astype(float)
    sums: np.ndarray = np.add.reduceat(values, np.append(0, begins))
    return sums
