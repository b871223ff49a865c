"""Ids that share a prefix and end in digits, turned into codes without a hash table.

The number is read from the bytes of the column, eight digits at a time in one 64-bit word. A text and the
pair (number of digits, number) determine each other, so leading zeros survive, and nothing is guessed: a row
of any other form is handed back.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from journey.events.blocks import blocks, looked_up

__all__ = ["MOST_DIGITS", "Numbered", "encode", "has_numbers"]

MOST_DIGITS = 18  # of a tail: 10 ** 18 fits into 64 bits
_MOST_PREFIX = 64
_MOST_REST = 0.05
_SAMPLE = 200
_TRIED = 1 << 16  # rows before a column is given up
_PAD = 8
_DENSE = (
    4  # cells of the lookup table a row, at most; wider ranges of numbers go through a hash table of integers
)
_TENS = 10 ** np.arange(MOST_DIGITS + 1, dtype=np.int64)
# Digit strings are counted through by length, then by number: where those of each length begin.
_BEGIN = np.concatenate([[0, 0], np.cumsum(_TENS[1:-1])])


def _every(byte: int) -> np.uint64:
    return np.uint64(int.from_bytes(bytes([byte]) * 8, "little"))


_ZEROS, _HIGH, _SIX = _every(0x30), _every(0xF0), _every(0x06)
_PAIRS = np.uint64(0x000000FF000000FF)
_UPPER, _LOWER = np.uint64(100 + (1_000_000 << 32)), np.uint64(1 + (10_000 << 32))
# For each number of bytes: the mask of the last bytes of a word, and "0" in the bytes before.
_LAST = np.array([((1 << 64) - 1) ^ ((1 << 8 * (8 - k)) - 1) for k in range(9)], dtype=np.uint64)
_FILL = ~_LAST & _ZEROS


@dataclass(frozen=True, eq=False)
class Numbered:
    """`codes` are positions in `values` (ascending), -1 for null; the rows of `rest` hold other texts."""

    codes: np.ndarray
    values: pa.LargeStringArray
    rest: np.ndarray


def encode(texts: pa.ChunkedArray) -> Numbered | None:
    """Encode a column of which at least 95 % is one prefix and 1 to 18 digits; None where it is not."""
    prefix = _prefix(texts)
    if prefix is None:
        return None
    places: list[np.ndarray] = []
    bad: list[np.ndarray] = []
    rows = rest = 0
    for chunk in texts.chunks:
        for part in blocks(len(chunk)):
            found, wrong = _read(chunk[part], prefix)
            places.append(found)
            if wrong is not None:
                bad.append(wrong + rows)
                rest += len(wrong)
            rows += len(found)
            if rest > _MOST_REST * max(rows, _TRIED):
                return None
    if rest > _MOST_REST * rows:
        return None
    codes, distinct = _codes(places)
    other = np.concatenate(bad) if bad else np.zeros(0, dtype=np.int64)
    if texts.null_count and len(other):
        other = other[texts.is_valid().to_numpy().take(other)]
    return Numbered(codes, _texts(prefix, distinct), other)


def has_numbers(texts: pa.ChunkedArray) -> bool:
    """Do the cells of a sample look like one prefix and digits?"""
    return _prefix(texts) is not None


def _prefix(texts: pa.ChunkedArray) -> bytes | None:
    """The prefix of nearly all cells of a sample, or None."""
    some = np.unique(np.linspace(0, len(texts) - 1, min(_SAMPLE, len(texts))).astype(np.int64))
    cells = [cell for cell in (texts[at].as_py() for at in some.tolist()) if cell]
    heads = Counter(cell.rstrip("0123456789") for cell in cells if cell[-1] in "0123456789")
    if not heads:
        return None
    head, share = heads.most_common(1)[0]
    prefix = head.encode()
    return prefix if share >= 0.9 * len(cells) and len(prefix) <= _MOST_PREFIX else None


def _read(block: pa.LargeStringArray, prefix: bytes) -> tuple[np.ndarray, np.ndarray | None]:
    """Each row's place among all digit strings (see `_BEGIN`), and the rows that have none (-1)."""
    _, offsets, data = block.buffers()
    ends = np.frombuffer(offsets, np.int64)[block.offset : block.offset + len(block) + 1]
    first, last = int(ends[0]), int(ends[-1])
    padded = np.zeros(last - first + 2 * _PAD, dtype=np.uint8)
    if last > first:
        padded[_PAD:-_PAD] = np.frombuffer(data, np.uint8)[first:last]
    # The word that begins at each byte: an unaligned, overlapping view, not a copy.
    words = np.ndarray((len(padded) - 7,), "<u8", padded, 0, (1,))
    digits = np.diff(ends) - len(prefix)
    low, high = int(digits.min()), int(digits.max())
    if low == high and 1 <= low <= MOST_DIGITS and not block.null_count:
        width = len(prefix) + low
        heads = [words[_PAD + ahead :: width][: len(block)] for ahead in range(0, len(prefix), 8)]
        tails = [words[_PAD + width - back :: width][: len(block)] for back in range(8, low + 8, 8)]
        place, right = _number(tails, np.int64(low))
    else:
        right = (digits >= 1) & (digits <= MOST_DIGITS)
        if block.null_count:
            right &= block.is_valid().to_numpy(zero_copy_only=False)
        digits = np.where(right, digits, 1)
        begin, end = ends[:-1] - first + _PAD, ends[1:] - first + _PAD
        heads = [words[np.minimum(begin + ahead, len(words) - 1)] for ahead in range(0, len(prefix), 8)]
        tails = [words[np.maximum(end - back, 0)] for back in range(8, int(digits.max()) + 8, 8)]
        place, all_digits = _number(tails, digits)
        right &= all_digits
    for ahead, word in zip(range(0, len(prefix), 8), heads, strict=True):
        part = prefix[ahead : ahead + 8]
        mask = np.uint64((1 << 8 * len(part)) - 1)
        right &= (word & mask) == np.uint64(int.from_bytes(part, "little"))
    if place.max(initial=0) < 2**31:
        place = place.astype(np.int32)
    if right.all():
        return place, None
    place[~right] = -1
    return place, np.flatnonzero(~right)


