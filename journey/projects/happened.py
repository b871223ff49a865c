"""What an edit did, in findings: the history tells of events and stages by their names of then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from journey.findings import Finding
from journey.projects.data_ref import DataRef, FileRef
from journey.projects.map_lines import drawn
from journey.projects.notebook import Cell, cells
from journey.projects.register import Entry, entries
from journey.projects.state import ProjectState
from journey.stages.changes import Key
from journey.stages.stage_map import TRAY, StageMap

__all__ = ["Happened", "kept_apart", "said", "went_over", "wrote"]

_MOST_NAMES = 3


@dataclass(frozen=True)
class Happened:
    """One line of the history: `name` did what `finding` says.

    `over` is the edit of somebody else that it went over unseen; `version` the name given to the project
    as it was then.
    """

    number: int
    at: dt.datetime
    name: str
    finding: Finding
    undone: bool = False
    over: int | None = None
    version: str | None = None
    person: str = ""


def said(
    op: Mapping[str, Any],
    before: ProjectState,
    after: ProjectState,
    moved: Collection[Key],
    version: str = "",
) -> Finding:
    """What this operation did to the state before.

    `moved` are the things that are different, `version` is the name of the state that it brought back.
    """
    old, new = before.stage_map, after.stage_map
    match op["op"]:
        case "create":
            return Finding("history.created")
        case "place" | "place_many" | "place_found":
            return _placed(op, old, new, sorted(key[1] for key in moved if key[0] == "event"))
        case "add_rule":
            return _to("rule_added", op["to"], new, pattern=op["pattern"])
        case "move_rule":
            return _to("rule_moved", op["to"], new, pattern=op["pattern"])
        case "remove_rule":
            return Finding("history.rule_removed", {"pattern": op["pattern"]})
        case "set_goal":
            stage = _stage(new, op["stage"])
            return Finding("history.goal_set", {"stage": stage}) if stage else Finding("history.goal_cleared")
        case "template":
            return Finding("history.template", {"stages": " – ".join(new.names)})
        case "replace":
            return Finding("history.replaced", {"n": len(new.stages)})
        case "data":
            return _files(before.data, after.data)
        case "restore" if version:
            return Finding("history.restored_version", {"version": version})
        case "restore":
            return Finding("history.restored", {"n": len(new.stages)})
        case "import":
            return Finding("history.imported", {"n": len(new.stages)})
        case _:
            return _shaped(op, old, new)


def kept_apart(name: str, left: Collection[Key], redo: bool = False) -> Finding:
    """What an undo or a redo could not take along, because somebody else changed it since."""
    things = {_thing(key) for key in left}
    what = ", ".join(sorted(key[1] for key in left if key[0] == "event")[:_MOST_NAMES])
    values = {"n": len(things), "who": name, "what": what}
    kind = "redone_partly" if redo else "undone_partly"
    return Finding(f"history.{kind}_cards" if what and name else f"history.{kind}", values)


def went_over(who: str, keys: Collection[Key], old: StageMap, new: StageMap, *, theirs: bool) -> Finding:
    """What an edit went over without having seen it.

    With `theirs` as it is told to whoever was there first: who did it, and what it became. Else to whoever
    did it: who had been there, and what it was.
    """
    begun, shown = ("overridden", new) if theirs else ("over", old)
    things = {_thing(key) for key in keys}
    if len(things) > 1:
        return Finding(f"history.{begun}_many", {"who": who, "n": len(things)})
    key = min(keys)
    match key:
        case ("event", event):
            return _to(f"{begun}_event", _place(shown, event), shown, who=who, what=event)
        case ("stage", id_, *_):
            name = _stage(old, id_) or _stage(new, id_)
            return Finding(f"history.{begun}_stage", {"who": who, "what": name})
        case ("rule", pattern, *_):
            return Finding(f"history.{begun}_rule", {"who": who, "what": pattern})
        case ("goal",):
            return Finding(f"history.{begun}_goal", {"who": who})
        case ("data",):
            return Finding(f"history.{begun}_data", {"who": who})
        case _:
            return Finding(f"history.{begun}_order", {"who": who})


def wrote(
    before: ProjectState, after: ProjectState, values: Mapping[str, Any], was: Mapping[str, Any]
) -> Finding:
    """What was done on a map, or else in the register of tests, or else in the notebook.

    `values` are the settings that are other ones after it, `was` what they were.
    """
    told = drawn(values, was, after.settings, after.stage_map)
    return told or _tested(before.settings, after.settings) or _noted(before.settings, after.settings)


def _tested(before: Mapping[str, Any], after: Mapping[str, Any]) -> Finding | None:
    old, new = ({one.id: one for one in entries(settings)} for settings in (before, after))
    came, gone = ([one[id_] for id_ in one if id_ not in other] for one, other in ((new, old), (old, new)))
    if came or gone:
        return _test("planned", came[0]) if came else _test("removed", gone[0])
    changed = [(old[id_], one) for id_, one in new.items() if one != old[id_]]
    return _test(_done(*changed[0]), changed[0][1]) if changed else None


def _done(old: Entry, new: Entry) -> str:
    if new.decision is not None and new.decisions != old.decisions:
        return f"decided_{new.decision.verdict}"
    if new.plan != old.plan:
        return "replanned"
    if new.is_archived != old.is_archived:
        return "archived" if new.is_archived else "unarchived"
    if new.status != old.status:
        return f"status_{new.status or 'itself'}"
    if new.draw != old.draw:
        return "drawn"
    return "learned" if new.learnings != old.learnings else "changed"


def _test(done: str, one: Entry) -> Finding:
    return Finding(f"history.test_{done}", {"what": one.plan.name or one.id})


def _noted(before: Mapping[str, Any], after: Mapping[str, Any]) -> Finding:
    old, new = ({cell.id: cell for cell in cells(one)} for one in (before, after))
    came, gone = ([one[id_] for id_ in one if id_ not in other] for one, other in ((new, old), (old, new)))
    if came:
        return _cell("copied" if _is_copy(came[0], old) else "added", came[0])
    if gone:
        return _cell("removed", gone[0])
    other = [cell for id_, cell in new.items() if cell != old[id_]]
    if other:
        return _cell("reworded", other[0])
    if list(old) != list(new):
        return Finding("history.notebook_ordered")
    return Finding("history.notebook_changed")


def _cell(done: str, cell: Cell) -> Finding:
    """An answer is told by the line that somebody gave it, where there is one."""
    if cell.kind == "text":
        return Finding(f"history.notebook_text_{done}")
    if not cell.text:
        return Finding(f"history.notebook_answer_{done}")
    return Finding(f"history.notebook_line_{done}", {"what": cell.text})


def _is_copy(cell: Cell, old: Mapping[str, Cell]) -> bool:
    origin = None if cell.after is None else old.get(cell.after)
    return origin is not None and (cell.kind, cell.text) == (origin.kind, origin.text)


# ---- cards, rules and stages ----------------------------------------------------------------------------


def _placed(op: Mapping[str, Any], old: StageMap, new: StageMap, events: list[str]) -> Finding:
    if op["op"] == "place_found":
        return _to("found_moved", op["to"], new, text=op["text"], n=len(events))
    if len(events) != 1:
        return _to("many_moved", op["to"], new, n=len(events), what=", ".join(events[:_MOST_NAMES]))
    (event,) = events
    origin = _stage(old, _place(old, event))
    if origin and op["to"] not in (TRAY, "bin"):
        return Finding("history.moved", {"event": event, "origin": origin, "to": _stage(new, op["to"])})
    return _to("placed", op["to"], new, event=event)


def _shaped(op: Mapping[str, Any], old: StageMap, new: StageMap) -> Finding:
    """Edits of one stage itself."""
    id_ = op.get("stage")
    match op["op"]:
        case "add_stage":
            known = {stage.id for stage in old.stages}
            name = next((stage.name for stage in new.stages if stage.id not in known), "")
            return Finding("history.stage_added", {"stage": name})
        case "rename_stage":
            return Finding("history.stage_renamed", {"old": _stage(old, id_), "new": _stage(new, id_)})
        case "move_stage":
            at = next((at for at, stage in enumerate(new.stages, 1) if stage.id == id_), 0)
            return Finding("history.stage_moved", {"stage": _stage(new, id_), "at": at})
        case "remove_stage":
            cards = sum(place == id_ for place in old.events.values())
            name = _stage(old, id_)
            if not cards:
                return Finding("history.stage_removed", {"stage": name})
            return Finding("history.stage_removed_cards", {"stage": name, "n": cards})
        case "recolour":
            return Finding("history.stage_recoloured", {"stage": _stage(new, id_)})
        case _:
            return Finding("history.changed")


def _to(code: str, place: str, stage_map: StageMap, **values: Any) -> Finding:
    """A finding that ends in a stage, in the tray or in the bin."""
    if place in ("bin", ""):
        return Finding(f"history.{code}_bin", values)
    stage = _stage(stage_map, place)
    if not stage:
        return Finding(f"history.{code}_tray", values)
    return Finding(f"history.{code}", {**values, "to": stage})


def _place(stage_map: StageMap, event: str) -> str:
    stage = stage_map.stage_of(event)
    if stage is not None:
        return stage
    rule = stage_map.rule_of(event)
    return "bin" if event in stage_map.ignored or (rule is not None and rule.stage == "") else TRAY


def _stage(stage_map: StageMap, id_: Any) -> str:
    return next((stage.name for stage in stage_map.stages if stage.id == id_), "")


def _thing(key: Key) -> Key:
    """A stage or a rule is one thing, whatever of it changed."""
    return key[:2]


# ---- files ----------------------------------------------------------------------------------------------


def _files(before: DataRef | None, after: DataRef | None) -> Finding:
    old, new = ({file.id: file for file in (one.files if one else ())} for one in (before, after))
    gone = [file for id_, file in old.items() if id_ not in new]
    came = [file for id_, file in new.items() if id_ not in old]
    if not gone and not came:
        changed = [file for id_, file in new.items() if file.choice != old[id_].choice]
        return _named("files_read_again", changed or list(new.values()))
    if gone and came:
        if {file.upload for file in gone} == {file.upload for file in came}:
            return _named("files_read_again", came)
        return Finding("history.files_replaced", {"old": _names(gone), "new": _names(came)})
    return _named("files_added", came) if came else _named("files_removed", gone)


def _named(code: str, files: list[FileRef]) -> Finding:
    return Finding(f"history.{code}", {"n": len(files), "files": _names(files)})


def _names(files: list[FileRef]) -> str:
    rest = len(files) - _MOST_NAMES
    return ", ".join(file.name for file in files[:_MOST_NAMES]) + (f" +{rest}" if rest > 0 else "")
