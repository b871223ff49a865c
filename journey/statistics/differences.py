"""Do two numbers differ by more than chance?"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr
from scipy.stats import fisher_exact

__all__ = ["mover", "two_shares"]

_FEWEST_EXPECTED = 5


def mover(
    x1: ArrayLike, low1: ArrayLike, high1: ArrayLike, x2: ArrayLike, low2: ArrayLike, high2: ArrayLike
) -> tuple[Any, Any]:
    """The interval of x1 - x2 from the intervals of two independent estimates of any kind.

    For two shares with Wilson's intervals it is Newcombe's. Source: G. Y. Zou and A. Donner, Statistics in
    Medicine 27 (2008) 1693-1702 (method of variance estimates recovery).
    """
    first, second = np.asarray(x1, dtype=float), np.asarray(x2, dtype=float)
    below = np.hypot(first - low1, np.asarray(high2) - second)
    above = np.hypot(np.asarray(high1) - first, second - low2)
    return (first - second - below)[()], (first - second + above)[()]


def two_shares(k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike) -> Any:
    """The p-value, two-sided, that k1 of n1 and k2 of n2 come from one share; NaN where an n is 0.

    The pooled z-test (Pearson's chi-square without correction); Fisher's exact test where an expected count
    is below 5. Both 0 or both all: 1.
    """
    a, m, b, n = np.broadcast_arrays(*(np.asarray(one, dtype=float) for one in (k1, n1, k2, n2)))
    if np.any((a < 0) | (a > m) | (b < 0) | (b > n)):
        raise ValueError("0 <= k <= n")
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = (a + b) / (m + n)
        z = (a / m - b / n) / np.sqrt(pooled * (1 - pooled) * (1 / m + 1 / n))
    known = (m > 0) & (n > 0)
    flat = known & ((pooled == 0) | (pooled == 1))
    p = np.where(flat, 1.0, np.where(known, 2 * ndtr(-np.abs(z)), np.nan))
    rarer = np.minimum(pooled, 1 - pooled) * np.minimum(m, n)
    few = known & ~flat & (rarer < _FEWEST_EXPECTED)
    p[few] = [
        fisher_exact(np.array([[k, own - k], [other, all_ - other]], dtype=int)).pvalue
        for k, own, other, all_ in zip(a[few], m[few], b[few], n[few], strict=True)
    ]
    return p[()]
