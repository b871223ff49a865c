"""A client's name and colours on top of every page, as the open project keeps them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from journey.theme import ACCENT, EXIT, text_on
from ui import session
from ui.words import literal, t

__all__ = ["band", "settings"]

_NAME, _COLOURS = "brand.name", "brand.colours"
_DEFAULT = (ACCENT, EXIT)
_LONGEST = 60


def band() -> None:
    """The slim band above a page: the name on the first colour, with an edge of the second."""
    name, colours = _name(), _colours()
    if not name and not colours:
        return
    ground, edge = _filled(colours)
    # Only colours stand in the markup, of six digits each.
    looks = {"ground": ground, "ink": text_on(ground), "edge": edge}
    said = "".join(f"--journey-brand-{what}: {colour};" for what, colour in looks.items())
    st.html(f"<style>:root {{{said}}}</style>")
    with st.container(key="brand"):
        st.markdown(literal(name) or "\u00a0")


def settings() -> None:
    """Name and colours of the client, kept with the project."""
    st.text_input(
        t("demo.brand_name"), max_chars=_LONGEST, placeholder=t("demo.brand_hint"), **session.kept(_NAME, "")
    )
    keys = [session.widget_key(f"{_COLOURS}.{number}") for number in range(len(_DEFAULT))]

    @session.later
    def keep() -> None:
        session.remember(_COLOURS, [session.widget(key) for key in keys])

    with st.container(horizontal=True):
        named = zip(keys, _filled(_colours()), ("demo.colour_first", "demo.colour_second"), strict=True)
        for key, colour, said in named:
            session.put(key, colour)
            st.color_picker(t(said), key=key, on_change=keep)
    if _name() or _colours():
        forget = session.later(lambda: session.forget(_NAME, _COLOURS))
        st.button(t("demo.brand_clear"), type="tertiary", key="brand_clear", on_click=forget)


def _name() -> str:
    name: str = session.state().settings.get(_NAME) or ""
    return name.strip()[:_LONGEST]


def _colours() -> list[str]:
    return session.state().settings.get(_COLOURS) or []


def _filled(colours: Sequence[str]) -> tuple[str, str]:
    """Both colours; the second of one alone is the first."""
    return (colours[0], colours[-1]) if colours else _DEFAULT
