"""What is known of each customer: one row a customer, its attributes as text."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa

from journey.events.cells import Cells, texts_of
from journey.events.cleaned import Cleaned
from journey.events.columns import MOST_VALUES
from journey.events.encode import Encoded, encode
from journey.events.kinds import TableChoice
from journey.findings import Finding
from journey.sources.raw_table import RawTable

__all__ = ["customers", "filter_columns"]


def customers(raw: RawTable, choice: TableChoice, now: dt.datetime | None = None) -> Cleaned:
    """Table "customers", by id: one row a customer, each attribute its first value that is not missing.

    Further rows of a customer are duplicates; where they say something else, that is counted. Attributes of
    more than 500 different values are kept and noted: they are no filters.
    """
    cells = Cells(raw, choice)
    who = cells.ids("customer")
    assert who is not None
    cells.leave_out("no_customer", who.codes < 0)
    attributes = cells.attributes(taken=("customer",))
    rows = np.flatnonzero(cells.reason == 0)
    rows = rows[np.argsort(who.codes.take(rows), kind="stable")]
    first = np.diff(who.codes.take(rows), prepend=-1) != 0
    again = np.zeros(len(cells.reason), dtype=bool)
    again[rows[~first]] = True
    cells.leave_out("duplicate", again)
    if again.any():
        cells.notes.append(Finding("tables.customers_repeated", {"rows": int(again.sum())}))
    cells.used_rows("no_customer", "no_value")

    starts = np.flatnonzero(first)
    table = {"customer": texts_of(who, rows.take(starts))}
    for column, (name, found) in zip(choice.all("attributes"), attributes.items(), strict=True):
        codes = found.codes.take(rows)
        value, differ = _first_known(codes, starts)
        if differ:
            cells.notes.append(Finding("tables.customers_conflict", {"column": column, "n": differ}))
        table[name] = texts_of(Encoded(value, found.values), np.arange(len(starts)))
        values = int((np.bincount(value[value >= 0]) > 0).sum())
        if values > MOST_VALUES:
            told = {"column": column, "n": values, "most": MOST_VALUES}
            cells.notes.append(Finding("tables.attribute_many_values", told))
    return cells.done("customers", {"customers": pa.table(table)})


def filter_columns(table: pa.Table) -> dict[str, Encoded]:
    """The attributes of a table of customers that have few enough values to filter by, as codes."""
    found = {name: encode(table.column(name)) for name in table.column_names if name != "customer"}
    return {name: column for name, column in found.items() if len(column.values) <= MOST_VALUES}


def _first_known(codes: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, int]:
    """Each customer's first code that is not -1, and how many customers have another one beside it."""
    known = np.where(codes >= 0, np.arange(len(codes)), len(codes))
    at = np.minimum.reduceat(known, starts)
    value = np.append(codes, -1).take(at)
    high = np.maximum.reduceat(codes, starts)
    low = np.minimum.reduceat(np.where(codes < 0, np.iinfo(np.int32).max, codes), starts)
    return np.where(at < np.append(starts[1:], len(codes)), value, -1), int(
        ((high >= 0) & (low < high)).sum()
    )
