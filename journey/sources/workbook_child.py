"""A process of its own that opens one untrusted workbook or page and writes its cells as Arrow IPC.

It runs as a plain script and imports nothing of the package, so it starts the same way under any server. A
legal workbook of 1.7 kB can make the fast reader ask for half a terabyte and abort: only this process dies
of it.

    python workbook_child.py ENGINE IN OUT ORDER.json

ENGINE is fast (.xlsx .xlsm .xlsb .xls .ods), careful (.xlsx .xlsm) or page (HTML in UTF-8). ORDER.json:
{"sheet": name or null for every visible one, "memory": bytes, "seconds": n, "cells": most}. The folder OUT
gets 0.arrow, 1.arrow, ... and book.json: {"sheets": all names, "read": [[name, is it visible], ...]}.
Exit codes: 0 written, 3 no sheet of that name (written: the names only), 4 too many cells, 5 a password is
needed, 1 (an exception) not readable; below 0: died.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

NO_SHEET, TOO_MANY_CELLS, PROTECTED = 3, 4, 5
NOT_READABLE = 1  # how Python itself ends at a problem that nobody answered

# HTML itself stops a cell at so many columns and rows.
_WIDEST, _TALLEST = 1_000, 65_534

Read = Callable[[str], tuple[pa.Table, bool]]


def limit(memory: int, seconds: int) -> None:
    """Bound this process, where the system can: address space, processor time, no core file."""
    try:
        import resource
    except ImportError:  # Windows: the parent's time limit is the only bound
        return
    wanted = ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds))
    for what, most in wanted:
        # A parent that is bounded itself cannot give more than it has.
        _, hard = resource.getrlimit(what)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(what, (bound, bound))
        except ValueError:  # macOS knows the limit of address space but does not take it
            if sys.platform == "linux":
                raise


def fast(path: Path, order: dict[str, Any]) -> tuple[list[str], Read]:
    """Read with fastexcel: every cell as text, whole numbers without a point, dates as ISO text."""
    import fastexcel

    try:
        book = fastexcel.read_excel(str(path))
    except fastexcel.FastExcelError as problem:
        if "password" in str(problem).lower():
            sys.exit(PROTECTED)
        raise

    def read(name: str) -> tuple[pa.Table, bool]:
        sheet = book.load_sheet(name, header_row=None, dtypes="string")
        if not sheet.width or not sheet.total_height:
            return pa.table({}), sheet.visible == "visible"
        return pa.table(sheet.to_arrow()), sheet.visible == "visible"

    return book.sheet_names, read


def careful(path: Path, order: dict[str, Any]) -> tuple[list[str], Read]:
    """Read with openpyxl, row by row, keeping filled cells only and counting them over all sheets."""
    import openpyxl
    import openpyxl.xml

    if not openpyxl.xml.DEFUSEDXML:
        raise RuntimeError("defusedxml is needed to read a workbook")
    book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    left = Budget(order["cells"])

    def read(name: str) -> tuple[pa.Table, bool]:
        sheet = book[name]
        if not hasattr(sheet, "iter_rows"):
            return pa.table({}), False
        # What the sheet says of its own size may be the whole 16,384 x 1,048,576, or a lie.
        sheet.reset_dimensions()
        return grid(sheet.iter_rows(values_only=True), left), sheet.sheet_state == "visible"

    return book.sheetnames, read


class Budget:
    """How many filled cells may still be kept; the process ends where there are more."""

    def __init__(self, most: int) -> None:
        self.left = most

    def spend(self, cells: int) -> None:
        """Count cells that are kept."""
        self.left -= cells
        if self.left < 0:
            sys.exit(TOO_MANY_CELLS)


def grid(rows: Iterator[tuple[Any, ...]], left: Budget) -> pa.Table:
    """The filled cells as a table of text; columns that are empty all the way down are left out."""
    columns: dict[int, dict[int, str]] = {}
    height = 0
    for row in rows:
        filled = {place: value for place, value in enumerate(row) if value is not None and value != ""}
        if not filled:
            continue
        left.spend(len(filled))
        for place, value in filled.items():
            columns.setdefault(place, {})[height] = words(value)
        height += 1
    arrays = [
        pa.array((column.get(i) for i in range(height)), pa.large_string(), size=height)
        for _, column in sorted(columns.items())
    ]
    return pa.table(arrays, names=[str(i) for i in range(len(arrays))])


def words(value: Any) -> str:
    """A cell as text; an error such as #REF! is an empty cell."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**63 else repr(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(" ")
    text = str(value)
    if text.startswith("#") and text.rstrip("!?/A0").upper() in (
        "#REF",
        "#DIV",
        "#VALUE",
        "#NAME",
        "#NUM",
        "#N",
        "#NULL",
    ):
        return ""
    return text.encode("utf-8", "replace").decode("utf-8")


