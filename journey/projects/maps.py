"""The journey maps of a project: each fact of a map is one setting, and nobody's edit is lost.

map.<id>                      {"name", "version", "of", "template", "at", "by"}
map.<id>.lane.<lane id>       {"kind", "key", "name", "hidden"}
map.<id>.persona.<id>         {"name", "key", "saved"}
map.<id>.card.<card id>       a Card as board_edits.card_to_json has it, without its id
map.<id>.felt.<persona id>    {stage id: -2..+2}; the persona "all" is everybody
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from journey.errors import JourneyError, MapPartGone, SettingWrong
from journey.projects.written_figures import moment_from_json
from journey.stages.board import ALL, EVERYBODY, LONGEST_NAME, Board, Card, Lane, MapPersona
from journey.stages.board_edits import (
    card_from_json,
    card_to_json,
    is_felt,
    lane_from_json,
    persona_from_json,
)

__all__ = [
    "BEGINNING",
    "DESIGN",
    "MOST_MAPS",
    "Reader",
    "area",
    "area_of_fact",
    "changed",
    "fact_of",
    "is_head",
    "is_lane",
    "map_named",
    "maps",
    "referred_to",
    "removed",
    "whole",
    "written",
]

Settings = Mapping[str, Any]
One = TypeVar("One")
Part = Lane | MapPersona | Card | Mapping[str, float]

BEGINNING = "map."
# The figures of a map as they were seen last, beside it (journey.projects.map_seen).
_SEEN = "map_seen."
# The order of steps that customers are meant to go through, by the id of a map; of none: of the project.
DESIGN = "design."
MOST_MAPS = 40
_HALF = re.compile("[\ud800-\udfff]")
_FACT = re.compile(r"map\.([0-9a-f]{12})(?:\.(lane|persona|card|felt)\.([a-z0-9]{1,32}))?")


def area(id_: str) -> str:
    """What the edits of this map are undone by, apart from all others."""
    return f"{BEGINNING}{id_}"


def area_of_fact(name: str) -> str:
    """The area of the map that this setting is a fact of, "" for another setting."""
    fact = fact_of(name)
    return area(fact[0]) if fact else ""


def fact_of(name: str) -> tuple[str, str, str] | None:
    """The id of the map, the kind of the fact ("" is the head) and the id of its part; None for no fact."""
    match = _FACT.fullmatch(name) if name.startswith(BEGINNING) else None
    return (match[1], match[2] or "", match[3] or "") if match else None


def is_head(name: str) -> bool:
    """Does this setting say that there is a map at all?"""
    return area_of_fact(name) == name != ""


def is_lane(name: str) -> bool:
    """Is this setting a lane of a map?"""
    fact = fact_of(name)
    return fact is not None and fact[1] == "lane"


def referred_to(name: str, value: Any) -> tuple[str, ...]:
    """The settings without which this one would stand nowhere: its lane and persona, where it names them."""
    fact = fact_of(name)
    if fact is None or not isinstance(value, Mapping):
        return ()
    id_, kind, part = fact
    begun = area(id_)
    if kind == "card":
        lane, who = (f"{begun}.lane.{value.get('lane')}",), value.get("persona")
        return (*lane, f"{begun}.persona.{who}") if who else lane
    return (f"{begun}.persona.{part}",) if kind == "felt" and part != ALL else ()


class Reader:
    """Reads the maps of a project again and again: only what another fact is now is read anew."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Any, Any]] = {}
        self._new: dict[str, tuple[Any, Any]] = {}

    def maps(self, settings: Settings) -> tuple[Board, ...]:
        """All maps, the oldest first, as `maps` has them."""
        self._new = {}
        found = maps(settings, self)
        self._known = self._new
        return found

    def part(self, name: str, told: Any, read: Callable[[], One | None]) -> One | None:
        """What the setting of this name says; None where it is no fact."""
        known = self._known.get(name)
        kept = known if known is not None and known[0] == told else (told, read())
        self._new[name] = kept
        one: One | None = kept[1]
        return one


def maps(settings: Settings, reader: Reader | None = None) -> tuple[Board, ...]:
    """All maps, the oldest first; a fact that is none is left out, as if nobody had written it."""
    reader = reader or Reader()
    facts: dict[str, dict[str, dict[str, Any]]] = {}
    for name, value in settings.items():
        if name.startswith(BEGINNING) and (match := _FACT.fullmatch(name)) and isinstance(value, Mapping):
            facts.setdefault(match[1], {}).setdefault(match[2] or "", {})[match[3] or ""] = value
    found = [board for id_, told in facts.items() if (board := _board(id_, told, reader)) is not None]
    return tuple(sorted(found, key=lambda board: (board.at, board.id)))


