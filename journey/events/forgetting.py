"""A table without some customers: their rows go, and where their ids stand elsewhere these are covered."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from journey.events.identity import clean_ids, shortened
from journey.findings import Finding
from journey.sources.raw_table import RawTable, as_text, text_series

__all__ = ["COVER", "Without", "cover_of", "is_telling", "without_customers"]

# What stands where an id stood among other words; it belongs to no language.
COVER = "●●●●"
# A short number is a rating, an amount or a count as often as a customer.
_FEWEST_DIGITS, _FEWEST_LETTERS, _FEWEST_WIDE = 8, 4, 3
_TORN = "sources.rows_rejected"


@dataclass(frozen=True, eq=False)
class Without:
    """The table without the customers `found` in it: how many `rows` and `torn` lines went, how many `cells`
    of other rows were emptied, and in how many `texts` an id was covered."""

    raw: RawTable
    found: frozenset[str] = frozenset()
    rows: int = 0
    torn: int = 0
    cells: int = 0
    texts: int = 0

    @property
    def is_touched(self) -> bool:
        """Is the table another one?"""
        return bool(self.rows or self.torn or self.cells or self.texts)


def is_telling(id_: str) -> bool:
    """Can the id be nothing else, wherever it stands?

    Letters and digits together, eight digits, an address, or three letters beyond ASCII. A shorter one may be
    a rating, a word or a count, and is known in the columns of customers only.
    """
    if id_.isdigit():
        return len(id_) >= _FEWEST_DIGITS
    if not id_.isascii():
        return len(id_) >= _FEWEST_WIDE
    return len(id_) >= _FEWEST_LETTERS and ("@" in id_ or any(map(str.isdigit, id_)))


def cover_of(ids: Collection[str]) -> Callable[[str], str]:
    """A function that covers the telling ones of these ids in a text; longer ids that hold one stay."""
    found = _pattern([id_ for id_ in ids if is_telling(id_)])
    if found is None:
        return lambda text: text

    def cover(text: str) -> str:
        plain = unicodedata.normalize("NFC", text)
        return found.sub(COVER, plain) if found.search(plain) else text

    return cover


def without_customers(
    raw: RawTable,
    ids: Collection[str],
    *,
    customers: Collection[str],
    measures: Collection[str] = (),
    codes: Collection[str] = (),
) -> Without:
    """Take these customers, as they are called once cleaned, out of a table.

    Rows go in which one stands in a column of `customers`. In the other columns a cell that is a telling id
    (see `is_telling`) is emptied, and one among other words covered; not in `measures`, and in `codes` (of
    orders, sessions, products) no id that is a bare number.
    """
    known = [name for name in raw.frame.columns if name in customers]
    gone, found = np.zeros(len(raw.frame), dtype=bool), set[str]()
    wanted = pa.array(sorted(ids), pa.large_string())
    for name in known:
        texts = _cleaned(raw, name)
        hit = pc.is_in(texts, value_set=wanted).to_numpy(zero_copy_only=False)
        found |= set(pc.unique(texts.filter(pa.array(hit))).to_pylist())
        gone |= hit
    telling = [id_ for id_ in ids if is_telling(id_)]
    words = [id_ for id_ in telling if not id_.isdigit()]
    frame = raw.frame.loc[~gone] if gone.any() else raw.frame
    changed: dict[str, pd.Series] = {}
    cells = texts_covered = 0
    for name in frame.columns:
        if name in known or name in measures:
            continue
        seen = _covered(as_text(frame[name]), words if name in codes else telling)
        if seen is not None:
            column, emptied, covered = seen
            changed[name] = text_series(column).set_axis(frame.index)
            cells, texts_covered = cells + emptied, texts_covered + covered
    if changed:
        frame = pd.DataFrame({name: changed.get(name, frame[name]) for name in frame.columns}, copy=False)
    lines = [_names(line, ids, telling, raw.delimiter) for line in raw.rejected_rows]
    done = _without_lines(raw, lines)
    total = done.total_row
    if total is not None:
        total = None if gone[total] else total - int(gone[:total].sum())
    done = replace(done, frame=frame.reset_index(drop=True), total_row=total)
    return Without(done, frozenset(found), int(gone.sum()), sum(lines), cells, texts_covered)


def _cleaned(raw: RawTable, name: str) -> pa.LargeStringArray:
    """The ids of a column as the log has them; the row of totals names nobody."""
    texts = as_text(raw.frame[name]).combine_chunks()
    if raw.total_row is not None:
        mask = np.zeros(len(texts), dtype=bool)
        mask[raw.total_row] = True
        # Nothing is said about it; an empty cell would be no number among numbers.
        texts = pc.replace_with_mask(texts, pa.array(mask), pa.array([None], pa.large_string()))
    return shortened(clean_ids(pa.chunked_array([texts])).combine_chunks())[0]


def _covered(texts: pa.ChunkedArray, ids: Sequence[str]) -> tuple[pa.ChunkedArray, int, int] | None:
    """The column without these ids, and how many cells were emptied and covered; None where none stands."""
    pattern = _pattern(ids)
    if pattern is None or not len(texts):
        return None
    coded = texts.combine_chunks().dictionary_encode()
    values = coded.dictionary
    worth = pc.fill_null(pc.match_substring_regex(values, "|".join(map(re.escape, sorted(ids)))), False)
    places = np.flatnonzero(worth.to_numpy(zero_copy_only=False))
    if not len(places):
        return None
    said = values.take(pa.array(places)).to_pylist()
    whole = frozenset(ids)
    new = ["" if text.strip() in whole else pattern.sub(COVER, text) for text in said]
    other = np.array([one != text for one, text in zip(new, said, strict=True)], dtype=bool)
    if not other.any():
        return None
    indices = pc.fill_null(coded.indices, len(values)).to_numpy()
    often = np.bincount(indices, minlength=len(values) + 1)[places]
    empty = np.array([not one for one in new], dtype=bool) & other
    mask = np.zeros(len(values), dtype=bool)
    mask[places] = True
    shown = pc.replace_with_mask(values, pa.array(mask), pa.array(new, values.type)).take(coded.indices)
    return pa.chunked_array([shown]), int(often[empty].sum()), int(often[other & ~empty].sum())


def _pattern(ids: Sequence[str]) -> re.Pattern[str] | None:
    """Finds whole ids: no letter or digit stands beside one that ends in such, a Korean particle may."""
    if not ids:
        return None
    inorder = sorted(ids, key=lambda id_: (-len(id_), id_))
    parts = [f"{_edge(one[0], '<!')}{re.escape(one)}{_edge(one[-1], '!')}" for one in inorder]
    return re.compile("|".join(parts))


def _edge(letter: str, side: str) -> str:
    return f"(?{side}[0-9A-Za-z])" if letter.isascii() and letter.isalnum() else ""


def _names(line: str, ids: Collection[str], telling: Sequence[str], delimiter: str) -> bool:
    """Does a torn line name one of them, in a field of its own or anywhere?"""
    fields = {field.strip(" \t\"'") for field in line.split(delimiter or ",")}
    pattern = _pattern(telling)
    return not fields.isdisjoint(ids) or (pattern is not None and pattern.search(line) is not None)


def _without_lines(raw: RawTable, gone: Sequence[bool]) -> RawTable:
    if not any(gone):
        return raw
    lines = raw.rejected_lines or (0,) * len(gone)
    stay = [(row, line) for row, line, goes in zip(raw.rejected_rows, lines, gone, strict=True) if not goes]
    left = raw.rejected - sum(gone)
    notes = [Finding(_TORN, {**note.values, "n": left}) if note.code == _TORN else note for note in raw.notes]
    return replace(
        raw,
        rejected=left,
        rejected_rows=tuple(row for row, _ in stay),
        rejected_lines=tuple(line for _, line in stay),
        notes=tuple(note for note in notes if left or note.code != _TORN),
    )
