"""A project leaves as one file and comes back as it was, elsewhere."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journey.errors import SettingWrong
from journey.projects import portable
from journey.projects.expected import EXPECTED, expected_files, missing_files
from journey.projects.notebook import cells, moved, written
from journey.projects.person import LOCAL, Person
from journey.projects.portable import export_project, exported_name, import_project
from journey.projects.project import Project
from journey.projects.register import decided, entries, learned, planned
from journey.projects.remembered import recognised
from journey.projects.state import ProjectState
from journey.projects.store import Store
from journey.projects.unpacking import unpack_order
from journey.questions import QUESTIONS
from journey.stages.causes import assigned, content, setting_of
from journey.stages.experiment_plan import Plan
from journey.stages.segment import segments
from journey.stages.stage_map import StageMap
from tests.endurance import examples
from tests.projects.real_files import brought, put, sample

SHOP = ("events", "orders", "survey", "reviews", "experiments", "customers")
SETTINGS = {
    "brand.name": "가게",
    "confirmed": ["주문"],
    "data.seen": 12,
    "flows.steps": 5,
    "period": ["2024-01-01", "2024-03-31"],
    "where": {"채널": ["비밀채널"]},
}


def exported(project: Project, *, with_data: bool) -> bytes:
    sink = io.BytesIO()
    export_project(project, sink, with_data=with_data)
    return sink.getvalue()


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with a file of each kind, for looking at only."""
    project = Store(tmp_path_factory.mktemp("shop")).create("여정 가게")
    put(project, [brought(f"shop_{kind}.csv", sample(f"shop_{kind}.csv")) for kind in SHOP])
    project.apply({"op": "settings", "values": SETTINGS})
    return project


@pytest.fixture(scope="module")
def whole(shop: Project) -> bytes:
    return exported(shop, with_data=True)


