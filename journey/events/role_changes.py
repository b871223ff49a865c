"""What a table means after somebody gave a role to other columns, or called it another kind of table."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from journey.events.kinds import KINDS, TableChoice

__all__ = ["fits", "placed"]


def placed(choice: TableChoice, role: str, columns: Sequence[str]) -> TableChoice:
    """Let these columns play the role; a column plays one role, so the others lose it."""
    taken = frozenset(columns)
    roles = {
        other: tuple(name for name in names if name not in taken)
        for other, names in choice.roles.items()
        if other != role
    }
    roles[role] = tuple(columns)
    # What means nothing without a role that no column plays any more goes with it.
    known = [
        one.name for one in KINDS[choice.kind] if one.name == role or not one.after or roles.get(one.after)
    ]
    return replace(choice, roles={name: roles[name] for name in known if roles.get(name)})


def fits(choice: TableChoice, columns: Collection[str]) -> bool:
    """Are all columns of the choice there?"""
    have = frozenset(columns)
    return all(name in have for name in choice.columns)
