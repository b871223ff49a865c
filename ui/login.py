"""The login inside the frame: who is signed in, the way out, and what is shown where nobody is."""

from __future__ import annotations

from html import escape

import streamlit as st

from ui import session
from ui.identity import mode, person_here
from ui.login_gate import SIGN_IN, SIGN_OUT
from ui.words import literal, t

__all__ = ["ask", "is_needed", "who_and_out"]


def is_needed() -> bool:
    """Must whoever sits at this tab sign in before anything else is drawn?"""
    return person_here() is None


def ask() -> None:
    """Say that nobody is signed in any more, and lead to the login; the gate leads new visitors there."""
    st.header(t("app.name"))
    st.warning(t("errors.signed_out"))
    _link(SIGN_IN, t("login.again"))


def who_and_out() -> None:
    """Who is signed in, and the way out; nothing where there is no login."""
    if mode() == "none":
        return
    here = session.person()
    with st.container(key="signed_in"):
        st.caption(literal(here.name or here.id))
        if mode() != "proxy":
            _link(SIGN_OUT, t("login.sign_out"))


def _link(path: str, words: str) -> None:
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    # In the same tab: Streamlit's own links would open another.
    href = f"{f'/{base}' if base else ''}{path}?lang={session.current().language}"
    st.html(f'<a href="{escape(href)}" target="_self">{escape(words)}</a>')
