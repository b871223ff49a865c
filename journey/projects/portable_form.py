"""The manifest and the state of an exported project: how they are written, and what may stand in them.

What is read here was written by anybody.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from journey.errors import Misuse, ProjectFileWrong, ProjectFull
from journey.events.build import check_zone
from journey.findings import Finding
from journey.projects.data_ref import DataRef, FileRef
from journey.projects.expected import EXPECTED, expected_of
from journey.projects.notebook import cell_name
from journey.projects.portable_maps import maps_of_nobody, maps_without_values
from journey.projects.register import BEGINNING as TESTS
from journey.projects.state import ProjectState, canonical, edited, plain_op
from journey.projects.written_findings import can_be_said
from journey.stages import causes

__all__ = [
    "LARGEST",
    "MANIFEST",
    "STATE",
    "Manifest",
    "Member",
    "import_op",
    "is_instant",
    "manifest_bytes",
    "manifest_of",
    "state_bytes",
    "state_of",
]

MANIFEST, STATE = "manifest.json", "state.json"
# Bytes of each.
LARGEST: Mapping[str, int] = {MANIFEST: 4_000_000, STATE: 8_000_000}

_FORMAT, _VERSION = "journey-lab-project", 1
_DIGEST = re.compile(r"[0-9a-f]{64}")
_LONGEST_NAME = 1000
_MOST_CARDS, _MOST_RULES, _LONGEST_RULE = 200_000, 1000, 1000
_FIRST = dt.datetime(1899, 12, 31, tzinfo=dt.UTC)
_LAST = dt.datetime(2262, 1, 2, tzinfo=dt.UTC)
_ZERO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_INSTANTS = range(
    (_FIRST - _ZERO) // dt.timedelta(microseconds=1), (_LAST - _ZERO) // dt.timedelta(microseconds=1)
)
# The number of an edit says nothing in another project.
_OF_THE_HISTORY = frozenset({"data.seen"})
# Settings that say who wrote them.
_SIGNED = (causes.BEGINNING, cell_name(""), TESTS)
# Of a setting that is a name itself.
_NAMES = re.compile(rf"{re.escape(TESTS)}[0-9a-f]+\.owner")
# Settings in which no value of the data can stand: names of events and of columns may.
_WITHOUT_VALUES = frozenset(
    {"confirmed", "demo.hidden", "flows.group", "flows.steps", "flows.weight", "unit"}
)
_GROUP_WITHOUT_VALUES = "brand."
# What wrong JSON makes of code that expects the right one.
_CONFUSED = (
    Misuse,
    ProjectFull,
    TypeError,
    ValueError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)


@dataclass(frozen=True)
class Member:
    """One file of an export: the sha256 of its bytes as hex, and how many there are."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """What the export says of itself; `members` are all its files but this one."""

    name: str
    with_data: bool
    members: Mapping[str, Member]


# ---- written --------------------------------------------------------------------------------------------


def manifest_bytes(manifest: Manifest) -> bytes:
    """The manifest as it is written."""
    content = {
        "format": _FORMAT,
        "version": _VERSION,
        "name": manifest.name,
        "with_data": manifest.with_data,
        "members": {name: {"sha256": m.sha256, "size": m.size} for name, m in manifest.members.items()},
    }
    return canonical(content, "manifest", LARGEST[MANIFEST])


def state_bytes(state: ProjectState, *, with_data: bool) -> bytes:
    """What leaves of a state; without data also what could hold a value of a cell stays behind."""
    settings = {
        name: _of_nobody(value) if name.startswith(_SIGNED) else value
        for name, value in state.settings.items()
        if name not in _OF_THE_HISTORY and not _NAMES.fullmatch(name)
    }
    settings = maps_of_nobody(settings)
    if not with_data:
        maps = maps_without_values(settings)
        settings = {name: value for name, value in settings.items() if _is_without_values(name)} | maps
        coming = expected_of(state.data or DataRef(None), state.settings)
        settings |= {EXPECTED: coming} if coming else {}
    data = state.data if with_data else None
    content = {
        "data": None if data is None else data.to_json(),
        "settings": settings,
        "stages": json.loads(state.stage_map.to_json()),
    }
    return canonical(content, "state", LARGEST[STATE])


def _of_nobody(value: Any) -> Any:
    """What somebody wrote, without who it was: names of people stay where they are known."""
    return {name: one for name, one in value.items() if name != "by"} if isinstance(value, Mapping) else value


def _is_without_values(name: str) -> bool:
    return name in _WITHOUT_VALUES or name.startswith(_GROUP_WITHOUT_VALUES)


# ---- read -----------------------------------------------------------------------------------------------


def manifest_of(content: bytes) -> Manifest:
    """The manifest that `manifest_bytes` wrote; raises ProjectFileWrong for anything else."""
    told = _object(content, MANIFEST)
    if told.get("format") != _FORMAT:
        raise ProjectFileWrong(reason="kind")
    version = told.get("version")
    if not isinstance(version, int) or not _is_count(version):
        raise _wrong("version")
    if version > _VERSION:
        raise ProjectFileWrong(reason="newer", version=version, known=_VERSION)
    if set(told) != {"format", "version", "name", "with_data", "members"} or version < 1:
        raise _wrong(MANIFEST)
    name, members = told["name"], told["members"]
    if not isinstance(name, str) or len(name) > _LONGEST_NAME:
        raise _wrong("name")
    if not isinstance(told["with_data"], bool):
        raise _wrong("with_data")
    if not isinstance(members, dict) or not all(map(_is_member, members.values())):
        raise _wrong("members")
    return Manifest(name, told["with_data"], {path: Member(**member) for path, member in members.items()})


def _is_member(content: Any) -> bool:
    return (
        isinstance(content, dict)
        and set(content) == {"sha256", "size"}
        and isinstance(content["sha256"], str)
        and _DIGEST.fullmatch(content["sha256"]) is not None
        and _is_count(content["size"])
    )


def import_op(content: bytes, *, with_data: bool) -> dict[str, Any]:
    """The edit that makes a new project what the export says; raises ProjectFileWrong where it cannot be."""
    told = _object(content, STATE)
    if set(told) != {"data", "settings", "stages"}:
        raise _wrong(STATE)
    if not with_data and told["data"] is not None:
        raise _wrong("data")
    return {"op": "import", **told}


def state_of(op: Mapping[str, Any]) -> ProjectState:
    """The state that an edit of `import_op` leads to, everything in it looked at."""
    stages, part = op["stages"], "stages"
    try:
        if len(stages["events"]) + len(stages["ignored"]) + len(stages["tray"]) > _MOST_CARDS:
            raise _wrong(part)
        rules = [rule["pattern"] for rule in stages["rules"]]
        if len(rules) > _MOST_RULES or any(len(rule) > _LONGEST_RULE for rule in rules):
            raise _wrong(part)
        part = "state"
        state = edited(ProjectState(), plain_op(op), lambda: None)
        part = "data"
        if state.data is not None:
            _check_data(state.data)
    except _CONFUSED as error:
        raise _wrong(part) from error
    return state


def _check_data(data: DataRef) -> None:
    check_zone(data.zone)
    for file in data.files:
        check_zone(file.choice.zone)
        if file.span is not None and not all(map(is_instant, file.span)):
            raise _wrong("span")
        if not can_be_said(_findings(file)):
            raise _wrong("notes")


def _findings(file: FileRef) -> list[Finding]:
    groups = [file.notes, *file.quality.values(), () if file.reading is None else file.reading.notes]
    return [finding for group in groups for finding in group]


def is_instant(microseconds: Any) -> bool:
    """Is this an instant, in microseconds UTC, that every calendar here can show?"""
    return isinstance(microseconds, int) and not isinstance(microseconds, bool) and microseconds in _INSTANTS


def _object(content: bytes, part: str) -> dict[str, Any]:
    try:
        told = json.loads(
            content.decode("utf-8", "surrogatepass"),
            object_pairs_hook=_each_key_once,
            parse_constant=_no_number,
        )
    except (ValueError, RecursionError) as error:
        raise _wrong(part) from error
    if not isinstance(told, dict):
        raise _wrong(part)
    return told


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError(Counter(key for key, _ in pairs).most_common(1))
    return content


def _no_number(name: str) -> Any:
    raise ValueError(name)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63


def _wrong(part: str) -> ProjectFileWrong:
    return ProjectFileWrong(reason="content", part=part)
