"""How much friction has a place, as a number: value x reach x what it loses above the others?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from journey.aggregates.goal_revenue import GoalRevenue

__all__ = ["FrictionScores", "friction_scores", "median_of_others", "value_of_goal"]


@dataclass(frozen=True, eq=False)
class FrictionScores:
    """By place: drop_off (exits / customers, NaN where nobody was), what it is measured by, and the score.

    Of a place of the goal, or one that cannot be used, the score is NaN.
    """

    drop_off: np.ndarray
    benchmark: np.ndarray
    score: np.ndarray

    def between(self, place: int, drop_low: float, drop_high: float) -> tuple[float, float]:
        """The interval of a score: that of its drop-off, carried through; the benchmark counts as given."""
        beyond = float(self.drop_off[place] - self.benchmark[place])
        if not beyond > 0:
            return math.nan, math.nan
        per_share = float(self.score[place]) / beyond
        low, high = (
            max(0.0, per_share * (end - float(self.benchmark[place]))) for end in (drop_low, drop_high)
        )
        return low, high


def friction_scores(
    customers: np.ndarray,
    exits: np.ndarray,
    compared: np.ndarray,
    *,
    value: float = 1.0,
    benchmark: float | None = None,
    slowness: np.ndarray | float = 1.0,
    rounds: np.ndarray | float = 1.0,
) -> FrictionScores:
    """Score places by value x reach x max(0, drop-off - benchmark) x slowness x rounds.

    `compared` flags the places that can be used and are not of the goal. Without a typed benchmark each one
    is measured by the median drop-off of the other compared places.
    """
    drop_off = exits / np.where(customers > 0, customers, np.nan)
    own = np.where(compared, drop_off, np.nan)
    measure = np.full(len(own), benchmark, dtype=float) if benchmark is not None else median_of_others(own)
    score = value * customers * np.maximum(0, own - measure) * slowness * rounds
    return FrictionScores(drop_off, measure, score)


def median_of_others(values: np.ndarray) -> np.ndarray:
    """For each value the median of the other known ones; NaN where there is no other."""
    known = np.sort(values[~np.isnan(values)])
    found = np.full(len(values), np.nan)
    n = len(known)
    for place, value in enumerate(values):
        if math.isnan(value):
            if n:
                found[place] = np.median(known)
        elif n > 1:
            found[place] = np.median(np.delete(known, np.searchsorted(known, value)))
    return found


def value_of_goal(found: GoalRevenue | None) -> float:
    """What a customer at the goal brought, of goal_revenue; 1 where that is not known, or nothing."""
    if found is None or not found.customers or found.revenue <= 0:
        return 1.0
    return found.revenue / found.customers
