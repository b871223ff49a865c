"""What became of the cards of a map elsewhere, as marks on them: the test of each, and its verdict."""

from __future__ import annotations

from collections.abc import Mapping

from journey.projects.register import Entry, entries
from journey.stages.board import Board
from ui import session
from ui.experiment_status import status_of
from ui.veil import veiled
from ui.words import t

__all__ = ["test_marks"]

Mark = dict[str, str]


def test_marks(board: Board) -> Mapping[str, list[Mark]]:
    """Card id -> {"icon": "flask", "text"} of its test, for the cards whose test the register has."""
    wanted = {card.id: card.test for card in board.cards.values() if card.test}
    if not wanted:
        return {}
    known = {one.id: one for one in entries(session.state().settings)}
    return {card: [_mark(known[test])] for card, test in wanted.items() if test in known}


def _mark(one: Entry) -> Mark:
    """How far the test is, or what was decided, and what the test is called."""
    name = veiled(one.plan.name) or t("experiments_register.nameless")
    if one.decision is not None:
        said = t(f"experiments_register.verdict_{one.decision.verdict}")
    else:
        said = t(f"experiments_register.status_{status_of(one)}")
    return {"icon": "flask", "text": t("map_card.mark_test", said=said, name=name)}
