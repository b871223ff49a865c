"""Segments that the project keeps: saved from a figure, chosen as a filter, renamed and taken away."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import streamlit as st

from journey.stages.segment import BEGINNING, Segment, checked
from ui import by_name, demo, presenting, session
from ui.ask import saved
from ui.veil import real
from ui.words import literal, t

__all__ = ["choose", "manage", "save"]

_LONGEST = 80


def save(rule: Mapping[str, Any], *, name: str, key: str) -> None:
    """Keep the customers of a figure as a segment, under a name that is proposed and can be changed."""
    if presenting.is_on():
        return
    typed = session.widget_key(f"segment.new.{key}")

    @session.later
    def keep() -> None:
        called = (session.widget(typed) or name).strip()[:_LONGEST]
        id_ = secrets.token_hex(6)
        session.remember(f"{BEGINNING}{id_}", {"name": called, "rule": dict(checked(real(rule)))})
        session.put(typed, "")

    with st.popover(t("segments.save"), icon=":material/group_add:"):
        st.text_input(
            t("segments.name"), placeholder=demo.covered(name)[:_LONGEST], max_chars=_LONGEST, key=typed
        )
        st.caption(t("segments.save_help"))
        st.button(t("segments.keep"), key=f"segment_keep_{key}", type="primary", on_click=keep)
        if known := [one for one in saved() if dict(one.rule) == dict(real(rule))]:
            st.caption(f":material/check: {t('segments.kept_as')} {literal(known[0].name)}")


def choose() -> None:
    """Narrow every page to the customers of one saved segment; nothing to see while there is none."""
    known = {one.id: one.name for one in saved()}
    if not known:
        return
    by_name.one_of(
        "segment",
        t("segments.filter"),
        known,
        nothing=t("segments.everybody"),
        help=t("segments.filter_help"),
    )


def manage() -> None:
    """Rename the saved segments, or take them away."""
    if not saved():
        return
    with st.expander(t("segments.manage")):
        for one in saved():
            _row(one)


def _row(one: Segment) -> None:
    key = session.widget_key(f"segment.name.{one.id}")
    session.put(key, demo.covered(one.name))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            t("segments.name"),
            key=key,
            max_chars=_LONGEST,
            label_visibility="collapsed",
            disabled=demo.is_on(),
            on_change=_rename(one, key),
        )
        st.button(
            t("segments.remove"),
            key=f"segment_remove_{one.id}",
            icon=":material/delete:",
            type="tertiary",
            on_click=_removal(one),
        )


def _rename(one: Segment, key: str) -> Any:
    @session.later
    def keep() -> None:
        name = session.widget(key).strip()
        if name:
            kept_so_far = session.state().settings.get(f"{BEGINNING}{one.id}") or {}
            content = {**kept_so_far, "name": name[:_LONGEST], "rule": dict(one.rule)}
            session.remember(f"{BEGINNING}{one.id}", content)

    return keep


def _removal(one: Segment) -> Any:
    @session.later
    def remove() -> None:
        session.remember(f"{BEGINNING}{one.id}", None)

    return remove
