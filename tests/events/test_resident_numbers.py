"""주민등록번호 leave a table wherever they stand, and nothing that only looks like one does."""

from __future__ import annotations

import random

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.events.resident_numbers import MARK, without_number, without_rrn
from journey.findings import Finding
from journey.sources.raw_table import RawTable, text_series
from tests.frames import text_frame


def raw(columns, **more):
    return RawTable(text_frame(columns), "a.csv", "csv", **more)


def said(table):
    return {note.code: dict(note.values) for note in table.notes}


def with_check_digit(first12):
    rest = sum(int(d) * w for d, w in zip(first12, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5), strict=True)) % 11
    return f"{first12}{(11 - rest) % 10}"


births = st.dates(min_value=pd.Timestamp("1930-01-01").date(), max_value=pd.Timestamp("2024-12-31").date())


@st.composite
def numbers(draw):
    """A joined number with the right check digit."""
    day = draw(births)
    gender = draw(st.sampled_from("1256" if day.year < 2000 else "3478"))
    return with_check_digit(f"{day:%y%m%d}{gender}{draw(st.integers(0, 99_999)):05d}")


@pytest.mark.parametrize(
    "written",
    [
        "900101-1234567",
        "900101 - 1234567",
        "900101–1234567",
        "900101－1234567",
        "９００１０１－１２３４５６７",
        "900101 1234567",
        "900101\u00a0-\u00a01234567",
        "991231-8000001",
        "001231-9000001",
        "000229-0000001",
    ],
)
def test_a_split_number_goes_whatever_its_check_digit(written):
    assert without_number(f"고객 {written}입니다") == f"고객 {MARK}입니다"
    table = without_rrn(raw({"memo": [f"고객 {written}입니다", "없음", "없음"]}))
    assert table.frame["memo"].tolist() == [f"고객 {MARK}입니다", "없음", "없음"]
    assert said(table) == {"privacy.rrn_removed": {"n": 1, "columns": ["memo"]}}


@pytest.mark.parametrize(
    "written",
    [
        "901301-1234567",
        "900132-1234567",
        "900231-1234567",
        "1900101-1234567",
        "900101-12345678",
        "20240305-0000123",
        "900101-1******",
        "010-1234-5678",
        "1709619120000",
        "2403051234567.25",
        "0.9001011234568",
    ],
)
def test_what_cannot_be_one_stays(written):
    table = raw({"memo": [written, f"값 {written} 끝"]})
    assert without_rrn(table) is table


@given(numbers())
def test_thirteen_digits_in_a_text_go_when_date_gender_and_check_digit_fit(number):
    wrong = number[:12] + str((int(number[12]) + 1) % 10)
    table = without_rrn(raw({"memo": [f"번호는 {number}", "-", "-"]}))
    assert table.frame["memo"][0] == f"번호는 {MARK}"
    if number[6] not in "5678":
        left = raw({"memo": [f"번호는 {wrong}", "-", "-"]})
        assert without_rrn(left) is left


@given(st.lists(numbers(), min_size=1, max_size=20), st.booleans())
def test_a_column_of_numbers_is_dropped_and_can_be_nobodys_id(found, split):
    cells = [f"{one[:6]}-{one[6:]}" if split else one for one in found]
    table = without_rrn(raw({"고객": cells, "event": ["view"] * len(cells)}))
    assert list(table.frame.columns) == ["event"]
    assert len(table.frame) == len(cells)
    assert said(table) == {"privacy.rrn_column_dropped": {"n": len(cells), "columns": ["고객"]}}


def test_half_of_the_filled_cells_are_enough_and_fewer_are_left_alone():
    number = with_check_digit("900101112345")
    half = without_rrn(raw({"code": [number, "A-1", ""], "event": ["a", "b", "c"]}))
    assert list(half.frame.columns) == ["event"]
    for written in (number, f"{number}.0", f" {number} "):
        fewer = raw({"code": [written, "A-1", "A-2"]})
        assert without_rrn(fewer) is fewer


def test_a_foreigner_has_another_check_digit():
    citizen = with_check_digit("850505512345")
    foreign = citizen[:12] + str((int(citizen[12]) + 2) % 10)
    assert without_number(f"no {foreign}.") == f"no {MARK}."


