"""The edits of a project in order, what they led to, and how each person takes back their own."""

from __future__ import annotations

import datetime as dt
import sqlite3
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from journey.errors import NotStored, ProjectDamaged, SettingWrong, UndoHeld
from journey.findings import Finding
from journey.projects.contents import NO_DATA, data_of, packed, put_parts, stage_map_of, unpacked
from journey.projects.data_ref import DataRef
from journey.projects.happened import Happened, kept_apart, said, went_over
from journey.projects.person import LOCAL, Person
from journey.projects.state import ProjectState, is_personal
from journey.projects.written_findings import finding_to_json, findings_from_json
from journey.stages.changes import Key, applied, changes, reverse
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

_MOST_CLIENTS = 1000
# Beyond so many things an edit does not list them: they follow from the states before and after it.
_MOST_TOUCHED = 2000
_DATA: Key = ("data",)
# What says where something stands, and numbers for later: nobody means these.
_ASIDE = ("after", "last_id")

# The stage map by the digest of its part: what was read last is not read again.
KnownMap = tuple[bytes, StageMap]

_COLUMNS = "number, data, stages, revision, person, name, client, touched"


@dataclass(frozen=True)
class Edit:
    """One edit of history: what was done, when, by whom, and through which board.

    `undone` edits come back by redo, of the person who made them. The first edit is `{"op": "create"}`.
    """

    number: int
    at: dt.datetime
    op: Mapping[str, Any]
    client: str | None
    undone: bool
    person: str = ""
    name: str = ""
    revision: int = 0


@dataclass(frozen=True)
class _Row:
    """An edit, or a step of undo or redo, as far as others have to look at it."""

    number: int
    data: bytes
    stages: bytes
    revision: int
    person: str
    name: str
    client: str | None
    touched: bytes | None


