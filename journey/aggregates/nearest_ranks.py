"""Medians and other quantiles of many groups at once, exact, without sorting all of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

__all__ = ["group_sizes", "nearest_ranks"]

_COARSE_BITS = 14
_BLOCK = 1 << 17
_FEW = 16


def group_sizes(group: np.ndarray, n_groups: int) -> np.ndarray:
    """How many entries each group has; `group` has the code of each, from 0."""
    if n_groups <= _FEW and group.dtype == np.uint8:
        # To look for each of a few bytes is quicker than to make wide numbers of them and count these.
        return np.array([np.count_nonzero(group == code) for code in range(n_groups)], dtype=np.int64)
    return np.bincount(group, minlength=n_groups)


def nearest_ranks(
    group: np.ndarray, values: np.ndarray, n_groups: int, *parts: float, sizes: np.ndarray | None = None
) -> np.ndarray:
    """By part (0.5 is the median) and group: the value of nearest rank; NaN where a group has none.

    The nearest rank of a part p of n values is the ceil(p n)-th smallest one, never one in between. `values`
    are whole numbers, none negative; `group` has the code of each, from 0; `sizes` are those of the groups,
    where they are known already.
    """
    sizes = group_sizes(group, n_groups) if sizes is None else sizes
    found = np.full((len(parts), n_groups), np.nan)
    there = np.flatnonzero(sizes)
    if not len(there):
        return found
    begins = (np.cumsum(sizes) - sizes)[there]
    # A part such as 0.9 is not exact in binary: 0.9 * 10 must not become the 10th.
    ranks = [np.ceil(np.round(part * sizes[there], 9)).astype(np.int64) for part in parts]
    places = np.concatenate([begins + np.maximum(rank, 1) - 1 for rank in ranks])
    bits = int(values.max()).bit_length()
    if bits + (n_groups - 1).bit_length() > 63:
        wanted = values.take(np.lexsort((values, group)).take(places))
    else:
        wanted = _smallest(group, values, bits, places) & (1 << bits) - 1
    found[:, there] = wanted.reshape(len(parts), -1)
    return found


def _smallest(group: np.ndarray, values: np.ndarray, bits: int, places: np.ndarray) -> np.ndarray:
    """The keys group << bits | value that would stand at these places if all were sorted.

    Keys are counted by their highest bits, and only those that share them with a wanted one are sorted.
    """
    shift = max(0, bits + int(group.max()).bit_length() - _COARSE_BITS)
    counts = np.zeros(1 << _COARSE_BITS, dtype=np.int64)
    for keys in _keys(group, values, bits):
        keys >>= shift
        counts += np.bincount(keys, minlength=len(counts))
    ends = np.cumsum(counts)
    bins = np.searchsorted(ends, places, side="right")
    kept = np.unique(bins)
    wanted = np.zeros(len(counts), dtype=bool)
    wanted[kept] = True
    few = np.sort(
        np.concatenate(
            [keys.take(np.flatnonzero(wanted.take(keys >> shift))) for keys in _keys(group, values, bits)]
        )
    )
    before = np.cumsum(counts[kept]) - counts[kept]
    return few.take(places - (ends - counts)[bins] + before[np.searchsorted(kept, bins)])


def _keys(group: np.ndarray, values: np.ndarray, bits: int) -> Iterator[np.ndarray]:
    """The keys, so many at once that a processor's cache holds them."""
    for low in range(0, len(values), _BLOCK):
        keys = group[low : low + _BLOCK].astype(np.int64)
        keys <<= bits
        keys |= values[low : low + _BLOCK]
        yield keys
