"""JSON lines: digits stay digits, nested objects become columns, bad lines are counted."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.errors import FileEmpty, FileTooLarge, JsonWrong
from journey.findings import Finding
from journey.sources import json_lines
from journey.sources.files import read_table
from journey.sources.limits import Limits


def read(*rows, **settings):
    return read_table("\n".join(rows).encode(), "a.jsonl", **settings)


def cells(*rows):
    return {name: list(column) for name, column in read(*rows).frame.items()}


KEYS = st.text(st.characters(codec="ascii", exclude_characters=". ", categories=["L", "N"]), min_size=1)
FLAT = st.dictionaries(KEYS, st.none() | st.booleans() | st.integers() | st.text("가나다abc 1"), min_size=1)


@given(st.lists(FLAT, min_size=1, max_size=20), st.booleans())
def test_every_value_stands_where_its_key_and_row_say(rows, listed):
    rows = [{"first": "x", **row} for row in rows]
    told = json.dumps(rows) if listed else "\n".join(map(json.dumps, rows))
    raw = read(told)
    for number, row in enumerate(rows):
        for key, value in row.items():
            expected = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
            if value is not None:
                assert raw.frame[key].iloc[number] == expected
    assert len(raw.frame) == len(rows)


def test_long_ids_and_decimals_keep_their_digits():
    raw = read('{"id": 1709619120123456789, "price": 1.10, "n": "007"}', '{"id": null, "price": 2, "n": "1"}')
    assert raw.frame.to_dict("list") == {
        "id": ["1709619120123456789", ""],
        "price": ["1.10", "2"],
        "n": ["007", "1"],
    }
    assert (raw.kind, raw.numeric, raw.encoding) == ("jsonl", {"id", "price"}, "utf-8")


def test_nested_objects_become_columns():
    told = cells(
        '{"event": "방문", "properties": {"distinct_id": "u1", "$device": {"os": "ios"}}}',
        '{"event": "구매", "properties": {"distinct_id": "u2", "paid": true}}',
    )
    assert told == {
        "event": ["방문", "구매"],
        "properties.distinct_id": ["u1", "u2"],
        "properties.$device.os": ["ios", ""],
        "properties.paid": ["", "true"],
    }


def test_parameters_of_ga4_become_columns():
    told = cells(
        '{"event_name": "page_view", "event_params": ['
        '{"key": "page", "value": {"string_value": "/a", "int_value": null}},'
        '{"key": "ga_session_id", "value": {"int_value": "1709619120"}}]}',
        '{"event_name": "purchase", "event_params": []}',
    )
    assert told == {
        "event_name": ["page_view", "purchase"],
        "event_params.page": ["/a", ""],
        "event_params.ga_session_id": ["1709619120", ""],
    }


def test_lists_of_values_are_one_text_and_lists_of_objects_are_left_out():
    raw = read('{"id": 1, "tags": ["a", 2, null], "items": [{"sku": 1}]}')
    assert raw.frame.to_dict("list") == {"id": ["1"], "tags": ["a, 2, "]}
    assert raw.notes == (Finding("sources.columns_dropped", {"n": 1, "names": ["items"]}),)


def test_keys_that_come_late_were_missing_before(monkeypatch):
    monkeypatch.setattr(json_lines, "_CHUNK", 2)
    told = cells('{"a": 1}', '{"a": 2}', '{"a": 3, "b": "x"}', '{"b": "y"}', '{"a": 5}')
    assert told == {"a": ["1", "2", "3", "", "5"], "b": ["", "", "x", "y", ""]}


@pytest.mark.parametrize(
    "content",
    [
        '[{"a": 1},\n {"a": 2}]',
        '{"a": 1}\n\n{"a": 2}\n',
        '{"a": 1},\r\n{"a": 2},\r\n',
        '{\n  "a": 1\n}\n{\n  "a": 2\n}',
        '\ufeff{"a": 1}\n{"a": 2}',
        '[\n{"a": 1}, {"a": 2}\n]\n',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_ways_of_writing_objects_one_after_the_other(content, encoding):
    raw = read_table(content.encode(encoding), "a.json")
    assert raw.frame.to_dict("list") == {"a": ["1", "2"]}


def test_korean_in_cp949_and_in_escapes():
    rows = [json.dumps({"이벤트": "방문"}, ensure_ascii=escaped) for escaped in (False, True)]
    assert read_table("\n".join(rows).encode("cp949"), "a.json").frame["이벤트"].tolist() == ["방문"] * 2
    assert cells(json.dumps({"x": "\u1100\u1161\u200b\0"}))["x"] == ["가"]


def test_half_a_character_is_a_mark():
    assert cells(r'{"a": "x\ud800y", "b\udfff": 1}') == {"a": ["x?y"], "b?": ["1"]}


def test_bad_lines_are_counted_and_shown():
    rows = ['{"a": 1}'] * 39 + ["{cut", '{"a": 2}']
    raw = read(*rows)
    assert (len(raw.frame), raw.rejected, raw.rejected_rows) == (40, 1, ("{cut",))
    assert raw.notes == (Finding("sources.lines_rejected", {"n": 1}),)
    with pytest.raises(JsonWrong) as caught:
        read('{"a": 1}', '{"a": 2}', "[1]", '"x"')
    assert caught.value.values == {"bad": 2, "rows": 4, "line": 3}


def test_a_list_that_is_cut_names_its_line():
    with pytest.raises(JsonWrong) as caught:
        read('[{"a": 1},', '{"a": 2},', '{"a": ')
    assert caught.value.values["line"] == 3


def test_depth_and_number_of_keys_are_bounded():
    deep = '{"a":' * 100_000 + "1" + "}" * 100_000
    with pytest.raises(JsonWrong):
        read('{"b": 1}', deep)
    raw = read('{"id": 1, "a": ' + '{"a": ' * 20 + "1" + "}" * 20 + "}")
    assert list(raw.frame.columns) == ["id"]
    with pytest.raises(FileTooLarge) as caught:
        read(*(json.dumps({f"key{n}": n}) for n in range(30)), limits=Limits(columns=20))
    assert caught.value.values["what"] == "columns"
    with pytest.raises(FileTooLarge) as caught:
        read(*(['{"a": 1}'] * 11), limits=Limits(rows=10))
    assert caught.value.values["what"] == "rows"


def test_objects_without_a_value_are_empty():
    with pytest.raises(FileEmpty):
        read("{}", "{}")


def test_one_key_twice_in_a_row_counts_once():
    assert cells('{"a.b": 1, "a": {"b": 2}, "c": 3}', '{"c": 4}') == {"a.b": ["2", ""], "c": ["3", "4"]}
