"""How does each customer's way compare with the order that a team had in mind?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import reduce
from operator import add
from typing import Any

import numpy as np

from journey.aggregates.funnel_plan import FunnelStep, funnel_step
from journey.aggregates.visits import NO_STAGE, active, code_blocks
from journey.errors import SettingWrong
from journey.events.log import EventLog
from journey.stages.stage_map import StageMap

__all__ = [
    "DEVIATIONS",
    "LEAST_DESIGNED",
    "MOST_DESIGNED",
    "WAYS",
    "Conformed",
    "Design",
    "conformance_members",
    "conformed",
    "design",
]

# Each of those who began with the first step is in one of these.
WAYS = ("followed", "stopped", "only_skipped", "only_back", "both")
# What one may have done on the way, each perhaps several at once.
DEVIATIONS = ("skipped", "back", "looped")
_OUTSIDE = ("elsewhere", "none")
LEAST_DESIGNED, MOST_DESIGNED = 2, 12
_NEVER = np.iinfo(np.int64).min
_FAR = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class Design:
    """An order of steps that was marked, checked against a log and its stages.

    log      its "customers" are the units that are followed: customers, or sessions
    codes    by name of event the place of its step; NO_STAGE: none. An event that is marked itself is of its
             own step, not of its stage's
    goal     one flag an event name: does it stand in the goal stage, or where the data have no row of that,
             is it of the last step?
    goal_name  what the stage, or the step, is called
    goal_at  the first place at which every row is one of the goal; the number of steps where there is none
    """

    log: EventLog
    steps: tuple[FunnelStep, ...]
    codes: np.ndarray
    goal: np.ndarray
    goal_name: str
    goal_at: int
    unit: str = "customer"

    @property
    def names(self) -> tuple[str, ...]:
        """What the steps are called, each by a name of its own."""
        names = [step.name for step in self.steps]
        return tuple(step.name if names.count(step.name) == 1 else step.key for step in self.steps)

    def place_of(self, key: str) -> int:
        """The place of a step by its key. Raises SettingWrong."""
        keys = [step.key for step in self.steps]
        if key not in keys:
            raise SettingWrong(setting="step", value=str(key)[:80], allowed=", ".join(keys)[:200])
        return keys.index(key)


@dataclass(frozen=True, eq=False)
class Conformed:
    """Counts that add up over parts of a log with disjoint customers; steps by their place in the order.

    n_units    customers (or sessions) of the log
    ways       [way, (customers, at the goal)] of those who began with the first step, by WAYS
    stops      [step, (customers, of these still active)] who followed as far as there and not to the end
    elsewhere  [step] whose first marked step is this other one
    skipped    [step] who never were there but further on
    back       [from, to, (customers, times)] who went from a step to an earlier one
    looped     [step, (customers, times)] who left it and came back to it
    jumped     [step, (customers, at the goal since then)] who first left the order by going past it
    turned     [from, to, (customers, at the goal since then)] who first left the order by going back so
    came       [step, (customers, at the goal since then)] who got there in order, whatever came later
    kept       [step, (customers, at the goal since they came)] of these who then went on in order, or no more
    """

    n_units: int
    ways: np.ndarray
    stops: np.ndarray
    elsewhere: np.ndarray
    skipped: np.ndarray
    back: np.ndarray
    looped: np.ndarray
    jumped: np.ndarray
    turned: np.ndarray
    came: np.ndarray
    kept: np.ndarray

    def __add__(self, other: Conformed) -> Conformed:
        return Conformed(*(getattr(self, own.name) + getattr(other, own.name) for own in fields(self)))

    @property
    def n_began(self) -> int:
        """Those whose first marked step is the first of the order."""
        return int(self.ways[:, 0].sum())


def design(
    log: EventLog,
    stages: StageMap,
    *,
    steps: Sequence[str] = (),
    unit: str = "customer",
    gap_minutes: float = 30,
) -> Design:
    """Check an order. Raises SettingWrong and StageUnknown.

    A step is the id or the name of a stage, or "event:NAME", each at most once; no steps at all are all
    stages in their order.
    """
    if unit == "session":
        log = log.by_session(gap_minutes)
    elif unit != "customer":
        raise SettingWrong(setting="unit", value=unit, allowed=["customer", "session"])
    wanted = tuple(steps) or tuple(stage.id for stage in stages.stages)[:MOST_DESIGNED]
    if len(wanted) > MOST_DESIGNED:
        raise SettingWrong(setting="steps", value=len(wanted), allowed=f"{LEAST_DESIGNED}–{MOST_DESIGNED}")
    own = tuple(funnel_step(log, stages, name, place) for place, name in enumerate(wanted))
    if len({step.key for step in own}) < len(own):
        raise SettingWrong(setting="steps", value=", ".join(wanted)[:200], allowed="a ≠ b")
    codes = np.full(len(log.event_names), NO_STAGE, dtype=np.uint8)
    for kind in ("stage", "event"):
        for place, step in enumerate(own):
            if step.kind == kind:
                codes[step.events] = place
    goal_stage = stages.goal_stage
    goal = np.zeros(len(codes), dtype=bool)
    if goal_stage is not None:
        goal = stages.codes(log.event_names) == stages.stages.index(goal_stage)
    goal_name = "" if goal_stage is None else goal_stage.name
    # Nobody could be held against a goal that the data do not know.
    if own and not goal.any():
        goal, goal_name = codes == len(own) - 1, own[-1].name
    all_goal = [bool(goal[codes == place].all() and (codes == place).any()) for place in range(len(own))]
    return Design(
        log=log,
        steps=own,
        codes=codes,
        goal=goal,
        goal_name=goal_name,
        goal_at=all_goal.index(True) if True in all_goal else len(own),
        unit=unit,
    )


def conformed(plan: Design, *, active_within: int) -> Conformed:
    """Count in one pass; `active_within` is in microseconds.

    A way begins with the first row of a marked step and ends with the first one at the last step: what comes
    after is another journey. Rows of no marked step are passed over, those of one instant taken in the order
    of the steps.
    """
    n = len(plan.steps)
    shapes = [(len(WAYS), 2), (n, 2), (n,), (n,), (n, n, 2), (n, 2), (n, 2), (n, n, 2), (n, 2), (n, 2)]
    nobody = Conformed(plan.log.n_customers, *(np.zeros(shape, dtype=np.int64) for shape in shapes))
    if n < LEAST_DESIGNED or plan.log.is_empty:
        return nobody
    still = active(plan.log, active_within)
    return reduce(add, (_counted(plan, part, still) for part in _parts(plan)), nobody)


def conformance_members(log: EventLog, stages: StageMap, settings: Mapping[str, Any]) -> np.ndarray:
    """One flag a customer of the log: do they stand behind this line? Raises SettingWrong and StageUnknown.

    `settings` has the steps and a kind: "began", one of WAYS, "elsewhere" or "none" (with `step`: who stopped
    or began there), or one of DEVIATIONS (with `step`, and `target` of a way back: that one).
    """
    known = {"steps", "kind", "step", "target"}
    kind, step, target = (settings.get(name) for name in ("kind", "step", "target"))
    kinds = ("began", *WAYS, *_OUTSIDE, *DEVIATIONS)
    if set(settings) - known or kind not in kinds:
        raise SettingWrong(setting="kind", value=str(kind)[:80], allowed=", ".join(kinds))
    plan = design(log, stages, steps=settings.get("steps") or ())
    at = None if step is None else plan.place_of(step)
    to = None if target is None else plan.place_of(target)
    flags = np.zeros(log.n_customers, dtype=bool)
    if len(plan.steps) < LEAST_DESIGNED or log.is_empty:
        return ~flags if kind == "none" else flags
    for part in _parts(plan):
        flags[part.present] = True if kind == "none" else _is_of(part, str(kind), at, to)
    return ~flags if kind == "none" else flags


@dataclass(frozen=True, eq=False)
class _Part:
    """The ways of some customers; `who` counts them from 0, a visit is a run of rows of one step.

    present   their positions in the log
    who, step, time   of each visit up to the first one of the last step
    seen      [customer, step] visits
    first     [customer, step] instant of the first one, or _FAR
    furthest  the last step in the order that they got to
    began     is their first step the first of the order?
    last_goal instant of their last row at the goal, or _NEVER
    """

    present: np.ndarray
    who: np.ndarray
    step: np.ndarray
    time: np.ndarray
    seen: np.ndarray
    first: np.ndarray
    furthest: np.ndarray
    began: np.ndarray
    last_goal: np.ndarray

    @property
    def n_steps(self) -> int:
        return self.seen.shape[1]

    @property
    def skips(self) -> np.ndarray:
        """[customer, step]: never there, but further on."""
        return (self.seen == 0) & (np.arange(self.n_steps) < self.furthest[:, None])

    @property
    def moves_back(self) -> np.ndarray:
        """Positions of the visits that are followed by one of an earlier step."""
        at: np.ndarray = np.flatnonzero((self.step[1:] < self.step[:-1]) & (self.who[1:] == self.who[:-1]))
        return at

    @property
    def went_back(self) -> np.ndarray:
        flags = np.zeros(len(self.present), dtype=bool)
        flags[self.who.take(self.moves_back)] = True
        return flags

    @property
    def way(self) -> np.ndarray:
        """The place of each one's way in WAYS; of who began elsewhere it means nothing."""
        skipped, back = self.skips.any(axis=1), self.went_back
        found: np.ndarray = np.where(self.furthest == self.n_steps - 1, 0, 1)
        found[skipped & ~back], found[back & ~skipped], found[skipped & back] = 2, 3, 4
        return found


