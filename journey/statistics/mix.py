"""Two groups in strata: does a difference hold within them, or is it only their mix?

Every function takes hits and trials of both groups with the strata along the first axis; further axes are
other comparisons in the same strata, each answered on its own. A stratum where a group has nobody says
nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, ndtri

__all__ = ["breslow_day", "cmh", "cochran_q", "mixed_difference", "pooled_odds"]


def mixed_difference(
    k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike, level: float = 0.95
) -> tuple[Any, Any, Any]:
    """How far apart are the shares k1 / n1 and k2 / n2 if both groups had the same mix of strata?

    The differences within the strata, averaged with the weights n1 n2 / (n1 + n2) of Mantel and Haenszel, and
    its interval; NaN where no stratum holds both groups. Source: S. Greenland and J. M. Robins, Biometrics 41
    (1985) 55-68; the variance is Sato's, Biometrics 45 (1989) 1323-1324, which holds for few large strata and
    for many small ones.
    """
    a, m, b, n = _tables(k1, n1, k2, n2)
    with np.errstate(divide="ignore", invalid="ignore"):
        total = np.where(m + n > 0, m + n, np.nan)
        weight = _sum(m * n / total)
        difference = _sum((a * n - b * m) / total) / weight
        first = _sum((m * m * b - n * n * a + m * n * (n - m) / 2) / total**2)
        second = _sum((a * (n - b) + b * (m - a)) / total) / 2
        variance = np.maximum(difference * first + second, 0) / weight**2
    half = float(ndtri(0.5 + level / 2)) * np.sqrt(variance)
    low, high = np.maximum(difference - half, -1), np.minimum(difference + half, 1)
    return difference[()], low[()], high[()]


def pooled_odds(
    k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike, level: float = 0.95
) -> tuple[Any, Any, Any]:
    """The odds ratio of group 1 to group 2 within the strata, pooled as Mantel and Haenszel do; its interval.

    NaN where no stratum tells. Source: N. Mantel and W. Haenszel, JNCI 22 (1959) 719-748; interval of J.
    Robins, N. Breslow and S. Greenland, Biometrics 42 (1986) 311-323.
    """
    a, m, c, n = _tables(k1, n1, k2, n2)
    b, d = m - a, n - c
    with np.errstate(divide="ignore", invalid="ignore"):
        total = np.where(m + n > 0, m + n, np.nan)
        r, s, p, q = a * d / total, b * c / total, (a + d) / total, (b + c) / total
        top, bottom = _sum(r), _sum(s)
        odds = top / bottom
        variance = (
            _sum(p * r) / (2 * top**2)
            + _sum(p * s + q * r) / (2 * top * bottom)
            + _sum(q * s) / (2 * bottom**2)
        )
        times = np.exp(float(ndtri(0.5 + level / 2)) * np.sqrt(variance))
        return odds[()], (odds / times)[()], (odds * times)[()]


def cmh(k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike) -> Any:
    """The p-value that the groups do not differ within the strata (Cochran, Mantel, Haenszel; uncorrected).

    NaN where no stratum tells. Source: N. Mantel and W. Haenszel, JNCI 22 (1959) 719-748.
    """
    a, m, b, n = _tables(k1, n1, k2, n2)
    with np.errstate(divide="ignore", invalid="ignore"):
        total, hits = m + n, a + b
        told = total > 1
        safe = np.where(told, total, 2)
        over = _sum(np.where(told, a - m * hits / safe, 0))
        variance = _sum(np.where(told, m * n * hits * (total - hits) / (safe**2 * (safe - 1)), 0))
        return chdtrc(1, np.where(variance > 0, over**2 / variance, np.nan))[()]


def breslow_day(k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike) -> tuple[Any, Any]:
    """Does the odds ratio differ from stratum to stratum? Breslow and Day's statistic and its p-value.

    Strata without hits, or without misses, say nothing and take no degree of freedom; NaN where fewer than
    two tell, or where the pooled odds ratio is 0 or infinite. Source: N. E. Breslow and N. E. Day,
    Statistical Methods in Cancer Research I (IARC 1980) 142-143, without Tarone's correction.
    """
    a, m, b, n = _tables(k1, n1, k2, n2)
    hits, total = a + b, m + n
    told = (m > 0) & (n > 0) & (hits > 0) & (hits < total)
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = np.asarray(pooled_odds(k1, n1, k2, n2)[0])
        odds = np.where(np.isfinite(odds) & (odds > 0), odds, np.nan)
        # The number of hits in group 1 that the pooled odds ratio expects, given both margins.
        square, linear, rest = 1 - odds, odds * (m + hits) + n - hits, -odds * m * hits
        root = np.sqrt(np.maximum(linear**2 - 4 * square * rest, 0))
        # This form of the solution keeps its digits where the odds ratio is near 1.
        expected = -2 * rest / (linear + root)
        spread = 1 / (1 / expected + 1 / (m - expected) + 1 / (hits - expected) + 1 / (n - hits + expected))
        chi = _sum(np.where(told, (a - expected) ** 2 / spread, 0))
        freedom = told.sum(axis=0) - 1
        chi = np.where((freedom > 0) & np.isfinite(odds), chi, np.nan)
        return chi[()], chdtrc(np.maximum(freedom, 1), chi)[()]


def cochran_q(k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike) -> tuple[Any, Any]:
    """Does the difference of the shares differ from stratum to stratum? Cochran's Q and its p-value.

    Strata where neither share varies are left out; NaN where fewer than two tell. Source: W. G. Cochran,
    Biometrics 10 (1954) 101-129, with the unpooled variance of each difference.
    """
    a, m, b, n = _tables(k1, n1, k2, n2)
    with np.errstate(divide="ignore", invalid="ignore"):
        difference = a / m - b / n
        variance = a / m * (1 - a / m) / m + b / n * (1 - b / n) / n
        told = variance > 0
        weight = np.where(told, 1 / np.where(told, variance, 1), 0)
        difference = np.where(told, difference, 0)
        mean = weight * difference
        mean = mean.sum(axis=0) / weight.sum(axis=0)
        freedom = told.sum(axis=0) - 1
        q = np.where(freedom > 0, (weight * (difference - mean) ** 2).sum(axis=0), np.nan)
        return q[()], chdtrc(np.maximum(freedom, 1), q)[()]


def _tables(
    k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    a, m, b, n = np.broadcast_arrays(*(np.asarray(one, dtype=float) for one in (k1, n1, k2, n2)))
    if np.any((a < 0) | (a > m) | (b < 0) | (b > n)):
        raise ValueError("0 <= k <= n")
    return a, m, b, n


def _sum(parts: np.ndarray) -> np.ndarray:
    """Over the strata; an empty one adds nothing."""
    return np.asarray(np.nansum(parts, axis=0))
