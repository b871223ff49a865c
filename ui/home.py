"""Where a user begins, or goes on: the samples, a file of one's own, the projects so far."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import streamlit as st

from journey.projects.store import ProjectSummary
from ui import demo, session
from ui.navigation import page_named
from ui.words import literal, t

__all__ = ["bring", "projects"]

_FIRST = 12
_ZONE = "Asia/Seoul"


def bring() -> None:
    """The way to the user's own file."""
    with st.container(border=True):
        st.markdown(t("page.home.bring_text"))
        st.page_link(page_named("data"), label=t("page.home.go_data"), icon=":material/upload_file:")


def projects() -> None:
    """The projects of this machine, the last changed first; in demo mode the open one alone."""
    found = session.store().projects()
    if demo.is_on():
        st.caption(t("demo.other_projects"))
        found = [summary for summary in found if summary.id == session.current().project_id]
    if not found and not demo.is_on():
        st.caption(t("page.home.no_projects"))
    for summary in found[:_FIRST]:
        _project(summary)
    if len(found) > _FIRST:
        with st.expander(t("page.home.more_projects", n=len(found) - _FIRST)):
            for summary in found[_FIRST:]:
                _project(summary)


def _zone() -> ZoneInfo:
    """The browser's time zone; not every name that a browser gives is one here."""
    try:
        return ZoneInfo(st.context.timezone or _ZONE)
    except (KeyError, ValueError, OSError):
        return ZoneInfo(_ZONE)


def _project(summary: ProjectSummary) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        if summary.problem is not None:
            st.markdown(t(f"errors.{summary.problem}"))
            return
        with st.container():
            st.markdown(f"**{literal(summary.name)}**")
            if summary.changed is not None:
                changed = t("page.home.changed", at=summary.changed.astimezone(_zone()))
                st.caption(" · ".join([t("page.home.files", n=summary.files), changed]))
        if summary.id == session.current().project_id:
            st.badge(t("page.home.opened_now"), icon=":material/check:")
        elif st.button(t("page.home.open"), key=f"open.{summary.id}"):
            session.open_project(summary.id)
            st.switch_page(page_named("stages"))
