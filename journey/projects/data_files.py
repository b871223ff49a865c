"""The files beside a project's database: what was uploaded, and the tables and logs made from it.

A file is named by its content and never changes. It is written under another name, forced to the disk and
then renamed, so that whatever has its name is complete.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from journey.errors import NotStored, ProjectDamaged
from journey.events.log import EventLog
from journey.projects.disk import flush_folder, need_room, told

__all__ = ["DataFiles", "digest_of"]

_DIGEST = re.compile(r"[0-9a-f]{64}")
_UNFINISHED = ".new-"
# What a killed process left unfinished is swept after a day; a younger one may still be written.
_STALE_SECONDS = 24 * 3600
_PIECE = 1 << 20


class DataFiles:
    """The raw files, typed tables and event logs of one project folder."""

    def __init__(self, folder: Path) -> None:
        self._raw = folder / "raw"
        self._tables = folder / "tables"
        self._logs = folder / "logs"

    def put_raw(self, source: bytes | Path) -> str:
        """Keep the bytes, or those of a file, which is copied in pieces; returns their sha256 as hex."""
        with told():
            digest = digest_of(source)
            target = self._raw / digest
            if target.is_file() and _sha256(target) == digest:
                return digest
            with _unfinished(self._raw) as file:
                with _only_mine(file) as sink:
                    copied = hashlib.sha256()
                    for piece in _pieces(source):
                        copied.update(piece)
                        sink.write(piece)
                    sink.flush()
                    os.fsync(sink.fileno())
                if copied.hexdigest() != digest:
                    # Somebody wrote into the file while it was copied.
                    raise NotStored(reason="disk")
                os.replace(file, target)
                _flush_name(target)
        return digest

    def raw(self, digest: str) -> bytes:
        """The bytes of this sha256; ProjectDamaged when they are gone or others."""
        data = b""
        target = self._raw / _named(digest)
        if target.is_file():
            with told():
                data = target.read_bytes()
        if hashlib.sha256(data).hexdigest() != digest:
            raise ProjectDamaged()
        return data

    def raw_path(self, digest: str) -> Path:
        """Where the bytes of this sha256 are, not to be changed; ProjectDamaged when they are not there."""
        return self._sound_file(self._raw, digest)

    def has_raw(self, digest: object) -> bool:
        """Is this the sha256 of a file kept here?"""
        return _is_digest(digest) and (self._raw / str(digest)).is_file()

    def put_table(self, table: pa.Table) -> str:
        """Keep a table as Parquet; returns the sha256 of that file."""
        with told(), _unfinished(self._tables) as file:
            with _only_mine(file) as sink:
                pq.write_table(table, sink, compression="zstd")
                sink.flush()
                os.fsync(sink.fileno())
            digest = _sha256(file)
            target = self._tables / digest
            if not (target.is_file() and _sha256(target) == digest):
                os.replace(file, target)
                _flush_name(target)
        return digest

    def table(self, digest: str) -> pa.Table:
        """The table of this digest; ProjectDamaged when it is gone or torn."""
        file = self._sound_file(self._tables, digest)
        try:
            with told(), pq.ParquetFile(file, memory_map=True) as content:
                return content.read()
        except (pa.ArrowException, EOFError, MemoryError) as error:
            raise ProjectDamaged() from error

    def has_table(self, digest: object) -> bool:
        """Is this the digest of a table kept here?"""
        return _is_digest(digest) and (self._tables / str(digest)).is_file()

    def put_log(self, log: EventLog) -> str:
        """Keep the log; returns its fingerprint."""
        target = self._logs / _named(log.fingerprint)
        with told():
            if target.exists() and self._is_sound(log.fingerprint):
                return log.fingerprint
            with _unfinished(self._logs) as folder, _unfinished(self._logs) as torn:
                folder.mkdir(mode=0o700)
                log.save(folder)
                for file in sorted(folder.iterdir()):
                    _flush_file(file)
                flush_folder(folder)
                self._take_place(folder, target, torn)
                _flush_name(target)
        return log.fingerprint

    def log(self, fingerprint: str) -> EventLog:
        """The log of this fingerprint, memory-mapped; ProjectDamaged when it is gone or torn."""
        folder = self._logs / _named(fingerprint)
        if not folder.is_dir():
            raise ProjectDamaged()
        try:
            log = EventLog.open(folder)
            sound = log.fingerprint == fingerprint and _fits_together(log)
        except (OSError, EOFError, ValueError, LookupError, TypeError, AttributeError, MemoryError) as error:
            # pyarrow's errors are ValueErrors, those of JSON and npy too.
            raise ProjectDamaged() from error
        if not sound:
            raise ProjectDamaged()
        return log

    def has_log(self, fingerprint: object) -> bool:
        """Is this the fingerprint of a log kept here?"""
        return _is_digest(fingerprint) and (self._logs / str(fingerprint)).is_dir()

    def kept(self) -> dict[str, frozenset[str]]:
        """The digests of everything finished here: `raw`, `tables`, `logs`."""
        return {
            folder.name: frozenset(entry.name for entry in _entries(folder) if _is_digest(entry.name))
            for folder in (self._raw, self._tables, self._logs)
        }

    def paths(self, digests: Mapping[str, Iterable[str]]) -> dict[str, Path]:
        """The files of these, by names such as raw/DIGEST; ProjectDamaged where one is gone or torn."""
        found: dict[str, Path] = {}
        for folder in (self._raw, self._tables, self._logs):
            for digest in sorted(digests.get(folder.name, ())):
                if folder == self._logs:
                    self.log(digest)
                    inside = {f"{digest}/{file.name}": file for file in _entries(folder / digest)}
                else:
                    inside = {digest: self._sound_file(folder, digest)}
                found |= {f"{folder.name}/{name}": file for name, file in inside.items()}
        return found

    def share(self, digests: Mapping[str, Iterable[str]], folder: Path) -> None:
        """Let another project's folder have these too: under a second name, or copied where there is none.

        What is gone here is not there either. NotStored("disk_full") before anything is copied for which
        there is no room.
        """
        wanted = [
            file
            for kind in (self._raw, self._tables, self._logs)
            for digest in sorted(digests.get(kind.name, ()))
            for file in (_entries(kind / digest) if kind == self._logs else [kind / digest])
            if file.is_file()
        ]
        with told():
            while wanted:
                target = folder / wanted[-1].relative_to(self._raw.parent)
                _folder_for(target, folder)
                try:
                    os.link(wanted[-1], target)
                except FileNotFoundError:
                    pass  # an edit that was not made has just taken it back
                except OSError:
                    break
                wanted.pop()
            need_room(folder, sum(file.stat().st_size for file in wanted))
            for file in wanted:
                target = folder / file.relative_to(self._raw.parent)
                _folder_for(target, folder)
                shutil.copyfile(file, target)
                _flush_file(target)
            for below in sorted(
                {parent for kind in folder.iterdir() if kind.is_dir() for parent in _folders(kind)}
            ):
                flush_folder(below)

    def forget_old(self, meant: Mapping[str, Iterable[str]]) -> None:
        """Remove what is not among these; what is younger than a day may belong to an edit to come."""
        oldest = time.time() - _STALE_SECONDS
        with told():
            for folder in (self._raw, self._tables, self._logs):
                if folder.is_dir():
                    _sweep(folder)
                for digest in self.kept()[folder.name] - set(meant.get(folder.name, ())):
                    if (folder / digest).stat().st_mtime < oldest:
                        _remove(folder / digest)

    def forget(self, digests: Mapping[str, Iterable[str]]) -> None:
        """Remove these, by the names that `kept` has for them; nothing may refer to them any more."""
        for folder in (self._raw, self._tables, self._logs):
            for digest in digests.get(folder.name, ()):
                _remove(folder / _named(digest))

    def _sound_file(self, folder: Path, digest: str) -> Path:
        file = folder / _named(digest)
        if not file.is_file():
            raise ProjectDamaged()
        with told():
            if _sha256(file) != digest:
                raise ProjectDamaged()
        return file

    def _is_sound(self, fingerprint: str) -> bool:
        try:
            self.log(fingerprint)
        except ProjectDamaged:
            return False
        return True

    def _take_place(self, folder: Path, target: Path, torn: Path) -> None:
        """Give the finished log its name, unless another writer gave it to the same log in the meantime."""
        try:
            folder.rename(target)
        except OSError:
            if self._is_sound(target.name):
                return
            # What has the name is a damaged log, which makes way.
            with suppress(FileNotFoundError):
                target.rename(torn)
            folder.rename(target)


def _fits_together(log: EventLog) -> bool:
    """Does every position point at something that is there? Arrow follows a wrong one into foreign memory."""
    log.customer_ids.validate(full=True)
    sizes = np.diff(log.offsets)
    lengths = {len(log.event), len(log.time), int(log.offsets[-1])}
    lengths |= {len(column) for column in (log.session, log.amount) if column is not None}
    codes = [(log.event, 0, len(log.event_names))]
    for attribute in log.attributes.values():
        rows = len(log.event) if attribute.of == "event" else log.n_customers
        if len(attribute.codes) != rows:
            return False
        codes.append((attribute.codes, -1, len(attribute.categories)))
    return (
        lengths == {len(log.event)}
        and log.offsets[0] == 0
        and bool((sizes > 0).all())
        and len(log.customer_ids) == log.n_customers
        and log.customer_ids.null_count == 0
        and all(not len(part) or low <= part.min() <= part.max() < high for part, low, high in codes)
    )


def _folder_for(target: Path, below: Path) -> None:
    """The folders that a file needs, each its owner's alone."""
    for folder in reversed(target.relative_to(below).parents[:-1]):
        (below / folder).mkdir(mode=0o700, exist_ok=True)


