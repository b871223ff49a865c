"""Which steps does a funnel have, and what counts as an attempt to go along them?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from journey.errors import SettingWrong, StageUnknown
from journey.events.log import DAY, EventLog
from journey.stages.stage_map import IGNORED, StageMap
from journey.theme import stage_colour

__all__ = [
    "ENTRIES",
    "EVENT",
    "FIRSTS",
    "MOST_FUNNEL_STEPS",
    "ORDERS",
    "FunnelPlan",
    "FunnelStep",
    "funnel_plan",
    "funnel_step",
]

ORDERS = ("ordered", "strict", "any")
ENTRIES = ("closed", "open")
FIRSTS = ("matching", "ever")
MOST_FUNNEL_STEPS = 12
# What an event is called among the steps, so that it cannot be taken for a stage.
EVENT = "event:"
_LONGEST_DAYS = 1_000_000


@dataclass(frozen=True, eq=False)
class FunnelStep:
    """One step: a stage (kind "stage") or one event ("event"); `key` is how a setting names it.

    events  one flag an event name of the log: does a row of it serve this step?
    """

    key: str
    name: str
    kind: str
    colour: str
    events: np.ndarray


@dataclass(frozen=True, eq=False)
class FunnelPlan:
    """The setting of a funnel, checked against a log and its stages.

    log       its "customers" are the units that are followed: customers, or sessions
    within    the window from the first step of an attempt, inclusive, in microseconds; None: without end
    excluded  one flag an event name: a row of it voids an attempt
    ignored   one flag an event name: the strict order passes over its rows
    """

    log: EventLog
    stages: StageMap
    steps: tuple[FunnelStep, ...]
    order: str
    entry: str
    first: str
    within: int | None
    excluded: np.ndarray
    ignored: np.ndarray
    unit: str = "customer"

    def worded(self, code: str) -> str:
        """The catalogue key of a sentence about the units: sessions have their own words."""
        return code if self.unit == "customer" else f"{code}_sessions"


def funnel_plan(
    log: EventLog,
    stages: StageMap,
    *,
    steps: Sequence[str] = (),
    order: str = "ordered",
    entry: str = "closed",
    window_days: float | None = 30,
    exclude: Sequence[str] = (),
    first: str = "matching",
    unit: str = "customer",
    gap_minutes: float = 30,
) -> FunnelPlan:
    """Check a funnel's setting. Raises SettingWrong and StageUnknown.

    A step, or an exclusion, is the id or the name of a stage, or "event:NAME"; no steps at all are all stages
    in their order. A step may stand twice, in the any order it may not share events with another. Tables
    where more than half of the times are dates refuse parts of days.
    """
    allowed = {"order": (order, ORDERS), "entry": (entry, ENTRIES), "first": (first, FIRSTS)}
    for setting, (value, known) in allowed.items():
        if value not in known:
            raise SettingWrong(setting=setting, value=value, allowed=list(known))
    if window_days is not None:
        if not window_days >= 0:
            raise SettingWrong(setting="window_days", value=window_days, allowed="≥ 0")
        if log.date_only and math.isfinite(window_days) and window_days % 1:
            raise SettingWrong(setting="window_days", value=window_days, allowed="0, 1, 2, 3, …")
    if unit == "session":
        log = log.by_session(gap_minutes)
    elif unit != "customer":
        raise SettingWrong(setting="unit", value=unit, allowed=["customer", "session"])
    wanted = tuple(steps) or tuple(stage.id for stage in stages.stages)
    if len(wanted) > MOST_FUNNEL_STEPS:
        raise SettingWrong(setting="steps", value=len(wanted), allowed=f"1–{MOST_FUNNEL_STEPS}")
    own = tuple(funnel_step(log, stages, name, place) for place, name in enumerate(wanted))
    excluded = _any_of([funnel_step(log, stages, name, 0).events for name in exclude], log)
    served = sum((step.events.astype(np.int64) for step in own), np.zeros(len(log.event_names), np.int64))
    if (served.astype(bool) & excluded).any():
        raise SettingWrong(setting="exclude", value=list(exclude), allowed=f"≠ {', '.join(wanted)}")
    if order == "any" and (served > 1).any():
        raise SettingWrong(setting="order", value=order, allowed=["ordered", "strict"])
    endless = window_days is None or window_days > _LONGEST_DAYS
    return FunnelPlan(
        log=log,
        stages=stages,
        steps=own,
        order=order,
        entry="open" if order == "any" else entry,
        first=first,
        within=None if endless or window_days is None else round(window_days * DAY),
        excluded=excluded,
        ignored=(stages.codes(log.event_names) == IGNORED) & (served == 0),
        unit=unit,
    )


def funnel_step(log: EventLog, stages: StageMap, name: str, place: int) -> FunnelStep:
    """The stage of this id or name, or "event:NAME", at its place. Raises StageUnknown."""
    if isinstance(name, str) and name.startswith(EVENT) and name not in stages.names:
        event = name.removeprefix(EVENT)
        if event not in log.event_names:
            raise StageUnknown(name=event, have=list(log.event_names))
        served = np.array([own == event for own in log.event_names], dtype=bool)
        return FunnelStep(name, event, "event", stage_colour(place), served)
    stage = stages.named(name)
    served = stages.codes(log.event_names) == stages.stages.index(stage)
    return FunnelStep(stage.id, stage.name, "stage", stage.colour, served)


def _any_of(flags: Sequence[np.ndarray], log: EventLog) -> np.ndarray:
    found = np.zeros(len(log.event_names), dtype=bool)
    for one in flags:
        found |= one
    return found
