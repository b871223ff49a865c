"""Dates and times as people and programs write them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from journey.events.time_numbers import excel
from journey.events.times import parse_times


def times(*cells, zone="UTC", **settings):
    return parse_times(pd.Series(list(cells), dtype="str"), zone=zone, **settings)


def read(*cells, **settings):
    return [None if np.isnat(v) else str(v).removesuffix(".000000") for v in times(*cells, **settings).values]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2024년 3월 5일", "2024-03-05T00:00:00"),
        ("2024년3월5일15시12분7초", "2024-03-05T15:12:07"),
        ("2024년 3월 5일 15시", "2024-03-05T15:00:00"),
        ("2024년 3월 5일 화요일", "2024-03-05T00:00:00"),
        ("2024.03.05 오후 3:12", "2024-03-05T15:12:00"),
        ("2024.03.05 오후 3시 12분", "2024-03-05T15:12:00"),
        ("2024-03-05 오전 12:05", "2024-03-05T00:05:00"),
        ("2024-03-05 오후 12:00", "2024-03-05T12:00:00"),
        ("2024. 3. 5.", "2024-03-05T00:00:00"),
        ("2024. 3. 5. 오후 3:12:07", "2024-03-05T15:12:07"),
        ("24.03.05", "2024-03-05T00:00:00"),
        ("16. 7. 1.", "2016-07-01T00:00:00"),
        ("99. 7. 1.", "1999-07-01T00:00:00"),
        ("2024-03-05(화)", "2024-03-05T00:00:00"),
        ("2024-03-05 (화) 15:12", "2024-03-05T15:12:00"),
        ("2024/3/5", "2024-03-05T00:00:00"),
        ("2024/03/05 15:12", "2024-03-05T15:12:00"),
        ("2024-03-05 24:00", "2024-03-06T00:00:00"),
        ("2024-12-31 24:00:00", "2025-01-01T00:00:00"),
        ("2024-03-05T15:12:07Z", "2024-03-05T15:12:07"),
        ("2024-03-05T15:12:07.123456Z", "2024-03-05T15:12:07.123456"),
        ("2024-03-05T15:12:07.123456789+09:00", "2024-03-05T06:12:07.123456"),
        ("2024-03-05T15:12:07+0900", "2024-03-05T06:12:07"),
        ("2024-03-05T15:12-05:30", "2024-03-05T20:42:00"),
        ("2024-03-05 15:12 KST", "2024-03-05T06:12:00"),
        ("2024-03-05T15:12+09:00[Asia/Seoul]", "2024-03-05T06:12:00"),
        ("2019-10-01 00:00:00 UTC", "2019-10-01T00:00:00"),
        ("2010-10-02 13:42:22.688000+02:00", "2010-10-02T11:42:22.688000"),
        ("3/25/2024 3:12 PM", "2024-03-25T15:12:00"),
        ("3/25/2024 12:12:30 am", "2024-03-25T00:12:30"),
        ("25/3/2024", "2024-03-25T00:00:00"),
        ("25.3.2024 15:12", "2024-03-25T15:12:00"),
        ("5 Mar 2024", "2024-03-05T00:00:00"),
        ("5-Mar-2024 15:12", "2024-03-05T15:12:00"),
        ("March 5th, 2024", "2024-03-05T00:00:00"),
        ("Tue, 5 Mar 2024 15:12:07 GMT", "2024-03-05T15:12:07"),
        ("20240305T151207Z", "2024-03-05T15:12:07"),
        ("20240305 15:12", "2024-03-05T15:12:00"),
        ("20240305", "2024-03-05T00:00:00"),
        ("202403051512", "2024-03-05T15:12:00"),
        ("20240305151207", "2024-03-05T15:12:07"),
        ("1709600000", "2024-03-05T00:53:20"),
        ("1396860669.277", "2014-04-07T08:51:09.277000"),
        ("1709600000123", "2024-03-05T00:53:20.123000"),
        ("1605937059520352", "2020-11-21T05:37:39.520352"),
        ("1605937059520352.0", "2020-11-21T05:37:39.520352"),
        ("1709600000123456789", "2024-03-05T00:53:20.123456"),
        ("45356", "2024-03-05T00:00:00"),
        ("45356.63341435185", "2024-03-05T15:12:07"),
        ("２０２４－０３－０５", "2024-03-05T00:00:00"),
        ("2024-03-05\u00a015:12", "2024-03-05T15:12:00"),
        ("  2024-03-05  ", "2024-03-05T00:00:00"),
        ("2024-02-29", "2024-02-29T00:00:00"),
    ],
)
def test_reads(cell, expected):
    assert read(cell) == [expected]
    # The same beside cells of another kind and many times over: the fast and the general way agree.
    assert read(cell, "", cell)[::2] == [expected, expected]


@pytest.mark.parametrize(
    "cell",
    [
        "2024년 2월 30일",
        "2023-02-29",
        "2024-13-01",
        "2024-00-10",
        "2024-03-05 25:00",
        "2024-03-05 24:01",
        "2024-03-05 12:60",
        "2024-03-05 오전 15:00",
        "20241301",
        "1900-01-01",
        "9999-12-31",
        "2262-01-01",
        "99999-01-01",
        "12:34",
        "2024-03",
        "어제",
        "2024-03-05 15",
        "1.60594E+15",
        "1/2/3",
        "60",
        "2024-03-05 12:00:00 Mars",
    ],
)
def test_what_cannot_be_is_counted_not_guessed(cell):
    found = times(cell, "2024-03-05 12:00:01", "2024-03-05 12:00:02")
    assert np.isnat(found.values[0])
    assert (found.invalid, found.missing) == (1, 0)


def test_far_years_do_not_overflow():
    found = times("9999-12-31 23:59:59", "2261-12-31", "0001-01-01", "1901-01-01")
    assert read("9999-12-31 23:59:59", "2261-12-31", "0001-01-01", "1901-01-01")[1::2] == [
        "2261-12-31T00:00:00",
        "1901-01-01T00:00:00",
    ]
    assert found.invalid == 2


@pytest.mark.parametrize("word", ["", "NA", "null", "None", "-", "(not set)", " ", "NaT"])
def test_words_that_mean_nothing_are_missing(word):
    found = times(word, "2024.03.05")
    assert (found.missing, found.invalid) == (1, 0)


def test_nothing_at_all():
    assert times().missing == 0
    assert times("", "").missing == 2
    assert not times("", "").mostly_dates


@pytest.mark.parametrize(
    ("cells", "order", "first"),
    [
        (["01/02/2024", "13/02/2024"], "dmy", "2024-02-01"),
        (["01/02/2024", "01/13/2024"], "mdy", "2024-01-02"),
        (["24.03.05", "24.03.31"], "ymd", "2024-03-05"),
        (["24.03.05", "24.02.30"], "ymd", "2024-03-05"),
        (["03-04-05", "13-04-05", "03-31-05", "03-30-05"], "mdy", "2005-03-04"),
    ],
)
def test_one_order_for_a_column(cells, order, first):
    found = times(*cells)
    assert found.order == order
    assert str(found.values[0])[:10] == first


@pytest.mark.parametrize(
    ("cell", "read_as", "other"),
    [
        ("24.03.05", "2024-03-05", "2005-03-24"),
        ("03-04-05", "2003-04-05", "2005-03-04"),
        ("01/02/2024", "2024-01-02", "2024-02-01"),
    ],
)
def test_both_readings_are_told(cell, read_as, other):
    note = times(cell).ambiguous
    assert note.code == "events.time_order_ambiguous"
    assert (note.values["example"], note.values["read"], note.values["other"]) == (cell, read_as, other)
    assert times(cell, order="dmy").ambiguous is None


@pytest.mark.parametrize(
    "cells", [["2024-03-05"], ["16. 7. 1."], ["01/25/2024"], ["24년 3월 5일"], ["05/05/2024"]]
)
def test_clear_dates_are_not_called_ambiguous(cells):
    assert times(*cells).ambiguous is None


def test_every_order_that_fits_as_well_is_told():
    readings = times("03-04-05").ambiguous.values["readings"]
    assert readings == {"ymd": "2003-04-05", "mdy": "2005-03-04", "dmy": "2005-04-03"}
    assert set(times("01/02/2024").ambiguous.values["readings"]) == {"mdy", "dmy"}


def test_the_user_decides_the_order():
    assert read("01/02/2024", order="dmy") == ["2024-02-01T00:00:00"]
    assert read("24.03.05", order="dmy") == ["2005-03-24T00:00:00"]


def test_wall_time_of_a_zone():
    assert read("2024-03-05 09:00", zone="Asia/Seoul") == ["2024-03-05T00:00:00"]
    assert read(
        "2024-03-05T09:00:00Z", "2024-03-05T09:00:00+09:00", "2024-03-05 09:00", zone="Asia/Seoul"
    ) == [
        "2024-03-05T09:00:00",
        "2024-03-05T00:00:00",
        "2024-03-05T00:00:00",
    ]
    # Seoul put its clocks forward in the summers of 1987 and 1988.
    assert read("1988-07-01 10:00", "1988-12-01 09:00", zone="Asia/Seoul") == [
        "1988-07-01T00:00:00",
        "1988-12-01T00:00:00",
    ]


def test_clock_changes():
    # 02:30 does not exist on 10 March; 01:30 happens twice on 3 November and means the later one.
    assert read("2024-03-10 02:30", "2024-11-03 01:30", "2024-07-01 00:00", zone="America/New_York") == [
        "2024-03-10T07:00:00",
        "2024-11-03T06:30:00",
        "2024-07-01T04:00:00",
    ]


def test_epochs_are_utc_whatever_the_zone():
    assert read("1709600000", zone="Asia/Seoul") == ["2024-03-05T00:53:20"]
    assert read("20240305", zone="Asia/Seoul") == ["2024-03-04T15:00:00"]


@pytest.mark.parametrize(
    ("cell", "unit"),
    [
        ("20201121", "day_number"),
        ("1709600000", "seconds"),
        ("1709600000123", "milliseconds"),
        ("1605937059520352", "microseconds"),
        ("1709600000123456789", "nanoseconds"),
        ("45356", "excel_1900"),
        ("2024-03-05", "text"),
    ],
)
def test_unit_is_told(cell, unit):
    assert times(cell).unit == unit


def test_excel_days():
    whole = np.array([1, 59, 60, 61, 45356])
    found = excel(whole, np.zeros(5, np.int64))
    assert [str(v)[:10] for v in found] == ["1900-01-01", "1900-02-28", "NaT", "1900-03-01", "2024-03-05"]
    assert str(excel(np.array([43894]), np.array([0]), system_1904=True)[0])[:10] == "2024-03-05"
    assert read("43894", excel_1904=True) == ["2024-03-05T00:00:00"]
    assert times("43894", excel_1904=True).unit == "excel_1904"


def test_date_only_flags():
    found = times("2024-03-05", "2024-03-05 00:00", "2024-03-06", "2024-02-30")
    assert found.date_only.tolist() == [True, False, True, False]
    assert found.mostly_dates
    assert not times("2024-03-05", "2024-03-05 00:00").mostly_dates
    assert times("20240305", "20240306").mostly_dates
    assert times("2024. 3. 5.", "2024. 3. 6.").mostly_dates


def test_time_columns_of_pandas_are_taken_too():
    stamps = pd.Series(pd.to_datetime(["2024-03-05 09:00", None]))
    found = parse_times(stamps, zone="Asia/Seoul")
    assert str(found.values[0]) == "2024-03-05T00:00:00.000000"
    assert found.missing == 1
    aware = parse_times(stamps.dt.tz_localize("UTC"), zone="Asia/Seoul")
    assert str(aware.values[0]) == "2024-03-05T09:00:00.000000"
    numbers = parse_times(pd.Series([1709600000, 1709600001]), zone="Asia/Seoul")
    assert numbers.unit == "seconds"


MOMENTS = st.datetimes(dt.datetime(1970, 1, 2), dt.datetime(2199, 12, 31)).map(
    lambda m: m.replace(microsecond=0)
)


def half(moment):
    return "오전" if moment.hour < 12 else "오후"


FORMS = [
    lambda m: m.isoformat(" "),
    lambda m: m.isoformat() + "Z",
    lambda m: f"{m.year}년 {m.month}월 {m.day}일 {m.hour}시 {m.minute}분 {m.second}초",
    lambda m: f"{m.year}. {m.month}. {m.day}. {half(m)} {m.hour % 12 or 12}:{m:%M:%S}",
    lambda m: f"{m:%Y/%m/%d}({'월화수목금토일'[m.weekday()]}) {m:%H:%M:%S}",
    lambda m: f"{m:%Y%m%dT%H%M%S}",
    lambda m: f"{m:%d %b %Y %I:%M:%S %p}",
]


@example([(dt.datetime(2100, 1, 1), FORMS[0])])  # the first day of a century without a leap day
@given(st.lists(st.tuples(MOMENTS, st.sampled_from(FORMS)), min_size=1, max_size=20))
def test_every_form_of_a_moment_is_the_same_moment(moments):
    found = times(*(form(moment) for moment, form in moments))
    assert found.values.tolist() == [moment for moment, _ in moments]
    assert found.invalid == found.missing == 0


@given(st.lists(st.text(max_size=24), max_size=10))
def test_any_text_is_either_read_or_counted(cells):
    found = times(*cells)
    assert int(np.isnat(found.values).sum()) == found.invalid + found.missing
    assert len(found.values) == len(found.date_only) == len(cells)


@given(st.lists(st.integers(0, 10**19), max_size=10))
def test_any_number_is_either_read_or_counted(numbers):
    found = times(*map(str, numbers))
    assert int(np.isnat(found.values).sum()) == found.invalid + found.missing
