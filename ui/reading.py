"""Reading what was brought: in a child process, seen to move, stopped with one click, and read otherwise."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import streamlit as st

from journey.errors import EncodingUnknown, JourneyError, NotStored, QuoteUnclosed, RowsRagged, Unreadable
from journey.projects.disk import told
from journey.projects.tray import Brought
from journey.sources.how import ALL_SHEETS, How
from journey.sources.raw_table import RawTable
from journey.sources.reading import Progress, is_read, read_file
from ui import session, uploads
from ui.words import md, t

__all__ = ["DELIMITERS", "choose", "controls", "helps", "read"]

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
_ENCODINGS = ("utf-8", "cp949", "utf-16", "cp1252")
_LINES = 30
# An option of its own: for None a list shows Streamlit's words, in English.
_AUTOMATIC = ""
_HELPED = (EncodingUnknown, RowsRagged, QuoteUnclosed)
_TEXTS, _TYPED = ("csv",), ("parquet", "jsonl")


@contextmanager
def read() -> Iterator[None]:
    """Read every file that was not read yet, one after the other; what is drawn inside stands below.

    Whatever the user does meanwhile ends the run in the middle of the reading: the child dies with it, and
    what was read before stays. What stood below before the files came is taken away while they are read.
    """
    place, tried = st.empty(), 0
    veil = None if _next() is None else st.empty()
    while (file := _next()) is not None:
        tried += 1
        with place.container(border=True, key=f"reading_{tried}"):
            _read(file)
    place.empty()
    with st.container() if veil is None else veil.container():
        yield


def _next() -> Brought | None:
    waiting = uploads.tray().files
    return next((file for file in waiting if not _is_done(file)), None)


def _is_done(file: Brought) -> bool:
    if file.stopped or file.problem is not None:
        return True
    return is_read(uploads.staging().target(file.digest, file.how))


def _read(file: Brought) -> None:
    began, waiting = time.monotonic(), uploads.tray().files
    number = waiting.index(file) + 1
    st.markdown(md("bring.reading", name=file.title, number=number, of=len(waiting)))
    bar = st.progress(0.0, t("bring.stage_starting"))
    st.button(
        t("bring.stop_reading"),
        key=f"cancel.{file.id}",
        icon=":material/close:",
        on_click=session.later(uploads.stop),
        args=(file.id,),
    )

    def watch(progress: Progress) -> None:
        seconds = int(time.monotonic() - began)
        words = t(f"bring.stage_{progress.stage}", seconds=seconds)
        bar.progress(min(1.0, progress.share or 0.0), words)

    target = uploads.staging().target(file.digest, file.how)
    try:
        with told():
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            raw = read_file(uploads.source(file), file.name, file.how, target, watch=watch)
    except (Unreadable, NotStored) as problem:
        uploads.keep(uploads.tray().change(file.id, problem=problem))
        return
    if file.how.part is None and len(raw.parts) > 1:
        uploads.keep(uploads.tray().split(file.id, raw.parts))


def helps(problem: JourneyError, how: How) -> bool:
    """Could another choice make this file readable?"""
    by_hand = (how.encoding, how.delimiter, how.header) != (None, None, None)
    return by_hand or isinstance(problem, _HELPED)


def controls(raw: RawTable | None) -> dict[str, Sequence[Any]]:
    """What can be said about the reading of such a file, and the values to choose from."""
    if raw is not None and raw.kind in _TYPED:
        return {}
    lines: dict[str, Sequence[Any]] = {"header": range(_LINES + 1)}
    if raw is None or raw.kind in _TEXTS:
        return {"encoding": _ENCODINGS, "delimiter": tuple(DELIMITERS), **lines}
    return {"sheet": (*raw.sheets, ALL_SHEETS), **lines} if len(raw.sheets) > 1 else lines


def choose(file: Brought, raw: RawTable | None) -> None:
    """The controls that say how the file is read; the run after a change reads it anew."""
    wanted = controls(raw)
    for column, (name, values) in zip(st.columns(3), wanted.items(), strict=False):
        _control(column, file, name, values)
    if wanted:
        st.caption(t("bring.how_help"))


def _control(place: Any, file: Brought, name: str, values: Sequence[Any]) -> None:
    value, key = getattr(file.how, name), f"{file.id}.how.{name}"
    options = [_AUTOMATIC, *values]
    if value is not None and value not in values:
        options.append(value)
    # Set anew in every run: another language makes another widget, which must show the same.
    session.put(key, _AUTOMATIC if value is None else value)
    words = {option: _said(name, option) for option in options}

    @session.later
    def change() -> None:
        chosen = session.widget(key)
        how = replace(file.how, **{name: None if chosen == _AUTOMATIC else chosen})
        uploads.keep(uploads.tray().read_as(file.id, how))

    place.selectbox(t(f"bring.how_{name}"), options, format_func=words.__getitem__, key=key, on_change=change)


def _said(name: str, value: Any) -> str:
    if value == _AUTOMATIC:
        return t("bring.how_automatic")
    if name == "header":
        return t("bring.how_line", line=value) if value else t("bring.how_no_header")
    if name == "delimiter":
        return t(f"bring.delimiter_{DELIMITERS[value]}") if value in DELIMITERS else value
    if name == "sheet":
        return t("bring.all_sheets") if value == ALL_SHEETS else value
    return str(value).upper()
