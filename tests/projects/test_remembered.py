"""A file of the same shape is known again, and what is new in it is said with its numbers."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.events.cleaned import Cleaned
from journey.events.kinds import TableChoice
from journey.events.log import DAY, EventLog, day_start
from journey.findings import Finding
from journey.i18n import LANGUAGES, catalogue, text
from journey.projects.data_ref import FileRef
from journey.projects.incoming import span_of
from journey.projects.project import Project
from journey.projects.remembered import changes, proposal, recognised
from journey.projects.store import Store
from journey.sources.how import ALL_SHEETS, How

RAW = "a" * 64
NAMES = ("회원번호", "이벤트", "일시", "채널", "기기", "금액", "도시", "등급", "쿠폰", "메모")
CHOICE = TableChoice(
    "events",
    {"customer": ("회원번호",), "event": ("이벤트",), "time": ("일시",), "attributes": ("채널", "기기")},
)
MARCH = FileRef("0" * 12, "3월.csv", RAW, CHOICE, columns=NAMES, upload=RAW)


def at(day: str) -> int:
    return day_start(dt.date.fromisoformat(day), "Asia/Seoul")


def made(*rows: tuple[str, str, str], unused: int = 0) -> Cleaned:
    """Events of (customer, event, day), each at noon in Seoul."""
    frame = pd.DataFrame(rows, columns=["customer", "event", "time"])
    frame["time"] = pd.to_datetime(frame["time"]) + pd.Timedelta(hours=12)
    log = EventLog.from_frame(frame)
    return Cleaned("events", {}, log, log.customer_ids, np.array([0] * len(rows) + [4] * unused))


def customers(*ids: str, kind: str = "customers") -> Cleaned:
    found = pa.array(sorted(ids), pa.large_string())
    return Cleaned(kind, {"customers": pa.table({"customer": found})}, None, found, np.zeros(len(ids)))


def ref(of: Cleaned, **more: Any) -> FileRef:
    """The file as a project writes it down."""
    log = of.log
    return FileRef(
        "0" * 12,
        "a.csv",
        RAW,
        TableChoice(of.kind),
        upload=RAW,
        rows=of.rows,
        used=of.used,
        customers=len(of.customer_ids),
        names=None if log is None else len(log.event_names),
        span=span_of(of),
        log=None if log is None else log.fingerprint,
        **more,
    )


# ---- recognised -----------------------------------------------------------------------------------------

shapes = st.lists(st.text("abAB_ 가나", min_size=1, max_size=4), min_size=3, max_size=8, unique=True)


def file_of(names: list[str], **more: Any) -> FileRef:
    roles = {"customer": names[:1], "event": names[1:2], "time": names[2:3], "attributes": names[3:]}
    choice = TableChoice("events", {role: tuple(columns) for role, columns in roles.items() if columns})
    return FileRef("1" * 12, "x.csv", RAW, choice, columns=tuple(names), **more)


@given(shapes, st.randoms(use_true_random=False))
def test_the_same_columns_in_any_order_are_the_same_file(names: list[str], chance: Any) -> None:
    file, shuffled = file_of(names), chance.sample(names, len(names))
    found = recognised(shuffled, [file])
    assert found is not None
    assert (found.exact, found.share, found.gone, found.added) == (True, 1.0, (), ())
    assert found.choice == file.choice


@given(shapes, shapes, st.randoms(use_true_random=False))
def test_the_order_of_columns_says_nothing(old: list[str], new: list[str], chance: Any) -> None:
    found = recognised(new, [file_of(old)])
    again = recognised(chance.sample(new, len(new)), [file_of(old)])
    assert (found is None) == (again is None)
    if found is not None and again is not None:
        assert (found.exact, found.share, found.choice) == (again.exact, again.share, again.choice)
        assert sorted(found.added) == sorted(again.added)


@given(shapes, shapes)
def test_what_is_recognised_has_its_columns_in_the_new_file(old: list[str], new: list[str]) -> None:
    found = recognised(new, [file_of(old)])
    if found is None:
        return
    assert set(found.choice.columns) <= set(new)
    assert not found.choice.missing
    assert found.share >= 0.8
    assert (
        len(new) - len(found.added)
        == len(old) - len(found.gone)
        == round(found.share * max(len(old), len(new)))
    )
    assert found.exact == (not found.gone and not found.added)


def test_blanks_case_and_marks_in_names_say_nothing() -> None:
    found = recognised(
        ["USER-ID", "Event.Name", "event time (KST)"], [file_of(["user_id", "eventName", "Event Time KST"])]
    )
    assert found is not None
    assert found.exact
    assert found.choice.one("customer") == "USER-ID"
    assert found.choice.one("time") == "event time (KST)"


def test_a_file_with_a_column_less_and_one_more_is_close() -> None:
    found = recognised([*NAMES[:4], "페이지", *NAMES[5:]], [MARCH])
    assert found is not None
    assert (found.exact, found.share) == (False, 0.9)
    assert (found.gone, found.added) == (("기기",), ("페이지",))
    assert found.choice.all("attributes") == ("채널",)
    assert found.choice.one("customer") == "회원번호"


@pytest.mark.parametrize(
    "columns",
    [
        NAMES[1:],  # without the customer
        [*NAMES[:7], "a", "b", "c"],  # 7 of 10 names
        [*NAMES, "a", "b", "c"],  # 10 of 13 names
        ["a", "b"],
        [],
    ],
)
def test_a_file_of_another_shape_is_not_recognised(columns: list[str]) -> None:
    assert recognised(columns, [MARCH]) is None


def test_a_needed_role_keeps_at_least_one_of_its_columns() -> None:
    names = [f"문항{n}" for n in range(1, 11)]
    survey = FileRef(
        "1" * 12, "s", RAW, TableChoice("survey", {"scores": tuple(names[:2])}), columns=tuple(names)
    )
    found = recognised(names[1:], [survey])
    assert found is not None
    assert found.choice.all("scores") == ("문항2",)
    assert recognised(names[2:], [survey]) is None


def test_the_most_alike_wins_then_the_last() -> None:
    close, first, last = replace(MARCH, columns=NAMES[:9]), MARCH, replace(MARCH, id="2" * 12)
    for files in ([close, first, last], [first, close, last], [first, last, close]):
        found = recognised(NAMES, files)
        assert found is not None
        assert found.file.id == last.id


def test_a_sheet_or_part_that_is_not_there_is_not_asked_for() -> None:
    file = replace(MARCH, how=How(part="3월.csv", sheet="3월", header=2))
    found = recognised(NAMES, [file], sheets=["4월"], parts=["4월.csv"])
    assert found is not None
    assert found.how == How(header=2)
    found = recognised(NAMES, [file], sheets=["3월", "4월"], parts=["3월.csv"])
    assert found is not None
    assert found.how == file.how
    stacked = recognised(NAMES, [replace(MARCH, how=How(sheet=ALL_SHEETS))], sheets=["4월"])
    assert stacked is not None
    assert stacked.how.sheet == ALL_SHEETS


def test_names_that_were_made_up_are_never_exact() -> None:
    names = ["column_1", "column_2", "column_3"]
    found = recognised(names, [file_of(names)])
    assert found is not None
    assert not found.exact


def test_a_file_of_an_older_version_is_close_where_its_roles_are() -> None:
    old = replace(MARCH, columns=())
    found = recognised(NAMES, [old])
    assert found is not None
    assert (found.exact, found.choice, found.added) == (False, CHOICE, ())
    assert recognised(NAMES[1:], [old]) is None


# ---- proposal -------------------------------------------------------------------------------------------

MONTH = made(("가", "view", "2024-03-01"), ("나", "buy", "2024-03-31"))


@pytest.mark.parametrize(
    ("first", "last", "proposed"),
    [
        ("2024-04-01", "2024-04-30", "add"),
        ("2024-06-01", "2024-06-30", "add"),
        ("2024-03-31", "2024-04-30", "ask"),
        ("2024-03-01", "2024-04-30", "replace"),
        ("2024-01-01", "2024-03-31", "replace"),
        ("2024-03-02", "2024-04-30", "ask"),
        ("2024-02-01", "2024-02-29", "ask"),
    ],
)
def test_a_period_says_whether_a_file_comes_after_or_in_the_place_of_another(
    first: str, last: str, proposed: str
) -> None:
    new = made(("다", "view", first), ("다", "buy", last))
    assert proposal(ref(MONTH), new) == proposed


def test_the_same_file_is_nothing_new() -> None:
    assert proposal(ref(MONTH), MONTH, upload=RAW) == "same"
    assert proposal(ref(MONTH), MONTH, upload="b" * 64) == "replace"


days = st.integers(0, 60).map(lambda n: str(dt.date(2024, 3, 1) + dt.timedelta(days=n)))
logs = st.lists(days, min_size=1, max_size=4).map(lambda found: made(*(("가", "view", day) for day in found)))


@given(logs, logs)
def test_a_file_never_comes_after_one_that_comes_after_it(one: Cleaned, other: Cleaned) -> None:
    there, back = proposal(ref(one), other), proposal(ref(other), one)
    assert not (there == "add" and back in ("add", "replace"))
    assert (there == back == "replace") == (span_of(one) == span_of(other))
    assert proposal(ref(one), one) == "replace"


def test_days_are_those_of_the_files_time_zone() -> None:
    # 23:30 and 00:30 in Seoul are one day in UTC, and two in Seoul.
    old = replace(ref(MONTH), span=(at("2024-03-01"), at("2024-04-01") - DAY // 48))
    new = made(("가", "view", "2024-04-01"))
    assert new.log is not None
    night = Cleaned(
        "events",
        {},
        replace(new.log, time=np.array([at("2024-04-01") + DAY // 48])),
        new.customer_ids,
        new.reason,
    )
    assert proposal(old, night) == "add"
    assert proposal(replace(old, choice=TableChoice("events", zone="UTC")), night) == "ask"


@pytest.mark.parametrize(
    ("new", "proposed"),
    [
        ("가나다라", "replace"),
        ("가나", "replace"),
        ("가", "add"),
        ("마바사", "add"),
        ("가나마바사", "replace"),
    ],
)
def test_a_list_of_customers_replaces_the_one_that_it_has_half_of(new: str, proposed: str) -> None:
    old = customers(*"가나다라")
    assert proposal(ref(old), customers(*new), old_ids=old.customer_ids) == proposed


def test_what_cannot_be_told_is_asked() -> None:
    old = customers("가")
    nobody = pa.array([], pa.large_string())
    assert proposal(ref(old), customers("가")) == "ask"
    assert proposal(ref(old), customers("가"), old_ids=nobody) == "ask"
    assert proposal(ref(old), customers("가", kind="survey"), old_ids=old.customer_ids) == "ask"
    assert proposal(ref(MONTH), customers("가"), old_ids=MONTH.customer_ids) == "ask"
    # A log of an older version, whose period was not written down.
    assert proposal(replace(ref(MONTH), span=None), MONTH, old_ids=MONTH.customer_ids) == "ask"


# ---- changes --------------------------------------------------------------------------------------------


def test_every_change_has_its_numbers() -> None:
    new = made(
        ("가", "view", "2024-04-01"), ("다", "view", "2024-04-02"), ("라", "refund", "2024-04-30"), unused=2
    )
    found = changes(ref(MONTH, columns=("a", "b")), new, columns=["b", "c"], old_log=MONTH.log)
    day = dt.date.fromisoformat
    assert found == (
        Finding("changes.columns_gone", {"n": 1, "columns": ["a"]}),
        Finding("changes.columns_new", {"n": 1, "columns": ["c"]}),
        Finding("changes.events_new", {"n": 1, "names": ["refund"]}),
        Finding("changes.events_gone", {"n": 1, "names": ["buy"]}),
        Finding("changes.rows", {"before": 2, "now": 5}),
        Finding("changes.used_share", {"before": 1.0, "now": 0.6}),
        Finding("changes.customers", {"before": 2, "now": 3}),
        Finding(
            "changes.period",
            {
                "before_first": day("2024-03-01"),
                "before_last": day("2024-03-31"),
                "first": day("2024-04-01"),
                "last": day("2024-04-30"),
            },
        ),
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_change_is_a_sentence(language: str) -> None:
    many = made(*(("가", f"event {n}", "2024-05-01") for n in range(9)), unused=9)
    few = made(("가", "a", "2024-04-01"), ("나", "b", "2024-04-01"))
    columns = [f"c{n}" for n in range(9)]
    found = [
        finding
        for old, new, before, now in (
            (few, many, ["x"], columns),
            (many, few, columns, ["x"]),
            (few, made(("가", "c", "2024-04-01")), ["x"], ["y"]),
        )
        for finding in changes(ref(old, columns=tuple(before)), new, columns=now, old_log=old.log)
    ]
    assert {finding.code for finding in found} == {
        key for key in catalogue(language) if key.startswith("changes.")
    }
    for finding in found:
        assert "{" not in text(finding.code, language, **finding.values)


@given(logs)
def test_the_same_file_changes_nothing(log: Cleaned) -> None:
    assert changes(ref(log, columns=NAMES), log, columns=NAMES[::-1], old_log=log.log) == ()


@given(logs, logs)
def test_changes_there_are_the_changes_back(one: Cleaned, other: Cleaned) -> None:
    there = changes(ref(one), other, columns=(), old_log=one.log)
    back = changes(ref(other), one, columns=(), old_log=other.log)
    assert [finding.code for finding in there] == [finding.code for finding in back]
    for gone, come in zip(there, back, strict=True):
        if "before" in gone.values:
            assert (gone.values["before"], gone.values["now"]) == (come.values["now"], come.values["before"])


def test_many_names_are_cut_with_the_most_frequent_first() -> None:
    rows = [("가", f"e{n}", "2024-03-01") for n in range(7) for _ in range(n + 1)]
    long = ("가", "x" * 100, "2024-03-01")
    (found,) = [
        finding
        for finding in changes(ref(MONTH), made(*rows, *[long] * 9), columns=(), old_log=MONTH.log)
        if finding.code.startswith("changes.events_new")
    ]
    assert found.code == "changes.events_new_more"
    assert found.values == {"n": 8, "names": ["x" * 59 + "…", "e6", "e5", "e4", "e3"]}


def test_what_an_older_version_did_not_write_down_is_not_compared() -> None:
    old = FileRef("0" * 12, "a.csv", RAW, CHOICE)
    assert changes(old, MONTH, columns=NAMES) == ()


def test_only_files_of_events_are_compared_by_the_names_of_their_events() -> None:
    orders = Cleaned("orders", {}, MONTH.log, MONTH.customer_ids, MONTH.reason)
    other = made(("가", "x", "2024-03-01"))
    codes = {finding.code for finding in changes(ref(orders), orders, columns=(), old_log=other.log)}
    assert codes == set()


# ---- files of other projects ----------------------------------------------------------------------------


def with_file(
    store: Store, name: str, choice: TableChoice, log: EventLog, columns: tuple[str, ...]
) -> Project:
    project = store.create(name)
    project.put_data(name.encode(), f"{name}.csv", log, choice)
    data = project.state.data
    assert data is not None
    known = replace(data, files=(replace(data.files[0], columns=columns),))
    project.apply({"op": "data", "data": known.to_json()})
    return project


def test_projects_with_a_fitting_file_are_found(store: Store, log: EventLog) -> None:
    with_file(
        store, "다른 모양", TableChoice("events", {"customer": ("x",), "time": ("y",)}), log, ("x", "y")
    )
    store.create("빈")
    close = with_file(store, "비슷한", CHOICE, log, (*NAMES, "하나 더"))
    exact = with_file(store, "같은", CHOICE, log, NAMES)
    damaged = with_file(store, "망가진", CHOICE, log, NAMES)
    (store.home / "projects" / damaged.id / "project.sqlite").write_bytes(b"x" * 9000)
    found = store.fitting(NAMES)
    assert [(fit.project.name, fit.recognised.exact) for fit in found] == [("같은", True), ("비슷한", False)]
    assert found[0].recognised.choice == CHOICE
    assert [fit.project.id for fit in store.fitting(NAMES, but=exact.id)] == [close.id]
    assert store.fitting(["nothing"]) == []


def test_only_the_last_projects_are_compared(
    store: Store, log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("journey.projects.store._MOST_COMPARED", 2)
    for name in "abc":
        with_file(store, name, CHOICE, log, NAMES)
    assert [fit.project.name for fit in store.fitting(NAMES)] == ["c", "b"]
