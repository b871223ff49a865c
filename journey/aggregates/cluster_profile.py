"""What is each cluster like, and which short rule tells it from the others?"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pandas as pd

from journey.aggregates.cluster_points import Scales, measured
from journey.aggregates.customer_table import CustomerTable
from journey.statistics.tree_rules import tree_rules

__all__ = ["PROFILE", "RULES", "profile", "rules", "told_values"]

PROFILE = (
    *("cluster", "n", "share", "feature", "category", "form"),
    *("value", "median", "base", "base_median", "lift", "apart"),
)
RULES = ("cluster", "feature", "category", "low", "high", "n", "precision", "coverage")


def told_values(scales: Scales, table: CustomerTable, order: np.ndarray) -> np.ndarray:
    """The features of these customers as people know them (n x columns of `scales.names`).

    Numbers on their own scale, missing ones imputed; a category as a column each of 0 and 1, missing ones as
    the most frequent.
    """
    columns: list[np.ndarray] = []
    for one in scales.used:
        feature = table.features[one.name]
        if one.categories:
            codes = feature.codes.take(order)
            codes = np.where(codes >= 0, codes, int(one.fill))
            columns.extend((codes[:, None] == np.arange(len(one.categories))).T.astype(float))
        else:
            values = measured(feature).take(order)
            columns.append(np.where(np.isnan(values), one.fill, values))
    return np.stack(columns, axis=1) if columns else np.zeros((len(order), 0))


def profile(scales: Scales, values: np.ndarray, labels: np.ndarray, k: int) -> pd.DataFrame:
    """One row a cluster and feature (and category): its mean against that of all.

    value, median  of the cluster's customers (`told_values`); of a category the share that has it
    base           the mean of all customers that are grouped, with base_median
    lift           value / base; NaN where the base is 0 or below
    apart          (value - base) / standard deviation of all, on the logged scale where the feature is logged
    """
    sizes = np.bincount(labels, minlength=k)
    inorder = np.argsort(labels, kind="stable")
    ends = np.concatenate([[0], np.cumsum(sizes)])
    parts: list[pd.DataFrame] = []
    at = 0
    for one in scales.used:
        for category in one.categories or ("",):
            column = values[:, at]
            at += 1
            is_category = bool(one.categories)
            means = np.bincount(labels, weights=column, minlength=k) / np.maximum(sizes, 1)
            base = float(column.mean())
            by_cluster = column.take(inorder)
            medians = [
                math.nan if is_category else float(np.median(by_cluster[low:high]))
                for low, high in pairwise(ends)
            ]
            told = np.log1p(column) if one.log else column
            spread = float(told.std())
            on_scale = np.bincount(labels, weights=told, minlength=k) / np.maximum(sizes, 1)
            parts.append(
                pd.DataFrame(
                    {
                        "cluster": np.arange(k),
                        "n": sizes,
                        "share": sizes / max(len(labels), 1),
                        "feature": one.name,
                        "category": category,
                        "form": one.form,
                        "value": means,
                        "median": medians,
                        "base": base,
                        "base_median": math.nan if is_category else float(np.median(column)),
                        "lift": means / base if base > 0 else np.full(k, math.nan),
                        "apart": (on_scale - told.mean()) / spread if spread else np.zeros(k),
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)[list(PROFILE)].sort_values(
        "cluster", kind="stable", ignore_index=True
    )


def rules(scales: Scales, values: np.ndarray, labels: np.ndarray, k: int) -> tuple[pd.DataFrame, float]:
    """One row a condition of each cluster's rule (all must hold), and how many the whole tree puts right.

    A number is above `low` and at most `high` (infinite: no bound), in the feature's own unit; a category
    is had (low 0.5) or not had (high 0.5). n: who fits the rule; precision: those of them who are in the
    cluster; coverage: those of the cluster who fit. A cluster without a leaf of its own has no rule.
    """
    found = tree_rules(values, labels, k)
    columns = [(one.name, category) for one in scales.used for category in (one.categories or ("",))]
    rows = [
        (leaf.group, *columns[column], low, high, leaf.n, leaf.precision, leaf.coverage)
        for leaf in found.leaves
        for column, (low, high) in leaf.bounds.items()
    ]
    return pd.DataFrame(rows, columns=list(RULES)), found.accuracy
