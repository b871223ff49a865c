"""The page's question itself: known answers, what it says, and what it refuses."""

import datetime as dt
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.aggregates.segment import members_of
from journey.analysis.retention import VIEWS, read_brackets, retention
from journey.charts.retention import retention_chart
from journey.errors import SettingWrong
from journey.events.log import EventLog
from journey.i18n import text
from journey.i18n.formats import signed
from journey.stages.stage_map import StageMap
from tests.aggregates.test_cohorts import made, o_65
from tests.analysis import oracle
from tests.analysis.logs import cases, disguised, event_log, places, rows, speak, stage_map
from tests.endurance import examples

SOLD = {"보기": "인지", "담기": "고려", "사기": "구매"}
BEGIN = dt.datetime(2024, 1, 1, 12)


def told(answer, *columns):
    return list(answer.table[list(columns)].itertuples(index=False, name=None))


def test_o_65_n_day_on_or_after_and_brackets():
    n_day = retention(o_65(), StageMap(), view="curve", period="day", ages=14)
    shares = dict(told(n_day, "age", "share"))
    assert [shares[day] for day in (1, 2, 3, 7, 8, 14)] == [0.4, 0.2, 0.2, 0.4, 0.2, 0.2]
    later = retention(o_65(), StageMap(), view="curve", period="day", ages=14, mode="on_or_after")
    shares = dict(told(later, "age", "share"))
    assert [shares[day] for day in (1, 2, 3, 7, 8, 14)] == [0.8, 0.8, 0.8, 0.8, 0.4, 0.2]
    bracket = retention(
        o_65(), StageMap(), view="curve", period="day", mode="bracket", brackets="1-3,4-7,8-14"
    )
    assert told(bracket, "age", "until", "share") == [(1, 3, 0.6), (4, 7, 0.4), (8, 14, 0.4)]
    assert n_day.headline.value == 0.4 and n_day.headline.n == 5
    assert (n_day.headline.low, n_day.headline.high) == pytest.approx(oracle.wilson(2, 5))


@pytest.mark.parametrize(("zone", "shares"), [("Asia/Seoul", [(1, 1.0)]), ("UTC", [])])
def test_o_66_days_are_those_of_the_log(zone, shares):
    found = [("a", pd.Timestamp("2024-01-01 23:30", tz="Asia/Seoul"))]
    found.append(("a", pd.Timestamp("2024-01-02 00:30", tz="Asia/Seoul")))
    answer = retention(made(found, zone=zone), StageMap(), view="curve", period="day")
    assert [pair for pair in told(answer, "age", "share") if pair[0] == 1] == shares


def test_o_70_churn_leaves_new_customers_out():
    january, february = dt.datetime(2024, 1, 20), dt.datetime(2024, 2, 10)
    found = [(f"old{i}", january) for i in range(200)] + [("old0", dt.datetime(2023, 10, 1))]
    found += [(f"old{i}", february) for i in range(182)] + [(f"new{i}", february) for i in range(40)]
    log = made(found, until=dt.date(2024, 2, 29))
    answer = retention(log, StageMap(), view="churn", period="month", active_within_days=31)
    last = answer.table.iloc[-1]
    assert (last["period"], last["customers"], last["away"]) == (dt.date(2024, 2, 1), 200, 18)
    assert answer.headline.value == 0.09
    assert (answer.headline.low, answer.headline.high) == pytest.approx(oracle.wilson(18, 200))


def test_cells_that_the_window_does_not_see_to_their_end_are_unknown_and_not_averaged():
    week = dt.timedelta(days=7)
    found = [("a", BEGIN), ("a", BEGIN + week), ("b", BEGIN + week), ("b", BEGIN + 2 * week)]
    answer = retention(made(found), StageMap(), period="week")
    cells = {
        (c, a): (n, s, o) for c, a, n, s, o in told(answer, "cohort", "age", "customers", "share", "observed")
    }
    first, second = BEGIN.date(), (BEGIN + week).date()
    assert cells[first, 1] == (1, 1.0, True)
    assert cells[first, 2][2] is False and math.isnan(cells[first, 2][1])
    assert math.isnan(cells[second, 1][1])
    average = answer.curve[["age", "customers", "returned"]].to_numpy().tolist()
    assert average == [[0, 2, 2], [1, 1, 1]]
    assert any(note.code == "retention.note_unobserved" for note in answer.notes)


