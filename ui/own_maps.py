"""The journey maps of the open project, each fact of which is read once and not once a run."""

from __future__ import annotations

from journey.errors import MapPartGone
from journey.projects.maps import Reader
from journey.projects.state import ProjectState
from journey.stages.board import Board
from ui import session

__all__ = ["every_one", "named"]

_KEY = "own_maps"
Found = tuple[Reader, ProjectState | None, tuple[Board, ...]]


def every_one() -> tuple[Board, ...]:
    """All maps as they are in this run, the oldest first."""
    now, key = session.state(), session.widget_key(_KEY)
    reader, seen, found = session.widget(key) or (Reader(), None, ())
    if seen is not now:
        found = reader.maps(now.settings)
        kept: Found = (reader, now, found)
        session.put(key, kept)
    return found


def named(id_: str) -> Board:
    """The map of this id; raises MapPartGone where there is none (any more)."""
    for board in every_one():
        if board.id == id_:
            return board
    raise MapPartGone(what="map")
