"""Medians and other quantiles of many groups at once, exact, without sorting all of them."""

from __future__ import annotations

import numpy as np

__all__ = ["group_sizes", "nearest_ranks"]

_COARSE_BITS = 14
_BLOCK = 1 << 17
_FEW = 16


def group_sizes(group: np.ndarray, n_groups: int) -> np.ndarray:
    """How many entries each group has; `group` has the code of each, from 0. Others count nowhere."""
    # To look for each of a few bytes is quicker than to make wide numbers of them and count these.
    few = n_groups <= _FEW and group.dtype == np.uint8
    sizes = np.zeros(n_groups, dtype=np.int64)
    for low in range(0, len(group), _BLOCK):
        some = group[low : low + _BLOCK]
        if few:
            sizes += [np.count_nonzero(some == code) for code in range(n_groups)]
        else:
            sizes += np.bincount(some, minlength=n_groups)[:n_groups]
    return sizes


def nearest_ranks(
    group: np.ndarray, values: np.ndarray, n_groups: int, *parts: float, sizes: np.ndarray | None = None
) -> np.ndarray:
    """By part (0.5 is the median) and group: the value of nearest rank; NaN where a group has none.

    The nearest rank of a part p of n values is the ceil(p n)-th smallest one, never one in between. `values`
    are whole numbers, none negative; `group` has the code of each, from 0, and codes of `n_groups` and above
    count nowhere; `sizes` are those of the groups, where they are known already.
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
    if bits + int(group.max()).bit_length() > 63:
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
    coarse = np.empty(len(values), dtype=np.uint16)
    for low in range(0, len(values), _BLOCK):
        here = slice(low, low + _BLOCK)
        high = _keys(group[here], values[here], bits)
        high >>= shift
        counts += np.bincount(high, minlength=len(counts))
        coarse[here] = high
    ends = np.cumsum(counts)
    bins = np.searchsorted(ends, places, side="right")
    kept = np.unique(bins)
    wanted = np.zeros(len(counts), dtype=bool)
    wanted[kept] = True
    at = np.concatenate(
        [
            np.flatnonzero(wanted.take(coarse[low : low + _BLOCK])) + low
            for low in range(0, len(values), _BLOCK)
        ]
    )
    few = np.sort(_keys(group.take(at), values.take(at), bits))
    before = np.cumsum(counts[kept]) - counts[kept]
    return few.take(places - (ends - counts)[bins] + before[np.searchsorted(kept, bins)])


def _keys(group: np.ndarray, values: np.ndarray, bits: int) -> np.ndarray:
    keys = group.astype(np.int64)
    keys <<= bits
    keys |= values
    return keys
