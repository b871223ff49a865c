"""Recency, frequency and money: against plain loops, over parts, and as of any day."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.aggregates.rfm_values import counted_by, rfm_values
from journey.events.disguise import disguised_tables
from journey.events.log import EventLog
from journey.events.other_tables import NO_TABLES, OtherTables
from tests.endurance import examples

NAMES = ("purchase", "repurchase", "refund", "view")
WITH_IDS = OtherTables(lines=(pa.table({"order": pa.array(["1", None], pa.large_string())}),))
ENTRY = st.tuples(
    st.sampled_from("abcd"),
    st.sampled_from(NAMES),
    st.integers(0, 12),  # day of June 2024
    st.sampled_from([0, 23 * 60 + 59]),  # minute of the day, in Seoul
    st.sampled_from([None, -30.0, 0.0, 10.0, 25.5]),
)


def log_of(entries, customers="abcd"):
    """One row an entry, with the amounts as they stand there, and a look of everybody on June 1."""
    rows = [*entries, *((who, "view", 0, 0, None) for who in customers)]
    moments = [pd.Timestamp(2024, 6, 1 + day) + pd.Timedelta(minutes=minute) for _, _, day, minute, _ in rows]
    who, what = (sorted({row[place] for row in rows}) for place in (0, 1))
    return EventLog.from_codes(
        np.array([who.index(row[0]) for row in rows]),
        pa.array(who, pa.large_string()),
        np.array([what.index(row[1]) for row in rows]),
        pa.array(what, pa.large_string()),
        pd.DatetimeIndex(moments).tz_localize("Asia/Seoul").as_unit("us").asi8,
        amount=np.array([np.nan if row[4] is None else row[4] for row in rows]),
    )


def by_loops(entries, as_of, counted, customers="abcd"):
    """{customer: (recency, frequency, monetary)} before `as_of`, a day of June; None for who never bought."""
    found = {}
    for customer in customers:
        mine = [entry for entry in entries if entry[0] == customer and 1 + entry[2] < as_of]
        bought = [
            entry
            for entry in mine
            if entry[1] in ("purchase", "repurchase") and (entry[4] is None or entry[4] >= 0)
        ]
        money = 0.0
        for entry in mine:
            if entry in bought:
                money += entry[4] or 0
            elif entry[1] != "view":
                money -= abs(entry[4] or 0)
        days = {entry[2] for entry in bought}
        often = len(bought) if counted == "orders" else len(days)
        found[customer] = (as_of - 1 - max(days) if days else None, often, max(0.0, money))
    return found


@settings(max_examples=examples(60))
@given(st.lists(ENTRY, max_size=12), st.booleans())
def test_rfm_values_are_those_of_plain_loops(entries, ids):
    log = log_of(entries)
    known = rfm_values(log, ["purchase", "repurchase"], tables=WITH_IDS if ids else NO_TABLES)
    as_of = max([1 + entry[2] for entry in entries], default=1) + 1
    assert known.as_of == dt.date(2024, 6, as_of)
    assert known.counted == ("orders" if ids else "days")
    refunds = known.monetary is not None and any(entry[1] == "refund" and entry[4] for entry in entries)
    # Without any money in it, a refund is a row like any other.
    used = entries if refunds else [entry for entry in entries if entry[1] != "refund"]
    expected = by_loops(used, as_of, known.counted)
    for place, customer in enumerate(log.customer_ids.to_pylist()):
        recency, often, money = expected[customer]
        assert known.buyers[place] == (recency is not None)
        assert np.isnan(known.recency[place]) if recency is None else known.recency[place] == recency
        assert known.frequency[place] == often
        if known.monetary is not None:
            assert known.monetary[place] == money


@settings(max_examples=examples(30))
@given(st.lists(ENTRY, max_size=12), st.integers(1, 14), st.integers(0, 9))
def test_values_of_an_earlier_day_are_those_of_the_log_that_ended_there(entries, day, shift):
    entries = [entry for entry in entries if entry[1] != "refund"]
    as_of = dt.date(2024, 6, 1 + day)
    bought = ["purchase", "repurchase"]
    whole = rfm_values(log_of(entries), bought, as_of=as_of)
    cut = rfm_values(log_of([entry for entry in entries if entry[2] < day]), bought, as_of=as_of)
    assert np.array_equal(whole.recency, cut.recency, equal_nan=True)
    assert np.array_equal(whole.frequency, cut.frequency)


def test_the_day_is_that_after_the_period_that_was_filtered_by():
    log = log_of([("a", "purchase", 3, 0, 5.0), ("b", "purchase", 9, 0, 5.0)])
    assert rfm_values(log).as_of == dt.date(2024, 6, 11)
    assert rfm_values(log).recency.tolist()[:2] == [7, 1]
    cut = log.between(dt.date(2024, 6, 1), dt.date(2024, 6, 5))
    known = rfm_values(cut)
    assert (known.as_of, known.recency[0], known.buyers.tolist()) == (
        dt.date(2024, 6, 6),
        2,
        [True, *[False] * 3],
    )
    # Fewer customers are still seen from the same day.
    assert rfm_values(log.of_customers(np.array([True, False, False, False]))).as_of == dt.date(2024, 6, 11)


def test_more_given_back_than_paid_is_nothing_and_counted():
    log = log_of([("a", "purchase", 1, 0, 10.0), ("a", "refund", 2, 0, 40.0), ("b", "refund", 2, 0, -4.0)])
    known = rfm_values(log)
    assert known.monetary is not None
    assert (known.monetary.tolist(), known.clipped, known.frequency.tolist()) == ([0] * 4, 1, [1, 0, 0, 0])


def test_without_amounts_there_is_no_money_and_without_purchases_nobody_buys():
    known = rfm_values(log_of([("a", "purchase", 1, 0, None)]))
    assert (known.monetary, known.purchases, known.buyers.sum()) == (None, ("purchase",), 1)
    nobody = rfm_values(log_of([]))
    assert (nobody.purchases, nobody.buyers.any(), np.isnan(nobody.recency).all()) == ((), False, True)


def test_ids_of_orders_count_also_where_strangers_look_on():
    ids = pa.array([f"A-{n}-x" for n in range(60)], pa.large_string())
    tables = OtherTables(lines=(pa.table({"customer": ids, "order": ids}),))
    shown = disguised_tables(tables, b"k" * 32, ids, {})
    assert shown.lines[0].column("order").to_pylist() == [str(n) for n in range(60)]
    assert counted_by(["purchase"], shown) == counted_by(["purchase"], tables) == "orders"
    assert counted_by(["결제 완료"], tables) == counted_by(["purchase"], NO_TABLES) == "days"
    empty = replace(tables, lines=(pa.table({"order": pa.nulls(3, pa.large_string())}),))
    assert counted_by(["purchase"], empty) == "days"
