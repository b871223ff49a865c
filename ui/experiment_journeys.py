"""From the result of an experiment to the journeys of its arms: compared, drawn, and in the funnel."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ui import presenting, session
from ui.arms import choice, known
from ui.experiment_chosen import Chosen
from ui.navigation import PAGES, go
from ui.words import t

__all__ = ["journeys"]

_PAGES = ("comparison", "flows", "funnel")


def journeys(chosen: Chosen) -> None:
    """A way to each page on which the arms can be looked at, where the log knows who is in them."""
    wanted = choice(chosen.plan.source)
    if presenting.is_on() or wanted not in known():
        return
    st.caption(t("arms.journeys"))
    with st.container(horizontal=True, key="experiment_journeys"):
        for page in _PAGES:
            st.button(
                t(f"page.{page}.title"),
                icon=f":material/{PAGES['explore'][page]}:",
                key=f"experiment_to_{page}",
                on_click=_way(page, wanted),
            )


def _way(page: str, wanted: str) -> Callable[..., None]:
    """To that page, with the arms chosen there."""

    @session.later
    def leave() -> None:
        by = {"comparison.by": "arm", "comparison.experiment": wanted} if page == "comparison" else {}
        for name, value in (by or {f"{page}.by": wanted}).items():
            session.remember(name, value)
        go(page)

    return leave
