"""A pinned answer against today's: unchanged, within noise, beyond it, or about something else."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.figures import Figure
from journey.findings import Finding
from journey.projects.again import standing
from journey.statistics.intervals import wilson

SAID = Finding("reach.finding_largest_drop_off", {"stage": "구매", "customers": 40, "share": 0.4})
OTHER = Finding("reach.finding_largest_drop_off", {"stage": "고려", "customers": 40, "share": 0.4})


def share(k: int, n: int, stage: str = "구매") -> Figure:
    low, high = (float(one) for one in wilson(k, n))
    return Figure("reach.finding_largest_drop_off", k / n, "share", n, low, high, {"stage": stage})


@pytest.mark.parametrize(
    ("then", "now", "verdict"),
    [
        (share(40, 100), share(40, 100), "same"),
        (share(40, 100), share(80, 200), "same"),
        (share(40, 100), share(45, 100), "within"),
        (share(40, 100), share(70, 100), "beyond"),
        (share(40, 100), share(40, 100, "고려"), "other"),
        (Figure("a.b", 5, "count"), Figure("a.b", 6, "count"), "changed"),
        (Figure("a.b", 5, "count"), Figure("a.b", 5, "seconds"), "other"),
        (Figure("a.b", math.nan, "share"), Figure("a.b", math.nan, "share"), "same"),
        (share(40, 100), Figure(share(1, 2).code, math.nan, "share", values={"stage": "구매"}), "changed"),
    ],
)
def test_two_headlines(then: Figure, now: Figure, verdict: str) -> None:
    assert standing(SAID, then, SAID, now).verdict == verdict


def test_the_difference_is_today_minus_then_with_newcombes_interval() -> None:
    """Newcombe 1998, Statistics in Medicine 17, 873-890, example (a): 56/70 - 48/80, method 10."""
    found = standing(SAID, share(48, 80), SAID, share(56, 70))
    assert found.difference == pytest.approx(0.2)
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


@given(st.integers(0, 30), st.integers(0, 30))
def test_both_directions_agree(k: int, other: int) -> None:
    one, two = (
        standing(SAID, share(k, 30), SAID, share(other, 30)),
        standing(SAID, share(other, 30), SAID, share(k, 30)),
    )
    assert one.verdict == two.verdict
    if not math.isnan(one.low):
        assert (one.low, one.high) == pytest.approx((-two.high, -two.low))


@pytest.mark.parametrize(
    ("now", "verdict"),
    [
        (SAID, "same"),
        (Finding(SAID.code, {**SAID.values, "customers": 41}), "changed"),
        (OTHER, "other"),
        (Finding("reach.finding_no_rows"), "other"),
    ],
)
def test_without_a_headline_the_sentences_are_compared(now: Finding, verdict: str) -> None:
    assert standing(SAID, None, now, share(1, 2)).verdict == verdict
