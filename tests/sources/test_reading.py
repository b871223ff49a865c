"""A file read by a process of its own: the same table as here, and no harm from any file."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from dataclasses import asdict
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.errors import (
    ArchiveWrong,
    FileBroken,
    FileEmpty,
    FileKindUnknown,
    FileTooLarge,
    JourneyError,
    QuoteUnclosed,
    SettingWrong,
    Unreadable,
    UploadGone,
    WorkbookWrong,
)
from journey.sources.files import read_table
from journey.sources.how import How
from journey.sources.limits import Limits
from journey.sources.progress import STAGES
from journey.sources.reading import is_read, open_table, read_file
from journey.sources.staging import Staging
from tests.endurance import examples
from tests.hostile import billion_laughs

ROOT = Path(__file__).parents[2]
SMALL = Limits(child_memory=2 * 2**30, child_seconds=20)
TEXT = "고객,이벤트,시각,메모\n00123,방문,2024-03-05,NA\n01012345678,구매,2024-03-06,-\n"


def facts(raw):
    told = asdict(raw)
    frame = told.pop("frame")
    return told, frame.to_dict("list")


def as_here(data, name, how=None, folder=None):
    """Read the bytes in a process and here: the tables, or the errors."""
    path = Path(folder or tempfile.mkdtemp()) / "upload"
    path.write_bytes(data)
    how = how or How()
    results = []
    for read in (
        lambda: read_file(path, name, how, limits=SMALL),
        lambda: read_table(data, name, **asdict(how)),
    ):
        try:
            results.append(facts(read()))
        except JourneyError as error:
            results.append((type(error), error.values))
    assert results[0] == results[1]
    return results[0]


CELL = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=6)


@settings(max_examples=examples(4))
@given(
    st.lists(st.tuples(CELL, CELL, CELL), max_size=6),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.booleans(),
)
def test_a_process_reads_what_is_read_here(rows, mark, encoding, packed):
    lines = [["고객", "이벤트", "x"], *rows]
    data = "\n".join(mark.join(cells) for cells in lines).encode(encoding)
    as_here(gzip.compress(data) if packed else data, "a.csv")


def book():
    made = openpyxl.Workbook()
    for title in ("1월", "2월"):
        sheet = made.create_sheet(title)
        for cells in (["고객", "이벤트", "금액"], ["00123", "방문", 1.0], ["00124", "구매", 2.5]):
            sheet.append(cells)
    del made["Sheet"]
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def parquet(columns):
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def zipped(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "how", "kind"),
    [
        ("a.csv", TEXT.encode("cp949"), How(), "csv"),
        ("a.csv", TEXT.encode(), How(header=0, delimiter=";"), "csv"),
        ("a.xlsx", book(), How(), "xlsx"),
        ("a.xlsx", book(), How(sheet="2월"), "xlsx"),
        ("a.parquet", parquet({"고객": [17850.0, None], "x": ["1", "2"]}), How(), "parquet"),
        ("a.jsonl", b'{"a": 1, "b": {"c": "x"}}\n{"a": 2}\n', How(), "jsonl"),
        ("a.zip", zipped(a__csv=TEXT, b__csv="x,y\n1,2\n"), How(part="b.csv"), "csv"),
        ("a.csv", ("a,b\n" + "1,2\n" * 50 + "1\n" + "합계,3\n").encode(), How(), "csv"),
    ],
)
def test_each_kind_comes_back_with_all_that_is_known_of_it(name, data, how, kind, tmp_path):
    told, _ = as_here(data, name, how, tmp_path)
    assert told["kind"] == kind


@pytest.mark.parametrize(
    ("data", "how", "error"),
    [
        (b"", How(), FileEmpty),
        (b"a,b\n", How(), FileEmpty),
        (b"\x89PNG\r\n\x1a\n\0", How(), FileKindUnknown),
        (b'a,b\n"1,2\n3,4\n', How(), QuoteUnclosed),
        (b"a,b\n1,2\n", How(encoding="no such"), SettingWrong),
        (book(), How(sheet="3월"), SettingWrong),
        # Without the time of day: two processes that run the tests must name them alike.
        (gzip.compress(TEXT.encode(), mtime=0)[:40], How(), ArchiveWrong),
    ],
)
def test_a_refusal_is_the_same_error(data, how, error, tmp_path):
    assert as_here(data, "a.csv", how, tmp_path)[0] is error


def test_a_table_stays_beside_its_target_and_opens_again(tmp_path):
    staging = Staging(tmp_path / "session")
    staged = staging.put(io.BytesIO(TEXT.encode()), "a.csv")
    target = staging.target(staged.digest, How())
    assert not is_read(target)
    with pytest.raises(UploadGone):
        open_table(target)
    raw = read_file(staging.path(staged.digest), staged.name, How(), target)
    assert is_read(target)
    assert facts(open_table(target)) == facts(raw)
    staging.clear()
    # What is open stays readable.
    assert raw.frame["고객"].tolist() == ["00123", "01012345678"]


def test_the_table_is_mapped_and_not_copied(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,x\n" + "12345678901234567890,y\n" * 100_000)
    read_file(path, "a.csv", How(), tmp_path / "t")
    before = pa.total_allocated_bytes()
    raw = open_table(tmp_path / "t")
    assert len(raw.frame) == 100_000
    assert pa.total_allocated_bytes() - before < 100_000


def test_an_upload_that_is_gone_is_told(tmp_path):
    with pytest.raises(UploadGone):
        read_file(tmp_path / "none", "a.csv")


class Rerun(BaseException):
    """As Streamlit leaves a script: not an Exception."""


def in_group(folder):
    """The numbers of all processes that work in the folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if str(folder) in os.readlink(entry / "cwd"):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_large_file_is_left_within_two_seconds_and_leaves_nothing(kind, tmp_path):
    path = tmp_path / "big"
    if kind == "csv":
        line = ",".join(f"c{n}" for n in range(12)) + "\n"
        path.write_text(line + "고객,00123,구매,2024-03-05 12:00:00,가나다,1,2,3,4,5,6,7\n" * 1_500_000)
    else:
        made = openpyxl.Workbook(write_only=True)
        sheet = made.create_sheet()
        for n in range(40_000):
            sheet.append([n, "구매", "2024-03-05", n * 1.5])
        made.save(path)
    heard, left = [], []

    def watch(progress):
        heard.append(progress.stage)
        if heard.count("reading") == 3:
            left.append(time.monotonic())
            raise Rerun

    with pytest.raises(Rerun):
        read_file(path, "big", How(), tmp_path / "t", watch=watch)
    # A process that is killed takes the system a moment to clear away.
    while in_group(tmp_path) and time.monotonic() - left[0] < 2:
        time.sleep(0.01)
    assert time.monotonic() - left[0] < 2
    assert in_group(tmp_path) == []
    assert [entry.name for entry in tmp_path.iterdir()] == ["big"]
    assert set(heard) <= set(STAGES)


