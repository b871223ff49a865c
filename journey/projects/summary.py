"""One line of the list of projects, also of one that cannot be opened."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from journey.errors import NotStored, ProjectDamaged, ProjectMissing, ProjectNewer
from journey.projects import backups, leftovers
from journey.projects.access import ProjectFile, last_members, reading
from journey.projects.clock import moment
from journey.projects.disk import size_of
from journey.projects.members import MEMBER, OWNER, Member, members, role_in
from journey.projects.project_row import data_now, facts

__all__ = ["ProjectSummary", "summary_of"]


@dataclass(frozen=True)
class ProjectSummary:
    """One line of the list of projects: its name, how many `files` it has, and when it was changed.

    `size` is what it takes on the disk, in bytes; `role` what the person may do with it, and `owner` the
    name or else the id of its first owner, '' where it belongs to the machine. Of a project that cannot be
    opened only the `problem` (an error's code) is known, and what its newest backup tells.
    """

    id: str
    name: str = ""
    revision: int = 0
    created: dt.datetime | None = None
    changed: dt.datetime | None = None
    problem: str | None = None
    files: int = 0
    size: int = 0
    role: str = MEMBER
    owner: str = ""


def summary_of(file: ProjectFile) -> ProjectSummary:
    """The line of this project; ProjectMissing for a person who may not open it."""
    try:
        return _opened(file)
    except ProjectMissing:
        raise
    except NotStored as error:
        # Busy, or the disk: nobody could look whose it is now, so it is theirs whose it was last.
        known = isinstance(error, ProjectDamaged | ProjectNewer)
        if not known and role_in(last_members(file), file.person) is None:
            raise ProjectMissing() from None
        return _last_known(file, error)


def _opened(file: ProjectFile) -> ProjectSummary:
    with reading(file) as connection:
        known, data = facts(connection), data_now(connection)
        let_in = members(connection)
        unfinished = leftovers.are_left(connection)
    if unfinished:
        leftovers.swept(file)
    return ProjectSummary(
        file.path.parent.name,
        known["name"],
        known["revision"],
        moment(known["created_at"]),
        moment(known["changed_at"]),
        files=0 if data is None else len(data.files),
        size=size_of(file.path.parent),
        role=role_in(let_in, file.person) or MEMBER,
        owner=_named(let_in),
    )


def _last_known(file: ProjectFile, problem: NotStored) -> ProjectSummary:
    """A project that cannot be opened, as its newest backup knows it."""
    let_in, name = last_members(file), ""
    last = backups.newest(file.path.parent)
    if last is not None:
        with (
            suppress(sqlite3.DatabaseError, ValueError, ProjectDamaged),
            backups.looked_into(last) as connection,
        ):
            name = facts(connection)["name"]
    return ProjectSummary(
        file.path.parent.name,
        name,
        problem=problem.code,
        size=size_of(file.path.parent),
        role=role_in(let_in, file.person) or MEMBER,
        owner=_named(let_in),
    )


def _named(let_in: Iterable[Member]) -> str:
    owner = next((one for one in let_in if one.role == OWNER), None)
    return "" if owner is None else owner.name or owner.person
