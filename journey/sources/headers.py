"""Where does the table begin, what are its columns called, and is its last row a sum?"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from journey.findings import Finding
from journey.sources.single_names import SingleNames

__all__ = ["Header", "column_names", "find_header", "is_total", "says_total", "sums_up", "width_of"]

_MOST_NAME = 120
_MOST_LOOKED_AT = 10_000
_LOOKED_AT = 40
_LONGEST_TYPED = 64
_MOST_LEVELS = 4
# How many cells are looked at to tell names from data, and at least how many rows.
_MOST_CELLS = 40_000
_FEWEST = 20
_NUMBER = re.compile(r"^[(△▲+\-−]?\s*[₩$]?\s*[\d,]*\.?\d+\s*[%원)]?$")
_DATE = re.compile(
    r"^\s*\d{1,4}\s*[-./년]\s*\d{1,2}\s*[-./월]\s*\d{1,4}(\s*[.일])?([T\s(].*)?$"
    r"|^\d{1,2}:\d\d(:\d\d)?$"
)
_YEAR = re.compile(r"^(19|20)\d\d$")
_TOTAL = re.compile(r"^(합계|총계|총합계|전체합계|누계|total|grand total|sum)\s*:?$", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u200b\u2060\ufeff]+")
_SUMS = ("계", "소계", "전체", "총합", "전국", "all")
_WORDS_LEFT = 4
_UNNAMED = re.compile(r"^unnamed: \d+(_level_\d+)?$", re.IGNORECASE)


@dataclass(frozen=True)
class Header:
    """Where the names stand.

    `line` is the line of the names counted from 1, or 0 where the table has none; `rows` how many records
    they take (up to 4 where merged cells stand over others); `skip` how many records come before the data.
    """

    line: int
    rows: int
    skip: int
    names: tuple[str, ...]


def find_header(records: Sequence[tuple[int, Sequence[str]]], *, line: int | None = None) -> Header:
    """Find the row of names among the first records (line number, cells).

    Titles above it are passed over: they fill few cells, or one cell that spans all. A first row whose cells
    are numbers or dates like those below it is data, and the table has no names. A `line` that the user
    chose wins (0: no names).
    """
    width = width_of(records)
    if line is not None:
        if line == 0:
            return Header(0, 0, 0, tuple(f"column_{i + 1}" for i in range(width)))
        index = next((i for i, (begin, _) in enumerate(records) if begin >= line), len(records) - 1)
        return Header(records[index][0], 1, index + 1, _padded(records[index][1], width))
    enough = 1 if width == 1 else max(2, round(0.35 * width))
    index = 0
    for i, (_, cells) in enumerate(records[:_LOOKED_AT]):
        filled = [cell.strip() for cell in cells if cell.strip()]
        if len(cells) <= width and len(filled) >= enough and (width < 3 or len(set(filled)) > 1):
            index = i
            break
    cells = _padded(records[index][1], width)
    # The wider the table, the fewer rows tell what its columns hold.
    most = max(_FEWEST, _MOST_CELLS // max(1, width))
    below = [_padded(cells, width) for _, cells in records[index + 1 :][:most]]
    typed = _typed(below, width)
    if _is_data(cells, below, typed):
        return Header(0, 0, index, tuple(f"column_{i + 1}" for i in range(width)))
    rows = _levels(cells, below, typed)
    return Header(records[index][0], rows, index + rows, _joined((cells, *below)[:rows]))


def width_of(records: Sequence[tuple[int, Sequence[str]]]) -> int:
    """How many fields most of the records have; of two that are as frequent the larger."""
    counts = Counter(len(cells) for _, cells in records)
    return max(counts.items(), key=lambda item: (item[1], item[0]))[0] if counts else 0


def _padded(cells: Sequence[str], width: int) -> tuple[str, ...]:
    return tuple(cells[:width]) + ("",) * (width - len(cells))


def _kind(cell: str) -> str:
    cell = unicodedata.normalize("NFKC", cell[:_LONGEST_TYPED]).strip()
    if not cell:
        return "empty"
    if _DATE.match(cell):
        return "date"
    return "number" if _NUMBER.match(cell) else "text"


def _typed(below: Sequence[Sequence[str]], width: int) -> dict[int, str]:
    """Columns whose filled cells are nearly all numbers or dates; the first rows may be further headers."""
    kinds: dict[int, str] = {}
    body = below[min(_MOST_LEVELS - 1, len(below) // 2) :] if len(below) > 2 else below
    for column in range(width):
        found = Counter(_kind(row[column]) for row in body)
        found.pop("empty", None)
        total = sum(found.values())
        for kind in ("number", "date"):
            if total and found[kind] >= 0.8 * total:
                kinds[column] = kind
    return kinds


def _is_data(cells: Sequence[str], below: Sequence[Sequence[str]], typed: dict[int, str]) -> bool:
    alike = 0
    for column, kind in typed.items():
        cell = cells[column].strip()
        is_year_name = bool(_YEAR.match(cell)) and not all(_YEAR.match(row[column].strip()) for row in below)
        alike += _kind(cell) == kind and not is_year_name
    return bool(typed) and alike >= max(1, len(typed) / 2)


def _levels(top: Sequence[str], below: Sequence[Sequence[str]], typed: dict[int, str]) -> int:
    """How many rows the names take: a further one names what a merged cell above it spans."""
    names, rows = tuple(top), 1
    gaps = {i for i, cell in enumerate(top) if not cell.strip()}
    while rows < _MOST_LEVELS and rows <= len(below):
        repeats = len(set(names)) < len(names)
        row = below[rows - 1]
        words = [i for i in typed if row[i].strip()]
        if not (gaps or repeats) or not words:
            break
        if not all(_kind(row[i]) == "text" or _YEAR.match(row[i].strip()) for i in words):
            break
        gaps -= {i for i in gaps if row[i].strip()}
        rows += 1
        names = _joined((top, *below)[:rows])
    return 1 if gaps else rows


def _joined(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The names of each column from top to bottom; a cell fills gaps right of it below the same name."""
    if len(rows) == 1:
        return tuple(rows[0])
    filled: list[list[str]] = []
    for row in rows:
        line = [cell.strip() for cell in row]
        # The last row names single columns.
        for place in range(1, len(line) if len(filled) < len(rows) - 1 else 0):
            if not line[place] and all(above[place] == above[place - 1] for above in filled):
                line[place] = line[place - 1]
        filled.append(line)
    return tuple(
        " ".join(part for i, part in enumerate(parts) if part and part not in parts[max(0, i - 1) : i])
        for parts in zip(*filled, strict=True)
    )


