"""What customers wrote at a stage, beside what the team felt there: the answer to a gap between the two."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from journey.aggregates.voices import ORDERS, Voices
from journey.charts.bound_words import felt_text, n_text, range_text, value_text
from journey.stages.board import EVERYBODY, LONGEST_TEXT, Board, between
from ui import asked, demo, moments, own_maps, presenting, session, toasts
from ui.journey_card_fields import change
from ui.map_measures import figure_of, has_data, quotes
from ui.once import once
from ui.pinning import new_id, now_and_who
from ui.words import literal, t

__all__ = ["content"]

_MOST = 50
# From here on a feeling is good, or bad, and not in between.
_CLEAR = 0.5


def content(subject: str) -> None:
    """The texts of `<map id>.<persona id or nothing>.<stage id>`, the worst feelings first or the best."""
    map_id, persona, stage = subject.split(".", 2)
    board = own_maps.named(map_id)
    names = {one.id: one.name for one in session.state().stage_map.stages}
    st.markdown(f"**{literal(names.get(stage) or t('journey_map.lost'))}**")
    _feelings(board, stage, persona)
    if demo.is_on():
        st.info(t("map_card.quotes_hidden"), icon=":material/visibility_off:")
    elif stage not in names or not has_data():
        st.info(t("map_card.quotes_none"), icon=":material/forum:")
    else:
        _texts(board, stage)
    st.button(t("map_card.close"), key="map_gap.close", on_click=asked.close)


def _feelings(board: Board, stage: str, persona: str) -> None:
    """What the team drew, and what was measured with its interval."""
    felt = board.felt.get(persona if persona in board.personas else EVERYBODY, {}).get(stage)
    told = []
    if felt is not None:
        told.append(t("map_card.quotes_felt", value=felt_text(felt)))
    figure = figure_of({"kind": "stage", "stage": stage, "measure": "feeling"})
    if figure is not None and figure.is_known:
        language = session.current().language
        more = ", ".join(filter(None, [range_text(figure, language), n_text(figure, language)]))
        told.append(t("map_card.quotes_measured", value=value_text(figure, language), more=more))
    if told:
        st.caption(literal(" · ".join(told)))


def _texts(board: Board, stage: str) -> None:
    key = session.widget_key("one_card.quotes.order")
    if session.widget(key) not in ORDERS:
        session.put(key, ORDERS[0])
    found: Voices = quotes(stage, order=session.widget(key), most=_MOST)
    if not found.n:
        st.info(t("map_card.quotes_none"), icon=":material/forum:")
        return
    st.segmented_control(
        t("map_card.quotes_order"),
        ORDERS,
        format_func=lambda one: t(f"map_card.quotes_{one}"),
        required=True,
        label_visibility="collapsed",
        key=key,
    )
    with st.container(height=420 if len(found.table) > 4 else "content", border=False, key="map_quotes"):
        for place, row in enumerate(found.table.to_dict("records")):
            _quote(board, stage, place, row)
    st.caption(literal(t("map_card.quotes_n", n=found.n, rated=found.n_rated, shown=len(found.table))))


def _quote(board: Board, stage: str, place: int, row: Any) -> None:
    """One text with its feeling, from where and of whom it is, and the way to a card of it."""
    feeling = row["feeling"]
    facts = [t(f"map_card.quotes_{row['source']}"), row["touchpoint"], row["customer"]]
    if not pd.isna(row["time"]):
        facts.append(moments.day(row["time"].to_pydatetime()))
    with st.container(border=True, gap="xsmall", key=f"map_quote_{place}"):
        st.markdown(literal(row["text"]))
        with st.container(horizontal=True, vertical_alignment="center"):
            if not pd.isna(feeling):
                colour: Any = "red" if feeling <= -_CLEAR else "green" if feeling >= _CLEAR else "gray"
                st.badge(felt_text(feeling), color=colour)
            st.caption(literal(" · ".join(filter(None, facts))), width="stretch")
            if demo.is_on() or presenting.is_on():
                return
            kept = {str(one.source.get("quote", "")) for one in board.cards.values() if one.stage == stage}
            if row["text"][:LONGEST_TEXT] in kept:
                st.caption(f":material/check: {t('map_card.quotes_kept')}", width="content")
                return
            st.button(
                t("map_card.quotes_card"),
                icon=":material/add:",
                type="tertiary",
                **once(f"map_gap.card.{place}", _make_card, board, stage, dict(row)),
            )


def _make_card(board: Board, stage: str, row: dict[str, Any]) -> None:
    """A card of a quote: among the pain points where it is no praise, else among the thoughts."""
    is_praise = not pd.isna(row["feeling"]) and row["feeling"] >= _CLEAR
    order = ("thoughts", "pains") if is_praise else ("pains", "thoughts")
    lanes = [lane for kind in order if (lane := board.lane_of(kind)) is not None]
    lane = lanes[0] if lanes else board.ordered_lanes[0]
    below = board.cell(lane.id, stage)
    text, (at, by) = row["text"][:LONGEST_TEXT], now_and_who()
    card = {
        "id": new_id(),
        "lane": lane.id,
        "stage": stage,
        "key": between(below[-1].key if below else "", ""),
        "text": text,
        "source": {"kind": "import", "name": t(f"map_card.quotes_{row['source']}"), "quote": text}
        | ({"who": row["customer"]} if row["customer"] else {}),
        "at": at.isoformat(),
        "by": by,
    }
    change(board.id, {"op": "add_card", "card": card})
    toasts.say(t("map_card.quotes_made"))
