"""Causes of friction: what a team assigns is read again, and nothing else."""

import pytest

from journey.errors import SettingWrong
from journey.projects.state import ProjectState, edited, is_personal
from journey.stages.causes import BEGINNING, CAUSES, Assigned, assigned, content, setting_of


def test_what_is_assigned_is_read_again_in_the_order_of_the_causes():
    state = ProjectState()
    for kind, name, causes in (("event", "결제 오류", ["waiting"]), ("stage", "s1", ["redundant", "lost"])):
        value = content(kind, name, causes, by="지은")
        op = {"op": "setting", "name": setting_of(kind, name), "value": value}
        state = edited(state, op, lambda: None)
    assert assigned(state.settings) == (
        Assigned("stage", "s1", ("lost", "redundant"), "지은"),
        Assigned("event", "결제 오류", ("waiting",), "지은"),
    )
    assert not any(is_personal(name) for name in state.settings)


def test_no_causes_take_the_setting_away():
    assert content("stage", "s1", []) is None


def test_a_stage_and_an_event_of_one_name_have_settings_of_their_own():
    assert setting_of("stage", "x") == setting_of("stage", "x") != setting_of("event", "x")
    assert len(setting_of("stage", "x")) == len(BEGINNING) + 12


@pytest.mark.parametrize(("kind", "causes"), [("link", ["waiting"]), ("stage", ["magic"])])
def test_what_is_no_cause_is_refused(kind, causes):
    with pytest.raises(SettingWrong):
        content(kind, "x", causes)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "waiting",
        {"kind": "stage", "name": "s1", "causes": ["waiting"]},
        {"kind": "link", "name": "s1", "causes": ["waiting"]},
        {"kind": "event", "name": 3, "causes": ["waiting"]},
        {"kind": "event", "name": "a", "causes": "waiting"},
        {"kind": "event", "name": "a", "causes": ["magic"]},
    ],
)
def test_what_is_written_otherwise_is_left_out(value):
    assert assigned({f"{BEGINNING}0123456789ab": value, "segment.0123456789ab": {}}) == ()


def test_there_are_five_causes_and_the_redundant_touchpoint():
    assert len(CAUSES) == 6 and CAUSES[-1] == "redundant"
