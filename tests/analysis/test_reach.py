import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from journey.analysis.flows import flows
from journey.analysis.reach import reach
from journey.errors import SettingWrong
from journey.stages.stage_map import StageMap
from tests.analysis import oracle
from tests.analysis.logs import DAY, STAGES, cases, disguised, event_log, speak, stage_map
from tests.endurance import examples


def counts_of(answer):
    return {
        row.stage: (row.customers, row.exits, row.active, row.rows)
        for row in answer.table.itertuples(index=False)
    }


@settings(max_examples=examples(80), deadline=None)
@given(cases(), st.sampled_from(STAGES), st.sampled_from([0, 1, 30]))
def test_reach_equals_plain_loops(case, goal, days):
    found, placed, rules = case
    rules = replace(rules, group="stage", within=days * DAY)
    answer = reach(event_log(found), stage_map(placed, goal), active_within_days=days)
    want = oracle.reach(found, rules)
    n = len({row.customer for row in found})
    assert counts_of(answer) == want
    assert answer.n_customers == n
    assert all(speak(answer))
    for row in answer.table.itertuples():
        customers, exits, _, _ = want[row.stage]
        assert row.share == customers / n
        assert (row.low, row.high) == pytest.approx(oracle.wilson(customers, n))
        assert row.drop_off == pytest.approx(exits / customers if customers else math.nan, nan_ok=True)
        assert (row.drop_low, row.drop_high) == pytest.approx(oracle.wilson(exits, customers), nan_ok=True)
        assert row.goal == (row.stage == goal)


@settings(max_examples=examples(40), deadline=None)
@given(cases(sessions=True))
def test_reach_of_sessions_equals_plain_loops(case):
    found, placed, rules = case
    log = event_log(found, sessions=True)
    assume(not log.date_only)
    want = oracle.reach(oracle.sessions(found, gap=30), replace(rules, group="stage", within=30))
    answer = reach(log, stage_map(placed), unit="session")
    assert counts_of(answer) == want
    assert all(speak(answer))


@settings(max_examples=examples(24), deadline=None)
@given(cases(sessions=True), st.randoms(use_true_random=False), st.sampled_from(["customer", "session"]))
def test_the_order_of_rows_and_the_names_of_customers_change_nothing(case, random, unit):
    found, placed, _ = case
    shuffled, renamed, _ = disguised(found, random)
    logs = [event_log(rows, sessions=True) for rows in (found, shuffled, renamed)]
    assume(unit == "customer" or not logs[0].date_only)
    answer, *others = [reach(log, stage_map(placed), unit=unit) for log in logs]
    for other in others:
        pd.testing.assert_frame_equal(answer.table, other.table)
        assert (answer.n_customers, answer.finding, answer.notes) == (
            other.n_customers,
            other.finding,
            other.notes,
        )


@settings(max_examples=examples(40), deadline=None)
@given(cases())
def test_exits_over_all_steps_are_the_exits_of_the_stage(case):
    found, placed, _ = case
    found = found[:12]
    log, stages = event_log(found), stage_map(placed)
    links = flows(log, stages, steps=12).links
    table = reach(log, stages).table.set_index("stage")
    for kind, column in (("exit", "exits"), ("active", "active")):
        ends = links[links["target_kind"] == kind].groupby("source")["customers"].sum()
        for stage in STAGES:
            assert ends.get(stage, 0) == table.loc[stage, column]


def test_the_last_stage_is_the_goal_unless_another_one_is():
    found = [oracle.Row("a", "보기", 0), oracle.Row("b", "사기", 500)]
    placed = {"보기": "인지", "사기": "구매"}
    assert reach(event_log(found), stage_map(placed)).table["goal"].tolist() == [False, False, True]
    assert reach(event_log(found), stage_map(placed, "인지")).table["goal"].tolist() == [True, False, False]


FOUND = [oracle.Row("a", "보기", 0), oracle.Row("b", "사기", 50_000)]


@pytest.mark.parametrize(
    ("code", "stages", "values"),
    [
        ("reach.finding_no_stages", StageMap(), []),
        ("reach.finding_no_mapped_events", stage_map({}), []),
        ("reach.finding_no_rows", stage_map({"보기": "인지"}), None),
        ("reach.finding_no_exit", stage_map({"보기": "구매"}), []),
        ("reach.finding_largest_drop_off", stage_map({"보기": "인지"}), []),
    ],
)
def test_the_finding_says_what_there_is_to_see(code, stages, values):
    log = event_log(FOUND) if values is not None else event_log(FOUND).where("value", ["강남"])
    answer = reach(log, stages)
    assert answer.finding.code == code
    assert len(answer.table) == len(stages.stages)
    assert all(speak(answer))


def test_the_table_keeps_its_types_without_stages():
    full, empty = (
        reach(event_log(FOUND), stages).table for stages in (stage_map({"보기": "인지"}), StageMap())
    )
    assert full.dtypes.equals(empty.dtypes)


def test_date_only_logs_refuse_sessions():
    log = event_log([oracle.Row("a", "보기", day * DAY) for day in range(3)])
    with pytest.raises(SettingWrong) as caught:
        reach(log, stage_map({"보기": "인지"}), unit="session")
    assert caught.value.values["setting"] == "unit"


def test_the_input_is_not_touched():
    log = event_log(FOUND)
    for array in (log.event, log.time, log.offsets):
        array.setflags(write=False)
    before = log.event.copy(), log.time.copy()
    reach(log, stage_map({"보기": "인지", "사기": "구매"}))
    assert np.array_equal(before[0], log.event) and np.array_equal(before[1], log.time)
