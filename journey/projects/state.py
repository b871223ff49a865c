"""What a project is at one moment, and what one operation makes of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from journey.errors import ProjectFull, SettingWrong
from journey.events.log import EventLog
from journey.findings import Finding
from journey.projects import maps
from journey.projects.data_ref import DataRef, FileRef
from journey.stages import board_edits, edits
from journey.stages.stage_map import StageMap

__all__ = [
    "LARGEST_SETTINGS",
    "DataRef",
    "FileRef",
    "ProjectState",
    "canonical",
    "edited",
    "is_of_history",
    "is_personal",
    "plain_op",
    "written_size",
]

_SETTING = re.compile(r"[a-z][a-z0-9_.:-]{0,79}")
# Settings that say how somebody looks at the pages, and what they have seen there.
_PERSONAL = frozenset({"period", "where", "segment", "unit", "data.seen"})
_PERSONAL_BEGINNINGS = (
    "flows.",
    "reach.",
    "routes.",
    "funnel.",
    "friction.view.",
    "conformance.",
    "retention.",
    "comparison.",
    "drivers.",
    "kpi.view.",
    "notebook.view.",
    "segments.view.",
    "rfm.view.",
    "overlap.view.",
    "personas.view.",
    "experiment.view.",
    "planner.",
    "experiments_register.",
    "journey_map.",
    "conformance.",
    "improvements.",
)
# Settings that people write together: each change of them is an edit of the history.
_OF_HISTORY = ("notebook.", "experiment.", maps.BEGINNING)
_DEEPEST = 32
_LARGEST_OP = 8_000_000
# A setting may list every event name of a log.
_LARGEST_VALUE = 1_000_000
# What people wrote together, as one JSON text in UTF-8.
LARGEST_SETTINGS = 4_000_000
# How one of them looks at pages.
_LARGEST_OWN = 4_000_000


@dataclass(frozen=True)
class ProjectState:
    """The data, the stage map and the settings of a project after one of its edits.

    Two states are equal when these three are. `head` is the newest edit, and `revision` says when it was
    read and is what an edit gives as `expected` to be refused if somebody else changed the project since.
    Whether there is something to undo or redo is about the person who asks, and so it is for what they wrote
    in the notebook, which is taken back there (`Project.steps` tells it of a journey map); `told` is what an
    undo or a redo had to leave to others.
    """

    data: DataRef | None = None
    stage_map: StageMap = field(default_factory=StageMap)
    settings: Mapping[str, Any] = field(default_factory=dict)
    revision: int = field(default=0, compare=False)
    head: int = field(default=0, compare=False)
    can_undo: bool = field(default=False, compare=False)
    can_redo: bool = field(default=False, compare=False)
    can_undo_notebook: bool = field(default=False, compare=False)
    can_redo_notebook: bool = field(default=False, compare=False)
    told: tuple[Finding, ...] = field(default=(), compare=False)


def is_personal(setting: str) -> bool:
    """Is it each person's own: how they look at pages, not what the project is?"""
    return setting in _PERSONAL or setting.startswith(_PERSONAL_BEGINNINGS)


def is_of_history(setting: str) -> bool:
    """Is a change of it an edit like those of the stages?"""
    return setting.startswith(_OF_HISTORY) and not is_personal(setting)


