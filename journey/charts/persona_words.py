"""What was measured about a persona, as people write it."""

from __future__ import annotations

from collections.abc import Mapping

from journey.aggregates.customer_table import Offer
from journey.aggregates.portraits import Fact, Persona
from journey.charts.feature_words import category_words, feature_value, feature_words
from journey.i18n import text

__all__ = ["GROUPS", "evidence_words", "fact_words", "grouped"]

# Heading on a card -> the slots of facts that stand under it.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "value": ("value",),
    "about": ("about",),
    "way": ("route",),
    "touch": ("channel", "time"),
    "first": ("first", "pain"),
    "said": ("score", "words"),
    "apart": ("apart",),
}


def grouped(one: Persona) -> dict[str, list[Fact]]:
    """The facts of a card under their headings, in order; headings without any are left out."""
    found = {name: [fact for fact in one.facts if fact.slot in slots] for name, slots in GROUPS.items()}
    return {name: facts for name, facts in found.items() if facts}


def evidence_words(fact: Fact, language: str) -> str:
    """How well a fact is known: "measured · n = 120", or "partly measured · n = 12 of 120"."""
    return text(f"personas.known_{fact.evidence}", language, n=fact.n, of=fact.of)


def fact_words(fact: Fact, offers: Mapping[str, Offer], language: str) -> str:
    """The sentence of a fact; one about a feature with the feature's name and its values as written."""
    values = dict(fact.finding.values)
    if fact.slot in ("about", "apart"):
        offer = offers[values["feature"]]
        values["feature"] = feature_words(offer, language)
        if not isinstance(values["value"], str):
            values |= {name: feature_value(offer, values[name], language) for name in ("mine", "others")}
        else:
            values["value"] = category_words(values["value"], language)
    if fact.slot == "time":
        values["part"] = text(values["part"].code, language)
    return text(fact.finding.code, language, **values)
