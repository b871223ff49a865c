"""The journey map of a team: cards in lanes below the stages, and the feelings that were drawn.

A board is a value. The edits of journey.stages.board_edits make another one of it; how it is written down as
settings of a project, a fact each, says journey.projects.maps.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

__all__ = [
    "ALL",
    "EVERYBODY",
    "KINDS",
    "LARGEST_POINTS",
    "LINKS",
    "LONGEST_NAME",
    "LONGEST_TEXT",
    "MOST_CARDS",
    "MOST_LANES",
    "MOST_PERSONAS",
    "MOST_TAGS",
    "NOTES",
    "SOURCES",
    "STATES",
    "STATUSES",
    "Board",
    "Card",
    "Lane",
    "MapPersona",
    "State",
    "Version",
    "between",
    "keys",
]

Version = Literal["as_is", "to_be"]
State = Literal["", "found", "planned", "doing", "done", "watching"]

# What a lane is about. A lane that a team adds itself is of the kind "own" and has a name.
KINDS = (
    "goals",
    "actions",
    "touchpoints",
    "thoughts",
    "emotion",
    "pains",
    "opportunities",
    "owner",
    "kpi",
    "own",
)
# How far the team is with what a card says; "" is not said.
STATUSES = ("", "open", "discussed", "agreed", "dropped")
# How far an improvement is; "" is a card that is none.
STATES: tuple[State, ...] = get_args(State)
# Where a card came from: what people said who were asked, and files.
NOTES = ("interview", "test")
SOURCES = (*NOTES, "import")
# What a card may be bound to: {"kind": one of these, ...}, with the names that its figure is counted by.
# stage {"stage": id}; event {"event": name}; link {"from": stage id, "to": stage id};
# friction {"of": "stage" | "event", "name": stage id or event}; segment {"segment": id};
# answer {"cell": id of a cell of the notebook}
LINKS = ("stage", "event", "link", "friction", "segment", "answer")

MOST_CARDS, MOST_LANES, MOST_PERSONAS, MOST_TAGS = 1_000, 30, 5, 10
LONGEST_TEXT, LONGEST_NAME = 2_000, 200
# Effort and impact of an improvement are 1 (little) to this (much).
LARGEST_POINTS = 5
# The persona of a card or of a curve that is about all of them.
EVERYBODY = ""
# What they are called where a curve is written down, so that no persona has this id.
ALL = "all"
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Lane:
    """A row of the map. Without a `name` the catalogue names it by its kind; `key` says where it stands."""

    id: str
    kind: str
    key: str
    name: str = ""
    hidden: bool = False


@dataclass(frozen=True)
class MapPersona:
    """Somebody whose journey the map tells. `saved` is the id of the project's persona that it is, or ""."""

    id: str
    name: str
    key: str
    saved: str = ""


@dataclass(frozen=True)
class Card:
    """One card, in the cell of its lane and stage; there the lower `key` stands first, then the lower id.

    persona     id of the persona that it is about; "" is everybody
    link        what it is bound to (see LINKS), or empty
    source      where it came from: {"kind": one of SOURCES, "name", "who", "quote", "at"}
    parent      id of the card that it came out of: the pain of an opportunity
    test        id of the entry of the register of tests that tries it
    effort, impact  1 to LARGEST_POINTS, 0 is not said
    state       how far the improvement is; "" is a card that is no improvement
    due, since  ISO days: when it should be done, and since when it is
    measure     what shows whether it helped: written as `link` is
    """

    id: str
    lane: str
    stage: str
    key: str
    text: str = ""
    colour: str = ""
    tags: tuple[str, ...] = ()
    owner: str = ""
    status: str = ""
    persona: str = EVERYBODY
    link: Mapping[str, Any] = field(default_factory=dict)
    source: Mapping[str, Any] = field(default_factory=dict)
    parent: str = ""
    hypothesis: str = ""
    test: str = ""
    effort: int = 0
    impact: int = 0
    state: State = ""
    due: str = ""
    since: str = ""
    measure: Mapping[str, Any] = field(default_factory=dict)
    at: str = ""
    by: str = ""


@dataclass(frozen=True)
class Board:
    """One map in one version; the stages are the project's own, which cards and curves name by their ids.

    `of` is the id of the map that a to-be version belongs to. `felt` is persona -> stage -> -2..+2: the curve
    that the team drew. Cards whose stage the project has no more stay, and are shown apart.
    """

    id: str
    name: str
    at: dt.datetime
    by: str = ""
    version: Version = "as_is"
    of: str = ""
    template: str = ""
    lanes: Mapping[str, Lane] = field(default_factory=dict)
    personas: Mapping[str, MapPersona] = field(default_factory=dict)
    cards: Mapping[str, Card] = field(default_factory=dict)
    felt: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def ordered_lanes(self) -> tuple[Lane, ...]:
        """The lanes from top to bottom, hidden ones too."""
        return tuple(sorted(self.lanes.values(), key=lambda lane: (lane.key, lane.id)))

    @property
    def ordered_personas(self) -> tuple[MapPersona, ...]:
        """The personas from first to last."""
        return tuple(sorted(self.personas.values(), key=lambda one: (one.key, one.id)))

    def cell(self, lane: str, stage: str) -> tuple[Card, ...]:
        """The cards of a cell from top to bottom."""
        those = [card for card in self.cards.values() if (card.lane, card.stage) == (lane, stage)]
        return tuple(sorted(those, key=lambda card: (card.key, card.id)))

    def lane_of(self, kind: str) -> Lane | None:
        """The first lane of this kind, hidden ones last; None where there is none."""
        those = [lane for lane in self.ordered_lanes if lane.kind == kind]
        return min(those, key=lambda lane: lane.hidden, default=None)


def between(before: str, after: str) -> str:
    """An order key between two, "" for an open end; keys are compared as text and never end in 0.

    >>> between("", ""), between("i", ""), between("", "i"), between("i", "j")
    ('i', 'r', '9', 'ii')
    """
    key, bounded = "", bool(after)
    while True:
        place = len(key)
        low = _DIGITS.index(before[place]) if place < len(before) else 0
        high = _DIGITS.index(after[place]) if bounded and place < len(after) else len(_DIGITS)
        if high - low > 1:
            return key + _DIGITS[(low + high) // 2]
        key += _DIGITS[low]
        # Once the key is below `after` it may be followed by anything.
        bounded = bounded and low == high


def keys(n: int) -> list[str]:
    """n order keys that rise, spread so that there is room between them."""
    width = 1
    while len(_DIGITS) ** width < 2 * (n + 1):
        width += 1
    step = len(_DIGITS) ** width // (n + 1)
    return [_written(step * (at + 1), width) for at in range(n)]


def _written(number: int, width: int) -> str:
    digits = ""
    for _ in range(width):
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits.rstrip("0")
