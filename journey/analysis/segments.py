"""Which groups of customers are there, if any, and what are they like?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from journey.aggregates.cluster_points import (
    MOST_ROWS_SHARE,
    Scales,
    assign,
    canonical,
    drift,
    features_frame,
    kept_customers,
    model_table,
    placed,
    scales_of,
)
from journey.aggregates.cluster_profile import PROFILE, RULES, told_values
from journey.aggregates.clusters import AXES, CLUSTERS, POINTS, Clusters, Method, Told
from journey.aggregates.customer_table import CustomerTable, Offer, customer_table, offered
from journey.aggregates.rfm_values import as_of_day, rfm_values
from journey.errors import SettingWrong
from journey.events.log import EventLog
from journey.events.other_tables import NO_TABLES, OtherTables
from journey.figures import Figure
from journey.findings import Finding
from journey.stages.stage_map import StageMap
from journey.statistics.clustering_choice import Verdict
from journey.statistics.clustering_solution import CHOICE, KS, Solution, solution
from journey.statistics.intervals import wilson

__all__ = [
    "Clusters",
    "Drifted",
    "Method",
    "Segments",
    "cluster_drift",
    "default_features",
    "grouped",
    "segments",
]

FEWEST = 50
_MOST_DEFAULTS = 6
LINKAGE = ("left", "right", "height", "n")
# Of the population stability index: below it nothing has changed to speak of, from the second on much has.
_SOME, _MUCH = 0.1, 0.25
# So much farther from the centres than those of the model were, customers fit it badly.
_FARTHER = 1.2


@dataclass(frozen=True, eq=False)
class Segments:
    """Customers in clusters, for every number of clusters that was solved; `k` is the one that is looked at.

    choice      one row a number of clusters 1 .. 8: silhouette (mean of the sample, NaN for 1), gap and
                gap_error, stability (mean adjusted Rand index of 30 bootstraps), jaccard (the worst cluster's
                mean), inertia (of all customers), verdict ("clear", "weak", "none")
    picked      what the gap says: 1 is no structure
    proposed    the number of clusters that is shown at first
    prepared    one row a feature: form, log, mean, sd, missing_share, imputed (the median, or the position of
                the most frequent category), categories
    axes        one row an axis of the map (0, 1) and column: feature, category, loading, explained (its share
                of the variance of the sample)
    linkage     merges of Ward's tree: left, right, height, n (customers); empty for k-means
    n, sampled  customers who are grouped; those of them by whom the number of clusters was chosen
    left_out    reason ("crowd": 40 % of all rows; "never": without a purchase; "unknown": without any of the
                features), n
    offers      the features that were asked for, by name; `constant` tell nobody apart
    names       what people call the clusters of `k`, with `colours` of theirs; the rest has none of its own
    """

    k: int
    proposed: int
    picked: int
    views: Mapping[int, Clusters]
    choice: pd.DataFrame
    prepared: pd.DataFrame
    axes: pd.DataFrame
    linkage: pd.DataFrame
    left_out: pd.DataFrame
    offers: Mapping[str, Offer]
    constant: tuple[str, ...]
    n: int
    sampled: int
    method: Method
    empty: Finding
    notes: tuple[Finding, ...] = field(default=())
    unit: str = "customer"
    names: Mapping[int, str] = field(default_factory=dict)
    colours: Mapping[int, str] = field(default_factory=dict)

    def at(self, k: int) -> Segments:
        """The same customers in `k` clusters; nothing is computed. Raises SettingWrong."""
        if k not in self.views:
            raise SettingWrong(setting="k", value=k, allowed=", ".join(map(str, self.views)))
        return replace(self, k=k)

    @property
    def view(self) -> Clusters | None:
        """What is looked at; None where nothing could be grouped."""
        return self.views.get(self.k)

    @property
    def table(self) -> pd.DataFrame:
        return pd.DataFrame(columns=list(PROFILE)) if self.view is None else self.view.table

    @property
    def clusters(self) -> pd.DataFrame:
        return pd.DataFrame(columns=list(CLUSTERS)) if self.view is None else self.view.clusters

    @property
    def points(self) -> pd.DataFrame:
        return pd.DataFrame(columns=list(POINTS)) if self.view is None else self.view.points

    @property
    def silhouettes(self) -> pd.DataFrame:
        """Of the whole sample: cluster, silhouette."""
        if self.view is None:
            return pd.DataFrame(columns=["cluster", "silhouette"])
        return self.view.silhouettes

    @property
    def rules(self) -> pd.DataFrame:
        return pd.DataFrame(columns=list(RULES)) if self.view is None else self.view.rules

    @property
    def labels(self) -> np.ndarray:
        return np.zeros(0, np.int8) if self.view is None else self.view.labels

    @property
    def model(self) -> Mapping[str, Any]:
        return {} if self.view is None else self.view.model

    @property
    def verdict(self) -> Verdict:
        return "none" if self.view is None else self.view.verdict

    @property
    def finding(self) -> Finding:
        return self.empty if self.view is None else self.view.finding

    @property
    def headline(self) -> Figure | None:
        return None if self.view is None else self.view.headline


def default_features(offers: Sequence[Offer]) -> tuple[str, ...]:
    """What to group by where nobody said: how often customers come, and what they buy at what price.

    Without prices of items: recency, frequency and money; without purchases how the journey went; without a
    journey the first numbers that a table of customers has, or else its categories.
    """
    names = [offer.name for offer in offers]
    wishes = (
        ("journey.active_days", "orders.price"),
        ("rfm.recency", "rfm.frequency", "rfm.monetary"),
        ("rfm.recency", "rfm.frequency"),
        ("journey.active_days", "journey.visits", "journey.stages", "journey.recency"),
        ("journey.active_days", "journey.recency"),
    )
    for wish in wishes:
        if set(wish) <= set(names):
            return wish
    told = [offer for offer in offers if offer.family in ("scores", "attributes")]
    numbers = [offer.name for offer in told if offer.kind == "number"]
    return tuple((numbers or [offer.name for offer in told])[:_MOST_DEFAULTS])


def segments(
    log: EventLog,
    stages: StageMap,
    *,
    features: Sequence[str] | None = None,
    method: Method = "kmeans",
    k: int | None = None,
    logs: Sequence[str] | None = None,
    scaled: bool = True,
    purchases: Sequence[str] | None = None,
    tables: OtherTables = NO_TABLES,
) -> Segments:
    """Put customers who are alike into 2 to 8 clusters, and say whether there are clusters at all.

    features  names of aggregates.customer_table; None: see `default_features`
    method    k-means, or Ward's tree: exact up to 5,000 customers, of more than that of small clusters
    k         the number of clusters to look at; None: the one with the best silhouette, of those within 0.03
              of it the most stable one
    logs      features to be logged; None: those without an upper end
    scaled    divide each number by its standard deviation
    purchases names of the events that are one (None: those whose names say so); the model keeps them

    The number of clusters is chosen by at most 5,000 evenly picked customers; all are grouped. What is
    sampled hangs on the features alone, so the order of rows and names change nothing. No p-values: the
    clusters are made of the very features that they are described by. Raises SettingWrong, ColumnMissing.
    """
    if method not in ("kmeans", "ward"):
        raise SettingWrong(setting="method", value=method, allowed="kmeans, ward")
    if k is not None and k not in KS:
        raise SettingWrong(setting="k", value=k, allowed="2-8")
    wanted = tuple(
        dict.fromkeys(features or default_features(offered(log, stages, tables, purchases=purchases)))
    )
    table = customer_table(log, stages, features=wanted, purchases=purchases, tables=tables)
    money = rfm_values(log, purchases, tables=tables).revenue if log.amount is not None else None
    return grouped(
        table,
        wanted,
        method=method,
        k=k,
        logs=logs,
        scaled=scaled,
        money=money,
        as_of=as_of_day(log),
        purchases=purchases,
    )


def grouped(
    table: CustomerTable,
    wanted: Sequence[str],
    *,
    method: Method = "kmeans",
    k: int | None = None,
    logs: Sequence[str] | None = None,
    scaled: bool = True,
    money: np.ndarray | None = None,
    as_of: dt.date | None = None,
    purchases: Sequence[str] | None = None,
) -> Segments:
    """The same of customers whose features are known already."""
    kept, reasons = kept_customers(table, wanted)
    left = [(reason, int(flags.sum())) for reason, flags in reasons.items()]
    left_out = pd.DataFrame([row for row in left if row[1]], columns=["reason", "n"])
    order = canonical(table, wanted, kept)
    scales = scales_of(table, wanted, order, logs=logs, scaled=scaled)
    notes = [*table.notes, *_left_notes(left)]
    if scales.constant:
        notes.append(Finding("clusters.note_constant", {"n": len(scales.constant)}))

    def nothing(code: str) -> Segments:
        return Segments(
            k=0,
            proposed=0,
            picked=1,
            views={},
            choice=pd.DataFrame(columns=list(CHOICE)),
            prepared=features_frame(scales),
            axes=pd.DataFrame(columns=list(AXES)),
            linkage=pd.DataFrame(columns=list(LINKAGE)),
            left_out=left_out,
            offers={name: table.features[name].offer for name in wanted},
            constant=scales.constant,
            n=len(order),
            sampled=0,
            method=method,
            empty=Finding(code, {"n": len(order), "least": FEWEST}),
            notes=tuple(notes),
        )

    if len(order) < FEWEST:
        return nothing("clusters.finding_few")
    if not scales.used:
        return nothing("clusters.finding_constant")
    points = placed(scales, table, order)
    found = solution(
        points,
        placed(scales, table, order, spread=True),
        method=method,
        groups=[*scales.groups, *_of_two(scales, points)],
    )
    if not found.solved:
        return nothing("clusters.finding_constant")
    told = told_values(scales, table, order)
    made = Told(found, scales, points, told, order, table.n_customers, method, money, as_of, purchases)
    views = {one: made.view(one) for one in found.solved}
    return Segments(
        k=k if k is not None and k in views else found.proposed,
        proposed=found.proposed,
        picked=found.picked,
        views=views,
        choice=found.choice,
        prepared=features_frame(scales),
        axes=made.axes(),
        linkage=pd.DataFrame(found.linkage, columns=list(LINKAGE)),
        left_out=left_out,
        offers={name: table.features[name].offer for name in wanted},
        constant=scales.constant,
        n=len(order),
        sampled=len(found.sample),
        method=method,
        empty=Finding("clusters.finding_few", {"n": len(order), "least": FEWEST}),
        notes=(*notes, *_notes(found, scales, len(order), method)),
    )


def _of_two(scales: Scales, points: np.ndarray) -> list[list[int]]:
    """Columns of numbers with two values, within which there are no distances either."""
    of_categories = {column for group in scales.groups for column in group}
    return [
        [column]
        for column in range(points.shape[1])
        if column not in of_categories
        and (
            (points[:, column] == points[:, column].min()) | (points[:, column] == points[:, column].max())
        ).all()
    ]


def _left_notes(left: Sequence[tuple[str, int]]) -> list[Finding]:
    return [Finding(f"clusters.note_{reason}", {"n": n, "most": MOST_ROWS_SHARE}) for reason, n in left if n]


def _notes(found: Solution, scales: Scales, n: int, method: Method) -> list[Finding]:
    notes = []
    if len(found.sample) < n:
        notes.append(Finding("clusters.note_sample", {"sample": len(found.sample), "n": n}))
    if method == "ward" and not found.is_exact:
        notes.append(Finding("clusters.note_small", {"small": len(found.linkage) + 1, "n": n}))
    imputed = [one for one in scales.used if one.missing_share > 0]
    if imputed:
        worst = max(imputed, key=lambda one: one.missing_share)
        notes.append(Finding("clusters.note_imputed", {"n": len(imputed), "share": worst.missing_share}))
    return notes


@dataclass(frozen=True, eq=False)
class Drifted:
    """Customers of today in the clusters of a saved model.

    table      one row a cluster: then, now (customers), share_then, share_now with low, high (Wilson 95 %),
               distance_then, distance_now (means on the scale of the model, NaN for nobody)
    stability  population stability index of the shares; p: chi-square; moved: mean distance, now over then
    labels     the cluster of each customer of the log, -1 for who is left out
    n, left    customers who have a cluster now, and who have none
    """

    table: pd.DataFrame
    stability: float
    p: float
    moved: float
    labels: np.ndarray
    n: int
    left: int
    finding: Finding
    notes: tuple[Finding, ...] = ()
    unit: str = "customer"
    names: Mapping[int, str] = field(default_factory=dict)
    colours: Mapping[int, str] = field(default_factory=dict)


def cluster_drift(
    log: EventLog, stages: StageMap, *, model: Mapping[str, Any], tables: OtherTables = NO_TABLES
) -> Drifted:
    """Which cluster of a saved model is each customer of now in, and have the clusters changed?

    Little has changed with a stability index under 0.1, some under 0.25, else much (Siddiqi 2006). Raises
    ColumnMissing where a feature of the model cannot be had any more.
    """
    table = model_table(log, stages, model, tables)
    found = drift(model, table)
    labels, _ = assign(model, table)
    n = int(found.table["now"].sum())
    low, high = wilson(found.table["now"].to_numpy(), max(n, 1))
    shown = found.table.assign(low=low, high=high)
    moves = shown["share_now"] - shown["share_then"]
    at = int(moves.abs().to_numpy().argmax())
    values: dict[str, Any] = {
        "n": n,
        "stability": found.stability,
        "cluster": at + 1,
        "then": float(shown["share_then"].iloc[at]),
        "now": float(shown["share_now"].iloc[at]),
    }
    said = "little" if found.stability < _SOME else "some" if found.stability < _MUCH else "much"
    if not n:
        said = "nobody"
    notes = list(table.notes)
    if n and np.isfinite(found.moved):
        farther = "farther" if found.moved > _FARTHER else "near"
        notes.append(Finding(f"clusters.note_{farther}", {"times": found.moved}))
    left = len(labels) - n
    if left:
        notes.append(Finding("clusters.note_unassigned", {"n": left}))
    return Drifted(
        table=shown,
        stability=found.stability,
        p=found.p,
        moved=found.moved,
        labels=labels,
        n=n,
        left=left,
        finding=Finding(f"clusters.finding_drift_{said}", values),
        notes=tuple(notes),
    )
