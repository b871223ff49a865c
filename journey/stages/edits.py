"""One edit of the board, as the JSON object that the browser sends, applied to a stage map."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from journey.errors import SettingWrong, StageMapWrong
from journey.i18n import LANGUAGES
from journey.stages.search import found
from journey.stages.stage_map import TRAY, StageMap
from journey.stages.suggest import suggest
from journey.stages.templates import from_template

__all__ = ["OPS", "apply"]

# Every edit and the keys it may carry; those after the bar may be missing.
OPS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "place": (("event", "to"), ()),
    "place_many": (("events", "to"), ()),
    "place_found": (("text", "to"), ()),
    "add_rule": (("pattern", "to"), ("at",)),
    "move_rule": (("pattern", "to"), ()),
    "remove_rule": (("pattern",), ()),
    "add_stage": (("name",), ("id", "at", "colour")),
    "rename_stage": (("stage", "name"), ()),
    "move_stage": (("stage", "at"), ()),
    "remove_stage": (("stage",), ()),
    "recolour": (("stage", "colour"), ()),
    "set_goal": (("stage",), ()),
    "template": (("template",), ("language", "suggest")),
    "replace": (("map",), ()),
}


def apply(
    stage_map: StageMap,
    op: Mapping[str, Any],
    event_names: Iterable[str] = (),
    rows: Iterable[int] | None = None,
) -> StageMap:
    """The map after this edit; the given map stays as it is.

    `event_names` are what `place_found` searches and (with their `rows`) what a template with `suggest`
    places. An op that is none raises
    SettingWrong; keys that stand beside the op's own, such as a sequence number, are left alone.
    """
    name = op.get("op")
    if not isinstance(name, str) or name not in OPS:
        raise SettingWrong(setting="op", value=name, allowed=", ".join(OPS))
    missing = [key for key in OPS[name][0] if key not in op]
    if missing:
        raise SettingWrong(setting=name, value="–", allowed=", ".join(missing))
    match name:
        case "place":
            return stage_map.put([_text(op, "event")], _place(op["to"]))
        case "place_many":
            events = op["events"]
            if not isinstance(events, list | tuple) or not all(isinstance(event, str) for event in events):
                raise SettingWrong(setting="events", value=events, allowed='["…"]')
            return stage_map.put(events, _place(op["to"]))
        case "place_found":
            return stage_map.put(found(event_names, _text(op, "text")), _place(op["to"]))
        case "add_rule":
            return stage_map.add_rule(_text(op, "pattern"), _place(op["to"]), at=op.get("at"))
        case "move_rule":
            return stage_map.move_rule(_text(op, "pattern"), _place(op["to"]))
        case "remove_rule":
            return stage_map.remove_rule(_text(op, "pattern"))
        case "add_stage":
            return stage_map.add_stage(op["name"], colour=op.get("colour"), at=op.get("at"), id=op.get("id"))
        case "rename_stage":
            return stage_map.rename_stage(_text(op, "stage"), op["name"])
        case "move_stage":
            return stage_map.move_stage(_text(op, "stage"), op["at"])
        case "remove_stage":
            return stage_map.remove_stage(_text(op, "stage"))
        case "recolour":
            return stage_map.recolour(_text(op, "stage"), op["colour"])
        case "set_goal":
            return stage_map.set_goal(None if op["stage"] is None else _text(op, "stage"))
        case "template":
            return _template(op, list(event_names), None if rows is None else list(rows))
        case _:
            return _replacement(op["map"])


def _text(op: Mapping[str, Any], key: str) -> str:
    value = op[key]
    if not isinstance(value, str):
        raise SettingWrong(setting=key, value=value, allowed='"…"')
    return value


def _place(to: Any) -> str:
    """`to` as StageMap.put takes it: a stage id, the tray, or "" for the bin."""
    if not isinstance(to, str) or not to:
        raise SettingWrong(setting="to", value=to, allowed="s1, …, tray, bin")
    return {"tray": TRAY, "bin": ""}.get(to, to)


def _template(op: Mapping[str, Any], event_names: list[str], rows: list[int] | None) -> StageMap:
    language = op.get("language", "en")
    if language not in LANGUAGES:
        raise SettingWrong(setting="language", value=language, allowed=", ".join(LANGUAGES))
    template = _text(op, "template")
    if op.get("suggest", False):
        return suggest(event_names, rows, language=language, template=template).stage_map
    return from_template(template, language)


def _replacement(content: Any) -> StageMap:
    if isinstance(content, StageMap):
        return content
    if not isinstance(content, Mapping):
        raise StageMapWrong(detail="map")
    return StageMap.from_json(json.dumps(content, ensure_ascii=False))
