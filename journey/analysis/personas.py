"""Who are the customers of each segment: what are they worth, how do they go about it, what hurts them?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from journey.aggregates.customer_table import Offer
from journey.aggregates.feelings import Feelings, feelings
from journey.aggregates.nodes import nodes
from journey.aggregates.orders import purchases as purchases_of
from journey.aggregates.routes import route_counts
from journey.aggregates.steps import EXIT, steps
from journey.aggregates.traits import Traits, traits
from journey.aggregates.typical_words import Wording, wording
from journey.aggregates.visits import NO_STAGE
from journey.errors import ColumnMissing, SettingWrong
from journey.events.deeds import deeds
from journey.events.log import EventLog
from journey.events.other_tables import NO_TABLES, OtherTables
from journey.figures import Figure
from journey.findings import Finding
from journey.stages.stage_map import StageMap
from journey.statistics.intervals import wilson
from journey.statistics.sums import Sums, mean, ratio

__all__ = ["Fact", "Persona", "Personas", "personas"]

Evidence = Literal["measured", "partly"]
Slot = Literal["value", "route", "channel", "time", "first", "pain", "score", "words", "apart"]
# A rating of fewer customers at a place is no pain of a segment.
_FEWEST_RATERS = 5
# More are no help to anybody, and each is a card.
_MOST = 12
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
    buyers         those with a purchase
    reach          share of the segment that reached each stage, in their order
    facts          in the order in which a card tells them
    apart          what sets it apart from all other customers: see aggregates.traits
    words          typical words: see aggregates.typical_words
    feelings       place, touchpoint (or a stage), raters, feeling (-2 to +2) with low, high; the worst first
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
    reach: Mapping[str, float]
    facts: tuple[Fact, ...]
    apart: pd.DataFrame
    words: pd.DataFrame
    feelings: pd.DataFrame


@dataclass(frozen=True)
class Personas:
    """One persona a segment, in the order in which they were given; those without anybody are left out.

    table   one row a fact: persona, slot, fact (code), n, of, evidence, and the figures of the segment as
            facts of the slot "value": customers, share, revenue, revenue_share, clv
    offers  the features by their names, as `apart` and facts name them
    colours colour of each stage name
    target  id of the persona that brings most: of the revenue, or a customer; None where nothing tells
    reason  why that one
    """

    table: pd.DataFrame
    personas: tuple[Persona, ...]
    offers: Mapping[str, Offer]
    colours: Mapping[str, str]
    target: str | None
    reason: Finding | None
    n_customers: int
    unit: str
    finding: Finding
    headline: Figure | None = None
    notes: tuple[Finding, ...] = field(default=())


def personas(
    log: EventLog,
    stages: StageMap,
    *,
    rules: Mapping[str, np.ndarray] | None = None,
    names: Mapping[str, str] | None = None,
    by: str | None = None,
    made_of: Mapping[str, Sequence[str]] | None = None,
    target_by: Literal["revenue", "clv"] = "revenue",
    purchases: Sequence[str] | None = None,
    tables: OtherTables = NO_TABLES,
) -> Personas:
    """Describe each segment by what its customers did, paid and said.

    `rules` are one flag a customer by the id of a segment, `names` what they are called; without any, the
    segments are the values of the attribute `by`, or without that everybody is one. `made_of` are the
    features that a segment was made of (by its id): they set it apart by design and are not tested.
    Raises SettingWrong for more than 12 segments and ColumnMissing.
    """
    groups = dict(rules) if rules else _by_values(log, by)
    if len(groups) > _MOST:
        raise SettingWrong(setting="rules", value=len(groups), allowed=f"≤ {_MOST}")
    if target_by not in ("revenue", "clv"):
        raise SettingWrong(setting="target_by", value=target_by, allowed="revenue, clv")
    source = _Source(log, stages, tables, purchases)
    by_design = [] if rules or by is None else [f"attribute:{by}"]
    found = tuple(
        source.persona(id_, (names or {}).get(id_, id_), flags, (made_of or {}).get(id_, by_design))
        for id_, flags in groups.items()
        if flags.any()
    )
    target, reason = _target(found, target_by)
    notes = [*source.notes()]
    empty = len(groups) - len(found)
    if empty:
        notes.append(Finding("personas.note_empty", {"n": empty}))
    several = int((np.sum(list(groups.values()), axis=0) > 1).sum()) if len(groups) > 1 else 0
    if several:
        notes.append(Finding("personas.note_several", {"n": several}))
    return Personas(
        table=_table(found),
        personas=found,
        offers={name: feature.offer for name, feature in source.traits.features.items()},
        colours={stage.name: stage.colour for stage in stages.stages},
        target=target,
        reason=reason,
        n_customers=log.n_customers,
        unit="customer",
        finding=_finding(found, reason, log.n_customers),
        headline=_headline(found, target),
        notes=tuple(notes),
    )


def _by_values(log: EventLog, by: str | None) -> dict[str, np.ndarray]:
    if by is None:
        return {"all": np.ones(log.n_customers, dtype=bool)}
    if by not in log.attributes or log.attributes[by].of != "customer":
        have = [name for name, one in log.attributes.items() if one.of == "customer"]
        raise ColumnMissing(name=by, have=have, near="")
    attribute = log.attributes[by]
    return {value: attribute.codes == code for code, value in enumerate(attribute.categories)}


class _Source:
    """What is counted once for all customers, and from which each segment takes its own."""

    def __init__(
        self, log: EventLog, stages: StageMap, tables: OtherTables, named: Sequence[str] | None
    ) -> None:
        self.log, self.stages = log, stages
        done = deeds(log, purchases=named)
        bought = purchases_of(log, done.purchases, done.refunds)
        known = ~np.isnan(bought.amount)
        self.revenue: np.ndarray | None = None
        if bought.has_amounts:
            self.revenue = np.bincount(
                bought.customer[known], bought.amount[known], minlength=log.n_customers
            )
        self.buyers = np.zeros(log.n_customers, dtype=bool)
        self.buyers[bought.customer[~bought.refund]] = True
        self.felt: Feelings = feelings(log, stages, tables)
        self.wording: Wording = wording(log, tables)
        self.traits: Traits = traits(log, stages, tables)
        self.first = _first_touchpoints(log, stages)

    def notes(self) -> tuple[Finding, ...]:
        if self.revenue is None:
            return (*self.traits.notes, Finding("personas.note_no_amount"))
        return self.traits.notes

    def persona(self, id_: str, name: str, flags: np.ndarray, made_of: Sequence[str]) -> Persona:
        n, everybody = int(flags.sum()), self.log.n_customers
        low, high = wilson(n, everybody)
        own = self.log.of_customers(flags)
        apart = self.traits.apart(flags, made_of)
        felt, words = self._felt(flags), self.wording.typical(flags)
        reach, route, lost = self._journey(own)
        revenue, share, clv = self._worth(flags)
        facts = (
            *self._value(flags, revenue, share, clv),
            *route,
            *self._habits(flags, n),
            *self._first(flags, n),
            *self._pains(felt, lost, n),
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
            reach=reach,
            facts=facts,
            apart=apart,
            words=words,
            feelings=felt,
        )

    def _worth(self, flags: np.ndarray) -> tuple[float, float, tuple[float, float, float]]:
        if self.revenue is None:
            return math.nan, math.nan, (math.nan, math.nan, math.nan)
        own = self.revenue[flags]
        whole = float(self.revenue.sum())
        return float(own.sum()), float(own.sum()) / whole if whole > 0 else math.nan, mean(Sums.of(own))

    def _value(
        self, flags: np.ndarray, revenue: float, share: float, clv: tuple[float, float, float]
    ) -> list[Fact]:
        n, buyers = int(flags.sum()), int(self.buyers[flags].sum())
        bought = {"customers": buyers, "of": n, "share": buyers / n}
        found = [Fact("value", Finding("personas.fact_buyers", bought), n, n)] if self.buyers.any() else []
        if not math.isnan(share):
            told = {"revenue": revenue, "share": share, "clv": clv[0], "low": clv[1], "high": clv[2]}
            found.append(Fact("value", Finding("personas.fact_revenue", told), n, n))
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
        route = Fact("route", Finding("personas.fact_route", told), counts.n_visitors, n)
        exits = counts.transitions[: len(stages), EXIT]
        low, _ = wilson(exits, reached)
        goal = self.stages.goal_stage
        losing = [place for place in range(len(stages)) if exits[place] and (stages[place] != goal)]
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

    def _pains(self, felt: pd.DataFrame, lost: Fact | None, n: int) -> list[Fact]:
        known = felt[felt["raters"] >= _FEWEST_RATERS]
        found = [] if lost is None else [lost]
        if len(known) and known["feeling"].iloc[0] < 0:
            worst = known.iloc[0]
            told = {
                "place": worst["place"],
                **{name: float(worst[name]) for name in ("feeling", "low", "high")},
            }
            raters = int(worst["raters"])
            found.insert(0, Fact("pain", Finding("personas.fact_felt", {**told, "n": raters}), raters, n))
        return found

    def _said(self, words: pd.DataFrame, flags: np.ndarray, n: int) -> list[Fact]:
        found = []
        sums = [one for one in self.felt.of(flags).values()]
        if sums:
            rated = np.unique(self.felt.customer[flags.take(self.felt.customer)])
            whole = ratio(sum(sums[1:], start=sums[0]))
            told = {"feeling": whole[0], "low": whole[1], "high": whole[2], "n": len(rated)}
            found.append(Fact("score", Finding("personas.fact_feeling", told), len(rated), n))
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
    """The two clearest differences from all others that the choice of customers did not make."""
    clear = apart[apart["clear"]].head(2)
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


def _target(found: Sequence[Persona], by: str) -> tuple[str | None, Finding | None]:
    """Who brings most: of the whole revenue, or a customer by the lower end of the interval."""
    known = [one for one in found if one.revenue_share > 0]
    if len(known) < 2:
        return None, None
    worth = (lambda one: one.revenue_share) if by == "revenue" else (lambda one: one.clv_low)
    best = max(known, key=lambda one: (-math.inf if math.isnan(worth(one)) else worth(one), one.customers))
    told = {
        "persona": best.name,
        "share": best.share,
        "revenue_share": best.revenue_share,
        "clv": best.clv,
        "low": best.clv_low,
        "high": best.clv_high,
    }
    return best.id, Finding(f"personas.target_{by}", told)


def _table(found: Sequence[Persona]) -> pd.DataFrame:
    rows = [
        (
            one.name,
            fact.slot,
            fact.finding.code.partition("fact_")[2],
            fact.n,
            fact.of,
            fact.evidence,
        )
        for one in found
        for fact in one.facts
    ]
    facts = pd.DataFrame(rows, columns=["persona", "slot", "fact", "n", "of", "evidence"])
    figures = ["customers", "share", "revenue", "revenue_share", "clv"]
    worth = pd.DataFrame(
        [[one.name, *(getattr(one, name) for name in figures)] for one in found],
        columns=["persona", *figures],
    )
    return facts.merge(worth, on="persona", how="left").astype({"persona": "str", "slot": "str"})


def _finding(found: Sequence[Persona], reason: Finding | None, customers: int) -> Finding:
    if not customers:
        return Finding("personas.finding_no_customers")
    if reason is not None:
        return reason
    if not found:
        return Finding("personas.finding_none")
    largest = max(found, key=lambda one: one.customers)
    told = {"persona": largest.name, "customers": largest.customers, "of": customers, "share": largest.share}
    return Finding("personas.finding_largest", told)


def _headline(found: Sequence[Persona], target: str | None) -> Figure | None:
    """The revenue share of the target; without one, how many of the customers the largest persona has."""
    if not found:
        return None
    if target is None:
        one = max(found, key=lambda persona: persona.customers)
        told = {"persona": one.name}
        return Figure("personas.figure_share", one.share, "share", one.customers, one.low, one.high, told)
    one = next(persona for persona in found if persona.id == target)
    return Figure(
        "personas.figure_revenue", one.revenue_share, "share", one.customers, values={"persona": one.name}
    )
