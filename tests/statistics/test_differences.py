"""Differences of two numbers, against scipy, statsmodels and the intervals that are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.statistics.differences import mover, two_shares
from journey.statistics.intervals import newcombe, wilson

counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_p_values_of_two_shares_as_o_01_to_o_03_have_them():
    assert two_shares(250, 5000, 200, 5000) == pytest.approx(0.01586897, abs=1e-7)
    assert two_shares(51, 100, 49, 100) == pytest.approx(0.77729741, abs=1e-7)
    assert two_shares(3, 40, 11, 38) == pytest.approx(0.01362072, abs=1e-7)


@given(counts, counts)
def test_p_values_are_those_of_scipy(one, other):
    from scipy.stats import chi2_contingency, fisher_exact

    (k, n), (j, m) = one, other
    table = np.array([[k, n - k], [j, m - j]])
    if k + j in (0, n + m):
        assert two_shares(k, n, j, m) == 1
        return
    expected = np.outer(table.sum(1), table.sum(0)) / table.sum()
    p = fisher_exact(table).pvalue if expected.min() < 5 else chi2_contingency(table, correction=False).pvalue
    assert two_shares(k, n, j, m) == pytest.approx(p, abs=1e-9)
    assert two_shares(j, m, k, n) == pytest.approx(two_shares(k, n, j, m), abs=1e-9)


def test_without_anybody_there_is_nothing_to_say():
    assert np.isnan(two_shares(0, 0, 3, 10))
    with pytest.raises(ValueError, match="0 <= k <= n"):
        two_shares(4, 3, 1, 10)


@given(counts, counts)
def test_the_interval_of_a_difference_of_shares_is_newcombes(one, other):
    (k, n), (j, m) = one, other
    found = mover(k / n, *wilson(k, n), j / m, *wilson(j, m))
    assert found == pytest.approx(newcombe(k, n, j, m), abs=1e-12)
