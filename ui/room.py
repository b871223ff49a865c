"""How much of what a project holds of people's words is left, said while there is still some."""

from __future__ import annotations

import streamlit as st

from journey.projects.state import LARGEST_SETTINGS, written_size
from ui import presenting, session
from ui.words import t

__all__ = ["told"]

_NEARLY = 0.9


def told() -> None:
    """Say that the project is nearly full; nothing while there is room, and nothing in front of others."""
    if presenting.is_on() or session.project() is None:
        return
    size = written_size(session.state().settings)
    if size >= _NEARLY * LARGEST_SETTINGS:
        st.warning(t("projects.nearly_full", size=size, most=LARGEST_SETTINGS), icon=":material/inventory_2:")
