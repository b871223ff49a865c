"""A draw as a file of the project: who got which arm, so that the log can say what came of it."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import replace
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from journey.events.joined import joined
from journey.events.kinds import TableChoice
from journey.i18n import text
from journey.projects.arriving import arriving, as_parquet
from journey.projects.data_ref import DataRef
from journey.projects.incoming import Incoming
from journey.projects.project import Project
from journey.projects.register import Entry, replanned
from journey.reports.tables import to_csv
from journey.sources.files import read_table
from journey.sources.how import How
from ui import demo, session, toasts
from ui.ask import plans
from ui.experiments_card import open_results
from ui.once import once, pressed
from ui.tables import named_file
from ui.words import t

__all__ = ["begins", "called", "hand_out", "keep", "there"]

# A role -> the column of the list that plays it.
_ROLES = {
    "customer": "customer",
    "experiment": "experiment",
    "arm": "arm",
    "time": "started_at",
    "attributes": "stratum",
}


def called(entry: Entry) -> str:
    """What the test is called in a file: the name by which its results are looked for, else its own."""
    kind, name = next(iter(entry.plan.source.items()))
    return (name if kind == "records" else None) or entry.plan.name or t("page.planner.title")


def begins(entry: Entry, at: dt.datetime) -> dt.datetime:
    """From when on the drawn are in the test, as a wall time of the data: its first day, not before the draw.

    What somebody did between the draw and the first day says nothing of the arms.
    """
    zone = ZoneInfo((session.state().data or DataRef(None)).zone)
    drawn, starts = at.astimezone(zone).replace(microsecond=0), entry.plan.starts
    first = drawn if starts is None else max(drawn, dt.datetime.combine(starts, dt.time(), zone))
    return first.replace(tzinfo=None)


def there(entry: Entry) -> None:
    """Where the list is in the project: that it is, and the way to the results."""
    if _there(entry) is None or demo.is_on():
        return
    st.success(t("planner.kept_there"), icon=":material/check:")
    results = once("planner_results", open_results, entry.id)
    st.button(t("experiments_register.results"), icon=":material/science:", **results)


def hand_out(entry: Entry) -> None:
    """The list as it was put into the project, where it would come out as another one today."""
    opened, file = session.project(), _there(entry)
    if opened is None or file is None or demo.is_on():
        return
    st.download_button(
        t("planner.take_kept"),
        data=session.download(lambda: to_csv(pd.read_parquet(opened.raw_path(file)))),
        file_name=named_file(t("planner.file"), "csv"),
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
        key="planner_list.kept",
    )


def keep(entry: Entry, written: pd.DataFrame) -> None:
    """The button that puts the list, as it is handed out, into the project."""
    opened = session.project()
    if opened is None or demo.is_on():
        return
    before = _there(entry)
    is_wanted = pressed(
        st.button,
        t("planner.keep" if before is None else "planner.keep_again"),
        key=session.widget_key("planner_keep"),
        type="primary" if before is None else "tertiary",
        icon=":material/library_add:",
        help=t("planner.keep_help"),
    )
    if is_wanted:
        with st.spinner(t("bring.storing")):
            _put(opened, entry, _incoming(entry, written), before)
        toasts.say(t("planner.kept_done"))
        st.rerun()


def _there(entry: Entry) -> str | None:
    """The id of the file that the list of this draw was put into before."""
    files = () if (data := session.state().data) is None else data.of_kind("experiment")
    return next((file.id for file in files if file.name.endswith(_ending(entry))), None)


def _ending(entry: Entry) -> str:
    """How the name of the file ends: no other draw has this salt."""
    return f" {entry.draw['salt'][:8]}.csv"


def _incoming(entry: Entry, written: pd.DataFrame) -> Incoming:
    # Not as for a spreadsheet, which leads some texts with an apostrophe: an id stays as it is.
    content = written.to_csv(index=False, date_format="%Y-%m-%d %H:%M:%S").encode()
    language, data = session.current().language, session.state().data or DataRef(None)
    named = {role: text(f"planner.column_{what}", language) for role, what in _ROLES.items()}
    roles = {role: (column,) for role, column in named.items() if column in written}
    name = f"{t('planner.file')}{_ending(entry)}"
    raw = read_table(content, name, encoding="utf-8", delimiter=",", header=1)
    # An id may be a resident number, which the table is read without.
    choice, digest = TableChoice("experiment", roles, zone=data.zone), hashlib.sha256(content).hexdigest()
    return arriving(raw, choice, name, as_parquet(raw), How(), digest)


def _put(opened: Project, entry: Entry, incoming: Incoming, there: str | None) -> None:
    """Keep the file in place of an older list of the same draw, and let the test find its results there."""
    gone, before = [] if there is None else [there], session.state().data
    opened.put_files([incoming], joined(opened.parts([incoming], replace=gone)), replace=gone, since=before)
    session.refresh()
    if plans().place(entry.plan.source) is None or entry.plan.source == {"records": None}:
        found = replace(entry.plan, source={"records": called(entry)})
        session.edit(replanned(session.state().settings, entry.id, entry.plan, found))
