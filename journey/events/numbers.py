"""How much is it? Amounts as people write them: 1,234원, ₩1,234, 35%, 3만5천, (1,234), △500."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from journey.sources.raw_table import as_text

__all__ = ["Numbers", "parse_number", "parse_numbers"]

_SAMPLES = 5
_PLAIN = r"^-?\d{1,15}(\.\d{1,15})?$"
_MISSING = frozenset(("", "na", "n/a", "nan", "null", "none", "-", "--", "(not set)", "없음"))
_DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_NUMBER = re.compile(rf"^{_DIGITS}$|^\.\d+$")
_MINUS = re.compile(r"^(?:[-−–△▲]|\((?=.*\)$))\s*")
_MONEY = re.compile(r"^(?:₩|￦|\\|\$|€|£|¥|KRW|USD)\s*")
_AFTER = re.compile(r"\s*(?:원|won|KRW|USD|달러|개|명|건|회|점)$", re.IGNORECASE)
_MYRIADS = (("조", 10**12), ("억", 10**8), ("만", 10**4))
_TENS = (("천", 1000), ("백", 100), ("십", 10))
# 3만5 may be 30,005 or, said aloud, 35,000.
_COLLOQUIAL = re.compile(r"[조억만천백]\s*\d$")
_FULL_WIDTH = {
    0xFF0B: "+",
    0xFF0D: "-",
    0xFF0C: ",",
    0xFF0E: ".",
    0xFF05: "%",
    0xFF08: "(",
    0xFF09: ")",
    0xFE6A: "%",
} | {0xFF10 + digit: str(digit) for digit in range(10)}


@dataclass(frozen=True, eq=False)
class Numbers:
    """Values one a row, NaN where there is none. A percentage is a share: 35% is 0.35.

    `missing` cells were empty; `invalid` ones are not read because they would have to be guessed (1,23;
    12,34,567; 1e5; 1.234,56) or are no number; `invalid_examples` shows up to five of them. `percent` cells
    had a % sign.
    """

    values: np.ndarray
    missing: int
    invalid: int
    invalid_examples: tuple[str, ...] = ()
    percent: int = 0


def parse_numbers(column: pd.Series) -> Numbers:
    """Read a column of text as numbers, each exactly as written, none guessed."""
    if column.dtype.kind in "iuf":
        values = column.to_numpy(dtype=np.float64)
        wrong = np.isinf(values)
        values = np.where(wrong, np.nan, values)
        return Numbers(values, int(column.isna().sum()), int(wrong.sum()), ("inf",) if wrong.any() else ())
    texts = as_text(column)
    if texts.null_count:
        texts = pc.fill_null(texts, "")
    return _plain(texts) or _any(texts)


def _plain(texts: pa.ChunkedArray) -> Numbers | None:
    empty = pc.equal(texts, "")
    right = pc.or_(empty, pc.match_substring_regex(texts, _PLAIN))
    if not pc.all(right).as_py():
        return None
    values = pc.cast(pc.if_else(empty, pa.scalar(None, pa.large_string()), texts), pa.float64())
    return Numbers(np.asarray(values.to_numpy(), dtype=np.float64), pc.sum(empty).as_py() or 0, 0)


def _any(texts: pa.ChunkedArray) -> Numbers:
    codes, distinct = pd.factorize(pd.Series(texts.to_pandas()))
    read = [_read(str(cell)) for cell in distinct]
    counts = np.bincount(codes, minlength=len(read))
    values = np.array([np.nan if value is None else float(value) for value, _ in read])
    kinds = np.array([kind for _, kind in read], dtype="U7")
    wrong = np.flatnonzero(kinds == "invalid")
    return Numbers(
        values[codes] if len(values) else np.zeros(0),
        int(counts[kinds == "missing"].sum()),
        int(counts[wrong].sum()),
        tuple(str(distinct[i]) for i in wrong[:_SAMPLES]),
        int(counts[kinds == "percent"].sum()),
    )


def parse_number(cell: str) -> Decimal | None:
    """One cell as an exact number, None where it is none or would have to be guessed.

    >>> parse_number("1억 2,000만원"), parse_number("△500"), parse_number("1,23")
    (Decimal('120000000'), Decimal('-500'), None)
    """
    return _read(cell)[0]


def _read(cell: str) -> tuple[Decimal | None, str]:
    text = cell.translate(_FULL_WIDTH).replace("\u00a0", " ").strip()
    if text.lower() in _MISSING:
        return None, "missing"
    text, percent, negative = _bare(text)
    value = _grouped(text)
    if value is None and not percent:
        value = _korean(text)
    if value is None:
        return None, "invalid"
    value = -value if negative else value
    return (value / 100, "percent") if percent else (value, "number")


def _bare(text: str) -> tuple[str, bool, bool]:
    """Without sign, currency and unit; and whether it was a percentage, and negative."""
    negative = False
    money = _MONEY.match(text)
    text = text[money.end() :] if money else text
    minus = _MINUS.match(text)
    if minus:
        negative = True
        text = text[minus.end() :]
        text = text[:-1].rstrip() if minus.group().startswith("(") else text
    elif text.startswith("+"):
        text = text[1:].lstrip()
    money = _MONEY.match(text)
    text = text[money.end() :] if money else text
    percent = text.endswith("%")
    text = text[:-1].rstrip() if percent else _AFTER.sub("", text)
    return text, percent, negative


def _grouped(text: str) -> Decimal | None:
    return Decimal(text.replace(",", "")) if _NUMBER.match(text) and text.isascii() else None


def _korean(text: str) -> Decimal | None:
    """3만5천, 1억 2,000만, 1.5억, 3천5백만: each part smaller than the one before it."""
    if _COLLOQUIAL.search(text):
        return None
    return _parts(
        re.sub(r"(?<=[조억만천백십])\s+", "", text), _MYRIADS, lambda rest: _parts(rest, _TENS, _grouped)
    )


def _parts(
    text: str, units: tuple[tuple[str, int], ...], smaller: Callable[[str], Decimal | None]
) -> Decimal | None:
    total = Decimal(0)
    found = False
    for word, size in units:
        before, mark, after = text.partition(word)
        if not mark:
            continue
        part = smaller(before) if before else Decimal(1)
        if part is None:
            return None
        total, text, found = total + part * size, after, True
    if not text:
        return total if found else None
    rest = smaller(text)
    return None if rest is None else total + rest
