"""Totals, means and ratios from sums: against scipy, by laws, and by what simulations cover."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from journey.statistics.sums import Sums, mean, median, ratio, total
from tests.endurance import examples

PAIRS = st.lists(st.tuples(st.integers(-50, 50), st.integers(1, 9)), min_size=2, max_size=12)


@settings(max_examples=examples(16))
@given(PAIRS, PAIRS)
def test_sums_of_two_parts_add_up(first, second):
    one, other, both = (Sums.of(*np.array(pairs, dtype=float).T) for pairs in (first, second, first + second))
    assert one + other == both


def test_a_mean_has_the_interval_of_students_t():
    values = np.array([3.0, 9.0, 4.0, 4.0, 12.0, 0.0])
    known = stats.ttest_1samp(values, 0.0).confidence_interval(0.95)
    assert mean(Sums.of(values)) == pytest.approx((values.mean(), known.low, known.high))


def test_a_ratio_has_the_interval_of_the_delta_method():
    x, y = np.array([4.0, 0.0, 7.0, 2.0, 5.0]), np.array([5.0, 3.0, 9.0, 2.0, 8.0])
    value, low, high = ratio(Sums.of(x, y))
    r, n = x.sum() / y.sum(), len(x)
    cov = np.cov(x, y)
    spread = (cov[0, 0] - 2 * r * cov[0, 1] + r * r * cov[1, 1]) / n / y.mean() ** 2
    half = stats.t.ppf(0.975, n - 1) * np.sqrt(spread)
    assert (value, low, high) == pytest.approx((r, r - half, r + half))


def test_intervals_of_a_total_and_a_median_hold_about_as_often_as_they_say():
    random = np.random.default_rng(7)
    held = {"total": 0, "median": 0}
    for _ in range(600):
        spent = random.exponential(50.0, random.poisson(120))
        _, low, high = total(Sums.of(spent))
        held["total"] += low <= 6000 <= high
        _, low, high = median(spent)
        held["median"] += low <= 50 * np.log(2) <= high
    assert all(0.92 <= n / 600 <= 0.98 for n in held.values()), held


def test_means_of_few_scores_are_held_about_as_often_as_they_say():
    random = np.random.default_rng(11)
    scores, chances = np.arange(-2.0, 3.0), np.array([0.08, 0.10, 0.20, 0.35, 0.27])
    held = 0
    for given_by in random.choice(scores, size=(2000, 12), p=chances):
        _, low, high = mean(Sums.of(given_by))
        held += low <= (scores * chances).sum() <= high
    assert 0.92 <= held / 2000 <= 0.97, held


def test_a_median_is_one_of_the_values_and_nothing_has_none():
    assert median(np.array([5.0, 1.0, 3.0, 9.0]))[0] == 3.0
    assert median(np.array([7.0])) == (7.0, 7.0, 7.0)
    assert np.isnan([*median(np.array([])), *ratio(Sums()), *mean(Sums())]).all()
