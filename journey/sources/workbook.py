"""An untrusted workbook -> a grid of text, read by a child process with limits."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from journey.errors import (
    FileKindUnknown,
    FileTooLarge,
    SettingWrong,
    WorkbookProtected,
    WorkbookWrong,
)
from journey.sources import workbook_child
from journey.sources.limits import Limits

__all__ = ["Sheet", "check_zip", "read_sheet", "refuse_ole"]

_CHILD = Path(workbook_child.__file__)
_LOOKED_AT_PACKING = 64 * 2**20
_SHEET_PARTS = (("xl/workbook.bin", "XLSB"), ("word/", "DOCX"), ("ppt/", "PPTX"), ("content.xml", "ODS"))


@dataclass(frozen=True)
class Sheet:
    """Cells as text, missing ones empty, without a header yet; `sheets` are all of the workbook's."""

    grid: pa.Table
    name: str
    sheets: tuple[str, ...]


def refuse_ole(data: bytes) -> None:
    """Say what an OLE file is: a workbook behind a password, or an old format."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise WorkbookProtected()
    raise FileKindUnknown(found="XLS" if "Workbook".encode("utf-16-le") in data else "OLE")


def check_zip(data: bytes, limits: Limits) -> None:
    """Look at the zip's directory only: is it a workbook, and is it one that can be unpacked?"""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, EOFError, UnicodeDecodeError):
        raise WorkbookWrong(reason="zip") from None
    limits.check("parts", len(parts))
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        found = next((kind for start, kind in _SHEET_PARTS if any(n.startswith(start) for n in names)), "ZIP")
        raise FileKindUnknown(found=found)
    unpacked = sum(part.file_size for part in parts)
    limits.check("unpacked", unpacked)
    packed = max(1, sum(part.compress_size for part in parts))
    if unpacked > _LOOKED_AT_PACKING and unpacked / packed > limits.packing:
        raise FileTooLarge(what="unpacked", size=unpacked, most=limits.packing * packed)


def read_sheet(data: bytes, sheet: str | None, limits: Limits) -> Sheet:
    """Read one worksheet. The fast reader goes first; if it dies or refuses, the careful one has a try.

    Raises WorkbookWrong when neither can, FileTooLarge over the limits, SettingWrong for a sheet that is
    not there.
    """
    check_zip(data, limits)
    with tempfile.TemporaryDirectory(prefix="journey-") as name:
        folder = Path(name)
        (folder / "in.xlsx").write_bytes(data)
        order = {
            "sheet": sheet,
            "memory": limits.child_memory,
            "seconds": limits.child_seconds,
            "cells": limits.cells,
        }
        (folder / "order.json").write_text(json.dumps(order), encoding="utf-8")
        code = _run("fast", folder, limits)
        if code not in (0, workbook_child.NO_SHEET):
            code = _run("careful", folder, limits)
        if code == workbook_child.TOO_MANY_CELLS:
            raise FileTooLarge(what="cells", size=limits.cells + 1, most=limits.cells)
        if code not in (0, workbook_child.NO_SHEET):
            raise WorkbookWrong(reason="unreadable" if code == workbook_child.NOT_READABLE else "died")
        with pa.OSFile(str(folder / "out.arrow")) as source:
            table = pa.ipc.open_file(source).read_all()
    facts = table.schema.metadata or {}
    name, sheets = facts[b"sheet"].decode(), tuple(json.loads(facts[b"sheets"]))
    if code == workbook_child.NO_SHEET:
        raise SettingWrong(setting="sheet", value=sheet, allowed=", ".join(sheets))
    return Sheet(_tidy(table), name, sheets)


def _run(engine: str, folder: Path, limits: Limits) -> int:
    """Exit code of the child; a child that had to be ended for its time counts as died."""
    command = [sys.executable, "-P", str(_CHILD), engine, "in.xlsx", "out.arrow", "order.json"]
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
    columns = [pc.fill_null(column.cast(pa.large_string()), "") for column in table.columns]
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


def _dates(column: pa.ChunkedArray) -> pa.ChunkedArray:
    midnight = pc.match_substring_regex(column, r"^\d{4}-\d\d-\d\d 00:00:00$")
    clocks = pc.match_substring_regex(column, r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
    if pc.any(midnight).as_py() and pc.sum(clocks).as_py() == pc.sum(midnight).as_py():
        column = pc.if_else(midnight, pc.utf8_slice_codeunits(column, 0, 10), column)
    # A cell that holds only a clock time is a day before the first one.
    clock = pc.match_substring_regex(column, r"^1899-12-3[01] ")
    if pc.any(clock).as_py():
        column = pc.if_else(clock, pc.utf8_slice_codeunits(column, 11), column)
    return column
