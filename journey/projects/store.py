"""All projects of one machine: make one, list them, open one by its id."""

from __future__ import annotations

import datetime as dt
import os
import re
import secrets
import shutil
import unicodedata
import uuid
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import platformdirs

from journey.errors import NotStored, ProjectMissing, SettingWrong
from journey.projects import history
from journey.projects.data_files import flush_folder
from journey.projects.data_ref import FileRef
from journey.projects.database import created, reading, told, writing
from journey.projects.person import LOCAL, Person
from journey.projects.project import Project
from journey.projects.remembered import Recognised, recognised

__all__ = ["Fitting", "Project", "ProjectSummary", "Store"]

_ID = re.compile(r"[0-9a-f]{32}")
_LONGEST_NAME = 200
_MOST_COMPARED = 50


@dataclass(frozen=True)
class ProjectSummary:
    """One line of the list of projects: its name, how many `files` it has, and when it was changed.

    Of a project that cannot be opened only the id and the `problem` (an error's code) are known.
    """

    id: str
    name: str = ""
    revision: int = 0
    created: dt.datetime | None = None
    changed: dt.datetime | None = None
    problem: str | None = None
    files: int = 0


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
            with writing(file) as connection:
                history.begin(connection, name, secrets.token_bytes(32))
            yield Project(project_id, folder).for_(self.person), folder
            with told():
                flush_folder(folder)
                folder.rename(self._projects / project_id)
                flush_folder(self._projects)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """An empty folder on the disk of the projects; what still has its name at the end goes."""
        folder = self._projects / f".new-{uuid.uuid4().hex}"
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
            unfinished = self._projects / f".new-{project.id}"
            (self._projects / project.id).rename(unfinished)
            shutil.rmtree(unfinished, ignore_errors=True)
            raise

    def open(self, project_id: str) -> Project:
        """The project of this id; ProjectMissing when there is none, whatever the text is.

        Raises ProjectNewer for a project of a later version and ProjectDamaged for one that cannot be read.
        """
        if not isinstance(project_id, str) or not _ID.fullmatch(project_id):
            raise ProjectMissing()
        if not (self._projects / project_id).is_dir():
            raise ProjectMissing()
        project = self._project(project_id).for_(self.person)
        project.revision  # noqa: B018 - to be told now, not at the first use, what is wrong with it
        return project

    def projects(self) -> list[ProjectSummary]:
        """All projects, the last changed first; those with a problem at the end."""
        with told():
            entries = sorted(self._projects.iterdir()) if self._projects.is_dir() else []
        found = [_summary(entry) for entry in entries if _ID.fullmatch(entry.name) and entry.is_dir()]
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
                files = _files(self._projects / summary.id)
                known = recognised(columns, files, sheets=sheets, parts=parts)
                found += [] if known is None else [Fitting(summary, known)]
        return sorted(found, key=lambda fit: (fit.recognised.exact, fit.recognised.share), reverse=True)


def _files(folder: Path) -> tuple[FileRef, ...]:
    try:
        with reading(folder / "project.sqlite") as connection:
            data = history.data_now(connection)
    except NotStored:
        return ()
    return () if data is None else data.files


def _summary(folder: Path) -> ProjectSummary:
    try:
        with reading(folder / "project.sqlite") as connection:
            facts, data = history.facts(connection), history.data_now(connection)
        return ProjectSummary(
            folder.name,
            facts["name"],
            facts["revision"],
            history.moment(facts["created_at"]),
            history.moment(facts["changed_at"]),
            files=0 if data is None else len(data.files),
        )
    except NotStored as error:
        return ProjectSummary(folder.name, problem=error.code)


def _name(text: str) -> str:
    """The name as it is kept: NFC, one line, at most 200 characters."""
    shown = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in text)
    name = " ".join(unicodedata.normalize("NFC", shown).split())[:_LONGEST_NAME].rstrip()
    if not name:
        raise SettingWrong(setting="name", value="", allowed=f"1-{_LONGEST_NAME}")
    return name