@pytest.mark.parametrize(
    "name", ["주민등록번호", "주민번호", "외국인등록번호", "RRN", "customer_rrn", "Resident Registration No"]
)
def test_the_name_of_a_column_is_enough(name):
    table = without_rrn(raw({name: ["9001011234567", "501013123456", ""], "event": ["a", "b", "c"]}))
    assert list(table.frame.columns) == ["event"]


@pytest.mark.parametrize("name", ["주민세", "주민 수", "transaction", "current"])
def test_a_name_with_the_same_letters_is_not(name):
    table = raw({name: ["9001011234560", "9001011234561", "12"]})
    assert without_rrn(table) is table


def test_times_and_order_numbers_of_thirteen_digits_survive():
    draw = random.Random(3)
    rows = range(5_000)
    orders = [
        f"{draw.randrange(20, 26)}{draw.randrange(1, 13):02d}{draw.randrange(1, 29):02d}"
        f"{draw.randrange(10**7):07d}"
        for _ in rows
    ]
    table = raw(
        {
            "ms": [str(draw.randrange(15 * 10**11, 18 * 10**11)) for _ in rows],
            "order": orders,
            "order code": [f"ORD-{one}" for one in orders],
            "properties": [f'{{"order":"{one}"}}' for one in orders],
            "float": [f"{draw.random():.13f}" for _ in rows],
            "long": [str(draw.randrange(10**18, 10**19)) for _ in rows],
        }
    )
    assert without_rrn(table) is table


def test_names_of_columns_torn_rows_and_notes_hold_none_either():
    note = Finding("sources.names_repaired", {"n": 1, "names": ["900101-1234567"]})
    table = without_rrn(
        raw(
            {"900101-1234567": ["a", "b"], MARK: ["c", "d"], "주민번호": ["850505-2345678", ""]},
            notes=(note,),
            rejected_rows=("a,850505-2345678,x", "b,8505052345679,x", "c"),
            aside=("900101-1234567", "주민번호"),
            numeric=frozenset(["900101-1234567", "주민번호"]),
        )
    )
    assert list(table.frame.columns) == [f"{MARK}.1", MARK]
    assert table.aside == (f"{MARK}.1",)
    assert table.numeric == {f"{MARK}.1"}
    assert table.rejected_rows == (f"a,{MARK},x", f"b,{MARK},x", "c")
    assert said(table)["sources.names_repaired"] == {"n": 1, "names": [MARK]}
    assert said(table)["privacy.rrn_in_names"] == {"n": 1}
    assert "900101" not in repr(table) and "850505" not in repr(table)


def test_few_numbers_among_many_other_cells_go_alone():
    cells = [f"문의 {n}" for n in range(50)]
    cells[17] = "900101-1234567"
    table = without_rrn(raw({"memo": cells}))
    assert table.frame["memo"].tolist() == [MARK if n == 17 else f"문의 {n}" for n in range(50)]


@given(
    st.lists(
        st.one_of(
            st.none(),
            st.text(alphabet="0123456789-– ０９가a.", max_size=30),
            numbers(),
            numbers().map(lambda one: f"고객 {one[:6]}-{one[6:]} 님"),
        ),
        min_size=1,
        max_size=30,
    ),
    st.integers(0, 30),
)
def test_once_is_enough_wherever_the_chunks_lie(cells, cut):
    texts = pa.chunked_array(
        [pa.array(cells[:cut], pa.large_string()), pa.array(cells[cut:], pa.large_string())]
    )
    whole = without_rrn(raw({"x": cells, "y": ["-"] * len(cells)}))
    parts = without_rrn(RawTable(pd.DataFrame({"x": text_series(texts), "y": "-"}), "a", "csv"))
    assert whole.frame.astype(object).fillna("").equals(parts.frame.astype(object).fillna(""))
    assert without_rrn(whole) is whole
    assert len(whole.frame) == len(cells)


@given(st.lists(st.text(max_size=40), min_size=1))
def test_texts_without_digits_never_change(cells):
    cells = ["".join(char for char in cell if not char.isdigit() and char.isprintable()) for cell in cells]
    table = raw({"memo": cells})
    assert without_rrn(table) is table


def test_a_number_is_found_wherever_a_long_column_is_cut_to_be_read():
    for length in range(2**18 - 20, 2**18 + 3):
        table = without_rrn(raw({"memo": ["가나", "x" * (length - 6) + " 900101-1234567", "다", "라"]}))
        assert table.frame["memo"][1] == "x" * (length - 6) + f" {MARK}"
