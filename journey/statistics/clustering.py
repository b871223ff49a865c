"""Groups of points that lie together: k-means, silhouettes, and how much two groupings agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Partition", "adjusted_rand", "assigned", "jaccards", "kmeans", "silhouettes"]

# Points at once: so many, times a handful of centres, stay in the processor's cache.
_BLOCK = 1 << 14
# A squared distance of two equal points that float32 arithmetic leaves is no more than this part of their
# squared length.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Partition:
    """Points dealt to centres.

    labels   0 .. k-1 for each point; the largest cluster is 0
    centres  the mean of the points of each cluster (k x features)
    inertia  sum of the squared distances of all points to their centres
    """

    labels: np.ndarray
    centres: np.ndarray
    inertia: float

    @property
    def sizes(self) -> np.ndarray:
        """Points of each cluster."""
        return np.bincount(self.labels, minlength=len(self.centres))


def kmeans(
    points: np.ndarray,
    n_clusters: int,
    *,
    random_state: int = 0,
    starts: int = 8,
    begin: np.ndarray | None = None,
    most: int = 100,
    settled: float = 0.0,
) -> Partition:
    """Lloyd's algorithm from `starts` k-means++ beginnings, the best of them; from `begin` alone if given.

    It ends when no more than a share `settled` of the points changes its cluster, or after `most` rounds.
    Where there are fewer different points than clusters, there are as many clusters as different points.
    Distances are float32, sums float64, in the order of the points: the same points give the same answer on
    any number of processors. Source: Lloyd (1982); Arthur and Vassilvitskii (2007).
    """
    columns = np.ascontiguousarray(points.T, dtype=np.float32)
    draw = np.random.default_rng(random_state)
    best: tuple[float, np.ndarray, np.ndarray] | None = None
    for _ in range(1 if begin is not None else starts):
        centres = _plus_plus(columns, n_clusters, draw) if begin is None else np.asarray(begin, float)
        found = _lloyd(columns, centres, most, settled)
        if best is None or found[0] < best[0] * (1 - 1e-7):
            best = found
        if len(centres) == 1:
            break
    assert best is not None
    inertia, centres, labels = best
    sizes = np.bincount(labels, minlength=len(centres))
    order = np.lexsort((*centres.T[::-1], -sizes))
    rank = np.empty(len(order), dtype=np.int8)
    rank[order] = np.arange(len(order))
    return Partition(rank.take(labels), centres[order], inertia)


def assigned(points: np.ndarray, centres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The nearest centre of each point (int8), and the squared distance to it (float32)."""
    columns = np.ascontiguousarray(points.T, dtype=np.float32)
    labels = np.empty(columns.shape[1], dtype=np.int8)
    distance = np.empty(columns.shape[1], dtype=np.float32)
    _assign(columns, centres, labels, distance)
    return labels, distance


def _assign(columns: np.ndarray, centres: np.ndarray, labels: np.ndarray, distance: np.ndarray) -> None:
    middle = centres.mean(axis=0)  # near the points, lest lengths swamp distances
    moved = (centres - middle).astype(np.float32)
    length = (moved * moved).sum(axis=1)[:, None]
    for low in range(0, columns.shape[1], _BLOCK):
        block = columns[:, low : low + _BLOCK] - middle.astype(np.float32)[:, None]
        own = np.einsum("ij,ij->j", block, block)
        # |x - c|^2 without |x|^2, which is the same for all centres
        apart = length - 2 * (moved @ block)
        near, nearest = apart[0].copy(), np.zeros(block.shape[1], dtype=np.int8)
        for one in range(1, len(moved)):
            closer = apart[one] < near
            np.copyto(near, apart[one], where=closer)
            np.copyto(nearest, np.int8(one), where=closer)
        labels[low : low + _BLOCK] = nearest
        near += own
        near[near < _ROUNDING * own] = 0
        distance[low : low + _BLOCK] = near


def _lloyd(
    columns: np.ndarray, centres: np.ndarray, most: int, settled: float
) -> tuple[float, np.ndarray, np.ndarray]:
    n, k = columns.shape[1], len(centres)
    labels, distance = np.full(n, -1, dtype=np.int8), np.empty(n, dtype=np.float32)
    before = labels
    for _ in range(most):
        before, labels = labels, np.empty(n, dtype=np.int8)
        _assign(columns, centres, labels, distance)
        sizes = np.bincount(labels, minlength=k)
        for empty in np.flatnonzero(sizes == 0):
            # A centre that lost all its points takes the one that is furthest from its own.
            far = int(distance.argmax())
            if distance[far] == 0:
                break
            labels[far], distance[far] = empty, 0
        sizes = np.bincount(labels, minlength=k)
        kept = sizes > 0
        sums = np.stack([np.bincount(labels, weights=column, minlength=k) for column in columns], axis=1)
        centres = np.where(kept[:, None], sums / np.maximum(sizes, 1)[:, None], centres)
        if np.count_nonzero(labels != before) <= settled * n:
            break
    _assign(columns, centres, labels, distance)
    there = np.flatnonzero(np.bincount(labels, minlength=k))
    if len(there) < k:
        rank = np.zeros(k, dtype=np.int8)
        rank[there] = np.arange(len(there))
        centres, labels = centres[there], rank.take(labels)
    return float(distance.sum(dtype=np.float64)), centres, labels


