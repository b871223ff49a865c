"""Where does the table begin, what are its columns called, and is its last row a sum?"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from journey.findings import Finding

__all__ = ["Header", "column_names", "find_header", "is_total"]

_MOST_NAME = 120
_LOOKED_AT = 40
_LONGEST_TYPED = 64
_NUMBER = re.compile(r"^[(△▲+\-−]?\s*[₩$]?\s*[\d,]*\.?\d+\s*[%원)]?$")
_DATE = re.compile(
    r"^\s*\d{1,4}\s*[-./년]\s*\d{1,2}\s*[-./월]\s*\d{1,4}(\s*[.일])?([T\s(].*)?$"
    r"|^\d{1,2}:\d\d(:\d\d)?$"
)
_YEAR = re.compile(r"^(19|20)\d\d$")
_TOTAL = re.compile(r"^(합계|총계|총합계|전체합계|누계|total|grand total|sum)\s*:?$", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u200b\u2060\ufeff]+")
_UNNAMED = re.compile(r"^unnamed: \d+(_level_\d+)?$", re.IGNORECASE)


@dataclass(frozen=True)
class Header:
    """Where the names stand.

    `line` is the line of the names counted from 1, or 0 where the table has none; `rows` how many records
    they take (2 where merged cells stand over a second row); `skip` how many records come before the data.
    """

    line: int
    rows: int
    skip: int
    names: tuple[str, ...]


def find_header(records: Sequence[tuple[int, Sequence[str]]], *, line: int | None = None) -> Header:
    """Find the row of names among the first records (line number, cells).

    Titles above it are passed over: they fill few cells. A first row whose cells are numbers or dates like
    those below it is data, and the table has no names. A `line` that the user chose wins (0: no names).
    """
    width = _width(records)
    if line is not None:
        if line == 0:
            return Header(0, 0, 0, tuple(f"column_{i + 1}" for i in range(width)))
        index = next((i for i, (begin, _) in enumerate(records) if begin >= line), len(records) - 1)
        return Header(records[index][0], 1, index + 1, _padded(records[index][1], width))
    enough = 1 if width == 1 else max(2, round(0.35 * width))
    index = 0
    for i, (_, cells) in enumerate(records[:_LOOKED_AT]):
        if len(cells) <= width and sum(bool(c.strip()) for c in cells) >= enough:
            index = i
            break
    cells = _padded(records[index][1], width)
    below = [_padded(cells, width) for _, cells in records[index + 1 :]]
    typed = _typed(below, width)
    if _is_data(cells, below, typed):
        return Header(0, 0, index, tuple(f"column_{i + 1}" for i in range(width)))
    if below and _is_second_row(cells, below[0], typed):
        return Header(records[index][0], 2, index + 2, _joined(cells, below[0]))
    return Header(records[index][0], 1, index + 1, cells)


def _width(records: Sequence[tuple[int, Sequence[str]]]) -> int:
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
    """Columns whose filled cells are nearly all numbers or dates; the first row may be a second header."""
    kinds: dict[int, str] = {}
    body = below[1:] if len(below) > 2 else below
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


def _is_second_row(top: Sequence[str], second: Sequence[str], typed: dict[int, str]) -> bool:
    gaps = [i for i, cell in enumerate(top) if not cell.strip()]
    repeats = len(set(top)) < len(top)
    names = [i for i in typed if second[i].strip()]
    return (
        bool(gaps or repeats)
        and bool(names)
        and all(_kind(second[i]) == "text" or _YEAR.match(second[i].strip()) for i in names)
        and all(second[i].strip() for i in gaps)
    )


def _joined(top: Sequence[str], second: Sequence[str]) -> tuple[str, ...]:
    names: list[str] = []
    above = ""
    for over, under in zip(top, second, strict=True):
        above = over.strip() or above
        below = under.strip()
        names.append(above if not below or below == above else f"{above} {below}".strip())
    return tuple(names)


def column_names(names: Sequence[str]) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """Names that are filled, single and short: a, a.1, column_3; with a note on how many were changed."""
    taken: set[str] = set()
    done: list[str] = []
    changed: list[str] = []
    for position, name in enumerate(names, start=1):
        tidy = unicodedata.normalize("NFC", " ".join(_CONTROL.sub(" ", name).split()))
        wanted = tidy
        if not wanted or _UNNAMED.match(wanted):
            wanted = f"column_{position}"
        if len(wanted) > _MOST_NAME:
            wanted = wanted[: _MOST_NAME - 1] + "…"
        single, copy = wanted, 0
        while single in taken:
            copy += 1
            single = f"{wanted}.{copy}"
        taken.add(single)
        done.append(single)
        if single != tidy:
            changed.append(single)
    notes = (Finding("sources.names_repaired", {"n": len(changed), "names": changed[:5]}),) if changed else ()
    return tuple(done), notes


def is_total(cells: Sequence[str]) -> bool:
    """Does this row sum up the others? Its first filled cell says so: 합계, 총계, Total."""
    first = next((cell.strip() for cell in cells if cell.strip()), "")
    return bool(_TOTAL.match(first))
