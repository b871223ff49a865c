"""Workbooks read in this process: for tests of what is read, where not the reader's process is the question.

That the process reads the same and survives what kills a reader is held by tests/sources/test_workbook.py and
tests/sources/test_reading.py.
"""

from __future__ import annotations

import json
from pathlib import Path

from journey.sources import workbook_child
from journey.sources.limits import Limits

__all__ = ["read_here"]


def read_here(engine: str, folder: Path, limits: Limits) -> int:
    """What the process would have ended with, and the same files in the folder; without any limit."""
    order = json.loads((folder / "order.json").read_text(encoding="utf-8"))
    readers = {"fast": workbook_child.fast, "careful": workbook_child.careful, "page": workbook_child.page}
    try:
        names, read = readers[engine](next(folder.glob("in.*")), order)
        return workbook_child.write(folder / "out", names, order["sheet"], read)
    except SystemExit as end:
        assert isinstance(end.code, int)
        return end.code
    except Exception:
        return workbook_child.NOT_READABLE
