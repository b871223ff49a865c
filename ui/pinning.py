"""Keep an answer in the notebook: the question with its settings and filters, and a line of one's own."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping
from typing import Any

import streamlit as st

from journey.projects.notebook import LONGEST_LINE, MOST_CELLS, cells, pinned
from ui import navigation, presenting, session, toasts
from ui.ask import filters_now, kept, plainly
from ui.once import once
from ui.words import sentence, t

__all__ = ["new_id", "now_and_who", "pin"]


def pin(
    question: str, settings: Mapping[str, Any], answer: Any, *, beside: Any = None, picture: Any = None
) -> None:
    """The small field below an answer, in the row of `beside`; it stays away while presenting.

    `picture` is the chart that is shown, where the question has several.
    """
    if presenting.is_on():
        return
    with beside or st.container():
        _field(question, settings, answer, "" if picture is None else picture.__name__)


def _field(question: str, settings: Mapping[str, Any], answer: Any, picture: str) -> None:
    typed = session.widget_key(f"pin.{question}")
    wanted, filters = kept(question, settings), filters_now()

    def keep() -> None:
        # What demo mode hides is hidden whenever it is shown; what is kept are the names themselves.
        found = plainly(question, wanted, filters)
        at, who = now_and_who()
        line = str(session.widget(typed) or "").strip()
        session.edit(
            pinned(
                new_id(),
                question,
                wanted,
                filters,
                line=line,
                finding=found.finding,
                headline=getattr(found, "headline", None),
                at=at,
                by=who,
                picture=picture,
            )
        )
        session.put(typed, "")
        toasts.say(t("notebook.pin_done"))

    is_full = len(cells(session.state().settings)) >= MOST_CELLS
    with st.popover(
        t("notebook.pin"), icon=":material/keep:", help=t("notebook.pin_help"), key=f"pin_{question}"
    ):
        st.text_input(
            t("notebook.pin_line"), placeholder=t("notebook.pin_hint"), max_chars=LONGEST_LINE, key=typed
        )
        st.caption(sentence(answer.finding))
        if is_full:
            st.caption(t("notebook.pin_full", most=MOST_CELLS))
        st.button(t("notebook.pin_yes"), type="primary", disabled=is_full, **once(f"pin.{question}", keep))
        st.page_link(navigation.page_named("notebook"), label=t("notebook.pin_open"))


def new_id() -> str:
    """The id of what there is not yet: a cell of the notebook, a map, a card."""
    return secrets.token_hex(6)


def now_and_who() -> tuple[dt.datetime, str]:
    """When this is, and what others call the person at this tab."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0), session.person().name
