"""A journey map as this tab may show it."""

from __future__ import annotations

from dataclasses import replace

from journey.stages.board import Board, Card
from ui import demo
from ui.veil import veiled

__all__ = ["veiled_board"]


def veiled_board(own: Board) -> Board:
    """The map as this tab may show it: in demo mode without names of people and what is hidden."""
    if not demo.is_on():
        return own
    return replace(
        own,
        name=_hidden(own.name),
        lanes={id_: replace(one, name=_hidden(one.name)) for id_, one in own.lanes.items()},
        personas={id_: replace(one, name=_hidden(one.name)) for id_, one in own.personas.items()},
        cards={id_: _veiled_card(one) for id_, one in own.cards.items()},
    )


def _hidden(words: str) -> str:
    return demo.covered(veiled(words))


def _veiled_card(card: Card) -> Card:
    return replace(
        card,
        text=_hidden(card.text),
        tags=tuple(dict.fromkeys(_hidden(tag) for tag in card.tags)),
        owner=demo.called(card.owner),
        hypothesis=_hidden(card.hypothesis),
        source={name: said for name, said in card.source.items() if name in ("kind", "at")},
    )
