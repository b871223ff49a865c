"""Parquet: typed columns become the text that a CSV of them would hold; hostile files end in a sentence."""

from __future__ import annotations

import datetime as dt
import io
import time
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.errors import FileBroken, FileEmpty, FileTooLarge
from journey.findings import Finding
from journey.sources.files import read_table
from journey.sources.limits import LIMITS, Limits
from journey.sources.reading import read_file
from tests.endurance import examples


def parquet(table, **settings):
    out = io.BytesIO()
    pq.write_table(table, out, **settings)
    return out.getvalue()


def read(columns, **settings):
    return read_table(parquet(pa.table(columns)), "a.parquet", **settings)


def cells(columns, **settings):
    return {name: list(column) for name, column in read(columns, **settings).frame.items()}


@given(st.lists(st.floats(width=64) | st.integers(-(2**53), 2**53).map(float) | st.none(), min_size=1))
def test_a_float_means_the_same_number_and_has_no_exponent(values):
    told = cells({"x": pa.array(values, pa.float64()), "y": ["."] * len(values)})["x"]
    for value, text in zip(values, told, strict=True):
        if value is None or value != value:
            assert text == ""
        else:
            assert float(text) == value
            assert "e" not in text
            assert not text.endswith(".0")


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1))
def test_whole_numbers_keep_every_digit(values):
    assert cells({"x": pa.array(values, pa.int64())})["x"] == [str(value) for value in values]


def test_ids_kept_as_floats_have_no_point_and_are_told_as_numbers():
    raw = read({"id": pa.array([17850.0, None, float("nan")]), "n": [1, 2, 3], "t": ["1.0", "x", "y"]})
    assert raw.frame["id"].tolist() == ["17850", "", ""]
    assert raw.frame["t"].tolist() == ["1.0", "x", "y"]
    assert (raw.kind, raw.numeric) == ("parquet", {"id", "n"})


def test_a_float_of_single_precision_is_not_spelled_out():
    assert cells({"x": pa.array([0.1, 3.0], pa.float32())})["x"] == ["0.1", "3"]


def test_booleans_dates_decimals_and_dictionaries():
    told = cells(
        {
            "flag": [True, False, None],
            "day": pa.array([dt.date(2024, 3, 5), None, dt.date(1970, 1, 1)]),
            "price": pa.array([Decimal("12.50"), None, Decimal("-0.05")]),
            "code": pa.array([Decimal("7.00"), Decimal("12.00"), None]),
            "kind": pa.array(["방문", None, "구매"]).dictionary_encode(),
            "none": pa.nulls(3),
        }
    )
    assert told["flag"] == ["true", "false", ""]
    assert told["day"] == ["2024-03-05", "", "1970-01-01"]
    assert told["price"] == ["12.50", "", "-0.05"]
    assert told["code"] == ["7", "12", ""]
    assert told["kind"] == ["방문", "", "구매"]
    assert told["none"] == ["", "", ""]


def test_moments_keep_their_zone_and_lose_no_digit():
    moment = dt.datetime(2024, 3, 5, 6, 12, 7, 250000, tzinfo=dt.UTC)
    told = cells(
        {
            "seoul": pa.array([moment], pa.timestamp("us", "Asia/Seoul")),
            "naive": pa.array([dt.datetime(2024, 3, 5, 6, 12, 7)], pa.timestamp("ns")),
            "fixed": pa.array([moment], pa.timestamp("ms", "-03:30")),
            "none": pa.array([None], pa.timestamp("us", "UTC")),
            "x": ["1"],
        }
    )
    assert told["seoul"] == ["2024-03-05 15:12:07.250+09:00"]
    assert told["naive"] == ["2024-03-05 06:12:07"]
    assert told["fixed"] == ["2024-03-05 02:42:07.250-03:30"]
    assert told["none"] == [""]


def test_structs_become_columns_and_lists_one_text():
    raw = read(
        {
            "device": [{"os": "ios", "screen": {"w": 1}}, None],
            "tags": [["a", None, "b"], None],
            "sizes": [[1, 2], []],
            "items": [[{"sku": 1}], [{"sku": 2}]],
            "raw": [b"\xff\xfe\xfd", b"x"],
            "text": pa.array([b"\xea\xb0\x80", b"x"], pa.binary()),
        }
    )
    assert list(raw.frame.columns) == ["device.os", "device.screen.w", "tags", "sizes", "text"]
    assert raw.frame["device.screen.w"].tolist() == ["1", ""]
    assert raw.frame["tags"].tolist() == ["a, , b", ""]
    assert raw.frame["sizes"].tolist() == ["1, 2", ""]
    assert raw.frame["text"].tolist() == ["가", "x"]
    assert Finding("sources.columns_dropped", {"n": 2, "names": ["items", "raw"]}) in raw.notes
    assert raw.numeric == {"device.screen.w"}


def test_parameters_of_ga4_become_columns():
    value = pa.struct([("string_value", pa.string()), ("int_value", pa.int64())])
    params = pa.array(
        [
            [
                {"key": "page", "value": {"string_value": "/a", "int_value": None}},
                {"key": "ga_session_id", "value": {"string_value": None, "int_value": 1709619120123456789}},
            ],
            None,
            [{"key": "page", "value": {"string_value": "/b", "int_value": None}}],
        ],
        pa.list_(pa.struct([("key", pa.string()), ("value", value)])),
    )
    told = cells({"id": ["1", "2", "3"], "event_params": params})
    assert told["event_params.page"] == ["/a", "", "/b"]
    assert told["event_params.ga_session_id"] == ["1709619120123456789", "", ""]


