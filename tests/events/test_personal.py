"""Personal data is found and covered, and what only looks like it is left alone."""

from __future__ import annotations

import random

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.events.kinds import TableChoice
from journey.events.masking import masked_frame, masked_raw, masked_texts
from journey.events.personal import Personal, personal
from journey.events.personal_shapes import masked_text
from journey.sources.raw_table import RawTable
from tests.frames import text_frame


def texts(cells):
    return pa.chunked_array([pa.array(cells, pa.large_string())])


def raw(columns):
    return RawTable(text_frame(columns), "a", "csv")


PROBES = [
    ("mobile", "010-1234-5678", "phone", "010-****-5678"),
    ("mobile in a row", "01012345678", "phone", "010****5678"),
    ("landline", "02-123-4567", "phone", "02-***-4567"),
    ("abroad", "+82 10-1234-5678", "phone", "+82 10-****-5678"),
    ("internet phone", "070 1234 5678", "phone", "070 **** 5678"),
    ("address", "gildong.hong@naver.com", "email", "g***@***.com"),
    ("split number", "900101-1234567", "rrn", "●●●●●●-●●●●●●●"),
    ("joined number", "고객 9001011234568 확인", "rrn", "고객 ●●●●●●-●●●●●●● 확인"),
    ("card", "4111-1111-1111-1111", "card", "****-****-****-1111"),
    ("account", "국민은행 123456-78-901234", "account", "국민은행 ******-**-***234"),
    ("licence", "11-22-333333-44", "licence", "**-**-******-44"),
    ("passport", "여권 M12345678", "passport", "여권 *******78"),
    ("passport without a word", "M12345678", None, None),
    ("business", "123-45-67890", None, None),
    ("order number", "20240305-0000123", None, None),
    ("amount", "1,234,000원", None, None),
    ("milliseconds", "1709619120000", None, None),
]


@pytest.mark.parametrize(("probe", "kind", "shown"), [p[1:] for p in PROBES], ids=[p[0] for p in PROBES])
def test_the_seventeen_probes(probe, kind, shown):
    table = raw({"memo": [probe, "그냥 글", "그냥 글"]})
    found = personal(table)
    assert {name: one.kind for name, one in found.items()} == ({} if kind is None else {"memo": kind})
    assert masked_texts(texts([probe, "그냥 글", "그냥 글"])).to_pylist()[0] == (shown or probe)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("메일은hong@naver.com으로 주세요", "메일은h***@***.com으로 주세요"),
        ("홍길동@회사.한국", "홍***@***.한국"),
        ("a@b.co.kr", "***@***.kr"),
        ("hong＠naver.com", "h***@***.com"),
        ("전화(02)123-4567, 031)123-4567", "전화(02)***-4567, 031)***-4567"),
        ("０１０－１２３４－５６７８", "010-****-5678"),
        ("010-1234-5678/010-8765-4321", "010-****-5678/010-****-4321"),
        ("tel010.1234.5678요", "tel010.****.5678요"),
        ("+1 (415) 555-2671", "+* (***) ***-2671"),
        ("Amex 3782 822463 10005", "Amex **** ****** *0005"),
        ("계좌: 3333-01-1234567로", "계좌: ****-**-****567로"),
    ],
)
def test_the_text_around_stays(said, shown):
    assert masked_text(said).text == shown


@pytest.mark.parametrize(
    "said",
    [
        "2024-03-05 10:00:00",
        "2024-03-05T10:00:00.123+09:00",
        "192.168.10.101",
        "2053013555631882655",
        "2024030512345678",
        "ORD-2024-0305-1234",
        "00000123",
        "01000000001",
        "1588-1234",
        "37.566535, 126.977969",
        "-1,234,567.89",
        "logo@2x.png",
        "@mention",
        "4111-1111-1111-1112",
        "입금 1500000000원",
        "계좌 개설 2024-03-05",
        "8f14e45f-ceea-467f-a8e4-010123456789",
        "M00012345",
        "1e10",
        "1010101010.1709619120",
    ],
)
def test_what_only_looks_like_it_stays(said):
    assert masked_texts(texts([said, f"값은 {said} 이다"])).to_pylist() == [said, f"값은 {said} 이다"]


