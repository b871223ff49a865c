import datetime as dt
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.errors import ColumnMissing, NoUsableRows, SettingWrong
from journey.events.log import EventLog, day_start
from journey.findings import Finding
from tests.endurance import examples

ROW = st.tuples(
    st.sampled_from(["a", "b", "가", "Ω", None, ""]),
    st.sampled_from(["보기", "사기", "B", "a", None]),
    # Midnight is where periods begin and end.
    st.one_of(
        st.none(),
        st.integers(0, 5),
        st.integers(0, 5 * 24 * 60),
        st.integers(0, 5).map(lambda day: day * 24 * 60),
    ),
    st.sampled_from(["강남", "부산", None]),
    st.sampled_from(["s1", "s2", None]),
)
ROWS = st.lists(ROW, min_size=1, max_size=20)
BEGIN = pd.Timestamp("2024-03-01")


def usable(rows):
    return [row for row in rows if row[0] and row[1] and row[2] is not None]


def frame_of(rows):
    frame = pd.DataFrame(rows, columns=["customer", "event", "minute", "city", "visit"])
    frame["time"] = BEGIN + pd.to_timedelta(frame["minute"].astype("float64"), unit="min")
    return frame.astype({"customer": "str", "event": "str", "city": "str", "visit": "str"})


def log_of(rows, *, session=False, of_customer=False):
    named = {"customer_attributes": ["city"]} if of_customer else {"attributes": ["city"]}
    return EventLog.from_frame(frame_of(rows), session="visit" if session else None, **named)


def encoded(rows, *, session=False, of_customer=False):
    """The log of `log_of`, without a frame on the way: for laws of logs, not of how they are made."""
    kept = usable(rows)
    who, what, city, visit = (_codes([row[at] for row in kept]) for at in (0, 1, 3, 4))
    minutes = np.array([row[2] for row in kept], dtype=np.int64)
    return EventLog.from_codes(
        *who,
        *what,
        day_start(BEGIN.date(), "Asia/Seoul") + minutes * 60_000_000,
        attributes={"city": (*city, "customer" if of_customer else "event")},
        session=visit[0] if session else None,
        date_only=bool(2 * sum(minutes % 1440 == 0) > len(kept)),
    )


def _codes(texts):
    """Codes (-1 for None) into the distinct texts, sorted."""
    names = sorted({text for text in texts if text is not None})
    return np.array([-1 if t is None else names.index(t) for t in texts]), pa.array(names, pa.large_string())


def rows_of(log):
    """What the log holds, as (customer, event, minute, city) in its own order."""
    who = log.customer_of_row()
    ids = log.customer_ids.to_pylist()
    city = log.attributes["city"]
    codes = city.codes if city.of == "event" else city.codes[who]
    minutes = (log.time - day_start(BEGIN.date(), log.zone)) // 60_000_000
    return [
        (ids[one], log.event_names[what], int(minute), city.categories[code] if code >= 0 else None)
        for one, what, minute, code in zip(who, log.event, minutes, codes, strict=True)
    ]


def well_formed(log):
    assert log.offsets[0] == 0 and log.offsets[-1] == log.n_rows == len(log.event) == len(log.time)
    assert np.all(np.diff(log.offsets) > 0) and log.n_customers == len(log.customer_ids)
    ids = log.customer_ids.to_pylist()
    assert ids == sorted(ids) and list(log.event_names) == sorted(log.event_names)
    order = [(who, time, what) for (who, what, time, _) in rows_of(log)]
    assert order == sorted(order)
    assert np.array_equal(np.flatnonzero(log.start), log.offsets[:-1])
    for attribute in log.attributes.values():
        assert list(attribute.categories) == sorted(attribute.categories)
        assert len(attribute.codes) == (log.n_rows if attribute.of == "event" else log.n_customers)


