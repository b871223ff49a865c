"""What the result of an experiment must be read with, above the figures: from "do not trust" to a note."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from journey.analysis.experiment import Experiment
from journey.charts.experiment_words import p_said
from ui import demo, presenting, session
from ui.experiment_chosen import Chosen, write_down
from ui.once import once
from ui.veil import veiled
from ui.words import literal, sentence, t

__all__ = ["banner"]

_LONGEST_WHY = 1_000
# More warnings than these at once are not read.
_MOST_WARNINGS = 2
_REASONS = ("redirect", "bots", "logging", "assigned", "deleted", "joined")


def banner(answer: Experiment, chosen: Chosen) -> None:
    """What blocks the result, what it must be read with care for, and what else is good to know."""
    for guard in answer.guards:
        if guard.level == "block":
            st.error(sentence(guard.finding), icon=":material/block:")
            if guard.code == "mismatch" and not presenting.is_on():
                _mismatch(answer, chosen)
    warnings = [guard for guard in answer.guards if guard.level == "warn"]
    # What must not be trusted needs no further warnings beside it.
    is_blocked = any(guard.level == "block" for guard in answer.guards)
    most = 0 if is_blocked else _MOST_WARNINGS
    for guard in warnings[:most]:
        st.warning(sentence(guard.finding), icon=":material/warning:")
    if not presenting.is_on() and not demo.is_on():
        _ended(answer, chosen)
    if chosen.plan.accepted is not None:
        st.caption(f":material/check: {literal(t('arms.accepted', why=veiled(chosen.plan.accepted)))}")
    folded = warnings[most:]
    notes = [*folded, *(guard for guard in answer.guards if guard.level == "note")]
    if notes:
        with st.expander(t("arms.notes", n=len(notes))):
            for guard in notes:
                mark = ":material/warning: " if guard in folded else ""
                st.markdown(f"- {mark}{sentence(guard.finding)}")


def _ended(answer: Experiment, chosen: Chosen) -> None:
    """Did the test end as it was planned to? Only then an arm is called better."""
    is_late = any(guard.code == "overrun" for guard in answer.guards)
    if answer.stage == "blocked" or (answer.stage == "final" and not chosen.plan.ended and not is_late):
        return
    key = session.widget_key(f"experiment.ended.{chosen.entry.id if chosen.entry else 'found'}")
    session.put(key, chosen.plan.ended)

    @session.later
    def keep() -> None:
        write_down(chosen, replace(chosen.plan, ended=bool(session.widget(key))))

    st.toggle(t("arms.ended"), help=t("arms.ended_help"), key=key, on_change=keep)


def _mismatch(answer: Experiment, chosen: Chosen) -> None:
    """Where such a thing comes from, and the way on for whoever knows why it is harmless."""
    language = session.current().language
    with st.expander(t("arms.reasons", p=p_said(answer.mismatch, language))):
        st.markdown("\n".join(f"- {t(f'arms.reason_{reason}')}" for reason in _REASONS))
        if demo.is_on():
            return
        why = session.widget_key(f"experiment.why.{chosen.key}")

        def accept() -> None:
            typed = str(session.widget(why) or "").strip()
            write_down(chosen, replace(chosen.plan, accepted=typed))

        st.text_input(t("arms.accept_why"), max_chars=_LONGEST_WHY, key=why)
        st.button(t("arms.accept"), help=t("arms.accept_help"), **once("experiment_accept", accept))
