"""Is an effect the same everywhere, or does it differ by more than chance?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, xlogy

from journey.statistics.logit import logit

__all__ = ["Heterogeneity", "heterogeneity", "interaction"]


@dataclass(frozen=True, eq=False)
class Heterogeneity:
    """A chi-square statistic with its degrees of freedom, and the p-value that the effect is one."""

    statistic: Any
    freedom: Any
    p: Any


def heterogeneity(estimate: ArrayLike, error: ArrayLike) -> Heterogeneity:
    """Do independent estimates, along the first axis, differ from each other? Cochran's Q.

    Estimates without a value or an error above 0 are left out; NaN where fewer than two are left. It relies
    on errors that are well known: segments of few units have none. Source: W. G. Cochran, Biometrics 10
    (1954) 101-129.
    """
    value, spread = np.broadcast_arrays(np.asarray(estimate, dtype=float), np.asarray(error, dtype=float))
    told = np.isfinite(value) & np.isfinite(spread) & (spread > 0)
    weight = np.where(told, 1 / np.where(told, spread, 1) ** 2, 0)
    safe = np.where(told, value, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (weight * safe).sum(axis=0) / weight.sum(axis=0)
        freedom = np.maximum(told.sum(axis=0) - 1, 0)
        q = np.where(freedom > 0, (weight * (safe - mean) ** 2).sum(axis=0), np.nan)
    return Heterogeneity(q[()], freedom[()], chdtrc(np.maximum(freedom, 1), q)[()])


def interaction(k: ArrayLike, n: ArrayLike) -> Heterogeneity:
    """Do the odds of the arms stand to each other in every segment as they do in the others?

    k hits of n, segments in rows and arms in columns: the likelihood ratio of a logistic regression with
    segments and arms beside one in which every cell is free. Segments that have only hits or only misses, or
    units in one arm only, say nothing and take no degrees of freedom; NaN where fewer than two tell, or where
    an arm has only hits or only misses. Source: A. Agresti, Categorical Data Analysis, 3rd ed., 5.4.
    """
    hits, trials = np.broadcast_arrays(np.asarray(k, dtype=float), np.asarray(n, dtype=float))
    if hits.ndim != 2 or np.any((hits < 0) | (hits > trials)):
        raise ValueError("0 <= k <= n, segments x arms")
    total, got = trials.sum(axis=1), hits.sum(axis=1)
    told = (got > 0) & (got < total) & ((trials > 0).sum(axis=1) > 1)
    hits, trials = hits[told], trials[told]
    seen = trials.sum(axis=0) > 0
    hits, trials = hits[:, seen], trials[:, seen]
    arm_got, arm_total = hits.sum(axis=0), trials.sum(axis=0)
    segment, arm = np.nonzero(trials)
    freedom = len(segment) - len(hits) - hits.shape[1] + 1
    nothing = Heterogeneity(float("nan"), max(freedom, 0), float("nan"))
    if len(hits) < 2 or freedom < 1 or np.any((arm_got == 0) | (arm_got == arm_total)):
        return nothing
    columns = np.column_stack([np.eye(len(hits))[segment], np.eye(hits.shape[1])[arm][:, 1:]])
    cell, of = hits[segment, arm], trials[segment, arm]
    try:
        plain = logit(columns, cell, of)
    except ValueError:
        # Segments that share no arm with each other: nothing tells how they would compare.
        return nothing
    if plain.separated:
        return nothing
    full = float((xlogy(cell, cell / of) + xlogy(of - cell, 1 - cell / of)).sum())
    ratio = max(2 * (full - plain.log_likelihood), 0.0)
    return Heterogeneity(ratio, freedom, float(chdtrc(freedom, ratio)))
