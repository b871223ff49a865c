"""Several sheets: which are the table, and how those of the same columns become one."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.errors import FileEmpty, FileTooLarge, SettingWrong
from journey.i18n import LANGUAGES, text
from journey.sources.files import read_table
from journey.sources.how import ALL_SHEETS
from journey.sources.limits import LIMITS, Limits
from journey.sources.sheets import SHEET_COLUMN, choose
from journey.sources.workbook import Book, Sheet
from tests.endurance import examples
from tests.sources.old_books import xls
from tests.sources.test_workbook import book

HEAD = ["고객ID", "이벤트", "금액"]
MARCH = [HEAD, ["001", "방문", 0], ["002", "구매", 5]]
APRIL = [HEAD, ["003", "방문", 0]]
OTHER = [["상품", "가격"], ["사과", 1], ["배", 2], ["감", 3]]


def grid(rows):
    columns = zip(*([str(cell) for cell in row] for row in rows), strict=True)
    return pa.table({str(i): pa.array(column, pa.large_string()) for i, column in enumerate(columns)})


def opened(sheets, hidden=()):
    """A workbook as the child hands it over: the visible sheets, else the hidden ones."""
    made = [Sheet(name, grid(rows), name not in hidden) for name, rows in sheets.items()]
    seen = [sheet for sheet in made if sheet.visible]
    return Book("xlsx", tuple(seen if any(s.grid.num_rows for s in seen) else made), tuple(sheets))


def rows(chosen):
    return [list(row) for row in zip(*(column.to_pylist() for column in chosen.table.columns), strict=True)]


def codes(chosen):
    return [note.code for note in chosen.notes]


def pick(sheets, wanted=None, hidden=(), limits=LIMITS):
    return choose(opened(sheets, hidden), wanted, None, limits)


def test_sheets_of_the_same_columns_are_one_table():
    chosen = pick({"3월": MARCH, "4월": APRIL})
    assert chosen.sheet == ALL_SHEETS
    assert chosen.header.names == (SHEET_COLUMN, *HEAD)
    assert rows(chosen) == [
        ["3월", "001", "방문", "0"],
        ["3월", "002", "구매", "5"],
        ["4월", "003", "방문", "0"],
    ]
    (note,) = chosen.notes
    assert note.values == {"n": 2, "names": ["3월", "4월"], "column": "sheet"}
    for language in LANGUAGES:
        assert "3월" in text(note.code, language, **note.values)


def test_the_order_of_the_columns_may_differ():
    turned = [["금액", "고객ID", "이벤트"], [9, "003", "방문"]]
    assert rows(pick({"3월": MARCH, "4월": turned}))[-1] == ["4월", "003", "방문", "9"]


def test_a_sheet_of_other_columns_stays_out():
    assert pick({"3월": MARCH, "상품": OTHER, "4월": APRIL}).table.num_rows == 3
    # The stack has as many rows as the first sheet: the first sheet is the table.
    assert pick({"상품": OTHER, "3월": MARCH, "4월": APRIL}).sheet == "상품"
    assert pick({"표지": [["보고서", "3월"], ["a", "b"]], "3월": MARCH, "4월": APRIL}).sheet == ALL_SHEETS


def test_one_sheet_may_be_picked_and_all_may_be_asked_for():
    assert pick({"3월": MARCH}, "3월").table.num_rows == 2
    alone = pick({"3월": MARCH, "빈": []}, ALL_SHEETS)
    assert (alone.sheet, alone.table.num_columns) == (ALL_SHEETS, 4)
    with pytest.raises(SettingWrong) as refused:
        pick({"3월": MARCH, "상품": OTHER}, ALL_SHEETS)
    assert refused.value.values == {"setting": "sheet", "value": "*", "allowed": "3월, 상품"}


def test_hidden_sheets_are_taken_only_where_nothing_else_is():
    assert pick({"3월": MARCH, "4월": APRIL}, hidden=["4월"]).sheet == "3월"
    alone = pick({"표지": [], "3월": MARCH, "4월": APRIL}, hidden=["3월", "4월"])
    assert (alone.sheet, codes(alone)) == ("3월", ["sources.sheet_chosen", "sources.sheet_hidden"])


def test_sheets_without_names_have_nothing_in_common():
    numbers = [["1", "2"], ["3", "4"], ["5", "6"]]
    assert pick({"a": numbers, "b": numbers}).sheet == "a"


def test_totals_at_the_end_of_each_sheet_go():
    chosen = pick({"3월": [*MARCH, ["합계", "", 5]], "4월": APRIL})
    assert chosen.table.num_rows == 3
    assert codes(chosen) == ["sources.sheets_stacked", "sources.totals_left_out"]


@pytest.mark.usefixtures("books_here")
def test_a_column_of_that_name_keeps_its_place():
    both = [["sheet", "id"], ["x", "1"]]
    raw = read_table(xls({"a": both, "b": both}), "a.xls")
    assert raw.frame.to_dict("list") == {"sheet": ["a", "b"], "sheet.1": ["x", "x"], "id": ["1", "1"]}


def test_the_stack_is_limited_as_a_whole():
    with pytest.raises(FileTooLarge):
        pick({"3월": MARCH, "4월": MARCH}, limits=Limits(rows=3))
    with pytest.raises(FileEmpty):
        pick({"3월": [HEAD], "4월": [HEAD]})


@settings(max_examples=examples(24))
@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from(["가", "나"]), st.integers(0, 9)), max_size=4),
        min_size=1,
        max_size=5,
    )
)
def test_the_stack_holds_the_rows_of_each_sheet_in_order(parts):
    sheets = {f"s{i}": [["고객", "금액"], *map(list, part)] for i, part in enumerate(parts)}
    whole = [[name, cell, str(n)] for name, part in zip(sheets, parts, strict=True) for cell, n in part]
    if whole:
        assert rows(pick(sheets, ALL_SHEETS)) == whole
    else:
        with pytest.raises(FileEmpty):
            pick(sheets, ALL_SHEETS)


@pytest.mark.usefixtures("books_here")
def test_all_of_it_from_a_file():
    data = book(None, sheets={"3월": MARCH, "4월": APRIL, "상품": OTHER})
    raw = read_table(data, "a.xlsx")
    assert (raw.sheet, raw.sheets, raw.frame.shape) == (ALL_SHEETS, ("3월", "4월", "상품"), (3, 4))
    assert raw.frame["sheet"].tolist() == ["3월", "3월", "4월"]
    assert read_table(data, "a.xlsx", sheet="상품").frame.shape == (3, 2)
    assert read_table(data, "a.xlsx", sheet="4월").frame.columns.tolist() == HEAD
