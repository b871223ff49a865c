"""Where does each customer stand among the others, by the features that clusters are made of?"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from journey.aggregates.customer_table import CustomerTable, Feature, customer_table
from journey.events.log import EventLog
from journey.events.other_tables import NO_TABLES, OtherTables
from journey.stages.stage_map import StageMap
from journey.statistics.clustering import assigned

__all__ = [
    "MOST_ROWS_SHARE",
    "Drift",
    "Scale",
    "Scales",
    "assign",
    "canonical",
    "cluster_members",
    "drift",
    "features_frame",
    "kept_customers",
    "measured",
    "model_table",
    "placed",
    "scales_of",
]

# Who has so many of all rows is a test account or a shared device, and would be a cluster of one.
MOST_ROWS_SHARE = 0.4
# A 0/1 mismatch of a category then counts 1, as much as one standard deviation of a number.
_CATEGORY_WEIGHT = 2**-0.5
# Without it nobody has bought anything, and they are a group without any statistics.
_MUST = frozenset({"rfm.recency", "orders.price"})
_SKEWED = 2.0


@dataclass(frozen=True)
class Scale:
    """How one feature becomes columns of points.

    log         log1p before all else
    mean, sd    of the (logged) numbers, subtracted and divided by; 0 and 1 where nothing is scaled
    fill        what stands for a missing number, on the feature's own scale: the median; of a category the
                position of the most frequent one
    must        a customer without it is left out
    categories  of a category: a column each of 0 and 2 ** -0.5; none of a number
    """

    name: str
    form: str
    log: bool
    mean: float
    sd: float
    fill: float
    must: bool
    missing_share: float
    categories: tuple[str, ...] = ()
    about: Mapping[str, Any] | None = None

    @property
    def width(self) -> int:
        """Columns that it takes."""
        return len(self.categories) or 1


@dataclass(frozen=True)
class Scales:
    """The scales of the features that tell customers apart, and why others do not."""

    used: tuple[Scale, ...]
    constant: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """One name a column of points: the feature's, with the category's."""
        return [
            f"{one.name}={category}" if one.categories else one.name
            for one in self.used
            for category in (one.categories or ("",))
        ]

    @property
    def groups(self) -> list[list[int]]:
        """The columns of each feature that has no distances within it: categories."""
        found, at = [], 0
        for one in self.used:
            if one.categories:
                found.append(list(range(at, at + one.width)))
            at += one.width
        return found


def measured(feature: Feature) -> np.ndarray:
    """The numbers of a feature, NaN where there is none or no end of it."""
    return np.where(np.isfinite(feature.values), feature.values, np.nan)


def canonical(table: CustomerTable, names: Sequence[str], kept: np.ndarray) -> np.ndarray:
    """The positions of these customers in an order that hangs on their features alone.

    It is as good as random, those with the same features stand together, and neither the order of rows nor
    names of customers change it: whatever is sampled or summed in it is the same.
    """
    who = np.flatnonzero(kept)
    mixed = np.full(len(who), 0x9E3779B97F4A7C15, dtype=np.uint64)
    for name in names:
        feature = table.features[name]
        if feature.offer.kind == "category":
            digests = [_digest(text) for text in ("", *feature.categories)]
            bits = np.array(digests, dtype=np.uint64).take(feature.codes.take(who) + 1)
        else:
            bits = (measured(feature).take(who) + 0.0).view(np.uint64)
        # The finalizer of MurmurHash3 spreads every bit over all others.
        mixed = mixed * np.uint64(31) + bits
        for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
            mixed ^= mixed >> np.uint64(33)
            mixed *= np.uint64(factor)
        mixed ^= mixed >> np.uint64(33)
    found: np.ndarray = who.take(np.argsort(mixed, kind="stable"))
    return found


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def scales_of(
    table: CustomerTable,
    names: Sequence[str],
    order: np.ndarray,
    *,
    logs: Sequence[str] | None = None,
    scaled: bool = True,
) -> Scales:
    """The scales of these features over the customers of `order` (see `canonical`).

    `logs` are the features to be logged (None: those without an upper end, and numbers of a table above 0
    with a skewness over 2); numbers below 0 never are. A feature that is the same for all is left out.
    """
    used: list[Scale] = []
    constant: list[str] = []
    for name in names:
        feature = table.features[name]
        if feature.offer.kind == "category":
            scale = _of_category(feature, order)
        else:
            scale = _of_number(feature, order, logs, scaled)
        if scale is None:
            constant.append(name)
        else:
            used.append(scale)
    return Scales(tuple(used), tuple(constant))


def _of_category(feature: Feature, order: np.ndarray) -> Scale | None:
    codes = feature.codes.take(order)
    counts = np.bincount(codes[codes >= 0], minlength=len(feature.categories))
    if np.count_nonzero(counts) < 2:
        return None
    offer = feature.offer
    missing = float((codes < 0).mean())
    return Scale(
        name=offer.name,
        form=offer.form,
        log=False,
        mean=0.0,
        sd=1.0,
        fill=float(counts.argmax()),
        must=False,
        missing_share=missing,
        categories=feature.categories,
        about=dict(offer.about),
    )


def _of_number(feature: Feature, order: np.ndarray, logs: Sequence[str] | None, scaled: bool) -> Scale | None:
    offer, values = feature.offer, measured(feature).take(order)
    known = values[~np.isnan(values)]
    if not len(known) or known.min() == known.max():
        return None
    log = _is_long(feature, known) if logs is None else offer.name in logs
    log = log and float(known.min()) >= 0
    fill = float(np.median(known))
    filled = np.where(np.isnan(values), fill, values)
    told = np.log1p(filled) if log else filled
    mean, sd = (float(told.mean()), float(told.std())) if scaled else (0.0, 1.0)
    if not sd > 0 or not np.isfinite(sd):
        return None
    return Scale(
        name=offer.name,
        form=offer.form,
        log=log,
        mean=mean,
        sd=sd,
        fill=fill,
        must=offer.name in _MUST,
        missing_share=float(1 - len(known) / len(values)),
        about=dict(offer.about),
    )


def _is_long(feature: Feature, known: np.ndarray) -> bool:
    """Are a few customers far above all others?"""
    if feature.offer.form != "number":
        return feature.offer.is_skewed
    centred = known - known.mean()
    spread = float(np.sqrt((centred**2).mean()))
    return bool(spread > 0 and ((centred / spread) ** 3).mean() > _SKEWED)


def placed(scales: Scales, table: CustomerTable, order: np.ndarray, *, spread: bool = False) -> np.ndarray:
    """The points of these customers: a row each, float32, in the columns of `scales.names`.

    With `spread`, features of whole numbers only are dealt evenly over half a unit to both sides (a count of
    3 may be anything from 2.5 to 3.5): heaps on the same number are no clusters.
    """
    columns: list[np.ndarray] = []
    draw = np.random.default_rng(0)
    for one in scales.used:
        feature = table.features[one.name]
        if one.categories:
            place = np.array([_position(one.categories, text) for text in feature.categories] or [-1])
            codes = feature.codes.take(order)
            codes = np.where(codes >= 0, place.take(np.maximum(codes, 0)), int(one.fill))
            hot = codes[:, None] == np.arange(len(one.categories))
            columns.extend((hot * _CATEGORY_WEIGHT).T)
            continue
        values = measured(feature).take(order)
        values = np.where(np.isnan(values), one.fill, values)
        if spread and len(values) and (values == np.rint(values)).all() and len(np.unique(values)) > 2:
            lowest = max(0.0, float(values.min())) if values.min() >= 0 else -np.inf
            values = np.maximum(values + draw.uniform(-0.5, 0.5, len(values)), lowest)
        if one.log:
            values = np.log1p(np.maximum(values, 0))
        columns.append((values - one.mean) / one.sd)
    return np.stack(columns, axis=1).astype(np.float32) if columns else np.zeros((len(order), 0), np.float32)


def _position(categories: Sequence[str], text: str) -> int:
    """Where a category stands in those of the model; -1, a column of zeros, where it is new."""
    return categories.index(text) if text in categories else -1


def kept_customers(table: CustomerTable, names: Sequence[str]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """One flag a customer: is it grouped? And why others are not, each for the first reason that holds.

    "crowd" has too many of all rows, "never" lacks what it must have, "unknown" has none of the features:
    filled in for all of them, such customers would look like a group of their own.
    """
    crowd = (table.rows >= MOST_ROWS_SHARE * int(table.rows.sum())) & (table.rows > 1)
    lacking, unknown = np.zeros((2, table.n_customers), dtype=bool)
    for name in names:
        if name in _MUST:
            lacking |= np.isnan(measured(table.features[name]))
    if names:
        unknown = ~np.logical_or.reduce([table.features[name].known for name in names])
    reasons = {"crowd": crowd, "never": lacking & ~crowd, "unknown": unknown & ~crowd & ~lacking}
    return ~(crowd | lacking | unknown), reasons


def assign(model: Mapping[str, Any], table: CustomerTable) -> tuple[np.ndarray, np.ndarray]:
    """The cluster of each customer by a saved model (-1: left out), and how far from its centre it is.

    The table has the features that the model names (see `model_table`). Distances are in the model's own
    scale.
    """
    scales = Scales(
        tuple(Scale(**{**one, "categories": tuple(one["categories"])}) for one in model["scales"])
    )
    kept, _ = kept_customers(table, [one.name for one in scales.used])
    who = np.flatnonzero(kept)
    labels = np.full(table.n_customers, -1, dtype=np.int8)
    distance = np.full(table.n_customers, np.nan)
    if len(who):
        near, squared = assigned(placed(scales, table, who), np.array(model["centres"], dtype=float))
        labels[who], distance[who] = near, np.sqrt(squared)
    return labels, distance


def model_table(
    log: EventLog, stages: StageMap, model: Mapping[str, Any], tables: OtherTables = NO_TABLES
) -> CustomerTable:
    """What a saved model asks of each customer of the log, with the purchases that it was made with.

    Raises ColumnMissing where a feature of the model cannot be had any more.
    """
    names = [one["name"] for one in model["scales"]]
    return customer_table(log, stages, features=names, purchases=model.get("purchases"), tables=tables)


def cluster_members(
    log: EventLog,
    stages: StageMap,
    model: Mapping[str, Any],
    groups: Sequence[int],
    tables: OtherTables = NO_TABLES,
) -> np.ndarray:
    """One flag a customer of the log: does the model put them into one of these clusters?

    Raises ColumnMissing where a feature of the model cannot be had any more.
    """
    labels, _ = assign(model, model_table(log, stages, model, tables))
    return np.isin(labels, list(groups))


@dataclass(frozen=True)
class Drift:
    """How customers of today fit a model of earlier ones.

    table     one row a cluster: then and now (customers), share_then, share_now, distance_then, distance_now
              (mean, on the scale of the model)
    stability population stability index of the shares: under 0.1 little has changed, from 0.25 on much
    p         of a chi-square test that the shares are the same; NaN where a cluster is expected to be empty
    moved     mean distance now over mean distance then: above 1 the customers are further from the centres
    """

    table: pd.DataFrame
    stability: float
    p: float
    moved: float


def drift(model: Mapping[str, Any], table: CustomerTable) -> Drift:
    """Are the customers of this table still those that the clusters were made of?

    Index: sum of (now - then) ln(now / then) over the shares, with half a customer in an empty cluster; the
    test is Pearson's for two samples. Source: Siddiqi (2006) for the index.
    """
    from scipy.stats import chi2_contingency

    labels, distance = assign(model, table)
    k = len(model["centres"])
    kept = labels >= 0
    now = np.bincount(labels[kept], minlength=k)
    then, away = np.array(model["sizes"], dtype=float), np.array(model["distance"], dtype=float)
    sums = np.bincount(labels[kept], weights=distance[kept], minlength=k)
    share_then, share_now = (counts / max(counts.sum(), 1) for counts in (then, now))
    filled = [np.maximum(counts, 0.5) / np.maximum(counts, 0.5).sum() for counts in (then, now)]
    index = float(((filled[1] - filled[0]) * np.log(filled[1] / filled[0])).sum())
    both = np.stack([then, now])
    is_told = now.sum() > 0 and bool((both.sum(axis=0) > 0).all()) and k > 1
    mean_then = float((away * then).sum() / then.sum()) if then.sum() else np.nan
    mean_now = float(sums.sum() / now.sum()) if now.sum() else np.nan
    frame = pd.DataFrame(
        {
            "cluster": np.arange(k),
            "then": then.astype(np.int64),
            "now": now,
            "share_then": share_then,
            "share_now": share_now,
            "distance_then": away,
            "distance_now": np.divide(sums, now, out=np.full(k, np.nan), where=now > 0),
        }
    )
    p = float(chi2_contingency(both)[1]) if is_told else np.nan
    return Drift(frame, index, p, mean_now / mean_then if mean_then else np.nan)


def features_frame(scales: Scales) -> pd.DataFrame:
    """One row a feature: how it was prepared."""
    rows = [
        (one.name, one.form, one.log, one.mean, one.sd, one.missing_share, one.fill, one.categories)
        for one in scales.used
    ]
    columns = ["feature", "form", "log", "mean", "sd", "missing_share", "imputed", "categories"]
    return pd.DataFrame(rows, columns=columns)
