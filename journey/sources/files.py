"""One uploaded file -> one table of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from journey.errors import FileEmpty, FileKindUnknown, SettingWrong
from journey.findings import Finding
from journey.sources import delimited, detect, headers, workbook
from journey.sources.limits import LIMITS, Limits

__all__ = ["RawTable", "as_text", "read_table", "text_series"]

_SAMPLE = 200
_NOTHING = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"


@dataclass(frozen=True)
class RawTable:
    """What a file holds, before anything is understood: every cell is text, an empty cell is ''.

    `header_line` counts from 1, in a workbook from its first filled row; 0 means that the table has no
    names. `rejected` rows had a wrong number of fields and are not in `frame`; `rejected_rows` shows the
    first 1,000. `total_row` is the position of a last row that sums up the others, or None; it stays in
    `frame`.
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
    total_row: int | None = None


def read_table(
    data: bytes,
    name: str,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    header: int | None = None,
    limits: Limits = LIMITS,
) -> RawTable:
    """Read a CSV, TSV or XLSX file; what it is decides its content, not its `name`.

    The keywords overrule what would be found: `header` is the line of the column names, 0 for none. Ids
    keep their leading zeros, and 'NA' or '-' stay text. Raises an Unreadable error that says why, else
    returns a table with at least one row.
    """
    limits.check("bytes", len(data))
    if not data[:4096].strip(_NOTHING) and not data.strip(_NOTHING):
        raise FileEmpty()
    kind = detect.kind_of(data)
    if kind == "OLE":
        workbook.refuse_ole(data)
    if kind == "ZIP":
        return _workbook(data, name, sheet, header, limits)
    if kind != "text":
        raise FileKindUnknown(found=kind)
    return _text(data, name, encoding, delimiter, header, limits)


def _text(
    data: bytes, name: str, encoding: str | None, delimiter: str | None, header: int | None, limits: Limits
) -> RawTable:
    if delimiter is not None and (len(delimiter) > 1 or delimiter in ('"', "\r", "\n")):
        raise SettingWrong(setting="delimiter", value=delimiter, allowed=", ; | tab")
    text = detect.decode(data, encoding)
    mark = detect.delimiter_of(text.data) if delimiter is None else delimiter
    records = detect.sample_records(text.data, mark)
    if not records:
        raise FileEmpty()
    rows = delimited.read_rows(text.data, mark, records, limits, header)
    notes: list[Finding] = []
    if text.encoding != "utf-8":
        notes.append(Finding("sources.encoding_read", {"encoding": text.encoding.upper()}))
    if text.replaced:
        notes.append(Finding("sources.characters_replaced", {"n": text.replaced, "row": text.row}))
    if text.normalised:
        notes.append(Finding("sources.text_normalised"))
    if rows.bad:
        notes.append(Finding("sources.rows_rejected", {"n": rows.bad}))
    if name.lower().endswith((".xlsx", ".xls", ".xlsm")):
        notes.append(Finding("sources.text_named_workbook"))
    return _finished(
        rows.table,
        rows.header,
        notes,
        name=name,
        kind="csv",
        encoding=text.encoding,
        delimiter=mark,
        rejected=rows.bad,
        rejected_rows=rows.bad_rows,
    )


def _workbook(data: bytes, name: str, sheet: str | None, header: int | None, limits: Limits) -> RawTable:
    found = workbook.read_sheet(data, sheet, limits)
    grid = found.grid
    if not grid.num_rows:
        raise FileEmpty()
    limits.check("columns", grid.num_columns)
    limits.check("rows", grid.num_rows)
    head = zip(*(column.to_pylist() for column in grid.slice(0, _SAMPLE).columns), strict=True)
    records = [(line, list(cells)) for line, cells in enumerate(head, start=1)]
    place = headers.find_header(records, line=header)
    body = grid.slice(place.skip)
    if not body.num_rows:
        raise FileEmpty()
    notes: list[Finding] = []
    if len(found.sheets) > 1:
        notes.append(Finding("sources.sheet_chosen", {"sheet": found.name, "n": len(found.sheets)}))
    return _finished(body, place, notes, name=name, kind="xlsx", sheet=found.name, sheets=found.sheets)


def _finished(
    table: pa.Table,
    header: headers.Header,
    notes: list[Finding],
    *,
    name: str,
    kind: str,
    encoding: str = "",
    delimiter: str = "",
    sheet: str | None = None,
    sheets: tuple[str, ...] = (),
    rejected: int = 0,
    rejected_rows: tuple[str, ...] = (),
) -> RawTable:
    names, renamed = headers.column_names(header.names)
    table = _without_blank_rows(table)
    if not table.num_rows:
        raise FileEmpty()
    if header.line > 1:
        notes.append(Finding("sources.header_found", {"line": header.line}))
    if header.line == 0:
        notes.append(Finding("sources.header_missing"))
    else:
        notes.extend(renamed)
    last = [column[-1].as_py() for column in table.columns]
    total = table.num_rows - 1 if table.num_rows > 1 and headers.is_total(last) else None
    if total is not None:
        notes.append(Finding("sources.total_row", {"row": total + 1}))
    return RawTable(
        frame=_frame(table, names),
        name=name,
        kind=kind,
        encoding=encoding,
        delimiter=delimiter,
        header_line=header.line,
        sheet=sheet,
        sheets=sheets,
        notes=tuple(notes),
        rejected=rejected,
        rejected_rows=rejected_rows,
        total_row=total,
    )


def _without_blank_rows(table: pa.Table) -> pa.Table:
    # Blank rows stand at the end, if anywhere: a clean table is not looked through.
    if not table.num_rows or any(column[-1].as_py().strip() for column in table.columns):
        return table
    blank = pc.equal(pc.utf8_trim_whitespace(table.column(0)), "")
    for column in table.columns[1:]:
        blank = pc.and_(blank, pc.equal(pc.utf8_trim_whitespace(column), ""))
    return table.filter(pc.invert(blank))


def _frame(table: pa.Table, names: Sequence[str]) -> pd.DataFrame:
    columns = {name: text_series(column) for name, column in zip(names, table.columns, strict=True)}
    return pd.DataFrame(columns, copy=False)


def text_series(texts: pa.ChunkedArray) -> pd.Series:
    """Arrow large strings as a pandas column of text, without a copy."""
    dtype = pd.StringDtype("pyarrow", na_value=float("nan"))
    return texts.to_pandas(types_mapper=lambda _: dtype)


def as_text(column: pd.Series) -> pa.ChunkedArray:
    """A column of text as Arrow large strings, without a copy where it is one; missing stays missing."""
    array = pa.array(column.array, type=pa.large_string(), from_pandas=True)
    return array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])
