"""What was measured about a persona, as people write it."""

from __future__ import annotations

from collections.abc import Mapping

from journey.aggregates.customer_table import Offer
from journey.analysis.personas import Fact
from journey.charts.feature_words import category_words, feature_value, feature_words
from journey.i18n import text

__all__ = ["fact_words"]


def fact_words(fact: Fact, offers: Mapping[str, Offer], language: str) -> str:
    """The sentence of a fact; one about a feature with the feature's name and its values as written."""
    values = dict(fact.finding.values)
    if fact.slot == "apart":
        offer = offers[values["feature"]]
        values["feature"] = feature_words(offer, language)
        if not isinstance(values["value"], str):
            values |= {name: feature_value(offer, values[name], language) for name in ("mine", "others")}
        else:
            values["value"] = category_words(values["value"], language)
    if fact.slot == "time":
        values["part"] = text(values["part"].code, language)
    return text(fact.finding.code, language, **values)
