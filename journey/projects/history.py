"""The edits of a project in order, what they led to, and how each person takes back their own."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from journey.errors import NotStored, ProjectDamaged, SettingWrong, UndoHeld
from journey.findings import Finding
from journey.projects.clock import moment, now
from journey.projects.contents import data_of, packed, put_parts, stage_map_of, unpacked
from journey.projects.edit_rows import DATA, EditRows, KnownMap, meant, put_row
from journey.projects.gone_over import GoneOver, Tell, gone_over
from journey.projects.happened import Happened, kept_apart, said, went_over, wrote
from journey.projects.map_lines import gone_over_on_map
from journey.projects.maps import area_of_fact
from journey.projects.person import LOCAL, Person
from journey.projects.setting_edits import BESIDE_ALL, NOTEBOOK, area_of, touched
from journey.projects.settings import Settings, is_other
from journey.projects.state import ProjectState, is_of_history
from journey.projects.undo import BESIDE, TakenBack, Undo
from journey.projects.written_findings import finding_to_json, findings_from_json
from journey.stages.changes import Key, changes

__all__ = ["Edit", "History"]

_MOST_CLIENTS = 1000
# What changes settings, and may change such as the history tells of.
_OPS_OF_SETTINGS = ("setting", "settings", "board")
# Beyond so many things an edit does not list them: they follow from the states before and after it.
_MOST_TOUCHED = 2000


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


class History:
    """The history inside one open transaction, in the hands of one person.

    It only grows. Undo takes back the newest edit of the person that is not undone yet: what it changed, done
    backwards to the state of now, is an edit too. What somebody else changed since stays theirs. A new edit
    of the person ends their redo. How somebody looks at a page is not in it, and undo leaves it alone. What
    is written in the notebook and on each journey map is, with undo and redo of their own (an area each), and
    what is written in the register of tests, which nobody takes back.
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
        self._digests: tuple[bytes, bytes] = row[3:]
        self._settings = Settings(connection, row[2], person)
        self._rows = EditRows(connection, known)
        self._undo = Undo(connection, self._rows, person)
        self._state: ProjectState | None = None
        self._told: tuple[Finding, ...] = ()

    @property
    def known(self) -> KnownMap | None:
        """The stage map read last, for the next transaction."""
        return self._rows.known

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
            can_undo=self._undo.to_undo() is not None,
            can_redo=self._undo.to_redo() is not None,
            can_undo_notebook=self._undo.to_undo(NOTEBOOK) is not None,
            can_redo_notebook=self._undo.to_redo(NOTEBOOK) is not None,
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

        One that changes settings only is kept, but is no part of the history, unless they are of the
        notebook, of a journey map or of the register of tests. `base` is the revision that its maker had
        seen: what others did to the same things since is told.
        """
        before = self.state()
        digests = put_parts(self._connection, state)
        self._told = ()
        kept = self._settings.keep(before.settings, state.settings)
        self._state = state
        if digests == self._digests:
            values, was = _written(before.settings, state.settings)
            if values and op["op"] in _OPS_OF_SETTINGS:
                return self._wrote(before, state, (values, was), client, base)
            if kept:
                self._moved()
            return None
        moved = self._moved_by(before, state, digests)
        old, new = before.stage_map, state.stage_map
        over = self._gone_over(
            moved, lambda who, met, theirs: went_over(who, met, old, new, theirs=theirs), base, client
        )
        finding = said(op, before, state, moved, self._named(op.get("edit")))
        self._append(op, digests, moved, client=client, said=finding, over=over)
        self._rows.known = (digests[1], state.stage_map)
        return None if over is None else over.mine

    def erased(self, customers: int) -> None:
        """Write down that customers were erased; nobody can take that back, and every state stays its own."""
        op = {"op": "erase", "customers": customers}
        told = Finding("erase.happened", {"n": customers})
        number = self._append(op, self._digests, (), said=told, area=BESIDE_ALL)
        self._connection.execute("UPDATE edit SET held = 1 WHERE number = ?", (number,))

    def undo(self, area: str = "") -> None:
        """Take back the person's last edit in the area; where there is none, nothing.

        What brought the first data is not taken back.
        """
        self._take(self._undo.to_undo(area), "undo", area)

    def redo(self, area: str = "") -> None:
        """Bring again what the person undid last in the area; where there is nothing, nothing happens."""
        self._take(self._undo.to_redo(area), "redo", area)

    def steps(self, area: str) -> tuple[bool, bool]:
        """Is there something of the person's to undo, and to redo, in this area?"""
        return self._undo.to_undo(area) is not None, self._undo.to_redo(area) is not None

    def state_at(self, number: int) -> ProjectState:
        """The data and the stage map after this edit; the settings are those of now."""
        row = self._rows.row(number) if 0 < number <= self.head else None
        if row is None:
            raise SettingWrong(setting="edit", value=str(number)[:80], allowed=f"1..{self.head}")
        data = data_of(self._connection, row.data)
        return replace(self.state(), data=data, stage_map=self._rows.stage_map(row))

    def edits(self, limit: int) -> list[Edit]:
        """The last edits, newest first, with those that redo would bring back, without steps between."""
        # All at once: a cursor left at a damaged row would keep the file open as long as the error lives.
        rows = self._connection.execute(
            "SELECT number, made_at, op, client, undone_by, person, name, revision FROM edit AS one"
            " WHERE dropped IS NULL AND about IS NULL AND (undone_by IS NULL OR held = 0 AND undone_by > ("
            "  SELECT max(number) FROM edit AS newest WHERE newest.person = one.person AND newest.held < ?"
            "  AND newest.area = one.area AND newest.about IS NULL AND newest.dropped IS NULL))"
            " ORDER BY number DESC LIMIT ?",
            (BESIDE, limit),
        ).fetchall()
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
        ).fetchall()
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

    def _take(self, number: int | None, op: str, area: str) -> None:
        """Do backwards what the edit did, or what took it back, as far as others left it as it was."""
        self._told = ()
        if number is not None and area:
            self._step_of_settings(number, op, area)
        elif number is not None:
            self._step(number, op)

    def _step(self, number: int, op: str) -> None:
        """The same for an edit of the data and the stages."""
        now = self.state()
        taken = self._undo.taken_back(number, now, self._digests)
        state = taken.state
        digests = put_parts(self._connection, state)
        if digests == self._digests:
            self._held(number, taken)
        moved = self._moved_by(now, state, digests)
        self._stepped(number, {"op": op}, digests, moved, taken)
        self._rows.known = (digests[1], state.stage_map)

    def _step_of_settings(self, number: int, op: str, area: str) -> None:
        """The same for an edit of the notebook or of a journey map."""
        now = self.state()
        taken = self._undo.settings_back(number, area, now)
        values, was = _written(now.settings, taken.state.settings)
        if not values:
            self._held(number, taken)
        self._settings.keep(now.settings, taken.state.settings)
        done = {"op": op, "values": values, "was": was}
        self._stepped(number, done, self._digests, touched(values, was), taken, area)

    def _held(self, number: int, taken: TakenBack) -> NoReturn:
        """Others hold all that the edit changed: say so, and let the next step pass it."""
        self._connection.execute("UPDATE edit SET held = 1 WHERE number = ?", (number,))
        raise UndoHeld(who=taken.holder)

    def _stepped(
        self,
        number: int,
        op: Mapping[str, Any],
        digests: tuple[bytes, bytes],
        moved: Collection[Key],
        taken: TakenBack,
        area: str = "",
    ) -> None:
        """Write a step of undo or redo about this edit down."""
        told = kept_apart(taken.holder, taken.left, op["op"] == "redo") if taken.left else None
        step = self._append(op, digests, moved, about=number, said=told, area=area)
        self._connection.execute(
            "UPDATE edit SET undone_by = ? WHERE number = ?", (step if op["op"] == "undo" else None, number)
        )
        self._state = taken.state
        self._told = () if told is None else (told,)

    def _wrote(
        self,
        before: ProjectState,
        after: ProjectState,
        changed: tuple[Mapping[str, Any], Mapping[str, Any]],
        client: str | None,
        base: int | None,
    ) -> Finding | None:
        """Append what an operation changed in notebook, map or register: the settings, and what they were."""
        values, was = changed
        area, keys = area_of(values, was), touched(values, was)
        on_map = {key for key in keys if area_of_fact(key[1])}
        shown = {**before.settings, **after.settings}
        over = self._gone_over(
            on_map, lambda who, met, theirs: gone_over_on_map(who, met, shown, theirs=theirs), base, client
        )
        written = {"op": "settings", "values": values, "was": was}
        finding = wrote(before, after, values, was)
        number = self._append(written, self._digests, keys, client=client, said=finding, over=over, area=area)
        if area == BESIDE_ALL:
            self._connection.execute("UPDATE edit SET held = ? WHERE number = ?", (BESIDE, number))
        return None if over is None else over.mine

    def _gone_over(
        self, moved: Collection[Key], tell: Tell, base: int | None, client: str | None
    ) -> GoneOver | None:
        if base is None or base >= self.revision or not moved:
            return None
        return gone_over(self._rows, self._person, moved, tell, base=base, client=client)

    def _moved_by(
        self, before: ProjectState, after: ProjectState, digests: tuple[bytes, bytes]
    ) -> frozenset[Key]:
        found = meant(changes(before.stage_map, after.stage_map))
        return frozenset(found | ({DATA} if digests[0] != self._digests[0] else set()))

    def _append(
        self,
        op: Mapping[str, Any],
        digests: tuple[bytes, bytes],
        moved: Collection[Key],
        *,
        client: str | None = None,
        about: int | None = None,
        said: Finding | None = None,
        over: GoneOver | None = None,
        area: str = "",
    ) -> int:
        # Those of settings follow from no state beside them.
        listed = packed(sorted(moved)) if area or len(moved) <= _MOST_TOUCHED else None
        told = None if said is None else packed(finding_to_json(said))
        self.head = put_row(
            self._connection,
            op,
            digests,
            self._person,
            self.revision + 1,
            client=client,
            about=about,
            touched=listed,
            said=told,
            over=None if over is None else (over.edit, over.theirs),
            area=area,
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
        if self._rows.known is None or self._rows.known[0] != stages:
            self._rows.known = (stages, stage_map_of(self._connection, stages))
        return ProjectState(data_of(self._connection, data), self._rows.known[1], self._settings.now())

    def _said_then(self, number: int, op: bytes) -> Finding:
        """What an edit of an older version did, from the states around it."""
        row, before = self._rows.row(number), self._rows.before(number)
        if row is None:
            raise ProjectDamaged()
        earlier = ProjectState() if before is None else self.state_at(before.number)
        return said(unpacked(op), earlier, self.state_at(number), self._rows.touched(row))

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


def _written(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The settings of the history that are other ones now, and what they were; None for one not there."""
    names = sorted(name for name in {*before, *after} if is_of_history(name))
    other = [name for name in names if is_other(before.get(name), after.get(name))]
    return {name: after.get(name) for name in other}, {name: before.get(name) for name in other}


def _finding(content: Mapping[str, Any]) -> Finding:
    return findings_from_json([content])[0]
