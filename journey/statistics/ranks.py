"""Do two numbers of the same customers rise together?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri
from scipy.stats import pearsonr, spearmanr

__all__ = ["Correlation", "correlation", "spearman"]


@dataclass(frozen=True)
class Correlation:
    """A correlation from -1 to 1 over n pairs, its 95 % interval and the two-sided p of none at all."""

    r: float
    low: float
    high: float
    p: float
    n: int


def correlation(x: np.ndarray, y: np.ndarray) -> Correlation:
    """How near the pairs come to one line (Pearson). Pairs with a NaN are left out.

    The interval is Fisher's (1921), by the inverse hyperbolic tangent. NaN where nothing varies.
    """
    return _of(x, y, pearsonr, 1.0)


def spearman(x: np.ndarray, y: np.ndarray) -> Correlation:
    """How near the pairs come to one order, ties sharing a rank (Spearman). Pairs with a NaN are left out.

    The interval is that of Fisher with the variance of D. G. Bonett and T. A. Wright (2000).
    """
    rough = _of(x, y, spearmanr, 1.0)
    return _of(x, y, spearmanr, 1 + rough.r * rough.r / 2)


def _of(x: np.ndarray, y: np.ndarray, method: Callable[..., Any], spread: float) -> Correlation:
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    known = ~(np.isnan(x) | np.isnan(y))
    x, y = x[known], y[known]
    nothing = float("nan")
    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return Correlation(nothing, nothing, nothing, nothing, len(x))
    r, p = (float(one) for one in method(x, y))
    if len(x) == 3 or abs(r) == 1:
        return Correlation(r, r if abs(r) == 1 else -1.0, r if abs(r) == 1 else 1.0, p, len(x))
    half = float(ndtri(0.975)) * np.sqrt(spread / (len(x) - 3))
    low, high = np.tanh([np.arctanh(r) - half, np.arctanh(r) + half])
    return Correlation(r, float(low), float(high), p, len(x))
