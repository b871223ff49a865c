"""What is asked about a project before something is done with it as a whole."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

import streamlit as st

from journey.errors import NotStored
from journey.projects.members import identified
from journey.projects.portable import export_project, exported_name
from journey.projects.store import Project
from ui import (
    asked,
    demo,
    experiments_card,
    history,
    journey_card,
    journey_map_new,
    members,
    session,
    toasts,
)
from ui.once import once
from ui.words import md, t

__all__ = ["show"]


def _rename(project_id: str) -> None:
    key = f"rename.{project_id}"
    with st.form("rename", border=False):
        st.text_input(
            t("page.home.new_name"), value=session.store().open(project_id).name, key=key, max_chars=200
        )
        with st.container(horizontal=True):
            st.form_submit_button(
                t("page.home.rename_yes"), type="primary", **once("rename.yes", _renamed, project_id, key)
            )
            st.form_submit_button(t("page.home.no"), key="rename.no", on_click=asked.close)


def _renamed(project_id: str, key: str) -> None:
    session.store().rename(project_id, asked.typed(key))
    asked.close()


def _delete(project_id: str) -> None:
    """What goes, who loses it, and that it cannot be undone."""
    summary = next((one for one in session.store().projects() if one.id == project_id), None)
    if summary is None:
        asked.close()
        st.rerun()
    st.markdown(md("page.home.delete_what", name=summary.name))
    st.markdown(t("page.home.delete_goes", files=summary.files, size=summary.size))
    others = _others(project_id)
    if others:
        st.warning(md("page.home.delete_others", n=len(others), names=others), icon=":material/group:")
    st.caption(t("page.home.delete_final"))
    asked.decide("delete", t("page.home.delete_yes"), ":material/delete:", _deleted, project_id)


def _others(project_id: str) -> list[str]:
    """Who else is in the project; nobody can say of one that cannot be opened."""
    try:
        let_in = session.store().open(project_id).members()
    except NotStored:
        return []
    me = identified(session.person().id)
    return [one.name or one.person for one in let_in if one.person != me]


def _deleted(project_id: str) -> None:
    session.store().delete(project_id)
    _let_go(project_id)


def _leave(project_id: str) -> None:
    st.markdown(md("page.home.leave_what", name=session.store().open(project_id).name))
    st.caption(t("page.home.leave_final"))
    asked.decide("leave", t("page.home.leave_yes"), ":material/logout:", _left, project_id)


def _left(project_id: str) -> None:
    session.store().open(project_id).remove_member(session.person().id)
    _let_go(project_id)


def _let_go(project_id: str) -> None:
    """Nothing points at the project any more: not the URL, not the dialog."""
    if session.current().project_id == project_id:
        session.open_project(None)
    asked.close()


def _export(project_id: str) -> None:
    """Two files to choose from: with the data, or with all but them."""
    opened = session.store().open(project_id)
    st.markdown(md("page.home.export_what", name=opened.name))
    for kind, with_data in (("whole", True), ("bare", False)):
        with st.container(border=True, gap="small"):
            st.markdown(t(f"page.home.export_{kind}"))
            st.caption(t(f"page.home.export_{kind}_help"))
            st.download_button(
                t("page.home.export_yes"),
                data=session.download(_exported(opened, with_data=with_data)),
                file_name=exported_name(opened.name),
                mime="application/zip",
                icon=":material/download:",
                on_click="ignore",
                key=f"export.{kind}",
            )
    st.button(t("page.home.close"), key="export.close", on_click=asked.close)


def _exported(opened: Project, *, with_data: bool) -> Callable[[], io.BytesIO]:
    """The file, made when it is asked for, outside of any run."""

    def write() -> io.BytesIO:
        sink = io.BytesIO()
        export_project(opened, sink, with_data=with_data)
        sink.seek(0)
        return sink

    return write


_DIALOGS: Mapping[str, Callable[[str], None]] = {
    "rename": _rename,
    "delete": _delete,
    "leave": _leave,
    "export": _export,
    "members": members.show,
    **history.DIALOGS,
    **experiments_card.DIALOGS,
    **journey_card.DIALOGS,
    **journey_map_new.DIALOGS,
}


def show() -> None:
    """Say what was done and draw the dialog that is asked for, once in every run.

    Demo mode has only those in which nothing is changed then.
    """
    toasts.show()
    if demo.is_on() and not any(map(asked.is_asked, journey_card.DIALOGS)):
        asked.close()
        return
    asked.show(_DIALOGS, wide=journey_card.DIALOGS)
