"""Text that a spreadsheet would run, and the apostrophe that keeps it from that, out and in again.

Excel, LibreOffice and Sheets take a cell of a CSV for a formula or a command when it begins with one of a few
characters, half or full width, also behind blanks that nobody sees. An apostrophe before it makes it text.
A file with such apostrophes, ours or another careful program's, is read without them: `freed(inert(x)) == x`.
"""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["freed", "freed_column", "inert", "would_run"]

# Blanks, what has no width, and the apostrophe itself: one that stood there before must stay.
_BEFORE = (
    r"['\t-\r \x{85}\x{A0}\x{AD}\x{1680}\x{180E}\x{2000}-\x{200F}\x{2028}-\x{202F}\x{205F}-\x{206F}"
    r"\x{3000}\x{FEFF}]"
)
_LEADS = r"[=+\-@\t\r\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}\x{FE62}\x{FE63}\x{FE66}\x{FE6B}\x{2212}]"
_RUNS = f"{_BEFORE}*{_LEADS}"
# Python writes a character by its number otherwise than Arrow does.
_RUNS_HERE = re.compile(re.sub(r"\\x\{(\w+)\}", lambda found: f"\\u{found[1]:0>4}", _RUNS))


def would_run(text: str) -> bool:
    """Whether a spreadsheet could take this for a formula or a command."""
    return _RUNS_HERE.match(text) is not None


def inert(text: str) -> str:
    """`text` as a spreadsheet shows it and never runs it."""
    return f"'{text}" if would_run(text) else text


def freed(text: str) -> str:
    """What `inert` was given."""
    return text[1:] if text.startswith("'") and would_run(text[1:]) else text


def freed_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The same for every cell of a column of text."""
    if not pc.any(pc.starts_with(column, "'")).as_py():
        return column
    return pc.replace_substring_regex(column, f"^'({_RUNS})", r"\1", max_replacements=1)
