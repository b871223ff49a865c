"""The content that the edits of a project lead to: compressed JSON, named by its digest."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from typing import Any

from journey.errors import Misuse, ProjectDamaged, StageMapWrong
from journey.projects.data_ref import DataRef
from journey.projects.state import ProjectState, canonical
from journey.stages.stage_map import StageMap

__all__ = ["NO_DATA", "data_of", "packed", "put_parts", "referred", "stage_map_of", "unpacked"]

# No honest part is larger; a damaged file cannot make us unpack more.
_LARGEST_PART = 64_000_000
# The digest of the part that says that there are no data.
NO_DATA = hashlib.sha256(canonical(None)).digest()


def put_parts(connection: sqlite3.Connection, state: ProjectState) -> tuple[bytes, bytes]:
    """Store what is new of a state; returns the digests of its data and stages."""
    data = canonical(None if state.data is None else state.data.to_json())
    try:
        stages = state.stage_map.to_json().encode()
    except UnicodeEncodeError as error:
        # Half a character (a lone surrogate): a stage map is a file that people exchange, it must be text.
        raise StageMapWrong(detail="UTF-8") from error
    return _put_part(connection, data), _put_part(connection, stages)


def data_of(connection: sqlite3.Connection, digest: bytes) -> DataRef | None:
    """The data that this part tells of; None where there are none."""
    try:
        content = json.loads(_part(connection, digest))
        return None if content is None else DataRef.from_json(content)
    except (Misuse, ValueError) as error:
        raise ProjectDamaged() from error


def stage_map_of(connection: sqlite3.Connection, digest: bytes) -> StageMap:
    """The stage map that this part holds."""
    try:
        return StageMap.from_json(_part(connection, digest).decode())
    except (Misuse, ValueError) as error:
        raise ProjectDamaged() from error


def referred(connection: sqlite3.Connection) -> dict[str, frozenset[str]]:
    """The digests of all that any edit refers to, dropped ones too: `raw`, `tables` and `logs`."""
    meant: dict[str, frozenset[str]] = {"raw": frozenset(), "tables": frozenset(), "logs": frozenset()}
    for (digest,) in connection.execute("SELECT DISTINCT data FROM edit").fetchall():
        data = data_of(connection, digest)
        if data is not None:
            meant = {kind: found | data.digests[kind] for kind, found in meant.items()}
    return meant


def packed(content: Any) -> bytes:
    """A value as compressed JSON."""
    return zlib.compress(canonical(content))


def unpacked(body: bytes) -> Any:
    """What `packed` was given; ProjectDamaged for anything else."""
    try:
        return json.loads(_inflated(body))
    except ValueError as error:
        raise ProjectDamaged() from error


def _put_part(connection: sqlite3.Connection, content: bytes) -> bytes:
    digest = hashlib.sha256(content).digest()
    known = connection.execute("SELECT 1 FROM part WHERE digest = ?", (digest,)).fetchone()
    if known is None:
        connection.execute("INSERT INTO part VALUES (?, ?)", (digest, zlib.compress(content)))
    return digest


def _part(connection: sqlite3.Connection, digest: bytes) -> bytes:
    row = connection.execute("SELECT body FROM part WHERE digest = ?", (digest,)).fetchone()
    body = _inflated(row[0]) if row else b""
    if hashlib.sha256(body).digest() != digest:
        raise ProjectDamaged()
    return body


def _inflated(body: bytes) -> bytes:
    stream = zlib.decompressobj()
    try:
        content = stream.decompress(body, _LARGEST_PART)
    except (zlib.error, TypeError) as error:
        raise ProjectDamaged() from error
    # Only at its end does a stream say whether its checksum fits.
    if not stream.eof:
        raise ProjectDamaged()
    return content
