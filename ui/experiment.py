"""The result of an experiment on the page: how it is looked at, what it says, and as a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from journey.analysis.experiment import Experiment
from journey.charts.experiment import experiment_chart
from journey.charts.experiment_words import SCALES, state_word
from journey.i18n import text
from journey.i18n.formats import arm_name, metric
from journey.stages.experiment_plan import Plan
from ui import by_name, presenting, session
from ui.answer import show
from ui.arms import arm_said
from ui.experiment_chosen import Chosen, write_down
from ui.experiment_guards import banner
from ui.navigation import page_named
from ui.plan_form import plan_form
from ui.words import sentence, t

__all__ = ["judged", "picture", "result", "settings", "table"]

_COLUMNS = (
    *("metric", "role", "arm", "n", "missing", "numerator", "denominator", "value", "value_low"),
    *("value_high", "moved", "moved_low", "moved_high", "relative", "relative_low", "relative_high"),
    *("p", "corrected", "method", "chance", "loss", "anytime_low", "anytime_high", "anytime_p"),
    *("bootstrap_low", "bootstrap_high", "scaled", "scaled_low", "scaled_high", "verdict"),
)
_ENDS = ("", "_low", "_high")
# Of amounts the largest one in a hundred is cut to the value below it, where somebody asks for that.
_CUT = 0.99
_CUTTABLE = ("mean", "revenue", "ratio")
# Of the form of a plan, what stands on this page.
_PARTS = ("about", "arms", "metrics", "size", "days")


def picture() -> Callable[..., Any]:
    """The chart with differences as they are, relative to the baseline, or for a month of everybody."""
    scale = st.segmented_control(
        t("arms.scale"),
        SCALES,
        format_func=lambda name: t(f"arms.scale_{name}"),
        required=True,
        **session.kept("experiment.view.scale", SCALES[0], SCALES),
    )
    return partial(experiment_chart, scale=scale)


def settings(chosen: Chosen) -> dict[str, Any]:
    """The plan as it is looked at: against which arm, what is cut, and what is known from before."""
    plan = chosen.plan
    with st.popover(t("arms.more"), icon=":material/tune:"):
        baseline = _baseline(plan)
        plan = _known_before(_cut(plan))
    if not presenting.is_on():
        _plan(chosen)
    return {"plan": plan.to_json(), "baseline": baseline}


def judged(answer: Experiment, settings: Mapping[str, Any]) -> Experiment:
    """The answer with what the rule says: nothing while another arm than the plan's control is the baseline.

    Better than an arm that was never the control is no reason to ship anything.
    """
    if settings["baseline"] is None:
        return answer
    guards = tuple(one for one in answer.guards if one.code != "stop_arm")
    return replace(answer, verdict=None, guards=guards)


def _baseline(plan: Plan) -> str | None:
    labels = {one.label: arm_said(plan.source, one) for one in plan.arms}
    if len(labels) < 2:
        return None
    chosen = by_name.one_of(
        "experiment.view.baseline", t("arms.baseline"), labels, help=t("arms.baseline_help")
    )
    return None if chosen == next(iter(labels)) else chosen


def _cut(plan: Plan) -> Plan:
    """The plan with the largest values cut, or without, as this person looks at it."""
    if not any(one.kind in _CUTTABLE for one in plan.metrics):
        return plan
    planned = any(one.cap for one in plan.metrics)
    cut = st.toggle(t("arms.cut"), help=t("arms.cut_help"), **session.kept("experiment.view.cut", planned))
    if cut == planned:
        return plan
    caps = {one.id: _CUT if cut and one.kind in _CUTTABLE else None for one in plan.metrics}
    return replace(plan, metrics=tuple(replace(one, cap=caps[one.id]) for one in plan.metrics))


def _known_before(plan: Plan) -> Plan:
    """The plan with what is known from before exposure used, or not, as this person looks at it."""
    if not any(one.before for one in plan.metrics):
        return plan
    if st.toggle(t("arms.cuped"), help=t("arms.cuped_help"), **session.kept("experiment.view.cuped", True)):
        return plan
    return replace(plan, metrics=tuple(replace(one, before=None) for one in plan.metrics))


def _plan(chosen: Chosen) -> None:
    """The form of the plan: arms and split, metrics and guardrails, size and days; kept for everybody."""
    with st.popover(t("arms.plan"), icon=":material/edit_note:"):
        if chosen.entry is None:
            st.caption(t("arms.plan_found"))
        plan_form(
            chosen.plan,
            lambda edit: write_down(chosen, edit(chosen.plan)),
            key=chosen.entry.id if chosen.entry else "found",
            parts=_PARTS,
        )


def result(chart: Callable[..., Any], answer: Experiment, chosen: Chosen) -> None:
    """The sentence, what it must be read with, and the chart; without arms to compare, what to do."""
    if answer.table.empty:
        st.info(sentence(answer.finding), icon=":material/info:")
        for guard in answer.guards:
            st.caption(sentence(guard.finding))
        st.page_link(page_named("data"))
        st.stop()
    show(chart, answer, key="experiment", clickable=True, between=lambda: banner(answer, chosen))


def table(answer: Experiment) -> pd.DataFrame:
    """The answer's table with the names of metrics and arms, and roles, methods and states in words."""
    language = session.current().language
    found = answer.table
    # Headings of other tables mean other things by these names.
    ours = {"difference": "moved", "lift": "relative"}
    found = found.rename(columns={f"{old}{end}": f"{new}{end}" for old, new in ours.items() for end in _ENDS})
    named = found.rename(columns={"q": "corrected"}).assign(
        metric=[metric(name or id_, language) for name, id_ in _pairs(found, "name", "metric")],
        arm=[arm_name(name or label, language) for name, label in _pairs(found, "arm_name", "arm")],
        role=[text(f"arms.role_{role}", language) for role in found["role"]],
        verdict=[text(f"arms.{state_word(state)}", language) for state in found["state"]],
        method=[text(f"arms.method_{method}", language) if method else "" for method in found["method"]],
    )
    return named[list(_COLUMNS)]


def _pairs(frame: pd.DataFrame, *names: str) -> Iterable[tuple[str, str]]:
    """The values of two columns, beside each other."""
    return frame[list(names)].itertuples(index=False, name=None)
