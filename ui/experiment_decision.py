"""What is done now: what the written rule says, what was decided, by whom and why."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from journey.analysis.experiment import Experiment
from journey.projects.register import LONGEST_WHY, VERDICTS, decided
from ui import demo, presenting, session, toasts
from ui.arms import arm_said
from ui.ask import filtered, narrowed_to
from ui.experiment_chosen import VERDICT_ICONS, Chosen, write_down
from ui.once import once
from ui.pinning import new_id, now_and_who
from ui.veil import veiled
from ui.words import literal, sentence, t

__all__ = ["decision"]


def decision(answer: Experiment, chosen: Chosen, baseline: str | None) -> None:
    """The advice of the rule in one sentence, the decisions so far, and the way to take one."""
    if baseline is not None:
        _rebased(chosen, baseline)
        return
    if answer.verdict is None:
        return
    advised = answer.verdict
    st.subheader(t("arms.decide"), anchor=False)
    with st.container(border=True, key="experiment_decision"):
        said = literal(t(f"arms.verdict_{advised.code}"))
        st.markdown(f"{VERDICT_ICONS[advised.code]} **{said}** · {sentence(advised.finding)}")
        is_part = bool(filtered()[1]) or narrowed_to() is not None
        if is_part:
            st.caption(t("arms.decide_part"))
        for one in reversed(chosen.entry.decisions if chosen.entry else ()):
            st.markdown(
                f"{VERDICT_ICONS[one.verdict]} **{literal(t(f'arms.verdict_{one.verdict}'))}** · "
                + literal(t("arms.decided_by", at=one.at, by=demo.called(one.by) or t("arms.somebody")))
            )
            if one.why:
                st.caption(literal(veiled(one.why)))
        if not is_part and not presenting.is_on() and not demo.is_on():
            _take(answer, chosen, advised.code)


def _rebased(chosen: Chosen, baseline: str) -> None:
    """Why nothing is advised while another arm is the baseline, and the way to make it the control."""
    arms = {one.label: one for one in chosen.plan.arms}
    if presenting.is_on() or baseline not in arms:
        return
    first = chosen.plan.arms[0]
    names = {"baseline": arm_said(chosen.plan.source, arms[baseline])}
    names["control"] = arm_said(chosen.plan.source, first)
    st.subheader(t("arms.decide"), anchor=False)
    st.caption(literal(t("arms.decide_rebased", **names)))
    if demo.is_on():
        return

    def change() -> None:
        rest = tuple(one for one in chosen.plan.arms if one.label != baseline)
        write_down(chosen, replace(chosen.plan, arms=(arms[baseline], *rest)))

    st.button(
        literal(t("arms.decide_control", baseline=names["baseline"])),
        icon=":material/flag:",
        **once("experiment_control", change),
    )


def _take(answer: Experiment, chosen: Chosen, advised: str) -> None:
    verdict = session.widget_key(f"experiment.verdict.{chosen.key}")
    why = session.widget_key(f"experiment.because.{chosen.key}")

    def take() -> None:
        id_ = write_down(chosen, chosen.plan)
        at, by = now_and_who()
        session.edit(
            decided(
                session.state().settings,
                id_,
                new_id(),
                session.widget(verdict) or advised,
                why=str(session.widget(why) or ""),
                at=at,
                by=by,
                advised=advised,
                finding=answer.finding,
                headline=answer.headline,
            )
        )
        session.put(why, "")
        toasts.say(t("arms.decided"))

    with st.popover(t("arms.decide_open"), icon=":material/gavel:"):
        st.segmented_control(
            t("arms.decide_what"),
            VERDICTS,
            default=advised if session.widget(verdict) is None else None,
            format_func=lambda code: t(f"arms.verdict_{code}"),
            required=True,
            key=verdict,
        )
        st.text_area(t("arms.decide_why"), max_chars=LONGEST_WHY, key=why)
        st.button(t("arms.decide_yes"), type="primary", **once("experiment_decide", take))
