"""Units, power and smallest effects, against the rows and statsmodels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.power import NormalIndPower, TTestIndPower
from statsmodels.stats.proportion import proportion_effectsize

from journey.statistics.differences import two_shares
from journey.statistics.sample_sizes import (
    power_of_means,
    power_of_shares,
    smallest_mean,
    smallest_share,
    units_for_means,
    units_for_shares,
)
from tests.endurance import examples

SHARES = st.tuples(st.floats(0.01, 0.98), st.floats(0.01, 0.98)).filter(
    lambda pair: abs(pair[0] - pair[1]) > 0.005
)


def test_o18_units_an_arm_of_the_pooled_test():
    base, target = [0.10, 0.05, 0.20, 0.04], [0.12, 0.06, 0.25, 0.05]
    found = units_for_shares(base, target)
    assert found == pytest.approx([3840.847, 8157.731, 1093.739, 6744.933], abs=0.01)
    assert np.ceil(found).tolist() == [3841, 8158, 1094, 6745]
    # The formula that pools nothing asks for fewer, and so does the one of arcsines.
    z = 1.959963984540054 + 0.8416212335729143
    p, q = np.array(base), np.array(target)
    unpooled = z**2 * (p * (1 - p) + q * (1 - q)) / (q - p) ** 2
    assert unpooled == pytest.approx([3838.10, 8154.99, 1090.99, 6742.19], abs=0.01)
    arcsine = [
        NormalIndPower().solve_power(proportion_effectsize(*pair), None, 0.05, 0.8)
        for pair in zip(target, base, strict=True)
    ]
    assert arcsine == pytest.approx([3834.60, 8142.60, 1091.90, 6725.82], abs=0.01)


def test_o19_power_of_3841_an_arm():
    assert power_of_shares(0.10, 0.12, 3841, 3841) == pytest.approx(0.80001653, abs=1e-5)


def test_o20_smallest_effect_with_5000_an_arm():
    assert smallest_share(0.04, 5000, 5000) == pytest.approx(0.01171937, abs=1e-6)


def test_o21_units_power_and_smallest_effect_of_the_t_test():
    assert units_for_means([0.5, 0.2]) == pytest.approx([63.765611, 393.405693], abs=1e-5)
    assert power_of_means(0.5, 30, 30) == pytest.approx(0.47789652, abs=1e-5)
    assert smallest_mean(1000, 1000) == pytest.approx(0.12535081, abs=1e-5)


@settings(max_examples=examples(24), deadline=None)
@given(
    SHARES, st.sampled_from([0.7, 0.8, 0.95]), st.sampled_from([0.01, 0.05]), st.sampled_from([0.25, 1, 3])
)
def test_units_power_and_smallest_share_lead_to_each_other(shares, power, alpha, ratio):
    base, target = shares
    n = units_for_shares(base, target, power, alpha, ratio)
    assert power_of_shares(base, target, n, ratio * n, alpha) == pytest.approx(power, abs=5e-3)
    gap = smallest_share(base, n, ratio * n, power, alpha, lower=target < base)
    # The power seen includes the tests that find the opposite: with few units a little less is enough.
    assert gap == pytest.approx(target - base, rel=2e-2)
    assert units_for_shares(1 - base, 1 - target, power, alpha, ratio) == pytest.approx(n)


@settings(max_examples=examples(12), deadline=None)
@given(st.floats(0.05, 2), st.sampled_from([0.6, 0.8, 0.95]), st.sampled_from([0.25, 1, 3]))
def test_units_for_means_are_those_of_statsmodels(effect, power, ratio):
    n = units_for_means(effect, power, 0.05, ratio)
    assert power_of_means(effect, n, ratio * n) == pytest.approx(power, abs=1e-8)
    assert power_of_means(effect, n, ratio * n) == pytest.approx(
        TTestIndPower().power(effect, n, 0.05, ratio), abs=1e-7
    )
    assert smallest_mean(n, ratio * n, power) == pytest.approx(effect, rel=1e-6)


def test_very_many_units_are_the_normal_distribution_without_a_step():
    just = power_of_means(0.005, [500_000, 500_002], [500_000, 500_002])
    assert just[0] == pytest.approx(just[1], abs=1e-5)
    assert units_for_means(1e-4) == pytest.approx(2 * (1.959964 + 0.841621) ** 2 / 1e-8, rel=1e-5)
    assert smallest_mean(10**9, 10**9) == pytest.approx(2.801585 * np.sqrt(2e-9), rel=1e-5)
    assert units_for_means(5.0) == pytest.approx(TTestIndPower().solve_power(5.0, None, 0.05, 0.8), rel=1e-3)


def test_what_cannot_be_reached_is_not_known():
    assert np.isnan(units_for_shares([0.1, 1.2, 0.1, np.nan], [0.1, 0.5, -0.1, 0.2])).all()
    assert np.isnan(units_for_means([0, np.nan])).all()
    assert np.isnan(smallest_share([0.5, 0.5, np.nan], [2, 0, 50], 2)).all()
    assert np.isnan(smallest_share(0.001, 500, 500, lower=True))
    assert np.isnan(smallest_mean([1, 0], [1, 50])).all()
    assert np.isnan(power_of_means(0.5, [1, 0], [1, 9])).all()
    assert np.isnan(power_of_shares([0.1, -1], 0.2, [0, 5], 5)).all()
    assert power_of_shares([0, 0], [1, 0], 50, 50).tolist() == [1, 0]
    assert power_of_means(50, 100, 100) == 1


def test_a_larger_test_sees_more():
    n = np.arange(100, 5_000, 100)
    assert (np.diff(power_of_shares(0.1, 0.12, n, n)) > 0).all()
    assert (np.diff(smallest_share(0.1, n, n)) < 0).all() and (np.diff(smallest_mean(n, n)) < 0).all()


def test_the_power_is_how_often_the_test_finds_it():
    random = np.random.default_rng(4)
    a, b = random.binomial(2000, 0.10, 20_000), random.binomial(1000, 0.13, 20_000)
    found = np.mean(two_shares(b, 1000, a, 2000) < 0.05)
    assert power_of_shares(0.10, 0.13, 2000, 1000) == pytest.approx(found, abs=0.01)
