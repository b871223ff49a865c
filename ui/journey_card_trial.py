"""By what the test of a card is judged, and why by that: on the card, and where the test is planned."""

from __future__ import annotations

import streamlit as st

from journey.errors import MapPartGone
from journey.projects.map_tests import origins
from journey.projects.register import Entry
from journey.stages.board import Card
from journey.stages.board_actions import EVERYBODY_WHO_COMES, Trial, trial
from ui import demo, own_maps, presenting, session
from ui.ask import counts
from ui.map_measures import has_data
from ui.rule_words import place_name
from ui.veil import veiled
from ui.words import literal, t

__all__ = ["judged_said", "told", "trial_of"]


def trial_of(card: Card) -> Trial:
    """How the data of the project judge what this card proposes."""
    return trial(card, session.state().stage_map, counts().names if has_data() else None)


def judged_said(found: Trial) -> str:
    """The goal of the test in words, whom it is about, and why it is this one."""
    why = t(f"map_card.judged_{found.why}")
    if found.metric is None:
        return why
    kind, name = next(iter(found.metric.of.items()))
    way = "fewer" if found.metric.better == "lower" else "goal"
    goal = t(f"map_card.{way}_{kind}", name=veiled(place_name({kind: name})))
    if found.start != EVERYBODY_WHO_COMES:
        sort, _, what = found.start.partition(":")
        goal = t(f"map_card.among_{sort}", name=veiled(place_name({sort: what})), goal=goal)
    return f"{goal} {why}"


def told(test: Entry) -> None:
    """Where a test is planned: why it is judged as it is, while that is what its card proposed."""
    if demo.is_on() or presenting.is_on() or test.plan.primary is None:
        return
    settings = session.state().settings
    for one in origins(settings).get(test.id, ()):
        try:
            card = own_maps.named(one.map).cards.get(one.card)
        except MapPartGone:
            continue
        found = None if card is None else trial_of(card)
        if found is not None and found.metric is not None and found.metric.of == test.plan.primary.of:
            st.caption(literal(judged_said(found)))
            return
