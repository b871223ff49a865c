"""Buttons that do their work once, however often they are clicked before the page has answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ui import session

__all__ = ["once"]


def once(name: str, change: Callable[..., None], *args: Any) -> dict[str, Any]:
    """Arguments of a button under which `change(*args)` is done; its key begins with `name`.

    A second click of a double click comes from the button as it was before the first one was answered. Each
    click ends the turn of its button, and a click of an earlier turn does nothing.
    """
    counter = f"once.{name}"
    turn = session.widget(counter, 0)

    def first() -> None:
        if session.widget(counter, 0) == turn:
            session.put(counter, turn + 1)
            change(*args)

    return {"key": f"{name}.{turn}", "on_click": session.later(first)}
