"""주민등록번호 and 외국인등록번호 are taken out of a table before anything else looks at it.

The law lets hardly anybody keep one, so a project never does: not in a cell, not in a comment, not in a name
of a column, not among the rows that could not be read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from journey.events.digit_runs import digit_runs
from journey.events.lookalikes import folded
from journey.findings import Finding
from journey.sources.raw_table import RawTable, as_text, text_series

__all__ = ["MARK", "without_number", "without_numbers", "without_rrn"]

# What stands where a number stood; it belongs to no language.
MARK = "●●●●●●-●●●●●●●"

_DATE = (
    r"[0-9]{2}(?:(?:0[13578]|1[02])(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[469]|11)(?:0[1-9]|[12][0-9]|30)|02(?:0[1-9]|[12][0-9]))"
)
_GAP = r"(?: {0,2}- {0,2}[0-9]| {1,2}[1-8])"
_SPLIT = re.compile(rf"(?<![0-9]){_DATE}{_GAP}[0-9]{{6}}(?![0-9])")
# Thirteen digits of a decimal number are none.
_JOINED = re.compile(rf"(?<![0-9])(?<![0-9][.,]){_DATE}[1-8][0-9]{{6}}(?![0-9])")
# RE2 has no look-around: it only says which cells are worth a closer look.
_WORTH = rf"{_DATE}(?:[1-8][0-9]{{6}}|[^0-9]{{1,5}}[0-9]{{7}})|[０-９]{{6}}"
_WHOLE_JOINED = rf"^\s*{_DATE}[1-8][0-9]{{6}}(?:\.0+)?\s*$"
_ONLY_DIGITS = r"^\s*[0-9]{12,13}(?:\.0+)?\s*$"
_NAMED = re.compile(r"주민(등록)?번호|외국인등록번호|(^|[^a-z])(rrn|jumin)|resident.?(registration|reg)")
_DIGITS_ALONE = re.compile(_ONLY_DIGITS)
_SPACES = re.compile(r"[\t\r\n]")
_LONGEST_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
# So many codes of one column that might be numbers tell by their check digits whether they are.
_ENOUGH = 20


def without_rrn(raw: RawTable) -> RawTable:
    """The table without 주민등록번호 and 외국인등록번호, and notes on how many cells of what held one.

    With a dash or a gap between date and number every possible one goes, whatever its check digit: since
    October 2020 the last digits are random. Thirteen digits in a row are one inside a text when date, gender
    and check digit fit; as a whole cell (or in a code without spaces) only when the column as a whole says
    so, because times in milliseconds and order numbers look alike. A column of which at least half of the
    filled cells are such numbers is dropped, so that it can be nobody's id.
    """
    changed: dict[str, pa.ChunkedArray] = {}
    dropped: list[str] = []
    cells = lost = 0
    for name in raw.frame.columns:
        found = _looked_through(as_text(raw.frame[name]), name)
        if found.is_number:
            dropped.append(name)
            lost += found.cells
        elif found.cells:
            changed[name] = found.texts
            cells += found.cells
    sure = bool(dropped)
    lines = tuple(without_number(line, sure=sure) for line in raw.rejected_rows)
    names = _names(list(raw.frame.columns))
    renamed = [new for new, old in zip(names, raw.frame.columns, strict=True) if new != old]
    notes = [_scrubbed(note) for note in raw.notes]
    sheet = raw.sheet and without_number(raw.sheet)
    same = (lines, notes, sheet) == (raw.rejected_rows, list(raw.notes), raw.sheet)
    if same and not (changed or dropped or renamed):
        return raw
    new = dict(zip(raw.frame.columns, names, strict=True))
    columns = {
        new[name]: text_series(changed[name]) if name in changed else raw.frame[name]
        for name in raw.frame.columns
        if name not in dropped
    }
    if changed:
        told = [new[name] for name in changed]
        notes.append(Finding("privacy.rrn_removed", {"n": cells, "columns": told}))
    if dropped:
        told = [new[name] for name in dropped]
        notes.append(Finding("privacy.rrn_column_dropped", {"n": lost, "columns": told}))
    if renamed:
        notes.append(Finding("privacy.rrn_in_names", {"n": len(renamed)}))
    frame = pd.DataFrame(columns, index=raw.frame.index, copy=False)
    kept = {old: name for old, name in new.items() if old not in dropped}
    return replace(
        raw,
        frame=frame,
        notes=tuple(notes),
        rejected_rows=lines,
        sheet=sheet,
        aside=tuple(kept[name] for name in raw.aside if name in kept),
        numeric=frozenset(kept[name] for name in raw.numeric if name in kept),
    )


def without_numbers(texts: pa.ChunkedArray, name: str = "") -> pa.ChunkedArray:
    """A column, its name beside it, with a mark where a number stood; the column stays, whatever it is."""
    return _looked_through(texts, name).texts


def without_number(text: str, *, sure: bool = False) -> str:
    """One text with a mark where a number stood; `sure` takes every possible one without its check digit."""
    return _marked(text, lambda number: sure or _fits(number))


@dataclass(frozen=True, eq=False)
class _Found:
    """A column without its numbers, how many cells held one, and whether the column is nothing else."""

    texts: pa.ChunkedArray
    cells: int = 0
    is_number: bool = False


def _looked_through(texts: pa.ChunkedArray, name: str) -> _Found:
    named = bool(_NAMED.search(unicodedata.normalize("NFKC", name).casefold()))
    whole = 0
    if named:
        rows = np.arange(len(texts))
    else:
        runs = digit_runs(texts)
        rows, whole = runs.others, int(_fit(runs.digits).sum())
        if len(rows):
            some = texts.take(pa.array(rows))
            joined = _matches(some, _WHOLE_JOINED)
            whole += int(_fit(_digits_of(some.filter(pa.array(joined)))).sum())
            rows = rows[_matches(some, _WORTH) & ~joined]
    if not len(rows) and not whole:
        return _Found(texts)
    coded = texts.take(pa.array(rows)).combine_chunks().dictionary_encode()
    said = coded.dictionary.to_pylist()
    done = _without_all(said, sure=named)
    codes = pc.fill_null(coded.indices, len(said)).to_numpy()
    whole += int(np.array([*(text.strip() == MARK for text in done), False])[codes].sum())
    filled = _filled(texts)
    if whole and 2 * whole >= filled.sum():
        marked = pc.if_else(pa.array(filled), pa.scalar(MARK, texts.type), texts)
        return _Found(_chunked(marked), int(filled.sum()), is_number=True)
    hit = np.array([*(new != old for new, old in zip(done, said, strict=True)), False])[codes]
    if not hit.any():
        return _Found(texts)
    mask = np.zeros(len(texts), dtype=bool)
    mask[rows[hit]] = True
    new = pa.array(done, texts.type).take(coded.indices.filter(pa.array(hit)))
    return _Found(_chunked(pc.replace_with_mask(texts.combine_chunks(), pa.array(mask), new)), int(hit.sum()))


def _without_all(said: list[str], *, sure: bool) -> list[str]:
    """Each text without its numbers. Codes without spaces are judged together by their check digits."""
    if sure:
        return [MARK if _DIGITS_ALONE.match(text) else without_number(text, sure=True) for text in said]
    codes = [text for text in said if _is_code(text)]
    alike = [number[0] for text in codes for number in _JOINED.finditer(text)]
    order_numbers = len(alike) >= _ENOUGH and 3 * sum(map(_fits, alike)) < len(alike)
    return [
        _marked(text, _never) if order_numbers and _is_code(text) else without_number(text) for text in said
    ]


def _marked(text: str, is_one: Callable[[str], bool]) -> str:
    """The text with marks; `is_one` judges the numbers of thirteen digits in a row."""
    plain = text if text.isascii() and not _SPACES.search(text) else folded(text)
    spans = [found.span() for found in _SPLIT.finditer(plain)]
    spans += [found.span() for found in _JOINED.finditer(plain) if is_one(found[0])]
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + MARK + text[end:]
    return text


def _never(number: str) -> bool:
    return False


def _is_code(text: str) -> bool:
    return text.isascii() and not any(map(str.isspace, text))


def _fits(number: str) -> bool:
    """Does the check digit fit, in the way of citizens or (genders 5 to 8) of foreigners?"""
    rest = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False)) % 11
    last = int(number[12])
    return last == (11 - rest) % 10 or (number[6] in "5678" and last == (13 - rest) % 10)


def _fit(digits: np.ndarray) -> np.ndarray:
    """Are these thirteen digits each a number by date, gender and check digit? As `_JOINED` and `_fits`."""
    digits = digits.astype(np.int16)
    rest = digits[:, :12] @ np.array(_WEIGHTS, dtype=np.int16) % 11
    month, day = digits[:, 2] * 10 + digits[:, 3], digits[:, 4] * 10 + digits[:, 5]
    last, gender = digits[:, 12], digits[:, 6]
    longest = np.array([0, *_LONGEST_MONTH, *[0] * 87], dtype=np.int16)[month]
    fits = (last == (11 - rest) % 10) | ((gender >= 5) & (last == (13 - rest) % 10))
    return fits & (day >= 1) & (day <= longest) & (gender >= 1) & (gender <= 8)


def _digits_of(texts: pa.ChunkedArray) -> np.ndarray:
    """The first thirteen digits of each cell, which begins with them or with spaces."""
    heads = pc.utf8_slice_codeunits(pc.utf8_ltrim_whitespace(texts), 0, 13)
    octets = "".join(heads.to_pylist()).encode("ascii")
    return np.frombuffer(octets, np.uint8).reshape(-1, 13) - np.uint8(48)


def _chunked(texts: pa.Array | pa.ChunkedArray) -> pa.ChunkedArray:
    return texts if isinstance(texts, pa.ChunkedArray) else pa.chunked_array([texts])


def _matches(texts: pa.ChunkedArray, pattern: str) -> np.ndarray:
    return pc.fill_null(pc.match_substring_regex(texts, pattern), False).to_numpy()


def _filled(texts: pa.ChunkedArray) -> np.ndarray:
    return pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(texts), ""), False).to_numpy()


def _names(names: Sequence[str]) -> list[str]:
    """The names without numbers, each still its own."""
    done: list[str] = []
    for name in names:
        tidy = single = without_number(name, sure=True)
        copy = 0
        while single in done or (single != name and single in names):
            copy += 1
            single = f"{tidy}.{copy}"
        done.append(single)
    return done


def _scrubbed(note: Finding) -> Finding:
    return Finding(note.code, {key: _scrubbed_value(value) for key, value in note.values.items()})


def _scrubbed_value(value: Any) -> Any:
    if isinstance(value, str):
        return without_number(value, sure=True)
    return [_scrubbed_value(one) for one in value] if isinstance(value, list | tuple) else value
