import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import StratifiedTable

from journey.statistics.mix import breslow_day, cmh, cochran_q, mixed_difference, pooled_odds
from tests.endurance import examples

# Strata along the first axis: hits and trials of A, hits and trials of B.
INTERACTION = ([120, 80], [2000, 1000], [90, 120], [2000, 1000])
KIDNEY_STONES = ([81, 192], [87, 263], [234, 55], [270, 80])


def stratified(k1, n1, k2, n2):
    a, m, b, n = (np.asarray(one) for one in (k1, n1, k2, n2))
    return StratifiedTable(np.array([[a, m - a], [b, n - b]], dtype=float))


def test_o26_the_effects_in_two_strata_are_opposite_and_hidden_when_pooled():
    assert breslow_day(*INTERACTION) == pytest.approx((13.15532440, 0.00028670), abs=1e-6)
    assert cochran_q(*INTERACTION)[0] == pytest.approx(13.21609961, abs=1e-6)
    assert cmh(*INTERACTION) == pytest.approx(0.60754, abs=1e-5)


def test_o27_kidney_stones_the_better_treatment_looks_worse_in_total():
    crude = 273 / 350 - 289 / 350
    assert crude == pytest.approx(0.780 - 0.826, abs=1e-3)
    assert pooled_odds(*KIDNEY_STONES)[0] == pytest.approx(1.44684662, abs=1e-6)
    assert breslow_day(*KIDNEY_STONES)[1] == pytest.approx(0.32506794, abs=1e-6)
    assert mixed_difference(*KIDNEY_STONES)[0] > 0 > crude
    in_total = [[sum(part)] for part in KIDNEY_STONES]
    assert pooled_odds(*in_total)[0] == pytest.approx(0.74834854, abs=1e-6)


TABLES = st.lists(
    st.tuples(st.integers(2, 60), st.integers(2, 60)).flatmap(
        lambda n: st.tuples(st.integers(1, n[0] - 1), st.just(n[0]), st.integers(1, n[1] - 1), st.just(n[1]))
    ),
    min_size=2,
    max_size=6,
).map(lambda strata: tuple(np.array(part) for part in zip(*strata, strict=True)))


@settings(max_examples=examples(24), deadline=None)
@given(TABLES)
def test_odds_cmh_and_breslow_day_equal_statsmodels(tables):
    oracle = stratified(*tables)
    odds, low, high = pooled_odds(*tables)
    assert odds == pytest.approx(oracle.oddsratio_pooled, rel=1e-9)
    assert (low, high) == pytest.approx(oracle.oddsratio_pooled_confint(), rel=1e-9)
    assert cmh(*tables) == pytest.approx(oracle.test_null_odds().pvalue, rel=1e-6, abs=1e-12)
    chi, p = breslow_day(*tables)
    if abs(odds - 1) < 1e-9:  # the oracle divides by 0 there
        return
    expected = oracle.test_equal_odds()
    assert (chi, p) == pytest.approx((expected.statistic, expected.pvalue), rel=1e-6, abs=1e-9)


@settings(max_examples=examples(24), deadline=None)
@given(TABLES)
def test_swapping_the_groups_mirrors_and_the_order_of_strata_changes_nothing(tables):
    k1, n1, k2, n2 = tables
    difference, low, high = mixed_difference(*tables)
    assert mixed_difference(k2, n2, k1, n1) == pytest.approx((-difference, -high, -low), abs=1e-12)
    assert mixed_difference(*(part[::-1] for part in tables)) == pytest.approx((difference, low, high))
    assert low <= difference <= high
    assert pooled_odds(k2, n2, k1, n1)[0] == pytest.approx(1 / pooled_odds(*tables)[0])
    assert cmh(k2, n2, k1, n1) == pytest.approx(cmh(*tables))


def test_the_mixed_difference_is_the_weighted_mean_of_the_strata():
    parts = list(zip(*KIDNEY_STONES, strict=True))
    weights = [m * n / (m + n) for _, m, _, n in parts]
    mean = sum(w * (a / m - b / n) for w, (a, m, b, n) in zip(weights, parts, strict=True)) / sum(weights)
    assert mixed_difference(*KIDNEY_STONES)[0] == pytest.approx(mean)


def test_one_stratum_is_the_plain_difference_and_empty_strata_add_nothing():
    difference, low, high = mixed_difference([56], [70], [48], [80])
    assert difference == pytest.approx(0.2)
    assert low < 0.0576 and 0.33 < high < 0.36
    more = ([56, 3, 0], [70, 9, 0], [48, 0, 2], [80, 0, 5])
    assert mixed_difference(*more) == pytest.approx((difference, low, high))
    assert pooled_odds(*more) == pytest.approx(pooled_odds([56], [70], [48], [80]))
    assert np.isnan(mixed_difference([1, 0], [2, 0], [0, 1], [0, 2])).all()
    assert np.isnan(
        [cmh([1], [2], [0], [0]), *breslow_day([1], [2], [1], [2]), *cochran_q([1], [2], [1], [2])]
    ).all()


def test_each_comparison_of_further_axes_is_answered_on_its_own():
    both = [np.column_stack([one, other]) for one, other in zip(INTERACTION, KIDNEY_STONES, strict=True)]
    for function in (mixed_difference, pooled_odds, cmh, breslow_day, cochran_q):
        together = np.array(function(*both))
        alone = np.array([function(*INTERACTION), function(*KIDNEY_STONES)]).T
        assert together == pytest.approx(alone)


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    draw = np.random.default_rng(7)
    n1, n2 = np.array([40, 300, 12])[:, None], np.array([200, 60, 15])[:, None]
    share2 = np.array([0.1, 0.4, 0.7])[:, None]
    k1, k2 = draw.binomial(n1, share2 + 0.1, (3, 4000)), draw.binomial(n2, share2, (3, 4000))
    _, low, high = mixed_difference(k1, n1, k2, n2)
    assert np.mean((low <= 0.1) & (high >= 0.1)) == pytest.approx(0.95, abs=0.015)


def test_more_hits_than_trials_are_refused():
    with pytest.raises(ValueError, match="k <= n"):
        cmh([3], [2], [1], [2])
