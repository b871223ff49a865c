"""The one door to a project's database: it asks for whom it opens, each time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from journey.errors import ProjectDamaged, ProjectMissing, ProjectNewer
from journey.projects import database
from journey.projects.database import Check
from journey.projects.members import members, role_in
from journey.projects.person import LOCAL, Person

__all__ = ["ProjectFile", "reading", "writing"]


@dataclass(frozen=True)
class ProjectFile:
    """A project's database in the hands of one person."""

    path: Path
    person: Person = LOCAL


def reading(file: ProjectFile) -> AbstractContextManager[sqlite3.Connection]:
    """A connection for looking things up; ProjectMissing for a person who may not open the project."""
    return _entered(file, database.reading)


def writing(file: ProjectFile) -> AbstractContextManager[sqlite3.Connection]:
    """A connection in one transaction; ProjectMissing for a person who may not open the project."""
    return _entered(file, database.writing)


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
        if not allowed:
            # Whether there is such a project is nobody's business but its members'.
            raise ProjectMissing() from None
        raise
