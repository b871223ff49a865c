"""A customer who was erased: no byte is left, nothing brings them back, and nobody else is another one."""

from __future__ import annotations

import datetime as dt
import io
import shutil
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from journey.errors import NotStored, OwnerOnly
from journey.events.forgetting import COVER
from journey.events.joined import joined
from journey.events.kinds import TableChoice
from journey.events.log import EventLog
from journey.events.privacy import mask_ids
from journey.findings import Finding
from journey.projects import database, erasure, leftovers, maps
from journey.projects.arriving import arriving, as_parquet
from journey.projects.erasure import erase_customers, sought
from journey.projects.incoming import Incoming
from journey.projects.notebook import pinned, written
from journey.projects.person import Person
from journey.projects.portable import export_project
from journey.projects.register import decided, planned
from journey.projects.store import Project, Store
from journey.sources.files import read_table
from journey.sources.how import How
from journey.sources.staging import Staging
from journey.stages.board import Board, Card, Lane
from journey.stages.experiment_plan import Plan
from journey.stages.stage_map import StageMap

GONE, HANGUL = "GONE-7731", "사라질손님"
ORDER_HEAD = "회원,언제,금액"
EVENTS = TableChoice(
    "events",
    {"customer": ("회원",), "event": ("행동",), "time": ("언제",), "attributes": ("추천인", "메모")},
)
SURVEY = TableChoice("survey", {"time": ("언제",), "scores": ("추천",), "comment": ("의견",)})
ORDERS = TableChoice("orders", {"customer": ("회원",), "time": ("언제",), "amount": ("금액",)})
ROWS = [
    f"{GONE},방문,2024-05-01 09:00,,",
    "C-1,방문,2024-05-01 10:00,,",
    f"{HANGUL},구매,2024-05-02 09:00,,첫 구매",
    "C-1,구매,2024-05-03 10:00,,",
    f"{GONE},사라지는 행동,2024-05-04 09:00,C-1,",
    "C-2,방문,어제,,",
    f" {GONE} ,방문,언젠가,,",
    "C-2,방문,2024-05-05 10:00,,",
    f"{GONE}1,방문,2024-05-05 11:00,,",
    *(f"C-{number},방문,2024-05-06 09:{number},,메모 {number}" for number in range(10, 40)),
]
TORN = f"{GONE},방문,2024-05-06,,,,너무,많은,칸"
NAMING = f"C-3,방문,2024-05-06 10:00,{GONE},{GONE}님과 {HANGUL}이 소개"


def csv(rows: Iterable[str], head: str = "회원,행동,언제,추천인,메모") -> bytes:
    return "\n".join([head, *rows, ""]).encode()


def others(rows: Iterable[str]) -> list[str]:
    return [row for row in rows if row.split(",")[0].strip() not in (GONE, HANGUL)]


def brought(content: bytes, choice: TableChoice = EVENTS, name: str = "가게.csv") -> Incoming:
    return arriving(read_table(content, name), choice, name, content, How(), "")


def put(project: Project, *incoming: Incoming, drop: str = "", stages: StageMap | None = None) -> None:
    gone = [drop] if drop else []
    whole = joined(project.parts(incoming, replace=gone))
    project.put_files(incoming, whole, replace=gone, stage_map=stages)


def log_of(project: Project) -> EventLog:
    log = project.log()
    assert log is not None
    return log


def texts(path: Path) -> Iterator[bytes]:
    """The bytes of a file, and what stands in it once it is unpacked."""
    content = path.read_bytes()
    yield content
    if content.startswith(b"PAR1"):
        table = pq.read_table(path)
        yield repr([column.to_pylist() for column in table.columns]).encode("utf-8", "surrogatepass")
        yield repr(table.schema).encode() + repr(pq.ParquetFile(path).metadata.to_dict()).encode()
    if content.startswith(b"SQLite"):
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            named = "SELECT name FROM sqlite_master WHERE type = 'table'"
            for (table,) in connection.execute(named).fetchall():
                for row in connection.execute(f"SELECT * FROM {table}").fetchall():
                    yield from (_cell(cell) for cell in row)


def _cell(cell: object) -> bytes:
    if not isinstance(cell, bytes):
        return str(cell).encode()
    try:
        return zlib.decompress(cell)
    except zlib.error:
        return cell


