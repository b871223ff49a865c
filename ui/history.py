"""The history of the open project: its versions, every change, and the way back to any of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import groupby

import streamlit as st

from journey.findings import Finding
from journey.projects.compared import Compared, compared
from journey.projects.happened import Happened
from journey.projects.versions import Version
from ui import asked, moments, navigation, opening, session, veil
from ui.once import once, pressed
from ui.words import literal, md, sentence, t

__all__ = ["DIALOGS", "changes", "need_project", "versions"]

_PAGE = 50
# So far back an edit that was gone over is looked for.
_LOOKED_AT = 1000
_SHOWN = "past.shown"
_NAME = "past.name"


def need_project(said: str = "", icon: str = ":material/history:") -> None:
    """Go on only with a project; without one, `said` what it is for, and where there are some."""
    if session.project() is not None:
        return
    st.info(said or t("page.history.no_project"), icon=icon)
    st.page_link(navigation.page_named("home"), label=t("app.go_home"), icon=":material/home:")
    st.caption(t("page.home.or_sample"))
    opening.sample_buttons()
    st.stop()


# ---- versions -------------------------------------------------------------------------------------------


def versions() -> None:
    """States that somebody gave a name, the newest first, and the place to name the one of now."""
    opened = session.opened_project()
    st.subheader(t("page.history.versions"), anchor=False)
    kept = opened.versions()
    with st.form("keep_version", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            t("page.history.version_name"),
            key=session.widget_key(_NAME),
            placeholder=t("page.history.version_like"),
            max_chars=200,
            width=420,
        )
        st.form_submit_button(
            t("page.history.keep"), icon=":material/bookmark_add:", **once("version.keep", _keep)
        )
    if not kept:
        st.caption(t("page.history.no_versions"))
    for version in kept:
        _version(version)


def _keep() -> None:
    key = session.widget_key(_NAME)
    session.opened_project().keep_version(asked.typed(key))
    session.put(key, "")


def _version(version: Version) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"version_{version.id}"):
        with st.container(gap="xsmall", width="stretch"):
            st.markdown(f"**{literal(version.name)}**")
            st.caption(literal(" · ".join(filter(None, [moments.since(version.at), version.by]))))
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            st.button(
                t("page.history.go_back"),
                key=f"back.version.{version.id}",
                icon=":material/settings_backup_restore:",
                on_click=asked.ask,
                args=("restore", str(version.edit)),
            )
            ways = {way: t(f"page.history.menu_{way}") for way in ("rename", "drop")}
            chosen = pressed(
                st.menu_button,
                t("page.history.menu"),
                list(ways),
                format_func=ways.__getitem__,
                key=f"version.menu.{version.id}",
            )
    if chosen == "rename":
        asked.ask("version", str(version.id))
        st.rerun()
    if chosen == "drop":
        session.opened_project().drop_version(version.id)
        st.rerun()


# ---- changes --------------------------------------------------------------------------------------------


def changes() -> None:
    """Every change under the heading of its day, the newest first; of a long history a page at a time."""
    st.subheader(t("page.history.changes"), anchor=False)
    key = session.widget_key(_SHOWN)
    shown = session.widget(key, _PAGE)
    found = session.opened_project().happened(limit=shown + 1)
    over = {later.over: later for later in reversed(found) if later.over is not None and not later.undone}
    now = next((change.number for change in found if not change.undone), None)
    for _, those in groupby(found[:shown], key=lambda change: moments.here(change.at).date()):
        of_day = list(those)  # a clock that went back begins a day twice
        st.markdown(f"**{moments.day(of_day[0].at)}**")
        with st.container(border=True, gap="xsmall", key=f"day_{of_day[0].number}"):
            for change in of_day:
                _change(change, over.get(change.number), is_now=change.number == now)
    if len(found) > shown:
        st.button(
            t("page.history.more", n=_PAGE),
            icon=":material/expand_more:",
            **once("past.more", session.put, key, shown + _PAGE),
        )


def _told(said: Finding) -> str:
    """What was done, in words; those that people wrote themselves may name somebody."""
    return sentence(veil.veiled_change(said))


def _change(change: Happened, over: Happened | None, *, is_now: bool) -> None:
    """One line; where somebody went over it unseen, what they did, and the way to have this one again."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"change_{change.number}"):
        said = _told(change.finding)
        with st.container(gap="xsmall", width="stretch"):
            st.markdown(f"~~{said}~~" if change.undone else said)
            st.caption(literal(" · ".join(_facts(change))))
            if over is not None:
                key = "page.history.went_over" if over.name else "page.history.went_over_elsewhere"
                st.markdown(f":material/call_split: {md(key, name=over.name)} {_told(over.finding)}")
        if over is not None and not change.undone:
            st.button(
                t("page.history.take"), type="tertiary", **once(f"take.{change.number}", _take, change.number)
            )
        if is_now:
            st.badge(t("page.history.now"), icon=":material/check:")
        else:
            st.button(
                t("page.history.to_here"),
                key=f"back.{change.number}",
                type="tertiary",
                on_click=asked.ask,
                args=("restore", str(change.number)),
            )


