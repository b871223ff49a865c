"""Were the units dealt out to the arms as it was planned?"""

from __future__ import annotations

from math import comb
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, gammaln
from scipy.stats import binomtest

__all__ = ["mismatch"]

# Below this many expected in any arm the chi-square distribution does not hold.
_LEAST_EXPECTED = 5
# So many ways to deal out the units are looked at one by one; beyond that, so many are drawn.
_MOST_WAYS, _DRAWN = 200_000, 100_000
# Ways that are as likely as the one seen, but for rounding, count as not likelier.
_ALIKE = 1e-7


def mismatch(counts: ArrayLike, weights: ArrayLike) -> Any:
    """The p-value that `counts`, arms along the last axis, come from a draw with the planned `weights`.

    Pearson's chi-square; exact (ways that are no likelier than the one seen) where fewer than 5 are expected
    in an arm. For more than two arms with very many ways, 100,000 of them are drawn with a fixed seed. NaN
    without units. Weights are parts of their sum. Source: K. Pearson, Philosophical Magazine 50 (1900)
    157-175; for experiments, A. Fabijan et al., KDD 2019.
    """
    seen, weight = np.asarray(counts, dtype=float), np.asarray(weights, dtype=float)
    if np.any(seen < 0) or weight.ndim != 1 or np.any(weight <= 0) or seen.shape[-1:] != weight.shape:
        raise ValueError("counts >= 0 with one weight > 0 for each arm")
    share = weight / weight.sum()
    rows = seen.reshape(-1, len(share))
    total = rows.sum(axis=1)
    expected = total[:, None] * share
    safe = np.where(expected > 0, expected, 1)
    p = np.asarray(chdtrc(max(len(share) - 1, 1), ((rows - expected) ** 2 / safe).sum(axis=1)))
    p[total == 0] = np.nan
    few = (total > 0) & (expected.min(axis=1) < _LEAST_EXPECTED)
    if len(share) == 1:
        p[total > 0] = 1.0
    elif few.any():
        ways, which = np.unique(rows[few], axis=0, return_inverse=True)
        p[few] = np.array([_exact(way.astype(np.int64), share) for way in ways])[which.ravel()]
    return p.reshape(seen.shape[:-1])[()]


def _exact(seen: np.ndarray, share: np.ndarray) -> float:
    n, arms = int(seen.sum()), len(seen)
    if arms == 2:
        return float(binomtest(int(seen[0]), n, share[0]).pvalue)
    if comb(n + arms - 1, arms - 1) > _MOST_WAYS:
        drawn = np.random.default_rng(0).multinomial(n, share, size=_DRAWN)
        likely = _log_chance(drawn, share) <= _log_chance(seen, share) + _ALIKE
        return float((1 + likely.sum()) / (1 + _DRAWN))
    log = _log_chance(_ways(n, arms), share)
    return float(min(np.exp(log[log <= _log_chance(seen, share) + _ALIKE]).sum(), 1.0))


def _ways(n: int, arms: int) -> np.ndarray:
    """Every way to deal out n units to the arms, one a row."""
    found = np.arange(n + 1)[:, None]
    for _ in range(arms - 2):
        left = n - found.sum(axis=1)
        row = np.repeat(np.arange(len(found)), left + 1)
        first = np.cumsum(left + 1) - (left + 1)
        found = np.column_stack([found[row], np.arange(len(row)) - first[row]])
    return np.column_stack([found, n - found.sum(axis=1)])


def _log_chance(counts: np.ndarray, share: np.ndarray) -> Any:
    """The logarithm of the multinomial chance of each row."""
    total = counts.sum(axis=-1)
    return gammaln(total + 1) + (counts * np.log(share) - gammaln(counts + 1)).sum(axis=-1)
