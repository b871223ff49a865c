"""What is different between two states of a project, in numbers for somebody who wants to go back."""

from __future__ import annotations

from dataclasses import dataclass

from journey.projects.state import ProjectState
from journey.stages.changes import changes

__all__ = ["Compared", "compared"]

_CARDS = ("event", "rule", "rules")


@dataclass(frozen=True)
class Compared:
    """How many `stages` and `cards` would not be as they are, and which files would come back or go.

    A card is an event or a rule that stands elsewhere; a stage that is new, gone, or has another name counts.
    """

    stages: int = 0
    cards: int = 0
    is_reordered: bool = False
    is_goal_other: bool = False
    files_back: tuple[str, ...] = ()
    files_gone: tuple[str, ...] = ()


def compared(now: ProjectState, then: ProjectState) -> Compared:
    """What going back to `then` would change."""
    keys = changes(now.stage_map, then.stage_map).keys()
    here, there = (dict(_files(state)) for state in (now, then))
    if then.data is None:
        # From before the first file came: going back there takes none away.
        there = here
    return Compared(
        stages=len({key[1] for key in keys if key[0] == "stage"}),
        cards=len({key[:2] for key in keys if key[0] in _CARDS}),
        is_reordered=("order",) in keys,
        is_goal_other=("goal",) in keys,
        files_back=tuple(name for file, name in there.items() if file not in here),
        files_gone=tuple(name for file, name in here.items() if file not in there),
    )


def _files(state: ProjectState) -> list[tuple[str, str]]:
    return [] if state.data is None else [(file.id, file.name) for file in state.data.files]
