"""Who gets which arm: against the recipe spelled out, and the laws of a fair and steady draw."""

import hashlib
import unicodedata
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, chisquare

from journey.analysis.assignment import BUCKETS, assignment, boundaries, hashed
from journey.errors import SettingWrong
from journey.stages.experiment_plan import Arm
from tests.analysis.logs import speak
from tests.endurance import examples

IDS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=6), max_size=30)
WEIGHTS = st.lists(st.sampled_from([0.1, 0.5, 1, 2, 3, 7.25, 90]), min_size=2, max_size=5)
EQUAL = (Arm("A"), Arm("B"))
# chi-square with one degree of freedom is above this in one of 100,000 fair draws
ONE_IN_100000 = 1e-5


def arms_of(weights):
    return [Arm(f"arm {place}", weight=weight) for place, weight in enumerate(weights)]


def by_id(answer):
    return dict(zip(answer.table["customer"], answer.table["arm"], strict=True))


def recipe(one, salt, weights):
    """The draw as an engineer would write it down from its description."""
    text = unicodedata.normalize("NFC", one.strip())
    number = int(hashlib.sha256(salt.encode() + b"\0" + text.encode()).hexdigest()[:16], 16)
    bucket, upto = number % 1_000_000, 0
    for place, weight in enumerate(weights):
        upto += weight
        if bucket < int(1_000_000 * upto / sum(weights) + 0.5):
            return f"arm {place}"


@settings(max_examples=examples(60))
@given(IDS, st.sampled_from([[1, 1], [1, 1, 1], [2, 1], [9, 1], [1, 2, 5]]), st.text("abc한", min_size=1))
def test_an_arm_is_what_the_recipe_says(ids, weights, salt):
    answer = assignment(ids, arms=arms_of(weights), salt=salt)
    clean = {unicodedata.normalize("NFC", one.strip()) for one in ids if one.strip()}
    assert by_id(answer) == {one: recipe(one, salt, weights) for one in clean}
    assert answer.n_customers + answer.n_duplicates + answer.n_blank == len(ids)
    speak(answer)


def test_known_arms_for_those_who_write_it_again_in_another_language():
    """The first 16 digits of `printf 'spring\\0C-1001' | sha256sum`, modulo a million; the others alike."""
    answer = assignment(["C-1001", "C-1002", "고객-1", "고객-1"], arms=EQUAL, salt="spring")
    numbers = hashed(answer.table["customer"], "spring") % np.uint64(BUCKETS)
    assert numbers.tolist() == [628_143, 299_128, 825_881]
    assert answer.table["arm"].tolist() == ["B", "A", "B"]
    assert answer.arms["until"].tolist() == [500_000, 1_000_000]


@settings(max_examples=examples(40))
@given(IDS, IDS, WEIGHTS, st.randoms(use_true_random=False))
def test_neither_order_nor_others_nor_a_second_line_change_an_arm(ids, more, weights, chance):
    arms = arms_of(weights)
    first = by_id(assignment(ids, arms=arms, salt="s"))
    mixed = [*ids, *more, *ids]
    chance.shuffle(mixed)
    after = by_id(assignment(mixed, arms=arms, salt="s"))
    assert first.items() <= after.items()
    without = assignment(mixed, arms=arms, salt="s", excluded=ids)
    assert by_id(without).items() <= after.items() and not by_id(without).keys() & first.keys()
    assert without.n_excluded == len(first)


@pytest.mark.parametrize("weights", [[1, 1], [1, 1, 1], [9, 1], [5, 3, 2], [0.001, 1]])
@pytest.mark.parametrize("salt", ["a", "b"])
def test_shares_are_as_planned_by_the_chi_square(weights, salt):
    answer = assignment((f"C{n:05d}" for n in range(20_000)), arms=arms_of(weights), salt=salt)
    assert answer.arms["planned"].sum() == pytest.approx(1)
    expected = answer.arms["planned"] * answer.n_customers
    assert chisquare(answer.arms["customers"], expected).pvalue > ONE_IN_100000


