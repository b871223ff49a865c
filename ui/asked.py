"""The one dialog that is open: asked for from any page, drawn by the frame, and there until it is done."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import streamlit as st

from journey.errors import NameMissing
from ui import problems, session
from ui.once import once
from ui.words import t

__all__ = ["ask", "close", "decide", "is_asked", "show", "typed"]

_ASKED = "dialog.asked"


def ask(dialog: str, subject: str) -> None:
    """Open the dialog of this name about a project or what is in it, from the next run on."""
    session.put(_ASKED, (dialog, subject))


def close() -> None:
    """Nothing is asked any more."""
    session.put(_ASKED, None)


def is_asked(dialog: str) -> bool:
    """Is it this dialog that is open?"""
    now = session.widget(_ASKED)
    return now is not None and now[0] == dialog


def decide(key: str, yes: str, icon: str, done: Callable[..., None], *args: Any) -> None:
    """The two buttons below a question: the one that does it, once, and the one that leaves all as it is."""
    with st.container(horizontal=True):
        st.button(yes, type="primary", icon=icon, **once(f"{key}.yes", done, *args))
        st.button(t("page.home.no"), key=f"{key}.no", on_click=close)


def typed(key: str) -> str:
    """The name in this field; NameMissing where nothing was typed."""
    name: str = session.widget(key) or ""
    if not name.strip():
        raise NameMissing()
    return name


def show(dialogs: Mapping[str, Callable[[str], None]], wide: Collection[str] = ()) -> None:
    """Draw the dialog that is asked for, of more width where its name is one of `wide`.

    It stays over a run of the whole page: somebody else's change, shown behind it, takes nothing away that
    was typed. Its title is `page.asked.<name>`.
    """
    asked = session.widget(_ASKED)
    if asked is None:
        return
    name, subject = asked
    width: Any = "medium" if name in wide else "small"
    st.dialog(t(f"page.asked.{name}"), width=width, on_dismiss=close)(_drawn)(dialogs[name], name, subject)


def _drawn(content: Callable[[str], None], name: str, subject: str) -> None:
    # A click in it closed it, or asked for another one: the whole page says so.
    if session.widget(_ASKED) != (name, subject):
        st.rerun()
    with problems.told("dialog"):
        session.refresh()
        content(subject)
