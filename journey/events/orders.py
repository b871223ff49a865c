"""Order lines -> orders: one event each, purchase, repurchase or refund."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from journey.events.build import finished
from journey.events.cancelled import cancelled_values
from journey.events.cells import Cells, moments, numbers_of, texts_of
from journey.events.cleaned import Cleaned
from journey.events.columns import MOST_VALUES
from journey.events.encode import Encoded
from journey.events.kinds import TableChoice
from journey.events.log import EventLog
from journey.findings import Finding
from journey.sources.raw_table import RawTable
from journey.sources.single_names import SingleNames

__all__ = ["ORDER_EVENTS", "named", "orders", "paid"]

# In code-point order, as the codes of a log are.
ORDER_EVENTS = ("purchase", "refund", "repurchase")
_PURCHASE, _REFUND, _REPURCHASE = range(3)
_COLUMNS = ("customer", "order", "time", "event", "amount", "lines")
_NEVER = np.iinfo(np.int64).max


def orders(raw: RawTable, choice: TableChoice, now: dt.datetime | None = None) -> Cleaned:
    """Who ordered what for how much, when, and for the first time or again?

    Table "orders", by customer and time: one row for each order id of a customer; lines without an id are one
    order per customer and time. `time` is the earliest of its lines, `amount` their sum as signed in the file
    (the amount, else quantity times unit price; lines without either count nothing; null if no line has one)
    and `lines` their number. `event` is refund where the amount is negative (or not positive and the quantity
    negative) or where every line is cancelled; else purchase on the customer's first purchase day in the zone
    of the choice, and repurchase on later days. Attributes are known where all lines that have one agree.
    The log has these amounts too, but for an order that was cancelled before it brought anything: see `paid`.
    Table "lines", in the order of the file: the used lines themselves.
    """
    cells = Cells(raw, choice)
    who, times = cells.ids("customer"), cells.times()
    assert who is not None and times is not None
    cells.leave_out("no_customer", who.codes < 0)
    cells.leave_out("no_time", np.isnat(times.values))
    order = cells.ids("order")
    quantity, unit_price = cells.amounts("quantity"), cells.amounts("unit_price")
    amount = _line_amounts(len(cells.frame), cells.amounts("amount"), quantity, unit_price)
    product, category, status = (cells.texts(role) for role in ("product", "category", "status"))
    extra = {name: cells.column(name) for name in choice.all("attributes")}
    cells.leave_out_duplicates()
    rows = cells.used_rows("no_customer", "no_event", "no_time")

    if order is not None and (unnamed := int((order.codes.take(rows) < 0).sum())):
        cells.notes.append(Finding("tables.order_ids_missing", {"rows": unnamed}))
    when = times.values.view(np.int64)
    lines = _Lines.of(rows, who.codes, None if order is None else order.codes, when, amount)
    made = _orders(lines, who, order, when, amount, quantity, status, choice, cells.notes)
    attributes = _single(lines, choice, cells, extra, {"status": status, "category": category}, product)
    log = EventLog.from_codes(
        made.who,
        who.values,
        made.what,
        pa.array(ORDER_EVENTS, pa.large_string()),
        made.when,
        attributes={
            name: (codes, values, "event")
            for name, (codes, values, attached) in attributes.items()
            if attached
        },
        amount=paid(made.amount, made.what == _REFUND),
        zone=choice.zone,
    )
    log = finished(log, cells.notes, date_only=times.mostly_dates, now=now)
    ids = Encoded(made.order, pa.array([], pa.large_string()) if order is None else order.values)
    by_customer = np.lexsort((made.order, made.what, made.when, made.who))
    names = SingleNames(_COLUMNS).all(attributes)
    tables = {
        "orders": pa.table(
            {
                "customer": texts_of(Encoded(made.who, who.values), by_customer),
                "order": texts_of(ids, by_customer),
                "time": moments(made.when.view("datetime64[us]"), by_customer),
                "event": pa.array(ORDER_EVENTS, pa.large_string()).take(pa.array(made.what[by_customer])),
                "amount": numbers_of(made.amount, by_customer),
                "lines": pa.array(lines.sizes[by_customer]),
            }
            | {
                name: texts_of(Encoded(codes, values), by_customer)
                for name, (codes, values, _) in zip(names, attributes.values(), strict=True)
            }
        ),
        "lines": pa.table(
            {
                "customer": texts_of(who, rows),
                "order": texts_of(order, rows),
                "time": moments(times.values, rows),
                "product": texts_of(product, rows),
                "category": texts_of(category, rows),
                "quantity": numbers_of(quantity, rows),
                "unit_price": numbers_of(unit_price, rows),
                "amount": numbers_of(amount, rows),
            }
        ),
    }
    return Cleaned("orders", tables, log, log.customer_ids, cells.reasons(), log.notes)


def named(who: np.ndarray, when: np.ndarray, refund: np.ndarray, *, zone: str, n_who: int) -> np.ndarray:
    """Codes into ORDER_EVENTS: on whose first purchase day, in the zone, is each order?"""
    day = _days(when, zone)
    first = np.full(n_who, _NEVER)
    np.minimum.at(first, who[~refund], day[~refund])
    later = day > first.take(who)
    return np.where(refund, _REFUND, np.where(later, _REPURCHASE, _PURCHASE)).astype(np.int32)


def paid(amount: np.ndarray, refund: np.ndarray) -> np.ndarray:
    """What each order brought, so that sums are what was kept: a refund takes away, or brings nothing.

    A cancelled order stands in the file with what it would have brought; nobody paid that.
    """
    return np.where(refund & (amount > 0), 0.0, amount)


def _days(when: np.ndarray, zone: str) -> np.ndarray:
    """The number of the calendar day of each instant in a zone."""
    local = pd.DatetimeIndex(when.view("datetime64[us]")).tz_localize("UTC").tz_convert(zone)
    return local.tz_localize(None).to_numpy().astype("datetime64[D]").astype(np.int64)


class _Lines:
    """The used lines, put together order by order.

    `rows` are positions in the file, of each order's lines one after another, in an order that does not hang
    on that of the file; those of order i begin at `starts[i]`, and it has `sizes[i]`.
    """

    def __init__(self, rows: np.ndarray, starts: np.ndarray) -> None:
        self.rows, self.starts = rows, starts
        self.sizes = np.diff(starts, append=len(rows))

    @classmethod
    def of(
        cls, rows: np.ndarray, who: np.ndarray, order: np.ndarray | None, when: np.ndarray, amount: np.ndarray
    ) -> _Lines:
        customer = who.take(rows).astype(np.int64)
        instant = pd.factorize(when.take(rows))[0].astype(np.int64)
        key = customer * (int(instant.max()) + 1) + instant
        if order is not None:
            number = order.take(rows).astype(np.int64)
            # Keys below zero belong to the orders that have an id.
            key = np.where(number < 0, key, -1 - (customer * (int(number.max()) + 1) + number))
        group = pd.factorize(key)[0]
        inorder = np.lexsort((amount.take(rows), group))  # sums of floats hang on the order of their parts
        return cls(rows.take(inorder), np.flatnonzero(np.diff(group.take(inorder), prepend=-1)))

    def sums(self, values: np.ndarray) -> np.ndarray:
        """The sum of an order's known values, NaN where none is known."""
        mine = values.take(self.rows)
        known = ~np.isnan(mine)
        total = np.add.reduceat(np.where(known, mine, 0.0), self.starts)
        return np.where(np.logical_or.reduceat(known, self.starts), total, np.nan)

    def single(self, codes: np.ndarray) -> tuple[np.ndarray, int]:
        """The one code of an order's lines, -1 where none is known or they differ; and how many differ."""
        mine = codes.take(self.rows)
        high = np.maximum.reduceat(mine, self.starts)
        low = np.minimum.reduceat(np.where(mine < 0, np.iinfo(np.int32).max, mine), self.starts)
        differ = (high >= 0) & (low < high)
        return np.where(differ, -1, high).astype(np.int32), int(differ.sum())


