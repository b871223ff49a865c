"""The rows that the edits of a project are written in, as far as other edits have to look at them."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from journey.errors import ProjectDamaged
from journey.projects.clock import now
from journey.projects.contents import packed, stage_map_of, unpacked
from journey.projects.person import Person
from journey.stages.changes import Key, changes
from journey.stages.stage_map import StageMap

__all__ = ["DATA", "EditRow", "EditRows", "KnownMap", "meant", "put_row"]

# The data are one thing among those that an edit touches.
DATA: Key = ("data",)
# What says where something stands, and numbers for later: nobody means these.
_ASIDE = ("after", "last_id")
_COLUMNS = "number, data, stages, revision, person, name, client, touched"

# The stage map by the digest of its part: what was read last is not read again.
KnownMap = tuple[bytes, StageMap]


@dataclass(frozen=True)
class EditRow:
    """An edit, or a step of undo or redo."""

    number: int
    data: bytes
    stages: bytes
    revision: int
    person: str
    name: str
    client: str | None
    touched: bytes | None


class EditRows:
    """The rows inside one open transaction; `known` is the stage map that was read or written last."""

    def __init__(self, connection: sqlite3.Connection, known: KnownMap | None = None) -> None:
        self._connection = connection
        self.known = known

    def row(self, number: int) -> EditRow | None:
        """The edit of this number."""
        row = self._connection.execute(f"SELECT {_COLUMNS} FROM edit WHERE number = ?", (number,)).fetchone()
        return None if row is None else EditRow(*row)

    def rows(self, where: str, values: tuple[Any, ...]) -> list[EditRow]:
        """Those in the line for which this holds of the table `one`, the first one first."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM edit AS one WHERE dropped IS NULL AND {where} ORDER BY number", values
        )
        return [EditRow(*row) for row in rows]

    def before(self, number: int) -> EditRow | None:
        """The edit that led to the state before this one."""
        row = self._connection.execute(
            f"SELECT {_COLUMNS} FROM edit WHERE number < ? AND dropped IS NULL ORDER BY number DESC LIMIT 1",
            (number,),
        ).fetchone()
        return None if row is None else EditRow(*row)

    def newest_about(self, number: int) -> EditRow:
        """The step that last undid or redid it, else the edit itself."""
        (newest,) = self._connection.execute(
            "SELECT max(number) FROM edit WHERE about = ?", (number,)
        ).fetchone()
        row = self.row(newest or number)
        if row is None:
            raise ProjectDamaged()
        return row

    def stage_map(self, row: EditRow) -> StageMap:
        """The stage map after this edit."""
        if self.known is not None and self.known[0] == row.stages:
            return self.known[1]
        return stage_map_of(self._connection, row.stages)

    def touched(self, row: EditRow) -> frozenset[Key]:
        """The things that it touched."""
        if row.touched is not None:
            return frozenset(tuple(key) for key in unpacked(row.touched))
        before = self.before(row.number)
        if before is None:
            return frozenset()
        found = meant(changes(self.stage_map(before), self.stage_map(row)))
        return frozenset(found | ({DATA} if row.data != before.data else set()))


def meant(keys: Collection[Key]) -> set[Key]:
    """The things that somebody meant, without where they stand."""
    return {key for key in keys if key[-1] not in _ASIDE}


def put_row(
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
    area: str = "",
) -> int:
    """Add an edit at the end; returns its number."""
    cursor = connection.execute(
        "INSERT INTO edit (made_at, client, op, data, stages, revision, person, name, about, touched, said,"
        " over, over_said, area) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(now(), client, packed(dict(op)), *digests, revision, person.key, person.name),
            *(about, touched, said, *(over or (None, None)), area),
        ),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid
