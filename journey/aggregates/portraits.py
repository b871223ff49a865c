"""Who are the customers of one group: what are they worth, how do they go about it, what hurts them?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from journey.aggregates.feelings import Feelings, feelings
from journey.aggregates.nodes import nodes
from journey.aggregates.orders import purchases as purchases_of
from journey.aggregates.routes import beginning, route_counts
from journey.aggregates.steps import EXIT, steps
from journey.aggregates.traits import Traits, traits
from journey.aggregates.typical_words import Wording, wording
from journey.aggregates.visits import NO_STAGE
from journey.events.deeds import deeds
from journey.events.log import EventLog
from journey.events.other_tables import OtherTables
from journey.findings import Finding
from journey.stages.stage_map import StageMap
from journey.statistics.intervals import wilson
from journey.statistics.sums import Sums, mean, ratio

__all__ = ["ASSUMED", "Fact", "Persona", "Portraits"]

Evidence = Literal["measured", "partly"]
Slot = Literal["value", "about", "route", "channel", "time", "first", "pain", "score", "words", "apart"]
# What a team may add that nobody measured: who they are, what they want, what they fear, what they would say.
ASSUMED = ("who", "wants", "fears", "says")
# What fewer customers rated, or where fewer came, is no pain of a segment.
_FEWEST_RATERS = 5
# Feelings of fewer could tell who they are, and an interval over fewer means nothing.
_FEWEST = 3
_FEWEST_BETWEEN = 5
_MOST_APART = 3
# Where fewer share a whole route, so many first visits tell more.
_ALIKE, _BEGINNING = 0.1, 4
# What is known of fewer than this share of a segment is known in part.
_HALF = 0.5


@dataclass(frozen=True)
class Fact:
    """One thing that was measured about a segment, in the words of its catalogue key.

    n         customers (of `of` in the segment) that it is known of
    evidence  measured: known of at least half of the segment, else partly
    """

    slot: Slot
    finding: Finding
    n: int
    of: int

    @property
    def evidence(self) -> Evidence:
        return "measured" if self.n >= _HALF * self.of else "partly"


@dataclass(frozen=True)
class Persona:
    """One segment.

    share          of all customers, with Wilson's interval low to high
    revenue        what they paid minus what they got back, NaN where no amount is known; revenue_share of all
    clv            historic: revenue a customer, with its interval clv_low to clv_high
    buyers         those with a purchase; orders of theirs, and aov (average order value), NaN where not known
    reach          share of the segment that reached each stage, in their order
    facts          in the order in which a card tells them
    apart          what sets it apart from all other customers: see aggregates.traits
    words          typical words: see aggregates.typical_words
    feelings       place, touchpoint (or a stage), raters, feeling (-2 to +2) with low, high; the worst first
    standing       without a journey: by the name of a feature, the mean share of customers who have less of
                   it (half of those who have as much), 0 to 1; 0.5 is like everybody
    assumed        what the team says of them, by ASSUMED: nobody measured it
    """

    id: str
    name: str
    customers: int
    share: float
    low: float
    high: float
    revenue: float
    revenue_share: float
    clv: float
    clv_low: float
    clv_high: float
    buyers: int
    orders: int
    aov: float
    reach: Mapping[str, float]
    facts: tuple[Fact, ...]
    apart: pd.DataFrame
    words: pd.DataFrame
    feelings: pd.DataFrame
    standing: Mapping[str, float]
    assumed: Mapping[str, str]


class Portraits:
    """What is counted once for all customers, and from which each group takes its own."""

    def __init__(
        self, log: EventLog, stages: StageMap, tables: OtherTables, named: Sequence[str] | None
    ) -> None:
        self.log, self.stages = log, stages
        done = deeds(log, purchases=named)
        bought = purchases_of(log, done.purchases, done.refunds)
        self.bought = bought
        self.revenue = bought.revenue() if bought.has_amounts else None
        self.buyers = np.zeros(log.n_customers, dtype=bool)
        self.buyers[bought.customer[~bought.refund]] = True
        self.felt: Feelings = feelings(log, stages, tables)
        self.wording: Wording = wording(log, tables)
        self.traits: Traits = traits(log, stages, tables, purchases=named)
        self.first = _first_touchpoints(log, stages)

    def notes(self) -> tuple[Finding, ...]:
        """What the figures of every group must be read with."""
        if self.revenue is None:
            return (*self.traits.notes, Finding("personas.note_no_amount"))
        return self.traits.notes

    def persona(
        self,
        id_: str,
        name: str,
        flags: np.ndarray,
        made_of: Sequence[str],
        assumed: Mapping[str, str],
    ) -> Persona:
        """The portrait of those with a flag; what the group was made of sets it apart by design."""
        n, everybody = int(flags.sum()), self.log.n_customers
        low, high = wilson(n, everybody)
        own = self.log.of_customers(flags)
        apart = self.traits.apart(flags, made_of)
        felt, words = self._felt(flags), self.wording.typical(flags)
        reach, route, lost = self._journey(own)
        revenue, share, clv = self._worth(flags)
        orders, aov = self._orders(flags)
        facts = (
            *self._value(flags, revenue, share, clv),
            *self._baskets(flags, n),
            *self._about(flags, made_of, n),
            *self._visits(flags, n),
            *route,
            *self._habits(flags, n),
            *self._first(flags, n),
            *self._pains(felt, self.felt.mean(flags)[0], lost, n),
            *self._said(words, flags, n),
            *_apart(apart, n),
        )
        return Persona(
            id=id_,
            name=name,
            customers=n,
            share=n / everybody,
            low=float(low),
            high=float(high),
            revenue=revenue,
            revenue_share=share,
            clv=clv[0],
            clv_low=clv[1],
            clv_high=clv[2],
            buyers=int(self.buyers[flags].sum()),
            orders=orders,
            aov=aov,
            reach=reach,
            facts=facts,
            apart=apart,
            words=words,
            feelings=felt,
            standing={} if any(reach.values()) else self.traits.standing(flags),
            assumed={name: assumed[name] for name in ASSUMED if assumed.get(name)},
        )

    def _worth(self, flags: np.ndarray) -> tuple[float, float, tuple[float, float, float]]:
        if self.revenue is None:
            return math.nan, math.nan, (math.nan, math.nan, math.nan)
        own = self.revenue[flags]
        whole = float(self.revenue.sum())
        clv = mean(Sums.of(own))
        if len(own) < _FEWEST_BETWEEN:
            clv = clv[0], math.nan, math.nan
        return float(own.sum()), float(own.sum()) / whole if whole > 0 else math.nan, clv

    def _orders(self, flags: np.ndarray) -> tuple[int, float]:
        """How many orders, and what one is worth on average where amounts are known."""
        amounts = self.bought.amount[flags.take(self.bought.customer) & ~self.bought.refund]
        known = amounts[~np.isnan(amounts)]
        return len(amounts), float(known.mean()) if len(known) else math.nan

    def _baskets(self, flags: np.ndarray, n: int) -> list[Fact]:
        """How often buyers order, and what an order is worth, beside the other customers'."""
        buyers, rest = int(self.buyers[flags].sum()), int(self.buyers[~flags].sum())
        orders, aov = self._orders(flags)
        if not buyers:
            return []
        told = {"orders": orders / buyers, "aov": aov}
        if not rest:
            code = "orders_alone" if math.isnan(aov) else "baskets_alone"
            return [Fact("value", Finding(f"personas.fact_{code}", told), buyers, n)]
        others, aov_others = self._orders(~flags)
        told |= {"others": others / rest, "aov_others": aov_others}
        is_plain = math.isnan(aov) or math.isnan(aov_others)
        code = "personas.fact_orders" if is_plain else "personas.fact_baskets"
        return [Fact("value", Finding(code, told), buyers, n)]

    def _about(self, flags: np.ndarray, made_of: Sequence[str], n: int) -> list[Fact]:
        """What columns of customers say of them."""
        found = []
        for one in self.traits.about(flags, made_of):
            code = "mean" if one.told["value"] is None else "share"
            alone = "_alone" if math.isnan(one.told["others"]) else ""
            found.append(Fact("about", Finding(f"personas.fact_about_{code}{alone}", one.told), one.n, n))
        return found

    def _visits(self, flags: np.ndarray, n: int) -> list[Fact]:
        if "journey.active_days" not in self.traits.features:
            return []
        days = self.traits.features["journey.active_days"].values
        told = {"days": float(np.nanmean(days[flags]))}
        if flags.all():
            return [Fact("route", Finding("personas.fact_days_alone", told), n, n)]
        told["others"] = float(np.nanmean(days[~flags]))
        return [Fact("route", Finding("personas.fact_days", told), n, n)]

    def _value(
        self, flags: np.ndarray, revenue: float, share: float, clv: tuple[float, float, float]
    ) -> list[Fact]:
        n, buyers = int(flags.sum()), int(self.buyers[flags].sum())
        bought = {"customers": buyers, "of": n, "share": buyers / n}
        found = [Fact("value", Finding("personas.fact_buyers", bought), n, n)] if self.buyers.any() else []
        if not math.isnan(share):
            told = {"revenue": revenue, "share": share, "clv": clv[0], "low": clv[1], "high": clv[2]}
            code = "personas.fact_revenue_few" if math.isnan(clv[1]) else "personas.fact_revenue"
            found.append(Fact("value", Finding(code, told), n, n))
        return found

    def _journey(self, own: EventLog) -> tuple[dict[str, float], list[Fact], Fact | None]:
        """The share that reached each stage, the most frequent route, and the stage that loses most."""
        counts = steps(own, self.stages, steps=1)
        n, stages = own.n_customers, self.stages.stages
        reached = counts.reach[: len(stages)]
        reach = {stage.name: float(k) / n for stage, k in zip(stages, reached, strict=True)}
        if not counts.n_visitors:
            return reach, [], None
        at = nodes(own, self.stages)
        most = route_counts(own, self.stages, at, limit=1)
        told = {
            "route": " → ".join(at.names[code] for code in most.paths[0]),
            "customers": int(most.customers[0]),
            "of": counts.n_visitors,
            "share": int(most.customers[0]) / counts.n_visitors,
        }
        code = "personas.fact_route"
        if most.customers[0] < max(_FEWEST, _ALIKE * counts.n_visitors):
            path, customers = beginning(own, self.stages, at, n=_BEGINNING)
            told |= {"route": " → ".join(at.names[one] for one in path), "customers": customers}
            told["share"] = customers / counts.n_visitors
            code = "personas.fact_begins"
        route = Fact("route", Finding(code, told), counts.n_visitors, n)
        exits = counts.transitions[: len(stages), EXIT]
        low, _ = wilson(exits, reached)
        goal = self.stages.goal_stage
        losing = [
            place
            for place, stage in enumerate(stages)
            if exits[place] and reached[place] >= _FEWEST_RATERS and stage != goal
        ]
        if not losing:
            return reach, [route], None
        worst = max(losing, key=lambda place: (low[place], reached[place]))
        told = {
            "stage": stages[worst].name,
            "customers": int(exits[worst]),
            "of": int(reached[worst]),
            "share": int(exits[worst]) / int(reached[worst]),
        }
        return reach, [route], Fact("pain", Finding("personas.fact_lost", told), counts.n_visitors, n)

    def _habits(self, flags: np.ndarray, n: int) -> list[Fact]:
        return [
            Fact(
                "channel" if one.family == "channel" else "time",
                Finding(f"personas.fact_{one.family}", one.told),
                one.n,
                n,
            )
            for one in self.traits.habits(flags)
        ]

    def _first(self, flags: np.ndarray, n: int) -> list[Fact]:
        own = self.first[flags]
        own = own[own >= 0]
        if not len(own):
            return []
        counts = np.bincount(own, minlength=len(self.log.event_names))
        most = int(counts.argmax())
        told = {
            "event": self.log.event_names[most],
            "customers": int(counts[most]),
            "of": len(own),
            "share": int(counts[most]) / len(own),
        }
        return [Fact("first", Finding("personas.fact_first", told), len(own), n)]

    def _felt(self, flags: np.ndarray) -> pd.DataFrame:
        sums = self.felt.of(flags)
        touched = set(self.felt.places[: self.felt.n_touchpoints])
        rows = [(place, place in touched, one.n, *ratio(one)) for place, one in sums.items()]
        table = pd.DataFrame(rows, columns=["place", "touchpoint", "raters", "feeling", "low", "high"])
        return table.sort_values(["feeling", "place"], kind="stable", ignore_index=True)

    def _pains(self, felt: pd.DataFrame, usual: float, lost: Fact | None, n: int) -> list[Fact]:
        """The place that is felt worst, where it is surely worse than all ratings, and the loss of most."""
        known = felt[felt["raters"] >= _FEWEST_RATERS]
        found = [] if lost is None else [lost]
        if len(known) > 1 and known["high"].iloc[0] < usual:
            worst = known.iloc[0]
            told = {name: round(float(worst[name]), 2) for name in ("feeling", "low", "high")}
            raters = int(worst["raters"])
            told |= {"place": worst["place"], "n": raters, "usual": round(usual, 2)}
            found.insert(0, Fact("pain", Finding("personas.fact_felt", told), raters, n))
        return found

    def _said(self, words: pd.DataFrame, flags: np.ndarray, n: int) -> list[Fact]:
        found = []
        rated = np.unique(self.felt.customer[flags.take(self.felt.customer) & (self.felt.place >= 0)])
        if len(rated) >= _FEWEST:
            feeling, low, high = (round(one, 2) for one in self.felt.mean(flags))
            told = {"feeling": feeling, "low": low, "high": high, "n": len(rated)}
            code = "personas.fact_feeling" if len(rated) >= _FEWEST_BETWEEN else "personas.fact_feeling_few"
            found.append(Fact("score", Finding(code, told), len(rated), n))
        if len(words):
            writers = int(words["of"].iloc[0])
            listed = Finding("personas.fact_words", {"words": words["word"].tolist(), "n": writers})
            found.append(Fact("words", listed, writers, n))
        return found


def _first_touchpoints(log: EventLog, stages: StageMap) -> np.ndarray:
    """The event of each customer's first row in a stage; -1 without one."""
    rows = np.flatnonzero(stages.codes(log.event_names).take(log.event) < NO_STAGE)
    who = log.customer_of_row().take(rows)
    begins = np.flatnonzero(np.diff(who, prepend=-1))
    found = np.full(log.n_customers, -1, dtype=np.int64)
    found[who.take(begins)] = log.event.take(rows.take(begins))
    return found


def _apart(apart: pd.DataFrame, n: int) -> list[Fact]:
    """The clearest differences from all others that the choice of customers did not make."""
    clear = apart[apart["clear"] & apart["first"]].head(_MOST_APART)
    return [
        Fact(
            "apart",
            Finding(
                f"personas.fact_apart_{row['form']}",
                {name: row[name] for name in ("feature", "value", "mine", "others")},
            ),
            int(row["n"]),
            n,
        )
        for row in clear.to_dict("records")
    ]
