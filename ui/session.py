"""Who is looking at what: the one place that touches `st.session_state` for data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from journey.i18n import LANGUAGES, pick_language, text
from journey.projects.store import Project, ProjectState, Store

__all__ = ["Session", "close_project", "current", "open_project", "project", "remember", "setting", "state", "t"]

_KEY = "journey"


@dataclass
class Session:
    """Ids and settings of one browser tab; never data."""

    language: str = "en"
    project_id: str | None = None


def current() -> Session:
    """This tab's session, begun from the URL and the browser's language when it is new."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Session(
            language=pick_language(st.query_params.get("lang"), st.context.locale),
            project_id=st.query_params.get("project"),
        )
    session: Session = st.session_state[_KEY]
    return session


def follow_url() -> None:
    """Take over what a typed or copied URL asks for; Streamlit drops it at a page change, so write it back."""
    session = current()
    wish = st.query_params.get("lang")
    if wish in LANGUAGES:
        session.language = wish
    session.project_id = st.query_params.get("project") or session.project_id
    write_url()


def write_url() -> None:
    """Put project and language into the URL, so that a copied link or a refresh loses nothing."""
    session = current()
    wanted = {"lang": session.language}
    if session.project_id:
        wanted["project"] = session.project_id
    if {key: st.query_params.get(key) for key in ("lang", "project")} != {"project": None, **wanted}:
        st.query_params.update(wanted)
        if not session.project_id and "project" in st.query_params:
            del st.query_params["project"]


def choose_language(language: str) -> None:
    """Speak this language from now on."""
    current().language = language
    write_url()


def t(key: str, **values: Any) -> str:
    """The sentence of a key in this tab's language."""
    return text(key, current().language, **values)


@st.cache_resource(show_spinner=False)
def store() -> Store:
    """The projects of this machine."""
    return Store()


def project() -> Project | None:
    """The open project, with access checked by the store; None when no project is open."""
    chosen = current().project_id
    return store().open(chosen) if chosen else None


def open_project(project_id: str) -> None:
    """Look at this project from now on."""
    current().project_id = project_id
    write_url()


def close_project() -> None:
    """Look at no project."""
    current().project_id = None
    write_url()
