"""The stamp that databases write, "2025-01-31 23:59:59", read from the bytes of a column.

Year, month and day, and hours, minutes and seconds, are two words of the same form: pairs of digits with a
mark between them. A column with any other cell is handed back.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa

from journey.events.blocks import blocks

__all__ = ["FIRST", "LAST", "read"]

# 1900 and 9999 are what systems write for "never"; beyond 2261 nanoseconds overflow.
FIRST = np.datetime64("1901-01-01", "us")
LAST = np.datetime64("2262-01-01", "us")
_WIDTH = 19
_NO_DAY = np.iinfo(np.int64).min
_SECOND = 1_000_000


def _word(octets: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(octets, "little"))


_DATE, _CLOCK = _word(b"00-00-00"), _word(b"00:00:00")
_SIX = _word(bytes([6, 6, 0, 6, 6, 0, 6, 6]))
_WRONG = _word(bytes([0xF0, 0xF0, 0xFF, 0xF0, 0xF0, 0xFF, 0xF0, 0xF0]))
_PAIRS = _word(bytes([0xFF, 0, 0, 0xFF, 0, 0, 0xFF]))
_OVER = _word(bytes([128 - 24, 0, 0, 128 - 60, 0, 0, 128 - 60]))  # one more reaches the high bit of its byte
_HIGH = _word(bytes([128, 0, 0, 128, 0, 0, 128]))
_KEY = np.uint64(1 + (32 << 24) + (512 << 48))
_MINUTES = np.uint64(1 + (60 << 24))


def read(texts: pa.ChunkedArray) -> np.ndarray | None:
    """Wall-clock times (datetime64[us]) of cells that all are stamps of the years 1901 to 2261; else None."""
    found = np.empty(len(texts), dtype=np.int64)
    end = 0
    for chunk in texts.chunks:
        for part in blocks(len(chunk)):
            times = _read(chunk[part])
            if times is None:
                return None
            begin, end = end, end + len(times)
            found[begin:end] = times
    return found.view("datetime64[us]")


def _read(block: pa.LargeStringArray) -> np.ndarray | None:
    _, offsets, data = block.buffers()
    ends = np.frombuffer(offsets, np.int64)[block.offset : block.offset + len(block) + 1]
    if block.null_count or not (np.diff(ends) == _WIDTH).all():
        return None
    cells = np.frombuffer(data, np.uint8)[int(ends[0]) : int(ends[-1])]
    century, gap = _strided(cells, 0, "<u2"), cells[10::_WIDTH]
    if (century != century[0]).any() or gap[0] not in b" T" or (gap != gap[0]).any():
        return None
    date, date_wrong = _pairs(_strided(cells, 2, "<u8") ^ _DATE)
    clock, clock_wrong = _pairs(_strided(cells, 11, "<u8") ^ _CLOCK)
    clock_wrong |= (clock + _OVER) & _HIGH
    if date_wrong.any() or clock_wrong.any():
        return None
    date *= _KEY
    date >>= np.uint64(48)
    times = _days(int(century[0])).take(date.view(np.int64))
    if times.min() == _NO_DAY:
        return None
    seconds = clock >> np.uint64(48)
    clock *= _MINUTES
    clock >>= np.uint64(24)
    clock &= np.uint64(0xFFFF)
    clock *= np.uint64(60)
    clock += seconds
    clock *= np.uint64(_SECOND)
    times += clock.view(np.int64)
    return times


def _strided(cells: np.ndarray, at: int, kind: str) -> np.ndarray:
    """The number of some bytes of each cell, `at` bytes after its beginning: a view, not a copy."""
    return np.ndarray((len(cells) // _WIDTH,), kind, cells, at, (_WIDTH,))


def _pairs(word: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Three numbers of two digits, in the bytes 0, 3 and 6 of a word; and what shows that they are none."""
    wrong = word + _SIX
    wrong |= word
    wrong &= _WRONG
    number = word * np.uint64(10)
    number += word >> np.uint64(8)
    number &= _PAIRS
    return number, wrong


@cache
def _days(century: int) -> np.ndarray:
    """The first instant of each day of a century, at year * 512 + month * 32 + day."""
    table = np.full(1 << 16, _NO_DAY)
    digits = century.to_bytes(2, "little")
    if digits.isdigit():
        first = np.datetime64(f"{digits.decode()}00-01-01", "D")
        # Not every century has a 29th of February in its first year.
        days = np.arange(first, np.datetime64(first.astype("M8[Y]") + 100, "D"))
        days = days[(days >= FIRST) & (days < LAST)]
        years, months = days.astype("datetime64[Y]"), days.astype("datetime64[M]")
        year, month = (years.astype(np.int64) + 1970) % 100, months.astype(np.int64) % 12 + 1
        day = (days - months).astype(np.int64) + 1
        table[year * 512 + month * 32 + day] = days.astype("datetime64[us]").astype(np.int64)
    return table
