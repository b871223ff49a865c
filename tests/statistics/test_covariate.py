"""Numbers from before, against the row and the analysis of covariance."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.statistics.covariate import adjusted, before_of_means, before_of_ratios, pooled_slope
from journey.statistics.welch import moments, ratio_moments, welch
from tests.endurance import examples

A, B = [3, 4, 8, 8, 12, 13, 15, 15, 20, 21], [6, 5, 9, 12, 12, 15, 19, 17, 21, 25]
BEFORE_A, BEFORE_B = list(range(1, 11)), [2, 2, 3, 5, 5, 6, 8, 8, 9, 11]


@dataclass(frozen=True)
class Arms:
    mean: np.ndarray
    variance: np.ndarray
    theta: np.ndarray


def arms_of(n, plain, before):
    n = np.asarray(n, dtype=float)
    theta = pooled_slope(n, before)
    middle = np.nansum(np.where(n > 0, n * before.mean, 0), axis=-1) / n.sum(axis=-1)
    spread = [np.asarray(each)[..., None] for each in (theta, middle)]
    return Arms(*adjusted(*plain, before, *spread), theta)


def adjusted_mean(n, x, xx, b, bb, xb):
    return arms_of(n, moments(n, x, xx), before_of_means(n, x, b, bb, xb))


def adjusted_ratio(n, x, y, xx, yy, xy, b, bb, xb, yb):
    return arms_of(n, ratio_moments(n, x, y, xx, yy, xy), before_of_ratios(n, x, y, b, bb, xb, yb))


def sums(values, before):
    """n, x, xx, b, bb, xb of each arm."""
    pairs = [
        (np.array(x, dtype=float), np.array(b, dtype=float)) for x, b in zip(values, before, strict=True)
    ]
    parts = [(len(x), x.sum(), (x * x).sum(), b.sum(), (b * b).sum(), (x * b).sum()) for x, b in pairs]
    return np.array(parts).T


def test_o25_cuped_is_the_analysis_of_covariance():
    import statsmodels.api as sm

    found = adjusted_mean(*sums([A, B], [BEFORE_A, BEFORE_B]))
    assert found.theta == pytest.approx(2.05854241, abs=1e-6)
    clear = welch(10, found.mean[1], found.variance[1], 10, found.mean[0], found.variance[0])
    assert (clear.difference, clear.p) == pytest.approx((1.37658303, 0.00317690), abs=1e-6)
    assert (clear.low, clear.high) == pytest.approx((0.53119542, 2.22197065), abs=1e-6)
    columns = np.column_stack([np.ones(20), np.repeat([0, 1], 10), BEFORE_A + BEFORE_B])
    assert sm.OLS(A + B, columns).fit().params[1] == pytest.approx(clear.difference, abs=1e-9)
    # Neither without it nor with the slope of both arms thrown together.
    plain = [moments(len(y), sum(y), sum(v * v for v in y)) for y in (A, B)]
    raw = welch(10, *plain[1], 10, *plain[0])
    assert (raw.difference, raw.p) == pytest.approx((2.2, 0.44799), abs=1e-5)
    thrown = np.polyfit(BEFORE_A + BEFORE_B, A + B, 1)[0]
    assert thrown == pytest.approx(2.07491082, abs=1e-6)
    moved = 2.2 - thrown * (np.mean(BEFORE_B) - np.mean(BEFORE_A))
    assert moved == pytest.approx(1.37003567, abs=1e-6)


PAIRS = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=2, max_size=15)


@settings(max_examples=examples(24), deadline=None)
@given(PAIRS, PAIRS)
def test_the_variance_is_that_of_the_values_less_what_is_explained(one, other):
    values, before = (
        [[x for x, _ in arm] for arm in (one, other)],
        [[b for _, b in arm] for arm in (one, other)],
    )
    found = adjusted_mean(*sums(values, before))
    for arm in (0, 1):
        rest = np.array(values[arm]) - found.theta * np.array(before[arm], dtype=float)
        assert found.variance[arm] == pytest.approx(rest.var(ddof=1), abs=1e-7)
    gap = np.mean(values[1]) - np.mean(values[0]) - found.theta * (np.mean(before[1]) - np.mean(before[0]))
    assert found.mean[1] - found.mean[0] == pytest.approx(gap, abs=1e-7)


@settings(max_examples=examples(12), deadline=None)
@given(PAIRS, PAIRS, st.integers(0, 9))
def test_a_ratio_is_adjusted_by_what_each_unit_brings_to_it(one, other, seed):
    random, arms = np.random.default_rng(seed), (one, other)
    x, b = ([np.array([pair[at] for pair in arm], dtype=float) for arm in arms] for at in (0, 1))
    y = [random.integers(1, 4, len(arm)).astype(float) for arm in x]
    n = [len(arm) for arm in x]

    def of(first, second=None):
        return np.array(
            [(u if second is None else u * v).sum() for u, v in zip(first, second or first, strict=True)]
        )

    found = adjusted_ratio(n, of(x), of(y), of(x, x), of(y, y), of(x, y), of(b), of(b, b), of(x, b), of(y, b))
    plain = ratio_moments(n, of(x), of(y), of(x, x), of(y, y), of(x, y))
    if np.isnan(plain[0]).any():
        return
    brought = [r + (u - r * v) / v.mean() for r, u, v in zip(plain[0], x, y, strict=True)]
    expected = adjusted_mean(n, of(brought), of(brought, brought), of(b), of(b, b), of(brought, b))
    assert found.theta == pytest.approx(expected.theta, abs=1e-6)
    assert found.mean == pytest.approx(expected.mean, abs=1e-6)
    assert found.variance == pytest.approx(expected.variance, abs=1e-6)


def test_nothing_known_from_before_changes_nothing():
    constant = adjusted_mean(*sums([A, B], [[7] * 10, [7] * 10]))
    assert constant.theta == 0
    assert constant.mean == pytest.approx([np.mean(A), np.mean(B)])
    assert constant.variance == pytest.approx([np.var(A, ddof=1), np.var(B, ddof=1)])


def test_an_arm_without_units_does_not_disturb_the_others():
    three = sums([A, B, []], [BEFORE_A, BEFORE_B, []])
    found, two = adjusted_mean(*three), adjusted_mean(*three[:, :2])
    assert found.theta == two.theta and found.mean[:2] == pytest.approx(two.mean)
    assert np.isnan([found.mean[2], found.variance[2]]).all()
    together = adjusted_mean(*np.stack([three, three * [1, 1, 1]], axis=1))
    assert together.mean.shape == (2, 3) and together.theta.shape == (2,)


def test_only_units_from_before_move_the_estimate_and_not_the_truth():
    random = np.random.default_rng(2)
    before = random.normal(size=(2, 300, 400))
    values = before * 2 + random.normal(size=before.shape) + np.array([0, 0.1])[:, None, None]
    n = np.full((300, 2), 400)
    x, xx, b, bb, xb = (
        part.sum(axis=2).T for part in (values, values**2, before, before**2, values * before)
    )
    found = adjusted_mean(n, x, xx, b, bb, xb)
    clear = welch(400, found.mean[:, 1], found.variance[:, 1], 400, found.mean[:, 0], found.variance[:, 0])
    assert np.mean((clear.low <= 0.1) & (clear.high >= 0.1)) == pytest.approx(0.95, abs=0.03)
    raw = moments(n, x, xx)[1]
    assert np.median(1 - found.variance / raw) == pytest.approx(0.8, abs=0.02)
