"""Published comparisons of two shares: what ours says, and what other tests, which it is not, would say."""

import numpy as np
import pytest
from scipy.stats import boschloo_exact, chi2_contingency, fisher_exact, norm

from journey.statistics.differences import two_shares
from journey.statistics.intervals import newcombe
from journey.statistics.lift import share_lift
from journey.statistics.mix import mixed_difference, pooled_odds
from journey.statistics.odds import odds_ratio


def table(k, n, j, m):
    return [[k, n - k], [j, m - j]]


def wald(k, n, j, m):
    p, q = k / n, j / m
    half = norm.ppf(0.975) * np.sqrt(p * (1 - p) / n + q * (1 - q) / m)
    return p - q - half, p - q + half


def test_o01_250_of_5000_beside_200_of_5000():
    ours = two_shares(250, 5000, 200, 5000)
    assert ours == pytest.approx(0.01586897, abs=1e-7)
    assert norm.isf(ours / 2) == pytest.approx(2.41191535, abs=1e-7)
    assert norm.isf(ours / 2) ** 2 == pytest.approx(5.81733566, abs=1e-7)
    interval = newcombe(250, 5000, 200, 5000)
    assert interval == pytest.approx((0.00186997, 0.01817129), abs=1e-7)
    lift, low, high = share_lift(250, 5000, 200, 5000)
    assert (lift + 1, low + 1, high + 1) == pytest.approx((1.25, 1.04225222, 1.49915728), abs=1e-7)
    odds, _, top = odds_ratio(250, 5000, 200, 5000)
    assert np.log(odds) == pytest.approx(0.23361485, abs=1e-7)
    assert np.log(top / odds) / norm.ppf(0.975) == pytest.approx(0.09705081, abs=1e-7)
    # What it is not: Yates' correction, Fisher's exact test, Wald's interval.
    counts = table(250, 5000, 200, 5000)
    yates, fisher = chi2_contingency(counts, correction=True).pvalue, fisher_exact(counts).pvalue
    assert (yates, fisher) == pytest.approx((0.01809458, 0.01800499), abs=1e-7)
    assert wald(250, 5000, 200, 5000) == pytest.approx((0.00187619, 0.01812381), abs=1e-7)
    assert abs(ours - yates) > 1e-3 and abs(ours - fisher) > 1e-3
    assert np.abs(np.subtract(interval, wald(250, 5000, 200, 5000))).min() > 1e-6


def test_o02_51_of_100_beside_49_of_100():
    ours = two_shares(51, 100, 49, 100)
    assert ours == pytest.approx(0.77729741, abs=1e-7)
    assert norm.isf(ours / 2) == pytest.approx(0.28284271, abs=1e-7)
    assert fisher_exact(table(51, 100, 49, 100)).pvalue == pytest.approx(0.88758442, abs=1e-7)


def test_o03_11_of_38_beside_3_of_40():
    counts = table(11, 38, 3, 40)
    ours = two_shares(11, 38, 3, 40)
    assert ours == pytest.approx(0.01362072, abs=1e-6)
    assert newcombe(11, 38, 3, 40) == pytest.approx((0.04256220, 0.38003931), abs=1e-6)
    assert fisher_exact(counts).pvalue == pytest.approx(0.01820299, abs=1e-6)
    assert boschloo_exact(counts).pvalue == pytest.approx(0.01477339, abs=1e-6)
    # With an expected count below 5 ours is Fisher's.
    assert two_shares(4, 20, 1, 25) == pytest.approx(fisher_exact(table(4, 20, 1, 25)).pvalue)


def test_o04_newcombes_own_example_56_of_70_beside_48_of_80():
    ours = newcombe(56, 70, 48, 80)
    assert ours == pytest.approx((0.05243147, 0.33387265), abs=1e-6)
    assert wald(56, 70, 48, 80) == pytest.approx((0.05750490, 0.34249510), abs=1e-6)
    assert abs(ours[0] - wald(56, 70, 48, 80)[0]) > 1e-3


def test_o27_kidney_stones_turn_when_they_are_thrown_together():
    hits, trials = np.array([[81, 192], [234, 55]]), np.array([[87, 263], [270, 80]])
    assert (hits / trials).ravel() == pytest.approx([0.931, 0.730, 0.867, 0.688], abs=6e-4)
    assert (hits.sum(axis=1) / trials.sum(axis=1)).tolist() == pytest.approx([0.780, 0.826], abs=6e-4)
    of = hits[0], trials[0], hits[1], trials[1]
    assert pooled_odds(*of)[0] == pytest.approx(1.44684662, abs=1e-6)
    crude = pooled_odds(*([part.sum()] for part in of))[0]
    assert crude == pytest.approx(0.74834854, abs=1e-6)
    assert mixed_difference(*of)[0] > 0 and crude < 1
