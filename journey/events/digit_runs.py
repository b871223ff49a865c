"""Which cells hold so many digits in a row? The bytes of a column tell, without a look at each cell."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

__all__ = ["rows_with_digits"]

# The first byte of full-width digits (and of other full-width forms).
_FULL_WIDTH = 0xEF


def rows_with_digits(texts: pa.ChunkedArray, run: int, *, shortest: int = 0) -> np.ndarray:
    """Positions, ascending, of the cells of at least `shortest` bytes that hold `run` digits in a row.

    Cells with full-width forms are among them, whatever they hold.
    """
    found: list[np.ndarray] = []
    begin = 0
    for chunk in texts.chunks:
        rows = _rows(chunk.cast(pa.large_string()), run, shortest)
        if len(rows):
            found.append(rows + begin)
        begin += len(chunk)
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


def _rows(chunk: pa.LargeStringArray, run: int, shortest: int) -> np.ndarray:
    none = np.zeros(0, dtype=np.int64)
    data = chunk.buffers()[2]
    if data is None or not len(chunk):
        return none
    offsets = np.frombuffer(chunk.buffers()[1], np.int64, count=len(chunk) + 1, offset=8 * chunk.offset)
    lengths = np.diff(offsets)
    if int(lengths.max()) < max(shortest, run):
        return none
    octets = np.frombuffer(data, np.uint8, count=int(offsets[-1]))[int(offsets[0]) :]
    starts = offsets[:-1] - offsets[0]
    digits = (octets - np.uint8(48)) < 10
    # Runs of two, four and then as many as asked: each flag says that a run begins here.
    flags, long = digits, 1
    while long < run and len(flags):
        step = min(long, run - long)
        flags = flags[: len(flags) - step] & flags[step:]
        long += step
    wide = octets == _FULL_WIDTH if int(octets.max(initial=0)) >= _FULL_WIDTH else None
    if not flags.any() and (wide is None or not wide.any()):
        return none
    marks = np.zeros(len(octets), dtype=bool)
    marks[: len(flags)] = flags
    # The bytes of cells lie side by side: a run that begins in one and ends in the next is none.
    for back in range(1, run):
        places = starts - back
        marks[places[places >= 0]] = False
    if wide is not None:
        marks |= wide
    filled = np.flatnonzero(lengths)
    rows = filled[np.logical_or.reduceat(marks, starts[filled])]
    return rows[lengths[rows] >= shortest]
