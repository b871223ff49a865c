"""Many comparisons at once: what a p-value is worth when it is one of many."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import false_discovery_control

__all__ = ["false_discovery", "holm", "holm_levels"]


def false_discovery(p: ArrayLike) -> np.ndarray:
    """The false-discovery rate at which each test would be called clear (q); NaN was not tested, stays NaN.

    Source: Y. Benjamini and Y. Hochberg, JRSS B 57 (1995) 289-300, as scipy has it.
    """
    found = np.asarray(p, dtype=float)
    q, tested = np.full(found.shape, np.nan), ~np.isnan(found)
    if tested.any():
        q[tested] = false_discovery_control(found[tested])
    return q


def holm(p: ArrayLike) -> np.ndarray:
    """p-values adjusted so that the chance of any false one stays at the level; NaN stays NaN.

    Source: S. Holm, Scandinavian Journal of Statistics 6 (1979) 65-70.
    """
    found = np.asarray(p, dtype=float)
    adjusted, tested = np.full(found.shape, np.nan), np.flatnonzero(~np.isnan(found))
    order = tested[np.argsort(found[tested], kind="stable")]
    times = len(order) - np.arange(len(order))
    adjusted[order] = np.minimum(np.maximum.accumulate(found[order] * times), 1.0)
    return adjusted


def holm_levels(p: ArrayLike, alpha: float = 0.05) -> np.ndarray:
    """For each test the level of the interval that leaves 0 out exactly when Holm's procedure rejects.

    The i-th smallest of k p-values has alpha / (k - i + 1) as long as all before it are rejected; from the
    first that is not, all have that one's. NaN counts as no test and has alpha.
    """
    found = np.asarray(p, dtype=float)
    levels, tested = np.full(found.shape, 1 - alpha), np.flatnonzero(~np.isnan(found))
    order = tested[np.argsort(found[tested], kind="stable")]
    share = alpha / (len(order) - np.arange(len(order)))
    kept = np.flatnonzero(found[order] >= share)
    if len(kept):
        share[kept[0] :] = share[kept[0]]
    levels[order] = 1 - share
    return levels
