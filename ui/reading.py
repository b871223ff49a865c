"""How a file was read, and what its owner says instead: encoding, separator, line of the header."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields, replace
from typing import Any

import streamlit as st

from journey.errors import EncodingUnknown, QuoteUnclosed, RowsRagged, Unreadable
from journey.projects.data_ref import FileRef
from journey.sources.how import How
from ui import session
from ui.words import t

__all__ = ["DELIMITERS", "Reading", "choose", "chosen", "helps", "known"]

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
_ENCODINGS = ("utf-8", "cp949", "utf-16")
_LINES = 30
# An option of its own: for None a list shows Streamlit's words, in English.
_AUTOMATIC = ""
_HELPED = (EncodingUnknown, RowsRagged, QuoteUnclosed)


@dataclass(frozen=True)
class Reading:
    """What was said about a file; None where the reader's own guess is taken. `header` 0 means no names."""

    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    header: int | None = None

    @property
    def key(self) -> str:
        """These choices as part of a cache's key or of a widget's."""
        return json.dumps(astuple(self))

    @property
    def how(self) -> How:
        """The same as a project keeps it."""
        return How(None, self.sheet, self.encoding, self.delimiter, self.header)

    def is_of(self, file: FileRef) -> bool:
        """Did the project read its file in this way? The only sheet of a workbook needs no name."""
        same_sheet = None in (self.sheet, file.how.sheet) or self.sheet == file.how.sheet
        return same_sheet and replace(self.how, sheet=None) == replace(file.how, sheet=None)

    @property
    def by_hand(self) -> bool:
        """Was anything but the sheet said?"""
        return (self.encoding, self.delimiter, self.header) != (None, None, None)


def known(digest: str) -> FileRef | None:
    """How the open project read this very file."""
    data = session.state().data
    return next((file for file in data.files if file.upload == digest), None) if data else None


def chosen(digest: str) -> Reading:
    """What the controls say about this file; before they are drawn, what the open project says."""
    file = known(digest)
    names = [field.name for field in fields(Reading)]
    said = {
        name: session.widget(_key(digest, name), getattr(file and file.how, name, None)) for name in names
    }
    return Reading(**{name: None if value == _AUTOMATIC else value for name, value in said.items()})


def helps(problem: Unreadable, how: Reading) -> bool:
    """Could another choice make this file readable?"""
    return how.by_hand or isinstance(problem, _HELPED)


def choose(digest: str, how: Reading, *, is_workbook: bool, opened: bool = False) -> None:
    """The controls; they show `how` the file was read, and the run after a change reads it anew."""
    with st.expander(t("page.data.how"), expanded=opened or how.by_hand):
        columns = iter(st.columns(3))
        if not is_workbook:
            _control(next(columns), digest, how, "encoding", _ENCODINGS)
            _control(next(columns), digest, how, "delimiter", tuple(DELIMITERS))
        _control(next(columns), digest, how, "header", range(_LINES + 1))
        st.caption(t("page.data.how_help"))


def _control(place: Any, digest: str, how: Reading, name: str, values: Sequence[Any]) -> None:
    value, key = getattr(how, name), _key(digest, name)
    options = [_AUTOMATIC, *values]
    if value is not None and value not in values:
        options.append(value)
    # Set anew in every run: another language makes another widget, which must show the same.
    session.put(key, _AUTOMATIC if value is None else value)
    words = {option: _said(name, option) for option in options}
    place.selectbox(t(f"page.data.how_{name}"), options, format_func=words.__getitem__, key=key)


def _said(name: str, value: Any) -> str:
    if value == _AUTOMATIC:
        return t("page.data.how_automatic")
    if name == "header":
        return t("page.data.how_line", line=value) if value else t("page.data.how_no_header")
    if name == "delimiter":
        return t(f"page.data.delimiter_{DELIMITERS[value]}") if value in DELIMITERS else value
    return str(value).upper()


def _key(digest: str, name: str) -> str:
    return f"{digest}.{name}" if name == "sheet" else f"{digest}.how.{name}"
