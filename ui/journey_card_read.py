"""One card of a journey map to be read only: while presenting, and in demo mode without names."""

from __future__ import annotations

import streamlit as st

from journey.projects.register import entry
from journey.stages.board import LARGEST_POINTS
from ui import demo, session
from ui.experiments_card import status_badge, verdict_said
from ui.journey_card_bound import figure
from ui.journey_card_fields import Place
from ui.veil import veiled
from ui.words import literal, t

__all__ = ["read"]


def read(place: Place) -> None:
    """What the card says, of whom, how sure it is, and what became of it."""
    card = place.card
    st.subheader(literal(veiled(card.text)) or t("map_card.wordless"), anchor=False)
    facts = [*(f"#{veiled(tag)}" for tag in card.tags)]
    if card.persona in place.board.personas:
        facts.append(veiled(place.board.personas[card.persona].name))
    if card.owner:
        facts.append(f"{t('map_card.owner')}: {demo.called(card.owner)}")
    if card.status:
        facts.append(t(f"journey_map.status_{card.status}"))
    if facts:
        st.caption(literal(" · ".join(facts)))
    if card.link:
        figure(place)
    # What somebody said in their own words is not shown to strangers.
    if not demo.is_on() and (quote := card.source.get("quote")):
        who = card.source.get("who") or card.source.get("name") or ""
        st.markdown(f"> {literal(veiled(quote))}")
        if who:
            st.caption(literal(demo.called(veiled(who))))
    _action(place)


def _action(place: Place) -> None:
    """Effort and impact, the hypothesis, how far it is, and its test."""
    card = place.card
    points = [
        f"{t(f'map_card.{name}')} {given}/{LARGEST_POINTS}"
        for name in ("effort", "impact")
        if (given := getattr(card, name))
    ]
    if card.state:
        points.append(t(f"improvements.state_{card.state}"))
    if points:
        st.caption(literal(" · ".join(points)))
    if card.hypothesis:
        st.markdown(f":material/lightbulb: {literal(veiled(card.hypothesis))}")
    found = entry(session.state().settings, card.test) if card.test else None
    if found is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            name = veiled(found.plan.name) or t("experiments_register.nameless")
            st.markdown(f":material/science: {literal(name)}", width="content")
            status_badge(found)
            if found.decision is not None:
                st.markdown(f"**{literal(verdict_said(found.decision.verdict))}**", width="content")
