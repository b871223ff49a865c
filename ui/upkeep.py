"""What keeps a run of the app short."""

from __future__ import annotations

import gc
import sys

import streamlit as st

__all__ = ["spare_modules"]


def spare_modules() -> None:
    """Leave what was imported out of the garbage collections to come.

    Streamlit collects after every run, before what the run drew is sent. Of the half a million objects that
    it would look at each time nearly all belong to modules, which are never garbage.
    """
    _spare(len(sys.modules))


@st.cache_resource(max_entries=1, show_spinner=False)
def _spare(modules: int) -> None:
    """Once for each number of loaded modules."""
    gc.collect()
    gc.freeze()
