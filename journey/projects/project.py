"""One project: its state, the edits that change it, and its data."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from types import EllipsisType
from typing import Any

import pyarrow as pa

from journey.errors import Misuse, NotStored, ProjectFull, SettingWrong, UndoHeld
from journey.events.cleaned import Cleaned
from journey.events.joined import Joined
from journey.events.log import EventLog
from journey.findings import Finding
from journey.projects import members as people
from journey.projects import versions
from journey.projects.access import ProjectFile, reading, writing
from journey.projects.board_queue import Acknowledgement, Refusal, client_id, queued
from journey.projects.data_files import DataFiles
from journey.projects.data_ref import DataRef, FileRef
from journey.projects.disk import size_of
from journey.projects.edit_rows import KnownMap
from journey.projects.happened import Happened
from journey.projects.history import Edit, History
from journey.projects.incoming import Incoming
from journey.projects.intake import Intake, cleaned_of, room_for
from journey.projects.maps import is_head
from journey.projects.members import Member
from journey.projects.person import LOCAL, Person
from journey.projects.project_row import facts
from journey.projects.setting_edits import MAPS, NOTEBOOK
from journey.projects.state import ProjectState, edited, plain_op
from journey.projects.versions import Version
from journey.sources.limits import LIMITS, Limits
from journey.stages.stage_map import StageMap

__all__ = ["Acknowledgement", "Project", "Refusal"]


@dataclass
class _Memory:
    """The stage map that a project read last; it is the same one in everybody's hands."""

    map: KnownMap | None = None


