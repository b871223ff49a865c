"""What features of customers are called, and how their values are written."""

from __future__ import annotations

import math
from collections.abc import Mapping

from journey.aggregates.customer_table import OTHER, Family, Offer
from journey.i18n import text
from journey.i18n.formats import count, share, span

__all__ = ["category_words", "family_words", "feature_value", "feature_words"]

_NAMES: Mapping[str, str] = {
    "rfm.recency": "features.rfm_recency",
    "rfm.frequency": "features.rfm_frequency",
    "rfm.monetary": "features.rfm_monetary",
    "journey.recency": "features.journey_recency",
    "journey.active_days": "features.journey_active_days",
    "journey.visits": "features.journey_visits",
    "journey.stages": "features.journey_stages",
    "journey.loops": "features.journey_loops",
    "journey.reached:": "features.journey_reached",
    "journey.visits:": "features.journey_visits_stage",
    "journey.time:": "features.journey_time",
    "when.night": "features.when_night",
    "when.morning": "features.when_morning",
    "when.afternoon": "features.when_afternoon",
    "when.evening": "features.when_evening",
    "when.weekend": "features.when_weekend",
    "mix:": "features.mix",
    "orders.price": "features.orders_price",
    "orders:": "features.orders",
    "answers:": "features.answers",
    "reviews.rating": "features.reviews_rating",
    "attribute:": "features.attribute",
}
_FAMILIES: Mapping[Family, str] = {
    "rfm": "features.family_rfm",
    "journey": "features.family_journey",
    "when": "features.family_when",
    "channel": "features.family_channel",
    "orders": "features.family_orders",
    "scores": "features.family_scores",
    "attributes": "features.family_attributes",
}


def feature_words(offer: Offer, language: str) -> str:
    """What a feature is called: "Days since the last purchase"."""
    if offer.family == "attributes" and offer.form == "days":
        return text("features.attribute_days", language, **offer.about)
    start, colon, _ = offer.name.partition(":")
    return text(_NAMES[start + colon], language, **offer.about)


def family_words(family: Family, language: str) -> str:
    """What features of a kind are called together."""
    return text(_FAMILIES[family], language)


def category_words(category: str, language: str) -> str:
    """A value of a category; those too rare to have a name of their own are "other"."""
    return text("features.other", language) if category == OTHER else category


def feature_value(offer: Offer, value: float, language: str) -> str:
    """A number of a feature, or the mean or median of several, as people write it; NaN is a dash.

    A share that is the mean of flags is written as a share.
    """
    if math.isnan(value):
        return "–"
    if offer.form in ("share", "flag"):
        return share(value, language)
    if offer.form == "seconds":
        return span(value, language)
    if offer.form == "money":
        # Dollars have cents that count; hundreds of them, and won, do not.
        is_small = abs(value) < 100 and value != int(value)
        return f"{value:,.2f}" if is_small else count(value, language)
    said = f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.1f}"
    if offer.form == "number" and abs(value) < 1 and value:
        said = f"{value:.3g}"
    return text("features.days", language, n=said) if offer.form == "days" else said
