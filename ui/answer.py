"""How every answer is shown: the sentence, the chart, how it was counted, and the files to take away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from journey.charts.export import render
from journey.events.other_tables import REGISTERED
from journey.findings import Finding
from journey.i18n import text
from journey.reports.html import html_page
from ui import controls, demo, opening, presenting, sample_tests, session
from ui.ask import filtered, log, narrowed_to, view
from ui.files import PICTURES, file_buttons, table_writers
from ui.navigation import page_named
from ui.once import pressed
from ui.picture import picture
from ui.tables import share_names, show_table, worded
from ui.words import md, sentence, t

__all__ = [
    "counted",
    "downloads",
    "need_customers",
    "need_experiments",
    "need_log",
    "row",
    "section",
    "show",
    "title",
]

Chart = Callable[..., Any]

_PICK = "pick"


def title(page: str) -> None:
    """The heading of a page and the line that says what it is for; whoever presents says that."""
    st.title(t(f"page.{page}.title"), anchor=False)
    if presenting.is_on():
        return
    st.caption(t(f"page.{page}.lead"))


def need_log() -> None:
    """Go on only with data; without, say what to bring and offer the samples."""
    data = session.state().data
    if data is not None and data.fingerprint is not None:
        return
    _bring()


def need_customers() -> None:
    """Go on with data that tell of customers, be it in tables alone; without, say what to bring."""
    data = session.state().data
    if data is None or not data.has_customers:
        _bring()


def need_experiments() -> None:
    """Go on with data that tell of arms, be it in tables or in a log; without, say what to bring."""
    data = session.state().data
    if data is None or not data.has_experiments:
        _bring("arms.none")


def _bring(without: str = "") -> None:
    """Say what to bring; `without` says it where there are files already, but none of that kind."""
    data = session.state().data
    waiting = len(data.files) if data is not None else 0
    opened = session.project()
    said = t(without or "brought.waiting", n=waiting) if waiting else t("app.no_data")
    if opened is not None and not waiting:
        said = md("page.home.empty_project", name=opened.name)
    st.info(said, icon=":material/upload_file:")
    if pressed(st.button, t("page.home.go_data"), key="bring", icon=":material/upload_file:", type="primary"):
        st.switch_page(page_named("data"))
    st.caption(t("page.home.or_sample"))
    opening.sample_buttons()
    if without == "arms.none":
        sample_tests.offer()
    st.stop()


def section(key: str) -> None:
    """A heading within a page."""
    st.subheader(t(key))


def row() -> Any:
    """Controls that stand beside each other, and below each other on a phone; not seen while presenting."""
    return st.container(horizontal=True, vertical_alignment="bottom", key=presenting.key_of("controls"))


def show(
    chart: Chart,
    answer: Any,
    *,
    key: str,
    clickable: bool = False,
    between: Callable[[], None] | None = None,
) -> None:
    """The sentence and the chart, whose clicks go to `session.picked`; without a row to draw, what to do.

    `between` draws what must be read before the chart.
    """
    if answer.table.empty:
        st.info(sentence(answer.finding), icon=":material/info:")
        st.page_link(page_named("stages"), label=t("app.go_stages"), icon=":material/view_kanban:")
        st.stop()
    st.markdown(f"**{sentence(answer.finding)}**")
    if between is not None:
        between()
    look: dict[str, Any] = {"language": session.current().language, "dark": session.is_dark()}
    look |= presenting.chart_height()
    with st.container(key=f"chart_{key}"):
        if not clickable:
            picture(chart(answer, **look), key=key)
            return
        shown = session.picked(key)
        drawn_as = f"{key}.{shown.turn}"

        def keep() -> None:
            picks = session.widget(drawn_as).selection.get(_PICK) or [{}]
            session.pick(key, picks[0].get("id"), by_click=True)

        drawn = chart(answer, picked=shown.first, **look)
        picture(drawn, key=drawn_as, on_select=keep, selection_mode=_PICK)


def counted(key: str, answer: Any) -> None:
    """How the figures were counted, and what limits them."""
    if presenting.is_on():
        return
    with st.expander(t("app.how_counted")):
        st.markdown(t(f"page.{key}.counted"))
        for note in (*_under_filters(), *answer.notes):
            st.markdown(f"- {sentence(note)}")


def _under_filters() -> list[Finding]:
    """How the filters that are on count; what is left out of a period the answer says itself."""
    notes = []
    if (segment := narrowed_to()) is not None:
        notes.append(Finding("notes.segment", {"name": demo.covered(segment.name)}))
    for attribute in filtered()[1]:
        of = log().attributes[attribute].of
        notes.append(Finding(f"notes.where_{of}", {"attribute": attribute}))
    return notes


def downloads(name: str, frame: pd.DataFrame, chart: Chart, answer: Any) -> Any:
    """Picture, table and page as files; each is made only when it is asked for, outside of any run.

    Returns the row in which what else can be done with the answer may stand.
    """
    if presenting.is_on():
        return None
    language = session.current().language
    named, lead, counted_so = (t(f"page.{name}.{part}") for part in ("title", "help", "counted"))
    facts, now, shares = _facts(answer), _clock(), share_names(frame, language)

    def picture(format_: str) -> Callable[[], bytes]:
        return lambda: render(chart(answer, language=language, dark=False), format=format_)

    def page() -> bytes:
        return html_page(
            answer,
            chart,
            worded(frame, language),
            language=language,
            title=named,
            lead=lead,
            counted=counted_so,
            facts=[*facts, (text("report.made", language), now())],
            shares=shares,
        )

    beside = st.container(horizontal=True, key=f"take_{name}")
    with beside, st.popover(t("app.download"), icon=":material/download:"):
        pictures = {format_: picture(format_) for format_ in PICTURES}
        file_buttons({"html": page, **pictures, **table_writers(frame, named)}, named, key=name)
    with st.expander(t("app.table")):
        show_table(frame, key=f"{name}.table")
    return beside


def _facts(answer: Any) -> list[tuple[str, str]]:
    """Where the figures of an answer come from: the project, its data, and what of it was counted."""
    opened, data, counted_log = session.project(), session.state().data, view()
    first, last = counted_log.days()
    # Tables alone tell of no days, and those without ids of no customers.
    days = t("report.days"), t("controls.days", first=first, last=last)
    amount = t("report.amount_of", customers=counted_log.n_customers, rows=counted_log.n_rows)
    has_days = counted_log.event_names not in ((REGISTERED,), ())
    return [
        (t("report.project"), "" if opened is None else opened.name),
        (t("report.files"), ", ".join(demo.covered(file.name) for file in data.files) if data else ""),
        *([days] if has_days else []),
        (t("report.filters"), " · ".join(controls.narrowing()) or t("report.no_filters")),
        *([(t("report.amount"), amount)] if counted_log.event_names else []),
        (t("controls.unit"), t(f"controls.unit_{answer.unit}")),
        (t("report.with"), t("app.name")),
    ]


def _clock() -> Callable[[], str]:
    """What time it is where the data was made, said in the language of this run whenever it is asked."""
    language, zone = session.current().language, view().zone
    return lambda: text("report.zone", language, at=dt.datetime.now(ZoneInfo(zone)), zone=zone)
