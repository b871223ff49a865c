"""What a project writes down about its files, and what older versions wrote."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.errors import SettingWrong
from journey.events.kinds import KINDS, TableChoice
from journey.findings import Finding
from journey.projects.data_ref import DataRef, FileRef
from journey.projects.state import canonical
from journey.sources.how import How

A, B = "a" * 64, "b" * 64
FILE = FileRef("0" * 12, "주문.csv", A, TableChoice("orders", {"customer": ("고객",), "time": ("일시",)}))

OLD = {
    "fingerprint": A,
    "raw": B,
    "file_name": "5월.csv",
    "columns": {
        "customer": "회원번호",
        "event": None,
        "time": "일시",
        "session": "방문",
        "attributes": ["채널"],
    },
    "sheet": None,
    "encoding": "cp949",
    "delimiter": ";",
    "header": 0,
    "date_order": "dmy",
    "zone": "Asia/Tokyo",
    "drop_duplicates": True,
}

digests = st.text("0123456789abcdef", min_size=64, max_size=64)
counts = st.none() | st.integers(0, 2**62)
values = st.one_of(
    st.integers(),
    st.text(max_size=5),
    st.booleans(),
    st.none(),
    st.dates(),
    st.datetimes(timezones=st.just(dt.UTC)),
    st.lists(st.dates() | st.text(max_size=5), max_size=3),
    st.dictionaries(st.text(max_size=3), st.dates() | st.integers(), max_size=2),
)
findings = st.builds(Finding, st.text(max_size=9), st.dictionaries(st.text(max_size=4), values, max_size=3))
files = st.builds(
    FileRef,
    id=st.text("0123456789abcdef", min_size=12, max_size=12),
    name=st.text(max_size=20),
    raw=digests,
    choice=st.sampled_from([TableChoice(kind, {"customer": ("c",)}) for kind in KINDS]),
    how=st.builds(How, sheet=st.none() | st.text(max_size=3), header=st.none() | st.integers(0, 9)),
    upload=digests,
    columns=st.lists(st.text(max_size=5), max_size=4).map(tuple),
    rows=counts,
    used=counts,
    customers=counts,
    matched=counts,
    names=counts,
    span=st.none() | st.tuples(st.integers(), st.integers()).map(lambda ends: tuple(sorted(ends))),
    log=st.none() | digests,
    tables=st.dictionaries(st.sampled_from(["orders", "lines", "rejected", "reason"]), digests),
    notes=st.lists(findings, max_size=2).map(tuple),
    quality=st.dictionaries(st.text(max_size=4), st.lists(findings, max_size=2).map(tuple), max_size=2),
)
data = st.builds(
    DataRef,
    st.none() | digests,
    st.lists(files, max_size=3, unique_by=lambda file: file.id).map(tuple),
    st.just("Asia/Seoul"),
)


@given(data)
def test_what_is_written_is_read_again(ref: DataRef) -> None:
    content = json.loads(canonical(ref.to_json()))
    assert DataRef.from_json(content) == ref
    assert DataRef.from_json(content).to_json() == content


def test_numbers_of_numpy_are_numbers() -> None:
    note = Finding("notes.x", {"rows": np.int64(3), "share": np.float64(0.5), "names": ("a", "b")})
    content = json.loads(canonical(dataclasses.replace(FILE, notes=(note,)).to_json()))
    assert FileRef.from_json(content).notes[0].values == {"rows": 3, "share": 0.5, "names": ["a", "b"]}


def test_the_data_of_a_project_with_one_file_are_one_file_of_events() -> None:
    ref = DataRef.from_json(OLD)
    (file,) = ref.files
    assert (ref.fingerprint, ref.zone) == (A, "Asia/Tokyo")
    assert (file.kind, file.name, file.raw, file.upload, file.log) == ("events", "5월.csv", B, B, A)
    assert file.how == How(encoding="cp949", delimiter=";", header=0)
    assert not file.is_scrubbed
    choice = file.choice
    assert [choice.one(role) for role in ("customer", "event", "time", "session")] == [
        "회원번호",
        None,
        "일시",
        "방문",
    ]
    assert choice.all("attributes") == ("채널",)
    assert (choice.zone, choice.date_order, choice.drop_duplicates) == ("Asia/Tokyo", "dmy", True)
    # It was not masked then, and its figures were not written down.
    assert not choice.masked
    assert (file.rows, file.customers, file.span, file.columns) == (None, None, None, ())
    assert DataRef.from_json(json.loads(canonical(ref.to_json()))) == ref


def test_the_oldest_data_name_the_file_only() -> None:
    ref = DataRef.from_json({"fingerprint": A, "raw": B, "file_name": "a.csv"})
    assert (ref.zone, ref.files[0].how, ref.files[0].choice.roles) == (
        "Asia/Seoul",
        How(),
        {"attributes": ()},
    )


def wrong(**changes: Any) -> dict[str, Any]:
    return {**FILE.to_json(), **changes}


@pytest.mark.parametrize(
    "file",
    [
        None,
        [],
        {},
        wrong(id="../../etc"),
        wrong(id="0" * 11),
        wrong(raw="../x"),
        wrong(raw=None),
        wrong(name=3),
        wrong(name="x" * 256),
        wrong(choice={"kind": "cctv"}),
        wrong(choice=None),
        wrong(how={"password": "x"}),
        wrong(columns="abc"),
        wrong(columns=[1]),
        wrong(rows=-1),
        wrong(rows=True),
        wrong(used=1.5),
        wrong(span=[2, 1]),
        wrong(span=[1]),
        wrong(log="x"),
        wrong(tables={"../x": A}),
        wrong(tables={"orders": "x"}),
        wrong(notes=[{"code": 1, "values": {}}]),
        wrong(notes=[{"code": "a", "values": {"d": {"day": "someday"}}}]),
        wrong(quality=[]),
        wrong(quality={"odd": ["x"]}),
        wrong(later=1),
    ],
)
def test_what_is_no_file_is_refused(file: Any) -> None:
    with pytest.raises(SettingWrong):
        DataRef.from_json({"fingerprint": None, "files": [file], "zone": "Asia/Seoul"})


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        {},
        {**OLD, "raw": "b"},
        {**OLD, "columns": {"customer": 3}},
        {**OLD, "columns": {"attributes": "ab"}},
        {**OLD, "later": 1},
        {"fingerprint": None, "files": [FILE.to_json()] * 2, "zone": "Asia/Seoul"},
        {"fingerprint": None, "files": "x", "zone": "Asia/Seoul"},
        {"fingerprint": "x", "files": [], "zone": "Asia/Seoul"},
        {"fingerprint": None, "files": [], "zone": None},
        {"fingerprint": None, "files": [], "zone": "Asia/Seoul", "later": 1},
    ],
)
def test_what_is_no_data_is_refused(content: Any) -> None:
    with pytest.raises(SettingWrong):
        DataRef.from_json(content)


def test_a_table_that_was_made_from_a_file_is_read_without_a_word_about_the_file() -> None:
    kept = dataclasses.replace(FILE, upload=B, how=How(encoding="cp949"))
    assert kept.is_scrubbed
    assert (kept.kept_how, kept.how) == (How(), How(encoding="cp949"))
    assert not dataclasses.replace(FILE, upload=A).is_scrubbed


def test_files_are_found_by_id_and_kind() -> None:
    survey = dataclasses.replace(FILE, id="1" * 12, choice=TableChoice("survey"), log=B, tables={"x": B})
    ref = DataRef(A, (FILE, survey))
    assert (ref.file("1" * 12), ref.of_kind("orders", "events")) == (survey, (FILE,))
    assert ref.digests == {"raw": {A}, "logs": {A, B}, "tables": {B}}
    with pytest.raises(SettingWrong):
        ref.file("2" * 12)
