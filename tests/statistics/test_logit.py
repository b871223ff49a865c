import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.datasets import spector
from statsmodels.stats.outliers_influence import variance_inflation_factor

from journey.statistics.logit import inflation, logit
from tests.endurance import examples


def spector_data():
    data = spector.load_pandas()
    x = data.exog[["GPA", "TUCE", "PSI"]].to_numpy()
    return np.column_stack([np.ones(len(x)), x]), data.endog.to_numpy()


def test_logit_o_44_spector():
    x, y = spector_data()
    found = logit(x, y)
    assert found.coefficient == pytest.approx([-13.02134686, 2.82611259, 0.09515766, 2.37868766], abs=1e-6)
    assert found.error == pytest.approx([4.93132421, 1.26294108, 0.14155421, 1.06456425], abs=1e-6)
    assert found.log_likelihood == pytest.approx(-12.88963422, abs=1e-6)
    assert found.explained == pytest.approx(0.37403830, abs=1e-6)
    theirs = sm.Logit(y, x).fit(disp=0)
    assert found.p == pytest.approx(theirs.pvalues, abs=1e-6)
    assert np.column_stack([found.low, found.high]) == pytest.approx(theirs.conf_int(), abs=1e-5)


@settings(max_examples=examples(10), deadline=None)
@given(st.integers(0, 10_000))
def test_rows_that_are_alike_may_be_one_row_and_statsmodels_agrees(seed):
    draw = np.random.default_rng(seed)
    flags = draw.random((300, 3)) < draw.uniform(0.2, 0.8, 3)
    y = draw.random(300) < 1 / (1 + np.exp(0.3 - flags @ np.array([1.0, -0.5, 0.0])))
    x = np.column_stack([np.ones(300), flags])
    patterns, at = np.unique(x, axis=0, return_inverse=True)
    few = logit(patterns, np.bincount(at, weights=y), np.bincount(at))
    every = logit(x, y.astype(float))
    assert not few.separated
    assert few.coefficient == pytest.approx(every.coefficient, abs=1e-7)
    theirs = sm.GLM(y, x, family=sm.families.Binomial()).fit()
    assert few.coefficient == pytest.approx(theirs.params, abs=1e-6)
    assert few.error == pytest.approx(theirs.bse, abs=1e-5)


def test_a_column_that_tells_the_outcome_is_said_and_not_estimated():
    x = np.column_stack([np.ones(40), np.arange(40) >= 20])
    found = logit(x, (np.arange(40) >= 20).astype(float))
    assert found.separated and np.isnan(found.coefficient).all() and math.isnan(found.explained)
    some = (np.arange(40) >= 20) & (np.arange(40) % 3 > 0)
    assert logit(x, some.astype(float)).separated


def test_columns_that_depend_on_each_other_are_misuse():
    x = np.column_stack([np.ones(9), np.arange(9), 2 * np.arange(9)])
    with pytest.raises(ValueError, match="depend"):
        logit(x, np.arange(9) % 2)
    with pytest.raises(ValueError, match="hits"):
        logit(x[:, :2], np.full(9, 2))


def test_inflation_is_that_of_statsmodels():
    x, _ = spector_data()
    want = [variance_inflation_factor(x, at) for at in (1, 2, 3)]
    assert inflation(x[:, 1:]) == pytest.approx(want)
    twice = inflation(np.column_stack([x[:, 1:], x[:, 1] * 3, np.ones(len(x))]))
    assert np.isinf(twice[[0, 3]]).all() and math.isnan(twice[4])
    often = np.arange(len(x)) % 3 + 1
    assert inflation(x[:, 1:], often) == pytest.approx(inflation(np.repeat(x[:, 1:], often, axis=0)))
