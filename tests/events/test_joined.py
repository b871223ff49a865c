"""Several files as one log: the same as one file would have given, whatever the order of the parts."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.events.clean import cleaned
from journey.events.joined import joined
from journey.events.kinds import TableChoice
from journey.i18n import LANGUAGES, text
from journey.sources.files import read_table
from tests.endurance import examples

EVENTS = TableChoice(
    "events", {"customer": ("id",), "event": ("event",), "time": ("time",), "attributes": ("a", "b")}
)
ORDERS = TableChoice(
    "orders", {"customer": ("id",), "order": ("order",), "time": ("time",), "amount": ("amount",)}
)
CUSTOMERS = TableChoice("customers", {"customer": ("id",), "attributes": ("성별", "등급")})


def raw(header, *rows):
    return read_table("\n".join([header, *rows]).encode(), "a.csv", header=1)


def events(*rows, choice=EVENTS, **settings):
    return cleaned(raw("id,event,time,a,b,session", *rows), choice, **settings)


def orders(*rows, choice=ORDERS):
    return cleaned(raw("id,order,time,amount", *rows), choice)


def customers(*rows):
    return cleaned(raw("id,성별,등급", *rows), CUSTOMERS)


def content(log):
    return replace(log, notes=(), lineage="").fingerprint


def codes(log):
    return {note.code: dict(note.values) for note in log.notes}


# ---- laws --------------------------------------------------------------------------------------------------

ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "가", "00123"]),
        st.sampled_from(["view", "buy", "방문"]),
        st.sampled_from(["2024-03-05 10:00", "2024-03-05 11:00", "2024-03-06 23:30"]),
        st.sampled_from(["x", "y", ""]),
        st.sampled_from(["", "p", "q"]),
        st.integers(0, 2),
    ),
    min_size=1,
    max_size=14,
)


@settings(max_examples=examples(20))
@given(ROWS, st.randoms())
def test_files_of_events_are_together_what_one_file_is(rows, random):
    lines = [(",".join([*row, ""]), part) for *row, part in rows]
    whole = events(*(line for line, _ in lines))
    files = [[line for line, of in lines if of == part] for part in range(3)]
    parts = [events(*file) for file in files if file]
    made = joined(parts)
    assert content(made.log) == content(whole.log)
    random.shuffle(parts)
    assert joined(parts).log.fingerprint == made.log.fingerprint
    assert sum(part.used for part in parts) == made.log.n_rows


LINES = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "가"]),
        st.sampled_from(["1", "2", "3", "4"]),
        st.sampled_from(["2024-03-05 23:00", "2024-03-06 01:00", "2024-03-06 23:30", "2024-03-09 00:00"]),
        st.sampled_from(["10", "25", "-40"]),
    ),
    min_size=1,
    max_size=14,
)


@settings(max_examples=examples(20))
@given(LINES, st.dictionaries(st.tuples(st.sampled_from("ab가"), st.sampled_from("1234")), st.integers(0, 2)))
def test_first_purchase_days_are_those_of_all_files(lines, place):
    files = [[",".join(line) for line in lines if place.get(line[:2], 0) == part] for part in range(3)]
    parts = [orders(*file) for file in files if file]
    whole = orders(*(",".join(line) for line in lines))
    made = joined(parts)
    assert content(made.log) == content(whole.log)
    assert joined(parts[::-1]).log.fingerprint == made.log.fingerprint


# ---- logs --------------------------------------------------------------------------------------------------


def test_one_file_stays_as_it_is():
    one = events("a,view,2024-03-05,x,p,", ",view,2024-03-05,x,p,")
    other = cleaned(
        raw("id,리뷰", "a,좋아요"), TableChoice("customers", {"customer": ("id",), "attributes": ("리뷰",)})
    )
    assert joined([one]).log is one.log
    assert joined([other]).log is None
    assert joined([]).log is None
    assert joined([]).matches == ()


def test_events_and_orders_become_one_log():
    made = joined(
        [
            events("a,view,2024-03-05 10:00,x,p,", "b,view,2024-03-05 10:00,x,q,"),
            orders("a,1,2024-03-05 11:00,10", "c,2,2024-03-05 11:00,10"),
        ]
    )
    assert made.log.customer_ids.to_pylist() == ["a", "b", "c"]
    assert made.log.event_names == ("purchase", "view")
    assert codes(made.log)["tables.joined"] == {"files": 2, "rows": 4}
    assert [(match.customers, match.matched, match.share) for match in made.matches] == [(2, 1, 0.5)] * 2


def test_orders_that_are_all_purchases_stay_so():
    plain = replace(ORDERS, first_is_purchase=False)
    first = orders("a,1,2024-03-05,10", "a,2,2024-03-06,10", choice=plain)
    second = orders("a,3,2024-03-07,10", choice=plain)
    assert joined([first, second]).log.event_names == ("purchase",)
    third = orders("a,4,2024-03-08,10")
    assert joined([third, second]).log.event_names == ("purchase", "repurchase")
    assert codes(joined([third, second]).log)["tables.joined_orders_named"] == {"n": 1}


def test_events_that_stand_in_two_files_are_told():
    first = events("a,view,2024-03-05 10:00,x,p,", "a,buy,2024-03-05 11:00,x,p,")
    second = events("a,buy,2024-03-05 11:00,x,p,", "a,buy,2024-03-05 11:00,x,p,", "b,buy,2024-03-05,x,p,")
    assert codes(joined([first, second]).log)["tables.joined_repeated"] == {"n": 1}


def test_sessions_of_different_files_are_different():
    choice = replace(EVENTS, roles={**EVENTS.roles, "session": ("session",)})
    first = events("a,view,2024-03-05 10:00,x,p,s1", "a,buy,2024-03-05 10:01,x,p,s2", choice=choice)
    second = events("a,view,2024-03-05 10:02,x,p,s1", choice=choice)
    third = events("b,view,2024-03-05 10:02,x,p,")
    log = joined([first, second, third]).log
    assert log.by_session().n_customers == 4
    assert log.fingerprint == joined([third, second, first]).log.fingerprint


def test_the_window_leaves_out_what_lies_in_the_future():
    now = dt.datetime(2024, 3, 10, tzinfo=dt.UTC)
    past = events("a,view,2024-03-05 10:00,x,p,", "a,view,2030-01-01 10:00,x,p,", now=now)
    future = events("a,buy,2031-01-01 10:00,x,p,", now=now)
    assert joined([past, future]).log.days() == (dt.date(2024, 3, 5), dt.date(2024, 3, 5))
    assert joined([future, future]).log.days()[1] == dt.date(2031, 1, 1)


def test_different_time_zones_are_told():
    parts = [
        events("a,view,2024-03-05 10:00,x,p,", choice=replace(EVENTS, zone=zone))
        for zone in ("UTC", "Asia/Tokyo")
    ]
    made = joined(parts).log
    assert made.zone == "Asia/Tokyo"
    assert codes(made)["tables.joined_zones"] == {"zone": "Asia/Tokyo"}


# ---- attributes of customers -------------------------------------------------------------------------------


def test_attributes_of_customers_are_added_by_id():
    one = events(
        "a,view,2024-03-05 10:00,x,p,", "a,buy,2024-03-06 10:00,x,p,", "b,view,2024-03-05 10:00,y,q,"
    )
    made = joined([customers("a,여,gold", "z,남,", "a,남,silver"), one])
    assert made.log.attributes["성별"].of == "customer"
    assert made.log.where("성별", ["여"]).customer_ids.to_pylist() == ["a"]
    assert made.log.where("등급", [None]).customer_ids.to_pylist() == ["b"]
    assert made.log.notes[:-1] == one.log.notes
    assert codes(made.log)["tables.joined_customers"] == {"n": 2, "customers": 1, "share": 0.5}
    assert made.log.fingerprint != one.log.fingerprint
    assert "성별" not in one.log.attributes
    assert [match.matched for match in made.matches] == [1, 1]
    assert (made.matches[0].rows, made.matches[1].rows, made.matches[1].rows_matched) == (2, 3, 2)


def test_a_larger_table_of_customers_comes_first_and_another_one_fills():
    one = events("a,view,2024-03-05 10:00,x,p,", "b,buy,2024-03-06 10:00,x,p,")
    large, small = customers("a,여,", "x,남,gold", "y,남,gold"), customers("a,남,silver", "b,남,silver")
    for parts in ([one, large, small], [small, one, large]):
        log = joined(parts).log
        assert log.where("성별", ["여"]).customer_ids.to_pylist() == ["a"]
        assert log.where("등급", ["silver"]).customer_ids.to_pylist() == ["a", "b"]
    again = [joined(parts).log.fingerprint for parts in ([one, large, small], [small, large, one])]
    assert len(set(again)) == 1


def test_an_attribute_of_the_same_name_as_one_of_events_gets_another_name():
    one = events("a,view,2024-03-05 10:00,x,p,", "a,view,2024-03-06 10:00,y,p,")
    table = cleaned(
        raw("id,a,b", "a,1,2"), TableChoice("customers", {"customer": ("id",), "attributes": ("a", "b")})
    )
    log = joined([one, table]).log
    assert {name: found.categories for name, found in log.attributes.items()} == {
        "a": ("x", "y"),
        "b": ("2", "p"),
        "a.1": ("1",),
    }
    assert log.where("b", ["p"]).n_rows == 2


def test_too_many_values_are_no_filter():
    rows = [f"{number},{number % 2},{number}" for number in range(501)]
    table = customers(*rows)
    found = {note.code: dict(note.values) for note in table.notes}
    assert found["tables.attribute_many_values"] == {"column": "등급", "n": 501, "most": 500}
    log = joined([table, events("7,view,2024-03-05,x,p,")]).log
    assert set(log.attributes) == {"a", "b", "성별"}


# ---- matches -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "here", "there"),
    [
        ("zeros", "0012{}", "12{}"),
        ("case", "ab{}", "AB{}"),
        ("point", "7{}.0", "7{}"),
        ("marks", "010-1234-567{}", "0101234567{}"),
        ("phone", "010-1234-567{}", "+82 10 1234 567{}"),
        ("letters", "C-10{}", "10{}"),
        (None, "abc{}", "xyz{}"),
    ],
)
def test_what_keeps_customers_apart_is_named(name, here, there):
    first = events(
        *(f"{here.format(n)},view,2024-03-05,x,p," for n in range(1, 9)), "q.x,view,2024-03-05,x,p,"
    )
    second = customers(*(f"{there.format(n)},여,gold" for n in range(1, 9)))
    matches = joined([first, second]).matches
    assert [match.matched for match in matches] == [0, 0]
    if name is None:
        assert [match.hint for match in matches] == [None, None]
        return
    assert [match.hint.code for match in matches] == [f"tables.match_{name}"] * 2
    assert [match.hint.values["share"] for match in matches] == [8 / 9, 1.0]
    for language in LANGUAGES:
        assert text(matches[0].hint.code, language, **matches[0].hint.values)


def test_a_file_alone_has_nothing_to_match():
    match = joined([events("a,view,2024-03-05,x,p,")]).matches[0]
    assert (match.customers, match.matched, match.share, match.alone) == (1, 0, None, True)


def test_tables_match_the_log_and_logs_match_anything():
    log = events("a,view,2024-03-05,x,p,", "b,view,2024-03-05,x,p,")
    made = joined([log, customers("a,여,", "c,여,"), customers("c,남,")])
    assert [(match.matched, match.share) for match in made.matches] == [(1, 0.5), (1, 0.5), (0, 0.0)]
    assert [match.matched for match in joined([customers("a,여,"), customers("a,남,")]).matches] == [1, 1]


def test_a_share_of_customers_does_not_hang_on_how_many_rows_each_has():
    often = events(
        "a,view,2024-03-05,x,p,", "a,buy,2024-03-06,x,p,", "a,buy,2024-03-07,x,p,", "b,view,2024-03-05,x,p,"
    )
    match = joined([often, customers("a,여,")]).matches[0]
    assert (match.customers, match.matched, match.share) == (2, 1, 0.5)
    assert (match.rows, match.rows_matched) == (4, 3)


def test_every_note_of_a_joined_log_has_a_sentence():
    parts = [
        events("a,view,2024-03-05 10:00,x,p,", choice=replace(EVENTS, zone="UTC")),
        events("a,view,2024-03-05 19:00,x,p,", "a,buy,2024-03-05 19:00,x,p,"),
        orders("a,1,2024-03-05,10"),
        orders("a,2,2024-03-06,10"),
        customers("a,여,gold", "a,남,"),
    ]
    log = joined(parts).log
    assert len(log.notes) >= 6
    for note in [*log.notes, *parts[-1].notes]:
        assert all(text(note.code, language, **note.values) for language in LANGUAGES)
