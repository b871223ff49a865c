import math
import statistics
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from journey.aggregates.segment import members_of
from journey.analysis.friction import REASONS, friction
from journey.analysis.reach import reach
from journey.errors import ColumnMissing, SettingWrong
from journey.events.log import EventLog
from journey.i18n import text
from journey.stages.stage_map import StageMap
from journey.stages.suggest import suggest
from tests.analysis import oracle
from tests.analysis.logs import STAGES, cases, disguised, event_log, speak, stage_map
from tests.endurance import examples

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data"
AS_SUGGESTED = None
SHOP_STAGES = {
    "인지": "광고 클릭, 홈 방문, 이벤트 페이지 조회",
    "고려": "상품 검색, 상품 목록 조회, 상품 상세 조회, 리뷰 읽기, 찜하기, 쿠폰 받기, 장바구니 담기",
    "구매": "주문서 작성, 결제 오류, 결제 완료",
    "사용": "배송 조회, 배송 지연 안내, 배송 완료, 고객센터 문의, 반품 신청",
    "재구매": "재구매",
    "충성도": "후기 작성, 멤버십 가입, 친구 추천",
}


def median(values):
    return statistics.median(values) if values else math.nan


@settings(max_examples=examples(20), deadline=None)
@given(cases(), st.sampled_from(STAGES), st.sampled_from([None, 0.0, 0.3]), st.sampled_from([0, 1]))
def test_the_score_is_the_formula_over_the_reach_of_every_stage(case, goal, benchmark, weight):
    found, placed, _ = case
    log, stages = event_log(found), stage_map(placed, goal)
    answer = friction(log, stages, benchmark=benchmark, circles=weight)
    reached = reach(log, stages).table.set_index("stage")
    for line in answer.table.itertuples(index=False):
        known = reached.loc[line.name]
        assert (line.customers, line.exits) == (known.customers, known.exits)
        assert line.share == known.share
        others = reached["drop_off"][~reached["goal"] & (reached.index != line.name)].dropna().tolist()
        measure = median(others) if benchmark is None else benchmark
        if line.goal or math.isnan(known.drop_off) or math.isnan(measure):
            assert math.isnan(line.score)
            continue
        want = known.customers * max(0.0, known.drop_off - measure) * (line.visits / line.customers) ** weight
        assert line.score == pytest.approx(want)
        assert line.benchmark == pytest.approx(measure)
    scores = answer.table["score"].fillna(-1)
    assert scores.is_monotonic_decreasing
    assert len(answer.why) == len(answer.table)
    for said in (*answer.why, *answer.outliers):
        assert all(text(said.code, language, **said.values) for language in ("ko", "en"))
    assert set(answer.table["reason"]) <= set(REASONS)
    speak(answer)


@settings(max_examples=examples(8), deadline=None)
@given(cases(), st.randoms(use_true_random=False), st.sampled_from(["customer", "session"]))
def test_the_order_of_rows_and_the_names_of_customers_change_nothing(case, random, unit):
    found, placed, rules = case
    group = "event" if rules.group == "event" else "stage"
    shuffled, renamed, _ = disguised(found, random)
    logs = [event_log(rows, sessions=True) for rows in (found, shuffled, renamed)]
    assume(unit == "customer" or not logs[0].date_only)
    answer, *others = [friction(log, stage_map(placed), group=group, unit=unit) for log in logs]
    speak(answer)
    for other in others:
        pd.testing.assert_frame_equal(answer.table, other.table)
        pd.testing.assert_frame_equal(answer.standouts, other.standouts)
        assert (answer.finding, answer.why, answer.notes) == (other.finding, other.why, other.notes)


def people(prefix, n, *events):
    return [
        oracle.Row(f"{prefix}{who}", event, 10 * at, value)
        for who in range(n)
        for at, (event, value) in enumerate(events)
    ] + [oracle.Row("zz", "쉬기", 400_000)]


PLACED = {"보기": "인지", "담기": "고려", "사기": "구매"}


