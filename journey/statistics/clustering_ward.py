"""Ward's tree: which points, and then which groups, are most alike?"""

from __future__ import annotations

import numpy as np

__all__ = ["cut", "small_clusters", "ward"]

_ROUNDS = 8
_TRAINED_ON = 20_000


def ward(points: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """The merges of Ward's method as scipy's linkage: two clusters, height, points in both.

    Each merge is the one that adds least to the squared distances within clusters. With `weights` a point
    stands for so many (their mean), whose merges are known from their sizes and means alone: the height of
    two clusters is sqrt(2 n m / (n + m)) times the distance of their means. Without, scipy does the same
    from all pairs. Source: Ward (1963); Murtagh and Legendre (2014).
    """
    from scipy.cluster.hierarchy import linkage

    points = np.asarray(points, dtype=float)
    if weights is None:
        found: np.ndarray = linkage(points, "ward")
        return found
    return _merged(points, np.asarray(weights, dtype=float))


def _merged(points: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """By chains of nearest neighbours (Benzecri 1982), which needs no table of all pairs."""
    n = len(points)
    means, sizes, name = points.copy(), weights.copy(), np.arange(n)
    alive = np.ones(n, dtype=bool)
    merges: list[tuple[int, int, float, float]] = []
    chain: list[int] = []
    while len(merges) < n - 1:
        if not chain:
            chain = [int(np.flatnonzero(alive)[0])]
        tip = chain[-1]
        away = means - means[tip]
        height = 2 * sizes * sizes[tip] / (sizes + sizes[tip]) * np.einsum("ij,ij->i", away, away)
        height[~alive] = np.inf
        height[tip] = np.inf
        near = int(height.argmin())
        if len(chain) > 1 and height[chain[-2]] <= height[near]:
            near = chain[-2]
        if len(chain) > 1 and near == chain[-2]:
            one, other = sorted((tip, near))
            whole = sizes[one] + sizes[other]
            merges.append((one, other, float(np.sqrt(height[near])), whole))
            means[one] = (sizes[one] * means[one] + sizes[other] * means[other]) / whole
            sizes[one], alive[other] = whole, False
            del chain[-2:]
        else:
            chain.append(near)
    # Chains find merges out of order; a cluster is called by its first point until it is named here.
    table = np.empty((n - 1, 4))
    for row, at in enumerate(np.argsort([merge[2] for merge in merges], kind="stable")):
        one, other, high, whole = merges[at]
        table[row] = (*sorted((name[one], name[other])), high, whole)
        name[one] = n + row
    return table


def cut(linkage: np.ndarray, n_clusters: int) -> np.ndarray:
    """The label of each point when the tree is cut into so many clusters; the one of point 0 is 0."""
    n = len(linkage) + 1
    parent = np.arange(2 * n - 1)
    for row in range(n - n_clusters):
        parent[linkage[row, :2].astype(np.intp)] = n + row
    for one in range(2 * n - 2, -1, -1):
        parent[one] = parent[parent[one]]
    _, first, labels = np.unique(parent[:n], return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int8)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank.take(labels)


def small_clusters(points: np.ndarray, most: int = 1_000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Very many points as many small clusters: the mean and the size of each, and the one of each point.

    The means are found from evenly picked points; all are dealt to the nearest one.
    """
    from scipy.spatial import KDTree

    picked = points[np.linspace(0, len(points) - 1, min(len(points), _TRAINED_ON)).astype(np.intp)]
    means = np.unique(picked[np.linspace(0, len(picked) - 1, most).astype(np.intp)], axis=0).astype(float)
    for _ in range(_ROUNDS):
        means, _ = _means(picked, KDTree(means).query(picked)[1], len(means))
    _, own = KDTree(means).query(points)
    means, sizes = _means(points, own, len(means))
    there = np.cumsum(np.bincount(own) > 0) - 1
    return means, sizes, there.take(own)


def _means(points: np.ndarray, own: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean and size of each cluster that has points."""
    sizes = np.bincount(own, minlength=n)
    sums = np.stack([np.bincount(own, weights=column, minlength=n) for column in points.T], axis=1)
    there = sizes > 0
    return sums[there] / sizes[there, None], sizes[there]
