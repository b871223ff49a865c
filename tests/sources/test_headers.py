"""Where the table begins, what its columns are called, what its last row is."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def test_names_over_three_rows():
    lines = [
        "기간,자치구,인구,,,,비고",
        ",,합계,,한국인,,",
        ",,계,남자,계,남자,",
        "2017,종로구,10,5,9,4,x",
        "2017,중구,20,9,8,7,y",
    ]
    raw = read("\n".join(lines) + "\n", header=None)
    assert list(raw.frame.columns) == [
        "기간", "자치구", "인구 합계 계", "인구 합계 남자", "인구 한국인 계", "인구 한국인 남자", "비고",
    ]  # fmt: skip
    assert raw.frame.shape == (2, 7)


def test_words_below_names_that_span_nothing_are_data():
    whole = read("지점,매출,방문\n가게,원,명\n강남,100,5\n부산,200,7\n제주,300,9\n")
    assert list(whole.frame.columns) == ["지점", "매출", "방문"]
    assert whole.frame["매출"].tolist() == ["원", "100", "200", "300"]


def test_a_row_that_leaves_a_name_empty_belongs_to_the_data():
    gap = read("지점,,매출,방문\n가게,,원,명\n강남,a,100,5\n부산,b,200,7\n제주,c,300,9\n")
    assert list(gap.frame.columns) == ["지점", "column_2", "매출", "방문"]
    assert gap.frame["매출"].tolist() == ["원", "100", "200", "300"]


def test_the_user_takes_one_row_of_names_where_the_finder_took_two():
    text = "지역,2023,,2024,\n,매출,건수,매출,건수\n강남,100,1,200,2\n강동,300,3,400,4\n"
    assert read(text).frame.shape == (2, 5)
    assert read(text, header=2).frame.columns.tolist() == ["column_1", "매출", "건수", "매출.1", "건수.1"]


def test_a_unit_above_the_names_is_passed_over():
    raw = read("3월 매출,,,\n,,,(단위: 원)\n지점,품목,수량,금액\n가,사과,1,100\n나,배,2,300\n")
    assert raw.header_line == 3
    assert list(raw.frame.columns) == ["지점", "품목", "수량", "금액"]


def test_a_first_row_that_sums_up_the_others():
    rows = "구,인구,세대\n서울,합계,30,7\n".replace("구,", "시,구,", 1) + "서울,가,10,3\n서울,나,20,4\n"
    raw = read(rows)
    assert raw.total_row == 0
    assert "sources.total_row_first" in codes(raw)
    assert len(raw.frame) == 3
    assert read(rows.replace("30", "31").replace(",7", ",9")).total_row is None
    assert read(rows.replace("합계", "다")).total_row is None


def test_a_last_row_whose_second_cell_says_total():
    assert read("시,구,인구\n서울,가,10\n서울,나,20\n서울,소계,30\n").total_row == 2
    assert read("시,구,인구\n서울,가,10\n서울,나,20\n서울,소계,31\n").total_row is None


@given(
    st.lists(st.tuples(st.integers(-99, 99), st.integers(0, 10**9)), min_size=1, max_size=30),
    st.booleans(),
    st.booleans(),
)
def test_a_sum_is_a_sum_wherever_it_stands(numbers, first, off):
    whole = [sum(column) + (1_000 if off else 0) for column in zip(*numbers, strict=True)]
    lines = [f"서울,구{i},{a},{b}" for i, (a, b) in enumerate(numbers)]
    total = f"서울,합계,{whole[0]},{whole[1]}"
    lines = [total, *lines] if first else [*lines, total]
    raw = read("시,구,증감,인구\n" + "\n".join(lines) + "\n", header=1)
    assert raw.total_row == (None if off else 0 if first else len(numbers))


def test_columns_beside_the_table_are_told():
    rows = "".join(f"{i},{i * 2},,{'설명' if i < 3 else ''}\n" for i in range(100))
    raw = read("id,값,,\n" + rows)
    assert raw.aside == ("column_3", "column_4")
    assert "sources.columns_aside" in codes(raw)
    # An unnamed column that is filled is one of the table.
    assert read("id,값,\n" + "1,2,3\n" * 50).aside == ()


def test_thousands_of_columns_are_guessed_in_no_time():
    names = ",".join(f"c{i}" for i in range(2000))
    begin = time.process_time()
    raw = read(names + "\n" + (",".join(["2024-03-05 12:00"] * 2000) + "\n") * 200)
    assert raw.frame.shape == (200, 2000)
    assert time.process_time() - begin < 5
    assert len(column_names(["같은 이름"] * 20_000)[0]) == 20_000


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