@settings(max_examples=examples(40), deadline=None)
@given(ROWS)
def test_a_table_becomes_a_sorted_log_and_lost_rows_are_counted(rows):
    kept = usable(rows)
    if not kept:
        with pytest.raises(NoUsableRows) as caught:
            log_of(rows)
        assert caught.value.values["rows"] == len(rows)
        return
    log = log_of(rows)
    well_formed(log)
    assert sorted(map(str, rows_of(log))) == sorted(str(row[:4]) for row in kept)
    reasons = {note.code: note.values["rows"] for note in log.notes}
    want = {
        "events.dropped_no_customer": sum(not row[0] for row in rows),
        "events.dropped_no_event": sum(bool(row[0]) and not row[1] for row in rows),
        "events.dropped_no_time": sum(bool(row[0] and row[1]) and row[2] is None for row in rows),
    }
    assert reasons == {code: n for code, n in want.items() if n}
    minutes = [row[2] for row in kept]
    begin = day_start(BEGIN.date(), log.zone)
    assert log.observed == (begin + min(minutes) * 60_000_000, begin + max(minutes) * 60_000_000)
    assert log.date_only == (2 * sum(minute % 1440 == 0 for minute in minutes) > len(minutes))
    assert log.event_rows.tolist() == [sum(row[1] == name for row in kept) for name in log.event_names]


@settings(max_examples=examples(40), deadline=None)
@given(ROWS, st.randoms(use_true_random=False), st.booleans(), st.booleans())
def test_the_order_of_rows_in_the_file_changes_nothing(rows, random, session, of_customer):
    if not usable(rows):
        return
    shuffled = list(rows)
    random.shuffle(shuffled)
    one, other = (log_of(each, session=session, of_customer=of_customer) for each in (rows, shuffled))
    assert one.fingerprint == other.fingerprint
    assert rows_of(one) == rows_of(other)


@settings(max_examples=examples(80), deadline=None)
@given(ROWS)
def test_tied_rows_and_last_times_equal_a_loop(rows):
    if not usable(rows):
        return
    log = encoded(rows)
    found = rows_of(log)
    groups = defaultdict(list)
    for at, (who, _, minute, _) in enumerate(found):
        groups[who, minute].append(at)
    tied = [places for places in groups.values() if len(places) > 1]
    assert log.tied.tolist() == sorted(at for places in tied for at in places)
    number = dict(zip(log.tied.tolist(), log.tie_groups.tolist(), strict=True))
    assert len({number[places[0]] for places in tied}) == len(tied)
    assert all(len({number[at] for at in places}) == 1 for places in tied)
    assert sorted(number.values()) == log.tie_groups.tolist()
    last = {who: time for (who, *_), time in zip(found, log.time.tolist(), strict=True)}
    assert log.last_time.tolist() == [last[who] for who in log.customer_ids.to_pylist()]


@settings(max_examples=examples(80), deadline=None)
@given(ROWS, st.integers(0, 5), st.integers(0, 5))
def test_a_period_keeps_its_days(rows, first, length):
    if not usable(rows):
        return
    log = encoded(rows)
    low, high = first * 1440, (first + length + 1) * 1440
    part = log.between(
        (BEGIN + pd.Timedelta(days=first)).date(), (BEGIN + pd.Timedelta(days=first + length)).date()
    )
    well_formed(part)
    assert rows_of(part) == [row for row in rows_of(log) if low <= row[2] < high]
    begin = day_start(BEGIN.date(), log.zone)
    assert part.observed == (begin + low * 60_000_000, begin + high * 60_000_000)
    assert part.period and not log.period and part.event_names == log.event_names
    assert part.days() == (
        (BEGIN + pd.Timedelta(days=first)).date(),
        (BEGIN + pd.Timedelta(days=first + length)).date(),
    )


@settings(max_examples=examples(80), deadline=None)
@given(ROWS, st.sets(st.sampled_from(["강남", "부산", "제주", None])), st.booleans())
def test_where_keeps_rows_or_whole_customers(rows, wanted, of_customer):
    if not usable(rows):
        return
    log = encoded(rows, of_customer=of_customer)
    part = log.where("city", wanted)
    well_formed(part)
    assert rows_of(part) == [row for row in rows_of(log) if row[3] in wanted]
    assert part.observed == log.observed and part.event_names == log.event_names


