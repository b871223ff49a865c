"""One figure a customer, for rules with a range: orders, scores, ratings, and attributes that are numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from journey.aggregates.active_days import day_number
from journey.aggregates.orders import purchases as purchases_of
from journey.aggregates.rfm_values import as_of_day, counted_by, rfm_of
from journey.errors import ColumnMissing
from journey.events.deeds import deeds
from journey.events.encode import encode
from journey.events.log import Attribute, EventLog
from journey.events.numbers import parse_numbers
from journey.events.other_tables import NO_TABLES, OtherTables
from journey.events.session_ids import SessionIds
from journey.events.times import parse_times

__all__ = [
    "between",
    "days_in",
    "latest_ratings",
    "latest_scores",
    "number_between",
    "order_figures",
    "owners",
    "values_between",
]


def between(values: np.ndarray, low: float | None, high: float | None) -> np.ndarray:
    """Which values lie between the ends, both included? None is no end; NaN, which is unknown, never does."""
    found = ~np.isnan(values)
    if low is not None:
        found &= values >= low
    if high is not None:
        found &= values <= high
    return found


def order_figures(
    log: EventLog,
    what: str,
    *,
    purchases: Sequence[str] | None = None,
    span: tuple[int, int] | None = None,
    tables: OtherTables = NO_TABLES,
) -> np.ndarray:
    """How many orders ("count"), for how much ("spent"), or how many days ago the last ("days_since")?

    As RFM counts them (see rfm_values): of a span of instants, or of all. Who never ordered has count 0,
    spent 0 and unknown days. Raises ColumnMissing for "spent" where no order has an amount.
    """
    done = deeds(log, purchases=purchases)
    found = purchases_of(log, done.purchases, done.refunds)
    if what == "spent" and not found.has_amounts:
        raise ColumnMissing(name="amount", have=list(log.attributes), near="")
    if span is not None:
        inside = np.flatnonzero((found.time >= span[0]) & (found.time < span[1]))
        cut = ("customer", "time", "day", "amount", "refund")
        found = replace(found, **{name: getattr(found, name).take(inside) for name in cut})
    values = rfm_of(found, as_of_day(log), counted=counted_by(done.purchases, tables))
    if what == "days_since":
        return values.recency
    if what == "count":
        return values.frequency.astype(np.float64)
    return np.zeros(log.n_customers) if values.monetary is None else values.monetary


def latest_scores(log: EventLog, tables: OtherTables, question: str) -> np.ndarray:
    """What did each customer answer last? NaN without one. Raises ColumnMissing without the question."""
    answers = tables.answers
    own = answers[answers["question"] == question]
    if own.empty:
        raise ColumnMissing(name=question, have=sorted(set(answers["question"])), near="")
    return _latest(log, own["customer"], own["time"], own["score"])


def latest_ratings(log: EventLog, tables: OtherTables) -> np.ndarray:
    """How did each customer's latest review rate? NaN without one. Raises ColumnMissing without ratings."""
    rated = [table for table in tables.reviews if table.column("rating").null_count < table.num_rows]
    if not rated:
        raise ColumnMissing(name="rating", have=[], near="")
    given = pd.concat([table.select(["customer", "time", "rating"]).to_pandas() for table in rated])
    return _latest(log, given["customer"], given["time"], given["rating"])


def _latest(log: EventLog, who: pd.Series, times: pd.Series, values: pd.Series) -> np.ndarray:
    """Each customer's value at the latest time, unknown times before all others; of one time the highest."""
    ids = pa.array(who, pa.large_string(), from_pandas=True)
    when = pd.to_datetime(times).to_numpy("datetime64[us]").view(np.int64)
    value = values.to_numpy(np.float64, na_value=np.nan)
    # Of a log by session each unit has its customer's value, so positions are of the ids, which may repeat.
    known = owners(log).dictionary_encode()
    place = pc.fill_null(pc.index_in(ids, value_set=known.dictionary), -1).to_numpy(zero_copy_only=False)
    rows = np.flatnonzero((place >= 0) & ~np.isnan(value))
    rows = rows[np.lexsort((value.take(rows), when.take(rows), place.take(rows)))]
    found = np.full(len(known.dictionary), np.nan)
    found[place.take(rows)] = value.take(rows)
    latest: np.ndarray = found.take(known.indices.to_numpy(zero_copy_only=False))
    return latest


def number_between(
    log: EventLog, tables: OtherTables, name: str, low: float | str | None, high: float | str | None
) -> np.ndarray:
    """Whose value is a number between the ends, or with ISO dates as ends such a date?

    Of an attribute of events: who has a row with one? What the log leaves out for having too many values is
    taken from the tables of customers. Raises ColumnMissing.
    """
    attribute = _attribute(log, tables, name)
    hit = values_between(attribute.categories, low, high)
    flags: np.ndarray = np.append(hit, False)[attribute.codes]
    if attribute.of == "customer":
        return flags
    rows = np.concatenate([[0], np.cumsum(flags)])
    of: np.ndarray = np.diff(rows.take(log.offsets)) > 0
    return of


def values_between(values: Sequence[str], low: float | str | None, high: float | str | None) -> np.ndarray:
    """Which of these texts are numbers between the ends, or with ISO dates as ends such dates?"""
    texts = pd.Series(values, dtype="str")
    if isinstance(low, str) or isinstance(high, str):
        first, last = (
            None if end is None else day_number(dt.date.fromisoformat(str(end))) for end in (low, high)
        )
        return between(days_in(texts), first, last)
    return between(parse_numbers(texts).values, low, high)


def days_in(texts: pd.Series) -> np.ndarray:
    """The day of each text that is a date, as a number of days since 1970; NaN of one that is none."""
    found = parse_times(texts, zone="UTC").values.astype("datetime64[D]")
    days: np.ndarray = np.where(np.isnat(found), np.nan, found.astype(np.int64))
    return days


def _attribute(log: EventLog, tables: OtherTables, name: str) -> Attribute:
    if name in log.attributes:
        return log.attributes[name]
    ids, values = owners(log), pa.nulls(log.n_customers, pa.large_string())
    having = [table for table in tables.customers if name != "customer" and name in table.column_names]
    if not having:
        raise ColumnMissing(name=name, have=list(log.attributes), near="")
    for table in having:
        row = pc.index_in(ids, value_set=table.column("customer").combine_chunks())
        values = pc.coalesce(values, table.column(name).combine_chunks().take(row))
    found = encode(pa.chunked_array([values]))
    return Attribute(found.codes, tuple(found.values.to_pylist()), "customer")


def owners(log: EventLog) -> pa.LargeStringArray:
    """The id of each customer; of a log by session, of whose session it is."""
    ids = log.customer_ids
    return ids.customers() if isinstance(ids, SessionIds) else ids
