"""The projects of this machine, for whoever runs the server: list, export, import and tidy them."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from journey.cli import output
from journey.cli.problems import CannotOpen, InFile, Usage
from journey.errors import JourneyError, NotStored, ProjectMissing, SettingWrong
from journey.findings import Finding
from journey.projects.disk import size_of
from journey.projects.erasure import erase_customers
from journey.projects.portable import export_project, exported_name, import_project
from journey.projects.project import Project
from journey.projects.store import ProjectSummary, Store

__all__ = ["run"]


@dataclass(frozen=True)
class _Told:
    """What came of a command: a row for each project, and a sentence for people who read text."""

    rows: list[dict[str, object]]
    findings: tuple[Finding, ...] = ()


def run(options: argparse.Namespace, language: str) -> None:
    """Do what the words after `projects` say."""
    words = options.words[1:]
    if not words:
        raise Usage(what="projects", have=list(_COMMANDS))
    name, *rest = words
    if name not in _COMMANDS:
        raise SettingWrong(setting="python -m journey projects", value=name, allowed=", ".join(_COMMANDS))
    command, least, most = _COMMANDS[name]
    if not least <= len(rest) <= most:
        raise Usage(what=f"projects_{name}")
    for option, of in (("out", "export"), ("without_data", "export"), ("ids", "erase")):
        if getattr(options, option) and name != of:
            raise Usage(what=f"only_{of}", option=f"--{option.replace('_', '-')}")
    told = command(Store(), rest, options)
    table = pd.DataFrame(told.rows)
    match options.format:
        case "json":
            output.print_json({"projects": told.rows})
        case "csv":
            output.print_csv(table)
        case _:
            output.print_text(told.findings, table if not told.findings else table[:0], (), language)


def _list(store: Store, words: Sequence[str], options: argparse.Namespace) -> _Told:
    found = store.projects()
    return _Told([_row(summary) for summary in found], () if found else (Finding("cli.projects_none"),))


def _row(summary: ProjectSummary) -> dict[str, object]:
    return {
        "id": summary.id,
        "name": summary.name,
        "files": summary.files,
        "bytes": summary.size,
        "owner": summary.owner,
        "changed": None if summary.changed is None else _minute(summary.changed),
        "problem": summary.problem,
    }


def _minute(moment: dt.datetime) -> str:
    return moment.astimezone().isoformat(" ", "minutes")


def _export(store: Store, words: Sequence[str], options: argparse.Namespace) -> _Told:
    project = _found(store, words[0])
    path = Path(options.out or exported_name(project.name))
    _write(project, path, with_data=not options.without_data)
    row = {"id": project.id, "name": project.name, "file": str(path), "bytes": path.stat().st_size}
    key = "cli.projects_exported_bare" if options.without_data else "cli.projects_exported"
    return _Told([row], (Finding(key, {"name": project.name, "file": str(path)}),))


def _write(project: Project, path: Path, *, with_data: bool) -> None:
    """Export to this path; what has the name is whole, and nothing is written over."""
    if path.exists():
        raise Usage(what="out_exists", option=str(path))
    unfinished = path.with_name(f"{path.name}.part")
    try:
        with unfinished.open("wb") as sink:
            export_project(project, sink, with_data=with_data)
        unfinished.rename(path)
    except OSError:
        raise Usage(what="out", option=str(path)) from None
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def _backup(store: Store, words: Sequence[str], options: argparse.Namespace) -> _Told:
    """Export every project into a folder; one that cannot be read keeps none of the others from it."""
    folder = Path(words[0])
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        raise Usage(what="out", option=words[0]) from None
    rows: list[dict[str, object]] = []
    failed: list[InFile] = []
    for summary in store.projects():
        # Several projects may have one name.
        path = folder / exported_name(summary.name, summary.id[:8])
        try:
            _write(store.open(summary.id), path, with_data=True)
            rows.append({"id": summary.id, "name": summary.name, "file": str(path)})
        except NotStored as problem:
            failed.append(InFile(summary.name or summary.id, problem))
    if failed:
        raise failed[0]
    return _Told(rows, (Finding("cli.projects_backed_up", {"n": len(rows), "folder": words[0]}),))


def _import(store: Store, words: Sequence[str], options: argparse.Namespace) -> _Told:
    rows: list[dict[str, object]] = []
    said = []
    for word in words:
        path = Path(word)
        if not path.is_file():
            raise CannotOpen(file=word, reason="folder" if path.is_dir() else "missing")
        try:
            project = import_project(store, path)
        except JourneyError as problem:
            raise InFile(word, problem) from problem
        rows.append({"id": project.id, "name": project.name, "file": word})
        said.append(Finding("cli.projects_imported", {"name": project.name, "id": project.id}))
    return _Told(rows, tuple(said))


def _owner(store: Store, words: Sequence[str], options: argparse.Namespace) -> _Told:
    """Let somebody own a project, beside those who do already."""
    project = _found(store, words[0])
    project.add_member(words[1], role="owner")
    owners = [member.person for member in project.members() if member.role == "owner"]
    said = Finding("cli.projects_owned", {"name": project.name, "owners": owners})
    return _Told([{"id": project.id, "name": project.name, "owners": owners}], (said,))


def _erase(store: Store, words: Sequence[str], options: argparse.Namespace) -> _Told:
    """Erase the customers whose ids stand in a file, one a line, from a project."""
    if options.ids is None:
        raise Usage(what="projects_erase")
    project = _found(store, words[0])
    try:
        lines = Path(options.ids).read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise CannotOpen(file=options.ids, reason="broken") from None
    except OSError:
        raise CannotOpen(file=options.ids, reason="missing") from None
    done = erase_customers(project, lines)
    row = {"id": project.id, "name": project.name, "asked": done.asked, "customers": done.customers}
    numbers = {"rows": sum(file.rows for file in done.files), "edits": done.edits, "at": _minute(done.at)}
    said = Finding("cli.projects_erased", {**row, **numbers})
    return _Told([{**row, **numbers}], (said,))


def _compact(store: Store, words: Sequence[str], options: argparse.Namespace) -> _Told:
    """Remove what killed processes have left in a project's folder, and say how much that was."""
    project = _found(store, words[0])
    folder = project.database.parent
    before = size_of(folder)
    store.compact(project.id)
    row = {"id": project.id, "name": project.name, "bytes": max(0, before - size_of(folder))}
    return _Told([row], (Finding("cli.projects_compacted", row),))


def _found(store: Store, word: str) -> Project:
    """The project of this id, else the only one of this name."""
    try:
        return store.open(word)
    except ProjectMissing:
        named = [summary.id for summary in store.projects() if summary.name == word]
    if not named:
        raise ProjectMissing
    if len(named) > 1:
        raise Usage(what="projects_same_name", option=word, have=named)
    return store.open(named[0])


_MANY = 1000
# What each does, and how many words it takes.
_COMMANDS: Mapping[str, tuple[Callable[[Store, Sequence[str], argparse.Namespace], _Told], int, int]] = {
    "list": (_list, 0, 0),
    "export": (_export, 1, 1),
    "import": (_import, 1, _MANY),
    "owner": (_owner, 2, 2),
    "backup": (_backup, 1, 1),
    "erase": (_erase, 1, 1),
    "compact": (_compact, 1, 1),
}
