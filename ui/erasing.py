"""A customer asks to be forgotten: who is meant, what would go, once more whether, and a receipt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import streamlit as st

from journey.projects.erasure import MOST, Erased, Sought, SoughtFile, erase_customers, sought
from journey.projects.members import OWNER
from journey.projects.store import Project
from ui import demo, problems, removal, session, uploads
from ui.once import pressed
from ui.tables import named_file
from ui.words import literal, t

__all__ = ["show"]

# What was typed, what was found of it, and what was done; ids stay in the tab until they are erased.
_TYPED, _FOUND, _DONE, _TURN = "erasing.typed", "erasing.found", "erasing.done", "erasing.turn"


def show() -> None:
    """The way to erase customers, for owners only; closed, so that nobody comes upon it by chance."""
    opened = session.project()
    if opened is None or demo.is_on() or opened.role != OWNER:
        return
    key = session.widget_key("erasing")
    with st.expander(t("erase.title"), icon=":material/person_off:", key=key), problems.told("data"):
        _steps(opened)


def _steps(opened: Project) -> None:
    done = session.widget(session.widget_key(_DONE))
    if done is not None:
        _receipt(opened, done)
        return
    words = _asked()
    found = session.widget(session.widget_key(_FOUND))
    if words and found is None:
        with st.spinner(t("erase.seeking")):
            found = sought(opened, words)
        session.put(session.widget_key(_FOUND), found)
    if words and found is not None:
        _sure(opened, words, found)


def _asked() -> Sequence[str]:
    """The lines that were typed, once they are to be looked for."""
    st.markdown(t("erase.what"))
    turn = session.widget(session.widget_key(_TURN), 0)
    key = session.widget_key(f"erase.ids.{turn}")
    with st.form("erase", border=False):
        st.text_area(t("erase.ids"), key=key, help=t("erase.ids_help", most=MOST), height=120)
        st.form_submit_button(
            t("erase.seek"),
            key="erase.seek",
            icon=":material/search:",
            on_click=session.later(_seek),
            args=(key,),
        )
    words: Sequence[str] = session.widget(session.widget_key(_TYPED), ())
    if len(words) <= MOST:
        return words
    st.warning(t("erase.too_many", most=MOST, n=len(words)), icon=":material/warning:")
    return ()


def _seek(key: str) -> None:
    lines = tuple(line.strip() for line in session.widget(key, "").splitlines())
    session.put(session.widget_key(_TYPED), tuple(line for line in lines if line))
    session.put(session.widget_key(_FOUND), None)


def _sure(opened: Project, words: Sequence[str], found: Sought) -> None:
    """What would go, and the button that does it."""
    if not found.customers:
        st.info(t("erase.nobody"), icon=":material/person_search:")
        return
    with st.container(border=True, key="erase_sure"):
        st.markdown("\n".join([f"**{t('erase.found', n=found.customers)}**", "", *_lines(found)]))
        if found.customers < found.asked:
            st.caption(t("erase.missing", n=found.asked - found.customers))
        if found.short:
            st.caption(t("erase.short", n=found.short))
        st.warning(t("erase.final"), icon=":material/warning:")
        with st.container(horizontal=True):
            sure = pressed(
                st.button, t("erase.yes"), key="erase.yes", type="primary", icon=":material/person_off:"
            )
            st.button(t("erase.no"), key="erase.no", on_click=_begin_anew)
    if sure:
        with st.spinner(t("erase.doing")):
            _erase(opened, words)
        st.rerun()


def _lines(found: Sought) -> Iterator[str]:
    """One line a file that is another one afterwards, or that has nothing about customers."""
    for file in found.files:
        if file.rows or file.cells or file.texts or not file.has_customers:
            yield f"- **{literal(file.name)}**: {literal(_what(file))}"


def _what(file: SoughtFile) -> str:
    counts = {"rows": file.rows, "cells": file.cells, "texts": file.texts}
    parts = [t(f"erase.{kind}", n=n) for kind, n in counts.items() if n]
    if not file.has_customers:
        parts.append(t("erase.no_customers"))
    if not file.is_here:
        parts.append(t("erase.earlier"))
    return " · ".join(parts)


def _erase(opened: Project, words: Sequence[str]) -> None:
    """Erase them from the project, from what the app keeps in memory, and from this tab."""
    if session.current().tray_of == opened.id:
        uploads.clear()
    removal.forget()
    try:
        done = erase_customers(opened, words)
    finally:
        removal.forget()
    _begin_anew()
    session.put(session.widget_key(_DONE), done)
    session.refresh()


def _begin_anew() -> None:
    """An empty field again; nothing of what was typed stays."""
    turn = session.widget_key(_TURN)
    session.put(turn, session.widget(turn, 0) + 1)
    session.put(session.widget_key(_TYPED), ())
    session.put(session.widget_key(_FOUND), None)


def _receipt(opened: Project, done: Erased) -> None:
    """What was done, to be kept for whoever asked."""
    if not done.customers:
        st.info(t("erase.nobody"), icon=":material/person_search:")
    else:
        st.success(t("erase.done", n=done.customers), icon=":material/check:")
        st.markdown("\n".join(_lines(done)))
    if not done.is_complete:
        st.caption(t("erase.unfinished"))
    with st.container(horizontal=True):
        if done.customers:
            st.download_button(
                t("erase.receipt"),
                data=_receipt_text(opened, done),
                file_name=named_file(t("erase.receipt_name"), "txt"),
                mime="text/plain",
                icon=":material/download:",
                on_click="ignore",
                key="erase.receipt",
            )
        st.button(
            t("erase.close"), key="erase.close", on_click=session.put, args=(session.widget_key(_DONE), None)
        )


def _receipt_text(opened: Project, done: Erased) -> bytes:
    said = [
        t("erase.receipt_name"),
        "",
        t("erase.receipt_of", name=opened.name),
        t("erase.receipt_at", at=done.at),
        t("erase.receipt_customers", n=done.customers, asked=done.asked),
        *(f"- {file.name}: {_what(file)}" for file in done.files if _what(file)),
        t("erase.receipt_edits", n=done.edits),
        "",
        t("erase.receipt_where"),
        t("erase.final"),
        "",
    ]
    # Notepad reads Hangul with a mark at the beginning only.
    return "\r\n".join(said).encode("utf-8-sig")