@pytest.fixture
def take(store: Store, tmp_path: Path) -> Callable[..., Project]:
    """Imports these bytes into the store."""

    def take(content: bytes, into: Store = store, **more: object) -> Project:
        path = tmp_path / "project.journey"
        path.write_bytes(content)
        return import_project(into, path, **more)

    return take


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are unpacked without a process of their own."""
    monkeypatch.setattr(portable.child, "run", lambda task, order, **_: unpack_order(order))


# ---- there and back -------------------------------------------------------------------------------------


def test_what_is_imported_is_what_was_exported(shop, whole, take):
    again = take(whole)
    there, here = shop.state, again.state
    assert {**here.settings, "data.seen": 12} == there.settings
    assert (here.data, here.stage_map) == (there.data, there.stage_map)
    assert again.log().fingerprint == shop.log().fingerprint
    assert {file.kind for file in here.data.files} == {
        "events",
        "orders",
        "survey",
        "reviews",
        "experiment",
        "customers",
    }
    for file in here.data.files:
        assert again.raw_path(file.id).read_bytes() == shop.raw_path(file.id).read_bytes()
        assert all(again.table(file.id, name).equals(shop.table(file.id, name)) for name in file.tables)
    assert again.name == shop.name
    assert again.id != shop.id
    assert again.mask_key != shop.mask_key
    assert again.history()[0].op["op"] == "import"
    assert exported(again, with_data=True) == whole


def test_results_that_were_summed_before_travel_too(project, take, here):
    rows = [f"2024-03-0{day},{arm},{100 + day * 7 % 5},{10 + day}" for day in range(1, 6) for arm in "AB"]
    summed = "\n".join(["date,variant,users,conversions", *rows]).encode()
    put(project, [brought("배너.csv", summed)])
    again = take(exported(project, with_data=True))
    assert again.state.data == project.state.data
    (file,) = again.state.data.files
    assert next(iter(file.tables)) == "sums"
    assert again.table(file.id, "sums").equals(project.table(file.id, "sums"))
    assert again.state.data.has_experiments
    assert not again.state.data.has_customers


def test_every_question_has_the_same_answer_there(shop, whole, take, here):
    again = take(whole)
    for question in QUESTIONS.values():
        there, here = (question(project.log(), project.state.stage_map) for project in (shop, again))
        assert there.finding == here.finding
        assert there.table.equals(here.table)


def test_an_imported_project_is_of_who_imports_it_under_a_name_of_its_own(whole, take, here, store):
    somebody = store.for_(Person("minji@example.com", "민지", sees_all=True))
    assert [take(whole, somebody).name for _ in range(3)] == ["여정 가게", "여정 가게 (2)", "여정 가게 (3)"]
    made = take(whole, somebody, name="  새  이름 ")
    assert (made.name, made.person) == ("새 이름", somebody.person)


def test_an_empty_project_travels_too(project, take):
    again = take(exported(project, with_data=True))
    assert again.state == ProjectState()
    assert again.name == "여정 (2)"


PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9)
)
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner)
)
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@settings(max_examples=examples(8), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    settings=st.dictionaries(st.from_regex(r"[a-z][a-z_.]{0,9}", fullmatch=True), VALUES, max_size=4),
    stages=st.dictionaries(NAMES.map(str.strip).filter(bool), st.lists(NAMES, max_size=4), max_size=5),
    bare=st.booleans(),
)
def test_any_stages_and_settings_come_back_as_they_were(project, take, here, settings, stages, bare):
    stage_map = StageMap()
    for name, events in stages.items():
        with suppress(SettingWrong):
            stage_map = stage_map.add_stage(name)
            stage_map = stage_map.put(events, stage_map.stages[-1].id)
    stages_now = json.loads(stage_map.to_json())
    known = dict.fromkeys(project.state.settings)
    project.apply({"op": "import", "data": None, "stages": stages_now, "settings": {**known, **settings}})
    again = take(exported(project, with_data=not bare)).state
    assert again.stage_map == project.state.stage_map == stage_map
    assert bare or again.settings == project.state.settings
    assert again.settings.items() <= project.state.settings.items()


# ---- without data ---------------------------------------------------------------------------------------

SECRET = "비밀"
RULE = {"attribute": "채널", "values": ["비밀채널1"]}
MARKED = {
    "회원_비밀.csv": "고객,행동,시각,채널\n"
    + "".join(
        f"비밀고객{n:03d},{'구매' if n % 2 else '방문'},2024-03-{1 + n % 28:02d},비밀채널{n % 3}\n"
        for n in range(60)
    )
    + ",구매,2024-03-05,비밀버림\n비밀고객001,구매,비밀시각,비밀채널1\n",
    "비밀_의견.csv": "고객,점수,의견,등급\n"
    + "".join(f"비밀고객{n:03d},{n % 11},비밀 의견입니다 {n},비밀등급{n % 2}\n" for n in range(60)),
}


def test_without_data_no_cell_leaves_but_the_names_of_events(store):
    project = store.create("가게")
    put(project, [brought(name, text.encode()) for name, text in MARKED.items()])
    where = {
        "where": {"채널": ["비밀채널1"]},
        "flows.pick": "비밀",
        "somebody.elses": "비밀",
        "confirmed": ["구매"],
    }
    project.apply({"op": "settings", "values": where})
    content = exported(project, with_data=False)
    texts = members(content)
    assert sorted(texts) == ["manifest.json", "state.json"]
    said = "".join(text.decode() for text in texts.values())
    assert SECRET not in said
    assert "구매" in said
    assert SECRET in "".join(map(str, members(exported(project, with_data=True)))) + str(project.state.data)
    for name in (project.id, project.mask_key.hex(), LOCAL.id):
        assert f'"{name}"' not in said


def test_what_a_team_wrote_travels_with_the_data_but_without_who_it_was(project, take, here):
    at = dt.datetime(2024, 3, 5, tzinfo=dt.UTC)
    causes = content("event", "구매", ["waiting"], by="민지")
    project.apply({"op": "setting", "name": setting_of("event", "구매"), "value": causes})
    project.apply({"op": "setting", "name": "segment.0123456789ab", "value": {"name": "단골", "rule": RULE}})
    project.apply({"op": "settings", "values": {"goal.text": "목표", "kpi.cards": ["nps"], "kpi.within": 60}})
    project.apply(written("a", "비밀", after=None, at=at, by="민지"))
    project.apply(written("b", "글", after="", at=at, by="민지"))
    project.apply(moved(project.state.settings, "a", 0))
    test, plan = "0" * 12, Plan("쿠폰 실험", "비밀", planned=4000)
    project.apply(planned(test, plan, at=at, by="민지", owner="민지"))
    project.apply(decided(project.state.settings, test, "1" * 12, "ship", why="이유", at=at, by="민지"))
    project.apply(learned(project.state.settings, test, "배운 점", at=at, by="민지"))
    content_of = {with_data: exported(project, with_data=with_data) for with_data in (True, False)}
    again = take(content_of[True]).state.settings
    assert [(cell.id, cell.text, cell.by) for cell in cells(again)] == [("a", "비밀", ""), ("b", "글", "")]
    assert [(one.name, one.causes, one.by) for one in assigned(again)] == [("구매", ("waiting",), "")]
    (found,) = entries(again)
    assert (found.plan, found.learnings, found.by, found.owner) == (plan, "배운 점", "", "")
    assert [(one.verdict, one.why, one.by) for one in found.decisions] == [("ship", "이유", "")]
    assert [(one.name, one.rule) for one in segments(again)] == [("단골", RULE)]
    assert (again["goal.text"], again["kpi.cards"], again["kpi.within"]) == ("목표", ["nps"], 60)
    assert "민지" not in "".join(part.decode() for part in members(content_of[True]).values())
    assert set(take(content_of[False]).state.settings) == set()


def test_without_data_stages_and_what_to_expect_arrive(shop, take):
    again = take(exported(shop, with_data=False))
    state = again.state
    assert (state.data, state.stage_map) == (None, shop.state.stage_map)
    assert {name: state.settings.get(name) for name in SETTINGS} == {
        **dict.fromkeys(SETTINGS),
        "brand.name": "가게",
        "confirmed": ["주문"],
        "flows.steps": 5,
    }
    waiting = expected_files(state.settings)
    assert [(file.choice, file.columns) for file in waiting] == [
        (file.choice, file.columns) for file in shop.state.data.files
    ]
    assert missing_files(None, state.settings) == waiting
    assert missing_files(shop.state.data, state.settings) == ()
    survey = next(file for file in shop.state.data.files if file.kind == "survey")
    found = recognised(survey.columns, waiting)
    assert (found.exact, found.choice) == (True, survey.choice)


@pytest.mark.parametrize("with_data", [True, False])
def test_undo_never_takes_away_what_a_project_came_with(shop, take, with_data):
    again = take(exported(shop, with_data=with_data))
    assert not again.can_undo
    again.apply({"op": "add_stage", "name": "추천"})
    assert again.undo().stage_map == shop.state.stage_map
    assert not again.can_undo


def test_what_is_still_missing_leaves_again(shop, take, here):
    first = take(exported(shop, with_data=False))
    put(first, [brought("orders.csv", sample("shop_orders.csv"))], stage_map=first.state.stage_map)
    assert [file.kind for file in missing_files(first.state.data, first.state.settings)] == [
        file.kind for file in shop.state.data.files if file.kind != "orders"
    ]
    second = take(exported(first, with_data=False))
    assert sorted(file.kind for file in expected_files(second.state.settings)) == sorted(
        file.kind for file in shop.state.data.files
    )


def test_what_does_not_describe_a_file_is_not_waited_for():
    good = {"choice": {"kind": "events", "roles": {"customer": ["c"]}}, "how": {}, "columns": ["c"]}
    strange = [
        None,
        3,
        {},
        {**good, "more": 1},
        {**good, "choice": {"kind": []}},
        {**good, "columns": [1]},
        good,
    ]
    assert [file.columns for file in expected_files({EXPECTED: strange})] == [("c",)]
    assert expected_files({EXPECTED: {"a": 1}}) == expected_files({}) == ()


# ---- names ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("쇼핑몰 여정", "쇼핑몰 여정.journey"),
        ("../../etc/passwd", "_.._etc_passwd.journey"),
        ("CON", "project.journey"),
        ("a\x00b\u202ec", "a b c.journey"),
        ("...", "project.journey"),
        ("가" * 300, "가" * 80 + ".journey"),
    ],
)
def test_an_exported_file_has_a_name_that_every_system_takes(name, safe):
    assert exported_name(name) == safe
