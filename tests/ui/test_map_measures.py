"""A map follows the data: what was seen is kept, and a new file flags exactly what it changed."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from journey.events.log import EventLog
from journey.projects.map_seen import link_key, map_seen
from journey.projects.maps import map_named, written
from journey.projects.store import Store
from journey.stages.board import Board, Card, Lane, MapPersona
from journey.stages.stage_map import StageMap
from tests.projects.one_file import put_log

_MAP = "a1b2c3d4e5f6"
_STAGES = StageMap().add_stage("Look").add_stage("Buy").place("view", "s1").place("buy", "s2")
_BOUND = {
    "stage": {"kind": "stage", "stage": "s2"},
    "view": {"kind": "event", "event": "view"},
    "help": {"kind": "event", "event": "help"},
    "link": {"kind": "link", "from": "s1", "to": "s2"},
    "friction": {"kind": "friction", "of": "stage", "name": "s1"},
    "segment": {"kind": "segment", "segment": "0a1b2c3d4e5f"},
    "gone": {"kind": "event", "event": "nothing"},
    "answer": {"kind": "answer", "cell": "gone"},
}


def _log(rows):
    frame = pd.DataFrame(rows, columns=["customer", "event", "minute"])
    frame["time"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(frame["minute"], unit="min")
    return EventLog.from_frame(frame)


def _rows(*, buyers=20, extra=()):
    """Forty customers look at something, twenty of them buy, and one asks for help."""
    rows = [(f"c{at:02d}", "view", 0) for at in range(40)]
    rows += [(f"c{at:02d}", "buy", 30) for at in range(buyers)]
    return [*rows, ("c00", "help", 90 * 1440), *extra]


def _board():
    cards = {id_: Card(id=id_, lane="l", stage="s1", key="i", link=link) for id_, link in _BOUND.items()} | {
        "free": Card(id="free", lane="l", stage="s1", key="i", measure=_BOUND["view"])
    }
    return Board(
        id=_MAP,
        name="map",
        at=dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
        lanes={"l": Lane("l", "actions", "i")},
        personas={"p": MapPersona("p", "Buyers", "i", saved="0a1b2c3d4e5f")},
        cards=cards,
        felt={"p": {"s1": 1.0}},
    )


def looking():
    import streamlit as st

    from journey.projects.maps import map_named
    from ui import map_measures, session
    from ui.ask import ask

    session.current().owner = session.person_here().key
    board = map_named(session.state().settings, "a1b2c3d4e5f6")
    if st.session_state.get("seen"):
        map_measures.mark_seen(board)
    st.session_state["found"] = map_measures.map_measures(board)
    st.session_state["reach"] = ask("reach").table if map_measures.has_data() else None
    st.session_state["friction"] = ask("friction").table if map_measures.has_data() else None
    st.session_state["felt"] = map_measures.emotion(board, "p") if map_measures.has_data() else None


@pytest.fixture
def project(home):
    project = Store(home).create("one")
    put_log(project, b"x", "x.csv", _log(_rows()), stage_map=_STAGES)
    rule = {"did": {"event": "buy"}}
    values = {**written(_board()), "segment.0a1b2c3d4e5f": {"name": "Buyers", "rule": rule}}
    project.apply({"op": "settings", "values": values})
    return project


def look(project, **state):
    tab = AppTest.from_function(looking, default_timeout=60)
    tab.query_params["project"] = project.id
    tab.query_params["lang"] = "en"
    for name, value in state.items():
        tab.session_state[name] = value
    tab.run()
    assert not tab.exception, tab.exception
    return tab.session_state


def test_heads_and_cards_say_what_the_pages_say_and_how_sure_that_is(project):
    at = look(project)
    found, reach, lines = at["found"], at["reach"], at["friction"].set_index("name")
    for place, stage in enumerate(("s1", "s2")):
        head = found.heads[stage]
        assert head["reach"].value == reach["share"][place] and head["reach"].n == 40
        median = lines["median_seconds"][reach["stage"][place]]
        assert head["time"].value == median or (median != median and not head["time"].is_known)
    assert found.heads["s1"]["drop_off"].value == reach["drop_off"][0]
    assert "drop_off" not in found.heads["s2"], "who ends at the goal is done"
    values = {id_: figure and figure.value for id_, figure in found.cards.items()}
    assert values["stage"] == values["link"] == values["segment"] == 0.5
    assert (values["view"], values["help"], values["gone"], values["answer"]) == (1.0, 1 / 40, None, None)
    assert values["friction"] == lines["score"]["Look"] or values["friction"] != values["friction"]
    board = _board()
    told = {id_: found.evidence(card) for id_, card in board.cards.items()}
    assert (told["view"], told["gone"], told["free"]) == ("measured", "assumed", "assumed")
    assert found.cell(board.cards.values()) == "partly"
    assert [found.cell(of, "measured") for of in ([], [board.cards["free"]])] == ["measured", "partly"]
    assert found.goals["free"].value == 1.0 and found.changed == {}
    assert at["felt"].curve()["felt"].tolist()[0] == 1.0


def test_a_new_file_flags_exactly_what_it_changed_until_that_was_seen(project):
    look(project)
    seen = map_seen(project.state.settings, _MAP)
    assert seen is not None and len(seen.figures) == 8 + len(_BOUND)
    # Nobody else looks, asks or leaves, and the same forty come.
    put_log(project, b"y", "y.csv", _log(_rows(buyers=25)), stage_map=_STAGES)
    found = look(project)["found"]
    changed = {id_ for id_, card in _board().cards.items() if found.was_card(card)}
    assert changed >= {"stage", "link", "segment"} and not changed & {"view", "help", "gone", "answer"}
    assert found.was_head("s2", "reach").value == 0.5 and found.was_head("s1", "reach") is None
    assert link_key(_BOUND["view"]) not in found.changed
    again = look(project)["found"]
    assert again.changed == found.changed, "looking is not having seen"
    assert look(project, seen=True)["found"].changed == {}


def test_a_card_that_is_bound_after_the_file_came_is_no_change(project):
    look(project)
    new = {"kind": "event", "event": "buy"}
    edit = {"op": "settings", "values": {f"map.{_MAP}.card.free": {
        "lane": "l", "stage": "s1", "key": "i", "link": new}}}  # fmt: skip
    put_log(project, b"y", "y.csv", _log(_rows(buyers=25)), stage_map=_STAGES)
    project.apply(edit)
    board = map_named(project.state.settings, _MAP)
    found = look(project)["found"]
    assert found.cards["free"].value == 25 / 40 and found.was_card(board.cards["free"]) is None
    put_log(project, b"z", "z.csv", _log(_rows(buyers=30)), stage_map=_STAGES)
    found = look(project)["found"]
    assert found.cards["free"].value == 30 / 40, "but it follows the next file, whoever has seen the first"
    assert found.was_card(board.cards["free"]).value == 25 / 40


def test_without_data_a_map_has_no_figures(home):
    project = Store(home).create("empty")
    project.apply({"op": "settings", "values": written(_board())})
    found = look(project)["found"]
    assert found.heads == {} and found.cards == {} and found.changed == {}
    assert found.evidence(_board().cards["view"]) == "assumed"
    assert map_seen(project.state.settings, _MAP) is None
