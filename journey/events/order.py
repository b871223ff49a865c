"""The one sort of a log: by customer, time and event, with whole rows packed into 64-bit words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from journey.events.blocks import blocks

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
    if not len(who):
        return Sorted(np.zeros(n_who, np.int64), what.astype(code), when, tuple(carried))
    clock = _clock(when)
    who_bits, what_bits, row_bits = (
        max(1, int(most).bit_length()) for most in (n_who - 1, n_what - 1, len(who) - 1)
    )
    word = np.empty(len(who), dtype=np.uint64)
    if not carried and who_bits + clock.bits + what_bits <= _WORD:
        for part in blocks(len(who)):
            word[part] = _pack(_pack(who[part], clock.ticks(when[part]), clock.bits), what[part], what_bits)
        word.sort()
        sizes, sorted_what = np.zeros(n_who, np.int64), np.empty(len(who), code)
        _unpack(word, clock, what_bits, sizes, sorted_what)
        return Sorted(sizes, sorted_what, word.view(np.int64))
    kept_bits = min(clock.bits, _WORD - who_bits - row_bits)
    if kept_bits < min(_LEAST_TIME, clock.bits):
        rows = np.lexsort((*carried[::-1], what, when, who))
    else:
        for part in blocks(len(who)):
            short = clock.ticks(when[part]) >> np.uint64(clock.bits - kept_bits)
            word[part] = _pack(_pack(who[part], short, kept_bits), np.arange(part.start, part.stop), row_bits)
        word.sort()
        rows = (word & np.uint64(2**row_bits - 1)).view(np.int64)
        word >>= np.uint64(row_bits)
        _repair(rows, word, (*carried[::-1], what, when))
    sizes = np.bincount(who, minlength=n_who)
    return Sorted(sizes, what[rows].astype(code), when[rows], tuple(column[rows] for column in carried))


@dataclass(frozen=True)
class _Clock:
    """Times as whole numbers of `bits` bits: distances from the `first` one, counted in `unit`s."""

    first: int
    unit: int
    bits: int

    def ticks(self, when: np.ndarray) -> np.ndarray:
        return (when - self.first).view(np.uint64) // np.uint64(self.unit)

    def times(self, ticks: np.ndarray) -> np.ndarray:
        return (ticks * np.uint64(self.unit)).view(np.int64) + self.first


def _clock(when: np.ndarray) -> _Clock:
    """The clock with the largest unit that loses nothing of any time."""
    first, last = int(when.min()), int(when.max())
    for unit in _UNITS:
        clock = _Clock(first, unit, max(1, ((last - first) // unit).bit_length()))
        # The first block tells nearly always; only where it fits is the whole column looked through.
        if all((clock.times(clock.ticks(when[part])) == when[part]).all() for part in blocks(len(when))):
            break
    return clock


def _pack(high: np.ndarray, low: np.ndarray, bits: int) -> np.ndarray:
    """`high` moved up by `bits`, with `low` below it."""
    word = high.astype(np.uint64)
    word <<= np.uint64(bits)
    word |= low.astype(np.uint64, copy=False)
    return word


def _unpack(word: np.ndarray, clock: _Clock, what_bits: int, sizes: np.ndarray, what: np.ndarray) -> None:
    """Take sorted words apart: counts into `sizes`, events into `what`, and times in place of the words."""
    owners: list[np.ndarray] = []
    begins: list[np.ndarray] = []
    last = np.int64(-1)
    for part in blocks(len(word)):
        here = word[part]
        what[part] = here & np.uint64(2**what_bits - 1)
        here >>= np.uint64(what_bits)
        who = (here >> np.uint64(clock.bits)).view(np.int64)
        begin = np.flatnonzero(np.diff(who, prepend=last))
        owners.append(who[begin])
        begins.append(begin + part.start)
        last = who[-1]
        word.view(np.int64)[part] = clock.times(here & np.uint64(2**clock.bits - 1))
    sizes[np.concatenate(owners)] = np.diff(np.concatenate(begins), append=len(word))


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
