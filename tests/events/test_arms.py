"""Records of experiments: arms as text, outcomes as numbers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.events.clean import cleaned
from journey.events.cleaned import REASONS
from journey.events.kinds import TableChoice
from journey.i18n import LANGUAGES, text
from journey.sources.files import read_table

CHOICE = TableChoice(
    "experiment",
    {
        "customer": ("id",),
        "experiment": ("실험",),
        "arm": ("그룹",),
        "outcomes": ("전환", "매출"),
        "attributes": ("기기",),
    },
)


def made_of(*rows, choice=CHOICE, header="id,실험,그룹,전환,매출,기기"):
    return cleaned(read_table("\n".join([header, *rows]).encode(), "a.csv", header=1), choice)


def notes(made):
    return {note.code: dict(note.values) for note in made.notes}


def test_records_with_their_outcomes():
    made = made_of(
        'a,e1, A ,True,"337,300.00",앱',
        "b,e1,B,false,,웹",
        "a,e1,B,True,1만,앱",
        "a,e2,A,,5,앱",
        ",e1,A,True,5,앱",
        "c,e1,,True,5,앱",
    )
    assert [list(row.values()) for row in made.tables["records"].to_pylist()] == [
        ["a", "e1", "A", None, 1.0, 337300.0, "앱"],
        ["b", "e1", "B", None, 0.0, None, "웹"],
        ["a", "e1", "B", None, 1.0, 10000.0, "앱"],
        ["a", "e2", "A", None, None, 5.0, "앱"],
    ]
    assert [REASONS[code] for code in made.reason] == [*["used"] * 4, "no_customer", "no_value"]
    assert notes(made)["tables.arms_two"] == {"n": 1}
    for note in made.notes:
        assert all(text(note.code, language, **note.values) for language in LANGUAGES)


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("True", "False"),
        ("1", "0"),
        ("Y", "N"),
        ("전환", "미전환"),
        ("예", "아니오"),
        ("있음", "없음"),
        ("O", "X"),
    ],
)
def test_yes_and_no_are_one_and_nothing(yes, no):
    made = made_of(f"a,e,A,{yes},,", f"b,e,A,{no},,", "c,e,A,,,")
    assert made.tables["records"].column("전환").to_pylist() == [1.0, 0.0, None]


def test_only_yes_is_told():
    made = made_of("a,e,A,전환,,", "b,e,B,,,")
    assert notes(made)["tables.outcome_only_yes"] == {"column": "전환", "n": 1}
    assert "tables.outcome_only_yes" not in notes(made_of("a,e,A,1,,", "b,e,B,,,"))


def test_without_customers_every_row_is_a_record():
    choice = TableChoice("experiment", {"arm": ("arm",), "outcomes": ("customer", "x")})
    made = made_of("A,1,2", "A,3,what", choice=choice, header="arm,customer,x")
    assert made.tables["records"].column("customer.1").to_pylist() == [1.0, 3.0]
    assert made.tables["records"].column("x").to_pylist() == [2.0, None]
    assert notes(made)["tables.numbers_unreadable"] == {"column": "x", "n": 1}
    assert len(made.customer_ids) == 0


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from(["e", "f", ""]), st.sampled_from("AB")), min_size=1
    )
)
def test_customers_in_two_arms_are_counted_once(rows):
    made = made_of(*(f"{who},{of},{arm},1,1," for who, of, arm in rows))
    arms = {}
    for who, of, arm in rows:
        arms.setdefault((who, of), set()).add(arm)
    twice = {who for (who, _), seen in arms.items() if len(seen) > 1}
    assert notes(made).get("tables.arms_two", {"n": 0}) == {"n": len(twice)}
    assert made.used == len(rows) == made.tables["records"].num_rows
    assert math.fsum(made.tables["records"].column("전환").to_pylist()) == len(rows)


# ---- what cannot be an outcome ----------------------------------------------------------------------------


def test_days_and_words_are_no_outcomes_and_are_kept():
    made = made_of("a,e,A,2024-03-01,좋음,앱", "b,e,B,2024-03-02,나쁨,웹")
    table = made.tables["records"]
    assert table.column("전환").to_pylist() == ["2024-03-01", "2024-03-02"]
    assert table.column("매출").to_pylist() == ["좋음", "나쁨"]
    assert notes(made)["tables.outcome_days"] == {"column": "전환"}
    assert notes(made)["tables.outcome_words"] == {"column": "매출"}
    assert "tables.numbers_unreadable" not in notes(made)
    for note in made.notes:
        assert all(text(note.code, language, **note.values) for language in LANGUAGES)


def test_percentages_are_shares_and_what_is_no_number_is_counted():
    made = made_of("a,e,A,12.5%,inf,", "b,e,B,50%,-3,", "c,e,B,,1.0,")
    assert made.tables["records"].column("전환").to_pylist() == [0.125, 0.5, None]
    assert made.tables["records"].column("매출").to_pylist() == [None, -3.0, 1.0]
    assert notes(made)["tables.outcome_percent"] == {"column": "전환", "n": 2}
    assert notes(made)["tables.numbers_unreadable"] == {"column": "매출", "n": 1}


def test_one_arm_is_told_and_spellings_of_an_arm_stay():
    made = made_of("a,e,A,1,,", "b,e,A,0,,")
    assert notes(made)["tables.arms_one"] == {"arm": "A"}
    made = made_of("a,e,그룹 A,1,,", "b,e,그룹A,0,,", "c,e,그룹 a,0,,")
    assert made.tables["records"].column("arm").to_pylist() == ["그룹 A", "그룹A", "그룹 a"]
    assert "tables.arms_one" not in notes(made)
