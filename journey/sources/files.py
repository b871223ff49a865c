"""One uploaded file -> one table of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from journey.errors import FileEmpty, FileKindUnknown, SettingWrong
from journey.findings import Finding
from journey.sources import delimited, detect, headers, html_tables, sheets, workbook
from journey.sources.how import ALL_SHEETS
from journey.sources.limits import LIMITS, Limits

__all__ = ["RawTable", "as_text", "read_table", "text_series"]

_FEW_ROWS = 20_000
_ASIDE = 0.05
_NOTHING = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"


@dataclass(frozen=True)
class RawTable:
    """What a file holds, before anything is understood: every cell is text, an empty cell is ''.

    `header_line` counts from 1, in a workbook from its first filled row; 0 means that the table has no
    names. `sheet` is ALL_SHEETS where several sheets stand one below the other; `sheets` are all that may be
    chosen. `rejected` rows had a wrong number of fields and are not in `frame`; `rejected_rows` shows the
    first 1,000, `rejected_lines` the lines of the file on which these begin (0: not known). `total_row` is
    the position of a first or last row that sums up the others, or None; it stays in `frame`. `aside` are
    columns without a name of their own that hold next to nothing: notes beside the table.
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
        workbook.check_ole(data)
        return _workbook(data, name, "xls", sheet, header, limits)
    if kind == "ZIP":
        return _workbook(data, name, workbook.check_zip(data, limits), sheet, header, limits)
    if kind == "HTML":
        return _page(data, name, encoding, header, limits)
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
    notes = _how_decoded(text)
    if rows.bad:
        notes.append(Finding("sources.rows_rejected", {"n": rows.bad}))
    if name.lower().endswith((".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")):
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
        rejected_lines=rows.bad_lines,
    )


def _how_decoded(text: detect.Decoded) -> list[Finding]:
    notes: list[Finding] = []
    if text.encoding != "utf-8":
        notes.append(Finding("sources.encoding_read", {"encoding": text.encoding.upper()}))
    if text.replaced:
        notes.append(Finding("sources.characters_replaced", {"n": text.replaced, "row": text.row}))
    if text.normalised:
        notes.append(Finding("sources.text_normalised"))
    return notes


def _workbook(
    data: bytes, name: str, suffix: str, sheet: str | None, header: int | None, limits: Limits
) -> RawTable:
    book = workbook.read_book(data, suffix, None if sheet == ALL_SHEETS else sheet, limits)
    found = sheets.choose(book, sheet, header, limits)
    return _finished(
        found.table,
        found.header,
        list(found.notes),
        name=name,
        kind=book.kind,
        sheet=found.sheet,
        sheets=book.names,
    )


def _page(data: bytes, name: str, encoding: str | None, header: int | None, limits: Limits) -> RawTable:
    book, text = html_tables.read_page(data, encoding, limits)
    found = sheets.choose(book, None, header, limits)
    notes = _how_decoded(text)
    if name.lower().endswith((".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")):
        notes.append(Finding("sources.page_named_workbook"))
    return _finished(found.table, found.header, notes, name=name, kind=book.kind, encoding=text.encoding)


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
    rejected_lines: tuple[int, ...] = (),
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
    aside = tuple(name for name, column in _unnamed(table, header, names) if _is_sparse(column))
    if aside:
        notes.append(Finding("sources.columns_aside", {"n": len(aside), "names": list(aside[:5])}))
    total = _total_row(table)
    if total is not None:
        code = "sources.total_row" if total else "sources.total_row_first"
        notes.append(Finding(code, {"row": total + 1}))
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
        rejected_lines=rejected_lines,
        total_row=total,
        aside=aside,
    )


def _unnamed(
    table: pa.Table, header: headers.Header, names: Sequence[str]
) -> Iterator[tuple[str, pa.ChunkedArray]]:
    if header.line:
        for name, said, column in zip(names, header.names, table.columns, strict=True):
            if not said.strip():
                yield name, column


def _is_sparse(column: pa.ChunkedArray) -> bool:
    filled = pc.sum(pc.not_equal(pc.utf8_trim_whitespace(column), "")).as_py()
    return bool(filled <= _ASIDE * len(column))


def _total_row(table: pa.Table) -> int | None:
    """Where the row stands that sums up the others: the last one or, as statistics offices do, the first.

    A word in its first cell is enough at the end. Elsewhere the numbers must agree, which is asked of up to
    20,000 rows only: tables with such a row are short.
    """
    end = table.num_rows - 1
    if not end:
        return None
    if headers.is_total([column[-1].as_py() for column in table.columns]):
        return end
    for place in (end, 0) if end < _FEW_ROWS else ():
        cells = [column[place].as_py() for column in table.columns]
        if headers.says_total(cells):
            others = table.slice(0, end) if place else table.slice(1)
            if headers.sums_up(cells, [column.to_pylist() for column in others.columns]):
                return place
    return None


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
