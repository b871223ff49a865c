"""From a dropped file or a sample to an open project."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

import streamlit as st

from journey.aggregates.event_counts import event_counts
from journey.errors import ProjectMissing
from journey.events.build import ColumnChoice, event_log
from journey.events.columns import ColumnGuess, guess_columns
from journey.events.log import EventLog
from journey.sources.files import RawTable, read_table
from journey.sources.samples import SAMPLES, Sample
from journey.stages.suggest import suggest
from ui import session
from ui.ask import log as whole
from ui.navigation import page_named
from ui.words import md, sentence, t

__all__ = [
    "Upload",
    "choose_columns",
    "sample_buttons",
    "show_found",
    "show_preview",
    "show_result",
    "take",
    "wanted",
]

_PREVIEW_ROWS = 50
_DEFAULT_ZONE = "Asia/Seoul"
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}


@dataclass(frozen=True)
class Upload:
    """Bytes as they came, under the name they came with; `digest` stands for them in every cache key."""

    name: str
    data: bytes
    digest: str

    @classmethod
    def of(cls, name: str, data: bytes) -> Upload:
        return cls(name, data, hashlib.sha256(data).hexdigest())


def wanted() -> Upload | None:
    """What the user dropped just now, else the file of the open project, else nothing."""
    dropped = st.file_uploader(
        t("page.data.drop"), type=["csv", "tsv", "txt", "xlsx"], help=t("page.data.drop_help"), key="upload"
    )
    if dropped is not None:
        return Upload.of(dropped.name, dropped.getvalue())
    opened = session.project()
    if opened is None or opened.state.data is None:
        return None
    st.caption(md("page.data.from_project", name=opened.state.data.file_name))
    return Upload.of(opened.state.data.file_name, opened.raw())


@st.cache_resource(max_entries=4, show_spinner=False)
def _table(digest: str, name: str, sheet: str | None, _data: bytes) -> RawTable:
    return read_table(_data, name, sheet=sheet)


@st.cache_resource(max_entries=16, show_spinner=False)
def _guess(digest: str, name: str, sheet: str | None, _raw: RawTable) -> ColumnGuess:
    return guess_columns(_raw)


def show_found(upload: Upload) -> RawTable:
    """Read the file, say what was found, and let another sheet be chosen."""
    with st.spinner(t("page.data.reading")):
        raw = _table(upload.digest, upload.name, None, upload.data)
    if len(raw.sheets) > 1:
        sheet = st.selectbox(
            t("page.data.sheet"), raw.sheets, index=raw.sheets.index(raw.sheet), key=f"{upload.digest}.sheet"
        )
        if sheet != raw.sheet:
            with st.spinner(t("page.data.reading")):
                raw = _table(upload.digest, upload.name, sheet, upload.data)
    size = {"rows": len(raw.frame), "columns": raw.frame.shape[1], "line": raw.header_line}
    if raw.kind == "xlsx":
        st.caption(md("page.data.found_xlsx", sheet=raw.sheet, **size))
    else:
        delimiter = t(f"page.data.delimiter_{_DELIMITERS.get(raw.delimiter, 'none')}")
        st.caption(md("page.data.found_csv", encoding=raw.encoding, delimiter=delimiter, **size))
    for note in raw.notes:
        st.caption(sentence(note))
    return raw


def choose_columns(upload: Upload, raw: RawTable) -> tuple[ColumnChoice, str, bool]:
    """Show the guessed role of each column; returns columns, zone and duplicates as the user leaves them."""
    guess = _guess(upload.digest, upload.name, raw.sheet, raw)
    opened = session.project()
    known = opened.state.data if opened is not None else None
    again = known is not None and known.raw == upload.digest
    start: Any = ColumnChoice(**known.columns) if known is not None and again else guess
    names = list(map(str, raw.frame.columns))
    key = f"{upload.digest}.{raw.sheet}"

    def role(name: str, none: str | None) -> str | None:
        options = names if none is None else [None, *names]
        first = getattr(start, name)
        return st.selectbox(
            t(f"page.data.role_{name}"),
            options,
            index=options.index(first) if first in options else None if none is None else 0,
            format_func=lambda column: none if column is None else column,
            help=t(f"page.data.role_{name}_help"),
            placeholder=t("page.data.choose"),
            key=f"{key}.{name}",
        )

    st.subheader(t("page.data.roles"))
    columns = st.columns(4)
    with columns[0]:
        customer = role("customer", None)
    with columns[1]:
        event = role("event", t("page.data.one_event"))
    with columns[2]:
        time = role("time", None)
    with columns[3]:
        by_session = role("session", t("page.data.no_column"))
    free = [name for name in names if name not in (customer, event, time, by_session)]
    attributes = st.multiselect(
        t("page.data.role_attributes"),
        free,
        default=[name for name in start.attributes if name in free],
        help=t("page.data.role_attributes_help"),
        placeholder=t("page.data.choose"),
        key=f"{key}.attributes.{customer}.{event}.{time}.{by_session}",
    )
    with st.expander(t("page.data.why")):
        for reason in guess.reasons.values():
            st.markdown(sentence(reason))
    left, right = st.columns(2)
    zones = sorted(available_timezones())
    zone = left.selectbox(
        t("page.data.zone"),
        zones,
        index=zones.index(known.zone if known is not None and again else _DEFAULT_ZONE),
        help=t("page.data.zone_help"),
        key=f"{key}.zone",
    )
    once = right.checkbox(
        t("page.data.duplicates"),
        value=known.drop_duplicates if known is not None and again else False,
        key=f"{key}.duplicates",
    )
    return ColumnChoice(customer, event, time, by_session, tuple(attributes)), zone, once


def show_preview(raw: RawTable) -> None:
    """The first rows as they stand in the file."""
    st.subheader(t("page.data.preview"))
    head = raw.frame.head(_PREVIEW_ROWS)
    st.caption(t("page.data.preview_rows", rows=len(head)))
    st.dataframe(head, hide_index=True, height=280, placeholder="")


def take(upload: Upload, raw: RawTable, columns: ColumnChoice, zone: str, drop_duplicates: bool) -> None:
    """The button that turns the file into a project, and what came of it."""
    if columns.customer is None or columns.time is None:
        st.info(t("page.data.need_roles"))
        return
    data = session.state().data
    again = data is not None and data.raw == upload.digest
    words = t("page.data.again" if again else "page.data.go")
    if st.button(words, type="primary", icon=":material/arrow_forward:"):
        with st.spinner(t("page.data.building")):
            now = dt.datetime.now(dt.UTC)
            log = event_log(raw, columns, zone=zone, drop_duplicates=drop_duplicates, now=now)
            _keep(upload, raw.sheet, log, columns, drop_duplicates, again=again)
        st.switch_page(page_named("data" if again else "stages"))
    if again:
        show_result()


def show_result() -> None:
    """What the open project's log holds, and what was repaired on the way in."""
    found = whole()
    first, last = found.days()
    size = {"customers": found.n_customers, "rows": found.n_rows}
    st.success(t("page.data.ready", first=first, last=last, **size), icon=":material/check:")
    for note in found.notes:
        st.caption(sentence(note))
    st.page_link(page_named("stages"), label=t("page.data.to_stages"), icon=":material/arrow_forward:")


