"""Which sheets of a workbook are the table, and how do sheets of the same columns become one?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from journey.errors import FileEmpty, SettingWrong
from journey.findings import Finding
from journey.sources import headers
from journey.sources.how import ALL_SHEETS
from journey.sources.limits import Limits
from journey.sources.workbook import Book, Sheet

__all__ = ["SHEET_COLUMN", "Chosen", "choose"]

SHEET_COLUMN = "sheet"

_SAMPLE = 200


@dataclass(frozen=True)
class Chosen:
    """The rows below the names; `sheet` is a sheet's name, or ALL_SHEETS where several were stacked.

    A stack has a first column more, `sheet`, that holds the name of each row's sheet.
    """

    table: pa.Table
    header: headers.Header
    sheet: str
    notes: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class _Table:
    sheet: Sheet
    body: pa.Table
    header: headers.Header
    names: tuple[str, ...]


def choose(book: Book, wanted: str | None, line: int | None, limits: Limits) -> Chosen:
    """The table of a workbook. `wanted` names a sheet or is ALL_SHEETS; `line` is where the names stand.

    Without a wish, visible sheets whose column names are the same are stacked, if the first sheet with rows
    is one of them or if they hold more rows than it; else that first one is taken. Raises FileEmpty where
    there is no row, SettingWrong where ALL_SHEETS is wanted and the columns differ, naming the sheets.
    """
    tables = [_table(sheet, line, limits) for sheet in book.sheets if sheet.grid.num_rows]
    filled = [table for table in tables if table.body.num_rows]
    if not filled:
        raise FileEmpty()
    if wanted == ALL_SHEETS:
        if any(set(table.names) != set(filled[0].names) for table in filled):
            raise SettingWrong(setting="sheet", value=ALL_SHEETS, allowed=", ".join(book.names))
        return _stacked(filled, limits)
    if wanted is None:
        alike = _most_alike(filled)
        if len(alike) > 1:
            return _stacked(alike, limits)
    # A sheet of one row may be a cover; it is taken where there is nothing else.
    first = next((table for table in filled if table.sheet.grid.num_rows > 1), filled[0])
    notes = []
    if len(book.names) > 1:
        notes.append(Finding("sources.sheet_chosen", {"sheet": first.sheet.name, "n": len(book.names)}))
    if not first.sheet.visible:
        notes.append(Finding("sources.sheet_hidden", {"sheet": first.sheet.name}))
    return Chosen(first.body, first.header, first.sheet.name, tuple(notes))


def _table(sheet: Sheet, line: int | None, limits: Limits) -> _Table:
    limits.check("columns", sheet.grid.num_columns)
    limits.check("rows", sheet.grid.num_rows)
    head = zip(*(column.to_pylist() for column in sheet.grid.slice(0, _SAMPLE).columns), strict=True)
    records = [(place, list(cells)) for place, cells in enumerate(head, start=1)]
    header = headers.find_header(records, line=line)
    return _Table(sheet, sheet.grid.slice(header.skip), header, headers.column_names(header.names)[0])


def _most_alike(tables: Sequence[_Table]) -> list[_Table]:
    """The visible tables that share their names with each other; the first table's own group goes first."""
    groups: dict[frozenset[str], list[_Table]] = {}
    for table in tables:
        # Names that this program made up say nothing about what two sheets have in common.
        if table.sheet.visible and table.header.line:
            groups.setdefault(frozenset(table.names), []).append(table)
    several = [group for group in groups.values() if len(group) > 1]
    first = tables[0]
    own = next((group for group in several if first in group), None)
    if own is not None or not several:
        return own or []
    largest = max(several, key=_rows)
    return largest if _rows(largest) > first.body.num_rows else []


def _rows(tables: Sequence[_Table]) -> int:
    return sum(table.body.num_rows for table in tables)


def _stacked(tables: Sequence[_Table], limits: Limits) -> Chosen:
    """One below the other, in the order of the sheets; the sums at the end of each are left out."""
    first = tables[0]
    bodies, names, sums = [], [], 0
    for table in tables:
        body = table.body.rename_columns(table.names).select(first.names)
        last = [column[-1].as_py() for column in body.columns]
        if body.num_rows > 1 and headers.is_total(last):
            body, sums = body.slice(0, body.num_rows - 1), sums + 1
        bodies.append(body)
        names.append(pa.repeat(pa.scalar(table.sheet.name, pa.large_string()), body.num_rows))
    whole = pa.concat_tables(bodies)
    limits.check("rows", whole.num_rows)
    whole = whole.add_column(0, "0", pa.chunked_array(names, pa.large_string()))
    notes = [
        Finding(
            "sources.sheets_stacked",
            {"n": len(tables), "names": [table.sheet.name for table in tables[:5]], "column": SHEET_COLUMN},
        )
    ]
    if sums:
        notes.append(Finding("sources.totals_left_out", {"n": sums}))
    header = headers.Header(
        first.header.line, first.header.rows, first.header.skip, (SHEET_COLUMN, *first.header.names)
    )
    return Chosen(whole, header, ALL_SHEETS, tuple(notes))
