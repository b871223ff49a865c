"""The edits of a project in order, what they led to, and which of them is shown."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sqlite3
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from journey.errors import Misuse, NotStored, ProjectDamaged, StageMapWrong
from journey.projects.state import DataRef, ProjectState, canonical
from journey.stages.stage_map import StageMap

__all__ = [
    "Edit",
    "History",
    "KnownMap",
    "begin",
    "data_now",
    "facts",
    "moment",
    "referred",
    "rename",
    "renew",
]

# No honest part is larger; a damaged file cannot make us unpack more.
_LARGEST_PART = 64_000_000
_MOST_CLIENTS = 1000
# The digest of the part that says that there are no data.
_NO_DATA = hashlib.sha256(canonical(None)).digest()

# A stage map by the digest of its part: what was read last is not read again.
KnownMap = tuple[bytes, StageMap]


@dataclass(frozen=True)
class Edit:
    """One edit in the line of history: what was done, when, and through which board.

    `undone` edits come back by redo. The first edit is `{"op": "create"}`.
    """

    number: int
    at: dt.datetime
    op: Mapping[str, Any]
    client: str | None
    undone: bool


class History:
    """The history inside one open transaction.

    It is a line: undo and redo move the head along it, and a new edit drops what was undone from the line.
    Dropped edits keep their rows. Settings are not in it: undo brings a card back, and leaves alone how
    somebody looks at a page.
    """

    def __init__(self, connection: sqlite3.Connection, known: KnownMap | None = None) -> None:
        self._connection = connection
        row = connection.execute(
            "SELECT revision, head, settings, data, stages FROM project JOIN edit ON number = head"
        ).fetchone()
        if row is None:
            raise ProjectDamaged()
        self.revision: int = row[0]
        self._head: int = row[1]
        self._settings: bytes = row[2]
        self._digests: tuple[bytes, bytes] = row[3:]
        self._known = known
        self._state: ProjectState | None = None

    @property
    def known(self) -> KnownMap | None:
        """The stage map read last, for the next transaction."""
        return self._known

    def state(self) -> ProjectState:
        """The state at the head."""
        if self._state is None:
            self._state = self._read()
        return replace(
            self._state,
            revision=self.revision,
            can_undo=self._before() is not None,
            can_redo=self._neighbour(">", "ASC") is not None,
        )

    def expect(self, revision: int | None) -> None:
        """Refuse to go on when the project is no longer at the revision that the caller saw."""
        if revision is not None and revision != self.revision:
            raise NotStored(reason="changed", expected=revision, revision=self.revision)

    def add(self, op: Mapping[str, Any], state: ProjectState, client: str | None = None) -> None:
        """Append an edit and make it the head; one that changes nothing leaves no trace.

        One that changes settings only is kept, but is no part of the line.
        """
        settings, digests, now = _packed(dict(state.settings)), _put_parts(self._connection, state), _now()
        if settings != self._settings:
            self._connection.execute("UPDATE project SET settings = ?", (settings,))
            self._settings, self._state = settings, state
            if digests == self._digests:
                self._moved(now)
        if digests == self._digests:
            return
        self._connection.execute(
            "UPDATE edit SET dropped = ? WHERE number > ? AND dropped IS NULL",
            (self.revision + 1, self._head),
        )
        self._head = _insert(self._connection, now, client, op, digests)
        self._digests, self._state = digests, state
        self._known = (digests[1], state.stage_map)
        self._moved(now)

    def undo(self) -> None:
        """Go one edit back; at the beginning, or at the first data, nothing happens."""
        self._go(self._before())

    def redo(self) -> None:
        """Go one edit forward; at the end nothing happens."""
        self._go(self._neighbour(">", "ASC"))

    def edits(self, limit: int) -> list[Edit]:
        """The last edits of the line, newest first, undone ones included."""
        rows = self._connection.execute(
            "SELECT number, made_at, op, client FROM edit WHERE dropped IS NULL ORDER BY number DESC LIMIT ?",
            (limit,),
        )
        return [
            Edit(number, moment(made_at), _unpacked(op), client, number > self._head)
            for number, made_at, op, client in rows
        ]

    def seen(self, client: str) -> int:
        """The number of the client's last operation that was applied; 0 when there is none."""
        row = self._connection.execute("SELECT seq FROM client WHERE client = ?", (client,)).fetchone()
        return row[0] if row else 0

    def acknowledge(self, client: str, seq: int) -> None:
        """Remember the client's last operation; only the latest clients are remembered."""
        self._connection.execute(
            "INSERT INTO client VALUES (?1, ?2, ?3)"
            " ON CONFLICT (client) DO UPDATE SET seq = excluded.seq, revision = excluded.revision",
            (client, seq, self.revision),
        )
        self._connection.execute(
            "DELETE FROM client WHERE client NOT IN"
            " (SELECT client FROM client ORDER BY revision DESC, client = ?1 DESC, client LIMIT ?2)",
            (client, _MOST_CLIENTS),
        )

    def _read(self) -> ProjectState:
        data, stages = self._digests
        try:
            if self._known is None or self._known[0] != stages:
                self._known = (stages, StageMap.from_json(_part(self._connection, stages).decode()))
            return ProjectState(
                data=_data(_part(self._connection, data)),
                stage_map=self._known[1],
                settings=_unpacked(self._settings),
            )
        except (Misuse, ValueError) as error:
            raise ProjectDamaged() from error

    def _before(self) -> int | None:
        """The edit that undo goes back to: it never takes away the data that the project began with."""
        number = self._neighbour("<", "DESC")
        if number is None:
            return None
        row = self._connection.execute("SELECT data FROM edit WHERE number = ?", (number,)).fetchone()
        return None if row[0] == _NO_DATA != self._digests[0] else number

    def _neighbour(self, side: str, order: str) -> int | None:
        row = self._connection.execute(
            f"SELECT number FROM edit WHERE number {side} ? AND dropped IS NULL"
            f" ORDER BY number {order} LIMIT 1",
            (self._head,),
        ).fetchone()
        return row[0] if row else None

    def _go(self, number: int | None) -> None:
        if number is None:
            return
        row = self._connection.execute("SELECT data, stages FROM edit WHERE number = ?", (number,)).fetchone()
        self._head, self._digests, self._state = number, row, None
        self._moved(_now())

    def _moved(self, now: int) -> None:
        self.revision += 1
        self._connection.execute(
            "UPDATE project SET revision = ?, head = ?, changed_at = ?", (self.revision, self._head, now)
        )


