"""The keys of a presenter and four quiet buttons: on, back, the whole screen, and out.

Browser to Python: `go` is "next", "back" or "leave", once a press; `screen` is the width and height of the
window, when it is known and when it has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from ui.components.board_queue import sent

__all__ = ["presenter"]

_HERE = Path(__file__).parent
_WAYS = ("next", "back", "leave")
_LARGEST = 20_000


_mount = st.components.v2.component(
    "journey_lab_presenter",
    js=(_HERE / "presenter.js").read_text("utf-8"),
    css=(_HERE / "presenter.css").read_text("utf-8"),
)


def presenter(
    words: Mapping[str, str], *, key: str, on_press: Callable[[str], None]
) -> tuple[int, int] | None:
    """Listen for the keys and draw the buttons that `words` name; the size of the window, once it is known.

    `on_press` is called with each press before the run that follows: that run may be cut short by what else
    the browser says, so a press is not to be lost with it.
    """

    def pressed() -> None:
        go = sent(key, "go")
        if go in _WAYS:
            on_press(go)

    said = _mount(key=key, data={"words": dict(words)}, on_go_change=pressed, on_screen_change=_heard)
    screen = said.get("screen")
    return tuple(screen) if _is_size(screen) else None


def _heard() -> None:
    """Nothing is done before the run: it reads what was sent."""


def _is_size(value: Any) -> bool:
    """What a browser sends may be anything."""
    return (
        isinstance(value, list | tuple)
        and len(value) == 2
        and all(type(one) is int and 0 < one < _LARGEST for one in value)
    )
