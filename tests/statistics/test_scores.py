"""NPS and CSAT against printed values."""

import math

import pytest

from journey.statistics.scores import csat, nps


@pytest.mark.parametrize(
    ("counts", "score", "low", "high"),
    [
        ((60, 25, 15), 45.0, 29.343112, 58.035530),
        ((250, 150, 100), 30.0, 22.996344, 36.645803),
        ((8, 1, 1), 70.0, 14.731716, 92.960591),
    ],
)
def test_nps_with_adjusted_wald_of_o_68(counts, score, low, high):
    assert nps(*counts) == pytest.approx((score, low, high), abs=1e-6)


def test_csat_with_wilson_of_o_69():
    assert csat(164, 200) == pytest.approx((0.82, 0.76088525, 0.86705374), abs=1e-8)


def test_the_score_lies_in_its_interval_and_nobody_has_none():
    for counts in ((5, 0, 0), (0, 0, 3), (0, 4, 0), (1, 1, 1)):
        score, low, high = nps(*counts)
        assert -100 <= low <= score <= high <= 100
    assert all(map(math.isnan, (*nps(0, 0, 0), *csat(0, 0))))