def test_repurchase_counts_other_days_and_only_those_who_were_watched_long_enough():
    day = dt.timedelta(days=1)
    bought = {"a": [0, 0, 5], "b": [0], "c": [1, 40], "d": [58, 59]}
    found = [(who, BEGIN + at * day) for who, days in bought.items() for at in days]
    answer = retention(
        made(found, until=dt.date(2024, 2, 29)),
        StageMap(),
        view="repurchase",
        purchase="event:e",
        within_days=30,
    )
    own = dict(zip(answer.table["within_days"], told(answer, "customers", "returned"), strict=True))
    assert own[7] == (3, 1) and own[30] == (3, 1) and 60 not in own
    assert answer.headline.value == pytest.approx(1 / 3)
    assert answer.survival.empty  # nobody draws a curve through four customers
    assert all(speak(answer))


def test_the_last_visits_of_the_silent_are_told_apart_from_those_of_the_others():
    day = dt.timedelta(days=1)
    rows_ = []
    for i in range(60):
        rows_ += [(f"s{i}", BEGIN, "보기"), (f"s{i}", BEGIN + day, "담기" if i < 50 else "사기")]
        rows_ += [(f"t{i}", BEGIN, "보기"), (f"t{i}", BEGIN + 99 * day, "담기" if i < 10 else "사기")]
    frame = pd.DataFrame(rows_, columns=["customer", "time", "event"])
    log = EventLog.from_frame(frame.assign(time=pd.to_datetime(frame["time"])))
    answer = retention(log, stage_map(SOLD), view="path")
    assert answer.groups == (60, 60)
    top = answer.table.iloc[0]
    assert (top["route"], top["silent"], top["stayed"], top["clear"]) == (["인지", "고려"], 50, 10, True)
    assert answer.finding.code == "retention.finding_path"
    found = answer.finding.values
    span = (signed(found["low"], "en"), signed(found["high"], "en"))
    assert f"{span[0]} to {span[1]} points)" in text(answer.finding.code, "en", **found)
    assert f"{span[0]}~{span[1]}%p)" in text(answer.finding.code, "ko", **found)
    assert answer.headline.value == pytest.approx(40 / 60)
    assert all(speak(answer))
    assert all(speak(retention(log, StageMap(), view="path")))


@settings(max_examples=examples(24), deadline=None)
@given(rows(), places(), st.sampled_from(VIEWS), st.sampled_from(["n_day", "on_or_after", "bracket"]))
def test_every_view_of_every_log_is_an_answer_in_both_languages(found, placed, view, mode):
    answer = retention(event_log(found), stage_map(placed), view=view, mode=mode)
    assert all(speak(answer))
    if answer.headline is not None:
        low, high = answer.headline.low, answer.headline.high
        assert low <= answer.headline.value <= high
    shares = answer.table.filter(like="share").to_numpy(dtype=float)
    assert np.isnan(shares).any() or ((shares >= 0) & (shares <= 1)).all()


@settings(max_examples=examples(12), deadline=None)
@given(cases(), st.randoms(use_true_random=False), st.sampled_from(VIEWS))
def test_the_order_of_rows_and_the_names_of_customers_change_nothing(case, random, view):
    found, placed, _ = case
    shuffled, renamed, _ = disguised(found, random)
    answer, *others = [
        retention(event_log(rows), stage_map(placed), view=view) for rows in (found, shuffled, renamed)
    ]
    for other in others:
        pd.testing.assert_frame_equal(answer.table, other.table)
        assert (answer.finding, answer.notes) == (other.finding, other.notes)


