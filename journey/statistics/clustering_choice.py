"""How many groups are there, if any? Gap, bootstrap stability and what they allow to say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from journey.statistics.clustering import Partition, adjusted_rand, assigned, jaccards, kmeans

__all__ = ["Gap", "Solver", "Stability", "Verdict", "gap", "proposed", "stability", "verdict"]

Verdict = Literal["clear", "weak", "none"]
# Points, numbers of clusters and a seed -> the centres of each.
Solver = Callable[[np.ndarray, Sequence[int], int], Mapping[int, np.ndarray]]

# From here on a mean adjusted Rand index and a mean Jaccard index are called stable.
STABLE, SAME = 0.8, 0.75
_TIED = 0.3
# Mean silhouettes that are no further apart are equally good.
_AS_GOOD = 0.03
# As much tighter, in logarithms, points must be to say that they are.
_TIGHTER = 0.1
# Squared distance a point below which points lie on their centres.
_NOTHING = 1e-6


@dataclass(frozen=True)
class Gap:
    """Per number of clusters 1, 2, ...: the gap, its error, and the number that it picks."""

    gap: np.ndarray
    error: np.ndarray
    picked: int


@dataclass(frozen=True)
class Stability:
    """How alike bootstraps are: the mean adjusted Rand index, and the mean Jaccard index of each cluster."""

    rand: float
    jaccard: np.ndarray


def gap(
    points: np.ndarray,
    *,
    most: int = 8,
    references: int = 20,
    starts: int = 2,
    random_state: int = 0,
    groups: Sequence[Sequence[int]] = (),
) -> Gap:
    """Are the points in k = 1 .. `most` clusters tighter than points without any structure would be?

    The references are uniform in the box of the points; where two columns go together (|r| of 0.3 or more),
    in the box of their principal axes, so that what goes together alone is no structure. `groups` are columns
    of one category each, whose values are dealt anew among the points. Points and references are solved with
    the same effort. Picked is the least k to which no larger one is better by more than two errors of that
    one and a tenth. Source: Tibshirani, Walther and Hastie (2001), who compare k with k + 1 alone, by one
    error: that misses three clusters of which no two are nearer than the third.
    """
    draw = np.random.default_rng(random_state)
    of_categories = [column for group in groups for column in group]
    numbers = [column for column in range(points.shape[1]) if column not in of_categories]
    turned = np.array(points, dtype=float)
    turned[:, numbers] = _turned(turned[:, numbers])
    low, high = turned[:, numbers].min(axis=0), turned[:, numbers].max(axis=0)

    def tightness(made: np.ndarray, seed: int) -> list[float]:
        solved = (_quick(made, k, seed, starts) for k in range(1, most + 1))
        return [float(np.log(max(one.inertia, _NOTHING * len(made)))) for one in solved]

    found = np.empty((references, most))
    for one in range(references):
        made = turned.copy()
        made[:, numbers] = draw.uniform(low, high, (len(turned), len(numbers)))
        for group in groups:
            made[:, group] = made[draw.permutation(len(made))][:, group]
        found[one] = tightness(made, one)
    gaps = found.mean(axis=0) - tightness(turned, references)
    error = found.std(axis=0) * np.sqrt(1 + 1 / references)
    margin = np.maximum(2 * error, _TIGHTER)
    best = next(k for k in range(most) if (gaps[k] >= (gaps - margin)[k + 1 :]).all())
    return Gap(gaps, error, best + 1)


def _turned(points: np.ndarray) -> np.ndarray:
    """The points along their own principal axes where columns go together, else as they are."""
    moved: np.ndarray = points - points.mean(axis=0)
    if points.shape[1] < 2 or not (moved.std(axis=0) > 0).all():
        return moved
    ties = np.abs(np.corrcoef(moved.T) - np.eye(points.shape[1]))
    if ties.max() < _TIED:
        return moved
    _, _, axes = np.linalg.svd(moved, full_matrices=False)
    turned: np.ndarray = moved @ axes.T
    return turned


def _quick(points: np.ndarray, k: int, seed: int, starts: int) -> Partition:
    return kmeans(points, k, random_state=seed, starts=starts, most=50, settled=0.001)


def stability(
    points: np.ndarray,
    labellings: Mapping[int, np.ndarray],
    solve: Solver | None = None,
    *,
    bootstraps: int = 30,
    size: int | None = None,
    random_state: int = 0,
) -> dict[int, Stability]:
    """Would the same clusters come from other customers? Each bootstrap's centres group all points again.

    `labellings` are the groupings that are judged, by their number of clusters. `solve` finds the centres of
    a bootstrap (None: k-means), which has `size` points (None: as many as there are). Source: Hennig (2007),
    with the mean Jaccard index of each cluster; adjusted Rand index of all points.
    """
    solve = solve or _centres
    draw = np.random.default_rng(random_state)
    rand: dict[int, list[float]] = {k: [] for k in labellings}
    alike: dict[int, list[np.ndarray]] = {k: [] for k in labellings}
    for one in range(bootstraps):
        drawn = points[draw.integers(0, len(points), size or len(points))]
        for k, centres in solve(drawn, tuple(labellings), one).items():
            labels, _ = assigned(points, centres)
            rand[k].append(adjusted_rand(labellings[k], labels))
            alike[k].append(jaccards(labellings[k], labels))
    return {k: Stability(float(np.mean(rand[k])), np.mean(alike[k], axis=0)) for k in labellings}


def _centres(points: np.ndarray, ks: Sequence[int], seed: int) -> dict[int, np.ndarray]:
    return {k: _quick(points, k, seed, 2).centres for k in ks}


def proposed(silhouettes: Mapping[int, float], rand: Mapping[int, float]) -> int:
    """The number of clusters to begin with: the best silhouette; of those as good, the most stable one."""
    best = max(silhouettes.values())
    near = [k for k, value in silhouettes.items() if value >= best - _AS_GOOD]
    return max(near, key=lambda k: (rand[k], silhouettes[k], -k))


def verdict(picked: int, rand: float, jaccard: np.ndarray) -> Verdict:
    """none if the gap picks one cluster; clear if all is stable; else weak."""
    if picked == 1:
        return "none"
    return "clear" if rand >= STABLE and bool((jaccard >= SAME).all()) else "weak"
