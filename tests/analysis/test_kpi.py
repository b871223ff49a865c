"""The KPI board: by counting rows one by one, by laws, and the same numbers as every other question."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.aggregates.segment import members_of
from journey.analysis.kpi import KINDS, kpi
from journey.analysis.reach import reach
from journey.errors import SettingWrong
from journey.events.clean import cleaned
from journey.events.columns import guess_table
from journey.events.joined import joined
from journey.events.kinds import TableChoice
from journey.events.log import DAY, Attribute, EventLog, day_start
from journey.events.surveys import given_answers
from journey.i18n import LANGUAGES, text
from journey.sources.files import read_table
from journey.stages.stage_map import StageMap
from journey.stages.suggest import suggest
from journey.statistics.mix import mixed_difference
from tests.analysis.logs import speak
from tests.endurance import examples

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
BEGIN = pd.Timestamp("2024-03-04")  # a Monday
STAGES = ("인지", "구매")
PLACES = {"노출": "인지", "광고 클릭": "인지", "결제 완료": "구매", "환불": None}

MIXED = ("conversion", "drop_off", "churn", "bounce", "retention", "repurchase")


def stage_map():
    stages = StageMap()
    for name in STAGES:
        stages = stages.add_stage(name)
    for event, stage in PLACES.items():
        stages = stages.ignore(event) if stage is None else stages.place(event, stages.named(stage).id)
    return stages


STAGE_MAP = stage_map()


def event_log(rows):
    """Rows of (customer, event, hours after the beginning, amount) as a log."""
    names = {place: sorted({row[place] for row in rows}) for place in (0, 1)}
    codes = [np.array([names[place].index(row[place]) for row in rows]) for place in (0, 1)]
    begin = int(BEGIN.tz_localize("Asia/Seoul").timestamp()) * 1_000_000
    return EventLog.from_codes(
        codes[0],
        pa.array(names[0], pa.large_string()),
        codes[1],
        pa.array(names[1], pa.large_string()),
        begin + np.array([int(row[2] * 3600) for row in rows], dtype=np.int64) * 1_000_000,
        amount=np.array([math.nan if row[3] is None else float(row[3]) for row in rows]),
    )


def board(rows, first, last, **more):
    days = [str((BEGIN + pd.Timedelta(days=day)).date()) for day in (first, last)]
    return kpi(event_log(rows), STAGE_MAP, days=days, **more)


def values(answer):
    return {card.id: card.figure.value for card in answer.cards}


# ---- counted once more, row by row -------------------------------------------------------------------------

ROWS = st.lists(
    st.tuples(
        st.sampled_from("abcd"),
        st.sampled_from(["노출", "광고 클릭", "결제 완료", "환불", "보기"]),
        st.one_of(st.integers(0, 30), st.integers(0, 24 * 24)).map(lambda n: n / 2),
        st.sampled_from([None, 100, 250]),
    ),
    min_size=1,
    max_size=24,
)


def counted(rows, first, last, within):
    """Every card once more, as plain loops; days count from the beginning."""
    whose = defaultdict(list)
    for row in rows:
        whose[row[0]].append(row)
    for history in whose.values():
        history.sort(key=lambda row: (row[2], row[1]))
    day = lambda row: int(row[2] // 24)  # noqa: E731
    paid = any(row[3] for row in rows)
    bought = {"결제 완료"} & {row[1] for row in rows if row[3] or not paid} or (
        {row[1] for row in rows if row[3] and row[1] != "환불"} if paid else set()
    )
    inside = [row for row in rows if first <= day(row) <= last]
    seen = min(last, max(map(day, rows)))
    active = {row[0] for row in inside}
    found = {"customers": len(active)}
    if active and any(row[1] == "결제 완료" for row in rows):
        found["conversion"] = len({row[0] for row in inside if row[1] == "결제 완료"}) / len(active)
    shown = sum(row[1] == "노출" for row in inside)
    if shown and any(row[1] == "광고 클릭" for row in rows):
        found["ctr"] = sum(row[1] == "광고 클릭" for row in inside) / shown
    of, back = set(), set()
    for who, history in whose.items():
        began = day(history[0])
        if first <= began + within <= seen:
            of.add(who)
            if any(began < day(row) <= began + within for row in history):
                back.add(who)
    if of:
        found["retention"] = len(back) / len(of)
    if bought:
        orders = [row for row in inside if row[1] in bought]
        found["orders"] = len(orders)
        of, again, waits = set(), set(), []
        for who, history in whose.items():
            days = sorted({day(row) for row in history if row[1] in bought})
            if days and first <= days[0] + within <= seen:
                of.add(who)
                if len(days) > 1 and days[1] - days[0] <= within:
                    again.add(who)
            when = next((row for row in history if row[1] in bought), None)
            if when and first <= day(when) <= last and when[2] > history[0][2]:
                waits.append((when[2] - history[0][2]) * 3600)
        if of:
            found["repurchase"] = len(again) / len(of)
        if waits:
            found["time_to_purchase"] = sorted(waits)[math.ceil(len(waits) / 2) - 1]
        if any(row[3] for row in rows if row[1] in bought | {"환불"}):
            money = lambda rows: sum(  # noqa: E731
                (row[3] or 0) * (-1 if row[1] == "환불" else row[1] in bought) for row in rows
            )
            found["revenue"] = money(inside)
            if active:
                found["arpu"] = money(inside) / len(active)
            known = [row[3] for row in orders if row[3]]
            if known:
                found["aov"] = sum(known) / len(known)
            until = [row for row in rows if day(row) <= last]
            buyers = {row[0] for row in until if row[1] in bought}
            if buyers:
                found["clv"] = money(until) / len(buyers)
    return found


@settings(max_examples=examples(24), deadline=None)
@given(ROWS, st.integers(0, 9), st.integers(0, 5), st.integers(1, 4))
def test_every_card_counts_what_a_loop_over_the_rows_counts(rows, first, more, within):
    answer = board(rows, first, first + more, within_days=within)
    expected = counted(rows, first, first + more, within)
    found = {id_: value for id_, value in values(answer).items() if id_ in expected}
    assert found == pytest.approx(expected)
    # A goal to which no event of the data leads is said to be missing, not to be missed by everybody.
    unmet = "kpi.missing_goal" in {reason.code for reason in answer.missing}
    assert unmet == ("결제 완료" not in {row[1] for row in rows})
    assert not (unmet and "conversion" in values(answer))
    ours = set(values(answer)) - set(expected)
    assert all(id_.split(".")[0] in ("bounce", "churn", "drop_off") for id_ in ours)
    speak(answer)


@settings(max_examples=examples(12), deadline=None)
@given(ROWS, st.integers(0, 6), st.integers(0, 6), st.randoms())
def test_the_order_of_rows_and_the_names_of_customers_change_nothing(rows, first, more, random):
    once = values(board(rows, first, first + more))
    shuffled = [(row[0].translate(str.maketrans("abcd", "zy가b")), *row[1:]) for row in rows]
    random.shuffle(shuffled)
    assert values(board(shuffled, first, first + more)) == pytest.approx(once)


@settings(max_examples=examples(12), deadline=None)
@given(ROWS, st.integers(0, 6), st.integers(0, 6))
def test_the_people_of_a_card_are_as_many_as_it_counts(rows, first, more):
    log, answer = event_log(rows), board(rows, first, first + more)
    for card in answer.cards:
        days = [str(day) for day in answer.period]
        who = members_of(log, STAGE_MAP, {"kpi": {"card": card.id, "days": days}})
        if card.figure.form == "share" and card.kind not in ("bounce", "ctr"):
            assert who.sum() == round(card.figure.value * card.figure.n), card.id
        if card.kind in ("customers", "time_to_purchase", "clv"):
            assert who.sum() == card.figure.n, card.id


# ---- the same mix in both periods -------------------------------------------------------------------------


def with_channels(log, seed):
    """An attribute of events, here and there without a value."""
    codes = np.random.default_rng(seed).integers(-1, 3, log.n_rows).astype(np.int32)
    return replace(log, attributes={"channel": Attribute(codes, ("app", "mail", "web"), "event")})


def by_channel(log, card, days, within, lost):
    """Who is counted and who of them is a hit, by each customer's first known channel: a loop over rows."""
    whose, channel = defaultdict(list), {}
    for row, who in enumerate(log.customer_of_row().tolist()):
        day = int((log.time[row] - day_start(BEGIN.date(), log.zone)) // DAY)
        code = int(log.attributes["channel"].codes[row])
        whose[who].append((day, log.event_names[log.event[row]], int(log.time[row])))
        channel[who] = channel.get(who, code) if channel.get(who, code) >= 0 else code
    first, last = days
    seen = max(day for rows in whose.values() for day, _, _ in rows)
    end = day_start((BEGIN + pd.Timedelta(days=last + 1)).date(), log.zone)
    silence = min(lost * DAY, (last + 1 - first) * DAY // 4)
    n, k = defaultdict(int), defaultdict(int)
    for who, rows in whose.items():
        inside = [row for row in rows if first <= row[0] <= last]
        done = [row[0] for row in rows if card != "repurchase" or row[1] == "결제 완료"]
        # Of one instant the earlier stage comes first.
        visits = sorted((at, STAGES.index(PLACES[name])) for _, name, at in inside if PLACES.get(name))
        counted = hits = 0
        if card == "conversion":
            counted, hits = bool(inside), any(stage == 1 for _, stage in visits)
        elif card == "drop_off":
            counted = any(stage == 0 for _, stage in visits)
            silent = bool(inside) and inside[-1][2] < end - silence
            hits = counted and visits[-1][1] == 0 and silent
        elif card == "churn":
            counted = first - lost >= 0 and any(first - lost <= row[0] < first for row in rows)
            hits = counted and not inside
        elif card == "bounce":
            gaps = [later[2] - row[2] > 30 * 60_000_000 for row, later in pairwise(inside)]
            counted = sum(gaps) + 1 if inside else 0
            edges = [True, *gaps, True] if inside else []
            hits = sum(here and after for here, after in pairwise(edges))
        elif done:
            counted = first <= done[0] + within <= min(last, seen)
            hits = counted and any(done[0] < day <= done[0] + within for day in done)
        n[channel[who]] += counted
        k[channel[who]] += hits
    return [[counts[code] for code in range(-1, 3)] for counts in (k, n)]


@settings(max_examples=examples(16), deadline=None)
@given(ROWS, st.integers(2, 9), st.integers(0, 5), st.integers(0, 99))
def test_differences_with_the_same_mix_are_those_of_a_loop_over_the_rows(rows, first, more, seed):
    log = with_channels(event_log([*rows, ("a", "결제 완료", 0, None)]), seed)
    periods = [(first, first + more), (first - more - 1, first - 1)]
    days = [str((BEGIN + pd.Timedelta(days=day)).date()) for day in periods[0]]
    asked = {"within_days": 2, "active_within_days": 1, "purchases": ["결제 완료"]}
    answer = kpi(log, STAGE_MAP, days=days, weight_by="channel", **asked)
    plain = kpi(log, STAGE_MAP, days=days, **asked)
    for card, without in zip(answer.cards, plain.cards, strict=True):
        assert math.isnan(without.mixed[0]) and (card.figure, card.series) == (without.figure, without.series)
        if card.before is None or card.kind not in MIXED:
            assert math.isnan(card.mixed[0])
            continue
        counts = [part for period in periods for part in by_channel(log, card.kind, period, 2, 1)]
        assert [sum(part) for part in counts[:2]] == [round(card.figure.value * card.figure.n), card.figure.n]
        assert card.mixed == pytest.approx(mixed_difference(*counts), nan_ok=True), card.id
        assert card.flips == (card.mixed[0] * card.difference[0] < 0)


def test_a_rise_of_conversion_that_the_mix_alone_makes_is_flagged():
    """Both channels fall, and the one that converts well brings more: O-27 turned into two weeks."""
    rows, channels = [], {}
    for day, channel, n, bought in (
        (0, "app", 20, 18),
        (0, "web", 80, 16),
        (7, "app", 80, 68),
        (7, "web", 20, 2),
    ):
        for at in range(n):
            who = f"{day}{channel}{at:03}"
            channels[who] = channel
            rows.append((who, "결제 완료" if at < bought else "노출", 24 * day, None))
    log = event_log(rows)
    codes = np.array([("app", "web").index(channels[who]) for who in log.customer_ids.to_pylist()], np.int32)
    log = replace(log, attributes={"channel": Attribute(codes, ("app", "web"), "customer")})
    days = [str((BEGIN + pd.Timedelta(days=day)).date()) for day in (7, 13)]
    answer = kpi(log, STAGE_MAP, days=days, cards=["conversion"], weight_by="channel")
    (card,) = answer.cards
    assert card.difference[0] == pytest.approx(0.36) and card.change == "up"
    assert card.mixed[0] == pytest.approx(-0.075) and card.flips
    assert answer.table["flips"].tolist() == [True]
    with pytest.raises(SettingWrong):
        kpi(log, STAGE_MAP, weight_by="device")


# ---- by examples -----------------------------------------------------------------------------------------


def test_a_refund_takes_away_and_a_cancelled_order_brings_nothing():
    rows = [
        ("a", "결제 완료", 1, 1000),
        ("a", "환불", 30, 300),
        ("b", "결제 완료", 2, 500),
        ("c", "보기", 3, None),
    ]
    found = values(board(rows, 0, 6))
    assert (found["revenue"], found["orders"], found["aov"]) == (1200, 2, 750)
    assert found["arpu"] == 400 and found["clv"] == 600


def test_churn_of_o_70_is_18_of_200_and_nobody_new_counts():
    day = 24.0
    rows = [(f"old{n:03}", "보기", 5 * day, None) for n in range(200)]
    rows += [(f"old{n:03}", "보기", 40 * day, None) for n in range(18, 200)]
    rows += [(f"new{n:03}", "보기", 41 * day, None) for n in range(40)]
    rows += [("old199", "보기", 0, None)]
    (card,) = board(rows, 34, 60, cards=["churn"]).cards
    assert card.figure.value == pytest.approx(0.09) and card.figure.n == 200


def test_a_session_of_one_event_bounces_and_midnight_does_not_split_it():
    rows = [
        ("a", "보기", 23.9, None),
        ("a", "노출", 24.1, None),
        ("b", "보기", 3, None),
        ("b", "보기", 9, None),
    ]
    (card,) = board(rows, 0, 3, cards=["bounce"]).cards
    assert (card.figure.value, card.figure.n) == (pytest.approx(2 / 3), 3)


def answers(*rows):
    table = pd.DataFrame(rows, columns=["day", "question", "score", "scale"])
    when = pd.to_datetime("2024-03-04T12:00Z") + pd.to_timedelta(table.pop("day"), unit="D")
    return table.assign(customer="a", time=when)


def test_surveys_have_top_boxes_and_promoters_each_in_their_period():
    said = answers(
        *[(10, "만족도", score, "1-5") for score in (5, 4, 3, 1)],
        *[(10, "추천", score, "0-10") for score in (10, 9, 8, 0)],
        *[(2, "추천", score, "0-10") for score in (0, 1)],
        (10, "맛", 9, "0-10"),
    )
    rows = [("a", "보기", day * 24, None) for day in range(15)]
    answer = board(rows, 7, 13, survey=said)
    by_kind = {card.kind: card for card in answer.cards}
    assert by_kind["csat"].figure.value == 0.5 and by_kind["csat"].figure.n == 4
    assert by_kind["nps"].figure.value == 25 and by_kind["nps"].before.value == -100
    assert len([card for card in answer.cards if card.kind in ("csat", "nps")]) == 2


def test_what_cannot_be_counted_is_told_with_why():
    answer = board([("a", "보기", 24.0 * day, None) for day in range(3)], 0, 2)
    codes = {reason.code for reason in answer.missing}
    assert {
        "kpi.missing_purchases",
        "kpi.missing_amounts",
        "kpi.missing_clicks",
        "kpi.missing_survey",
    } <= codes
    assert answer.before is None and all(card.change == "none" for card in answer.cards)
    for reason in answer.missing:
        assert all(text(reason.code, language, **reason.values) for language in LANGUAGES)


def test_a_goal_is_met_from_its_side():
    rows = [("a", "결제 완료", 1, 900), ("a", "보기", 60, None), ("b", "보기", 2, None)]
    met = {
        card.kind: card.is_met
        for card in board(rows, 0, 3, goals={"revenue": 900, "bounce": 0.2, "orders": 2}).cards
    }
    assert (met["revenue"], met["orders"], met["bounce"], met["customers"]) == (True, False, False, None)


def test_without_days_the_last_28_whole_ones_stand_against_the_28_before():
    rows = [("a", "보기", hour, None) for hour in (0.0, 24 * 80 + 9)]
    answer = kpi(event_log(rows), STAGE_MAP)
    last = (BEGIN + pd.Timedelta(days=79)).date()
    assert answer.period == (last - dt.timedelta(days=27), last)
    assert answer.before == (last - dt.timedelta(days=55), last - dt.timedelta(days=28))
    short = kpi(event_log([("a", "보기", 0.0, None), ("a", "보기", 24 * 20 + 23.5, None)]), STAGE_MAP)
    assert [(one[1] - one[0]).days + 1 for one in (short.period, short.before)] == [7, 7]


@pytest.mark.parametrize(
    "wrong", [{"days": ["2024-03-05"]}, {"days": ["b", "a"]}, {"cards": ["profit"]}, {"within_days": 0}]
)
def test_settings_that_say_nothing_are_refused(wrong):
    with pytest.raises(SettingWrong):
        kpi(event_log([("a", "보기", 1.0, None)]), STAGE_MAP, **wrong)


# ---- one number everywhere ------------------------------------------------------------------------------


@cache
def shop():
    parts = {}
    for name in ("events", "orders", "survey"):
        raw = read_table((SAMPLES / f"shop_{name}.csv").read_bytes(), f"shop_{name}.csv")
        parts[name] = cleaned(raw, guess_table(raw).choice())
    log = joined(list(parts.values())).log
    said = given_answers([(parts["survey"].tables["responses"], parts["survey"].tables["answers"])])
    return log, suggest(log.event_names, language="ko").stage_map, said


def test_one_number_everywhere_on_the_sample():
    log, stages, said = shop()
    answer = kpi(log, stages, survey=said)
    speak(answer)
    part = log.between(*answer.period)
    table = reach(part, stages).table.set_index("stage")
    for card in answer.cards:
        if card.kind in ("conversion", "drop_off"):
            row = table.loc[card.figure.values["stage"]]
            name, low, high = (
                ("share", "low", "high")
                if card.kind == "conversion"
                else (
                    "drop_off",
                    "drop_low",
                    "drop_high",
                )
            )
            assert card.figure.value == row[name]
            assert (card.figure.low, card.figure.high) == (row[low], row[high])
    sessions = part.by_session()
    sizes = np.diff(sessions.offsets)
    found = {card.kind: card.figure for card in answer.cards}
    assert (found["bounce"].n, found["bounce"].value) == (sessions.n_customers, (sizes == 1).mean())
    assert {card.kind for card in answer.cards} == set(KINDS) - {"ctr"}


def test_money_of_the_sample_is_what_its_readme_says():
    log, stages, _ = shop()
    answer = kpi(log, stages, days=["2024-01-01", "2024-06-30"])
    found = {card.kind: card.figure.value for card in answer.cards}
    orders = pd.read_csv(SAMPLES / "shop_orders.csv", encoding="utf-8-sig")
    paid = orders[orders["상태"] == "결제"]
    assert found["orders"] == paid["주문번호"].nunique() == 1193
    assert paid["금액"].sum() == 72_700_400
    assert found["revenue"] == 72_700_400 + orders.loc[orders["상태"] == "환불", "금액"].sum()
    assert found["aov"] == pytest.approx(72_700_400 / 1193)


@pytest.mark.needs_shared_data
def test_online_retail_has_the_net_money_of_its_customers(shared_data):
    """8,300,065.814 net over 18,536 purchases of 4,339 buyers, as the file's own lines add up."""
    name = "transactions/online_retail.parquet"
    raw = read_table(shared_data / name, "online_retail.parquet")
    roles = {
        "customer": ("CustomerID",),
        "order": ("InvoiceNo",),
        "time": ("InvoiceDate",),
        "quantity": ("Quantity",),
        "unit_price": ("UnitPrice",),
    }
    log = cleaned(raw, TableChoice("orders", roles, zone="UTC")).log
    answer = kpi(log, suggest(log.event_names, language="en").stage_map, days=["2010-12-01", "2011-12-09"])
    found = {card.kind: card.figure for card in answer.cards}
    file = pd.read_parquet(shared_data / name).dropna(subset="CustomerID")
    money = (file["Quantity"] * file["UnitPrice"]).groupby(file["InvoiceNo"]).sum()
    bought = money[~money.index.str.startswith("C")]
    assert found["revenue"].value == pytest.approx(8_300_065.814, abs=1e-3)
    assert found["orders"].value == len(bought) == 18_536
    assert found["aov"].value == pytest.approx(bought.mean())
    buyers = file.loc[~file["InvoiceNo"].str.startswith("C"), "CustomerID"].nunique()
    assert found["clv"].n == buyers == 4_339