def test_a_map_becomes_columns_and_its_keys_are_limited():
    pairs = pa.array([[("a", 1)], [("b", 2), ("a", 3)]], pa.map_(pa.string(), pa.int64()))
    assert cells({"id": ["x", "y"], "m": pairs}) == {"id": ["x", "y"], "m.a": ["1", "3"], "m.b": ["", "2"]}
    many = pa.array([[(str(key), key) for key in range(50)]], pa.map_(pa.string(), pa.int64()))
    with pytest.raises(FileTooLarge) as caught:
        read({"m": many}, limits=Limits(columns=20))
    assert caught.value.values["what"] == "columns"


def test_an_index_that_pandas_added_is_left_out_and_equal_names_stay_apart():
    table = pa.table([["1"], ["2"], ["3"]], names=["a", "a", "__index_level_0__"])
    raw = read_table(parquet(table), "a.parquet")
    assert raw.frame.to_dict("list") == {"a": ["1"], "a.1": ["2"]}


def test_text_is_normalised_as_in_a_text_file():
    told = cells({"x": ["\u1100\u1161", "a\u200bb", "\ufeffc\0"], "y": ["1", "2", "3"]})
    assert told["x"] == ["가", "ab", "c"]


def test_text_that_is_no_utf8_has_marks_for_what_is_broken():
    wrong = pa.StringArray.from_buffers(
        1, pa.py_buffer(b"\0\0\0\0\x03\0\0\0"), pa.py_buffer(b"a\xffb"), null_count=0
    )
    assert cells({"x": wrong, "y": ["1"]})["x"] == ["a\ufffdb"]


def test_rows_and_columns_are_refused_from_the_directory_alone():
    # A column of one value takes a few bytes for any number of rows.
    rows = 20_000_000
    zeros = pa.chunked_array([pa.array([0] * 1_000_000, pa.int8())] * (rows // 1_000_000))
    data = parquet(pa.table({"x": zeros}), row_group_size=1_000_000)
    assert len(data) < 100_000
    before = time.perf_counter()
    with pytest.raises(FileTooLarge) as caught:
        read_table(data, "bomb.parquet", limits=Limits(rows=rows - 1))
    assert time.perf_counter() - before < 1
    assert caught.value.values == {"what": "rows", "size": rows, "most": rows - 1}
    wide = parquet(pa.table({f"c{i}": ["x"] for i in range(30)}))
    with pytest.raises(FileTooLarge):
        read_table(wide, "wide.parquet", limits=Limits(columns=29))


def test_no_rows_is_empty():
    with pytest.raises(FileEmpty):
        read({"x": pa.array([], pa.string())})


@given(st.data())
def test_a_damaged_file_is_an_error_and_nothing_else(data):
    whole = parquet(pa.table({"id": ["a", "b"], "n": [1, 2]}))
    cut = data.draw(st.integers(4, len(whole) - 1))
    with pytest.raises(FileBroken):
        read_table(whole[:cut], "cut.parquet")


def test_forged_pages_end_the_reader_and_not_the_server(tmp_path):
    whole = parquet(pa.table({"id": [str(n) for n in range(5000)], "n": range(5000)}), compression="none")
    limits = Limits(child_memory=2 * 2**30, child_seconds=20)
    for seed in range(examples(6)):
        forged = bytearray(whole)
        # Around the headers of pages and in the directory at the end.
        for place in (
            30 + 7 * seed,
            60 + 11 * seed,
            len(whole) - 60 - 13 * seed,
            len(whole) - 200 - 5 * seed,
        ):
            forged[place] ^= 0x7F
        path = tmp_path / "forged.parquet"
        path.write_bytes(forged)
        try:
            assert read_file(path, "forged.parquet", limits=limits).kind == "parquet"
        except (FileBroken, FileTooLarge, FileEmpty):
            continue


@pytest.mark.needs_shared_data
def test_the_same_log_from_csv_and_parquet(shared_data):
    csv = read_table(shared_data / "events/receipt.csv", "receipt.csv").frame
    typed = read_table(shared_data / "events/receipt.parquet", "receipt.parquet").frame
    assert set(csv.columns) == set(typed.columns)
    assert len(csv) == len(typed) == 8577
    for name in csv.columns:
        # The CSV says the offset of Amsterdam, the Parquet file holds the same local time without one.
        clock = (
            csv[name]
            .str.replace(r"[+-]\d\d:\d\d$", "", regex=True)
            .str.replace(r"(\.\d*?)0+$", r"\1", regex=True)
        )
        other = typed[name].str.replace(r"(\.\d*?)0+$", r"\1", regex=True)
        if name.startswith(("time:", "case:startdate", "case:enddate", "case:deadline")):
            assert clock.str.rstrip(".").tolist() == other.str.rstrip(".").tolist(), name
        else:
            assert csv[name].tolist() == typed[name].tolist(), name


@pytest.mark.needs_shared_data
def test_customers_kept_as_floats_are_whole_numbers(shared_data):
    raw = read_table(shared_data / "transactions/online_retail.parquet", "online_retail.parquet")
    customers = raw.frame["CustomerID"]
    assert len(raw.frame) == 541_909
    assert (customers == "").sum() == 135_080
    assert customers[customers != ""].nunique() == 4372
    assert not customers.str.contains(".", regex=False).any()
    assert "CustomerID" in raw.numeric


def test_the_default_limit_is_twenty_million_rows():
    assert LIMITS.rows == 20_000_000
