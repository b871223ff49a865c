"""What is asked about a project before something is done with it as a whole."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

import streamlit as st

from journey.projects.portable import export_project, exported_name
from journey.projects.store import Project
from ui import asked, session
from ui.words import md, t

__all__ = ["show"]


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
                data=_exported(opened, with_data=with_data),
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
    "export": _export,
}


def show() -> None:
    """Draw the dialog that is asked for; the frame does so once in every run."""
    asked.show(_DIALOGS)