class Project:
    """A project that exists on the disk.

    Holds no connection and no state of its own: every call sees what others changed, every change is on the
    disk when the call returns, and threads may share one. A change that could not be kept raises NotStored
    (its `reason` is disk_full, read_only, busy, disk or changed) and leaves everything as it was.
    """

    def __init__(self, project_id: str, folder: Path, limits: Limits = LIMITS) -> None:
        self.id = project_id
        self.person = LOCAL
        self._limits = limits
        self._folder = folder
        self._file = ProjectFile(folder / "project.sqlite")
        self._files = DataFiles(folder)
        self._memory = _Memory()

    def for_(self, person: Person) -> Project:
        """The same project in this person's hands: what is done with it is done by them."""
        theirs = copy(self)
        theirs.person = person
        theirs._file = dataclasses.replace(self._file, person=person)
        return theirs

    @property
    def database(self) -> Path:
        """The file that changes with every change, for whoever watches it; nobody else opens it."""
        return self._file.path

    @property
    def name(self) -> str:
        """What the user calls it."""
        name: str = self._fact("name")
        return name

    @property
    def mask_key(self) -> bytes:
        """The project's own secret, under which customers' ids are masked."""
        key: bytes = self._fact("mask_key")
        return key

    @property
    def revision(self) -> int:
        """How many changes there were, undo and redo included."""
        revision: int = self._fact("revision")
        return revision

    @property
    def head(self) -> int:
        """The number of the newest edit, steps of undo and redo included; settings are none."""
        head: int = self._fact("head")
        return head

    @property
    def state(self) -> ProjectState:
        """Data, stage map and settings now."""
        with reading(self._file) as connection:
            return self._told_of(self._history(connection))

    @property
    def can_undo(self) -> bool:
        """Is there an edit of this person to take back?"""
        return self.state.can_undo

    @property
    def can_redo(self) -> bool:
        """Did this person undo something, and edit nothing since?"""
        return self.state.can_redo

    def steps(self, area: str) -> tuple[bool, bool]:
        """Is there something of this person's to undo, and to redo, in an area such as "map.<id>"?"""
        with reading(self._file) as connection:
            return self._history(connection).steps(area)

    def history(self, limit: int = 100) -> list[Edit]:
        """The last edits, newest first; undone ones that redo would bring back are marked."""
        with reading(self._file) as connection:
            return self._history(connection).edits(limit)

    def happened(self, limit: int = 100, before: int | None = None) -> tuple[Happened, ...]:
        """The last lines of the history, newest first, of all people; those before the edit `before`."""
        with reading(self._file) as connection:
            return self._history(connection).happened(limit, before)

    def overridden(self, since: int) -> tuple[Finding, ...]:
        """Which of this person's edits somebody went over unseen, after the revision `since`."""
        with reading(self._file) as connection:
            return self._history(connection).overridden(since)

    def state_at(self, edit: int) -> ProjectState:
        """Data and stage map as they were after this edit; SettingWrong where there is none."""
        with reading(self._file) as connection:
            return self._history(connection).state_at(edit)

    def versions(self) -> tuple[Version, ...]:
        """The states that have a name, the newest first."""
        with reading(self._file) as connection:
            return versions.versions(connection)

    def seen(self, client: str) -> int:
        """The number of the client's last operation that was applied, 0 for a client not seen before."""
        with reading(self._file) as connection:
            return self._history(connection).seen(client_id(client))

    # ---- people -----------------------------------------------------------------------------------------

    @property
    def role(self) -> str:
        """What the person may do: an owner everything, a member all but delete it and let people in."""
        with reading(self._file) as connection:
            return people.role_in(people.members(connection), self.person) or people.MEMBER

    def members(self) -> tuple[Member, ...]:
        """Who was let in, owners first; nobody for a project that belongs to the machine alone."""
        with reading(self._file) as connection:
            return people.members(connection)

    def add_member(self, person_id: str, name: str = "", role: str = people.MEMBER) -> None:
        """Let somebody in, or give them another name or role; raises OwnerOnly, or LastOwner."""
        with writing(self._file, backup=True) as connection:
            people.add(connection, self.person, person_id, name, role)

    def remove_member(self, person_id: str) -> None:
        """Let somebody in no longer; a member may leave. Raises OwnerOnly, or LastOwner."""
        with writing(self._file, backup=True) as connection:
            people.remove(connection, self.person, person_id)

    # ---- changes ----------------------------------------------------------------------------------------

    def apply(self, op: Mapping[str, Any], *, expected: int | None = None) -> ProjectState:
        """Do one operation (`projects.state.edited` lists them).

        Also {"op": "undo"} and {"op": "redo"}, of the stages and the data, or of what stands in their "area":
        "notebook", "map.<id>" (what was done on that journey map) or "maps" (those that were removed); and
        {"op": "restore", "edit": N}, which brings the data and the stages after an edit again. `base` beside
        an operation is the revision that its maker had seen.
        With `expected` it is done only while the project is at that revision, else NotStored("changed").
        Raises SettingWrong, StageUnknown and their like for an operation that cannot be done.
        """
        return self._apply(plain_op(op), expected)

    def undo(self, *, expected: int | None = None) -> ProjectState:
        """Take back this person's last edit; the same state again where there is none.

        What others changed since stays as it is, and `told` says so; where that is everything it raises
        UndoHeld, and the next undo goes on to the edit before.
        """
        return self.apply({"op": "undo"}, expected=expected)

    def redo(self, *, expected: int | None = None) -> ProjectState:
        """Take one undo back; the same state again where there is none."""
        return self.apply({"op": "redo"}, expected=expected)

    def undo_notebook(self, *, expected: int | None = None) -> ProjectState:
        """Take back what this person did last in the notebook, by the same rules."""
        return self.apply({"op": "undo", "area": NOTEBOOK}, expected=expected)

    def redo_notebook(self, *, expected: int | None = None) -> ProjectState:
        """Take one undo in the notebook back; the same state again where there is none."""
        return self.apply({"op": "redo", "area": NOTEBOOK}, expected=expected)

    def restore(self, edit: int, *, expected: int | None = None) -> ProjectState:
        """Bring the state after this edit again, as a new edit; data are never taken away by it."""
        return self.apply({"op": "restore", "edit": edit}, expected=expected)

    def keep_version(self, name: str) -> Version:
        """Give the state of now a name."""
        with writing(self._file) as connection:
            return versions.keep(connection, name, self._history(connection).head, self.person)

    def rename_version(self, version: int, name: str) -> None:
        """Call a version otherwise; SettingWrong where there is none of this id."""
        with writing(self._file) as connection:
            versions.rename(connection, version, name)

    def drop_version(self, version: int) -> None:
        """Take the name away; what it named stays in the history."""
        with writing(self._file) as connection:
            versions.drop(connection, version)

    def apply_ops(self, client: str, ops: Sequence[Mapping[str, Any]]) -> Acknowledgement:
        """Do the operations of a board's queue, each once however often it arrives, all in one transaction.

        Each has a `seq` that grows; those up to the last one acknowledged are passed over. One that cannot
        be done is refused, reported, and acknowledged too, so that it does not hold up the rest.
        """
        client = client_id(client)
        with writing(self._file) as connection:
            history = self._history(connection)
            before = seen = history.seen(client)
            refused, over = [], []
            for seq, op in queued(ops):
                if seq <= seen:
                    continue
                seen = seq
                try:
                    over += [(seq, said) for said in self._do(history, plain_op(op), client)]
                except (Misuse, ProjectFull) as error:
                    refused.append(Refusal(seq, error))
            if seen > before:
                history.acknowledge(client, seen)
            return Acknowledgement(seen, self._told_of(history), tuple(refused), tuple(over))

    # ---- data -------------------------------------------------------------------------------------------

    def parts(self, incoming: Sequence[Incoming] = (), *, replace: Collection[str] = ()) -> list[Cleaned]:
        """Every file that the project would have, cleaned, in the order that `put_files` gives them.

        What `events.joined.joined` makes of them is what `put_files` wants; `replace` are ids of files that
        would go.
        """
        kept = {ref.id: ref for ref in (self.state.data or DataRef(None)).files}
        coming = {f"new {number}": arriving.made for number, arriving in enumerate(incoming)}
        order = _order(list(kept), list(coming), replace)
        return [coming[key] if key in coming else cleaned_of(kept[key], self._files) for key in order]

    def put_files(
        self,
        incoming: Sequence[Incoming],
        joined: Joined,
        *,
        replace: Collection[str] = (),
        stage_map: StageMap | None = None,
        since: DataRef | None = None,
        expected: int | None = None,
    ) -> ProjectState:
        """Keep files and what was made of them; all are there after it, in one edit, or none is.

        `joined` is made of `parts` of the same files. Files whose ids stand in `replace` go; new ones take
        their place, else they stand at the end. With `stage_map` the map changes in the same edit. Where
        `since` is given, the data must still be these, else NotStored("changed"); `expected` asks the same of
        the whole project. Raises FileTooLarge, before anything is written, for what a project cannot hold.
        """
        state = self.state
        if since is not None and since != state.data:
            raise NotStored(reason="changed")
        before = state.data or DataRef(None)
        for file in replace:
            before.file(file)
        coming = room_for(incoming, joined.log, self._files)
        if coming:
            self._limits.check("project_bytes", self.size() + coming)
        intake = Intake(self._files)
        try:
            new = [intake.file(arriving) for arriving in incoming]
            refs = {ref.id: ref for ref in (*before.files, *new)}
            order = _order([ref.id for ref in before.files], [ref.id for ref in new], replace)
            zone = refs[order[0]].choice.zone if order else before.zone
            data = intake.data([refs[key] for key in order], joined, zone)
            op: dict[str, Any] = {
                "op": "data",
                "data": data.to_json(),
                "added": len(incoming),
                "removed": len(replace),
            }
            if stage_map is not None:
                op["stages"] = json.loads(stage_map.to_json())
            return self._apply(plain_op(op), expected, unchanged=state.data)
        except BaseException:
            intake.taken_back(self._file)
            raise

    def remove_file(
        self, file_id: str, joined: Joined, *, since: DataRef | None = None, expected: int | None = None
    ) -> ProjectState:
        """The project without a file; `joined` is made of `parts(replace=[file_id])`."""
        return self.put_files((), joined, replace=[file_id], since=since, expected=expected)

    def log(self) -> EventLog | None:
        """The log that all files make together, memory-mapped; None before there is one."""
        return self._log_of(self.state)

    def file(self, file_id: str) -> FileRef:
        """What is known about a file; raises SettingWrong when the project has none of that id."""
        return (self.state.data or DataRef(None)).file(file_id)

    def raw_path(self, file_id: str) -> Path:
        """The kept bytes of a file, to be read only (with `FileRef.kept_how`)."""
        return self._files.raw_path(self.file(file_id).raw)

    def table(self, file_id: str, name: str) -> pa.Table:
        """A typed table of a file, or its `rejected` rows; raises SettingWrong when it has none so called."""
        tables = self.file(file_id).tables
        if name not in tables:
            raise SettingWrong(setting="table", value=name[:80], allowed=", ".join(tables))
        return self._files.table(tables[name])

    def file_log(self, file: str | FileRef) -> EventLog | None:
        """The log of one file alone, memory-mapped; None for a file that makes none.

        A file that an edit has taken out is named by what was known of it.
        """
        self._enter()
        fingerprint = (file if isinstance(file, FileRef) else self.file(file)).log
        return None if fingerprint is None else self._files.log(fingerprint)

    def data_paths(self, data: DataRef) -> dict[str, Path]:
        """Every kept file that these data refer to, by names such as raw/DIGEST; to be read only."""
        self._enter()
        return self._files.paths(data.digests)

    def customer_ids(self, file_id: str) -> pa.LargeStringArray:
        """The distinct customer ids of a file's used rows, in code-point order."""
        return cleaned_of(self.file(file_id), self._files).customer_ids

    def made(self, file_id: str) -> Cleaned:
        """A file as it was when it had been cleaned."""
        return cleaned_of(self.file(file_id), self._files)

    def size(self) -> int:
        """Bytes of everything that the project keeps, what undo may bring back included."""
        self._enter()
        return size_of(self._folder)

    def _apply(
        self, op: dict[str, Any], expected: int | None, *, unchanged: DataRef | EllipsisType | None = ...
    ) -> ProjectState:
        held = None
        with writing(self._file) as connection:
            history = self._history(connection)
            history.expect(expected)
            if unchanged is not ... and history.state().data != unchanged:
                raise NotStored(reason="changed")
            try:
                self._do(history, op)
            except UndoHeld as error:
                # That others hold it is kept, so that the next undo does not come to it again.
                held = error
            state = self._told_of(history)
        if held is not None:
            raise held
        return state

    def _do(self, history: History, op: dict[str, Any], client: str | None = None) -> tuple[Finding, ...]:
        """What to say about an operation that was done."""
        base = _base(op)
        if op["op"] in ("undo", "redo"):
            (history.undo if op["op"] == "undo" else history.redo)(_area(op))
            return history.told
        state = history.state()
        if op["op"] == "restore":
            then = history.state_at(_edit(op))
            changed = dataclasses.replace(state, data=then.data or state.data, stage_map=then.stage_map)
        else:
            changed = edited(state, op, lambda: self._log_of(state))
        if changed.data is not None and changed.data != state.data:
            self._need(changed.data)
        over = history.add(op, changed, client, base)
        return () if over is None else (over,)

    def _need(self, data: DataRef) -> None:
        """Data that is not kept here cannot be referred to, whoever asks."""
        here, meant = self._files.kept(), data.digests
        if any(meant[kind] - here[kind] for kind in meant):
            raise SettingWrong(setting="data", value="", allowed="")

    def _log_of(self, state: ProjectState) -> EventLog | None:
        fingerprint = None if state.data is None else state.data.fingerprint
        return None if fingerprint is None else self._files.log(fingerprint)

    def _enter(self) -> None:
        """ProjectMissing for a person who may not open it: this door is before the files too."""
        with reading(self._file):
            pass

    def _fact(self, column: str) -> Any:
        with reading(self._file) as connection:
            return facts(connection)[column]

    def _history(self, connection: sqlite3.Connection) -> History:
        return History(connection, self._memory.map, self.person)

    def _told_of(self, history: History) -> ProjectState:
        state = history.state()
        self._memory.map = history.known
        return state


def _order(kept: Sequence[str], new: Sequence[str], replace: Collection[str]) -> list[str]:
    """Files after an edit: new ones stand where the first that goes stood, else at the end."""
    at = next((place for place, key in enumerate(kept) if key in replace), len(kept))
    return [*kept[:at], *new, *(key for key in kept[at:] if key not in replace)]


def _base(op: dict[str, Any]) -> int | None:
    """Taken out of the operation: the history keeps what was done, not what was on a screen."""
    base = op.pop("base", None)
    if base is not None and (not isinstance(base, int) or isinstance(base, bool) or base < 0):
        raise SettingWrong(setting="base", value=str(base)[:64], allowed=">= 0")
    return base


def _area(op: Mapping[str, Any]) -> str:
    area = op.get("area", "")
    if not isinstance(area, str) or not (area in ("", NOTEBOOK, MAPS) or is_head(area)):
        raise SettingWrong(setting="area", value=str(area)[:64], allowed=f"{NOTEBOOK}, {MAPS}, map.…")
    return area


def _edit(op: Mapping[str, Any]) -> int:
    number = op.get("edit")
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise SettingWrong(setting="edit", value=str(number)[:64], allowed="1, 2, …")
    return number
