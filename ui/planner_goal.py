"""What a test is judged by, on whom it is tried, and what the project's own data say of both."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import streamlit as st

from journey.aggregates.traffic import Traffic
from journey.analysis.power import Today
from journey.stages.experiment_plan import Metric, Plan, Unit
from ui import by_name, demo, presenting, session
from ui.ask import ask, counts, log
from ui.planner_draft import kept, stored
from ui.words import t

__all__ = ["Goal", "chosen", "guardrails", "is_offered"]

_OWN_SHARE, _OWN_MEAN, _REVENUE = "own_share", "own_mean", "revenue"
_EVERYBODY = "all"
_HARMS = (0.01, 0.02, 0.05, 0.1, 0.2)
_MOST_EVENTS = 200
_WINDOWS = 365


@dataclass(frozen=True)
class Goal:
    """A metric with what is known of it: from the data, or as it was typed.

    `base` is a share of the units or their mean; `n_known` is over how many of them it was counted, None
    where it was typed. `traffic` says how many come in how many weeks.
    """

    metric: Metric
    called: str
    kind: Literal["share", "mean"]
    base: float
    spread: float | None
    traffic: Traffic
    n_known: int | None
    window: int
    unit: Unit


def chosen() -> Goal:
    """The controls of what is measured, and the two numbers that everything is planned from."""
    goals = _goals()
    with st.container(horizontal=True, vertical_alignment="bottom", key=presenting.key_of("planner_goal")):
        goal = by_name.one_of("goal", t("planner.goal"), goals, _first(goals), keep=kept, width=300)
        better = st.selectbox(
            t("planner.better"),
            ["higher", "lower"],
            format_func=lambda one: t(f"planner.better_{one}"),
            width=150,
            **kept("better", "higher", ["higher", "lower"]),
        )
        start = _start(goals) if session.has_log() else None
        window = st.number_input(
            t("planner.window"),
            min_value=1,
            max_value=_WINDOWS,
            step=1,
            help=t("planner.window_help"),
            width=190,
            **kept("window", 7),
        )
        unit = _unit()
    metric = _metric(goal, better)
    if goal in (_OWN_SHARE, _OWN_MEAN):
        return _typed(metric, goals[goal], window, unit)
    found: Today = ask("today", metric=_json(metric), start=start, window=window, unit=unit)
    with st.container(key=presenting.key_of("planner_own")):
        is_own = st.toggle(
            t("planner.own_numbers"), help=t("planner.own_numbers_help"), **kept("own_numbers", False)
        )
    if is_own:
        return _typed(metric, goals[goal], window, unit)
    _told(found, unit)
    if found.base != found.base or not found.traffic.n_weeks:
        st.info(t("planner.too_short"), icon=":material/info:")
        return _typed(metric, goals[goal], window, unit)
    return _measured(metric, goals[goal], found, window, unit)


def guardrails(goal: Goal) -> tuple[Goal, ...]:
    """What must not get worse, with what the data say of it; nothing without data."""
    if not session.has_log() or presenting.is_on():
        return ()
    goals = {one: said for one, said in _goals().items() if one not in (_OWN_SHARE, _OWN_MEAN)}
    names = [one for one, said in goals.items() if said != goal.called]
    with st.expander(t("planner.guardrails"), icon=":material/shield:"):
        st.caption(t("planner.guardrails_help"))
        wanted = st.multiselect(
            t("planner.guardrails_which"),
            names,
            format_func=lambda one: demo.covered(goals[one]),
            placeholder=t("planner.nothing"),
            select_all=False,  # it speaks English only
            **kept("guardrails", [], names),
        )
        harm = st.selectbox(
            t("planner.harm"),
            _HARMS,
            format_func=lambda one: t("planner.percent", share=one),
            help=t("planner.harm_help"),
            width=200,
            **kept("harm", 0.05, _HARMS),
        )
    found = []
    start = _start_json(stored("start", _EVERYBODY))
    for one in wanted:
        metric = _metric(one, "higher", "guardrail", harm)
        known: Today = ask("today", metric=_json(metric), start=start, window=goal.window, unit=goal.unit)
        if known.base == known.base:
            found.append(_measured(metric, goals[one], known, goal.window, goal.unit))
    return tuple(found)


def _first(goals: Mapping[str, str]) -> str:
    """The stage that the project is after, else its last one."""
    goal = session.state().stage_map.goal_stage
    stages = [one for one in goals if one.startswith("stage:")]
    return (
        f"stage:{goal.id}" if goal and f"stage:{goal.id}" in goals else [*goals, *stages][-1 if stages else 0]
    )


def is_offered(metric: Metric) -> bool:
    """Can a metric be chosen on this page? Others are of files, or refined where plans are edited."""
    return metric.kind in ("conversion", "revenue") and next(iter(metric.of)) in ("stage", "event", "revenue")


def _json(metric: Metric) -> dict[str, Any]:
    found: dict[str, Any] = Plan(metrics=(metric,)).to_json()["metrics"][0]
    return found


def _start(goals: Mapping[str, str]) -> dict[str, str] | None:
    """At what people enter the test; everybody who comes where None."""
    places = [_EVERYBODY, *(one for one in goals if one.startswith(("stage:", "event:")))]
    names = {one.id: one.name for one in session.state().stage_map.stages}

    def said(one: str) -> str:
        sort, _, what = one.partition(":")
        if sort == _EVERYBODY:
            return t("planner.start_all")
        return t(f"planner.start_{sort}", name=names.get(what, what))

    chosen = by_name.one_of(
        "start",
        t("planner.start"),
        {one: said(one) for one in places},
        keep=kept,
        help=t("planner.start_help"),
        width=230,
    )
    return _start_json(chosen)


def _start_json(chosen: str) -> dict[str, str] | None:
    sort, _, what = chosen.partition(":")
    return None if sort == _EVERYBODY else {sort: what}


def _told(found: Today, unit: Unit) -> None:
    """What the data say today: the base with its interval, the traffic, and the days of both."""
    base, weekly, days = st.columns([2, 2, 3])
    form = "share" if found.kind == "share" else "amount"
    base.metric(t("planner.today_base"), t(f"planner.value_{form}", n=found.base))
    base.caption(t(f"planner.interval_{form}", low=found.low, high=found.high))
    weekly.metric(t(f"planner.today_weekly_{unit}s"), t(f"planner.number_{unit}s", n=found.traffic.a_week))
    weekly.caption(t(f"planner.today_weeks_{unit}s", n=_in_weeks(found.traffic), weeks=found.traffic.n_weeks))
    days.caption(t(f"planner.today_days_{unit}s", n=found.n, first=found.first, last=found.last))
    if found.n_unobserved:
        days.caption(t(f"planner.today_unobserved_{unit}s", n=found.n_unobserved))


def _in_weeks(traffic: Traffic) -> float:
    return float(traffic.in_weeks[-1]) if traffic.n_weeks else 0.0


def _measured(metric: Metric, called: str, found: Today, window: int, unit: Unit) -> Goal:
    return Goal(metric, called, found.kind, found.base, found.spread, found.traffic, found.n, window, unit)


def _goals() -> dict[str, str]:
    """What can be planned for, by its choice: what the data tell of, then what is typed."""
    found: dict[str, str] = {}
    if session.has_log():
        stages = session.state().stage_map.stages
        found |= {f"stage:{one.id}": t("planner.goal_stage", stage=one.name) for one in stages}
        if log().amount is not None:
            found[_REVENUE] = t("planner.goal_revenue")
        known = counts()
        names = [name for _, name in sorted(zip(known.rows, known.names, strict=True), reverse=True)]
        # What a plan names is offered however rare it is.
        wanted = {stored(one, "").removeprefix("event:") for one in ("goal", "start")}
        names = [*names[:_MOST_EVENTS], *(name for name in names[_MOST_EVENTS:] if name in wanted)]
        found |= {f"event:{name}": t("planner.goal_event", event=name) for name in names}
    return found | {one: t(f"planner.goal_{one}") for one in (_OWN_SHARE, _OWN_MEAN)}


def _unit() -> Unit:
    units = ["customer"] if session.has_log() and log().date_only else ["customer", "session"]
    found: Unit = st.selectbox(
        t("planner.unit"),
        units,
        format_func=lambda name: t(f"controls.unit_{name}"),
        help=t("planner.unit_help"),
        width=150,
        **kept("unit", "customer", units),
    )
    return found


def _typed(metric: Metric, called: str, window: int, unit: Unit) -> Goal:
    """The goal with numbers that a person brings."""
    kind: Literal["share", "mean"] = "mean" if metric.kind in ("mean", "revenue") else "share"
    spread = None
    with st.container(horizontal=True, vertical_alignment="bottom", key=presenting.key_of("planner_typed")):
        if kind == "share":
            base = (
                st.number_input(
                    t("planner.base_share"),
                    min_value=0.0,
                    max_value=100.0,
                    step=0.1,
                    format="%.2f",
                    width=190,
                    **kept("base_share", 5.0),
                )
                / 100
            )
        else:
            base = st.number_input(t("planner.base_mean"), step=1.0, width=190, **kept("base_mean", 50.0))
            spread = st.number_input(
                t("planner.base_spread"),
                min_value=0.0,
                step=1.0,
                help=t("planner.base_spread_help"),
                width=190,
                **kept("base_spread", 100.0),
            )
        weekly = st.number_input(
            t(f"planner.weekly_{unit}s"), min_value=0, step=100, width=220, **kept("weekly", 10_000)
        )
    comes = Traffic(unit, np.array([weekly] if weekly else [], dtype=np.int64))
    return Goal(metric, called, kind, base, spread, comes, None, window, unit)


def _metric(goal: str, better: Any, role: Any = "primary", margin: float = 0.0) -> Metric:
    """The metric of a choice, as the plan keeps it; what is typed is a column of the results to come."""
    sort, _, what = goal.partition(":")
    if sort == "stage":
        name = next((one.name for one in session.state().stage_map.stages if one.id == what), what)
        return Metric(_id(role, goal), "conversion", {"stage": what}, name, role, better, margin=margin)
    if sort == "event":
        return Metric(_id(role, goal), "conversion", {"event": what}, what, role, better, margin=margin)
    if goal == _REVENUE:
        return Metric(_id(role, goal), "revenue", {"revenue": True}, "", role, better, margin=margin)
    kind: Any = "conversion" if goal == _OWN_SHARE else "mean"
    return Metric(_id(role, goal), kind, {"column": t(f"planner.column_{kind}")}, "", role, better)


def _id(role: str, goal: str) -> str:
    """An id of a metric, the same for the same choice."""
    return f"{role}_{hashlib.sha256(goal.encode()).hexdigest()[:8]}"
