"""How every answer is shown: the sentence, the chart, how it was counted, and the files to take away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from journey.charts.export import render
from journey.i18n import text
from journey.reports.tables import to_csv, to_xlsx
from ui import opening, session
from ui.navigation import page_named
from ui.words import sentence, t

__all__ = [
    "counted",
    "downloads",
    "name_of",
    "need_log",
    "pick_key",
    "row",
    "section",
    "show",
    "table",
    "title",
]

Chart = Callable[..., Any]

_PICK = "pick"
_PICTURES = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHARES = {"share", "low", "high", "drop_off", "drop_low", "drop_high"}


def title(page: str) -> None:
    """The heading of a page and the line that says what it is for."""
    st.title(t(f"page.{page}.title"))
    st.caption(t(f"page.{page}.lead"))


def need_log() -> None:
    """Go on only with data; without, say what to bring and offer the samples."""
    if session.state().data is not None:
        return
    st.info(t("app.no_data"), icon=":material/upload_file:")
    opening.sample_buttons()
    st.page_link(page_named("data"), label=t("page.home.go_data"), icon=":material/upload_file:")
    st.stop()


def section(key: str) -> None:
    """A heading within a page."""
    st.subheader(t(key))


def row() -> Any:
    """Controls that stand beside each other, and below each other on a phone."""
    return st.container(horizontal=True, vertical_alignment="bottom")


def show(chart: Chart, answer: Any, *, key: str, clickable: bool = False) -> None:
    """The sentence and the chart; a click on a mark is kept under `pick_key`."""
    st.markdown(f"**{sentence(answer.finding)}**")
    drawn = chart(answer, language=session.current().language, dark=session.is_dark())
    with st.container(key=f"chart_{key}"):
        if not clickable:
            st.altair_chart(drawn, key=key, theme=None)
            return

        def keep() -> None:
            picks = session.widget(key).selection.get(_PICK) or [{}]
            session.put(pick_key(key), picks[0].get("id"))

        st.altair_chart(drawn, key=key, theme=None, on_select=keep, selection_mode=_PICK)


def pick_key(key: str) -> str:
    """Under this key stands the id of the mark that was clicked in the chart of this page."""
    return session.widget_key(f"{key}.pick")


def counted(key: str, answer: Any) -> None:
    """How the figures were counted, and what limits them."""
    with st.expander(t("app.how_counted")):
        st.markdown(t(f"page.{key}.counted"))
        for note in answer.notes:
            st.markdown(f"- {sentence(note)}")


def name_of(name: str, kind: str, language: str | None = None) -> str:
    """A node as the user's language calls it: a stage by its own name, everything else by its kind."""
    return name if kind == "stage" else text(f"charts.kind_{kind}", language or session.current().language)


def table(frame: pd.DataFrame, language: str | None = None) -> pd.DataFrame:
    """The table with headings, kinds and routes in the tab's language; figures stay figures.

    A download is made outside of the tab's run, where nobody knows its language: there it is given.
    """
    language = language or session.current().language

    def say(key: str) -> str:
        return text(key, language)

    frame = frame.copy()
    if "kind" in frame:
        side = np.where(frame["kind"].isin(["start", "earlier"]), "source", "target")
        for end in ("source", "target"):
            kinds = frame["kind"].where(side == end, "stage")
            frame[end] = [name_of(name, kind, language) for name, kind in zip(frame[end], kinds, strict=True)]
        frame["kind"] = [
            say("column.kind_stage") if kind == "stage" else say(f"charts.kind_{kind}")
            for kind in frame["kind"]
        ]
    if "route" in frame:
        missing = say("charts.kind_missing")
        frame["route"] = [" > ".join(name or missing for name in route) for route in frame["route"]]
    if "goal" in frame:
        frame["goal"] = [say("column.yes") if goal else "" for goal in frame["goal"]]
    return frame.rename(columns={name: say(f"column.{name}") for name in frame.columns})


def downloads(name: str, frame: pd.DataFrame, chart: Chart, answer: Any) -> None:
    """The picture and the table as files; each is made only when it is asked for."""
    language, worded = session.current().language, table(frame)

    def picture(format_: str) -> Callable[[], bytes]:
        return lambda: render(chart(answer, language=language, dark=False), format=format_)

    files: dict[str, tuple[str, Callable[[], bytes]]] = {
        **{format_: (mime, picture(format_)) for format_, mime in _PICTURES.items()},
        "csv": ("text/csv", lambda: to_csv(worded)),
        "xlsx": (_XLSX, lambda: to_xlsx({name: worded})),
    }
    with st.popover(t("app.download"), icon=":material/download:"):
        for format_, (mime, write) in files.items():
            st.download_button(
                t(f"app.download_{format_}"),
                data=write,
                file_name=f"journey-{name}.{format_}",
                mime=mime,
                on_click="ignore",
                key=f"{name}.{format_}",
                width="stretch",
            )
    with st.expander(t("app.table")):
        shares = {
            t(f"column.{column}"): st.column_config.NumberColumn(format="percent")
            for column in _SHARES & set(frame.columns)
        }
        st.dataframe(worded, hide_index=True, column_config=shares, key=f"{name}.table")