def begin(connection: sqlite3.Connection, name: str, mask_key: bytes) -> None:
    """Write the one project row of a new file, and the edit that history starts with."""
    now = _now()
    head = _insert(connection, now, None, {"op": "create"}, _put_parts(connection, ProjectState()))
    settings = _packed({})
    connection.execute(
        "INSERT INTO project VALUES (1, ?, ?, ?, ?, 0, ?, ?)", (name, mask_key, now, now, head, settings)
    )


def rename(connection: sqlite3.Connection, name: str) -> None:
    """Call the project otherwise; that is no edit."""
    connection.execute("UPDATE project SET name = ?", (name,))


def renew(connection: sqlite3.Connection, name: str, mask_key: bytes) -> None:
    """Let the copy of a project be one of its own, made now."""
    connection.execute(
        "UPDATE project SET name = ?1, mask_key = ?2, created_at = ?3, changed_at = ?3",
        (name, mask_key, _now()),
    )


def facts(connection: sqlite3.Connection) -> dict[str, Any]:
    """What the project row says: name, mask_key, created_at, changed_at and revision."""
    columns = ("name", "mask_key", "created_at", "changed_at", "revision")
    row = connection.execute(f"SELECT {', '.join(columns)} FROM project").fetchone()
    if row is None:
        raise ProjectDamaged()
    # SQLite keeps any kind of value in any column, so that a hand in the file can put a word for a time.
    kinds = (str, bytes, int, int, int)
    if not all(isinstance(value, kind) for value, kind in zip(row, kinds, strict=True)):
        raise ProjectDamaged()
    return dict(zip(columns, row, strict=True))


