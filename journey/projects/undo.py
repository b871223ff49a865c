"""Undo and redo: which edit of a person is next, and what is left of it to take back."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from journey.errors import ProjectDamaged
from journey.projects.contents import NO_DATA, data_of, unpacked
from journey.projects.edit_rows import DATA, EditRow, EditRows, meant
from journey.projects.person import Person
from journey.projects.state import ProjectState
from journey.stages.changes import Key, applied, changes, reverse

__all__ = ["TakenBack", "Undo"]


@dataclass(frozen=True)
class TakenBack:
    """The state without an edit, the things that stay because they are somebody else's by now, and whose."""

    state: ProjectState
    left: frozenset[Key] = frozenset()
    holder: str = ""


class Undo:
    """What one person can take back and bring again, inside one open transaction."""

    def __init__(self, connection: sqlite3.Connection, rows: EditRows, person: Person) -> None:
        self._connection = connection
        self._rows = rows
        self._person = person

    def to_undo(self) -> int | None:
        """The person's newest edit that stands; None where the project began with it, or with its data."""
        row = self._connection.execute(
            "SELECT number, data, op FROM edit WHERE person = ? AND about IS NULL AND undone_by IS NULL"
            " AND dropped IS NULL AND held = 0 ORDER BY number DESC LIMIT 1",
            (self._person.key,),
        ).fetchone()
        before = None if row is None else self._rows.before(row[0])
        if before is None or before.data == NO_DATA != row[1]:
            return None
        if self._rows.before(before.number) is None and unpacked(row[2])["op"] == "import":
            return None
        number: int = row[0]
        return number

    def to_redo(self) -> int | None:
        """What the person undid last, unless they edited since."""
        row = self._connection.execute(
            "SELECT number FROM edit WHERE person = ?1 AND undone_by IS NOT NULL AND dropped IS NULL"
            " AND held = 0 AND undone_by > (SELECT max(number) FROM edit WHERE person = ?1"
            " AND about IS NULL AND dropped IS NULL) ORDER BY undone_by DESC LIMIT 1",
            (self._person.key,),
        ).fetchone()
        return row[0] if row else None

    def taken_back(self, number: int, now: ProjectState, digests: tuple[bytes, bytes]) -> TakenBack:
        """Done backwards: what the edit did, or what took it back, as far as others left it as it was.

        `digests` are those of the data and the stages of now.
        """
        done = self._rows.newest_about(number)
        before = self._rows.before(done.number)
        if before is None:
            raise ProjectDamaged()
        theirs = self._touched_since(done)
        if not theirs and digests == (done.data, done.stages):
            # Exactly as it was: also what no thing stands for, such as numbers of stages to come.
            data = data_of(self._connection, before.data)
            return TakenBack(replace(now, data=data, stage_map=self._rows.stage_map(before)))
        wanted = reverse(changes(self._rows.stage_map(before), self._rows.stage_map(done)))
        data = now.data
        if done.data != before.data:
            # Files and the stages that came with them are one thing.
            if digests[0] != done.data or DATA in theirs:
                return TakenBack(now, frozenset({DATA}), _holder({DATA}, theirs))
            data = data_of(self._connection, before.data)
        free = {key: pair for key, pair in wanted.items() if key not in theirs}
        stage_map, left = applied(now.stage_map, free)
        stay = frozenset(meant(left | {key for key in wanted if key in theirs}))
        return TakenBack(replace(now, data=data, stage_map=stage_map), stay, _holder(stay, theirs))

    def _touched_since(self, done: EditRow) -> dict[Key, EditRow]:
        """What others changed after it and did not take back, and who did so last."""
        rows = self._rows.rows(
            "number > ? AND person <> ? AND undone_by IS NULL AND (about IS NULL OR"
            " (SELECT undone_by FROM edit AS meant WHERE meant.number = one.about) IS NULL)",
            (done.number, self._person.key),
        )
        return {key: row for row in rows for key in self._rows.touched(row)}


def _holder(left: Collection[Key], theirs: Mapping[Key, EditRow]) -> str:
    rows = [theirs[key] for key in left if key in theirs]
    return max(rows, key=lambda row: row.number).name if rows else ""
