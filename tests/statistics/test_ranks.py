import math

import numpy as np
import pytest
from scipy.stats import pearsonr

from journey.statistics.ranks import correlation, spearman
from tests.statistics.test_least_squares import ANSCOMBE_X, ANSCOMBE_Y


def test_correlation_o_46_anscombe():
    found = correlation(ANSCOMBE_X, ANSCOMBE_Y)
    assert found.r == pytest.approx(0.81642052, abs=1e-8)
    assert found.p == pytest.approx(0.00216963, abs=1e-8)
    assert (found.low, found.high) == pytest.approx((0.42439121, 0.95069325), abs=1e-7)
    theirs = pearsonr(ANSCOMBE_X, ANSCOMBE_Y).confidence_interval()
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high))
    ranked = spearman(ANSCOMBE_X, ANSCOMBE_Y)
    assert ranked.r == pytest.approx(0.81818182, abs=1e-8)
    assert ranked.low < ranked.r < ranked.high


def test_pairs_without_a_number_are_left_out():
    x, y = np.append(ANSCOMBE_X, [math.nan, 3]), np.append(ANSCOMBE_Y, [1, math.nan])
    assert correlation(x, y) == correlation(ANSCOMBE_X, ANSCOMBE_Y)


def test_what_does_not_vary_has_no_correlation():
    found = correlation(np.ones(9), np.arange(9))
    assert found.n == 9 and math.isnan(found.r) and math.isnan(found.p)
    line = spearman(np.arange(9), np.arange(9) ** 3)
    assert (line.r, line.low, line.high) == pytest.approx((1, 1, 1))
    three = correlation(np.arange(3), np.array([1, 3, 2]))
    assert (three.low, three.high) == (-1, 1)
