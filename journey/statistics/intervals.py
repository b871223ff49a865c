"""How far could the true share be from the one that was counted?"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

__all__ = ["newcombe", "wilson"]


def wilson(k: ArrayLike, n: ArrayLike, level: float = 0.95) -> tuple[Any, Any]:
    """Wilson's score interval of the share k / n, element by element.

    NaN where n is 0. Source: E. B. Wilson, JASA 22 (1927) 209-212; without continuity correction.

    >>> low, high = wilson(81, 263)
    >>> round(float(low), 4), round(float(high), 4)
    (0.2553, 0.3662)
    """
    hits, trials = np.broadcast_arrays(np.asarray(k, dtype=float), np.asarray(n, dtype=float))
    if np.any(hits < 0) or np.any(hits > trials):
        raise ValueError("0 <= k <= n")
    z = float(ndtri(0.5 + level / 2))
    known = np.where(trials > 0, trials, np.nan)
    share = hits / known
    centre = share + z * z / (2 * known)
    half = z * np.sqrt(share * (1 - share) / known + z * z / (4 * known * known))
    scale = 1 + z * z / known
    low, high = (centre - half) / scale, (centre + half) / scale
    # At the ends the formula gives 0 and 1 exactly; rounding must not move them.
    low, high = np.where(hits == 0, low * 0, low), np.where(hits == trials, high * 0 + 1, high)
    # Adding nothing turns -0.0, which people would read as "-0.0%", into 0.0.
    return (np.clip(low, 0, 1) + 0.0)[()], np.clip(high, 0, 1)[()]


def newcombe(
    k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike, level: float = 0.95
) -> tuple[Any, Any]:
    """Newcombe's hybrid score interval of the difference k1 / n1 - k2 / n2 of two independent shares.

    NaN where an n is 0. Source: R. G. Newcombe, Statistics in Medicine 17 (1998) 873-890, method 10.
    """
    low1, high1 = wilson(k1, n1, level)
    low2, high2 = wilson(k2, n2, level)
    first = np.asarray(k1, dtype=float) / np.where(np.asarray(n1) > 0, n1, np.nan)
    second = np.asarray(k2, dtype=float) / np.where(np.asarray(n2) > 0, n2, np.nan)
    below = np.sqrt((first - low1) ** 2 + (high2 - second) ** 2)
    above = np.sqrt((high1 - first) ** 2 + (second - low2) ** 2)
    return (first - second - below)[()], (first - second + above)[()]