def test_ids_times_and_amounts_of_a_whole_file_are_left_alone():
    draw = random.Random(7)
    rows = range(3_000)
    table = raw(
        {
            "id16": [str(draw.randrange(4 * 10**15, 6 * 10**15)) for _ in rows],
            "id19": [str(draw.randrange(10**18, 10**19)) for _ in rows],
            "ms": [str(draw.randrange(15 * 10**11, 18 * 10**11)) for _ in rows],
            "us": [str(draw.randrange(15 * 10**14, 18 * 10**14)) for _ in rows],
            "amount": [f"{draw.randrange(10**9):,}" for _ in rows],
            "price": [f"{draw.random() * 10**6:.2f}" for _ in rows],
            "ip": [".".join(str(draw.randrange(256)) for _ in range(4)) for _ in rows],
            "time": [str(t) for t in pd.to_datetime([draw.randrange(17 * 10**8) for _ in rows], unit="s")],
            "id": [f"u{draw.randrange(10**8):08d}" for _ in rows],
        }
    )
    assert personal(table) == {}
    assert masked_frame(table.frame).equals(table.frame)


def test_a_column_of_card_numbers_is_one():
    cards = ["4111111111111111", "5500005555555559", "378282246310005", "3530111333300000"]
    assert personal(raw({"payment": cards})) == {"payment": Personal("card", 1.0, True)}


@pytest.mark.parametrize(
    ("name", "cell", "shown"),
    [
        ("휴대폰 번호", "1012345678", "******5678"),
        ("phone_number", "415-555-2671", "***-***-2671"),
        ("연락처2", "02 123 4567", "02 *** 4567"),
        ("계좌번호", "110-123-456789", "***-***-***789"),
        ("여권번호", "M12345678", "*******78"),
        ("card_no", "1234567890123456", "************3456"),
        ("면허번호", "서울 99-123456-01", "** **-******-01"),
    ],
)
def test_the_name_of_a_column_says_what_its_numbers_are(name, cell, shown):
    assert masked_texts(texts([cell, ""]), name).to_pylist() == [shown, ""]
    assert masked_texts(texts([cell, ""]), "값").to_pylist()[0] in (cell, shown)
    assert masked_texts(texts([shown]), name).to_pylist() == [shown]


@pytest.mark.parametrize("name", ["phone_verified_at", "account_id", "account", "mobile_price", "전화여부"])
def test_other_names_say_nothing(name):
    cells = ["2024-03-05", "1234567890", "1500000.00"]
    assert masked_texts(texts(cells), name).to_pylist() == cells


def test_shares_are_of_filled_cells_and_all_kinds_are_told():
    found = personal(raw({"memo": ["010-1234-5678", "메일 a.b@c.com, 010-1234-5678", "", "좋아요"]}))
    assert found == {"memo": Personal("phone", 2 / 3, False, ("email",))}


def test_a_long_cell_is_looked_at_where_it_begins_and_masked_to_its_end():
    cell = "가" * 1_000_000 + " 010-1234-5678"
    table = raw({"memo": [cell]})
    assert personal(table) == {}
    assert masked_texts(texts([cell])).to_pylist() == ["가" * 1_000_000 + " 010-****-5678"]


