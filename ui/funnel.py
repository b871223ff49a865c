"""The controls of the funnel, what can be looked at between its steps, and the people of its bars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from journey.aggregates.calendar import PERIODS, fitting_period
from journey.aggregates.exposed import ARM
from journey.aggregates.funnel_plan import ENTRIES, EVENT, FIRSTS, MOST_FUNNEL_STEPS, ORDERS
from journey.analysis.funnel import Funnel
from journey.charts.funnel import mark_of
from journey.charts.funnel_views import (
    funnel_after,
    funnel_breakdown,
    funnel_compared,
    funnel_times,
    funnel_trend,
)
from journey.events.log import EventLog
from journey.i18n.formats import span
from journey.stages.experiment_plan import MOST_ARMS
from ui import arms, by_name, controls, presenting, session, step_order
from ui.ask import ASSIGNED, ask, log
from ui.people import funnel_panel
from ui.picture import picture
from ui.tables import show_table
from ui.words import t

__all__ = ["controls_of", "details", "panel", "steps_of", "unpick_lost"]

# 0: without end; below a day only where times are known.
_HOURS = (1 / 24, 6 / 24)
_DAYS = (1.0, 3.0, 7.0, 14.0, 30.0, 60.0, 90.0, 180.0, 365.0, 0.0)
_OUTCOMES = ("reached", "continued", "lost")
_MOST_DRIVERS = 20
_LEAST_Q = 0.001


def steps_of() -> list[str]:
    """Which steps the funnel has, in which order: chosen among stages and events."""
    return step_order.choose("funnel.steps", MOST_FUNNEL_STEPS, "funnel")


def controls_of(steps: list[str]) -> dict[str, Any]:
    """How the steps are followed: window, unit, order, entry, exclusions, and what to tell apart."""
    known = log()
    step_order.arrange("funnel.steps", steps, "funnel")
    days = _DAYS if known.date_only else (*_HOURS, *_DAYS)
    window = st.selectbox(
        t("funnel.window"),
        days,
        format_func=lambda n: span(n * 86_400, session.current().language) if n else t("funnel.endless"),
        help=t("funnel.window_dates" if known.date_only else "funnel.window_help"),
        width=150,
        **session.kept("funnel.window", 30.0, days),
    )
    settings: dict[str, Any] = {"steps": steps, "window_days": window or None, **controls.unit()}
    settings |= _apart(known)
    with st.popover(t("funnel.more"), icon=":material/tune:"):
        settings |= _modes(steps)
        periods = list(PERIODS)
        settings["every"] = st.selectbox(
            t("funnel.every"),
            periods,
            format_func=lambda name: t(f"funnel.every_{name}"),
            **session.kept("funnel.every", fitting_period(known), periods),
        )
    return settings


def _apart(known: EventLog) -> dict[str, Any]:
    """By what customers are told apart: an attribute, or the arm of an experiment."""
    tested, tests = arms.known(), arms.offered()
    options = ["", *known.attributes, *tests]
    by = st.selectbox(
        t("funnel.by"),
        options,
        format_func=lambda one: tests.get(one, one) or t("funnel.by_nothing"),
        width=190,
        **session.kept("funnel.by", "", options),
    )
    if by not in tested:
        return {"by": by or None}
    one = tested[by]
    return {
        "by": ARM,
        "base": arms.label_shown(one, one.arms[0]),
        "most": MOST_ARMS,
        **arms.assigned_to(one, "funnel"),
    }


def _modes(steps: list[str]) -> dict[str, Any]:
    apart = _share_nothing(steps)
    orders = [one for one in ORDERS if apart or one != "any"]
    order = st.selectbox(
        t("funnel.order"),
        orders,
        format_func=lambda name: t(f"funnel.order_{name}"),
        help=t("funnel.order_help" if apart else "funnel.order_shared"),
        **session.kept("funnel.order", "ordered", orders),
    )
    entry = st.selectbox(
        t("funnel.entry"),
        ENTRIES,
        format_func=lambda name: t(f"funnel.entry_{name}"),
        disabled=order == "any",
        help=t("funnel.entry_help"),
        **session.kept("funnel.entry", "closed", ENTRIES),
    )
    first = st.selectbox(
        t("funnel.first"),
        FIRSTS,
        format_func=lambda name: t(f"funnel.first_{name}"),
        help=t("funnel.first_help"),
        **session.kept("funnel.first", "matching", FIRSTS),
    )
    free = [one for one in step_order.options() if _share_nothing([*steps, one], among=steps)]
    exclude = st.multiselect(
        t("funnel.exclude"),
        free,
        format_func=step_order.called,
        placeholder=t("funnel.exclude_none"),
        help=t("funnel.exclude_help"),
        select_all=False,
        **session.kept("funnel.exclude", [], free),
    )
    return {"order": order, "entry": entry, "first": first, "exclude": exclude}


def _share_nothing(steps: list[str], among: list[str] | None = None) -> bool:
    """Does no event serve two of these steps? With `among`: does the last one serve none of those?"""
    stages = session.state().stage_map
    chosen = steps or [stage.id for stage in stages.stages]

    def events(step: str) -> set[str]:
        if step.startswith(EVENT):
            return {step.removeprefix(EVENT)}
        return {name for name in log().event_names if stages.stage_of(name) == step}

    if among is not None:
        others = among or [stage.id for stage in stages.stages]
        return not events(chosen[-1]) & set().union(*(events(one) for one in others))
    every = [name for step in chosen for name in events(step)]
    return len(every) == len(set(every))


# ---- the people of a bar ---------------------------------------------------------------------------------


def _marks(answer: Funnel) -> dict[str, str]:
    """Everything that can be picked, by its id, under a name that can be read and typed."""
    names: dict[str, str] = {}
    for row in answer.table.itertuples(index=False):
        name, last = _step_name(answer, row), row.step == len(answer.table)
        sizes = {"reached": row.customers, "lost": row.lost, "continued": row.customers - row.lost}
        for outcome in _OUTCOMES[:1] if last else _OUTCOMES:
            amount = t(f"charts.amount_{answer.unit}s", n=round(sizes[outcome]))
            said = t(f"funnel.pick_{outcome}", name=f"{row.step}. {name}")
            names[mark_of(int(row.step), outcome)] = f"{said} · {amount}"
    return names


def _step_name(answer: Funnel, row: Any) -> str:
    if answer.setting["order"] == "any":
        return t("funnel.any_steps", n=int(row.step))
    return str(row.name)


def unpick_lost(answer: Funnel) -> None:
    """Let go of what is picked when the answer, after a change of the controls, has it no more."""
    if session.picked("funnel").id not in _marks(answer):
        session.pick("funnel", None)


def panel(answer: Funnel, settings: Mapping[str, Any]) -> None:
    """Who reached the bar that was clicked or chosen by name, who continued from there, and who did not."""
    names = _marks(answer)
    picked = by_name.mark("funnel", t("funnel.pick"), names, t("funnel.pick_hint"))
    if picked is None:
        return
    outcome, _, step = picked.partition(".")
    _switch(answer, int(step), outcome)
    place = {"step": int(step), "outcome": outcome}
    asked = {ASSIGNED: settings[ASSIGNED]} if settings.get(ASSIGNED) else {}
    heading = names[picked].rpartition(" · ")[0]
    funnel_panel(place, {**answer.setting, **asked}, heading, of=answer.n_customers)


def _switch(answer: Funnel, step: int, outcome: str) -> None:
    """From those who reached a step to those who continued, or did not, in one click."""
    if step == len(answer.table) or presenting.is_on():
        return
    key = session.widget_key("funnel.outcome")
    session.put(key, outcome)
    st.segmented_control(
        t("funnel.outcome"),
        _OUTCOMES,
        format_func=lambda one: t(f"funnel.outcome_{one}"),
        label_visibility="collapsed",
        key=key,
        on_change=lambda: session.pick("funnel", mark_of(step, session.widget(key) or outcome)),
    )


# ---- between two steps -----------------------------------------------------------------------------------


def details(answer: Funnel, settings: Mapping[str, Any]) -> None:
    """What the lost did next, how long it took, what goes with continuing; the trend, and groups."""
    if presenting.is_on():
        return
    language, dark = session.current().language, session.is_dark()
    look: dict[str, Any] = {"language": language, "dark": dark}
    names = ["after", "times", "drivers", "trend", *(["groups"] if settings["by"] else [])]
    if settings.get(ASSIGNED):
        names = ["arms", *names[:-1]]
    if len(answer.table) < 2:
        names = [name for name in names if name in ("arms", "trend", "groups")]
    else:
        step = _between(answer)
    for name, tab in zip(names, st.tabs([t(f"funnel.tab_{name}") for name in names]), strict=True):
        with tab:
            if name == "after":
                _after(answer, step, look)
            elif name == "times":
                _times(answer, step, look)
            elif name == "drivers":
                _drivers(settings, step)
            elif name == "arms":
                _by_arm(answer, settings, look)
            elif name == "trend":
                picture(funnel_trend(answer, **look), key="funnel_trend")
                st.caption(t("funnel.trend_caption"))
                show_table(_named_days(answer.trend), key="funnel_trend_table")
            else:
                picture(funnel_breakdown(answer, **look), key="funnel_groups")
                st.caption(t("funnel.groups_caption"))
                show_table(_named_values(answer.breakdown), key="funnel_groups_table")


def _between(answer: Funnel) -> int:
    """Which pair of steps is looked at: the one of the picked bar, else as chosen, else the largest loss."""
    rows = list(answer.table.itertuples(index=False))
    steps = [int(row.step) for row in rows[:-1]]
    # As the sentence above says it.
    worst = min(steps, key=lambda step: (rows[step].previous_high, step))
    kept = session.kept("funnel.between", worst, steps)
    picked = session.picked("funnel").id
    if picked is not None:
        session.put(kept["key"], min(int(picked.partition(".")[2]), steps[-1]))
    step: int = st.selectbox(
        t("funnel.between_label"),
        steps,
        format_func=lambda one: t(
            "funnel.from_to",
            source=_step_name(answer, rows[one - 1]),
            target=_step_name(answer, rows[one]),
        ),
        disabled=picked is not None,
        help=t("funnel.between_help"),
        width=360,
        **kept,
    )
    return step


def _after(answer: Funnel, step: int, look: Mapping[str, Any]) -> None:
    groups = ["event", "stage"]
    group = st.segmented_control(
        t("controls.group"),
        groups,
        format_func=lambda one: t(f"controls.group_{one}"),
        label_visibility="collapsed",
        **session.kept("funnel.after", "event", groups),
    )
    chart = funnel_after(answer, step=step, group=group or "event", **look)
    picture(chart, key="funnel_after")
    st.caption(t("funnel.after_caption"))


def _times(answer: Funnel, step: int, look: Mapping[str, Any]) -> None:
    row = answer.table.iloc[step]
    if row["median_seconds"] == row["median_seconds"]:
        language = session.current().language
        columns = st.columns(2)
        columns[0].metric(t("funnel.median"), span(row["median_seconds"], language))
        columns[1].metric(t("funnel.p90"), span(row["p90_seconds"], language))
    picture(funnel_times(answer, step=step + 1, **look), key="funnel_times")


def _drivers(settings: Mapping[str, Any], step: int) -> None:
    st.caption(t("funnel.drivers_caption"))
    if not st.toggle(t("funnel.drivers_on"), **session.kept("funnel.drivers", False)):
        return
    with st.spinner(t("funnel.drivers_wait")):
        found: Funnel = ask("funnel", **{**settings, "driven": step})
    if found.drivers.empty:
        st.info(t("funnel.drivers_none"))
        return
    clear = int(found.drivers["clear"].sum())
    st.markdown(t("funnel.drivers_clear", n=clear, of=len(found.drivers)))
    show_table(_named_features(found.drivers.head(_MOST_DRIVERS)), key="funnel_drivers")
    st.caption(t("funnel.drivers_left", n=len(found.left_out)))


def _by_arm(answer: Funnel, settings: Mapping[str, Any], look: Mapping[str, Any]) -> None:
    """How many of all who were assigned to each arm came to each step, and how far apart that is."""
    one = arms.known()[arms.choice(settings[ASSIGNED]["experiment"])]
    names = {arms.label_shown(one, arm): arms.arm_said(one.source, arm) for arm in one.arms}
    picture(funnel_compared(answer, called=names, **look), key="funnel_arms")
    st.caption(t("funnel.arms_caption", base=names[settings["base"]]))
    st.dataframe(
        _beside(answer, settings["base"], names), hide_index=True, height="content", key="funnel_apart"
    )
    st.caption(f":material/info: {t('journeys.descriptive')}")


def _beside(answer: Funnel, base: str, names: Mapping[str, str]) -> pd.DataFrame:
    """A row a step, with each arm's share of all assigned to it, and its difference from the base."""
    rows: dict[int, dict[str, str]] = {}
    for one in answer.compared.itertuples(index=False):
        name = t("journeys.arm", name=names.get(one.value, one.value))
        line = rows.setdefault(one.step, {t("column.name"): _step_name(answer, one)})
        line[name] = t("comparison.glance_share", share=one.share, k=one.customers, n=one.n)
    for one in answer.compared[answer.compared["value"] != base].itertuples(index=False):
        heading = t("journeys.against", name=names.get(one.value, one.value), base=names.get(base, base))
        apart = {"difference": one.against, "low": one.against_low, "high": one.against_high}
        rows[one.step][heading] = t("comparison.difference", **apart) if one.n else "–"
    return pd.DataFrame(list(rows.values()))


