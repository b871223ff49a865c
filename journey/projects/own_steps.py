"""What would undo take back, and redo bring again, of the edits of one person?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from journey.projects.happened import Happened
from journey.projects.history import Edit

__all__ = ["OwnSteps", "own_steps"]


@dataclass(frozen=True)
class OwnSteps:
    """The edit that undo takes back next, and the one that redo brings again; None where it is not known."""

    undo: Happened | None = None
    redo: Happened | None = None


def own_steps(edits: Sequence[Edit], lines: Iterable[Happened], person: str) -> OwnSteps:
    """The steps of this person (by their key), out of the last edits and the last lines of the history.

    Undo goes back through one's edits and redo comes forward: of those that it would bring again, the oldest
    comes first.
    """
    told = {line.number: line for line in lines}
    mine = [edit for edit in edits if edit.person == person]
    standing = max((edit.number for edit in mine if not edit.undone), default=0)
    undone = min((edit.number for edit in mine if edit.undone), default=0)
    return OwnSteps(told.get(standing), told.get(undone))