def test_a_failed_reading_leaves_nothing_and_keeps_an_earlier_one(tmp_path):
    path, target = tmp_path / "a", tmp_path / "t"
    path.write_text(TEXT)
    read_file(path, "a.csv", How(), target)
    path.write_bytes(b"\x89PNG")
    with pytest.raises(FileKindUnknown):
        read_file(path, "a.csv", How(), target)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a", "t.arrow", "t.json"]
    assert open_table(target).frame["고객"].tolist() == ["00123", "01012345678"]


@pytest.mark.parametrize("isolated", [False, True])
def test_it_starts_from_an_installed_package_in_any_folder(isolated, tmp_path):
    """Where the package lies is told by the package itself: not by a variable, not by the current folder."""
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    shutil.copytree(ROOT / "journey", site / "journey", ignore=shutil.ignore_patterns("__pycache__"))
    elsewhere.mkdir()
    # What lies in the current folder must not be taken for a module.
    (elsewhere / "json.py").write_text("raise SystemExit('shadowed')")
    (elsewhere / "journey").mkdir()
    (elsewhere / "a.csv").write_text(TEXT)
    code = (
        f"import sys; sys.path.append({str(site)!r})\n"
        "from pathlib import Path; from journey.sources.reading import read_file\n"
        "raw = read_file(Path('a.csv'), 'a.csv'); print(raw.frame.shape, read_file.__code__.co_filename)"
    )
    done = subprocess.run(
        [sys.executable, "-I" if isolated else "-P", "-c", code],
        cwd=elsewhere,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith(f"(2, 4) {site}"), done.stderr


# ---- hostile files ---------------------------------------------------------------------------------------


def refused(data, *kinds, within, tmp_path, limits=SMALL):
    path = tmp_path / "upload"
    path.write_bytes(data)
    before = time.monotonic()
    with pytest.raises(kinds) as caught:
        read_file(path, "upload", limits=limits)
    assert time.monotonic() - before < within
    assert isinstance(caught.value, Unreadable)
    return caught.value


def changed(data, **parts):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        content = {name: old.read(name) for name in old.namelist()}
        for name, text in (content | {name.replace("__", "/"): text for name, text in parts.items()}).items():
            new.writestr(name, text)
    return out.getvalue()


def test_two_cells_at_the_ends_of_a_sheet(tmp_path):
    made = openpyxl.Workbook()
    made.active["A1"] = "x"
    made.active["XFD1048576"] = "y"
    out = io.BytesIO()
    made.save(out)
    assert len(out.getvalue()) < 6_000
    path = tmp_path / "upload"
    path.write_bytes(out.getvalue())
    try:
        raw = read_file(path, "far.xlsx", limits=SMALL)
    except (WorkbookWrong, FileEmpty, FileTooLarge):
        return
    assert raw.frame.shape[1] <= 2


def test_a_workbook_that_unpacks_without_end(tmp_path):
    row = '<row><c t="inlineStr"><is><t>' + "0" * 1000 + "</t></is></c></row>"
    sheet = "<worksheet><sheetData>" + row * 150_000 + "</sheetData></worksheet>"
    bomb = changed(book(), xl__worksheets__sheet1__xml="", **{"xl__worksheets__sheet1.xml": sheet})
    assert len(bomb) < 1 << 20
    error = refused(bomb, FileTooLarge, within=10, tmp_path=tmp_path)
    assert error.values["what"] == "unpacked"


def test_a_billion_laughs(tmp_path):
    refused(billion_laughs(), WorkbookWrong, within=15, tmp_path=tmp_path)


def test_many_million_rows_in_a_small_parquet(tmp_path):
    million = pa.array([0] * 1_000_000, pa.int8())
    path = tmp_path / "upload"
    with pq.ParquetWriter(path, pa.schema([("x", pa.int8())])) as writer:
        for _ in range(21):
            writer.write_table(pa.table({"x": million}), row_group_size=1_000_000)
    error = refused(path.read_bytes(), FileTooLarge, within=10, tmp_path=tmp_path)
    assert error.values == {"what": "rows", "size": 21_000_000, "most": 20_000_000}


def test_a_few_bytes_that_become_more_text_than_there_is_memory(tmp_path):
    # Within the limit of rows, a text of one megabyte two hundred thousand times.
    long = pa.DictionaryArray.from_arrays(pa.array([0] * 200_000, pa.int32()), ["x" * (1 << 20)])
    data = parquet({"x": long})
    error = refused(data, FileTooLarge, FileBroken, within=30, tmp_path=tmp_path)
    assert error.code in ("file_too_large", "file_broken")


def test_a_gz_of_three_gigabytes(tmp_path):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    pieces = [packer.compress(b"0,0\n" * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2)]
    data = pieces[0] + pieces[1] * 767 + packer.flush()
    assert len(data) < 4 << 20
    error = refused(data, FileTooLarge, within=10, tmp_path=tmp_path)
    assert error.values["what"] == "unpacked"


def test_one_line_of_many_megabytes(tmp_path):
    path = tmp_path / "upload"
    path.write_bytes(b"id,text\n1," + b"x" * (50 << 20) + b"\n2,y\n")
    try:
        raw = read_file(path, "line.csv", limits=SMALL)
    except Unreadable:
        return
    assert raw.frame["text"].str.len().tolist() == [50 << 20, 1]


def test_twenty_thousand_columns(tmp_path):
    names = ",".join(f"c{n}" for n in range(20_000))
    error = refused(f"{names}\n{names}\n".encode(), FileTooLarge, within=10, tmp_path=tmp_path)
    assert error.values == {"what": "columns", "size": 20_000, "most": 2_000}


@pytest.mark.parametrize("limits", [Limits(child_memory=2**30, child_seconds=20)])
def test_a_text_that_needs_more_memory_than_allowed(limits, tmp_path):
    error = refused(
        b"a,b\n" + "가,나\n".encode("cp949") * 30_000_000,
        FileTooLarge,
        within=60,
        tmp_path=tmp_path,
        limits=limits,
    )
    assert error.values["what"] in ("child_memory", "rows", "bytes")
