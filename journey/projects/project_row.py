"""What a project's own row says: its name, its secret, when it was made, and where its history stands."""

from __future__ import annotations

import sqlite3
from typing import Any

from journey.errors import ProjectDamaged
from journey.projects.clock import now
from journey.projects.contents import data_of, packed, put_parts
from journey.projects.data_ref import DataRef
from journey.projects.edit_rows import put_row
from journey.projects.happened import said
from journey.projects.person import LOCAL, Person
from journey.projects.state import ProjectState
from journey.projects.written_findings import finding_to_json

__all__ = ["begin", "data_now", "facts", "rename", "renew"]


def begin(connection: sqlite3.Connection, name: str, mask_key: bytes, person: Person = LOCAL) -> None:
    """Write the one project row of a new file, and the edit that history starts with."""
    at, op = now(), {"op": "create"}
    told = packed(finding_to_json(said(op, ProjectState(), ProjectState(), ())))
    head = put_row(
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
