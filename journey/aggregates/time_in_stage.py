"""How long do customers stay in a stage before they go on?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from journey.aggregates.nearest_ranks import group_sizes, nearest_ranks
from journey.aggregates.nodes import Nodes
from journey.aggregates.visits import Visits, pieces, stage_blocks, visits
from journey.events.log import EventLog
from journey.stages.stage_map import StageMap

__all__ = ["Spans", "TimeInStage", "time_in_stage"]


@dataclass(frozen=True, eq=False)
class TimeInStage:
    """How long each visit that has a next one took; adds up over parts of a log with disjoint customers.

    node   code of the node of each finished visit, in no order; the number of nodes where a last visit stands
    spans  microseconds from its first row to the first row of the visit after it; 0 of a last visit
    last   by node: visits that are their customer's last one, whose end nobody knows
    """

    node: np.ndarray
    spans: np.ndarray
    last: np.ndarray

    def __add__(self, other: TimeInStage) -> TimeInStage:
        return TimeInStage(
            np.concatenate([self.node, other.node]),
            np.concatenate([self.spans, other.spans]),
            self.last + other.last,
        )

    @cached_property
    def finished(self) -> np.ndarray:
        """By node: visits that are followed by another one."""
        return group_sizes(self.node, len(self.last))

    def seconds(self, *parts: float) -> np.ndarray:
        """By part (0.5 is the median) and node: seconds by nearest rank; NaN where no visit is finished.

        The nearest rank of a part p of n values is the ceil(p n)-th smallest one, never one in between.
        """
        return nearest_ranks(self.node, self.spans, len(self.last), *parts, sizes=self.finished) / 1e6


def time_in_stage(log: EventLog, stages: StageMap, nodes: Nodes) -> TimeInStage:
    """Measure every visit from its first row to the first row of the next visit of that customer.

    Last visits have no next one: they are counted, not measured. Stages are counted in blocks of whole
    customers, other nodes by way of their visits; the cost of both is linear in the rows.
    """
    found = Spans(log, nodes)
    if nodes.group == "stage":
        times = np.asarray(log.time)
        for block in stage_blocks(log, stages):
            found.add(block.stage, times.take(block.row), np.flatnonzero(block.begins))
    else:
        for _, _, piece in pieces(log):
            found.add_visits(visits(piece, stages, nodes))
    return found.time_in_stage()


class Spans:
    """The visits of nodes of a log, handed over piece by piece of whole customers, as `TimeInStage`."""

    def __init__(self, log: EventLog, nodes: Nodes) -> None:
        # A visit has a row of its own, so that all have room here; what stays empty takes no memory.
        self._node = np.empty(log.n_rows, dtype=np.uint8 if len(nodes) < 256 else np.int32)
        self._spans = np.empty(log.n_rows, dtype=np.int64)
        self._last = np.zeros(len(nodes), dtype=np.int64)
        self._n = 0

    def add(self, node: np.ndarray, first: np.ndarray, begins: np.ndarray) -> None:
        """Node and first instant of every visit, and where those are that are their customer's first."""
        if not len(node):
            return
        ends = np.append(begins[1:], len(node)) - 1
        here = slice(self._n, self._n + len(node))
        self._node[here] = node
        np.subtract(first[1:], first[:-1], out=self._spans[self._n : here.stop - 1])
        self._last += np.bincount(node.take(ends), minlength=len(self._last))
        # The last visits stay where they are, told apart by their code: to take all others out costs more.
        self._node[here][ends], self._spans[here][ends] = len(self._last), 0
        self._n = here.stop

    def add_visits(self, seen: Visits) -> None:
        """These visits of some customers."""
        self.add(seen.node, seen.first, seen.offsets[:-1][np.diff(seen.offsets) > 0])

    def time_in_stage(self) -> TimeInStage:
        """All that were handed over."""
        return TimeInStage(self._node[: self._n], self._spans[: self._n], self._last)
