"""What can be done at a ribbon or a node of the flows, and the controls behind it."""

import pytest

from journey.projects.store import Store
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
    assert not [name for name in at.selectbox(key=f"{project}.flows.pick").options if name == "Step 2: Other"]


def test_pictures_stand_side_by_side_and_say_how_many(app, sample_project, home):
    project = sample_project("en")
    let(home, project, **{"flows.by": "기기", "flows.weight": "all"})
    at = app("en", "flows", project)
    assert not at.error
    assert len(at.get("vega_lite_chart")) > 2
    assert any("customers" in words.value for words in at.markdown if "iPhone" in words.value)
