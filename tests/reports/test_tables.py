from __future__ import annotations

import csv
import datetime as dt
import io
import unicodedata
import zipfile

import openpyxl
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from journey.reports.tables import to_csv, to_xlsx
from journey.sources.files import read_table
from journey.sources.formulas import freed, inert
from tests.endurance import examples

LEADS = ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"]


def read_csv(data):
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def read_xlsx(data):
    book = openpyxl.load_workbook(io.BytesIO(data))
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}


def test_csv_opens_in_korean():
    frame = pd.DataFrame({"단계": ["인지", "구매"], "고객": [1200, -3], "비율": [0.25, float("nan")]})
    data = to_csv(frame)
    assert data.startswith(b"\xef\xbb\xbf") and not to_csv(frame, bom=False).startswith(b"\xef")
    assert read_csv(data) == [["단계", "고객", "비율"], ["인지", "1200", "0.25"], ["구매", "-3", ""]]


@pytest.mark.parametrize("lead", LEADS)
def test_a_text_that_would_run_is_led_by_an_apostrophe_header_included(lead):
    frame = pd.DataFrame({f"{lead}HYPERLINK(1)": [f"{lead}cmd|'/c calc'!A0", f"  {lead}1+1"]})
    header, *cells = read_csv(to_csv(frame))
    assert header[0].startswith("'") and all(cell[0].startswith("'") for cell in cells)


def test_numbers_that_are_negative_stay_numbers():
    frame = pd.DataFrame({"a": [-1, 2], "b": [-0.5, 1e-9]})
    assert read_csv(to_csv(frame))[1:] == [["-1", "-0.5"], ["2", "1e-09"]]
    assert read_xlsx(to_xlsx({"s": frame}))["s"][1:] == [[-1, -0.5], [2, 1e-09]]


@pytest.mark.parametrize("lead", LEADS)
def test_no_cell_of_a_workbook_is_a_formula(lead):
    text = f"{lead}SUM(A1)"
    data = to_xlsx({"s": pd.DataFrame({text: [text]})})
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
    for row in openpyxl.load_workbook(io.BytesIO(data))["s"].iter_rows():
        assert all(cell.data_type in ("s", "inlineStr") for cell in row)
    assert read_xlsx(data)["s"][1][0].strip("\r\t\n") == text.strip("\r\t\n")


TEXT = st.text(max_size=30)
# What spreadsheets run, what hides it from a careless look, and what keeps it from running.
RISKY = st.text(
    st.sampled_from("=+-@\t\r＝＋－＠' \u00a0\u200b\u200e\u2060\ufeff\u3000가a1(,;\"\n"), max_size=8
)


@settings(max_examples=examples(24), deadline=None)
@given(st.lists(st.tuples(TEXT, st.integers(-(2**60), 2**60), st.floats(allow_nan=False)), max_size=5))
def test_any_table_can_be_written_and_read(rows):
    frame = pd.DataFrame(rows, columns=["글", "수", "값"])
    assert len(read_csv(to_csv(frame))) == len(rows) + 1
    assert len(read_xlsx(to_xlsx({"표": frame}))["표"]) == len(rows) + 1


@given(RISKY)
def test_no_text_begins_with_what_runs_and_the_apostrophe_comes_off_again(text):
    kept = inert(text)
    assert freed(kept) == text
    seen = "".join(char for char in kept if unicodedata.category(char)[0] not in "ZC" or char in "\t\r")
    assert not seen.startswith(tuple(LEADS))


def _bare(text):
    """The text without any apostrophe that holds something back, however many there are."""
    while isinstance(text, str) and freed(text) != text:
        text = freed(text)
    return text


@settings(max_examples=examples(16), deadline=None)
@given(st.lists(st.tuples(RISKY, RISKY), min_size=1, max_size=4))
@example([("", "\r")])
@example([("", "''=")])
def test_what_was_exported_is_read_as_if_it_had_never_been_held(rows):
    # Right below the header a blank row is none to a reader; held by an apostrophe it is not blank.
    frame = pd.DataFrame([("처음", "+1"), *rows, ("끝", "-0")], columns=["=이름", "＠ -값"])
    plain = frame.to_csv(index=False, lineterminator="\r\n", quoting=csv.QUOTE_ALL).encode()
    ours, theirs = (read_table(data, "a.csv").frame for data in (to_csv(frame), plain))
    assert list(ours.columns) == list(frame.columns)
    # Apostrophes that somebody wrote themselves are some of ours to a reader.
    pd.testing.assert_frame_equal(ours.map(_bare), theirs.map(_bare))
    if not any("'" in cell for row in rows for cell in row):
        pd.testing.assert_frame_equal(ours, theirs)


