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
_WISHED = "boards.wished"


def latest(name: str, now: Callable[[], tuple[dict[str, Any], Found]]) -> tuple[dict[str, Any], Found | None]:
    """The model of a board of this name, and what else there is now.

    While the project cannot be read the board stays with what it showed last: it still holds what is not
    saved yet, and there is nothing else. Raises what `now` raises where nothing was shown before, and where
    the project is lost.
    """
    key = session.widget_key(f"boards.last.{name}")
    try:
        model, beside = now()
    except problems.LOST:
        raise
    except NotStored:
        model = session.widget(key)
        if model is None:
            raise
        return model, None
    live.noted()
    session.put(key, model)
    return model, beside


def ask_frame() -> None:
    """From a board: a dialog was asked for, which the frame draws and a fragment cannot."""
    session.put(session.widget_key(_WISHED), True)


def let_frame_draw() -> None:
    """The first thing in the fragment of a board: run the page once where a dialog was asked for on it."""
    key = session.widget_key(_WISHED)
    if session.widget(key):
        session.put(key, False)
        st.rerun()
