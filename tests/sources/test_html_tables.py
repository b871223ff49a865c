"""Pages of HTML, named .xls or not: the largest table, every cell in its place, nothing fetched."""

from __future__ import annotations

import os
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from journey.errors import EncodingUnknown, FileEmpty, FileKindUnknown, FileTooLarge, Unreadable
from journey.sources import workbook
from journey.sources.files import read_table
from journey.sources.limits import Limits
from journey.sources.workbook_child import said, spread
from tests.endurance import examples

here = pytest.mark.usefixtures("books_here")
PAGE = """<html><head><meta http-equiv="Content-Type" content="text/html; charset={charset}">
<style>td {{ color: red }}</style></head><body><table><tr><td>menu</td></tr></table>
<table border=1><tr><th>고객ID</th><th>이벤트</th><th>일시</th></tr>
<tr><td style="mso-number-format:'@'">00123</td><td>방문<br>다시</td><td>2024-03-05 12:00</td></tr>
<tr><td>01012345678</td><td>A &amp; <b>B</b><script>x()</script></td><td>&nbsp;2024-03-06 </td></tr></table>
</body></html>"""
CELLS = {
    "고객ID": ["00123", "01012345678"],
    "이벤트": ["방문 다시", "A & B"],
    "일시": ["2024-03-05 12:00", "2024-03-06"],
}


def page(rows, around="{}"):
    return around.format(f"<table>{rows}</table>").encode()


@here
@pytest.mark.parametrize(
    ("charset", "encoding"),
    [
        ("euc-kr", "cp949"),
        ("utf-8", "utf-8"),
        ("utf-8", "utf-8-sig"),
        ("unicode", "utf-16"),
        # What the page says of itself is wrong here, and not believed.
        ("utf-8", "cp949"),
        ("euc-kr", "utf-8"),
    ],
)
def test_cells_are_the_same_from_every_encoding(charset, encoding):
    raw = read_table(PAGE.format(charset=charset).encode(encoding), "목록.xls")
    assert raw.frame.to_dict("list") == CELLS
    assert (raw.kind, raw.sheet, raw.sheets, raw.header_line) == ("html", None, (), 1)
    assert "sources.page_named_workbook" in [note.code for note in raw.notes]


def test_a_page_named_as_one_is_no_surprise():
    raw = read_table(PAGE.format(charset="utf-8").encode(), "export.html")
    assert raw.notes == ()


@here
def test_a_western_page_is_read_as_it_says_and_else_refused():
    text = "<table><tr><td>name</td><td>n</td></tr><tr><td>caf\xe9</td><td>1</td></tr></table>"
    with pytest.raises(EncodingUnknown):
        read_table(text.encode("cp1252"), "a.html")
    told = "<meta charset=windows-1252>" + text
    assert read_table(told.encode("cp1252"), "a.html").frame["name"].tolist() == ["caf\xe9"]
    with pytest.raises(EncodingUnknown):
        read_table(b"<meta charset=klingon>" + text.encode("cp1252"), "a.html")
    assert read_table(text.encode("cp1252"), "a.html", encoding="cp1252").frame.shape == (1, 2)


@here
def test_cells_that_span_fill_every_place():
    rows = (
        "<tr><th rowspan=2>지역</th><th colspan=2>2023</th><th colspan='2'>2024</th></tr>"
        "<tr><th>매출</th><th>건수</th><th>매출</th><th>건수</th></tr>"
        "<tr><td rowspan=2>서울</td><td>1</td><td>2</td><td>3</td><td>4</td></tr>"
        "<tr><td>5</td><td>6</td><td>7</td><td>8</td></tr>"
    )
    raw = read_table(page(rows), "a.xls")
    assert list(raw.frame.columns) == ["지역", "2023 매출", "2023 건수", "2024 매출", "2024 건수"]
    assert raw.frame.to_numpy().tolist() == [["서울", "1", "2", "3", "4"], ["서울", "5", "6", "7", "8"]]


@here
def test_a_title_over_all_columns_is_no_name():
    rows = (
        "<tr><td colspan=3>3월 매출 보고서</td></tr><tr><td>지점</td><td>매출</td><td>건수</td></tr>"
        "<tr><td>가</td><td>1</td><td>2</td></tr><tr><td>나</td><td>3</td><td>4</td></tr>"
    )
    raw = read_table(page(rows), "a.xls")
    assert list(raw.frame.columns) == ["지점", "매출", "건수"]
    assert raw.header_line == 2


