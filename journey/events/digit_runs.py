"""Which cells hold so many digits in a row? The bytes of a column tell, without a look at each cell."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

__all__ = ["DigitRuns", "digit_runs"]

_SHORT, _LONG = 7, 13
_PIECE = 2**18


class DigitRuns(NamedTuple):
    """Where digits stand in a row, as positions of cells, ascending.

    `numbers` are the cells that are thirteen digits and nothing else, `digits` their digits (0-9, a row a
    cell). `others` hold exactly seven or thirteen digits in a row among other things, or full-width forms.
    """

    numbers: np.ndarray
    digits: np.ndarray
    others: np.ndarray


def digit_runs(texts: pa.ChunkedArray) -> DigitRuns:
    """The cells of at least thirteen bytes that hold exactly seven or thirteen ASCII digits in a row."""
    found: list[DigitRuns] = []
    begin = 0
    for chunk in texts.chunks:
        runs = _of_chunk(chunk.cast(pa.large_string()))
        found.append(DigitRuns(runs.numbers + begin, runs.digits, runs.others + begin))
        begin += len(chunk)
    return DigitRuns(*map(np.concatenate, zip(_NOTHING, *found, strict=True)))


_NOTHING = DigitRuns(np.zeros(0, np.int64), np.zeros((0, _LONG), np.uint8), np.zeros(0, np.int64))


def _of_chunk(chunk: pa.LargeStringArray) -> DigitRuns:
    data = chunk.buffers()[2]
    if data is None or not len(chunk):
        return _NOTHING
    offsets = np.frombuffer(chunk.buffers()[1], np.int64, count=len(chunk) + 1, offset=8 * chunk.offset)
    lengths = np.diff(offsets)
    if int(lengths.max()) < _LONG:
        return _NOTHING
    octets = np.frombuffer(data, np.uint8, count=int(offsets[-1]))[int(offsets[0]) :]
    if not _is_worth(octets):
        return _NOTHING
    starts = offsets[:-1] - offsets[0]
    others = [_with_full_width(octets, starts)]
    # Runs of two, four and seven: each flag says that as many digits begin here.
    digits = (octets - np.uint8(48)) < 10
    two = digits[:-1] & digits[1:]
    four = two[:-2] & two[2:]
    seven = four[:-3] & four[3:]
    if not seven.any():
        return _NOTHING._replace(others=_long_enough(others, lengths))
    # The bytes of cells lie side by side: what a cell begins with has no digit before it.
    first = digits.copy()
    first[1:] &= ~digits[:-1]
    first[starts[lengths > 0]] |= digits[starts[lengths > 0]]
    at = np.flatnonzero(first[: len(seven)] & seven)
    cell = np.searchsorted(starts, at, side="right") - 1
    end = starts[cell] + lengths[cell]
    is_short = (at + _SHORT <= end) & _stops(digits, at + _SHORT, end)
    inside = np.minimum(at + _SHORT - 1, len(seven) - 1)
    is_long = (at + _LONG <= end) & seven[inside] & _stops(digits, at + _LONG, end)
    is_number = is_long & (lengths[cell] == _LONG)
    others.append(cell[(is_short | is_long) & ~is_number])
    number = octets[at[is_number][:, None] + np.arange(_LONG)] - np.uint8(48)
    return DigitRuns(cell[is_number], number, _long_enough(others, lengths))


def _is_worth(octets: np.ndarray) -> bool:
    """Are there seven digits in a row or full-width forms, wherever cells end? A cached piece at a time."""
    for begin in range(0, len(octets), _PIECE):
        piece = octets[begin : begin + _PIECE + _SHORT - 1]
        digits = (piece - np.uint8(48)) < 10
        two = digits[:-1] & digits[1:]
        four = two[:-2] & two[2:]
        if (four[:-3] & four[3:]).any() or (piece == 0xEF).any():
            return True
    return False


def _stops(digits: np.ndarray, after: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Is what follows no digit of the same cell?"""
    return (after >= end) | ~digits[np.minimum(after, len(digits) - 1)]


def _with_full_width(octets: np.ndarray, starts: np.ndarray) -> np.ndarray:
    # Hangul begins with other bytes.
    wide = np.flatnonzero((octets[:-1] == 0xEF) & (octets[1:] == 0xBC))
    return np.searchsorted(starts, wide, side="right") - 1


def _long_enough(cells: list[np.ndarray], lengths: np.ndarray) -> np.ndarray:
    every = np.unique(np.concatenate(cells))
    return every[lengths[every] >= _LONG]
