"""What is a customer worth who gets to the goal?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from journey.events.log import EventLog
from journey.stages.stage_map import StageMap

__all__ = ["GoalRevenue", "goal_revenue"]


@dataclass(frozen=True)
class GoalRevenue:
    """Money of the customers with a row at the goal stage, and how many they are; adds up over customers."""

    revenue: float = 0.0
    customers: int = 0

    def __add__(self, other: GoalRevenue) -> GoalRevenue:
        return GoalRevenue(self.revenue + other.revenue, self.customers + other.customers)


def goal_revenue(log: EventLog, stages: StageMap) -> GoalRevenue:
    """Add up all amounts, as signed, of whoever reached the goal stage; nothing where none is known."""
    goal = stages.goal_stage
    if log.amount is None or goal is None or log.is_empty:
        return GoalRevenue()
    there = stages.codes(log.event_names).take(log.event) == stages.stages.index(goal)
    reached = np.logical_or.reduceat(there, log.offsets[:-1])
    paid = np.add.reduceat(np.nan_to_num(log.amount), log.offsets[:-1])
    return GoalRevenue(float(paid[reached].sum()), int(reached.sum()))
