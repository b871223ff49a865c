"""Workbooks, friendly and hostile: the server lives, the data is read or a clear error says why not."""

from __future__ import annotations

import datetime as dt
import io
import os
import subprocess
import sys
import time
import unicodedata
import zipfile
from pathlib import Path

import openpyxl
import pytest

from journey.errors import (
    FileEmpty,
    FileKindUnknown,
    FileTooLarge,
    SettingWrong,
    WorkbookProtected,
    WorkbookWrong,
)
from journey.sources import workbook, workbook_child
from journey.sources.files import read_table
from journey.sources.limits import LIMITS, Limits
from tests.sources.old_books import Day, ods, xls, xlsb

here = pytest.mark.usefixtures("books_here")
SMALL = Limits(child_memory=2 * 2**30, child_seconds=20)


def book(rows, *, sheets=None, change=None):
    made = openpyxl.Workbook()
    for name, content in (sheets or {"Sheet1": rows}).items():
        sheet = made.create_sheet(name)
        for row in content:
            sheet.append(row)
    del made["Sheet"]
    if change:
        change(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def parts(data, **changed):
    """The same zip with some parts replaced or added; keys are file names with '/' written as '__'."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        content = {name: old.read(name) for name in old.namelist()}
        content |= {name.replace("__", "/"): text for name, text in changed.items()}
        for name, text in content.items():
            new.writestr(name, text)
    return out.getvalue()


ROWS = [
    ["고객ID", "이벤트", "일시", "금액", "메모"],
    ["00123", "방문", dt.datetime(2024, 3, 5, 15, 12, 7), 1.0, "NA"],
    ["01012345678", "구매", dt.datetime(2024, 3, 6, 9, 0), 1234, "-"],
    [8801012345678, "구매", dt.datetime(2024, 3, 6, 9, 0), 12.5, None],
]
TEXT = {
    "고객ID": ["00123", "01012345678", "8801012345678"],
    "이벤트": ["방문", "구매", "구매"],
    "일시": ["2024-03-05 15:12:07", "2024-03-06 09:00:00", "2024-03-06 09:00:00"],
    "금액": ["1", "1234", "12.5"],
    "메모": ["NA", "-", ""],
}


def test_cells_become_text():
    raw = read_table(book(ROWS), "a.xlsx")
    assert raw.frame.to_dict("list") == TEXT
    assert (raw.kind, raw.sheet, raw.sheets) == ("xlsx", "Sheet1", ("Sheet1",))


def test_both_readers_agree(monkeypatch):
    run = workbook._run
    engines = []

    def only_careful(engine, folder, limits):
        engines.append(engine)
        return -6 if engine == "fast" else run(engine, folder, limits)

    monkeypatch.setattr(workbook, "_run", only_careful)
    assert read_table(book(ROWS), "a.xlsx").frame.to_dict("list") == TEXT
    assert engines == ["fast", "careful"]


@here
def test_days_without_a_clock_are_dates():
    rows = [
        ["id", "day", "clock"],
        ["a", dt.date(2024, 3, 5), dt.time(15, 12)],
        ["b", dt.date(2024, 3, 6), dt.time(1, 2)],
    ]
    raw = read_table(book(rows), "a.xlsx")
    assert raw.frame["day"].tolist() == ["2024-03-05", "2024-03-06"]
    assert raw.frame["clock"].tolist() == ["15:12:00", "01:02:00"]


@here
def test_day_numbers_of_1904():
    def since_1904(made):
        made.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904

    raw = read_table(
        book(
            [["id", "day"], ["a", dt.datetime(2024, 3, 5)], ["b", dt.datetime(2024, 3, 6)]], change=since_1904
        ),
        "a.xlsx",
    )
    assert raw.frame["day"].tolist() == ["2024-03-05", "2024-03-06"]


@here
def test_first_sheet_with_data_is_read_and_all_are_listed():
    sheets = {"빈": [], "표지": [["보고서"]], "숨김": ROWS, "데이터": [["a", "b"], ["1", "2"]]}

    def hide(made):
        made["숨김"].sheet_state = "hidden"

    data = book(None, sheets=sheets, change=hide)
    raw = read_table(data, "a.xlsx")
    assert raw.sheet == "데이터"
    assert raw.sheets == ("빈", "표지", "숨김", "데이터")
    assert read_table(data, "a.xlsx", sheet="숨김").frame.to_dict("list") == TEXT
    with pytest.raises(SettingWrong) as refused:
        read_table(data, "a.xlsx", sheet="없는 시트")
    assert refused.value.values["allowed"] == "빈, 표지, 숨김, 데이터"
    with pytest.raises(FileEmpty):
        read_table(data, "a.xlsx", sheet="빈")


@here
def test_title_above_the_header_and_empty_edges():
    rows = [
        [],
        [None, "3월 보고서"],
        [],
        [None, *ROWS[0]],
        *([None, *row] for row in ROWS[1:]),
        [None, "합계", None, None, 5],
    ]
    raw = read_table(book(rows), "a.xlsx")
    assert list(raw.frame.columns)[-5:] == ROWS[0]
    assert raw.total_row == 3


@here
def test_formulas_without_values_and_errors_are_missing():
    rows = [["id", "x", "y"], ["a", "=1+1", "=1/0"], ["b", "text", "#REF!"]]

    def errors(made):
        made["Sheet1"]["C3"].data_type = "e"

    raw = read_table(book(rows, change=errors), "a.xlsx")
    assert raw.frame["x"].tolist() == ["", "text"]
    assert raw.frame["y"].tolist() == ["", ""]


@pytest.mark.parametrize("value", [True, False])
@here
def test_truth_values(value):
    assert read_table(book([["id", "x"], ["a", value]]), "a.xlsx").frame["x"].tolist() == [str(value).lower()]


def far_cells():
    made = openpyxl.Workbook()
    made.active["A1"] = "id"
    made.active["A2"] = "a"
    made.active["XFD1"] = "far"
    made.active["XFD1048576"] = "b"
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_a_cell_at_the_far_corner_kills_nobody():
    raw = read_table(far_cells(), "solver.xlsx", limits=SMALL)
    assert raw.frame.to_dict("list") == {"id": ["a", ""], "far": ["", "b"]}


def test_zip_bomb_is_refused_from_its_directory():
    zeros = io.BytesIO()
    with zipfile.ZipFile(zeros, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with zipfile.ZipFile(io.BytesIO(book(ROWS))) as old:
            for name in old.namelist():
                archive.writestr(name, old.read(name))
        with archive.open("xl/worksheets/sheet2.xml", "w") as part:
            for _ in range(100):
                part.write(bytes(2**20))
    begin = time.perf_counter()
    with pytest.raises(FileTooLarge) as caught:
        read_table(zeros.getvalue(), "bomb.xlsx")
    assert time.perf_counter() - begin < 1
    assert caught.value.values["what"] == "unpacked"
    with pytest.raises(FileTooLarge):
        workbook.check_zip(book(ROWS), Limits(unpacked=1000))
    with pytest.raises(FileTooLarge):
        workbook.check_zip(book(ROWS), Limits(parts=3))


def test_child_has_a_memory_limit(tmp_path):
    if sys.platform != "linux":
        pytest.skip("address space limits are only enforced on Linux")
    lines = ["import sys", "sys.path.insert(0, sys.argv[1])", "import workbook_child"]
    script = "; ".join([*lines, "workbook_child.limit(2**28, 5)", "bytearray(2**30)"])
    done = subprocess.run(
        [sys.executable, "-c", script, str(Path(workbook_child.__file__).parent)],
        capture_output=True,
        check=False,
    )
    assert done.returncode != 0
    assert b"MemoryError" in done.stderr


def test_slow_child_is_ended(monkeypatch):
    def sleepy(*arguments, timeout, **rest):
        raise subprocess.TimeoutExpired("child", timeout)

    monkeypatch.setattr(workbook.subprocess, "run", sleepy)
    with pytest.raises(WorkbookWrong):
        read_table(book(ROWS), "a.xlsx")


BILLION = b"""<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>
<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="1"><si><t>&d;</t></si></sst>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="1"><si><t>&x;</t></si></sst>"""


@pytest.mark.parametrize("strings", [BILLION, OUTSIDE])
def test_entities_are_refused(strings):
    data = parts(book([["root"], ["x"]]), **{"xl__sharedStrings.xml": strings})
    try:
        raw = read_table(data, "a.xlsx", limits=SMALL)
    except (WorkbookWrong, FileEmpty):
        return
    assert "root:" not in raw.frame.to_csv()
    assert "lollol" not in raw.frame.to_csv()


def test_damaged_workbooks_are_refused():
    whole = book(ROWS)
    with pytest.raises(WorkbookWrong):
        read_table(whole[: len(whole) // 2], "cut.xlsx")
    with pytest.raises(WorkbookWrong):
        read_table(parts(whole, **{"xl__worksheets__sheet1.xml": b"<worksheet><not closed"}), "a.xlsx")


def test_other_office_files_are_named():
    def zipped(*names):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name in names:
                archive.writestr(name, "x")
        return out.getvalue()

    for names, found in [
        (("word/document.xml",), "DOCX"),
        (("ppt/presentation.xml",), "PPTX"),
        (("content.xml", "mimetype"), "OpenDocument"),
    ]:
        with pytest.raises(FileKindUnknown) as caught:
            read_table(zipped(*names), "a.xlsx")
        assert caught.value.values["found"] == found


def test_password_and_old_format():
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500
    with pytest.raises(WorkbookProtected):
        read_table(ole + "EncryptedPackage".encode("utf-16-le"), "secret.xlsx")
    with pytest.raises(FileKindUnknown) as caught:
        read_table(ole + "WordDocument".encode("utf-16-le"), "old.doc")
    assert caught.value.values["found"] == "OLE"
    with pytest.raises(WorkbookWrong):
        read_table(ole + "Workbook\0".encode("utf-16-le"), "damaged.xls")


OLD = [
    ["고객ID", "금액", "날"],
    ["00123", 1.0, Day(45356)],
    ["x", 8801012345678, None],
    ["y", True, Day(45357)],
]
OLD_TEXT = {
    "고객ID": ["00123", "x", "y"],
    "금액": ["1", "8801012345678", "true"],
    "날": ["2024-03-05", "", "2024-03-06"],
}


@here
def test_old_workbooks():
    data = xls({"가": [*OLD, ["z", ReferenceError(), None]], "숨김": OLD}, hidden=["숨김"])
    raw = read_table(data, "old.xls")
    assert raw.frame.to_dict("list") == {
        "고객ID": [*OLD_TEXT["고객ID"], "z"],
        "금액": [*OLD_TEXT["금액"], ""],
        "날": [*OLD_TEXT["날"], ""],
    }
    assert (raw.kind, raw.sheet, raw.sheets) == ("xls", "가", ("가", "숨김"))
    assert read_table(data, "old.xls", sheet="숨김").frame.to_dict("list") == OLD_TEXT
    # The days of an old Macintosh begin 1,462 days later.
    mac = read_table(xls({"가": OLD}, since_1904=True), "old.xls")
    assert mac.frame["날"].tolist() == ["2028-03-06", "", "2028-03-07"]


def test_old_workbooks_behind_a_password_or_damaged():
    with pytest.raises(WorkbookProtected):
        read_table(xls({"가": OLD}, password=True), "old.xls")
    whole = xls({"가": OLD})
    with pytest.raises(WorkbookWrong):
        read_table(whole[:2000], "old.xls")


@here
@pytest.mark.parametrize(("write", "name"), [(xlsb, "a.xlsb"), (ods, "a.ods")])
def test_binary_and_open_workbooks(write, name):
    rows = [["고객ID", "금액"], ["00123", 1.0], ["x", 12.5]]
    raw = read_table(write({"가": rows, "나": [["x", "y"], ["1", "2"]]}), name)
    assert raw.frame.to_dict("list") == {"고객ID": ["00123", "x"], "금액": ["1", "12.5"]}
    assert (raw.kind, raw.sheet, raw.sheets) == ("xlsx", "가", ("가", "나"))


def test_an_old_workbook_has_no_second_reader(monkeypatch):
    engines = []
    monkeypatch.setattr(workbook, "_run", lambda engine, folder, limits: engines.append(engine) or -6)
    for data, name in [(xls({"가": OLD}), "a.xls"), (xlsb({"가": OLD[:1]}), "a.xlsb")]:
        with pytest.raises(WorkbookWrong):
            read_table(data, name)
    assert engines == ["fast", "fast"]


@here
def test_where_no_process_can_be_bounded_the_careful_reader_goes_alone(monkeypatch):
    run, engines = workbook._run, []

    def noted(engine, folder, limits):
        engines.append(engine)
        return run(engine, folder, limits)

    monkeypatch.setattr(workbook, "_run", noted)
    monkeypatch.setattr(workbook, "_BOUNDED", False)
    assert read_table(book(ROWS), "a.xlsx").frame.to_dict("list") == TEXT
    assert engines == ["careful"]


@here
def test_letters_in_parts_are_put_together():
    parted = unicodedata.normalize("NFD", "고객")
    raw = read_table(book([[parted, "값"], [parted + "\u200b", "\u1112"]]), "mac.xlsx")
    assert raw.frame.to_dict("list") == {"고객": ["고객"], "값": ["\u1112"]}


@here
def test_pictures_links_and_connections_are_left_alone():
    linked = (
        b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><ddeLink '
        b'ddeService="cmd" ddeTopic="/c calc"/></externalLink>'
    )
    data = parts(
        book(ROWS), **{"xl__externalLinks__externalLink1.xml": linked, "xl__media__image1.png": b"x"}
    )
    assert read_table(data, "a.xlsx").frame.to_dict("list") == TEXT


@here
def test_merged_names_and_merged_cells():
    rows = [
        ["지역", "2023", None, "2024", None],
        [None, "매출", "건수", "매출", "건수"],
        ["강남", 1, 2, 3, 4],
        ["강동", 5, 6, 7, 8],
    ]

    def merge(made):
        for places in ("A1:A2", "B1:C1", "D1:E1"):
            made["Sheet1"].merge_cells(places)

    raw = read_table(book(rows, change=merge), "a.xlsx")
    assert list(raw.frame.columns) == ["지역", "2023 매출", "2023 건수", "2024 매출", "2024 건수"]
    assert raw.frame.shape == (2, 5)


@here
def test_macros_are_ignored():
    data = parts(book(ROWS), **{"xl__vbaProject.bin": b"\xd0\xcf\x11\xe0macro"})
    assert read_table(data, "a.xlsm").frame.to_dict("list") == TEXT


@here
def test_too_many_cells_on_the_slow_path(monkeypatch):
    run = workbook._run
    monkeypatch.setattr(workbook, "_run", lambda e, f, x: -6 if e == "fast" else run(e, f, x))
    with pytest.raises(FileTooLarge) as caught:
        read_table(book(ROWS), "a.xlsx", limits=Limits(cells=10))
    assert caught.value.values["what"] == "cells"


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook.tempfile, "tempdir", str(tmp_path))
    read_table(book(ROWS), "a.xlsx")
    assert os.listdir(tmp_path) == []


def test_child_imports_neither_the_package_nor_streamlit():
    source = Path(workbook_child.__file__).read_text(encoding="utf-8")
    assert "import journey" not in source
    assert "from journey" not in source
    assert "streamlit" not in source
    assert LIMITS.child_seconds > 0
