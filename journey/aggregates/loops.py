"""Where do customers go in circles: come back, step back, repeat the same thing, and get no further?"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import reduce
from operator import add

import numpy as np

from journey.aggregates.nodes import Nodes
from journey.aggregates.nodes import nodes as nodes_of
from journey.aggregates.visits import Visits, active, merged, pieces, visits
from journey.errors import SettingWrong
from journey.events.log import EventLog
from journey.stages.stage_map import StageMap

__all__ = ["Loops", "Walk", "loops", "loops_of"]

# Up to so many cells an entry it is cheaper to count in a table of nodes and customers than to sort.
_CELLS = 6


@dataclass(frozen=True, eq=False)
class Loops:
    """Counts by node; they add up over parts of a log with disjoint customers.

    rows              mapped rows
    visits            visits; those above `customers` are loops: returns to a node left before
    customers         customers with a visit
    looped            customers with a loop: two visits or more
    back_steps        visits that are followed by one in an earlier stage
    stepped_back      customers with a back-step from here
    repeats           rows right after a mapped row of the same customer and event
    repeated          customers with a repeat
    exits, still      customers whose last visit is here: no longer active, still active
    dead_ends         by event name: customers whose last mapped row it is and who are no longer active
    n_customers       customers with a row of any kind
    n_visitors        customers with a visit
    """

    rows: np.ndarray
    visits: np.ndarray
    customers: np.ndarray
    looped: np.ndarray
    back_steps: np.ndarray
    stepped_back: np.ndarray
    repeats: np.ndarray
    repeated: np.ndarray
    exits: np.ndarray
    still: np.ndarray
    dead_ends: np.ndarray
    n_customers: int
    n_visitors: int

    def __add__(self, other: Loops) -> Loops:
        return Loops(*(getattr(self, own.name) + getattr(other, own.name) for own in fields(self)))

    @property
    def loops(self) -> np.ndarray:
        """By node: visits of customers who had left it before."""
        return self.visits - self.customers


def loops(log: EventLog, stages: StageMap, nodes: Nodes, *, active_within: int) -> Loops:
    """Count by stage or by event. Raises SettingWrong for other nodes: they have no order to step back in.

    `active_within` is in microseconds. Ignored and unmapped rows stand between nothing. A back-step goes from
    a node to one whose stage stands earlier, so two events of one stage are none.
    """
    if nodes.group not in ("stage", "event"):
        raise SettingWrong(setting="group", value=nodes.group, allowed=["stage", "event"])
    parts = [
        loops_of(Walk.over(piece, stages), nodes, active_within=active_within) for _, _, piece in pieces(log)
    ]
    return (
        reduce(add, parts) if parts else loops_of(Walk.over(log, stages), nodes, active_within=active_within)
    )


@dataclass(frozen=True, eq=False)
class Walk:
    """The runs of single events of a part of a log, and the visits to stages that they make up."""

    log: EventLog
    stages: StageMap
    stage_of: np.ndarray
    runs: Visits
    seen: Visits

    @classmethod
    def over(cls, log: EventLog, stages: StageMap) -> Walk:
        stage_of = stages.codes(log.event_names).astype(np.int64)
        runs = visits(log, stages, nodes_of(log, stages, "event"))
        return cls(log, stages, stage_of, runs, merged(runs, stage_of))


def loops_of(walk: Walk, nodes: Nodes, *, active_within: int) -> Loops:
    """The same of a part of the log that was walked over already."""
    log, stage_of, runs = walk.log, walk.stage_of, walk.runs
    n, by_stage = len(nodes), nodes.group == "stage"
    seen = walk.seen if by_stage else runs
    place = np.arange(n) if by_stage else stage_of
    who, sizes = seen.customer, np.diff(seen.offsets)

    # A stage repeats what its events repeat.
    again = np.flatnonzero(runs.rows > 1)
    where = (stage_of.take(runs.node) if by_stage else runs.node).take(again)
    more = (runs.rows.take(again) - 1).astype(np.float64)

    visited, looped = _customers(who, seen.node, n)
    last = np.flatnonzero(sizes)
    ends = seen.node.take(seen.offsets[1:].take(last) - 1)
    final = runs.node.take(runs.offsets[1:].take(last) - 1)
    going = active(log, active_within).take(last)
    earlier = place.take(seen.node)
    back = np.flatnonzero((earlier[1:] < earlier[:-1]) & (who[1:] == who[:-1]))
    stepped = seen.node.take(back)
    return Loops(
        rows=np.bincount(seen.node, seen.rows, n).astype(np.int64),
        visits=np.bincount(seen.node, minlength=n),
        customers=visited,
        looped=looped,
        back_steps=np.bincount(stepped, minlength=n),
        stepped_back=_customers(who.take(back), stepped, n)[0],
        repeats=np.bincount(where, more, n).astype(np.int64),
        repeated=_customers(runs.customer.take(again), where, n)[0],
        exits=np.bincount(ends[~going], minlength=n),
        still=np.bincount(ends[going], minlength=n),
        dead_ends=np.bincount(final[~going], minlength=len(log.event_names)),
        n_customers=log.n_customers,
        n_visitors=len(last),
    )


def _customers(who: np.ndarray, node: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """By node: customers that stand there at all, and those that stand there more than once.

    `who` ascends; nodes of few bits are put together by counting, not by comparing.
    """
    n_who = int(who[-1]) + 1 if len(who) else 0
    if n * n_who <= _CELLS * len(who):
        times = np.bincount(node * np.int64(n_who) + who, minlength=n * n_who).reshape(n, n_who)
        # Row after row, as counting along an axis goes through numbers of eight bytes.
        once, again = ([np.count_nonzero(of_node > least) for of_node in times] for least in (0, 1))
        return np.array(once, dtype=np.int64), np.array(again, dtype=np.int64)
    order = node.astype(np.min_scalar_type(n)).argsort(kind="stable")
    key = node.take(order) * np.int64(1 << 40) + who.take(order)
    first = np.flatnonzero(np.diff(key, prepend=-1))
    here = node.take(order.take(first))
    twice = np.diff(first, append=len(key)) > 1
    return np.bincount(here, minlength=n), np.bincount(here[twice], minlength=n)
