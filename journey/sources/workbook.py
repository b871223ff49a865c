"""An untrusted workbook or page -> grids of text, read by a child process with limits."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journey.errors import (
    FileKindUnknown,
    FileTooLarge,
    SettingWrong,
    WorkbookProtected,
    WorkbookWrong,
)
from journey.sources import detect, workbook_child
from journey.sources.limits import Limits

__all__ = ["Book", "Sheet", "check_ole", "check_zip", "read_book"]

_CHILD = Path(workbook_child.__file__)
_LOOKED_AT_PACKING = 64 * 2**20
_BOOKS = (("xl/workbook.xml", "xlsx"), ("xl/workbook.bin", "xlsb"), ("content.xml", "ods"))
_OFFICE = (("word/", "DOCX"), ("ppt/", "PPTX"), ("Index/", "NUMBERS"))
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_UNSEEN = r"[\x{200b}\x{2060}\x{feff}\x00]"
_PARTS = r"[\p{M}\x{1100}-\x{11ff}\x{200b}\x{2060}\x{feff}\x00]"
# Elsewhere a process cannot be given less memory than the machine has.
_BOUNDED = sys.platform == "linux"
_ANSWERS = (0, workbook_child.NO_SHEET, workbook_child.TOO_MANY_CELLS, workbook_child.PROTECTED)


@dataclass(frozen=True)
class Sheet:
    """The cells of one sheet as text, missing ones '', without a header yet."""

    name: str
    grid: pa.Table
    visible: bool = True


@dataclass(frozen=True)
class Book:
    """The sheets that were read and the names of all; `kind` is xlsx (.xlsm .xlsb .ods too), xls or html."""

    kind: str
    sheets: tuple[Sheet, ...]
    names: tuple[str, ...]


def check_ole(data: bytes) -> None:
    """Only an old workbook goes on: not one behind a password, nor another file of that family."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise WorkbookProtected()
    # The stream of an old workbook is called Workbook, of a very old one Book; the directory names it.
    if not any((name + "\0").encode("utf-16-le") in data for name in ("Workbook", "Book")):
        raise FileKindUnknown(found="OLE")


def check_zip(data: bytes, limits: Limits) -> str:
    """Look at the zip's directory only: can it be unpacked, and is it xlsx, xlsb or ods?"""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, EOFError, UnicodeDecodeError):
        raise WorkbookWrong(reason="zip") from None
    limits.check("parts", len(parts))
    names = {part.filename for part in parts}
    kind = next((kind for part, kind in _BOOKS if part in names), "")
    # The first part of an OpenDocument file is its kind in plain text.
    if not kind or (kind == "ods" and _ODS not in data[:128]):
        found = next((kind for start, kind in _OFFICE if any(n.startswith(start) for n in names)), "ZIP")
        raise FileKindUnknown(found="OpenDocument" if kind else found)
    unpacked = sum(part.file_size for part in parts)
    limits.check("unpacked", unpacked)
    packed = max(1, sum(part.compress_size for part in parts))
    if unpacked > _LOOKED_AT_PACKING and unpacked / packed > limits.packing:
        raise FileTooLarge(what="unpacked", size=unpacked, most=limits.packing * packed)
    return kind


