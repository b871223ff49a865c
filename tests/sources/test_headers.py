"""Where the table begins, what its columns are called, what its last row is."""

from __future__ import annotations

import pytest

from journey.sources.files import read_table
from journey.sources.headers import column_names, is_total


def read(text, **settings):
    return read_table(text.encode(), "a.csv", **settings)


def codes(raw):
    return [note.code for note in raw.notes]


def test_titles_above_the_header_are_passed_over():
    titles = "보고서: 3월 고객 행동\n만든 날: 2024-03-31\n\n"
    raw = read(titles + "고객,이벤트,일시\n1,방문,2024-03-05\n2,구매,2024-03-06\n")
    assert raw.header_line == 4
    assert raw.frame.shape == (2, 3)
    assert "sources.header_found" in codes(raw)


def test_titles_exported_by_excel_keep_their_commas():
    raw = read("3월 보고서,,,\n,,,\n고객,이벤트,일시,금액\n1,방문,2024-03-05,0\n2,구매,2024-03-06,5\n")
    assert list(raw.frame.columns) == ["고객", "이벤트", "일시", "금액"]


def test_table_without_names():
    raw = read("16. 7. 1.,766\n16. 7. 2.,377\n16. 7. 3.,427\n")
    assert raw.header_line == 0
    assert list(raw.frame.columns) == ["column_1", "column_2"]
    assert len(raw.frame) == 3
    assert "sources.header_missing" in codes(raw)


def test_ids_and_times_without_names():
    raw = read("C1,view,2024-03-05 10:00\nC2,buy,2024-03-05 11:00\n")
    assert raw.header_line == 0


def test_names_that_are_years_are_names():
    raw = read("구,소계,2013,2014,2015\n강남,100,1,2,3\n강동,200,4,5,6\n")
    assert list(raw.frame.columns) == ["구", "소계", "2013", "2014", "2015"]


@pytest.mark.parametrize(("line", "rows"), [(1, 3), (2, 2), (0, 4)])
def test_the_user_may_say_where_the_header_is(line, rows):
    raw = read("a,b\n1,2\n3,4\n5,6\n", header=line)
    assert len(raw.frame) == rows
    assert raw.header_line == line


def test_merged_header_of_two_rows():
    raw = read("지역,2023,,2024,\n,매출,건수,매출,건수\n강남,100,1,200,2\n강동,300,3,400,4\n서초,1,1,1,1\n")
    assert list(raw.frame.columns) == ["지역", "2023 매출", "2023 건수", "2024 매출", "2024 건수"]
    assert len(raw.frame) == 3


@pytest.mark.parametrize("word", ["합계", "총계", "Total", "total:"])
def test_last_row_that_sums_up(word):
    raw = read(f"고객,금액\n1,10\n2,20\n{word},30\n")
    assert raw.total_row == 2
    assert "sources.total_row" in codes(raw)


def test_a_customer_named_like_a_word_inside_is_no_total():
    assert not is_total(["합계동 주민", "1"])
    assert not is_total(["", ""])
    assert read("고객,금액\n1,10\n2,20\n").total_row is None


def test_names_are_repaired_and_told():
    names, notes = column_names(["a", "a", "", "  b \n c ", "x" * 1000, "Unnamed: 5", "a.1", "가\u200b"])
    assert names[:4] == ("a", "a.1", "column_3", "b c")
    assert len(names[4]) == 120
    assert names[5:] == ("column_6", "a.1.1", "가")
    assert len(set(names)) == len(names)
    assert notes[0].values["n"] == 5


@pytest.mark.parametrize("name", ["a:b", "a.b", "a[0]", "count()", "금액:Q", "a\\b"])
def test_odd_names_are_kept(name):
    assert read(f"{name},b\nx,1\ny,2\n").frame.columns[0] == name
