"""What came of those whom a funnel lost, and with what did each attempt begin?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from journey.aggregates.funnel_attempts import Attempts
from journey.aggregates.funnel_plan import FunnelPlan
from journey.aggregates.visits import NO_STAGE, active, block_borders
from journey.stages.stage_map import MOST_STAGES

__all__ = ["Afterwards", "afterwards", "first_rows", "first_times"]


@dataclass(frozen=True, eq=False)
class Afterwards:
    """Units that a funnel lost, by the step where it lost them and by what they did next; parts add up.

    events  [step, event code] of the first later row that does not serve that step
    stages  [step, stage code] of the first later row in a stage that does not serve that step
    lost    by step: all of them
    active  [2, step]: those without such a row (of any event; in a stage) whose last event of any kind is so
            near to the end that more may follow
    """

    events: np.ndarray
    stages: np.ndarray
    lost: np.ndarray
    active: np.ndarray

    def __add__(self, other: Afterwards) -> Afterwards:
        return Afterwards(
            self.events + other.events,
            self.stages + other.stages,
            self.lost + other.lost,
            self.active + other.active,
        )


def afterwards(plan: FunnelPlan, found: Attempts, *, active_within: int) -> Afterwards:
    """Look at the rows after the last step that each lost unit reached; rows at its instant are not later.

    In the any order a row that serves any of the steps is passed over. `active_within` is in microseconds.
    """
    log, n_steps, n_events = plan.log, len(plan.steps), len(plan.log.event_names)
    events = np.zeros((n_steps, n_events), dtype=np.int64)
    stages = np.zeros((n_steps, MOST_STAGES), dtype=np.int64)
    still = np.zeros((2, n_steps), dtype=np.int64)
    codes = plan.stages.codes(log.event_names)
    # Also for those whom nothing was lost of: no event is another one for them.
    serves = np.ones((n_steps + 1, n_events), dtype=bool)
    for place, step in enumerate(plan.steps):
        serves[place + 1] = step.events
    if plan.order == "any" and n_steps:
        serves[1:] = serves[1:].any(axis=0)
    at_step = np.where(found.furthest < n_steps, found.furthest, 0)
    lost = np.bincount(at_step, minlength=n_steps + 1)[1 : n_steps + 1]
    until = np.zeros(len(at_step), dtype=np.int64)
    who = np.flatnonzero(at_step)
    until[who] = found.at[who, at_step[who] - 1]
    is_active = active(log, active_within)
    seen = np.zeros((2, len(at_step)), dtype=bool)
    for first, rows, unit in _rows_of(plan, at_step > 0):
        event = log.event[first:][rows]
        other = (log.time[first:][rows] > until.take(unit)) & ~serves.ravel().take(
            at_step.take(unit).astype(np.int64) * n_events + event
        )
        for level, table in enumerate((events, stages)):
            there = np.flatnonzero(other if level == 0 else other & (codes.take(event) < NO_STAGE))
            begins = there[np.diff(unit.take(there), prepend=-1) != 0]
            what = event.take(begins) if level == 0 else codes.take(event.take(begins))
            whose = unit.take(begins)
            np.add.at(table, (at_step.take(whose) - 1, what), 1)
            seen[level, whose] = True
    for level in range(2):
        nothing = is_active & ~seen[level] & (at_step > 0)
        still[level] = np.bincount(at_step[nothing], minlength=n_steps + 1)[1 : n_steps + 1]
    return Afterwards(events, stages, lost, still)


def first_rows(plan: FunnelPlan, found: Attempts) -> np.ndarray:
    """The row of the log with which each unit's best attempt began; -1 for units without an attempt.

    Of rows at one time that serve that step the first one.
    """
    log, n_events = plan.log, len(plan.log.event_names)
    rows_found = np.full(log.n_customers, -1, dtype=np.int64)
    if plan.order == "any":
        serves = np.array([np.zeros(n_events, dtype=bool), _any(plan)])
        entry = (found.entry > 0).astype(np.int64)
    else:
        serves = np.array([np.zeros(n_events, dtype=bool), *(step.events for step in plan.steps)])
        entry = found.entry.astype(np.int64)
    begin = np.zeros(log.n_customers, dtype=np.int64)
    who = np.flatnonzero(found.entry)
    begin[who] = found.at[who, found.entry[who] - 1]
    for first, rows, unit in _rows_of(plan, entry > 0):
        fits = log.time[first:][rows] == begin.take(unit)
        there = np.flatnonzero(fits)
        event = log.event[first:][rows[there]]
        there = there[serves.ravel().take(entry.take(unit.take(there)) * n_events + event)]
        begins = there[np.diff(unit.take(there), prepend=-1) != 0]
        rows_found[unit.take(begins)] = first + rows.take(begins)
    return rows_found


def first_times(plan: FunnelPlan, events: np.ndarray) -> np.ndarray:
    """When each unit first had a row of these events (one flag a name); for others when the window begins."""
    log = plan.log
    rows = np.flatnonzero(events.take(log.event))
    unit = np.searchsorted(log.offsets, rows, side="right") - 1
    begins = np.flatnonzero(np.diff(unit, prepend=-1))
    instants = np.full(log.n_customers, log.observed[0], dtype=np.int64)
    instants[unit[begins]] = log.time.take(rows[begins])
    return instants


def _any(plan: FunnelPlan) -> np.ndarray:
    flags = np.zeros(len(plan.log.event_names), dtype=bool)
    for step in plan.steps:
        flags |= step.events
    return flags


def _rows_of(plan: FunnelPlan, wanted: np.ndarray) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Block by block its first row, and of each row of the wanted units its place there and its unit."""
    offsets = np.asarray(plan.log.offsets)
    for low, high in pairwise(block_borders(plan.log).tolist()):
        sizes = np.diff(offsets[low : high + 1])
        chosen = wanted[low:high]
        rows = np.flatnonzero(np.repeat(chosen, sizes))
        unit = np.repeat(low + np.flatnonzero(chosen), sizes[chosen])
        yield int(offsets[low]), rows, unit
