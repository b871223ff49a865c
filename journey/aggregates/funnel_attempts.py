"""How far does each customer get along some steps, by the best of all attempts?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from journey.aggregates.funnel_plan import MOST_FUNNEL_STEPS, FunnelPlan
from journey.aggregates.visits import block_borders, pairs_of, restaged
from journey.errors import SettingWrong

__all__ = ["NEVER", "OUTCOMES", "Attempts", "attempts"]

OUTCOMES = ("reached", "continued", "lost")
# The instant of a step that was not reached.
NEVER = np.iinfo(np.int64).min
# Where a block has so many rows for each one that is asked about, these look the next one up by halving.
_FEW = 32


@dataclass(frozen=True, eq=False)
class Attempts:
    """The best attempt of each unit; what was not reached is 0, or NEVER.

    furthest  the last step that was reached, from 1 (int8); in the any order the number of distinct steps
    entry     the step where the attempt began (int8): 1 unless the entry is open
    at        the instant of each step, microseconds UTC, shape (units, steps); in the any order of the
              first, second, ... distinct step
    """

    furthest: np.ndarray
    entry: np.ndarray
    at: np.ndarray

    def members(self, step: int, outcome: str) -> np.ndarray:
        """One flag a unit: who "reached" step `step` (from 1), and "continued" or was "lost" there.

        At the last step all who reached it count as continued.
        """
        n_steps = self.at.shape[1]
        if isinstance(step, bool) or not isinstance(step, int | np.integer) or not 1 <= step <= n_steps:
            raise SettingWrong(setting="step", value=step, allowed=f"1–{n_steps}")
        if outcome not in OUTCOMES:
            raise SettingWrong(setting="outcome", value=outcome, allowed=list(OUTCOMES))
        there = (self.furthest >= step) & (self.entry <= step)
        if outcome == "reached":
            return there
        if step == n_steps:
            return there if outcome == "continued" else np.zeros_like(there)
        goes_on = self.furthest > step
        return there & (goes_on if outcome == "continued" else ~goes_on)


def attempts(plan: FunnelPlan) -> Attempts:
    """Find every unit's best attempt, in blocks of whole units; the cost is linear in the rows.

    The best one has the most steps, of those the furthest last one (they differ with open entry only), of
    those it ends first, of those it starts last. Within an attempt each step is taken as early as it comes.
    Rows at one time are taken in the order of the steps they serve, all others after them.
    """
    units, n_steps = plan.log.n_customers, len(plan.steps)
    found = Attempts(
        np.zeros(units, dtype=np.int8),
        np.zeros(units, dtype=np.int8),
        np.empty((units, n_steps), dtype=np.int64, order="F"),
    )
    if not n_steps:
        return found
    for block in _blocks(plan):
        found.at[block.low : block.low + block.n_units] = NEVER
        if plan.order == "any":
            _any_order(plan, block, found)
        else:
            _in_order(plan, block, found)
    return found


@dataclass(eq=False)
class _Block:
    """Some whole units: those of their rows that matter, in order, with one row more behind the last.

    low     position of the block's first unit in the log
    rank    which combination of steps the row serves; the last rank serves none
    time    instant of each row
    unit    unit of each row, counted in the block; -1 behind the last, which is nobody's
    ranks   for each step the ranks that serve it
    voids   where attempts are voided; None without exclusions
    """

    low: int
    n_units: int
    rank: np.ndarray
    time: np.ndarray
    unit: np.ndarray
    ranks: Sequence[Sequence[int]]
    voids: _Voids | None
    flags: dict[int, np.ndarray] = field(default_factory=dict)
    rows: dict[int, np.ndarray] = field(default_factory=dict)
    so_far: dict[int, np.ndarray] = field(default_factory=dict)
    firsts: dict[int, np.ndarray] = field(default_factory=dict)

    def serves(self, step: int) -> np.ndarray:
        """One flag a row: does it serve this step?"""
        if step not in self.flags:
            of = self.ranks[step]
            found = self.rank == of[0] if of else np.zeros(len(self.rank), dtype=bool)
            for rank in of[1:]:
                found |= self.rank == rank
            self.flags[step] = found
        return self.flags[step]

    def rows_of(self, step: int) -> np.ndarray:
        """The rows that serve this step, and behind them the row that is nobody's."""
        if step not in self.rows:
            self.rows[step] = np.append(np.flatnonzero(self.serves(step)), len(self.rank))
        return self.rows[step]

    def next_of(self, step: int, rows: np.ndarray) -> np.ndarray:
        """For each of some rows the first one after it that serves this step, of any unit."""
        if _FEW * len(rows) < len(self.rank):
            of = self.rows_of(step)
            return of.take(np.searchsorted(of[:-1], rows, side="right"))
        if step not in self.so_far:
            self.so_far[step] = np.cumsum(self.serves(step), dtype=np.int32)
        return self.rows_of(step).take(self.so_far[step].take(rows))

    def first_two(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows of the first step with no other one before the next row of the second step, and the latter.

        Of any unit; no row may serve both. Notes the rows of the first step on the way.
        """
        first = self.serves(0)
        rows = np.flatnonzero(first | self.serves(1))
        first = first.take(rows)
        self.rows[0] = np.append(rows.take(np.flatnonzero(first)), len(self.rank))
        at = np.flatnonzero(first[:-1] > first[1:])
        return rows.take(at), rows.take(at + 1)

    def first_from(self, step: int) -> np.ndarray:
        """For each row the first one from it on that serves this step, of any unit."""
        if step not in self.firsts:
            flags = self.serves(step)
            before = np.cumsum(flags, dtype=np.int32)
            before -= flags
            self.firsts[step] = self.rows_of(step).take(before)
        return self.firsts[step]


class _Voids:
    """When an excluded row voids an attempt: the first one that is later in time and of the same unit.

    `excluded` has one flag a row, `kept` the rows that matter, where some do not.
    """

    def __init__(
        self, excluded: np.ndarray, time: np.ndarray, unit: np.ndarray, kept: np.ndarray | None
    ) -> None:
        self._time, self._unit, self._kept = time, unit, kept
        rows = np.flatnonzero(excluded)
        when, whose = time.take(rows), unit.take(rows)
        # Of those of one instant the first one stands for all, so that at most one is not later than a start.
        new = np.ones(len(rows), dtype=bool)
        new[1:] = (when[1:] != when[:-1]) | (whose[1:] != whose[:-1])
        first = np.zeros(len(excluded), dtype=bool)
        first[rows[new]] = True
        self._rows = np.append(rows[new], len(excluded))
        self._so_far = np.cumsum(first, dtype=np.int32)

    def after(self, start: np.ndarray) -> np.ndarray:
        """The instant for each of some rows that matter; the largest number where there is none."""
        at = start if self._kept is None else self._kept.take(start)
        when, unit = self._time.take(at), self._unit.take(at)
        place = self._so_far.take(at)
        same = self._time.take(self._rows.take(place), mode="clip") == when
        row = self._rows.take(place + same, mode="clip")
        none = np.iinfo(np.int64).max
        return np.where(self._unit.take(row) == unit, self._time.take(row, mode="clip"), none)


def _blocks(plan: FunnelPlan) -> Iterator[_Block]:
    log = plan.log
    masks = np.zeros(len(log.event_names), dtype=np.int64)
    for place, step in enumerate(plan.steps):
        masks |= step.events.astype(np.int64) << place
    # The combinations of steps that one event may serve, in the order in which rows of one time are taken.
    combinations = sorted(set(masks.tolist()) - {0}, key=_steps_of)
    nothing = len(combinations)
    narrow: Any = np.uint8 if nothing < 255 else np.uint16
    rank_of = np.array([[*combinations, 0].index(mask) for mask in masks.tolist()], dtype=narrow)
    ranks = [
        [rank for rank, mask in enumerate(combinations) if mask >> k & 1] for k in range(len(plan.steps))
    ]
    nobody = np.zeros_like(plan.ignored)
    passed_over = {"strict": plan.ignored, "any": masks == 0}.get(plan.order, nobody)
    pairs = pairs_of(rank_of) if log.event.dtype == rank_of.dtype == np.uint8 else None
    events, offsets, time = np.asarray(log.event), np.asarray(log.offsets), np.asarray(log.time)
    borders = block_borders(log)
    ties = np.searchsorted(log.tied, offsets.take(borders))
    for (low, high), (tie, tie_end) in zip(pairwise(borders.tolist()), pairwise(ties.tolist()), strict=True):
        first, last = int(offsets[low]), int(offsets[high])
        raw, when = events[first:last], time[first:last]
        rank = restaged(raw, rank_of, pairs)
        keep = ~passed_over.take(raw) if passed_over.any() else None
        if tie < tie_end:
            _order_ties(rank, keep, log.tied[tie:tie_end] - first, log.tie_groups[tie:tie_end])
        sizes = np.append(np.diff(offsets[low : high + 1]), 1)
        unit = np.repeat(np.append(np.arange(high - low, dtype=np.int32), np.int32(-1)), sizes)
        rows = None if keep is None or keep.all() else np.flatnonzero(keep)
        voids = _Voids(plan.excluded.take(raw), when, unit, rows) if plan.excluded.any() else None
        if rows is not None:
            rank, when, unit = rank.take(rows), when.take(rows), unit.take(np.append(rows, len(raw)))
        yield _Block(low, high - low, rank, when, unit, ranks, voids)


def _steps_of(mask: int) -> list[int]:
    return [place for place in range(MOST_FUNNEL_STEPS) if mask >> place & 1]


def _order_ties(rank: np.ndarray, keep: np.ndarray | None, rows: np.ndarray, groups: np.ndarray) -> None:
    """Put tied rows into the order of their steps, in place; those that are passed over come last."""
    # Rows of one time that serve the same steps are interchangeable, so that codes move and rows stay.
    keys = groups.astype(np.int64) << 32 | rank.take(rows).astype(np.int64) << 1
    if keep is not None:
        keys |= ~keep.take(rows)
    keys.sort()
    rank[rows] = keys >> 1 & 0x7FFF_FFFF
    if keep is not None:
        keep[rows] = np.equal(keys & 1, 0)


def _in_order(plan: FunnelPlan, block: _Block, found: Attempts) -> None:
    """The best attempts of a block where steps follow each other."""
    last = len(plan.steps) - 1
    entries = range(last + 1) if plan.entry == "open" else (0,)
    two = block.first_two() if _is_plain(plan, block) else None
    starts_of = [block.rows_of(entry)[:-1] for entry in entries]
    if plan.first == "ever":
        starts_of = _only_first(block, starts_of)
    best = None
    for entry, start in zip(entries, starts_of, strict=True):
        own = _Best(block.n_units, entry)
        begin = at = start
        unit, clean = block.unit.take(start), _clean(plan, block, start)
        for step in range(entry, last + 1):
            if step > entry:
                if step == 1 and two is not None:
                    begin, at = two
                    unit = block.unit.take(begin)
                else:
                    at = block.next_of(step, at) if plan.order == "ordered" else at + 1
                on = block.unit.take(at) == unit
                if plan.order == "strict":
                    on &= block.serves(step).take(at, mode="clip")
                elif clean is None:
                    # Of attempts that meet the latest start has the most of its window left.
                    on[:-1] &= at[1:] != at[:-1]
                if plan.within is not None:
                    on &= block.time.take(at, mode="clip") - block.time.take(begin) <= plan.within
                going = np.flatnonzero(on)
                begin, at, unit = begin.take(going), at.take(going), unit.take(going)
                clean = None if clean is None else clean.take(going)
            if not len(at):
                break
            counts = clean
            if clean is not None and step == last:
                counts = clean | _before_void(block, begin, at)
            own.take(block, begin, at, unit, step, counts)
        best = own if best is None else best.or_better(own)
    if best is not None:
        _write(plan, block, found, best)


def _is_plain(plan: FunnelPlan, block: _Block) -> bool:
    """Do all attempts begin at the first step, at any of its rows, and is none of them of the second too?"""
    whole = plan.order == "ordered" and plan.entry == "closed" and plan.first == "matching"
    return whole and block.voids is None and len(plan.steps) > 1 and not {*block.ranks[0]} & {*block.ranks[1]}


def _only_first(block: _Block, starts_of: list[np.ndarray]) -> list[np.ndarray]:
    """Of the rows that may begin an attempt, the first one of each unit."""
    may = np.zeros(len(block.rank), dtype=bool)
    for start in starts_of:
        may[start] = True
    rows = np.flatnonzero(may)
    rows = rows[np.diff(block.unit.take(rows), prepend=np.int32(-2)) != 0]
    only = np.zeros_like(may)
    only[rows] = True
    return [start[only.take(start)] for start in starts_of]


def _clean(plan: FunnelPlan, block: _Block, start: np.ndarray) -> np.ndarray | None:
    """One flag a start: is no excluded row in its window?"""
    if block.voids is None:
        return None
    void = block.voids.after(start)
    if plan.within is None:
        return np.asarray(void == np.iinfo(np.int64).max)
    return np.asarray(void > block.time.take(start) + plan.within)


def _before_void(block: _Block, start: np.ndarray, at: np.ndarray) -> np.ndarray:
    assert block.voids is not None
    return np.asarray(block.voids.after(start) >= block.time.take(at))


class _Best:
    """By unit of a block: the first row of the best attempt so far (-1: none), its entry and last step."""

    def __init__(self, n_units: int, entry: int) -> None:
        self.start = np.full(n_units, -1, dtype=np.int64)
        self.entry = np.full(n_units, entry, dtype=np.int8)
        self.last = np.full(n_units, -1, dtype=np.int8)

    def take(
        self,
        block: _Block,
        start: np.ndarray,
        at: np.ndarray,
        owner: np.ndarray,
        step: int,
        counts: np.ndarray | None,
    ) -> None:
        """These attempts of units, in the order of rows, got to `step`: keep one a unit, not any less far."""
        if counts is not None:
            which = np.flatnonzero(counts)
            start, at, owner = start.take(which), at.take(which), owner.take(which)
        if not len(at):
            return
        # A later start never ends earlier, so the first end of a unit is its first run of one instant.
        other = owner[1:] != owner[:-1]
        chosen = np.append(0, np.flatnonzero(other) + 1)
        unit = owner.take(chosen)
        if at is not start:
            time = block.time.take(at)
            new = np.append(other | (time[1:] != time[:-1]), True)
            # The last one of the run that begins with the unit.
            long = np.flatnonzero(~new.take(chosen))
            ends = np.flatnonzero(new)
            chosen[long] = ends.take(np.searchsorted(ends, chosen.take(long)))
        self.start[unit] = start.take(chosen)
        self.last[unit] = step

    def or_better(self, other: _Best) -> _Best:
        """Of each unit's two attempts the one with more steps, of those the one that gets further."""
        long, also = self.last - self.entry, other.last - other.entry
        better = (also > long) | ((also == long) & (other.last > self.last))
        better = (other.start >= 0) & (better | (self.start < 0))
        for name in ("start", "entry", "last"):
            setattr(self, name, np.where(better, getattr(other, name), getattr(self, name)))
        return self


def _write(plan: FunnelPlan, block: _Block, found: Attempts, best: _Best) -> None:
    """Follow the chosen attempts once more, and note when each of their steps was reached."""
    own = slice(block.low, block.low + block.n_units)
    known = best.start >= 0
    found.furthest[own] = (best.last + 1) * known
    found.entry[own] = (best.entry + 1) * known
    who = np.flatnonzero(known)
    at, entry, last = best.start.take(who), best.entry.take(who), best.last.take(who)
    for step in range(len(plan.steps)):
        if step:
            # Those who are done are left behind: mostly these are many.
            going = np.flatnonzero(last >= step)
            who, at, entry, last = who.take(going), at.take(going), entry.take(going), last.take(going)
            following = block.next_of(step, at) if plan.order == "ordered" else at + 1
            at = np.where(entry < step, following, at)
        begun = slice(None) if plan.entry == "closed" else np.flatnonzero(entry <= step)
        found.at[own, step][who[begun]] = block.time.take(at[begun])


def _any_order(plan: FunnelPlan, block: _Block, found: Attempts) -> None:
    """The best attempts of a block where the number of distinct steps within the window counts."""
    start = np.arange(len(block.rank))
    if plan.first == "ever":
        start = start[np.diff(block.unit.take(start), prepend=np.int32(-2)) != 0]
    if not len(start):
        return
    reached = np.zeros(len(start), dtype=np.int8)
    end = start.copy()
    for at, on in _distinct(plan, block, start):
        reached += on
        at *= on
        np.maximum(end, at, out=end)
    clean = _clean(plan, block, start)
    if clean is not None:
        counts = clean | ((reached == len(plan.steps)) & _before_void(block, start, end))
        which = np.flatnonzero(counts)
        start, end, reached = start.take(which), end.take(which), reached.take(which)
        if not len(start):
            return
    unit = block.unit.take(start)
    groups = np.flatnonzero(np.diff(unit, prepend=np.int32(-1)))
    most = np.repeat(np.maximum.reduceat(reached, groups), np.diff(np.append(groups, len(unit))))
    which = np.flatnonzero(reached == most)
    best = _Best(block.n_units, 0)
    best.take(block, start.take(which), end.take(which), unit.take(which), 0, None)
    unit = np.flatnonzero(best.start >= 0)
    start = best.start.take(unit)
    instants = np.full((len(unit), len(plan.steps)), np.iinfo(np.int64).max, dtype=np.int64)
    for step, (at, inside) in enumerate(_distinct(plan, block, start)):
        on = np.flatnonzero(inside)
        instants[on, step] = block.time.take(at.take(on))
    instants.sort(axis=1)
    known = instants < np.iinfo(np.int64).max
    found.furthest[block.low + unit] = known.sum(axis=1)
    found.entry[block.low + unit] = 1
    found.at[block.low + unit] = np.where(known, instants, NEVER)


def _distinct(plan: FunnelPlan, block: _Block, start: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """For each step the first row from each start on that serves it, and whether it is in the window."""
    everywhere = len(start) == len(block.rank)
    unit, time = (
        (block.unit[:-1], block.time) if everywhere else (block.unit.take(start), block.time.take(start))
    )
    for step in range(len(plan.steps)):
        at = block.first_from(step).copy() if everywhere else block.first_from(step).take(start)
        on = block.unit.take(at) == unit
        if plan.within is not None:
            on &= block.time.take(at, mode="clip") - time <= plan.within
        yield at, on