def test_a_value_whose_customers_get_no_further_stands_out_with_the_event_that_they_meet():
    found = [
        *people("a", 40, ("보기", "강남"), ("담기", "강남"), ("사기", "강남")),
        *people("b", 30, ("보기", "부산"), ("묻기", "부산")),
        *people("c", 10, ("보기", "부산"), ("담기", "부산")),
    ]
    answer = friction(event_log(found), stage_map({**PLACED, "묻기": "인지"}))
    line = answer.standouts.iloc[0]
    assert (line["name"], line.kind, line.attribute, line.value) == ("인지", "stage", "value", "부산")
    assert (line.customers, line.stuck, line.others, line.share) == (40, 30, 40, 0.75)
    assert (line.event, line.event_share, line.event_others) == ("묻기", 0.75, 0)
    assert answer.outliers[0].code == "friction.outlier_event"
    assert len(answer.standouts) == 1


def test_few_customers_do_not_stand_out():
    found = [
        *people("a", 29, ("보기", "강남"), ("담기", "강남")),
        *people("b", 29, ("보기", "부산")),
    ]
    assert friction(event_log(found), stage_map(PLACED)).standouts.empty


def test_every_line_says_why_and_with_how_many():
    found = [
        *people("a", 40, ("보기", None), ("담기", None), ("보기", None), ("담기", None), ("사기", None)),
        *people("b", 60, ("보기", None), ("담기", None)),
    ]
    answer = friction(event_log(found), stage_map(PLACED))
    worst = answer.table.iloc[0]
    assert (worst["name"], worst.exits, worst.reason, worst.last_event) == ("고려", 60, "drop_off", "담기")
    assert answer.why[0].code == "friction.why_drop_off"
    assert (answer.why[0].values["customers"], answer.why[0].values["of"]) == (60, 100)
    assert answer.headline.value == worst.score == pytest.approx(60)
    assert answer.headline.low < answer.headline.value < answer.headline.high
    assert (answer.headline.n, answer.headline.form) == (100, "score")


def test_revenue_per_customer_at_the_goal_is_the_value_of_one():
    found = [
        *people("a", 10, ("보기", None), ("담기", None), ("사기", None)),
        *people("b", 10, ("보기", None), ("담기", None)),
    ]
    log = event_log(found)
    paid = np.where(log.event == log.event_names.index("사기"), 5000.0, np.nan)
    answer = friction(replace(log, amount=paid), stage_map(PLACED))
    assert (answer.value, answer.headline.form) == (5000, "amount")
    assert answer.headline.value == pytest.approx(5000 * 20 * 0.5)
    assert friction(replace(log, amount=paid), stage_map(PLACED), revenue=False).value == 1


def test_times_and_visits_per_customer_weigh_as_exponents():
    found = [
        *people("a", 10, ("보기", None), ("담기", None), ("보기", None), ("사기", None)),
        *people("b", 10, ("보기", None), ("담기", None)),
    ]
    log, stages = event_log(found), stage_map(PLACED)
    plain, slow, round_ = (
        friction(log, stages, benchmark=0.0, **weights).table.set_index("name")
        for weights in ({}, {"delay": 2.0}, {"circles": 1.0})
    )
    assert round_["score"]["고려"] == pytest.approx(plain["score"]["고려"])
    seconds = plain["median_seconds"]
    assert slow["score"]["고려"] == pytest.approx(
        plain["score"]["고려"] * (seconds["고려"] / seconds.median()) ** 2
    )


def test_one_stage_beside_the_goal_has_nothing_to_be_compared_with():
    found = people("a", 10, ("보기", None))
    stages = StageMap().add_stage("인지").add_stage("구매")
    stages = stages.place("보기", stages.named("인지").id)
    answer = friction(event_log(found), stages)
    assert answer.table["score"].isna().all()
    assert "friction.note_no_benchmark" in {note.code for note in answer.notes}
    assert friction(event_log(found), stages, benchmark=0.0).table["score"].iloc[0] == 10


@pytest.mark.parametrize(
    "setting", [{"group": "value"}, {"benchmark": 1.2}, {"delay": -1.0}, {"circles": math.nan}]
)
def test_settings_that_mean_nothing_are_refused(setting):
    with pytest.raises(SettingWrong) as caught:
        friction(event_log([oracle.Row("a", "보기", 0)]), stage_map(PLACED), **setting)
    assert caught.value.values["setting"] == next(iter(setting))


