"""All projects of one machine: make one, list them, open one by its id."""

from __future__ import annotations

import datetime as dt
import os
import re
import secrets
import shutil
import sqlite3
import time
import unicodedata
import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import platformdirs

from journey.errors import NotStored, OwnerOnly, ProjectDamaged, ProjectMissing, ProjectNewer, SettingWrong
from journey.projects import backups as copies
from journey.projects import database, leftovers, project_row
from journey.projects import members as people
from journey.projects.access import ProjectFile, last_members, reading, role_of, writing
from journey.projects.backups import Backup
from journey.projects.clock import moment
from journey.projects.contents import referred
from journey.projects.data_files import DataFiles, flush_folder, need_room, size_of
from journey.projects.data_ref import FileRef
from journey.projects.database import created, told
from journey.projects.members import Member
from journey.projects.person import LOCAL, Person
from journey.projects.project import Project
from journey.projects.remembered import Recognised, recognised

__all__ = ["Fitting", "Project", "ProjectSummary", "Store"]

_ID = re.compile(r"[0-9a-f]{32}")
_LONGEST_NAME = 200
_MOST_COMPARED = 50
_NEW, _GONE = ".new-", ".gone-"
# An unfinished folder that is younger may still be written.
_STALE_SECONDS = 24 * 3600


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
    role: str = people.MEMBER
    owner: str = ""


@dataclass(frozen=True)
class Fitting:
    """A project with a file of the same shape as a new one, and what was said about that file."""

    project: ProjectSummary
    recognised: Recognised