class History:
    """The history inside one open transaction, in the hands of one person.

    It only grows. Undo takes back the newest edit of the person that is not undone yet: what it changed, done
    backwards to the state of now, is an edit too. What somebody else changed since stays theirs. A new edit
    of the person ends their redo. Settings are not in it: undo brings a card back, and leaves alone how
    somebody looks at a page.
    """

    def __init__(
        self, connection: sqlite3.Connection, known: KnownMap | None = None, person: Person = LOCAL
    ) -> None:
        self._connection = connection
        row = connection.execute(
            "SELECT project.revision, head, settings, data, stages FROM project JOIN edit ON number = head"
        ).fetchone()
        if row is None:
            raise ProjectDamaged()
        self.revision: int = row[0]
        self.head: int = row[1]
        self._person = person
        self._shared: bytes = row[2]
        self._digests: tuple[bytes, bytes] = row[3:]
        self._known = known
        self._state: ProjectState | None = None
        self._told: tuple[Finding, ...] = ()

    @property
    def known(self) -> KnownMap | None:
        """The stage map read last, for the next transaction."""
        return self._known

    @property
    def told(self) -> tuple[Finding, ...]:
        """What the last step had to leave to others."""
        return self._told

    def state(self) -> ProjectState:
        """The state now."""
        if self._state is None:
            self._state = self._read()
        return replace(
            self._state,
            revision=self.revision,
            head=self.head,
            can_undo=self._to_undo() is not None,
            can_redo=self._to_redo() is not None,
            told=self._told,
        )

    def expect(self, revision: int | None) -> None:
        """Refuse to go on when the project is no longer at the revision that the caller saw."""
        if revision is not None and revision != self.revision:
            raise NotStored(reason="changed", expected=revision, revision=self.revision)

    def add(
        self,
        op: Mapping[str, Any],
        state: ProjectState,
        client: str | None = None,
        base: int | None = None,
    ) -> Finding | None:
        """Append an edit; one that changes nothing leaves no trace.

        One that changes settings only is kept, but is no part of the history. `base` is the revision that
        its maker had seen: what others did to the same things since is told.
        """
        before = self.state()
        digests = put_parts(self._connection, state)
        self._told = ()
        if self._keep_settings(before.settings, state.settings) and digests == self._digests:
            self._moved()
        self._state = state
        if digests == self._digests:
            return None
        moved = self._moved_by(before, state, digests)
        unseen = [] if base is None else self._unseen(moved, base, client)
        over, told = self._over(unseen, before.stage_map, state.stage_map)
        finding = said(op, before, state, moved, self._named(op.get("edit")))
        self._append(op, digests, moved, client=client, said=finding, over=over)
        self._known = (digests[1], state.stage_map)
        return told

    def erased(self, customers: int) -> None:
        """Write down that customers were erased; nobody can take that back, and every state stays its own."""
        op = {"op": "erase", "customers": customers}
        number = self._append(op, self._digests, (), said=Finding("erase.happened", {"n": customers}))
        self._connection.execute("UPDATE edit SET held = 1 WHERE number = ?", (number,))

    def undo(self) -> None:
        """Take back the person's last edit; where there is none, or it brought the first data, nothing."""
        self._step(self._to_undo(), "undo")

    def redo(self) -> None:
        """Bring again what the person undid last; where there is nothing, nothing happens."""
        self._step(self._to_redo(), "redo")

    def state_at(self, number: int) -> ProjectState:
        """The data and the stage map after this edit; the settings are those of now."""
        row = self._row(number)
        if row is None:
            raise SettingWrong(setting="edit", value=str(number)[:80], allowed=f"1..{self.head}")
        return replace(self.state(), data=data_of(self._connection, row.data), stage_map=self._map(row))

    def edits(self, limit: int) -> list[Edit]:
        """The last edits, newest first, with those that redo would bring back, without steps between."""
        rows = self._connection.execute(
            "SELECT number, made_at, op, client, undone_by, person, name, revision FROM edit AS one"
            " WHERE dropped IS NULL AND about IS NULL AND (undone_by IS NULL OR held = 0 AND undone_by > ("
            "  SELECT max(number) FROM edit AS newest WHERE newest.person = one.person"
            "  AND newest.about IS NULL AND newest.dropped IS NULL)) ORDER BY number DESC LIMIT ?",
            (limit,),
        )
        return [
            Edit(number, moment(made_at), unpacked(op), client, undone_by is not None, *who)
            for number, made_at, op, client, undone_by, *who in rows
        ]

    def happened(self, limit: int, before: int | None) -> tuple[Happened, ...]:
        """The last lines of the history before this edit, newest first."""
        rows = self._connection.execute(
            "SELECT number, made_at, person, name, said, undone_by, over, op FROM edit"
            " WHERE dropped IS NULL AND number < ? AND (about IS NULL OR said IS NOT NULL)"
            " ORDER BY number DESC LIMIT ?",
            (self.head + 1 if before is None else before, limit),
        ).fetchall()
        named = self._versions_shown()
        return tuple(
            Happened(
                number,
                moment(at),
                name,
                self._said_then(number, op) if told is None else _finding(unpacked(told)),
                undone_by is not None,
                over,
                named.get(number),
                person,
            )
            for number, at, person, name, told, undone_by, over, op in rows
        )

    def overridden(self, since: int) -> tuple[Finding, ...]:
        """What others went over unseen of the person's edits, after this revision."""
        rows = self._connection.execute(
            "SELECT over_said FROM edit WHERE revision > ? AND over IS NOT NULL ORDER BY number", (since,)
        )
        return tuple(
            _finding(one["said"])
            for (told,) in rows
            for one in unpacked(told)
            if one["person"] == self._person.key
        )

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

    # ---- settings ---------------------------------------------------------------------------------------

    def _settings(self) -> dict[str, Any]:
        """Those of the project, with those that the person chose; None takes one of the project's away."""
        both = {**unpacked(self._shared), **self._own_settings()}
        return {name: value for name, value in both.items() if value is not None}

    def _own_settings(self) -> dict[str, Any]:
        row = self._connection.execute(
            "SELECT settings FROM personal WHERE person = ?", (self._person.key,)
        ).fetchone()
        return dict(unpacked(row[0])) if row else {}

    def _keep_settings(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
        """Store those that are other ones now, each where it belongs; False where there are none."""
        if before is after:
            return False
        # To a Mapping 1, 1.0 and True are one value; a page is told which it was.
        new = {
            name: after.get(name)
            for name in {*before, *after}
            if packed(before.get(name)) != packed(after.get(name))
        }
        own = {name: value for name, value in new.items() if is_personal(name)}
        shared = {name: value for name, value in new.items() if name not in own}
        if own:
            project = unpacked(self._shared)
            kept = {**self._own_settings(), **own}
            kept = {name: value for name, value in kept.items() if value is not None or name in project}
            self._connection.execute(
                "INSERT INTO personal VALUES (?, ?)"
                " ON CONFLICT (person) DO UPDATE SET settings = excluded.settings",
                (self._person.key, packed(kept)),
            )
        if shared:
            kept = {**unpacked(self._shared), **shared}
            self._shared = packed({name: value for name, value in kept.items() if value is not None})
            self._connection.execute("UPDATE project SET settings = ?", (self._shared,))
        return bool(new)

    # ---- undo and redo ----------------------------------------------------------------------------------

    def _to_undo(self) -> int | None:
        """The person's newest edit that stands; None where it brought the project's first data."""
        row = self._connection.execute(
            "SELECT number, data FROM edit WHERE person = ? AND about IS NULL AND undone_by IS NULL"
            " AND dropped IS NULL AND held = 0 ORDER BY number DESC LIMIT 1",
            (self._person.key,),
        ).fetchone()
        before = None if row is None else self._before(row[0])
        if before is None or before.data == NO_DATA != row[1]:
            return None
        number: int = row[0]
        return number

    def _to_redo(self) -> int | None:
        """What the person undid last, unless they edited since."""
        row = self._connection.execute(
            "SELECT number FROM edit WHERE person = ?1 AND undone_by IS NOT NULL AND dropped IS NULL"
            " AND held = 0 AND undone_by > (SELECT max(number) FROM edit WHERE person = ?1"
            " AND about IS NULL AND dropped IS NULL) ORDER BY undone_by DESC LIMIT 1",
            (self._person.key,),
        ).fetchone()
        return row[0] if row else None

    def _step(self, number: int | None, op: str) -> None:
        """Do backwards what the edit did, or what took it back, as far as others left it as it was."""
        self._told = ()
        if number is None:
            return
        done = self._newest_about(number)
        before = self._before(done.number)
        if before is None:
            raise ProjectDamaged()
        theirs = self._touched_since(done)
        now = self.state()
        if not theirs and self._digests == (done.data, done.stages):
            # Exactly as it was: also what no thing stands for, such as numbers of stages to come.
            state = replace(now, data=data_of(self._connection, before.data), stage_map=self._map(before))
            left: frozenset[Key] = frozenset()
        else:
            state, left = self._taken_back(now, done, before, theirs)
        digests = put_parts(self._connection, state)
        if digests == self._digests:
            self._connection.execute("UPDATE edit SET held = 1 WHERE number = ?", (number,))
            raise UndoHeld(who=self._holder(left, theirs))
        told = kept_apart(self._holder(left, theirs), left, op == "redo") if left else None
        moved = self._moved_by(now, state, digests)
        step = self._append({"op": op}, digests, moved, about=number, said=told)
        self._connection.execute(
            "UPDATE edit SET undone_by = ? WHERE number = ?", (step if op == "undo" else None, number)
        )
        self._state, self._known = state, (digests[1], state.stage_map)
        self._told = () if told is None else (told,)

    def _taken_back(
        self, now: ProjectState, done: _Row, before: _Row, theirs: Mapping[Key, _Row]
    ) -> tuple[ProjectState, frozenset[Key]]:
        """The state of now without what was done, and what stays because it is somebody else's by now."""
        wanted = reverse(changes(self._map(before), self._map(done)))
        data = now.data
        if done.data != before.data:
            # Files and the stages that came with them are one thing.
            if self._digests[0] != done.data or _DATA in theirs:
                return now, frozenset({_DATA})
            data = data_of(self._connection, before.data)
        free = {key: pair for key, pair in wanted.items() if key not in theirs}
        stage_map, left = applied(now.stage_map, free)
        left |= {key for key in wanted if key in theirs}
        return replace(now, data=data, stage_map=stage_map), frozenset(_meant(left))

    def _newest_about(self, number: int) -> _Row:
        """The step that last undid or redid it, else the edit itself."""
        (newest,) = self._connection.execute(
            "SELECT max(number) FROM edit WHERE about = ?", (number,)
        ).fetchone()
        row = self._row(newest or number)
        if row is None:
            raise ProjectDamaged()
        return row

    def _touched_since(self, done: _Row) -> dict[Key, _Row]:
        """What others changed after it and did not take back, and who did so last."""
        rows = self._rows(
            "number > ? AND person <> ? AND undone_by IS NULL AND (about IS NULL OR"
            " (SELECT undone_by FROM edit AS meant WHERE meant.number = one.about) IS NULL)",
            (done.number, self._person.key),
        )
        return {key: row for row in rows for key in self._touched(row)}

    def _holder(self, left: Collection[Key], theirs: Mapping[Key, _Row]) -> str:
        rows = [theirs[key] for key in left if key in theirs]
        return max(rows, key=lambda row: row.number).name if rows else ""

    # ---- what somebody had not seen ---------------------------------------------------------------------

    def _unseen(
        self, moved: Collection[Key], base: int, client: str | None
    ) -> list[tuple[_Row, frozenset[Key]]]:
        """Edits of others, and of the person's other boards, to the same things after this revision."""
        rows = self._rows("revision > ? AND (person <> ? OR client <> ?)", (base, self._person.key, client))
        met = [(row, self._touched(row).intersection(moved)) for row in rows]
        return [(row, keys) for row, keys in met if keys]

    def _over(
        self, unseen: list[tuple[_Row, frozenset[Key]]], old: StageMap, new: StageMap
    ) -> tuple[tuple[int, bytes] | None, Finding | None]:
        """The edit that was gone over and what its makers are told; and what the person is told."""
        if not unseen:
            return None, None
        newest, keys = unseen[-1]
        me, by_person = self._person, {row.person: keys for row, keys in unseen}
        told = [
            {
                "person": person,
                "said": finding_to_json(went_over(me.name or me.id, met, old, new, theirs=True)),
            }
            for person, met in by_person.items()
            if person != me.key
        ]
        if newest.person == me.key:
            mine = Finding("history.over_elsewhere")
        else:
            mine = went_over(newest.name or newest.person, keys, old, new, theirs=False)
        return (newest.number, packed(told)), mine

    # ---- rows -------------------------------------------------------------------------------------------

    def _row(self, number: int) -> _Row | None:
        row = self._connection.execute(f"SELECT {_COLUMNS} FROM edit WHERE number = ?", (number,)).fetchone()
        return None if row is None else _Row(*row)

    def _rows(self, where: str, values: tuple[Any, ...]) -> list[_Row]:
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM edit AS one WHERE dropped IS NULL AND {where} ORDER BY number", values
        )
        return [_Row(*row) for row in rows]

    def _before(self, number: int) -> _Row | None:
        """The edit that led to the state before this one."""
        row = self._connection.execute(
            f"SELECT {_COLUMNS} FROM edit WHERE number < ? AND dropped IS NULL ORDER BY number DESC LIMIT 1",
            (number,),
        ).fetchone()
        return None if row is None else _Row(*row)

    def _touched(self, row: _Row) -> frozenset[Key]:
        if row.touched is not None:
            return frozenset(tuple(key) for key in unpacked(row.touched))
        before = self._before(row.number)
        if before is None:
            return frozenset()
        found = _meant(changes(self._map(before), self._map(row)))
        return frozenset(found | ({_DATA} if row.data != before.data else set()))

    def _moved_by(
        self, before: ProjectState, after: ProjectState, digests: tuple[bytes, bytes]
    ) -> frozenset[Key]:
        found = _meant(changes(before.stage_map, after.stage_map))
        return frozenset(found | ({_DATA} if digests[0] != self._digests[0] else set()))

    def _append(
        self,
        op: Mapping[str, Any],
        digests: tuple[bytes, bytes],
        moved: Collection[Key],
        *,
        client: str | None = None,
        about: int | None = None,
        said: Finding | None = None,
        over: tuple[int, bytes] | None = None,
    ) -> int:
        touched = packed(sorted(moved)) if len(moved) <= _MOST_TOUCHED else None
        told = None if said is None else packed(finding_to_json(said))
        row = (op, digests, self._person, self.revision + 1)
        self.head = _insert(
            self._connection, *row, client=client, about=about, touched=touched, said=told, over=over
        )
        self._digests = digests
        self._moved()
        return self.head

    def _moved(self) -> None:
        self.revision += 1
        self._connection.execute(
            "UPDATE project SET revision = ?, head = ?, changed_at = ?", (self.revision, self.head, now())
        )

    def _read(self) -> ProjectState:
        data, stages = self._digests
        if self._known is None or self._known[0] != stages:
            self._known = (stages, stage_map_of(self._connection, stages))
        return ProjectState(data_of(self._connection, data), self._known[1], self._settings())

    def _map(self, row: _Row) -> StageMap:
        if self._known is not None and self._known[0] == row.stages:
            return self._known[1]
        return stage_map_of(self._connection, row.stages)

    def _said_then(self, number: int, op: bytes) -> Finding:
        """What an edit of an older version did, from the states around it."""
        row, before = self._row(number), self._before(number)
        if row is None:
            raise ProjectDamaged()
        earlier = ProjectState() if before is None else self.state_at(before.number)
        return said(unpacked(op), earlier, self.state_at(number), self._touched(row))

    def _named(self, number: int | None) -> str:
        """The name that the state after this edit was given last, "" for one without."""
        found = self._connection.execute(
            "SELECT name FROM version WHERE edit = ? ORDER BY id DESC LIMIT 1", (number,)
        ).fetchone()
        return "" if found is None else str(found[0])

    def _versions_shown(self) -> dict[int, str]:
        """Edit -> the name given to the project after it; an undone edit is not what was named."""
        return dict(
            self._connection.execute(
                "SELECT (SELECT max(number) FROM edit WHERE number <= version.edit AND about IS NULL"
                " AND undone_by IS NULL AND dropped IS NULL), name FROM version ORDER BY id"
            ).fetchall()
        )


