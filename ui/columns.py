"""Which column says who, what and when: guessed, explained, and changed by whoever knows better."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

import streamlit as st

from journey.events.columns import ColumnChoice, ColumnGuess, guess_columns
from journey.sources.files import RawTable
from ui import session
from ui.uploads import Upload
from ui.words import literal, sentence, t

__all__ = ["choose_columns"]

_DEFAULT_ZONE = "Asia/Seoul"
_MOST_OFFERED = 4
# A name that fits needs no words; these guesses do.
_SURPRISING = {"events.session_instead_of_customer", "events.session_instead_of_nobody"}


@st.cache_resource(max_entries=16, show_spinner=False)
def _guess(digest: str, name: str, sheet: str | None, _raw: RawTable) -> ColumnGuess:
    return guess_columns(_raw)


def choose_columns(upload: Upload, raw: RawTable) -> tuple[ColumnChoice, str, bool]:
    """Show the guessed role of each column; returns columns, zone and duplicates as the user leaves them."""
    with st.spinner(t("page.data.guessing")):
        guess = _guess(upload.digest, upload.name, raw.sheet, raw)
    known = session.state().data
    again = known is not None and known.raw == upload.digest and known.sheet in (None, raw.sheet)
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
        index=zones.index(known.zone if known is not None and again else _DEFAULT_ZONE),
        help=t("page.data.zone_help"),
        key=f"{key}.zone",
    )
    once = right.checkbox(
        t("page.data.duplicates"),
        value=known.drop_duplicates if known is not None and again else False,
        key=f"{key}.duplicates",
    )
    if guess.reasons:
        with st.expander(t("page.data.why")):
            for reason in guess.reasons.values():
                st.markdown(f"- {sentence(reason)}")
    return ColumnChoice(customer, event, time, by_session, tuple(attributes)), zone, once


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
