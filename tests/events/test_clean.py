"""Each kind of table, read by its roles; what every kind has in common."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.errors import ColumnMissing, NoUsableRows, RoleMissing, SettingWrong
from journey.events.clean import cleaned
from journey.events.cleaned import REASONS
from journey.events.columns import ColumnChoice
from journey.events.kinds import KINDS, TableChoice
from journey.i18n import LANGUAGES, text
from journey.sources.files import read_table
from tests.endurance import examples
from tests.events.logs import event_log

EVENTS = TableChoice("events", {"customer": ("id",), "event": ("event",), "time": ("time",)})


def raw(*rows, header="id,event,time"):
    return read_table("\n".join([header, *rows]).encode(), "a.csv", header=1)


def reasons(made):
    return [REASONS[code] for code in made.reason]


def test_events_are_the_log_and_say_why_rows_are_left_out():
    table = raw(
        "a,view,2024-03-05",
        "a,view,2024-03-05",
        ",view,2024-03-05",
        "NA,,2024-03-05",
        "a,,2024-03-05",
        "a,view,soon",
        "합계,6,",
    )
    made = cleaned(table, EVENTS)
    assert reasons(made) == ["used", "used", "no_customer", "no_customer", "no_event", "no_time", "total"]
    assert made.log.fingerprint == event_log(table, ColumnChoice("id", "event", "time")).fingerprint
    assert made.notes == made.log.notes
    assert made.customer_ids.to_pylist() == ["a"]
    assert (made.kind, made.tables, made.rows, made.used) == ("events", {}, 7, 2)


def test_dropped_duplicates_are_a_reason():
    table = raw("a,view,2024-03-05", "b,view,2024-03-05", "a,view,2024-03-05", "합계,3,2024-03-05")
    made = cleaned(table, TableChoice("events", EVENTS.roles, drop_duplicates=True))
    assert reasons(made) == ["used", "used", "duplicate", "total"]
    assert made.log.n_rows == made.used == 2


CELLS = st.tuples(
    st.sampled_from(["a", "b", "", "NA"]),
    st.sampled_from(["view", "buy", ""]),
    st.sampled_from(["2024-03-05", "2024-03-06", "", "soon"]),
)


@settings(max_examples=examples(24))
@given(st.lists(CELLS, min_size=1, max_size=12), st.booleans())
def test_every_row_is_used_or_has_its_reason(rows, drop):
    table = raw("a,view,2024-03-05", *(",".join(row) for row in rows if any(row)))
    made = cleaned(table, TableChoice("events", EVENTS.roles, drop_duplicates=drop))
    assert made.rows == len(table.frame)
    assert made.used == made.log.n_rows
    assert made.used + sum((made.reason == code).sum() for code in range(1, len(REASONS))) == made.rows


def test_what_the_kind_needs_is_named():
    with pytest.raises(RoleMissing) as caught:
        cleaned(raw("a,view,2024-03-05"), TableChoice("events", {"customer": ("id",)}))
    assert caught.value.values == {"kind": "events", "role": "time"}


@pytest.mark.parametrize("kind", KINDS)
def test_each_role_that_a_kind_needs_has_its_sentence(kind):
    for role in KINDS[kind]:
        if role.needed:
            error = RoleMissing(kind=kind, role=role.name)
            assert error.key == f"errors.role_missing_{role.name}"
            assert all(text(error.key, language, **error.values) for language in LANGUAGES)


def test_what_is_no_column_no_zone_or_no_use_is_refused():
    with pytest.raises(NoUsableRows):
        cleaned(raw("-,view,2024-03-05"), EVENTS)
    with pytest.raises(ColumnMissing):
        cleaned(raw("a,view,2024-03-05"), TableChoice("events", {"customer": ("no",), "time": ("time",)}))
    with pytest.raises(SettingWrong):
        cleaned(raw("a,view,2024-03-05"), TableChoice("events", EVENTS.roles, zone="Mars"))