def page(path: Path, order: dict[str, Any]) -> tuple[list[str], Read]:
    """Read the largest table of an HTML page with lxml: no network, no entities of its own, no huge tree."""
    from lxml import etree

    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True)
    root = etree.parse(str(path), parser).getroot()
    tables = [] if root is None else list(root.iter("table"))
    # A table that lays out the page holds the others, and few rows of its own.
    own: dict[Any, list[Any]] = {table: [] for table in tables}
    for table in tables:
        for row in table.iter("tr"):
            if next(row.iterancestors("table"), None) is table:
                own[table].append(row)
    if not tables:
        return [], lambda name: (pa.table({}), True)
    largest = max(tables, key=lambda table: sum(len(row) for row in own[table]))
    return [""], lambda name: (spread(own[largest], order["cells"]), True)


class Line:
    """One row of an HTML table as it fills; `below` is what hangs into the next row: column -> text, rows."""

    def __init__(self, above: dict[int, tuple[str, int]], left: Budget) -> None:
        self.above, self.left = above, left
        self.last = max(above, default=-1)
        self.cells: list[str] = []
        self.below: dict[int, tuple[str, int]] = {}

    def put(self, text: str, wide: int, tall: int) -> None:
        """Put a cell into the next places that are free: it goes around those that hang from above."""
        self.left.spend(wide)
        for _ in range(wide):
            self.hang()
            self._fill(text, tall)

    def hang(self) -> None:
        """Fill the next places as far as cells of the rows above take them."""
        while len(self.cells) in self.above:
            self.left.spend(1)
            self._fill(*self.above[len(self.cells)])

    def end(self) -> None:
        """Fill what hangs from above behind the last cell."""
        self.hang()
        while len(self.cells) <= self.last:
            self.put("", 1, 1)
            self.hang()

    def _fill(self, text: str, tall: int) -> None:
        if tall > 1:
            self.below[len(self.cells)] = text, tall - 1
        self.cells.append(text)


def spread(rows: list[Any], most: int) -> pa.Table:
    """The cells of an HTML table as a grid of text; what spans several places fills each of them."""
    done: list[list[str]] = []
    left = Budget(most)
    line = Line({}, left)
    for row in rows:
        line = Line(line.below, left)
        for cell in row:
            if cell.tag in ("td", "th"):
                line.put(said(cell), span(cell, "colspan", _WIDEST), span(cell, "rowspan", _TALLEST))
        line.end()
        if line.cells:
            done.append(line.cells)
    width = max(map(len, done), default=0)
    # Short rows are filled up with nothing, which takes room too.
    Budget(most).spend(width * len(done))
    arrays = [
        pa.array((line[place] if place < len(line) else None for line in done), pa.large_string())
        for place in range(width)
    ]
    return pa.table(arrays, names=[str(place) for place in range(width)])


def said(cell: Any) -> str:
    """The words of a cell, without scripts, styles and the tables inside it; runs of blanks are one."""
    parts = [cell.text or ""]
    for part in cell:
        if part.tag not in ("script", "style", "table") and isinstance(part.tag, str):
            parts.append(" " if part.tag == "br" else said(part))
        parts.append(part.tail or "")
    return " ".join("".join(parts).split())


def span(cell: Any, name: str, most: int) -> int:
    """How many places a cell takes in one direction, at least one."""
    told = (cell.get(name) or "").strip()
    return min(max(int(told), 1), most) if told.isascii() and told.isdigit() and len(told) < 10 else 1


def write(folder: Path, names: list[str], wanted: str | None, read: Read) -> int:
    """Write the sheet asked for, else every visible one, else (all of them blank) the hidden ones."""
    folder.mkdir()
    taken: list[tuple[str, bool]] = []
    hidden: list[tuple[str, pa.Table]] = []
    filled = False

    def keep(name: str, table: pa.Table, visible: bool) -> None:
        target = str(folder / f"{len(taken)}.arrow")
        with pa.OSFile(target, "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
        taken.append((name, visible))

    for name in names if wanted is None else [wanted] if wanted in names else []:
        table, visible = read(name)
        if visible or wanted is not None:
            keep(name, table, visible)
            filled = filled or table.num_rows > 0
        else:
            hidden.append((name, table))
    if not filled:
        for name, table in hidden:
            keep(name, table, False)
    (folder / "book.json").write_text(json.dumps({"sheets": names, "read": taken}), encoding="utf-8")
    return 0 if wanted is None or wanted in names else NO_SHEET


def main(engine: str, source: str, target: str, order_file: str) -> int:
    """Read what the order names and write it as Arrow; the exit code tells whether it was there."""
    order = json.loads(Path(order_file).read_text(encoding="utf-8"))
    limit(order["memory"], order["seconds"])
    # The one line that the parent may show to a developer names the kind of problem, never a cell.
    sys.excepthook = lambda kind, problem, trace: sys.stderr.write(kind.__name__)
    names, read = {"fast": fast, "careful": careful, "page": page}[engine](Path(source), order)
    return write(Path(target), names, order["sheet"], read)


if __name__ == "__main__":
    # Nothing is worth tidying up: the memory of a large sheet goes faster this way.
    os._exit(main(*sys.argv[1:5]))
