"""What can be done at a ribbon or a node of the flows, and the controls behind it."""

import pytest

from journey.i18n import text
from journey.projects.store import Store
from tests.pages.test_every_page import said
from tests.pages.test_filters import let

NODE = "N:2:stage:Consideration"
LINK = "L:1:stage:Awareness→stage:Consideration"


def picked(app, project, mark):
    at = app("en", "flows", project)
    at.selectbox(key=f"{project}.flows.pick").set_value(mark).run()
    assert not at.exception
    return at


def settings(home, project):
    return Store(home).open(project).state.settings


@pytest.mark.parametrize("way", ["start", "into", "through"])
def test_journeys_begin_end_or_pass_where_it_was_said(app, sample_project, home, way):
    project = sample_project("en")
    at = picked(app, project, NODE)
    at.button(key=f"flow_{way}").click().run()
    assert not at.exception and not at.error
    found = settings(home, project)
    assert (found["flows.way"], found["flows.anchors"]) == (way, ["s2"])
    assert at.selectbox(key=f"{project}.flows.way").value == way
    assert "Consideration" in at.markdown[0].value or at.get("vega_lite_chart")


def test_a_node_is_left_out_and_comes_back(app, sample_project, home):
    project = sample_project("en")
    at = picked(app, project, NODE)
    before = {name for name in at.selectbox(key=f"{project}.flows.pick").options if "Consideration" in name}
    at.button(key="flow_hide").click().run()
    assert before and not [
        name for name in at.selectbox(key=f"{project}.flows.pick").options if "Consideration" in name
    ]
    reset = next(button for button in at.button if button.label == "Back to the usual picture")
    reset.click().run()
    assert not at.exception
    assert "flows.hide" not in settings(home, project)


def test_a_node_is_split_by_an_attribute_and_put_together_again(app, sample_project, home):
    project = sample_project("en")
    at = picked(app, project, NODE)
    at.button(key="flow_expand_1").click().run()
    assert not at.exception
    assert settings(home, project)["flows.expand"] == "s2"
    parts = [name for name in at.selectbox(key=f"{project}.flows.pick").options if "Consideration · " in name]
    assert len(parts) > 3
    at = picked(app, project, "N:2:part:Consideration · iPhone")
    at.button(key="flow_together").click().run()
    assert "flows.expand" not in settings(home, project)


def test_a_ribbon_leads_to_what_lies_between_and_other_can_be_opened(app, sample_project, home):
    project = sample_project("en")
    at = picked(app, project, LINK)
    at.button(key="flow_between").click().run()
    assert not at.exception and not at.error
    found = settings(home, project)
    assert (found["flows.anchors"], found["flows.until"]) == (["s1"], ["s2"])
    let(home, project, **{"flows.way": None, "flows.nodes": 5, "flows.group": "event"})
    at = picked(app, project, "N:2:other:other")
    at.button(key="flow_open").click().run()
    assert not at.exception
    assert settings(home, project)["flows.opened"] == [2]
    names = at.selectbox(key=f"{project}.flows.pick").options
    assert not [name for name in names if name.startswith("Step 2: Other")]
    at = picked(app, project, "N:2:stage:홈 방문")
    at.button(key="flow_close").click().run()
    assert "flows.opened" not in settings(home, project)


def test_nodes_drawn_as_one_are_one_in_the_menu_too(app, sample_project, home):
    project = sample_project("en")
    let(home, project, **{"flows.join": ["s3", "s4"], "flows.expand": "s2", "flows.expand_by": "기기"})
    at = picked(app, project, "L:2:part:Consideration · iPhone→joined:Purchase + Use")
    at.button(key="flow_between").click().run()
    assert not at.exception and not at.error
    found = settings(home, project)
    assert (found["flows.anchors"], found["flows.until"]) == (["s2"], ["s3", "s4"])
    at = picked(app, project, "N:2:joined:Purchase + Use")
    at.button(key="flow_hide").click().run()
    assert not at.exception and not at.error
    found = settings(home, project)
    assert found["flows.hide"] == ["s3", "s4"] and "flows.until" not in found


def test_points_that_are_gone_leave_whole_journeys_and_the_page_says_so(app, sample_project, home):
    project = sample_project("en")
    gone = {"flows.anchors": ["gone"], "flows.hide": ["gone"], "flows.before": 3, "flows.opened": "x"}
    let(home, project, **gone, **{"flows.way": "through", "flows.expand": "gone", "flows.by": "gone"})
    at = app("en", "flows", project)
    assert not at.exception and not at.error
    assert [words for words in said(at) if words == text("flows.no_point", "en")]
    assert not [button for button in at.button if button.label == text("flows.reset", "en")]
    assert len(at.get("vega_lite_chart")) == 1


def test_pictures_stand_side_by_side_and_say_how_many(app, sample_project, home):
    project = sample_project("en")
    let(home, project, **{"flows.by": "기기", "flows.weight": "all"})
    at = app("en", "flows", project)
    assert not at.error
    assert len(at.get("vega_lite_chart")) > 2
    assert any("customers" in words.value for words in at.markdown if "iPhone" in words.value)


def test_a_node_leads_to_the_funnel_that_begins_with_it(app, sample_project, home):
    project = sample_project("en")
    at = picked(app, project, NODE)
    at.button(key="flow_funnel").click().run()
    assert not at.exception and not at.error
    assert settings(home, project)["funnel.steps"] == ["s2", "s3", "s4", "s5", "s6"]
    assert at.title[0].value == "Funnel"
