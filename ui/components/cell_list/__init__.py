"""The cells of the notebook by name: dragged, moved by keys, and jumped to; and which of them were come to.

Python to browser: ``{"cells": [{"id", "name", "flag"}], "words": {"label", "hint", "place"}}``; `place` has
the holes {at}, {n} and {name}. Browser to Python, once each: ``move`` {"id", "to": place from 0}, and
``seen`` [id], the cells that have come near the window.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

__all__ = ["cell_list", "come_to", "moved_to"]

_HERE = Path(__file__).parent
_ID = re.compile(r"[a-z0-9]{1,32}")
_MOST = 1000


def _script() -> str:
    """The script without the indents and comments that a browser has no use for, sent with each draw."""
    lines = [line.strip() for line in (_HERE / "cell_list.js").read_text("utf-8").splitlines()]
    return "\n".join(line for line in lines if line and not line.startswith("//"))


_mount = st.components.v2.component(
    "journey_lab_cell_list",
    js=_script(),
    css=(_HERE / "cell_list.css").read_text("utf-8"),
)


def cell_list(
    cells: Sequence[Mapping[str, str]],
    words: Mapping[str, str],
    *,
    key: str,
    on_move: Callable[[], None],
    on_seen: Callable[[], None],
) -> None:
    """Draw the list; both are called ahead of a run, and `moved_to` and `come_to` read what was sent."""
    data = {"cells": [dict(cell) for cell in cells], "words": dict(words)}
    _mount(key=key, data=data, on_move_change=on_move, on_seen_change=on_seen)


def moved_to(sent: Mapping[str, Any]) -> tuple[str, int] | None:
    """Which cell is to stand where; None for what is no such wish."""
    match sent.get("move"):
        case {"id": str(id_), "to": int(to)} if _ID.fullmatch(id_) and 0 <= to < _MOST:
            return id_, to
        case _:
            return None


def come_to(sent: Mapping[str, Any]) -> list[str]:
    """The ids among what was sent."""
    value = sent.get("seen")
    told = value[:_MOST] if isinstance(value, list) else []
    return [one for one in told if isinstance(one, str) and _ID.fullmatch(one)]
