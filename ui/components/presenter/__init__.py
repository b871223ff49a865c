"""The keys of a presenter and four quiet buttons: on, back, the whole screen, and out.

Browser to Python: `go` is "next", "back" or "leave", once a press; `screen` is the width and height of the
window, when it is known and when it has changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

__all__ = ["Presented", "presenter"]

_HERE = Path(__file__).parent
_WAYS = ("next", "back", "leave")
_LARGEST = 20_000


@dataclass(frozen=True)
class Presented:
    """What the presenter pressed since the last run, and how large the window is."""

    go: str | None
    screen: tuple[int, int] | None


_mount = st.components.v2.component(
    "journey_lab_presenter",
    js=(_HERE / "presenter.js").read_text("utf-8"),
    css=(_HERE / "presenter.css").read_text("utf-8"),
)


def presenter(words: Mapping[str, str], *, key: str) -> Presented:
    """Listen for the keys and draw the buttons; `words` name what they do."""
    sent = _mount(key=key, data={"words": dict(words)}, on_go_change=_heard, on_screen_change=_heard)
    go, screen = sent.get("go"), sent.get("screen")
    return Presented(go if go in _WAYS else None, tuple(screen) if _is_size(screen) else None)


def _heard() -> None:
    """Nothing is done before the run: it reads what was sent."""


def _is_size(value: Any) -> bool:
    """What a browser sends may be anything."""
    return (
        isinstance(value, list | tuple)
        and len(value) == 2
        and all(type(one) is int and 0 < one < _LARGEST for one in value)
    )
