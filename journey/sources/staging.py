"""Uploads on disk between the moment they arrive and the moment they are kept: nothing stays in memory."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from journey.errors import FileEmpty, UploadGone
from journey.sources.how import How
from journey.sources.limits import LIMITS, Limits

__all__ = ["Staged", "Staging", "sweep"]

_DIGEST = re.compile(r"[0-9a-f]{64}")
_PIECE = 1 << 20
# A user who tries ways of reading a file goes back and forth between a few of them, within minutes.
_READINGS = 8
_BACK_AND_FORTH_SECONDS = 600


@dataclass(frozen=True)
class Staged:
    """One upload: the sha256 of its bytes as hex, what the user calls it, its size in bytes."""

    digest: str
    name: str
    size: int


class Staging:
    """The uploads of one session in a folder of its own, named by their content.

    `folder` is made at the first upload, for this user only. A session that uses its folder keeps it young;
    `sweep` removes those that nobody uses any more.
    """

    def __init__(self, folder: Path, *, limits: Limits = LIMITS) -> None:
        self.folder = folder
        self._limits = limits

    def put(self, file: BinaryIO, name: str) -> Staged:
        """Keep what `file` holds, read from its beginning in pieces.

        The same content twice is kept once. Raises FileTooLarge where the file is over a limit, or the
        session would be; FileEmpty without a byte. A refused file leaves nothing behind.
        """
        if file.seekable():
            file.seek(0)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = {path.name: path.stat().st_size for path in self._uploads()}
        total = sum(held.values())
        new = self.folder / f".new-{secrets.token_hex(8)}"
        try:
            digest, size = self._written(file, new)
            if not size:
                raise FileEmpty()
            if digest not in held:
                self._limits.check("session_files", len(held) + 1)
                self._limits.check("session_bytes", total + size)
                new.replace(self.folder / digest)
        finally:
            new.unlink(missing_ok=True)
        self._touch()
        return Staged(digest, name, size)

    def _written(self, file: BinaryIO, new: Path) -> tuple[str, int]:
        digest, size = hashlib.sha256(), 0
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as sink:
            while piece := file.read(_PIECE):
                size += len(piece)
                self._limits.check("bytes", size)
                digest.update(piece)
                sink.write(piece)
        return digest.hexdigest(), size

    def path(self, digest: str) -> Path:
        """The file of this digest; UploadGone when it is not held."""
        path = self.folder / _checked(digest)
        if not path.is_file():
            raise UploadGone()
        self._touch()
        return path

    def target(self, digest: str, how: How) -> Path:
        """Where the file read in this way belongs, for `reading.read_file`.

        Of older readings of the same file, and of the same part of a zip, only the latest few stay.
        """
        part = hashlib.sha256((how.part or "").encode("utf-8", "surrogatepass")).hexdigest()[:8]
        way = hashlib.sha256(how.key.encode()).hexdigest()[:16]
        target = self.folder / f"{_checked(digest)}.{part}.{way}"
        facts = [path for path in self.folder.glob(f"{digest}.{part}.*.json") if path.stem != target.name]
        for old in sorted(facts, key=_age)[_READINGS - 1 :]:
            if _age(old) > _BACK_AND_FORTH_SECONDS:
                _removed(old)
                _removed(old.with_suffix(".arrow"))
        return target

    def drop(self, digest: str) -> None:
        """Let an upload go, and everything that was read from it."""
        for path in self.folder.glob(f"{_checked(digest)}*"):
            _removed(path)

    def total(self) -> int:
        """How many bytes of uploads are held; what was read from them is not counted."""
        return sum(path.stat().st_size for path in self._uploads())

    def clear(self) -> None:
        """Let everything go, the folder too."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _uploads(self) -> list[Path]:
        return [path for path in self.folder.glob("*") if _DIGEST.fullmatch(path.name)]

    def _touch(self) -> None:
        # On a disk that may not be written to just now what is there can still be read.
        with suppress(OSError):
            os.utime(self.folder)


def sweep(root: Path, older_than: float) -> int:
    """Remove the folders in `root` that were not used for `older_than` seconds; how many were removed."""
    removed = 0
    for folder in root.glob("*"):
        # A link is not followed: what it names is not ours.
        if folder.is_symlink() or not folder.is_dir() or _age(folder) <= older_than:
            continue
        shutil.rmtree(folder, ignore_errors=True)
        removed += not folder.exists()
    return removed


def _removed(path: Path) -> None:
    """Remove a file; one that cannot be removed now only takes up room until its folder goes."""
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _age(path: Path) -> float:
    """Seconds since the file or folder was changed; 0 for one that has just gone."""
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _checked(digest: str) -> str:
    """The digest as a file name; nothing else can become one."""
    if not _DIGEST.fullmatch(digest):
        raise UploadGone()
    return digest
