"""One project: its state, the edits that change it, and its data."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import EllipsisType
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from journey.errors import JourneyError, Misuse, NotStored, SettingWrong
from journey.events.cleaned import Cleaned
from journey.events.kinds import TableChoice
from journey.events.log import EventLog
from journey.projects.data_files import DataFiles
from journey.projects.data_ref import REASON, REJECTED, DataRef, FileRef
from journey.projects.database import reading, told, writing
from journey.projects.history import Edit, History, KnownMap, facts, referred
from journey.projects.incoming import Incoming, bytes_of, file_id, ids_of, span_of
from journey.projects.state import ProjectState, canonical, edited, plain_op
from journey.sources.how import How
from journey.sources.limits import LIMITS, Limits
from journey.stages.stage_map import StageMap

__all__ = ["Acknowledgement", "Joined", "Project", "Refusal"]

_CLIENT = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_LARGEST_SEQ = 2**53
_LONGEST_FILE_NAME = 255


@dataclass(frozen=True)
class Refusal:
    """An operation of a batch that could not be done, for example on a stage that is gone."""

    seq: int
    error: JourneyError


@dataclass(frozen=True)
class Acknowledgement:
    """`seq` is the last operation that the client need not send again; `state` is the state after it."""

    seq: int
    state: ProjectState
    refused: tuple[Refusal, ...] = ()


class Joined(Protocol):
    """What several files make together: one log, or None where no file has one."""

    @property
    def log(self) -> EventLog | None: ...


@dataclass(frozen=True, eq=False)
class _Alone:
    log: EventLog | None


class _Fresh:
    """Keeps content, and knows what of it was not there before."""

    def __init__(self, files: DataFiles) -> None:
        self._files = files
        self._known = files.kept()
        self.made: dict[str, set[str]] = {kind: set() for kind in self._known}

    def raw(self, source: bytes | Path) -> str:
        return self._noted("raw", self._files.put_raw(source))

    def table(self, table: pa.Table) -> str:
        return self._noted("tables", self._files.put_table(table))

    def log(self, log: EventLog) -> str:
        return self._noted("logs", self._files.put_log(log))

    def _noted(self, kind: str, digest: str) -> str:
        if digest not in self._known[kind]:
            self.made[kind].add(digest)
        return digest


class Project:
    """A project that exists on the disk.

    Holds no connection and no state of its own: every call sees what others changed, every change is on the
    disk when the call returns, and threads may share one. A change that could not be kept raises NotStored
    (its `reason` is disk_full, read_only, busy, disk or changed) and leaves everything as it was.
    """

    def __init__(self, project_id: str, folder: Path, limits: Limits = LIMITS) -> None:
        self.id = project_id
        self._limits = limits
        self._file = folder / "project.sqlite"
        self._files = DataFiles(folder)
        self._known: KnownMap | None = None

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
    def state(self) -> ProjectState:
        """Data, stage map and settings now."""
        with reading(self._file) as connection:
            return self._told_of(History(connection, self._known))

    @property
    def can_undo(self) -> bool:
        """Is there an edit to go back to?"""
        return self.state.can_undo

    @property
    def can_redo(self) -> bool:
        """Was an edit undone, and nothing else edited since?"""
        return self.state.can_redo

    def history(self, limit: int = 100) -> list[Edit]:
        """The last edits, newest first; undone ones that redo would bring back are marked."""
        with reading(self._file) as connection:
            return History(connection).edits(limit)

    def seen(self, client: str) -> int:
        """The number of the client's last operation that was applied, 0 for a client not seen before."""
        with reading(self._file) as connection:
            return History(connection).seen(_client(client))

    # ---- changes ----------------------------------------------------------------------------------------

    def apply(self, op: Mapping[str, Any], *, expected: int | None = None) -> ProjectState:
        """Do one operation (`projects.state.edited` lists them; also {"op": "undo"} and {"op": "redo"}).

        With `expected` it is done only while the project is at that revision, else NotStored("changed").
        Raises SettingWrong, StageUnknown and their like for an operation that cannot be done.
        """
        return self._apply(plain_op(op), expected)

    def undo(self, *, expected: int | None = None) -> ProjectState:
        """Go one edit back; the same state again where there is none."""
        return self.apply({"op": "undo"}, expected=expected)

    def redo(self, *, expected: int | None = None) -> ProjectState:
        """Take one undo back; the same state again where there is none."""
        return self.apply({"op": "redo"}, expected=expected)

    def apply_ops(self, client: str, ops: Sequence[Mapping[str, Any]]) -> Acknowledgement:
        """Do the operations of a board's queue, each once however often it arrives, all in one transaction.

        Each has a `seq` that grows; those up to the last one acknowledged are passed over. One that cannot
        be done is refused, reported, and acknowledged too, so that it does not hold up the rest.
        """
        client = _client(client)
        queue = sorted(((_seq(op), op) for op in ops), key=lambda entry: entry[0])
        with writing(self._file) as connection:
            history = History(connection, self._known)
            before = seen = history.seen(client)
            refused = []
            for seq, op in queue:
                if seq <= seen:
                    continue
                seen = seq
                try:
                    self._do(history, plain_op({name: v for name, v in op.items() if name != "seq"}), client)
                except Misuse as error:
                    refused.append(Refusal(seq, error))
            if seen > before:
                history.acknowledge(client, seen)
            return Acknowledgement(seen, self._told_of(history), tuple(refused))

    # ---- data -------------------------------------------------------------------------------------------

    def parts(self, incoming: Sequence[Incoming] = (), *, replace: Collection[str] = ()) -> list[Cleaned]:
        """Every file that the project would have, cleaned, in the order that `put_files` gives them.

        What `events.joined.joined` makes of them is what `put_files` wants; `replace` are ids of files that
        would go.
        """
        kept = {ref.id: ref for ref in (self.state.data or DataRef(None)).files}
        coming = {f"new {number}": arriving.made for number, arriving in enumerate(incoming)}
        order = _order(list(kept), list(coming), replace)
        return [coming[key] if key in coming else self._made(kept[key]) for key in order]

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
        self._check_room(incoming, joined.log)
        fresh = _Fresh(self._files)
        try:
            new = [self._put_file(arriving, fresh) for arriving in incoming]
            refs = {ref.id: ref for ref in (*before.files, *new)}
            order = _order([ref.id for ref in before.files], [ref.id for ref in new], replace)
            zone = joined.log.zone if joined.log is not None else _zone_of(refs, order, before.zone)
            fingerprint = None if joined.log is None else fresh.log(joined.log)
            data = DataRef(fingerprint, _matched([refs[key] for key in order], joined), zone)
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
            self._forget_unused(fresh)
            raise

    def remove_file(
        self, file_id: str, joined: Joined, *, since: DataRef | None = None, expected: int | None = None
    ) -> ProjectState:
        """The project without a file; `joined` is made of `parts(replace=[file_id])`."""
        return self.put_files((), joined, replace=[file_id], since=since, expected=expected)

    def put_data(
        self,
        raw: bytes | Path,
        name: str,
        log: EventLog,
        choice: TableChoice,
        *,
        how: How | None = None,
        stage_map: StageMap | None = None,
        expected: int | None = None,
    ) -> ProjectState:
        """Keep one file of events whose log is made, and let the project be about nothing else."""
        used = np.zeros(log.n_rows, dtype=np.uint8)
        made = Cleaned("events", {}, log, log.customer_ids, used, log.notes)
        arriving = Incoming(name, raw, choice, made, how or How(), choice.columns)
        data = self.state.data
        replace = [] if data is None else [ref.id for ref in data.files]
        return self.put_files(
            [arriving], _Alone(log), replace=replace, stage_map=stage_map, expected=expected
        )

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

    def file_log(self, file_id: str) -> EventLog | None:
        """The log of one file alone, memory-mapped; None for a file that makes none."""
        fingerprint = self.file(file_id).log
        return None if fingerprint is None else self._files.log(fingerprint)

    def customer_ids(self, file_id: str) -> pa.LargeStringArray:
        """The distinct customer ids of a file's used rows, in code-point order."""
        return self._made(self.file(file_id)).customer_ids

    def made(self, file_id: str) -> Cleaned:
        """A file as it was when it had been cleaned."""
        return self._made(self.file(file_id))

    def size(self) -> int:
        """Bytes of everything that the project keeps, what undo may bring back included."""
        with told():
            return sum(entry.stat().st_size for entry in self._file.parent.rglob("*") if entry.is_file())

    def _put_file(self, arriving: Incoming, fresh: _Fresh) -> FileRef:
        made = arriving.made
        raw = fresh.raw(arriving.source)
        ref = FileRef(
            id=file_id(),
            name=arriving.name[-_LONGEST_FILE_NAME:],
            raw=raw,
            choice=arriving.choice,
            how=arriving.how,
            upload=arriving.upload or raw,
            columns=tuple(arriving.columns),
            rows=made.rows,
            used=made.used,
            customers=len(made.customer_ids),
            names=None if made.log is None else len(made.log.event_names),
            span=span_of(made),
            log=None if made.log is None else fresh.log(made.log),
            tables={name: fresh.table(table) for name, table in arriving.tables.items()},
            notes=made.notes if arriving.notes is None else arriving.notes,
            quality={name: tuple(group) for name, group in arriving.quality.items()},
        )
        # Seen at once as everybody will see it who opens the project.
        return FileRef.from_json(json.loads(canonical(ref.to_json(), "data")))

    def _made(self, ref: FileRef) -> Cleaned:
        log = None if ref.log is None else self._files.log(ref.log)
        tables = {name: self._files.table(digest) for name, digest in ref.tables.items() if name != REJECTED}
        reason = tables.pop(REASON, None)
        if reason is None:
            # An older version did not write down which rows were not used.
            used = np.zeros(0 if log is None else log.n_rows, dtype=np.uint8)
        else:
            used = reason[REASON].to_numpy()
        return Cleaned(ref.kind, tables, log, ids_of(log, tables), used, ref.notes)

    def _check_room(self, incoming: Sequence[Incoming], log: EventLog | None) -> None:
        """Refuse what would make the project larger than it may be; a table counts as large as in memory."""
        coming = 0 if log is None or self._files.has_log(log.fingerprint) else bytes_of(log)
        for arriving in incoming:
            made = arriving.made
            if made.log is not None and made.log is not log:
                coming += bytes_of(made.log)
            coming += sum(table.nbytes for table in arriving.tables.values())
            with told():
                coming += _size(arriving.source)
        if coming:
            self._limits.check("project_bytes", self.size() + coming)

    def _forget_unused(self, fresh: _Fresh) -> None:
        """Remove what was written for an edit that was not made, unless another edit means it by now."""
        # What cannot be removed now only takes up room.
        with suppress(NotStored), writing(self._file) as connection:
            meant = referred(connection)
            self._files.forget({kind: found - meant[kind] for kind, found in fresh.made.items()})

    def _apply(
        self, op: dict[str, Any], expected: int | None, *, unchanged: DataRef | EllipsisType | None = ...
    ) -> ProjectState:
        with writing(self._file) as connection:
            history = History(connection, self._known)
            history.expect(expected)
            if unchanged is not ... and history.state().data != unchanged:
                raise NotStored(reason="changed")
            self._do(history, op)
            return self._told_of(history)

    def _do(self, history: History, op: dict[str, Any], client: str | None = None) -> None:
        if op["op"] == "undo":
            history.undo()
        elif op["op"] == "redo":
            history.redo()
        else:
            state = history.state()
            changed = edited(state, op, lambda: self._log_of(state))
            if changed.data is not None and changed.data != state.data:
                self._need(changed.data)
            history.add(op, changed, client)

    def _need(self, data: DataRef) -> None:
        """Data that is not kept here cannot be referred to, whoever asks."""
        here, meant = self._files.kept(), data.digests
        if any(meant[kind] - here[kind] for kind in meant):
            raise SettingWrong(setting="data", value="", allowed="")

    def _log_of(self, state: ProjectState) -> EventLog | None:
        fingerprint = None if state.data is None else state.data.fingerprint
        return None if fingerprint is None else self._files.log(fingerprint)

    def _fact(self, column: str) -> Any:
        with reading(self._file) as connection:
            return facts(connection)[column]

    def _told_of(self, history: History) -> ProjectState:
        state = history.state()
        self._known = history.known
        return state


