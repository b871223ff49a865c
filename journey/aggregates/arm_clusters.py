"""How far do sessions of one customer resemble each other, where they are mostly in one arm?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:  # units propose plans from sums, for which this is counted
    from journey.aggregates.arm_figures import Theta
    from journey.aggregates.arm_units import ArmUnits, Measured

__all__ = ["wider"]

# Drawn one by one are sessions whose customers are in several arms this often, of how often chance puts them.
_BY_CHANCE = 0.8


def wider(units: ArmUnits, theta: Theta) -> np.ndarray | None:
    """How many times the variance of an arm's figure is what it were with sessions that are all apart.

    (arms, metrics), at least 1; None where nothing has to be corrected: units are no sessions, no customer
    has several, or each session was drawn by itself, which makes sessions the units of chance. The error by
    customer is the delta method's of sums over customers; where some customers are in several arms all the
    same it is rather too large. Source: A. Deng et al., KDD 2018, arXiv 1803.06336, section 3.
    """
    if units.unit != "session" or units.customer is None or not len(units):
        return None
    known = units.customer >= 0
    whose = np.where(known, units.customer, units.customer.max(initial=-1) + 1 + np.arange(len(units)))
    _, whose = np.unique(whose, return_inverse=True)
    n_sessions = np.bincount(whose)
    n_arms = len(units.arms)
    cells, cell = np.unique(whose.astype(np.int64) * n_arms + units.arm, return_inverse=True)
    n_mixed = np.count_nonzero(np.bincount(cells // n_arms) > 1)
    share = np.bincount(units.arm, minlength=n_arms) / len(units)
    by_chance = (1 - (share ** n_sessions[n_sessions > 1, None]).sum(axis=1)).sum()
    if not by_chance > 0 or n_mixed >= _BY_CHANCE * by_chance:
        return None
    found = np.ones((n_arms, len(units.measured)))
    for at, measured in enumerate(units.measured):
        found[:, at] = _times(_apart(measured, units.arm, n_arms, theta, at), cell, units.arm, n_arms)
    return found


def _apart(measured: Measured, arm: np.ndarray, n_arms: int, theta: Theta, at: int) -> np.ndarray:
    """What each unit is away from the figure of its arm, 0 where it has no value."""
    there = ~measured.missing
    x = np.where(there, measured.values, 0.0)
    if measured.below is not None:
        below = np.where(there, measured.below, 0.0)
    else:
        below = there.astype(float)
        if theta.is_used[at] and measured.before is not None:
            x = np.where(there, x - theta.slope[at] * (measured.before - theta.centre[at]), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        figure = np.bincount(arm, x, n_arms) / np.bincount(arm, below, n_arms)
    away: np.ndarray = np.nan_to_num(x - figure.take(arm) * below)
    return away


def _times(away: np.ndarray, cell: np.ndarray, arm: np.ndarray, n_arms: int) -> np.ndarray:
    """The mean square of what customers are away, by that of their sessions; 1 where nothing varies."""
    arm_of_cell = np.zeros(int(cell.max()) + 1, dtype=np.int64)
    arm_of_cell[cell] = arm
    together = np.bincount(arm_of_cell, np.bincount(cell, away) ** 2, n_arms)
    alone = np.bincount(arm, away**2, n_arms)
    n, m = np.bincount(arm, minlength=n_arms), np.bincount(arm_of_cell, minlength=n_arms)
    with np.errstate(divide="ignore", invalid="ignore"):
        times = (together * m / (m - 1)) / (alone * n / (n - 1))
    return np.where(np.isfinite(times), np.maximum(times, 1.0), 1.0)
