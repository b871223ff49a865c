"""What the data say of what a card of a journey map is bound to, and what impact they propose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from journey.analysis.friction import Friction
from journey.charts.bound_words import called, n_text, range_text, value_text
from journey.figures import Figure
from journey.stages import evidence
from journey.stages.board import Card
from journey.stages.board_actions import friction_of, proposed_impact
from journey.stages.evidence import Evidence
from ui import session
from ui.ask import EVERYTHING, again
from ui.map_measures import figure_of, has_data
from ui.words import t

__all__ = ["Proposal", "Told", "proposal", "told_of"]


@dataclass(frozen=True)
class Proposal:
    """The impact that the friction score of a stage or an event proposes, with the score and the largest."""

    impact: int
    name: str
    score: float
    largest: float


@dataclass(frozen=True)
class Told:
    """How sure a card is and why, and in words the figure that it is bound to; "" where there is none."""

    evidence: Evidence
    why: str
    value: str = ""
    about: str = ""


def told_of(card: Card) -> Told:
    """What the data say of a card today, over all customers and days."""
    figure = figure_of(card.link) if card.link else None
    sure = evidence.of_card(card, figure)
    why = _why(card, figure)
    if figure is None or not figure.is_known:
        return Told(sure, why)
    language = session.current().language
    parts = [called(figure, language), range_text(figure, language), n_text(figure, language)]
    return Told(sure, why, value_text(figure, language), " · ".join(part for part in parts if part))


def _why(card: Card, figure: Figure | None) -> str:
    """Why a card is as sure as it is; see stages.evidence."""
    if card.link.get("kind") == "answer" and figure is not None and figure.is_known:
        return t("map_card.why_answer")
    if told := evidence.of_figure(figure):
        which = "measured" if told == "measured" else "few"
        assert figure is not None
        return t(f"map_card.why_{which}", n=figure.n, least=evidence.LEAST_MEASURED)
    if evidence.of_card(card, None) == "partly":
        return t("map_card.why_source")
    return t("map_card.why_gone" if card.link else "map_card.why_assumed")


def proposal(link: Mapping[str, Any]) -> Proposal | None:
    """What the line of the friction score that a card is bound to proposes; None where there is none."""
    line = friction_of(link)
    if line is None or not has_data():
        return None
    group, what = line
    name = what
    if group == "stage":
        named = {one.id: one.name for one in session.state().stage_map.stages}
        name = named.get(what, "")
    answer: Friction = again("friction", {"group": group}, EVERYTHING)
    scores = answer.table.set_index("name")["score"]
    if name not in scores.index:
        return None
    score = float(scores[name])
    impact = proposed_impact(score, scores)
    return Proposal(impact, name, score, float(scores.max())) if impact else None