@pytest.mark.parametrize(
    "piece", ["a", "1", "0-", "1 ", "@", "a@", "a.", "여권", "계좌 ", "010-1234-", "+1 "]
)
def test_hostile_texts_take_linear_time(piece):
    """A quadratic search through them would take hours."""
    masked_texts(texts([piece * (300_000 // len(piece)) + "끝"]))


def test_a_cell_full_of_personal_data_takes_linear_time():
    """Each hit put in by itself would copy the whole cell, tens of thousands of times."""
    cell = "문의 010-1234-5678 " * 60_000
    assert masked_texts(texts([cell])).to_pylist() == ["문의 010-****-5678 " * 60_000]


pieces = st.one_of(
    st.sampled_from([p[1] for p in PROBES]),
    st.sampled_from(
        ["연락처", " ", ",", "-", "을", "hong", "+82", "계좌", "(", ")", "passport ", "0", "1709"]
    ),
    st.text(max_size=6),
    st.text(alphabet="0123456789-. @", max_size=20),
)
written = st.lists(pieces, max_size=8).map("".join)


@given(st.lists(written, min_size=1, max_size=8), st.sampled_from(["memo", "휴대폰", "계좌번호", "card no"]))
def test_masking_twice_is_masking_once_and_leaves_nothing_to_find(cells, name):
    once = masked_texts(texts(cells), name)
    assert masked_texts(once, name).to_pylist() == once.to_pylist()
    assert personal(raw({name: once.to_pylist()})) == {}


@given(st.lists(st.text(max_size=30), min_size=1))
def test_texts_without_digits_and_signs_never_change(cells):
    cells = ["".join(char for char in cell if not char.isdigit() and char not in "@＠") for cell in cells]
    assert masked_texts(texts(cells)).to_pylist() == cells
    assert personal(raw({"memo": cells})) == {}


@given(st.lists(written, min_size=1, max_size=10), st.integers(0, 10))
def test_the_chunks_of_a_column_change_nothing(cells, cut):
    parts = pa.chunked_array([pa.array(part, pa.large_string()) for part in (cells[:cut], cells[cut:])])
    assert masked_texts(parts).to_pylist() == masked_texts(texts(cells)).to_pylist()


def test_many_plain_cells_are_masked_as_each_alone():
    draw = random.Random(5)
    cells = [
        draw.choice(
            ["010-{a}-{b}", "010{a}{b}", "02.{c}.{b}", "u{a}@naver.com", "x@mail.co.kr", "{a}", "{a} {b}"]
        ).format(a=draw.randrange(1000, 10_000), b=draw.randrange(1000, 10_000), c=draw.randrange(100, 1000))
        for _ in range(4_000)
    ]
    assert masked_texts(texts(cells)).to_pylist() == [masked_text(cell).text for cell in cells]


def test_missing_cells_stay_missing():
    assert masked_texts(texts([None, "010-1234-5678", None])).to_pylist() == [None, "010-****-5678", None]


def test_a_frame_is_masked_where_it_is_text():
    frame = pd.DataFrame({"n": np.arange(2), "memo": ["a@b.com", "x"]}, index=[5, 9])
    masked = masked_frame(frame)
    assert masked["memo"].to_dict() == {5: "***@***.com", 9: "x"}
    assert masked["n"].equals(frame["n"]) and frame["memo"][5] == "a@b.com"
    assert masked_frame(frame, ["n"])["memo"][5] == "a@b.com"


def test_what_is_cleaned_is_masked_but_for_ids():
    table = raw(
        {
            "customer": ["010-1234-5678", "a@b.com"],
            "event": ["전화 010-1234-5678", "view"],
            "time": ["2024-03-05", "2024-03-06"],
            "memo": ["a@b.com", ""],
            "unused": ["a@b.com", ""],
        }
    )
    choice = TableChoice(
        "events", {"customer": ("customer",), "event": ("event",), "time": ("time",), "attributes": ("memo",)}
    )
    masked = masked_raw(table, choice)
    assert masked.frame["customer"].tolist() == ["010-1234-5678", "a@b.com"]
    assert masked.frame["event"].tolist() == ["전화 010-****-5678", "view"]
    assert masked.frame["memo"].tolist() == ["***@***.com", ""]
    assert [dict(note.values) for note in masked.notes] == [{"n": 2, "columns": ["event", "memo"]}]
    assert masked_raw(table, TableChoice(choice.kind, choice.roles, masked=False)) is table
    assert masked_raw(masked, choice) is masked
