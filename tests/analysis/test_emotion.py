"""How a journey feels: measured where customers rated, and held against what a team drew."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from journey.aggregates.stage_measures import stage_measures
from journey.analysis.emotion import ALL, emotion, emotion_quotes
from journey.errors import SettingWrong
from journey.i18n import LANGUAGES, text
from tests.aggregates.test_voices import LOG, STAGES, reviews, survey
from tests.analysis.logs import event_log, stage_map
from tests.analysis.oracle import Row

_MANY = event_log([Row(f"c{at}", "가입", 0) for at in range(20)])
_ONE = stage_map({"가입": "인지"})
_FIRST = _ONE.stages[0].id


def _rated(stars):
    """Reviews of the first customers with these stars."""
    return reviews([(f"c{at}", 10, None, "글", score) for at, score in enumerate(stars)])


def test_all_ratings_say_what_the_heads_of_the_stages_say_and_their_kinds_apart_add_up():
    tables = replace(
        survey([("a", 30, None, None, "가", [5]), ("b", 30, None, None, "나", [2])]),
        reviews=reviews([("a", 90, None, "다", 1), ("b", 90, None, "라", 4)]).reviews,
    )
    answer = emotion(LOG, STAGES, tables=tables)
    heads = stage_measures(LOG, STAGES, tables).table
    for name, head in (("feeling", "feeling"), ("low", "feeling_low"), ("high", "feeling_high")):
        np.testing.assert_array_equal(answer.curve()[name], heads[head])
    assert answer.sources == ("csat", "review") and answer.n_customers == 2
    apart = sum(answer.curve(name)["ratings"] for name in answer.sources)
    assert apart.tolist() == answer.curve()["ratings"].tolist() == [3, 1, 0]
    assert answer.curve("review")["feeling"].tolist()[:2] == [1.0, -2.0]


@given(st.lists(st.integers(1, 5), min_size=1, max_size=12), st.floats(-2, 2))
def test_a_gap_is_flagged_where_what_was_drawn_lies_outside_of_the_interval(stars, drawn):
    row = emotion(_MANY, _ONE, tables=_rated(stars), felt={_FIRST: drawn}).curve().iloc[0]
    values = np.array(stars) - 3.0
    assert row["feeling"] == pytest.approx(values.mean()) and row["raters"] == len(stars)
    assert row["gap"] == pytest.approx(drawn - values.mean())
    if len(stars) < 5:
        assert not row["outside"]
    else:
        # One rating a customer: the interval is that of a plain mean.
        half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / math.sqrt(len(values))
        if abs(abs(drawn - values.mean()) - half) > 1e-6:
            assert row["outside"] == (abs(drawn - values.mean()) > half)


@pytest.mark.parametrize(
    ("stars", "felt", "code"),
    [
        ([5, 4, 5, 4, 5, 4], {_FIRST: -1.0}, "emotion.finding_worse"),
        ([2, 1, 2, 1, 2, 1], {_FIRST: 1.0}, "emotion.finding_better"),
        ([2, 1, 2, 1, 2, 1], {_FIRST: -1.5}, "emotion.finding_agree"),
        ([2, 1, 2, 1, 2, 1], {}, "emotion.finding_lowest"),
        ([2, 1], {_FIRST: 2.0}, "emotion.finding_few"),
        ([], {_FIRST: 2.0, "gone": 1.0}, "emotion.finding_none"),
    ],
)
def test_the_sentence_says_where_team_and_customers_part(stars, felt, code):
    answer = emotion(_MANY, _ONE, tables=_rated(stars), felt=felt)
    assert answer.finding.code == code
    assert (answer.headline is None) == (not stars)
    for language in LANGUAGES:
        assert "{" not in text(answer.finding.code, language, **answer.finding.values)
        assert all("{" not in text(note.code, language, **note.values) for note in answer.notes)


def test_only_those_of_a_segment_count_where_one_is_named():
    tables = _rated([5, 1, 1])
    one = np.arange(20) == 0
    answer = emotion(_MANY, _ONE, tables=tables, among=one)
    assert answer.curve()["feeling"].iloc[0] == 2.0 and answer.n_customers == 1
    assert [note.code for note in answer.notes] == ["emotion.note_scale"]


def test_ratings_that_belong_nowhere_are_told_of():
    rows = [("nobody", 10, None, "글", 5), ("c0", None, None, "글", 5), ("c1", 10, None, "글", 5)]
    answer = emotion(_MANY, _ONE, tables=reviews(rows))
    assert answer.notes[-1].values == {"n": 2, "of": 3}
    assert emotion(_MANY, _ONE).notes == () and emotion(_MANY, _ONE).curve(ALL)["ratings"].sum() == 0


def test_without_stages_it_says_so():
    assert emotion(_MANY, type(_ONE)()).finding.code == "emotion.finding_no_stages"
    assert isinstance(emotion(_MANY, type(_ONE)()).table, pd.DataFrame)


def test_quotes_are_ordered_as_asked():
    tables = _rated([5, 1])
    low, high = (
        emotion_quotes(_MANY, _ONE, stage=_FIRST, tables=tables, order=order) for order in ("low", "high")
    )
    assert low.table["feeling"].tolist() == high.table["feeling"].tolist()[::-1] == [-2.0, 2.0]
    with pytest.raises(SettingWrong):
        emotion_quotes(_MANY, _ONE, stage=_FIRST, tables=tables, order="newest")
