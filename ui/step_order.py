"""Steps to choose among stages and events, and to put into an order."""

from __future__ import annotations

import numpy as np
import streamlit as st

from journey.aggregates.funnel_plan import EVENT
from ui import demo, presenting, session
from ui.ask import counts, log
from ui.words import literal, t

__all__ = ["arrange", "called", "choose", "filled", "options"]

_OFFERED_EVENTS = 1000


def options() -> list[str]:
    """The stages, then the events, the most frequent ones first."""
    found = counts()
    often = np.argsort(-np.asarray(found.rows), kind="stable")[:_OFFERED_EVENTS]
    return [
        *(stage.id for stage in session.state().stage_map.stages),
        *(f"{EVENT}{found.names[code]}" for code in often),
    ]


def called(step: str) -> str:
    """A stage by its name, an event with the word that it is one."""
    if step.startswith(EVENT):
        return t("funnel.event", name=step.removeprefix(EVENT))
    return demo.covered(session.state().stage_map.named(step).name)


def filled() -> list[str]:
    """The ids of the stages that hold an event of the data; of all stages while none does."""
    stages = session.state().stage_map
    held = set(stages.codes(log().event_names).tolist())
    ids = [stage.id for stage in stages.stages]
    return [id_ for code, id_ in enumerate(ids) if code in held] or ids


def choose(setting: str, most: int, page: str) -> list[str]:
    """Which steps a setting has, in which order; by default the stages that hold an event of the data.

    With another stage among them nobody would get through. The words are the page's: `<page>.steps`,
    `.steps_all` where nothing is chosen, and `.steps_help`.
    """
    known = options()
    kept = session.kept(setting, filled()[:most], known)
    # A step that was handed over twice is chosen once here.
    session.put(kept["key"], list(dict.fromkeys(session.widget(kept["key"])))[:most])
    with st.container(key=presenting.key_of(f"{page}_steps")):
        chosen: list[str] = st.multiselect(
            t(f"{page}.steps"),
            known,
            format_func=called,
            placeholder=t(f"{page}.steps_all"),
            help=t(f"{page}.steps_help"),
            max_selections=most,
            select_all=False,  # it speaks English only
            **kept,
        )
    return chosen


def arrange(setting: str, chosen: list[str], page: str) -> None:
    """The steps of a setting one below the other, each with a way up and a way down."""
    if len(chosen) > 1 and not presenting.is_on():
        with st.popover(t("funnel.arrange"), icon=":material/swap_vert:"):
            for place, name in enumerate(chosen):
                _place_of(setting, chosen, place, name, page)
            st.button(
                t("funnel.all_stages"), key=f"{page}_all_stages", on_click=session.forget, args=(setting,)
            )


def _place_of(setting: str, chosen: list[str], place: int, name: str, page: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"{page}_place_{place}"):
        st.markdown(literal(f"{place + 1}. {called(name)}"))
        for way, icon in ((-1, "arrow_upward"), (1, "arrow_downward")):
            other = place + way
            moved = list(chosen)
            if 0 <= other < len(chosen):
                moved[place], moved[other] = moved[other], moved[place]
            st.button(
                t("funnel.earlier" if way < 0 else "funnel.later"),
                icon=f":material/{icon}:",
                type="tertiary",
                disabled=not 0 <= other < len(chosen),
                key=f"{page}_move_{place}_{way}",
                on_click=session.later(session.remember),
                args=(setting, moved),
            )
