"""Differences of means from their sums, against scipy and the published rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student
from scipy.stats import ttest_ind

from journey.statistics.differences import two_shares
from journey.statistics.sums import Sums, ratio
from journey.statistics.welch import moments, ratio_moments, share_moments, welch
from tests.endurance import examples

GROUPS = st.lists(st.integers(-50, 900).map(lambda cents: cents / 10), min_size=2, max_size=30).map(np.array)
OF_O_06 = (3461, *moments(3461, 2422.7, 134698.29)), (3407, *moments(3407, 1396.87, 52377.9767))


def known(values):
    return len(values), *moments(len(values), values.sum(), (values * values).sum())


def parts(found):
    return np.array([found.difference, found.error, found.freedom, found.p, found.low, found.high])


def test_o06_welch_from_sums_as_growthbook_tests_it():
    found = welch(*OF_O_06[0], *OF_O_06[1])
    assert found.difference == pytest.approx(0.29, abs=1e-5)
    assert (found.low, found.high) == pytest.approx((0.04537789, 0.53462211), abs=1e-5)
    assert (found.p, found.freedom) == pytest.approx((0.02015840, 5841.742), abs=1e-3)
    assert found.p == pytest.approx(0.02015840, abs=1e-7)


A_OF_O_07 = np.array([27.5, 21, 19, 23.6, 17, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19, 21.7, 21.4])
B_OF_O_07 = np.array([27.1, 22, 20.8, 23.4, 23.4, 23.5, 25.8, 22, 24.8, 20.2, 21.9, 22.1, 22.9, 30.5, 24.4])


def test_o07_welch_of_two_short_lists():
    found = welch(*known(A_OF_O_07), *known(B_OF_O_07))
    assert found.difference / found.error == pytest.approx(-2.85295487, abs=1e-6)
    assert (found.freedom, found.p) == pytest.approx((27.88730, 0.00807194), abs=1e-5)
    assert (found.low, found.high) == pytest.approx((-4.86802274, -0.79864392), abs=1e-6)


def test_o09_a_ratio_is_judged_by_its_units_as_posthog_tests_it():
    above, below = 99673.9364269569, 94605.79858780127
    treated = ratio_moments(2034, above, 947, 11298745.182728939, 947, above)
    control = ratio_moments(1966, below, 936, 10463129.505392816, 936, below)
    assert (treated[0], treated[1] / 2034) == pytest.approx((105.25230879, 0.90122937), abs=1e-6)
    assert (control[0], control[1] / 1966) == pytest.approx((101.07457114, 1.02882270), abs=1e-6)
    found = welch(2034, *treated, 1966, *control)
    assert (found.difference, found.error) == pytest.approx((4.17773765, 1.38926314), abs=1e-6)


@settings(max_examples=examples(24), deadline=None)
@given(GROUPS, GROUPS, st.sampled_from([0.8, 0.95, 0.99]))
def test_welch_is_that_of_scipy(one, other, level):
    found = welch(*known(one), *known(other), level)
    if np.ptp(one) == 0 and np.ptp(other) == 0:
        assert np.isnan([found.p, found.low, found.high]).all()
    if np.ptp(one) == 0 or np.ptp(other) == 0:  # scipy warns of a group that does not vary
        return
    expected = ttest_ind(one, other, equal_var=False)
    interval = expected.confidence_interval(level)
    assert found.p == pytest.approx(expected.pvalue, abs=1e-8)
    assert found.freedom == pytest.approx(expected.df, rel=1e-6)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), abs=1e-6)


@settings(max_examples=examples(16), deadline=None)
@given(GROUPS, GROUPS)
def test_swapping_turns_signs_and_more_of_the_same_narrows(one, other):
    found, back = welch(*known(one), *known(other)), welch(*known(other), *known(one))
    assert parts(back) == pytest.approx(
        [-found.difference, found.error, found.freedom, found.p, -found.high, -found.low], nan_ok=True
    )
    twice = welch(*known(np.tile(one, 2)), *known(np.tile(other, 2)))
    if not np.isnan(found.p):
        assert twice.high - twice.low < found.high - found.low


def test_many_are_answered_at_once_and_each_as_if_alone():
    n, means, variances = (
        np.array([[5], [0], [1], [40]]),
        np.array([1.0, -2.0, 3.0]),
        np.array([0.0, 4, np.nan]),
    )
    found = welch(n, means, variances, 7, 0.5, 0.0)
    for row, column in np.ndindex(4, 3):
        alone = welch(n[row, 0], means[column], variances[column], 7, 0.5, 0.0)
        assert [getattr(found, part)[row, column] for part in ("difference", "low", "p")] == pytest.approx(
            [alone.difference, alone.low, alone.p], nan_ok=True
        )
    assert np.isnan(found.p[:, 0]).all() and np.isnan(found.p[:3, 1]).tolist() == [False, True, True]


def test_mean_and_variance_of_few_or_equal_values():
    mean, variance = moments([0, 1, 3, 1_000_000], [0, 5, 0.3, 1e5], [0, 25, 0.03, 1e4])
    assert mean == pytest.approx([np.nan, 5, 0.1, 0.1], nan_ok=True)
    assert variance == pytest.approx([np.nan, np.nan, 0, 0], nan_ok=True)
    assert share_moments([0, 0, 3], [0, 5, 4])[1] == pytest.approx([np.nan, 0, 3 / 16], nan_ok=True)


@settings(max_examples=examples(16), deadline=None)
@given(st.lists(st.tuples(st.integers(-3, 20), st.integers(1, 9)), min_size=2, max_size=20))
def test_a_ratio_has_the_error_that_one_group_alone_shows(pairs):
    x, y = np.array(pairs, dtype=float).T
    sums = Sums.of(x, y)
    found, variance = ratio_moments(sums.n, sums.x, sums.y, sums.xx, sums.yy, sums.xy)
    middle, low, _ = ratio(sums)
    if np.isnan(found):
        assert y.mean() <= 3 * y.std(ddof=1) / np.sqrt(len(y))
        return
    assert found == pytest.approx(middle)
    point = student.ppf(0.975, sums.n - 1)
    assert np.sqrt(variance / sums.n) * point == pytest.approx(middle - low, abs=1e-6)


def test_a_ratio_over_almost_nothing_is_not_known():
    assert np.isnan(ratio_moments(4, 10, 0, 30, 0, 0)).all()
    assert np.isnan(ratio_moments(100, 50, 1, 90, 400, 0)).all()
    assert np.isnan(ratio_moments(0, 0, 0, 0, 0, 0)).all()
    assert np.isnan(ratio_moments(1, 3, 2, 9, 4, 6)[1])


def test_a_ratio_to_one_for_everybody_is_the_mean():
    values = np.array([3.0, 0, 8, 1, 1])
    found = ratio_moments(5, values.sum(), 5, (values**2).sum(), 5, values.sum())
    assert found == pytest.approx(known(values)[1:])


def test_welch_on_shares_is_nearly_the_pooled_test_of_large_numbers():
    found = welch(5000, *share_moments(250, 5000), 5000, *share_moments(200, 5000))
    assert found.p == pytest.approx(two_shares(250, 5000, 200, 5000), abs=1e-4)
    assert found.difference / found.error == pytest.approx(2.41261720, abs=1e-7)  # unpooled, row O-01
