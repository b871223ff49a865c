"""Did it help? What an improvement is measured by, before and after the day from which it was there."""

from __future__ import annotations

import datetime as dt
from typing import Any

from journey.aggregates.before_after import BeforeAfter
from journey.charts.bound_words import value_text
from journey.i18n import text
from journey.stages.board import Board, Card
from journey.stages.improvements import Improvement, measure_of
from ui import session
from ui.ask import EVERYTHING, again
from ui.map_measures import figure_of

__all__ = ["effect", "effect_marks", "effect_said", "effect_text", "improvement_marks", "now_text"]

_ICONS = {"better": "arrow_up", "worse": "arrow_down"}


def effect(one: Improvement) -> BeforeAfter | None:
    """Before and after, of all customers and days; None for what is not there yet or has no measure."""
    link, data = measure_of(one.card), session.state().data
    if one.since is None or not link or data is None or data.fingerprint is None:
        return None
    settings = {"link": dict(link), "since": one.since.isoformat()}
    found: BeforeAfter = again("before_after", settings, EVERYTHING)
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


def now_text(card: Card, language: str) -> str:
    """What it is measured by, over all customers and days, short; "" where the data do not know it."""
    figure = figure_of(measure_of(card))
    if figure is None or not figure.is_known:
        return ""
    return text("improvements.now", language, value=value_text(figure, language))


def improvement_marks(board: Board) -> dict[str, list[dict[str, str]]]:
    """The signs on the cards of a map: how far an improvement is, and whether it helped."""
    language = session.current().language
    found = {}
    for card in board.cards.values():
        if card.state:
            state = {"icon": "improve", "text": text(f"improvements.state_{card.state}", language)}
            found[card.id] = [state, *effect_marks(effect(Improvement(board, card)), language)]
    return found


def effect_marks(
    found: BeforeAfter | None, language: str, *, with_shares: bool = True
) -> list[dict[str, str]]:
    """The sign that says whether it helped; none where nothing is compared."""
    if found is None:
        return []
    shares = [effect_text(found, language)] if with_shares and found.days else []
    words = " · ".join([*shares, effect_said(found, language)])
    return [{"icon": _ICONS.get(found.verdict, "improve"), "text": words}]
