"""Choosing one of several things by its name: what a project remembers, a mark of a picture, a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from ui import demo, presenting, session

__all__ = ["line", "mark", "one_of"]

# Stands for nothing chosen where a choice may be left open.
NOTHING = ""


def one_of(
    name: str,
    label: str,
    names: Mapping[str, str],
    default: str | None = None,
    *,
    nothing: str | None = None,
    keep: Callable[..., dict[str, Any]] = session.kept,
    **look: Any,
) -> str:
    """The one that the project remembers under `name`, of things by id with what each is called.

    At first, and where what was chosen is gone, it is the `default`, else the first one. With words for
    `nothing` the choice may be left open, which is "". `keep` remembers as `session.kept` does.
    """
    called = names if nothing is None else {NOTHING: nothing, **names}
    allowed = list(called)
    first = allowed[0] if default is None else default
    found: str = st.selectbox(
        label,
        allowed,
        format_func=lambda one: demo.covered(called[one]),
        **look,
        **keep(name, first, allowed),
    )
    return found


def mark(chart: str, label: str, names: Mapping[str, str], hint: str) -> str | None:
    """The mark that is picked in a chart: by a click there, or here, for keys and for fingers on a small one.

    `names` says what each mark is called; one that is picked and not among them counts as none. In a
    presentation nobody is asked.
    """
    picked = session.picked(chart).id
    shown = picked if picked in names else None
    if not presenting.is_on():
        key = session.widget_key(f"{chart}.pick")
        session.put(key, shown)
        st.selectbox(
            label,
            list(names),
            index=None,
            format_func=lambda one: demo.covered(names[one]),
            placeholder=hint,
            label_visibility="collapsed",
            key=key,
            on_change=session.later(lambda: session.pick(chart, session.widget(key))),
        )
    return shown


def line(name: str, label: str, names: Mapping[Any, str], hint: str, **look: Any) -> Any:
    """The line of a table that is chosen in this tab; None before one is, and where it is gone."""
    key = session.widget_key(name)
    if session.widget(key) not in names:
        session.put(key, None)
    return st.selectbox(
        label,
        list(names),
        index=None,
        format_func=lambda one: demo.covered(names[one]),
        placeholder=hint,
        key=key,
        **look,
    )
