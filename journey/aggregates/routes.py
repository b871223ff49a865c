"""Whole journeys: which sequences of visits occur, how often, and how long they take."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from journey.aggregates.nearest_ranks import nearest_ranks
from journey.aggregates.nodes import Nodes
from journey.aggregates.visits import Visits, stage_blocks, visits
from journey.events.log import EventLog
from journey.stages.stage_map import StageMap

__all__ = ["RouteCounts", "route_counts", "route_keys"]

# The words of the first so many visits are looked up, by place and stage.
_SHORT, _SIDE = 256, 16


@dataclass(frozen=True, eq=False)
class RouteCounts:
    """One entry a route, the most frequent first; of equals the shorter, then the earlier by node position.

    paths           codes of the nodes of each route kept
    customers       customers with exactly this route
    median_seconds  first to last mapped row, nearest rank
    n_routes        different routes, also those beyond the limit
    n_visitors      customers with a route
    """

    paths: list[np.ndarray]
    customers: np.ndarray
    median_seconds: np.ndarray
    n_routes: int
    n_visitors: int


def route_keys(seen: Visits) -> tuple[np.ndarray, np.ndarray]:
    """Customers with a visit, and for each a 64-bit number that equal routes share.

    Every visit adds a scrambled (place in the route, node); the odds that two of a million different routes
    meet are below one in thirty million.
    """
    sizes = np.diff(seen.offsets)
    who = np.flatnonzero(sizes)
    if not len(who):
        return who, np.zeros(0, dtype=np.uint64)
    begins = seen.offsets[who]
    place = np.arange(len(seen.node)) - np.repeat(begins, sizes[who])
    words = _scrambled(place.astype(np.uint64) << np.uint64(32) | seen.node.astype(np.uint64))
    return who, np.add.reduceat(words, begins)


def route_counts(log: EventLog, stages: StageMap, nodes: Nodes, *, limit: int | None = None) -> RouteCounts:
    """Group customers by their whole route; of the stages in blocks of customers, of others by their visits.

    Nodes order the routes that are equally frequent and long by their position.
    """
    blocked = nodes.group == "stage" and nodes.plain is None
    return _counted(
        _of_blocks(log, stages) if blocked else _of_visits(visits(log, stages, nodes)), nodes, limit
    )


@dataclass(frozen=True, eq=False)
class _Journeys:
    """All customers with a visit: their nodes, one after the other, and the number of each one's route."""

    node: np.ndarray
    begins: np.ndarray
    length: np.ndarray
    spans: np.ndarray
    keys: np.ndarray

    def path(self, one: int) -> np.ndarray:
        nodes: np.ndarray = self.node[self.begins[one] : self.begins[one] + self.length[one]]
        return nodes


def _of_visits(seen: Visits) -> _Journeys:
    who, keys = route_keys(seen)
    begins, ends = seen.offsets[:-1][who], seen.offsets[1:][who]
    return _Journeys(seen.node, begins, ends - begins, seen.last[ends - 1] - seen.first[begins], keys)


def _of_blocks(log: EventLog, stages: StageMap) -> _Journeys:
    times = np.asarray(log.time)
    short = _scrambled(
        np.arange(_SHORT, dtype=np.uint64)[:, None] << np.uint64(32) | np.arange(_SIDE, dtype=np.uint64)
    ).ravel()
    parts: list[tuple[np.ndarray, ...]] = []
    for block in stage_blocks(log, stages):
        begins = np.flatnonzero(block.begins)
        length = np.diff(begins, append=len(block.stage))
        place = np.arange(len(block.stage), dtype=np.int32) - np.repeat(begins.astype(np.int32), length)
        if int(length.max()) <= _SHORT:
            place *= _SIDE
            place += block.stage
            words = short.take(place)
        else:
            words = _scrambled(place.astype(np.uint64) << np.uint64(32) | block.stage.astype(np.uint64))
        spans = times.take(block.end) - times.take(block.row.take(begins))
        # Sums of words may wrap around, and so may what is between two of them.
        sums = np.cumsum(words).take(np.append(begins[1:], len(words)) - 1)
        sums[1:] -= sums[:-1].copy()
        parts.append((block.stage, length, spans, sums))
    none = np.zeros(0, dtype=np.int64)
    empty: tuple[np.ndarray, ...] = (none.astype(np.uint8), none, none, none.astype(np.uint64))
    node, length, spans, keys = (np.concatenate(part) for part in zip(*(parts or [empty]), strict=True))
    return _Journeys(node, np.cumsum(length) - length, length, spans, keys)


def _counted(found: _Journeys, nodes: Nodes, limit: int | None) -> RouteCounts:
    codes, routes = pd.factorize(found.keys)
    counts = np.bincount(codes, minlength=len(routes))
    example = np.empty(len(routes), dtype=np.int64)
    example[codes[::-1]] = np.arange(len(codes))[::-1]
    if limit is None or len(routes) <= limit:
        ranked = np.arange(len(routes))
    else:
        # Most routes are rare: only those as frequent as the one in the last place are put in order.
        as_frequent = np.cumsum(np.bincount(counts)[::-1])[::-1]
        ranked = np.flatnonzero(counts >= np.flatnonzero(as_frequent >= limit)[-1])
    length = found.length[example[ranked]]
    order = np.lexsort((length, -counts[ranked]))
    ranked, length = ranked[order], length[order]
    if limit is not None and len(ranked) > limit:
        # Equals of the last place compete for it by their nodes.
        edge = limit - 1
        same = counts[ranked] == counts[ranked[edge]]
        ranked = ranked[~(same & (length > length[edge]))]

    def place(route: int) -> tuple[int, int, tuple[int, ...]]:
        path = found.path(example[route])
        return -int(counts[route]), len(path), tuple(nodes.position[path].tolist())

    kept = np.array(sorted(ranked.tolist(), key=place)[:limit], dtype=np.int64)
    rank = np.full(len(routes), -1)
    rank[kept] = np.arange(len(kept))
    own = rank.take(codes)
    inside = np.flatnonzero(own >= 0)
    medians = nearest_ranks(own.take(inside), found.spans.take(inside), len(kept), 0.5)[0] / 1e6
    paths = [found.path(one) for one in example[kept]]
    return RouteCounts(paths, counts[kept], medians, len(routes), len(codes))


def _scrambled(words: np.ndarray) -> np.ndarray:
    """SplitMix64's finaliser: every bit of the input moves about half of the output's bits."""
    words = words + np.uint64(0x9E3779B97F4A7C15)
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))