class _Orders(NamedTuple):
    """One row an order: codes, instants and amounts."""

    who: np.ndarray
    order: np.ndarray
    what: np.ndarray
    when: np.ndarray
    amount: np.ndarray


def _orders(
    lines: _Lines,
    who: Encoded,
    order: Encoded | None,
    when: np.ndarray,
    amount: np.ndarray,
    quantity: np.ndarray | None,
    status: Encoded | None,
    choice: TableChoice,
    notes: list[Finding],
) -> _Orders:
    first = lines.rows.take(lines.starts)
    customer = who.codes.take(first)
    number = np.full(len(first), -1, np.int32) if order is None else order.codes.take(first)
    total = lines.sums(amount)
    begun = np.minimum.reduceat(when.take(lines.rows), lines.starts)
    negative = total < 0
    if quantity is not None:
        negative |= ~(total > 0) & (lines.sums(quantity) < 0)
    cancelled = np.zeros(len(first), dtype=bool)
    column = choice.one("status")
    if status is not None and column is not None:
        words = np.append(cancelled_values(column, status.values), False)
        per_order = np.add.reduceat(words.take(status.codes.take(lines.rows)).astype(np.int64), lines.starts)
        cancelled = per_order == lines.sizes
        partly = int(((per_order > 0) & ~cancelled).sum())
        if partly:
            notes.append(Finding("tables.orders_partly_cancelled", {"n": partly}))
    refund = negative | cancelled
    if refund.any():
        told = {"n": int(refund.sum()), "negative": int(negative.sum()), "cancelled": int(cancelled.sum())}
        notes.append(Finding("tables.refunds_found", told))
    unknown = int(np.isnan(total).sum())
    if unknown == len(total):
        notes.append(Finding("tables.amounts_none"))
    elif unknown:
        notes.append(Finding("tables.amounts_missing", {"n": unknown}))
    # Each order stands once here, so an id that stands twice has two customers.
    shared = int((np.bincount(number[number >= 0]) > 1).sum())
    if shared:
        notes.append(Finding("tables.order_ids_shared", {"n": shared}))
    if choice.first_is_purchase:
        what = named(customer, begun, refund, zone=choice.zone, n_who=len(who.values))
    else:
        what = np.where(refund, _REFUND, _PURCHASE).astype(np.int32)
    return _Orders(customer, number, what, begun, total)


