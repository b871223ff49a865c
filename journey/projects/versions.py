"""States of a project that somebody gave a name to."""

from __future__ import annotations

import datetime as dt
import sqlite3
import unicodedata
from dataclasses import dataclass

from journey.errors import SettingWrong
from journey.projects.clock import moment, now
from journey.projects.person import Person

__all__ = ["Version", "drop", "keep", "rename", "versions"]

_LONGEST_NAME = 100


@dataclass(frozen=True)
class Version:
    """The project as it was after the edit `edit`; `by` is the name of whoever kept it."""

    id: int
    name: str
    at: dt.datetime
    by: str
    edit: int


def versions(connection: sqlite3.Connection) -> tuple[Version, ...]:
    """All versions, the newest first."""
    rows = connection.execute(
        "SELECT id, name, made_at, person_name, edit FROM version ORDER BY id DESC"
    ).fetchall()
    return tuple(Version(id_, name, moment(at), by, edit) for id_, name, at, by, edit in rows)


def keep(connection: sqlite3.Connection, name: str, edit: int, person: Person) -> Version:
    """Give the state after this edit a name; two may have the same."""
    cursor = connection.execute(
        "INSERT INTO version (name, edit, made_at, person, person_name) VALUES (?, ?, ?, ?, ?)",
        (_name(name), edit, now(), person.key, person.name),
    )
    return next(version for version in versions(connection) if version.id == cursor.lastrowid)


def rename(connection: sqlite3.Connection, version_id: int, name: str) -> None:
    """Call a version otherwise."""
    _one(
        connection.execute("UPDATE version SET name = ? WHERE id = ?", (_name(name), version_id)), version_id
    )


def drop(connection: sqlite3.Connection, version_id: int) -> None:
    """Forget the name; the state stays in the history."""
    _one(connection.execute("DELETE FROM version WHERE id = ?", (version_id,)), version_id)


def _one(cursor: sqlite3.Cursor, version_id: int) -> None:
    if cursor.rowcount != 1:
        raise SettingWrong(setting="version", value=str(version_id)[:80], allowed="")


def _name(text: str) -> str:
    """NFC, one line, at most 100 characters; raises SettingWrong for an empty one."""
    shown = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in text)
    name = " ".join(unicodedata.normalize("NFC", shown).split())[:_LONGEST_NAME].rstrip()
    if not name:
        raise SettingWrong(setting="name", value="", allowed=f"1-{_LONGEST_NAME}")
    return name