def _parts(plan: Design) -> Iterator[_Part]:
    log, n = plan.log, len(plan.steps)
    events, offsets, time = (np.asarray(column) for column in (log.event, log.offsets, log.time))
    for block in code_blocks(log, plan.codes):
        own = np.cumsum(block.begins) - 1
        is_last = block.stage == n - 1
        before = np.cumsum(is_last) - is_last
        kept = np.flatnonzero(before == before[block.begins].take(own))
        who, step = own.take(kept), block.stage.take(kept).astype(np.int64)
        when = time.take(block.row.take(kept))
        m = len(block.present)
        cells = who * n + step
        first = np.full(m * n, _FAR)
        # From the last visit to the first each one writes its instant: the first one stays.
        first[cells[::-1]] = when[::-1]
        seen = np.bincount(cells, minlength=m * n).reshape(m, n)
        rows = np.flatnonzero(plan.goal.take(events[offsets[block.low] : offsets[block.high]]))
        rows += offsets[block.low]
        owner = np.searchsorted(offsets[block.low : block.high + 1], rows, side="right") - 1
        last_goal = np.full(block.high - block.low, _NEVER)
        last_goal[owner] = time.take(rows)
        yield _Part(
            present=block.present,
            who=who,
            step=step,
            time=when,
            seen=seen,
            first=first.reshape(m, n),
            furthest=n - 1 - np.argmax(seen[:, ::-1] > 0, axis=1),
            began=block.stage[block.begins] == 0,
            last_goal=last_goal.take(block.present - block.low),
        )