class Store:
    """The projects below one folder: `home`, else JOURNEY_HOME, else the user's data folder.

    A project's folder is named by a random id, never by what a user typed; only its owner may enter it.
    """

    def __init__(self, home: Path | None = None, person: Person = LOCAL) -> None:
        chosen = home or os.environ.get("JOURNEY_HOME")
        self.home = Path(chosen) if chosen else platformdirs.user_data_path("journey-lab", appauthor=False)
        self.person = person
        self._projects = self.home / "projects"
        # What a project read last is at hand for the next who opens it; who may open it is asked each time.
        self._project = lru_cache(maxsize=64)(lambda known: Project(known, self._projects / known))

    def for_(self, person: Person) -> Store:
        """The same projects, as this person may see and change them."""
        theirs = copy(self)
        theirs.person = person
        return theirs

    def create(self, name: str) -> Project:
        """Make an empty project. Two projects may have one name; an empty name is refused."""
        with self.making(name) as (project, _):
            made = project.id
        return self.open(made)

    @contextmanager
    def making(self, name: str) -> Iterator[tuple[Project, Path]]:
        """A new project in its folder, which nobody sees before the block ends; if it fails nothing stays."""
        name = _name(name)
        project_id = uuid.uuid4().hex
        with self.scratch() as folder:
            file = folder / "project.sqlite"
            created(file)
            with database.writing(file) as connection:
                project_row.begin(connection, name, secrets.token_bytes(32), self.person)
                people.put(connection, self._owner())
            yield Project(project_id, folder).for_(self.person), folder
            self._finish(folder, project_id)

    def duplicate(self, project_id: str, name: str) -> Project:
        """A project of one's own that is as this one is now, with its history and a secret of its own.

        The data files are shared under second names where the disk can do that, so it takes moments.
        """
        source, name, made = self.open(project_id), _name(name), uuid.uuid4().hex
        with told():
            need_room(self._projects, _database_size(source.database))
        with self.scratch() as folder:
            target = folder / "project.sqlite"
            with reading(ProjectFile(source.database, self.person)) as connection, told():
                copies.copied(connection, target)
            with database.writing(target) as connection:
                # What is deleted from the copy shall not stand in it any more.
                connection.execute("PRAGMA secure_delete = ON")
                people.clear(connection)
                people.put(connection, self._owner())
                project_row.renew(connection, name, secrets.token_bytes(32), self.person)
                meant = referred(connection)
            DataFiles(source.database.parent).share(meant, folder)
            self._finish(folder, made)
        return self.open(made)

    def rename(self, project_id: str, name: str) -> None:
        """Call a project otherwise; an empty name is refused."""
        name = _name(name)
        with writing(ProjectFile(self.open(project_id).database, self.person)) as connection:
            project_row.rename(connection, name)

    def delete(self, project_id: str) -> None:
        """Remove a project with everything that is kept of it, for ever; raises OwnerOnly for other members.

        It is gone at once: a process that is killed while it removes the files leaves a name that nobody
        opens and that the next listing removes.
        """
        if role_of(self._file(project_id)) != people.OWNER:
            raise OwnerOnly()
        gone = self._projects / f"{_GONE}{uuid.uuid4().hex}"
        with told():
            try:
                self._folder(project_id).rename(gone)
            except FileNotFoundError:
                raise ProjectMissing() from None
            flush_folder(self._projects)
        # What was read of it last must not stay in memory.
        self._project.cache_clear()
        shutil.rmtree(gone, ignore_errors=True)

    def backups(self, project_id: str) -> list[Backup]:
        """What can be gone back to where the project cannot be opened any more, newest first."""
        role_of(self._file(project_id))
        return copies.backups(self._folder(project_id))

    def recover(self, project_id: str, backup_id: str) -> Project:
        """Let a backup take the place of a damaged project, which is set aside; a sound one stays as it is.

        Who may open it is as it was last, not as it was when that backup was made.
        """
        file = self._file(project_id)
        role_of(file)
        backup = next((one for one in self.backups(project_id) if one.id == backup_id), None)
        if backup is None:
            raise SettingWrong(setting="backup", value=str(backup_id)[:80], allowed="")
        if not _is_sound(file.path):
            let_in = last_members(file)
            with self._copy(file.path, backup) as copy:
                with database.writing(copy) as connection:
                    people.clear(connection)
                    people.put(connection, let_in)
                with told():
                    _set_aside(file.path)
                    copy.rename(file.path)
                    flush_folder(file.path.parent)
        return self.open(project_id)

    def compact(self, project_id: str) -> None:
        """Remove files that no edit and no backup refers to: what killed processes have left."""
        file = self._file(project_id)
        with writing(file) as connection:
            meant = [referred(connection)]
            for backup in copies.backups(file.path.parent):
                with copies.looked_into(backup.path) as earlier:
                    meant.append(referred(earlier))
            every = {kind: frozenset().union(*(one[kind] for one in meant)) for kind in meant[0]}
            DataFiles(file.path.parent).forget_old(every)

    @contextmanager
    def _copy(self, file: Path, backup: Backup) -> Iterator[Path]:
        """A copy of the backup that can be written to; what still has its name at the end goes."""
        copy = file.with_name(f"{_NEW}{uuid.uuid4().hex}.sqlite")
        try:
            with told(), copies.looked_into(backup.path) as connection:
                copies.copied(connection, copy)
            yield copy
        finally:
            for ending in ("", "-wal", "-shm"):
                copy.with_name(copy.name + ending).unlink(missing_ok=True)

    def _owner(self) -> list[Member]:
        """Who owns what is made here: nobody by name where everybody sees all."""
        if self.person.sees_all:
            return []
        return [people.owner(self.person)]

    def _folder(self, project_id: object) -> Path:
        """Where the project of this id lies; ProjectMissing for other texts, and for a link to elsewhere."""
        if not isinstance(project_id, str) or not _ID.fullmatch(project_id):
            raise ProjectMissing()
        folder = self._projects / project_id
        if folder.is_symlink() or not folder.is_dir():
            raise ProjectMissing()
        return folder

    def _file(self, project_id: object) -> ProjectFile:
        """Its database in the hands of the person."""
        return ProjectFile(self._folder(project_id) / "project.sqlite", self.person)

    def _finish(self, folder: Path, project_id: str) -> None:
        """Give a complete project its name."""
        with told():
            flush_folder(folder)
            folder.rename(self._projects / project_id)
            flush_folder(self._projects)

    def _sweep(self) -> None:
        """Remove what killed processes left: a deleted project at once, an unfinished one after a day."""
        oldest = time.time() - _STALE_SECONDS
        for entry in self._projects.glob(".*"):
            with suppress(FileNotFoundError):
                unused = entry.name.startswith(_NEW) and entry.stat().st_mtime < oldest
                if (unused or entry.name.startswith(_GONE)) and not entry.is_symlink():
                    shutil.rmtree(entry, ignore_errors=True)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """An empty folder on the disk of the projects; what still has its name at the end goes."""
        folder = self._projects / f"{_NEW}{uuid.uuid4().hex}"
        with told():
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._projects.mkdir(mode=0o700, exist_ok=True)
            folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def free_name(self, name: str) -> str:
        """The name as it is kept, numbered where a project of this person has it: "Shop (2)"."""
        name = _name(name)
        taken = {summary.name for summary in self.projects()}
        numbered = (f"{name[: _LONGEST_NAME - 8]} ({number})" for number in range(2, len(taken) + 2))
        return name if name not in taken else next(free for free in numbered if free not in taken)

    @contextmanager
    def begun(self, name: str) -> Iterator[Project]:
        """A new project that stays only if what is done with it does not fail."""
        project = self.create(name)
        try:
            yield project
        except BaseException:
            # It takes another name first, so that no half of a project is ever listed.
            gone = self._projects / f"{_GONE}{project.id}"
            (self._projects / project.id).rename(gone)
            shutil.rmtree(gone, ignore_errors=True)
            raise

    def open(self, project_id: str) -> Project:
        """The project of this id; ProjectMissing when there is none, whatever the text is.

        Raises ProjectNewer for a project of a later version and ProjectDamaged for one that cannot be read.
        """
        self._folder(project_id)
        project = self._project(project_id).for_(self.person)
        project.revision  # noqa: B018 - to be told now, not at the first use, what is wrong with it
        return project

    def projects(self) -> list[ProjectSummary]:
        """All projects that the person may open, the last changed first; those with a problem at the end."""
        with told():
            entries = sorted(self._projects.iterdir()) if self._projects.is_dir() else []
            self._sweep()
        found = []
        for entry in entries:
            with suppress(ProjectMissing):
                found.append(self._summary(self._folder(entry.name)))
        return sorted(found, key=lambda summary: summary.changed or moment(0), reverse=True)

    def fitting(
        self,
        columns: Sequence[str],
        *,
        sheets: Collection[str] = (),
        parts: Collection[str] = (),
        but: str | None = None,
    ) -> list[Fitting]:
        """Projects with a file of these columns, the most alike first, then the last changed.

        Only the last 50 are looked at, without the project `but`; what cannot be opened is passed over.
        `sheets` and `parts` are what the new file has.
        """
        found = []
        for summary in self.projects()[:_MOST_COMPARED]:
            if summary.problem is None and summary.id != but:
                files = _files(ProjectFile(self._projects / summary.id / "project.sqlite", self.person))
                known = recognised(columns, files, sheets=sheets, parts=parts)
                found += [] if known is None else [Fitting(summary, known)]
        return sorted(found, key=lambda fit: (fit.recognised.exact, fit.recognised.share), reverse=True)

    def _summary(self, folder: Path) -> ProjectSummary:
        try:
            return _summary(ProjectFile(folder / "project.sqlite", self.person))
        except ProjectMissing:
            raise
        except NotStored as error:
            # Busy, or the disk: nobody could look whose it is now, so it is theirs whose it was last.
            file = ProjectFile(folder / "project.sqlite", self.person)
            known = isinstance(error, ProjectDamaged | ProjectNewer)
            if not known and people.role_in(last_members(file), self.person) is None:
                raise ProjectMissing() from None
            return _last_known(file, error)


