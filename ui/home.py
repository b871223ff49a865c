"""Where a user begins, or goes on: the ways to begin, and the projects so far."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from contextlib import suppress

import streamlit as st

from journey.errors import JourneyError, NotStored, ProjectDamaged
from journey.projects.members import OWNER
from journey.projects.portable import import_project
from journey.projects.store import ProjectSummary
from ui import asked, demo, members, moments, navigation, opening, problems, session, toasts, uploads
from ui.once import once, pressed
from ui.words import literal, md, t

__all__ = ["begin", "found", "projects"]

_FIRST = 12
# With more projects than these somebody looks for one by its name.
_FEW = 8
_NAME = "home.name"
_SEARCH = "home.search"
_TURN = "import.turn"
_REFUSED = "import.refused"


def found() -> list[ProjectSummary]:
    """The projects that this person may open, the last changed first; in demo mode only the open one."""
    known = session.store().projects()
    here = session.current().project_id
    return [summary for summary in known if summary.id == here] if demo.is_on() else known


# ---- ways to begin --------------------------------------------------------------------------------------


def begin(known: Sequence[ProjectSummary]) -> None:
    """The ways to begin: the samples first where nothing is there to go on with, else all in one row."""
    if demo.is_on():
        # Files and projects bear names: they are brought, made and taken away outside of demo mode.
        if not known:
            opening.sample_buttons()
        return
    if known:
        with st.container(horizontal=True, key="begin"):
            _new()
            _bring()
            with st.popover(t("page.home.sample"), icon=":material/play_arrow:"):
                opening.sample_buttons(beside=False)
            _import()
        return
    st.subheader(t("page.home.sample"), anchor=False)
    opening.sample_buttons()
    st.subheader(t("page.home.bring"), anchor=False)
    with st.container(border=True):
        st.markdown(t("page.home.bring_text"))
        with st.container(horizontal=True, key="begin"):
            _bring()
            _new()
            _import()


def _bring() -> None:
    """The way to the user's own files."""
    if pressed(st.button, t("page.home.go_data"), key="bring", icon=":material/upload_file:"):
        st.switch_page(navigation.page_named("data"))


def _new() -> None:
    """An empty project under a name."""
    with (
        st.popover(t("page.home.new"), icon=":material/add:", key="new"),
        st.form("new_project", border=False),
    ):
        st.text_input(
            t("page.home.new_name"), key=_NAME, placeholder=t("page.home.new_unnamed"), max_chars=200
        )
        st.caption(t("page.home.new_text"))
        st.form_submit_button(t("page.home.create"), type="primary", **once("home.create", _create))


def _create() -> None:
    name = session.widget(_NAME, "").strip() or session.store().free_name(t("page.home.new_unnamed"))
    session.open_project(session.store().create(name).id)
    session.put(_NAME, "")
    navigation.go("data")


def _import() -> None:
    """A project out of a file that was exported here or elsewhere."""
    turn = session.widget(_TURN, 0)
    with st.popover(t("page.home.import"), icon=":material/move_to_inbox:", key="import"):
        st.caption(t("page.home.import_text"))
        problem = session.widget(_REFUSED)
        with st.container(key="import_file"):
            dropped = st.file_uploader(t("page.home.import_drop"), key=f"import.{turn}")
        if problem is not None:
            problems.tell_of(*problem)
        if dropped is None:
            return
        refused = imported = None
        with st.spinner(t("page.home.importing")):
            try:
                imported = uploads.held(dropped, lambda path: import_project(session.store(), path))
            except JourneyError as said:
                refused = dropped.name, said
        # Only now: a click meanwhile ends the run, and the next one begins again.
        uploads.free_memory()
        session.put(_TURN, turn + 1)
        session.put(_REFUSED, refused)
    if imported is None:
        st.rerun()
    session.open_project(imported.id)
    st.switch_page(navigation.page_named("data" if imported.state.data is None else "stages"))


# ---- the list -------------------------------------------------------------------------------------------


