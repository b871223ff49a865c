import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf, logrank

from journey.statistics.survival import kaplan_meier, log_rank
from tests.endurance import examples

# E. J. Freireich et al., Blood 21 (1963): weeks of remission, and who was still in it when last seen.
TREATED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
TREATED_SEEN = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
CONTROL = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def counted(events, censored, until=40):
    return tuple(np.bincount(times, minlength=until) for times in (events, censored or [0] * 0))


def test_o_42_kaplan_meier_of_freireich():
    curve = kaplan_meier(np.arange(40), *counted(TREATED, TREATED_SEEN))
    assert curve.time.tolist() == [6, 7, 10, 13, 16, 22, 23]
    want = [0.857143, 0.806723, 0.752941, 0.690196, 0.627451, 0.537815, 0.448179]
    assert curve.share == pytest.approx(want, abs=1e-6)
    assert curve.median == 23
    assert (curve.low[0], curve.high[0]) == pytest.approx((0.619718, 0.951552), abs=1e-6)
    assert (curve.low[2], curve.high[2]) == pytest.approx((0.503200, 0.889362), abs=1e-6)
    assert curve.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]


def test_o_43_log_rank_of_freireich():
    treated, control = counted(TREATED, TREATED_SEEN), counted(CONTROL, [])
    statistic, p = log_rank(treated, control)
    assert statistic == pytest.approx(16.79294099, abs=1e-5)
    assert p == pytest.approx(4.1688e-05, rel=1e-4)
    assert log_rank(control, treated) == pytest.approx((statistic, p))
    assert kaplan_meier(np.arange(40), *control).median == 8


times = st.lists(st.integers(0, 12), max_size=15)


@settings(max_examples=examples(60), deadline=None)
@given(times.filter(bool), times)
def test_kaplan_meier_equals_scipy(events, censored):
    curve = kaplan_meier(np.arange(13), *counted(events, censored, 13))
    data = CensoredData(uncensored=events, right=censored)
    result = ecdf(data).sf
    happened = np.isin(result.quantiles, events)
    assert curve.time.tolist() == result.quantiles[happened].tolist()
    assert curve.share == pytest.approx(result.probabilities[happened])
    for share, low, high in zip(curve.share, curve.low, curve.high, strict=True):
        assert low <= share <= high or (math.isnan(low) and share == 0)


@settings(max_examples=examples(60), deadline=None)
@given(*[times] * 4)
def test_log_rank_equals_scipy(events1, censored1, events2, censored2):
    first, second = ((counted(*group, 13)) for group in ((events1, censored1), (events2, censored2)))
    statistic, p = log_rank(first, second)
    if math.isnan(statistic):
        return
    data = [CensoredData(uncensored=e, right=c) for e, c in ((events1, censored1), (events2, censored2))]
    want = logrank(*data)
    assert statistic == pytest.approx(want.statistic**2)
    assert p == pytest.approx(want.pvalue)


def test_nobody_or_nothing_that_happened_has_no_median():
    for curve in (kaplan_meier([], [], []), kaplan_meier([1, 2], [0, 0], [3, 1])):
        assert len(curve.time) == 0 and math.isnan(curve.median)
    assert all(math.isnan(value) for value in log_rank(([0], [2]), ([0], [1])))
