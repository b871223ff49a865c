"""Buttons that do their work once: however often they are clicked, and whatever else the browser says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ui import session

__all__ = ["once", "pressed"]


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


def pressed(button: Callable[..., Any], *args: Any, key: str, **look: Any) -> Any:
    """Draw a button whose work is done where it stands; what was clicked of it, None where nothing was.

    The run that hears of a click may be cut short, by news of the project or a size of the window, before it
    has come to the button. So the click is kept until a run has: `session.forget_clicks` says how long.
    """

    def keep() -> None:
        session.current().clicks[key] = session.widget(key)

    button(*args, key=key, on_click=keep, **look)
    return session.current().clicks.pop(key, None)
