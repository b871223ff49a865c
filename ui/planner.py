"""Plan a test: the smallest effect worth having or the weeks that there are, and what follows from it."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import streamlit as st

from journey.analysis.power import Power, power
from journey.charts.power import curve, effect_said, power_chart
from journey.projects.register import Entry
from journey.stages.experiment_plan import Arm, Metric, Plan
from ui import (
    controls,
    demo,
    journey_card_trial,
    map_origins,
    planner_draft,
    planner_goal,
    presenting,
    session,
)
from ui.answer import row
from ui.picture import picture
from ui.planner_draft import kept, merged
from ui.planner_goal import Goal
from ui.tables import show_table
from ui.veil import veiled
from ui.words import literal, md, sentence, t

__all__ = ["Planned", "about", "answered", "counted", "filters", "keep", "shown"]

_MODES = ("size", "effect")
_VIEWS = ("weeks", "power")
_ALPHAS = (0.01, 0.05, 0.1)
_POWERS = (0.8, 0.9, 0.95)
_GUARDRAIL_NAMES = {"name": "guardrail", "base": "now", "smallest": "harm_seen"}
_LONGEST_NAME, _LONGEST_TEXT = 120, 2_000


def about() -> Entry | None:
    """Which test it is, what it is called, and what is believed to happen."""
    with st.container(key=presenting.key_of("planner_about")):
        opened = planner_draft.chosen_entry()
        if opened is not None:
            map_origins.told(opened.id, "planner")
            journey_card_trial.told(opened)
        if demo.is_on():
            # What people wrote may name somebody.
            for wrote in ("name", "hypothesis"):
                if text := planner_draft.stored(wrote, ""):
                    st.markdown(literal(veiled(text)))
            return opened
        st.text_input(
            t("planner.name"),
            placeholder=t("planner.name_hint"),
            max_chars=_LONGEST_NAME,
            **kept("name", ""),
        )
        st.text_area(
            t("planner.hypothesis"),
            placeholder=t("planner.hypothesis_hint"),
            max_chars=_LONGEST_TEXT,
            height=80,
            **kept("hypothesis", ""),
        )
    return opened


def filters() -> None:
    """Whose numbers it is planned from, where the project has a log."""
    data = session.state().data
    if data is None or data.fingerprint is None:
        st.caption(t("planner.without_data"))
        return
    with row():
        controls.filters()
    controls.narrowed()


@dataclass(frozen=True)
class Planned:
    """The answer with what it was made from: its arms, and was the effect said relative to the base?"""

    power: Power
    arms: tuple[Arm, ...]
    is_relative: bool


def answered(goal: Goal, others: Sequence[Goal]) -> Planned:
    """The controls of size and length, and what follows from them."""
    with st.container(key=presenting.key_of("planner_mode")):
        mode = st.segmented_control(
            t("planner.mode"),
            _MODES,
            format_func=lambda name: t(f"planner.mode_{name}"),
            required=True,
            label_visibility="collapsed",
            **kept("mode", _MODES[0], _MODES),
        )
    with st.container(horizontal=True, vertical_alignment="bottom", key=presenting.key_of("planner_size")):
        wanted: dict[str, Any]
        is_relative = False
        if mode == _MODES[1] and goal.traffic.n_weeks:
            wanted = {"weeks": _weeks()}
        else:
            smallest, is_relative = _smallest(goal)
            wanted = {"smallest": smallest}
        starts = planner_draft.day()
        arms = planner_draft.arms()
        alpha, wished = _strictness()
    if mode == _MODES[1] and not goal.traffic.n_weeks:
        st.caption(t("planner.mode_needs_weekly"))
    answer = power(
        kind=goal.kind,
        base=goal.base,
        spread=goal.spread,
        traffic=goal.traffic,
        n_known=goal.n_known,
        arms=arms,
        better=goal.metric.better,
        alpha=alpha,
        wished=wished,
        starts=starts,
        window=goal.window,
        guardrails=[_guardrail(one) for one in others],
        unit=goal.unit,
        **wanted,
    )
    return Planned(answer, arms, is_relative)


def _guardrail(goal: Goal) -> dict[str, Any]:
    return {
        "name": goal.called,
        "kind": goal.kind,
        "base": goal.base,
        "spread": goal.spread,
        "margin": goal.metric.margin,
        "better": goal.metric.better,
    }


def _weeks() -> int:
    found: int = st.slider(
        t("planner.weeks"), min_value=1, max_value=26, width=260, **kept("weeks", 4, range(1, 27))
    )
    return found


def _smallest(goal: Goal) -> tuple[float, bool]:
    """The smallest effect worth having, absolute, and whether it was said relative to the base."""
    ways = ["relative", "absolute"] if goal.base else ["absolute"]
    way = st.selectbox(
        t("planner.effect_as"),
        ways,
        format_func=lambda name: t(f"planner.effect_{name}_{goal.kind}"),
        width=170,
        **kept("effect_as", ways[0], ways),
    )
    help_ = t("planner.smallest_help")
    if way == "relative":
        part = st.slider(
            t("planner.smallest_relative"),
            min_value=0.5,
            max_value=100.0,
            step=0.5,
            format="%.1f%%",
            help=help_,
            width=300,
            **kept("smallest_relative", 10.0),
        )
        return abs(goal.base) * part / 100, True
    if goal.kind == "share":
        points = st.slider(
            t("planner.smallest_points"),
            min_value=0.05,
            max_value=20.0,
            step=0.05,
            format="%.2f",
            help=help_,
            width=300,
            **kept("smallest_points", 1.0),
        )
        return points / 100, False
    much = st.number_input(
        t("planner.smallest_amount"),
        min_value=0.01,
        step=1.0,
        help=help_,
        width=220,
        **kept("smallest_amount", 5.0),
    )
    return float(much), False


def _strictness() -> tuple[float, float]:
    with st.popover(t("planner.strictness"), icon=":material/tune:"):
        alpha = st.selectbox(
            t("planner.alpha"),
            _ALPHAS,
            format_func=lambda one: t("planner.percent", share=one),
            help=t("planner.alpha_help"),
            **kept("alpha", 0.05, _ALPHAS),
        )
        wished = st.selectbox(
            t("planner.power"),
            _POWERS,
            format_func=lambda one: t("planner.percent", share=one),
            help=t("planner.power_help"),
            **kept("power", 0.8, _POWERS),
        )
    return float(alpha), float(wished)


def shown(planned: Planned, others: Sequence[Goal]) -> None:
    """The sentence, the four numbers, what to beware of, and the picture."""
    answer = planned.power
    st.markdown(f"**{sentence(answer.finding)}**")
    if answer.headline is not None:
        _numbers(answer)
    for note in answer.notes:
        if note.code.startswith("planner.warn_"):
            st.warning(sentence(note), icon=":material/warning:")
    if answer.headline is None:
        return
    if not answer.guardrails.empty:
        st.caption(t("planner.guardrails_seen"))
        rows = answer.guardrails.rename(columns=_GUARDRAIL_NAMES)
        forms = ["share" if one.kind == "share" else "amount" for one in others]
        said = [t(f"planner.value_{form}", n=n) for form, n in zip(forms, rows["now"], strict=True)]
        show_table(rows.assign(now=said), key="planner_guardrails")
    view = _VIEWS[0]
    if not presenting.is_on():
        view = st.segmented_control(
            t("planner.view"),
            _VIEWS,
            format_func=lambda name: t(f"planner.view_{name}"),
            required=True,
            label_visibility="collapsed",
            **kept("view", _VIEWS[0], _VIEWS),
        )
    look: dict[str, Any] = {"language": session.current().language, "dark": session.is_dark()}
    drawn = (curve if view == _VIEWS[1] else power_chart)(answer, **look, **presenting.chart_height())
    with st.container(key="chart_planner"):
        picture(drawn, key=f"planner.{view}")


def _numbers(answer: Power) -> None:
    language = session.current().language
    # A day is the longest of the four.
    columns = st.columns([3, 3, 3, 5])
    sizes = answer.sizes
    is_even = sizes["n"].nunique() == 1
    label = t(f"planner.metric_{'arm' if is_even else 'largest'}_{answer.unit}s")
    columns[0].metric(label, t(f"planner.number_{answer.unit}s", n=sizes["n"].max()))
    each = [md("planner.metric_each", arm=arm, n=n) for arm, n in zip(sizes["arm"], sizes["n"], strict=True)]
    in_all = t(f"planner.metric_all_{answer.unit}s", n=answer.n, arms=len(sizes))
    columns[0].caption(in_all if is_even else f"{in_all}: {' · '.join(each)}")
    much = effect_said(answer, answer.effect, math.nan, language)
    is_relative = answer.relative == answer.relative
    shown = t("planner.value_share", n=answer.relative) if is_relative else much
    columns[1].metric(t("planner.metric_effect"), shown)
    columns[1].caption(t("planner.metric_from", base=_base_said(answer), effect=much))
    if answer.weeks == answer.weeks:
        columns[2].metric(t("planner.metric_weeks"), t("planner.weeks_n", n=int(answer.weeks)))
        if answer.weeks_high == answer.weeks_high and answer.weeks_low < answer.weeks_high:
            span = t("planner.weeks_span", low=int(answer.weeks_low), high=int(answer.weeks_high))
            columns[2].caption(span)
    if answer.done is not None:
        columns[3].metric(t("planner.metric_done"), t("planner.day", day=answer.done))
        columns[3].caption(t("planner.metric_last", last=answer.last))


def _base_said(answer: Power) -> str:
    if answer.kind == "share":
        return t("planner.percent", share=answer.base)
    return t("planner.amount", n=answer.base)


def keep(opened: Entry | None, goal: Goal, others: Sequence[Goal], planned: Planned) -> None:
    """The button that writes down the plan that all this makes."""
    answer, is_relative = planned.power, planned.is_relative
    fields = {
        "name": planner_draft.stored("name", "").strip(),
        "hypothesis": planner_draft.stored("hypothesis", "").strip(),
        "unit": goal.unit,
        "window": float(goal.window) or None,
        "arms": [_arm_json(one, opened) for one in planned.arms],
        "metrics": _metrics(opened, [goal.metric, *(one.metric for one in others)]),
        "starts": answer.starts and answer.starts.isoformat(),
        "ends": answer.last and answer.last.isoformat(),
        "planned": int(answer.n) if answer.n == answer.n and answer.n > 0 else None,
        "smallest": _smallest_kept(answer, is_relative),
        "is_relative": is_relative,
        "alpha": planner_draft.stored("alpha", 0.05),
        "power": planner_draft.stored("power", 0.8),
    }
    if opened is None:
        fields["source"] = {"records": fields["name"] or None}
    plan = merged(opened, fields)
    if not presenting.is_on():
        planner_draft.keep(opened, plan)


def counted(planned: Planned) -> None:
    """How it was computed, what limits it, and the table behind the picture."""
    if presenting.is_on():
        return
    answer = planned.power
    with st.expander(t("app.how_counted")):
        st.markdown(t("page.planner.counted"))
        for note in answer.notes:
            if not note.code.startswith("planner.warn_"):
                st.markdown(f"- {sentence(note)}")
    if not answer.table.empty:
        with st.expander(t("app.table")):
            show_table(_table(answer), key="planner_table")


def _table(answer: Power) -> pd.DataFrame:
    """The rows as they are shown: without what is not known."""
    names = {"smallest": "smallest_effect", "relative": "smallest_relative", "n": "units", "ends": "last_day"}
    table = answer.table.dropna(axis="columns", how="all")
    return table.rename(columns=names)


def _arm_json(arm: Arm, opened: Entry | None) -> dict[str, Any]:
    """The arm with the name that somebody gave it elsewhere."""
    known = {} if opened is None else {one.label: one.name for one in opened.plan.arms}
    return {"label": arm.label, "name": known.get(arm.label, arm.name), "weight": arm.weight}


def _metrics(opened: Entry | None, chosen: Sequence[Metric]) -> list[dict[str, Any]]:
    """The metrics of this page, as they were refined elsewhere, and then those that it knows nothing of."""
    before = () if opened is None else opened.plan.metrics
    by_measure = {_measure(one): one for one in before}
    primary = None if opened is None else opened.plan.primary
    found = []
    for one in chosen:
        known = by_measure.pop(_measure(one), None)
        if known is None and one.role == "primary" and primary is not None and _is_of_file(one, primary):
            # It is planned with typed numbers, and judged by the column that somebody chose.
            known = by_measure.pop(_measure(primary), None)
        if known is not None:
            one = replace(known, role=one.role, better=one.better, margin=one.margin or known.margin)
        found.append(one)
    others = [
        one for one in by_measure.values() if one.role == "secondary" or not planner_goal.is_offered(one)
    ]
    others = [replace(one, role="secondary") if one.role == "primary" else one for one in others]
    ids = [one.id for one in found]
    metrics: list[dict[str, Any]] = Plan(
        metrics=(*found, *(one for one in others if one.id not in ids))
    ).to_json()["metrics"]
    return metrics


def _measure(metric: Metric) -> str:
    return json.dumps([metric.kind, dict(metric.of)], sort_keys=True)


def _is_of_file(chosen: Metric, known: Metric) -> bool:
    """Is the one what stands for the other while its numbers are typed?"""
    return not planner_goal.is_offered(chosen) and not planner_goal.is_offered(known)


def _smallest_kept(answer: Power, is_relative: bool) -> float | None:
    effect = answer.relative if is_relative else answer.effect
    return None if math.isnan(effect) or effect <= 0 else float(f"{effect:.4g}")
