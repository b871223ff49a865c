"""The head of a stage says what the pages of reach and friction say, and what feelings are counted by."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from journey.aggregates.feelings import feelings
from journey.aggregates.nodes import nodes
from journey.aggregates.stage_measures import MEASURES, stage_measures
from journey.aggregates.time_in_stage import time_in_stage
from journey.analysis.friction import friction
from journey.analysis.reach import reach
from journey.events.other_tables import NO_TABLES
from tests.analysis.logs import STAGES, event_log, places, rows, stage_map
from tests.analysis.oracle import Row


@given(rows(), places())
def test_a_head_says_what_reach_friction_and_time_in_stage_say(found, placed):
    log, stages = event_log(found), stage_map(placed)
    told = stage_measures(log, stages)
    pd.testing.assert_frame_equal(told.table[reach(log, stages).table.columns], reach(log, stages).table)
    lines = friction(log, stages).table.set_index("name").loc[list(STAGES)]
    for name in ("customers", "exits", "drop_off", "median_seconds", "finished"):
        np.testing.assert_array_equal(told.table[name], lines[name], err_msg=name)
    spans = time_in_stage(log, stages, nodes(log, stages, "stage"))
    np.testing.assert_array_equal(told.table["median_seconds"], spans.seconds(0.5)[0])


def test_each_measure_has_its_own_n_and_the_goal_has_no_drop_off():
    log = event_log(
        [
            Row("a", "가입", 0),
            Row("a", "보기", 10),
            Row("b", "가입", 0),
            Row("c", "쉬기", 0),
            Row("c", "사기", 80 * 1440),
        ]
    )
    stages = stage_map({"가입": "인지", "보기": "고려", "사기": "구매"})
    told = stage_measures(log, stages)
    first, second, goal = (stage.id for stage in stages.stages)
    here = {name: told.figure(first, name) for name in MEASURES}
    assert (here["reach"].value, here["reach"].n) == (2 / 3, 3)
    assert (here["drop_off"].value, here["drop_off"].n) == (0.5, 2)
    assert (here["time"].value, here["time"].n) == (600.0, 1)
    assert math.isnan(here["feeling"].value) and here["feeling"].n == 0
    assert told.figure(second, "drop_off").value == 1
    assert told.figure(goal, "drop_off") is None
    assert told.figure("gone") is None and told.figure(first, "weight") is None


def _answers(given_):
    columns = ["customer", "minute", "touchpoint", "score", "scale", "question"]
    frame = pd.DataFrame(given_, columns=columns)
    later = pd.to_timedelta(frame["minute"].astype("float"), unit="min")
    begin = pd.Timestamp("2024-01-01", tz="Asia/Seoul")
    return frame.assign(time=(begin + later).dt.tz_convert("UTC"))


def test_satisfaction_is_the_mean_feeling_at_the_stage_as_a_persona_has_it():
    log = event_log([Row("a", "가입", 0), Row("a", "보기", 10), Row("b", "가입", 0), Row("c", "가입", 0)])
    stages = stage_map({"가입": "인지", "보기": "고려"})
    answers = _answers(
        [
            ("a", 5, None, 5, "1-5", "만족도"),
            ("b", 5, None, 2, "1-5", "만족도"),
            ("a", 20, None, 0, "0-10", "추천하시겠어요?"),
            ("c", 0, None, 3, "0-100", "만족도"),
        ]
    )
    tables = replace(NO_TABLES, answers=answers)
    table = stage_measures(log, stages, tables).table
    felt = feelings(log, stages, tables)
    everybody = felt.of(np.ones(3, dtype=bool))
    for row in table.itertuples():
        if row.raters:
            sums = everybody[row.stage]
            assert (row.feeling, row.raters) == (pytest.approx(sums.x / sums.y), sums.n)
    assert table["feeling"].tolist()[:2] == [0.5, -2.0]
    assert table["ratings"].tolist() == [2, 1, 0]
    assert felt.at_stages(sources=["nps"])["ratings"].tolist() == [0, 1, 0]
