"""Who comes by in how many weeks, and what they do then, against plain loops."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.aggregates.traffic import Traffic, base, traffic
from journey.errors import SettingWrong
from journey.stages.stage_map import StageMap
from tests.aggregates.arms import log_of, metric
from tests.endurance import examples

DAY = 24 * 60
STAGES = StageMap().add_stage("고려")
STAGES = STAGES.place("보기", STAGES.named("고려").id)
SEEN = {"stage": STAGES.named("고려").id}


def rows_of_weeks(weeks=6):
    return st.lists(
        st.fixed_dictionaries(
            {
                "customer": st.sampled_from("abcdef"),
                "event": st.sampled_from(["보기", "사기"]),
                "minute": st.integers(0, weeks * 14).map(lambda half: half * DAY // 2),
            }
        ),
        min_size=1,
        max_size=40,
    )


@settings(max_examples=examples(60), deadline=None)
@given(rows_of_weeks(), st.sampled_from([None, SEEN, {"event": "사기"}]))
def test_units_in_weeks_are_those_of_a_plain_loop(rows, start):
    log = log_of(rows)
    first, last = (end([row["minute"] for row in rows]) for end in (min, max))
    names = {"보기", "사기"} if start is None else {"보기"} if start == SEEN else {"사기"}
    found = traffic(log, STAGES, start=start)
    expected = [
        len(
            {
                row["customer"]
                for row in rows
                if row["event"] in names and row["minute"] > last - weeks * 7 * DAY
            }
        )
        for weeks in range(1, (last - first) // (7 * DAY) + 1)
    ]
    assert found.in_weeks.tolist() == expected
    assert found.n_weeks == len(expected)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=8), st.floats(0.1, 30))
def test_weeks_and_units_are_the_inverse_of_each_other(steps, weeks):
    found = Traffic("customer", np.cumsum(steps))
    units = found.units_in(weeks)
    back = found.weeks_for(units)
    assert back <= weeks + 1e-9
    assert found.units_in(back) == pytest.approx(units)
    more = found.units_in(weeks + 1)
    assert more >= units - 1e-9


def test_a_log_of_less_than_a_week_tells_no_traffic():
    found = traffic(log_of([{"customer": "a", "event": "보기", "minute": 0}]), STAGES)
    assert math.isnan(found.a_week) and math.isnan(found.units_in(2)) and math.isnan(found.weeks_for(5))
    nobody = Traffic("customer", np.array([4, 4, 4]))
    assert (nobody.weeks_for(4), nobody.weeks_for(5)) == (1.0, math.inf)


@settings(max_examples=examples(60), deadline=None)
@given(rows_of_weeks(), st.sampled_from([None, 1, 7]), st.sampled_from([1, 3]))
def test_the_base_is_that_of_first_arrivals_whose_window_is_over(rows, window, weeks):
    log = log_of(rows)
    first, last = (end([row["minute"] for row in rows]) for end in (min, max))
    room = (window or 0) * DAY
    since = max(first, last - room - weeks * 7 * DAY)
    counts, late = [], 0
    for who in "abcdef":
        mine = [row["minute"] for row in rows if row["customer"] == who and row["minute"] >= since]
        if not mine:
            continue
        if min(mine) > last - room:
            late += 1
            continue
        until = math.inf if window is None else min(mine) + room
        counts.append(
            sum(
                row["customer"] == who and row["event"] == "사기" and min(mine) <= row["minute"] <= until
                for row in rows
            )
        )
    found = base(log, STAGES, metric("mean", {"event": "사기"}), window=window, weeks=weeks)
    assert (found.sums.n, found.sums.x, found.n_unobserved) == (len(counts), sum(counts), late)
    if len(counts) > 1:
        assert found.mean == pytest.approx(statistics.mean(counts))
        assert found.deviation == pytest.approx(statistics.stdev(counts), abs=1e-9)
    share = base(log, STAGES, metric("conversion", {"event": "사기"}), window=window, weeks=weeks)
    assert share.sums.x == sum(count > 0 for count in counts)


def test_a_ratio_varies_as_the_delta_method_says():
    rows = [
        {"customer": f"{who}", "event": event, "minute": who}
        for who, events in enumerate(
            [["보기"], ["보기", "사기"], ["보기", "보기", "사기", "사기"], ["보기"] * 3]
        )
        for event in events
    ]
    of = {"above": {"event": "사기"}, "below": {"event": "보기"}}
    found = base(
        log_of([*rows, {"customer": "z", "event": "x", "minute": 9 * DAY}]),
        STAGES,
        metric("ratio", of),
        start=SEEN,
        window=7,
    )
    above, below = [0, 1, 2, 0], [1, 1, 2, 3]
    mean = sum(above) / sum(below)
    around = [x - mean * y for x, y in zip(above, below, strict=True)]
    assert found.mean == pytest.approx(mean)
    assert found.deviation == pytest.approx(statistics.stdev(around) / statistics.mean(below))


def test_a_column_of_a_file_has_no_base():
    with pytest.raises(SettingWrong):
        base(log_of([{"customer": "a", "event": "보기", "minute": 0}]), STAGES, metric("mean", "x"))
