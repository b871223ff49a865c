"""How far could a mean with a long tail be from the one that was seen?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

__all__ = ["RESAMPLES", "Near", "Resampled", "near_values", "resampled_difference", "resampled_means"]

RESAMPLES = 10_000
# So many different values are drawn as they are; more are put into groups. So drawing costs as much for a
# million rows as for a thousand.
_MOST_VALUES, _GROUPS = 64, 32
_BLOCK = 2_000


@dataclass(frozen=True)
class Resampled:
    """The error and the percentile intervals of a difference, and of it relative to the second mean."""

    error: float
    low: float
    high: float
    lift_low: float
    lift_high: float


def resampled_means(arms: Sequence[np.ndarray], *, resamples: int = RESAMPLES, seed: int = 0) -> np.ndarray:
    """The means of every arm's values drawn again and again with replacement, arms x resamples.

    Values that are missing or infinite are left out; an arm with fewer than two is NaN. Up to 64 different
    values this is Efron's bootstrap to the letter (how often each value is drawn is multinomial). More of
    them stand as the mean of a group of near values; what they vary inside of their groups, less than 1 % of
    the variance, is drawn as one normal error, so that none of it is lost: see the tests. Source: B. Efron,
    Annals of Statistics 7 (1979) 1-26.
    """
    drawn = np.full((len(arms), resamples), np.nan)
    for at, (values, stream) in enumerate(
        zip(arms, np.random.SeedSequence(seed).spawn(len(arms)), strict=True)
    ):
        found = np.asarray(values, dtype=float)
        found = found[np.isfinite(found)]
        if len(found) < 2:
            continue
        value, rows, inside = near_values(found)
        n, random = len(found), np.random.default_rng(stream)
        # Around the first value, so that large amounts keep the digits in which they differ.
        far = value - value[0]
        for start in range(0, resamples, _BLOCK):
            size = min(_BLOCK, resamples - start)
            times = random.multinomial(n, rows / n, size=size).astype(float)
            drawn[at, start : start + size] = value[0] + times @ far / n
        if inside:
            drawn[at] += random.standard_normal(resamples) * np.sqrt(inside / n)
    return drawn


def resampled_difference(first: np.ndarray, second: np.ndarray, level: float = 0.95) -> Resampled:
    """first - second, from the resampled means of both.

    NaN where nothing varies; the lift also where the second mean comes near 0, so that some of its resamples
    are on the other side. Percentiles take the tails as they were seen: an interval of 95 % holds the truth
    in 93 of 100 cases with 100 buyers of very unlike amounts, and in 95 with 1,000. (Tried beside them there:
    studentized intervals hold it in 89, bias-corrected and accelerated ones in 86, and those of a studentized
    distance to both sides in 98; Welch's, which decides, in 96.)
    """
    nothing = float("nan")
    gap = first - second
    if not len(gap) or np.isnan(gap).any() or np.ptp(gap) == 0:
        return Resampled(nothing, nothing, nothing, nothing, nothing)
    ends = 50 * (1 - level), 50 * (1 + level)
    low, high = np.percentile(gap, ends)
    lift_low, lift_high = nothing, nothing
    if second.min() > 0 or second.max() < 0:
        lift_low, lift_high = np.percentile(gap / np.abs(second), ends)
    return Resampled(float(gap.std(ddof=1)), float(low), float(high), float(lift_low), float(lift_high))


class Near(NamedTuple):
    """Values or means of groups of them, ascending, how many rows each stands for, and the mean square of
    what rows are away from it: 0 where values stand as they are."""

    value: np.ndarray
    rows: np.ndarray
    inside: float


def near_values(values: np.ndarray) -> Near:
    """The different values, or means of groups of near ones.

    Where the rows lie f dense, a group is as wide as f to the power of -1/3: of all ways to cut this loses
    least of the variance (W. R. Bennett, Bell System Technical Journal 27 (1948) 446-472), and it leaves
    amounts far out alone.
    """
    value, count = np.unique(values, return_counts=True)
    if len(value) <= _MOST_VALUES:
        return Near(value, count, 0.0)
    gap = np.diff(value)
    way = np.cumsum(np.cbrt(np.minimum(count[1:], count[:-1]) * (gap / gap.max()) ** 2))
    group = np.concatenate([[0], np.minimum(way / way[-1] * _GROUPS, _GROUPS - 1)]).astype(np.int64)
    starts = np.concatenate([[0], np.flatnonzero(np.diff(group)) + 1])
    rows = np.add.reduceat(count, starts)
    first = value.take(starts)
    sizes = np.diff(np.append(starts, len(value)))
    away = value - np.repeat(first, sizes)
    middle = np.add.reduceat(away * count, starts) / rows
    away -= np.repeat(middle, sizes)
    return Near(first + middle, rows, float((away * away * count).sum() / rows.sum()))
