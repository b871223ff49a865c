"""How many are at each step of a funnel, and who are they?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from journey.aggregates.funnel_attempts import Attempts, attempts
from journey.aggregates.funnel_plan import funnel_plan
from journey.events.log import EventLog
from journey.stages.stage_map import StageMap

__all__ = ["FunnelCounts", "counts_by", "funnel_counts", "funnel_members"]


@dataclass(frozen=True, eq=False)
class FunnelCounts:
    """Units by step, which add up over parts of a log with disjoint customers.

    reached, entered, lost  at each step: all, those who began there, those whose best attempt ends there
    n_units                 units with at least one row of any kind
    """

    reached: np.ndarray
    entered: np.ndarray
    lost: np.ndarray
    n_units: int

    def __add__(self, other: FunnelCounts) -> FunnelCounts:
        return FunnelCounts(
            self.reached + other.reached,
            self.entered + other.entered,
            self.lost + other.lost,
            self.n_units + other.n_units,
        )

    @property
    def n_started(self) -> int:
        """Units with an attempt that counts."""
        return int(self.entered.sum())

    @property
    def continued(self) -> np.ndarray:
        """At each step those who came to it from the step before; 0 at the first."""
        return self.reached - self.entered


def funnel_counts(found: Attempts) -> FunnelCounts:
    """Count the best attempts by step."""
    # Step by step, as counting all at once would make wide numbers of narrow ones first.
    steps = range(found.at.shape[1] + 1)
    entered, ended = (
        np.array([np.count_nonzero(of == step) for step in steps]) for of in (found.entry, found.furthest)
    )
    return _counted(entered, ended)


def counts_by(found: Attempts, group: np.ndarray, n_groups: int) -> list[FunnelCounts]:
    """The same of each group; `group` has a number for each unit that began an attempt, in their order."""
    n_steps, who = found.at.shape[1], np.flatnonzero(found.furthest)
    key = group * (n_steps + 1)
    entered, ended = (
        np.bincount(key + of.take(who), minlength=n_groups * (n_steps + 1)).reshape(n_groups, n_steps + 1)
        for of in (found.entry, found.furthest)
    )
    return [_counted(*of_group) for of_group in zip(entered, ended, strict=True)]


def _counted(entered: np.ndarray, ended: np.ndarray) -> FunnelCounts:
    """The counts, of how many units entered and ended at each step, the first of which is none."""
    n_steps = len(entered) - 1
    reached = np.cumsum(entered[1:]) - np.r_[0, np.cumsum(ended[1:])][:n_steps]
    lost = ended[1:].copy()
    lost[-1:] = 0
    return FunnelCounts(reached, entered[1:], lost, int(ended.sum()))


def funnel_members(
    log: EventLog, stages: StageMap, *, step: int, outcome: str = "reached", **setting: Any
) -> np.ndarray:
    """One flag a customer of the log: those behind a bar of the funnel with this setting.

    Of sessions: customers with at least one such session.
    """
    plan = funnel_plan(log, stages, **setting)
    found = attempts(plan).members(step, outcome)
    if plan.unit == "customer":
        return found
    of = np.zeros(log.n_customers, dtype=bool)
    assert plan.log.owner is not None
    of[plan.log.owner[found]] = True
    return of
