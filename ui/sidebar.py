"""What stands beside every page: the open project, the way back and forth in it, and the language."""

from __future__ import annotations

import streamlit as st

from journey.i18n import LANGUAGES
from ui import asked, demo, login, presenting, problems, session
from ui.once import once
from ui.words import literal, t

__all__ = ["show"]


def show() -> None:
    """The open project with undo and redo, language, the way to present and out; nothing while presenting.

    A project that cannot be opened is told in the page's place, beside all that does not need it.
    """
    lost, name = None, None
    try:
        name = _open_name()
    except problems.LOST as problem:
        lost = problem
    if not presenting.is_on():
        _draw(name)
    if lost is not None:
        raise lost


def _draw(name: str | None) -> None:
    with st.sidebar:
        if name is not None:
            st.caption(t("app.project"))
            st.markdown(f"**{literal(name)}**")
            if not demo.is_on():
                _rename()
            _undo_redo()
        st.segmented_control(
            t("app.language"),
            LANGUAGES,
            default=session.current().language,
            format_func=lambda language: t(f"app.language_{language}"),
            key="language",
            required=True,
            on_change=lambda: session.choose_language(session.widget("language")),
        )
        presenting.popover()
        login.who_and_out()


def _open_name() -> str | None:
    """The name of the open project; one that cannot be opened at all is left, so that home stays in reach."""
    try:
        opened = session.project()
        return None if opened is None else opened.name
    except problems.LOST:
        session.open_project(None)
        raise


def _rename() -> None:
    st.button(
        t("page.home.menu_rename"),
        type="tertiary",
        icon=":material/edit:",
        **once("project.rename", asked.ask, "rename", session.current().project_id),
    )


def _undo_redo() -> None:
    """The last edit taken back or done again, whichever page it was made on."""
    now = session.state()
    with st.container(horizontal=True, gap="xsmall"):
        for op, possible in (("undo", now.can_undo), ("redo", now.can_redo)):
            st.button(
                t(f"page.history.{op}"),
                icon=f":material/{op}:",
                type="tertiary",
                disabled=not possible,
                **once(f"project.{op}", session.edit, {"op": op}),
            )
