import json
import time
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.errors import SettingWrong, StageMapWrong, StageUnknown, TooManyStages
from journey.i18n import catalogue
from journey.stages.stage_map import IGNORED, MOST_STAGES, TRAY, UNMAPPED, Rule, Stage, StageMap

NAMES = ("view", "view_item", "search", "buy", "x", "", "구매", "a*b")
PATTERNS = ("view*", "*", "*e*", "b*y", "x", "*매", "*a**b*")


@st.composite
def stage_maps(draw):
    stages = StageMap()
    for number in range(draw(st.integers(0, 4))):
        stages = stages.add_stage(f"stage {number}")
    ids = [stage.id for stage in stages.stages]
    places = st.sampled_from(["", TRAY, *ids])
    stages = stages.with_rules(
        Rule(p, draw(places)) for p in draw(st.lists(st.sampled_from(PATTERNS), max_size=3))
    )
    for event in draw(st.lists(st.sampled_from(NAMES), unique=True)):
        stages = stages.put([event], draw(places))
    return stages.set_goal(draw(st.sampled_from([None, *ids])))


def test_codes_are_positions_and_follow_the_order_of_the_stages():
    stages = (
        StageMap().add_stage("인지").add_stage("구매").place("buy", "s2").place("view", "s1").ignore("ping")
    )
    codes = stages.codes(["view", "buy", "ping", "other"])
    assert codes.dtype == np.uint8
    assert codes.tolist() == [0, 1, IGNORED, UNMAPPED]
    assert stages.move_stage("s2", 0).codes(["view", "buy"]).tolist() == [1, 0]


@given(stage_maps(), st.sampled_from(NAMES))
def test_placing_and_unmapping_an_unmapped_event_changes_no_code(stages, event):
    if stages.stages and stages.codes([event])[0] == UNMAPPED:
        back = stages.place(event, stages.stages[-1].id).unmap(event)
        assert back.codes(NAMES).tolist() == stages.codes(NAMES).tolist()


@given(stage_maps(), st.sampled_from(NAMES))
def test_an_explicit_placement_wins_over_every_rule(stages, event):
    assert stages.unmap(event).codes([event])[0] == UNMAPPED
    assert stages.ignore(event).codes([event])[0] == IGNORED
    for position, stage in enumerate(stages.stages):
        assert stages.place(event, stage.id).codes([event])[0] == position
        assert stages.place(event, stage.id).stage_of(event) == stage.id


@given(stage_maps())
def test_the_text_of_a_map_reads_back_as_the_map(stages):
    again = StageMap.from_json(stages.to_json())
    assert again == stages
    assert again.to_json() == stages.to_json()
    assert hash(again) == hash(stages)


@given(stage_maps())
def test_removing_a_stage_unmaps_its_events_and_moves_no_other(stages):
    for position, stage in enumerate(stages.stages):
        before, after = stages.codes(NAMES), stages.remove_stage(stage.id).codes(NAMES)
        for old, new in zip(before.tolist(), after.tolist(), strict=True):
            expected = UNMAPPED if old == position else old - 1 if position < old < UNMAPPED else old
            assert new == expected


@given(stage_maps())
def test_edits_leave_the_map_as_it_was(stages):
    before = stages.to_json()
    stages.place("new", stages.stages[0].id) if stages.stages else stages.ignore("new")
    stages.unmap("view")
    stages.add_stage("another")
    stages.with_rules([])
    for stage in stages.stages:
        stages.remove_stage(stage.id)
        stages.rename_stage(stage.id, "renamed")
        stages.recolour(stage.id, "#000000")
        stages.move_stage(stage.id, 0)
        stages.set_goal(stage.id)
    assert stages.to_json() == before


def test_the_given_mapping_is_copied():
    events = {"a": "s1"}
    stages = StageMap(stages=(Stage("s1", "A", "#000000"),), events=events)
    events["b"] = "s1"
    assert stages.stage_of("b") is None


def test_the_thirteenth_stage_is_refused():
    stages = StageMap()
    for number in range(MOST_STAGES):
        stages = stages.add_stage(str(number))
    assert len({stage.colour for stage in stages.stages}) == MOST_STAGES
    with pytest.raises(TooManyStages) as refused:
        stages.add_stage("one more")
    assert refused.value.values == {"most": MOST_STAGES}


def test_an_id_is_never_given_twice():
    stages = StageMap().add_stage("a").add_stage("b").remove_stage("s2").add_stage("c")
    assert [stage.id for stage in stages.stages] == ["s1", "s3"]
    again = StageMap.from_json(stages.remove_stage("s3").to_json()).add_stage("d")
    assert [stage.id for stage in again.stages] == ["s1", "s4"]


