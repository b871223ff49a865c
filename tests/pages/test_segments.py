"""Segments: saved from a picture, a filter on every page, renamed and taken away."""

import pytest

from journey.projects.store import Store
from journey.stages.segment import segments
from tests.pages.test_every_page import said

NAME = "떠난 사람들 *과* <b>"


def kept(home, project):
    return segments(Store(home).open(project).state.settings)


@pytest.mark.parametrize("query", [{}, {"demo": "1"}], ids=["plain", "demo"])
def test_a_ribbon_becomes_a_segment_to_which_every_page_can_be_narrowed(app, sample_project, home, query):
    project = sample_project("en")
    at = app("en", "flows", project, **query)
    at.selectbox(key=f"{project}.flows.pick").set_value("L:1:stage:Awareness→stage:Consideration").run()
    shown = at.metric[0].value
    at.text_input(key=f"{project}.segment.new.flows").set_value(NAME).run()
    at.button(key="segment_keep_flows").click().run()
    assert not at.exception
    (one,) = kept(home, project)
    assert one.name == NAME
    at.selectbox(key=f"{project}.segment").set_value(one.id).run()
    assert not at.exception
    # All who are left went this way.
    assert (at.metric[0].value, at.metric[2].value) == (shown, "100.0%")
    narrowed = app("en", "reach", project, **query)
    assert any("떠난 사람들" in words for words in said(narrowed))


def test_a_segment_is_renamed_and_taken_away_and_the_filter_goes_with_it(app, sample_project, home):
    project = sample_project("en")
    opened = Store(home).open(project)
    rule = {"did": {"event": "결제 완료"}}
    opened.apply(
        {"op": "setting", "name": "segment.0123456789ab", "value": {"name": "Readers", "rule": rule}}
    )
    opened.apply({"op": "setting", "name": "segment", "value": "0123456789ab"})
    at = app("en", "reach", project)
    assert any("Readers" in words for words in said(at))
    at.text_input(key=f"{project}.segment.name.0123456789ab").set_value("Buyers").run()
    assert [one.name for one in kept(home, project)] == ["Buyers"]
    at.button(key="segment_remove_0123456789ab").click().run()
    assert not at.exception
    assert kept(home, project) == ()
    assert not [button for button in at.button if button.key == "clear_filters"]
