"""From a file or a sample to an open project, and what came of it."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import replace

import streamlit as st

from journey.aggregates.event_counts import event_counts
from journey.errors import ProjectMissing
from journey.events.build import event_log
from journey.events.columns import ColumnChoice
from journey.events.log import EventLog
from journey.sources.files import RawTable, read_table
from journey.sources.samples import SAMPLES, Sample
from journey.stages.stage_map import StageMap
from journey.stages.suggest import suggest
from ui import session, uploads
from ui.ask import log as whole
from ui.columns import Chosen
from ui.navigation import page_named
from ui.reading import Reading, known
from ui.uploads import Upload, let_go
from ui.words import md, sentence, t

__all__ = ["is_open", "sample_buttons", "show_result", "take"]


def take(upload: Upload, raw: RawTable, how: Reading, chosen: Chosen) -> None:
    """The button that turns the file into a project."""
    missing = [role for role in ("customer", "time") if getattr(chosen.columns, role) is None]
    if missing:
        st.warning(t(f"page.data.need_{'_'.join(missing)}"), icon=":material/help:")
        return
    again = known(upload.digest) is not None
    words = t("page.data.again" if again else "page.data.go")
    if st.button(words, type="primary", icon=":material/arrow_forward:"):
        with st.spinner(t("page.data.building")):
            now = dt.datetime.now(dt.UTC)
            log = event_log(
                raw,
                chosen.columns,
                zone=chosen.zone,
                drop_duplicates=chosen.drop_duplicates,
                order=chosen.date_order,
                now=now,
            )
            _keep(upload, replace(how, sheet=raw.sheet), log, chosen, again=again)
            let_go(upload, how)
        if again:
            uploads.done()
        st.switch_page(page_named("data" if again else "stages"))


def is_open() -> bool:
    """Is a project open that has data?"""
    data = session.state().data
    return data is not None and data.fingerprint is not None


def show_result() -> None:
    """What the open project's log holds, and what was repaired on the way in."""
    data = session.state().data
    if data is None or not data.files:
        raise ProjectMissing
    found, choice = whole(), data.files[0].choice
    first, last = found.days()
    size = {"customers": found.n_customers, "rows": found.n_rows}
    st.success(t("page.data.ready", first=first, last=last, **size), icon=":material/check:")
    names = ("customer", "event", "time", "session", "attributes")
    roles = {name: choice.roles.get(name, ()) for name in names}
    used = [
        md("page.data.role_used", role=t(f"page.data.role_{role}"), column=list(column))
        for role, column in roles.items()
        if column
    ]
    st.markdown("  \n".join(used))
    if found.notes:
        st.caption("\n".join(f"- {sentence(note)}" for note in found.notes))
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
    data = sample.read()
    upload = Upload(sample.file, hashlib.sha256(data).hexdigest(), lambda: data)
    raw = read_table(data, upload.name)
    columns = ColumnChoice(**sample.columns)
    log = event_log(raw, columns, zone=sample.zone, now=dt.datetime.now(dt.UTC))
    stages = _suggested(log, sample.template)
    chosen = Chosen(columns, sample.zone, False, None)
    _keep(upload, Reading(), log, chosen, again=False, name=t(sample.title), stages=stages)


def _keep(
    upload: Upload,
    how: Reading,
    log: EventLog,
    chosen: Chosen,
    *,
    again: bool,
    name: str | None = None,
    stages: StageMap | None = None,
) -> None:
    """Store file and log in the open project, or in a new one whose stages are guessed from the names."""
    wanted = name or upload.name.rpartition(".")[0].strip() or upload.name
    opened = session.project() if again else session.store().create(_free(wanted))
    if opened is None:
        raise ProjectMissing
    opened.put_data(
        upload.read(),
        upload.name,
        log,
        chosen.table,
        how=how.how,
        stage_map=None if again else stages or _suggested(log),
    )
    session.open_project(opened.id)


def _free(name: str) -> str:
    """The name, numbered where there is a project of that name already."""
    taken = {summary.name for summary in session.store().projects()}
    numbered = (f"{name} ({number})" for number in range(2, len(taken) + 2))
    return name if name not in taken else next(free for free in numbered if free not in taken)


def _suggested(log: EventLog, template: str | None = None) -> StageMap:
    """The stages of this template, by default of the one that fits the names."""
    language = session.current().language
    return suggest(log.event_names, event_counts(log).rows, language=language, template=template).stage_map
