"""One project's SQLite file: opened for each call, and every failure told as an error of ours."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from importlib import resources
from pathlib import Path
from urllib.parse import quote

from journey.errors import NotStored, ProjectDamaged, ProjectMissing, ProjectNewer
from journey.projects import backups

__all__ = [
    "APPLICATION_ID",
    "Check",
    "created",
    "migrations",
    "reading",
    "rewritten",
    "told",
    "writing",
]

# Looks at an opened project and raises where it is not to be opened for whoever asks.
Check = Callable[[sqlite3.Connection], None]

# "JLAB": tells a project from any other SQLite file.
APPLICATION_ID = 0x4A4C4142
_WAIT_SECONDS = 5.0
# Bytes: a few pages of a file and of its log.
_LEAST_ROOM = 64 * 1024

# Every commit reaches the disk before it is answered; nothing in a file can call functions.
_PRAGMAS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
)

_DISK_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_READ_ONLY = {errno.EACCES, errno.EPERM, errno.EROFS}
_SQLITE_REASONS = {
    sqlite3.SQLITE_FULL: "disk_full",
    sqlite3.SQLITE_READONLY: "read_only",
    sqlite3.SQLITE_CANTOPEN: "read_only",
    sqlite3.SQLITE_PERM: "read_only",
    sqlite3.SQLITE_BUSY: "busy",
    sqlite3.SQLITE_LOCKED: "busy",
    sqlite3.SQLITE_IOERR: "disk",
    sqlite3.SQLITE_NOMEM: "disk",
}


_CANNOT_WRITE = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR}


@contextmanager
def told() -> Iterator[None]:
    """Turn what the file system says into NotStored(reason=...).

    `reason` is disk_full, read_only, busy or disk. The original error stays as the cause; it holds no data.
    """
    try:
        yield
    except OSError as error:
        reason = "disk"
        if error.errno in _DISK_FULL:
            reason = "disk_full"
        elif error.errno in _READ_ONLY:
            reason = "read_only"
        raise NotStored(reason=reason) from error


@contextmanager
def _told_by_sqlite(file: Path) -> Iterator[None]:
    """Turn what SQLite says about a file into NotStored(reason=...) or ProjectDamaged."""
    try:
        yield
    except sqlite3.ProgrammingError:
        raise  # a mistake of ours, not of the file
    except UnicodeDecodeError as error:
        raise ProjectDamaged() from error  # torn text, even in what SQLite says of it
    except sqlite3.DatabaseError as error:
        kind = _kind(error)
        if not file.parent.exists():
            # Somebody has deleted it in the middle of the call.
            raise ProjectMissing() from error
        if kind in _SQLITE_REASONS:
            # On a full disk SQLite often cannot even make its own files, and calls that an I/O error.
            full = kind in _CANNOT_WRITE and _is_full(file.parent)
            raise NotStored(reason="disk_full" if full else _SQLITE_REASONS[kind]) from error
        # Not a database, a torn page, a table that is missing or a row against its constraints.
        raise ProjectDamaged() from error


def _is_full(folder: Path) -> bool:
    """Is there no room for the smallest change?"""
    try:
        return shutil.disk_usage(folder).free < _LEAST_ROOM
    except OSError:
        return False


@cache
def migrations() -> tuple[str, ...]:
    """The scripts that lead from an empty file to this version, one a change, in order."""
    folder = resources.files(__package__).joinpath("migrations")
    scripts = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda f: f.name)
    return tuple(script.read_text(encoding="utf-8") for script in scripts)


def created(file: Path) -> None:
    """Make an empty project file; its folder exists."""
    with told():
        file.touch(mode=0o600, exist_ok=False)
    with _told_by_sqlite(file), closing(_connection(file, "rw")) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        _migrate(connection, None)


@contextmanager
def reading(file: Path, check: Check | None = None) -> Iterator[sqlite3.Connection]:
    """A connection for looking things up; what is seen inside is of one moment.

    Works on a full or read-only disk too, where SQLite cannot make the files it shares with writers.
    """
    with _told_by_sqlite(file), closing(_opened_to_read(file)) as connection:
        connection.execute("BEGIN")
        if check is not None:
            check(connection)
        yield connection


@contextmanager
def writing(file: Path, check: Check | None = None) -> Iterator[sqlite3.Connection]:
    """A connection in one transaction: on the disk when the block ends, undone if it raises."""
    with _told_by_sqlite(file), closing(_opened(file, "rw")) as connection:
        if check is not None:
            # Whoever is refused keeps nobody waiting, and does not learn that somebody is writing.
            check(connection)
        connection.execute("BEGIN IMMEDIATE")
        try:
            if check is not None:
                check(connection)
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def rewritten(file: Path) -> bool:
    """Write the file anew: what was deleted stands neither in it nor in the log of writing beside it.

    False where somebody is reading what was there before, so that the log has to stay a little longer.
    """
    with _told_by_sqlite(file), closing(_opened(file, "rw")) as connection:
        connection.execute("VACUUM")
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    return not busy


def _kind(error: sqlite3.DatabaseError) -> int:
    """The kind of failure: the low byte of SQLite's code, whose rest is the finer cause."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


def _connection(file: Path, mode: str) -> sqlite3.Connection:
    address = f"file:{quote(str(file))}?mode={mode}"
    # autocommit: BEGIN and COMMIT are written out. A connection lives within one call of one thread.
    connection = sqlite3.connect(address, uri=True, timeout=_WAIT_SECONDS, isolation_level=None)
    try:
        for pragma in _PRAGMAS:
            connection.execute(pragma)
    except BaseException:
        connection.close()
        raise
    return connection


def _opened(file: Path, mode: str) -> sqlite3.Connection:
    with told():
        if not file.exists():
            raise ProjectDamaged() if file.parent.exists() else ProjectMissing()
    connection = _connection(file, mode)
    try:
        _check(connection, file)
    except BaseException:
        connection.close()
        raise
    return connection


def _opened_to_read(file: Path) -> sqlite3.Connection:
    try:
        return _opened(file, "rw")
    except sqlite3.OperationalError as error:
        if _kind(error) not in _CANNOT_WRITE:
            raise
        # Without anything in the log of unfinished writing beside it the file is complete by itself.
        log = file.with_name(f"{file.name}-wal")
        with told():
            if log.exists() and log.stat().st_size:
                raise
        return _opened(file, "ro&immutable=1")


def _check(connection: sqlite3.Connection, file: Path) -> None:
    """Is this a project, of a version that is known here? An older one is brought up to date."""
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise ProjectDamaged()
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(migrations()):
        raise ProjectNewer(version=version, known=len(migrations()))
    if version < len(migrations()):
        _migrate(connection, file)


def _migrate(connection: sqlite3.Connection, file: Path | None) -> None:
    """Run the scripts that the file lacks, all in one transaction, after a backup of what it holds."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have done it while this one waited.
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if file is not None and version < len(migrations()):
            # SQLite copies nothing out of a connection that may write.
            with closing(_connection(file, "rw")) as before, told():
                before.execute("BEGIN")
                backups.keep(before, file.parent)
        for script in migrations()[version:]:
            for statement in _statements(script):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {max(version, len(migrations()))}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _statements(script: str) -> Iterator[str]:
    """The statements of a script, each ending at the end of a line."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
