"""A list of those whose arms are drawn, brought as a file: kept in the tab, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import streamlit as st

from journey.errors import SettingWrong
from journey.events.columns import guess_table
from journey.sources.reading import read_file
from ui import demo, session, uploads
from ui.words import literal, t

__all__ = ["FileList", "of_file"]

_MOST_ROWS = 1_000_000
_MOST_GROUPS = 50


@dataclass(frozen=True)
class FileList:
    """The ids of the rows of a file, and by which of its columns the arms are to be alike, and its values."""

    ids: list[str]
    stratum: str = ""
    strata: list[str | None] | None = None


@dataclass(frozen=True)
class _Brought:
    """A file as it was read: its cells as text, and which column seems to say who a row is about."""

    name: str
    frame: pd.DataFrame
    guessed: str


def of_file() -> FileList:
    """Take a file, and ask for the column of the ids and for that in which the arms are to be alike."""
    if demo.is_on():
        st.caption(t("planner.pasted_hidden"))
        return FileList([])
    brought = session.widget(_key("file"))
    if brought is None:
        with st.container(key="planner_file"):
            uploads.ask_one(t("planner.file_drop"), _key, _read)
        return FileList([])
    st.markdown(literal(t("planner.file_read", name=brought.name, n=len(brought.frame))))
    columns = [str(one) for one in brought.frame.columns]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        of = st.selectbox(
            t("planner.file_column"), columns, index=columns.index(brought.guessed), key=_key("column")
        )
        groups = [one for one in columns if one != of and 2 <= _cells(brought, one).nunique() <= _MOST_GROUPS]
        alike = st.selectbox(
            t("planner.stratum"),
            ["", *groups],
            format_func=lambda name: name or t("planner.stratum_none"),
            help=t("planner.stratum_help"),
            key=_key("stratum"),
        )
        st.button(t("planner.file_other"), type="tertiary", key=_key("other"), on_click=_forget)
    ids = _cells(brought, of).tolist()
    if not alike:
        return FileList(ids)
    return FileList(ids, alike, [one or None for one in _cells(brought, alike)])


def _read(path: Path, name: str) -> _Brought:
    raw = read_file(path, name)
    if len(raw.frame) > _MOST_ROWS:
        raise SettingWrong(setting="rows", value=len(raw.frame), allowed=f"<= {_MOST_ROWS:,}")
    guessed = guess_table(raw).choice().one("customer")
    first = str(raw.frame.columns[0])
    return _Brought(name, raw.frame, guessed if guessed in raw.frame else first)


def _cells(brought: _Brought, column: str) -> pd.Series:
    """The cells of a column as text without spaces around; empty ones where nothing is."""
    return brought.frame[column].fillna("").astype(str).str.strip()


def _forget() -> None:
    session.put(_key("file"), None)


def _key(name: str) -> str:
    return session.widget_key(f"planner_file_{name}")
