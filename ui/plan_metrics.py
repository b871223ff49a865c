"""The metrics of a plan: what decides, what is watched beside it, and what must not get worse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, get_args

import streamlit as st

from journey.aggregates.plan_choices import KINDS_OF, PlanChoices, begun_metric, measures_of
from journey.stages.experiment_plan import MOST_METRICS, Metric, MetricKind, Plan, Role
from ui import ask, demo, session
from ui.rule_words import place_name
from ui.words import literal, t

__all__ = ["called", "measure_said", "metric_fields"]

Kept = Callable[[str, Any, Callable[[Plan, Any], Plan]], dict[str, Any]]
Button = Callable[[str, Callable[[Plan], Plan]], dict[str, Any]]

_LONGEST_NAME = 200
_CUTS = (0.95, 0.99, 0.995, 0.999)
_NO_CUT = 1.0
_CAN_BE_CUT = ("mean", "ratio", "revenue")
_ICONS: Mapping[Role, str] = {
    "primary": ":material/star:",
    "secondary": ":material/visibility:",
    "guardrail": ":material/shield:",
}
_DAYS_BEFORE = 14


def called(metric: Metric) -> str:
    """What people call it: the name that it was given, else what it measures."""
    if metric.name:
        return metric.name
    if metric.kind == "ratio":
        return t(
            "plan_form.ratio_said", **{side: measure_said(metric.of[side]) for side in ("above", "below")}
        )
    return measure_said(metric.of)


def measure_said(of: Mapping[str, Any]) -> str:
    """What a measure reads, in words."""
    kind, what = next(iter(of.items()))
    match kind:
        case "revenue":
            return t("plan_form.of_revenue")
        case "active":
            return t("plan_form.of_active", first=what[0], last=what[1])
        case "column":
            return str(what)
        case _:
            return t(f"plan_form.of_{kind}", name=place_name({kind: what}))


def metric_fields(plan: Plan, choices: PlanChoices, kept: Kept, button: Button) -> None:
    """One expander a metric, and the place to add another."""
    options = _measures(plan, choices)
    for metric in plan.metrics:
        _metric(plan, metric, options, kept, button)
    if len(plan.metrics) < MOST_METRICS:
        _add(plan, choices, options, kept)


def _measures(plan: Plan, choices: PlanChoices) -> list[dict[str, Any]]:
    return measures_of(choices, plan, session.state().stage_map, money=_has_money(choices))


def _has_money(choices: PlanChoices) -> bool:
    return choices.is_journey and ask.choices().money


def _add(plan: Plan, choices: PlanChoices, options: list[dict[str, Any]], kept: Kept) -> None:
    if not options:
        st.caption(t("plan_form.nothing_to_measure"))
        return

    def added(now: Plan, at: int | None) -> Plan:
        if at is None:
            return now
        return replace(now, metrics=(*now.metrics, begun_metric(now, options[at], choices.place(now.source))))

    names = [demo.covered(measure_said(of)) for of in options]
    st.selectbox(
        t("plan_form.add_metric"),
        range(len(options)),
        index=None,
        format_func=names.__getitem__,
        placeholder=t("plan_form.add_metric"),
        label_visibility="collapsed",
        **kept("metric.add", None, added),
    )


def _metric(plan: Plan, metric: Metric, options: list[dict[str, Any]], kept: Kept, button: Button) -> None:
    label = f"{_ICONS[metric.role]} {literal(called(metric))} :gray[· {t(f'plan_form.kind_{metric.kind}')}]"

    def field(name: str, value: Any, edit: Callable[[Metric, Any], Metric]) -> dict[str, Any]:
        return kept(f"metric.{metric.id}.{name}", value, lambda now, one: _with(now, metric.id, edit, one))

    with st.expander(label, key=kept(f"metric.{metric.id}", None, lambda now, _: now)["key"] + ".open"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            _what(metric, options, field)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            _how(metric, field, lambda role: _in_role(metric.id, role), kept)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            _beside(metric, options, field)
            st.button(
                t("plan_form.drop_metric"),
                icon=":material/delete:",
                type="tertiary",
                **button(f"metric.{metric.id}.drop", lambda now: _dropped(now, metric.id)),
            )


def _with(plan: Plan, id_: str, edit: Callable[[Metric, Any], Metric], value: Any) -> Plan:
    return replace(plan, metrics=tuple(edit(one, value) if one.id == id_ else one for one in plan.metrics))


def _dropped(plan: Plan, id_: str) -> Plan:
    return replace(plan, metrics=tuple(one for one in plan.metrics if one.id != id_))


def _in_role(id_: str, role: Role) -> Callable[[Plan], Plan]:
    """The plan with the metric in this role: only one decides."""

    def changed(plan: Plan) -> Plan:
        def of(one: Metric) -> Role:
            if one.id == id_:
                return role
            return "secondary" if role == one.role == "primary" else one.role

        return replace(plan, metrics=tuple(replace(one, role=of(one)) for one in plan.metrics))

    return changed


# ---- the fields of one ----------------------------------------------------------------------------------


def _what(metric: Metric, options: list[dict[str, Any]], field: Any) -> None:
    """Its name, its kind, and what it is read from."""
    st.text_input(
        t("plan_form.metric_name"),
        max_chars=_LONGEST_NAME,
        placeholder=demo.covered(called(replace(metric, name=""))),
        width=240,
        **field("name", metric.name, lambda one, text: replace(one, name=text.strip())),
    )
    kinds = [kind for kind in get_args(MetricKind) if kind == metric.kind or _fitting(kind, options)]
    st.selectbox(
        t("plan_form.kind"),
        kinds,
        format_func=lambda kind: t(f"plan_form.kind_{kind}"),
        help=t("plan_form.kind_help"),
        width=200,
        **field("kind", metric.kind, lambda one, kind: _of_kind(one, kind, options)),
    )
    if metric.kind == "ratio":
        for side in ("above", "below"):
            _measure(metric, side, options, field)
    else:
        _measure(metric, None, options, field)


def _fitting(kind: MetricKind, options: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [of for of in options if next(iter(of)) in KINDS_OF[kind]]


def _of_kind(metric: Metric, kind: MetricKind, options: list[dict[str, Any]]) -> Metric:
    """The metric as another kind, from the same measure where that can be, else from the first that fits."""
    fitting = _fitting(kind, options)
    if not fitting:
        return metric
    old = metric.of["above"] if metric.kind == "ratio" else metric.of
    of = old if next(iter(old)) in KINDS_OF[kind] else fitting[0]
    below = next((one for one in fitting if one != of), of)
    cap = metric.cap if kind in _CAN_BE_CUT else None
    return replace(metric, kind=kind, of={"above": of, "below": below} if kind == "ratio" else of, cap=cap)


def _measure(metric: Metric, side: str | None, options: list[dict[str, Any]], field: Any) -> None:
    now = dict(metric.of[side]) if side else dict(metric.of)
    fitting = _fitting(metric.kind, options)
    shown = {"active": next((one["active"] for one in fitting if "active" in one), [1, 7])}
    is_days = "active" in now
    at = shown if is_days else now
    if at not in fitting:
        fitting = [at, *fitting]

    def read(one: Metric, place: int) -> Metric:
        of = fitting[place]
        return replace(one, of={**one.of, side: of} if side else of)

    names = [t("plan_form.of_active_any") if "active" in of else measure_said(of) for of in fitting]
    st.selectbox(
        t(f"plan_form.measure_{side}" if side else "plan_form.measure"),
        range(len(fitting)),
        format_func=names.__getitem__,
        width=260,
        **field(f"of.{side or 'measure'}", fitting.index(at), read),
    )
    if is_days:
        _active(list(now["active"]), field)


def _active(days: list[float], field: Any) -> None:
    """From which day after the exposure until which somebody has to come back."""
    for place, name in enumerate(("first", "last")):

        def moved(one: Metric, day: int, place: int = place) -> Metric:
            ends = list(one.of["active"]) if "active" in one.of else days
            ends[place] = int(day)
            if ends[0] >= ends[1]:
                ends[1 - place] = ends[place] + (1 if place == 0 else -1)
            return replace(one, of={"active": ends})

        st.number_input(
            t(f"plan_form.active_{name}"),
            min_value=place,
            max_value=3659 + place,
            step=1,
            width=140,
            **field(f"active.{name}", int(days[place]), moved),
        )


def _how(metric: Metric, field: Any, in_role: Callable[[Role], Callable[[Plan], Plan]], kept: Kept) -> None:
    """Its role and direction, and of a guardrail how much worse it may be."""
    st.segmented_control(
        t("plan_form.role"),
        get_args(Role),
        format_func=lambda role: t(f"plan_form.role_{role}"),
        required=True,
        **kept(f"metric.{metric.id}.role", metric.role, lambda now, role: in_role(role)(now)),
    )
    st.segmented_control(
        t("plan_form.better"),
        ("higher", "lower"),
        format_func=lambda one: t(f"plan_form.better_{one}"),
        required=True,
        **field("better", metric.better, lambda one, way: replace(one, better=way)),
    )
    if metric.role == "guardrail":
        st.number_input(
            t("plan_form.margin"),
            min_value=0.0,
            max_value=1000.0,
            step=0.5,
            format="%g",
            help=t("plan_form.margin_help"),
            width=190,
            **field("margin", round(metric.margin * 100, 9), lambda one, x: replace(one, margin=x / 100)),
        )


def _beside(metric: Metric, options: list[dict[str, Any]], field: Any) -> None:
    """What is known from before, and where large values are cut."""
    now = None if metric.before is None else dict(metric.before)
    days = {"days": now["days"] if now and "days" in now else _DAYS_BEFORE}
    columns = [{"column": of["column"]} for of in options if "column" in of]
    is_log = any("column" not in of for of in options)
    before: list[dict[str, Any] | None] = [
        None,
        *([days] if is_log or (now and "days" in now) else []),
        *columns,
    ]
    if now not in before:
        before.append(now)
    st.selectbox(
        t("plan_form.before"),
        range(len(before)),
        format_func=lambda at: _before_said(before[at]),
        help=t("plan_form.before_help"),
        width=260,
        **field("before", before.index(now), lambda one, at: replace(one, before=before[at])),
    )
    if now and "days" in now:
        st.number_input(
            t("plan_form.before_days"),
            min_value=1,
            max_value=3660,
            step=1,
            width=140,
            **field("before.days", int(now["days"]), lambda one, n: replace(one, before={"days": int(n)})),
        )
    if metric.kind in _CAN_BE_CUT:
        cuts = [_NO_CUT, *sorted({*_CUTS, metric.cap or _CUTS[0]}, reverse=True)]
        st.selectbox(
            t("plan_form.cap"),
            cuts,
            format_func=lambda cut: (
                t("plan_form.cap_none") if cut == _NO_CUT else t("plan_form.cap_at", share=1 - cut)
            ),
            help=t("plan_form.cap_help"),
            width=190,
            **field(
                "cap",
                metric.cap or _NO_CUT,
                lambda one, cut: replace(one, cap=None if cut == _NO_CUT else cut),
            ),
        )


def _cut(metric: Metric, cut: float) -> Metric:
    return replace(metric, cap=None if cut == _NO_CUT else cut)


def _before_said(before: Mapping[str, Any] | None) -> str:
    if before is None:
        return t("plan_form.before_none")
    return t("plan_form.before_log") if "days" in before else demo.covered(str(before["column"]))
