"""Demo mode: the one door to what a stranger may read of people, of files and of other projects.

`ui.ask` hands out logs that are disguised already, and `ui.words` sends what it is given through `covered`:
a page that knows nothing of demo mode shows nothing that it should not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from pathlib import PurePath
from typing import Any

import streamlit as st

from journey.errors import JourneyError
from journey.i18n import text
from journey.projects.members import Member
from journey.projects.person import LOCAL, Person
from ui import session

__all__ = ["called", "covered", "is_on", "word"]

_HISTORY = 10_000
# A shorter name is found in words that have nothing to do with it.
_SHORTEST_FILE, _SHORTEST_TEST = 5, 2
_DOT = " · "
_EMAIL = re.compile(r"[^\s@<>(),;]+@[\w-]+(?:\.[\w-]+)+")


def is_on() -> bool:
    """Are names masked in this tab?"""
    return session.current().demo


def word(kind: str) -> str:
    """What a `value`, `person`, `file` or `project` is called where its own name is not shown."""
    return text(f"demo.{kind}", session.current().language)


def covered(words: str) -> str:
    """The text with the names that demo mode hides replaced; the text itself while it is off.

    What is the name of a person or of another project becomes its number, alone or as one of the parts that
    are joined by dots; names of files and e-mail addresses are replaced wherever they stand.
    """
    if not is_on() or not words:
        return words
    names = _aliases()
    words = _DOT.join(names.get(part.strip(), part) for part in words.split(_DOT))
    files = [name for name in names if name in words and "." in name and len(name) >= _SHORTEST_FILE]
    for name in sorted(files, key=len, reverse=True):
        words = words.replace(name, names[name])
    return _EMAIL.sub(word("person"), words) if "@" in words else words


def called(name: str) -> str:
    """Who did something, as it may be said; whom the project does not know any more has no number."""
    shown = covered(name)
    return word("person") if is_on() and name and shown == name else shown


def _aliases() -> Mapping[str, str]:
    """Name -> what is shown for it, of all that the person at this tab could come across."""
    now = session.current()
    if now.aliases is None:
        now.aliases = {}  # what is told while they are gathered needs none of them
        own = _found(_journey, ())
        kinds = {"project": _projects(), "file": _files()}
        found = {
            name: f"{word(kind)} {number}"
            for kind, names in kinds.items()
            for number, name in enumerate(dict.fromkeys(name.strip() for name in names), 1)
        }
        # A test without a name is called as its file is, without the ending.
        tests = {PurePath(name).stem.strip(): found[name.strip()] for name in _found(_files_of_tests, ())}
        found = {name: alias for name, alias in tests.items() if len(name) >= _SHORTEST_TEST} | found
        for number, names in enumerate(_people(), 1):
            found |= {
                name.strip(): f"{word('person')} {number}" for name in names if name.strip() not in found
            }
        now.aliases = {name: alias for name, alias in found.items() if name and name not in own}
    return now.aliases


def _found(look: Callable[[], Any], otherwise: Any) -> Any:
    """What is there; a project that cannot be read is told by its page, and names nobody."""
    try:
        return look()
    except JourneyError:
        return otherwise


def _journey() -> set[str]:
    """Names of stages and events: they stay, also where somebody is called so."""
    stages = session.state().stage_map
    return {stage.name for stage in stages.stages} | stages.events.keys()


def _projects() -> list[str]:
    here = session.current().project_id
    return [one.name for one in session.store().projects() if one.id != here]


def _files() -> list[str]:
    data = _found(lambda: session.state().data, None)
    now = [file.name for file in data.files] if data is not None else []
    return [*now, *_found(_earlier_files, ())]


def _earlier_files() -> tuple[str, ...]:
    return tuple(_history()[0])


def _files_of_tests() -> list[str]:
    """Those whose names tests without one have."""
    return [name for name, kinds in _history()[0].items() if "experiment" in kinds]


def _history() -> tuple[Mapping[str, Collection[str]], tuple[tuple[str, ...], ...]]:
    """The files, with the kinds that each was read as, and the people that the project's edits tell of."""
    opened = session.project()
    return ({}, ()) if opened is None else _history_of(opened.id, opened.revision)


@st.cache_resource(max_entries=16, show_spinner=False)
def _history_of(
    project_id: str, revision: int
) -> tuple[Mapping[str, Collection[str]], tuple[tuple[str, ...], ...]]:
    edits = session.store().open(project_id).history(_HISTORY)[::-1]
    kept = [edit.op["data"]["files"] for edit in edits if edit.op.get("op") == "data"]
    files: dict[str, set[str]] = {}
    for file in (file for files in kept for file in files):
        files.setdefault(file["name"], set()).add(file.get("choice", {}).get("kind", ""))
    people = dict.fromkeys((edit.name, edit.person) for edit in edits)
    return files, tuple(people)


def _people() -> list[tuple[str, ...]]:
    """What each person is called, by name and by id: who sits here, who was let in, and who made edits."""
    members = _found(_members, ())
    known = [session.person(), *(Person(one.person, one.name) for one in members)]
    # Those who share one way in are told apart by their names alone.
    called = {one.key: (one.name, "" if one.sees_all else one.id) for one in known}
    for name, key in _found(_history, ({}, ()))[1]:
        called.setdefault(key, (name, "" if name and key.endswith(f"/{name}") else key))
    return [names for key, names in called.items() if any(names) and key != LOCAL.key]


def _members() -> tuple[Member, ...]:
    opened = session.project()
    return () if opened is None else opened.members()
