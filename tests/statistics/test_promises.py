"""What tests and intervals promise, kept over many experiments that were made up and whose truth is known."""

import numpy as np
import pytest

from journey.statistics.corrections import holm
from journey.statistics.covariate import adjusted, before_of_means, pooled_slope
from journey.statistics.differences import two_shares
from journey.statistics.intervals import newcombe
from journey.statistics.lift import mean_lift, share_lift
from journey.statistics.sequential import anytime
from journey.statistics.welch import moments, ratio_moments, share_moments, welch
from tests.endurance import FULL_LENGTH

RUNS = 200_000 if FULL_LENGTH else 10_000
# 94 to 96 %, and what chance alone adds to so many runs.
ROOM = 0.01 + (0 if FULL_LENGTH else 0.002)


def held(low, high, truth):
    return np.mean((low <= truth) & (truth <= high))


@pytest.mark.parametrize(("n", "m", "share", "other"), [(5_000, 5_000, 0.05, 0.04), (900, 300, 0.3, 0.25)])
def test_intervals_of_shares_hold_the_truth(n, m, share, other):
    random = np.random.default_rng(1)
    k, j = random.binomial(n, share, RUNS), random.binomial(m, other, RUNS)
    assert held(*newcombe(k, n, j, m), share - other) == pytest.approx(0.95, abs=ROOM)
    _, low, high = share_lift(k, n, j, m)
    assert held(low, high, share / other - 1) == pytest.approx(0.95, abs=ROOM)
    assert np.mean(two_shares(j, m, random.binomial(n, other, RUNS), n) < 0.05) == pytest.approx(
        0.05, abs=ROOM
    )


def sums(values):
    return values.shape[1], *moments(values.shape[1], values.sum(axis=1), (values**2).sum(axis=1))


def in_parts(runs, part=1_000):
    return range(max(runs // part, 1)), part


def test_intervals_of_means_and_their_lifts_hold_the_truth():
    random = np.random.default_rng(2)
    rounds, part = in_parts(RUNS // 5)
    found = np.zeros(3)
    for _ in rounds:
        first = np.exp(random.normal(0.1, 1, (part, 400)))
        second = np.exp(random.normal(0, 1, (part, 200)))
        truth = np.exp([0.6, 0.5])
        clear = welch(*sums(first), *sums(second))
        _, low, high = mean_lift(*sums(first), *sums(second))
        found += [
            held(clear.low, clear.high, truth[0] - truth[1]),
            held(low, high, truth[0] / truth[1] - 1),
            np.mean((low > 0) == (clear.low > 0)),
        ]
    # A long tail and few units: Welch's interval may miss a little more often.
    assert found[0] / len(rounds) == pytest.approx(0.95, abs=ROOM + 0.01)
    assert found[1] / len(rounds) == pytest.approx(0.95, abs=ROOM + 0.01)
    assert found[2] / len(rounds) == 1


def test_intervals_of_ratios_of_customers_with_many_rows_hold_the_truth():
    random = np.random.default_rng(3)
    rounds, part = in_parts(RUNS // 5)
    share = 0.0
    for _ in rounds:
        arms = []
        for n in (500, 700):
            # Some customers come often and click more: rows of one customer are alike.
            below = random.poisson(random.gamma(2, 2, (part, n))) + 1
            above = random.binomial(below, random.beta(2, 8, (part, n)))
            of = [one.sum(axis=1) for one in (above, below, above**2, below**2, above * below)]
            arms.append((n, *ratio_moments(n, *of)))
        found = welch(*arms[0], *arms[1])
        share += held(found.low, found.high, 0)
    assert share / len(rounds) == pytest.approx(0.95, abs=ROOM)


def test_what_is_known_from_before_narrows_the_interval_and_it_still_holds():
    random = np.random.default_rng(4)
    rounds, part = in_parts(RUNS // 5)
    found = np.zeros(2)
    for _ in rounds:
        before = random.gamma(1, 2, (part, 2, 300))
        values = before + random.gamma(1, 1, (part, 2, 300)) + np.array([0, 0.2])[:, None]
        of = [one.sum(axis=2) for one in (values, values**2, before, before**2, values * before)]
        known = before_of_means(300, of[0], *of[2:])
        theta = pooled_slope(np.full((part, 2), 300), known)[:, None]
        mean, variance = adjusted(*moments(300, *of[:2]), known, theta, 2.0)
        clear = welch(300, mean[:, 1], variance[:, 1], 300, mean[:, 0], variance[:, 0])
        raw = welch(*sums(values[:, 1]), *sums(values[:, 0]))
        found += held(clear.low, clear.high, 0.2), np.mean((clear.high - clear.low) / (raw.high - raw.low))
    assert found[0] / len(rounds) == pytest.approx(0.95, abs=ROOM)
    assert found[1] / len(rounds) < 0.5


def test_four_arms_without_a_difference_have_a_false_winner_in_at_most_5_of_100():
    random = np.random.default_rng(5)
    k = random.binomial(2_000, 0.1, (5, RUNS))
    p = two_shares(k[1:], 2_000, k[0], 2_000)
    assert np.mean((p < 0.05).any(axis=0)) == pytest.approx(0.159, abs=0.015)
    lowest = np.array([holm(one)[one.argmin()] for one in p.T[:20_000]])
    assert np.mean(lowest < 0.05) <= 0.05


def test_daily_looks_without_a_difference_end_in_at_most_5_false_winners_of_100():
    random = np.random.default_rng(6)
    days, a_day = 30, 200
    seen = np.arange(1, days + 1)[:, None] * a_day
    k, j = (np.cumsum(random.binomial(a_day, 0.1, (days, RUNS)), axis=0) for _ in range(2))
    usual = two_shares(k, seen, j, seen)
    assert np.mean((usual < 0.05).any(axis=0)) == pytest.approx(0.273, abs=0.02)
    early = anytime(seen, *share_moments(k, seen), seen, *share_moments(j, seen), tuned=2 * seen[-1])
    outside = (early.low > 0) | (early.high < 0)
    assert np.mean(outside.any(axis=0)) <= 0.05
    # The rule of the page: nobody wins before the planned size, and then one test decides.
    winners = (usual[-1] < 0.05) & (k[-1] > j[-1])
    assert np.mean(winners) <= 0.05
    assert np.mean(outside[:-1].any(axis=0) | winners) <= 0.05


def test_whoever_looks_on_beyond_the_planned_size_finds_more_false_winners():
    """Up to a fifth more than planned they stay below 5 of 100; then the wider interval decides."""
    random = np.random.default_rng(8)
    days, a_day, planned = 45, 200, 30
    seen = np.arange(1, days + 1)[:, None] * a_day
    k, j = (np.cumsum(random.binomial(a_day, 0.1, (days, RUNS)), axis=0) for _ in range(2))
    won = (two_shares(k, seen, j, seen) < 0.05) & (k > j)
    by = [np.mean(won[planned - 1 : last].any(axis=0)) for last in (planned, 36, days)]
    assert by == pytest.approx([0.025, 0.042, 0.056], abs=0.008)
    assert by[1] <= 0.05


def test_a_difference_that_is_there_is_found_by_daily_looks_too():
    random = np.random.default_rng(7)
    seen = np.arange(1, 31)[:, None] * 300
    k, j = (np.cumsum(random.binomial(300, share, (30, 2_000)), axis=0) for share in (0.13, 0.10))
    early = anytime(seen, *share_moments(k, seen), seen, *share_moments(j, seen), tuned=2 * seen[-1])
    assert np.mean((early.low > 0).any(axis=0)) > 0.99
    assert np.mean((early.high < 0).any(axis=0)) == 0
