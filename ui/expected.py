"""Which files does a project wait for that came without its data?"""

from __future__ import annotations

import streamlit as st

from journey.projects.data_ref import FileRef
from journey.projects.expected import missing_files
from ui import session
from ui.words import md, t

__all__ = ["show"]

_MOST_NAMED = 8


def show() -> bool:
    """Each file that the open project waits for, by its kind and columns; does it wait for any?"""
    state = session.state()
    missing = missing_files(state.data, state.settings)
    if not missing:
        return False
    with st.container(border=True, key="expected"):
        words = "portable.waits" if state.data is None else "portable.waits_more"
        st.markdown(f":material/hourglass_empty: {t(words)}")
        st.markdown("\n".join(f"- {_told(file)}" for file in missing))
    return True


def _told(file: FileRef) -> str:
    """The kind of a file and its columns, those that play a role first."""
    columns = list(dict.fromkeys((*file.choice.columns, *file.columns)))
    named = {"kind": t(f"bring.kind_{file.kind}"), "columns": columns[:_MOST_NAMED]}
    more = len(columns) - _MOST_NAMED
    return md("portable.waits_file_more", **named, n=more) if more > 0 else md("portable.waits_file", **named)
