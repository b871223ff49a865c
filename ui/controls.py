"""The controls of the pages; each starts from what the project remembers and stores what is chosen."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import streamlit as st

from journey.events.log import EventLog
from ui import session
from ui.ask import log
from ui.words import literal, t

__all__ = ["filters", "flow", "unit"]

_MOST_STEPS = 12
_MOST_NODES = 12
_FROM, _INTO = "from", "into"


def filters() -> None:
    """Period and attribute values, for every page of the project alike."""
    whole, now = log(), session.state().settings
    chosen = len(now.get("where") or {}) + bool(now.get("period"))
    name = t("controls.filters_on", n=chosen) if chosen else t("controls.filters")
    with st.popover(name, icon=":material/filter_alt:"):
        _period(whole)
        for attribute, values in whole.attributes.items():
            options: list[str | None] = [*values.categories, *([None] if (values.codes < 0).any() else [])]
            st.multiselect(
                literal(attribute),
                options,
                format_func=lambda value: t("controls.missing") if value is None else value,
                placeholder=t("controls.all"),
                **session.kept("where", [], options, item=attribute),
            )
        if chosen:
            st.button(
                t("controls.clear"),
                icon=":material/filter_alt_off:",
                on_click=session.forget,
                args=("period", "where"),
            )


def _period(whole: EventLog) -> None:
    first, last = whole.days()
    stored = session.state().settings.get("period")
    days = tuple(dt.date.fromisoformat(day) for day in stored) if stored else (first, last)

    def keep() -> None:
        chosen = session.widget(key)
        if len(chosen) == 2:  # between the two clicks there is only the first day
            every_day = chosen == (first, last)
            session.remember("period", None if every_day else [day.isoformat() for day in chosen])

    key = session.widget_key("period")
    st.date_input(
        t("controls.period"),
        value=(max(first, min(days[0], last)), min(last, max(days[1], first))),
        min_value=first,
        max_value=last,
        format="YYYY-MM-DD" if session.current().language == "ko" else "MM/DD/YYYY",
        key=key,
        on_change=keep,
    )


def unit(*, width: Literal["stretch"] | int = 240) -> dict[str, Any]:
    """Whole customers, or each of their sessions."""
    units = ["customer"] if log().date_only else ["customer", "session"]
    chosen = st.selectbox(
        t("controls.unit"),
        units,
        format_func=lambda name: t(f"controls.unit_{name}"),
        help=t("controls.unit_dates" if len(units) == 1 else "controls.unit_help"),
        width=width,
        **session.kept("unit", "customer", units),
    )
    return {"unit": chosen}


def flow() -> dict[str, Any]:
    """What the flow picture is of: how many steps, from or into which stage, grouped by what."""
    stages = {stage.id: stage.name for stage in session.state().stage_map.stages}
    groups = ["stage", "event", *(f"attribute:{name}" for name in log().attributes)]
    anchors = ["", *(f"{way}:{stage}" for way in (_FROM, _INTO) for stage in stages)]
    columns = st.columns([2, 2, 2, 2])
    with columns[1]:
        group = st.selectbox(
            t("controls.group"),
            groups,
            format_func=lambda name: name.split(":", 1)[1] if ":" in name else t(f"controls.group_{name}"),
            **session.kept("flows.group", "stage", groups),
        )
    with columns[0]:
        anchor = st.selectbox(
            t("controls.anchor"),
            anchors,
            format_func=lambda value: _anchor_name(value, stages),
            disabled=group != "stage",
            help=t("controls.anchor_help"),
            **session.kept("flows.anchor", "", anchors),
        )
    with columns[2]:
        steps = st.slider(t("controls.steps"), 1, _MOST_STEPS, **session.kept("flows.steps", 6))
    with columns[3]:
        chosen = unit(width="stretch")
    settings: dict[str, Any] = {"steps": steps, "group": group.split(":", 1)[-1], **chosen}
    if group == "stage" and anchor:
        way, stage = anchor.split(":", 1)
        settings["start" if way == _FROM else "into"] = stages[stage]
    if group != "stage":
        settings["nodes"] = _MOST_NODES
    return settings


def _anchor_name(value: str, stages: dict[str, str]) -> str:
    if not value:
        return t("controls.anchor_start")
    way, stage = value.split(":", 1)
    return t(f"controls.anchor_{way}", stage=stages[stage])
