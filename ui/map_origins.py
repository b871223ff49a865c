"""From a test back to the cards of journey maps that it tries, and from any page to a card."""

from __future__ import annotations

import streamlit as st

from journey.projects.map_tests import Origin, origins
from journey.projects.maps import area
from ui import demo, own_maps, presenting, session
from ui.journey_card_fields import open_card, short
from ui.navigation import go
from ui.once import once
from ui.veil import veiled
from ui.words import literal, t

__all__ = ["show_card", "told"]

# How somebody looks at the maps: which one, by its as-is, and in which version.
_MAP, _VERSION = "journey_map.map", "journey_map.version"


def told(test: str, key: str) -> None:
    """The cards that a test of the register tries, each with the way to it; nothing where there are none."""
    for one in origins(session.state().settings).get(test, ()):
        _told(one, key)


def _told(one: Origin, key: str) -> None:
    said = t("map_card.from_map", card=short(veiled(one.text)))
    if presenting.is_on() or demo.is_on():
        st.caption(f":material/map: {literal(said)}")
        return
    st.button(
        literal(said),
        icon=":material/map:",
        type="tertiary",
        help=literal(t("map_card.from_map_help", map=veiled(one.map_name))),
        **once(f"from_map.{key}.{one.card}", show_card, one.map, one.card),
    )


def show_card(map_id: str, card_id: str) -> None:
    """From a callback: go to the map of a card and open the card there."""
    settings = session.state().settings
    board = own_maps.named(map_id)
    # A map as it should be whose map as it is is gone stands by itself.
    as_is = board.of if area(board.of) in settings else board.id
    values = {_MAP: as_is, _VERSION: board.version}
    session.edit({"op": "settings", "values": values})
    open_card(map_id, card_id)
    go("journey_map")