def _counted(plan: Design, part: _Part, still: np.ndarray) -> Conformed:
    n, began, way = len(plan.steps), part.began, part.way
    first_step = part.step[np.diff(part.who, prepend=-1) > 0]
    at_goal = part.last_goal >= part.first.min(axis=1)
    stopped = began & (way == 1)
    by_step = np.bincount(part.furthest[stopped], minlength=n)
    going = stopped & still.take(part.present)
    left = _left(part)
    # In order up to before the departure; there they went on in order, or no more, who have none.
    came = began[:, None] & (np.arange(n) < left.after[:, None])
    kept = came & ~(left.has[:, None] & (np.arange(n) == left.after[:, None] - 1))
    since = part.last_goal[:, None] >= part.first
    source, target, arrived = left.after - 1, left.to, part.last_goal >= left.at
    over = left.has[:, None] & (np.arange(n) > source[:, None]) & (np.arange(n) < target[:, None])
    back = left.has & (target < source)
    return Conformed(
        n_units=0,
        ways=_by(way[began], at_goal[began], len(WAYS)),
        stops=np.column_stack([by_step, np.bincount(part.furthest[going], minlength=n)]),
        elsewhere=np.bincount(first_step[~began], minlength=n),
        skipped=(part.skips & began[:, None]).sum(axis=0),
        back=_backs(part),
        looped=_loops(part),
        jumped=np.column_stack([over.sum(axis=0), (over & arrived[:, None]).sum(axis=0)]),
        turned=_by((source * n + target)[back], arrived[back], n * n).reshape(n, n, 2),
        came=np.column_stack([came.sum(axis=0), (came & since).sum(axis=0)]),
        kept=np.column_stack([kept.sum(axis=0), (kept & since).sum(axis=0)]),
    )