def edited(state: ProjectState, op: Mapping[str, Any], log: Callable[[], EventLog | None]) -> ProjectState:
    """The state after one operation: `setting`, `settings`, `board`, `data`, or one of a stage map.

    {"op": "setting", "name": N, "value": V}; None takes the setting away
    {"op": "settings", "values": {N: V, ...}}; several as one edit. Of a journey
    map that is taken away nothing stays
    {"op": "board", "map": ID, "edit": one of journey.stages.board_edits}
    {"op": "data", "data": DataRef as JSON, "stages": stage map as JSON, or missing to keep the map};
    `added` and `removed` count files, for whoever reads the history
    {"op": "import", "data": D or None, "stages": S, "settings": {N: V, ...}}; what an exported file says
    `log` is asked for only by an operation that needs the events of the project's log.
    """
    match op["op"]:
        case "setting":
            return _with_settings(state, {_setting_name(op.get("name")): op.get("value")})
        case "settings":
            values = op.get("values")
            if not isinstance(values, dict):
                raise SettingWrong(setting="settings", value="", allowed="{…}")
            return _with_settings(state, {_setting_name(name): value for name, value in values.items()})
        case "board":
            before = maps.map_named(state.settings, str(op.get("map")))
            after = board_edits.apply(before, op.get("edit") or {})
            return _with_settings(state, maps.changed(before, after))
        case "data":
            stages = op.get("stages")
            stage_map = state.stage_map if stages is None else StageMap.from_json(json.dumps(stages))
            return replace(state, data=DataRef.from_json(op.get("data")), stage_map=stage_map)
        case "import":
            data, stages = op.get("data"), StageMap.from_json(json.dumps(op.get("stages")))
            told = replace(state, data=None if data is None else DataRef.from_json(data), stage_map=stages)
            return edited(told, {"op": "settings", "values": op.get("settings")}, log)
        case "template" | "place_found":
            return replace(state, stage_map=_with_events(state.stage_map, op, log()))
        case _:
            return replace(state, stage_map=edits.apply(state.stage_map, op))


def _with_events(stage_map: StageMap, op: Mapping[str, Any], log: EventLog | None) -> StageMap:
    if log is None:
        return edits.apply(stage_map, op)
    rows = np.bincount(log.event, minlength=len(log.event_names)).tolist()
    return edits.apply(stage_map, op, log.event_names, rows)


def plain_op(op: Any) -> dict[str, Any]:
    """A copy of an operation made of JSON only; raises SettingWrong when that cannot be, or is too much."""
    if not isinstance(op, Mapping) or not isinstance(op.get("op"), str):
        raise SettingWrong(setting="op", value="", allowed='{"op": "…"}')
    content: dict[str, Any] = json.loads(canonical(dict(op), "op", _LARGEST_OP))
    return content


def canonical(value: Any, name: str = "value", most: int | None = None) -> bytes:
    """The one JSON text of a value, in UTF-8; raises SettingWrong for what JSON has no word for (NaN too)."""
    _refuse_deep(value, name, _DEEPEST)
    try:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise SettingWrong(setting=name, value="", allowed="JSON") from error
    # Half a character, which some exports hold, is kept as it is.
    content = text.encode("utf-8", "surrogatepass")
    if most is not None and len(content) > most:
        raise SettingWrong(setting=name, value=len(content), allowed=f"<= {most}")
    return content


def _refuse_deep(value: Any, name: str, left: int) -> None:
    if not isinstance(value, dict | list | tuple):
        return
    if left == 0:
        raise SettingWrong(setting=name, value="", allowed=f"<= {_DEEPEST} levels")
    for child in value.values() if isinstance(value, dict) else value:
        _refuse_deep(child, name, left - 1)


def _setting_name(name: Any) -> str:
    if not isinstance(name, str) or not _SETTING.fullmatch(name):
        raise SettingWrong(setting="setting", value=str(name)[:80], allowed=_SETTING.pattern)
    return name


def _with_settings(state: ProjectState, values: Mapping[str, Any]) -> ProjectState:
    for name, value in values.items():
        canonical(value, name, _LARGEST_VALUE)
    merged = maps.whole({**state.settings, **values}, values)
    settings = {name: value for name, value in merged.items() if value is not None}
    own = {name: value for name, value in settings.items() if is_personal(name)}
    canonical(own, "settings", _LARGEST_OWN)
    size = written_size(settings)
    # What makes room is done however little there is, and how somebody looks at a page takes none.
    if size > LARGEST_SETTINGS and size > written_size(state.settings):
        raise ProjectFull(size=size, most=LARGEST_SETTINGS)
    return replace(state, settings=settings)


def written_size(settings: Mapping[str, Any]) -> int:
    """How many of the LARGEST_SETTINGS bytes are taken by what people wrote together."""
    shared = {name: value for name, value in settings.items() if not is_personal(name)}
    text = json.dumps(shared, ensure_ascii=False, separators=(",", ":"))
    return len(text.encode("utf-8", "surrogatepass"))
