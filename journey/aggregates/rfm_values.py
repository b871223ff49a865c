"""How long ago, how often and for how much did each customer buy?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from journey.aggregates.active_days import day_number
from journey.aggregates.orders import Purchases, purchases
from journey.events.deeds import deeds
from journey.events.log import EventLog
from journey.events.orders import ORDER_EVENTS
from journey.events.other_tables import NO_TABLES, OtherTables

__all__ = ["Counted", "RfmValues", "as_of_day", "counted_by", "rfm_of", "rfm_values"]

Counted = Literal["orders", "days"]


@dataclass(frozen=True, eq=False)
class RfmValues:
    """One entry a customer of the log; of parts with disjoint customers one after the other.

    recency    days from the last purchase day to `as_of` (1: the day before); NaN without a purchase
    frequency  purchases as `counted` says: orders, or days with one; 0 without any
    monetary   what was paid minus what was given back, never below 0; None where no amount is known at all
    buyers     one flag a customer: was anything bought before `as_of`?
    clipped    buyers who were given back more than they had paid, whose 0 is no sum
    purchases  the names of the events that count as purchases; none: nobody buys in this log
    revenue    what was paid minus what was given back as it is, so that sums are those of other questions
    """

    recency: np.ndarray
    frequency: np.ndarray
    monetary: np.ndarray | None
    buyers: np.ndarray
    clipped: int
    as_of: dt.date
    counted: Counted
    purchases: tuple[str, ...] = ()
    revenue: np.ndarray | None = None


def rfm_values(
    log: EventLog,
    purchases: Sequence[str] | None = None,
    *,
    tables: OtherTables = NO_TABLES,
    as_of: dt.date | None = None,
) -> RfmValues:
    """Recency, frequency and money of every customer, from what was bought before `as_of`.

    `purchases` are names of events (None: those whose names say so, see events.deeds). `as_of` is the day
    after the last one of the observation window: of the whole log, or of the period that was filtered by.
    """
    bought, names = _bought(log, purchases)
    return rfm_of(bought, as_of or as_of_day(log), counted=counted_by(names, tables), purchases=names)


def rfm_of(
    bought: Purchases, as_of: dt.date, *, counted: Counted = "orders", purchases: Sequence[str] = ()
) -> RfmValues:
    """The same from purchases that are known already, for one day after the other."""
    n = bought.n_customers
    before = np.flatnonzero(bought.day < day_number(as_of))
    who, day, refund = bought.customer.take(before), bought.day.take(before), bought.refund.take(before)
    own = np.flatnonzero(~refund)
    buyer, when = who.take(own), day.take(own)
    # Entries are ordered by customer and time, so the last one of a customer is the latest.
    ends = np.flatnonzero(np.append(buyer[1:] != buyer[:-1], np.ones(min(1, len(buyer)), dtype=bool)))
    recency = np.full(n, np.nan)
    recency[buyer.take(ends)] = day_number(as_of) - when.take(ends)
    if counted == "days":
        new = np.ones(len(own), dtype=bool)
        new[1:] = (buyer[1:] != buyer[:-1]) | (when[1:] != when[:-1])
        buyer = buyer.take(np.flatnonzero(new))
    frequency = np.bincount(buyer, minlength=n)
    buyers = frequency > 0
    monetary, paid, clipped = None, None, 0
    if bought.has_amounts:
        paid = np.bincount(who, np.nan_to_num(bought.amount.take(before)), n)
        below = paid < 0
        clipped = int((below & buyers).sum())
        monetary = np.where(below, 0.0, paid)
    return RfmValues(recency, frequency, monetary, buyers, clipped, as_of, counted, tuple(purchases), paid)


def as_of_day(log: EventLog) -> dt.date:
    """The day after the last one of the observation window."""
    return log.days()[1] + dt.timedelta(days=1)


def counted_by(purchases: Sequence[str], tables: OtherTables) -> Counted:
    """Is a purchase an order with an id of its own, or does a day with purchases count once?

    Orders are those of a file of orders that has ids; clicks and lines without one come in bundles.
    """
    ids = any(table.column("order").null_count < table.num_rows for table in tables.lines)
    return "orders" if ids and set(purchases) <= set(ORDER_EVENTS) else "days"


def _bought(log: EventLog, names: Sequence[str] | None) -> tuple[Purchases, tuple[str, ...]]:
    known = deeds(log, purchases=names)
    return purchases(log, known.purchases, known.refunds), known.purchases
