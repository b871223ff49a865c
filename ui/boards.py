"""What every board of cards needs in its fragment: it outlives a store that is away, and asks for dialogs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st

from journey.errors import NotStored
from ui import live, problems, session

__all__ = ["ask_frame", "latest", "let_frame_draw"]

Found = TypeVar("Found")

# Somebody wished for a dialog from within a board.
_WISHED = "board.wished"


def latest(name: str, model: Callable[[], Found]) -> tuple[Found, bool]:
    """What a board of this name shows, and whether that is what there is now.

    While the project cannot be read the board stays with what it showed last: it still holds what is not
    saved yet. Raises what `model` raises where nothing was shown before, or the project is lost.
    """
    key = session.widget_key(f"board.last.{name}")
    try:
        found = model()
    except problems.LOST:
        raise
    except NotStored:
        last: Any = session.widget(key)
        if last is None:
            raise
        return last, False
    live.noted()
    session.put(key, found)
    return found, True


def ask_frame() -> None:
    """From a board: a dialog was asked for, which the frame draws and a fragment cannot."""
    session.put(session.widget_key(_WISHED), True)


def let_frame_draw() -> None:
    """The first thing in the fragment of a board: run the page once where a dialog was asked for on it."""
    key = session.widget_key(_WISHED)
    if session.widget(key):
        session.put(key, False)
        st.rerun()
