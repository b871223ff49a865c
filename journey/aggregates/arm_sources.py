"""Which experiments of a project have customers whose journeys can be looked at, arm by arm?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from journey.aggregates.arm_members import arm_members
from journey.aggregates.records import named_experiments
from journey.events.log import EventLog
from journey.events.other_tables import OtherTables
from journey.stages.experiment_plan import Arm, Plan

__all__ = ["ArmSource", "arm_sources"]


@dataclass(frozen=True)
class ArmSource:
    """An experiment whose customers are known one by one.

    source     as in a plan
    name       of the plan, else of the data; "" for none
    arms       the control first; of those planned the ones that somebody of the log is in
    has_times  is it known of anybody when they were exposed?
    """

    source: Mapping[str, Any]
    name: str
    arms: tuple[Arm, ...]
    has_times: bool


def arm_sources(log: EventLog, tables: OtherTables, plans: Sequence[Plan] = ()) -> tuple[ArmSource, ...]:
    """Those of the plans, then those of the data that no plan is about; of each with two arms or more."""
    named = named_experiments(tables.records)
    found: dict[str, ArmSource] = {}
    for plan in (*plans, *(Plan(name=name or "", source={"records": name}) for name in named)):
        (kind, name), *_ = plan.source.items()
        is_there = name in named if kind == "records" else kind == "attribute" and name in log.attributes
        if str(dict(plan.source)) not in found and is_there:
            found[str(dict(plan.source))] = _arm_source(log, tables, plan)
    return tuple(one for one in found.values() if len(one.arms) > 1)


def _arm_source(log: EventLog, tables: OtherTables, plan: Plan) -> ArmSource:
    found = arm_members(log, plan.source, tables, plan.arms)
    sizes = np.bincount(found.arm[found.customer >= 0], minlength=len(found.arms))
    arms = tuple(arm for arm, size in zip(found.arms, sizes.tolist(), strict=True) if size)
    return ArmSource(dict(plan.source), plan.name, arms, found.has_times)