@settings(max_examples=examples(40), deadline=None)
@given(ROWS)
def test_a_customer_attribute_is_the_first_known_value(rows):
    if not usable(rows):
        return
    by_event = rows_of(log_of(rows))
    first = {}
    for who, _, _, city in by_event:
        if first.get(who) is None:
            first[who] = city
    assert [(who, city) for who, _, _, city in rows_of(log_of(rows, of_customer=True))] == [
        (who, first[who]) for who, *_ in by_event
    ]


@settings(max_examples=examples(80), deadline=None)
@given(ROWS, st.sets(st.sampled_from(["a", "b", "가", "Ω"])))
def test_some_customers_with_all_their_rows(rows, wanted):
    if not usable(rows):
        return
    log = encoded(rows)
    part = log.of_customers(np.array([who in wanted for who in log.customer_ids.to_pylist()]))
    well_formed(part)
    assert rows_of(part) == [row for row in rows_of(log) if row[0] in wanted]
    assert part.observed == log.observed


def split_by_loop(rows, gap, column):
    """The sessions of each customer in order: [(customer, number, [minutes])]."""
    named, loose = defaultdict(list), defaultdict(list)
    for who, _, minute, _, session in usable(rows):
        if column and session is not None:
            named[who, session].append(minute)
        else:
            loose[who].append(minute)
    found = defaultdict(list)
    for who, minutes in loose.items():
        run = []
        for minute in sorted(minutes):
            if run and minute - run[-1] > gap:
                found[who].append((run[0], "", run))
                run = []
            run.append(minute)
        found[who].append((run[0], "", run))
    for (who, session), minutes in named.items():
        found[who].append((min(minutes), session, sorted(minutes)))
    return [
        (who, number, minutes)
        for who in sorted(found)
        for number, (_, _, minutes) in enumerate(sorted(found[who]), start=1)
    ]