def places(home: Path, *marks: str) -> set[str]:
    """The files below a folder in which one of these texts stands, in any way of writing it down."""
    written = [
        mark.encode(encoding) for mark in marks for encoding in ("utf-8", "utf-16-le", "utf-16-be", "cp949")
    ]
    written += [ascii(mark)[1:-1].encode() for mark in marks]
    # A longer id that begins like the one that goes is somebody else.
    mine = [(mark, mark + b"1") for mark in written]
    return {
        path.name
        for path in home.rglob("*")
        if path.is_file()
        for text in texts(path)
        if any(text.count(mark) > text.count(longer) for mark, longer in mine)
        or (HANGUL in marks and HANGUL.encode() in text)
    }


@pytest.fixture(autouse=True)
def here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read in this process, which is sooner; one test reads them as the app does."""
    if "listing" not in request.node.name:
        monkeypatch.setattr(
            erasure, "read_file", lambda path, name, how: read_table(path, name, **asdict(how))
        )


@pytest.fixture
def shop(store: Store, worked_on: Path) -> Project:
    """A project of one's own that is like the one that was worked on."""
    shutil.copytree(worked_on, store.home, dirs_exist_ok=True)
    (one,) = store.projects()
    return store.open(one.id)


@pytest.fixture(scope="module")
def worked_on(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two files of a shop with a history: a file that was replaced, an undone one, a version, settings."""
    store = Store(tmp_path_factory.mktemp("shop") / "home")
    project = store.create("가게")
    put(project, brought(csv(ROWS[:4])), stages=StageMap().add_stage("방문").put(["방문"], "s1"))
    assert project.state.data is not None
    put(project, brought(csv([*ROWS, TORN])), drop=project.state.data.files[0].id)
    project.keep_version(f"{GONE} 전")
    put(
        project,
        brought(csv([f"{GONE},2024-05-07,100", "C-1,2024-05-08,200"], ORDER_HEAD), ORDERS, "주문.csv"),
    )
    put(project, brought(csv([f"{GONE},2024-05-07,900"], ORDER_HEAD), ORDERS, f"{GONE}.csv"))
    project.undo()
    project.apply({"op": "setting", "name": "where", "value": {"추천인": [GONE, "C-1"]}})
    project.apply({"op": "rename_stage", "stage": "s1", "name": f"{GONE}의 방문"})
    who = {"attribute": "추천인", "values": [GONE]}
    project.apply(
        {"op": "settings", "values": {"segment.0123456789ab": {"name": f"{GONE} 지인", "rule": who}}}
    )
    project.apply({"op": "settings", "values": {"goal.text": f"{GONE}처럼", "flows.start": [GONE]}})
    said = Finding("flows.finding_empty", {"name": f"{GONE} · 방문"})
    kept: dict[str, Any] = {"line": f"{GONE}을 보자", "finding": said, "headline": None, "by": GONE}
    filters = {"segment": who, "where": {"추천인": [GONE]}}
    at = dt.datetime(2024, 6, 1, tzinfo=dt.UTC)
    project.apply(pinned("p", "flows", {"start": [GONE]}, filters, at=at, **kept))
    project.apply(written("t", f"{HANGUL}과 {GONE}", after=None, at=at, by=""))
    test = "0" * 12
    project.apply(planned(test, Plan(GONE, f"{GONE}의 가설"), at=at, by=GONE, owner=HANGUL))
    project.apply(
        decided(project.state.settings, test, "1" * 12, "ship", why=GONE, at=at, by="", finding=said)
    )
    told = "0123456789ab"
    quote = {"kind": "interview", "who": HANGUL, "quote": f"{GONE}: 배송이 늦어요"}
    pain = Card("c", "l", "s1", "i", text=f"{GONE}의 불편", tags=(GONE, "배송"), source=quote)
    drawn = Board(told, f"{GONE} 지도", at, lanes={"l": Lane("l", "pains", "i")}, cards={"c": pain})
    project.apply({"op": "settings", "values": maps.written(drawn)})
    for text in (f"{GONE}과 {HANGUL}", "사흘이나 걸려요", GONE):
        edit = {"op": "set_card", "id": "c", "fields": {"text": text}}
        project.apply({"op": "board", "map": told, "edit": edit})
    project.apply({"op": "undo", "area": maps.area(told)})
    return store.home


def test_no_byte_of_an_erased_customer_is_left(store: Store, shop: Project) -> None:
    staging = Staging(store.home / "staging" / "aa")
    staging.put(io.BytesIO(csv([*ROWS, TORN])), "가게.csv")
    assert places(store.home, GONE, HANGUL)
    assert store.backups(shop.id)
    told = sought(shop, [GONE, HANGUL])
    done = erase_customers(shop, [GONE, HANGUL])
    assert (told.customers, done.customers, done.asked) == (2, 2, 2)
    assert told.files == done.files
    assert done.is_complete
    assert done.edits > 3
    assert places(store.home, GONE, HANGUL) == set()
    # A backup was there before; the one that is there now was made afterwards.
    (backup,) = store.backups(shop.id)
    assert backup.revision == shop.revision


def test_everything_else_is_as_if_the_customers_had_never_been_there(store: Store, shop: Project) -> None:
    erase_customers(shop, [GONE, HANGUL])
    fresh = store.create("다른 가게")
    put(fresh, brought(csv(others(ROWS))))
    put(fresh, brought(csv(["C-1,2024-05-08,200"], ORDER_HEAD), ORDERS, "주문.csv"))
    assert log_of(shop).fingerprint == log_of(fresh).fingerprint
    assert shop.state.data is not None and fresh.state.data is not None
    for mine, theirs in zip(shop.state.data.files, fresh.state.data.files, strict=True):
        assert (mine.rows, mine.used, mine.customers, mine.matched, mine.names, mine.span) == (
            theirs.rows,
            theirs.used,
            theirs.customers,
            theirs.matched,
            theirs.names,
            theirs.span,
        )
        assert (mine.log, mine.tables, mine.quality) == (theirs.log, theirs.tables, theirs.quality)
    assert shop.state.settings["where"] == {"추천인": ["C-1"]}
    (board,) = maps.maps(shop.state.settings)
    assert board.cards["c"].source["quote"].endswith(": 배송이 늦어요")
    assert (board.cards["c"].text, board.cards["c"].tags) == ("사흘이나 걸려요", ("배송",))
    # Who edited it still takes that back, to what is left of it.
    shop.apply({"op": "undo", "area": maps.area(board.id)})
    assert maps.maps(shop.state.settings)[0].cards["c"].text == f"{COVER}과 {COVER}"


def test_nothing_brings_an_erased_customer_back(store: Store, shop: Project) -> None:
    erase_customers(shop, [GONE, HANGUL])
    states = [shop.state]
    for edit in reversed(range(1, shop.head + 1)):
        states.append(shop.state_at(edit))
    while shop.can_undo:
        states.append(shop.undo())
    while shop.can_redo:
        states.append(shop.redo())
    (version,) = shop.versions()
    states.append(shop.restore(version.edit))
    datas = {state.data.fingerprint: state.data for state in states if state.data is not None}
    assert len(datas) >= 3
    for data in datas.values():
        # Everything that a state means is there, and sound.
        assert shop.data_paths(data)
    with (store.home / "out.journey").open("wb") as sink:
        export_project(shop, sink, with_data=True)
    assert places(store.home, GONE, HANGUL) == set()


def test_choosing_columns_again_does_not_bring_them_back(shop: Project) -> None:
    erase_customers(shop, [GONE, HANGUL])
    assert shop.state.data is not None
    file = shop.state.data.files[0]
    raw = read_table(shop.raw_path(file.id).read_bytes(), file.name)
    assert file.reading is not None
    raw = file.reading.told_of(raw, shop.table(file.id, "rejected"))
    again = arriving(raw, file.choice, file.name, as_parquet(raw), file.how, file.upload)
    assert again.made.log is not None
    assert again.made.log.fingerprint == file.log
    assert (again.made.rows, raw.rejected, file.is_scrubbed) == (len(others(ROWS)), 0, True)


def test_an_id_in_other_peoples_rows_is_taken_out_of_them(store: Store) -> None:
    project = store.create("가게")
    put(project, brought(csv([*ROWS, NAMING])))
    comment = csv([f"2024-05-09,9,{GONE} 고객입니다", "2024-05-10,8,좋아요"], "언제,추천,의견")
    put(project, brought(comment, SURVEY, "만족도.csv"))
    done = erase_customers(project, [GONE])
    shop, survey = done.files
    assert (shop.rows, shop.cells, shop.texts) == (3, 1, 1)
    assert (survey.rows, survey.cells, survey.texts, survey.has_customers) == (0, 0, 1, False)
    assert project.state.data is not None
    comments = project.table(project.state.data.files[1].id, "responses")["comment"].to_pylist()
    assert comments == ["●●●● 고객입니다", "좋아요"]
    log = log_of(project)
    assert {"C-1", "C-2", "C-3", f"{GONE}1", HANGUL} <= set(log.customer_ids.to_pylist())
    assert f"●●●●님과 {HANGUL}이 소개" in log.attributes["메모"].categories
    assert "추천인" not in log.attributes or GONE not in log.attributes["추천인"].categories
    assert places(store.home, GONE) == set()


def test_a_short_id_is_not_looked_for_among_numbers(store: Store) -> None:
    project = store.create("가게")
    rows = ["5,2024-05-07,100,5", "6,2024-05-08,5,5", "7,2024-05-09,50,4"]
    choice = replace(ORDERS, roles={**ORDERS.roles, "attributes": ("별점",)})
    put(project, brought(csv(rows, "회원,언제,금액,별점"), choice, "주문.csv"))
    done = erase_customers(project, ["5", "5"])
    assert (done.asked, done.customers, done.short) == (1, 1, 1)
    assert (done.files[0].rows, done.files[0].cells) == (1, 0)
    assert project.state.data is not None
    orders = project.table(project.state.data.files[0].id, "orders")
    assert orders["customer"].to_pylist() == ["6", "7"]
    assert orders["amount"].to_pylist() == [5.0, 50.0]
    assert orders["별점"].to_pylist() == ["5", "4"]


def test_who_is_forgotten_leaves_the_results_of_tests_and_sums_stay(store: Store) -> None:
    project = store.create("가게")
    records = TableChoice(
        "experiment",
        {"customer": ("회원",), "arm": ("안",), "outcomes": ("매출",), "attributes": ("추천인",)},
    )
    rows = [f"{GONE},A,3,", f"C-1,B,5,{GONE}", "C-2,A,20240501,"]
    put(project, brought(csv(rows, "회원,안,매출,추천인"), records, "배너.csv"))
    sums = TableChoice("experiment", {"arm": ("안",), "units": ("대상 수",), "converted": ("전환 수",)})
    put(project, brought(csv(["A,20240501,5", "B,20240502,7"], "안,대상 수,전환 수"), sums, "합계.csv"))
    done = erase_customers(project, [GONE, "20240501"])
    assert (done.customers, [file.rows for file in done.files]) == (1, [1, 0])
    assert project.state.data is not None
    first, second = project.state.data.files
    kept = project.table(first.id, "records").to_pydict()
    assert (kept["customer"], kept["arm"], kept["매출"]) == (["C-1", "C-2"], ["B", "A"], [5.0, 20240501.0])
    assert kept["추천인"] == [None, None]
    assert project.table(second.id, "sums")["n"].to_pylist() == [20240501.0, 20240502.0]
    assert places(store.home, GONE) == set()


def test_an_id_that_is_not_there_changes_nothing(store: Store, shop: Project) -> None:
    before = {path: path.read_bytes() for path in store.home.rglob("*") if path.is_file()}
    done = erase_customers(shop, ["NOBODY-99", "", "  "])
    assert (done.asked, done.customers, done.edits) == (1, 0, 0)
    assert not any(file.rows or file.cells or file.texts for file in done.files)
    assert {path: path.read_bytes() for path in store.home.rglob("*") if path.is_file()} == before


def test_a_code_of_the_app_stands_for_its_customer(shop: Project) -> None:
    (code,) = mask_ids([GONE], shop.mask_key)
    assert sought(shop, [code, GONE]).customers == 1
    erase_customers(shop, [f" {code} "])
    assert GONE not in log_of(shop).customer_ids.to_pylist()
    assert HANGUL in log_of(shop).customer_ids.to_pylist()


def test_a_project_of_nobody_else_has_no_data_left(store: Store) -> None:
    project = store.create("가게")
    put(project, brought(csv(ROWS[:1])))
    erase_customers(project, [GONE])
    assert project.state.data is not None
    assert (project.state.data.files, project.log()) == ((), None)
    assert places(store.home, GONE) == set()


def test_the_history_says_so_and_nobody_takes_it_back(shop: Project) -> None:
    head = shop.head
    erase_customers(shop, [GONE, HANGUL])
    line = shop.happened(limit=1)[0]
    assert shop.head == line.number == head + 1
    assert (line.finding.code, line.finding.values) == ("erase.happened", {"n": 2})
    assert shop.history()[0].op == {"op": "erase", "customers": 2}
    # The edit before it is what undo takes back.
    assert shop.undo().stage_map.names == ("방문",)


def test_only_an_owner_erases(store: Store, shop: Project) -> None:
    shop.add_member("owner@a.kr", role="owner")
    shop.add_member("member@a.kr")
    member = store.for_(Person("member@a.kr", "", False)).open(shop.id)
    for ask in (sought, erase_customers):
        with pytest.raises(OwnerOnly):
            ask(member, [GONE])
    assert GONE in log_of(shop).customer_ids.to_pylist()
    owner = store.for_(Person("owner@a.kr", "", False)).open(shop.id)
    assert erase_customers(owner, [GONE]).customers == 1


def test_what_fails_on_the_way_changes_nothing(
    store: Store, shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path.name for path in store.home.rglob("*") if path.is_file()}
    state = shop.state

    def full(*_: object) -> None:
        raise NotStored(reason="disk_full")

    with monkeypatch.context() as patch:
        patch.setattr(leftovers, "put", full)
        with pytest.raises(NotStored):
            erase_customers(shop, [GONE])
    assert shop.state == state
    assert {path.name for path in store.home.rglob("*") if path.is_file()} == before


def test_an_edit_meanwhile_is_not_lost(shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    rebuilt = erasure._Search._joined_anew

    def slowly(*args: object) -> object:
        if shop.state.data is not None and len(shop.state.data.files) == 2:
            put(shop, brought(csv(["C-9,2024-05-08,200"], ORDER_HEAD), ORDERS, "더.csv"))
        return rebuilt(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(erasure._Search, "_joined_anew", slowly)
    with pytest.raises(NotStored) as caught:
        erase_customers(shop, [GONE])
    assert caught.value.values["reason"] == "changed"
    assert {"C-9", GONE} <= set(log_of(shop).customer_ids.to_pylist())


@pytest.mark.parametrize("by", ["listing", "erasing"])
def test_a_process_that_is_killed_leaves_nothing_behind(
    store: Store, shop: Project, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(leftovers.DataFiles, "forget", killed)
        with pytest.raises(Killed):
            erase_customers(shop, [GONE, HANGUL])
    assert GONE not in log_of(shop).customer_ids.to_pylist()
    assert places(store.home, GONE)
    if by == "listing":
        store.projects()
    else:
        erase_customers(shop, ["NOBODY-99"])
    assert places(store.home, GONE, HANGUL) == set()


def test_what_is_written_down_meanwhile_is_removed_next(
    store: Store, shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewritten = database.rewritten

    def slowly(file: Path) -> bool:
        monkeypatch.setattr(database, "rewritten", rewritten)
        with database.writing(file) as connection:
            leftovers.put(connection, {"raw": ["0" * 64]})
        return rewritten(file)

    monkeypatch.setattr(database, "rewritten", slowly)
    assert erase_customers(shop, [GONE]).is_complete
    with database.reading(shop.database) as connection:
        assert leftovers.are_left(connection)
    store.projects()
    with database.reading(shop.database) as connection:
        assert not leftovers.are_left(connection)


def test_who_is_still_reading_keeps_nothing_for_long(
    store: Store, shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_WAIT_SECONDS", 0.1)
    with database.reading(shop.database) as connection:
        connection.execute("SELECT * FROM edit").fetchall()
        assert not erase_customers(shop, [GONE, HANGUL]).is_complete
        assert GONE not in log_of(shop).customer_ids.to_pylist()
    store.projects()
    assert places(store.home, GONE, HANGUL) == set()
