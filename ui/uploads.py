"""A file that was dropped, or the one of the open project: what it is and what stands in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from journey.errors import Unreadable
from journey.events.columns import ColumnChoice
from journey.events.times import parse_times
from journey.sources.detect import kind_of
from journey.sources.files import RawTable, read_table
from ui import problems, reading, session
from ui.reading import Reading
from ui.words import literal, md, sentence, t

__all__ = ["Upload", "Uploaded", "done", "let_go", "show_found", "show_preview", "table_of", "wanted"]

_PREVIEW_ROWS = 50
_PREVIEW_LETTERS = 500
# What the line about the file says already.
_SAID = {"sources.encoding_read", "sources.header_found", "sources.header_missing", "sources.sheet_chosen"}


@dataclass(frozen=True)
class Upload:
    """A file by its name; `digest` (sha256) stands for it in every cache key, `read` gives its bytes."""

    name: str
    digest: str
    read: Callable[[], bytes]


class Uploaded:
    """The `read` of a file that Streamlit holds: nothing is copied before it is asked for."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def __call__(self) -> bytes:
        data: bytes = self._file.getvalue()
        return data


@st.cache_data(max_entries=64, show_spinner=False)
def _digest(file_id: str, _read: Uploaded) -> str:
    import hashlib

    return hashlib.sha256(_read()).hexdigest()


def wanted() -> Upload | None:
    """What the user dropped just now; else the file of the open project, once its columns are to change."""
    dropped = st.file_uploader(
        t("page.data.drop"), type=["csv", "tsv", "txt", "xlsx"], help=t("page.data.drop_help"), key="upload"
    )
    opened = session.project()
    data = opened.state.data if opened is not None else None
    file = data.files[0] if data is not None and data.files else None
    if dropped is not None:
        read = Uploaded(dropped)
        upload = Upload(dropped.name, _digest(dropped.file_id, read), read)
        if file is not None and file.upload != upload.digest:
            st.caption(t("page.data.new_project"))
        return upload
    if opened is None or file is None:
        return None
    st.caption(md("page.data.from_project", name=file.name))
    if not st.toggle(t("page.data.change"), key=f"{_turn_key()}.{session.widget(_turn_key(), 0)}"):
        return None
    return Upload(file.name, file.upload, lambda: opened.raw_path(file.id).read_bytes())


def done() -> None:
    """The columns are changed: the next run shows a new switch, which is off."""
    session.put(_turn_key(), session.widget(_turn_key(), 0) + 1)


def _turn_key() -> str:
    return session.widget_key("data.change")


@st.cache_resource(max_entries=2, ttl="30m", show_spinner=False)
def _table(digest: str, name: str, how: str, _how: Reading, _read: Callable[[], bytes]) -> RawTable:
    return read_table(_read(), name, **asdict(_how))


def table_of(upload: Upload, how: Reading) -> RawTable:
    """The file as a table of text; read once, however often its columns are chosen anew."""
    with st.spinner(t("page.data.reading")):
        return _table(upload.digest, upload.name, how.key, how, upload.read)


def let_go(upload: Upload, how: Reading) -> None:
    """Hold neither the table nor the bytes any longer: a project has been made of them.

    Streamlit keeps what was dropped until the tab is closed, one file of up to 200 MB after the other.
    """
    for read in (replace(how, sheet=None), how):
        _table.clear(upload.digest, upload.name, read.key, read, upload.read)
    context = get_script_run_ctx()
    if context is not None:
        context.uploaded_file_mgr.remove_session_files(context.session_id)


def show_found(upload: Upload) -> tuple[RawTable, Reading]:
    """Read the file, say what was found, and let it be read otherwise: another sheet, another encoding.

    Where that could help a file that cannot be read, the controls stand open below the problem, and the run
    ends here.
    """
    how = reading.chosen(upload.digest)
    try:
        raw, how = _read(upload, how)
    except Unreadable as problem:
        if not reading.helps(problem, how):
            raise
        problems.tell(problem)
        is_workbook = kind_of(upload.read()[:4096]) == "ZIP"
        reading.choose(upload.digest, how, is_workbook=is_workbook, opened=True)
        st.stop()
    _say_found(raw)
    reading.choose(upload.digest, how, is_workbook=raw.kind == "xlsx")
    return raw, how


def _read(upload: Upload, how: Reading) -> tuple[RawTable, Reading]:
    """The table of the chosen sheet. The first sheet is read first, so that there is always a choice."""
    raw = table_of(upload, replace(how, sheet=None))
    if len(raw.sheets) < 2:
        return raw, replace(how, sheet=None)
    wanted = how.sheet if how.sheet in raw.sheets else raw.sheet
    session.put(f"{upload.digest}.sheet", wanted)
    st.selectbox(t("page.data.sheet"), raw.sheets, key=f"{upload.digest}.sheet")
    how = replace(how, sheet=wanted)
    return (raw if wanted == raw.sheet else table_of(upload, how)), how


def _say_found(raw: RawTable) -> None:
    size = {"rows": len(raw.frame), "columns": raw.frame.shape[1], "line": raw.header_line}
    if raw.kind == "xlsx":
        st.caption(md("page.data.found_xlsx", sheet=raw.sheet, **size))
    else:
        delimiter = t(f"page.data.delimiter_{reading.DELIMITERS.get(raw.delimiter, 'none')}")
        headed = "found_csv" if raw.header_line else "found_csv_headless"
        st.caption(md(f"page.data.{headed}", encoding=raw.encoding.upper(), delimiter=delimiter, **size))
    for note in raw.notes:
        if note.code not in _SAID:
            st.caption(sentence(note))


def show_preview(raw: RawTable, columns: ColumnChoice, zone: str, date_order: str | None) -> None:
    """The first rows as they stand in the file, the chosen columns first, and how a time was read."""
    st.subheader(t("page.data.preview"))
    head = raw.frame.head(_PREVIEW_ROWS)
    said = t("page.data.preview_rows", rows=len(head))
    if columns.time is not None and (read := _read_time(head[columns.time], zone, date_order)):
        said = f"{said} · {read}"
    st.caption(said)
    roles = {
        name: role
        for role in ("session", "time", "event", "customer")
        if (name := getattr(columns, role)) is not None
    }
    shown = head[[*reversed(roles), *(name for name in head.columns if name not in roles)]]
    shown = shown.apply(lambda column: column.str.slice(0, _PREVIEW_LETTERS))
    config = {
        name: st.column_config.TextColumn(f"{t(f'page.data.role_{role}')}: {name}")
        for name, role in roles.items()
    }
    st.dataframe(shown, hide_index=True, height=280, placeholder="", column_config=config)


def _read_time(column: pd.Series, zone: str, date_order: str | None) -> str | None:
    """The first time that can be read, as it stands in the file and as the log will have it."""
    read = parse_times(column, zone=zone, order=date_order).values
    at = np.flatnonzero(~np.isnat(read))
    if not len(at):
        return None
    moment = pd.Timestamp(read[at[0]], tz="UTC").tz_convert(ZoneInfo(zone)).to_pydatetime()
    return t("page.data.time_read", raw=literal(str(column.iloc[at[0]])), read=moment)