def read_book(data: bytes, suffix: str, sheet: str | None, limits: Limits) -> Book:
    """Read a sheet, or with None every visible one; `suffix` is xlsx, xlsb, ods, xls or html (in UTF-8).

    The fast reader goes first; if it dies or refuses an .xlsx, the careful one has a try, which goes first
    where the system bounds no process. Raises WorkbookWrong when none can, WorkbookProtected, FileTooLarge
    over the limits, SettingWrong for a sheet that is not there.
    """
    with tempfile.TemporaryDirectory(prefix="journey-") as name:
        folder = Path(name)
        (folder / f"in.{suffix}").write_bytes(data)
        order = {
            "sheet": sheet,
            "memory": limits.child_memory,
            "seconds": limits.child_seconds,
            "cells": limits.cells,
        }
        (folder / "order.json").write_text(json.dumps(order), encoding="utf-8")
        code = -1
        for engine in _engines(suffix):
            shutil.rmtree(folder / "out", ignore_errors=True)
            code = _run(engine, folder, limits)
            if code in _ANSWERS:
                break
        if code == workbook_child.TOO_MANY_CELLS:
            raise FileTooLarge(what="cells", size=limits.cells + 1, most=limits.cells)
        if code == workbook_child.PROTECTED:
            raise WorkbookProtected()
        if code not in _ANSWERS:
            raise WorkbookWrong(reason="unreadable" if code == workbook_child.NOT_READABLE else "died")
        facts = json.loads((folder / "out" / "book.json").read_text(encoding="utf-8"))
        names = tuple(facts["sheets"])
        if code == workbook_child.NO_SHEET:
            raise SettingWrong(setting="sheet", value=sheet, allowed=", ".join(names))
        sheets = []
        for place, (title, visible) in enumerate(facts["read"]):
            with pa.OSFile(str(folder / "out" / f"{place}.arrow")) as source:
                sheets.append(Sheet(title, _tidy(pa.ipc.open_file(source).read_all()), visible))
    return Book(suffix if suffix in ("xls", "html") else "xlsx", tuple(sheets), names)


def _engines(suffix: str) -> tuple[str, ...]:
    if suffix == "html":
        return ("page",)
    if suffix != "xlsx":
        return ("fast",)
    return ("fast", "careful") if _BOUNDED else ("careful",)


def _run(engine: str, folder: Path, limits: Limits) -> int:
    """Exit code of the child; a child that had to be ended for its time counts as died."""
    given = next(folder.glob("in.*")).name
    command = [sys.executable, "-P", str(_CHILD), engine, given, "out", "order.json"]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            timeout=limits.child_seconds,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return -1
    return done.returncode


def _tidy(table: pa.Table) -> pa.Table:
    """Missing cells become ''; rows and last columns without any go; dates without a clock get shorter."""
    columns = [_letters(pc.fill_null(column.cast(pa.large_string()), "")) for column in table.columns]
    while columns and not pc.any(pc.not_equal(columns[-1], "")).as_py():
        columns.pop()
    if not columns:
        return pa.table({})
    blank = pc.equal(columns[0], "")
    for column in columns[1:]:
        blank = pc.and_(blank, pc.equal(column, ""))
    if pc.any(blank).as_py():
        keep = pc.invert(blank)
        columns = [column.filter(keep) for column in columns]
    return pa.table([_dates(column) for column in columns], names=[str(i) for i in range(len(columns))])


def _letters(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Letters that are stored in parts are put together (NFC); marks that nobody sees go."""
    if (
        column.num_chunks == 0
        or all(detect.is_clean(_octets(chunk).tobytes()) for chunk in column.chunks)
        or not pc.any(pc.match_substring_regex(column, _PARTS)).as_py()
    ):
        return column
    return pc.utf8_normalize(pc.replace_substring_regex(column, _UNSEEN, ""), "NFC")


def _octets(texts: pa.LargeStringArray) -> np.ndarray:
    """The bytes of all cells, one after the other."""
    _, offsets, data = texts.buffers()
    if data is None:
        return np.empty(0, np.uint8)
    ends = np.frombuffer(offsets, np.int64, len(texts) + 1, texts.offset * 8)
    return np.frombuffer(data, np.uint8)[ends[0] : ends[-1]]


def _dates(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not any((_octets(chunk) == ord(":")).any() for chunk in column.chunks):
        return column
    midnight = pc.match_substring_regex(column, r"^\d{4}-\d\d-\d\d 00:00:00$")
    clocks = pc.match_substring_regex(column, r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
    if pc.any(midnight).as_py() and pc.sum(clocks).as_py() == pc.sum(midnight).as_py():
        column = pc.if_else(midnight, pc.utf8_slice_codeunits(column, 0, 10), column)
    # A cell that holds only a clock time is a day before the first one.
    clock = pc.match_substring_regex(column, r"^1899-12-3[01] ")
    if pc.any(clock).as_py():
        column = pc.if_else(clock, pc.utf8_slice_codeunits(column, 11), column)
    return column
