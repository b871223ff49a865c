"""What others do to the open project comes to this tab: the page runs again once it shows what was."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

import streamlit as st

from ui import problems, session
from ui.components.live import live
from ui.live_route import PATH, ticket
from ui.words import t

__all__ = ["noted", "watch"]

_KEY = "live"


def watch(page: str) -> None:
    """Follow the open project from the page of this address; at most once a run."""
    opened = session.project()
    if opened is not None:
        noted()
        with st.sidebar:
            _listen(opened.id, page)


def noted() -> None:
    """From now on the page shows the open project as this run has found it."""
    now = session.current()
    if now.project_id is not None:
        now.shown = now.project_id, session.state().revision


@st.fragment
def _listen(project_id: str, page: str) -> None:
    """Runs alone when the browser has heard of another number, and mostly ends there."""
    with problems.told("live"):
        asked = (session.widget(_KEY) or {}).get("news")
        if asked is not None and _is_old(project_id):
            st.rerun()
        live(
            address=f"{_base(page)}{PATH}/{project_id}",
            ticket=ticket(project_id, session.person()),
            number=session.shown_number(project_id),
            lost=t("live.lost"),
            key=_KEY,
        )


def _is_old(project_id: str) -> bool:
    """Has the project another number than the page shows? One that cannot be opened is the page's to tell."""
    try:
        return session.store().open(project_id).revision != session.shown_number(project_id)
    except problems.LOST:
        return True


def _base(page: str) -> str:
    """Where the app stands on its host, as the browser sees it; a proxy may have put it elsewhere."""
    path = urlsplit(st.context.url or "").path.rstrip("/").removesuffix(f"/{page}")
    return quote(path, safe="/%")
