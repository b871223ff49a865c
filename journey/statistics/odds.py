"""How much more often does one group get there than another, in odds?"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri
from scipy.stats import chi2, fisher_exact

__all__ = ["independence", "odds_ratio"]

# Below this many expected in any cell the chi-square distribution does not hold.
_LEAST_EXPECTED = 5


def odds_ratio(
    k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike, level: float = 0.95
) -> tuple[Any, Any, Any]:
    """Odds of k1 / n1 divided by the odds of k2 / n2, with its interval (ratio, low, high), each by element.

    NaN where a group is empty or all of both have one outcome. Sources: the logit interval of B. Woolf,
    Annals of Human Genetics 19 (1955) 251-253; where one of the four cells is 0, a half is added to each of
    the four (J. B. S. Haldane 1956, F. J. Anscombe 1956).

    >>> ratio, low, high = odds_ratio(250, 5000, 200, 5000)
    >>> round(float(ratio), 4), round(float(low), 4), round(float(high), 4)
    (1.2632, 1.0443, 1.5279)
    """
    yes1, all1, yes2, all2 = _checked(k1, n1, k2, n2)
    cells = np.stack([yes1, all1 - yes1, yes2, all2 - yes2])
    cells = cells + 0.5 * (cells == 0).any(axis=0)
    known = (all1 > 0) & (all2 > 0) & (yes1 + yes2 > 0) & (yes1 + yes2 < all1 + all2)
    log = np.where(known, np.log(cells[0]) - np.log(cells[1]) - np.log(cells[2]) + np.log(cells[3]), np.nan)
    half = float(ndtri(0.5 + level / 2)) * np.sqrt((1 / cells).sum(axis=0))
    return np.exp(log)[()], np.exp(log - half)[()], np.exp(log + half)[()]


def independence(k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike) -> Any:
    """The two-sided p of "both groups have one share", by element; NaN where there is nothing to compare.

    Pearson's chi-square without Yates' correction (the pooled z test), and Fisher's exact test where a cell
    of the table is expected to hold fewer than 5.
    """
    yes1, all1, yes2, all2 = _checked(k1, n1, k2, n2)
    total, yes = all1 + all2, yes1 + yes2
    known = (all1 > 0) & (all2 > 0) & (yes > 0) & (yes < total)
    size = np.where(known, total, 1.0)
    expected = np.stack([all1 * yes, all1 * (total - yes), all2 * yes, all2 * (total - yes)]) / size
    gap = yes1 - expected[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(known, chi2.sf(gap * gap * (1 / expected).sum(axis=0), 1), np.nan)
    for place in np.argwhere(known & (expected.min(axis=0) < _LEAST_EXPECTED)):
        at = tuple(place)
        table = [[yes1[at], all1[at] - yes1[at]], [yes2[at], all2[at] - yes2[at]]]
        p[at] = fisher_exact(np.array(table).astype(np.int64)).pvalue
    return p[()]


def _checked(*values: ArrayLike) -> list[np.ndarray]:
    k1, n1, k2, n2 = np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in values))
    if np.any((k1 < 0) | (k1 > n1) | (k2 < 0) | (k2 > n2)):
        raise ValueError("0 <= k <= n")
    return [k1, n1, k2, n2]