def data_now(connection: sqlite3.Connection) -> DataRef | None:
    """The data at the head, without the rest of the state."""
    row = connection.execute("SELECT data FROM project JOIN edit ON number = head").fetchone()
    if row is None:
        raise ProjectDamaged()
    return _data(_part(connection, row[0]))


def referred(connection: sqlite3.Connection) -> dict[str, frozenset[str]]:
    """The digests of all that any edit refers to, dropped ones too: `raw`, `tables` and `logs`."""
    meant: dict[str, frozenset[str]] = {"raw": frozenset(), "tables": frozenset(), "logs": frozenset()}
    for (digest,) in connection.execute("SELECT DISTINCT data FROM edit").fetchall():
        data = _data(_part(connection, digest))
        if data is not None:
            meant = {kind: found | data.digests[kind] for kind, found in meant.items()}
    return meant


def moment(microseconds: int) -> dt.datetime:
    """The stored time as a datetime in UTC; ProjectDamaged when there is no such time."""
    try:
        return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=microseconds)
    except OverflowError as error:
        raise ProjectDamaged() from error


def _insert(
    connection: sqlite3.Connection,
    now: int,
    client: str | None,
    op: Mapping[str, Any],
    digests: tuple[bytes, bytes],
) -> int:
    cursor = connection.execute(
        "INSERT INTO edit (made_at, client, op, data, stages) VALUES (?, ?, ?, ?, ?)",
        (now, client, _packed(dict(op)), *digests),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def _put_parts(connection: sqlite3.Connection, state: ProjectState) -> tuple[bytes, bytes]:
    """Store what is new of a state; returns the digests of its data and stages."""
    data = canonical(None if state.data is None else state.data.to_json())
    try:
        stages = state.stage_map.to_json().encode()
    except UnicodeEncodeError as error:
        # Half a character (a lone surrogate): a stage map is a file that people exchange, it must be text.
        raise StageMapWrong(detail="UTF-8") from error
    return _put_part(connection, data), _put_part(connection, stages)


def _part(connection: sqlite3.Connection, digest: bytes) -> bytes:
    row = connection.execute("SELECT body FROM part WHERE digest = ?", (digest,)).fetchone()
    body = _inflated(row[0]) if row else b""
    if hashlib.sha256(body).digest() != digest:
        raise ProjectDamaged()
    return body


def _data(body: bytes) -> DataRef | None:
    try:
        content = json.loads(body)
        return None if content is None else DataRef.from_json(content)
    except (Misuse, ValueError) as error:
        raise ProjectDamaged() from error


def _put_part(connection: sqlite3.Connection, content: bytes) -> bytes:
    digest = hashlib.sha256(content).digest()
    known = connection.execute("SELECT 1 FROM part WHERE digest = ?", (digest,)).fetchone()
    if known is None:
        connection.execute("INSERT INTO part VALUES (?, ?)", (digest, zlib.compress(content)))
    return digest


def _inflated(body: bytes) -> bytes:
    stream = zlib.decompressobj()
    try:
        content = stream.decompress(body, _LARGEST_PART)
    except (zlib.error, TypeError) as error:
        raise ProjectDamaged() from error
    # Only at its end does a stream say whether its checksum fits.
    if not stream.eof:
        raise ProjectDamaged()
    return content


def _packed(content: dict[str, Any]) -> bytes:
    return zlib.compress(canonical(content))


def _unpacked(body: bytes) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(_inflated(body))
    except ValueError as error:
        raise ProjectDamaged() from error
    return content


def _now() -> int:
    return time.time_ns() // 1000
