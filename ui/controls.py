"""The controls of the pages; each starts from what the project remembers and stores what is chosen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from journey.events.log import Attribute, EventLog
from journey.events.other_tables import REGISTERED
from ui import presenting, segments, session
from ui.ask import filtered, log, narrowed_to
from ui.veil import said
from ui.words import literal, t

__all__ = ["filters", "narrowed", "narrowing", "offered", "unit", "value_said"]

_SHOWN_VALUES = 3
_OFFERED_VALUES = 1000


def narrowing() -> list[str]:
    """What the filters leave, a line for the period and for each attribute; none without filters."""
    period, where = filtered()
    parts = [_period_said(period)] if period else []
    if segment := narrowed_to():
        parts.append(t("segments.narrowed", name=segment.name))
    for attribute, values in where.items():
        names = [value_said(value) for value in values[:_SHOWN_VALUES]]
        rest = len(values) - len(names)
        shown = ", ".join([*names, *([t("controls.more_values", n=rest)] if rest else [])])
        parts.append(t("controls.where", attribute=attribute, values=shown))
    return parts


def narrowed() -> None:
    """What the figures of this page leave out, where filters are on, and the way back to all."""
    parts = narrowing()
    if not parts:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="narrowed"):
        st.markdown(f":material/filter_alt: {literal(' · '.join(parts))}", width="content")
        if not presenting.is_on():
            st.button(t("controls.clear"), type="tertiary", key="clear_filters", on_click=_clear)


def filters() -> None:
    """Period and attribute values, for every page of the project alike."""
    whole, (period, where) = log(), filtered()
    if not whole.event_names:
        # Only results of tests without ids: nobody is known who could be left out.
        return
    chosen = len(where) + bool(period) + (narrowed_to() is not None)
    name = t("controls.filters_on", n=chosen) if chosen else t("controls.filters")
    with st.popover(name, icon=":material/filter_alt:"):
        if whole.event_names != (REGISTERED,):
            _period(whole, period)
        segments.choose()
        for attribute, values in whole.attributes.items():
            options, left = offered(values, where.get(attribute, []))
            st.multiselect(
                literal(attribute),
                options,
                format_func=value_said,
                placeholder=t("controls.all"),
                select_all=False,  # it speaks English only
                **session.kept("where", [], options, item=attribute, said=said(attribute)),
            )
            if left:
                st.caption(t("controls.values_left", n=left))
        segments.manage()


def offered(values: Attribute, chosen: Sequence[str | None]) -> tuple[list[str | None], int]:
    """The values to choose from, the most frequent ones and the chosen ones, and how many are left out.

    A browser cannot take a list of every order number.
    """
    options: list[str | None] = list(values.categories)
    left = len(options) - _OFFERED_VALUES
    if left > 0:
        often = np.argsort(-np.bincount(values.codes[values.codes >= 0]), kind="stable")[:_OFFERED_VALUES]
        offered = {values.categories[code] for code in often}.union(chosen)
        options = [value for value in options if value in offered]
        left = len(values.categories) - len(options)
    return [*options, *([None] if (values.codes < 0).any() else [])], max(0, left)


def _clear() -> None:
    session.forget("period", "segment", "where")


def value_said(value: str | None) -> str:
    """A value as people read it: a missing one has a word."""
    return t("controls.missing") if value is None else value


def _period_said(period: tuple[dt.date, dt.date]) -> str:
    first, last = period
    return t("controls.one_day" if first == last else "controls.days", first=first, last=last)


def _period(whole: EventLog, period: tuple[dt.date, dt.date] | None) -> None:
    first, last = whole.days()
    key = session.widget_key("period")

    @session.later
    def keep() -> None:
        chosen = session.widget(key)
        if len(chosen) == 2:  # between the two clicks there is only the first day
            every_day = tuple(chosen) == (first, last)
            session.remember("period", None if every_day else [day.isoformat() for day in chosen])

    half = len(session.widget(key, ())) == 1
    if not half:
        start, end = period or (first, last)
        session.put(key, (max(first, min(start, last)), min(last, max(end, first))))
    st.date_input(
        t("controls.period"),
        min_value=first,
        max_value=last,
        format="YYYY-MM-DD" if session.current().language == "ko" else "MM/DD/YYYY",
        key=key,
        on_change=keep,
    )
    if half:
        st.caption(t("controls.period_half"))


def unit() -> dict[str, Any]:
    """Whole customers, or each of their sessions."""
    units = ["customer"] if log().date_only else ["customer", "session"]
    chosen = st.selectbox(
        t("controls.unit"),
        units,
        format_func=lambda name: t(f"controls.unit_{name}"),
        help=t("controls.unit_dates" if len(units) == 1 else "controls.unit_help"),
        width=170,
        **session.kept("unit", "customer", units),
    )
    return {"unit": chosen}
