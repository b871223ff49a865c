"""Which files were brought and are not part of a project yet, and what was said about each?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from journey.errors import JourneyError
from journey.events.kinds import TableChoice
from journey.sources.how import How

__all__ = ["Brought", "Tray"]


@dataclass(frozen=True)
class Brought:
    """One table that waits: a file, or one part of a zip.

    `digest` (sha256) names its bytes. `stored` is the id of the project's file whose columns are to be chosen
    again, and `like` the id of one whose shape this one has (`same`) or nearly has; `way` says whether it is
    to stand beside that one ("add") or in its place ("replace"), None while nobody has said. `gone` and
    `added` are the columns in which the two differ.
    `expected` says that its shape is one that the project, which came without its data, waits for.
    `choice` is None until the file was read, and while it says nothing about customers. `stopped` means that
    its reading was cancelled, `problem` that it failed.
    """

    digest: str
    name: str
    size: int
    how: How = field(default_factory=How)
    stored: str | None = None
    like: str | None = None
    same: bool = False
    expected: bool = False
    gone: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    way: str | None = None
    choice: TableChoice | None = None
    understood: bool = False
    stopped: bool = False
    problem: JourneyError | None = None

    @property
    def id(self) -> str:
        """The same bytes, part and purpose have the same id; short enough for the key of a widget."""
        text = "\0".join([self.digest, self.how.part or "", self.stored or ""])
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    @property
    def title(self) -> str:
        """What a user calls it: the file's name, and that of its part in a zip."""
        return self.name if self.how.part is None else f"{self.name} › {self.how.part}"


@dataclass(frozen=True)
class Tray:
    """The files that wait, in the order in which they came."""

    files: tuple[Brought, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.files)

    def file(self, file_id: str) -> Brought | None:
        """The file of this id, None when it is gone."""
        return next((file for file in self.files if file.id == file_id), None)

    def add(self, file: Brought) -> Tray:
        """With one more; the same bytes twice are one file."""
        return self if self.file(file.id) is not None else Tray((*self.files, file))

    def remove(self, file_id: str) -> Tray:
        """Without this one."""
        return Tray(tuple(file for file in self.files if file.id != file_id))

    def change(self, file_id: str, **values: Any) -> Tray:
        """With other values for this file; one that is gone stays gone."""
        return Tray(tuple(replace(f, **values) if f.id == file_id else f for f in self.files))

    def read_as(self, file_id: str, how: How) -> Tray:
        """Read this file otherwise: what was understood of it is forgotten, its old choice is kept to try."""
        return self.change(file_id, how=how, understood=False, stopped=False, problem=None)

    def split(self, file_id: str, parts: Sequence[str]) -> Tray:
        """With one file for each part, in the place of the zip that holds them."""
        files: list[Brought] = []
        for file in self.files:
            if file.id != file_id:
                files.append(file)
                continue
            taken = {one.id for one in self.files}
            parted = [replace(file, how=replace(file.how, part=part)) for part in parts]
            files += [one for one in parted if one.id == file_id or one.id not in taken]
        return Tray(tuple(files))

    def holds(self, digest: str) -> bool:
        """Does any file need these bytes?"""
        return any(file.digest == digest for file in self.files)
