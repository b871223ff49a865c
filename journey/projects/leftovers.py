"""What an erasure has still to remove, written down with it, so that a killed process leaves nothing."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import suppress

from journey.errors import NotStored
from journey.projects import database
from journey.projects.access import ProjectFile, writing
from journey.projects.contents import referred
from journey.projects.data_files import DataFiles
from journey.projects.database import told
from journey.projects.person import LOCAL

__all__ = ["UPLOAD", "are_left", "put", "swept"]

# Beside the kinds of kept files: bytes that wait, or were read again, in the folder of somebody's tab.
UPLOAD = "upload"
_STAGING = "staging"
_BACKUPS = "backups"
_DAMAGED = "damaged-*"


def put(connection: sqlite3.Connection, digests: Mapping[str, Iterable[str]]) -> None:
    """Write down what is to be removed once the transaction is on the disk."""
    rows = sorted((kind, digest) for kind, found in digests.items() for digest in found)
    connection.executemany("INSERT INTO leftover (kind, digest) VALUES (?, ?)", rows)


def are_left(connection: sqlite3.Connection) -> bool:
    """Is there anything of an erasure to be removed?"""
    return connection.execute("SELECT 1 FROM leftover").fetchone() is not None


def swept(file: ProjectFile) -> bool:
    """Remove what is left: files, backups, and what SQLite still has of deleted rows. False: not all yet.

    What cannot be removed now, because somebody is reading it, is removed when projects are listed next.
    """
    mine = ProjectFile(file.path, LOCAL)
    folder = file.path.parent
    with suppress(NotStored):
        with writing(mine) as connection:
            if not are_left(connection):
                return True
            rows = connection.execute("SELECT kind, digest FROM leftover").fetchall()
            last = connection.execute("SELECT max(id) FROM leftover").fetchone()[0]
            meant = referred(connection)
            gone = {kind: {digest for of, digest in rows if of == kind} - meant[kind] for kind in meant}
            # Inside the transaction, so that no other edit comes to mean them meanwhile.
            DataFiles(folder).forget(gone)
        with told():
            shutil.rmtree(folder / _BACKUPS, ignore_errors=True)
            for damaged in folder.glob(_DAMAGED):
                damaged.unlink(missing_ok=True)
            for digest in {digest for kind, digest in rows if kind in ("raw", UPLOAD)}:
                for held in (folder.parent.parent / _STAGING).glob(f"*/{digest}*"):
                    held.unlink(missing_ok=True)
        if not database.rewritten(file.path):
            return False
        with writing(mine) as connection:
            # What another erasure has written down in the meantime is still to be done.
            connection.execute("DELETE FROM leftover WHERE id <= ?", (last,))
        return True
    return False
