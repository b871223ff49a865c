"""What the data say of what a card of a journey map is bound to, and what impact they propose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from journey.analysis.friction import Friction
from journey.stages.board_actions import friction_of, proposed_impact
from ui import session
from ui.ask import again

__all__ = ["EVERYTHING", "Proposal", "has_log", "proposal"]

# A map is about all customers and all days, whatever the filters of this tab leave.
EVERYTHING: Mapping[str, Any] = {"period": None, "segment": None, "where": {}}


@dataclass(frozen=True)
class Proposal:
    """The impact that the friction score of a stage or an event proposes, with the score and the largest."""

    impact: int
    name: str
    score: float
    largest: float


def has_log() -> bool:
    """Does the open project have events to count?"""
    data = session.state().data
    return data is not None and data.fingerprint is not None


def proposal(link: Mapping[str, Any]) -> Proposal | None:
    """What the line of the friction score that a card is bound to proposes; None where there is none."""
    line = friction_of(link)
    if line is None or not has_log():
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
