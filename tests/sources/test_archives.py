"""gz and zip: the table inside is read, and what is made to harm ends in a sentence, soon."""

from __future__ import annotations

import gzip
import io
import time
import zipfile
import zlib

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.errors import (
    ArchiveWrong,
    FileEmpty,
    FileKindUnknown,
    FileTooLarge,
    QuoteUnclosed,
    SettingWrong,
    WorkbookWrong,
)
from journey.findings import Finding
from journey.sources.archives import gunzip, open_zip
from journey.sources.files import read_table
from journey.sources.limits import LIMITS, Limits

TABLE = "고객,이벤트\n00123,방문\n00124,구매\n"
READ = {"고객": ["00123", "00124"], "이벤트": ["방문", "구매"]}


def zipped(files, **settings):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, **settings) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return out.getvalue()


def workbook():
    book = openpyxl.Workbook()
    for row in (["고객", "이벤트"], ["00123", "방문"], ["00124", "구매"]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def reason(data, **how):
    with pytest.raises(ArchiveWrong) as caught:
        read_table(data, "a", **how)
    return caught.value.values["reason"]


# ---- gz --------------------------------------------------------------------------------------------------


@given(st.lists(st.binary(max_size=2000), min_size=1, max_size=4), st.integers(0, 600))
def test_members_of_a_gz_follow_each_other(members, padding):
    data = b"".join(map(gzip.compress, members)) + b"\0" * padding
    assert gunzip(data, LIMITS) == b"".join(members)


@given(st.binary(max_size=300), st.data())
def test_a_cut_gz_is_an_error(content, data):
    whole = gzip.compress(content)
    cut = data.draw(st.integers(3, len(whole) - 1))
    with pytest.raises(ArchiveWrong):
        gunzip(whole[:cut], LIMITS)


def test_a_packed_text_and_a_packed_workbook_are_read():
    raw = read_table(gzip.compress(TABLE.encode("cp949")), "a.csv.gz")
    assert (raw.frame.to_dict("list"), raw.encoding, raw.name) == (READ, "cp949", "a.csv")
    assert read_table(gzip.compress(workbook()), "a.xlsx.gz").frame.to_dict("list") == READ
    assert read_table(gzip.compress(b'{"a": 1}\n'), "a.jsonl.gz").kind == "jsonl"


def test_a_gz_in_a_gz_and_a_zip_in_a_gz_are_refused():
    assert reason(gzip.compress(gzip.compress(b"a,b\n1,2\n"))) == "nested"
    assert reason(gzip.compress(zipped([("a.csv", TABLE)]))) == "nested"


def test_an_empty_gz_is_empty():
    with pytest.raises(FileEmpty):
        read_table(gzip.compress(b""), "a.csv.gz")


def bomb(size):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    pieces = [packer.compress(b"0,0\n" * (1 << 18)) for _ in range(size >> 20)]
    return b"".join(pieces) + packer.flush()


def test_a_gz_bomb_stops_at_its_ratio():
    data = bomb(300 << 20)
    assert len(data) < 1 << 20
    before = time.perf_counter()
    with pytest.raises(FileTooLarge) as caught:
        read_table(data, "bomb.csv.gz")
    assert time.perf_counter() - before < 5
    assert caught.value.values["what"] == "unpacked"
    assert caught.value.values["size"] <= 65 << 20


def test_what_comes_out_of_a_gz_is_limited():
    data = gzip.compress(bytes(range(256)) * 40)
    assert len(gunzip(data, Limits(unpacked=10_240))) == 10_240
    with pytest.raises(FileTooLarge):
        gunzip(data, Limits(unpacked=10_239))


# ---- zip -------------------------------------------------------------------------------------------------


def test_the_first_table_is_read_and_all_are_told():
    data = zipped(
        [
            ("readme.txt", "hello"),
            ("__MACOSX/._a.csv", "x"),
            (".hidden.csv", "x,y\n1,2\n"),
            ("folder/", ""),
            ("folder/b.csv", TABLE),
            ("picture.png", b"\x89PNG"),
            ("c.jsonl", '{"a": 1}'),
        ]
    )
    raw = read_table(data, "a.zip")
    assert raw.frame.to_dict("list") == READ
    assert (raw.name, raw.part, raw.parts) == (
        "a.zip",
        "folder/b.csv",
        ("folder/b.csv", "c.jsonl", "readme.txt"),
    )
    assert raw.notes[0] == Finding("sources.part_chosen", {"part": "folder/b.csv", "n": 3})
    chosen = read_table(data, "a.zip", part="c.jsonl")
    assert (chosen.kind, chosen.part, chosen.notes) == ("jsonl", "c.jsonl", ())
    with pytest.raises(SettingWrong) as caught:
        read_table(data, "a.zip", part="../c.jsonl")
    assert caught.value.values["setting"] == "part"


def test_a_single_table_needs_no_note():
    raw = read_table(zipped([("a.xlsx", workbook())]), "a.zip")
    assert (raw.frame.to_dict("list"), raw.kind, raw.notes) == (READ, "xlsx", ())


def test_the_first_that_cannot_be_read_makes_way():
    data = zipped([("a.csv", "\x89PNG"), ("b.csv.gz", gzip.compress(TABLE.encode()))])
    assert read_table(data, "a.zip").part == "b.csv.gz"
    broken = zipped([("a.csv", 'a,b\n"1,2\n'), ("b.csv", "")])
    with pytest.raises(QuoteUnclosed):
        read_table(broken, "a.zip")


def test_a_part_of_a_file_that_has_none_is_a_wrong_setting():
    with pytest.raises(SettingWrong):
        read_table(b"a,b\n1,2\n", "a.csv", part="x")


@pytest.mark.parametrize(
    "name", ["../../etc/x.csv", "/abs.csv", "C:\\x.csv", "a\x1b[0m.csv", "\u202egnp.csv"]
)
def test_names_are_only_names(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    raw = read_table(zipped([(name, TABLE)]), "a.zip")
    assert raw.frame.to_dict("list") == READ
    assert raw.part is not None and raw.part.isprintable()
    assert read_table(zipped([(name, TABLE)]), "a.zip", part=raw.part).part == raw.part
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("encoding", ["cp949", "utf-8"])
def test_korean_names_without_a_mark_of_their_encoding(encoding):
    # The same name in other bytes, and without the bit that says UTF-8.
    raw_name = "매출_2024.csv".encode(encoding)
    data = zipped([("x" * len(raw_name), TABLE)]).replace(b"x" * len(raw_name), raw_name)
    assert read_table(data, "a.zip").part == "매출_2024.csv"


def test_two_entries_of_one_name_are_two_parts():
    with pytest.warns(UserWarning):
        data = zipped([("a.csv", "x,y\n1,2\n"), ("a.csv", TABLE)])
    assert open_zip(data, LIMITS).parts == ("a.csv", "a.csv (2)")
    assert list(read_table(data, "a.zip", part="a.csv (2)").frame.columns) == ["고객", "이벤트"]
    assert list(read_table(data, "a.zip", part="a.csv").frame.columns) == ["x", "y"]


def test_a_zip_in_a_zip_is_refused_whatever_its_name():
    inner = zipped([("a.csv", TABLE)])
    assert reason(zipped([("b.zip", inner)])) == "nested"
    assert reason(zipped([("b.csv", inner)])) == "nested"
    assert reason(zipped([("b.csv.gz", gzip.compress(inner))])) == "nested"


def test_a_zip_without_a_table_is_refused():
    assert reason(zipped([("a.exe", "x"), ("b.pdf", "%PDF")])) == "empty"
    assert reason(zipped([])) == "empty"


def test_a_locked_zip_is_told_before_it_is_unpacked():
    data = bytearray(zipped([("a.csv", TABLE)]))
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    assert reason(bytes(data)) == "locked"


def test_an_unknown_way_of_packing_is_told():
    data = bytearray(zipped([("a.csv", TABLE)]))
    for place in (8, data.rindex(b"PK\x01\x02") + 10):
        data[place] = 9
    assert reason(bytes(data)) == "method"


@given(st.data())
def test_a_damaged_zip_is_an_error_and_nothing_else(data):
    whole = bytearray(zipped([("a.csv", TABLE)]))
    whole[data.draw(st.integers(4, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        read_table(bytes(whole), "a.zip")
    except (ArchiveWrong, FileEmpty, FileKindUnknown, FileTooLarge, WorkbookWrong):
        return


def test_a_cut_zip_is_damaged():
    whole = zipped([("a.csv", TABLE)])
    assert reason(whole[:-30]) == "damaged"


def test_a_hundred_thousand_entries_are_refused():
    data = zipped([(f"{n}.csv", "") for n in range(LIMITS.parts + 1)])
    with pytest.raises(FileTooLarge) as caught:
        read_table(data, "many.zip")
    assert caught.value.values == {"what": "parts", "size": LIMITS.parts + 1, "most": LIMITS.parts}


def test_a_zip_bomb_is_refused_whatever_its_directory_says():
    data = bytearray(zipped([("a.csv", b"0,0\n" * (40 << 20))]))
    with pytest.raises(FileTooLarge) as caught:
        read_table(bytes(data), "bomb.zip")
    assert caught.value.values["what"] == "unpacked"
    # A directory that claims ten bytes: no more than these are ever taken out, and their sum is wrong.
    place = data.rindex(b"PK\x01\x02")
    data[place + 24 : place + 28] = (10).to_bytes(4, "little")
    assert reason(bytes(data)) == "damaged"
