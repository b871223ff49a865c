"""What was done, said in passing by the run that follows: a callback and a page about to be left cannot."""

from __future__ import annotations

import streamlit as st

from ui import session

__all__ = ["say", "show"]

_SAID = "toasts"


def say(words: str) -> None:
    """Let the next run say this; the words are Markdown."""
    session.put(_SAID, (*session.widget(_SAID, ()), words))


def show() -> None:
    """Say what waits to be said; the frame does so once in every run."""
    for words in session.widget(_SAID, ()):
        st.toast(words, icon=":material/check:")
    session.put(_SAID, ())