def column_names(names: Sequence[str]) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """Names that are filled, single and short: a, a.1, column_3; with a note on how many were changed."""
    given = SingleNames()
    done: list[str] = []
    changed: list[str] = []
    for position, name in enumerate(names, start=1):
        tidy = unicodedata.normalize("NFC", " ".join(_CONTROL.sub(" ", name[:_MOST_LOOKED_AT]).split()))
        wanted = tidy
        if not wanted or _UNNAMED.match(wanted):
            wanted = f"column_{position}"
        if len(wanted) > _MOST_NAME:
            wanted = wanted[: _MOST_NAME - 1] + "…"
        single = given.of(wanted)
        done.append(single)
        if single != tidy:
            changed.append(single)
    notes = (Finding("sources.names_repaired", {"n": len(changed), "names": changed[:5]}),) if changed else ()
    return tuple(done), notes


def is_total(cells: Sequence[str]) -> bool:
    """Does this row sum up the others? Its first filled cell says so: 합계, 총계, Total."""
    first = next((cell.strip() for cell in cells if cell.strip()), "")
    return bool(_TOTAL.match(first))


def says_total(cells: Sequence[str]) -> bool:
    """Does one of the row's first cells say that it is a sum, as in 2024 | 합계 | 1,234?

    Only its numbers can tell whether it is one: `sums_up`.
    """
    return any(_TOTAL.match(cell.strip()) or cell.strip() in _SUMS for cell in cells[:_WORDS_LEFT])


def sums_up(total: Sequence[str], columns: Sequence[Sequence[str]]) -> bool:
    """Is the number of `total` in each of two columns or more (or in the only one) the sum of that column?

    `columns` are the cells of the other rows, column by column. Columns that hold more than numbers are
    passed over: shares and means are no sums, so at least half of the others must agree.
    """
    agree = asked = 0
    for cell, column in zip(total, columns, strict=True):
        whole, parts = _plain(cell), [_plain(part) for part in column]
        known = [part for part in parts if part is not None]
        if whole is None or not known or len(known) < 0.8 * len(parts):
            continue
        asked += 1
        agree += abs(sum(known) - whole) <= max(1e-9 * abs(whole), 0.005 * len(known))
    return agree >= 1 and agree * 2 >= asked


def _plain(cell: str) -> float | None:
    digits = cell.strip().replace(",", "")
    try:
        return float(digits) if _NUMBER.match(digits) else None
    except ValueError:
        return None
