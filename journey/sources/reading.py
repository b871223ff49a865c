"""One staged file -> one table on disk, read by a process of its own and opened without a copy."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa

from journey.errors import UploadGone
from journey.findings import Finding
from journey.sources import child
from journey.sources.files import parse_table
from journey.sources.how import How
from journey.sources.limits import LIMITS, Limits
from journey.sources.progress import Progress, tell
from journey.sources.raw_table import Parsed, RawTable

__all__ = ["Progress", "is_read", "open_table", "read_file", "read_order", "result_files"]


def read_file(
    path: Path,
    name: str,
    how: How | None = None,
    target: Path | None = None,
    *,
    limits: Limits = LIMITS,
    watch: Callable[[Progress], None] | None = None,
) -> RawTable:
    """Read the file at `path` in a process with limits; `name` is what the user calls it.

    What was read stays beside `target` as `.arrow` and `.json` and can be opened again with `open_table`;
    without a `target` it goes as soon as the table does. `watch` hears about the progress some ten times a
    second; what it raises passes through, after the reader and all that it started were killed and nothing
    of theirs is left. Raises what `files.read_table` raises, and what `child.run` does.
    """
    if target is None:
        with tempfile.TemporaryDirectory(prefix="journey-", ignore_cleanup_errors=True) as folder:
            # The mapped file lives on without its name for as long as the table does.
            return read_file(path, name, how, Path(folder) / "table", limits=limits, watch=watch)
    table, facts = result_files(target)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".reading-", dir=target.parent))
    try:
        order = {
            "path": str(Path(path).resolve()),
            "name": name,
            "how": asdict(how or How()),
            "folder": str(work.resolve()),
            "limits": asdict(limits),
        }
        child.run("journey.sources.reading:read_order", order, folder=work, limits=limits, watch=watch)
        facts.unlink(missing_ok=True)
        (work / "table.arrow").replace(table)
        (work / "table.json").replace(facts)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return open_table(target)


def result_files(target: Path) -> tuple[Path, Path]:
    """The table and the facts that stand beside `target` once it is read; the facts come last."""
    return target.with_name(f"{target.name}.arrow"), target.with_name(f"{target.name}.json")


def is_read(target: Path) -> bool:
    """Is there a table at `target` to be opened?"""
    return all(file.is_file() for file in result_files(target))


def open_table(target: Path) -> RawTable:
    """What `read_file` left at `target`, memory-mapped; UploadGone where nothing is any more."""
    table_file, facts_file = result_files(target)
    try:
        facts = json.loads(facts_file.read_text(encoding="utf-8"))
        with pa.memory_map(str(table_file)) as source:
            table = pa.ipc.open_file(source).read_all()
    except FileNotFoundError:
        raise UploadGone() from None
    return Parsed(table, _facts(facts)).framed()


def read_order(order: Mapping[str, Any]) -> None:
    """What the process does: read as the order says, and write the table and its facts."""
    folder = Path(order["folder"])
    limits = Limits(**order["limits"])
    parsed = parse_table(Path(order["path"]), order["name"], **order["how"], limits=limits)
    tell("writing")
    with (
        pa.OSFile(str(folder / "table.arrow"), "wb") as sink,
        pa.ipc.new_file(sink, parsed.table.schema) as writer,
    ):
        writer.write_table(parsed.table)
    facts = {
        **parsed.facts,
        "notes": [[note.code, dict(note.values)] for note in parsed.facts.get("notes", ())],
        "numeric": sorted(parsed.facts.get("numeric", ())),
    }
    (folder / "table.json").write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")


def _facts(told: Mapping[str, Any]) -> dict[str, Any]:
    facts = {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}
    facts["notes"] = tuple(Finding(code, values) for code, values in told["notes"])
    facts["numeric"] = frozenset(told["numeric"])
    return facts
