"""What a project knows of its customers beside the log: customers, orders, answers and reviews as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from journey.events.encode import encode
from journey.events.joined import with_customers
from journey.events.log import EventLog
from journey.events.surveys import given_answers

__all__ = [
    "NO_TABLES",
    "OTHER_KINDS",
    "REGISTERED",
    "OtherTables",
    "called",
    "nobody",
    "other_tables",
    "registered",
]

# Kind of file -> the tables of it that are read beside the log.
OTHER_KINDS: Mapping[str, tuple[str, ...]] = {
    "customers": ("customers",),
    "orders": ("lines",),
    "survey": ("responses", "answers"),
    "reviews": ("reviews",),
    "experiment": ("records", "sums"),
}
# The one event of customers whom no file of events or orders knows.
REGISTERED = "registered"


@dataclass(frozen=True, eq=False)
class OtherTables:
    """The typed tables of a project's files, several of a kind in the order of the files.

    customers  one row a customer of its file: customer, then its attributes as text (see events.customers)
    lines      one row a line of an order: customer, order, time, product, category, quantity, unit_price,
               amount
    answers    one row a score: customer, time, touchpoint, question, score, scale; the first three may be
               missing
    comments   one row a response of a survey: customer, time, touchpoint, comment (and its attributes)
    reviews    one row a review: customer, time, text, rating, scale, product, touchpoint (and its attributes)
    records    one row a record of an experiment: customer, experiment, arm, time, outcomes (numbers) and
               attributes (text); see events.arms
    sums       one row an arm and metric of an experiment whose units were summed before, and a day or group
               of them, where those stand apart: see events.summed

    A file of an experiment has records or sums, so it adds to one of the two.
    """

    customers: tuple[pa.Table, ...] = ()
    lines: tuple[pa.Table, ...] = ()
    answers: pd.DataFrame = field(default_factory=lambda: given_answers(()))
    comments: tuple[pa.Table, ...] = ()
    reviews: tuple[pa.Table, ...] = ()
    records: tuple[pa.Table, ...] = ()
    sums: tuple[pa.Table, ...] = ()


NO_TABLES = OtherTables()


def other_tables(parts: Iterable[tuple[str, Mapping[str, pa.Table]]]) -> OtherTables:
    """The tables of files of these kinds, by the names of OTHER_KINDS; files of other kinds have none.

    A file may lack a table of its kind: results of an experiment are records or sums.
    """
    known = [(kind, tables) for kind, tables in parts if kind in OTHER_KINDS]

    def of(wanted: str, name: str) -> tuple[pa.Table, ...]:
        return tuple(tables[name] for kind, tables in known if kind == wanted and name in tables)

    return OtherTables(
        customers=of("customers", "customers"),
        lines=of("orders", "lines"),
        answers=given_answers(zip(of("survey", "responses"), of("survey", "answers"), strict=True)),
        comments=of("survey", "responses"),
        reviews=of("reviews", "reviews"),
        records=of("experiment", "records"),
        sums=of("experiment", "sums"),
    )


def called(tables: Mapping[str, pa.Table], name: str) -> dict[str, pa.Table]:
    """The tables of a file of an experiment; where none is named in it, it is called as the file `name` is.

    So two files are two experiments; the ending of the name is left out.
    """
    word = pa.scalar(PurePath(name).stem or name, pa.large_string())

    def named(table: pa.Table) -> pa.Table:
        place = table.column_names.index("experiment")
        return table.set_column(place, "experiment", pc.fill_null(table.column("experiment"), word))

    return {key: named(table) for key, table in tables.items()}


def registered(tables: OtherTables, zone: str = "Asia/Seoul") -> EventLog | None:
    """A log of those whom only tables know, so that they can be grouped and filtered too; None without any.

    Each customer has one row, of the event REGISTERED, at the beginning of 1970; it stands in no stage, and
    nothing can be told from it about a journey.
    """
    columns = [table.column("customer") for table in tables.customers]
    others = (*tables.comments, *tables.reviews, *tables.records)
    columns += [table.column("customer") for table in others]
    ids = [column.cast(pa.large_string()).drop_null().unique() for column in columns]
    found = encode(pa.chunked_array(ids, pa.large_string())) if ids else None
    if found is None or not len(found.values):
        return None
    n = len(found.values)
    log = EventLog.from_codes(
        np.arange(n, dtype=np.int32),
        found.values,
        np.zeros(n, dtype=np.uint8),
        pa.array([REGISTERED], pa.large_string()),
        np.zeros(n, dtype=np.int64),
        zone=zone,
        date_only=True,
    )
    return with_customers(log, tables.customers) if tables.customers else log


def nobody(zone: str = "Asia/Seoul") -> EventLog:
    """A log without anybody: beside results of experiments whose units have no names."""
    return EventLog(
        customer_ids=pa.array([], pa.large_string()),
        event_names=(),
        offsets=np.zeros(1, dtype=np.int64),
        event=np.zeros(0, dtype=np.uint8),
        time=np.zeros(0, dtype=np.int64),
        zone=zone,
        date_only=True,
    )
