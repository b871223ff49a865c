"""No two words overlap, and none leaves the sheet."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.charts.answers import EN, KO, sampled
from tests.charts.pictures import LONG, PICTURES, layout
from tests.endurance import examples


@pytest.mark.parametrize("name", PICTURES)
def test_no_two_words_overlap_and_none_leaves_the_sheet(name):
    answer, width, height = PICTURES[name]
    assert_words_are_apart(layout(answer, width, height).words, width, height)


@pytest.mark.parametrize("steps", range(1, 13))
@settings(max_examples=examples(4), deadline=None)
@given(data=st.data())
def test_no_two_words_overlap_at_any_number_of_steps(steps, data):
    stages = data.draw(st.integers(1, 12))
    names = tuple(data.draw(st.permutations([*LONG, *EN]))[:stages])
    backward = data.draw(st.booleans())
    answer = sampled(300, stages, steps, names=names, stay=0.9, backward=backward)
    width, height = data.draw(st.integers(320, 1600)), data.draw(st.integers(180, 900))
    assert_words_are_apart(layout(answer, width, height).words, width, height)


def assert_words_are_apart(words, width, height):
    """No two boxes overlap and none leaves the sheet."""
    assert words
    for one, other in combinations(words, 2):
        a, b = one.box, other.box
        assert a[0] >= b[2] or b[0] >= a[2] or a[1] >= b[3] or b[1] >= a[3], (one, other)
    for word in words:
        left, top, right, bottom = word.box
        assert left >= -0.01 and top >= 0 and right <= width + 0.01 and bottom <= height + 0.01, word


def test_narrow_columns_bring_a_legend_with_every_name():
    sheet = layout(sampled(3000, 12, 12, stay=0.93), 360, 460)
    legend = [word.text for word in sheet.words if word.role == "legend"]
    assert legend == list(KO) and len(sheet.keys) == 12
