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


def test_a_new_rule_takes_all_that_fit_also_what_was_placed_by_hand():
    start = apply(board().ignore("view_2"), {"op": "add_rule", "pattern": "*ew*", "to": "s2"})
    assert start.codes(["view", "view_2", "new", "x"]).tolist() == [1, 1, 1, UNMAPPED]
    assert dict(start.events) == {"buy": "s2"} and not start.ignored
    later = apply(start, {"op": "add_rule", "pattern": "view*", "to": "bin", "at": 1})
    assert [rule.pattern for rule in later.rules] == ["*ew*", "view*"]
    assert later.codes(["view"])[0] == 1
    again = apply(later, {"op": "add_rule", "pattern": "view*", "to": "bin", "at": None})
    assert [rule.pattern for rule in again.rules] == ["view*", "*ew*"]
    assert again.codes(["view", "new"]).tolist() == [IGNORED, 1]


def test_rules_move_and_go_and_what_was_placed_by_hand_stays():
    start = board().with_rules([Rule("/p/*", "s1"), Rule("/*", "s2")]).place("/p/9", "s2")
    names = ["/p/1", "/p/9", "/q"]
    moved = apply(start, {"op": "move_rule", "pattern": "/p/*", "to": "tray"})
    assert moved.codes(names).tolist() == [UNMAPPED, 1, 1]
    assert moved.rule_of("/p/1") == Rule("/p/*", "tray") and moved.rule_of("/p/9") is None
    gone = apply(start, {"op": "remove_rule", "pattern": "/p/*"})
    assert gone.rule_of("/p/1") == Rule("/*", "s2")
    assert apply(gone, {"op": "remove_rule", "pattern": "/*"}).codes(names).tolist() == [
        UNMAPPED,
        1,
        UNMAPPED,
    ]


def test_what_a_search_finds_is_placed_in_one_edit():
    names = ["Cart", "cart_add", "pay"]
    after = apply(board(), {"op": "place_found", "text": "CART", "to": "s1"}, names)
    assert after.codes(names).tolist() == [0, 0, UNMAPPED]
    assert not after.rules


PATTERN = st.text("ab*", min_size=1, max_size=4)
NAMES = ["".join(letters) for letters in ("a", "b", "ab", "ba", "abab", "bbb", "aab")]
PLACE = st.sampled_from(["s1", "s2", "tray", "bin"])
CODE = {"s1": 0, "s2": 1, "tray": UNMAPPED, "bin": IGNORED}


@st.composite
def ruled(draw):
    stages = StageMap().add_stage("A").add_stage("B")
    for pattern, to in draw(st.lists(st.tuples(PATTERN, PLACE), max_size=3)):
        stages = apply(stages, {"op": "add_rule", "pattern": pattern, "to": to})
    for event, to in draw(st.lists(st.tuples(st.sampled_from(NAMES), PLACE), max_size=3)):
        stages = apply(stages, {"op": "place", "event": event, "to": to})
    return stages


@given(ruled(), PATTERN, PLACE)
def test_after_a_new_rule_all_that_fit_stand_there_and_the_others_where_they_stood(stages, pattern, to):
    after = apply(stages, {"op": "add_rule", "pattern": pattern, "to": to})
    rule = Rule(pattern, "")
    kept = {name: code for name, code in zip(NAMES, stages.codes(NAMES), strict=True) if not rule.fits(name)}
    expected = [CODE[to] if rule.fits(name) else kept[name] for name in NAMES]
    # An older rule of the same pattern is replaced, so nothing else can have leant on it.
    assert after.codes(NAMES).tolist() == expected
    assert StageMap.from_json(after.to_json()) == after


@given(ruled(), PLACE)
def test_a_moved_rule_takes_its_own_events_along_and_no_other(stages, to):
    for rule in stages.rules:
        after = apply(stages, {"op": "move_rule", "pattern": rule.pattern, "to": to})
        for name, before, now in zip(NAMES, stages.codes(NAMES), after.codes(NAMES), strict=True):
            assert now == (CODE[to] if stages.rule_of(name) == rule else before)


@given(ruled())
def test_a_removed_rule_lets_go_of_its_own_events_only(stages):
    for rule in stages.rules:
        after = apply(stages, {"op": "remove_rule", "pattern": rule.pattern})
        for name, before, now in zip(NAMES, stages.codes(NAMES), after.codes(NAMES), strict=True):
            assert now == before or stages.rule_of(name) == rule


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
        ({"op": "place_found", "text": 5, "to": "s1"}, SettingWrong),
        ({"op": "add_rule", "pattern": "", "to": "s1"}, SettingWrong),
        ({"op": "add_rule", "pattern": "x*", "to": "s9"}, StageUnknown),
        ({"op": "add_rule", "pattern": "x*", "to": "s1", "at": 7}, SettingWrong),
        ({"op": "move_rule", "pattern": "x*", "to": "s1"}, SettingWrong),
        ({"op": "remove_rule", "pattern": "x*"}, SettingWrong),
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
            for key in (
                "event",
                "events",
                "to",
                "name",
                "id",
                "at",
                "stage",
                "colour",
                "template",
                "map",
                "text",
                "pattern",
            )
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
