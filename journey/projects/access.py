"""The one door to a project's database: it asks for whom it opens, each time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from journey.errors import NotStored, ProjectDamaged, ProjectMissing, ProjectNewer
from journey.projects import backups, database
from journey.projects.database import Check
from journey.projects.members import OWNER, Member, members, role_in
from journey.projects.person import LOCAL, Person

__all__ = ["ProjectFile", "last_members", "reading", "role_of", "writing"]


@dataclass(frozen=True)
class ProjectFile:
    """A project's database in the hands of one person."""

    path: Path
    person: Person = LOCAL


def reading(file: ProjectFile) -> AbstractContextManager[sqlite3.Connection]:
    """A connection for looking things up; ProjectMissing for a person who may not open the project."""
    return _entered(file, database.reading)


@contextmanager
def writing(file: ProjectFile, *, backup: bool = False) -> Iterator[sqlite3.Connection]:
    """A connection in one transaction; ProjectMissing for a person who may not open the project.

    What was written is backed up where the newest backup is older than an hour, with `backup` in any case.
    """
    with _entered(file, database.writing) as connection:
        yield connection
    # The edit is on the disk and stays so; a disk that has no room for a backup tells it at the next edit.
    with suppress(NotStored, OSError):
        if backup or backups.is_due(file.path.parent):
            with database.reading(file.path) as connection, database.told():
                backups.keep(connection, file.path.parent)


def role_of(file: ProjectFile) -> str:
    """What the person may do with a project, though it may be damaged; ProjectMissing where nothing."""
    if file.person.sees_all:
        return OWNER
    try:
        with reading(file) as connection:
            found = role_in(members(connection), file.person)
    except (ProjectDamaged, ProjectNewer):
        found = role_in(last_members(file), file.person)
    if found is None:
        raise ProjectMissing()
    return found


def last_members(file: ProjectFile) -> tuple[Member, ...]:
    """Who was let in when the newest backup was made, which every change of members does; else nobody."""
    last = backups.newest(file.path.parent)
    if last is not None:
        # Torn text is a ValueError. Of a backup that cannot be read nobody is let in by an older one.
        with (
            suppress(sqlite3.DatabaseError, ValueError, ProjectDamaged),
            backups.looked_into(last) as connection,
        ):
            return members(connection)
    return ()


@contextmanager
def _entered(
    file: ProjectFile, opened: Callable[[Path, Check], AbstractContextManager[sqlite3.Connection]]
) -> Iterator[sqlite3.Connection]:
    allowed = file.person.sees_all

    def check(connection: sqlite3.Connection) -> None:
        nonlocal allowed
        allowed = file.person.sees_all or role_in(members(connection), file.person) is not None
        if not allowed:
            raise ProjectMissing()

    try:
        with opened(file.path, check) as connection:
            yield connection
    except (ProjectDamaged, ProjectNewer):
        if not allowed and role_in(last_members(file), file.person) is None:
            # Whether there is such a project is nobody's business but its members'.
            raise ProjectMissing() from None
        raise
