"""`python -m journey projects`: what whoever runs the server does with its projects."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from journey.__main__ import main
from journey.i18n import text
from journey.projects import erasure, portable
from journey.projects.person import Person
from journey.projects.store import Project, Store
from journey.projects.unpacking import unpack_order
from journey.sources.files import read_table
from tests.projects.real_files import brought, put, sample

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def english_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.setenv("JOURNEY_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    # Without a process of its own; those that test it are in tests/projects/test_portable.py.
    monkeypatch.setattr(portable.child, "run", lambda task, order, **_: unpack_order(order))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: object) -> tuple[int, str, str]:
        code = main(["projects", *map(str, words)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def shop() -> Project:
    project = Store().create("가게 / 1호")
    put(project, [brought("events.csv", sample("shop_events.csv", 50))])
    return project


def test_projects_are_listed_for_people_and_programs(run, shop):
    empty = Store().create("빈 것")
    code, out, err = run("list", "--format", "json")
    assert (code, err) == (0, "")
    rows = json.loads(out)["projects"]
    assert [(row["id"], row["name"], row["files"]) for row in rows] == [
        (empty.id, "빈 것", 0),
        (shop.id, "가게 / 1호", 1),
    ]
    table = list(csv.DictReader(io.StringIO(run("list", "--format", "csv")[1])))
    assert [row["name"] for row in table] == ["빈 것", "가게 / 1호"]
    shown = run("list", "--lang", "ko")[1]
    assert all(word in shown for word in ("이름", "바뀐 때", shop.id, "가게 / 1호"))


def test_where_there_are_no_projects_it_says_so(run):
    assert run("list") == (0, text("cli.projects_none", "en") + "\n", "")


def test_a_project_goes_to_another_home_and_comes_back_under_a_name_of_its_own(
    run, shop, tmp_path, monkeypatch
):
    code, out, _ = run("export", shop.id)
    assert code == 0
    file = tmp_path / "가게 _ 1호.journey"
    assert str(file.name) in out
    assert run("import", file, "--format", "json")[0] == 0
    assert sorted(project.name for project in Store().projects()) == ["가게 / 1호", "가게 / 1호 (2)"]
    monkeypatch.setenv("JOURNEY_HOME", str(tmp_path / "elsewhere"))
    _, out, _ = run("import", file, "--format", "json")
    (row,) = json.loads(out)["projects"]
    assert Store().open(row["id"]).state == shop.state


def test_without_data_only_the_stages_go(run, shop, tmp_path):
    bare = tmp_path / "bare.journey"
    code, out, _ = run("export", "가게 / 1호", "--without-data", "--out", bare)
    assert (code, "without data" in out) == (0, True)
    assert bare.stat().st_size < 20_000
    _, out, _ = run("import", bare, "--format", "json")
    made = Store().open(json.loads(out)["projects"][0]["id"])
    assert (made.state.data, made.state.stage_map) == (None, shop.state.stage_map)


def test_all_projects_are_exported_into_a_folder_and_a_damaged_one_is_told(run, shop, tmp_path, monkeypatch):
    twin = Store().create(shop.name)
    code, out, _ = run("backup", "saved/today", "--format", "json")
    files = [Path(row["file"]) for row in json.loads(out)["projects"]]
    assert (code, sorted(files)) == (0, sorted((Path("saved") / "today").iterdir()))
    assert {file.name.split(".")[1] for file in files} == {shop.id[:8], twin.id[:8]}
    assert run("backup", "saved/today")[0] == 2, "nothing is written over"
    (tmp_path / "home" / "projects" / twin.id / "project.sqlite").write_bytes(b"torn")
    code, out, err = run("backup", "saved/later")
    assert (code, out) == (2, "")
    assert text("errors.project_damaged", "en") in err
    assert [file.name.split(".")[1] for file in (tmp_path / "saved" / "later").iterdir()] == [shop.id[:8]]


def test_a_project_of_the_machine_is_given_to_somebody_who_logs_in(run, shop):
    minji, jun = (Store(person=Person(f"{name}@example.com")) for name in ("minji", "jun"))
    assert minji.projects() == []
    code, out, _ = run("owner", "가게 / 1호", "Minji@Example.com", "--format", "json")
    assert (code, json.loads(out)["projects"][0]["owners"]) == (0, ["minji@example.com"])
    assert [project.role for project in minji.projects()] == ["owner"]
    assert jun.projects() == []
    run("owner", shop.id, "jun@example.com")
    assert jun.open(shop.id).role == "owner"
    listed = json.loads(run("list", "--format", "json")[1])["projects"]
    assert listed[0]["owner"] == "jun@example.com"
    assert run("owner", shop.id, " ")[0] == 2


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ((), "cli.usage_projects"),
        (("list", "x"), "cli.usage_projects_list"),
        (("export",), "cli.usage_projects_export"),
        (("import",), "cli.usage_projects_import"),
        (("owner", "하나"), "cli.usage_projects_owner"),
        (("backup",), "cli.usage_projects_backup"),
        (("backup", "/dev/null/x"), "cli.usage_out"),
        (("forget",), "errors.setting_wrong"),
        (("list", "--without-data"), "cli.usage_only_export"),
        (("import", "x", "--out", "y"), "cli.usage_only_export"),
        (("list", "--stage", "a=b"), "cli.usage_not_projects"),
        (("export", "nobody"), "errors.project_missing"),
        (("export", "같은 것"), "cli.usage_projects_same_name"),
        (("export", "하나", "--out", "home"), "cli.usage_out_exists"),
        (("export", "하나", "--out", "nowhere/x.journey"), "cli.usage_out"),
    ],
    ids=str,
)
def test_misuse_is_told_and_nothing_is_done(run, words, key, tmp_path):
    for name in ("하나", "같은 것", "같은 것"):
        Store().create(name)
    before = sorted(path.name for path in tmp_path.iterdir())
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert err.startswith(
        text(key, "en", **dict.fromkeys(("have", "option", "setting", "value"), "{"), allowed="").split("{")[
            0
        ]
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_what_cannot_be_imported_is_told_by_name(run, tmp_path):
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    code, _, err = run("import", "x.csv")
    assert (code, err) == (3, f"x.csv: {text('errors.project_file_wrong_kind', 'en')}\n")
    assert run("import", "gone.journey")[0] == 3
    assert Store().projects() == []


def test_an_export_that_fails_leaves_no_file(run, shop, tmp_path):
    for raw in (tmp_path / "home").rglob("raw/*"):
        raw.write_bytes(b"other")
    assert run("export", shop.id, "--out", "x.journey")[0] == 2
    assert not (tmp_path / "x.journey").exists()


def test_data_are_left_out_of_projects_only(capsys):
    assert main(["check", "x.csv", "--without-data"]) == 2
    assert "projects export" in capsys.readouterr().err


def test_customers_are_erased_by_a_file_of_their_ids(run, shop, tmp_path, monkeypatch):
    monkeypatch.setattr(erasure, "read_file", lambda path, name, how: read_table(path, name))
    log = shop.log()
    assert log is not None
    first, second = log.customer_ids.to_pylist()[:2]
    (tmp_path / "ids.txt").write_text(f"{first}\n{second}\nnobody-1\n", encoding="utf-8-sig")
    code, out, err = run("erase", shop.id, "--ids", "ids.txt", "--format", "json")
    assert (code, err) == (0, "")
    (row,) = json.loads(out)["projects"]
    assert (row["asked"], row["customers"], row["rows"] > 1) == (3, 2, True)
    after = shop.log()
    assert after is not None
    assert not {first, second} & set(after.customer_ids.to_pylist())
    assert first not in run("erase", shop.id, "--ids", "ids.txt")[1]
    for words, key in (
        (("erase", shop.id), "cli.usage_projects_erase"),
        (("list", "--ids", "ids.txt"), "cli.usage_only_erase"),
    ):
        assert run(*words)[::2] == (2, text(key, "en", option="--ids") + "\n")
    assert run("erase", shop.id, "--ids", "gone.txt")[0] == 3


def test_what_killed_processes_have_left_is_removed_and_the_rest_stays(run, shop):
    raw = shop.database.parent / "raw"
    kept = {file: file.read_bytes() for file in raw.iterdir()}
    left = raw / ("a" * 64)
    left.write_bytes(b"left")
    for file in (*kept, left):
        os.utime(file, (1, 1))
    code, out, err = run("compact", shop.id, "--format", "json")
    assert (code, err) == (0, "")
    (row,) = json.loads(out)["projects"]
    assert row == {"id": shop.id, "name": "가게 / 1호", "bytes": 4}
    assert {file: file.read_bytes() for file in raw.iterdir()} == kept
    assert run("compact", shop.id)[1].startswith("Removed 0 bytes from “가게 / 1호”")
    code, _, err = run("compact")
    assert code == 2 and text("cli.usage_projects_compact", "en") in err
