"""Whole journeys: which sequences of visits occur, how often, and how long they take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from journey.aggregates.nearest_ranks import nearest_ranks
from journey.aggregates.nodes import Nodes
from journey.aggregates.visits import Visits, stage_blocks, visits
from journey.events.log import EventLog
from journey.stages.stage_map import StageMap

__all__ = ["RouteCounts", "beginning", "route_counts", "route_keys"]

# The words of the first so many visits are looked up, by place and stage.
_SHORT, _SIDE = 4096, 16


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


def beginning(log: EventLog, stages: StageMap, nodes: Nodes, *, n: int) -> tuple[np.ndarray, int]:
    """The codes of the most frequent first `n` visits, and how many customers have them.

    Who has fewer visits has all of them there. Of equals the shorter, then the earlier by node position.
    Nothing and 0 without visitors.
    """
    seen = visits(log, stages, nodes)
    begins, sizes = seen.offsets[:-1], np.diff(seen.offsets)
    # Places from 1 on, so that 0 is no visit.
    place_of = np.empty(len(nodes), dtype=np.int64)
    place_of[np.argsort(nodes.position, kind="stable")] = np.arange(1, len(nodes) + 1)
    paths = np.zeros((len(sizes), n), dtype=np.int64)
    for place in range(n):
        who = np.flatnonzero(sizes > place)
        paths[who, place] = place_of.take(seen.node.take(begins.take(who) + place))
    found, counts = np.unique(paths[sizes > 0], axis=0, return_counts=True)
    if not len(found):
        return np.zeros(0, dtype=np.int64), 0
    often = np.flatnonzero(counts == counts.max())
    # In their order already: the first of the shortest.
    best = often[int((found[often] > 0).sum(axis=1).argmin())]
    own = found[best][found[best] > 0]
    return np.argsort(place_of, kind="stable")[own - 1], int(counts[best])


@dataclass(frozen=True, eq=False)
class _Journeys:
    """All customers with a visit: their nodes, one after the other, and the number of each one's route.

    node     code of the node of each visit
    offsets  visits of entry i are ``offsets[i]:offsets[i + 1]``, never none
    keys     a number that equal routes share
    spans    of some entries, by their positions: microseconds from the first mapped row to the last
    """

    node: np.ndarray
    offsets: np.ndarray
    keys: np.ndarray
    spans: Callable[[np.ndarray], np.ndarray]

    def path(self, one: int) -> np.ndarray:
        nodes: np.ndarray = self.node[self.offsets[one] : self.offsets[one + 1]]
        return nodes


def _of_visits(seen: Visits) -> _Journeys:
    who, keys = route_keys(seen)
    offsets = np.append(seen.offsets[:-1].take(who), len(seen.node))

    def spans(some: np.ndarray) -> np.ndarray:
        return seen.last.take(offsets.take(some + 1) - 1) - seen.first.take(offsets.take(some))

    return _Journeys(seen.node, offsets, keys, spans)


def _of_blocks(log: EventLog, stages: StageMap) -> _Journeys:
    # Each visit has a row and each entry a customer of its own; what stays empty takes no memory.
    node = np.empty(log.n_rows, dtype=np.uint8)
    begun, first, last = (np.empty(log.n_customers, dtype=np.int64) for _ in range(3))
    keys = np.empty(log.n_customers, dtype=np.uint64)
    short = _words(np.arange(_SHORT * _SIDE))
    visit = entry = 0
    for block in stage_blocks(log, stages):
        size, begins = len(block.stage), np.flatnonzero(block.begins)
        ends = np.append(begins[1:], size)
        length = ends - begins
        # Places are counted up and set back where a customer begins: quicker than to repeat each beginning.
        place = np.full(size, _SIDE)
        place[0] = 0
        place[begins[1:]] = _SIDE - _SIDE * length[:-1]
        np.cumsum(place, out=place)
        place += block.stage
        words = short.take(place) if int(length.max()) <= _SHORT else _words(place)
        # Sums of words may wrap around, and so may what is between two of them.
        sums = np.cumsum(words, out=words).take(ends - 1)
        own = slice(entry, entry + len(begins))
        keys[own] = sums
        keys[own][1:] -= sums[:-1]
        node[visit : visit + size] = block.stage
        np.add(begins, visit, out=begun[own])
        block.row.take(begins, out=first[own], mode="clip")
        last[own] = block.end
        visit, entry = visit + size, own.stop
    times = np.asarray(log.time)

    def spans(some: np.ndarray) -> np.ndarray:
        return times.take(last.take(some)) - times.take(first.take(some))

    return _Journeys(node[:visit], np.append(begun[:entry], visit), keys[:entry], spans)


def _numbered(keys: np.ndarray) -> tuple[np.ndarray, int]:
    """For each 64-bit key a small number that only equal keys have, and below what all of these are.

    Each key is written down in a cell that its highest bits tell. Who reads its own key there has the cell's
    number; the few whose cell went to another key are numbered behind. All of it goes over whole columns,
    which a table that is filled entry by entry cannot, and takes half as long.
    """
    bits = max(1, len(keys).bit_length())
    codes = (keys >> np.uint64(64 - bits)).view(np.int64)
    cells = np.empty(1 << bits, dtype=np.uint64)
    cells[codes] = keys
    others = np.flatnonzero(cells.take(codes) != keys)
    more, rest = pd.factorize(keys.take(others))
    codes[others] = more + len(cells)
    return codes, len(cells) + len(rest)


def _counted(found: _Journeys, nodes: Nodes, limit: int | None) -> RouteCounts:
    codes, n_codes = _numbered(found.keys)
    counts = np.bincount(codes, minlength=n_codes)
    routes = np.flatnonzero(counts > 0)
    frequency = counts.take(routes)
    ranked = routes
    if limit is not None and len(routes) > limit:
        # Most routes are rare: only those as frequent as the one in the last place are put in order.
        as_frequent = np.cumsum(np.bincount(frequency)[::-1])[::-1]
        ranked = routes[frequency >= np.flatnonzero(as_frequent >= limit)[-1]]
    candidate = np.zeros(n_codes, dtype=bool)
    candidate[ranked] = True
    some = np.flatnonzero(candidate.take(codes))
    # One of the customers with the route: whichever, their nodes are the same.
    example = np.empty(n_codes, dtype=np.int64)
    example[codes.take(some)] = some
    at = example.take(ranked)
    length = found.offsets.take(at + 1) - found.offsets.take(at)
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
    rank = np.full(n_codes, -1, dtype=np.int32)
    rank[kept] = np.arange(len(kept))
    own = rank.take(codes.take(some))
    inside = np.flatnonzero(own >= 0)
    spans = found.spans(some.take(inside))
    medians = nearest_ranks(own.take(inside), spans, len(kept), 0.5)[0] / 1e6
    paths = [found.path(one) for one in example[kept]]
    return RouteCounts(paths, counts[kept], medians, len(routes), len(codes))


def _words(places: np.ndarray) -> np.ndarray:
    """The words of visits that are told by _SIDE * place in the route + stage, as `route_keys` has them."""
    return _scrambled((places // _SIDE << 32 | places % _SIDE).astype(np.uint64))


def _scrambled(words: np.ndarray) -> np.ndarray:
    """SplitMix64's finaliser: every bit of the input moves about half of the output's bits."""
    words = words + np.uint64(0x9E3779B97F4A7C15)
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))
