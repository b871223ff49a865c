"""Text with delimiters -> columns of text: pyarrow where it is clean, Python's reader where it is not."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from journey.errors import FileEmpty, QuoteUnclosed, RowsRagged
from journey.sources.detect import LONGEST_CELL
from journey.sources.formulas import freed, freed_column
from journey.sources.headers import Header, column_names, find_header, width_of
from journey.sources.limits import Limits

__all__ = ["Rows", "read_rows"]

_MOST_BAD = 0.05
_KEPT_BAD = 1000
_NO_DELIMITER = "\x1f"
_PART = 1 << 18
_END = "\x1eend\x1e"


@dataclass(frozen=True)
class Rows:
    """Columns of text under repaired names; `bad` rows had another number of fields and were left out.

    `bad_rows` holds the first 1,000 of them as text, to be looked at, `bad_lines` the lines of the file on
    which these begin, from 1 (0: not known).
    """

    table: pa.Table
    header: Header
    bad: int = 0
    bad_rows: tuple[str, ...] = ()
    bad_lines: tuple[int, ...] = ()


def read_rows(
    text: bytes,
    delimiter: str,
    records: Sequence[tuple[int, list[str]]],
    limits: Limits,
    line: int | None = None,
) -> Rows:
    """Read UTF-8 text. `records` is its sample; `line` is where the user says that the header stands.

    Raises QuoteUnclosed with the line where the quote opens, RowsRagged when more than 5 % of the rows have a
    wrong number of fields, FileEmpty without a row, FileTooLarge over the limits.
    """
    quotes = _count(text, b'"')
    if quotes % 2:
        _check_quotes(text, delimiter)
    limits.check("columns", width_of(records))
    header = find_header(records, line=line)
    limits.check("columns", len(header.names))
    header = replace(header, names=tuple(map(freed, header.names)))
    limits.check("rows", max(_count(text, b"\n"), _count(text, b"\r")))
    names, _ = column_names(header.names)
    begin = _offset(text, header, records)
    body = memoryview(text)[begin:]
    try:
        rows = _fast(body, delimiter, names, header, quoted=quotes > text.count(b'"', 0, begin))
    except pa.ArrowInvalid:
        # A record larger than a block, or quotes that the fast reader takes otherwise.
        rows = _careful(text[begin:], delimiter, names, header)
    above = _lines(text[:begin])
    rows = replace(rows, bad_lines=tuple(line and line + above for line in rows.bad_lines))
    total = rows.table.num_rows + rows.bad
    if not rows.table.num_rows and not rows.bad:
        raise FileEmpty()
    if rows.bad > _MOST_BAD * total:
        raise RowsRagged(bad=rows.bad, rows=total, fields=len(names))
    limits.check("rows", rows.table.num_rows)
    return rows if b"'" not in text else replace(rows, table=_freed(rows.table))


def _freed(table: pa.Table) -> pa.Table:
    return pa.table([freed_column(column) for column in table.columns], names=table.column_names)


def _count(text: bytes, mark: bytes) -> int:
    """How often a byte occurs. That it does not is soon known; parts are counted in the processor's cache."""
    if mark not in text:
        return 0
    octets = np.frombuffer(text, np.uint8)
    parts = (octets[at : at + _PART] for at in range(0, len(octets), _PART))
    return sum(int(np.count_nonzero(part == mark[0])) for part in parts)


def _offset(text: bytes, header: Header, records: Sequence[tuple[int, list[str]]]) -> int:
    """Where the first row of data begins: blank lines are no records, so the line numbers are used."""
    if header.skip == 0:
        return 0
    if header.skip < len(records):
        line = records[header.skip][0]
    else:
        begin, cells = records[-1]
        line = begin + 1 + sum(cell.count("\n") or cell.count("\r") for cell in cells)
    place = 0
    for _ in range(line - 1):
        place = _next_line(text, place)
    return place


def _lines(text: bytes) -> int:
    """How many lines end in it: by a line feed, a carriage return, or both together."""
    return text.count(b"\n") + text.count(b"\r") - text.count(b"\r\n")


