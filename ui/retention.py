"""The controls of the retention page."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from journey.aggregates.calendar import PERIODS, fitting_period
from journey.aggregates.cohorts import FIRST, MODES
from journey.aggregates.presence import EVENT
from journey.analysis.retention import BRACKETS, VIEWS, WITHIN_DAYS
from ui import by_name, presenting, session
from ui.ask import log, view
from ui.words import t

__all__ = ["chosen_view", "settings"]

_OFFERED_EVENTS = 200
_ACTIVE_DAYS = (7, 14, 30, 60, 90)
_VISITS = (1, 2, 3)


def chosen_view() -> str:
    """Which of the views is looked at."""
    if not presenting.is_on():
        st.segmented_control(
            t("retention.view"),
            VIEWS,
            format_func=lambda name: t(f"retention.view_{name}"),
            required=True,
            label_visibility="collapsed",
            **session.kept("retention.view", VIEWS[0], VIEWS),
        )
    stored = session.state().settings.get("retention.view")
    return stored if stored in VIEWS else VIEWS[0]


def settings(shown: str) -> dict[str, Any]:
    """What the view is of; only what makes a difference to it can be chosen."""
    chosen: dict[str, Any] = {"view": shown}
    if shown in ("cohorts", "curve", "lifecycle", "churn"):
        chosen |= _period()
    if shown in ("cohorts", "curve"):
        chosen |= _cohorts(chosen["period"] or fitting_period(view()))
    if shown == "repurchase":
        chosen |= _repurchase()
    if shown in ("churn", "path"):
        chosen["active_within_days"] = st.selectbox(
            t("retention.active"),
            _ACTIVE_DAYS,
            format_func=lambda n: t("retention.within_days", n=n),
            help=t("retention.active_help"),
            width=130,
            **session.kept("retention.active", 30, _ACTIVE_DAYS),
        )
    if shown == "path":
        chosen["last"] = st.selectbox(
            t("retention.last"),
            _VISITS,
            format_func=lambda n: t("retention.last_n", n=n),
            width=150,
            **session.kept("retention.last", 2, _VISITS),
        )
    return chosen


def _period() -> dict[str, Any]:
    own = t(f"retention.period_{fitting_period(view())}")
    chosen = st.selectbox(
        t("retention.period"),
        ["", *PERIODS],
        format_func=lambda name: (
            t(f"retention.period_{name}") if name else t("retention.period_auto", period=own)
        ),
        width=190,
        **session.kept("retention.period", "", ["", *PERIODS]),
    )
    return {"period": chosen or None}


def _cohorts(period: str) -> dict[str, Any]:
    events = _events()
    chosen: dict[str, Any] = {}
    for setting, key in (("start_event", "start"), ("return_event", "return")):
        name = by_name.one_of(f"retention.{key}", t(f"retention.{key}"), events, width=190)
        chosen[setting] = name or None
    mode = st.selectbox(
        t("retention.mode"),
        MODES,
        format_func=lambda name: t(f"retention.mode_{name}"),
        help=t("retention.mode_help"),
        width=160,
        **session.kept("retention.mode", MODES[0], MODES),
    )
    chosen["mode"] = mode
    if mode == "bracket":
        typed = st.text_input(
            t("retention.brackets"),
            placeholder=BRACKETS[period],
            help=t("retention.brackets_help"),
            max_chars=80,
            width=170,
            **session.kept("retention.brackets", ""),
        )
        chosen["brackets"] = typed.replace(" ", "") or None
    chosen["first"] = st.selectbox(
        t("retention.first"),
        FIRST,
        format_func=lambda name: t(f"retention.first_{name}"),
        help=t("retention.first_help"),
        width=160,
        **session.kept("retention.first", FIRST[0], FIRST),
    )
    return chosen


def _repurchase() -> dict[str, Any]:
    within = st.selectbox(
        t("retention.within"),
        WITHIN_DAYS,
        format_func=lambda n: t("retention.within_days", n=n),
        width=130,
        **session.kept("retention.within", 30, WITHIN_DAYS),
    )
    events = {**_events(), "": t("retention.purchase_default")}
    purchase = by_name.one_of("retention.purchase", t("retention.purchase"), events, width=210)
    return {"within_days": within, "purchase": purchase or None}


def _events() -> dict[str, str]:
    """What can be a start or a return, under the names to choose from: any event, a stage, or an event."""
    found = {"": t("retention.any")}
    for stage in session.state().stage_map.stages:
        found[stage.id] = t("retention.of_stage", name=stage.name)
    whole = log()
    often = np.argsort(-whole.event_rows, kind="stable")[:_OFFERED_EVENTS]
    for name in sorted(whole.event_names[code] for code in often):
        found[f"{EVENT}{name}"] = t("retention.of_event", name=name)
    return found
