"""Which arm is the best, how sure is that, and what does it cost to be wrong?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, betaincinv, betaln, ndtr, ndtri, xlog1py, xlogy

__all__ = ["Best", "best_mean", "best_share"]

# What lies beyond this chance at either end adds nothing that is shown.
_TAIL = 1e-14
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(48)


@dataclass(frozen=True, eq=False)
class Best:
    """What is believed of the arms, arms along the last axis, the control first.

    chance     that the arm is the best of all (they add up to 1)
    beats      that it is better than the first arm; NaN for the first
    loss       by how much the best is better than this arm, on average over what is believed (expected loss)
    low, high  the interval of each arm's value (credible, equal tails)
    """

    chance: np.ndarray
    beats: np.ndarray
    loss: np.ndarray
    low: np.ndarray
    high: np.ndarray


def best_share(k: ArrayLike, n: ArrayLike, level: float = 0.95, *, lower: bool = False) -> Best:
    """Arms with k hits of n each, seen without any idea beforehand: Beta(1 + k, 1 + n - k).

    `lower`: the smaller share is the better one. It is no protection from looking every day. NaN where an
    arm has nobody. Method: quadrature; for two arms it is the closed form of E. Miller (Formulas for Bayesian
    A/B testing, 2014).
    """
    hits, trials = np.broadcast_arrays(np.asarray(k, dtype=float), np.asarray(n, dtype=float))
    if np.any((hits < 0) | (hits > trials)):
        raise ValueError("0 <= k <= n")
    told = np.all(trials > 0, axis=-1, keepdims=True)
    own = trials - hits if lower else hits
    # Where an arm has nobody, any numbers are looked at and none is told.
    a, b = np.where(told, 1 + own, 1), np.where(told, 1 + trials - own, 1)
    half = (1 - level) / 2
    low, high = betaincinv(a, b, half), 1 - betaincinv(b, a, half)
    found = _best(
        _Arms(a, b), np.stack([betaincinv(a, b, _TAIL), a / (a + b), 1 - betaincinv(b, a, _TAIL)]), told
    )
    unknown = np.where(told, 1, np.nan)
    ends = (1 - high, 1 - low) if lower else (low, high)
    return Best(*found, *(end * unknown for end in ends))


def best_mean(mean: ArrayLike, error: ArrayLike, level: float = 0.95, *, lower: bool = False) -> Best:
    """Arms with a mean and its standard error each, seen without any idea beforehand: a normal distribution.

    `lower`: the smaller mean is the better one. For means of many, whose error is well known. NaN where an
    arm has no error, or where one is 0: nothing varies, so nothing is known of chance.
    """
    middle, spread = np.broadcast_arrays(np.asarray(mean, dtype=float), np.asarray(error, dtype=float))
    told = np.all((spread > 0) & np.isfinite(middle), axis=-1, keepdims=True)
    wide = np.where(told, spread, 1)
    own = np.where(told, -middle if lower else middle, 0)
    reach = float(-ndtri(_TAIL)) * wide
    found = _best(_Arms(own, wide, normal=True), np.stack([own - reach, own, own + reach]), told)
    half = float(ndtri(0.5 + level / 2)) * np.where(told, wide, np.nan)
    return Best(*found, middle - half, middle + half)


@dataclass(frozen=True, eq=False)
class _Arms:
    """What is believed of each arm: Beta(a, b), or normal around a with the error b."""

    a: np.ndarray
    b: np.ndarray
    normal: bool = False

    def below(self, x: np.ndarray) -> np.ndarray:
        """The chance that each arm's value is below x; x has one axis more, in place of the arms."""
        a, b = self.a[..., None], self.b[..., None]
        return np.asarray(ndtr((x - a) / b) if self.normal else betainc(a, b, x))

    def density(self, x: np.ndarray) -> np.ndarray:
        a, b = self.a[..., None], self.b[..., None]
        if self.normal:
            return np.asarray(np.exp(-(((x - a) / b) ** 2) / 2) / (b * np.sqrt(2 * np.pi)))
        return np.asarray(np.exp(xlogy(a - 1, x) + xlog1py(b - 1, -x) - betaln(a, b)))


def _best(arms: _Arms, marks: np.ndarray, told: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Chance, beats and loss; `marks` are the beginning, middle and end of what is believed of each arm.

    Between all marks everything is smooth, however much narrower one arm is than another, so a few nodes in
    each piece are exact to more digits than are shown.
    """
    at = np.sort(np.concatenate(list(marks), axis=-1), axis=-1)
    width = np.diff(at, axis=-1)[..., None] / 2
    x = (at[..., :-1, None] + width * (1 + _NODES)).reshape(*at.shape[:-1], 1, -1)
    step = (width * _WEIGHTS).reshape(*at.shape[:-1], -1)
    below, density = arms.below(x), arms.density(x)
    count = below.shape[-2]
    others = np.stack([np.delete(below, arm, axis=-2).prod(axis=-2) for arm in range(count)], axis=-2)
    unknown = np.where(told, 1, np.nan)
    chance = (density * others * step[..., None, :]).sum(axis=-1)
    beats = (density * below[..., :1, :] * step[..., None, :]).sum(axis=-1)
    beats[..., 0] = np.nan
    # The mean of the best is the end less what lies below the distribution function of the best.
    best = at[..., -1:] - (below.prod(axis=-2) * step).sum(axis=-1, keepdims=True)
    mean = arms.a if arms.normal else arms.a / (arms.a + arms.b)
    loss = np.maximum(best - mean, 0)
    return np.minimum(chance, 1) * unknown, np.minimum(beats, 1) * unknown, loss * unknown
