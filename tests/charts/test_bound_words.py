"""Figures of a map in words of both languages."""

from __future__ import annotations

import math

import pytest

from journey.charts.bound_words import (
    called,
    evidence_name,
    felt_text,
    measure_name,
    n_text,
    range_text,
    value_text,
)
from journey.figures import Figure

_FELT = Figure("bound.feeling", 0.62, "score", 40, 0.3, 2.4, {"stage": "구매"})
_TIME = Figure("bound.time", 5400, "seconds", 12, values={"stage": "구매"})


def test_a_figure_says_its_number_its_interval_and_over_whom():
    assert (value_text(_FELT, "ko"), range_text(_FELT, "ko"), n_text(_FELT, "ko")) == (
        "+0.6",
        "+0.3 ~ +2.0",
        "평가한 고객 40명",
    )
    assert n_text(_TIME, "en") == "12 visits" and range_text(_TIME, "en") == ""
    assert called(_TIME, "ko") == "구매 단계에 머문 시간(중앙값)"
    nothing = Figure("bound.reach", math.nan, "share")
    assert (value_text(nothing, "ko"), range_text(nothing, "ko"), n_text(nothing, "ko")) == ("–", "", "")
    assert value_text(None, "en") == "–" and range_text(None, "en") == n_text(None, "en") == ""


@pytest.mark.parametrize(("value", "told"), [(0.62, "+0.6"), (-1.2, "−1.2"), (0.04, "0.0"), (-0.04, "0.0")])
def test_a_feeling_bears_its_sign(value, told):
    assert felt_text(value) == told


def test_measures_and_evidence_have_names():
    assert measure_name("drop_off", "en") == "Drop-off"
    assert evidence_name("partly", "ko") == "일부 확인" and evidence_name("", "ko") == ""
