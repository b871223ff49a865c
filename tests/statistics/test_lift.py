"""Relative differences, against the rows and the tests that they must agree with."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import stdtrit

from journey.statistics.lift import mean_lift, share_lift
from journey.statistics.welch import moments, ratio_moments, share_moments, welch
from tests.endurance import examples


def delta_lift(n1, mean1, variance1, n2, mean2, variance2):
    """The lift as other tools have it, with the delta method's standard error and Welch's degrees."""
    found = welch(n1, mean1, variance1, n2, mean2, variance2)
    error = np.sqrt(variance1 / n1 + (mean1 / mean2) ** 2 * variance2 / n2) / abs(mean2)
    return found.difference / abs(mean2), error, found.freedom


GROUP = st.tuples(
    st.integers(2, 60), st.integers(-160, 400).map(lambda eighths: eighths / 8), st.floats(0.01, 900)
)


def test_o01_lift_of_250_of_5000_on_200_of_5000_by_the_log_ratio():
    assert share_lift(250, 5000, 200, 5000) == pytest.approx((0.25, 0.04225222, 0.49915728), abs=1e-7)


def test_o06_relative_as_growthbook_shows_it_is_for_display():
    a, b = moments(3407, 1396.87, 52377.9767), moments(3461, 2422.7, 134698.29)
    lift, error, freedom = delta_lift(3461, *b, 3407, *a)
    half = stdtrit(freedom, 0.975) * error
    assert (lift, lift - half, lift + half) == pytest.approx((0.70732, -0.03526, 1.44989), abs=1e-5)
    # It holds 0 although the difference is clear; the interval that is shown agrees with the test.
    assert mean_lift(3461, *b, 3407, *a)[1] > 0 and welch(3461, *b, 3407, *a).low > 0


def test_o08_proportions_14_of_28_and_16_of_30_relative():
    lift, error, freedom = delta_lift(30, *share_moments(16, 30), 28, *share_moments(14, 28))
    half = stdtrit(freedom, 0.975) * error
    assert (lift, lift - half, lift + half) == pytest.approx((0.06667, -0.47767, 0.61101), abs=1e-5)


def test_o09_a_ratio_relative_as_posthog_tests_it():
    above, below = 99673.9364269569, 94605.79858780127
    treated = ratio_moments(2034, above, 947, 11298745.182728939, 947, above)
    control = ratio_moments(1966, below, 936, 10463129.505392816, 936, below)
    lift, error, _ = delta_lift(2034, *treated, 1966, *control)
    assert (lift, error) == pytest.approx((0.04133322, 0.01405063), abs=1e-6)
    assert mean_lift(2034, *treated, 1966, *control)[1:] == pytest.approx((0.01379, 0.0689), abs=1e-3)


@settings(max_examples=examples(60), deadline=None)
@given(GROUP, GROUP, st.sampled_from([0.8, 0.95, 0.99]))
def test_the_lift_leaves_0_out_exactly_when_the_difference_does(one, other, level):
    found = welch(*one, *other, level)
    lift, low, high = mean_lift(*one, *other, level)
    if other[1]:
        assert lift == pytest.approx(found.difference / abs(other[1]))
    # Without ends where the mean of the control itself could be 0.
    wide = stdtrit(found.freedom, 0.5 + level / 2) * np.sqrt(other[2] / other[0])
    if abs(abs(other[1]) - wide) > 1e-6:
        assert np.isnan(low) == np.isnan(high) == (abs(other[1]) <= wide)
    if not np.isnan(low):
        assert low <= lift <= high
        if min(abs(found.low), abs(found.high)) > 1e-6:
            assert (low > 0) == (found.low > 0) and (high < 0) == (found.high < 0)


@settings(max_examples=examples(24), deadline=None)
@given(GROUP, GROUP)
def test_the_ends_of_fieller_are_where_the_test_of_that_ratio_turns(one, other):
    (n, mean, variance), (m, base, spread) = one, other
    _, low, high = mean_lift(*one, *other)
    wide = stdtrit(welch(*one, *other).freedom, 0.975)
    for end in (low, high):
        if not np.isnan(end):
            ratio = 1 + end if base > 0 else 1 - end
            error = np.sqrt(variance / n + ratio**2 * spread / m)
            assert abs(mean - ratio * base) == pytest.approx(wide * error, rel=1e-5, abs=1e-6)


def test_a_lift_on_a_negative_mean_has_the_sign_of_the_difference():
    lift, low, high = mean_lift(100, -5.0, 4.0, 100, -10.0, 4.0)
    assert lift == 0.5 and 0 < low < 0.5 < high < 1


def test_wider_as_asked():
    usual = mean_lift(50, 3.0, 4.0, 50, 2.0, 4.0)
    wider = mean_lift(50, 3.0, 4.0, 50, 2.0, 4.0, times=3.0)
    assert wider[0] == usual[0] and wider[1] < usual[1] and wider[2] > usual[2]
    assert share_lift(25, 50, 20, 50, times=1.959963984540054) == pytest.approx(share_lift(25, 50, 20, 50))


def test_nothing_to_be_relative_to_is_nan():
    assert np.isnan(share_lift([3, 0, 0], [5, 5, 0], [0, 0, 2], [5, 5, 5])[0]).all()
    lift, low, high = share_lift([0, 5, 5], [5, 5, 5], [2, 5, 4], [5, 5, 5])
    assert lift == pytest.approx([-1, 0, 0.25]) and np.isnan(low).tolist() == [True, True, False]
    assert np.isnan(high).tolist() == [True, True, False]
    assert np.isnan(mean_lift([5, 1, 0], [1, 1, np.nan], [1, np.nan, np.nan], 5, [0, 3, 3], 1)[1]).all()
    assert np.isnan(mean_lift(5, 1.0, 1.0, 5, 0.0, 1.0)).all()
    assert np.isnan(mean_lift(5, 1.0, 1.0, 5, 5e-324, 1.0)).all()
    with pytest.raises(ValueError, match="k <= n"):
        share_lift(6, 5, 1, 5)
