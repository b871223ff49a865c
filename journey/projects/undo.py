"""Undo and redo: which edit of a person is next, and what is left of it to take back.

What people write in the notebook and on journey maps stands in settings, beside the data and the stages.
These edits are taken back where they were made, the newest of an area first (journey.projects.setting_edits).
The register of tests is another setting that the history tells of; its edits are taken back by nobody.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from journey.errors import ProjectDamaged
from journey.projects.contents import NO_DATA, data_of, unpacked
from journey.projects.edit_rows import DATA, EditRow, EditRows, meant
from journey.projects.person import Person
from journey.projects.setting_edits import MAPS, done_backwards
from journey.projects.state import ProjectState
from journey.stages.changes import Key, applied, changes, reverse

__all__ = ["BESIDE", "TakenBack", "Undo"]

# `held` of an edit that undo goes past: 1 where others have what it changed, this where it is no step.
BESIDE = 2


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

    def to_undo(self, area: str = "") -> int | None:
        """The person's newest edit that stands; None where the project began with it, or with its data."""
        row = self._connection.execute(
            "SELECT number, data, op FROM edit WHERE person = ? AND area = ? AND about IS NULL"
            " AND undone_by IS NULL AND dropped IS NULL AND held = 0 ORDER BY number DESC LIMIT 1",
            (self._person.key, area),
        ).fetchone()
        before = None if row is None else self._rows.before(row[0])
        if before is None or before.data == NO_DATA != row[1]:
            return None
        if self._rows.before(before.number) is None and unpacked(row[2])["op"] == "import":
            return None
        number: int = row[0]
        return number

    def to_redo(self, area: str = "") -> int | None:
        """What the person undid last, unless they edited since in the same area.

        A map that was brought back is not taken away again by a step: there is a question for that.
        """
        if area == MAPS:
            return None
        row = self._connection.execute(
            "SELECT number FROM edit WHERE person = ?1 AND area = ?2 AND undone_by IS NOT NULL"
            " AND dropped IS NULL AND held = 0 AND undone_by > (SELECT number FROM edit WHERE person = ?1"
            " AND area = ?2 AND about IS NULL AND dropped IS NULL AND held < ?3 ORDER BY number DESC LIMIT 1)"
            " ORDER BY undone_by DESC LIMIT 1",
            (self._person.key, area, BESIDE),
        ).fetchone()
        return row[0] if row else None

    def settings_back(self, number: int, area: str, now: ProjectState) -> TakenBack:
        """Done backwards, thing by thing: what this edit of settings did, or what took it back."""
        done = self._rows.newest_about(number)
        (told,) = self._connection.execute("SELECT op FROM edit WHERE number = ?", (done.number,)).fetchone()
        op, theirs = unpacked(told), self._touched_since(done)
        settings, left = done_backwards(op["values"], op["was"], area, now.settings, theirs)
        return TakenBack(replace(now, settings=settings), left, _holder(left, theirs))

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
