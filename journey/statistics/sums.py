"""Totals, means and ratios from sums that add up, with the customer as what was drawn by chance."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np
from scipy.special import ndtri, stdtrit

__all__ = ["Sums", "mean", "median", "ratio", "total"]


@dataclass(frozen=True)
class Sums:
    """Sums over customers of two numbers that each has: `x` above, `y` below (of a ratio)."""

    n: int = 0
    x: float = 0.0
    y: float = 0.0
    xx: float = 0.0
    yy: float = 0.0
    xy: float = 0.0

    @classmethod
    def of(cls, x: np.ndarray, y: np.ndarray | None = None) -> Sums:
        """The sums of one number a customer (then y is 1 for each), or of two."""
        # Not as products of vectors: for those a library starts threads that wait in a loop.
        above, n = x.astype(float), len(x)
        if y is None:
            one = float(above.sum())
            return cls(n, one, n, float((above * above).sum()), n, one)
        below = y.astype(float)
        return cls(
            n,
            float(above.sum()),
            float(below.sum()),
            float((above * above).sum()),
            float((below * below).sum()),
            float((above * below).sum()),
        )

    def __add__(self, other: Sums) -> Sums:
        return Sums(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


def ratio(sums: Sums, level: float = 0.95) -> tuple[float, float, float]:
    """x / y with its interval: the rows of one customer belong together, so customers vary, not rows.

    Delta method: var = (xx - 2 r xy + r^2 yy) / y^2 * n / (n - 1), times the point of Student's t with
    n - 1 degrees of freedom, without which few customers look surer than they are. NaN where y is 0; no
    interval for fewer than two customers. Source: W. G. Cochran, Sampling Techniques, 3rd ed., 2.8 and 6.4.
    """
    if not sums.y:
        return math.nan, math.nan, math.nan
    found = sums.x / sums.y
    if sums.n < 2:
        return found, math.nan, math.nan
    spread = max(sums.xx - 2 * found * sums.xy + found * found * sums.yy, 0.0)
    point = float(stdtrit(sums.n - 1, 0.5 + level / 2))
    half = point * math.sqrt(spread * sums.n / (sums.n - 1)) / abs(sums.y)
    return found, found - half, found + half


def mean(sums: Sums, level: float = 0.95) -> tuple[float, float, float]:
    """x for each customer, with its interval; where y is 1 for everybody the ratio is the mean."""
    return ratio(Sums(sums.n, sums.x, sums.n, sums.xx, sums.n, sums.x), level)


def total(sums: Sums, level: float = 0.95) -> tuple[float, float, float]:
    """x with its interval, when who comes and what each brings are both chance: variance xx.

    Source: the variance of a compound Poisson sum, estimated by the sum of squares.
    """
    half = _z(level) * math.sqrt(sums.xx)
    return sums.x, sums.x - half, sums.x + half


def median(values: np.ndarray, level: float = 0.95) -> tuple[float, float, float]:
    """The middle value by nearest rank, with the interval between two of the values; NaN without any.

    Source: W. J. Conover, Practical Nonparametric Statistics, 3rd ed., 3.2 (normal approximation of ranks).
    """
    n = len(values)
    if not n:
        return math.nan, math.nan, math.nan
    inorder = np.sort(values)
    half = _z(level) * math.sqrt(n) / 2
    low, high = max(math.floor(n / 2 - half), 1), min(math.ceil(n / 2 + half) + 1, n)
    return float(inorder[-(-n // 2) - 1]), float(inorder[low - 1]), float(inorder[high - 1])


def _z(level: float) -> float:
    return float(ndtri(0.5 + level / 2))
