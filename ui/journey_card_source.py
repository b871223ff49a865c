"""Where a card came from: an interview, a usability test or a file, who said it, and in which words."""

from __future__ import annotations

from typing import Any

import streamlit as st

from journey.events.personal_shapes import masked_text
from journey.events.resident_numbers import without_number
from journey.stages.board import LONGEST_NAME, LONGEST_TEXT, SOURCES
from ui import session
from ui.journey_card_fields import Place
from ui.words import t

__all__ = ["masked", "part"]

# What is kept of a source, with how long it may be.
_TEXTS = {"name": LONGEST_NAME, "who": LONGEST_NAME, "quote": LONGEST_TEXT}


def part(place: Place) -> None:
    """The source, which makes a card partly known; without a kind there is none."""
    source = dict(place.card.source)
    said = {kind: t(f"journey_map.source_{kind}") for kind in SOURCES}
    said[""] = t("map_card.source_none")
    kind = source.get("kind", "") if source.get("kind", "") in said else ""
    st.selectbox(
        t("map_card.source"), ["", *SOURCES], format_func=said.__getitem__, **_kept(place, "kind", kind)
    )
    if not kind:
        st.caption(t("map_card.source_help"))
        return
    with st.container(horizontal=True):
        for name in ("name", "who"):
            st.text_input(
                t(f"map_card.source_{name}"),
                max_chars=_TEXTS[name],
                width=260,
                **_kept(place, name, source.get(name, "")),
            )
    st.text_area(
        t("map_card.source_quote"),
        max_chars=_TEXTS["quote"],
        height=100,
        help=t("map_card.source_masked"),
        **_kept(place, "quote", masked(source.get("quote", ""))),
    )


def _kept(place: Place, name: str, shown: str) -> dict[str, Any]:
    """Arguments of the widget of one part of the source; what looks like personal data is kept masked.

    A source is one field of a card: what others wrote of it meanwhile is read anew before it is written.
    """
    key = place.key(f"source.{name}")
    if session.widget(key) != shown:
        session.put(key, shown)

    def keep() -> None:
        now = Place.of(place.subject)
        chosen = str(session.widget(key) or "").strip()
        source = {**now.card.source, name: chosen if name == "kind" else masked(chosen)}
        now.set(source={part: said for part, said in source.items() if said} if source.get("kind") else {})

    return {"key": key, "on_change": session.later(keep)}


def masked(words: str) -> str:
    """The words without what looks like personal data."""
    return masked_text(without_number(words)).text
