"""One edit of a journey map, as the JSON object that a browser sends, and the edit that takes it back.

    {"op": "add_card", "card": {"id", "lane", "stage", "key", ...}}     fields as in Card
    {"op": "set_card", "id", "fields": {...}}                          other fields of it, but not its place
    {"op": "move_card", "id", "lane", "stage", "key"}
    {"op": "remove_card", "id"}
    {"op": "add_lane", "lane": {"id", "kind", "key", "name", "hidden"}}
    {"op": "set_lane", "id", "fields": {"key", "name", "hidden"}}
    {"op": "remove_lane", "id"}                                        with its cards
    {"op": "add_persona", "persona": {"id", "name", "key", "saved"}}
    {"op": "set_persona", "id", "fields": {"key", "name", "saved"}}
    {"op": "remove_persona", "id"}                                     its cards stay, as cards of everybody
    {"op": "feel", "persona", "stage", "value": -2..+2 or None}        None takes the point away
    {"op": "set_map", "fields": {"name"}}
    {"op": "many", "edits": [...]}                                     several as one, all or none

A field names what it says and nothing else: who moves a card leaves alone what somebody else writes on it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from journey.errors import MapPartGone, SettingWrong
from journey.stages.board import (
    ALL,
    EVERYBODY,
    KINDS,
    LARGEST_POINTS,
    LINKS,
    LONGEST_NAME,
    LONGEST_TEXT,
    MOST_CARDS,
    MOST_LANES,
    MOST_PERSONAS,
    MOST_TAGS,
    STATES,
    STATUSES,
    Board,
    Card,
    Lane,
    MapPersona,
)

__all__ = [
    "OPS",
    "apply",
    "card_from_json",
    "card_to_json",
    "inverse",
    "is_felt",
    "lane_from_json",
    "persona_from_json",
]

Op = Mapping[str, Any]

OPS = (
    "add_card",
    "set_card",
    "move_card",
    "remove_card",
    "add_lane",
    "set_lane",
    "remove_lane",
    "add_persona",
    "set_persona",
    "remove_persona",
    "feel",
    "set_map",
    "many",
)
_ID = re.compile(r"[a-z0-9]{1,32}")
_KEY = re.compile(r"[0-9a-z]{1,200}")
_COLOUR = re.compile(r"(#[0-9a-fA-F]{6})?")
_PLACE = frozenset({"id", "lane", "stage", "key"})
_OF_A_CARD = tuple(one.name for one in dataclasses.fields(Card))
_HALF = re.compile("[\ud800-\udfff]")
_MOST_EDITS = 2_000
_LONGEST_STAGE = 64
_LONGEST_VALUE = 10_000


def apply(board: Board, op: Op) -> Board:
    """The map after this edit; the given one stays as it is.

    Raises MapPartGone where a card, lane or persona that it names is not there (any more), and SettingWrong
    for what is no edit or says what cannot be.
    """
    match _kind(op):
        case "add_card":
            card = card_from_json(_mapping(op, "card"))
            _new(card.id, board.cards, "cards", MOST_CARDS)
            _have(board.lanes, card.lane, "lane")
            return replace(board, cards={**board.cards, card.id: card})
        case "set_card":
            card = _have(board.cards, op.get("id"), "card")
            fields = _fields(op, CARD_FIELDS, but=_PLACE)
            return replace(board, cards={**board.cards, card.id: replace(card, **fields)})
        case "move_card":
            card = _have(board.cards, op.get("id"), "card")
            place = _checked({name: op.get(name) for name in ("lane", "stage", "key")}, CARD_FIELDS)
            _have(board.lanes, place["lane"], "lane")
            return replace(board, cards={**board.cards, card.id: replace(card, **place)})
        case "remove_card":
            return replace(board, cards=_without(board.cards, op.get("id"), "card"))
        case "add_lane":
            lane = lane_from_json(_mapping(op, "lane"))
            _new(lane.id, board.lanes, "lanes", MOST_LANES)
            return replace(board, lanes={**board.lanes, lane.id: lane})
        case "set_lane":
            lane = _have(board.lanes, op.get("id"), "lane")
            fields = _fields(op, LANE_FIELDS, but={"id", "kind"})
            return replace(board, lanes={**board.lanes, lane.id: replace(lane, **fields)})
        case "remove_lane":
            lanes = _without(board.lanes, op.get("id"), "lane")
            cards = {id_: card for id_, card in board.cards.items() if card.lane in lanes}
            return replace(board, lanes=lanes, cards=cards)
        case "add_persona":
            persona = persona_from_json(_mapping(op, "persona"))
            _new(persona.id, board.personas, "personas", MOST_PERSONAS)
            return replace(board, personas={**board.personas, persona.id: persona})
        case "set_persona":
            persona = _have(board.personas, op.get("id"), "persona")
            fields = _fields(op, PERSONA_FIELDS, but={"id"})
            return replace(board, personas={**board.personas, persona.id: replace(persona, **fields)})
        case "remove_persona":
            return _without_persona(board, op.get("id"))
        case "feel":
            return _felt(board, op)
        case "set_map":
            return replace(board, **_fields(op, {"name": _is_name}))
        case _:
            for edit in _edits(op):
                board = apply(board, edit)
            return board


def inverse(board: Board, op: Op) -> dict[str, Any]:
    """The edit that leads from `apply(board, op)` back to `board`; raises what `apply` raises."""
    after = apply(board, op)
    match _kind(op):
        case "add_card":
            return {"op": "remove_card", "id": op["card"]["id"]}
        case "set_card":
            told = card_to_json(board.cards[op["id"]], whole=True)
            return {**op, "fields": {name: told[name] for name in op["fields"]}}
        case "move_card":
            card = board.cards[op["id"]]
            return {"op": "move_card", "id": card.id, "lane": card.lane, "stage": card.stage, "key": card.key}
        case "remove_card":
            return {"op": "add_card", "card": card_to_json(board.cards[op["id"]])}
        case "add_lane":
            return {"op": "remove_lane", "id": op["lane"]["id"]}
        case "set_lane":
            lane = board.lanes[op["id"]]
            return {**op, "fields": {name: getattr(lane, name) for name in op["fields"]}}
        case "remove_lane":
            gone = [card for id_, card in board.cards.items() if id_ not in after.cards]
            back = [{"op": "add_lane", "lane": dataclasses.asdict(board.lanes[op["id"]])}]
            return _many([*back, *({"op": "add_card", "card": card_to_json(card)} for card in gone)])
        case "add_persona":
            return _persona_away(board, op["persona"]["id"])
        case "set_persona":
            persona = board.personas[op["id"]]
            return {**op, "fields": {name: getattr(persona, name) for name in op["fields"]}}
        case "remove_persona":
            return _persona_back(board, op["id"])
        case "feel":
            before = board.felt.get(op["persona"], {}).get(op["stage"])
            return {**op, "value": before}
        case "set_map":
            return {**op, "fields": {name: getattr(board, name) for name in op["fields"]}}
        case _:
            back = []
            for edit in op["edits"]:
                back.append(inverse(board, edit))
                board = apply(board, edit)
            return _many(back[::-1])


def card_from_json(told: Mapping[str, Any]) -> Card:
    """The card that an object of JSON tells of; raises SettingWrong for a field that is none or is wrong."""
    fields: dict[str, Any] = _checked(told, CARD_FIELDS, needed=tuple(sorted(_PLACE)))
    return Card(**fields)


def lane_from_json(told: Mapping[str, Any]) -> Lane:
    """The lane that an object of JSON tells of, by the same rules."""
    return Lane(**_checked(told, LANE_FIELDS, needed=("id", "kind", "key")))


def persona_from_json(told: Mapping[str, Any]) -> MapPersona:
    """The persona that an object of JSON tells of, by the same rules."""
    return MapPersona(**_checked(told, PERSONA_FIELDS, needed=("id", "name", "key")))


def is_felt(stage: Any, value: Any) -> bool:
    """Can this be how somebody feels at a stage?"""
    return _is_stage(stage) and _is_feeling(value)


def card_to_json(card: Card, *, whole: bool = False) -> dict[str, Any]:
    """The card as JSON has it, without the fields that say nothing, unless the whole is asked for."""
    told = {name: getattr(card, name) for name in _OF_A_CARD}
    told["tags"] = list(card.tags)
    told |= {name: dict(told[name]) for name in ("link", "source", "measure")}
    return {name: value for name, value in told.items() if whole or value or name in _PLACE}


# ---- the edits ------------------------------------------------------------------------------------------


def _without_persona(board: Board, id_: Any) -> Board:
    personas = _without(board.personas, id_, "persona")
    cards = {
        key: replace(card, persona=EVERYBODY) if card.persona == id_ else card
        for key, card in board.cards.items()
    }
    felt = {who: curve for who, curve in board.felt.items() if who != id_}
    return replace(board, personas=personas, cards=cards, felt=felt)


def _persona_away(board: Board, id_: str) -> dict[str, Any]:
    """What takes back that a persona came: cards that named one that was not there name it again."""
    gone = {"op": "remove_persona", "id": id_}
    theirs = [card.id for card in board.cards.values() if card.persona == id_]
    back = [{"op": "set_card", "id": card, "fields": {"persona": id_}} for card in theirs]
    return _many([gone, *back]) if back else gone


def _persona_back(board: Board, id_: str) -> dict[str, Any]:
    theirs = [card.id for card in board.cards.values() if card.persona == id_]
    curve = board.felt.get(id_, {})
    return _many(
        [
            {"op": "add_persona", "persona": dataclasses.asdict(board.personas[id_])},
            *({"op": "set_card", "id": card, "fields": {"persona": id_}} for card in theirs),
            *({"op": "feel", "persona": id_, "stage": at, "value": value} for at, value in curve.items()),
        ]
    )


def _felt(board: Board, op: Op) -> Board:
    who, stage, value = op.get("persona"), op.get("stage"), op.get("value")
    if who != EVERYBODY:
        _have(board.personas, who, "persona")
    if not _is_stage(stage):
        raise SettingWrong(setting="stage", value=str(stage)[:80], allowed="")
    if value is not None and not _is_feeling(value):
        raise SettingWrong(setting="value", value=str(value)[:80], allowed="-2..2")
    curve = {at: one for at, one in board.felt.get(str(who), {}).items() if at != stage}
    if value is not None:
        curve[str(stage)] = float(value)
    felt = {key: one for key, one in board.felt.items() if key != who}
    return replace(board, felt={**felt, str(who): curve} if curve else felt)


def _many(edits: list[dict[str, Any]]) -> dict[str, Any]:
    return {"op": "many", "edits": edits}


def _edits(op: Op) -> list[Op]:
    edits = op.get("edits")
    if not isinstance(edits, list | tuple) or len(edits) > _MOST_EDITS:
        raise SettingWrong(setting="edits", value="", allowed=f"<= {_MOST_EDITS}")
    return list(edits)


def _kind(op: Any) -> str:
    name = op.get("op") if isinstance(op, Mapping) else None
    if name not in OPS:
        raise SettingWrong(setting="op", value=str(name)[:80], allowed=", ".join(OPS))
    return str(name)


def _have(those: Mapping[str, Any], id_: Any, what: str) -> Any:
    if not isinstance(id_, str) or id_ not in those:
        raise MapPartGone(what=what)
    return those[id_]


def _without(those: Mapping[str, Any], id_: Any, what: str) -> dict[str, Any]:
    _have(those, id_, what)
    return {key: one for key, one in those.items() if key != id_}


def _new(id_: str, those: Mapping[str, Any], what: str, most: int) -> None:
    if id_ in those:
        raise SettingWrong(setting="id", value=id_, allowed="")
    if len(those) >= most:
        raise SettingWrong(setting=what, value=len(those) + 1, allowed=f"<= {most}")


# ---- what a field may hold ------------------------------------------------------------------------------


def _mapping(op: Op, key: str) -> Mapping[str, Any]:
    told = op.get(key)
    if not isinstance(told, Mapping):
        raise SettingWrong(setting=key, value="", allowed="{…}")
    return told


def _fields(op: Op, known: Mapping[str, Callable[[Any], bool]], but: Any = ()) -> dict[str, Any]:
    allowed = {name: fits for name, fits in known.items() if name not in but}
    return _checked(_mapping(op, "fields"), allowed)


def _checked(
    told: Mapping[str, Any], known: Mapping[str, Callable[[Any], bool]], needed: tuple[str, ...] = ()
) -> dict[str, Any]:
    missing = [name for name in needed if name not in told]
    if missing:
        raise SettingWrong(setting=missing[0], value="–", allowed=", ".join(needed))
    for name, value in told.items():
        if name not in known or not known[name](value):
            raise SettingWrong(setting=str(name)[:80], value=str(value)[:80], allowed=", ".join(known))
    return {name: tuple(value) if name == "tags" else value for name, value in told.items()}


def _is_text(value: Any, longest: int) -> bool:
    """A text that can be stored: not endless, and no half of a surrogate pair."""
    if not isinstance(value, str) or len(value) > longest:
        return False
    return value.isascii() or _HALF.search(value) is None


def _is_name(value: Any) -> bool:
    return _is_text(value, LONGEST_NAME)


def _is_long(value: Any) -> bool:
    return _is_text(value, LONGEST_TEXT)


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and bool(_ID.fullmatch(value))


def _is_persona(value: Any) -> bool:
    return _is_id(value) and value != ALL


def _is_id_or_none(value: Any) -> bool:
    return value == "" or _is_id(value)


def _is_key(value: Any) -> bool:
    return isinstance(value, str) and bool(_KEY.fullmatch(value)) and not value.endswith("0")


def _is_stage(value: Any) -> bool:
    return _is_text(value, _LONGEST_STAGE) and bool(value)


def _is_feeling(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -2 <= value <= 2


def _are_points(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_POINTS


def _are_tags(value: Any) -> bool:
    return (
        isinstance(value, list | tuple)
        and len(value) <= MOST_TAGS
        and all(_is_text(tag, 60) and tag for tag in value)
        and len(set(value)) == len(value)
    )


def _is_day(value: Any) -> bool:
    if value == "":
        return True
    try:
        return isinstance(value, str) and dt.date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_link(value: Any) -> bool:
    if not isinstance(value, Mapping) or not value:
        return isinstance(value, Mapping)
    return value.get("kind") in LINKS and _are_texts(value)


def _are_texts(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and len(value) <= 12
        and all(_is_text(name, 40) and _is_text(one, _LONGEST_VALUE) for name, one in value.items())
    )


CARD_FIELDS: Mapping[str, Callable[[Any], bool]] = {
    "id": _is_id,
    "lane": _is_id,
    "stage": _is_stage,
    "key": _is_key,
    "text": _is_long,
    "colour": lambda value: isinstance(value, str) and bool(_COLOUR.fullmatch(value)),
    "tags": _are_tags,
    "owner": _is_name,
    "status": lambda value: isinstance(value, str) and value in STATUSES,
    "persona": _is_id_or_none,
    "link": _is_link,
    "source": _are_texts,
    "parent": _is_id_or_none,
    "hypothesis": _is_long,
    "test": _is_id_or_none,
    "effort": _are_points,
    "impact": _are_points,
    "state": lambda value: isinstance(value, str) and value in STATES,
    "due": _is_day,
    "since": _is_day,
    "measure": _is_link,
    "at": lambda value: _is_text(value, 40),
    "by": _is_name,
}
LANE_FIELDS: Mapping[str, Callable[[Any], bool]] = {
    "id": _is_id,
    "kind": lambda value: isinstance(value, str) and value in KINDS,
    "key": _is_key,
    "name": _is_name,
    "hidden": lambda value: isinstance(value, bool),
}
PERSONA_FIELDS: Mapping[str, Callable[[Any], bool]] = {
    "id": _is_persona,
    "name": lambda value: _is_name(value) and bool(value),
    "key": _is_key,
    "saved": _is_id_or_none,
}