@here
def test_a_table_that_lays_out_the_page_is_not_the_largest():
    inner = "<tr><td>id</td><td>x</td></tr>" + "".join(f"<tr><td>c{i}</td><td>1</td></tr>" for i in range(9))
    around = "<table><tr><td>menu</td><td>{}</td></tr><tr><td>a</td><td>b</td></tr></table>"
    raw = read_table(page(inner, "<html>" + around), "a.html")
    assert raw.frame.shape == (9, 2)


@settings(max_examples=examples(24))
@given(
    st.lists(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), max_size=4), min_size=1, max_size=6)
)
def test_no_place_is_taken_twice_and_each_row_is_as_wide_as_its_cells(shape):
    """A law: as many places of the grid hold a cell's name as the cell spans, cut off at the last row."""
    cells = [
        (f"c{y}-{x}", wide, tall, y) for y, row in enumerate(shape) for x, (wide, tall) in enumerate(row)
    ]
    rows = "".join(
        "<tr>"
        + "".join(f"<td colspan={w} rowspan={t}>{n}</td>" for n, w, t, at in cells if at == y)
        + "</tr>"
        for y in range(len(shape))
    )
    table = etree.HTML(f"<table>{rows}</table>").find(".//table")
    grid = spread(list(table.iter("tr")), 10_000)
    found = [cell for column in grid.columns for cell in column.to_pylist() if cell]
    for name, wide, tall, at in cells:
        assert found.count(name) == wide * min(tall, len(shape) - at)


def test_words_of_a_cell():
    cell = etree.HTML("<td> a<br>b <i>c</i>\n d<style>no</style><table><tr><td>x</td></tr></table>e</td>")
    assert said(cell.find(".//td") if cell.find(".//td") is not None else cell.find(".//p")) == "a b c de"


@here
def test_what_holds_no_table():
    for data in (b"<html><body>hello</body></html>", b"<!-- x --><div>a</div>", b"<?xml version='1.0'?><a/>"):
        with pytest.raises(FileKindUnknown):
            read_table(data, "a.xls")
    with pytest.raises(FileEmpty):
        read_table(page("<tr><th>id</th><th>x</th></tr>"), "a.xls")
    with pytest.raises(FileEmpty):
        read_table(page(""), "a.xls")


def test_spans_that_would_fill_the_machine_are_refused():
    rows = "<tr><td colspan=999999999 rowspan=99999>a</td></tr>" + "<tr><td>b</td></tr>" * 300
    begin = time.perf_counter()
    with pytest.raises(FileTooLarge):
        read_table(page(rows), "a.xls", limits=Limits(cells=100_000))
    assert time.perf_counter() - begin < 20


BILLION = b"""<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><html><table><tr><td>id</td><td>v</td></tr>
<tr><td>1</td><td>&c;</td></tr></table></html>"""


def test_entities_of_the_page_mean_nothing_and_no_file_is_opened(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("top secret", encoding="utf-8")
    raw = read_table(BILLION, "a.xls")
    assert "lol" not in raw.frame.to_csv()
    outside = BILLION.replace(b'"lol"', f'SYSTEM "file://{secret}"'.encode()).replace(b"&c;", b"&a;")
    assert "secret" not in read_table(outside, "a.xls").frame.to_csv()
    linked = b"<html><link rel=stylesheet href='http://127.0.0.1:9/x'><img src='http://127.0.0.1:9/y'>"
    assert read_table(linked + PAGE.format(charset="utf-8").encode(), "a.xls").frame.to_dict("list") == CELLS


def test_tags_within_tags_without_end():
    for data in (b"<table><tr><td>" * 50_000, b"<html>" + b"<b>" * 200_000 + PAGE.encode()):
        try:
            read_table(data, "a.xls", limits=Limits(child_seconds=20))
        except Unreadable:
            continue


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook.tempfile, "tempdir", str(tmp_path))
    read_table(PAGE.format(charset="utf-8").encode(), "a.xls")
    assert os.listdir(tmp_path) == []