@settings(max_examples=examples(80), deadline=None)
@given(ROWS, st.sampled_from([0, 2, 30, 1000]), st.booleans())
def test_sessions_equal_a_loop(rows, gap, column):
    if not usable(rows):
        return
    log = encoded(rows, session=column)
    if log.date_only:
        with pytest.raises(SettingWrong):
            log.by_session(gap)
        return
    parts = log.by_session(gap)
    minutes = ((parts.time - day_start(BEGIN.date(), log.zone)) // 60_000_000).tolist()
    got = [
        (*one.split("\x1f"), minutes[low:high])
        for one, low, high in zip(
            parts.customer_ids.to_pylist(), parts.offsets[:-1], parts.offsets[1:], strict=True
        )
    ]
    assert [(who, int(number), each) for who, number, each in got] == split_by_loop(rows, gap, column)
    ids = log.customer_ids.to_pylist()
    assert [ids[owner] for owner in parts.owner] == [who for who, _, _ in got]
    assert sorted(row[1:3] for row in rows_of(parts)) == sorted(row[1:3] for row in rows_of(log))
    assert np.array_equal(parts.tied, log_tied_by_loop(parts))


def log_tied_by_loop(log):
    who = log.customer_of_row().tolist()
    keys = list(zip(who, log.time.tolist(), strict=True))
    return [at for at, key in enumerate(keys) if keys.count(key) > 1]


def test_midnight_and_exactly_the_gap_do_not_split():
    rows = [("a", "보기", minute, None, None) for minute in (1425, 1455, 1486)]
    parts = log_of(rows).by_session(30)
    assert parts.customer_ids.to_pylist() == ["a\x1f1", "a\x1f2"]
    assert np.diff(parts.offsets).tolist() == [2, 1]


SOME = [
    ("a", "보기", 3, "강남", "s1"),
    ("a", "사기", 3, None, None),
    ("b", "보기", 9000, "부산", "s2"),
    (None, "보기", 3, "제주", None),
]


@pytest.mark.parametrize("session", [False, True])
@pytest.mark.parametrize("of_customer", [False, True])
def test_saved_and_opened_it_is_the_same_mapped_and_read_only(tmp_path, session, of_customer):
    log = log_of(SOME, session=session, of_customer=of_customer)
    log.save(tmp_path)
    opened = EventLog.open(tmp_path)
    assert rows_of(opened) == rows_of(log)
    assert opened.fingerprint == log.fingerprint
    for name in ("event_names", "observed", "period", "zone", "date_only", "notes"):
        assert getattr(opened, name) == getattr(log, name), name
    assert (opened.session is None) == (log.session is None)
    for array in (opened.event, opened.time, opened.offsets, opened.attributes["city"].codes):
        assert isinstance(array, np.memmap) and not array.flags.writeable
    assert not list(tmp_path.glob("*.pkl"))
    assert rows_of(opened.where("city", ["강남"])) == rows_of(log.where("city", ["강남"]))
    if session:
        assert np.array_equal(opened.session, log.session)


def test_an_emptied_log_can_be_saved_filtered_and_split(tmp_path):
    log = log_of(SOME).where("city", [])
    assert log.is_empty and log.n_customers == 0 and log.observed == log_of(SOME).observed
    log.save(tmp_path)
    assert EventLog.open(tmp_path).is_empty
    for again in (log.between(dt.date(2024, 3, 1)), log.where("city", [None]), log.by_session()):
        well_formed(again) if again.n_customers else None
        assert again.is_empty and len(again.tied) == 0 and len(again.last_time) == 0


def test_the_fingerprint_tells_logs_apart():
    """Every change of content, and every filter, gives another name; the same steps give the same one."""
    logs = [
        log_of(SOME),
        log_of(SOME, session=True),
        log_of(SOME, of_customer=True),
        log_of(SOME[:2]),
        log_of([("a", "보기", 4, "강남", "s1"), *SOME[1:]]),
        log_of([("a", "보 기", 3, "강남", "s1"), *SOME[1:]]),
        log_of([("a2", "보기", 3, "강남", "s1"), *SOME[1:]]),
        log_of([("a", "보기", 3, "강남구", "s1"), *SOME[1:]]),
        EventLog.from_frame(frame_of(SOME), attributes=["city"], zone="UTC"),
        EventLog.from_frame(frame_of(SOME)),
        log_of(SOME).between(dt.date(2024, 3, 1), dt.date(2024, 3, 1)),
        log_of(SOME).between(dt.date(2024, 3, 1), dt.date(2024, 3, 2)),
        log_of(SOME).where("city", ["강남"]),
        log_of(SOME).where("city", [None]),
        log_of(SOME).where("city", ["None"]),
        log_of(SOME).of_customers(np.array([True, False])),
        log_of(SOME).of_customers(np.array([False, True])),
        log_of(SOME).by_session(30),
        log_of(SOME).by_session(31),
    ]
    names = [log.fingerprint for log in logs]
    assert len(set(names)) == len(names)
    assert log_of(SOME).where("city", ["강남", None]).fingerprint == (
        log_of(SOME).where("city", [None, "강남"]).fingerprint
    )


def test_the_fingerprint_does_not_hang_on_how_ids_lie_in_memory():
    log = log_of(SOME)
    ids = log.customer_ids
    longer = pa.array(["before", *ids.to_pylist(), "after"], pa.large_string())
    for same in (longer[1:-1], longer.take(pa.array([1, 2])), pa.array(ids.to_pylist(), pa.large_string())):
        assert same.equals(ids)
        assert replace(log, customer_ids=same).fingerprint == log.fingerprint
    for other in (longer[:2], longer[1:-1].take(pa.array([1, 0])), pa.array(["ab", ""], pa.large_string())):
        assert replace(log, customer_ids=other).fingerprint != log.fingerprint


def test_a_log_with_other_notes_has_another_fingerprint(tmp_path):
    # Else a corrected file with the same rows would be given the log that is kept, with its old notes.
    log = log_of(SOME)
    dropped, others = (replace(log, notes=(Finding("events.dropped_no_time", {"rows": n}),)) for n in (1, 2))
    assert len({log.fingerprint, dropped.fingerprint, others.fingerprint}) == 3
    dropped.save(tmp_path)
    opened = EventLog.open(tmp_path)
    assert replace(opened, lineage="").fingerprint == dropped.fingerprint


def test_the_fingerprint_is_the_same_on_every_machine():
    assert log_of(SOME).fingerprint == "7c9a7e3b8b6c4e3ff04cddcfc4834a03d86d9f8f6f0887219ce8c75c7defda5d"


def test_naive_times_are_wall_time_of_the_zone():
    frame = frame_of(SOME)
    seoul = EventLog.from_frame(frame, zone="Asia/Seoul")
    utc = EventLog.from_frame(frame, zone="UTC")
    assert np.array_equal(utc.time - seoul.time, np.full(3, 9 * 3600 * 1_000_000))
    aware = frame.assign(time=frame["time"].dt.tz_localize("Asia/Seoul").dt.tz_convert("America/New_York"))
    assert np.array_equal(EventLog.from_frame(aware, zone="UTC").time, seoul.time)
    assert seoul.days() == (dt.date(2024, 3, 1), dt.date(2024, 3, 7))


@pytest.mark.parametrize(("names", "dtype"), [(255, np.uint8), (256, np.uint16), (65_536, np.uint32)])
def test_codes_never_wrap(names, dtype):
    frame = pd.DataFrame(
        {
            "customer": "a",
            "event": [f"e{i:05d}" for i in range(names)],
            "time": pd.date_range("2024-01-01", periods=names, freq="s"),
        }
    )
    log = EventLog.from_frame(frame)
    assert log.event.dtype == dtype
    assert np.array_equal(log.event, np.arange(names))


@pytest.mark.parametrize("kind", ["str", "object", "category", "int64", "Int64"])
def test_any_column_of_ids_will_do(kind):
    frame = pd.DataFrame({"customer": ["10", "9", "10"], "event": "보기"})
    frame["time"] = pd.date_range("2024-01-01", periods=3, freq="h")
    frame["customer"] = (
        frame["customer"].astype("int64").astype(kind) if "nt64" in kind else (frame["customer"].astype(kind))
    )
    log = EventLog.from_frame(frame)
    assert log.customer_ids.to_pylist() == ["10", "9"]
    assert np.diff(log.offsets).tolist() == [2, 1]


def test_ids_that_read_alike_are_one_customer():
    frame = pd.DataFrame({"customer": pd.Series([1, "1", 2], dtype=object), "event": "보기"})
    frame["time"] = pd.date_range("2024-01-01", periods=3, freq="h")
    log = EventLog.from_frame(frame)
    assert log.customer_ids.to_pylist() == ["1", "2"]
    assert np.diff(log.offsets).tolist() == [2, 1]


def test_names_sort_by_code_point_beyond_the_basic_plane():
    names = ["\U0001f600", "\uffee", "가", "Z", "a"]
    frame = pd.DataFrame({"customer": names, "event": names})
    frame["time"] = pd.date_range("2024-01-01", periods=5, freq="h")
    log = EventLog.from_frame(frame)
    assert log.customer_ids.to_pylist() == sorted(names) == list(log.event_names)
    assert isinstance(log.customer_ids, pa.LargeStringArray)


def test_misuse_is_refused():
    with pytest.raises(ColumnMissing) as caught:
        EventLog.from_frame(frame_of(SOME), customer="고객")
    assert caught.value.values["name"] == "고객"
    with pytest.raises(ColumnMissing):
        log_of(SOME).where("town", ["강남"])
    with pytest.raises(SettingWrong):
        log_of(SOME).between(dt.date(2024, 3, 2), dt.date(2024, 3, 1))
