"""One project: its state, the edits that change it, and its data."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from journey.errors import JourneyError, Misuse, SettingWrong
from journey.events.log import EventLog
from journey.projects.data_files import DataFiles
from journey.projects.database import reading, writing
from journey.projects.history import Edit, History, KnownMap, facts
from journey.projects.state import DataRef, ProjectState, canonical, edited, plain_op
from journey.stages.stage_map import StageMap

__all__ = ["Acknowledgement", "Project", "Refusal"]

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


class Project:
    """A project that exists on the disk.

    Holds no connection and no state of its own: every call sees what others changed, every change is on the
    disk when the call returns, and threads may share one. A change that could not be kept raises NotStored
    (its `reason` is disk_full, read_only, busy, disk or changed) and leaves everything as it was.
    """

    def __init__(self, project_id: str, folder: Path) -> None:
        self.id = project_id
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
        op = plain_op(op)
        with writing(self._file) as connection:
            history = History(connection, self._known)
            history.expect(expected)
            self._do(history, op)
            return self._told_of(history)

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

    def put_data(
        self,
        raw: bytes,
        file_name: str,
        log: EventLog,
        columns: Any,
        *,
        sheet: str | None = None,
        encoding: str | None = None,
        delimiter: str | None = None,
        header: int | None = None,
        date_order: str | None = None,
        drop_duplicates: bool = False,
        stage_map: StageMap | None = None,
        expected: int | None = None,
    ) -> ProjectState:
        """Keep an upload and the log made of it, and let the project be about it.

        `columns` is the choice of columns (a dataclass or a mapping); with `stage_map` the map changes in
        the same edit, so that one undo takes both back.
        """
        choice = dict(columns if isinstance(columns, Mapping) else dataclasses.asdict(columns))
        data = DataRef(
            fingerprint=self._files.put_log(log),
            raw=self._files.put_raw(raw),
            file_name=file_name[-_LONGEST_FILE_NAME:],
            columns=json.loads(canonical(choice, "columns")),
            sheet=sheet,
            encoding=encoding,
            delimiter=delimiter,
            header=header,
            date_order=date_order,
            zone=log.zone,
            drop_duplicates=drop_duplicates,
        )
        op: dict[str, Any] = {"op": "data", "data": data.to_json()}
        if stage_map is not None:
            op["stages"] = json.loads(stage_map.to_json())
        return self.apply(op, expected=expected)

    def log(self) -> EventLog | None:
        """The project's event log, memory-mapped; None before there is data."""
        return self._log_of(self.state)

    def raw(self) -> bytes | None:
        """The uploaded file, byte for byte; None before there is data."""
        data = self.state.data
        return None if data is None else self._files.raw(data.raw)

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
        if not self._files.has_log(data.fingerprint) or not self._files.has_raw(data.raw):
            raise SettingWrong(setting="data", value="", allowed="")

    def _log_of(self, state: ProjectState) -> EventLog | None:
        return None if state.data is None else self._files.log(state.data.fingerprint)

    def _fact(self, column: str) -> Any:
        with reading(self._file) as connection:
            return facts(connection)[column]

    def _told_of(self, history: History) -> ProjectState:
        state = history.state()
        self._known = history.known
        return state


def _client(client: Any) -> str:
    if not isinstance(client, str) or not _CLIENT.fullmatch(client):
        raise SettingWrong(setting="client", value=str(client)[:64], allowed=_CLIENT.pattern)
    return client


def _seq(op: Any) -> int:
    seq = op.get("seq") if isinstance(op, Mapping) else None
    if not isinstance(seq, int) or isinstance(seq, bool) or not 0 < seq < _LARGEST_SEQ:
        raise SettingWrong(setting="seq", value=str(seq)[:64], allowed=f"1..{_LARGEST_SEQ - 1}")
    return seq