def sample_buttons() -> None:
    """One button a sample; each opens it as a project of its own."""
    for column, (name, sample) in zip(st.columns(max(2, len(SAMPLES))), SAMPLES.items(), strict=False):
        with column, st.container(border=True):
            st.markdown(f"**{t(sample.title)}**")
            st.caption(t(sample.description))
            if st.button(t("page.home.open_sample"), key=f"sample.{name}", icon=":material/play_arrow:"):
                with st.spinner(t("page.data.building")):
                    _open_sample(sample)
                st.switch_page(page_named("stages"))


def _open_sample(sample: Sample) -> None:
    upload = Upload.of(sample.file, sample.read())
    raw = read_table(upload.data, upload.name)
    columns = ColumnChoice(**sample.columns)
    log = event_log(raw, columns, zone=sample.zone, now=dt.datetime.now(dt.UTC))
    _keep(upload, None, log, columns, False, again=False, name=t(sample.title), template=sample.template)


def _keep(
    upload: Upload,
    sheet: str | None,
    log: EventLog,
    columns: ColumnChoice,
    drop_duplicates: bool,
    *,
    again: bool,
    name: str | None = None,
    template: str = "six",
) -> None:
    """Store file and log in the open project, or in a new one whose stages are guessed from the names."""
    opened = session.project() if again else session.store().create(name or upload.name.rsplit(".", 1)[0])
    if opened is None:
        raise ProjectMissing
    guessed = None
    if not again:
        rows = event_counts(log).rows
        language = session.current().language
        guessed = suggest(log.event_names, rows, language=language, template=template).stage_map
    opened.put_data(
        upload.data,
        upload.name,
        log,
        columns,
        sheet=sheet,
        drop_duplicates=drop_duplicates,
        stage_map=guessed,
    )
    session.open_project(opened.id)
