"""How far do sessions of one customer resemble each other, where the arms were given by customer?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:  # units propose plans from sums, for which this is counted
    from journey.aggregates.arm_figures import Theta
    from journey.aggregates.arm_units import ArmUnits, Measured

__all__ = ["wider"]

# Where arms are drawn by session, at least every second customer with several is soon in more than one arm
# of two, and of 9 to 1 still every sixth.
_MOST_MIXED = 0.1


def wider(units: ArmUnits, theta: Theta) -> np.ndarray | None:
    """How many times the variance of an arm's figure is what it were with sessions that are all apart.

    (arms, metrics), at least 1; None where nothing has to be corrected: units are no sessions, hardly a
    customer has several, or each session was drawn by itself, which makes sessions the units of chance. The
    error by customer is the delta method's of sums over customers. Source: A. Deng et al., KDD 2018, arXiv
    1803.06336, section 3.
    """
    if units.unit != "session" or units.customer is None or not len(units):
        return None
    known = units.customer >= 0
    whose = np.where(known, units.customer, units.customer.max(initial=-1) + 1 + np.arange(len(units)))
    _, whose = np.unique(whose, return_inverse=True)
    n_sessions = np.bincount(whose)
    n_several = int((n_sessions > 1).sum())
    n_arms = len(units.arms)
    cell = whose.astype(np.int64) * n_arms + units.arm
    n_places = len(np.unique(cell)) - len(n_sessions)
    if not n_several or n_places > _MOST_MIXED * n_several:
        return None
    _, cell = np.unique(cell, return_inverse=True)
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
