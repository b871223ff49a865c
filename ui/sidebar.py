"""What stands beside every page: the open project, the way back and forth in it, and the language."""

from __future__ import annotations

import streamlit as st

from journey.i18n import LANGUAGES
from journey.projects.own_steps import own_steps
from ui import asked, demo, login, presenting, problems, session, toasts
from ui.once import once
from ui.words import literal, sentence, t

__all__ = ["show"]

# Who works with many others may have to be looked for further back; then nothing is said of the step.
_LOOKED_AT = 50


def show(page: str) -> None:
    """The open project with undo and redo, language, the way to present and out; nothing while presenting.

    A project that cannot be opened is told in the page's place, beside all that does not need it.
    """
    lost, name = None, None
    try:
        name = _open_name()
    except problems.LOST as problem:
        lost = problem
    if not presenting.is_on():
        _draw(name, page)
    if lost is not None:
        raise lost


def _draw(name: str | None, page: str) -> None:
    with st.sidebar:
        if name is not None:
            st.caption(t("app.project"))
            with st.container(key="project_name"):
                st.markdown(f"**{literal(name)}**")
            if not demo.is_on():
                _rename()
            if not _has_its_own(page):
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


def _has_its_own(page: str) -> bool:
    """The board and the notebook have undo and redo of their own, and edits there do not draw this."""
    data = session.state().data
    return page == "notebook" or (page == "stages" and data is not None and data.fingerprint is not None)


def _undo_redo() -> None:
    """One's own last edit taken back or done again, whichever page it was made on; what it is, is said."""
    now, opened = session.state(), session.project()
    if opened is None:
        return
    steps = own_steps(opened.history(_LOOKED_AT), opened.happened(_LOOKED_AT), opened.person.key)
    with st.container(horizontal=True, gap="xsmall"):
        for op, possible, step in (("undo", now.can_undo, steps.undo), ("redo", now.can_redo, steps.redo)):
            said = None if step is None else t(f"page.history.{op}_what", what=sentence(step.finding))
            st.button(
                t(f"page.history.{op}"),
                icon=f":material/{op}:",
                type="tertiary",
                disabled=not possible,
                help=said if possible else None,
                **once(f"project.{op}", _step, op),
            )


def _step(op: str) -> None:
    """Undo or redo; what had to stay, because somebody else changed it since, is said."""
    session.edit({"op": op})
    for told in session.state().told:
        toasts.say(sentence(told))
