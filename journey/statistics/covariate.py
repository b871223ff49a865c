"""What would the arms have shown, had their units been alike before?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from journey.statistics.welch import moments, ratio_moments

__all__ = ["Adjusted", "adjusted_mean", "adjusted_ratio"]


@dataclass(frozen=True, eq=False)
class Adjusted:
    """Means (or ratios) of arms, without what a number from before explains; arms along the last axis.

    mean, variance  in place of those of the values as they are
    theta           how much the value rises with 1 of the number from before, the same for all arms
    explained       the share of the variance within the arms that is gone
    """

    mean: Any
    variance: Any
    theta: Any
    explained: Any


def adjusted_mean(
    n: ArrayLike, x: ArrayLike, xx: ArrayLike, b: ArrayLike, bb: ArrayLike, xb: ArrayLike
) -> Adjusted:
    """Adjust means by a number b known before the experiment (CUPED), from sums, squares and products.

    All sums are over the same n units. theta is the pooled slope within the arms, which is that of an
    analysis of covariance; 0 where b does not vary. Each arm is moved to the mean of b over all arms, so
    their differences mean what they did. Source: A. Deng, Y. Xu, R. Kohavi and T. Walker, WSDM 2013.
    """
    mean, variance = moments(n, x, xx)
    return _adjusted(n, mean, variance, _products(n, x, b, xb), b, bb)


def adjusted_ratio(
    n: ArrayLike,
    x: ArrayLike,
    y: ArrayLike,
    xx: ArrayLike,
    yy: ArrayLike,
    xy: ArrayLike,
    b: ArrayLike,
    bb: ArrayLike,
    xb: ArrayLike,
    yb: ArrayLike,
) -> Adjusted:
    """Adjust ratios x / y in the same way, by what each unit brings to the ratio: (x - r y) / mean y."""
    ratio, variance = ratio_moments(n, x, y, xx, yy, xy)
    with np.errstate(divide="ignore", invalid="ignore"):
        below = np.asarray(y, dtype=float) / np.asarray(n, dtype=float)
        together = (_products(n, x, b, xb) - ratio * _products(n, y, b, yb)) / below
    return _adjusted(n, ratio, variance, together, b, bb)


def _products(n: ArrayLike, x: ArrayLike, b: ArrayLike, xb: ArrayLike) -> np.ndarray:
    """The sum of the products of both from their means."""
    count, one, other = (np.asarray(part, dtype=float) for part in (n, x, b))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.asarray(xb, dtype=float) - one * other / count)


def _adjusted(
    n: ArrayLike, mean: ArrayLike, variance: ArrayLike, together: ArrayLike, b: ArrayLike, bb: ArrayLike
) -> Adjusted:
    count, value, spread, both = (np.asarray(part, dtype=float) for part in (n, mean, variance, together))
    before, before_spread = moments(n, b, bb)
    with np.errstate(divide="ignore", invalid="ignore"):
        known = (count > 1) & ~np.isnan(value + spread + both + before_spread)
        of_b = np.where(known, before_spread * (count - 1), 0).sum(axis=-1, keepdims=True)
        slope = np.where(known, both, 0).sum(axis=-1, keepdims=True) / of_b
        theta = np.where(of_b > 0, slope, 0.0)
        middle = np.nansum(np.asarray(b, dtype=float), axis=-1, keepdims=True)
        middle = middle / np.nansum(count, axis=-1, keepdims=True)
        moved = value - theta * (before - middle)
        left = spread - 2 * theta * both / (count - 1) + theta**2 * before_spread
        left = np.maximum(left, 0)
        total = np.where(known, spread * (count - 1), 0).sum(axis=-1)
        rest = np.where(known, left * (count - 1), 0).sum(axis=-1)
        explained = np.where(total > 0, 1 - rest / total, 0.0)
    return Adjusted(moved[()], left[()], theta[..., 0][()], explained[()])
