"""What sets a group of customers apart from all others, over all features that are known of them?"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.special import ndtr

from journey.aggregates.customer_table import Feature, customer_table, offered
from journey.events.log import EventLog
from journey.events.other_tables import NO_TABLES, OtherTables
from journey.findings import Finding
from journey.stages.stage_map import StageMap
from journey.statistics.corrections import false_discovery
from journey.statistics.differences import two_shares
from journey.statistics.intervals import newcombe

__all__ = ["Habit", "Traits", "traits"]

# So many features are compared at most, those first that are offered first.
_MOST = 80
# Fewer on either side of a comparison say nothing.
_FEWEST = 5
_ALPHA = 0.05
_MOST_MIXES = 3
_Z = 1.959963984540054
_TIMES = ("when.morning", "when.afternoon", "when.evening", "when.night")


@dataclass(frozen=True)
class Habit:
    """What a group does most of one kind: the channel of most of its events, or the part of the day."""

    family: Literal["channel", "time"]
    told: Mapping[str, Any]
    n: int


@dataclass(frozen=True, eq=False)
class Traits:
    """The features of all customers of a log."""

    features: Mapping[str, Feature]
    notes: tuple[Finding, ...] = field(default=())

    def apart(self, chosen: np.ndarray, made_of: Collection[str] = ()) -> pd.DataFrame:
        """Each feature of the chosen customers (one flag each) against the others', the clearest first.

        feature, value (of a category; None of a number), form ("share": customers with the value, "mean"),
        mine and others, n and n_others (customers of whom it is known), difference with low and high (95 %;
        Newcombe of shares, Welch of means), effect (difference in standard deviations of all; of shares as
        Cohen's h), p, q (Benjamini and Hochberg over all that were tested), clear (q < 5 %). Features that
        the group was made of have neither p nor q and are not clear: it differs in them by design.
        """
        rows = []
        for name, feature in self.features.items():
            told = _shares if feature.offer.kind == "category" else _numbers
            rows += told(name, feature, chosen)
        table = pd.DataFrame(
            rows,
            columns=[
                "feature",
                "value",
                "form",
                "mine",
                "others",
                "n",
                "n_others",
                "difference",
                "low",
                "high",
                "effect",
                "p",
            ],
        )
        table.loc[table["feature"].isin(set(made_of)), "p"] = math.nan
        table["q"] = false_discovery(table["p"])
        table["clear"] = (table["q"] < _ALPHA).to_numpy(dtype=bool)
        size = -table["effect"].abs()
        order = np.lexsort((table["feature"].to_numpy(dtype=object), size, ~table["clear"]))
        return table.iloc[order].reset_index(drop=True)

    def habits(self, chosen: np.ndarray) -> tuple[Habit, ...]:
        """The value that most of its rows have, of each mix of an attribute, and the part of the day.

        Of the mixes those first in which the group is furthest from the others, and three at most.
        """
        found: list[Habit] = []
        mixes: dict[str, list[str]] = {}
        for name in self.features:
            if name.startswith("mix:"):
                mixes.setdefault(name.split(":")[1], []).append(name)
        for attribute, names in mixes.items():
            told, n = self._most(names, chosen)
            if told:
                value = told.pop("feature").split(":", 2)[2]
                found.append(Habit("channel", {"attribute": attribute, "value": value, **told}, n))
        found.sort(key=lambda habit: -_distance(habit))
        del found[_MOST_MIXES:]
        told, n = self._most([name for name in _TIMES if name in self.features], chosen)
        if told:
            part = Finding(f"personas.when_{told.pop('feature').removeprefix('when.')}")
            found.append(Habit("time", {"part": part, **told}, n))
        return tuple(found)

    def _most(self, names: Sequence[str], chosen: np.ndarray) -> tuple[dict[str, Any], int]:
        """The largest mean share among these features, and the others' mean of the same one."""
        means = {name: _mean(self.features[name].values, chosen) for name in names}
        known = {name: mean for name, mean in means.items() if not math.isnan(mean) and mean > 0}
        if not known:
            return {}, 0
        best = max(known, key=lambda name: known[name])
        values = self.features[best].values
        n = int((~np.isnan(values[chosen])).sum())
        return {"feature": best, "share": known[best], "others": _mean(values, ~chosen)}, n


def traits(
    log: EventLog,
    stages: StageMap,
    tables: OtherTables = NO_TABLES,
) -> Traits:
    """All features that are offered, for every customer of the log."""
    offers = offered(log, stages, tables)
    names = [one.name for one in offers[:_MOST]]
    found = customer_table(log, stages, features=names, tables=tables)
    notes = list(found.notes)
    if len(offers) > _MOST:
        notes.append(Finding("personas.note_features", {"n": _MOST, "of": len(offers)}))
    return Traits(found.features, tuple(notes))


def _distance(habit: Habit) -> float:
    """How far a share is from the others', 0 where there are none."""
    distance = abs(habit.told["share"] - habit.told["others"])
    return 0.0 if math.isnan(distance) else distance


def _mean(values: np.ndarray, chosen: np.ndarray) -> float:
    own = values[chosen]
    own = own[~np.isnan(own)]
    return float(own.mean()) if len(own) else math.nan


def _numbers(name: str, feature: Feature, chosen: np.ndarray) -> list[tuple[Any, ...]]:
    known = ~np.isnan(feature.values)
    mine, others = feature.values[known & chosen], feature.values[known & ~chosen]
    if min(len(mine), len(others)) < _FEWEST:
        return []
    spread = float(np.concatenate([mine, others]).std())
    if spread == 0:
        return []
    difference = float(mine.mean() - others.mean())
    error = math.sqrt(mine.var(ddof=1) / len(mine) + others.var(ddof=1) / len(others))
    p = 2 * float(ndtr(-abs(difference) / error)) if error else 0.0
    low, high = difference - _Z * error, difference + _Z * error
    head = (name, None, "mean", float(mine.mean()), float(others.mean()), len(mine), len(others))
    return [(*head, difference, low, high, difference / spread, p)]


def _shares(name: str, feature: Feature, chosen: np.ndarray) -> list[tuple[Any, ...]]:
    known = feature.codes >= 0
    n, n_others = int((known & chosen).sum()), int((known & ~chosen).sum())
    if min(n, n_others) < _FEWEST:
        return []
    size = len(feature.categories)
    k = np.bincount(feature.codes[known & chosen], minlength=size)
    k_others = np.bincount(feature.codes[known & ~chosen], minlength=size)
    low, high = newcombe(k, n, k_others, n_others)
    p = two_shares(k, n, k_others, n_others)
    mine, others = k / n, k_others / n_others
    effect = 2 * np.arcsin(np.sqrt(mine)) - 2 * np.arcsin(np.sqrt(others))
    return [
        (
            name,
            value,
            "share",
            mine[at],
            others[at],
            n,
            n_others,
            mine[at] - others[at],
            low[at],
            high[at],
            effect[at],
            p[at],
        )
        for at, value in enumerate(feature.categories)
    ]