def _number(tails: list[np.ndarray], digits: np.ndarray | np.int64) -> tuple[np.ndarray, np.ndarray]:
    """Place of each row's digits, which are the last ones of its words (`tails`: last eight bytes first)."""
    place = np.zeros(1, dtype=np.int64)
    right = np.ones(len(tails[0]), dtype=bool)
    for group, tail in enumerate(tails):
        here = np.clip(digits - 8 * group, 0, 8)
        word = tail & _LAST[here]
        word |= _FILL[here]
        word ^= (
            _ZEROS  # of a digit 0 to 9 is left; of any other byte that or the same plus six has a high bit
        )
        wrong = word + _SIX
        wrong |= word
        wrong &= _HIGH
        right &= wrong == 0
        number = _eight_digits(word)
        place = place + number * _TENS[8 * group] if group else number
    place += _BEGIN[digits]
    return place, right


def _eight_digits(word: np.ndarray) -> np.ndarray:
    """The number of eight digits, one a byte: neighbours to pairs, pairs to fours, fours to the number."""
    lower = word >> np.uint64(8)
    word = word * np.uint64(10)
    word += lower
    lower = word >> np.uint64(16)
    lower &= _PAIRS
    lower *= _LOWER
    word &= _PAIRS
    word *= _UPPER
    word += lower
    word >>= np.uint64(32)
    return word.view(np.int64)


def _codes(places: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """A code for each row (-1 stays) and the distinct places, both in code-point order of their digits."""
    # Without their sign, the -1 are the largest.
    first = min(int(block.view(f"u{block.itemsize}").min()) for block in places)
    span = max(int(block.max()) for block in places) - first + 1
    rows = sum(map(len, places))
    if span <= _DENSE * rows:
        seen = np.zeros(span + 1, dtype=bool)
        for block in places:
            seen[_cells(block, first, span)] = True
        found = np.flatnonzero(seen[:span])
        rank, distinct = _ranked(found + first)
        table = np.full(span + 1, -1, dtype=np.int32)
        table[found] = rank
        codes, end = np.empty(rows, dtype=np.int32), 0
        for block in places:
            begin, end = end, end + len(block)
            codes[begin:end] = table[_cells(block, first, span)]
        return codes, distinct
    hashed, found = pd.factorize(np.concatenate(places))
    rank, distinct = _ranked(found[found >= 0])
    table = np.full(len(found), -1, dtype=np.int32)
    table[found >= 0] = rank
    return looked_up(table, hashed), distinct


def _cells(block: np.ndarray, first: int, none: int) -> np.ndarray:
    """Where the places of a block lie in a table that begins with `first`; `none` for -1."""
    cells = block.astype(np.intp)
    cells -= first
    if block.min() < 0:
        cells[block < 0] = none
    return cells


def _ranked(places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rank of each place in code-point order of its digits, and the places in that order."""
    digits, number = _split(places)
    most = int(digits.max())
    # Left-aligned, "07" is 7 and "1" is 10, and numbers compare as texts do; of equals, the shorter is first.
    order = np.lexsort((digits, number * _TENS[most - digits]))
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return rank, places[order]


def _split(places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    digits = np.searchsorted(_BEGIN[1:], places, side="right")
    return digits, places - _BEGIN[digits]


def _texts(prefix: bytes, places: np.ndarray) -> pa.LargeStringArray:
    """The ids themselves: prefix and digits, written into one buffer."""
    digits, number = _split(places)
    most = int(digits.max())
    left = number * _TENS[most - digits]
    cells = np.empty((len(places), len(prefix) + most), dtype=np.uint8)
    cells[:, : len(prefix)] = np.frombuffer(prefix, np.uint8)
    for column in range(cells.shape[1] - 1, len(prefix) - 1, -1):
        left, digit = np.divmod(left, 10)
        cells[:, column] = digit + ord("0")
    size = digits + len(prefix)
    ends = np.concatenate([[0], np.cumsum(size)])
    data = cells if int(digits.min()) == most else cells[np.arange(cells.shape[1]) < size[:, None]]
    return pa.LargeStringArray.from_buffers(
        len(places), pa.py_buffer(ends), pa.py_buffer(np.ascontiguousarray(data))
    )
