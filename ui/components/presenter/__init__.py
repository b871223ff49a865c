"""The keys of a presenter and four quiet buttons: on, back, the whole screen, and out.

Browser to Python: `pressed` is [[number, "next", "back" or "leave"], ...], all presses that are not known to
be heard, with ascending numbers; `screen` is the width and height of the window, when it is known and when it
has changed. Python to browser: `heard`, the number of the last press that was followed, and the known
`screen`. The browser sends nothing more until what it sent was heard.
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
_LARGEST_NUMBER = 2**53 - 1
_MOST_PRESSES = 500


_mount = st.components.v2.component(
    "journey_lab_presenter",
    js=(_HERE / "presenter.js").read_text("utf-8"),
    css=(_HERE / "presenter.css").read_text("utf-8"),
)


def presenter(
    words: Mapping[str, str],
    *,
    key: str,
    heard: int,
    screen: tuple[int, int] | None,
    on_press: Callable[[list[tuple[int, str]]], None],
) -> tuple[int, int] | None:
    """Listen for the keys and draw the buttons that `words` name; the size of the window, once it is known.

    `on_press` is called with presses, those before and those after the number `heard`, before the run that
    follows: that run may be cut short by what else the browser says, so a press is not to be lost with it.
    """

    def pressed() -> None:
        on_press(_presses(sent(key, "pressed")))

    said = _mount(
        key=key,
        data={"words": dict(words), "heard": heard, "screen": screen and list(screen)},
        on_pressed_change=pressed,
        on_screen_change=_heard,
    )
    now = said.get("screen")
    return tuple(now) if _is_size(now) else None


def _presses(value: Any) -> list[tuple[int, str]]:
    """Of what a browser sent, that which is a press."""
    pairs = value[:_MOST_PRESSES] if isinstance(value, list) else []
    return [(pair[0], pair[1]) for pair in pairs if _is_press(pair)]


def _is_press(pair: Any) -> bool:
    return (
        isinstance(pair, list | tuple)
        and len(pair) == 2
        and type(pair[0]) is int
        and 0 < pair[0] <= _LARGEST_NUMBER
        and pair[1] in _WAYS
    )


def _heard() -> None:
    """Nothing is done before the run: it reads what was sent."""


def _is_size(value: Any) -> bool:
    """What a browser sends may be anything."""
    return (
        isinstance(value, list | tuple)
        and len(value) == 2
        and all(type(one) is int and 0 < one < _LARGEST for one in value)
    )
