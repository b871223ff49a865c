"""What sets a group of customers apart from all others, over all features that are known of them?"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.special import ndtr
from scipy.stats import rankdata

from journey.aggregates.customer_table import Feature, customer_table, offered
from journey.events.log import EventLog
from journey.events.other_tables import NO_TABLES, OtherTables
from journey.findings import Finding
from journey.stages.segment import Rule
from journey.stages.stage_map import StageMap
from journey.statistics.corrections import false_discovery
from journey.statistics.differences import two_shares
from journey.statistics.intervals import newcombe

__all__ = ["Habit", "Traits", "made_of", "traits"]

# So many features are compared at most, those first that are offered first.
_MOST = 80
# Fewer on either side of a comparison say nothing.
_FEWEST = 5
_ALPHA = 0.05
_MOST_MIXES = 3
_MOST_ABOUT = 4
# What fewer are known to be could tell who they are.
_FEWEST_TOLD = 3
_Z = 1.959963984540054
_TIMES = ("when.morning", "when.afternoon", "when.evening", "when.night")


@dataclass(frozen=True)
class Habit:
    """What a group does or is most: channel of most events, part of the day, value of a column."""

    family: Literal["about", "channel", "time"]
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
        the group was made of (`made_of`: names, or their beginnings up to a colon) have neither p nor q and
        are not clear: it differs in them by design. first: no row above is of the same kind (another value of
        the attribute, another stage, another part of the day), so those tell each thing once.
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
        families = tuple(name for name in made_of if name.endswith(":"))
        by_design = [name in made_of or name.startswith(families) for name in table["feature"]]
        table.loc[np.array(by_design, dtype=bool), "p"] = math.nan
        table["q"] = false_discovery(table["p"])
        table["clear"] = (table["q"] < _ALPHA).to_numpy(dtype=bool)
        size = -table["effect"].abs()
        order = np.lexsort((table["feature"].to_numpy(dtype=object), size, ~table["clear"]))
        table = table.iloc[order].reset_index(drop=True)
        return table.assign(first=~table["feature"].map(_kind).duplicated())

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

    def standing(self, chosen: np.ndarray, most: int = 8) -> dict[str, float]:
        """Of the first features that are numbers: the mean place of the chosen among all, 0 to 1.

        The place of a customer is the share of all customers known to have less, with half of those who have
        as much. Features of which nothing is known of the chosen, or that all share, are left out.
        """
        found: dict[str, float] = {}
        for name, feature in self.features.items():
            known = feature.known
            if feature.offer.kind == "category" or not (known & chosen).any() or len(found) == most:
                continue
            values = feature.values[known]
            if values.min() < values.max():
                places = (rankdata(values) - 0.5) / len(values)
                found[name] = float(places[chosen[known]].mean())
        return found

    def about(self, chosen: np.ndarray, made_of: Collection[str] = ()) -> tuple[Habit, ...]:
        """What columns of customers say of the chosen: the mean of a number, the commonest value of others.

        Beside it the same of the others. Those first in which the chosen differ most, and four at most; what
        all of them are by design (`made_of`) is left out where it is a value.
        """
        found: list[tuple[float, Habit]] = []
        for name, feature in self.features.items():
            if feature.offer.family != "attributes":
                continue
            mine, rest = feature.known & chosen, feature.known & ~chosen
            n = int(mine.sum())
            if n < _FEWEST_TOLD or (feature.offer.kind == "category" and name in made_of):
                continue
            told: dict[str, Any] = {"feature": name, "value": None}
            if feature.offer.kind == "category":
                shares = np.bincount(feature.codes[mine], minlength=len(feature.categories)) / n
                most = int(shares.argmax())
                others = float((feature.codes[rest] == most).mean()) if rest.any() else math.nan
                told |= {"value": feature.categories[most], "mine": float(shares[most]), "others": others}
                spread = 1.0
            else:
                told["mine"] = _mean(feature.values, chosen)
                told["others"] = _mean(feature.values, ~chosen)
                spread = float(np.nanstd(feature.values)) or 1.0
            apart = abs(told["mine"] - told["others"]) / spread
            found.append((0.0 if math.isnan(apart) else apart, Habit("about", told, n)))
        found.sort(key=lambda one: -one[0])
        return tuple(habit for _, habit in found[:_MOST_ABOUT])

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
    *,
    purchases: Sequence[str] | None = None,
) -> Traits:
    """All features that are offered, for every customer of the log; `purchases` as in `customer_table`."""
    offers = offered(log, stages, tables, purchases=purchases)
    names = [one.name for one in offers[:_MOST]]
    found = customer_table(log, stages, features=names, purchases=purchases, tables=tables)
    notes = list(found.notes)
    if len(offers) > _MOST:
        notes.append(Finding("personas.note_features", {"n": _MOST, "of": len(offers)}))
    return Traits(found.features, tuple(notes))


# By the kind of a rule (see stages.segment): the features in which it alone makes customers differ.
_OF_KINDS: Mapping[str, tuple[str, ...]] = {
    "orders": ("rfm.recency", "rfm.frequency", "rfm.monetary", "orders.price"),
    "rfm": ("rfm.recency", "rfm.frequency", "rfm.monetary", "orders.price"),
    "rebought": ("rfm.recency", "rfm.frequency", "rfm.monetary"),
    "rating": ("reviews.rating",),
    "score": ("answers:",),
    "looped": ("journey.loops",),
}


def made_of(rule: Rule) -> list[str]:
    """The features that a rule with saved segments written out (see stages.segment) is about by its words.

    What follows from it all the same (who buys more comes more often) is for the reader to judge.
    """
    for word in ("all", "any"):
        if word in rule:
            return sorted({name for part in rule[word] for name in made_of(part)})
    if "not" in rule:
        return made_of(rule["not"])
    if "cluster" in rule:
        return [one["name"] for one in rule["cluster"]["model"]["scales"]]
    if "attribute" in rule:
        name = rule["attribute"]
    elif "number" in rule:
        name = rule["number"]["attribute"]
    else:
        places = [
            rule[kind]["stage"] for kind in ("did", "skipped", "looped") if "stage" in rule.get(kind, {})
        ]
        of_stages = [f"journey.{what}:{id_}" for id_ in places for what in ("reached", "visits", "time")]
        return [*of_stages, *(name for kind in rule for name in _OF_KINDS.get(kind, ()))]
    return [f"attribute:{name}", f"mix:{name}:"]


def _kind(name: str) -> str:
    """What a feature is one of several figures of."""
    family, colon, rest = name.partition(":")
    if family == "mix":
        return f"{family}:{rest.partition(':')[0]}"
    if family == "orders":
        return family
    if family.startswith("journey."):
        # How often somebody came is told by many figures that go together.
        return "stage" if colon else "recency" if family == "journey.recency" else "journey"
    return "when" if name in _TIMES else name


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
