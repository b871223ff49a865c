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
from journey.aggregates.routes import beginning, route_counts
from journey.aggregates.segment import members_of
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
from journey.stages.segment import Rule
from journey.stages.stage_map import StageMap
from journey.statistics.intervals import wilson
from journey.statistics.sums import Sums, mean, ratio

__all__ = ["ASSUMED", "MOST_PERSONAS", "Fact", "Persona", "Personas", "personas"]

Evidence = Literal["measured", "partly"]
Slot = Literal["value", "about", "route", "channel", "time", "first", "pain", "score", "words", "apart"]
# What a team may add that nobody measured: who they are, what they want, what they fear, what they would say.
ASSUMED = ("who", "wants", "fears", "says")
# What fewer customers rated, or where fewer came, is no pain of a segment.
_FEWEST_RATERS = 5
# More are no help to anybody, and each is a card.
MOST_PERSONAS = 12
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


@dataclass(frozen=True)
class Personas:
    """One persona a segment, in the order in which they were given; those without anybody are left out.

    table   one row a fact: persona, slot, fact (code), n, of, evidence, and the figures of the segment as
            columns: customers, share, revenue, revenue_share, clv. Evidence "assumed" are texts of the team
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
    rules: Sequence[Rule | np.ndarray] = (),
    ids: Sequence[str] | None = None,
    names: Sequence[str] | None = None,
    by: str | None = None,
    made_of: Sequence[Sequence[str]] | None = None,
    assumed: Sequence[Mapping[str, str]] | None = None,
    target_by: Literal["revenue", "clv"] = "revenue",
    purchases: Sequence[str] | None = None,
    tables: OtherTables = NO_TABLES,
) -> Personas:
    """Describe each segment by what its customers did, paid and said.

    `rules` are at most 12 rules of segments (see stages.segment) or flags, one a customer; `ids` and `names`
    are theirs. Without rules the segments are the values of the customers' attribute `by`, or without that
    everybody is one. `made_of` are the features that each segment was made of: they set it apart by design
    and are not tested (see traits.made_of). `assumed` is what the team says of each, by ASSUMED. `target_by`
    says what the target brings most of: of the whole revenue, or revenue a customer (historic CLV).
    Raises SettingWrong, ColumnMissing, and what rules raise.
    """
    if len(rules) > MOST_PERSONAS:
        raise SettingWrong(setting="rules", value=len(rules), allowed=f"≤ {MOST_PERSONAS}")
    if target_by not in ("revenue", "clv"):
        raise SettingWrong(setting="target_by", value=target_by, allowed="revenue, clv")
    groups = _groups(log, stages, rules, ids, names, by, tables)
    n = len(groups)
    designs = list(made_of) if made_of is not None else [[f"attribute:{by}"] if by and not rules else []] * n
    told = list(assumed) if assumed is not None else [{}] * n
    for setting, given in (("made_of", designs), ("assumed", told)):
        if len(given) != n:
            raise SettingWrong(setting=setting, value=len(given), allowed=n)
    source = _Source(log, stages, tables, purchases)
    found = tuple(
        source.persona(*group, design, said)
        for group, design, said in zip(groups, designs, told, strict=True)
        if group[2].any()
    )
    target, reason = _target(found, target_by)
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
        notes=(*source.notes(), *_notes(groups)),
    )


_Group = tuple[str, str, np.ndarray]


def _groups(
    log: EventLog,
    stages: StageMap,
    rules: Sequence[Rule | np.ndarray],
    ids: Sequence[str] | None,
    names: Sequence[str] | None,
    by: str | None,
    tables: OtherTables,
) -> list[_Group]:
    """Id, name and one flag a customer of each segment."""
    if not rules:
        found = [(name, name, flags) for name, flags in _by_values(log, by).items()]
        # Everybody as one is called so in the words of who asks.
        return found if by is not None or not names else [(found[0][0], names[0], found[0][2])]
    marks = list(ids) if ids is not None else [str(place + 1) for place in range(len(rules))]
    called = list(names) if names is not None else marks
    for setting, given in (("ids", marks), ("names", called)):
        if len(given) != len(rules):
            raise SettingWrong(setting=setting, value=len(given), allowed=len(rules))
    return [
        (mark, name, rule if isinstance(rule, np.ndarray) else members_of(log, stages, rule, tables))
        for mark, name, rule in zip(marks, called, rules, strict=True)
    ]


def _notes(groups: Sequence[_Group]) -> list[Finding]:
    empty = [name for _, name, flags in groups if not flags.any()]
    found = [Finding("personas.note_empty", {"n": len(empty), "names": empty})] if empty else []
    if len(groups) > 1:
        several = int((np.sum([flags for *_, flags in groups], axis=0) > 1).sum())
        if several:
            found.append(Finding("personas.note_several", {"n": several}))
    return found


def _by_values(log: EventLog, by: str | None) -> dict[str, np.ndarray]:
    if by is None:
        return {"all": np.ones(log.n_customers, dtype=bool)}
    if by not in log.attributes or log.attributes[by].of != "customer":
        have = [name for name, one in log.attributes.items() if one.of == "customer"]
        raise ColumnMissing(name=by, have=have, near="")
    attribute = log.attributes[by]
    if len(attribute.categories) > MOST_PERSONAS:
        raise SettingWrong(setting="by", value=len(attribute.categories), allowed=f"≤ {MOST_PERSONAS}")
    return {value: attribute.codes == code for code, value in enumerate(attribute.categories)}


class _Source:
    """What is counted once for all customers, and from which each segment takes its own."""

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


def _target(found: Sequence[Persona], by: str) -> tuple[str | None, Finding | None]:
    """Who brings most: of the whole revenue, or a customer by the lower end of the interval."""
    known = [one for one in found if one.revenue_share > 0]
    if len(known) < 2:
        return None, None
    if by == "clv":
        # A few who paid much may be chance: of too few to have an interval nobody knows what they bring.
        known = [one for one in known if one.clv_low > 0]
        best = max(known, key=lambda one: (one.clv_low, one.customers), default=None)
    else:
        best = max(known, key=lambda one: (one.revenue_share, one.customers))
    if best is None:
        return None, None
    told = {
        "persona": best.name,
        "share": best.share,
        "revenue_share": best.revenue_share,
        "clv": best.clv,
        "low": best.clv_low,
        "high": best.clv_high,
        "customers": best.customers,
    }
    return best.id, Finding(f"personas.target_{by}", told)


def _table(found: Sequence[Persona]) -> pd.DataFrame:
    rows: list[tuple[str, str, str, int, int, str]] = [
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
    rows += [(one.name, "assumed", what, 0, 0, "assumed") for one in found for what in one.assumed]
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
