"""Looking every day, against the rows and in experiments that have no difference."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.statistics.lift import mean_lift
from journey.statistics.sequential import anytime, confidence_sequence
from journey.statistics.welch import moments, share_moments, welch
from tests.endurance import FULL_LENGTH
from tests.statistics.test_lift import delta_lift


def test_o22_sequential_mean_relative_tuned_to_1000():
    a, b = moments(3000, 1396.87, 52377.9767), moments(3461, 2422.7, 134698.29)
    lift, error, _ = delta_lift(3461, *b, 3000, *a)
    found = confidence_sequence(lift, error, 6461, tuned=1000)
    assert (lift, found.low, found.high, found.p) == pytest.approx((0.50336, -0.55844, 1.56516, 1), abs=1e-5)


def test_o23_sequential_share_relative():
    lift, error, _ = delta_lift(3461, *share_moments(2422, 3461), 3000, *share_moments(1396, 3000))
    found = confidence_sequence(lift, error, 6461)
    assert (lift, found.low, found.high) == pytest.approx((0.50386, 0.40098, 0.60675), abs=1e-5)
    assert found.p == pytest.approx(5.17e-44, rel=1e-2)


def test_o24_what_is_clear_in_one_look_is_not_in_many():
    lift, error, _ = delta_lift(5000, *share_moments(250, 5000), 5000, *share_moments(200, 5000))
    found = confidence_sequence(lift, error, 10_000)
    assert (found.low, found.high, found.p) == pytest.approx((-0.10488715, 0.60488715, 0.46074511), abs=1e-6)


@given(st.floats(-9, 9), st.floats(0.01, 5), st.integers(20, 10**7), st.integers(20, 10**6))
def test_interval_and_p_agree_and_are_wider_than_those_of_one_look(difference, error, n, tuned):
    for level in (0.8, 0.95):
        found = confidence_sequence(difference, error, n, level, tuned)
        if abs(found.p - (1 - level)) > 1e-9:
            assert (found.p < 1 - level) == (found.low > 0 or found.high < 0)
        assert found.high - found.low > 2 * 1.2815515 * error


def test_it_is_narrowest_near_the_number_that_it_is_tuned_to():
    tuned = np.array([100, 500, 2_000, 10_000, 100_000])
    widths = confidence_sequence(0, 1, 2_000, tuned=tuned).times
    assert widths.argmin() == 2 and widths[2] == pytest.approx(
        confidence_sequence(0, 1, tuned, tuned=tuned).times[0]
    )


def test_without_an_error_or_with_few_units_there_is_nothing_to_say():
    found = confidence_sequence([1.0, np.nan, 1, 1, 1], [0.0, 1, np.nan, 1, 1], [50, 50, 50, 19, 0])
    assert np.isnan([found.low, found.high, found.p]).all()
    for wrong in ({"tuned": 0}, {"level": 1.0}):
        with pytest.raises(ValueError, match="tuned > 0"):
            confidence_sequence(1, 1, 100, **wrong)


def test_a_clear_difference_of_many_has_a_p_of_0_and_no_overflow():
    assert confidence_sequence(1e3, 1e-3, 10**7).p == 0


def test_the_error_is_that_of_welch_in_equal_groups_and_larger_where_one_hardly_varies():
    equal = anytime(5000, *share_moments(250, 5000), 5000, *share_moments(200, 5000))
    plain = confidence_sequence(
        0.01, welch(5000, *share_moments(250, 5000), 5000, *share_moments(200, 5000)).error, 10_000
    )
    assert (equal.low, equal.high, equal.times) == pytest.approx(
        (plain.low, plain.high, plain.times), rel=1e-2
    )
    careful = anytime(6, 0.0, 0.0, 600, *share_moments(120, 600), tuned=660)
    assert careful.high > 0 and careful.p > 0.05 and careful.times > 2 * equal.times
    lift = mean_lift(5000, *share_moments(250, 5000), 5000, *share_moments(200, 5000), times=equal.times)
    assert lift[1] < 0 < lift[2]


def test_swapping_turns_the_interval_of_all_looks():
    one, other = (40, 3.0, 4.0), (70, 2.5, 9.0)
    found, back = anytime(*one, *other), anytime(*other, *one)
    assert (back.low, back.high, back.p) == pytest.approx((-found.high, -found.low, found.p))
    assert np.isnan(anytime([0, 1, 30], 0, [np.nan, np.nan, 0], 50, 0, 0).p).all()


def looks(draw, per_arm, runs, days, other_part=1.0):
    """The anytime and the usual p-values of `runs` experiments without a difference, looked at each day."""
    sums = []
    for part in (1.0, other_part):
        n = np.maximum(np.linspace(0, per_arm * part, days + 1).astype(int), 0)
        values = draw((runs, n[-1]))
        parts = [np.add.reduceat(one, n[:-1], axis=1) for one in (values, values * values)]
        sums.append((n[1:], *(np.cumsum(one, axis=1) for one in parts)))
    moved = [(n, *moments(n, x, xx)) for n, x, xx in sums]
    tuned = sums[0][0][-1] + sums[1][0][-1]
    return anytime(*moved[0], *moved[1], tuned=tuned), welch(*moved[0], *moved[1])


RUNS = 40_000 if FULL_LENGTH else 4_000


@pytest.mark.parametrize("kind", ["rare", "even", "revenue", "one_in_ten"])
def test_daily_looks_find_a_false_winner_in_at_most_5_of_100_experiments(kind):
    random = np.random.default_rng(11)
    drawn = {
        "rare": lambda shape: (random.random(shape) < 0.03).astype(float),
        "even": lambda shape: (random.random(shape) < 0.5).astype(float),
        "one_in_ten": lambda shape: (random.random(shape) < 0.2).astype(float),
        "revenue": lambda shape: np.exp(1.5 * random.standard_normal(shape)) * (random.random(shape) < 0.1),
    }[kind]
    false, peeked = 0, 0
    for _ in range(RUNS // 500):
        found, usual = looks(drawn, 600, 500, 30, 0.1 if kind == "one_in_ten" else 1.0)
        outside = np.nan_to_num(found.low) > 0, np.nan_to_num(found.high) < 0
        false += (outside[0] | outside[1]).any(axis=1).sum()
        peeked += (np.nan_to_num(usual.p, nan=1) < 0.05).any(axis=1).sum()
    assert false / RUNS <= 0.05
    # The test of one planned look, looked at every day, is what this protects from.
    assert peeked / RUNS > 0.1
