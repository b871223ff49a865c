"""Columns in blocks of rows: what is made of a block on the way stays in the processor's cache."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

__all__ = ["BLOCK", "blocks", "looked_up"]

BLOCK = 1 << 15


def blocks(rows: int) -> Iterator[slice]:
    """The rows in order, `BLOCK` at a time."""
    return (slice(low, min(low + BLOCK, rows)) for low in range(0, rows, BLOCK))


def looked_up(table: np.ndarray, places: np.ndarray) -> np.ndarray:
    """`table[places]`; twice as fast for many places, which need not be made 64 bits wide all at once."""
    found = np.empty(len(places), dtype=table.dtype)
    for part in blocks(len(places)):
        found[part] = table[places[part].astype(np.intp)]
    return found
