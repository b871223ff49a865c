"""What the sums of arms say: values with their spread, and how far each arm is from the control."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from journey.aggregates.arm_sums import ArmSums
from journey.stages.experiment_plan import Metric
from journey.statistics.covariate import (
    Before,
    adjusted,
    before_of_means,
    before_of_ratios,
    pooled_slope,
)
from journey.statistics.differences import two_shares
from journey.statistics.intervals import newcombe, wilson
from journey.statistics.lift import mean_lift, share_lift
from journey.statistics.sequential import anytime
from journey.statistics.welch import moments, ratio_moments, share_moments, welch

__all__ = [
    "SHARES",
    "ArmFigures",
    "Contrast",
    "Theta",
    "arm_figures",
    "contrast",
    "interval",
    "looks",
    "theta_of",
]

# Kinds of metrics whose value of a unit is 0 or 1.
SHARES = frozenset({"conversion", "retention"})
_FEWEST_EXPECTED = 5


@dataclass(frozen=True, eq=False)
class Theta:
    """How each metric moves with what is known from before, one number a metric, and what errors lack.

    slope   pooled within the arms; NaN where nothing is used from before
    centre  the mean of what is known from before, of all units
    wider   how many times the variance is as units resemble each other, (arms, metrics); None: they do not
    """

    slope: np.ndarray
    centre: np.ndarray
    wider: np.ndarray | None = None

    @property
    def is_used(self) -> np.ndarray:
        return ~np.isnan(self.slope) & (self.slope != 0)


@dataclass(frozen=True, eq=False)
class ArmFigures:
    """Values of arms; arrays of (groups, arms, metrics).

    n         units with a value
    hits      of a share: to how many it happened; NaN elsewhere
    value     share, mean or ratio
    variance  of one unit: divided by n it is that of the value
    """

    n: np.ndarray
    hits: np.ndarray
    value: np.ndarray
    variance: np.ndarray

    def pair(self, arm: int, metric: int) -> tuple[ArmPart, ArmPart]:
        """An arm and the control, each as arrays of groups."""
        return self.part(arm, metric), self.part(0, metric)

    def part(self, arm: int, metric: int) -> ArmPart:
        at = (slice(None), arm, metric)
        return ArmPart(self.n[at], self.hits[at], self.value[at], self.variance[at])


@dataclass(frozen=True, eq=False)
class ArmPart:
    """One arm by one metric in all groups."""

    n: np.ndarray
    hits: np.ndarray
    value: np.ndarray
    variance: np.ndarray

    @property
    def is_share(self) -> bool:
        return not bool(np.isnan(self.hits).all())


@dataclass(frozen=True, eq=False)
class Contrast:
    """An arm minus the control by one metric, in all groups.

    method  of each p: "z", "fisher", "welch", "delta"; "" where nothing could be tested
    """

    difference: np.ndarray
    error: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray
    lift: np.ndarray
    lift_low: np.ndarray
    lift_high: np.ndarray
    method: np.ndarray


@dataclass(frozen=True, eq=False)
class Looks:
    """The interval of a difference that holds at all looks together, its p-value, and that of the lift."""

    low: np.ndarray
    high: np.ndarray
    p: np.ndarray
    lift_low: np.ndarray
    lift_high: np.ndarray


def arm_figures(sums: ArmSums, metrics: Sequence[Metric], theta: Theta | None = None) -> ArmFigures:
    """The figures of sums, metrics in their order; with `theta` as if all arms had been alike before."""
    n = sums.n.astype(float)
    hits = np.full(n.shape, np.nan)
    value, variance = np.full(n.shape, np.nan), np.full(n.shape, np.nan)
    for at, metric in enumerate(metrics):
        here = (..., at)
        count, total, squares = n[here], sums.x[here], sums.xx[here]
        if metric.kind in SHARES and _are_hits(count, total):
            hits[here] = np.rint(total)
            value[here], variance[here] = share_moments(hits[here], count)
        elif metric.kind == "ratio":
            value[here], variance[here] = ratio_moments(
                count, total, sums.y[here], squares, sums.yy[here], sums.xy[here]
            )
        else:
            value[here], variance[here] = moments(count, total, squares)
        if theta is not None and theta.is_used[at]:
            hits[here] = np.nan
            # The spread of whole values, not of shares: both sides of the covariance divide by n - 1.
            own = moments(count, total, squares)[1] if metric.kind in SHARES else variance[here]
            before = _before(sums, at, metric.kind)
            value[here], variance[here] = adjusted(
                value[here], own, before, theta.slope[at], theta.centre[at]
            )
    if theta is not None and theta.wider is not None:
        # Tests that count hits know of no such errors.
        hits[..., (theta.wider > 1).any(axis=0)] = np.nan
        variance = variance * theta.wider
    return ArmFigures(n, hits, value, variance)


def theta_of(whole: ArmSums, metrics: Sequence[Metric], wanted: Sequence[bool]) -> Theta:
    """The slopes from the sums of all units (one group): NaN where none is wanted or b does not vary."""
    slope, centre = np.full(len(metrics), np.nan), np.full(len(metrics), np.nan)
    for at, metric in enumerate(metrics):
        if not wanted[at]:
            continue
        n = whole.n[0, :, at].astype(float)
        found = float(pooled_slope(n, _before(whole, at, metric.kind))[0])
        if found:
            slope[at], centre[at] = found, float(whole.b[0, :, at].sum() / n.sum())
    return Theta(slope, centre)


def _before(sums: ArmSums, at: int, kind: str) -> Before:
    here = (..., at)
    n, x, b, bb, xb = sums.n[here], sums.x[here], sums.b[here], sums.bb[here], sums.xb[here]
    if kind == "ratio":
        return before_of_ratios(n, x, sums.y[here], b, bb, xb, sums.yb[here])
    return before_of_means(n, x, b, bb, xb)


def contrast(figures: ArmFigures, arm: int, metric: int, kind: str, level: float = 0.95) -> Contrast:
    """How far is an arm from the control?

    Shares: pooled z-test (Fisher's where few are expected), Newcombe's interval and the lift on the scale of
    logarithms. Means: Welch's test and Fieller's interval of the lift. Ratios: the same with the delta
    method's variance.
    """
    one, control = figures.pair(arm, metric)
    found = welch(one.n, one.value, one.variance, control.n, control.value, control.variance, level)
    difference = np.atleast_1d(found.difference)
    error = np.atleast_1d(found.error)
    if one.is_share:
        hits = (one.hits, one.n, control.hits, control.n)
        low, high = newcombe(*hits, level)
        p = np.atleast_1d(two_shares(*hits))
        lift = share_lift(*hits, level)
        method = _method_of_shares(*hits)
    else:
        low, high, p = found.low, found.high, np.atleast_1d(found.p)
        lift = mean_lift(one.n, one.value, one.variance, control.n, control.value, control.variance, level)
        method = np.full(p.shape, "delta" if kind == "ratio" else "welch", dtype=object)
    method = np.where(np.isnan(p), "", method)
    ends = [np.atleast_1d(each) for each in (low, high)]
    lifts = [np.atleast_1d(each) for each in lift]
    return Contrast(difference, error, ends[0], ends[1], p, lifts[0], lifts[1], lifts[2], method)


def interval(figures: ArmFigures, arm: int, metric: int, level: float = 0.95) -> tuple[Any, Any]:
    """The interval of an arm's own value: Wilson's of shares, by Student's t else."""
    part = figures.part(arm, metric)
    if part.is_share:
        return wilson(part.hits, part.n, level)
    # Beside a group of any size that does not vary, Welch's interval is that of one mean.
    nothing = np.zeros_like(part.value)
    many = np.full_like(part.value, 1e300)
    found = welch(part.n, part.value, part.variance, many, nothing, nothing, level)
    return found.low, found.high


def looks(figures: ArmFigures, arm: int, metric: int, kind: str, level: float, tuned: float) -> Looks:
    """What may be said of an arm against the control by somebody who looks however often."""
    one, control = figures.pair(arm, metric)
    both = (one.n, one.value, one.variance, control.n, control.value, control.variance)
    found = anytime(*both, level, tuned)
    _, lift_low, lift_high = mean_lift(*both, times=found.times)
    low, high = found.low, found.high
    if kind in SHARES:
        # Two shares are never further apart than 1.
        low, high = np.maximum(low, -1), np.minimum(high, 1)
    return Looks(*(np.atleast_1d(each) for each in (low, high, found.p, lift_low, lift_high)))


def _are_hits(n: np.ndarray, x: np.ndarray) -> bool:
    """Are these as many hits of so many? Something else was called a conversion otherwise."""
    return bool(np.all((x >= -1e-6) & (x <= n + 1e-6)))


def _method_of_shares(k1: np.ndarray, n1: np.ndarray, k2: np.ndarray, n2: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (k1 + k2) / (n1 + n2)
    few = np.minimum(share, 1 - share) * np.minimum(n1, n2) < _FEWEST_EXPECTED
    return np.where(few & (share > 0) & (share < 1), "fisher", "z").astype(object)