@pytest.mark.parametrize("lead", ["", " ", "\ufeff", "\u200b", "\u00a0 ", "\u2060\u3000"])
@pytest.mark.parametrize(
    "attack",
    ['=HYPERLINK("http://evil.invalid","x")', "=cmd|'/c calc'!A0", "@SUM(A1)", "－1+1", "+1", "-2+3"],
)
def test_an_attack_behind_what_nobody_sees_is_held_in_cells_and_headers_and_survives(lead, attack):
    name = f"{lead}{attack}"
    frame = pd.DataFrame({name: [name], "n": [-5]})
    header, row = read_csv(to_csv(frame))
    assert (header, row) == ([f"'{name}", "n"], [f"'{name}", "-5"])
    again = read_table(to_csv(frame.rename(columns={name: f"{name} 값"})), "a.csv").frame
    # Reading takes off what nobody sees, too.
    assert again.columns[0].lstrip("\ufeff\u200b\u2060\u00a0\u3000 ") == f"{attack} 값"
    assert again.iloc[0].tolist() == [
        name.replace("\ufeff", "").replace("\u200b", "").replace("\u2060", ""),
        "-5",
    ]
    book = to_xlsx({name: frame})
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        assert b"<f" not in parts.read("xl/worksheets/sheet1.xml")
        assert b'quotePrefix="1"' in parts.read("xl/styles.xml")
    assert read_xlsx(book).popitem()[1] == [[name, "n"], [name, -5]]


def test_a_careful_programs_apostrophes_come_off_and_others_stay():
    raw = read_table("'=a,말\n'+82,'70s\n'-,it's\n''@x,'\n".encode(), "a.csv")
    assert raw.frame.columns.tolist() == ["=a", "말"]
    assert raw.frame.to_numpy().tolist() == [["+82", "'70s"], ["-", "it's"], ["'@x", "'"]]


@pytest.mark.parametrize("text", ["\ud800", "\x00", "\x0b", "a\x1fb", "\uffff"])
def test_what_no_file_can_carry_is_replaced(text):
    frame = pd.DataFrame({"a": pd.Series([text], dtype=object)})
    assert "\ufffd" in read_csv(to_csv(frame))[1][0]
    assert "\ufffd" in read_xlsx(to_xlsx({"s": frame}))["s"][1][0]


def test_lists_dates_and_long_ids():
    moment = pd.Timestamp("2024-03-05 15:07", tz="Asia/Seoul")
    frame = pd.DataFrame(
        {
            "route": [["인지", "구매"]],
            "at": [moment],
            "day": [dt.date(2024, 3, 5)],
            "id": [12345678901234567],
            "flag": [True],
            "none": [pd.NaT],
        }
    )
    row = read_csv(to_csv(frame))[1]
    assert row == ["인지 > 구매", "2024-03-05 15:07:00", "2024-03-05", "12345678901234567", "True", ""]
    cells = read_xlsx(to_xlsx({"s": frame}))["s"][1]
    assert cells[0] == "인지 > 구매" and cells[1] == dt.datetime(2024, 3, 5, 15, 7)
    assert cells[3] == "12345678901234567" and cells[4] is True and cells[5] is None


def test_sheet_names_are_made_fit_and_apart():
    frame = pd.DataFrame({"a": [1]})
    names = ["a/b:c", "a b c", "가" * 40, "", "History"]
    fit = list(read_xlsx(to_xlsx(dict.fromkeys(names, frame))))
    assert fit == ["a b c", "a b c 2", "가" * 31, "Sheet", "History 2"]


def test_no_tables_is_still_a_workbook():
    assert list(read_xlsx(to_xlsx({}))) == ["Sheet1"]


def test_tables_are_not_changed():
    frame = pd.DataFrame({"=a": ["=1"]})
    before = frame.copy()
    to_csv(frame)
    to_xlsx({"s": frame})
    pd.testing.assert_frame_equal(frame, before)
