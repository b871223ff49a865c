"""How the pages of a project look: what holds for all, and what each person chose for themselves."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from journey.projects.contents import packed, unpacked
from journey.projects.person import Person
from journey.projects.state import canonical, is_personal

__all__ = ["Settings", "is_other"]


def is_other(before: Any, after: Any) -> bool:
    """Is a setting another one now? Python calls 1, 1.0 and True equal; a page is told which it was."""
    return before is not after and canonical(before) != canonical(after)


class Settings:
    """The settings inside one open transaction, as one person has them."""

    def __init__(self, connection: sqlite3.Connection, shared: bytes, person: Person) -> None:
        self._connection = connection
        self._shared = shared
        self._person = person

    def now(self) -> dict[str, Any]:
        """Those of the project, with those that the person chose; None takes one of the project's away."""
        both = {**unpacked(self._shared), **self._own()}
        return {name: value for name, value in both.items() if value is not None}

    def keep(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
        """Store those that are other ones now, each where it belongs; False where there are none."""
        if before is after:
            return False
        names = {*before, *after}
        new = {name: after.get(name) for name in names if is_other(before.get(name), after.get(name))}
        own = {name: value for name, value in new.items() if is_personal(name)}
        shared = {name: value for name, value in new.items() if name not in own}
        if own:
            project = unpacked(self._shared)
            kept = {**self._own(), **own}
            kept = {name: value for name, value in kept.items() if value is not None or name in project}
            self._connection.execute(
                "INSERT INTO personal VALUES (?, ?)"
                " ON CONFLICT (person) DO UPDATE SET settings = excluded.settings",
                (self._person.key, packed(kept)),
            )
        if shared:
            kept = {**unpacked(self._shared), **shared}
            self._shared = packed({name: value for name, value in kept.items() if value is not None})
            self._connection.execute("UPDATE project SET settings = ?", (self._shared,))
        return bool(new)

    def _own(self) -> dict[str, Any]:
        row = self._connection.execute(
            "SELECT settings FROM personal WHERE person = ?", (self._person.key,)
        ).fetchone()
        return dict(unpacked(row[0])) if row else {}
