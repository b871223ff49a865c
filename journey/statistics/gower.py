"""How different are two customers, with numbers and categories together?"""

from __future__ import annotations

import numpy as np

__all__ = ["gower"]


def gower(numbers: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """The distances of all pairs of n customers (n x n, 0 to 1): the mean over all columns of both tables.

    Of a number the difference over its range (0 where all are the same), of a category 0 or 1. Nothing may be
    missing. Takes n squared numbers of memory: for samples. Source: Gower (1971).
    """
    n = len(numbers)
    whole = np.zeros((n, n))
    for column in np.asarray(numbers, dtype=float).T:
        span = column.max() - column.min()
        if span > 0:
            whole += np.abs(column[:, None] - column) / span
    for column in codes.T:
        whole += column[:, None] != column
    features = numbers.shape[1] + codes.shape[1]
    return whole / max(features, 1)