def _folders(folder: Path) -> list[Path]:
    """A folder and those in it; none of a file."""
    if not folder.is_dir():
        return []
    return [folder, *(entry for entry in folder.iterdir() if entry.is_dir())]


def _flush_name(target: Path) -> None:
    """Force a new name to the disk; where that fails there is no such name."""
    try:
        flush_folder(target.parent)
    except OSError:
        _remove(target)
        raise


@contextmanager
def _unfinished(folder: Path) -> Iterator[Path]:
    """A new name in the folder for something unfinished; what still has it at the end goes."""
    folder.mkdir(mode=0o700, exist_ok=True)
    _sweep(folder)
    path = folder / f"{_UNFINISHED}{secrets.token_hex(8)}"
    try:
        yield path
    finally:
        _remove(path)


def _sweep(folder: Path) -> None:
    oldest = time.time() - _STALE_SECONDS
    for entry in folder.glob(f"{_UNFINISHED}*"):
        try:
            stale = entry.stat().st_mtime < oldest
        except FileNotFoundError:
            continue  # another writer has just finished it
        if stale:
            _remove(entry)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _flush_file(file: Path) -> None:
    file.chmod(0o600)
    with file.open("rb+") as content:
        os.fsync(content.fileno())


def digest_of(source: bytes | Path) -> str:
    """The sha256 of these bytes, or of this file's, as hex."""
    return hashlib.sha256(source).hexdigest() if isinstance(source, bytes) else _sha256(source)


def _pieces(source: bytes | Path) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
        return
    with source.open("rb") as content:
        while piece := content.read(_PIECE):
            yield piece


def _only_mine(file: Path) -> BinaryIO:
    """A new file that only its owner may read, open for writing."""
    return open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _entries(folder: Path) -> list[Path]:
    with told():
        return sorted(folder.iterdir()) if folder.is_dir() else []


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _is_digest(text: object) -> bool:
    return isinstance(text, str) and _DIGEST.fullmatch(text) is not None


def _named(digest: str) -> str:
    """The digest as a file name; nothing else can become one."""
    if not _is_digest(digest):
        raise ProjectDamaged()
    return digest