def begin(connection: sqlite3.Connection, name: str, mask_key: bytes, person: Person = LOCAL) -> None:
    """Write the one project row of a new file, and the edit that history starts with."""
    at, op = now(), {"op": "create"}
    told = packed(finding_to_json(said(op, ProjectState(), ProjectState(), ())))
    head = _insert(
        connection, op, put_parts(connection, ProjectState()), person, 0, touched=packed([]), said=told
    )
    connection.execute(
        "INSERT INTO project VALUES (1, ?, ?, ?, ?, 0, ?, ?)", (name, mask_key, at, at, head, packed({}))
    )


def rename(connection: sqlite3.Connection, name: str) -> None:
    """Call the project otherwise; that is no edit."""
    connection.execute("UPDATE project SET name = ?", (name,))


def renew(connection: sqlite3.Connection, name: str, mask_key: bytes, person: Person) -> None:
    """Let the copy of a project be one of its own, made now; how others looked at it does not go along."""
    connection.execute("DELETE FROM personal WHERE person <> ?", (person.key,))
    connection.execute(
        "UPDATE project SET name = ?1, mask_key = ?2, created_at = ?3, changed_at = ?3",
        (name, mask_key, now()),
    )


def facts(connection: sqlite3.Connection) -> dict[str, Any]:
    """What the project row says: name, mask_key, created_at, changed_at, revision and head."""
    columns = ("name", "mask_key", "created_at", "changed_at", "revision", "head")
    row = connection.execute(f"SELECT {', '.join(columns)} FROM project").fetchone()
    if row is None:
        raise ProjectDamaged()
    # SQLite keeps any kind of value in any column, so that a hand in the file can put a word for a time.
    kinds = (str, bytes, int, int, int, int)
    if not all(isinstance(value, kind) for value, kind in zip(row, kinds, strict=True)):
        raise ProjectDamaged()
    return dict(zip(columns, row, strict=True))


