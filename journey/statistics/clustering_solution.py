"""All numbers of clusters from 2 to 8 at once, with what tells how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from journey.statistics.clustering import Partition, assigned, kmeans, silhouettes
from journey.statistics.clustering_choice import Gap, Stability, Verdict, gap, proposed, stability, verdict
from journey.statistics.clustering_ward import cut, small_clusters, ward

__all__ = ["CHOICE", "KS", "SAMPLE", "Solution", "solution"]

KS = tuple(range(2, 9))
# By so many evenly picked points the number of clusters is chosen; up to so many Ward's tree is exact.
SAMPLE = 5_000
CHOICE = ("k", "silhouette", "gap", "gap_error", "stability", "jaccard", "inertia", "verdict")
# Of a bootstrap for Ward's tree, which takes the square of it.
_TREE = 1_000


@dataclass(frozen=True, eq=False)
class Solution:
    """Points in each number of clusters that they can be put into.

    solved       by number of clusters; the largest cluster is 0
    sample       positions of the points by which the number was chosen
    silhouettes  of the points of the sample, by number of clusters
    stable       by number of clusters
    linkage      Ward's tree as scipy has it, or no rows; `is_exact`: of the points themselves
    choice       one row a number of clusters from 1 on, see analysis.segments
    picked       by the gap; proposed: by silhouette and stability
    verdicts     by number of clusters
    """

    solved: dict[int, Partition]
    sample: np.ndarray
    silhouettes: dict[int, np.ndarray]
    stable: dict[int, Stability]
    linkage: np.ndarray
    is_exact: bool
    choice: pd.DataFrame
    picked: int
    proposed: int
    verdicts: dict[int, Verdict]


def solution(
    points: np.ndarray,
    spread: np.ndarray | None = None,
    *,
    method: Literal["kmeans", "ward"] = "kmeans",
    groups: Sequence[Sequence[int]] = (),
    ks: Sequence[int] = KS,
    references: int = 20,
    bootstraps: int = 30,
    most: int = SAMPLE,
) -> Solution:
    """Every number of clusters `ks` (ascending) of points in an order that means nothing.

    `spread` are the points by which the gap and the bootstraps judge (None: the same), `groups` the columns
    of categories (see `gap`). k-means begins with the centres of a sample of at most `most` points and goes
    on over all. Numbers that are larger than there are different points have no solution.
    """
    n = len(points)
    sample = np.linspace(0, n - 1, min(n, most)).astype(np.intp)
    own, judged = points[sample], (points if spread is None else spread)[sample]
    linkage, is_exact = np.zeros((0, 4)), True
    if method == "kmeans":
        found = {k: _kmeans(points, own, k) for k in ks}
    else:
        found, linkage, is_exact = _ward(points, ks)
    found = {k: one for k, one in found.items() if len(one.centres) == k}
    labels = {k: one.labels[sample] for k, one in found.items()}
    # A cluster so small that nobody of the sample is in it cannot be judged.
    labels = {k: own for k, own in labels.items() if np.bincount(own, minlength=k).min() > 0}
    told = dict(zip(labels, silhouettes(own, list(labels.values())), strict=True))
    judged_as = {
        k: assigned(judged, found[k].centres)[0] if spread is not None else labels[k] for k in labels
    }
    judged_as = {k: own for k, own in judged_as.items() if np.bincount(own, minlength=k).min() > 0}
    tree = method == "ward"
    stable = stability(
        judged,
        judged_as,
        _tree_centres if tree else None,
        bootstraps=bootstraps,
        size=min(len(judged), _TREE) if tree else None,
    )
    found = {k: found[k] for k in stable}
    seen = gap(judged, most=max(ks), groups=groups, references=references)
    shown = proposed(
        {k: float(told[k].mean()) for k in stable}, {k: one.rand for k, one in stable.items()}
    ) if stable else 0  # fmt: skip
    said = {k: verdict(seen.picked, one.rand, one.jaccard) for k, one in stable.items()}
    return Solution(
        solved=found,
        sample=sample,
        silhouettes={k: told[k] for k in stable},
        stable=stable,
        linkage=linkage,
        is_exact=is_exact,
        choice=_choice(points, found, told, stable, seen, said),
        picked=seen.picked,
        proposed=shown,
        verdicts=said,
    )


def _kmeans(points: np.ndarray, sample: np.ndarray, k: int) -> Partition:
    begun = kmeans(sample, k, random_state=k)
    if len(sample) == len(points):
        return begun
    return kmeans(points, k, begin=begun.centres, most=50, settled=1e-3)


def _ward(points: np.ndarray, ks: Sequence[int]) -> tuple[dict[int, Partition], np.ndarray, bool]:
    is_exact = len(points) <= SAMPLE
    if is_exact:
        linkage, own = ward(points), np.arange(len(points))
    else:
        means, sizes, own = small_clusters(points)
        linkage = ward(means, sizes)
    return (
        {k: _parted(points, cut(linkage, k).take(own)) for k in ks if k <= len(linkage) + 1},
        linkage,
        is_exact,
    )


def _parted(points: np.ndarray, labels: np.ndarray) -> Partition:
    """These clusters as k-means would tell them, the largest first."""
    sizes = np.bincount(labels)
    sums = np.stack([np.bincount(labels, weights=column) for column in points.T], axis=1)
    centres = sums / sizes[:, None]
    order = np.lexsort((*centres.T[::-1], -sizes))
    rank = np.empty(len(order), dtype=np.int8)
    rank[order] = np.arange(len(order))
    labels, centres = rank.take(labels), centres[order]
    inertia = sum(
        float(((column - centre.take(labels)) ** 2).sum())
        for column, centre in zip(points.T.astype(float), centres.T, strict=True)
    )
    return Partition(labels, centres, inertia)


def _tree_centres(points: np.ndarray, ks: Sequence[int], seed: int) -> dict[int, np.ndarray]:
    linkage = ward(points)
    return {k: _parted(points, cut(linkage, k)).centres for k in ks}


def _choice(
    points: np.ndarray,
    found: dict[int, Partition],
    told: dict[int, np.ndarray],
    stable: dict[int, Stability],
    seen: Gap,
    said: dict[int, Verdict],
) -> pd.DataFrame:
    whole = float(((points - points.mean(axis=0, dtype=np.float64)) ** 2).sum())
    none = np.nan
    rows = [(1, none, seen.gap[0], seen.error[0], none, none, whole, "none")]
    rows += [
        (
            k,
            float(told[k].mean()),
            float(seen.gap[k - 1]),
            float(seen.error[k - 1]),
            stable[k].rand,
            float(stable[k].jaccard.min()),
            one.inertia,
            said[k],
        )
        for k, one in found.items()
    ]
    return pd.DataFrame(rows, columns=list(CHOICE))
