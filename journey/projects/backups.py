"""Copies of a project's database beside it: made now and then, and read when it is damaged."""

from __future__ import annotations

import datetime as dt
import errno
import os
import re
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from journey.findings import Finding

__all__ = ["Backup", "backups", "copied", "is_due", "keep", "looked_into", "newest"]

_FOLDER = "backups"
# Its place in their order, which no clock can turn round, and when it was made, in microseconds.
_NAME = re.compile(r"([0-9]{6,12})-([0-9]{1,17})\.sqlite")
_UNFINISHED = ".new-"
_MOST = 5
# What a killed process left is swept after a day; a younger one may still be written.
_STALE_SECONDS = 24 * 3600
_HOUR = 3600 * 1_000_000


@dataclass(frozen=True)
class Backup:
    """A copy that can be read: when it was made, at which revision, and how many edits it has."""

    id: str
    at: dt.datetime
    revision: int
    edits: int
    path: Path

    @property
    def finding(self) -> Finding:
        """What it is good for, to be said where the project itself cannot be opened."""
        return Finding("projects.backup_there", {"at": self.at, "n": self.edits})


def backups(folder: Path) -> list[Backup]:
    """The backups of a project's folder that can be read, newest first."""
    found = []
    for path in _kept(folder):
        # Of a copy that is damaged itself nobody is told.
        with suppress(sqlite3.DatabaseError, ValueError, OverflowError), looked_into(path) as connection:
            revision = int(connection.execute("SELECT revision FROM project").fetchone()[0])
            # Every history starts with an edit that nobody made.
            edits = int(connection.execute("SELECT count(*) - 1 FROM edit").fetchone()[0])
            at = dt.datetime.fromtimestamp(_made_at(path) / 1_000_000, dt.UTC)
            found.append(Backup(path.stem, at, revision, edits, path))
    return found


def newest(folder: Path) -> Path | None:
    """The last backup, whether or not it can be read; None where there is none."""
    return next(iter(_kept(folder)), None)


def is_due(folder: Path) -> bool:
    """Is the newest backup older than an hour, or is there none? A clock that was set back makes one due."""
    last = newest(folder)
    return last is None or not 0 <= _now() - _made_at(last) < _HOUR


def keep(connection: sqlite3.Connection, folder: Path) -> None:
    """Make a backup of what the connection sees, and keep the newest five.

    One that does not hold together is not kept: it must not drive out the good ones. The newest is replaced
    where it is younger than an hour. Raises OSError or sqlite3.Error, and leaves the others as they were.
    """
    place = folder / _FOLDER
    place.mkdir(mode=0o700, exist_ok=True)
    for half in (*place.glob(f"{_UNFINISHED}*"), *folder.glob(f"{_UNFINISHED}*")):
        with suppress(FileNotFoundError):
            if half.is_file() and half.stat().st_mtime < time.time() - _STALE_SECONDS:
                half.unlink()
    before, now = _kept(folder), _now()
    number = int(before[0].name.split("-")[0]) + 1 if before else 1
    unfinished = place / f"{_UNFINISHED}{secrets.token_hex(8)}"
    try:
        copied(connection, unfinished)
        with looked_into(unfinished) as copy:
            if copy.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise sqlite3.DatabaseError
        unfinished.rename(place / f"{number:06d}-{now}.sqlite")
        _flush(place)
    finally:
        unfinished.unlink(missing_ok=True)
    young = before[:1] if before and 0 <= now - _made_at(before[0]) < _HOUR else []
    for old in {*young, *_kept(folder)[_MOST:]}:
        old.unlink(missing_ok=True)


def copied(connection: sqlite3.Connection, target: Path) -> None:
    """Copy what a connection sees into a new file, on the disk when this returns."""
    target.touch(mode=0o600, exist_ok=False)
    with closing(sqlite3.connect(target, isolation_level=None)) as copy:
        copy.execute("PRAGMA synchronous = FULL")
        connection.backup(copy, progress=_is_going_on)
    with target.open("rb+") as content:
        os.fsync(content.fileno())


def _is_going_on(status: int, remaining: int, total: int) -> None:
    """Python would try again for ever where the source is locked."""
    if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        raise OSError(errno.EBUSY, "locked")


@contextmanager
def looked_into(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a backup, which is complete by itself and never changes."""
    address = f"file:{quote(str(path))}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        yield connection


def _kept(folder: Path) -> list[Path]:
    """The finished backups by their place, newest first."""
    try:
        names = os.listdir(folder / _FOLDER)
    except FileNotFoundError:
        return []
    matching = [match for match in map(_NAME.fullmatch, names) if match is not None]
    return [folder / _FOLDER / one[0] for one in sorted(matching, key=_order, reverse=True)]


def _order(name: re.Match[str]) -> tuple[int, int]:
    return int(name[1]), int(name[2])


def _made_at(path: Path) -> int:
    return int(path.stem.split("-")[1])


def _now() -> int:
    return time.time_ns() // 1000


def _flush(folder: Path) -> None:
    """Force the names in a folder to the disk, where the system has such a call."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
