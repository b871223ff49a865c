import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, fisher_exact
from statsmodels.stats.contingency_tables import Table2x2

from journey.statistics.odds import independence, odds_ratio
from tests.endurance import examples

GROUP = st.integers(0, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_odds_ratio_o_01_is_that_of_scipy_and_statsmodels():
    ratio, low, high = odds_ratio(250, 5000, 200, 5000)
    assert math.log(ratio) == pytest.approx(0.23361485, abs=1e-8)
    assert math.log(high / low) / 2 / 1.959963984540054 == pytest.approx(0.09705081, abs=1e-8)
    assert (low, high) == pytest.approx(Table2x2([[250, 4750], [200, 4800]]).oddsratio_confint())
    assert independence(250, 5000, 200, 5000) == pytest.approx(0.01586897, abs=1e-8)


def test_few_are_tested_exactly():
    assert independence(3, 40, 11, 38) == pytest.approx(chi2_of(3, 40, 11, 38))
    assert independence(1, 6, 5, 6) == pytest.approx(fisher_exact([[1, 5], [5, 1]]).pvalue)


def chi2_of(k1, n1, k2, n2):
    return chi2_contingency([[k1, n1 - k1], [k2, n2 - k2]], correction=False).pvalue


@settings(max_examples=examples(24), deadline=None)
@given(GROUP, GROUP)
def test_every_table_is_read_as_others_read_it(one, other):
    (k1, n1), (k2, n2) = one, other
    ratio, low, high = odds_ratio(k1, n1, k2, n2)
    p = independence(k1, n1, k2, n2)
    cells = np.array([[k1, n1 - k1], [k2, n2 - k2]])
    if 0 in cells.sum(axis=0) or 0 in cells.sum(axis=1):
        assert all(math.isnan(value) for value in (ratio, low, high, p))
        return
    table = Table2x2(cells + 0.5 * (cells == 0).any(), shift_zeros=False)
    assert (ratio, low, high) == pytest.approx((table.oddsratio, *table.oddsratio_confint()))
    expected = np.outer(cells.sum(axis=1), cells.sum(axis=0)) / cells.sum()
    want = fisher_exact(cells).pvalue if expected.min() < 5 else chi2_of(k1, n1, k2, n2)
    assert p == pytest.approx(want)


def test_groups_changed_over_turn_the_ratio_round():
    ratio, low, high = odds_ratio([10, 3], [40, 3], [5, 1], [50, 9])
    back, back_low, back_high = odds_ratio([5, 1], [50, 9], [10, 3], [40, 3])
    assert 1 / back == pytest.approx(ratio)
    assert 1 / back_high == pytest.approx(low) and 1 / back_low == pytest.approx(high)


def test_more_hits_than_people_is_misuse():
    for function in (odds_ratio, independence):
        with pytest.raises(ValueError, match="0 <= k <= n"):
            function(5, 4, 1, 2)
