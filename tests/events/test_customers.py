"""One row a customer, whatever the file repeats."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.errors import NoUsableRows
from journey.events.clean import cleaned
from journey.events.cleaned import REASONS
from journey.events.kinds import TableChoice
from journey.i18n import LANGUAGES, text
from journey.sources.files import read_table

CHOICE = TableChoice("customers", {"customer": ("id",), "attributes": ("성별", "등급")})


def made_of(*rows, choice=CHOICE, header="id,성별,등급"):
    return cleaned(read_table("\n".join([header, *rows]).encode(), "a.csv", header=1), choice)


def test_the_first_value_that_is_there_holds_and_conflicts_are_counted():
    made = made_of("b,,gold", "a,여,", "b,남,silver", "b,여,gold", "NA,남,gold", " a ,여,", "합계,3,")
    assert made.tables["customers"].to_pylist() == [
        {"customer": "a", "성별": "여", "등급": None},
        {"customer": "b", "성별": "남", "등급": "gold"},
    ]
    reasons = ["used", "used", "duplicate", "duplicate", "no_customer", "duplicate", "total"]
    assert [REASONS[code] for code in made.reason] == reasons
    notes = {note.code: dict(note.values) for note in made.notes}
    assert notes["tables.customers_repeated"] == {"rows": 3}
    assert notes["events.dropped_no_customer"] == {"rows": 1}
    assert [dict(n.values) for n in made.notes if n.code == "tables.customers_conflict"] == [
        {"column": "성별", "n": 1},
        {"column": "등급", "n": 1},
    ]
    assert made.customer_ids.to_pylist() == ["a", "b"]
    assert made.log is None
    for note in made.notes:
        assert all(text(note.code, language, **note.values) for language in LANGUAGES)


def test_an_attribute_called_customer_keeps_its_values():
    choice = TableChoice("customers", {"customer": ("id",), "attributes": ("customer",)})
    made = made_of("1,큰손", choice=choice, header="id,customer")
    assert made.tables["customers"].to_pylist() == [{"customer": "1", "customer.1": "큰손"}]


def test_nobody_is_no_table():
    with pytest.raises(NoUsableRows) as caught:
        made_of("NA,여,gold", "-,남,")
    assert caught.value.key == "errors.no_usable_rows_value"
    for language in LANGUAGES:
        assert text(caught.value.key, language, **caught.value.values)


CELLS = st.tuples(
    st.sampled_from(["a", "b", "가", "NA"]),
    st.sampled_from(["", "여", "남"]),
    st.sampled_from(["", "gold", "vip"]),
)


@given(st.lists(CELLS, min_size=1, max_size=10))
def test_each_customer_stands_once_with_the_first_values(rows):
    first = {}
    for who, *values in rows:
        if who != "NA":
            known = first.setdefault(who, [None, None])
            first[who] = [old or new or None for old, new in zip(known, values, strict=True)]
    if not first:
        return
    made = made_of(*(",".join(row) for row in rows))
    assert [list(row.values()) for row in made.tables["customers"].to_pylist()] == [
        [who, *first[who]] for who in sorted(first)
    ]
    assert made.used == len(first)
    assert made.used + sum((made.reason == code).sum() for code in range(1, len(REASONS))) == made.rows
