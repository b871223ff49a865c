import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from journey.statistics import intervals
from journey.statistics.intervals import newcombe, wilson

COUNTS = st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (81, 263, 0.25528852, 0.36620958),
        (15, 148, 0.06238640, 0.16048724),
        (0, 20, 0, 0.16112516),
        (1, 29, 0.00611321, 0.17175522),
    ],
)
def test_o05_wilson_published(k, n, low, high):
    assert wilson(k, n) == pytest.approx((low, high), abs=1e-7)


def test_o04_newcombe_1998_56_of_70_against_48_of_80():
    assert newcombe(56, 70, 48, 80) == pytest.approx((0.05243147, 0.33387265), abs=1e-6)


def test_o01_newcombe_250_of_5000_against_200_of_5000():
    assert newcombe(250, 5000, 200, 5000) == pytest.approx((0.00186997, 0.01817129), abs=1e-7)


@given(COUNTS, st.sampled_from([0.8, 0.95, 0.99]))
def test_wilson_equals_scipy_and_statsmodels(counts, level):
    k, n = counts
    expected = binomtest(k, n).proportion_ci(level, method="wilson")
    assert wilson(k, n, level) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert wilson(k, n, level) == pytest.approx(
        proportion_confint(k, n, 1 - level, method="wilson"), abs=1e-12
    )


@given(COUNTS, COUNTS)
def test_newcombe_equals_statsmodels(one, other):
    expected = confint_proportions_2indep(*one, *other, method="newcomb", compare="diff")
    assert newcombe(*one, *other) == pytest.approx(expected, abs=1e-9)


@given(COUNTS)
def test_the_share_lies_inside_and_the_ends_are_exact(counts):
    k, n = counts
    low, high = wilson(k, n)
    assert 0 <= low <= k / n <= high <= 1
    assert (k == 0) == (low == 0) and (k == n) == (high == 1)


def test_arrays_come_out_as_arrays_and_nothing_to_divide_by_is_nan():
    low, high = wilson(np.array([0, 0, 3]), np.array([0, 5, 5]))
    assert np.isnan(low[0]) and np.isnan(high[0])
    assert low[1:].tolist() == [wilson(0, 5)[0], wilson(3, 5)[0]]
    low, high = wilson(np.array([], dtype=int), 0)
    assert low.shape == high.shape == (0,)
    assert np.isnan(newcombe(0, 0, 1, 2)).all()


def test_more_hits_than_trials_are_refused():
    with pytest.raises(ValueError, match="k <= n"):
        wilson(3, 2)


def test_doctests():
    assert doctest.testmod(intervals).failed == 0


def test_no_end_is_a_negative_nothing():
    trials = np.arange(1, 500)
    low, _ = wilson(0, trials)
    assert not np.signbit(low).any()
