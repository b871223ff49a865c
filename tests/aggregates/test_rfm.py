"""Scores, cells and groups of buyers: known answers, plain loops, and the laws of ties."""

import datetime as dt
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.aggregates.rfm import GROUPS, cell_of, cut_points, group_of_cell, rfm_members, rfm_scores
from journey.aggregates.rfm_values import RfmValues
from journey.aggregates.segment import members_of
from journey.errors import SettingWrong
from journey.stages.stage_map import StageMap
from tests.analysis.logs import event_log
from tests.analysis.oracle import Row
from tests.endurance import examples

DAY = 24 * 60


def values(recency, frequency, monetary):
    """The values of these buyers."""
    money = None if monetary is None else np.array(monetary, dtype=float)
    n = len(recency)
    return RfmValues(
        np.array(recency, dtype=float),
        np.array(frequency),
        money,
        np.ones(n, dtype=bool),
        0,
        dt.date(2024, 1, 1),
        "orders",
    )


def test_o_55_rfm_quintiles_with_ties_that_share_a_score():
    found = rfm_scores(
        values(
            [1, 3, 5, 10, 20, 30, 45, 60, 90, 200],
            [12, 8, 1, 5, 1, 2, 1, 1, 3, 1],
            [900, 400, 30, 250, 45, 80, 20, 60, 150, 10],
        )
    )
    assert found.scores["recency"].tolist() == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
    assert found.scores["frequency"].tolist() == [5, 5, 1, 4, 1, 3, 1, 1, 4, 1]
    assert found.scores["monetary"].tolist() == [5, 5, 2, 4, 2, 3, 1, 3, 4, 1]
    assert found.cuts["recency"] == (4.6, 16, 36, 66)
    assert found.cuts["frequency"] == (1, 1, 2.4, 5.6)
    assert found.cuts["monetary"] == (28, 54, 108, 280)


@settings(max_examples=examples(200), deadline=None)
@given(st.lists(st.integers(-50, 50) | st.integers(0, 3), min_size=1, max_size=40))
def test_cut_points_are_those_of_exact_fractions_and_of_numpy(numbers):
    ordered, exact = sorted(numbers), []
    for fifth in range(1, 5):
        place = Fraction((len(ordered) - 1) * fifth, 5)
        low = math.floor(place)
        high = min(low + 1, len(ordered) - 1)
        exact.append(ordered[low] + (ordered[high] - ordered[low]) * (place - low))
    found = cut_points(np.array(numbers, dtype=float))
    assert found == tuple(map(float, exact))
    assert found == pytest.approx(np.quantile(numbers, [0.2, 0.4, 0.6, 0.8]))


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 4), st.integers(0, 6)), min_size=1, max_size=30))
def test_equal_values_have_equal_scores_better_ones_never_lower_and_groups_are_those_of_the_definition(rows):
    found = rfm_scores(values(*zip(*rows, strict=True)))
    for one, (recency, frequency, money) in enumerate(rows):
        r, f, m = (int(found.scores[name][one]) for name in ("recency", "frequency", "monetary"))
        below = {
            name: sum(cut < value for cut in found.cuts[name])
            for name, value in (("recency", recency), ("frequency", frequency), ("monetary", money))
        }
        assert (r, f, m) == (5 - below["recency"], 1 + below["frequency"], 1 + below["monetary"])
        fm = (f + m) / 2
        if r >= 4:
            wanted = "champions" if fm >= 4 else "loyal" if fm >= 3 else "recent"
        elif r == 3:
            wanted = "loyal" if fm >= 3 else "attention"
        else:
            wanted = "risk" if fm >= 3 else "inactive"
        assert GROUPS[found.group[one]] == wanted == group_of_cell(r, int(found.level[one]))
        assert found.level[one] == math.floor(fm)


def test_own_cut_points_and_groups_of_cells_are_taken_as_they_are():
    own = {"recency": [7, 30, 90, 180], "frequency": [1, 2, 3, 5]}
    found = rfm_scores(values([7, 8, 181], [1, 2, 6], None), cuts=own, mapping={"5.1": "attention"})
    assert found.scores["recency"].tolist() == [5, 4, 1]
    assert found.scores["frequency"].tolist() == found.level.tolist() == [1, 2, 5]
    assert [GROUPS[code] for code in found.group] == ["attention", "recent", "risk"]
    assert "monetary" not in found.cuts


@pytest.mark.parametrize(
    "wrong",
    [
        {"cuts": {"recency": [1, 2, 3]}},
        {"cuts": {"recency": [4, 3, 2, 1]}},
        {"cuts": {"beauty": [1, 2, 3, 4]}},
        {"cuts": {"recency": [1, 2, 3, math.nan]}},
        {"mapping": {"6.1": "loyal"}},
        {"mapping": {"5.1": "kings"}},
    ],
)
def test_settings_that_mean_nothing_are_refused(wrong):
    with pytest.raises(SettingWrong):
        rfm_scores(values([1], [1], [1]), **wrong)


# ---- who is in a group -----------------------------------------------------------------------------------

FOUND = [
    *(Row("a", "사기", DAY * day) for day in (1, 5, 9, 40)),
    *(Row("b", "사기", DAY * day) for day in (2, 3)),
    Row("c", "사기", DAY * 39),
    Row("d", "보기", DAY * 40),
]


def picked(**settings):
    log = event_log(FOUND)
    flags = members_of(log, StageMap(), {"rfm": {"purchases": ["사기"], **settings}})
    return {id_ for id_, flag in zip(log.customer_ids.to_pylist(), flags, strict=True) if flag}


def test_a_rule_picks_groups_cells_and_scores_as_of_a_day():
    assert picked(groups=list(GROUPS)) == {"a", "b", "c"}
    assert picked(groups=["none"]) == {"d"}
    assert picked(recency=[5, 5]) == {"a"}
    assert picked(recency=[1, 5], frequency=[1, 1]) == {"c"}
    every = [cell_of(r, level) for r in range(1, 6) for level in range(1, 6)]
    assert set().union(*(picked(cells=[cell]) for cell in every)) == {"a", "b", "c"}
    assert sum(len(picked(cells=[cell])) for cell in every) == 3
    # On the tenth day c had not bought yet.
    assert picked(groups=["none"], on="2024-01-10") == {"c", "d"}
    assert picked(groups=["champions"], cells=["1.1"]) == set()


@pytest.mark.parametrize(
    "wrong", [{}, {"groups": ["loyal"], "colour": "red"}, {"groups": ["loyal"], "on": "soon"}, {"recency": 3}]
)
def test_a_rule_that_means_nothing_is_refused(wrong):
    with pytest.raises(SettingWrong):
        picked(**wrong)


def test_without_amounts_every_score_of_money_fits_those_who_bought():
    log = event_log(FOUND)
    flags = rfm_members(log, {"monetary": [1, 2], "purchases": ["사기"]})
    assert flags.tolist() == [True, True, True, False]
