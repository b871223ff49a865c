"""Groups of buyers and their movement: plain loops, laws, what is said, and what is refused."""

import datetime as dt
import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.aggregates.calendar import day_before
from journey.aggregates.rfm import GROUPS, NOBODY
from journey.aggregates.segment import members_of
from journey.analysis.rfm import VIEWS, rfm
from journey.charts.rfm import rfm_chart
from journey.errors import SettingWrong
from journey.events.clean import cleaned
from journey.events.columns import TableChoice
from journey.events.other_tables import OtherTables
from journey.sources.files import read_table
from journey.stages.stage_map import StageMap
from tests.analysis import oracle
from tests.analysis.logs import DAY, disguised, event_log, rows, speak
from tests.analysis.oracle import Row
from tests.endurance import examples

STAGES = StageMap()
FIRST = dt.date(2024, 1, 1)
BUYS = {"purchases": ["사기", "담기"]}


def priced(found, amounts):
    """The log of these rows with an amount for every row, given by the order of the log."""
    log = event_log(found)
    return replace(log, amount=np.resize(np.array(amounts, dtype=float), log.n_rows))


def rows_of(log):
    """(customer, event, day, amount) of each row."""
    ids, who = log.customer_ids.to_pylist(), log.customer_of_row()
    seconds = pd.to_datetime(log.time, unit="us", utc=True).tz_convert("Asia/Seoul")
    amounts = np.full(log.n_rows, math.nan) if log.amount is None else log.amount
    return [
        (ids[who[row]], log.event_names[log.event[row]], seconds[row].date(), float(amounts[row]))
        for row in range(log.n_rows)
    ]


def loops(log, as_of, *, cuts=None):
    """Group, score of recency, whole part of FM and money of each buyer, as DEFINITIONS say it."""
    days, times, money = {}, {}, {}
    for customer, event, day, amount in rows_of(log):
        if event not in BUYS["purchases"] or day >= as_of:
            continue
        if amount == amount:
            money[customer] = money.get(customer, 0.0) + amount
        if not amount < 0:
            days[customer] = max(days.get(customer, day), day)
            times.setdefault(customer, set()).add(day)
    known = log.amount is not None
    values = {
        customer: (
            float((as_of - days[customer]).days),
            float(len(times[customer])),
            money.get(customer, 0.0),
        )
        for customer in days
    }
    own = cuts or [
        np.quantile([max(one[at], 0.0) for one in values.values()], [0.2, 0.4, 0.6, 0.8]) if values else []
        for at in range(3)
    ]
    found = {}
    for customer, (recency, frequency, paid) in values.items():
        below = [
            sum(cut < value - 1e-9 for cut in points)
            for points, value in zip(own, (recency, frequency, max(paid, 0.0)), strict=True)
        ]
        r, f, m = 5 - below[0], 1 + below[1], 1 + below[2]
        fm = (f + m) / 2 if known else f
        if r >= 4:
            group = "champions" if fm >= 4 else "loyal" if fm >= 3 else "recent"
        elif r == 3:
            group = "loyal" if fm >= 3 else "attention"
        else:
            group = "risk" if fm >= 3 else "inactive"
        found[customer] = group, r, math.floor(fm), paid
    return found


amounts = st.none() | st.lists(st.sampled_from([10, 20, 20, 500, -30, 0]), min_size=1, max_size=9)
people = [f"c{n}" for n in range(9)]


def case(found, paid):
    return event_log(found) if paid is None else priced(found, paid)


@settings(max_examples=examples(40), deadline=None)
@given(rows(most=40, customers=people), amounts)
def test_groups_and_cells_equal_plain_loops(found, paid):
    log = case(found, paid)
    answer = rfm(log, STAGES, **BUYS)
    want = loops(log, log.days()[1] + dt.timedelta(days=1))
    assert answer.n_buyers == len(want)
    assert answer.as_of == log.days()[1] + dt.timedelta(days=1)
    assert all(speak(answer))
    if not want:
        assert answer.finding.code == "rfm.finding_no_purchases" and answer.table.empty
        return
    assert answer.table is answer.cells
    whole = sum(money for *_, money in want.values())
    for table, place in ((answer.groups, lambda one: one[0]), (answer.cells, lambda one: one[1:3])):
        for row in table.itertuples(index=False):
            own = row.group if table is answer.groups else (row.recency_score, row.fm_score)
            inside = [one for one in want.values() if place(one) == own]
            assert row.customers == len(inside)
            assert row.share == len(inside) / len(want)
            assert (row.low, row.high) == pytest.approx(oracle.wilson(len(inside), len(want)))
            if answer.has_money:
                assert row.revenue == pytest.approx(sum(one[3] for one in inside))
                if whole > 0:
                    assert row.revenue_share == pytest.approx(sum(one[3] for one in inside) / whole)
    assert answer.cells["customers"].sum() == answer.groups["customers"].sum() == answer.n_buyers