def test_two_salts_know_nothing_of_each_other():
    ids = [str(n) for n in range(20_000)]
    first, second = (assignment(ids, arms=EQUAL, salt=salt).table["arm"] for salt in ("a", "b"))
    met = np.array([[((first == a) & (second == b)).sum() for b in "AB"] for a in "AB"])
    assert chi2_contingency(met, correction=False).pvalue > ONE_IN_100000


def test_one_character_more_in_an_id_is_another_draw():
    """Ids that count upwards are no pattern: neighbours share an arm as often as not."""
    drawn = assignment((str(n) for n in range(20_000)), arms=EQUAL, salt="a").table["arm"].to_numpy()
    same = (drawn[1:] == drawn[:-1]).sum()
    assert chisquare([same, 19_999 - same]).pvalue > ONE_IN_100000


@settings(max_examples=examples(60))
@given(
    st.lists(st.tuples(st.text("abcdef", min_size=1, max_size=3), st.sampled_from("xyz")), max_size=40),
    WEIGHTS,
    st.randoms(use_true_random=False),
)
def test_in_every_stratum_and_in_all_of_them_the_arms_keep_their_shares(lines, weights, chance):
    def drawn(these):
        ids, strata = [one for one, _ in these], [stratum for _, stratum in these]
        return assignment(ids, arms=arms_of(weights), salt="s", strata=strata)

    answer, mixed = drawn(lines), list(lines)
    chance.shuffle(mixed)
    assert by_id(answer) == by_id(drawn(mixed))
    planned = answer.arms["planned"].to_numpy()
    off = (answer.arms["customers"] - planned * answer.n_customers).abs()
    assert (off <= 0.5 + len(weights) * planned / 2 + 1e-9).all()
    for _, one in answer.strata.groupby("stratum"):
        assert ((one["customers"].to_numpy() - planned * one["customers"].sum()) <= 1 + len(weights)).all()
    assert answer.strata["customers"].sum() == answer.n_customers
    speak(answer)


def test_equal_arms_differ_by_one_at_most_within_a_stratum_and_in_all():
    ids = [f"C{n}" for n in range(1_001)]
    answer = assignment(ids, arms=EQUAL, salt="a", strata=[str(len(one)) for one in ids])
    assert answer.arms["customers"].tolist() == [501, 500]
    for _, one in answer.strata.groupby("stratum"):
        assert abs(one["customers"].iloc[0] - one["customers"].iloc[1]) <= 1
    again = assignment(ids, arms=EQUAL, salt="b", strata=[str(len(one)) for one in ids])
    assert 400 < (answer.table["arm"] == again.table["arm"]).sum() < 600


def test_what_is_left_out_is_counted_once_and_a_composed_letter_is_the_same_letter():
    decomposed = unicodedata.normalize("NFD", "고객")
    answer = assignment(
        ["a", " a ", "", None, "b", "고객", decomposed, "b", "  "], arms=EQUAL, salt="a", excluded=["b", "z"]
    )
    assert answer.table["customer"].tolist() == ["a", "고객"]
    assert (answer.n_blank, answer.n_duplicates, answer.n_excluded) == (3, 2, 1)
    codes = Counter(note.code for note in answer.notes)
    assert codes.keys() >= {"planner.note_blank", "planner.note_duplicates", "planner.note_excluded"}


def test_nobody_is_drawn_from_an_empty_list():
    for strata in (None, []):
        answer = assignment([], arms=EQUAL, salt="a", strata=strata)
        assert answer.table.empty and answer.finding.code == "planner.drawn_nobody"
        assert answer.arms["customers"].tolist() == [0, 0]
        speak(answer)


@pytest.mark.parametrize(
    ("arms", "salt"), [([Arm("A")], "a"), ([Arm(str(n)) for n in range(11)], "a"), (EQUAL, ""), ([], "a")]
)
def test_a_draw_without_two_arms_or_a_salt_is_refused(arms, salt):
    with pytest.raises(SettingWrong):
        assignment(["a"], arms=arms, salt=salt)


def test_every_bucket_belongs_to_an_arm():
    for weights in ([1, 1, 1], [1e-6, 1e6], [0.1] * 10, [1 / 3, 2 / 3]):
        ends = boundaries(weights)
        assert ends[-1] == 1_000_000 and (np.diff(ends.astype(int)) >= 0).all()