def _last_known(file: ProjectFile, problem: NotStored) -> ProjectSummary:
    """A project that cannot be opened, as its newest backup knows it."""
    let_in, name = last_members(file), ""
    last = copies.newest(file.path.parent)
    if last is not None:
        with (
            suppress(sqlite3.DatabaseError, ValueError, ProjectDamaged),
            copies.looked_into(last) as connection,
        ):
            name = project_row.facts(connection)["name"]
    return ProjectSummary(
        file.path.parent.name,
        name,
        problem=problem.code,
        size=size_of(file.path.parent),
        role=people.role_in(let_in, file.person) or people.MEMBER,
        owner=_named(let_in),
    )


def _named(let_in: Iterable[Member]) -> str:
    owner = next((one for one in let_in if one.role == people.OWNER), None)
    return "" if owner is None else owner.name or owner.person


def _is_sound(file: Path) -> bool:
    """Can a project be read from end to end?"""
    try:
        with database.reading(file) as connection:
            whole: bool = connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
            referred(connection)
        project = Project(file.parent.name, file.parent)
        return whole and project.state.revision >= 0 and bool(project.history())
    except ProjectDamaged:
        return False


def _set_aside(file: Path) -> None:
    """Give a damaged database another name, first of all what was not yet written into it."""
    name = f"damaged-{time.time_ns() // 1000}.sqlite"
    for ending in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            file.with_name(file.name + ending).rename(file.with_name(name + ending))


def _summary(file: ProjectFile) -> ProjectSummary:
    with reading(file) as connection:
        facts, data = project_row.facts(connection), project_row.data_now(connection)
        let_in = people.members(connection)
        unfinished = leftovers.are_left(connection)
    if unfinished:
        leftovers.swept(file)
    return ProjectSummary(
        file.path.parent.name,
        facts["name"],
        facts["revision"],
        moment(facts["created_at"]),
        moment(facts["changed_at"]),
        files=0 if data is None else len(data.files),
        size=size_of(file.path.parent),
        role=people.role_in(let_in, file.person) or people.MEMBER,
        owner=_named(let_in),
    )


def _files(file: ProjectFile) -> tuple[FileRef, ...]:
    try:
        with reading(file) as connection:
            data = project_row.data_now(connection)
    except NotStored:
        return ()
    return () if data is None else data.files


def _database_size(file: Path) -> int:
    """Bytes of a project's database with what is not yet written into it."""
    files = (file, file.with_name(f"{file.name}-wal"))
    return sum(one.stat().st_size for one in files if one.exists())


def _name(text: str) -> str:
    """The name as it is kept: NFC, one line, at most 200 characters."""
    shown = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in text)
    name = " ".join(unicodedata.normalize("NFC", shown).split())[:_LONGEST_NAME].rstrip()
    if not name:
        raise SettingWrong(setting="name", value="", allowed=f"1-{_LONGEST_NAME}")
    return name
