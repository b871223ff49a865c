"""Purchases, active days and bounces: parts add up, and what they replace says the same."""

from dataclasses import replace

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.aggregates.active_days import active_days, days_of
from journey.aggregates.bounces import bounces
from journey.aggregates.clicks import clicks_of
from journey.aggregates.orders import purchases
from journey.events.deeds import deeds
from journey.events.log import DAY, EventLog
from tests.analysis.logs import event_log, rows
from tests.endurance import examples


@settings(max_examples=examples(24), deadline=None)
@given(rows(sessions=True), st.booleans())
def test_bounces_are_the_sessions_of_one_row_that_a_log_by_session_has(found, named):
    log = event_log(found, sessions=named)
    if log.date_only:
        return
    sizes = np.diff(log.by_session().offsets)
    counted = bounces(log)
    assert (counted.sessions, counted.bounced) == (len(sizes), int((sizes == 1).sum()))


@settings(max_examples=examples(16), deadline=None)
@given(rows())
def test_sums_of_disjoint_customers_add_up(found):
    parts = [[row for row in found if (row.customer in "ab") == first] for first in (True, False)]
    low, high = -DAY, 200_000 * DAY

    def of(part):
        log = event_log(part)
        sums = purchases(log, ["사기", "담기"]).sums(low, high)
        return (
            sums,
            clicks_of(log, ["담기"], ["보기"]).sums(low, high),
            bounces(log) if not log.date_only else None,
        )

    if not all(parts):
        return
    whole, first, second = of(found), of(parts[0]), of(parts[1])
    assert first[0] + second[0] == whole[0]
    assert first[1] + second[1] == whole[1]
    if None not in (whole[2], first[2], second[2]):
        assert first[2] + second[2] == whole[2]


@settings(max_examples=examples(16), deadline=None)
@given(rows())
def test_active_days_are_the_calendar_days_of_the_zone(found):
    log = event_log(found)
    days = active_days(log)
    expected = {(row.customer, row.minute // (24 * 60)) for row in found}
    begin = int(days_of(log.time, log).min()) - min(day for _, day in expected)
    ids = log.customer_ids.to_pylist()
    pairs = zip(days.customer, days.day, strict=True)
    assert [(ids[who], int(day) - begin) for who, day in pairs] == sorted(expected)


def test_a_day_of_25_hours_is_one_day():
    frame = pd.DataFrame(
        {
            "customer": "a",
            "event": "보기",
            "time": pd.to_datetime(["2024-10-27 00:10", "2024-10-27 23:50", "2024-10-28 00:10"]),
        }
    )
    days = active_days(EventLog.from_frame(frame, zone="Europe/London"))
    assert np.diff(days.day).tolist() == [1]


def test_what_events_mean_is_read_from_their_names_and_from_money():
    def names(*events, paid=()):
        frame = pd.DataFrame({"customer": "a", "event": events, "time": pd.Timestamp("2024-03-05")})
        log = EventLog.from_frame(frame)
        amount = np.array([5.0 if log.event_names[code] in paid else np.nan for code in log.event])
        return deeds(replace(log, amount=amount))

    shop = ("결제 완료", "재구매", "주문서 작성", "주문 취소", "결제 오류", "광고 클릭", "배너 노출")
    assert names(*shop).purchases == ("결제 완료", "재구매")
    assert (names(*shop).clicks, names(*shop).impressions) == (("광고 클릭",), ("배너 노출",))
    # Money in a file of orders: the same payment among the events does not count twice.
    both = names(*shop, "purchase", "refund", paid=("purchase", "refund"))
    assert (both.purchases, both.refunds) == (("purchase",), ("refund",))
    assert names("view_item", "add_to_cart", "orderCompleted", "order_cancelled").purchases == (
        "orderCompleted",
    )
    assert names("A", "B", paid=("B",)).purchases == ("B",)
    assert names("view", "login").purchases == ()
