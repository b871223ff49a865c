"""What may be said of a difference by somebody who looks at it every day?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["TUNED", "Anytime", "anytime", "confidence_sequence"]

TUNED = 5_000
# A standard error of fewer units than this is itself hardly known.
_FEWEST = 20


@dataclass(frozen=True, eq=False)
class Anytime:
    """An interval and a p-value that hold at all looks together, however many there are.

    low, high  the interval, never narrower than that of one planned look
    p          of 100 experiments without a difference, at most 5 ever see one of at most 0.05
    times      how many usual standard errors the interval reaches to each side, for intervals of lifts
    """

    low: Any
    high: Any
    p: Any
    times: Any


def anytime(
    n1: ArrayLike,
    mean1: ArrayLike,
    variance1: ArrayLike,
    n2: ArrayLike,
    mean2: ArrayLike,
    variance2: ArrayLike,
    level: float = 0.95,
    tuned: ArrayLike = TUNED,
) -> Anytime:
    """The confidence sequence of mean1 - mean2, with an error that early looks cannot fool.

    A group in which nothing happened yet has no variance, so a small group would soon look different from a
    large one. Therefore the error is the larger of two: that of Welch's test, and that of one variance of
    both groups around their common mean (as in the pooled test of shares). NaN for fewer than 20 units in
    both together and where nothing varies.
    """
    many, high, first, other, low, second = np.broadcast_arrays(
        *(np.asarray(one, dtype=float) for one in (n1, mean1, variance1, n2, mean2, variance2))
    )
    n = many + other
    with np.errstate(divide="ignore", invalid="ignore"):
        one, two = np.where(many > 1, first / many, np.nan), np.where(other > 1, second / other, np.nan)
        usual = np.sqrt(one + two)
        between = many * other / n * (high - low) ** 2
        pooled = ((many - 1) * first + (other - 1) * second + between) / (n - 1)
        error = np.maximum(usual, np.sqrt(pooled * (1 / many + 1 / other)))
        found = confidence_sequence(high - low, error, n, level, tuned)
        times = np.where(usual > 0, found.times * error / usual, np.nan)
    return Anytime(found.low, found.high, found.p, times[()])


def confidence_sequence(
    difference: ArrayLike, error: ArrayLike, n: ArrayLike, level: float = 0.95, tuned: ArrayLike = TUNED
) -> Anytime:
    """The asymptotic confidence sequence of a difference with its standard error at `n` units of both groups.

    `tuned` is the number of units at which it is narrowest: that of the plan, written down before the first
    look. It holds for large numbers, as a standard error does, so fewer than 20 units say nothing: NaN, as
    where nothing varies. `p` and interval agree at `level` only. Source: I. Waudby-Smith, D. Arbour, R.
    Sinha, E. H. Kennedy and A. Ramdas, arXiv 2103.06476, equations 9 and 155.
    """
    middle, spread = np.asarray(difference, dtype=float), np.asarray(error, dtype=float)
    weight = _weight(n, level, tuned)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        times = np.sqrt(2 * (weight + 1) / weight * (np.log1p(weight) / 2 - np.log(1 - level)))
        known = np.where(spread > 0, spread, np.nan)
        half = known * times
        # The logarithm of the e-value: its own exponential is beyond all numbers for clear differences.
        gained = (middle / known) ** 2 * weight / (2 * (weight + 1)) - np.log1p(weight) / 2
        p = np.exp(-np.maximum(gained, 0))
        return Anytime((middle - half)[()], (middle + half)[()], p[()], times[()])


def _weight(n: ArrayLike, level: float, tuned: ArrayLike) -> np.ndarray:
    """n rho^2, the weight of the data beside that of a prior that is best at `tuned` units."""
    count, best = np.asarray(n, dtype=float), np.asarray(tuned, dtype=float)
    if np.any(best <= 0) or not 0 < level < 1:
        raise ValueError("tuned > 0 and 0 < level < 1")
    rest = -2 * np.log(1 - level)
    return np.where(count >= _FEWEST, count, np.nan) * (rest + np.log(rest + 1)) / best