@settings(max_examples=examples(8), deadline=None)
@given(cases(), st.sampled_from(["stage", "event"]))
def test_the_people_of_a_line_are_its_exits(case, group):
    found, placed, _ = case
    log, stages = event_log(found), stage_map(placed)
    for line in friction(log, stages, group=group).table.itertuples(index=False):
        place = {"event": line.name} if group == "event" else {"stage": stages.named(line.name).id}
        assert members_of(log, stages, {"ended": place}).sum() == line.exits


def test_the_people_of_a_value_that_stands_out_are_those_who_got_stuck():
    for staged in (SHOP_STAGES, AS_SUGGESTED):
        log, stages = shop(SAMPLE, staged)
        line = friction(log, stages).standouts.iloc[0]
        place = {"event": line["name"]} if line.kind == "event" else {"stage": stages.named(line["name"]).id}
        rule = {**place, "attribute": line.attribute, "value": line.value}
        assert members_of(log, stages, {"stuck": rule}).sum() == line.stuck > 30
        assert not members_of(log, stages, {"stuck": {**rule, "value": "9.9.9"}}).any()
        assert not members_of(
            log, stages, {"stuck": {"event": "없는 일", "attribute": line.attribute, "value": line.value}}
        ).any()
        with pytest.raises(ColumnMissing):
            members_of(log, stages, {"stuck": {**rule, "attribute": "없는 것"}})


# ---- what was planted in the sample, and nothing else ----------------------------------------------------


def shop(folder, staged):
    frame = pd.read_csv(folder / "shop_events.csv", dtype=str)
    frame["일시"] = pd.to_datetime(frame["일시"], errors="coerce", format="ISO8601")
    frame["고객ID"] = frame["고객ID"].str.strip()
    log = EventLog.from_frame(
        frame.drop_duplicates(),
        customer="고객ID",
        event="이벤트",
        time="일시",
        attributes=["채널", "기기", "앱버전", "지역"],
    )
    if staged is AS_SUGGESTED:
        rows = np.bincount(log.event).tolist()
        return log, suggest(log.event_names, rows, language="ko", template="six").stage_map
    stages = StageMap()
    for stage, events in staged.items():
        stages = stages.add_stage(stage)
        for event in events.split(", "):
            stages = stages.place(event, stages.named(stage).id)
    return log, stages


@pytest.fixture(scope="module")
def unplanted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("unplanted")
    command = [sys.executable, str(SAMPLE / "generate.py"), "--plant", "none", "--out", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.mark.parametrize(
    ("staged", "place", "group", "counted"),
    [
        # The stages that the sample opens with put the order form and its errors beside what is considered.
        (AS_SUGGESTED, "주문서 작성", "stage", (34, 75, 91, 740)),
        (AS_SUGGESTED, "주문서 작성", "event", (34, 75, 91, 740)),
        (SHOP_STAGES, "구매", "stage", (36, 75, 158, 735)),
    ],
    ids=["suggested", "suggested by event", "as written for"],
)
def test_the_planted_checkout_fault_is_found_by_version_and_event(staged, place, group, counted):
    answer = friction(*shop(SAMPLE, staged), group=group)
    found = answer.outliers[0]
    assert found.code == "friction.outlier_event"
    entity = {name: found.values[name] for name in ("stage", "attribute", "value", "event")}
    assert entity == {"stage": place, "attribute": "앱버전", "value": "4.2.0", "event": "결제 오류"}
    k1, n1, k2, n2 = counted
    assert (found.values["customers"], found.values["of"]) == (k1, n1)
    assert found.values["share"] == pytest.approx(k1 / n1)
    assert found.values["others"] == pytest.approx(k2 / n2)
    assert found.values["odds"] == pytest.approx(k1 / (n1 - k1) / (k2 / (n2 - k2)), abs=0.05)
    assert found.values["event_share"] == pytest.approx(0.52)
    assert answer.standouts["q"].iloc[0] < 0.0001


@pytest.mark.parametrize("staged", [AS_SUGGESTED, SHOP_STAGES], ids=["suggested", "as written for"])
def test_nothing_stands_out_where_nothing_was_planted(unplanted, staged):
    answer = friction(*shop(unplanted, staged))
    assert answer.standouts.empty and answer.outliers == ()
    assert len(answer.table) == len(SHOP_STAGES)
