"""Which opportunity first? The order is that of impact per effort, whatever order they came in."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.analysis.priorities import Opportunity, priorities
from journey.i18n import LANGUAGES, text
from tests.endurance import examples

POINTS = st.integers(0, 5)


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.tuples(POINTS, POINTS, st.booleans()), max_size=12))
def test_a_better_one_never_stands_behind_and_equal_ones_share_their_rank(points):
    given_ = [Opportunity(f"c{at}", f"일 {at}", *one) for at, one in enumerate(points)]
    answer = priorities(given_)
    told = {one.id: one for one in given_}
    rated = {one.id for one in given_ if one.impact and one.effort}
    assert set(answer.table["id"]) == set(told) and answer.n_rated == len(rated)
    for row in answer.table.itertuples(index=False):
        if row.id not in rated:
            assert row.quarter == "" and str(row.rank) == "<NA>"
            continue
        # Cross-multiplied, so that no fraction is rounded.
        mine = told[row.id]
        better = [
            one
            for id_ in rated
            if (one := told[id_]).impact * mine.effort > mine.impact * one.effort
            or (one.impact * mine.effort == mine.impact * one.effort and one.impact > mine.impact)
        ]
        assert row.rank == len(better) + 1
        assert (
            row.quarter
            == {
                (True, False): "first",
                (True, True): "plan",
                (False, False): "fill",
                (False, True): "later",
            }[mine.impact >= 3, mine.effort >= 4]
        )
    shuffled = random.Random(1).sample(given_, len(given_))
    assert priorities(shuffled).table.equals(answer.table)
    for language in LANGUAGES:
        for said in (answer.finding, *answer.notes):
            assert text(said.code, language, **said.values)


def test_what_is_said_of_none_of_unrated_and_of_equal_ones():
    a, b = Opportunity("a", "가", 4, 2), Opportunity("b", "나", 4, 2, True)
    assert priorities([]).finding.code == "improvements.priorities_none"
    assert priorities([Opportunity("a", "가", 4)]).finding.code == "improvements.priorities_unrated"
    assert priorities([a]).finding.values == {"text": "가", "impact": 4, "effort": 2}
    assert priorities([a, b]).finding.values["n"] == 1
    assert [note.code for note in priorities([a, b, Opportunity("c", "다")]).notes] == [
        "improvements.note_unrated",
        "improvements.note_judged",
    ]
    assert priorities([a]).notes[0].code == "improvements.note_judged_all"
    assert priorities([a]).table["ratio"].tolist() == pytest.approx([2.0])
