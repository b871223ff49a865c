"""One card of a journey map, in its dialog: what it says, what it is bound to, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from journey.projects.written_figures import moment_from_json
from journey.stages.board import EVERYBODY, LONGEST_NAME, LONGEST_TEXT, MOST_TAGS, STATUSES
from journey.theme import STAGE_COLOURS
from ui import (
    asked,
    demo,
    journey_card_action,
    journey_card_bound,
    journey_card_quotes,
    journey_card_source,
    moments,
    presenting,
    session,
    toasts,
)
from ui.journey_card_fields import CARD, Place, change, field
from ui.journey_card_read import read
from ui.journey_map_model import lane_name
from ui.once import once
from ui.words import literal, t

__all__ = ["DIALOGS", "quotes"]

_GAP = "map_gap"
_LONGEST_TAG = 60
_NO_COLOUR = ""


def quotes(map_id: str, stage_id: str, persona: str = EVERYBODY) -> None:
    """Open what customers wrote at a stage, beside what the team felt there, from the next run on."""
    asked.ask(_GAP, f"{map_id}.{persona}.{stage_id}")


def _content(subject: str) -> None:
    place = Place.of(subject)
    _where(place)
    if demo.is_on() or presenting.is_on():
        read(place)
        st.button(t("map_card.close"), key="one_card.close", on_click=asked.close)
        return
    _words(place)
    parts: Mapping[str, Callable[[Place], None]] = {
        "figure": journey_card_bound.part,
        "action": journey_card_action.part,
        "source": journey_card_source.part,
    }
    names = [t(f"map_card.part_{name}") for name in parts]
    first = names[1 if journey_card_action.is_opportunity(place) else 0]
    for tab, draw in zip(st.tabs(names, default=first), parts.values(), strict=True):
        with tab:
            draw(place)
    _ends(place)


def _where(place: Place) -> None:
    """The lane and the stage that the card stands in, and what it came out of."""
    board, card = place.board, place.card
    lane = board.lanes.get(card.lane)
    stages = {one.id: one.name for one in session.state().stage_map.stages}
    facts = [lane_name(lane, session.current().language)] if lane else []
    facts.append(stages.get(card.stage) or t("journey_map.lost"))
    facts += _written(place)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(literal(" · ".join(facts)), width="content")
        journey_card_bound.badge(place)


def _written(place: Place) -> list[str]:
    """Who wrote the card and when, as far as that is known."""
    card = place.card
    if not card.at:
        return []
    when = moments.since(moment_from_json(card.at))
    who = demo.called(card.by) if card.by else ""
    return [t("map_card.written_by", who=who, when=when) if who else t("map_card.written", when=when)]


def _words(place: Place) -> None:
    """What the card says, and of whom, by whom, how far the team is."""
    board, card = place.board, place.card
    st.text_area(
        t("map_card.text"),
        max_chars=LONGEST_TEXT,
        height=90,
        placeholder=t("map_card.text_hint"),
        **field(place, "text", card.text),
    )
    tags = sorted({tag for one in board.cards.values() for tag in one.tags} | set(card.tags))
    st.multiselect(
        t("map_card.tags"),
        tags,
        accept_new_options=True,
        max_selections=MOST_TAGS,
        placeholder=t("map_card.tags_hint"),
        select_all=False,  # it speaks English only
        **field(place, "tags", list(card.tags), _tags),
    )
    personas = {EVERYBODY: t("journey_map.everybody")}
    personas |= {one.id: one.name for one in board.ordered_personas}
    said = {one: t(f"journey_map.status_{one}") if one else t("map_card.unsaid") for one in STATUSES}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            t("map_card.owner"),
            max_chars=LONGEST_NAME,
            width=190,
            **field(place, "owner", card.owner, str.strip),
        )
        st.selectbox(
            t("map_card.status"),
            STATUSES,
            format_func=said.__getitem__,
            width=150,
            **field(place, "status", card.status),
        )
        if len(personas) > 1:
            st.selectbox(
                t("map_card.persona"),
                list(personas),
                format_func=personas.__getitem__,
                width=170,
                **field(place, "persona", card.persona if card.persona in personas else EVERYBODY),
            )
    _colour(place)


def _colour(place: Place) -> None:
    """The colour of the card, each as a mark that bears its name for those who do not see it."""
    known = place.card.colour.upper()
    colours = [*STAGE_COLOURS, *([known] if known and known not in STAGE_COLOURS else [])]
    said = {one: t(f"map_card.colour_{place}") for place, one in enumerate(STAGE_COLOURS, start=1)}
    marks = "".join(
        f".st-key-one_card_colour button:nth-child({place})::before {{background: {one}}}"
        for place, one in enumerate(colours, start=1)
    )
    st.html(f"<style>{marks}</style>")
    with st.container(key="one_card_colour"):
        st.pills(
            t("map_card.colour"),
            colours,
            format_func=lambda one: said.get(one) or t("map_card.colour_own"),
            **field(place, "colour", known or None, lambda chosen: chosen or _NO_COLOUR),
        )


def _tags(chosen: list[str]) -> list[str]:
    """Tags as they are kept: short ones, each once."""
    tidy = [" ".join(tag.split())[:_LONGEST_TAG] for tag in chosen]
    return list(dict.fromkeys(tag for tag in tidy if tag))[:MOST_TAGS]


def _ends(place: Place) -> None:
    """Close the dialog, or take the card away: undo brings it back."""
    with st.container(horizontal=True, horizontal_alignment="distribute", key="one_card_ends"):
        st.button(t("map_card.close"), key="one_card.close", on_click=asked.close)
        st.button(
            t("map_card.remove"),
            icon=":material/delete:",
            type="tertiary",
            **once("one_card.remove", _removed, place),
        )


def _removed(place: Place) -> None:
    change(place.board.id, {"op": "remove_card", "id": place.card.id})
    asked.close()
    toasts.say(t("map_card.removed"))


DIALOGS: Mapping[str, Callable[[str], None]] = {CARD: _content, _GAP: journey_card_quotes.content}
