"""The money of each row: read from orders and from events, and still there after everything else."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.events.clean import cleaned
from journey.events.columns import guess_table
from journey.events.joined import joined
from journey.events.kinds import TableChoice
from journey.events.log import EventLog
from journey.sources.files import read_table
from tests.endurance import examples

EVENTS = TableChoice(
    "events",
    {"customer": ("id",), "event": ("event",), "time": ("time",), "amount": ("won",), "attributes": ("ch",)},
)
ORDERS = TableChoice(
    "orders",
    {"customer": ("id",), "order": ("no",), "time": ("time",), "amount": ("won",), "status": ("state",)},
)


def raw(header, *rows):
    return read_table("\n".join([header, *rows]).encode(), "a.csv", header=1)


def events(*rows, choice=EVENTS):
    return cleaned(raw("id,event,time,won,ch", *rows), choice)


def orders(*rows):
    return cleaned(raw("id,no,time,won,state", *rows), ORDERS)


def paid(log):
    """{(customer, event, amount)} as a sorted list; None for a row without."""
    ids = log.customer_ids.take(log.customer_of_row()).to_pylist()
    found = zip(ids, log.event, log.amount, strict=True)
    return sorted(
        ((who, log.event_names[what], None if math.isnan(won) else float(won)) for who, what, won in found),
        key=repr,
    )


def test_events_have_the_amount_that_stands_beside_them():
    made = events(
        'b,산,2024-03-05 10:00,"12,000원",앱',
        "a,산,2024-03-05 10:00,(500),웹",
        "a,봄,2024-03-05 09:00,,웹",
        "a,산,2024-03-05 11:00,얼마,웹",
    )
    assert paid(made.log) == [("a", "봄", None), ("a", "산", -500.0), ("a", "산", None), ("b", "산", 12000.0)]
    told = {note.code: dict(note.values) for note in made.notes}
    assert told["tables.numbers_unreadable"] == {"column": "won", "n": 1}


def test_without_any_amount_a_log_is_as_it_was_before_there_were_amounts():
    plain = TableChoice(
        "events", {role: columns for role, columns in EVENTS.roles.items() if role != "amount"}
    )
    rows = ("a,봄,2024-03-05 09:00,,웹", "b,산,2024-03-05 10:00,,앱")
    with_column, without = events(*rows).log, events(*rows, choice=plain).log
    assert with_column.amount is None and without.amount is None
    assert with_column.fingerprint == without.fingerprint


def test_orders_bring_what_was_kept():
    made = orders(
        "a,1,2024-03-05,1000,결제",
        "a,1,2024-03-05,500,결제",
        "a,1R,2024-03-06,-500,환불",
        "b,2,2024-03-05,700,취소",
        "b,3,2024-03-07,,결제",
    )
    assert paid(made.log) == [
        ("a", "purchase", 1500.0),
        ("a", "refund", -500.0),
        ("b", "purchase", None),
        ("b", "refund", 0.0),
    ]
    # The table keeps what the file says.
    assert sorted(made.tables["orders"].column("amount").drop_null().to_pylist()) == [-500.0, 700.0, 1500.0]


def test_several_files_keep_their_amounts_and_rows_without_have_none():
    no_money = TableChoice("events", {"customer": ("id",), "event": ("event",), "time": ("time",)})
    parts = [
        events("a,봄,2024-03-05 09:00,,웹", choice=no_money),
        orders("a,1,2024-03-05 10:00,1000,결제"),
        orders("a,9,2024-03-04,300,결제"),
    ]
    expected = [("a", "purchase", 300.0), ("a", "repurchase", 1000.0), ("a", "봄", None)]
    assert paid(joined(parts).log) == expected
    assert joined(parts).log.fingerprint == joined(parts[::-1]).log.fingerprint
    assert joined(parts[:1]).log.amount is None


ROWS = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.sampled_from(["봄", "산"]),
        st.integers(0, 3),
        st.sampled_from([None, 0, 100, -100, 2.5]),
        st.sampled_from(["앱", "웹"]),
    ),
    min_size=1,
    max_size=12,
)


def written(rows):
    return [
        f"{who},{what},2024-03-05 1{hour}:00,{'' if won is None else won},{ch}"
        for who, what, hour, won, ch in rows
    ]


@settings(max_examples=examples(16), deadline=None)
@given(ROWS, st.randoms())
def test_the_order_of_the_rows_changes_nothing_and_no_filter_mixes_amounts(rows, random):
    log = events(*written(rows)).log
    again = list(rows)
    random.shuffle(again)
    assert events(*written(again)).log.fingerprint == log.fingerprint
    if log.amount is None:
        assert all(won is None for *_, won, _ in rows)
        return
    assert paid(log) == sorted(
        ((who, what, None if won is None else float(won)) for who, what, _, won, _ in rows), key=repr
    )
    wanted = sorted(
        (
            (who, what, None if won is None else float(won))
            for who, what, _, won, ch in rows
            if ch == rows[0][4]
        ),
        key=repr,
    )
    assert paid(log.where("ch", [rows[0][4]])) == wanted
    sessions = log.by_session(gap_minutes=30)
    assert np.nansum(sessions.amount) == np.nansum(log.amount)
    owners = log.customer_ids.to_pylist()
    whose = [(owners[sessions.owner[unit]], what, won) for unit, what, won in _plain(sessions)]
    assert sorted(whose, key=repr) == sorted(
        ((owners[who], what, won) for who, what, won in _plain(log)), key=repr
    )


def _plain(log):
    amounts = [None if math.isnan(won) else float(won) for won in log.amount]
    return list(zip(log.customer_of_row().tolist(), log.event.tolist(), amounts, strict=True))


def test_a_kept_log_has_its_amounts_and_an_older_one_none(tmp_path):
    log = events("a,산,2024-03-05 09:00,100,웹", "a,봄,2024-03-05 10:00,,웹").log
    log.save(tmp_path)
    opened = EventLog.open(tmp_path)
    assert opened.fingerprint == log.fingerprint and paid(opened) == paid(log)
    meta = json.loads((tmp_path / "meta.json").read_text(encoding="utf-8"))
    del meta["amount"]
    (tmp_path / "meta.json").write_text(json.dumps(meta), encoding="utf-8")
    assert EventLog.open(tmp_path).amount is None


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("user_id,event,timestamp,revenue", ("revenue",)),
        ("고객ID,이벤트,일시,결제금액", ("결제금액",)),
        # A number that may be anything, and one that every row of a case repeats, would be counted as money.
        ("user_id,event,timestamp,value", ()),
        ("user_id,event,timestamp,case:amount", ()),
    ],
)
def test_the_column_of_money_is_found_by_its_name(header, found):
    rows = [f"u{n % 7},{'view' if n % 3 else 'buy'},2024-03-05 10:{n:02d},{n * 731}" for n in range(40)]
    table = raw(header, *rows)
    assert guess_table(table).choice("events").all("amount") == found