def _by(group: np.ndarray, hit: np.ndarray, n: int) -> np.ndarray:
    """[group, (how many, hits among them)]"""
    return np.column_stack([np.bincount(group, minlength=n), np.bincount(group[hit], minlength=n)])


@dataclass(frozen=True, eq=False)
class _Left:
    """How each customer of a part first left the order, if they `has`: after so many steps of it, to which
    step, at which instant. `after` of the others is how many steps they went."""

    has: np.ndarray
    after: np.ndarray
    to: np.ndarray
    at: np.ndarray


def _left(part: _Part) -> _Left:
    m = len(part.present)
    begins = np.flatnonzero(np.diff(part.who, prepend=-1))
    sizes = np.diff(np.append(begins, len(part.who)))
    place = np.arange(len(part.who)) - begins.take(part.who)
    off = np.flatnonzero(part.step != place)
    after, to, at = sizes.copy(), np.zeros(m, dtype=np.int64), np.full(m, _FAR)
    # From the last visit to the first: the first one stays.
    whose = part.who.take(off)[::-1]
    for found, value in ((after, place), (to, part.step), (at, part.time)):
        found[whose] = value.take(off)[::-1]
    has = part.began.copy()
    has &= after < sizes
    return _Left(has, after, to, at)


def _backs(part: _Part) -> np.ndarray:
    n, at = part.n_steps, part.moves_back
    at = at[part.began.take(part.who.take(at))]
    pair = part.step.take(at) * n + part.step.take(at + 1)
    customers = np.bincount(np.unique(part.who.take(at) * (n * n) + pair) % (n * n), minlength=n * n)
    return np.column_stack([customers, np.bincount(pair, minlength=n * n)]).reshape(n, n, 2)


def _loops(part: _Part) -> np.ndarray:
    again = np.maximum(part.seen - 1, 0)[part.began]
    return np.column_stack([(again > 0).sum(axis=0), again.sum(axis=0)])


def _is_of(part: _Part, kind: str, at: int | None, to: int | None) -> np.ndarray:
    """One flag a customer with a marked step: do they stand behind this line?"""
    began, way = part.began, part.way
    if kind == "elsewhere":
        first_step = part.step[np.diff(part.who, prepend=-1) > 0]
        return ~began if at is None else ~began & (first_step == at)
    if kind == "began":
        return began
    if kind in WAYS:
        found = began & (way == WAYS.index(kind))
        return found if at is None else found & (part.furthest == at)
    if kind == "skipped":
        skips = part.skips
        return began & (skips.any(axis=1) if at is None else skips[:, at])
    if kind == "looped":
        again = part.seen > 1
        return began & (again.any(axis=1) if at is None else again[:, at])
    moves = part.moves_back
    source, target = part.step.take(moves), part.step.take(moves + 1)
    fits = np.ones(len(moves), dtype=bool) if at is None else source == at
    fits &= True if to is None else target == to
    flags = np.zeros(len(began), dtype=bool)
    flags[part.who.take(moves[fits])] = True
    return flags & began
