"""What others do to the open project comes to this tab: the page runs again once it shows what was."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

import streamlit as st

from ui import session
from ui.components.live import live
from ui.live_route import PATH, ticket
from ui.words import t

__all__ = ["noted", "watch"]


def watch(page: str) -> None:
    """Follow the open project from the page of this address, once a run of the whole page."""
    opened = session.project()
    if opened is None:
        return
    noted()
    # No fragment: after the server was started anew it would not know the fragment that is to run.
    with st.sidebar:
        live(
            address=f"{_base(page)}{PATH}/{opened.id}",
            ticket=ticket(opened.id, session.person()),
            number=session.shown_number(opened.id),
            lost=t("live.lost"),
            key="live",
        )


def noted() -> None:
    """From now on the page shows the open project as this run has found it."""
    now = session.current()
    if now.project_id is not None:
        now.shown = now.project_id, session.state().revision


def _base(page: str) -> str:
    """Where the app stands on its host, as the browser sees it; a proxy may have put it elsewhere."""
    path = urlsplit(st.context.url or "").path.rstrip("/").removesuffix(f"/{page}")
    return quote(path, safe="/%")
