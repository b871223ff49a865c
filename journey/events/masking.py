"""Personal data in columns of text is covered, and all else stays as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from journey.events.kinds import TableChoice
from journey.events.personal_shapes import (
    PLAIN,
    WORTH,
    column_kind,
    is_card_number,
    masked_text,
)
from journey.events.resident_numbers import MARK, without_numbers
from journey.findings import Finding
from journey.sources.raw_table import RawTable, as_text, text_series

__all__ = ["Masked", "masked_cells", "masked_frame", "masked_raw", "masked_texts"]

# Times and long ids are the bulk of what looks worth it.
_TIME = (
    r"^\s*[0-9]{4}[-./][0-9]{1,2}[-./][0-9]{1,2}"
    r"([T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,9})?)? ?(Z|UTC|[+\-][0-9]{2}:?[0-9]{2})?)?\s*$"
)
_LONG_NUMBER = r"^\s*[0-9]{13,19}\s*$"
_SHORTEST = 6
_MANY = 1_000
# Roles whose cells are joined or counted, not shown: masked ones would fall together or be no numbers.
_KEPT = (
    "customer",
    "time",
    "session",
    "order",
    "amount",
    "quantity",
    "unit_price",
    "scores",
    "rating",
    "outcomes",
)


@dataclass(frozen=True, eq=False)
class Masked:
    """Masked `texts`; how many `cells` held personal data, by `kinds`, and how many were nothing else."""

    texts: pa.ChunkedArray
    cells: int = 0
    whole: int = 0
    kinds: Counter[str] = field(default_factory=Counter)


def masked_texts(texts: pa.ChunkedArray, name: str = "") -> pa.ChunkedArray:
    """The texts with e-mail addresses, phone, card, account, licence and passport numbers covered.

    "010-****-5678", "h***@***.com": the rest of a text stays, and a masked text is masked no further.
    The `name` of the column tells numbers without a shape of their own: accounts, phones in a row of digits.
    """
    return masked_cells(texts, name).texts


def masked_frame(frame: pd.DataFrame, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """The table with its columns of text (or those of `columns`) masked; numbers and times stay."""
    wanted = frame.columns if columns is None else columns
    new = {
        name: text_series(masked_texts(as_text(frame[name]), str(name))).set_axis(frame.index)
        for name in wanted
        if pd.api.types.is_string_dtype(frame[name].dtype)
    }
    return frame.assign(**new) if new else frame


def masked_raw(raw: RawTable, choice: TableChoice) -> RawTable:
    """The table as it is cleaned: masked, if the `choice` says so, and with a note on what was.

    Only columns with a role that is shown are masked. The customer's stays: its ids are never shown but as
    codes, and masked ones would fall together; so would orders and sessions.
    """
    if not choice.masked:
        return raw
    kept = {name for role in _KEPT for name in choice.all(role)}
    changed: dict[str, pd.Series] = {}
    cells = 0
    for name in choice.columns:
        if name in raw.frame.columns and name not in kept:
            masked = masked_cells(as_text(raw.frame[name]), name)
            if masked.cells:
                changed[name] = text_series(masked.texts).set_axis(raw.frame.index)
                cells += masked.cells
    if not changed:
        return raw
    columns = {name: changed.get(name, raw.frame[name]) for name in raw.frame.columns}
    note = Finding("privacy.masked", {"n": cells, "columns": list(changed)})
    return replace(raw, frame=pd.DataFrame(columns, copy=False), notes=(*raw.notes, note))


def masked_cells(texts: pa.ChunkedArray, name: str = "") -> Masked:
    """A column masked, its distinct cells each once, with what was found in it."""
    if not len(texts) or (pc.max(pc.binary_length(texts)).as_py() or 0) < _SHORTEST:
        return Masked(texts)
    free = without_numbers(texts, name)
    kinds: Counter[str] = Counter()
    hit = whole = np.zeros(len(texts), dtype=bool)
    if free is not texts:
        hit = pc.fill_null(pc.not_equal(free, texts), False).to_numpy()
        whole = hit & pc.fill_null(pc.equal(free, MARK), False).to_numpy()
        kinds["rrn"] = int(hit.sum())
    coded = free.combine_chunks().dictionary_encode()
    values = coded.dictionary
    places = np.flatnonzero(_worth(values, column_kind(name)))
    seen = _seen(values.take(pa.array(places)), column_kind(name))
    found = seen.which > 0
    places = places[found]
    if not len(places):
        return Masked(free, int(hit.sum()), int(whole.sum()), kinds)
    # A missing cell has the code of a value beyond the last.
    codes = pc.fill_null(coded.indices, len(values)).to_numpy()
    often = np.bincount(codes, minlength=len(values) + 1)[places]
    for number, held in enumerate(seen.kinds):
        kinds.update(dict.fromkeys(held, int(often[seen.which[found] == number].sum())))
    flags = _flags(places, len(values) + 1)
    hit = hit | flags[codes]
    flags[places] = seen.whole[found]
    whole = whole | flags[codes]
    new = seen.texts.filter(pa.array(found))
    shown = pc.replace_with_mask(values, pa.array(_flags(places, len(values))), new).take(coded.indices)
    return Masked(pa.chunked_array([shown]), int(hit.sum()), int(whole.sum()), kinds)


@dataclass(frozen=True, eq=False)
class _Seen:
    """Texts masked. Of each, `which` of the `kinds` it held (the first is none), and was that the `whole`?"""

    texts: pa.LargeStringArray
    kinds: Sequence[tuple[str, ...]]
    which: np.ndarray
    whole: np.ndarray


def _seen(values: pa.LargeStringArray, of: str) -> _Seen:
    """Each of the texts masked; the plain addresses and phones that fill whole columns all at once."""
    texts = values
    numbers: dict[tuple[str, ...], int] = {(): 0}
    which, whole = np.zeros(len(values), dtype=np.int16), np.zeros(len(values), dtype=bool)
    for kind, pattern, mask in PLAIN if len(values) >= _MANY else ():
        rest = np.flatnonzero(which == 0)
        hit = rest[_matches(values.take(pa.array(rest)), pattern)]
        if len(hit):
            new = pc.replace_substring_regex(values.take(pa.array(hit)), pattern, mask)
            which[hit], whole[hit] = numbers.setdefault((kind,), len(numbers)), True
            texts = pc.replace_with_mask(texts, pa.array(_flags(hit, len(values))), new)
    rest = np.flatnonzero(which == 0)
    looked = [masked_text(text, of) for text in values.take(pa.array(rest)).to_pylist()]
    if looked:
        which[rest] = [numbers.setdefault(one.kinds, len(numbers)) for one in looked]
        whole[rest] = [one.whole for one in looked]
        new = pa.array([one.text for one in looked], values.type)
        texts = pc.replace_with_mask(texts, pa.array(_flags(rest, len(values))), new)
    return _Seen(texts, tuple(numbers), which, whole)


def _flags(places: np.ndarray, length: int) -> np.ndarray:
    flags = np.zeros(length, dtype=bool)
    flags[places] = True
    return flags


def _worth(values: pa.LargeStringArray, of: str) -> np.ndarray:
    """Which distinct cells deserve a closer look?"""
    look = np.zeros(len(values), dtype=bool)
    for pattern in (*WORTH, "[0-9]{4}") if of else WORTH:
        rest = np.flatnonzero(~look)
        look[rest] = _matches(values.take(pa.array(rest)), pattern)
    places = np.flatnonzero(look)
    some = values.take(pa.array(places))
    keep = ~_matches(some, _TIME)
    if of != "card":
        long = _matches(some, _LONG_NUMBER)
        if not _are_cards(some.filter(pa.array(long))):
            keep &= ~long
    look[places] = keep
    return look


def _are_cards(numbers: pa.LargeStringArray) -> bool:
    """Are the long whole numbers of a column card numbers? By chance one in ten has the right last digit."""
    some = numbers.take(pa.array(np.linspace(0, len(numbers) - 1, min(len(numbers), _MANY)).astype(np.int64)))
    return 2 * sum(is_card_number(text.strip()) for text in some.to_pylist()) >= max(len(some), 1)


def _matches(texts: pa.LargeStringArray, pattern: str) -> np.ndarray:
    return pc.fill_null(pc.match_substring_regex(texts, pattern), False).to_numpy(zero_copy_only=False)