@pytest.mark.parametrize("name", ["", "   ", "n" * 61, "A", " A ", None, 7])
def test_names_that_are_empty_long_or_taken_are_refused(name):
    stages = StageMap().add_stage("A").add_stage("B")
    with pytest.raises(SettingWrong) as refused:
        stages.add_stage(name)
    assert refused.value.values["setting"] == "name"
    with pytest.raises(SettingWrong):
        stages.rename_stage("s2", name)


def test_names_are_composed_and_trimmed_and_a_stage_may_keep_its_own():
    stages = StageMap().add_stage("  \u110b\u1175\u11ab\u110c\u1175\n stage ")
    assert stages.names == ("인지 stage",)
    assert stages.rename_stage("s1", "인지 stage") == stages
    assert stages.named(" 인지 stage ").id == "s1"
    assert stages.named("s1").name == "인지 stage"


def test_unknown_stages_are_refused_with_those_that_exist():
    stages = StageMap().add_stage("A")
    for edit in (
        lambda: stages.place("e", "A"),
        lambda: stages.remove_stage("s9"),
        lambda: stages.set_goal("s9"),
        lambda: stages.named("Z"),
        lambda: stages.with_rules([Rule("*", "s9")]),
    ):
        with pytest.raises(StageUnknown) as refused:
            edit()
        assert refused.value.values["have"] == ["A"]


@pytest.mark.parametrize("at", [-1, 3, True, 1.0, "1"])
def test_positions_outside_the_order_are_refused(at):
    stages = StageMap().add_stage("A").add_stage("B")
    with pytest.raises(SettingWrong):
        stages.add_stage("C", at=at)
    with pytest.raises(SettingWrong):
        stages.move_stage("s1", at)


@pytest.mark.parametrize("colour", ["red", "#12345", "#12345g", "#123456 ", None, 5])
def test_colours_are_six_hexadecimal_digits(colour):
    with pytest.raises(SettingWrong) as refused:
        StageMap().add_stage("A").recolour("s1", colour)
    assert refused.value.values["setting"] == "colour"


def test_the_goal_is_the_last_stage_unless_one_is_set_and_falls_back_when_it_is_removed():
    stages = StageMap().add_stage("A").add_stage("B").add_stage("C")
    assert StageMap().goal_stage is None
    assert stages.goal_stage.name == "C"
    assert stages.set_goal("s1").goal_stage.name == "A"
    assert stages.set_goal("s1").remove_stage("s1").goal_stage.name == "C"


# ---- rules ----


def fits(pattern, name):
    """Whether a pattern fits, tried in every way there is."""
    if not pattern:
        return not name
    if pattern[0] == "*":
        return any(fits(pattern[1:], name[at:]) for at in range(len(name) + 1))
    return name[:1] == pattern[0] and fits(pattern[1:], name[1:])


@given(st.text("ab*\n.", max_size=6), st.text("ab*\n.", max_size=7))
def test_a_star_is_any_run_of_characters(pattern, name):
    if pattern:
        stages = StageMap().add_stage("A").with_rules([Rule(pattern, "s1")])
        assert (stages.stage_of(name) == "s1") == fits(pattern, name)


def test_the_first_rule_that_fits_wins():
    stages = StageMap().add_stage("A").add_stage("B")
    rules = [Rule("/product/*/review*", "s2"), Rule("/product/*", "s1"), Rule("/*", "")]
    for order in (rules, rules[::-1]):
        stages = stages.with_rules(order)
        name = "/product/7/reviews"
        expected = {"/product/*/review*": 1, "/product/*": 0, "/*": IGNORED}[order[0].pattern]
        assert stages.codes([name])[0] == expected
    assert stages.with_rules([Rule("/product/*", TRAY), *rules]).codes(["/product/1"])[0] == UNMAPPED
    with pytest.raises(SettingWrong):
        stages.with_rules([Rule("", "s1")])


def test_an_event_that_is_dragged_to_the_tray_stays_there_in_spite_of_a_rule():
    stages = StageMap().add_stage("A").with_rules([Rule("view*", "s1")])
    out = stages.unmap("view_item")
    assert out.tray == {"view_item"}
    assert out.codes(["view_item", "view_cart"]).tolist() == [UNMAPPED, 0]
    assert out.place("view_item", "s1").tray == frozenset()
    assert stages.unmap("other").tray == frozenset()