def _plus_plus(columns: np.ndarray, k: int, draw: np.random.Generator) -> np.ndarray:
    """Centres drawn with chances that grow with the squared distance to those drawn before.

    Of a few candidates the one is taken that leaves least, as scikit-learn does.
    """
    n = columns.shape[1]
    own = np.einsum("ij,ij->j", columns, columns)

    def apart(at: np.ndarray) -> np.ndarray:
        found = own + own.take(at)[:, None] - 2 * (columns[:, at].T @ columns)
        found[found < _ROUNDING * own] = 0
        return found

    chosen = [int(draw.integers(n))]
    nearest = apart(np.array(chosen))[0]
    for _ in range(1, k):
        heap = np.cumsum(nearest, dtype=np.float64)
        if heap[-1] <= 0:
            break
        tried = np.searchsorted(heap, draw.random(2 + int(np.log(k))) * heap[-1]).clip(0, n - 1)
        left = np.minimum(apart(tried), nearest)
        best = int(left.sum(axis=1, dtype=np.float64).argmin())
        chosen.append(int(tried[best]))
        nearest = left[best]
    return columns[:, chosen].T.astype(float)


def silhouettes(points: np.ndarray, labellings: Sequence[np.ndarray]) -> list[np.ndarray]:
    """How much nearer each point is to its own cluster than to the next one, for several groupings at once.

    (b - a) / max(a, b) with a the mean distance to the others of its cluster and b the least mean distance to
    another cluster; 0 for a point alone in its cluster, NaN with one cluster only. Distances between all
    points are made once, block by block. Source: Rousseeuw (1987).
    """
    points = np.asarray(points, dtype=float)
    n = len(points)
    counts = [int(labels.max(initial=-1)) + 1 for labels in labellings]
    ends = np.cumsum([0, *counts])
    member = np.zeros((n, ends[-1]))
    for first, labels in zip(ends, labellings, strict=False):
        member[np.arange(n), first + labels] = 1
    sizes = member.sum(axis=0)
    found = [np.full(n, np.nan) for _ in labellings]
    centred = points - points.mean(axis=0)
    own = np.einsum("ij,ij->i", centred, centred)
    step = max(64, int(2e6 / max(n, 1)))
    for low in range(0, n, step):
        block = slice(low, min(low + step, n))
        squared = own[block, None] + own - 2 * (centred[block] @ centred.T)
        squared[squared < 1e-12 * own.max(initial=0)] = 0
        sums = np.sqrt(squared) @ member
        for one, labels in enumerate(labellings):
            part = slice(ends[one], ends[one + 1])
            if counts[one] < 2:
                continue
            here, mine = sums[:, part], labels[block].astype(np.intp)
            row = np.arange(len(mine))
            others = sizes[part].take(mine) - 1
            inside = here[row, mine] / np.maximum(others, 1)
            means = here / sizes[part]
            means[row, mine] = np.inf
            outside = means.min(axis=1)
            widest = np.maximum(inside, outside)
            found[one][block] = np.where(
                (others > 0) & (widest > 0), (outside - inside) / np.where(widest > 0, widest, 1), 0.0
            )
    return found


def _crossed(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """How many points each pair of clusters of two groupings shares."""
    rows, columns = int(one.max(initial=-1)) + 1, int(other.max(initial=-1)) + 1
    code = one.astype(np.int64) * columns + other
    counted: np.ndarray = np.bincount(code, minlength=rows * columns).reshape(rows, columns)
    return counted


def adjusted_rand(one: np.ndarray, other: np.ndarray) -> float:
    """How far two groupings of the same points agree: 1 the same, 0 no more than by chance.

    Source: Hubert and Arabie (1985).
    """
    table = _crossed(one, other).astype(float)

    def pairs(counts: np.ndarray) -> float:
        return float((counts * (counts - 1) / 2).sum())

    both, rows, columns = pairs(table), pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    whole = len(one) * (len(one) - 1) / 2
    by_chance = rows * columns / whole if whole else 0.0
    most = (rows + columns) / 2
    return 1.0 if most == by_chance else (both - by_chance) / (most - by_chance)


def jaccards(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """For each cluster of `one`, what it shares with the most similar cluster of `other`.

    Points in both over points in either. Source: Hennig (2007).
    """
    table = _crossed(one, other).astype(float)
    either = table.sum(axis=1)[:, None] + table.sum(axis=0) - table
    found: np.ndarray = (table / either).max(axis=1)
    return found
