"""A project's file as an older version wrote it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from journey.projects import database
from journey.stages.stage_map import StageMap

__all__ = ["older_file"]


def older_file(
    file: Path,
    version: int,
    line: Sequence[tuple[dict[str, Any], Any, StageMap, int | None]],
    *,
    head: int,
    settings: dict[str, Any] | None = None,
) -> None:
    """Edits as (operation, data as JSON, stage map, the revision that dropped it); `head` is shown."""
    file.unlink(missing_ok=True)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA application_id = {database.APPLICATION_ID}")
        for script in database.migrations()[:version]:
            connection.executescript(script)
        for at, (op, data, stage_map, dropped) in enumerate(line):
            parts = [_put(connection, _text(data)), _put(connection, stage_map.to_json().encode())]
            connection.execute(
                "INSERT INTO edit (made_at, op, data, stages, dropped) VALUES (?, ?, ?, ?, ?)",
                (at, zlib.compress(_text(op)), *parts, dropped),
            )
        kept = zlib.compress(_text(settings or {}))
        connection.execute(
            "INSERT INTO project VALUES (1, 'old', ?, 1, 2, ?, ?, ?)", (bytes(32), len(line), head, kept)
        )
        connection.execute(f"PRAGMA user_version = {version}")


def _text(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _put(connection: sqlite3.Connection, content: bytes) -> bytes:
    digest = hashlib.sha256(content).digest()
    connection.execute("INSERT OR IGNORE INTO part VALUES (?, ?)", (digest, zlib.compress(content)))
    return digest