def map_named(settings: Settings, id_: str) -> Board:
    """The map of this id; raises MapPartGone where there is none (any more)."""
    begun = area(id_)
    own = {name: value for name, value in settings.items() if name == begun or name.startswith(f"{begun}.")}
    found = maps(own)
    if not found:
        raise MapPartGone(what="map")
    return found[0]


def written(board: Board) -> dict[str, Any]:
    """All settings that hold this map, by name."""
    return {area(board.id): _head(board), **{name: _fact(one) for name, one in _parts(board).items()}}


def changed(before: Board, after: Board) -> dict[str, Any]:
    """The settings that lead from one state of a map to another; None takes one away."""
    old, new = _parts(before), _parts(after)
    values = {name: None for name in old if name not in new} | {
        name: _fact(one)
        for name, one in new.items()
        if name not in old or (old[name] is not one and old[name] != one)
    }
    return values if _head(before) == _head(after) else {area(after.id): _head(after), **values}


def removed(settings: Settings, id_: str) -> dict[str, Any]:
    """The settings that take a map away, with the order that was designed for it."""
    begun, own = area(id_), f"{DESIGN}{id_}"
    return {name: None for name in settings if name in (begun, own) or name.startswith(f"{begun}.")}


def whole(settings: Settings, changes: Settings) -> dict[str, Any]:
    """The settings after these changes, without what is left of maps that go by them.

    Somebody else may have put a card on a map that whoever removes it has not seen. Raises SettingWrong where
    there would be more than MOST_MAPS.
    """
    heads = [name for name in changes if is_head(name)]
    gone = [name for name in heads if changes[name] is None]
    facts, seen = tuple(f"{name}." for name in gone), {_SEEN + name.removeprefix(BEGINNING) for name in gone}
    after = {
        name: value
        for name, value in settings.items()
        if not gone or not (name.startswith(facts) or name in seen)
    }
    if heads and (n := sum(value is not None for name, value in after.items() if is_head(name))) > MOST_MAPS:
        raise SettingWrong(setting="maps", value=n, allowed=f"<= {MOST_MAPS}")
    return after


def _board(id_: str, told: Mapping[str, Mapping[str, Any]], reader: Reader) -> Board | None:
    head = told.get("", {}).get("")
    if head is None or not isinstance(head.get("name"), str):
        return None
    begun = area(id_)
    lanes = _each(f"{begun}.lane.", told.get("lane", {}), lane_from_json, reader)
    personas = _each(f"{begun}.persona.", told.get("persona", {}), persona_from_json, reader)
    cards = _each(f"{begun}.card.", told.get("card", {}), card_from_json, reader)
    felt = {who: curve for who, one in told.get("felt", {}).items() if (curve := _curve(one))}
    return Board(
        id=id_,
        name=_said(head["name"]),
        at=moment_from_json(head.get("at")),
        by=_said(head.get("by", "")),
        version="to_be" if head.get("version") == "to_be" else "as_is",
        of=_said(head.get("of", "")),
        template=_said(head.get("template", "")),
        lanes=lanes,
        personas=personas,
        cards=cards,
        felt={EVERYBODY if who == ALL else who: curve for who, curve in felt.items()},
    )


def _said(told: Any) -> str:
    """A text of a head, which a file may have brought: not endless, and without halves of characters."""
    return _HALF.sub("\ufffd", str(told)[:LONGEST_NAME])


def _each(
    begun: str, told: Mapping[str, Any], read: Callable[[Mapping[str, Any]], One], reader: Reader
) -> dict[str, One]:
    def fact(key: str) -> One | None:
        try:
            return read({**told[key], "id": key})
        except JourneyError:
            return None  # another version may have written it; it stays in the settings as it is

    found = {key: reader.part(f"{begun}{key}", one, partial(fact, key)) for key, one in told.items()}
    return {key: one for key, one in found.items() if one is not None}


def _curve(told: Mapping[str, Any]) -> dict[str, float]:
    return {stage: float(value) for stage, value in told.items() if is_felt(stage, value)}


def _head(board: Board) -> dict[str, Any]:
    return {
        "name": board.name,
        "version": board.version,
        "of": board.of,
        "template": board.template,
        "at": board.at.isoformat(),
        "by": board.by,
    }


def _parts(board: Board) -> dict[str, Part]:
    begun = area(board.id)
    return {
        **{f"{begun}.lane.{id_}": lane for id_, lane in board.lanes.items()},
        **{f"{begun}.persona.{id_}": persona for id_, persona in board.personas.items()},
        **{f"{begun}.card.{id_}": card for id_, card in board.cards.items()},
        **{f"{begun}.felt.{who or ALL}": curve for who, curve in board.felt.items()},
    }


def _fact(part: Part) -> dict[str, Any]:
    if isinstance(part, Mapping):
        return dict(part)
    told = card_to_json(part) if isinstance(part, Card) else dataclasses.asdict(part)
    return {name: value for name, value in told.items() if name != "id"}
