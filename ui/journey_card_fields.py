"""The fields of a card of a journey map: each keeps what was typed as one edit of one fact."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from journey.errors import MapPartGone, NotStored
from journey.stages.board import Board, Card
from ui import asked, own_maps, session
from ui.words import t

__all__ = ["CARD", "Place", "change", "field", "open_card", "short"]

# The dialog of a card.
CARD = "map_card"
_SHORT = 60


@dataclass(frozen=True)
class Place:
    """A card on its map, as it is in this run."""

    board: Board
    card: Card

    @classmethod
    def of(cls, subject: str) -> Place:
        """The card of `<map id>.<card id>`; raises MapPartGone where the map or the card is not there."""
        map_id, _, card_id = subject.partition(".")
        board = own_maps.named(map_id)
        if card_id not in board.cards:
            raise MapPartGone(what="card")
        return cls(board, board.cards[card_id])

    @property
    def subject(self) -> str:
        return f"{self.board.id}.{self.card.id}"

    def key(self, name: str) -> str:
        """The key of a widget that is about this card."""
        return session.widget_key(f"one_card.{self.subject}.{name}")

    def set(self, **fields: Any) -> None:
        """Write these fields of the card down; for callbacks."""
        change(self.board.id, {"op": "set_card", "id": self.card.id, "fields": fields})


def open_card(map_id: str, card_id: str) -> None:
    """Open the dialog of a card, from the next run of the page on."""
    asked.ask(CARD, f"{map_id}.{card_id}")


def short(words: str) -> str:
    """What a card says, in one line of at most 60 letters."""
    line = " ".join(words.split()) or t("map_card.wordless")
    return line if len(line) <= _SHORT else f"{line[: _SHORT - 1]}…"


def change(map_id: str, edit: Mapping[str, Any]) -> None:
    """Do one edit of a map; it is on the disk when this returns."""
    session.edit({"op": "board", "map": map_id, "edit": dict(edit)})


def field(
    place: Place,
    name: str,
    shown: Any,
    read: Callable[[Any], Any] = lambda chosen: chosen,
) -> dict[str, Any]:
    """Arguments of the widget of a field that shows `shown` and keeps what `read` makes of a choice.

    A text that could not be kept stays to be seen, and every run tries again. What is shown already is not
    put there anew: that would take away what is being typed.
    """
    key = place.key(name)
    unsaved = session.current().unsaved
    if key in unsaved:
        shown = unsaved[key]
        with suppress(NotStored):
            place.set(**{name: read(shown)})
            del unsaved[key]
    if session.widget(key) != shown:
        session.put(key, shown)

    def keep() -> None:
        chosen = session.widget(key)
        if isinstance(chosen, str):
            unsaved[key] = chosen
        place.set(**{name: read(chosen)})
        unsaved.pop(key, None)

    return {"key": key, "on_change": session.later(keep)}
