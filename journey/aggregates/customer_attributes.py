"""What is known of each customer: numbers, days since a date, or one of few values."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from journey.aggregates.active_days import day_number
from journey.events.encode import Encoded, encode
from journey.events.log import EventLog
from journey.events.numbers import parse_numbers
from journey.events.other_tables import OtherTables
from journey.events.times import parse_times

__all__ = ["MOST_CATEGORIES", "OTHER", "Column", "Reading", "attribute_columns", "categories", "numbers"]

Reading = Literal["number", "share", "days", "category"]

# No value is empty, so that this is the name of none.
OTHER = ""
MOST_CATEGORIES = 20
# Of so many different numbers or fewer, each is a group of its own.
_FEW_NUMBERS = 10
# So large a part of the values must read as numbers, or as dates.
_READABLE = 0.95
# So large a part of the customers must have one of the frequent values, or they are ids, names, addresses.
_FREQUENT = 0.5
_LOOKED_AT = 2_000
_WORDS_FOR_NONE = 20
_DAY_NUMBER = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])")
_MICROSECONDS_A_DAY = 86_400_000_000


@dataclass(frozen=True, eq=False)
class Column:
    """One attribute of customers: how it is read, and the value of each customer of a log as a code.

    The values are those of the whole table or log, whoever was filtered away, so that filters change neither
    the reading nor what a date is counted to.
    """

    name: str
    reading: Reading
    found: Encoded


def attribute_columns(log: EventLog, tables: OtherTables) -> Iterator[Column]:
    """The attributes of the log's customers and what their tables know beyond them, as far as it is of use.

    Numbers (at least 95 % of the rows, and more than 10 different ones), dates (the same), else values of
    which the 20 most frequent are those of half of the customers; other columns hold ids or names. What the
    log alone knows comes first, then the columns of tables as they stand there.
    """
    beside = _beside(log, tables)
    own_names = [name for name, one in log.attributes.items() if one.of == "customer"]
    for name in (*(name for name in own_names if name not in beside), *beside):
        if name not in log.attributes:
            yield from _read(name, beside[name], _of_customers(log, tables, name), log.zone)
            continue
        attribute = log.attributes[name]
        own = Encoded(np.asarray(attribute.codes), pa.array(attribute.categories, pa.large_string()))
        pool = beside.get(name, own)
        if _is_stood_in(own, pool):
            own = _of_customers(log, tables, name)
        yield from _read(name, pool, own, log.zone)


def numbers(column: Column, as_of: dt.date | None, zone: str) -> np.ndarray:
    """The number of each customer, NaN where there is none; of a date the days from it to `as_of`.

    Without `as_of`, which a table alone has none of, days are counted to the day after its latest date.
    """
    texts = pd.Series(column.found.values.to_pandas(), dtype="str")
    if not len(texts):
        return np.full(len(column.found.codes), np.nan)
    if column.reading == "days":
        values = _days(texts, zone)
        values = (np.nanmax(values) + 1 if as_of is None else day_number(as_of)) - values
    else:
        values = parse_numbers(texts).values
    return np.append(values, np.nan).take(column.found.codes)


def categories(column: Column) -> tuple[np.ndarray, tuple[str, ...]]:
    """The value of each customer as a code (-1: none) among the most frequent ones in code-point order.

    The rest are OTHER, at the end; of equally frequent values the first in order are kept.
    """
    counts = np.bincount(column.found.codes + 1, minlength=len(column.found.values) + 1)[1:]
    used = np.flatnonzero(counts)
    kept = np.sort(used[np.argsort(-counts[used], kind="stable")][:MOST_CATEGORIES])
    place = np.full(len(counts) + 1, len(kept), dtype=np.int32)
    place[kept] = np.arange(len(kept))
    place[-1] = -1
    names = tuple(column.found.values.take(pa.array(kept)).to_pylist())
    return place.take(column.found.codes), names + ((OTHER,) if len(used) > len(kept) else ())


def _read(name: str, pool: Encoded, own: Encoded, zone: str) -> Iterator[Column]:
    reading = _reading(pool, zone)
    if reading is not None:
        yield Column(name, reading, own)


def _reading(pool: Encoded, zone: str) -> Reading | None:
    """How a column is read, by the rows of all of its customers; None where nothing can be made of it."""
    weight = np.bincount(pool.codes + 1, minlength=len(pool.values) + 1)[1:]
    there = np.flatnonzero(weight)
    if not len(there):
        return None
    looked = there[np.linspace(0, len(there) - 1, min(len(there), _LOOKED_AT)).astype(int)]
    texts = pd.Series(pool.values.take(pa.array(looked)).to_pandas(), dtype="str")
    if len(there) > _FEW_NUMBERS:
        read = parse_numbers(texts)
        if _readable(texts, ~np.isnan(read.values), weight[looked]):
            if all(_DAY_NUMBER.fullmatch(text.strip()) for text in texts):
                return "days"
            return "share" if read.percent * 2 > len(texts) else "number"
        if _readable(texts, ~np.isnan(_days(texts, zone)), weight[looked]):
            return "days"
    frequent = np.sort(weight)[::-1][:MOST_CATEGORIES].sum()
    return "category" if frequent >= _FREQUENT * weight.sum() else None


def _readable(texts: pd.Series, read: np.ndarray, weight: np.ndarray) -> bool:
    """Can nearly all of what is said be read? Words for "nothing" say nothing."""
    wrong = np.flatnonzero(~read)
    if len(wrong) <= _WORDS_FOR_NONE:
        wrong = np.array(
            [at for at in wrong if not parse_numbers(texts[at : at + 1]).missing], dtype=np.int64
        )
    right = weight[read].sum()
    return bool(right and right >= _READABLE * (right + weight[wrong].sum()))


def _days(texts: pd.Series, zone: str) -> np.ndarray:
    """The day of each text that is a date, from 1970 on in the zone; NaN for others."""
    times = parse_times(texts, zone=zone).values
    wall = pd.DatetimeIndex(times).tz_localize("UTC").tz_convert(zone).tz_localize(None)
    days = np.floor_divide(wall.as_unit("us").asi8, _MICROSECONDS_A_DAY).astype(np.float64)
    return np.where(np.isnat(times), np.nan, days)


def _beside(log: EventLog, tables: OtherTables) -> Mapping[str, Encoded]:
    """The columns of all tables of customers by name, all rows; with several tables those of the largest."""
    found: dict[str, Encoded] = {}
    for table in _largest_first(tables):
        for name in table.column_names:
            # An attribute of events bears this name, so that of customers has another one in the log.
            of_events = name in log.attributes and log.attributes[name].of == "event"
            if name != "customer" and not of_events and name not in found:
                found[name] = encode(table.column(name))
    return found


def _is_stood_in(own: Encoded, pool: Encoded) -> bool:
    """Does the log say other words for what the tables know? In demo mode it does so for numbers."""
    return bool(
        own is not pool
        and len(own.values)
        and len(pool.values)
        and not pc.any(pc.is_in(own.values, value_set=pool.values)).as_py()
    )


def _of_customers(log: EventLog, tables: OtherTables, name: str) -> Encoded:
    """The value of each customer of the log in the first table that knows one."""
    texts = pa.nulls(log.n_customers, pa.large_string())
    for table in _with(tables, name):
        rows = pc.index_in(log.customer_ids, value_set=table.column("customer").combine_chunks())
        texts = pc.coalesce(texts, table.column(name).combine_chunks().take(rows))
    chunks = [chunk for table in _with(tables, name) for chunk in table.column(name).chunks]
    # The texts of the log's customers behind those of all rows: both get the same codes.
    found = encode(pa.chunked_array([*chunks, texts], pa.large_string()))
    return Encoded(found.codes[len(found.codes) - log.n_customers :], found.values)


def _with(tables: OtherTables, name: str) -> list[pa.Table]:
    """The tables that have a column of this name, the largest first."""
    return [table for table in _largest_first(tables) if name in table.column_names]


def _largest_first(tables: OtherTables) -> list[pa.Table]:
    return sorted(tables.customers, key=lambda table: -table.num_rows)