@settings(max_examples=examples(16), deadline=None)
@given(rows(), places(), st.sampled_from(["day", "week", "month"]), st.sampled_from(["n_day", "bracket"]))
def test_the_people_of_every_cell_are_as_many_as_it_says(found, placed, period, mode):
    log, stages = event_log(found), stage_map(placed)
    for cut in (None, ["2024-01-05", "2024-02-10"]):
        days = cut and [dt.date.fromisoformat(day) for day in cut]
        answer = retention(log.between(*days) if days else log, stages, period=period, mode=mode)
        for row in answer.table[answer.table["observed"]].head(6).itertuples():
            cell = {"period": period, "mode": mode, "cohort": row.cohort.isoformat(), "between": cut}
            assert members_of(log, stages, {"cohort": cell}).sum() == row.customers
            back = {**cell, "ages": [row.age, row.until]}
            assert members_of(log, stages, {"cohort": back}).sum() == row.returned
            gone = {**back, "returned": False}
            assert members_of(log, stages, {"cohort": gone}).sum() == row.customers - row.returned
        for row in answer.curve.head(4).itertuples():
            point = {"period": period, "mode": mode, "ages": [row.age, row.until], "between": cut}
            counts = [
                members_of(log, stages, {"cohort": {**point, "returned": back}}).sum()
                for back in (None, True, False)
            ]
            assert counts == [row.customers, row.returned, row.customers - row.returned]


@settings(max_examples=examples(30), deadline=None)
@given(
    rows(),
    places(),
    st.sampled_from([None, "구매", "event:보기"]),
    st.sampled_from([None, ["사기"]]),
    st.integers(1, 3),
)
def test_so_are_those_of_every_repurchase_rate_and_of_every_path(found, placed, purchase, purchases, last):
    log, stages = event_log(found), stage_map(placed, "구매")
    # A path is told from ten customers on: each of these stands for twelve.
    many = [replace(row, customer=f"{row.customer}{n}") for row in found for n in range(12)]
    crowd = event_log(many)
    for cut in (None, ["2024-01-05", "2024-02-10"]):
        days = cut and [dt.date.fromisoformat(day) for day in cut]
        part, crowds = (one.between(*days) if days else one for one in (log, crowd))
        bought = {"purchase": purchase, "purchases": purchases}
        for row in retention(part, stages, view="repurchase", **bought).table.itertuples():
            rule = {"within_days": row.within_days, **bought}
            counts = [
                # As it is found under the filter, and as a segment of the whole log.
                members_of(one, stages, {"rebought": {**rule, "returned": again, "between": cut}}).sum()
                for one in (part, log)
                for again in (None, True, False)
            ]
            assert counts == [row.customers, row.returned, row.customers - row.returned] * 2
        answer = retention(crowds, stages, view="path", last=last, active_within_days=7)
        for row in answer.table.itertuples():
            rule = {"route": row.route, "last": last, "active_within_days": 7}
            counts = [
                members_of(one, stages, {"last_visits": {**rule, "silent": silent, "between": cut}}).sum()
                for one in (crowds, crowd)
                for silent in (True, False)
            ]
            assert counts == [row.silent, row.stayed] * 2


@pytest.mark.parametrize(
    "wrong", [{}, {"period": "week", "cohort": "yesterday"}, {"period": "week", "cohort": 3}]
)
def test_a_cell_that_says_nothing_is_refused(wrong):
    for kind in ("cohort", "rebought", "last_visits"):
        with pytest.raises(SettingWrong):
            members_of(o_65(), StageMap(), {kind: wrong})


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_left_by_a_filter_is_said(view):
    found = [oracle.Row("a", "보기", 0), oracle.Row("b", "사기", 50_000)]
    log = event_log(found).where("value", ["강남"])
    answer = retention(log, stage_map(SOLD), view=view)
    assert answer.headline is None
    assert all(speak(answer))
    assert retention_chart(answer, language="ko").to_dict()


@pytest.mark.parametrize(
    "wrong",
    [
        {"view": "x"},
        {"period": "year"},
        {"within_days": 0},
        {"active_within_days": 0},
        {"last": 4},
        {"mode": "bracket", "brackets": "1-"},
        {"mode": "bracket", "brackets": "1-2-3"},
    ],
)
def test_a_setting_that_means_nothing_is_refused(wrong):
    with pytest.raises(SettingWrong):
        retention(o_65(), StageMap(), **wrong)


def test_brackets_are_written_with_commas():
    assert read_brackets("1,2-4") == ((1, 1), (2, 4))
