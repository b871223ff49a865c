"""A process of its own that opens one untrusted workbook and writes its cells as Arrow IPC.

It runs as a plain script and imports nothing of the package, so it starts the same way under any server. A
legal workbook of 1.7 kB can make the fast reader ask for half a terabyte and abort: only this process dies
of it.

    python workbook_child.py ENGINE IN.xlsx OUT.arrow ORDER.json

ORDER.json: {"sheet": name or null, "memory": bytes, "seconds": n, "cells": most}. Exit codes: 0 written,
3 no sheet of that name (written: the names only), 4 too many cells, 1 (an exception) not readable; below 0:
died.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

NO_SHEET, TOO_MANY_CELLS = 3, 4
NOT_READABLE = 1  # how Python itself ends at a problem that nobody answered


def limit(memory: int, seconds: int) -> None:
    """Bound this process, where the system can: address space, processor time, no core file."""
    try:
        import resource
    except ImportError:  # Windows: the parent's time limit is the only bound
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))


def fast(path: Path, order: dict[str, Any]) -> tuple[pa.Table, str, list[str]]:
    """Read with fastexcel: every cell as text, whole numbers without a point, dates as ISO text."""
    import fastexcel

    book = fastexcel.read_excel(str(path))

    def read(name: str) -> tuple[pa.Table, bool]:
        sheet = book.load_sheet(name, header_row=None, dtypes="string")
        if not sheet.width or not sheet.total_height:
            return pa.table({}), sheet.visible == "visible"
        return pa.table(sheet.to_arrow()), sheet.visible == "visible"

    return pick(book.sheet_names, order["sheet"], read)


def careful(path: Path, order: dict[str, Any]) -> tuple[pa.Table, str, list[str]]:
    """Read with openpyxl, row by row, keeping filled cells only and counting them."""
    import openpyxl
    import openpyxl.xml

    if not openpyxl.xml.DEFUSEDXML:
        raise RuntimeError("defusedxml is needed to read a workbook")
    book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)

    def read(name: str) -> tuple[pa.Table, bool]:
        sheet = book[name]
        if not hasattr(sheet, "iter_rows"):
            return pa.table({}), False
        # What the sheet says of its own size may be the whole 16,384 x 1,048,576, or a lie.
        sheet.reset_dimensions()
        return grid(sheet.iter_rows(values_only=True), order["cells"]), sheet.sheet_state == "visible"

    return pick(book.sheetnames, order["sheet"], read)


def grid(rows: Iterator[tuple[Any, ...]], most: int) -> pa.Table:
    """The filled cells as a table of text; columns that are empty all the way down are left out."""
    columns: dict[int, dict[int, str]] = {}
    cells = height = 0
    for row in rows:
        filled = {place: value for place, value in enumerate(row) if value is not None and value != ""}
        if not filled:
            continue
        cells += len(filled)
        if cells > most:
            sys.exit(TOO_MANY_CELLS)
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


def pick(names: list[str], wanted: str | None, read: Any) -> tuple[pa.Table, str, list[str]]:
    """The sheet asked for, else the first visible one with two rows or more, else the first with anything."""
    if wanted is not None:
        if wanted not in names:
            return pa.table({}), "", names
        return read(wanted)[0], wanted, names
    second: tuple[pa.Table, str, list[str]] | None = None
    for name in names:
        table, visible = read(name)
        if visible and table.num_rows >= 2:
            return table, name, names
        if table.num_rows and second is None:
            second = table, name, names
    return second or (pa.table({}), names[0] if names else "", names)


def main(engine: str, source: str, target: str, order_file: str) -> int:
    """Read the sheet that the order names and write it as Arrow; the exit code tells whether it was there."""
    order = json.loads(Path(order_file).read_text(encoding="utf-8"))
    limit(order["memory"], order["seconds"])
    # The one line that the parent may show to a developer names the kind of problem, never a cell.
    sys.excepthook = lambda kind, problem, trace: sys.stderr.write(kind.__name__)
    table, sheet, sheets = {"fast": fast, "careful": careful}[engine](Path(source), order)
    table = table.replace_schema_metadata({"sheet": sheet, "sheets": json.dumps(sheets)})
    with pa.OSFile(target, "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return NO_SHEET if order["sheet"] not in (None, sheet) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:5]))