def _lines_of(rows: Sequence[str], text: bytes) -> tuple[int, ...]:
    """On which line each of these rows begins; they stand in this order, each on lines of its own."""
    end = next((mark for mark in (b"\r\n", b"\n", b"\r") if mark in text), b"\n")
    lines: list[int] = []
    place = counted = 0  # where the line after the last one found begins; up to where lines were counted
    line = 1
    for row in rows:
        wanted = row.encode("utf-8")
        found = place
        if not _stands(wanted, text, place, end):
            found = text.find(end + wanted + end, place) + len(end)
            if found < len(end):
                # The last line of all, or line ends of several kinds: the others would be looked for in vain.
                found = len(text) - len(wanted)
                if found < place or not text.endswith(end + wanted):
                    break
        line += _lines(text[counted:found])
        counted, place = found, found + len(wanted) + len(end)
        lines.append(line)
    return tuple(lines) + (0,) * (len(rows) - len(lines))


def _stands(row: bytes, text: bytes, place: int, end: bytes) -> bool:
    after = place + len(row)
    return text.startswith(row, place) and (after == len(text) or text.startswith(end, after))


def _next_line(text: bytes, place: int) -> int:
    feed, back = text.find(b"\n", place), text.find(b"\r", place)
    if back != -1 and (feed == -1 or back < feed):
        return back + (2 if text[back + 1 : back + 2] == b"\n" else 1)
    return feed + 1 if feed != -1 else len(text)


def _decoded(text: bytes) -> Iterable[str]:
    """The lines of UTF-8 text, one at a time: as a whole they would take four times their room."""
    csv.field_size_limit(LONGEST_CELL)
    if text.count(b"\r") > text.count(b"\r\n"):
        return io.StringIO(text.decode("utf-8"), newline="")
    return (line.decode("utf-8") for line in io.BytesIO(text))


def _check_quotes(text: bytes, delimiter: str) -> None:
    """An odd number of quotes: is one of them left open, or is it only an inch sign inside a field?"""
    reader = csv.reader(itertools.chain(_decoded(text), [_END]), delimiter=delimiter or _NO_DELIMITER)
    begin, opened, last = 1, 1, [_END]
    for record in reader:
        last, opened, begin = record, begin, reader.line_num + 1
    # An open quote swallows everything after it, the end mark too, into the last field of the last record.
    if last != [_END]:
        raise QuoteUnclosed(line=opened + "".join(last[:-1]).count("\n"))


def _fast(body: memoryview, delimiter: str, names: Sequence[str], header: Header, *, quoted: bool) -> Rows:
    bad: list[str] = []
    counted = 0

    def left_out(row: arrow_csv.InvalidRow) -> str:
        nonlocal counted
        counted += 1
        if len(bad) < _KEPT_BAD:
            bad.append(row.text)
        return "skip"

    if not len(body):
        raise FileEmpty()
    table = arrow_csv.read_csv(
        pa.py_buffer(body),
        # One thread takes half of the processor time of two, and hardly more time by the clock.
        read_options=arrow_csv.ReadOptions(column_names=list(names), block_size=8 * 2**20, use_threads=False),
        parse_options=arrow_csv.ParseOptions(
            delimiter=delimiter or _NO_DELIMITER,
            quote_char='"' if quoted else False,
            newlines_in_values=quoted,
            invalid_row_handler=left_out,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.large_string()),
            strings_can_be_null=False,
            quoted_strings_can_be_null=False,
            check_utf8=False,
        ),
    )
    lines = _lines_of(bad, bytes(body)) if bad else ()
    return Rows(table, header, counted, tuple(bad), lines)


def _careful(body: bytes, delimiter: str, names: Sequence[str], header: Header) -> Rows:
    reader = csv.reader(_decoded(body), delimiter=delimiter or _NO_DELIMITER)
    columns: list[list[str]] = [[] for _ in names]
    bad: list[str] = []
    lines: list[int] = []
    counted, begin = 0, 1
    for cells in reader:
        if len(cells) == len(names):
            for column, cell in zip(columns, cells, strict=True):
                column.append(cell)
        elif cells:
            counted += 1
            if len(bad) < _KEPT_BAD:
                bad.append((delimiter or _NO_DELIMITER).join(cells))
                lines.append(begin)
        begin = reader.line_num + 1
    arrays = [pa.array(column, pa.large_string()) for column in columns]
    return Rows(pa.table(arrays, names=list(names)), header, counted, tuple(bad), tuple(lines))
