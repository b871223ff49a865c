"""Which short rule tells a group from the others? From a shallow tree of decisions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

__all__ = ["Leaf", "TreeRules", "tree_rules"]


@dataclass(frozen=True)
class Leaf:
    """The rule of one group: for each column that it names, above `low` and at most `high`.

    n     points that the rule picks
    hits  those of them that are of the group; precision = hits / n, coverage = hits / size of the group
    """

    group: int
    bounds: Mapping[int, tuple[float, float]]
    n: int
    hits: int
    size: int

    @property
    def precision(self) -> float:
        return self.hits / self.n if self.n else math.nan

    @property
    def coverage(self) -> float:
        return self.hits / self.size if self.size else math.nan


@dataclass(frozen=True)
class TreeRules:
    """A rule for each group that has a leaf, and how many of all points the whole tree puts right (0-1)."""

    leaves: tuple[Leaf, ...]
    accuracy: float


def tree_rules(
    values: np.ndarray, labels: np.ndarray, n_groups: int, *, depth: int = 3, most: int = 20_000
) -> TreeRules:
    """Of each group the leaf that holds most of it, from a tree of at most `depth` decisions.

    `values` are on the scale on which they are told; the tree learns from at most `most` evenly picked
    points, and its rules are counted over all. Cuts are the shortest numbers between two neighbours. Groups
    weigh the same whatever their size. Source: Breiman et al. (1984), as scikit-learn has it.
    """
    from sklearn.tree import DecisionTreeClassifier

    picked = np.linspace(0, len(values) - 1, min(len(values), most)).astype(np.intp)
    least = max(1, min(5, len(picked) // 50))
    model = DecisionTreeClassifier(
        max_depth=depth, min_samples_leaf=least, class_weight="balanced", random_state=0
    )
    model.fit(values[picked], labels[picked])
    tree = model.tree_
    cuts = {
        node: _short(values[picked, tree.feature[node]], float(tree.threshold[node]))
        for node in range(tree.node_count)
        if tree.children_left[node] >= 0
    }
    sizes = np.bincount(labels, minlength=n_groups)
    best: dict[int, Leaf] = {}
    right = 0
    stack: list[tuple[int, np.ndarray, dict[int, tuple[float, float]]]] = [(0, np.arange(len(values)), {})]
    while stack:
        node, inside, bounds = stack.pop()
        if node not in cuts:
            group = int(model.classes_[tree.value[node][0].argmax()])
            hits = int(np.count_nonzero(labels[inside] == group))
            right += hits
            if group not in best or hits > best[group].hits:
                best[group] = Leaf(group, bounds, len(inside), hits, int(sizes[group]))
            continue
        column, cut = int(tree.feature[node]), cuts[node]
        low, high = bounds.get(column, (-math.inf, math.inf))
        below = values[inside, column] <= cut
        stack.append(
            (int(tree.children_left[node]), inside[below], {**bounds, column: (low, min(high, cut))})
        )
        stack.append(
            (int(tree.children_right[node]), inside[~below], {**bounds, column: (max(low, cut), high)})
        )
    leaves = tuple(best[group] for group in sorted(best) if best[group].hits)
    return TreeRules(leaves, right / len(values) if len(values) else math.nan)


def _short(column: np.ndarray, threshold: float) -> float:
    """The shortest number that parts the values where the threshold does."""
    below, above = column[column <= threshold], column[column > threshold]
    if not len(below) or not len(above):
        return threshold
    low, high = float(below.max()), float(above.min())
    for digits in range(-12, 13):
        step = 10.0**-digits
        short = float(round(math.ceil(low / step) * step, max(digits, 0)))
        if low <= short < high:
            return short
    return threshold
