"""Figures of the KPI board as people write them: shares, money, points and spans of time."""

from __future__ import annotations

import math

from journey.analysis.kpi import Card
from journey.figures import Form
from journey.i18n import text
from journey.i18n.formats import amount, count, points, share, signed, span

__all__ = ["changed", "interval", "valued"]


def valued(value: float, form: Form, language: str) -> str:
    """A number of this form; a dash where there is none."""
    if math.isnan(value):
        return "–"
    if form == "share":
        return share(value, language)
    if form == "seconds":
        return span(value, language)
    if form == "score":
        return f"{value:+.1f}".replace("-", "−") if value else "0.0"
    return count(value, language) if form == "count" else amount(value, language)


def changed(value: float, form: Form, language: str) -> str:
    """A difference with its sign; of shares in points, not in percent of a percentage."""
    if math.isnan(value):
        return "–"
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    size = abs(value)
    if form == "share":
        return points(value, language)
    if form == "seconds":
        return f"{sign}{span(size, language)}"
    if form == "count":
        return f"{sign}{count(size, language)}"
    return f"{sign}{size:.1f}" if form == "score" else f"{sign}{amount(size, language)}"


def interval(card: Card, language: str, *, mixed: bool = False) -> str:
    """The interval of the difference to the period before, or of that with the same mix."""
    _, low, high = card.mixed if mixed else card.difference
    if math.isnan(low) or math.isnan(high):
        return "–"
    form = card.figure.form
    if form == "share":
        # The unit once: both ends stand on one line of a card.
        return text("kpi.between", language, low=signed(low, language), high=points(high, language))
    low_said, high_said = (changed(end, form, language) for end in (low, high))
    return text("kpi.between", language, low=low_said, high=high_said)
