"""Which units belong to the two groups of a comparison, and which of them go along a link?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from journey.aggregates.class_counts import class_counts, small_nodes
from journey.aggregates.drawn import KINDS
from journey.aggregates.members import code_of, members
from journey.aggregates.nodes import nodes
from journey.aggregates.picture import Picture
from journey.aggregates.segment import unit_members
from journey.aggregates.visits import active, visits
from journey.errors import SettingWrong
from journey.events.log import EventLog
from journey.events.other_tables import NO_TABLES, OtherTables

__all__ = ["Compared", "are_periods", "at_stage", "days_of", "on_link", "two_groups", "two_periods"]


@dataclass(frozen=True, eq=False)
class Compared:
    """A picture, and the group of each of its units: 0 (A), 1 (B), or -1 for none."""

    view: Picture
    group: np.ndarray


def are_periods(a: Any, b: Any) -> bool:
    """Are both rules nothing but a period? Then the journeys inside of each are compared."""
    return all(isinstance(rule, Mapping) and set(rule) == {"period"} for rule in (a, b))


def two_groups(
    log: EventLog, view: Picture, a: Any, b: Any, tables: OtherTables = NO_TABLES
) -> tuple[Compared, int]:
    """The units by group, and how many are in both and therefore in none.

    Each group is a rule, or one flag a customer of `log` (see aggregates.segment.unit_members). Without a:
    those who came to the goal. Without b: all the others. `tables` are what is known beside the log. Raises
    SettingWrong, and what rules raise.
    """
    if a is None and b is not None:
        raise SettingWrong(setting="a", value="", allowed='{"attribute": …}')
    goal = view.stages.goal_stage
    if a is None:
        a = np.zeros(log.n_customers, dtype=bool) if goal is None else {"did": {"stage": goal.id}}
    first = _members(view, log, a, "a", tables)
    second = ~first if b is None else _members(view, log, b, "b", tables)
    groups = np.where(first & ~second, 0, np.where(second & ~first, 1, -1))
    return Compared(view, groups), int((first & second).sum())


def two_periods(
    log: EventLog, draw: Callable[[EventLog], Picture], a: Any, b: Any
) -> tuple[Compared, Compared]:
    """The journeys inside of each period, the first as A, the second as B. Raises SettingWrong."""
    views = [draw(log.between(*days_of(rule))) for rule in (a, b)]
    first, second = (
        Compared(view, np.full(view.log.n_customers, number)) for number, view in enumerate(views)
    )
    return first, second


def days_of(rule: Any) -> tuple[dt.date, dt.date]:
    """The first and the last day of a rule that is a period. Raises SettingWrong."""
    try:
        first, last = (dt.date.fromisoformat(day) for day in rule["period"])
    except (TypeError, ValueError):
        raise SettingWrong(
            setting="period", value=str(rule["period"])[:80], allowed='["2024-01-01", "2024-01-31"]'
        ) from None
    return first, last


def at_stage(parts: Sequence[Compared], group: int, stage: str, *, left: bool) -> tuple[Picture, np.ndarray]:
    """The units of a group with a visit to a stage, or those of them whose journey ended there.

    Whatever the columns of the picture show; as positions in the log of the picture beside them. Raises
    StageUnknown.
    """
    own = parts[min(group, len(parts) - 1)]
    view, seen = own.view, own.view.seen
    if view.nodes.group != "stage":
        seen = visits(view.log, view.stages, nodes(view.log, view.stages))
    code = view.stages.stages.index(view.stages.named(stage))
    there = np.zeros(view.log.n_customers, dtype=bool)
    if left:
        who = np.flatnonzero(np.diff(seen.offsets))
        there[who] = seen.node.take(seen.offsets[1:].take(who) - 1) == code
        there &= ~active(view.log, view.within)
    else:
        there[seen.customer[seen.node == code]] = True
    return view, np.flatnonzero(there & (own.group == group))


def on_link(
    parts: Sequence[Compared],
    group: int,
    *,
    step: int,
    source: str,
    source_kind: str,
    target: str | None,
    target_kind: str,
    nodes: int | None,
) -> tuple[Picture, np.ndarray]:
    """The units of a group on a link of a comparison, as positions in the log of the picture beside them.

    Names and kinds are those of the comparison's tables. Without a target it is a cell of its matrix: those
    who are at that node in that step, or who had ended so before it. With `nodes` a node is *other* where it
    is small over both groups. What is not there has nobody.
    """
    own = parts[min(group, len(parts) - 1)]
    view = own.view
    from_ = code_of(view, source_kind, source)
    to = None if target is None else code_of(view, target_kind, target)
    if from_ is None or (target is not None and to is None):
        return view, np.zeros(0, dtype=np.int64)
    counts = [class_counts(part.view, part.group, 2) for part in parts] if nodes is not None else []
    folded = (
        small_nodes(sum(counts[1:], start=counts[0]), view.nodes.position, nodes) if counts else frozenset()
    )
    has_ended = target is None and source_kind in KINDS and source_kind != "other"
    found = [
        members(view, view.seen, folded, step=at, source=from_, target=to)
        for at in (range(1, step) if has_ended else (step,))
    ]
    who = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *found]))
    return view, who[own.group.take(who) == group]


def _members(view: Picture, log: EventLog, rule: Any, setting: str, tables: OtherTables) -> np.ndarray:
    if isinstance(rule, np.ndarray) and (rule.dtype != bool or rule.shape != (log.n_customers,)):
        raise SettingWrong(setting=setting, value=str(rule.shape), allowed=str((log.n_customers,)))
    return unit_members(log, view, rule, tables)
