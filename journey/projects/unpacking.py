"""An exported project, which anybody may have made, unpacked into an empty folder with everything verified.

It runs in a process of its own (`sources.child`): what Parquet or Arrow make of hostile bytes ends no server.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from journey.errors import FileTooLarge, ProjectFileWrong
from journey.projects.portable_form import (
    LARGEST,
    MANIFEST,
    STATE,
    Manifest,
    Member,
    import_op,
    manifest_of,
    state_of,
)
from journey.projects.sound_data import check_data
from journey.sources.limits import Limits
from journey.sources.progress import tell

__all__ = ["order_of", "unpack_order", "unpacked"]

_PIECE = 1 << 20
_DIGEST = "[0-9a-f]{64}"
_LOG_FILES = r"meta\.json|customers\.arrow|(?:offsets|event|time|session|amount|attribute_[0-9]{1,4})\.npy"
_NAME = re.compile(
    rf"{re.escape(MANIFEST)}|{re.escape(STATE)}|(?:raw|tables)/{_DIGEST}|logs/{_DIGEST}/(?:{_LOG_FILES})"
)
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# Flags of a zip's entry: encrypted, patched, strongly encrypted, with a masked directory.
_ODD_FLAGS = 0x1 | 0x20 | 0x40 | 0x2000
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OverflowError, RuntimeError)
_LONGEST_SHOWN = 80


def order_of(path: Path, folder: Path, limits: Limits) -> dict[str, Any]:
    """The order for `unpack_order`."""
    return {"path": str(path.resolve()), "folder": str(folder.resolve()), "limits": asdict(limits)}


def unpack_order(order: Mapping[str, Any]) -> None:
    """What the process does: unpack and verify as the order says."""
    unpacked(Path(order["path"]), Path(order["folder"]), Limits(**order["limits"]))


def unpacked(path: Path, folder: Path, limits: Limits) -> None:
    """Unpack an export into an empty folder, each file under its own name there, forced to the disk.

    Raises ProjectFileWrong for what no export holds, FileTooLarge for what is over a limit.
    """
    with path.open("rb") as source:
        size = os.fstat(source.fileno()).st_size
        _within(limits, "project_file", size, limits.project_bytes)
        if source.read(2) != b"PK":
            raise ProjectFileWrong(reason="kind")
        try:
            with zipfile.ZipFile(source) as archive:
                entries = _entries(archive, limits)
                manifest = _manifest(archive, entries, folder)
                sizes = {name: entry.file_size for name, entry in entries.items() if name != MANIFEST}
                if sizes != {name: member.size for name, member in manifest.members.items()}:
                    raise ProjectFileWrong(reason="damaged")
                for name, done in _told(sizes):
                    if done:
                        tell("unpacking", done, sum(sizes.values()))
                    _write(archive, entries[name], manifest.members[name], folder)
        except NotImplementedError:
            raise ProjectFileWrong(reason="unsafe", name="zip") from None
        except _DAMAGED as error:
            raise ProjectFileWrong(reason="damaged") from error
    state = state_of(import_op((folder / STATE).read_bytes(), with_data=manifest.with_data))
    tell("reading")
    check_data(folder, state.data, frozenset(sizes) - {STATE}, limits)


def _told(sizes: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """Each name with the bytes of those before it."""
    done = 0
    for name, size in sizes.items():
        yield name, done
        done += size


def _within(limits: Limits, what: str, size: int, most: int) -> None:
    if size > most:
        raise FileTooLarge(what=what, size=size, most=most)


def _entries(archive: zipfile.ZipFile, limits: Limits) -> dict[str, zipfile.ZipInfo]:
    """The entries by name, if all are such as an export has and what they claim to hold may be held."""
    listed = archive.infolist()
    _within(limits, "project_parts", len(listed), limits.parts)
    entries: dict[str, zipfile.ZipInfo] = {}
    for entry in listed:
        # zipfile itself cuts a name at a NUL and turns its slashes: what was written counts.
        name = entry.orig_filename
        kind = stat.S_IFMT(entry.external_attr >> 16)
        odd = (
            _NAME.fullmatch(name) is None
            or name != entry.filename
            or name in entries
            or kind not in (0, stat.S_IFREG)
            or entry.flag_bits & _ODD_FLAGS
            or entry.compress_type not in _PACKINGS
        )
        if odd:
            raise ProjectFileWrong(reason="unsafe", name=_shown(name))
        entries[name] = entry
    if MANIFEST not in entries or STATE not in entries:
        # A zip, perhaps a workbook, but no export.
        raise ProjectFileWrong(reason="kind")
    for name, most in LARGEST.items():
        _within(limits, "project_file", entries[name].file_size, most)
    _within(limits, "project_file", sum(entry.file_size for entry in listed), limits.project_bytes)
    return entries


def _shown(name: str) -> str:
    printable = "".join(letter if letter.isprintable() else "?" for letter in name)
    return printable[:_LONGEST_SHOWN]


def _manifest(archive: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo], folder: Path) -> Manifest:
    """What the manifest says; it is written into the folder too."""
    most = entries[MANIFEST].file_size
    with archive.open(entries[MANIFEST]) as source:
        content = source.read(most + 1)
    if len(content) != most:
        raise ProjectFileWrong(reason="damaged")
    (folder / MANIFEST).write_bytes(content)
    return manifest_of(content)


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, member: Member, folder: Path) -> None:
    """Write one entry; not a byte more of it is unpacked than the manifest says."""
    target = folder / entry.orig_filename
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, left = hashlib.sha256(), member.size
    only_mine = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(only_mine, "wb") as sink, archive.open(entry) as source:
        while piece := source.read(_PIECE):
            left -= len(piece)
            if left < 0:
                break
            digest.update(piece)
            sink.write(piece)
        sink.flush()
        os.fsync(sink.fileno())
    if left or digest.hexdigest() != member.sha256:
        raise ProjectFileWrong(reason="damaged")