def _order(kept: Sequence[str], new: Sequence[str], replace: Collection[str]) -> list[str]:
    """Files after an edit: new ones stand where the first that goes stood, else at the end."""
    at = next((place for place, key in enumerate(kept) if key in replace), len(kept))
    return [*kept[:at], *new, *(key for key in kept[at:] if key not in replace)]


def _zone_of(refs: Mapping[str, FileRef], order: Sequence[str], default: str) -> str:
    return refs[order[0]].choice.zone if order else default


def _matched(refs: list[FileRef], joined: Joined) -> tuple[FileRef, ...]:
    """The files with the number of their customers that other files have too, where `joined` counted them."""
    matches = getattr(joined, "matches", ())
    if len(matches) != len(refs):
        return tuple(refs)
    return tuple(
        dataclasses.replace(ref, matched=int(match.matched)) for ref, match in zip(refs, matches, strict=True)
    )


def _size(source: bytes | Path) -> int:
    return len(source) if isinstance(source, bytes) else source.stat().st_size


def _client(client: Any) -> str:
    if not isinstance(client, str) or not _CLIENT.fullmatch(client):
        raise SettingWrong(setting="client", value=str(client)[:64], allowed=_CLIENT.pattern)
    return client


def _seq(op: Any) -> int:
    seq = op.get("seq") if isinstance(op, Mapping) else None
    if not isinstance(seq, int) or isinstance(seq, bool) or not 0 < seq < _LARGEST_SEQ:
        raise SettingWrong(setting="seq", value=str(seq)[:64], allowed=f"1..{_LARGEST_SEQ - 1}")
    return seq