def test_ten_thousand_names_and_fifty_rules_take_a_moment():
    names = [f"/product/{number}/view/{number * 7}" for number in range(10_000)]
    rules = [Rule(f"*x{n}*q{n}*z", "s1") for n in range(25)] + [Rule(f"/pr*{n}z*", "s1") for n in range(24)]
    stages = StageMap().add_stage("A").with_rules([*rules, Rule("/product/*", "s1")])
    begin = time.process_time()
    codes = stages.codes(names)
    assert time.process_time() - begin < 1
    assert not codes.any()


def test_a_pattern_of_many_stars_is_no_trap():
    stages = StageMap().add_stage("A").with_rules([Rule("*a" * 30 + "*b", "s1")])
    begin = time.process_time()
    assert stages.stage_of("a" * 5000) is None
    assert time.process_time() - begin < 1


# ---- JSON written by hand ----


def test_a_map_may_be_written_by_hand():
    stages = StageMap.from_json(
        '{"stages": ["인지", {"name": "구매", "colour": "#112233"}],'
        ' "events": {"view": "인지", "buy": "s2"}, "ignored": ["ping"],'
        ' "rules": [{"pattern": "v*", "stage": "구매"}, {"pattern": "*", "stage": ""}], "goal": "구매"}'
    )
    assert stages.names == ("인지", "구매")
    assert stages.codes(["view", "buy", "ping", "vx", "rest"]).tolist() == [0, 1, IGNORED, 1, IGNORED]
    assert stages.goal_stage.colour == "#112233"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"stage": ["A"]}',
        '{"stages": "A"}',
        '{"stages": [5]}',
        '{"stages": ["A", "A"]}',
        '{"stages": [{"name": ""}]}',
        '{"stages": [{"name": "A", "color": "#000000"}]}',
        '{"stages": [{"name": "A", "id": "tray"}]}',
        '{"stages": [{"name": "A", "id": "a b"}]}',
        '{"stages": [{"name": "A", "id": "x"}, {"name": "B", "id": "x"}]}',
        '{"stages": ["A"], "events": {"e": "B"}}',
        '{"stages": ["A"], "events": {"e": 1}}',
        '{"stages": ["A"], "events": {"e": "A", "e": "A"}}',
        '{"stages": ["A"], "events": {"e": "A"}, "ignored": ["e"]}',
        '{"stages": ["A"], "ignored": [1]}',
        '{"stages": ["A"], "rules": [{"pattern": "x"}]}',
        '{"stages": ["A"], "rules": [{"pattern": "", "stage": "A"}]}',
        '{"stages": ["A"], "goal": "B"}',
        '{"stages": ["\\ud800"]}',
        '{"version": 2}',
        json.dumps({"stages": [str(n) for n in range(12)], "last_id": "x"}),
        "[" * 100_000,
    ],
)
def test_a_map_that_makes_no_sense_is_refused_and_says_where(text):
    with pytest.raises(StageMapWrong) as refused:
        StageMap.from_json(text)
    assert refused.value.values.get("detail") or refused.value.values["line"] == 1
    assert refused.value.key in catalogue("ko")


def test_thirteen_stages_by_hand_are_too_many():
    with pytest.raises(TooManyStages):
        StageMap.from_json(json.dumps({"stages": [str(n) for n in range(13)]}))


def test_a_map_cannot_be_made_wrong():
    good = StageMap().add_stage("A").add_stage("B")
    for wrong in (
        {"events": {"e": "s9"}},
        {"rules": (Rule("*", "s9"),)},
        {"goal": "s9"},
        {"stages": (good.stages[0], good.stages[0])},
    ):
        with pytest.raises(StageMapWrong):
            replace(good, **wrong)


def test_free_colours_are_taken_in_order_without_repeating():
    stages = StageMap().add_stage("A").add_stage("B").remove_stage("s1").add_stage("C")
    assert all(a.colour != b.colour for a, b in combinations(stages.stages, 2))


def test_a_map_of_very_many_events_is_read_in_linear_time():
    events = {f"event {number}": "A" for number in range(50_000)}
    begin = time.process_time()
    stages = StageMap.from_json(json.dumps({"stages": ["A"], "events": events}))
    assert time.process_time() - begin < 3
    assert len(stages.events) == 50_000
    with pytest.raises(StageMapWrong) as caught:
        StageMap.from_json('{"stages": ["A"], "events": {"y": "A", "x": "A", "y": "A", "x": "A", "z": "A"}}')
    assert caught.value.values["detail"] == "JSON: x, y ×2"
