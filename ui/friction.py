"""Controls of the friction score, the reasons line by line, and who is behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from journey.analysis.friction import Friction
from ui import by_name, causes, controls, presenting, session
from ui.ask import log
from ui.people import rule_panel
from ui.words import literal, sentence, t

__all__ = ["reasons", "settings", "who"]

_VIEW = "friction.view"
_MOST_LINES = 12
_WEIGHTS = (0.0, 0.5, 1.0, 2.0)


def settings() -> dict[str, Any]:
    """What is ranked, of whom, and how the score is made up."""
    groups = ("stage", "event")
    group = st.selectbox(
        t("friction.group"),
        groups,
        format_func=lambda name: t(f"friction.group_{name}"),
        width=170,
        **session.kept(f"{_VIEW}.group", "stage", groups),
    )
    chosen: dict[str, Any] = {"group": group, **controls.unit()}
    with st.popover(t("friction.formula"), icon=":material/function:"):
        st.caption(t("friction.formula_help"))
        if st.toggle(t("friction.typed"), **session.kept(f"{_VIEW}.typed", False)):
            percent = st.number_input(
                t("friction.benchmark"),
                min_value=0.0,
                max_value=100.0,
                step=1.0,
                format="%.1f",
                **session.kept(f"{_VIEW}.benchmark", 20.0),
            )
            chosen["benchmark"] = percent / 100
        if log().amount is not None:
            chosen["revenue"] = st.toggle(t("friction.revenue"), **session.kept(f"{_VIEW}.revenue", True))
        for name in ("delay", "circles"):
            chosen[name] = st.select_slider(
                t(f"friction.weight_{name}"),
                _WEIGHTS,
                help=t(f"friction.weight_{name}_help"),
                **session.kept(f"{_VIEW}.{name}", 0.0, _WEIGHTS),
            )
    return chosen


def reasons(answer: Friction) -> None:
    """Who gets stuck more often than the others, and why each line stands where it stands."""
    if answer.outliers:
        st.subheader(t("friction.outliers"), anchor=False)
        for said in answer.outliers:
            st.markdown(f"- {sentence(said)}")
    st.subheader(t("friction.lines"), anchor=False)
    lines = list(zip(answer.table["name"], answer.why, strict=True))
    for rank, (name, why) in enumerate(lines[:_MOST_LINES], start=1):
        st.markdown(f"{rank}. **{literal(str(name))}** · {sentence(why)}{_assigned(answer, str(name))}")
    if len(lines) > _MOST_LINES:
        st.caption(t("friction.more_lines", n=len(lines) - _MOST_LINES))


def who(answer: Friction) -> None:
    """The people of one line or of one value that stands out, and the causes of the line."""
    if presenting.is_on():
        return
    rules = _rules(answer)
    with st.container(key="friction_line"):
        names = {heading: heading for heading in rules}
        picked = by_name.line(f"{_VIEW}.pick", t("friction.pick"), names, t("friction.pick_hint"))
        if picked is None:
            return
        rule = rules[picked]
        if "ended" in rule:
            ((kind, name),) = rule["ended"].items()
            causes.choose(kind, name)
        rule_panel(rule, picked, of=answer.n_customers, key="friction", unit=answer.unit)


def _rules(answer: Friction) -> Mapping[str, dict[str, Any]]:
    """What can be looked at, by what it is called, with the rule for its people."""
    ids = {stage.name: stage.id for stage in session.state().stage_map.stages}
    found: dict[str, dict[str, Any]] = {}
    for row in answer.standouts.itertuples(index=False):
        named = t("friction.people_stuck", stage=row.name, attribute=row.attribute, value=row.value)
        place = {"event": row.name} if row.kind == "event" else {"stage": ids[str(row.name)]}
        found[named] = {"stuck": {**place, "attribute": row.attribute, "value": row.value}}
    for name in answer.table["name"]:
        place = {"event": name} if answer.group == "event" else {"stage": ids[name]}
        found[t("friction.people_ended", name=name)] = {"ended": place}
    return found


def _assigned(answer: Friction, name: str) -> str:
    """The causes that were assigned to a line, behind its sentence."""
    ids = {stage.name: stage.id for stage in session.state().stage_map.stages}
    known = causes.at_line(answer.group, name if answer.group == "event" else ids.get(name, ""))
    if known is None or presenting.is_on():
        return ""
    return "".join(f" :blue-badge[{literal(t(f'friction.cause_{cause}'))}]" for cause in known.causes)
