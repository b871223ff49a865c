"""Did it help? What an improvement is measured by, before and after the day from which it was there."""

from __future__ import annotations

import datetime as dt
from typing import Any

from journey.aggregates.before_after import BeforeAfter
from journey.i18n import text
from journey.stages.improvements import Improvement, measure_of
from ui import session
from ui.ask import again

__all__ = ["effect", "effect_mark", "effect_said", "effect_text"]

_ICONS = {"better": "arrow_up", "worse": "arrow_down"}


def effect(one: Improvement) -> BeforeAfter | None:
    """Before and after, of all customers and days; None for what is not there yet or has no measure."""
    link, data = measure_of(one.card), session.state().data
    if one.since is None or not link or data is None or data.fingerprint is None:
        return None
    settings = {"link": dict(link), "since": one.since.isoformat()}
    found: BeforeAfter = again("before_after", settings, {"period": None, "segment": None, "where": {}})
    return found


def effect_said(found: BeforeAfter, language: str) -> str:
    """Whether it is better since, in a sentence."""
    change, low, high = found.difference
    values: dict[str, Any] = {
        "change": change,
        "low": low,
        "high": high,
        "n_before": found.n_before,
        "n_after": found.n_after,
        "days": found.days,
        "ready": found.ready or dt.date.min,
    }
    return text(f"improvements.effect_{found.verdict}", language, **values)


def effect_text(found: BeforeAfter, language: str) -> str:
    """Both shares, short; "" where there is nothing to compare."""
    if not found.days:
        return ""
    return text("improvements.effect_shares", language, before=found.before[0], after=found.after[0])


def effect_mark(one: Improvement, language: str) -> list[dict[str, str]]:
    """The sign on a card of how far it is, and whether it helped; none for a card that is no improvement."""
    if not one.card.state:
        return []
    marks = [{"icon": "improve", "text": text(f"improvements.state_{one.card.state}", language)}]
    found = effect(one)
    if found is not None:
        words = " · ".join(filter(None, [effect_text(found, language), effect_said(found, language)]))
        marks.append({"icon": _ICONS.get(found.verdict, "improve"), "text": words})
    return marks
