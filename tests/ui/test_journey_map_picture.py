"""What stands on the picture of a map, in the words of the tab."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from journey.i18n import text
from journey.projects.store import Store


def drawing():
    import datetime as dt

    import streamlit as st

    from journey.stages.board import Board, Lane
    from ui import session
    from ui.journey_map_picture import picture_of

    session.current().owner = session.person_here().key
    board = Board(
        "a" * 12,
        "map",
        dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
        of="b" * 12,
        version=st.session_state["version"],
        lanes={"l": Lane("l", "emotion", "i")},
        felt={"": {"s1": 1.0}},
    )
    st.session_state["said"] = [one.name for one in picture_of(board).felt]


@pytest.mark.parametrize(("version", "key"), [("as_is", "picture_felt"), ("to_be", "picture_wished")])
def test_the_curve_of_a_map_as_it_should_be_is_what_is_wished_for(home, version, key):
    project = Store(home).create("one")
    tab = AppTest.from_function(drawing, default_timeout=60)
    tab.query_params["project"], tab.query_params["lang"] = project.id, "en"
    tab.session_state["version"] = version
    tab.run()
    assert not tab.exception, tab.exception
    assert tab.session_state["said"] == [text(f"map_table.{key}", "en")]
