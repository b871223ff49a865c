"""How many percent higher or lower is one group than another?"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri, stdtrit

from journey.statistics.welch import welch

__all__ = ["mean_lift", "share_lift"]


def share_lift(
    k1: ArrayLike,
    n1: ArrayLike,
    k2: ArrayLike,
    n2: ArrayLike,
    level: float = 0.95,
    times: ArrayLike | None = None,
) -> tuple[Any, Any, Any]:
    """k1 / n1 relative to k2 / n2, less 1, with its interval (lift, low, high).

    Normal on the scale of logarithms; `times` standard errors wide where given, else as `level` says. Without
    hits in group 2 there is nothing to be relative to, and without hits in group 1, or without misses in
    both, there is no interval: NaN. Source: D. Katz et al., Biometrics 34 (1978) 469-474.
    """
    a, m, b, n = np.broadcast_arrays(*(np.asarray(one, dtype=float) for one in (k1, n1, k2, n2)))
    if np.any((a < 0) | (a > m) | (b < 0) | (b > n)):
        raise ValueError("0 <= k <= n")
    wide = float(ndtri(0.5 + level / 2)) if times is None else np.asarray(times, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(b > 0, (a / m) / (b / n), np.nan)
        spread = np.where((a > 0) & (a + b < m + n), 1 / a - 1 / m + 1 / b - 1 / n, np.nan)
        factor = np.exp(wide * np.sqrt(spread))
        return (ratio - 1)[()], (ratio / factor - 1)[()], (ratio * factor - 1)[()]


def mean_lift(
    n1: ArrayLike,
    mean1: ArrayLike,
    variance1: ArrayLike,
    n2: ArrayLike,
    mean2: ArrayLike,
    variance2: ArrayLike,
    level: float = 0.95,
    times: ArrayLike | None = None,
) -> tuple[Any, Any, Any]:
    """(mean1 - mean2) / |mean2| with the interval that leaves 0 out exactly when the difference does.

    Fieller's interval, `times` standard errors wide where given, else with Welch's degrees of freedom. Where
    mean2 itself could be 0 no such interval has ends: NaN. (The delta method's interval of a lift can hold 0
    where the difference does not.) Source: E. C. Fieller, JRSS B 16 (1954) 175-185.
    """
    found = welch(n1, mean1, variance1, n2, mean2, variance2, level)
    first, second = np.asarray(mean1, dtype=float), np.asarray(mean2, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        wide = stdtrit(found.freedom, 0.5 + level / 2) if times is None else np.asarray(times, dtype=float)
        lift = found.difference / np.abs(second)
        lift = np.where(np.isfinite(lift), lift, np.nan)
        # In units of mean2, so that amounts of any size keep their digits.
        ratio = first / second
        one = np.asarray(variance1, dtype=float) / np.asarray(n1, dtype=float) / second**2
        two = np.asarray(variance2, dtype=float) / np.asarray(n2, dtype=float) / second**2
        left = 1 - wide**2 * two
        inner = one * left + ratio**2 * two
        half = wide * np.sqrt(np.where((left > 0) & (inner >= 0), inner, np.nan))
        ends = np.stack([(ratio - half) / left - 1, (ratio + half) / left - 1])
        ends = np.where(second < 0, -ends[::-1], ends) * np.where(np.isnan(found.error), np.nan, 1)
        return lift[()], ends[0][()], ends[1][()]
