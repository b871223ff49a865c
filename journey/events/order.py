"""The one sort of a log: by customer, time and event, with whole rows packed into 64-bit words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Sorted", "sort_rows"]

_WORD = 64
_UNITS = (1_000_000, 1_000, 1)  # microseconds: stamps are mostly whole seconds
_LEAST_TIME = 8  # bits of time that must fit beside customer and row, else the general sort is as good


@dataclass(frozen=True, eq=False)
class Sorted:
    """Rows in order, column by column, and how many rows each customer has."""

    sizes: np.ndarray
    what: np.ndarray
    when: np.ndarray
    carried: tuple[np.ndarray, ...] = ()


def sort_rows(
    who: np.ndarray,
    what: np.ndarray,
    when: np.ndarray,
    *,
    n_who: int,
    n_what: int,
    carried: Sequence[np.ndarray] = (),
) -> Sorted:
    """Sort by customer, time, event, then what is `carried`: nothing hangs on the order of the rows.

    `who` and `what` are codes below `n_who` and `n_what`; `when` is in microseconds. Without carried columns
    equal rows are equal words, so the words themselves are sorted and taken apart again. With them, a word
    holds customer, as much of the time as fits, and the row; rows that agree in that are then put in order.
    """
    code = np.uint8 if n_what <= 2**8 else np.uint16 if n_what <= 2**16 else np.uint32
    sizes = np.bincount(who, minlength=n_who)
    if not len(who):
        return Sorted(sizes, what.astype(code), when, tuple(carried))
    first = int(when.min())
    ticks, unit = _ticks(when, first)
    who_bits, what_bits, time_bits, row_bits = (
        max(1, int(most).bit_length()) for most in (n_who - 1, n_what - 1, ticks.max(), len(who) - 1)
    )
    if not carried and who_bits + time_bits + what_bits <= _WORD:
        word = _pack(ticks, who, time_bits)
        word = _pack(what, word, what_bits, into=word)
        word.sort()
        sorted_what = (word & np.uint64(2**what_bits - 1)).astype(code)
        word >>= np.uint64(what_bits)
        word &= np.uint64(2**time_bits - 1)
        word *= np.uint64(unit)
        sorted_when = word.view(np.int64)
        sorted_when += first
        return Sorted(sizes, sorted_what, sorted_when)
    kept_bits = min(time_bits, _WORD - who_bits - row_bits)
    if kept_bits < min(_LEAST_TIME, time_bits):
        rows = np.lexsort((*carried[::-1], what, when, who))
    else:
        short = ticks >> np.uint64(time_bits - kept_bits)
        word = _pack(short, who, kept_bits)
        word = _pack(np.arange(len(who), dtype=np.uint64), word, row_bits, into=word)
        word.sort()
        rows = (word & np.uint64(2**row_bits - 1)).astype(np.int64)
        word >>= np.uint64(row_bits)
        _repair(rows, word, (*carried[::-1], what, when))
    return Sorted(sizes, what[rows].astype(code), when[rows], tuple(column[rows] for column in carried))


def _ticks(when: np.ndarray, first: int) -> tuple[np.ndarray, int]:
    """Distances from the first time, counted in the largest unit that counts them all, and that unit."""
    far = when - first
    for unit in _UNITS[:-1]:
        # A few rows tell nearly always; only then is the whole column divided.
        if not (far[:: max(1, len(far) // 1000)] % unit).any():
            ticks = far // unit
            if (ticks * unit == far).all():
                return ticks.view(np.uint64), unit
    return far.view(np.uint64), _UNITS[-1]


def _pack(low: np.ndarray, high: np.ndarray, bits: int, *, into: np.ndarray | None = None) -> np.ndarray:
    """`high` moved up by `bits`, with `low` below it."""
    word = high.astype(np.uint64) if into is None else into
    word <<= np.uint64(bits)
    word |= low if low.dtype == np.uint64 else low.astype(np.uint64)
    return word


def _repair(rows: np.ndarray, word: np.ndarray, keys: Sequence[np.ndarray]) -> None:
    """Put rows whose words are equal in the order of `keys` (the last one first), in place."""
    equal = word[1:] == word[:-1]
    if not equal.any():
        return
    group = np.zeros(len(word), dtype=bool)
    group[1:] = equal
    group[:-1] |= equal
    at = np.flatnonzero(group)
    few = rows[at]
    rows[at] = few[np.lexsort((*(key[few] for key in keys), word[at]))]
