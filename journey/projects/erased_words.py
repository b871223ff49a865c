"""The rows of a project's database, written anew without some customers."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Mapping
from typing import Any

from journey.projects.contents import packed, put_parts, stage_map_of, unpacked
from journey.projects.data_ref import DataRef
from journey.projects.state import ProjectState, canonical
from journey.stages.stage_map import StageMap

__all__ = ["covered", "rewrite"]

Cover = Callable[[str], str]


def rewrite(
    connection: sqlite3.Connection,
    parts: Mapping[bytes, DataRef],
    datas: Mapping[bytes, DataRef],
    ids: Collection[str],
    cover: Cover,
) -> int:
    """Let every edit lead to other data, and cover ids in all that people named; how many edits changed.

    `parts` are the new data by the digest of the old ones, `datas` by their text as an operation has them.
    """
    changed: set[int] = set()
    for old, data in parts.items():
        put, _ = put_parts(connection, ProjectState(data=data))
        changed |= _moved(connection, "data", old, put)
    for (old,) in connection.execute("SELECT DISTINCT stages FROM edit").fetchall():
        text = stage_map_of(connection, old).to_json()
        new = canonical(covered(json.loads(text), cover)).decode()
        if canonical(json.loads(text)).decode() != new:
            _, put = put_parts(connection, ProjectState(stage_map=StageMap.from_json(new)))
            changed |= _moved(connection, "stages", old, put)
    rows = connection.execute("SELECT number, op, touched, said, over_said FROM edit").fetchall()
    for number, *cells in rows:
        contents = [None if cell is None else unpacked(cell) for cell in cells]
        new_ones = [_without(content, datas, cover) for content in contents]
        if new_ones != contents:
            values = [None if content is None else packed(content) for content in new_ones]
            connection.execute(
                "UPDATE edit SET op = ?, touched = ?, said = ?, over_said = ? WHERE number = ?",
                (*values, number),
            )
            changed.add(number)
    _settings(connection, "project", ids, cover)
    _settings(connection, "personal", ids, cover)
    connection.create_function("covered", 1, cover, deterministic=True)
    connection.execute("UPDATE project SET name = covered(name)")
    connection.execute("UPDATE version SET name = covered(name)")
    connection.execute(
        "DELETE FROM part WHERE digest NOT IN (SELECT data FROM edit UNION SELECT stages FROM edit)"
    )
    return len(changed)


def covered(value: Any, cover: Cover) -> Any:
    """A value as JSON has it, with every text and every name of a field covered."""
    if isinstance(value, str):
        return cover(value)
    if isinstance(value, Mapping):
        return {cover(name): covered(one, cover) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(covered(one, cover) for one in value)
    return value


def _moved(connection: sqlite3.Connection, column: str, old: bytes, new: bytes) -> set[int]:
    if old == new:
        return set()
    rows = connection.execute(f"SELECT number FROM edit WHERE {column} = ?", (old,)).fetchall()
    connection.execute(f"UPDATE edit SET {column} = ? WHERE {column} = ?", (new, old))
    return {number for (number,) in rows}


def _without(content: Any, datas: Mapping[bytes, DataRef], cover: Cover) -> Any:
    """An operation, or what is said of one, with the data that it leads to now."""
    told = content.get("data") if isinstance(content, Mapping) else None
    if told is None:
        return covered(content, cover)
    data = datas[canonical(DataRef.from_json(told).to_json())]
    rest = {name: one for name, one in content.items() if name != "data"}
    return {**covered(rest, cover), "data": data.to_json()}


def _settings(connection: sqlite3.Connection, table: str, ids: Collection[str], cover: Cover) -> None:
    """Settings without the ids: one in a list, as a filter has it, leaves the list."""
    for row, body in connection.execute(f"SELECT rowid, settings FROM {table}").fetchall():
        before = unpacked(body)
        after = covered(_unlisted(before, ids, cover), cover)
        if after != before:
            connection.execute(f"UPDATE {table} SET settings = ? WHERE rowid = ?", (packed(after), row))


def _unlisted(value: Any, ids: Collection[str], cover: Cover) -> Any:
    if isinstance(value, Mapping):
        return {name: _unlisted(one, ids, cover) for name, one in value.items()}
    if isinstance(value, list):
        stay = [one for one in value if not (isinstance(one, str) and one in ids and cover(one) != one)]
        return [_unlisted(one, ids, cover) for one in stay]
    return value
