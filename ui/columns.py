"""Which column says who, what and when: guessed, explained, and changed by whoever knows better."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

import streamlit as st

from journey.events.columns import ColumnChoice, ColumnGuess, guess_columns
from journey.events.kinds import TableChoice
from journey.events.time_sample import TimeSample, time_sample
from journey.sources.files import RawTable
from ui import session
from ui.reading import Reading, known
from ui.uploads import Upload
from ui.words import literal, md, sentence, t

__all__ = ["Chosen", "choose_columns"]

_DEFAULT_ZONE = "Asia/Seoul"
_MOST_OFFERED = 4
# A name that fits needs no words; these guesses do.
_SURPRISING = {"events.session_instead_of_customer", "events.session_instead_of_nobody"}


@dataclass(frozen=True)
class Chosen:
    """The columns as the user leaves them, and how their values are meant."""

    columns: ColumnChoice
    zone: str
    drop_duplicates: bool
    date_order: str | None

    @property
    def table(self) -> TableChoice:
        """The same as a project keeps it."""
        given = {name: getattr(self.columns, name) for name in ("customer", "event", "time", "session")}
        roles = {name: (column,) for name, column in given.items() if column is not None}
        roles["attributes"] = tuple(self.columns.attributes)
        return TableChoice("events", roles, self.zone, self.drop_duplicates, self.date_order, masked=False)


@st.cache_resource(max_entries=16, show_spinner=False)
def _guess(digest: str, name: str, how: str, _raw: RawTable) -> ColumnGuess:
    return guess_columns(_raw)


@st.cache_resource(max_entries=64, show_spinner=False)
def _sample(digest: str, how: str, name: str, zone: str, _raw: RawTable) -> TimeSample:
    return time_sample(_raw.frame[name], zone=zone)


def choose_columns(upload: Upload, raw: RawTable, how: Reading) -> Chosen:
    """Show the guessed role of each column and how its times are read, and let both be changed."""
    with st.spinner(t("page.data.guessing")):
        guess = _guess(upload.digest, upload.name, how.key, raw)
    before = known(upload.digest)
    if before is not None and not how.is_of(before):
        before = None
    start: Any = guess if before is None else _columns(before.choice)
    names = list(map(str, raw.frame.columns))
    key = f"{upload.digest}.{how.key}"

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
    for reason in guess.reasons.values():
        if reason.code in _SURPRISING and customer == guess.customer:
            st.info(sentence(reason), icon=":material/info:")
    if event is None and time is not None:
        _offer_events(guess, f"{key}.event")
    free = [name for name in names if name not in (customer, event, time, by_session)]
    attributes = st.multiselect(
        t("page.data.role_attributes"),
        free,
        default=[name for name in start.attributes if name in free],
        help=t("page.data.role_attributes_help"),
        placeholder=t("page.data.choose"),
        select_all=False,  # it speaks English only
        key=f"{key}.attributes.{customer}.{event}.{time}.{by_session}",
    )
    left, right = st.columns(2, vertical_alignment="bottom")
    zones = sorted(available_timezones())
    zone = left.selectbox(
        t("page.data.zone"),
        zones,
        index=zones.index(_DEFAULT_ZONE if before is None else before.choice.zone),
        help=t("page.data.zone_help"),
        key=f"{key}.zone",
    )
    once = right.checkbox(
        t("page.data.duplicates"),
        value=before is not None and before.choice.drop_duplicates,
        key=f"{key}.duplicates",
    )
    if guess.reasons:
        with st.expander(t("page.data.why")):
            for reason in guess.reasons.values():
                st.markdown(f"- {sentence(reason)}")
    order = None
    if time is not None:
        with st.spinner(t("page.data.guessing")):
            sample = _sample(upload.digest, how.key, time, zone, raw)
        _say_times(time, sample)
        order = _choose_order(
            sample, None if before is None else before.choice.date_order, f"{key}.order.{time}"
        )
    return Chosen(ColumnChoice(customer, event, time, by_session, tuple(attributes)), zone, once, order)


def _columns(choice: TableChoice) -> ColumnChoice:
    single = {name: choice.one(name) for name in ("customer", "event", "time", "session")}
    return ColumnChoice(**single, attributes=choice.all("attributes"))


def _say_times(column: str, sample: TimeSample) -> None:
    """How the times will be read, where that is not plain to see."""
    if sample.unit != "text":
        st.caption(md(f"events.unit_{sample.unit}", column=column))
    if sample.unread:
        st.caption(md("page.data.times_unread", column=column, looked=sample.rows, rows=sample.unread))
    if sample.mostly_dates:
        st.caption(t("events.date_only"))


def _choose_order(sample: TimeSample, before: str | None, key: str) -> str | None:
    """Let the user say which reading of an ambiguous date is meant; None where the column leaves no doubt."""
    if sample.ambiguous is None:
        return None
    example, readings = sample.ambiguous.values["example"], sample.ambiguous.values["readings"]
    shown = session.widget(key, before)
    session.put(key, shown if shown in readings else sample.ambiguous.values["order"])
    words = {
        name: t(f"page.data.order_{name}", read=dt.date.fromisoformat(readings[name])) for name in readings
    }
    with st.container(border=True):
        order: str = st.radio(
            md("page.data.order", example=example),
            list(words),
            format_func=words.__getitem__,
            help=t("page.data.order_help"),
            key=key,
        )
    return order


def _offer_events(guess: ColumnGuess, key: str) -> None:
    """Say what it means that no column names the event, and let one be taken that could."""
    if not guess.events_possible:
        st.info(t("page.data.no_event"), icon=":material/info:")
        return
    with st.container(border=True):
        st.markdown(t("page.data.event_offer"))
        with st.container(horizontal=True):
            for name in guess.events_possible[:_MOST_OFFERED]:
                st.button(
                    literal(name),
                    key=f"{key}.take.{name}",
                    icon=":material/add:",
                    on_click=session.put,
                    args=(key, name),
                )
