"""How long do customers stay in a stage before they go on?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from journey.aggregates.nearest_ranks import group_sizes, nearest_ranks
from journey.aggregates.nodes import Nodes
from journey.aggregates.visits import pieces, stage_blocks, visits
from journey.events.log import EventLog
from journey.stages.stage_map import StageMap

__all__ = ["TimeInStage", "time_in_stage"]


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
    blocked = nodes.group == "stage"
    parts = (
        _blocks(log, stages) if blocked else (_of_visits(piece, stages, nodes) for _, _, piece in pieces(log))
    )
    # A visit has a row of its own, so that all have room here; what stays empty takes no memory.
    node = np.empty(log.n_rows, dtype=np.uint8 if len(nodes) < 256 else np.int32)
    spans, n = np.empty(log.n_rows, dtype=np.int64), 0
    last = np.zeros(len(nodes), dtype=np.int64)
    for own, first, begins in parts:
        if not len(own):
            continue
        ends = np.append(begins[1:], len(own)) - 1
        here = slice(n, n + len(own))
        node[here] = own
        np.subtract(first[1:], first[:-1], out=spans[n : here.stop - 1])
        last += np.bincount(own.take(ends), minlength=len(nodes))
        # The last visits stay where they are, told apart by their code: to take all others out costs more.
        node[here][ends], spans[here][ends] = len(nodes), 0
        n = here.stop
    return TimeInStage(node[:n], spans[:n], last)


def _of_visits(log: EventLog, stages: StageMap, nodes: Nodes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Node and first instant of every visit, and the positions of those that are their customer's first."""
    seen = visits(log, stages, nodes)
    return seen.node, seen.first, seen.offsets[:-1][np.diff(seen.offsets) > 0]


def _blocks(log: EventLog, stages: StageMap) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """The same by stage, block after block."""
    times = np.asarray(log.time)
    for block in stage_blocks(log, stages):
        yield block.stage, times.take(block.row), np.flatnonzero(block.begins)
