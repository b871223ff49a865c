"""One uploaded file -> one table of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from journey.errors import (
    ArchiveWrong,
    FileEmpty,
    FileKindUnknown,
    FileTooLarge,
    SettingWrong,
    Unreadable,
    UploadGone,
)
from journey.findings import Finding
from journey.sources import (
    archives,
    columnar,
    delimited,
    detect,
    headers,
    html_tables,
    json_lines,
    sheets,
    workbook,
)
from journey.sources.how import ALL_SHEETS
from journey.sources.limits import LIMITS, Limits
from journey.sources.progress import tell
from journey.sources.raw_table import Parsed, RawTable

__all__ = ["RawTable", "parse_table", "read_table"]

_FEW_ROWS = 20_000
_ASIDE = 0.05
_NOTHING = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"


def read_table(
    data: bytes | Path,
    name: str,
    *,
    part: str | None = None,
    sheet: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    header: int | None = None,
    limits: Limits = LIMITS,
) -> RawTable:
    """Read a table in a text, a workbook, Parquet or JSON lines, packed as gz or zip or not.

    What it is decides its content, not its `name`. The keywords overrule what would be found: `part` is one
    file of a zip, `header` the line of the column names, 0 for none. Ids keep their leading zeros, and 'NA'
    or '-' stay text. Raises an Unreadable error that says why, else returns a table with at least one row.

    This runs in the process that calls it, except for workbooks; a file from outside belongs into
    `reading.read_file`.
    """
    return parse_table(
        data,
        name,
        part=part,
        sheet=sheet,
        encoding=encoding,
        delimiter=delimiter,
        header=header,
        limits=limits,
    ).framed()


def parse_table(
    data: bytes | Path,
    name: str,
    *,
    part: str | None = None,
    limits: Limits = LIMITS,
    **how: Any,
) -> Parsed:
    """The same as `read_table` before pandas has it."""
    data = _loaded(data, limits)
    tell("reading")
    if detect.kind_of(data[:4096]) == "GZIP":
        data = archives.gunzip(data, limits)
        name = _without_gz(name)
        if detect.kind_of(data[:4096]) == "GZIP" or _is_zip(data):
            raise ArchiveWrong(reason="nested")
    if _is_zip(data):
        return _member(archives.open_zip(data, limits), name, part, limits, how)
    if part is not None:
        raise SettingWrong(setting="part", value=part, allowed="")
    return _content(data, name, limits, **how)


def _loaded(data: bytes | Path, limits: Limits) -> bytes:
    if isinstance(data, bytes):
        limits.check("bytes", len(data))
        return data
    try:
        limits.check("bytes", data.stat().st_size)
        return data.read_bytes()
    except FileNotFoundError:
        raise UploadGone() from None


def _is_zip(data: bytes) -> bool:
    """Is this a zip of files, and not a workbook, which is a zip too?"""
    return detect.kind_of(data[:4096]) == "ZIP" and not archives.is_document(data)


def _without_gz(name: str) -> str:
    return name[:-3] if name.lower().endswith(".gz") else name


def _member(
    archive: archives.Archive, name: str, part: str | None, limits: Limits, how: Mapping[str, Any]
) -> Parsed:
    """The part asked for, else the first that can be read; if none can, the problem of the first."""
    first: Unreadable | None = None
    for tried in archive.parts if part is None else (part,):
        try:
            parsed = _unpacked(archive.read(tried, limits), tried, limits, how)
        except FileTooLarge:
            raise
        except Unreadable as problem:
            if part is not None:
                raise
            first = first or problem
            continue
        notes = parsed.facts["notes"]
        if len(archive.parts) > 1 and part is None:
            notes = (Finding("sources.part_chosen", {"part": tried, "n": len(archive.parts)}), *notes)
        told = {"name": name, "part": tried, "parts": archive.parts, "notes": notes}
        return Parsed(parsed.table, {**parsed.facts, **told})
    raise first or ArchiveWrong(reason="empty")


def _unpacked(data: bytes, part: str, limits: Limits, how: Mapping[str, Any]) -> Parsed:
    """One file of a zip; a gz may lie in it, another zip may not."""
    if detect.kind_of(data[:4096]) == "GZIP":
        data, part = archives.gunzip(data, limits), _without_gz(part)
    if detect.kind_of(data[:4096]) == "GZIP" or _is_zip(data):
        raise ArchiveWrong(reason="nested", name=part)
    return _content(data, part, limits, **how)


def _content(
    data: bytes,
    name: str,
    limits: Limits,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    header: int | None = None,
) -> Parsed:
    """A table that is packed no more."""
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
    if kind == "Parquet":
        return _typed(columnar.read_parquet(data, limits), name, "parquet")
    if kind != "text":
        raise FileKindUnknown(found=kind)
    # Whoever names a delimiter or a header line says that it is no JSON.
    if delimiter is None and header is None and json_lines.is_json(data):
        return _typed(json_lines.read_json(data, limits, encoding), name, "jsonl")
    return _text(data, name, encoding, delimiter, header, limits)


def _typed(columns: columnar.Columns, name: str, kind: str) -> Parsed:
    """A table whose file has names and kinds of its own: no header is looked for, and no totals row."""
    names, renamed = headers.column_names(columns.table.column_names)
    table = _without_blank_rows(columns.table.rename_columns(names))
    if not table.num_rows:
        raise FileEmpty()
    numeric = [
        new for new, old in zip(names, columns.table.column_names, strict=True) if old in columns.numeric
    ]
    return Parsed(
        table,
        {
            "name": name,
            "kind": kind,
            "encoding": columns.encoding,
            "notes": (*columns.notes, *renamed),
            "rejected": columns.rejected,
            "rejected_rows": columns.rejected_rows,
            "numeric": frozenset(numeric),
        },
    )


def _text(
    data: bytes, name: str, encoding: str | None, delimiter: str | None, header: int | None, limits: Limits
) -> Parsed:
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
) -> Parsed:
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


def _page(data: bytes, name: str, encoding: str | None, header: int | None, limits: Limits) -> Parsed:
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
) -> Parsed:
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
    return Parsed(
        table.rename_columns(names),
        {
            "name": name,
            "kind": kind,
            "encoding": encoding,
            "delimiter": delimiter,
            "header_line": header.line,
            "sheet": sheet,
            "sheets": sheets,
            "notes": tuple(notes),
            "rejected": rejected,
            "rejected_rows": rejected_rows,
            "rejected_lines": rejected_lines,
            "total_row": total,
            "aside": aside,
        },
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
