"""Counts of arms against the plan, as the rows have them and as every way to deal out says."""

from itertools import product
from math import factorial, prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, chisquare

from journey.statistics.mismatch import mismatch
from tests.endurance import examples

WEIGHTS = st.lists(st.integers(1, 9), min_size=2, max_size=4)


@pytest.mark.parametrize(
    ("counts", "weights", "p"),
    [
        ([1000, 1200], [0.5, 0.5], 2.007866e-5),
        ([500, 500, 600], [1, 1, 1], 0.00193045),
        ([821588, 815482], [50, 50], 1.821793e-6),
        ([5109, 2045, 2846], [0.5, 0.2, 0.3], 0.00352803),
    ],
)
def test_o16_counts_against_planned_weights_as_gbstats_has_them(counts, weights, p):
    assert mismatch(counts, weights) == pytest.approx(p, rel=1e-5)
    assert mismatch(counts, weights) == pytest.approx(
        chisquare(counts, np.array(weights) / sum(weights) * sum(counts)).pvalue, rel=1e-9
    )


def test_o17_a_gross_mismatch_against_the_plan():
    assert mismatch([9463, 7681], [1, 1]) == pytest.approx(3.502192e-42, rel=1e-6)
    assert mismatch([9463, 7681], [9463, 7681]) == 1


def every_way(n, arms):
    return [way for way in product(range(n + 1), repeat=arms) if sum(way) == n]


def chance(way, share):
    return factorial(sum(way)) * prod(s**k / factorial(k) for k, s in zip(way, share, strict=True))


@settings(max_examples=examples(20), deadline=None)
@given(WEIGHTS, st.data())
def test_few_are_judged_by_every_way_to_deal_them_out(weights, data):
    counts = data.draw(st.lists(st.integers(0, 3), min_size=len(weights), max_size=len(weights)))
    if not sum(counts):
        return
    share = [weight / sum(weights) for weight in weights]
    own = chance(counts, share)
    expected = sum(
        one for way in every_way(sum(counts), len(counts)) if (one := chance(way, share)) <= own * (1 + 1e-7)
    )
    if min(share) * sum(counts) < 5:
        assert mismatch(counts, weights) == pytest.approx(expected, abs=1e-9)


@settings(max_examples=examples(20), deadline=None)
@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 5))
def test_two_arms_with_few_are_a_binomial_test(one, other, weight):
    if one + other and (one + other) / (weight + 1) < 5:
        expected = binomtest(one, one + other, weight / (weight + 1)).pvalue
        assert mismatch([one, other], [weight, 1]) == pytest.approx(expected)


def test_too_many_ways_to_look_at_are_drawn_and_always_the_same():
    found = mismatch([2, 1, 2, 800], [1, 1, 1, 800])
    assert found == mismatch([2, 1, 2, 800], [1, 1, 1, 800])
    assert 0.2 < found < 0.4
    assert mismatch([12, 1, 2, 800], [1, 1, 1, 800]) == pytest.approx(1 / 100_001, abs=2e-5)


def test_many_days_at_once_and_the_order_of_arms_changes_nothing():
    days = np.array([[[1, 8, 3], [0, 0, 0]], [[500, 410, 480], [5, 4, 6]]])
    together = mismatch(days, [2, 1, 1])
    assert together.shape == (2, 2) and np.isnan(together[0, 1])
    for at in ((0, 0), (1, 0), (1, 1)):
        assert together[at] == pytest.approx(mismatch(days[at], [2, 1, 1]))
        assert together[at] == pytest.approx(mismatch(days[at][::-1], [1, 1, 2]))


def test_one_arm_is_as_planned_and_misuse_is_refused():
    assert mismatch([7], [1]) == 1
    assert np.isnan(mismatch([0, 0], [1, 1]))
    for counts, weights in (([1, 2], [1, 0]), ([1, 2, 3], [1, 1]), ([-1, 2], [1, 1])):
        with pytest.raises(ValueError, match="one weight"):
            mismatch(counts, weights)


def test_a_fair_draw_is_called_a_mismatch_as_rarely_as_p_says():
    draw = np.random.default_rng(5)
    p = mismatch(draw.multinomial(3_000, [0.5, 0.3, 0.2], size=20_000), [5, 3, 2])
    assert np.mean(p < 0.05) == pytest.approx(0.05, abs=0.006)
    assert np.mean(p < 0.001) <= 0.002
