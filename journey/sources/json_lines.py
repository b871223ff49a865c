"""JSON lines, or a list of JSON objects -> columns of text."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from journey.errors import FileEmpty, JsonWrong
from journey.findings import Finding
from journey.sources import detect
from journey.sources.columnar import Columns, clean_texts, dropped_note
from journey.sources.limits import Limits
from journey.sources.progress import tell

__all__ = ["is_json", "read_json"]

_START = re.compile(r'\s*(\{\s*["}]|\[\s*\{)')
_GAP = re.compile(r"[\s,]*")
_HEAD = 4096
_MOST_BAD = 0.05
_KEPT_BAD = 1000
_LONGEST_BAD = 1000
_DEEPEST = 4
_CHUNK = 20_000
_TOLD_EVERY = 5_000
_JOIN = ", "


class _Number(str):
    """The digits of a number as they stand in the file: a float would lose the end of a long id."""

    __slots__ = ()


_DECODER = json.JSONDecoder(parse_int=_Number, parse_float=_Number, parse_constant=lambda _: None)


def is_json(data: bytes) -> bool:
    """Does the text begin with a JSON object, or with a list of them?"""
    head = data[:_HEAD]
    if b"\0" in head:
        head = head.replace(b"\0", b"")
    return _START.match(head.lstrip(b"\xef\xbb\xbf\xff\xfe").decode("utf-8", "ignore")) is not None


def read_json(data: bytes, limits: Limits, encoding: str | None = None) -> Columns:
    """Read one object a line, or objects one after the other, in a list or not.

    Objects in objects become columns `a.b`, a list of keys and values (GA4's event_params) columns `a.key`,
    a list of plain values one text; other lists are left out with a note. Numbers keep their digits. A line
    that is no object is counted as rejected; raises JsonWrong when those are more than 5 %, FileTooLarge
    over the limits of rows and columns.
    """
    text = detect.decode(data, encoding)
    columns = _Collected(limits)
    lines = _Lines(text.data.decode("utf-8", "replace"))
    for row in lines.rows():
        columns.add(row)
    total = columns.rows + lines.bad
    if lines.bad > _MOST_BAD * total or (lines.bad and not columns.rows):
        raise JsonWrong(bad=lines.bad, rows=total, line=lines.first_bad)
    if not columns.rows:
        raise FileEmpty()
    notes = []
    if text.encoding != "utf-8":
        notes.append(Finding("sources.encoding_read", {"encoding": text.encoding.upper()}))
    if text.replaced:
        notes.append(Finding("sources.characters_replaced", {"n": text.replaced, "row": text.row}))
    if lines.bad:
        notes.append(Finding("sources.lines_rejected", {"n": lines.bad}))
    if columns.dropped:
        notes.append(dropped_note(tuple(columns.dropped)))
    table, numeric = columns.finished()
    return Columns(table, numeric, tuple(notes), text.encoding, lines.bad, tuple(lines.bad_lines))


class _Lines:
    """The objects of a text, and the lines that are none: `bad` of them, the first is line `first_bad`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.bad = 0
        self.first_bad = 0
        self.bad_lines: list[str] = []

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """Every object. The first line tells whether each line is one, or a part of a longer text."""
        begin = _GAP.match(self._text, 0)
        place = begin.end() if begin else 0
        first = self._text[place : self._end_of_line(place)]
        if self._text[place : place + 1] == "{" and self._object(first) is not None:
            yield from self._by_line()
        else:
            yield from self._one_by_one(place)

    def _end_of_line(self, place: int) -> int:
        end = self._text.find("\n", place)
        return len(self._text) if end < 0 else end

    def _by_line(self) -> Iterator[Mapping[str, Any]]:
        place, number, size = 0, 0, len(self._text)
        while place < size:
            end = self._end_of_line(place)
            line = self._text[place:end].strip()
            place, number = end + 1, number + 1
            if number % _TOLD_EVERY == 0:
                tell("reading", place, size)
            if line:
                row = self._object(line)
                if row is None:
                    self._reject(line, number)
                else:
                    yield row

    def _one_by_one(self, place: int) -> Iterator[Mapping[str, Any]]:
        text, size, number = self._text, len(self._text), 0
        if text[place : place + 1] == "[":
            place += 1
        while True:
            gap = _GAP.match(text, place)
            place = gap.end() if gap else place
            if place >= size or text[place] == "]":
                return
            number += 1
            if number % _TOLD_EVERY == 0:
                tell("reading", place, size)
            try:
                row, after = _DECODER.raw_decode(text, place)
            except (ValueError, RecursionError):
                # Nothing says where the next object would begin, so nothing after this can be read.
                self._reject(text[place : place + _LONGEST_BAD], text.count("\n", 0, place) + 1)
                raise JsonWrong(bad=1, rows=number, line=self.first_bad) from None
            if isinstance(row, dict):
                yield row
            else:
                self._reject(text[place:after], text.count("\n", 0, place) + 1)
            place = after

    def _object(self, line: str) -> Mapping[str, Any] | None:
        try:
            row = _DECODER.decode(line.rstrip(","))
        except (ValueError, RecursionError):
            return None
        return row if isinstance(row, dict) else None

    def _reject(self, line: str, number: int) -> None:
        self.bad += 1
        self.first_bad = self.first_bad or number
        if len(self.bad_lines) < _KEPT_BAD:
            self.bad_lines.append(line[:_LONGEST_BAD].encode("utf-8", "replace").decode())


class _Collected:
    """Rows as they come, kept as columns; a key that comes late was missing before."""

    def __init__(self, limits: Limits) -> None:
        self.rows = 0
        self.dropped: dict[str, None] = {}
        self._limits = limits
        self._begun = 0
        self._open: dict[str, list[str]] = {}
        self._done: dict[str, list[pa.Array]] = {}
        self._is_number: dict[str, bool] = {}

    def add(self, row: Mapping[str, Any]) -> None:
        """Put the values of one object under their columns."""
        self.rows += 1
        self._limits.check("rows", self.rows)
        self._put("", row, 0)
        if self.rows - self._begun == _CHUNK:
            self._close()

    def _put(self, name: str, value: Any, depth: int) -> None:
        if isinstance(value, dict):
            if depth > _DEEPEST:
                self.dropped[name] = None
                return
            for key, inner in value.items():
                self._put(f"{name}.{key}" if name else key, inner, depth + 1)
        elif isinstance(value, list):
            self._put_list(name, value, depth)
        elif value is not None:
            self._put_text(name, value)

    def _put_list(self, name: str, values: list[Any], depth: int) -> None:
        if all(not isinstance(value, dict | list) for value in values):
            if values:
                self._put_text(name, _JOIN.join("" if value is None else _told(value) for value in values))
        elif all(isinstance(value, dict) and value.keys() == {"key", "value"} for value in values):
            for pair in values:
                self._put_pair(f"{name}.{pair['key']}", pair["value"], depth)
        else:
            self.dropped[name] = None

    def _put_pair(self, name: str, value: Any, depth: int) -> None:
        if isinstance(value, dict) and all(key.endswith("_value") for key in value):
            value = next((inner for inner in value.values() if inner is not None), None)
        self._put(name, value, depth + 1)

    def _put_text(self, name: str, value: Any) -> None:
        column = self._open.get(name)
        if column is None:
            column = self._open[name] = []
            if name not in self._is_number:
                self._limits.check("columns", len(self._is_number) + 1)
                self._is_number[name] = True
        if not isinstance(value, _Number):
            self._is_number[name] = False
        missing = self.rows - self._begun - 1 - len(column)
        if missing < 0:  # a key that stands twice in one row, as a.b and as a -> b
            column.pop()
        elif missing:
            column.extend([""] * missing)
        column.append(_told(value))

    def _close(self) -> None:
        """Turn what is open into Arrow, which takes a small part of its memory."""
        count = self.rows - self._begun
        for name, column in self._open.items():
            column.extend([""] * (count - len(column)))
            before = self._done.setdefault(name, [_blank(self._begun)] if self._begun else [])
            before.append(_array(column))
        for name in self._done.keys() - self._open.keys():
            self._done[name].append(_blank(count))
        self._open = {}
        self._begun = self.rows

    def finished(self) -> tuple[pa.Table, frozenset[str]]:
        """All columns in the order in which their keys came, and the names of those of numbers only."""
        if self.rows > self._begun:
            self._close()
        if not self._done:
            raise FileEmpty()
        columns = {name: clean_texts(pa.chunked_array(self._done.pop(name))) for name in list(self._done)}
        names = [unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode()) for name in columns]
        numeric = frozenset(
            shown for shown, name in zip(names, columns, strict=True) if self._is_number[name]
        )
        return pa.table(list(columns.values()), names=names), numeric


def _told(value: Any) -> str:
    if value is True:
        return "true"
    return "false" if value is False else value


def _blank(count: int) -> pa.Array:
    return pa.repeat(pa.scalar("", pa.large_string()), count)


def _array(column: list[str]) -> pa.Array:
    try:
        return pa.array(column, pa.large_string())
    except UnicodeEncodeError:
        # Half of a surrogate pair, written as \ud800, is no character.
        return pa.array([cell.encode("utf-8", "replace").decode() for cell in column], pa.large_string())
