"""All projects of one machine: make one, list them, open one by its id."""

from __future__ import annotations

import datetime as dt
import os
import re
import secrets
import shutil
import time
import unicodedata
import uuid
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import platformdirs

from journey.errors import NotStored, OwnerOnly, ProjectDamaged, ProjectMissing, ProjectNewer, SettingWrong
from journey.projects import history, leftovers
from journey.projects import members as people
from journey.projects.access import ProjectFile, reading, writing
from journey.projects.data_files import DataFiles, flush_folder, need_room, size_of
from journey.projects.data_ref import FileRef
from journey.projects.database import copied, created, told
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
    opened only the id and the `problem` (an error's code) are known.
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
            with writing(ProjectFile(file)) as connection:
                history.begin(connection, name, secrets.token_bytes(32), self.person)
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
            target = ProjectFile(folder / "project.sqlite")
            with reading(ProjectFile(source.database, self.person)) as connection:
                copied(connection, target.path)
            with writing(target) as connection:
                # What is deleted from the copy shall not stand in it any more.
                connection.execute("PRAGMA secure_delete = ON")
                people.clear(connection)
                people.put(connection, self._owner())
                history.renew(connection, name, secrets.token_bytes(32), self.person)
                meant = history.referred(connection)
            DataFiles(source.database.parent).share(meant, folder)
            self._finish(folder, made)
        return self.open(made)

    def rename(self, project_id: str, name: str) -> None:
        """Call a project otherwise; an empty name is refused."""
        name = _name(name)
        with writing(ProjectFile(self.open(project_id).database, self.person)) as connection:
            history.rename(connection, name)

    def delete(self, project_id: str) -> None:
        """Remove a project with everything that is kept of it, for ever; raises OwnerOnly for other members.

        It is gone at once: a process that is killed while it removes the files leaves a name that nobody
        opens and that the next listing removes.
        """
        if self._role(self._folder(project_id)) != people.OWNER:
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

    def _role(self, folder: Path) -> str:
        """What the person may do with a project, though it cannot be opened any more."""
        if self.person.sees_all:
            return people.OWNER
        with reading(ProjectFile(folder / "project.sqlite", self.person)) as connection:
            return people.role_in(people.members(connection), self.person) or people.MEMBER

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
        return sorted(found, key=lambda summary: summary.changed or history.moment(0), reverse=True)

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
            # Busy, or the disk: then nobody could look whose it is.
            known = isinstance(error, ProjectDamaged | ProjectNewer) or self.person.sees_all
            if not known:
                raise ProjectMissing() from None
            return ProjectSummary(folder.name, problem=error.code)


def _summary(file: ProjectFile) -> ProjectSummary:
    with reading(file) as connection:
        facts, data = history.facts(connection), history.data_now(connection)
        let_in = people.members(connection)
        unfinished = leftovers.are_left(connection)
    if unfinished:
        leftovers.swept(file)
    owner = next((one for one in let_in if one.role == people.OWNER), None)
    return ProjectSummary(
        file.path.parent.name,
        facts["name"],
        facts["revision"],
        history.moment(facts["created_at"]),
        history.moment(facts["changed_at"]),
        files=0 if data is None else len(data.files),
        size=size_of(file.path.parent),
        role=people.role_in(let_in, file.person) or people.MEMBER,
        owner="" if owner is None else owner.name or owner.person,
    )


def _files(file: ProjectFile) -> tuple[FileRef, ...]:
    try:
        with reading(file) as connection:
            data = history.data_now(connection)
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
