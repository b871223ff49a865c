"""How do the odds change with each of several things at once, the others held?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, ndtri
from scipy.stats import norm

from journey.statistics.least_squares import least_squares

__all__ = ["Logit", "inflation", "logit"]

_MOST_ROUNDS = 100
_SMALL = 1e-10
# A coefficient on its way to infinity: odds of e^15 are never counted, they are a cell without anybody.
_NO_END = 15.0


@dataclass(frozen=True, eq=False)
class Logit:
    """A logistic regression by maximum likelihood.

    coefficient  one a column, `error` its standard error, `p` two-sided (Wald); `low` and `high` its interval
    log_likelihood and `null`, that of the constant alone
    separated    some columns tell the outcome without a mistake, so that no finite estimate exists; the
                 figures are then NaN
    """

    coefficient: np.ndarray
    error: np.ndarray
    p: np.ndarray
    low: np.ndarray
    high: np.ndarray
    log_likelihood: float
    null: float
    separated: bool = False

    @property
    def explained(self) -> float:
        """McFadden's pseudo R squared."""
        return 1 - self.log_likelihood / self.null if self.null else float("nan")


def logit(x: np.ndarray, hits: np.ndarray, trials: np.ndarray | None = None, level: float = 0.95) -> Logit:
    """Fit log odds of `hits` out of `trials` (1 each where left out) to the columns of `x`.

    `x` is used as it is, so a constant must be one of its columns. Rows with the same columns may be given as
    one row with their numbers. Method: iteratively reweighted least squares (P. McCullagh and J. A. Nelder,
    Generalized Linear Models, 2.5). Raises ValueError for columns that depend on each other.
    """
    x, hits = np.asarray(x, dtype=float), np.asarray(hits, dtype=float)
    trials = np.ones(len(hits)) if trials is None else np.asarray(trials, dtype=float)
    if np.any((hits < 0) | (hits > trials)):
        raise ValueError("0 <= hits <= trials")
    b = np.zeros(x.shape[1])
    before = -np.inf
    for _ in range(_MOST_ROUNDS):
        chance = expit(x @ b)
        weight = np.sqrt(trials * chance * (1 - chance))
        told = weight > 0
        away = (hits - trials * chance)[told] / weight[told]
        fit = least_squares(x[told] * weight[told, None], away + weight[told] * (x @ b)[told])
        b = fit.coefficient
        now = _log_likelihood(x @ b, hits, trials)
        if np.abs(x @ b).max() > 2 * _NO_END or not np.isfinite(now):
            return _separated(x, hits, trials)
        if abs(now - before) <= _SMALL * (abs(now) + _SMALL):
            break
        before = now
    if np.abs(b).max() > _NO_END and np.abs(x).max() <= 1:
        return _separated(x, hits, trials)
    chance = expit(x @ b)
    weight = np.sqrt(trials * chance * (1 - chance))
    error = np.sqrt(np.diag(np.linalg.inv((x * weight[:, None]).T @ (x * weight[:, None]))))
    half = float(ndtri(0.5 + level / 2)) * error
    return Logit(
        coefficient=b,
        error=error,
        p=2 * norm.sf(np.abs(b / error)),
        low=b - half,
        high=b + half,
        log_likelihood=_log_likelihood(x @ b, hits, trials),
        null=_null(hits, trials),
    )


def inflation(x: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    """By how much its ties to the other columns inflate the variance of each column's coefficient (VIF).

    1 is none at all; infinite where the others tell a column to the letter, NaN for a constant one. `weight`
    is how often each row stands. `x` comes without its constant.
    """
    x = np.asarray(x, dtype=float)
    weight = np.ones(len(x)) if weight is None else np.asarray(weight, dtype=float)
    centred = x - np.average(x, axis=0, weights=weight)
    scaled = centred * np.sqrt(weight)[:, None]
    found = np.full(x.shape[1], np.nan)
    for at in range(x.shape[1]):
        total = float(scaled[:, at] @ scaled[:, at])
        if total <= _SMALL * weight.sum():
            continue
        others = np.delete(scaled, at, axis=1)
        told, *_ = np.linalg.lstsq(others, scaled[:, at], rcond=None)
        rest = scaled[:, at] - others @ told
        left = float(rest @ rest) / total
        found[at] = 1 / left if left > _SMALL else np.inf
    return found


def _log_likelihood(linear: np.ndarray, hits: np.ndarray, trials: np.ndarray) -> float:
    return float(np.sum(hits * linear - trials * np.logaddexp(0, linear)))


def _null(hits: np.ndarray, trials: np.ndarray) -> float:
    share = hits.sum() / trials.sum()
    if share in (0, 1):
        return 0.0
    return float(hits.sum() * np.log(share) + (trials.sum() - hits.sum()) * np.log(1 - share))


def _separated(x: np.ndarray, hits: np.ndarray, trials: np.ndarray) -> Logit:
    nothing = np.full(x.shape[1], np.nan)
    null = _null(hits, trials)
    return Logit(nothing, nothing, nothing, nothing, nothing, float("nan"), null, separated=True)
