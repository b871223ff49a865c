"""The board of stages: one column a stage, one card an event, and the edits that people make on it.

The board in the browser (board.js) draws a change at once and keeps it in a queue until Python has
acknowledged it, so quick drops during a slow run are neither lost nor done twice.

Python to browser, the model (build it with `board_model`)::

    {"language": "ko"|"en",
     "stages": [{"id", "name", "colour": "#rrggbb", "goal": bool,
                 "reach": int|None, "reach_share": 0..1|None, "drop_off": 0..1|None, "events": [card]}],
     "tray": [card], "bin": [card],        card = {"event", "customers", "rows", "confidence": 0..1|None}
                                           of a rule = {"rule": pattern, "names": int, "customers": int|None,
                                                        "rows", "confidence"}
     "hidden": {"tray"|"bin"|stage id: int},    events that were not sent because there are too many
     "found": None | {"text", "total", "pattern": str|None, "places": {place: int},
                      "cards": {place: [card, with "by": pattern of the rule that places it | None]}},
     "goal_fixed": bool,                   the goal was chosen; otherwise it is the last stage
     "can_undo": bool, "can_redo": bool, "palette": ["#rrggbb"], "most_stages": int,
     "revision": int, "number": int}      how many changes and how many edits the project had then

`stage_board` adds ``board`` (its key: a board that comes back from another page goes on with what was not
saved then), ``words`` (the sentences of the catalogue file `board`), ``ack`` ({client: seq}), ``heard``
({"client", "n", "refused": {seq: why}}: the last parcel that was handed to `on_ops`) and ``problem`` (why the
parcel that came after it could not be kept, or "").

Events that a rule places stand in the rule's card. A search looks among all names: the board sends its
text as the state ``find`` once nobody has typed for a moment, and `found` answers it, with the cards of
events that have none otherwise, and the pattern of a rule that takes just what was found, if there is one.

Browser to Python, a parcel: ``{"client": random id of this board, "n": number of the parcel, "ops": [{"seq",
"op", ...}]}``. It holds every op that is not acknowledged yet, oldest first, so ops come more than once:
whoever applies them skips `seq` <= the last one seen of that client. Ops are those of journey.stages.edits
(place, place_many, place_found, add_rule, move_rule, remove_rule, add_stage with the id the board chose,
rename_stage, move_stage, remove_stage, recolour, set_goal) and ``undo`` and ``redo``. Placing a card where
it already is says that the guess was right. Each op says with ``base`` which revision its maker had before
their eyes, so that what somebody else did to the same thing since is told to both.
An op that was refused is either acknowledged and named in the answer of `on_ops`, or not acknowledged though
it was heard; either way the board takes it back and says so. If `on_ops` raises NotStored, the parcel was not
heard: the board says why and sends it again until it is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import streamlit as st

from journey.stages.search import found, rule_for
from journey.theme import STAGE_COLOURS
from ui.components import board_queue
from ui.components.board_queue import Op, Parcel

__all__ = ["Parcel", "board_model", "clean_parcel", "searched", "stage_board"]

_HERE = Path(__file__).parent
_SCRIPTS = ("model", "drawing", "edits", "pointer", "keyboard", "board")

# Sent inline, so that an installed and a plain tree go the same way: docs/adr/0003-stage-board-component.md.
_mount = st.components.v2.component(
    "journey_lab_stage_board",
    js=board_queue.script(*(_HERE / f"{name}.js" for name in _SCRIPTS)),
    css=board_queue.style(_HERE / "board.css"),
)

_MOST_EVENTS = 70_000
_LONGEST_EVENT = 10_000
_LONGEST_NAME = 200
_LONGEST_SEARCH = 200
_STAGE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class _Stage(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def colour(self) -> str: ...


def stage_board(
    model: Mapping[str, Any],
    *,
    key: str,
    on_ops: Callable[[str, list[Op]], Mapping[int, str] | None],
    seen: Callable[[str], int],
) -> None:
    """Draw the board and hand its edits over before the next run draws anything.

    `on_ops(client, ops)` applies those with a `seq` above `seen(client)` and keeps how far it got; it is
    called as a callback, ahead of the script. It may answer {seq: sentence} for the ops it refused.
    `seen(client)` is the last `seq` applied, 0 for a new client. Either may raise NotStored.
    """
    extra = board_queue.extra(key, "board", model["language"])
    _mount(
        key=key,
        data={**model, **extra},
        on_ops_change=board_queue.handing_over(key, model["language"], clean_parcel, on_ops, seen),
        on_find_change=_run_again,
    )


def searched(key: str) -> str:
    """What is typed into the search of the board of this key; empty when it is nothing that can be found."""
    text = board_queue.sent(key, "find")
    return text if _is_search(text) else ""


def _run_again() -> None:
    """A search changes nothing; the run that follows answers it."""


def board_model(
    stages: Sequence[_Stage],
    places: Mapping[str, str],
    counts: Mapping[str, tuple[int, int]],
    *,
    language: str,
    reach: Iterable[Mapping[str, Any]] = (),
    confidence: Mapping[str, float] | None = None,
    rules: Mapping[str, str] | None = None,
    rule_customers: Mapping[str, int] | None = None,
    find: str = "",
    goal: str | None = None,
    can_undo: bool = False,
    can_redo: bool = False,
    revision: int = 0,
    number: int = 0,
    most_stages: int = 12,
    most_cards: int = 200,
) -> dict[str, Any]:
    """What the board shows: every event of `counts` as a card in its place, those of a rule as one card.

    `places` says "tray", "bin" or a stage id for each event (missing: tray), `rules` the pattern of the
    rule that places it, if one does. `counts` is event -> (customers, rows); `rule_customers` is pattern ->
    distinct customers, where they were counted. `reach` has one row a stage, in their order, with customers,
    share and drop_off (NaN: cannot be computed). `confidence` holds only events and patterns placed by the
    guess. At most `most_cards` events are sent a place, those with the most customers, and as many rules,
    those with the most rows; `hidden` counts the events left out. `find` is what is searched. `goal` None:
    the last stage.
    """
    confidence, rules = confidence or {}, rules or {}
    known = {stage.id for stage in stages}

    def place_of(event: str) -> str:
        place = places.get(event, "tray")
        return place if place in known or place == "bin" else "tray"

    def card(event: str) -> dict[str, Any]:
        customers, rows = counts[event]
        sure = _number(confidence.get(rules.get(event, event)))
        return {"event": event, "customers": int(customers), "rows": int(rows), "confidence": sure}

    events: dict[str, list[str]] = {place: [] for place in ("tray", "bin", *known)}
    ruled: dict[str, list[str]] = {}
    for event in counts:
        if event in rules:
            ruled.setdefault(rules[event], []).append(event)
        else:
            events[place_of(event)].append(event)
    by_rule: dict[str, list[dict[str, Any]]] = {place: [] for place in events}
    for pattern, members in ruled.items():
        customers = (rule_customers or {}).get(pattern)
        by_rule[place_of(members[0])].append(
            {
                "rule": pattern,
                "names": len(members),
                "customers": None if customers is None else int(customers),
                "rows": sum(int(counts[event][1]) for event in members),
                "confidence": _number(confidence.get(pattern)),
            }
        )

    def largest(names: list[str]) -> list[str]:
        return sorted(names, key=lambda name: (-counts[name][0], -counts[name][1], name))[:most_cards]

    hidden: dict[str, int] = {}
    cards: dict[str, list[dict[str, Any]]] = {}
    for place, names in events.items():
        sent_rules = sorted(by_rule[place], key=lambda rule: (-rule["rows"], rule["rule"]))
        left_out = max(0, len(names) - most_cards) + sum(rule["names"] for rule in sent_rules[most_cards:])
        if left_out:
            hidden[place] = left_out
        cards[place] = sent_rules[:most_cards] + [card(name) for name in largest(names)]
    answer = None
    if find:
        matching: dict[str, list[str]] = {}
        hits = found(counts, find)
        for name in hits:
            matching.setdefault(place_of(name), []).append(name)
        answer = {
            "text": find,
            "total": len(hits),
            "pattern": rule_for(list(counts), find),
            "places": {place: len(names) for place, names in matching.items()},
            "cards": {
                place: [card(name) | {"by": rules.get(name)} for name in largest(names)]
                for place, names in matching.items()
            },
        }
    reached = list(reach)
    goal_id = goal if goal in known else stages[-1].id if stages else None
    columns = []
    for position, stage in enumerate(stages):
        row = reached[position] if position < len(reached) else {}
        customers = _number(row.get("customers"))
        columns.append(
            {
                "id": stage.id,
                "name": stage.name,
                "colour": stage.colour,
                "goal": stage.id == goal_id,
                "reach": None if customers is None else int(customers),
                "reach_share": _number(row.get("share")),
                "drop_off": _number(row.get("drop_off")),
                "events": cards[stage.id],
            }
        )
    return {
        "language": language,
        "stages": columns,
        "tray": cards["tray"],
        "bin": cards["bin"],
        "hidden": hidden,
        "found": answer,
        "goal_fixed": goal in known,
        "can_undo": can_undo,
        "can_redo": can_redo,
        "revision": revision,
        "number": number,
        "palette": list(STAGE_COLOURS),
        "most_stages": most_stages,
    }


def clean_parcel(payload: object) -> Parcel | None:
    """What can be trusted of a payload from the browser; None when nothing can.

    Only known ops with every field of the right type and a sensible size come through, each with exactly its
    own fields, in ascending order of `seq`; what else is in there is left out. At most 200 ops, the oldest.
    """
    return board_queue.clean_parcel(payload, _clean_op)


def _clean_op(raw: Mapping[str, Any]) -> Op | None:
    name = raw.get("op")
    fields = _FIELDS.get(name) if isinstance(name, str) else None
    if fields is None or not all(fits(raw.get(field)) for field, fits in fields.items()):
        return None
    op = {"op": name} | {field: raw.get(field) for field in fields}
    if "events" in op:
        op["events"] = list(dict.fromkeys(op["events"]))
    return op


def _is_text(value: object, longest: int) -> bool:
    """A text that can be stored: not empty, not endless, and no half of a surrogate pair."""
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        return False
    return not any("\ud800" <= char <= "\udfff" for char in value)


def _is_event(value: object) -> bool:
    return _is_text(value, _LONGEST_EVENT)


def _are_events(value: object) -> bool:
    return isinstance(value, list | tuple) and 0 < len(value) <= _MOST_EVENTS and all(map(_is_event, value))


def _is_search(value: object) -> bool:
    return _is_text(value, _LONGEST_SEARCH)


def _is_name(value: object) -> bool:
    return _is_text(value, _LONGEST_NAME)


def _is_stage(value: object) -> bool:
    return isinstance(value, str) and bool(_STAGE_ID.fullmatch(value)) and value not in ("tray", "bin")


def _is_place(value: object) -> bool:
    return value in ("tray", "bin") if isinstance(value, str) and not _is_stage(value) else _is_stage(value)


def _is_position(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 100


def _is_colour(value: object) -> bool:
    return isinstance(value, str) and bool(_COLOUR.fullmatch(value))


def _or_none(fits: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: value is None or fits(value)


_FIELDS: dict[str, dict[str, Callable[[object], bool]]] = {
    "place": {"event": _is_event, "to": _is_place},
    "place_many": {"events": _are_events, "to": _is_place},
    "place_found": {"text": _is_search, "to": _is_place},
    "add_rule": {"pattern": _is_event, "to": _is_place, "at": _or_none(_is_position)},
    "move_rule": {"pattern": _is_event, "to": _is_place},
    "remove_rule": {"pattern": _is_event},
    "add_stage": {"name": _is_name, "id": _is_stage, "at": _or_none(_is_position)},
    "rename_stage": {"stage": _is_stage, "name": _is_name},
    "move_stage": {"stage": _is_stage, "at": _is_position},
    "remove_stage": {"stage": _is_stage},
    "recolour": {"stage": _is_stage, "colour": _is_colour},
    "set_goal": {"stage": _or_none(_is_stage)},
    "undo": {},
    "redo": {},
}


def _number(value: Any) -> float | None:
    """A number that JSON knows; None for missing and NaN."""
    if value is None:
        return None
    number = float(value)
    return number if math.isfinite(number) else None
