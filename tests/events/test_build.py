"""From a raw table to an event log, with everything that was dropped counted."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.errors import ColumnMissing, NoUsableRows, SettingWrong
from journey.events.build import CONSTANT_EVENT
from journey.events.columns import ColumnChoice
from journey.events.identity import LONGEST
from journey.events.log import EventLog
from journey.i18n import LANGUAGES, text
from journey.sources.files import read_table
from tests.endurance import examples
from tests.events.logs import event_log

CHOICE = ColumnChoice("id", "event", "time")


def raw(*rows, header="id,event,time", **settings):
    return read_table("\n".join([header, *rows]).encode(), "a.csv", header=1, **settings)


def notes(log):
    return {note.code: dict(note.values) for note in log.notes}


def said(log):
    ids = log.customer_ids.take(log.customer_of_row()).to_pylist()
    return [(who, log.event_names[code]) for who, code in zip(ids, log.event, strict=True)]


def test_rows_without_one_of_three_are_counted_by_reason():
    log = event_log(
        raw(
            "a,view,2024-03-05",
            ",view,2024-03-05",
            "NA,view,2024-03-05",
            "a,,2024-03-05",
            "a,view,",
            "a,buy,2024-02-30",
        ),
        CHOICE,
    )
    assert said(log) == [("a", "view")]
    found = notes(log)
    assert found["events.dropped_no_customer"] == {"rows": 2}
    assert found["events.dropped_no_event"] == {"rows": 1}
    assert found["events.dropped_no_time"] == {"rows": 2}
    assert found["events.times_invalid"] == {"column": "time", "rows": 1}


@pytest.mark.parametrize("word", ["NA", "na", "NULL", "None", "-", "(not set)", "(NOT SET)", "", "  "])
def test_words_that_mean_nobody(word):
    log = event_log(raw(f"{word},view,2024-03-05", "b,view,2024-03-05"), CHOICE)
    assert log.customer_ids.to_pylist() == ["b"]


@pytest.mark.parametrize("word", ["NaN", "없음", "0", "nobody", "N/A"])
def test_other_words_are_customers(word):
    log = event_log(raw(f"{word},view,2024-03-05"), CHOICE)
    assert log.customer_ids.to_pylist() == [word]


def test_words_are_missing_in_the_customer_column_only():
    log = event_log(raw("a,NA,2024-03-05", "a,-,2024-03-06"), CHOICE)
    assert log.event_names == ("-", "NA")


def test_ids_stay_text_and_trimmed():
    log = event_log(
        raw("00123,view,2024-03-05", "  00123 ,buy,2024-03-06", "2103807459595387724,view,2024-03-05"), CHOICE
    )
    assert log.customer_ids.to_pylist() == ["00123", "2103807459595387724"]


def test_point_zero_goes_only_where_the_column_is_numeric():
    log = event_log(raw("12.0,view,2024-03-05", "7.0,view,2024-03-05", "12,buy,2024-03-06"), CHOICE)
    assert log.customer_ids.to_pylist() == ["12", "7"]
    log = event_log(raw("12.0,view,2024-03-05", "a7.0,view,2024-03-05"), CHOICE)
    assert log.customer_ids.to_pylist() == ["12.0", "a7.0"]
    log = event_log(raw("2697787.2422183099,view,2024-03-05", "12.0,view,2024-03-05"), CHOICE)
    assert log.customer_ids.to_pylist() == ["12.0", "2697787.2422183099"]


def test_exact_duplicates_are_kept_and_counted_or_dropped():
    rows = [
        "a,view,2024-03-05,x",
        "a,view,2024-03-05,x",
        "a,view,2024-03-05,y",
        "b,view,2024-03-05,x",
        ",v,2024-03-05,",
    ]
    table = raw(*rows, ",v,2024-03-05,", header="id,event,time,extra")
    kept = event_log(table, CHOICE)
    assert kept.n_rows == 4
    assert notes(kept)["events.duplicates_kept"] == {"rows": 1}
    dropped = event_log(table, CHOICE, drop_duplicates=True)
    assert dropped.n_rows == 3
    assert notes(dropped)["events.duplicates_dropped"] == {"rows": 1}
    assert "events.duplicates_kept" not in notes(event_log(raw("a,v,2024-03-05", "a,w,2024-03-05"), CHOICE))


def test_rows_tied_in_time_are_counted():
    log = event_log(
        raw("a,view,2024-03-05", "a,buy,2024-03-05", "a,buy,2024-03-06", "b,buy,2024-03-05"), CHOICE
    )
    assert notes(log)["events.rows_tied"] == {"rows": 2}


def test_rows_in_the_future_do_not_stretch_the_window():
    table = raw("a,view,2024-03-05 10:00", "a,buy,2024-03-07 10:00", "b,buy,2030-01-01 10:00")
    now = dt.datetime(2024, 3, 8, tzinfo=dt.UTC)
    log = event_log(table, CHOICE, zone="UTC", now=now)
    assert log.n_rows == 3
    assert log.days() == (dt.date(2024, 3, 5), dt.date(2024, 3, 7))
    assert notes(log)["events.rows_in_future"] == {"rows": 1}
    assert event_log(table, CHOICE, zone="UTC").days()[1] == dt.date(2030, 1, 1)
    early = event_log(table, CHOICE, now=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    assert notes(early)["events.all_in_future"] == {"rows": 3}


def test_dates_without_clock_are_told():
    log = event_log(raw("a,view,2024-03-05", "a,buy,2024-03-06", "b,buy,2024-03-06 10:00"), CHOICE)
    assert log.date_only
    assert "events.date_only" in notes(log)
    assert not event_log(raw("a,view,2024-03-05 10:00", "a,buy,2024-03-06"), CHOICE).date_only


def test_no_event_column():
    log = event_log(raw("a,x,2024-03-05", "b,y,2024-03-06"), ColumnChoice("id", None, "time"))
    assert log.event_names == (CONSTANT_EVENT,)
    assert "events.event_constant_used" in notes(log)


def test_missing_column_names_the_nearest():
    with pytest.raises(ColumnMissing) as caught:
        event_log(raw("a,b,2024-03-05", header="고객_ID,행동,일시"), ColumnChoice("고객ID", "행동", "일시"))
    assert caught.value.values == {"name": "고객ID", "have": ["고객_ID", "행동", "일시"], "near": "고객_ID"}
    assert caught.value.key == "errors.column_missing_near"
    with pytest.raises(ColumnMissing) as caught:
        event_log(raw("a,b,2024-03-05"), ColumnChoice("zzzz", "event", "time"))
    assert caught.value.values["near"] == ""
    assert caught.value.key == "errors.column_missing"


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "Asia", "../UTC", "/etc/passwd", "UTC+09:00", "한국"])
def test_unknown_zone_is_refused(zone):
    with pytest.raises(SettingWrong):
        event_log(raw("a,b,2024-03-05"), CHOICE, zone=zone)


def test_nothing_usable():
    with pytest.raises(NoUsableRows) as caught:
        event_log(raw("-,view,2024-03-05", "a,,2024-03-05", "a,view,soon"), CHOICE)
    values = caught.value.values
    assert (values["rows"], values["no_customer"], values["no_event"], values["no_time"]) == (3, 1, 1, 1)


def test_attributes_that_never_change_belong_to_the_customer():
    table = raw(
        "a,view,2024-03-05,여,앱",
        "a,buy,2024-03-06,여,웹",
        "b,buy,2024-03-06,,웹",
        header="id,event,time,성별,기기",
    )
    log = event_log(table, ColumnChoice("id", "event", "time", attributes=("성별", "기기")))
    assert {name: found.of for name, found in log.attributes.items()} == {"성별": "customer", "기기": "event"}
    assert log.attributes["성별"].categories == ("여",)
    assert log.attributes["성별"].codes.tolist() == [0, -1]
    assert log.where("성별", ["여"]).n_rows == 2


def test_session_column_comes_along():
    table = raw("a,view,2024-03-05 10:00,s1", "a,buy,2024-03-05 10:01,s2", header="id,event,time,session")
    log = event_log(table, ColumnChoice("id", "event", "time", "session"))
    assert log.session.tolist() == [0, 1]


def test_a_row_of_totals_is_not_counted():
    log = event_log(raw("a,view,2024-03-05", "b,view,2024-03-06", "합계,2,2024-03-06"), CHOICE)
    assert log.customer_ids.to_pylist() == ["a", "b"]
    assert "sources.total_row" in notes(log)


def test_notes_survive_saving(tmp_path):
    log = event_log(raw("a,view,24.03.05", ",view,24.03.05", "a,view,24.03.05"), CHOICE)
    log.save(tmp_path)
    assert notes(EventLog.open(tmp_path)) == notes(log)


def test_every_note_has_a_sentence_in_both_languages():
    log = event_log(raw("a,view,24.03.05", ",view,24.03.05", "a,view,24.03.05", "a,b,24.02.30"), CHOICE)
    assert len(log.notes) >= 5
    for note in log.notes:
        for language in LANGUAGES:
            assert text(note.code, language, **note.values)


@pytest.mark.parametrize(
    "cell",
    [
        "20240305",
        "202403051512",
        "20240305151207",
        "1709600000",
        "1709600000123",
        "1605937059520352",
        "1709600000123456789",
        "45356",
    ],
)
def test_every_unit_has_a_sentence(cell):
    note = next(
        n for n in event_log(raw(f"a,view,{cell}"), CHOICE).notes if n.code.startswith("events.unit_")
    )
    for language in LANGUAGES:
        assert "time" in text(note.code, language, **note.values)


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "가", "00123", "NA"]),
        st.sampled_from(["방문", "구매", "view"]),
        st.sampled_from(["2024-03-05", "2024. 3. 6.", "2024-03-06 10:00", "soon"]),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=examples(20))
@given(ROWS, st.randoms())
def test_order_of_rows_changes_nothing(rows, random):
    lines = [",".join(row) for row in rows]
    shuffled = random.sample(lines, len(lines))
    try:
        first = event_log(raw(*lines), CHOICE)
    except NoUsableRows:
        with pytest.raises(NoUsableRows):
            event_log(raw(*shuffled), CHOICE)
        return
    second = event_log(raw(*shuffled), CHOICE)
    assert first.fingerprint == second.fingerprint
    assert notes(first) == notes(second)
    usable = [row for row in rows if row[0] != "NA" and row[2] != "soon"]
    assert first.n_rows == len(usable)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp949", "utf-16"])
def test_the_same_log_from_every_encoding(encoding):
    content = "고객,이벤트,일시\n가,방문,2024년 3월 5일\n나,구매,2024.03.05 오후 3:12\n"
    choice = ColumnChoice("고객", "이벤트", "일시")
    log = event_log(read_table(content.encode(encoding), "a.csv"), choice)
    plain = event_log(read_table(content.encode(), "a.csv"), choice)
    assert replace(log, notes=()).fingerprint == replace(plain, notes=()).fingerprint
    # What was said about the reading belongs to a log too.
    assert (log.fingerprint == plain.fingerprint) == (log.notes == plain.notes)


def test_a_text_too_long_for_a_name_is_cut_told_and_stays_apart_from_others():
    long = "가" * 5000
    log = event_log(raw(f"a,{long}1,24.03.05", f"a,{long}2,24.03.06", f"{long},view,24.03.07"), CHOICE)
    assert len(log.event_names) == 3
    assert all(len(name) <= LONGEST for name in [*log.event_names, *log.customer_ids.to_pylist()])
    assert notes(log)["events.texts_cut"] == {"n": 3, "most": LONGEST}
