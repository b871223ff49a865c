"""A table of text as a file holds it, between the reader that made it and those who understand it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from journey.findings import Finding

if TYPE_CHECKING:
    # The process that reads a file hands on Arrow: it starts in half the time without pandas.
    import pandas as pd

__all__ = ["Parsed", "RawTable", "as_text", "text_series"]


@dataclass(frozen=True)
class RawTable:
    """What a file holds, before anything is understood: every cell is text, an empty cell is ''.

    `kind` is csv, xlsx, xls, html, parquet or jsonl. `part` is the file of a zip that was read, `parts` are
    all that may be. `header_line` counts from 1, in a workbook from its first filled row; 0 means that the
    table has no names. `sheet` is ALL_SHEETS where several sheets stand one below the other; `sheets` are all
    that may be chosen. `rejected` rows had a wrong number of fields and are not in `frame`; `rejected_rows`
    shows the first 1,000, `rejected_lines` the lines of the file on which these begin (0: not known).
    `total_row` is the position of a first or last row that sums up the others, or None; it stays in `frame`.
    `aside` are columns without a name of their own that hold next to nothing: notes beside the table.
    `numeric` names the columns that were numbers in a file which tells, so that 17850.0 was no text.
    """

    frame: pd.DataFrame
    name: str
    kind: str
    encoding: str = ""
    delimiter: str = ""
    header_line: int = 1
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    notes: tuple[Finding, ...] = ()
    rejected: int = 0
    rejected_rows: tuple[str, ...] = ()
    rejected_lines: tuple[int, ...] = ()
    total_row: int | None = None
    aside: tuple[str, ...] = ()
    part: str | None = None
    parts: tuple[str, ...] = ()
    numeric: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Parsed:
    """What a RawTable is made of: its columns as Arrow large strings, and its other fields by name."""

    table: pa.Table
    facts: Mapping[str, Any] = field(default_factory=dict)

    def framed(self) -> RawTable:
        """The same for pandas, without a copy."""
        return RawTable(frame=_frame(self.table, self.table.column_names), **self.facts)


def _frame(table: pa.Table, names: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    columns = {name: text_series(column) for name, column in zip(names, table.columns, strict=True)}
    return pd.DataFrame(columns, copy=False)


def text_series(texts: pa.ChunkedArray) -> pd.Series:
    """Arrow large strings as a pandas column of text, without a copy."""
    import pandas as pd

    dtype = pd.StringDtype("pyarrow", na_value=float("nan"))
    return texts.to_pandas(types_mapper=lambda _: dtype)


def as_text(column: pd.Series) -> pa.ChunkedArray:
    """A column of text as Arrow large strings, without a copy where it is one; missing stays missing."""
    array = pa.array(column.array, type=pa.large_string(), from_pandas=True)
    return array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])
