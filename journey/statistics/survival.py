"""How long until it happens, when some were watched for a shorter time than others?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri
from scipy.stats import chi2

__all__ = ["Survival", "kaplan_meier", "log_rank"]


@dataclass(frozen=True, eq=False)
class Survival:
    """The share to whom it has not happened yet, at each time at which it happened to somebody.

    time     ascending
    at_risk  watched until then, and it had not happened before
    events   to whom it happened then
    share    Kaplan-Meier estimate after that time, with low and high (95 %, log-log)
    median   first time at which share is at most 1/2; NaN when it never is
    """

    time: np.ndarray
    at_risk: np.ndarray
    events: np.ndarray
    share: np.ndarray
    low: np.ndarray
    high: np.ndarray
    median: float


def kaplan_meier(time: ArrayLike, events: ArrayLike, censored: ArrayLike, level: float = 0.95) -> Survival:
    """Kaplan-Meier from counts: `events` and `censored` at each of the times, which ascend.

    Whoever is no longer watched from a time on still counts as watched at it. Interval: Greenwood's variance
    on the scale of log(-log); NaN where it is not defined (before the first event, and at 0).
    Source: E. L. Kaplan, P. Meier, JASA 53 (1958) 457-481.

    >>> kaplan_meier([1, 2, 3], [1, 1, 0], [0, 1, 1]).share.tolist()
    [0.75, 0.5]
    """
    when = np.asarray(time, dtype=float)
    hit, left = np.asarray(events, dtype=float), np.asarray(censored, dtype=float)
    at_risk = (hit + left)[::-1].cumsum()[::-1]
    at = np.flatnonzero(hit > 0)
    when, hit, at_risk = when[at], hit[at], at_risk[at]
    share = np.cumprod(1 - hit / at_risk)
    z = float(ndtri(0.5 + level / 2))
    inside = (share > 0) & (share < 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.cumsum(np.where(at_risk > hit, hit / (at_risk * (at_risk - hit)), np.nan))
        logs = np.log(np.where(inside, share, np.nan))
        half = z * np.sqrt(variance) / logs
        low, high = share ** np.exp(-half), share ** np.exp(half)
    fallen = np.flatnonzero(share <= 0.5)
    return Survival(
        time=when,
        at_risk=at_risk.astype(np.int64),
        events=hit.astype(np.int64),
        share=share,
        low=low,
        high=high,
        median=float(when[fallen[0]]) if len(fallen) else float("nan"),
    )


def log_rank(first: tuple[ArrayLike, ArrayLike], second: tuple[ArrayLike, ArrayLike]) -> tuple[float, float]:
    """Chi-square (1 degree of freedom) and p of the hypothesis that two groups have one survival curve.

    Each group is (events, censored), counted at the same ascending times. NaN when nothing can differ.
    Source: N. Mantel, Cancer Chemotherapy Reports 50 (1966) 163-170.
    """
    (hit1, left1), (hit2, left2) = (
        tuple(np.asarray(part, dtype=float) for part in group) for group in (first, second)
    )
    risk1, risk2 = ((hit + left)[::-1].cumsum()[::-1] for hit, left in ((hit1, left1), (hit2, left2)))
    hits, risk = hit1 + hit2, risk1 + risk2
    known = (hits > 0) & (risk > 1)
    hit1, risk1, hits, risk = (part[known] for part in (hit1, risk1, hits, risk))
    expected = hits * risk1 / risk
    variance = (expected * (risk - hits) / risk * (risk - risk1) / (risk - 1)).sum()
    if not variance > 0:
        return float("nan"), float("nan")
    statistic = float((hit1 - expected).sum() ** 2 / variance)
    return statistic, float(chi2.sf(statistic, 1))
