"""Who is the best, against the rows, closed forms and draws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betaln
from scipy.stats import beta, norm

from journey.statistics.best_arm import best_mean, best_share
from tests.endurance import examples

COUNTS = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_o10_49_and_51_of_100():
    found = best_share([49, 51], 100)
    assert found.beats[1] == pytest.approx(0.61077052, abs=1e-6)
    assert found.loss[::-1] == pytest.approx([0.01911646, 0.03872430], abs=1e-6)
    means = [(49 + 1) / 102, (51 + 1) / 102]
    assert means == pytest.approx([0.49019608, 0.50980392], abs=1e-6)
    assert found.loss[0] - found.loss[1] == pytest.approx(means[1] - means[0])


def test_o11_200_and_250_of_5000():
    found = best_share([200, 250], 5000)
    assert found.beats[1] == pytest.approx(0.99205241, abs=1e-6)
    assert found.loss == pytest.approx([0.01000693, 1.092941e-5], abs=1e-8)


def test_o12_42_of_104_and_500_of_1009_as_spotify_tests_it():
    found = best_share([42, 500], [104, 1009])
    assert found.beats[1] == pytest.approx(0.96208197, abs=1e-6)
    assert found.loss == pytest.approx([0.09066627, 0.00077769], abs=1e-6)


def test_o13_three_arms():
    found = best_share([100, 120, 130], 1000)
    assert found.chance == pytest.approx([0.00763740, 0.24719516, 0.74516743], abs=1e-6)
    assert found.loss == pytest.approx([0.03218066, 0.01222058, 0.00224055], abs=1e-6)


def miller(k1, n1, k2, n2):
    """The closed form of the chance that the second of two arms is better."""
    i = np.arange(k2 + 1)
    a, b, c = 1 + k1, 1 + n1 - k1, 1 + n2 - k2
    return np.exp(betaln(a + i, b + c) - np.log(c + i) - betaln(1 + i, c) - betaln(a, b)).sum()


@settings(max_examples=examples(24), deadline=None)
@given(COUNTS, COUNTS)
def test_two_arms_are_the_closed_form_of_miller(one, other):
    (k1, n1), (k2, n2) = one, other
    found = best_share([k1, k2], [n1, n2])
    assert found.beats[1] == pytest.approx(miller(k1, n1, k2, n2), abs=1e-7)
    assert found.chance[1] == pytest.approx(found.beats[1], abs=1e-9)


@settings(max_examples=examples(12), deadline=None)
@given(st.lists(COUNTS, min_size=2, max_size=5), st.randoms())
def test_chances_add_up_in_any_order_and_lower_turns_hits_into_misses(arms, random):
    k, n = np.array(arms).T
    found = best_share(k, n)
    assert found.chance.sum() == pytest.approx(1, abs=1e-7)
    assert (found.loss >= 0).all()
    order = random.sample(range(len(arms)), len(arms))
    assert best_share(k[order], n[order]).chance == pytest.approx(found.chance[order], abs=1e-7)
    turned = best_share(n - k, n, lower=True)
    for name in ("chance", "beats", "loss"):
        assert getattr(turned, name) == pytest.approx(getattr(found, name), abs=1e-9, nan_ok=True)
    assert turned.low == pytest.approx(1 - found.high)
    assert found.low == pytest.approx(beta.ppf(0.025, 1 + k, 1 + n - k), abs=1e-9)


def test_an_arm_of_few_beside_one_of_very_many():
    found = best_share([3, 500_000], [10, 10**6])
    assert found.beats[1] == pytest.approx(beta.cdf(0.5, 4, 8), abs=1e-5)
    assert best_mean([0.0, 1e-3], [1.0, 1e-6]).beats[1] == pytest.approx(norm.cdf(1e-3), abs=1e-9)


def test_two_means_are_the_closed_form_and_more_are_as_drawn():
    found = best_mean([10.0, 10.5], [0.3, 0.4])
    gap, error = 0.5, 0.5
    assert found.beats[1] == pytest.approx(norm.cdf(gap / error), abs=1e-10)
    loss = error * norm.pdf(gap / error) - gap * norm.cdf(-gap / error)
    assert found.loss == pytest.approx([loss + gap, loss], abs=1e-10)
    mean, spread = np.array([1.0, 1.2, 0.9]), np.array([0.2, 0.1, 0.5])
    drawn = np.random.default_rng(3).normal(mean, spread, (400_000, 3))
    found = best_mean(mean, spread)
    won = np.bincount(drawn.argmax(axis=1)) / len(drawn)
    assert found.chance == pytest.approx(won, abs=0.003)
    assert found.loss == pytest.approx((drawn.max(axis=1, keepdims=True) - drawn).mean(axis=0), abs=0.003)
    lower = best_mean(-mean, spread, lower=True)
    assert lower.chance == pytest.approx(found.chance) and lower.high == pytest.approx(-found.low)


def test_many_metrics_at_once_and_nothing_where_an_arm_has_nobody():
    k, n = np.array([[3, 5], [0, 0], [0, 9]]), np.array([[9, 9], [0, 4], [9, 9]])
    found = best_share(k, n)
    for name in ("chance", "beats", "loss", "low", "high"):
        values = getattr(found, name)
        assert np.isnan(values[1]).all()
        for row in (0, 2):
            assert values[row] == pytest.approx(getattr(best_share(k[row], n[row]), name), nan_ok=True)
    assert np.isnan(best_mean([[1, 2], [1, np.nan]], [[0, 1], [1, 1]]).chance).all()
    with pytest.raises(ValueError, match="k <= n"):
        best_share([2, 3], [1, 5])