@settings(max_examples=examples(40), deadline=None)
@given(rows(most=40, customers=people), amounts, st.sampled_from(["week", "month"]), st.booleans())
def test_movement_equals_plain_loops_and_its_columns_are_the_page_of_that_day(found, paid, period, fixed):
    log = case(found, paid)
    answer = rfm(log, STAGES, view="movement", period=period, fixed=fixed, steps=3, **BUYS)
    assert all(speak(answer))
    last = log.days()[1]
    today = [answer.cuts.get(name, []) for name in ("recency", "frequency", "monetary")]
    states = []
    for back in (3, 2, 1, 0):
        day = day_before(last, period, back)
        groups = loops(log, day + dt.timedelta(days=1), cuts=today if fixed else None)
        if groups or not back:
            states.append((day, {who: one[0] for who, one in groups.items()}))
    want = {}
    for (day, was), (then, now) in pairwise(states):
        for who, group in now.items():
            key = (day, then, was.get(who, NOBODY), group)
            want[key] = want.get(key, 0) + 1
    table = answer.table
    if not want:
        assert table.empty
        return
    told = table[["day_before", "day", "group_before", "group", "customers"]].itertuples(index=False)
    assert {tuple(row[:4]): row[4] for row in told} == want
    # Who came to be in a group on a day between is who was in it.
    for step in table["step"].unique()[:-1]:
        came = table[table["step"] == step].groupby("group")["customers"].sum()
        was = table[(table["step"] == step + 1) & (table["group_before"] != NOBODY)]
        assert came.to_dict() == was.groupby("group_before")["customers"].sum().to_dict()
    assert table.groupby(["step", "group_before"])["share"].sum().to_numpy() == pytest.approx(1)
    if not fixed:
        day = table["day_before"].iloc[0]
        page = rfm(log.between(log.days()[0], day), STAGES, view="groups", **BUYS).groups
        first = table[(table["step"] == 1) & (table["group_before"] != NOBODY)]
        sizes = first.groupby("group_before")["customers"].sum()
        assert page.set_index("group")["customers"].loc[sizes.index].tolist() == sizes.tolist()


@settings(max_examples=examples(12), deadline=None)
@given(rows(most=30, customers=people), amounts)
def test_a_rule_finds_as_many_as_the_page_counts(found, paid):
    log = case(found, paid)
    moved = rfm(log, STAGES, view="movement", period="month", **BUYS)

    def n(rule):
        return int(members_of(log, STAGES, rule).sum())

    for row in moved.groups.itertuples(index=False):
        assert n({"rfm": {"groups": [row.group], **BUYS}}) == row.customers
    for row in moved.cells[moved.cells["customers"] > 0].itertuples(index=False):
        cell = f"{row.recency_score}.{row.fm_score}"
        assert n({"rfm": {"cells": [cell], **BUYS}}) == row.customers
    for row in moved.table.itertuples(index=False):
        was = {"groups": [row.group_before], "on": row.day_before.isoformat(), **BUYS}
        now = {"groups": [row.group], "on": row.day.isoformat(), **BUYS}
        assert n({"all": [{"rfm": was}, {"rfm": now}]}) == row.customers


@settings(max_examples=examples(20), deadline=None)
@given(rows(most=30), st.randoms(use_true_random=False), st.sampled_from(VIEWS))
def test_the_order_of_rows_and_the_names_of_customers_change_nothing(found, random, view):
    shuffled, renamed, _ = disguised(found, random)
    answer, *others = [
        rfm(event_log(part), STAGES, view=view, period="week", **BUYS) for part in (found, shuffled, renamed)
    ]
    for other in others:
        pd.testing.assert_frame_equal(answer.table, other.table)
        assert (answer.finding, answer.notes, answer.cuts) == (other.finding, other.notes, other.cuts)


BOUGHT = [Row(f"c{n}", "사기", DAY * day) for n in range(12) for day in range(n, 60, n + 1)]


def test_names_of_people_stand_beside_the_codes_and_in_the_sentence():
    answer = rfm(priced(BOUGHT, [100.0]), STAGES, view="groups", names={"champions": "VIP"}, **BUYS)
    assert answer.finding.code == "rfm.finding_named" and answer.finding.values["group"] == "VIP"
    assert answer.table["group"].tolist() == list(GROUPS)
    assert answer.table["group_name"].tolist() == ["VIP", "", "", "", "", ""]


def test_cells_can_be_put_into_other_groups():
    usual, own = (
        rfm(event_log(BOUGHT), STAGES, mapping=mapping, **BUYS) for mapping in (None, {"5.5": "inactive"})
    )
    best = usual.cells.iloc[0]
    assert (best["recency_score"], best["fm_score"], best["group"]) == (5, 5, "champions")
    assert own.cells.iloc[0]["group"] == "inactive"
    moved = own.groups.set_index("group")["customers"] - usual.groups.set_index("group")["customers"]
    assert moved["inactive"] == best["customers"] == -moved["champions"]
    assert any(note.code == "rfm.note_mapping" for note in own.notes)


