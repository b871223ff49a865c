from itertools import permutations

import numpy as np
import pytest
import statsmodels.api as sm
from statsmodels.datasets import longley

from journey.statistics.least_squares import least_squares, shares_explained

ANSCOMBE_X = np.array([10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5], dtype=float)
ANSCOMBE_Y = np.array([8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68])


def with_constant(x):
    return np.column_stack([np.ones(len(x)), x])


def test_least_squares_o_45_longley_to_the_digits_of_nist():
    data = longley.load_pandas()
    found = least_squares(with_constant(data.exog.to_numpy()), data.endog.to_numpy())
    nist = [
        -3482258.63459582, 15.0618722713733, -0.0358191792925910, -2.02022980381683,
        -1.03322686717359, -0.0511041056535807, 1829.15146461355,
    ]  # fmt: skip
    errors = [
        890420.383607373, 84.9149257747669, 0.0334910077722432, 0.488399681651699,
        0.214274163161675, 0.226073200069370, 455.478499142212,
    ]  # fmt: skip
    assert found.coefficient == pytest.approx(nist, rel=1e-7)
    assert found.error == pytest.approx(errors, rel=1e-7)


def test_least_squares_o_46_anscombe_with_hc3():
    x = with_constant(ANSCOMBE_X)
    found = least_squares(x, ANSCOMBE_Y)
    assert found.coefficient[1] == pytest.approx(0.50009091, abs=1e-8)
    assert found.error[1] == pytest.approx(0.11790550, abs=1e-8)
    assert found.robust[1] == pytest.approx(0.13217817, abs=1e-8)
    theirs = sm.OLS(ANSCOMBE_Y, x).fit(cov_type="HC3", use_t=True)
    assert found.p == pytest.approx(theirs.pvalues)


def test_a_row_that_decides_its_own_fit_has_no_rest():
    x = np.column_stack([np.ones(6), np.arange(6) == 5])
    found = least_squares(x, np.array([1.0, 2, 1, 2, 1, 9]))
    assert np.isfinite(found.robust).all()
    exact = least_squares(x[4:], np.array([1.0, 9]))
    assert exact.freedom == 0 and np.isnan(exact.error).all()


@pytest.mark.parametrize("x", [[[1, 2], [2, 4], [3, 6]], [[1, 0], [1, 0]], [[1, 2]]])
def test_columns_that_depend_on_each_other_are_misuse(x):
    with pytest.raises(ValueError, match="depend"):
        least_squares(np.array(x), np.arange(len(x)))


def test_shares_are_the_mean_over_all_orders_and_add_up_to_the_whole():
    draw = np.random.default_rng(7)
    base = draw.normal(size=(200, 1))
    x = base + draw.normal(size=(200, 3)) * [0.3, 1, 2]
    y = x @ [1, 0.5, 0] + draw.normal(size=200)

    def squared(at):
        return sm.OLS(y, with_constant(x[:, list(at)])).fit().rsquared if at else 0.0

    want = np.zeros(3)
    for order in permutations(range(3)):
        for place, column in enumerate(order):
            want[column] += (squared(order[: place + 1]) - squared(order[:place])) / 6
    got = shares_explained(x, y)
    assert got == pytest.approx(want)
    assert got.sum() == pytest.approx(squared(range(3)))
    often = np.arange(200) % 3 + 1
    assert shares_explained(x, y, often) == pytest.approx(
        shares_explained(np.repeat(x, often, axis=0), np.repeat(y, often))
    )
    twins = shares_explained(np.column_stack([x[:, 0], x[:, 0], np.ones(200)]), y)
    assert twins[0] == pytest.approx(twins[1]) and twins[2] == 0
    with pytest.raises(ValueError, match="10"):
        shares_explained(np.ones((20, 11)), np.ones(20))
