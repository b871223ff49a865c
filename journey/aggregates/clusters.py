"""One number of clusters: who is in which, what they are like, and what it all says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from journey.aggregates.cluster_points import Scales
from journey.aggregates.cluster_profile import profile, rules
from journey.figures import Figure
from journey.findings import Finding
from journey.statistics.clustering_choice import Verdict
from journey.statistics.clustering_solution import Solution
from journey.statistics.gower import gower

__all__ = ["AXES", "CLUSTERS", "POINTS", "Clusters", "Method", "Told"]

Method = Literal["kmeans", "ward"]

CLUSTERS = (
    *("cluster", "n", "share", "revenue", "revenue_share"),
    *("silhouette", "jaccard", "distance", "typical"),
)
POINTS = ("x", "y", "cluster", "silhouette", "customer")
AXES = ("axis", "feature", "category", "loading", "explained")
# So many points are readable on a map.
_ON_MAP = 1_500
# Among so many, whose distances are a square, the typical ones are found.
_TYPICAL = 1_000


@dataclass(frozen=True, eq=False)
class Clusters:
    """The customers in one number of clusters; cluster 0 is the largest.

    table        cluster, n, share, feature, category, form, value, median, base, base_median, lift, apart:
                 see aggregates.cluster_profile.profile; `share` over those who are grouped
    clusters     one row a cluster: n, share, revenue and revenue_share (over those who are grouped; NaN where
                 the log has no amounts), mean silhouette of the sample, mean Jaccard index of the bootstraps,
                 mean distance to the centre on the scale of the points, and the most typical customer
                 (position in the log): of at most 1,000 the one with the least Gower distance to the
                 others of the cluster
    labels       one entry a customer of the log, -1 for who is left out
    rules        cluster, feature, category, low, high, n, precision, coverage: one row a condition, see
                 aggregates.cluster_profile.rules; `accuracy` of all rules together
    points       the sample on the map: x, y, cluster, silhouette, customer (position in the log)
    silhouettes  of the whole sample: cluster, silhouette, ascending within each cluster
    model        plain JSON that assigns other customers: see aggregates.cluster_points.assign
    """

    k: int
    verdict: Verdict
    table: pd.DataFrame
    clusters: pd.DataFrame
    labels: np.ndarray
    rules: pd.DataFrame
    accuracy: float
    points: pd.DataFrame
    silhouettes: pd.DataFrame
    model: Mapping[str, Any]
    finding: Finding
    headline: Figure | None = None


class Told:
    """What every number of clusters is told from."""

    def __init__(
        self,
        found: Solution,
        scales: Scales,
        points: np.ndarray,
        told: np.ndarray,
        order: np.ndarray,
        n_customers: int,
        method: Method,
        money: np.ndarray | None,
        as_of: dt.date | None,
        purchases: Sequence[str] | None = None,
    ) -> None:
        self.found, self.scales, self.points, self.told, self.order = found, scales, points, told, order
        self.n_customers, self.method, self.as_of = n_customers, method, as_of
        self.purchases = None if purchases is None else list(purchases)
        self.money = None if money is None else np.nan_to_num(money.take(order))
        picked = np.linspace(0, len(order) - 1, min(len(order), _TYPICAL)).astype(np.intp)
        self.few, self.apart = picked, gower(*_by_kind(scales, told[picked]))
        sample = points[found.sample].astype(float)
        self.middle = sample.mean(axis=0)
        _, self.length, axes = np.linalg.svd(sample - self.middle, full_matrices=False)
        # The sign of an axis means nothing: its largest loading points up.
        largest = axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)]
        self.turned = axes * np.where(largest < 0, -1, 1)[:, None]

    def view(self, k: int) -> Clusters:
        found = self.found
        solved, sample = found.solved[k], found.sample
        labels = np.full(self.n_customers, -1, dtype=np.int8)
        labels[self.order] = solved.labels
        own = solved.labels[sample]
        distance = np.sqrt(((self.points - solved.centres.take(solved.labels, axis=0)) ** 2).sum(axis=1))
        told = pd.DataFrame({"cluster": own, "silhouette": found.silhouettes[k]})
        clusters = self._clusters(k, distance, told)
        said = found.verdicts[k]
        ruled, accuracy = rules(self.scales, self.told, solved.labels, k)
        return Clusters(
            k=k,
            verdict=said,
            table=profile(self.scales, self.told, solved.labels, k),
            clusters=clusters,
            labels=labels,
            rules=ruled,
            accuracy=accuracy,
            points=self._points(own, found.silhouettes[k]),
            silhouettes=told.sort_values(["cluster", "silhouette"], kind="stable", ignore_index=True),
            model=self._model(k, clusters),
            finding=_finding(said, k, len(self.order), clusters),
            headline=_headline(clusters, len(self.order)),
        )

    def _clusters(self, k: int, distance: np.ndarray, told: pd.DataFrame) -> pd.DataFrame:
        labels = self.found.solved[k].labels
        sizes = np.bincount(labels, minlength=k)
        revenue = np.full(k, np.nan)
        if self.money is not None and self.money.sum() > 0:
            revenue = np.bincount(labels, weights=self.money, minlength=k)
        by_cluster = told.groupby("cluster")["silhouette"].mean()
        return pd.DataFrame(
            {
                "cluster": np.arange(k),
                "n": sizes,
                "share": sizes / len(labels),
                "revenue": revenue,
                "revenue_share": revenue / revenue.sum(),
                "silhouette": by_cluster.reindex(range(k)).to_numpy(),
                "jaccard": self.found.stable[k].jaccard,
                "distance": np.bincount(labels, weights=distance, minlength=k) / sizes,
                "typical": self._typical(labels, k),
            }
        )

    def _typical(self, labels: np.ndarray, k: int) -> np.ndarray:
        """The customer in the middle of each cluster, -1 where none of the few is in it."""
        own, found = labels.take(self.few), np.full(k, -1)
        for one in range(k):
            inside = np.flatnonzero(own == one)
            if len(inside):
                middle = inside[self.apart[np.ix_(inside, inside)].sum(axis=1).argmin()]
                found[one] = self.order[self.few[middle]]
        return found

    def _points(self, own: np.ndarray, silhouette: np.ndarray) -> pd.DataFrame:
        sample = self.found.sample
        picked = np.linspace(0, len(sample) - 1, min(len(sample), _ON_MAP)).astype(np.intp)
        flat = (self.points[sample[picked]] - self.middle) @ self.turned[:2].T
        return pd.DataFrame(
            {
                "x": flat[:, 0],
                "y": flat[:, 1] if flat.shape[1] > 1 else 0.0,
                "cluster": own[picked],
                "silhouette": silhouette[picked],
                "customer": self.order[sample[picked]],
            }
        )

    def axes(self) -> pd.DataFrame:
        """What the axes of the map are made of."""
        part = self.length**2 / max(float((self.length**2).sum()), 1e-12)
        columns = [(one.name, category) for one in self.scales.used for category in (one.categories or ("",))]
        rows = [
            (axis, *columns[column], float(loading), float(part[axis]))
            for axis, loadings in enumerate(self.turned[:2])
            for column, loading in enumerate(loadings)
        ]
        return pd.DataFrame(rows, columns=list(AXES))

    def _model(self, k: int, clusters: pd.DataFrame) -> dict[str, Any]:
        return {
            "version": 1,
            "method": self.method,
            "k": k,
            "scales": [{**asdict(one), "categories": list(one.categories)} for one in self.scales.used],
            "centres": self.found.solved[k].centres.tolist(),
            "n": len(self.order),
            "sizes": clusters["n"].tolist(),
            "distance": clusters["distance"].tolist(),
            "as_of": None if self.as_of is None else self.as_of.isoformat(),
            "purchases": self.purchases,
        }


def _by_kind(scales: Scales, told: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Numbers, logged where the feature is, and codes of categories, a column each."""
    numbers, codes, at = [], [], 0
    for one in scales.used:
        part = told[:, at : at + one.width]
        at += one.width
        if one.categories:
            codes.append(part.argmax(axis=1))
        else:
            numbers.append(np.log1p(part[:, 0]) if one.log else part[:, 0])
    n = len(told)
    return np.array(numbers).reshape(-1, n).T, np.array(codes).reshape(-1, n).T


def _finding(said: Verdict, k: int, n: int, clusters: pd.DataFrame) -> Finding:
    values: dict[str, Any] = {"k": k, "n": n}
    if said == "none":
        return Finding("clusters.finding_none", values)
    best = _dearest(clusters)
    if best is None:
        largest = clusters.iloc[0]
        return Finding(f"clusters.finding_{said}", {**values, "share": float(largest["share"])})
    told = {"share": float(best["share"]), "revenue_share": float(best["revenue_share"]), "m": int(best["n"])}
    return Finding(f"clusters.finding_{said}_revenue", {**values, **told})


def _dearest(clusters: pd.DataFrame) -> pd.Series | None:
    """The cluster that brings most for its size; None where nothing is known of money."""
    if clusters["revenue_share"].isna().any():
        return None
    return clusters.iloc[int((clusters["revenue_share"] / clusters["share"]).to_numpy().argmax())]


def _headline(clusters: pd.DataFrame, n: int) -> Figure:
    best = _dearest(clusters)
    if best is None:
        return Figure("clusters.headline_largest", float(clusters.iloc[0]["share"]), "share", n)
    return Figure("clusters.headline_revenue", float(best["revenue_share"]), "share", n)