def test_without_amounts_frequency_stands_for_both_and_it_is_said():
    answer = rfm(event_log(BOUGHT), STAGES, view="groups", **BUYS)
    assert not answer.has_money and set(answer.cuts) == {"recency", "frequency"}
    assert "revenue" not in answer.table and "median_money" not in answer.table
    assert {"rfm.note_no_money", "rfm.note_counted_days"} <= {note.code for note in answer.notes}
    assert answer.finding.code.startswith("rfm.size_")


def test_what_was_given_back_beyond_what_was_paid_counts_as_nothing():
    log = event_log([Row("a", "사기", 0), Row("a", "사기", 9), Row("b", "사기", 5), Row("c", "보기", 1)])
    log = replace(log, amount=np.array([10.0, -40.0, 30.0, math.nan]))
    answer = rfm(log, STAGES, view="groups", **BUYS)
    assert answer.cuts["monetary"] == (6, 12, 18, 24)
    assert answer.groups["revenue"].sum() == 0
    assert {"rfm.note_clipped", "rfm.note_not_bought", "rfm.note_small"} <= {n.code for n in answer.notes}


@pytest.mark.parametrize("view", VIEWS)
def test_a_log_without_purchases_says_so_and_keeps_its_columns(view):
    log = event_log([Row("a", "보기", 0), Row("b", "보기", 40 * DAY)])
    answer = rfm(log, STAGES, view=view)
    assert answer.table.empty and answer.finding.code == "rfm.finding_no_purchases"
    assert all(speak(answer))
    assert rfm_chart(answer, language="ko").to_dict()
    nobody = rfm(event_log(BOUGHT).where("value", ["강남"]), STAGES, view=view, **BUYS)
    assert nobody.table.empty and all(speak(nobody))


@pytest.mark.parametrize(
    "wrong",
    [{"view": "pie"}, {"period": "day"}, {"steps": 0}, {"names": {"kings": "x"}}, {"cuts": {"recency": [1]}}],
)
def test_settings_that_mean_nothing_are_refused(wrong):
    with pytest.raises(SettingWrong):
        rfm(event_log(BOUGHT), STAGES, **wrong)


def test_the_same_day_before_keeps_to_the_end_of_a_month():
    assert day_before(dt.date(2024, 3, 31), "month", 1) == dt.date(2024, 2, 29)
    assert day_before(dt.date(2024, 6, 30), "month", 1) == dt.date(2024, 5, 31)
    assert day_before(dt.date(2024, 6, 30), "quarter", 1) == dt.date(2024, 3, 31)
    assert day_before(dt.date(2024, 3, 30), "month", 1) == dt.date(2024, 2, 29)
    assert day_before(dt.date(2024, 1, 5), "month", 13) == dt.date(2022, 12, 5)
    assert day_before(dt.date(2024, 1, 5), "week", 2) == dt.date(2023, 12, 22)


@pytest.mark.needs_shared_data
def test_online_retail_has_the_groups_that_its_own_lines_make(shared_data):
    """4,339 buyers, of whom 935 Champions bring 67.3 %: as pandas and numpy count the file's lines."""
    name = "transactions/online_retail.parquet"
    roles = {
        "customer": ("CustomerID",),
        "order": ("InvoiceNo",),
        "time": ("InvoiceDate",),
        "quantity": ("Quantity",),
        "unit_price": ("UnitPrice",),
    }
    made = cleaned(read_table(shared_data / name, "online_retail.parquet"), TableChoice("orders", roles))
    tables = OtherTables(lines=(made.tables["lines"],))
    answer = rfm(made.log, STAGES, view="groups", tables=tables)
    assert (answer.n_buyers, answer.as_of, answer.counted) == (4_339, dt.date(2011, 12, 10), "orders")
    assert answer.cuts["recency"] == pytest.approx((14.2, 33, 72, 180))
    assert answer.cuts["frequency"] == (1, 2, 3, 6)
    assert answer.cuts["monetary"] == pytest.approx((242.872, 474.104, 914.85, 2014.866))
    assert answer.groups["customers"].tolist() == [935, 719, 501, 457, 419, 1308]
    assert answer.groups["revenue"].iloc[0] == pytest.approx(5_596_506.15)
    assert answer.groups["revenue_share"].iloc[0] == pytest.approx(0.673428, abs=1e-6)
    assert answer.finding.code == "rfm.finding_champions"
    by_recency = answer.cells.pivot(index="recency_score", columns="fm_score", values="customers")
    assert by_recency.loc[1].tolist() == [563, 200, 75, 18, 5]
    assert by_recency.loc[5].tolist() == [72, 105, 133, 235, 323]
    assert next(note for note in answer.notes if note.code == "rfm.note_clipped").values["customers"] == 8
