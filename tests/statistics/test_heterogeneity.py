"""Effects that differ, against the row, scipy and statsmodels."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.statistics.heterogeneity import heterogeneity, interaction
from journey.statistics.logit import logit
from journey.statistics.mix import cochran_q
from tests.endurance import examples

MOBILE, DESKTOP = ([120, 90], [2000, 2000]), ([80, 120], [1000, 1000])


def test_o26_the_interaction_of_device_and_arm():
    (k1, n1), (k2, n2) = MOBILE, DESKTOP
    found = interaction([k1, k2], [n1, n2])
    assert (found.statistic, found.freedom) == (pytest.approx(13.21715489, abs=1e-6), 1)
    assert found.p == pytest.approx(0.00027740, abs=1e-6)
    columns = np.array([[1, 0, 0, 0], [1, 0, 1, 0], [1, 1, 0, 0], [1, 1, 1, 1]], dtype=float)
    full = logit(columns, np.array([*k1, *k2]), np.array([*n1, *n2]))
    assert (full.coefficient[3], full.error[3]) == pytest.approx((0.75343041, 0.20870211), abs=1e-6)
    share = np.array([k1, k2]) / np.array([n1, n2])
    error = np.sqrt((share * (1 - share) / np.array([n1, n2])).sum(axis=1))
    assert heterogeneity(share[:, 1] - share[:, 0], error).statistic == pytest.approx(13.21609961, abs=1e-6)


CELLS = st.integers(4, 60).flatmap(lambda n: st.tuples(st.integers(1, n - 1), st.just(n)))
TABLES = st.integers(2, 4).flatmap(
    lambda arms: st.lists(st.lists(CELLS, min_size=arms, max_size=arms), min_size=2, max_size=4)
)


@settings(max_examples=examples(12), deadline=None)
@given(TABLES)
def test_the_interaction_is_the_deviance_of_statsmodels(table):
    import statsmodels.api as sm
    from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

    k, n = np.moveaxis(np.array(table), 2, 0)
    segment, arm = (part.ravel() for part in np.indices(k.shape))
    columns = np.column_stack([np.eye(len(k))[segment], np.eye(k.shape[1])[arm][:, 1:]])
    outcomes = np.column_stack([k.ravel(), (n - k).ravel()])
    with warnings.catch_warnings():
        # The oracle takes a fit without any rest for a separation.
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        oracle = sm.GLM(outcomes, columns, family=sm.families.Binomial()).fit()
    found = interaction(k, n)
    assert found.statistic == pytest.approx(oracle.deviance, abs=1e-6)
    assert found.freedom == oracle.df_resid
    assert interaction(k[::-1], n[::-1]).p == pytest.approx(found.p, abs=1e-6)
    assert interaction(k[:, ::-1], n[:, ::-1]).p == pytest.approx(found.p, abs=1e-6)
    assert interaction(n - k, n).p == pytest.approx(found.p, abs=1e-6)


def test_segments_that_say_nothing_take_no_degree_of_freedom():
    k, n = (
        np.array([[12, 20], [9, 4], [0, 0], [7, 0], [5, 5]]),
        np.array([[50, 50], [40, 40], [9, 9], [30, 0], [5, 5]]),
    )
    told = interaction(k[:2], n[:2])
    assert (interaction(k, n).p, interaction(k, n).freedom) == (pytest.approx(told.p), 1)
    holes = interaction([[5, 9, 4], [8, 3, 0], [2, 6, 7]], [[20, 20, 20], [20, 20, 0], [20, 20, 20]])
    assert holes.freedom == 3 and 0 < holes.p < 1


@pytest.mark.parametrize(
    ("k", "n"),
    [
        ([[3, 4]], [[9, 9]]),
        ([[0, 4], [0, 3]], [[9, 9], [9, 9]]),
        ([[9, 4], [9, 3]], [[9, 9], [9, 9]]),
        ([[3, 4, 0, 0], [0, 0, 5, 4]], [[9, 9, 0, 0], [0, 0, 9, 9]]),
        ([[0, 0], [0, 0]], [[0, 0], [0, 0]]),
        ([[3], [4]], [[9], [9]]),
    ],
)
def test_where_nothing_can_be_compared_there_is_nothing_to_say(k, n):
    assert np.isnan(interaction(k, n).p)


def test_misuse_is_refused():
    for k, n in (([[3, 10]], [[9, 9]]), ([1, 2], [3, 3])):
        with pytest.raises(ValueError, match="segments x arms"):
            interaction(k, n)


@settings(max_examples=examples(12), deadline=None)
@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(0.1, 3)), min_size=2, max_size=6))
def test_q_is_the_spread_around_the_weighted_mean(parts):
    value, error = np.array(parts).T
    mean = np.average(value, weights=1 / error**2)
    found = heterogeneity(value, error)
    assert found.statistic == pytest.approx((((value - mean) / error) ** 2).sum())
    assert heterogeneity(value + 3, error).p == pytest.approx(found.p, abs=1e-6)
    assert heterogeneity(np.full(len(value), 2.0), error).p == pytest.approx(1)


def test_it_is_cochrans_q_of_shares_and_leaves_unknown_estimates_out():
    share, n = np.array([[0.06, 0.045], [0.08, 0.12]]), np.array([[2000, 2000], [1000, 1000]])
    error = np.sqrt((share * (1 - share) / n).sum(axis=1))
    expected = cochran_q(*(np.array([120, 80]), n[:, 0], np.array([90, 120]), n[:, 1]))
    found = heterogeneity(share[:, 0] - share[:, 1], error)
    assert (found.statistic, found.p) == pytest.approx(expected)
    more = heterogeneity([*(share[:, 0] - share[:, 1]), np.nan, 7, 8, 9], [*error, 1, np.nan, 0, np.inf])
    assert (more.p, more.freedom) == (pytest.approx(found.p), 1)
    columns = heterogeneity([[1, np.nan, 1], [2, 3, np.nan]], [[0.1], [0.1]])
    assert np.isnan(columns.p).tolist() == [False, True, True] and columns.freedom.tolist() == [1, 0, 0]