def _named_days(trend: pd.DataFrame) -> pd.DataFrame:
    days = [str(day)[:10] for day in trend["day"]]
    return trend.assign(day=days).drop(columns="complete")


def _named_features(drivers: pd.DataFrame) -> pd.DataFrame:
    names = [_feature(row) for row in drivers.itertuples(index=False)]
    shown = drivers[["share_with", "share_without", "n_with", "odds_ratio", "low", "high", "q"]]
    ratios = ["odds_ratio", "low", "high", "q"]
    rounded = shown[ratios[:3]].astype(float).round(2)
    rounded = rounded.rename(columns={"low": "odds_low", "high": "odds_high"})
    rounded["q"] = [f"{q:.3f}" if q >= _LEAST_Q else f"< {_LEAST_Q}" for q in shown["q"]]
    return pd.concat(
        [pd.Series(names, index=shown.index, name="name", dtype="str"), shown.drop(columns=ratios), rounded],
        axis="columns",
    )


def _feature(row: Any) -> str:
    more = row.above == row.above
    code = f"funnel.feature_{row.kind}{'_above' if more and row.kind not in ('visits', 'days') else ''}"
    return t(
        code, name=row.name, value=row.value or t("controls.missing"), above=f"{row.above:g}" if more else ""
    )


def _named_values(table: pd.DataFrame) -> pd.DataFrame:
    kinds = {kind: t(f"charts.kind_{kind}") for kind in ("missing", "other")}
    values = [kinds.get(row.kind, row.value) for row in table.itertuples(index=False)]
    return table.assign(value=values).drop(columns="kind")
