"""A setting of another kind than its own is left out; what is sound comes through as it is."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.settings import sound

SOUND = {
    "period": ["2024-01-01", "2024-03-31"],
    "where": {"channel": ["web", None], "device": ["app"]},
    "unit": "session",
    "flows.steps": 12,
    "flows.group": "attribute:channel",
    "flows.anchors": ["s1"],
    "confirmed": ["view"],
}
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def test_sound_settings_stay_as_they_are():
    assert sound(SOUND) == SOUND


@pytest.mark.parametrize(
    "period",
    [
        5,
        "2024-01-01",
        ["2024-01-01"],
        ["2024-02-01", "2024-01-01"],
        ["2024-01-01", 1],
        ["2024-01-01", "2024-02-30"],
        ["2024-01-01", "9999-12-31"],
        ["0001-01-01", "2024-01-01"],
    ],
)
def test_a_period_that_is_none_is_left_out(period):
    assert sound({"period": period}) == {}


def test_of_chosen_values_only_texts_and_the_missing_value_stay_each_once():
    where = {"a": ["x", 1, ["y"], None, "x"], "b": "x", "c": [], "d": [{}]}
    assert sound({"where": where}) == {"where": {"a": ["x", None]}}


@pytest.mark.parametrize("steps", [0, 13, True, 6.0, "6", None])
def test_steps_that_cannot_be_drawn_are_left_out(steps):
    assert sound({"flows.steps": steps}) == {}


@given(st.dictionaries(st.sampled_from([*SOUND, "later"]), ANY_JSON))
def test_whatever_stands_in_the_file_is_made_sound_once_and_for_all(settings):
    once = sound(settings)
    assert sound(once) == once
    assert json.loads(json.dumps(once)) == once
    assert once.get("later") == settings.get("later")