def projects(known: Sequence[ProjectSummary]) -> None:
    """The projects, found by name where there are many; of a long list the first."""
    st.subheader(t("page.home.projects"), anchor=False)
    if demo.is_on():
        st.caption(t("demo.other_projects"))
    elif not known:
        st.caption(t("page.home.no_projects"))
    wish = ""
    if len(known) > _FEW:
        wish = st.text_input(
            t("page.home.search"),
            key=_SEARCH,
            placeholder=t("page.home.search"),
            label_visibility="collapsed",
            icon=":material/search:",
            live=True,
        )
    shown = [summary for summary in known if _folded(wish) in _folded(summary.name)]
    if known and not shown:
        st.caption(md("page.home.none_found", name=wish))
    for summary in shown[:_FIRST]:
        _project(summary)
    if len(shown) > _FIRST:
        with st.expander(t("page.home.more_projects", n=len(shown) - _FIRST)):
            for summary in shown[_FIRST:]:
                _project(summary)


def _folded(name: str) -> str:
    """What two spellings of a name have in common: a Mac types Hangul in parts."""
    return unicodedata.normalize("NFKC", name).casefold().strip()


def _project(summary: ProjectSummary) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"project_{summary.id}"):
        with st.container(gap="xsmall", width="stretch"):
            st.markdown(f"**{literal(summary.name or t('page.home.nameless'))}**")
            if summary.problem is not None:
                st.markdown(t(f"errors.{summary.problem}"))
            st.caption(literal(" · ".join(_facts(summary))))
        with st.container(
            horizontal=True, vertical_alignment="center", horizontal_alignment="right", width="content"
        ):
            if summary.problem is None:
                _open(summary)
            else:
                _backups(summary)
            if not demo.is_on():
                _menu(summary)


def _facts(summary: ProjectSummary) -> list[str]:
    """When it was changed and by whom, how much there is, and whose it is."""
    facts = []
    if summary.changed is not None:
        said = {"when": moments.since(summary.changed), "name": _last(summary)}
        facts.append(t("page.home.changed_by" if said["name"] else "page.home.changed", **said))
    if summary.problem is None:
        facts.append(t("page.home.files", n=summary.files) if summary.files else t("page.home.no_files"))
    facts.append(t("page.home.size", size=summary.size))
    if summary.role != OWNER and summary.owner:
        facts.append(t("page.home.owned_by", name=summary.owner))
    return facts


def _last(summary: ProjectSummary) -> str:
    """Whoever changed it last, where people have names."""
    if summary.problem is not None:
        return ""
    with suppress(NotStored):
        for change in session.store().open(summary.id).happened(limit=1):
            return change.name
    return ""


def _open(summary: ProjectSummary) -> None:
    if summary.id == session.current().project_id:
        st.badge(t("page.home.opened_now"), icon=":material/check:")
    people = members.count(summary.id)
    if people > 1:
        st.badge(t("page.home.shared", n=people), icon=":material/group:", color="gray")
    if pressed(st.button, t("page.home.open"), key=f"open.{summary.id}"):
        session.open_project(summary.id)
        st.switch_page(navigation.page_named("stages" if summary.files else "data"))


def _menu(summary: ProjectSummary) -> None:
    """What can be done with the project as a whole, by this person."""
    offered = [] if summary.problem is not None else ["rename", "duplicate", "export"]
    if members.are_known() and summary.problem is None:
        offered.append("members")
    offered.append("delete" if summary.role == OWNER or not members.are_known() else "leave")
    ways = {way: t(f"page.home.menu_{way}") for way in offered}
    chosen = pressed(
        st.menu_button, t("page.home.menu"), offered, format_func=ways.__getitem__, key=f"menu.{summary.id}"
    )
    if chosen == "duplicate":
        with st.spinner(t("page.home.duplicating")):
            name = session.store().free_name(t("page.home.copy_of", name=summary.name))
            session.store().duplicate(summary.id, name)
        toasts.say(md("page.home.duplicated", name=name))
        st.rerun()
    elif chosen is not None:
        asked.ask(chosen, summary.id)
        st.rerun()


def _backups(summary: ProjectSummary) -> None:
    """The way back to how a damaged project was."""
    kept = session.store().backups(summary.id) if summary.problem == ProjectDamaged.code else ()
    if not kept:
        return
    with st.popover(t("page.home.backups"), icon=":material/settings_backup_restore:"):
        st.caption(t("page.home.backups_text"))
        for backup in kept:
            said = backup.finding
            st.markdown(md(said.code, **{**said.values, "at": moments.here(backup.at)}))
            st.button(
                t("page.home.recover"),
                width="stretch",
                **once(f"recover.{summary.id}.{backup.id}", _recover, summary.id, backup.id),
            )


def _recover(project_id: str, backup_id: str) -> None:
    session.store().recover(project_id, backup_id)
    session.open_project(project_id)
