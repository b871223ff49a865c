"""Tables of answers in the words of a language, for the screen and for files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from journey.aggregates.nodes import NAMED
from journey.aggregates.rfm import GROUPS, NOBODY
from journey.charts.drivers import feature_name
from journey.i18n import text
from journey.i18n.formats import percent_of
from journey.reports.plain import SHARES
from ui import session
from ui.words import t

__all__ = ["SHARES", "file_name", "name_of", "named_file", "share_names", "show_table", "worded"]

_FACTS = ("goal", "flips", "varies", "observed", "clear")
_DIGITS = 6
_RFM_GROUPS = frozenset([*GROUPS, NOBODY])
# What no disk takes, and what nobody sees: it could make an ending look like another.
_NOT_IN_NAMES = re.compile(
    r'[\\/:*?"<>|\x00-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\uffff\ud800-\udfff]+'
)
# Disks count bytes, of which a Hangul syllable has three: 255, and a browser may add a number.
_MOST_BYTES = 200


def name_of(name: str, kind: str, language: str) -> str:
    """A node as the language calls it: a stage, or what is made of some, by its name, the rest by kind."""
    return name if kind in NAMED else text(f"charts.kind_{kind}", language)


def worded(frame: pd.DataFrame, language: str) -> pd.DataFrame:
    """The table with headings, kinds and routes in words; figures stay figures, shares of 0 to 1.

    Needs no session: files are made outside of any run.
    """
    frame = frame.copy()
    if "source_kind" in frame:
        begins = frame["source_kind"].isin(["start", "earlier"])
        kinds = frame["target_kind"].where(~begins, frame["source_kind"])
        for end in ("source", "target"):
            pairs = zip(frame[end], frame.pop(f"{end}_kind"), strict=True)
            frame[end] = [name_of(name, kind, language) for name, kind in pairs]
        said = {kind: text(f"column.kind_{kind}", language) for kind in NAMED}
        frame.insert(3, "kind", [said.get(kind) or name_of("", kind, language) for kind in kinds])
    if "above" in frame:
        features = ["kind", "name", "value", "above"]
        named = [feature_name(*row, language) for row in frame[features].itertuples(index=False, name=None)]
        frame = frame.drop(columns=features)
        frame.insert(0, "feature", named)
    if "route" in frame:
        missing = text("charts.kind_missing", language)
        frame["route"] = [" > ".join(name or missing for name in route) for route in frame["route"]]
    for name in ("group_before", "group"):
        if name in frame and frame[name].isin(_RFM_GROUPS).all():
            own = frame.pop(f"{name}_name") if f"{name}_name" in frame else [""] * len(frame)
            pairs = zip(frame[name], own, strict=True)
            frame[name] = [called or text(f"rfm.group_{code}", language) for code, called in pairs]
    if "reason" in frame:
        frame["reason"] = [text(f"friction.reason_{reason}", language) for reason in frame["reason"]]
    if "way" in frame:
        frame["way"] = [text(f"conformance.way_{way}", language) for way in frame["way"]]
    for name in _FACTS:
        if name in frame:
            frame[name] = [text("column.yes", language) if holds else "" for holds in frame[name]]
    if "state" in frame:
        frame["state"] = [text(f"column.state_{state}", language) for state in frame["state"]]
    shares = {name: frame[name].round(_DIGITS) for name in SHARES if name in frame}
    frame = frame.assign(**shares)
    return frame.rename(columns={name: text(f"column.{name}", language) for name in frame.columns})


def share_names(frame: pd.DataFrame, language: str) -> set[str]:
    """The headings under which shares of this table stand; elsewhere the same words may mean amounts."""
    return {text(f"column.{name}", language) for name in SHARES if name in frame}


def show_table(frame: pd.DataFrame, *, key: str) -> None:
    """The table on the screen: shares as percent with one digit, whole numbers with grouped thousands."""
    language = session.current().language
    shown, shares = worded(frame, language), share_names(frame, language)
    config: Mapping[str, Any] = {
        name: st.column_config.NumberColumn(format="%.1f%%" if name in shares else "localized")
        for name in shown.select_dtypes("number").columns
    }
    percent = {name: shown[name].map(percent_of) for name in shares}
    st.dataframe(shown.assign(**percent), hide_index=True, column_config=config, key=key, placeholder="–")


def file_name(what: str, ending: str) -> str:
    """What a file is called on the user's disk: the project, what it shows, and its kind."""
    return named_file(t(what), ending)


def named_file(what: str, ending: str) -> str:
    """The same for something that has no name in the catalogues."""
    opened, end = session.project(), _fit(what, _MOST_BYTES // 2)
    room = _MOST_BYTES - len(end.encode())
    start = _fit(opened.name, room) if opened is not None else ""
    return f"{start} - {end}.{ending}" if start else f"{end}.{ending}"


def _fit(name: str, most: int) -> str:
    """The name without what a disk refuses, what would hide the file, and more than `most` bytes."""
    kept = _NOT_IN_NAMES.sub(" ", name).strip(" .")
    return kept.encode()[:most].decode(errors="ignore").strip(" .")
