"""Figures of arms from sums alone: known answers, and sums of halves."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from journey.aggregates.arm_figures import arm_figures, contrast
from journey.aggregates.arm_sums import ArmSums
from journey.stages.experiment_plan import Metric

CONTROL = {"n": 1966, "x": 94605.79858780127, "xx": 10463129.505392816, "y": 936, "yy": 936}
TREATED = {"n": 2034, "x": 99673.9364269569, "xx": 11298745.182728939, "y": 947, "yy": 947}
RATIO = Metric("r", "ratio", {"above": {"column": "m"}, "below": {"column": "d"}})


def sums_of(*arms):
    """One metric of some arms, in one group."""
    made = {one.name: np.array([[[float(arm.get(one.name, 0))] for arm in arms]]) for one in fields(ArmSums)}
    return ArmSums(**made)


def test_a_ratio_is_compared_as_in_o_09():
    sums = sums_of(*({**arm, "xy": arm["x"]} for arm in (CONTROL, TREATED)))
    figures = arm_figures(sums, [RATIO])
    assert figures.value.ravel() == pytest.approx([101.07457114, 105.25230879], abs=1e-6)
    assert (figures.variance / figures.n).ravel() == pytest.approx([1.02882270, 0.90122937], abs=1e-6)
    found = contrast(figures, 1, 0, "ratio")
    assert found.difference[0] == pytest.approx(4.17773765, abs=1e-6)
    assert found.error[0] == pytest.approx(1.38926314, abs=1e-6)
    assert found.lift[0] == pytest.approx(0.04133322, abs=1e-6)
    assert found.method[0] == "delta"


def test_what_is_called_a_conversion_and_is_none_is_compared_as_a_mean():
    metric = Metric("c", "conversion", {"column": "visits"})
    figures = arm_figures(sums_of({"n": 10, "x": 25, "xx": 90}, {"n": 12, "x": 40, "xx": 180}), [metric])
    assert np.isnan(figures.hits).all()
    assert contrast(figures, 1, 0, "conversion").method[0] == "welch"
