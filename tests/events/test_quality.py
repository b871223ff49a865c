"""What the quality card of a file says, and which rows are handed back."""

from __future__ import annotations

import datetime as dt
import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.events.cleaned import REASONS, Cleaned
from journey.events.kinds import TableChoice
from journey.events.log import EventLog
from journey.events.quality import GROUPS, quality, reason_of, rejected
from journey.findings import Finding
from journey.i18n import LANGUAGES, catalogue, text
from journey.sources.files import read_table
from journey.sources.raw_table import RawTable
from tests.frames import text_frame

NOTED = ("events", "privacy", "quality", "sources", "tables")
CHOICE = TableChoice("events", {"customer": ("id",), "event": ("event",), "time": ("time",)})


def raw(columns, **more):
    return RawTable(text_frame(columns), "a.csv", "csv", **more)


def made_of(table, reason=None, notes=()):
    frame = table.frame.assign(time=pd.to_datetime(table.frame["time"]))
    reason = np.zeros(len(frame), np.uint8) if reason is None else np.array(reason, np.uint8)
    log = EventLog.from_frame(frame[reason == 0], customer="id")
    return Cleaned("events", {}, log, log.customer_ids, reason, notes)


def table(ids, times=None, **more):
    times = times or [f"2024-03-{1 + n % 28:02d} {n % 24:02d}:00:00" for n in range(len(ids))]
    return raw({"id": ids, "event": ["view", "buy"] * (len(ids) // 2), "time": times, **more})


def card(raw_table, **settings):
    found = quality(raw_table, made_of(raw_table), **settings)
    return {note.code: dict(note.values) for note in found.odd}, {
        note.code: dict(note.values) for note in found.told
    }


def test_a_plain_file_has_nothing_odd():
    odd, told = card(table([f"u{n % 10}" for n in range(40)]))
    assert (odd, told) == ({}, {})


def test_one_customer_with_most_rows():
    odd, _ = card(table(["bot" if n % 2 else f"u{n}" for n in range(40)]))
    assert odd == {"quality.one_customer": {"rows": 20, "share": 0.5}}


def test_ids_that_differ_in_form_only():
    odd, _ = card(table(["007", "7", "7.0", "AB", "ab", "c", "d", "e", "f", "g"] * 4))
    assert odd == {"quality.ids_alike": {"n": 3}}


def test_event_ids_that_come_back():
    ids = [f"e{n}" for n in range(38)]
    odd, _ = card(table([f"u{n % 10}" for n in range(40)], **{"Event ID": [*ids, "e1", "e1"]}))
    assert odd == {"quality.event_ids_repeated": {"column": "Event ID", "rows": 2}}


def test_all_at_one_second():
    odd, told = card(table([f"u{n % 10}" for n in range(40)], ["2024-03-05 10:00:00"] * 40))
    assert odd == {"quality.one_second": {"rows": 40}}
    assert told == {"quality.columns_constant": {"n": 1, "columns": ["time"]}}


def test_one_day_with_too_much_and_missing_days():
    days = [f"2024-03-{n:02d} 10:00:00" for n in range(1, 29) if n != 12 for _ in range(60)]
    odd, _ = card(table([f"u{n % 100}" for n in range(len(days))], days))
    assert odd == {"quality.days_empty": {"n": 1, "day": dt.date(2024, 3, 12)}}
    more = days + ["2024-03-05 11:00:00"] * len(days)
    odd, _ = card(table([f"u{n % 100}" for n in range(len(more))], more))
    share = (60 + len(days)) / len(more)
    assert odd["quality.one_day"] == {"day": dt.date(2024, 3, 5), "share": share}


def test_columns_that_say_nothing():
    rows = 40
    _, told = card(table([f"u{n % 10}" for n in range(rows)], currency=["KRW"] * rows, none=[" "] * rows))
    assert told == {
        "quality.columns_empty": {"n": 1, "columns": ["none"]},
        "quality.columns_constant": {"n": 1, "columns": ["currency"]},
    }


@pytest.mark.parametrize("way", ["up", "down", "mixed"])
def test_rows_out_of_order_are_told(way):
    days = [f"2024-03-{n:02d}" for n in range(1, 21)]
    days = {"up": days, "down": days[::-1], "mixed": days[10:] + days[:10]}[way]
    _, told = card(table([f"u{n}" for n in range(20)], days), choice=CHOICE)
    assert told == ({"quality.out_of_order": {"column": "time"}} if way == "mixed" else {})


def test_more_than_a_twentieth_dropped_is_odd_and_a_totals_row_is_not():
    rows = table([f"u{n % 10}" for n in range(40)])
    reason = [0] * 37 + [REASONS.index("no_time")] * 2 + [REASONS.index("total")]
    found = quality(rows, made_of(rows, reason))
    assert (found.rows_read, found.rows_used) == (40, 37)
    assert found.odd == ()
    reason[0] = REASONS.index("no_event")
    assert quality(rows, made_of(rows, reason)).odd == (
        Finding("quality.dropped_many", {"rows": 3, "share": 3 / 40}),
    )


def test_notes_are_grouped_and_none_twice():
    note = Finding("sources.encoding_read", {"encoding": "CP949"})
    rows = table([f"u{n % 10}" for n in range(40)], **{})
    rows = RawTable(rows.frame, "a", "csv", notes=(note,))
    made = made_of(
        rows,
        notes=(
            note,
            Finding("events.texts_cut", {"n": 1, "most": 1000}),
            Finding("events.dropped_no_time", {"rows": 2}),
            Finding("events.duplicates_kept", {"rows": 3}),
            Finding("not.known"),
        ),
    )
    found = quality(rows, made)
    assert [one.code for one in found.repaired] == ["events.texts_cut"]
    assert [one.code for one in found.dropped] == ["events.dropped_no_time"]
    assert [one.code for one in found.odd] == ["events.duplicates_kept"]
    assert [one.code for one in found.told] == ["sources.encoding_read", "not.known"]


def test_rejected_rows_have_their_line_their_reason_and_no_personal_data():
    rows = raw(
        {
            "id": ["a", "", "c", "a@b.com"],
            "row": ["1", "2", "3", "010-1234-5678"],
            "memo": ["x", "y", "z", None],
        },
        header_line=3,
        rejected=1,
        rejected_rows=("x,010-1234-5678",),
        rejected_lines=(6,),
    )
    reason = np.array([0, REASONS.index("no_customer"), 0, REASONS.index("no_time")])
    made = Cleaned("events", {}, None, pa.array([], pa.large_string()), reason)
    assert rejected(rows, made).to_pydict() == {
        "row": [5, 8, 6],
        "reason": ["no_customer", "no_time", "fields"],
        "id": ["", "***@***.com", "x,010-****-5678"],
        "row.1": ["2", "010-****-5678", None],
        "memo": ["y", None, None],
    }


def test_the_line_of_a_row_is_that_of_the_file():
    """Torn rows above push it down; what stands on a line names it."""
    torn = {5, 6, 40, 90, 91}
    lines = ["id,event,time", *(f"{n},x" if n in torn else f"{n},view,2024-03-05" for n in range(2, 121))]
    rows = read_table("\n".join(lines).encode(), "a.csv", header=1)
    reason = np.array([REASONS.index("no_event")] * len(rows.frame), np.uint8)
    made = Cleaned("events", {}, None, pa.array([], pa.large_string()), reason)
    found = rejected(rows, made).to_pylist()
    assert len(found) == 119
    assert all(row["id"].split(",")[0] == str(row["row"]) for row in found)


@given(st.lists(st.sampled_from(range(len(REASONS))), min_size=1, max_size=40))
def test_used_and_rejected_rows_are_all_rows(reason):
    rows = raw({"id": [str(n) for n in range(len(reason))]})
    made = Cleaned("customers", {}, None, pa.array(["1"], pa.large_string()), np.array(reason, np.uint8))
    found = rejected(rows, made)
    assert found.num_rows + quality(rows, made).rows_used == len(rows.frame) == quality(rows, made).rows_read
    assert found["id"].to_pylist() == [str(n) for n, code in enumerate(reason) if code]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", [*REASONS[1:], "fields"])
def test_every_reason_has_its_words(code, language):
    assert text(reason_of(code).code, language)


# What a guess of columns says of itself, what is said of joined files, and reasons are no notes of a file.
NO_NOTE = re.compile(
    r"events\.(customer|event|time|session)_(by|unread|instead)|events\.event_(constant|possible)$"
    r"|tables\.(joined|match_)|quality\.reason_"
)


def test_every_note_has_its_group_once():
    """A new note of a file is one line in journey/events/note_groups.json."""
    listed = [code for codes in GROUPS.values() for code in codes]
    assert len(listed) == len(set(listed))
    assert all(list(codes) == sorted(codes) for codes in GROUPS.values())
    notes = {key for key in catalogue("en") if key.split(".")[0] in NOTED and not NO_NOTE.match(key)}
    assert notes == set(listed)
