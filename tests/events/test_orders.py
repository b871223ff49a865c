"""Orders from their lines: against a loop over the lines, by laws, and by examples."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.errors import NoUsableRows
from journey.events.clean import cleaned
from journey.events.cleaned import REASONS
from journey.events.kinds import TableChoice
from journey.i18n import LANGUAGES, text
from journey.sources.files import read_table
from journey.stages.suggest import suggest
from tests.endurance import examples

HEADER = "회원,주문번호,주문일,금액,수량,단가,상태,채널"
ROLES = {
    "customer": ("회원",),
    "order": ("주문번호",),
    "time": ("주문일",),
    "amount": ("금액",),
    "quantity": ("수량",),
    "unit_price": ("단가",),
    "status": ("상태",),
    "attributes": ("채널",),
}
CHOICE = TableChoice("orders", ROLES)


def raw(*rows, header=HEADER):
    return read_table("\n".join([header, *rows]).encode(), "a.csv", header=1)


def made_of(*rows, choice=CHOICE, header=HEADER):
    return cleaned(raw(*rows, header=header), choice)


def orders(made):
    return made.tables["orders"].to_pylist()


def notes(made):
    return {note.code: dict(note.values) for note in made.notes}


def brief(made, *columns):
    return [tuple(row[column] for column in columns) for row in orders(made)]


def test_lines_of_an_order_are_one_event_with_their_sum():
    made = made_of(
        "a,1,2024-03-05 10:00,1000,,,완료,앱",
        'a,1,2024-03-05 09:00,"2,000원",,,완료,앱',
        "a,2,2024-03-05 23:00,,2,500,완료,웹",
        "a,3,2024-03-06 00:30,500,9,9,완료,앱",
        "b,3,2024-03-07 10:00,700,,,완료,앱",
    )
    assert brief(made, "customer", "order", "event", "amount", "lines") == [
        ("a", "1", "purchase", 3000.0, 2),
        ("a", "2", "purchase", 1000.0, 1),
        ("a", "3", "repurchase", 500.0, 1),
        ("b", "3", "purchase", 700.0, 1),
    ]
    assert orders(made)[0]["time"] == dt.datetime(2024, 3, 5, 0, 0, tzinfo=dt.UTC)
    assert made.tables["lines"].column("amount").to_pylist() == [1000, 2000, 1000, 500, 700]
    assert notes(made)["tables.order_ids_shared"] == {"n": 1}
    assert made.log.n_rows == 4
    assert made.log.where("채널", ["웹"]).n_rows == 1


def test_the_first_purchase_day_is_a_day_of_the_zone():
    rows = ["a,1,2024-03-05T14:30Z,10,,,,", "a,2,2024-03-05T15:30Z,10,,,,"]
    assert brief(made_of(*rows), "event") == [("purchase",), ("repurchase",)]
    utc = TableChoice("orders", ROLES, zone="UTC")
    assert brief(made_of(*rows, choice=utc), "event") == [("purchase",), ("purchase",)]
    plain = TableChoice("orders", ROLES, first_is_purchase=False)
    assert made_of(*rows, choice=plain).log.event_names == ("purchase",)


def test_refunds_are_negative_or_cancelled_and_no_first_purchase():
    made = made_of(
        "a,1,2024-03-01,1000,,,취소완료,",
        "a,2,2024-03-02,△500,,,완료,",
        "a,3,2024-03-03,1000,,,배송중,",
        "a,4,2024-03-04,1000,,,취소철회,",
        "a,5,2024-03-05,1000,,,취소,",
        "a,5,2024-03-05,300,,,완료,",
        "a,6,2024-03-06,,-1,,완료,",
    )
    assert [event for (event,) in brief(made, "event")] == [
        *("refund", "refund", "purchase", "repurchase", "repurchase", "refund")
    ]
    assert notes(made)["tables.refunds_found"] == {"n": 3, "negative": 2, "cancelled": 1}
    assert notes(made)["tables.orders_partly_cancelled"] == {"n": 1}
    assert orders(made)[4]["amount"] == 1300


@pytest.mark.parametrize(
    "status",
    ["취소", "환불 완료", "반품완료", "Cancelled", "REFUNDED", "order_canceled", "returned", "결제취소"],
)
def test_words_for_an_order_that_came_to_nothing(status):
    assert brief(made_of(f"a,1,2024-03-01,10,,,{status},"), "event") == [("refund",)]


@pytest.mark.parametrize(
    "status",
    [
        "완료",
        "배송 준비중",
        "반품불가",
        "취소요청",
        "부분환불",
        "not cancelled",
        "return requested",
        "",
        "avoid",
    ],
)
def test_other_words_for_the_state_of_an_order(status):
    assert brief(made_of(f"a,1,2024-03-01,10,,,{status},"), "event") == [("purchase",)]


def test_a_status_that_only_says_yes():
    choice = TableChoice("orders", {"customer": ("c",), "time": ("t",), "status": ("취소여부",)})
    rows = ["a,2024-03-01,Y", "b,2024-03-01,N"]
    assert brief(made_of(*rows, choice=choice, header="c,t,취소여부"), "event") == [
        ("refund",),
        ("purchase",),
    ]


def test_without_an_order_id_customer_and_time_make_the_order():
    made = made_of(
        "a,,2024-03-05 10:00,1,,,,",
        "a,,2024-03-05 10:00,2,,,,",
        "a,,2024-03-05 11:00,4,,,,",
        "a,-,2024-03-05 11:00,8,,,,",
        "a,7,2024-03-05 11:00,16,,,,",
    )
    assert brief(made, "order", "amount", "lines") == [(None, 3, 2), (None, 12, 2), ("7", 16, 1)]
    assert notes(made)["tables.order_ids_missing"] == {"rows": 4}


def test_amounts_that_cannot_be_read_are_counted_and_not_guessed():
    made = made_of("a,1,2024-03-05,10,,,,", 'a,1,2024-03-05,"1,23",,,,', "b,2,2024-03-05,없음,,,,")
    assert brief(made, "amount", "lines") == [(10, 2), (None, 1)]
    assert notes(made)["tables.numbers_unreadable"] == {"column": "금액", "n": 1}
    assert notes(made)["tables.amounts_missing"] == {"n": 1}
    assert "tables.amounts_none" in notes(made_of("a,1,2024-03-05,,,,,"))


def test_rows_left_out_have_their_reason():
    made = made_of(
        ",1,2024-03-05,10,,,,",
        "a,2,soon,20,,,,",
        "NA,3,,10,,,,",
        "a,4,2024-03-05,40,,,,",
        "a,4,2024-03-05,40,,,,",
        "합계,,,120,,,,",
        choice=TableChoice("orders", ROLES, drop_duplicates=True),
    )
    reasons = ["no_customer", "no_time", "no_customer", "used", "duplicate", "total"]
    assert [REASONS[code] for code in made.reason] == reasons
    assert brief(made, "amount") == [(40,)]
    assert notes(made)["events.duplicates_dropped"] == {"rows": 1}
    with pytest.raises(NoUsableRows):
        made_of("a,1,soon,10,,,,")


def test_attributes_that_differ_within_orders_stay_with_the_table():
    made = made_of(
        "a,1,2024-03-05,1,,,,앱",
        "a,1,2024-03-05,1,,,,웹",
        "b,2,2024-03-05,1,,,,앱",
        "c,3,2024-03-05,1,,,,",
    )
    assert brief(made, "채널") == [(None,), ("앱",), (None,)]
    assert notes(made)["tables.attribute_differs"] == {"column": "채널", "n": 1}
    assert set(made.log.attributes) == {"채널", "상태"}
    few = made_of("a,1,2024-03-05,1,,,,앱", "a,1,2024-03-05,1,,,,웹")
    assert notes(few)["tables.attribute_of_lines"] == {"column": "채널", "n": 1}
    assert "채널" not in few.log.attributes


def test_a_column_named_as_one_of_the_table_gets_another_name():
    choice = TableChoice("orders", {"customer": ("c",), "time": ("t",), "attributes": ("amount", "event")})
    made = made_of("a,2024-03-01,x,y", choice=choice, header="c,t,amount,event")
    assert brief(made, "amount", "amount.1", "event", "event.1") == [(None, "x", "purchase", "y")]
    assert set(made.log.attributes) == {"amount", "event"}


def test_every_event_has_its_place_in_both_languages():
    for language in LANGUAGES:
        placed = suggest(["purchase", "repurchase", "refund"], [3, 2, 1], language=language).stage_map
        assert placed.stage_of("purchase") and placed.stage_of("repurchase")
        assert placed.stage_of("purchase") != placed.stage_of("repurchase")


# ---- laws --------------------------------------------------------------------------------------------------

LINES = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "가", "NA"]),
        st.sampled_from(["1", "2", "3", ""]),
        st.sampled_from(["2024-03-05 23:00", "2024-03-06 01:00", "2024-03-06 23:30", "2024-03-09", "soon"]),
        st.sampled_from(["10", "25", "-40", "0.1", "", "x"]),
        st.sampled_from(["1", "-2", "3", ""]),
        st.sampled_from(["5", "0.7", ""]),
        st.sampled_from(["완료", "취소", ""]),
        st.sampled_from(["앱", "웹", ""]),
    ),
    min_size=1,
    max_size=14,
)
SEOUL = dt.timezone(dt.timedelta(hours=9))


def number(cell):
    return float(cell) if cell not in ("", "x") else math.nan


def loop(rows):
    """The orders of the lines, one line after another."""
    found = {}
    for who, order, when, *cells, status, channel in rows:
        if who == "NA" or when == "soon":
            continue
        amount, quantity, price = map(number, cells)
        time = dt.datetime.fromisoformat(when).replace(tzinfo=SEOUL)
        lines = found.setdefault((who, order or time), [])
        lines.append((time, quantity * price if math.isnan(amount) else amount, quantity, status, channel))
    made = []
    for (who, order), lines in found.items():
        known = [amount for _, amount, *_ in lines if not math.isnan(amount)]
        total = math.fsum(known) if known else None
        pieces = [quantity for _, _, quantity, *_ in lines if not math.isnan(quantity)]
        negative = total is not None and total < 0
        negative |= not (total is not None and total > 0) and sum(pieces) < 0
        cancelled = all(status == "취소" for *_, status, _ in lines)
        channels = {channel for *_, channel in lines if channel}
        made.append(
            {
                "customer": who,
                "order": order if isinstance(order, str) else None,
                "time": min(time for time, *_ in lines),
                "event": "refund" if negative or cancelled else "",
                "amount": total,
                "lines": len(lines),
                "채널": channels.pop() if len(channels) == 1 else None,
            }
        )
    for order in made:
        days = [
            o["time"].date()
            for o in made
            if o["customer"] == order["customer"] and not o["event"].startswith("refund")
        ]
        if not order["event"]:
            order["first"] = order["time"].date() == min(days)
    for order in made:
        order["event"] = order["event"] or ("purchase" if order.pop("first") else "repurchase")
    return made


def alike(order):
    amount = order["amount"]
    return (
        order["customer"],
        order["order"] or "",
        order["time"].timestamp(),
        order["event"],
        "" if amount is None else f"{amount:.6f}".replace("-0.000000", "0.000000"),
        order["lines"],
        order["채널"] or "",
    )


@settings(max_examples=examples(24))
@given(LINES)
def test_orders_are_those_of_a_loop_over_the_lines(rows):
    expected = sorted(map(alike, loop(rows)))
    try:
        made = made_of(*(",".join(row) for row in rows))
    except NoUsableRows:
        assert not expected
        return
    assert sorted(map(alike, orders(made))) == expected
    log = made.log
    who = log.customer_ids.take(log.customer_of_row()).to_pylist()
    events = [log.event_names[code] for code in log.event]
    told = [(order["customer"], order["event"], order["time"].timestamp() * 1e6) for order in orders(made)]
    assert list(zip(who, events, log.time, strict=True)) == told


@settings(max_examples=examples(16))
@given(LINES, st.randoms())
def test_order_of_lines_names_of_customers_and_sums(rows, random):
    lines = [",".join(row) for row in rows]
    try:
        made = made_of(*lines)
    except NoUsableRows:
        return
    shuffled = made_of(*random.sample(lines, len(lines)))
    assert shuffled.tables["orders"].equals(made.tables["orders"])
    assert shuffled.log.fingerprint == made.log.fingerprint
    names = {"a": "회원9", "b": "x", "가": "0", "NA": "-"}
    renamed = made_of(*(",".join([names[row[0]], *row[1:]]) for row in rows))
    assert sorted(brief(renamed, "event", "lines")) == sorted(brief(made, "event", "lines"))
    assert notes(renamed) == notes(made)
    amounts = {
        name: [amount for amount in made.tables[name].column("amount").to_pylist() if amount is not None]
        for name in ("orders", "lines")
    }
    assert math.isclose(math.fsum(amounts["orders"]), math.fsum(amounts["lines"]), abs_tol=1e-9)
    assert sum(line for (line,) in brief(made, "lines")) == made.used == made.tables["lines"].num_rows
    assert made.used + sum((made.reason == code).sum() for code in range(1, len(REASONS))) == made.rows


@settings(max_examples=examples(12))
@given(LINES)
def test_every_note_has_a_sentence(rows):
    try:
        made = made_of(*(",".join(row) for row in rows))
    except NoUsableRows:
        return
    for note in made.notes:
        assert all(text(note.code, language, **note.values) for language in LANGUAGES)
