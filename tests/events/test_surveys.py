"""Answers on the scale they were given on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.errors import NoUsableRows
from journey.events.clean import cleaned
from journey.events.cleaned import REASONS
from journey.events.kinds import TableChoice
from journey.events.scales import scale_of
from journey.i18n import LANGUAGES, text
from journey.sources.files import read_table

ROLES = {
    "customer": ("id",),
    "time": ("때",),
    "scores": ("만족도", "추천의향"),
    "comment": ("의견",),
    "touchpoint": ("접점",),
    "attributes": ("지점",),
}
CHOICE = TableChoice("survey", ROLES)


def made_of(*rows, choice=CHOICE, header="id,때,만족도,추천의향,의견,접점,지점"):
    return cleaned(read_table("\n".join([header, *rows]).encode(), "a.csv", header=1), choice)


def notes(made):
    return [(note.code, dict(note.values)) for note in made.notes]


def test_responses_and_their_answers():
    made = made_of(
        "a,2024-03-05,5,9,좋아요,매장,강남",
        ",2024-03-06,3점,0,,앱,",
        "b,soon,0,10,NA,,",
        "c,2024-03-05,,,,앱,",
        "c,2024-03-05,,,말만,앱,",
        "d,2024-03-05,99,7,,앱,",
        "합계,,10,20,,,",
    )
    answers = [list(row.values()) for row in made.tables["answers"].to_pylist()]
    assert answers == [
        [0, "만족도", 5.0, "1-5"],
        [1, "만족도", 3.0, "1-5"],
        [0, "추천의향", 9.0, "0-10"],
        [1, "추천의향", 0.0, "0-10"],
        [2, "추천의향", 10.0, "0-10"],
        [5, "추천의향", 7.0, "0-10"],
    ]
    responses = made.tables["responses"].to_pylist()
    assert [row["response"] for row in responses] == [0, 1, 2, 4, 5]
    assert [row["customer"] for row in responses] == ["a", None, "b", "c", "d"]
    assert [row["comment"] for row in responses] == ["좋아요", None, "NA", "말만", None]
    assert responses[2]["time"] is None
    assert responses[0]["지점"] == "강남"
    assert [REASONS[code] for code in made.reason] == [*["used"] * 3, "no_value", "used", "used", "total"]
    found = notes(made)
    assert ("tables.zeros_missing", {"column": "만족도", "n": 1, "scale": "1-5"}) in found
    assert ("tables.scores_off_scale", {"column": "만족도", "n": 1, "scale": "1-5"}) in found
    assert ("tables.without_customer", {"rows": 1}) in found
    assert ("tables.without_time", {"rows": 1}) in found
    assert ("tables.dropped_no_value", {"rows": 1}) in found
    assert made.customer_ids.to_pylist() == ["a", "b", "c", "d"]
    for note in made.notes:
        assert all(text(note.code, language, **note.values) for language in LANGUAGES)


def test_answers_in_words():
    made = made_of("a,,매우 만족,,,,", "b,,불만족,,,,", "c,,글쎄요,,,,")
    assert made.tables["answers"].column("score").to_pylist() == [5.0, 2.0]
    assert ("tables.numbers_unreadable", {"column": "만족도", "n": 1}) in notes(made)


def test_no_answer_at_all():
    with pytest.raises(NoUsableRows) as caught:
        made_of("a,,,,,,", "b,,글쎄요,,,,")
    assert caught.value.values == {"rows": 2, "no_customer": 0, "no_value": 2}


def test_only_scores_are_needed():
    made = made_of("5", "4", choice=TableChoice("survey", {"scores": ("점수",)}), header="점수")
    assert made.tables["responses"].column("customer").null_count == 2
    assert len(made.customer_ids) == 0
    assert made.tables["answers"].num_rows == made.used == 2


@pytest.mark.parametrize(
    ("name", "values", "scale"),
    [
        ("만족도", [1, 2, 5], "1-5"),
        ("만족도", [0, 2, 5], "1-5"),
        ("만족도", [4.5, 3], "1-5"),
        ("만족도", [1, 7, 4], "1-7"),
        ("만족도", [1, 10, 4], "1-10"),
        ("만족도", [0, 10, 4], "0-10"),
        ("만족도", [80, 100, 45], "0-100"),
        ("만족도", [80, 1000, 450], None),
        ("만족도", [1, 0, 1], "0-1"),
        ("만족도", [1, 1], "1-5"),
        ("만족도", [], None),
        ("만족도 (1-7)", [1, 2, 5], "1-7"),
        ("만족도 1~10점", [3, 4], "1-10"),
        ("Q1-5 만족도", [0, 10, 3, 8], "0-10"),
        ("NPS", [6, 7], "0-10"),
        ("nps_score", [0, 2, 5], "0-10"),
        ("추천 의향", [1, 3, 5], "1-5"),
        ("How likely are you to recommend us?", [9, 10, 3], "0-10"),
        ("만족도", [1, 2, 5, 99, 99, 99], "1-5"),
        ("만족도", [1, 2, 3, 4, 5] * 20 + [55], "1-5"),
        ("2024-03 만족도", [1, 2, 5], "1-5"),
    ],
)
def test_the_scale_by_name_and_scores(name, values, scale):
    assert scale_of(name, np.array([*values, np.nan], dtype=float)) == scale


SCORES = st.lists(st.sampled_from([0, 1, 2, 3.5, 5, 6, 7, 9, 10, 55, 99, 1000]), min_size=1, max_size=20)


@given(SCORES, st.randoms())
def test_every_answer_lies_on_its_scale_and_the_order_of_rows_changes_nothing(values, random):
    choice = TableChoice("survey", {"scores": ("q",)})
    shuffled = random.sample(values, len(values))
    try:
        made, other = (made_of(*map(str, each), choice=choice, header="q") for each in (values, shuffled))
    except NoUsableRows:
        return
    answers = made.tables["answers"].to_pylist()
    for answer in answers:
        if answer["scale"]:
            low, high = map(int, answer["scale"].split("-"))
            assert low <= answer["score"] <= high
    assert sorted(other.tables["answers"].column("score").to_pylist()) == sorted(a["score"] for a in answers)
    assert made.used + sum((made.reason == code).sum() for code in range(1, len(REASONS))) == made.rows
    assert len(answers) == made.used