def _take(number: int) -> None:
    """Do an edit again that somebody went over; like any edit it can be undone."""
    for edit in session.opened_project().history(_LOOKED_AT):
        if edit.number == number:
            session.edit(edit.op)


def _facts(change: Happened) -> list[str]:
    """When, by whom, under which name it was kept, and what became of it."""
    facts = [t("page.history.at", at=moments.here(change.at)), change.name]
    if change.version is not None:
        facts.append(t("page.history.is_version", name=change.version))
    if change.undone:
        facts.append(t("page.history.is_undone"))
    return [fact for fact in facts if fact]


# ---- dialogs --------------------------------------------------------------------------------------------


def _restore(number: str) -> None:
    """What would be different, in numbers, and the one click that does it."""
    opened, edit = session.opened_project(), int(number)
    said = _differences(compared(session.state(), opened.state_at(edit)))
    if not said:
        st.markdown(t("page.history.restore_same"))
        st.button(t("page.home.close"), key="restore.close", on_click=asked.close)
        return
    st.markdown(t("page.history.restore_what"))
    st.markdown("\n".join(f"- {line}" for line in said))
    st.caption(t("page.history.restore_kept"))
    icon = ":material/settings_backup_restore:"
    asked.decide("restore", t("page.history.restore_yes"), icon, _restored, edit)


def _differences(found: Compared) -> list[str]:
    said = []
    if found.stages:
        said.append(t("page.history.differ_stages", n=found.stages))
    if found.cards:
        said.append(t("page.history.differ_cards", n=found.cards))
    if found.is_reordered:
        said.append(t("page.history.differ_order"))
    if found.is_goal_other:
        said.append(t("page.history.differ_goal"))
    if found.files_back:
        said.append(md("page.history.differ_back", names=found.files_back))
    if found.files_gone:
        said.append(md("page.history.differ_gone", names=found.files_gone))
    return said


def _restored(edit: int) -> None:
    session.opened_project().restore(edit)
    asked.close()


def _rename_version(version_id: str) -> None:
    key = f"version.{version_id}"
    before = next((one.name for one in session.opened_project().versions() if str(one.id) == version_id), "")
    with st.form("rename_version", border=False):
        st.text_input(t("page.history.version_name"), value=before, key=key, max_chars=200)
        with st.container(horizontal=True):
            st.form_submit_button(
                t("page.home.rename_yes"), type="primary", **once("version.yes", _renamed, version_id, key)
            )
            st.form_submit_button(t("page.home.no"), key="version.no", on_click=asked.close)


def _renamed(version_id: str, key: str) -> None:
    session.opened_project().rename_version(int(version_id), asked.typed(key))
    asked.close()


DIALOGS: Mapping[str, Callable[[str], None]] = {"restore": _restore, "version": _rename_version}
