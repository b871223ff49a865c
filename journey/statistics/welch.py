"""By how much does one mean differ from another, when all that is known are sums?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr, stdtrit

__all__ = ["Welch", "moments", "ratio_moments", "share_moments", "welch"]

# What is left of a sum of squares below this part of it is rounding, not spread.
_ROUNDING = 1e-11
# A sum below a ratio is clearly not 0 when it is further from it than this many standard errors.
_CLEAR = 3.0


@dataclass(frozen=True, eq=False)
class Welch:
    """A difference of two means, element by element.

    difference  the first minus the second
    error       its standard error
    freedom     degrees of freedom after Welch and Satterthwaite
    p           two-sided, that there is none
    low, high   its interval
    """

    difference: Any
    error: Any
    freedom: Any
    p: Any
    low: Any
    high: Any


def moments(n: ArrayLike, x: ArrayLike, xx: ArrayLike) -> tuple[Any, Any]:
    """Mean and variance (n - 1 below) of n values from their sum and the sum of their squares.

    No mean for 0 values and no variance for fewer than 2: NaN.
    """
    count, total, squares = (np.asarray(one, dtype=float) for one in (n, x, xx))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(count > 0, total / count, np.nan)
        left = squares - total * mean
        # Squares that nobody knows are no spread of 0.
        left = np.where((left > _ROUNDING * squares) | np.isnan(squares), left, 0.0)
        return mean[()], np.where(count > 1, left / (count - 1), np.nan)[()]


def share_moments(k: ArrayLike, n: ArrayLike) -> tuple[Any, Any]:
    """Mean and variance p (1 - p) of n values of which k are 1 and the others 0; NaN for 0 values."""
    hits, count = np.asarray(k, dtype=float), np.asarray(n, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(count > 0, hits / count, np.nan)
    return share[()], (share * (1 - share))[()]


def ratio_moments(
    n: ArrayLike, x: ArrayLike, y: ArrayLike, xx: ArrayLike, yy: ArrayLike, xy: ArrayLike
) -> tuple[Any, Any]:
    """The ratio of two sums x / y over n units, and the variance that one unit brings to it.

    The variance divided by n is that of the ratio, so both go where a mean and its variance go. Delta method:
    (var x - 2 r cov xy + r^2 var y) / (y / n)^2. NaN where y is not clearly above 0 (within 3 standard errors
    of it): there the method does not hold. Source: A. Deng et al., KDD 2018, arXiv 1803.06336.
    """
    count, over = np.asarray(n, dtype=float), np.asarray(x, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_x, var_x = moments(n, x, xx)
        mean_y, var_y = moments(n, y, yy)
        both = (np.asarray(xy, dtype=float) - over * mean_y) / (count - 1)
        known = np.abs(mean_y) > _CLEAR * np.sqrt(np.nan_to_num(var_y) / count)
        ratio = np.where(known, mean_x / mean_y, np.nan)
        spread = var_x - 2 * ratio * both + ratio**2 * var_y
        size = var_x + ratio**2 * var_y
        spread = np.where(spread > _ROUNDING * size, spread, np.where(np.isnan(spread), np.nan, 0.0))
        return ratio[()], (spread / mean_y**2)[()]


def welch(
    n1: ArrayLike,
    mean1: ArrayLike,
    variance1: ArrayLike,
    n2: ArrayLike,
    mean2: ArrayLike,
    variance2: ArrayLike,
    level: float = 0.95,
) -> Welch:
    """The difference mean1 - mean2, without supposing that both groups vary alike.

    Where neither group varies there is nothing to judge by: p and interval are NaN, as they are for fewer
    than 2 in a group. Source: B. L. Welch, Biometrika 34 (1947) 28-35.
    """
    many, one_mean, first, other, two_mean, second = np.broadcast_arrays(
        *(np.asarray(one, dtype=float) for one in (n1, mean1, variance1, n2, mean2, variance2))
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        one = np.where(many > 1, first / many, np.nan)
        two = np.where(other > 1, second / other, np.nan)
        difference = one_mean - two_mean
        spread = one + two
        freedom = spread**2 / (one**2 / (many - 1) + two**2 / (other - 1))
        error = np.sqrt(spread)
        p = 2 * stdtr(freedom, -np.abs(difference / error))
        half = stdtrit(freedom, 0.5 + level / 2) * error
        return Welch(
            *(part[()] for part in (difference, error, freedom, p, difference - half, difference + half))
        )
