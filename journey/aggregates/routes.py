"""Whole journeys: which sequences of visits occur, how often, and how long they take."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from journey.aggregates.visits import Visits

__all__ = ["RouteCounts", "route_counts", "route_keys"]

_MASK = (1 << 64) - 1


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


def route_counts(seen: Visits, position: np.ndarray, *, limit: int | None = None) -> RouteCounts:
    """Group customers by their whole route; `position` orders the nodes where routes are equally frequent."""
    who, keys = route_keys(seen)
    order = np.argsort(keys, kind="stable")
    _, first, counts = np.unique(keys[order], return_index=True, return_counts=True)
    example = who[order[first]]
    length = np.diff(seen.offsets)[example]

    def path(route: int) -> np.ndarray:
        one = example[route]
        return seen.node[seen.offsets[one] : seen.offsets[one + 1]]

    ranked = np.lexsort((length, -counts))
    if limit is not None and len(ranked) > limit:
        # Equals of the last place compete for it by their nodes.
        edge = ranked[limit - 1]
        worse = (counts < counts[edge]) | ((counts == counts[edge]) & (length > length[edge]))
        ranked = ranked[~worse[ranked]]
    kept = sorted(ranked.tolist(), key=lambda r: (-counts[r], length[r], tuple(position[path(r)].tolist())))[
        :limit
    ]
    spans = seen.last[seen.offsets[1:][who] - 1] - seen.first[seen.offsets[:-1][who]]
    spans = spans[order]
    medians = [np.sort(spans[first[r] : first[r] + counts[r]])[(int(counts[r]) - 1) // 2] / 1e6 for r in kept]
    return RouteCounts(
        [path(r) for r in kept],
        counts[kept] if kept else np.zeros(0, dtype=np.int64),
        np.array(medians, dtype=float),
        len(counts),
        len(who),
    )


def _scrambled(words: np.ndarray) -> np.ndarray:
    """SplitMix64's finaliser: every bit of the input moves about half of the output's bits."""
    words = words + np.uint64(0x9E3779B97F4A7C15)
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))