def data_now(connection: sqlite3.Connection) -> DataRef | None:
    """The data at the head, without the rest of the state."""
    row = connection.execute("SELECT data FROM project JOIN edit ON number = head").fetchone()
    if row is None:
        raise ProjectDamaged()
    return data_of(connection, row[0])


def referred(connection: sqlite3.Connection) -> dict[str, frozenset[str]]:
    """The digests of all that any edit refers to, dropped ones too: `raw`, `tables` and `logs`."""
    meant: dict[str, frozenset[str]] = {"raw": frozenset(), "tables": frozenset(), "logs": frozenset()}
    for (digest,) in connection.execute("SELECT DISTINCT data FROM edit").fetchall():
        data = data_of(connection, digest)
        if data is not None:
            meant = {kind: found | data.digests[kind] for kind, found in meant.items()}
    return meant


def moment(microseconds: int) -> dt.datetime:
    """The stored time as a datetime in UTC; ProjectDamaged when there is no such time."""
    try:
        return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=microseconds)
    except OverflowError as error:
        raise ProjectDamaged() from error


def now() -> int:
    """Microseconds since 1970, for people to read only."""
    return time.time_ns() // 1000


def _insert(
    connection: sqlite3.Connection,
    op: Mapping[str, Any],
    digests: tuple[bytes, bytes],
    person: Person,
    revision: int,
    *,
    client: str | None = None,
    about: int | None = None,
    touched: bytes | None = None,
    said: bytes | None = None,
    over: tuple[int, bytes] | None = None,
) -> int:
    cursor = connection.execute(
        "INSERT INTO edit (made_at, client, op, data, stages, revision, person, name, about, touched, said,"
        " over, over_said) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(now(), client, packed(dict(op)), *digests, revision, person.key, person.name),
            *(about, touched, said, *(over or (None, None))),
        ),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def _meant(keys: Collection[Key]) -> set[Key]:
    """The things that somebody meant, without where they stand."""
    return {key for key in keys if key[-1] not in _ASIDE}


def _finding(content: Mapping[str, Any]) -> Finding:
    return findings_from_json([content])[0]
