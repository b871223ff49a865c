"""The journey map: stages across, lanes down, cards in the cells, and the edits that people make on them.

The improvements are drawn by it too, as cards in columns; docs/adr/0025-boards.md says why.

Python to browser, the model (ui/journey_map_model.py builds it)::

    {"language": "ko"|"en", "map": id, "revision": int, "number": int, "can_undo": bool, "can_redo": bool,
     "read_only": bool, "fixed": bool (cards only go from place to place), "mode": "board"|"present",
     "at": which stage is presented,
     "stages": [{"id", "name", "colour", "lost": bool, "head": [metric]}],
     "lanes": [{"id", "kind", "key", "name": "" when it is called by its kind, "hidden", "hints": {stage id:
               guiding question}}],                                        in order, hidden ones too
     "cards": [{"id", "lane", "stage", "key", "text", "colour", "tags", "owner", "status", "persona",
                "evidence": "measured"|"partly"|"assumed", "figure": None | {"text", "n_text", "changed",
                "was_text"}, "link_text", "source_text", "marks": [{"icon", "text"}],
                "due": None | {"text", "late": bool},
                "more": {field: value} that a copy takes along and nobody sees on the board}],
     "cells": {"<lane id>|<stage id>": evidence}, "kpi": {stage id: [metric]},
     "personas": [{"id", "name", "colour"}], "persona": id of the one shown, or "",
     "curve": {"felt", "other", "measured"}, "colours": ["#rrggbb"], "statuses": [{"id", "name"}],
     "owners": [names used so far]}

Browser to Python, parcels as ui.components.board_queue has them, with the ops of journey.stages.board_edits
and ``undo`` and ``redo``; the browser makes up ids and order keys. Who wrote a card, and when, is not taken
from it. Besides, two wishes: to open a card, and to see the quotes behind a gap of the curve at a stage.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from journey.charts.bound_words import evidence_name
from journey.i18n import text
from journey.stages.board import KINDS
from journey.stages.board_edits import CARD_FIELDS, LANE_FIELDS, PERSONA_FIELDS
from journey.stages.evidence import LEVELS
from ui.components import board_queue
from ui.components.board_queue import Op, Parcel

__all__ = ["clean_parcel", "journey_board", "shared_words"]

_HERE = Path(__file__).parent
_SCRIPTS = (
    "icons",
    "model",
    "heads",
    "curve_shapes",
    "curve_drawing",
    "curve",
    "present",
    "drawing",
    "cards",
    "edits",
    "writing",
    "choices",
    "pointer",
    "keyboard",
    "clipboard",
    "board",
)
_STYLES = ("board", "heads", "curve", "present")

# Sent inline, so that an installed and a plain tree go the same way: docs/adr/0003-stage-board-component.md.
_mount = st.components.v2.component(
    "journey_lab_journey_board",
    js=board_queue.script(*(_HERE / f"{name}.js" for name in _SCRIPTS)),
    css=board_queue.style(*(_HERE / f"{name}.css" for name in _STYLES)),
)

_MOST_EDITS = 1_000
_PLACE = ("id", "lane", "stage", "key")
# What Python knows better than a browser: who wrote a card, and when.
_TOLD = ("at", "by")

Fields = Mapping[str, Callable[[Any], bool]]


def journey_board(
    model: Mapping[str, Any],
    *,
    key: str,
    on_ops: Callable[[str, list[Op]], Mapping[int, str] | None],
    seen: Callable[[str], int],
    on_open: Callable[[str], None],
    on_gap: Callable[[str], None],
) -> None:
    """Draw the map and hand its edits over before the next run draws anything.

    `on_ops` and `seen` are as in ui.components.board_queue.handing_over. `on_open` gets the id of a card that
    somebody wants to see in full, `on_gap` the id of a stage whose quotes are wanted; both are callbacks.
    """
    language = model["language"]
    extra = board_queue.extra(key, "journey_board", language)
    _mount(
        key=key,
        data={**model, **extra, "words": extra["words"] | shared_words(language)},
        on_ops_change=board_queue.handing_over(key, language, clean_parcel, on_ops, seen),
        on_open_change=_wishing(key, "open", on_open),
        on_gap_change=_wishing(key, "gap", on_gap),
    )


def shared_words(language: str) -> dict[str, str]:
    """What the board says in words that other pages of the map say too, by the names it has for them."""
    lanes = {f"lane_{kind}": text(f"journey_map.lane_{kind}", language) for kind in KINDS}
    levels = {level: evidence_name(level, language) for level in LEVELS}
    return lanes | levels | {"everybody": text("journey_map.everybody", language)}


def _wishing(key: str, name: str, told: Callable[[str], None]) -> Callable[[], None]:
    def wish() -> None:
        value = board_queue.sent(key, name)
        if isinstance(value, str) and 0 < len(value) <= 64:
            told(value)

    return wish


def clean_parcel(payload: object) -> Parcel | None:
    """What can be trusted of a payload from the browser; None when nothing can.

    Only known edits with every field of the right make come through, each with its own fields alone; one that
    holds several is taken with all of them or not at all.
    """
    return board_queue.clean_parcel(payload, _clean_op)


def _clean_op(raw: Mapping[str, Any]) -> Op | None:
    name = raw.get("op")
    if name in ("undo", "redo"):
        return {"op": name}
    if name != "many":
        return _clean_edit(raw)
    edits = raw.get("edits")
    if not isinstance(edits, list | tuple) or not 0 < len(edits) <= _MOST_EDITS:
        return None
    clean = [_clean_edit(one) if isinstance(one, Mapping) else None for one in edits]
    return None if None in clean else {"op": "many", "edits": clean}


def _clean_edit(raw: Mapping[str, Any]) -> Op | None:
    name = raw.get("op")
    make = _EDITS.get(name) if isinstance(name, str) else None
    fields = None if make is None else make(raw)
    return None if fields is None else {"op": name, **fields}


def _whole(what: str, known: Fields, needed: tuple[str, ...]) -> Callable[[Mapping[str, Any]], Op | None]:
    """The maker of an edit that adds something of which these fields must be told."""

    def clean(raw: Mapping[str, Any]) -> Op | None:
        fields = _fields(raw.get(what), known, _TOLD)
        if fields is None or any(name not in fields for name in needed):
            return None
        return {what: fields}

    return clean


def _some(known: Fields, but: tuple[str, ...]) -> Callable[[Mapping[str, Any]], Op | None]:
    """The maker of an edit that sets some fields of what has this id."""

    def clean(raw: Mapping[str, Any]) -> Op | None:
        fields = _fields(raw.get("fields"), known, (*but, *_TOLD))
        if not fields or not known["id"](raw.get("id")):
            return None
        return {"id": raw["id"], "fields": fields}

    return clean


def _just(known: Fields, *names: str) -> Callable[[Mapping[str, Any]], Op | None]:
    """The maker of an edit that has exactly these fields."""

    def clean(raw: Mapping[str, Any]) -> Op | None:
        told = {name: raw.get(name) for name in names}
        return told if all(known[name](value) for name, value in told.items()) else None

    return clean


def _fields(told: object, known: Fields, but: tuple[str, ...]) -> dict[str, Any] | None:
    """The fields that are known, without what else is told; None where one of them is of the wrong make."""
    if not isinstance(told, Mapping):
        return None
    fields = {name: told[name] for name in known if name in told and name not in but}
    return fields if all(known[name](value) for name, value in fields.items()) else None


def _is_feeling(value: object) -> bool:
    if value is None:
        return True
    return isinstance(value, int | float) and not isinstance(value, bool) and -2 <= value <= 2


_EDITS: dict[str, Callable[[Mapping[str, Any]], Op | None]] = {
    "add_card": _whole("card", CARD_FIELDS, _PLACE),
    "set_card": _some(CARD_FIELDS, _PLACE),
    "move_card": _just(CARD_FIELDS, "id", "lane", "stage", "key"),
    "remove_card": _just(CARD_FIELDS, "id"),
    "add_lane": _whole("lane", LANE_FIELDS, ("id", "kind", "key")),
    "set_lane": _some(LANE_FIELDS, ("id", "kind")),
    "remove_lane": _just(LANE_FIELDS, "id"),
    "add_persona": _whole("persona", PERSONA_FIELDS, ("id", "name", "key")),
    "set_persona": _some(PERSONA_FIELDS, ("id",)),
    "remove_persona": _just(PERSONA_FIELDS, "id"),
    "feel": _just(
        {"persona": CARD_FIELDS["persona"], "stage": CARD_FIELDS["stage"], "value": _is_feeling},
        *("persona", "stage", "value"),
    ),
    "set_map": lambda raw: (
        None
        if not (fields := _fields(raw.get("fields"), {"name": LANE_FIELDS["name"]}, ()))
        else {"fields": fields}
    ),
}
