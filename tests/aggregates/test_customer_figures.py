"""Orders, scores, ratings and numbers of each customer, against loops over the rows."""

import datetime as dt
from dataclasses import replace
from math import nan

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.aggregates.customer_figures import between, latest_ratings, latest_scores, order_figures
from journey.aggregates.segment import members_of
from journey.errors import ColumnMissing
from journey.events.log import Attribute, EventLog
from journey.events.other_tables import NO_TABLES, OtherTables
from journey.stages.stage_map import StageMap
from tests.endurance import examples

IDS = ("a", "b", "c")
DAY = 86_400_000_000
ORDERS = ("purchase", "refund", "repurchase", "view")
FIRST = dt.date(2024, 1, 1)

# Orders with ids of their own count each; without, a day with purchases counts once.
WITH_IDS = OtherTables(lines=(pa.table({"order": pa.array(["1"], pa.large_string())}),))

bills = st.lists(
    st.tuples(
        st.sampled_from(IDS),
        st.sampled_from(ORDERS),
        st.integers(0, 20),
        st.sampled_from([1000.0, 2500.0, -700.0, 0.0, nan]),
    ),
    min_size=1,
    max_size=16,
)


def order_log(found):
    """A log by days in UTC, an amount at every row that is no view."""
    who, what, day, amount = zip(*found, strict=True)
    return EventLog.from_codes(
        np.array([IDS.index(one) for one in who]),
        pa.array(IDS, pa.large_string()),
        np.array([ORDERS.index(one) for one in what]),
        pa.array(ORDERS, pa.large_string()),
        (np.array(day) + (FIRST - dt.date(1970, 1, 1)).days) * DAY,
        amount=np.array([nan if one == "view" else money for one, money in zip(what, amount, strict=True)]),
        zone="UTC",
        date_only=True,
    )


def picked(log, rule, tables=NO_TABLES):
    flags = members_of(log, StageMap(), rule, tables)
    return {id_ for id_, hit in zip(log.customer_ids.to_pylist(), flags, strict=True) if hit}


@settings(max_examples=examples(100))
@given(bills, st.none() | st.tuples(st.integers(0, 20), st.integers(0, 9)))
def test_orders_of_each_customer_are_what_a_loop_counts(found, span):
    log, days = order_log(found), None
    has_purchases = any(
        what in ("purchase", "repurchase") and money not in (0.0,) and money == money
        for _, what, _, money in found
    )
    if not has_purchases:
        return
    low, high = (0, 99) if span is None else (span[0], sum(span))
    if span is not None:
        days = tuple((FIRST - dt.date(1970, 1, 1) + dt.timedelta(day)).days * DAY for day in (low, high + 1))
    last_day = max(day for _, _, day, _ in found)
    counted, spent, since = (
        order_figures(log, what, span=days, tables=WITH_IDS) for what in ("count", "spent", "days_since")
    )
    by_day = order_figures(log, "count", span=days)
    for place, id_ in enumerate(log.customer_ids.to_pylist()):
        own = [(what, day, money) for who, what, day, money in found if who == id_ and low <= day <= high]
        bought = [one for one in own if one[0] in ("purchase", "repurchase") and not one[2] < 0]
        back = [abs(money) for what, _, money in own if what == "refund" or (what != "view" and money < 0)]
        money = sum(one for _, _, one in bought if one == one) - sum(one for one in back if one == one)
        assert counted[place] == len(bought)
        assert by_day[place] == len({day for _, day, _ in bought})
        assert spent[place] == pytest.approx(max(0.0, money))
        assert (
            np.isnan(since[place])
            if not bought
            else since[place] == last_day + 1 - max(day for _, day, _ in bought)
        )


def test_who_never_ordered_ordered_0_times_and_never_lately():
    log = order_log([("a", "purchase", 1, 1000.0), ("a", "repurchase", 3, 500.0), ("b", "view", 9, nan)])
    assert picked(log, {"orders": {"what": "count", "to": 0}}) == {"b"}
    assert picked(log, {"orders": {"what": "spent", "from": 1500}}) == {"a"}
    assert picked(log, {"orders": {"what": "days_since", "from": 0}}) == {"a"}
    assert picked(log, {"orders": {"what": "days_since", "to": 6}}) == set()
    assert picked(log, {"orders": {"what": "days_since", "from": 7, "to": 7}}) == {"a"}
    assert picked(log, {"orders": {"what": "count", "from": 1, "last_days": 7}}) == {"a"}
    assert picked(log, {"orders": {"what": "count", "from": 1, "last_days": 6}}) == set()
    # Far more last days than there are is all of them.
    assert picked(log, {"orders": {"what": "count", "from": 2, "last_days": 10**9}}) == {"a"}
    assert picked(log, {"orders": {"what": "count", "from": 1, "purchases": ["view"]}}) == {"b"}


