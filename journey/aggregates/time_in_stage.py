"""How long do customers stay in a stage before they go on?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from journey.aggregates.nodes import Nodes
from journey.aggregates.visits import NO_STAGE, block_borders, order_ties, visits
from journey.events.log import EventLog
from journey.stages.stage_map import StageMap

__all__ = ["TimeInStage", "time_in_stage"]

# Above this many nodes one sort is faster than looking for the ranks of each.
_MOST_RANKS = 64


@dataclass(frozen=True, eq=False)
class TimeInStage:
    """How long each visit that has a next one took; adds up over parts of a log with disjoint customers.

    node   code of the node of each finished visit, in no order
    spans  microseconds from its first row to the first row of the visit after it
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

    @property
    def finished(self) -> np.ndarray:
        """By node: visits that are followed by another one."""
        return np.bincount(self.node, minlength=len(self.last))

    def seconds(self, *parts: float) -> np.ndarray:
        """By part (0.5 is the median) and node: seconds by nearest rank; NaN where no visit is finished.

        The nearest rank of a part p of n values is the ceil(p n)-th smallest one, never one in between.
        """
        sizes = self.finished
        found = np.full((len(parts), len(sizes)), np.nan)
        there = np.flatnonzero(sizes)
        if not len(there):
            return found
        begins = (np.cumsum(sizes) - sizes)[there]
        # A part such as 0.9 is not exact in binary: 0.9 * 10 must not become the 10th.
        ranks = [np.ceil(np.round(part * sizes[there], 9)).astype(np.int64) for part in parts]
        places = np.array([begins + np.maximum(rank, 1) - 1 for rank in ranks])
        found[:, there] = self._ranked(np.unique(places), len(there)).take(places) / 1e6
        return found

    def _ranked(self, places: np.ndarray, n_nodes: int) -> np.ndarray:
        """The spans by node, with those right that belong to these places of the sorted ones."""
        bits = int(self.spans.max()).bit_length()
        if bits + (len(self.last) - 1).bit_length() > 63:
            return self.spans.take(np.lexsort((self.spans, self.node)))
        keys = self.node.astype(np.int64)
        keys <<= bits
        keys |= self.spans
        if n_nodes > _MOST_RANKS:
            keys.sort()
        else:
            keys.partition(places)
        keys &= (1 << bits) - 1
        return keys


def time_in_stage(log: EventLog, stages: StageMap, nodes: Nodes) -> TimeInStage:
    """Measure every visit from its first row to the first row of the next visit of that customer.

    Last visits have no next one: they are counted, not measured. Stages are counted in blocks of whole
    customers, other nodes by way of their visits; the cost of both is linear in the rows.
    """
    parts = list(_blocks(log, stages)) if nodes.group == "stage" else [_of_visits(log, stages, nodes)]
    node = np.concatenate([part[0] for part in parts]) if parts else np.zeros(0, dtype=np.uint8)
    spans = np.concatenate([part[1] for part in parts]) if parts else np.zeros(0, dtype=np.int64)
    last = np.zeros(len(nodes), dtype=np.int64)
    for _, _, ends in parts:
        last += np.bincount(ends, minlength=len(nodes))
    return TimeInStage(node, spans, last)


def _of_visits(log: EventLog, stages: StageMap, nodes: Nodes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Node and span of every finished visit, and the nodes of the last ones."""
    seen = visits(log, stages, nodes)
    begins = np.zeros(len(seen.node) + 1, dtype=bool)
    begins[seen.offsets] = True
    return _measured(seen.node, seen.first, begins)


def _blocks(log: EventLog, stages: StageMap) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """The same by stage, block after block: re-stage, put ties in order, collapse, measure."""
    codes = stages.codes(log.event_names)
    hidden = bool((codes.take(np.flatnonzero(log.event_rows)) >= NO_STAGE).any())
    events, times, offsets = np.asarray(log.event), np.asarray(log.time), np.asarray(log.offsets)
    borders = block_borders(log)
    ties = np.searchsorted(log.tied, offsets.take(borders))
    for (low, high), (tie, tie_end) in zip(pairwise(borders.tolist()), pairwise(ties.tolist()), strict=True):
        first, last = int(offsets[low]), int(offsets[high])
        stage = codes.take(events[first:last])
        if tie < tie_end:
            order_ties(stage, log.tied[tie:tie_end] - first, log.tie_groups[tie:tie_end])
        keep = np.zeros(len(stage), dtype=bool)
        keep[offsets[low:high] - first] = True
        begins = keep.copy()
        rows: np.ndarray | None = None
        if hidden:
            rows = np.flatnonzero(stage < NO_STAGE)
            stage = stage.take(rows)
            whose = np.cumsum(begins, dtype=np.int32).take(rows)
            keep = np.ones(len(rows), dtype=bool)
            keep[1:] = whose[1:] != whose[:-1]
            begins = keep.copy()
        keep[1:] |= stage[1:] != stage[:-1]
        at = np.flatnonzero(keep)
        if len(at):
            when = times[first:last].take(at if rows is None else rows.take(at))
            yield _measured(stage.take(at), when, np.append(begins.take(at), True))


def _measured(
    node: np.ndarray, first: np.ndarray, begins: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`begins` has one flag a visit, and one more at the end: is it its customer's first?"""
    ends = begins[1:]
    on = np.flatnonzero(~ends)
    return node.take(on), np.diff(first, append=0).take(on), node.take(np.flatnonzero(ends))
