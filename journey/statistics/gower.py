"""How different are two customers, with numbers and categories together?"""

from __future__ import annotations

import numpy as np

__all__ = ["gower"]


def gower(numbers: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """The distances of all pairs of n customers (n x n, 0 to 1): the mean over all features.

    Of a number the difference over its range (0 where all are the same), of a category 0 or 1. Nothing may be
    missing. Takes n squared numbers of memory: for samples. Source: Gower (1971).
    """
    n = len(numbers) if numbers.size else len(codes)
    whole = np.zeros((n, n))
    for column in np.asarray(numbers, dtype=float).reshape(n, -1).T:
        span = column.max() - column.min()
        if span > 0:
            whole += np.abs(column[:, None] - column) / span
    for column in np.asarray(codes).reshape(n, -1).T:
        whole += column[:, None] != column
    features = numbers.reshape(n, -1).shape[1] + codes.reshape(n, -1).shape[1]
    return whole / max(features, 1)