def _line_amounts(
    rows: int, amount: np.ndarray | None, quantity: np.ndarray | None, unit_price: np.ndarray | None
) -> np.ndarray:
    """Each line's amount, else its quantity times its unit price, else NaN."""
    found = np.full(rows, np.nan) if amount is None else amount
    if quantity is None or unit_price is None:
        return found
    return np.where(np.isnan(found), quantity * unit_price, found)


def _single(
    lines: _Lines,
    choice: TableChoice,
    cells: Cells,
    extra: dict[str, Encoded],
    roles: dict[str, Encoded | None],
    product: Encoded | None,
) -> dict[str, tuple[np.ndarray, pa.LargeStringArray, bool]]:
    """Attributes of orders by the name of their column: codes, values, and whether they go to the log.

    To the log go those of few values that most orders have one of.
    """
    found = dict(extra)
    for role, encoded in [*roles.items(), ("product", product)]:
        column = choice.one(role)
        if encoded is not None and column is not None:
            found.setdefault(column, encoded)
    attributes = {}
    for column, encoded in found.items():
        codes, differ = lines.single(encoded.codes)
        attached = len(encoded.values) <= MOST_VALUES and differ * 2 <= int((codes >= 0).sum()) + differ
        attributes[column] = (codes, encoded.values, attached)
        if column == choice.one("product"):
            continue
        if len(encoded.values) > MOST_VALUES:
            told = {"column": column, "n": len(encoded.values), "most": MOST_VALUES}
            cells.notes.append(Finding("tables.attribute_many_values", told))
        elif differ:
            code = "tables.attribute_differs" if attached else "tables.attribute_of_lines"
            cells.notes.append(Finding(code, {"column": column, "n": differ}))
    return attributes
