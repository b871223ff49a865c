"""A whole project as one file, to take it to another machine: a zip that says what must be in it."""

from __future__ import annotations

import hashlib
import re
import stat
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from journey.errors import FileBroken, Misuse, ProjectFileWrong
from journey.projects.data_ref import DataRef
from journey.projects.disk import told
from journey.projects.portable_form import (
    MANIFEST,
    STATE,
    Manifest,
    Member,
    import_op,
    manifest_bytes,
    manifest_of,
    state_bytes,
    state_of,
)
from journey.projects.project import Project
from journey.projects.store import Store
from journey.projects.unpacking import order_of
from journey.sources import child
from journey.sources.limits import LIMITS, Limits
from journey.sources.progress import Progress

__all__ = ["ENDING", "export_project", "exported_name", "import_project"]

ENDING = ".journey"
_PIECE = 1 << 20
# The same project makes the same bytes, whenever it leaves: this is the first day of a zip's calendar.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
# Parquet, gz and zip (XLSX too) would only take longer to pack.
_PACKED = (b"PAR1", b"\x1f\x8b", b"PK\x03\x04")
_KINDS = ("raw", "tables", "logs")
_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*]')
_LONGEST_FILE_NAME = 80
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")


def export_project(project: Project, sink: BinaryIO, *, with_data: bool, limits: Limits = LIMITS) -> None:
    """Write the project as it is now: stages, settings as this person has them, and the files where wanted.

    Never with it go its key, its history, or anybody's name; without data also nothing that stood in a cell,
    but the names of events. Raises ProjectDamaged where something of its data is gone, NotStored where the
    sink takes no more.
    """
    state = project.state
    data = state.data if with_data else None
    paths = project.data_paths(data or DataRef(None))
    limits.check("parts", len(paths) + 2)
    members: dict[str, Member] = {}
    with told(), zipfile.ZipFile(sink, "w") as archive:
        text = state_bytes(state, with_data=with_data)
        members[STATE] = _put_bytes(archive, STATE, text)
        for name, path in sorted(paths.items()):
            members[name] = _put_file(archive, name, path)
        _put_bytes(archive, MANIFEST, manifest_bytes(Manifest(project.name, with_data, members)))


def exported_name(name: str, *marks: str) -> str:
    """What the file of a project of this name may be called on every system, with `marks` behind it."""
    plain = "".join(" " if unicodedata.category(letter)[0] == "C" else letter for letter in name)
    safe = " ".join(_NOT_IN_NAMES.sub("_", plain).split())[:_LONGEST_FILE_NAME].strip(". ")
    known = "project" if not safe or _DEVICES.fullmatch(safe) else safe
    return f"{'.'.join((known, *marks))}{ENDING}"


def import_project(
    store: Store,
    path: Path,
    *,
    name: str | None = None,
    limits: Limits = LIMITS,
    watch: Callable[[Progress], None] | None = None,
) -> Project:
    """A new project of what was exported to this file; it belongs to the person of the store.

    It is called as it was, numbered where that name is taken, or `name`. Everything is verified before there
    is a project: raises ProjectFileWrong or FileTooLarge, and leaves nothing behind.
    """
    with store.scratch() as folder:
        _unpack(path, folder, limits, watch)
        manifest = manifest_of((folder / MANIFEST).read_bytes())
        op = import_op((folder / STATE).read_bytes(), with_data=manifest.with_data)
        state_of(op)
        try:
            called = store.free_name(manifest.name) if name is None else name
        except Misuse as error:
            raise ProjectFileWrong(reason="content", part="name") from error
        with store.making(called) as (project, home):
            for kind in _KINDS:
                if (folder / kind).is_dir():
                    with told():
                        (folder / kind).rename(home / kind)
            project.apply(op)
            made = project.id
    return store.open(made)


def _unpack(path: Path, folder: Path, limits: Limits, watch: Callable[[Progress], None] | None) -> None:
    task = "journey.projects.unpacking:unpack_order"
    try:
        child.run(task, order_of(path, folder, limits), folder=folder, limits=limits, watch=watch)
    except FileBroken as error:
        raise ProjectFileWrong(reason="damaged") from error


def _put_bytes(archive: zipfile.ZipFile, name: str, content: bytes) -> Member:
    archive.writestr(_entry(name, len(content), packed=False), content)
    return Member(hashlib.sha256(content).hexdigest(), len(content))


def _put_file(archive: zipfile.ZipFile, name: str, path: Path) -> Member:
    digest, size = hashlib.sha256(), path.stat().st_size
    with path.open("rb") as source:
        packed = source.read(4).startswith(_PACKED)
        source.seek(0)
        with archive.open(_entry(name, size, packed=packed), "w") as sink:
            while piece := source.read(_PIECE):
                digest.update(piece)
                sink.write(piece)
    return Member(digest.hexdigest(), size)


def _entry(name: str, size: int, *, packed: bool) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _NO_TIME)
    entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
    entry.external_attr = (stat.S_IFREG | 0o600) << 16
    entry.create_system = 3
    entry.file_size = size
    return entry
