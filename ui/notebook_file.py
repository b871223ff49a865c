"""The notebook as one file to take away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

import streamlit as st

from journey.i18n import LANGUAGES, text
from journey.projects.notebook import Cell
from journey.questions import QUESTIONS
from journey.reports.html import Drawing, said
from journey.reports.notebook import Exhibit, drawings, notebook_page
from ui import demo, moments, session, veil
from ui.notebook_today import chart_of, filters_said, is_empty, shown_then, today_of
from ui.tables import file_name
from ui.words import t

__all__ = ["export"]


def export(found: Sequence[Cell]) -> None:
    """The one file; all cells are counted once somebody opens this."""
    with st.popover(
        t("notebook.export"), icon=":material/download:", key="notebook_export", on_change="rerun"
    ) as opened:
        if not opened.open:
            return
        language = st.radio(
            t("notebook.export_language"),
            LANGUAGES,
            index=LANGUAGES.index(session.current().language),
            format_func=lambda one: t(f"app.language_{one}"),
            horizontal=True,
            key=session.widget_key("notebook.export_language"),
        )
        st.caption(t("notebook.export_help"))
        told, figures = _made(found, language)
        facts = _facts(language)
        at, called = moments.here(dt.datetime.now(dt.UTC)), text("page.notebook.title", language)
        opened_name = session.project()
        named = called if opened_name is None else f"{opened_name.name} · {called}"

        lead = text("notebook.export_lead", language, n=len(told), at=at)

        def write() -> bytes:
            return notebook_page(
                told, language=language, title=named, lead=lead, facts=facts, figures=figures
            )

        st.download_button(
            t("notebook.export_yes"),
            data=session.download(write),
            file_name=file_name("page.notebook.title", "html"),
            mime="text/html",
            icon=":material/download:",
            on_click="ignore",
            key="book.html",
        )


def _made(found: Sequence[Cell], language: str) -> tuple[list[str | Exhibit], list[Drawing | None]]:
    """The cells counted on today's data and drawn, with a bar that says how far this is."""
    bar = st.progress(0.0, t("notebook.export_making", at=0, n=len(found)))
    told, figures = [_exhibit(cell, language) for cell in found], []
    for figure in drawings(told, language):
        figures.append(figure)
        done = len(figures)
        bar.progress(done / len(found), t("notebook.export_making", at=done, n=len(found)))
    bar.empty()
    return told, figures


def _exhibit(cell: Cell, language: str) -> str | Exhibit:
    """A cell as the page takes it: nothing of it is read from this tab any more."""
    if cell.kind == "text":
        return demo.covered(veil.veiled(cell.text))
    today = today_of(cell)
    known = cell.question in QUESTIONS
    draw = today.answer is not None and not is_empty(today.answer)
    return Exhibit(
        line=demo.covered(veil.veiled(cell.text)),
        source=text(f"page.{cell.question}.title", language) if known else cell.question,
        counted=text(f"page.{cell.question}.counted", language) if known else "",
        filters=" · ".join(filters_said(cell.filters, language)),
        then=shown_then(cell),
        at=moments.here(cell.at),
        who=demo.called(cell.by),
        now=today.answer,
        chart=chart_of(cell) if draw else None,
        verdict=today.verdict,
        why=said(today.why, language) if today.why else "",
    )


def _facts(language: str) -> list[tuple[str, str]]:
    data = session.state().data
    names: Collection[str] = [] if data is None else [demo.covered(file.name) for file in data.files]
    return [
        (text("report.files", language), ", ".join(names)),
        (text("report.with", language), text("app.name", language)),
    ]
