"""The records of one experiment, from all files that have some, as one table of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journey.errors import ExperimentMissing
from journey.events.encode import Encoded, encode
from journey.events.other_tables import OtherTables

__all__ = ["UNTIMED", "Records", "named_experiments", "own_name", "records"]

UNTIMED = np.iinfo(np.int64).min
_OWN = ("customer", "experiment", "arm", "time")


@dataclass(frozen=True, eq=False)
class Records:
    """Rows of one experiment, file after file; a column that a file lacks is missing in its rows.

    name        of the experiment; None where its rows bear none
    outcomes    names of columns of numbers, attributes: of texts, both as the files have them
    """

    name: str | None
    parts: tuple[pa.Table, ...]
    outcomes: tuple[str, ...]
    attributes: tuple[str, ...]

    @property
    def n_rows(self) -> int:
        return sum(part.num_rows for part in self.parts)

    def numbers(self, name: str) -> np.ndarray:
        """A column of outcomes, NaN where a number is missing."""
        found = [
            _numbers(part.column(name)) if _has(part, name, number=True) else np.full(part.num_rows, np.nan)
            for part in self.parts
        ]
        return np.concatenate(found) if found else np.zeros(0)

    def texts(self, name: str) -> Encoded:
        """A column of texts as codes."""
        return encode(self.column(name))

    def column(self, name: str) -> pa.ChunkedArray:
        """A column of texts as it stands."""
        found = [
            part.column(name)
            if _has(part, name, number=False)
            else pa.nulls(part.num_rows, pa.large_string())
            for part in self.parts
        ]
        chunks = [
            chunk.cast(pa.large_string())
            for column in found
            for chunk in (column.chunks if isinstance(column, pa.ChunkedArray) else [column])
        ]
        return pa.chunked_array(chunks, pa.large_string())

    def instants(self) -> np.ndarray:
        """The time of each row in microseconds UTC, UNTIMED where there is none."""
        found = [
            pc.fill_null(
                pc.cast(pc.cast(part.column("time"), pa.timestamp("us", "UTC")), pa.int64()), int(UNTIMED)
            ).to_numpy()
            for part in self.parts
        ]
        return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


def named_experiments(files: Sequence[pa.Table]) -> tuple[str | None, ...]:
    """The experiments of records or sums, in the order of the files; None for rows without a name."""
    names = (pc.unique(table.column("experiment")).to_pylist() for table in files)
    return tuple(dict.fromkeys(name for found in names for name in found))


def own_name(files: Sequence[pa.Table], name: str | None) -> str | None:
    """The experiment of that name; None: that of the rows without one, else the only one that there is.

    Raises ExperimentMissing where there is none.
    """
    known = named_experiments(files)
    if name is None and None not in known and len(known) == 1:
        return known[0]
    if name not in known:
        raise ExperimentMissing(name=name or "", have=[one for one in known if one is not None])
    return name


def records(tables: OtherTables, name: str | None) -> Records:
    """The rows of an experiment, as `own_name` finds it. Raises ExperimentMissing."""
    name = own_name(tables.records, name)
    parts = tuple(part for part in (_rows(table, name) for table in tables.records) if part.num_rows)
    columns = [
        (column.name, pa.types.is_floating(column.type))
        for part in parts
        for column in part.schema
        if column.name not in _OWN
    ]
    outcomes = dict.fromkeys(column for column, is_number in columns if is_number)
    attributes = dict.fromkeys(column for column, is_number in columns if not is_number)
    return Records(name, parts, tuple(outcomes), tuple(one for one in attributes if one not in outcomes))


def _rows(table: pa.Table, name: str | None) -> pa.Table:
    column = table.column("experiment")
    mine = pc.is_null(column) if name is None else pc.fill_null(pc.equal(column, name), False)
    return table if pc.all(mine).as_py() else table.filter(mine)


def _has(part: pa.Table, name: str, *, number: bool) -> bool:
    return name in part.column_names and pa.types.is_floating(part.schema.field(name).type) == number


def _numbers(column: pa.ChunkedArray) -> np.ndarray:
    found: np.ndarray = pc.cast(column, pa.float64()).to_numpy()
    return found
