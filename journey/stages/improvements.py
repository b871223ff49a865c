"""What a team does about its journey: the opportunities of its maps, and how far each improvement is."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from journey.stages.board import STATES, Board, Card, State

__all__ = [
    "IMPROVED",
    "Improvement",
    "improvements",
    "is_lower",
    "is_of_leaving",
    "judged",
    "measure_of",
    "moved",
    "opportunities",
]

# In these states what was planned is there for customers, so that before and after can be compared.
IMPROVED: tuple[State, ...] = ("done", "watching")
_MEASURED = ("stage", "event", "link", "friction")


@dataclass(frozen=True)
class Improvement:
    """A card that somebody works on, or could, and the map that it stands on."""

    board: Board
    card: Card

    @property
    def key(self) -> str:
        """What names it among those of all maps: the copy of a map has cards of the same ids."""
        return hashlib.sha256(f"{self.board.id}.{self.card.id}".encode()).hexdigest()[:24]

    def is_late(self, today: dt.date) -> bool:
        """Is it due before today and not there yet?"""
        return bool(self.card.due) and self.card.state not in IMPROVED and self.card.due < today.isoformat()

    @property
    def since(self) -> dt.date | None:
        """The day from which it is there for customers; None where it is not, or nobody knows since when."""
        if self.card.state not in IMPROVED or not self.card.since:
            return None
        return dt.date.fromisoformat(self.card.since)


def improvements(maps: Iterable[Board]) -> tuple[Improvement, ...]:
    """The cards that are improvements, of all maps: what is due first stands first, what has no day last."""
    found = _once(Improvement(board, card) for board in maps for card in board.cards.values() if card.state)
    return tuple(sorted(found, key=lambda one: (one.card.due or "~", one.card.text, one.card.id)))


def opportunities(maps: Iterable[Board]) -> tuple[Improvement, ...]:
    """The cards in lanes of opportunities, and all improvements, of all maps."""
    found = []
    for board in maps:
        lanes = {lane.id for lane in board.lanes.values() if lane.kind == "opportunities"}
        found += [
            Improvement(board, card) for card in board.cards.values() if card.state or card.lane in lanes
        ]
    return tuple(sorted(_once(found), key=lambda one: (one.card.text, one.card.id)))


def _once(found: Iterable[Improvement]) -> list[Improvement]:
    """Each card once: another version of a map bears the same cards, and what was copied from it.

    It is each that somebody works on, else that of the first map.
    """
    those = list(found)
    begun = [one for one in those if one.card.state]
    known = {one.card.id for one in begun}
    waiting = {one.card.id: one for one in reversed(those) if one.card.id not in known}
    return [*begun, *waiting.values()]


def measure_of(card: Card) -> Mapping[str, Any]:
    """What shows whether it helped: what was chosen for that, else what the card is bound to, or nothing.

    How long a stage took and how it felt are no shares of customers: nothing is compared by them.
    """
    for link in (card.measure, card.link):
        if link.get("kind") in _MEASURED and link.get("measure") not in ("time", "feeling"):
            return link
    return {}


def is_lower(measure: Mapping[str, Any]) -> bool:
    """Is less of it better? Of friction and drop-off always, of anything else where the team said so."""
    return is_of_leaving(measure) or measure.get("better") == "lower"


def is_of_leaving(measure: Mapping[str, Any]) -> bool:
    """Does it say who leaves, so that nobody has to say that less of it is better?"""
    return measure.get("kind") == "friction" or measure.get("measure") == "drop_off"


def judged(measure: Mapping[str, Any], *, lower: bool) -> dict[str, Any]:
    """The same measure, of which less, or more, is better."""
    bare = {name: value for name, value in measure.items() if name != "better"}
    return {**bare, "better": "lower"} if lower else bare


def moved(card: Card, state: State, today: dt.date) -> dict[str, Any]:
    """The edit that says how far a card is.

    `since` is the day on which it became done; on the way from done to watching it stays, and what goes back
    has none.
    """
    if state not in STATES:
        raise ValueError(state)
    fields: dict[str, Any] = {"state": state}
    if state in IMPROVED:
        if card.state not in IMPROVED or not card.since:
            fields["since"] = today.isoformat()
    elif card.since:
        fields["since"] = ""
    return {"op": "set_card", "id": card.id, "fields": fields}
