import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.errors import JourneyError, SettingWrong, StageMapWrong, StageUnknown
from journey.stages.edits import OPS, apply
from journey.stages.stage_map import IGNORED, UNMAPPED, Rule, StageMap

EVENTS = ["page_view", "add_to_cart", "purchase", "zzz"]


def board():
    return StageMap().add_stage("A").add_stage("B").place("view", "s1").place("buy", "s2")


def test_each_edit_does_what_its_name_says():
    start = board()
    assert apply(start, {"op": "place", "event": "x", "to": "s2"}).stage_of("x") == "s2"
    assert apply(start, {"op": "place", "event": "view", "to": "tray"}).codes(["view"])[0] == UNMAPPED
    assert apply(start, {"op": "place", "event": "view", "to": "bin"}).codes(["view"])[0] == IGNORED
    many = apply(start, {"op": "place_many", "events": ["view", "x"], "to": "s2"})
    assert many.codes(["view", "x", "buy"]).tolist() == [1, 1, 1]
    assert apply(start, {"op": "add_stage", "name": "C", "at": 0}).names == ("C", "A", "B")
    assert apply(start, {"op": "add_stage", "name": "C", "id": "c9f"}).named("C").id == "c9f"
    assert apply(start, {"op": "rename_stage", "stage": "s1", "name": "Z"}).names == ("Z", "B")
    assert apply(start, {"op": "move_stage", "stage": "s1", "at": 1}).names == ("B", "A")
    assert apply(start, {"op": "remove_stage", "stage": "s1"}).codes(["view", "buy"]).tolist() == [
        UNMAPPED,
        0,
    ]
    assert apply(start, {"op": "recolour", "stage": "s1", "colour": "#010203"}).named("A").colour == "#010203"
    assert apply(start, {"op": "set_goal", "stage": "s1"}).goal_stage.name == "A"
    assert (
        apply(apply(start, {"op": "set_goal", "stage": "s1"}), {"op": "set_goal", "stage": None}).goal is None
    )
    assert start == board()


def test_a_template_comes_empty_or_with_suggestions():
    empty = apply(board(), {"op": "template", "template": "acp", "language": "ko"}, EVENTS)
    assert empty.names == ("인지", "고려", "구매")
    assert not empty.events
    full = apply(board(), {"op": "template", "template": "acp", "language": "en", "suggest": True}, EVENTS)
    assert full.codes(EVENTS).tolist() == [0, 1, 2, UNMAPPED]


def test_a_whole_map_can_replace_the_present_one():
    other = StageMap().add_stage("Z").with_rules([Rule("z*", "s1")])
    assert apply(board(), {"op": "replace", "map": json.loads(other.to_json())}) == other
    assert apply(board(), {"op": "replace", "map": other}) == other


@pytest.mark.parametrize(
    ("op", "error"),
    [
        ({}, SettingWrong),
        ({"op": "explode"}, SettingWrong),
        ({"op": ["place"]}, SettingWrong),
        ({"op": "place", "event": "x"}, SettingWrong),
        ({"op": "place", "event": 5, "to": "s1"}, SettingWrong),
        ({"op": "place", "event": "x", "to": ""}, SettingWrong),
        ({"op": "place", "event": "x", "to": "s9"}, StageUnknown),
        ({"op": "place_many", "events": "xy", "to": "s1"}, SettingWrong),
        ({"op": "place_many", "events": [1], "to": "s1"}, SettingWrong),
        ({"op": "add_stage", "name": "A"}, SettingWrong),
        ({"op": "add_stage", "name": "C", "id": "s1"}, SettingWrong),
        ({"op": "add_stage", "name": "C", "id": "bin"}, SettingWrong),
        ({"op": "rename_stage", "stage": None, "name": "C"}, SettingWrong),
        ({"op": "set_goal", "stage": 3}, SettingWrong),
        ({"op": "template", "template": "nope"}, SettingWrong),
        ({"op": "template", "template": "acp", "language": "fr"}, SettingWrong),
        ({"op": "replace", "map": 5}, StageMapWrong),
        ({"op": "replace", "map": {"stages": 5}}, StageMapWrong),
    ],
)
def test_what_is_no_edit_is_refused(op, error):
    with pytest.raises(error):
        apply(board(), op)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from(["s1", "s2", "A", "x", "tray", "bin", "#000000"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["stages", "events"]), inner),
    max_leaves=5,
)


@given(
    st.fixed_dictionaries(
        {"op": st.sampled_from(sorted(OPS))},
        optional={
            key: JSON
            for key in ("event", "events", "to", "name", "id", "at", "stage", "colour", "template", "map")
        },
    )
)
def test_whatever_the_browser_sends_the_map_is_right_or_the_edit_refused(op):
    start = board()
    try:
        after = apply(start, op, EVENTS)
    except JourneyError:
        after = start
    assert StageMap.from_json(after.to_json()) == after
    assert start == board()
