"""How many units does a test need, and what can it see with those that it has?

`alpha` is two-sided. With several arms against one control give alpha / (arms - 1): Holm's correction asks
no more of any of them. `ratio` is how many units the other arm gets for each of the control. Numbers of units
are not rounded; round them up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import nctdtr, ndtr, ndtri, stdtrit

__all__ = [
    "power_of_means",
    "power_of_shares",
    "smallest_mean",
    "smallest_share",
    "units_for_means",
    "units_for_shares",
]

_HALVINGS = 80
# Beyond so many degrees of freedom Student's t is the normal distribution to more digits than are shown.
_NORMAL = 1_000_000


def units_for_shares(
    base: ArrayLike, target: ArrayLike, power: float = 0.8, alpha: float = 0.05, ratio: ArrayLike = 1.0
) -> Any:
    """Units of the control arm with which the pooled z-test sees `target` beside `base` in `power` of tests.

    NaN where both are the same or not within 0 to 1. Source: J. L. Fleiss, Statistical Methods for Rates and
    Proportions, 2nd ed., 3.2, without continuity correction.
    """
    p, q, r = (np.asarray(one, dtype=float) for one in (base, target, ratio))
    known = (p >= 0) & (p <= 1) & (q >= 0) & (q <= 1) & (p != q) & (r > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = (p + r * q) / (1 + r)
        none = np.sqrt(np.maximum(pooled * (1 - pooled), 0) * (1 + 1 / r))
        some = np.sqrt(np.maximum(p * (1 - p) + q * (1 - q) / r, 0))
        n = ((_z(1 - alpha / 2) * none + _z(power) * some) / (q - p)) ** 2
    return np.where(known, n, np.nan)[()]


def power_of_shares(
    base: ArrayLike, target: ArrayLike, n1: ArrayLike, n2: ArrayLike, alpha: float = 0.05
) -> Any:
    """In what share of tests with n1 units of control and n2 of the arm is the difference found clear?"""
    p, q, n, m = (np.asarray(one, dtype=float) for one in (base, target, n1, n2))
    known = (p >= 0) & (p <= 1) & (q >= 0) & (q <= 1) & (n > 0) & (m > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = (n * p + m * q) / (n + m)
        none = np.sqrt(np.maximum(pooled * (1 - pooled), 0) * (1 / n + 1 / m))
        some = np.sqrt(np.maximum(p * (1 - p) / n + q * (1 - q) / m, 0))
        edge, gap = _z(1 - alpha / 2) * none, np.abs(q - p)
        # Two shares of exactly 0 and 1 never come out otherwise.
        found = np.where(some > 0, ndtr((gap - edge) / some) + ndtr((-gap - edge) / some), gap > edge)
    return np.where(known, found, np.nan)[()]


def smallest_share(
    base: ArrayLike,
    n1: ArrayLike,
    n2: ArrayLike,
    power: float = 0.8,
    alpha: float = 0.05,
    *,
    lower: bool = False,
) -> Any:
    """The smallest difference from `base`, above it or below, that is found clear in `power` of tests.

    Signed and absolute; NaN where not even a share of 1 (or of 0) would be.
    """
    p, n, m = np.broadcast_arrays(*(np.asarray(one, dtype=float) for one in (base, n1, n2)))
    room = p if lower else 1 - p
    sign = -1 if lower else 1
    return sign * _crossing(lambda gap: power_of_shares(p, p + sign * gap, n, m, alpha), 0 * p, room, power)


def units_for_means(
    effect: ArrayLike, power: float = 0.8, alpha: float = 0.05, ratio: ArrayLike = 1.0
) -> Any:
    """Units of the control arm with which a t-test sees `effect` standard deviations in `power` of tests.

    Of a ratio, the standard deviation is that of what one unit brings to it. NaN for no effect. Source: J.
    Cohen, Statistical Power Analysis for the Behavioral Sciences, 2nd ed., 2.4 (noncentral t).
    """
    d, r = np.broadcast_arrays(np.abs(np.asarray(effect, dtype=float)), np.asarray(ratio, dtype=float))
    with np.errstate(divide="ignore", invalid="ignore"):
        rough = ((_z(1 - alpha / 2) + _z(power)) / d) ** 2 * (1 + 1 / r)
    known = (d > 0) & (r > 0) & np.isfinite(rough)
    safe, share = np.where(known, d, 1), np.where(known, r, 1)
    most = np.where(known, rough, 1) * 1.1 + 60 * (1 + 1 / share)
    least = 1e-6 + 2 / (1 + share)
    found = _crossing(lambda n: power_of_means(safe, n, share * n, alpha), least, most, power)
    return np.where(known, found, np.nan)[()]


def power_of_means(effect: ArrayLike, n1: ArrayLike, n2: ArrayLike, alpha: float = 0.05) -> Any:
    """In what share of t-tests with n1 and n2 units is an effect of so many standard deviations found clear?

    NaN for fewer than 3 units.
    """
    d, n, m = np.broadcast_arrays(
        np.abs(np.asarray(effect, dtype=float)), np.asarray(n1, dtype=float), np.asarray(n2, dtype=float)
    )
    known = (n > 0) & (m > 0) & (n + m > 2) & ~np.isnan(d)
    n, m, d = np.where(known, n, 2), np.where(known, m, 2), np.where(known, d, 0)
    freedom, moved = n + m - 2, d * np.sqrt(n * m / (n + m))
    many = freedom > _NORMAL
    edge = np.where(many, _z(1 - alpha / 2), stdtrit(np.minimum(freedom, _NORMAL), 1 - alpha / 2))
    few = np.minimum(freedom, _NORMAL)
    # Beyond 30 every test finds it; the noncentral t has no digits there.
    near = np.minimum(moved, 30)
    # The other end, where the arm looks clearly worse, is not known to the library once it is almost never.
    student = 1 - nctdtr(few, near, edge) + np.nan_to_num(nctdtr(few, near, -edge))
    found = np.where(many, ndtr(moved - edge) + ndtr(-moved - edge), student)
    return np.where(known, np.clip(found, 0, 1), np.nan)[()]


def smallest_mean(n1: ArrayLike, n2: ArrayLike, power: float = 0.8, alpha: float = 0.05) -> Any:
    """The smallest effect, in standard deviations, that is found clear in `power` of tests."""
    n, m = np.broadcast_arrays(np.asarray(n1, dtype=float), np.asarray(n2, dtype=float))
    with np.errstate(divide="ignore", invalid="ignore"):
        most = 60 * np.sqrt(np.where((n > 0) & (m > 0), 1 / n + 1 / m, np.nan))
    return _crossing(lambda effect: power_of_means(effect, n, m, alpha), 0 * most, most, power)


def _crossing(power_at: Callable[[np.ndarray], Any], low: ArrayLike, high: ArrayLike, power: float) -> Any:
    """Where between low and high the power gets to `power`; NaN where it does not."""
    least, most = np.broadcast_arrays(np.asarray(low, dtype=float), np.asarray(high, dtype=float))
    reached = np.nan_to_num(power_at(most), nan=-1.0) >= power
    for _ in range(_HALVINGS):
        middle = (least + most) / 2
        enough = np.asarray(power_at(middle)) >= power
        least, most = np.where(enough, least, middle), np.where(enough, middle, most)
    return np.where(reached, most, np.nan)[()]


def _z(chance: float) -> float:
    return float(ndtri(chance))
