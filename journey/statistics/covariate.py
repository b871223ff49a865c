"""What would the arms have shown, had their units been alike before?

CUPED: A. Deng, Y. Xu, R. Kohavi and T. Walker, WSDM 2013. All that is needed are sums over the same units: of
the value x (and y below, of a ratio), of a number b from before the experiment, and of their products.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from journey.statistics.welch import moments

__all__ = ["Before", "adjusted", "before_of_means", "before_of_ratios", "pooled_slope"]


@dataclass(frozen=True, eq=False)
class Before:
    """What is known of arms from before: mean and variance of b, and its covariance with the value."""

    mean: Any
    variance: Any
    covariance: Any


def before_of_means(n: ArrayLike, x: ArrayLike, b: ArrayLike, bb: ArrayLike, xb: ArrayLike) -> Before:
    """How b goes with the value x; NaN for fewer than two units."""
    mean, variance = moments(n, b, bb)
    return Before(mean, variance, _covariance(n, x, mean, xb)[()])


def before_of_ratios(
    n: ArrayLike, x: ArrayLike, y: ArrayLike, b: ArrayLike, bb: ArrayLike, xb: ArrayLike, yb: ArrayLike
) -> Before:
    """How b goes with what each unit brings to the ratio x / y, which is (x - r y) / mean y."""
    mean, variance = moments(n, b, bb)
    above, below = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        brought = _covariance(n, x, mean, xb) - above / below * _covariance(n, y, mean, yb)
        return Before(mean, variance, (brought * np.asarray(n, dtype=float) / below)[()])


def pooled_slope(n: ArrayLike, before: Before) -> Any:
    """How much the value rises with 1 of b within the arms, which are the last axis: theta.

    It is that of an analysis of covariance. Arms of fewer than two units do not count; 0 where b
    varies in none.
    """
    count = np.asarray(n, dtype=float)
    known = (count > 1) & np.isfinite(before.variance) & np.isfinite(before.covariance)
    within = np.where(known, (count - 1) * before.variance, 0).sum(axis=-1)
    together = np.where(known, (count - 1) * before.covariance, 0).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(within > 0, together / within, 0.0)[()]


def adjusted(
    value: ArrayLike, variance: ArrayLike, before: Before, slope: ArrayLike, centre: ArrayLike
) -> tuple[Any, Any]:
    """Value and variance of each arm as if its mean of b had been `centre`, the same for all arms.

    So the difference of two arms means what it did, and varies by what b does not explain.
    """
    theta, middle = np.asarray(slope, dtype=float), np.asarray(centre, dtype=float)
    moved = np.asarray(value, dtype=float) - theta * (before.mean - middle)
    left = np.asarray(variance, dtype=float) - 2 * theta * before.covariance + theta**2 * before.variance
    return moved[()], np.maximum(left, 0)[()]


def _covariance(n: ArrayLike, x: ArrayLike, mean: ArrayLike, xb: ArrayLike) -> np.ndarray:
    count, total = np.asarray(n, dtype=float), np.asarray(x, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.asarray(xb, dtype=float) - total * np.asarray(mean, dtype=float)
        return np.asarray(np.where(count > 1, left / (count - 1), np.nan))