def test_money_of_orders_without_an_amount_is_asked_for_by_name():
    log = replace(order_log([("a", "purchase", 1, 1000.0)]), amount=None)
    with pytest.raises(ColumnMissing) as raised:
        members_of(log, StageMap(), {"orders": {"what": "spent", "from": 1}})
    assert raised.value.values["name"] == "amount"


given_scores = st.lists(
    st.tuples(
        st.sampled_from([*IDS, "elsewhere", None]),
        st.sampled_from([None, 1, 2, 3]),
        st.sampled_from(["Q1", "Q2"]),
        st.integers(0, 10),
    ),
    max_size=14,
)


def asked(found):
    frame = pd.DataFrame(found, columns=["customer", "day", "question", "score"])
    time = pd.to_datetime([None if pd.isna(day) else f"2024-01-0{int(day)}" for day in frame["day"]])
    answers = frame.drop(columns="day").assign(time=time, scale="0-10", score=frame["score"].astype(float))
    reviews = pa.table(
        {
            "customer": pa.array([one[0] for one in found], pa.large_string()),
            "time": pa.array(time.to_numpy().astype("datetime64[us]")),
            "rating": pa.array([float(one[3]) for one in found]),
        }
    )
    return OtherTables(answers=answers, reviews=(reviews,))


@settings(max_examples=examples(80))
@given(given_scores)
def test_the_latest_answer_of_each_customer_counts(found):
    log = order_log([(id_, "purchase", 0, 1.0) for id_ in IDS])
    tables = asked(found)

    def latest(own):
        return max(((day or 0, score) for _, day, _, score in own), default=(0, nan))[1]

    for question in {one[2] for one in found}:
        wanted = [latest([one for one in found if one[0] == id_ and one[2] == question]) for id_ in IDS]
        np.testing.assert_array_equal(latest_scores(log, tables, question), wanted)
    if found:
        wanted = [latest([one for one in found if one[0] == id_]) for id_ in IDS]
        np.testing.assert_array_equal(latest_ratings(log, tables), wanted)


def test_sessions_have_the_answers_of_their_customer():
    log = replace(
        order_log([("a", "view", 1, nan), ("a", "view", 5, nan), ("b", "view", 2, nan)]), date_only=False
    )
    tables = asked([("a", 1, "NPS", 3), ("b", 1, "NPS", 9)])
    units = log.by_session()
    assert picked(units, {"score": {"question": "NPS", "to": 6}}, tables) == {"a\x1f1", "a\x1f2"}
    assert picked(units, {"rating": {"from": 7}}, tables) == {"b\x1f1"}


def test_a_question_or_rating_that_is_not_there_is_said():
    log = order_log([("a", "purchase", 1, 1.0)])
    for rule in (
        {"score": {"question": "NPS", "to": 6}},
        {"rating": {"to": 2}},
        {"number": {"attribute": "나이", "from": 1}},
    ):
        with pytest.raises(ColumnMissing):
            members_of(log, StageMap(), rule)
    with pytest.raises(ColumnMissing):
        members_of(log, StageMap(), {"score": {"question": "Q9", "to": 6}}, asked([("a", 1, "Q1", 3)]))


def test_numbers_and_dates_of_attributes_are_read_as_people_write_them():
    log = order_log([(id_, "purchase", 0, 1.0) for id_ in IDS] + [("a", "view", 1, nan)])
    log = replace(
        log,
        attributes={
            "소득": Attribute(np.array([1, 0, -1]), ("1,200만원", "300만원"), "customer"),
            "가격": Attribute(np.array([0, 2, 1, -1]), ("10", "20", "무료"), "event"),
        },
    )
    assert picked(log, {"number": {"attribute": "소득", "from": 3_000_000, "to": 3_000_000}}) == {"a"}
    assert picked(log, {"number": {"attribute": "소득", "from": 0}}) == {"a", "b"}
    assert picked(log, {"number": {"attribute": "가격", "to": 15}}) == {"a"}
    table = pa.table({"customer": ["c", "a", "z"], "가입일": ["2024-03-01", "2023.12.31", "2024-01-01"]})
    more = pa.table({"customer": ["a", "b"], "가입일": ["2020-01-01", "2024-03-02"]})
    tables = OtherTables(
        customers=tuple(
            one.cast(pa.schema([(name, pa.large_string()) for name in one.column_names]))
            for one in (table, more)
        )
    )
    since = {"number": {"attribute": "가입일", "from": "2023-12-31", "to": "2024-03-01"}}
    assert picked(log, since, tables) == {"a", "c"}
    assert picked(log, {"number": {"attribute": "가입일", "to": "2023-12-30"}}, tables) == set()


def test_a_range_holds_its_ends_and_nothing_unknown():
    values = np.array([nan, 1.0, 2.0, 3.0])
    assert between(values, 1, 2).tolist() == [False, True, True, False]
    assert between(values, None, 1).tolist() == [False, True, False, False]
