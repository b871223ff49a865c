"""What sets the customers of segments apart, each as a persona, and which brings most?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from journey.aggregates.customer_table import Offer
from journey.aggregates.portraits import Persona, Portraits
from journey.aggregates.segment import members_of
from journey.errors import ColumnMissing, SettingWrong
from journey.events.log import EventLog
from journey.events.other_tables import NO_TABLES, OtherTables
from journey.figures import Figure
from journey.findings import Finding
from journey.stages.segment import Rule
from journey.stages.stage_map import StageMap

__all__ = ["MOST_PERSONAS", "Personas", "personas"]

# More are no help to anybody, and each is a card.
MOST_PERSONAS = 12


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
    source = Portraits(log, stages, tables, purchases)
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
