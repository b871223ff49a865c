"""Who works on a project: its owner adds them, takes them out, and hands it over."""

from __future__ import annotations

import streamlit as st

from journey.projects.members import MEMBER, OWNER, Member, identified
from journey.projects.store import Project
from ui import asked, session
from ui.once import once
from ui.words import literal, md, t

__all__ = ["are_known", "count", "show"]

_EMAIL = r"^\s*[^\s@]+@[^\s@]+\.[^\s@]+\s*$"


def are_known() -> bool:
    """Does the login tell people apart? Without one everybody here is the same person."""
    return not session.person().sees_all


def count(project_id: str) -> int:
    """How many people work on a project, 1 where nobody is told apart."""
    return len(session.store().open(project_id).members()) if are_known() else 1


def show(project_id: str) -> None:
    """The members, and for an owner the ways to change them."""
    opened = session.store().open(project_id)
    owns = opened.role == OWNER
    st.markdown(md("page.home.members_of", name=opened.name))
    if not owns:
        st.caption(t("page.home.members_owner_only"))
    for member in opened.members():
        _member(opened, member, owns=owns)
    if owns:
        _add(opened)
    st.button(t("page.home.close"), key="members.close", on_click=asked.close)


def _member(opened: Project, member: Member, *, owns: bool) -> None:
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", key=f"member_{member.person}"
    ):
        with st.container(gap="xsmall", width="stretch"):
            st.markdown(f"**{literal(member.name or member.person)}**")
            if member.name and member.name != member.person:
                st.caption(literal(member.person))
        if member.role == OWNER:
            st.badge(t("page.home.owner"), icon=":material/key:")
        me = member.person == identified(session.person().id)
        if me:
            st.badge(t("page.home.me"), color="gray")
        elif owns:
            _ways(opened, member)


def _ways(opened: Project, member: Member) -> None:
    """What an owner may do about somebody else."""
    with st.container(horizontal=True, width="content", gap="xsmall"):
        if member.role != OWNER:
            # Only the new owner could give it back, so one click is not enough.
            with st.popover(t("page.home.hand_over"), type="tertiary"):
                st.markdown(md("page.home.hand_over_ask", name=member.name or member.person))
                st.button(
                    t("page.home.hand_over_yes"),
                    type="primary",
                    **once(f"hand_over.{member.person}", _hand_over, opened.id, member.person, member.name),
                )
        st.button(
            t("page.home.take_out"),
            type="tertiary",
            icon=":material/person_remove:",
            **once(f"take_out.{member.person}", _take_out, opened.id, member.person),
        )


def _add(opened: Project) -> None:
    key = f"add_member.{opened.id}"
    with st.form("add_member", border=False):
        st.text_input(
            t("page.home.add_member"),
            key=key,
            type="email",
            placeholder=t("page.home.add_member_like"),
            validate=(_EMAIL, t("page.home.add_member_wrong")),  # its own words are English only
        )
        st.caption(t("page.home.add_member_help"))
        st.form_submit_button(
            t("page.home.add_member_yes"), type="primary", **once("add_member.yes", _added, opened.id, key)
        )


def _added(project_id: str, key: str) -> None:
    session.store().open(project_id).add_member(session.widget(key, ""))
    session.put(key, "")


def _take_out(project_id: str, person: str) -> None:
    session.store().open(project_id).remove_member(person)


def _hand_over(project_id: str, person: str, name: str) -> None:
    """Somebody else is the owner from now on; who was stays a member."""
    opened, me = session.store().open(project_id), session.person()
    opened.add_member(person, name, role=OWNER)
    opened.add_member(me.id, me.name, role=MEMBER)
