"""With which lanes does a journey map begin, and what is asked in its empty cells?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from journey.errors import SettingWrong
from journey.i18n import LANGUAGES, catalogue, text
from journey.stages.board import KINDS, Board, Card, Lane, keys
from journey.stages.templates import TEMPLATES

__all__ = ["MAP_TEMPLATES", "copied", "from_map_template", "kind_of", "question", "to_be"]

# Template -> its lanes from top to bottom. A lane of one's own is named by `journey_map.lane_<name>`.
MAP_TEMPLATES: Mapping[str, tuple[str, ...]] = {
    "shop": KINDS[:-1],
    "subscription": KINDS[:-1],
    "service": (*KINDS[:3], "own:backstage", *KINDS[3:-1]),
    "empty": ("actions", "pains", "opportunities"),
}
_OWN = "own:"


def from_map_template(
    template: str, *, id_: str, name: str, at: dt.datetime, by: str = "", language: str
) -> Board:
    """A map without cards; `id_` is 12 hexadecimal digits, its lanes are numbered from l1 on."""
    if template not in MAP_TEMPLATES:
        raise SettingWrong(setting="template", value=template, allowed=", ".join(MAP_TEMPLATES))
    kinds = MAP_TEMPLATES[template]
    lanes = {}
    for number, (kind, key) in enumerate(zip(kinds, keys(len(kinds)), strict=True), start=1):
        own = kind.removeprefix(_OWN) if kind.startswith(_OWN) else ""
        called = text(f"journey_map.lane_{own}", language) if own else ""
        lanes[f"l{number}"] = Lane(f"l{number}", "own" if own else kind, key, called)
    return Board(id_, name, at, by, template=template, lanes=lanes)


def copied(board: Board, *, id_: str, name: str, at: dt.datetime, by: str = "", cards: bool = True) -> Board:
    """The map once more as one of its own, as it is now; without `cards` only its lanes and personas.

    What came of its cards (tests, improvements) stays with the first map: the same thing done twice would be
    counted twice.
    """
    kept = {key: _fresh(card) for key, card in board.cards.items()} if cards else {}
    felt = board.felt if cards else {}
    return replace(board, id=id_, name=name, at=at, by=by, version="as_is", of="", cards=kept, felt=felt)


def to_be(board: Board, *, id_: str, at: dt.datetime, by: str = "") -> Board:
    """How the team wishes the journey of this map to be: it begins as a copy of how it is."""
    begun = copied(board, id_=id_, name=board.name, at=at, by=by)
    return replace(begun, version="to_be", of=board.id)


def _fresh(card: Card) -> Card:
    return replace(card, test="", state="", due="", since="")


def kind_of(stage: str) -> str:
    """The kind of a stage by its name in any language, or "" where it bears a name of its own.

    >>> kind_of("결제"), kind_of("Payment"), kind_of("Our stage")
    ('payment', 'payment', '')
    """
    return _kinds().get(stage.strip().casefold(), "")


@cache
def _kinds() -> Mapping[str, str]:
    kinds = dict.fromkeys(kind for template in TEMPLATES.values() for kind in template.kinds)
    return {text(f"stages.kind_{kind}", one).casefold(): kind for one in LANGUAGES for kind in kinds}


def question(lane: str, stage: str, language: str) -> str:
    """What to ask oneself in an empty cell: of this kind of lane at this kind of stage, else of the lane."""
    known = catalogue(language)
    for key in (f"map_hints.{lane}_{stage}", f"map_hints.{lane}"):
        if key in known:
            return text(key, language)
    return ""
