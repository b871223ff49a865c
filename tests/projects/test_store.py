from __future__ import annotations

import os
import re
import sqlite3
import stat
import subprocess
import sys
import textwrap
from contextlib import closing
from pathlib import Path

import platformdirs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.errors import NotStored, ProjectDamaged, ProjectMissing, ProjectNewer, SettingWrong
from journey.projects.state import ProjectState
from journey.projects.store import Project, Store


def database_of(store: Store, project: Project) -> Path:
    return store.home / "projects" / project.id / "project.sqlite"


def test_home_is_what_is_given_else_the_variable_else_the_users_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("JOURNEY_HOME", str(tmp_path / "variable"))
    assert Store(tmp_path / "given").home == tmp_path / "given"
    assert Store().home == tmp_path / "variable"
    monkeypatch.delenv("JOURNEY_HOME")
    assert Store().home == platformdirs.user_data_path("journey-lab", appauthor=False)


def test_a_store_that_was_never_used_lists_nothing_and_makes_nothing(tmp_path: Path) -> None:
    assert Store(tmp_path / "home").projects() == []
    assert not (tmp_path / "home").exists()


def test_a_new_project_is_empty_and_opens_again(store: Store) -> None:
    made = store.create("봄 캠페인")
    again = Store(store.home).open(made.id)
    assert re.fullmatch("[0-9a-f]{32}", made.id)
    assert (again.id, again.name, again.revision) == (made.id, "봄 캠페인", 0)
    assert again.state == ProjectState()
    assert not again.can_undo
    assert not again.can_redo
    assert again.log() is None
    assert again.state.data is None
    assert [edit.op for edit in again.history()] == [{"op": "create"}]


def test_each_project_has_its_own_lasting_secret(store: Store) -> None:
    one, other = store.create("a"), store.create("a")
    assert len(one.mask_key) == 32
    assert one.mask_key == store.open(one.id).mask_key != other.mask_key


def test_projects_are_listed_by_last_change(store: Store) -> None:
    first, second = store.create("첫째"), store.create("둘째")
    first.apply({"op": "setting", "name": "steps", "value": 3})
    listed = store.projects()
    assert [(p.id, p.name, p.revision, p.problem) for p in listed] == [
        (first.id, "첫째", 1, None),
        (second.id, "둘째", 0, None),
    ]
    assert listed[0].created is not None
    assert listed[0].changed is not None
    assert listed[0].created < listed[0].changed
    assert listed[0].changed.utcoffset() is not None


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_only_the_owner_may_enter(store: Store, project: Project) -> None:
    before = os.umask(0)
    try:
        other = store.create("b")
    finally:
        os.umask(before)
    for made in (project, other):
        folder = store.home / "projects" / made.id
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / "project.sqlite").stat().st_mode) == 0o600
    assert stat.S_IMODE(store.home.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "hostile",
    [
        "",
        "../../etc",
        "..",
        ".",
        "/etc/passwd",
        "a" * 33,
        "a" * 31,
        "A" * 32,
        "a" * 31 + "\0",
        "a" * 32 + "\n",
        "a" * 31 + "/",
        "٣" * 32,
        "C:\\x",
        None,
        7,
        "0" * 32,
    ],
)
def test_any_other_id_is_a_missing_project(store: Store, project: Project, hostile: str) -> None:
    with pytest.raises(ProjectMissing):
        store.open(hostile)


def test_unfinished_projects_are_not_listed(store: Store, project: Project) -> None:
    (store.home / "projects" / f".new-{'0' * 32}").mkdir()
    (store.home / "projects" / "notes.txt").write_text("", encoding="utf-8")
    assert [p.id for p in store.projects()] == [project.id]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  여정  랩 \n", "여정 랩"),
        ("../../etc", "../../etc"),
        ("a\0b\x1bc", "a b c"),
        ("CON", "CON"),
        ("각", "각"),
        ("\ud83d x", "x"),
        ("가" * 300, "가" * 200),
        ("'); DROP TABLE project;--", "'); DROP TABLE project;--"),
    ],
)
def test_a_name_is_kept_in_one_tidy_line(store: Store, typed: str, kept: str) -> None:
    assert store.open(store.create(typed).id).name == kept


@given(st.text())
def test_every_name_is_kept_or_refused(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    store = Store(tmp_path_factory.mktemp("names"))
    try:
        made = store.create(name)
    except SettingWrong:
        assert not name.strip() or store.projects() == []
    else:
        assert store.projects()[0].name == made.name != ""


@pytest.mark.parametrize("content", [b"", b"garbage" * 1000, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_file_that_is_no_project_is_damaged(store: Store, project: Project, content: bytes) -> None:
    database_of(store, project).write_bytes(content)
    sound = store.create("sound")
    with pytest.raises(ProjectDamaged):
        store.open(project.id)
    with pytest.raises(ProjectDamaged):
        project.apply({"op": "setting", "name": "steps", "value": 3})
    assert [(p.id, p.problem) for p in store.projects()] == [
        (sound.id, None),
        (project.id, "project_damaged"),
    ]
    assert database_of(store, project).read_bytes() == content


def test_another_programs_database_is_damaged(store: Store, project: Project) -> None:
    file = database_of(store, project)
    file.unlink()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE project (name TEXT)")
    with pytest.raises(ProjectDamaged):
        store.open(project.id)


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE project",
        "DELETE FROM project",
        "DELETE FROM part",
        "UPDATE part SET body = x'00'",
        "UPDATE part SET body = (SELECT body FROM part ORDER BY length(body) LIMIT 1)",
        "UPDATE edit SET data = stages",
        "UPDATE project SET settings = x'78'",
    ],
)
def test_a_database_with_a_hole_is_damaged(store: Store, project: Project, statement: str) -> None:
    project.apply({"op": "setting", "name": "steps", "value": 3})
    with closing(sqlite3.connect(database_of(store, project))) as connection, connection:
        connection.execute(statement)
    with pytest.raises(ProjectDamaged):
        Store(store.home).open(project.id).state  # noqa: B018


def test_a_torn_page_is_damaged_and_never_a_wrong_state(store: Store, project: Project) -> None:
    for steps in range(30):
        project.apply({"op": "setting", "name": "steps", "value": steps})
    whole = database_of(store, project).read_bytes()
    for start in range(0, len(whole), 512):
        database_of(store, project).write_bytes(whole[:start] + os.urandom(512) + whole[start + 512 :])
        try:
            state = Store(store.home).open(project.id).state
        except NotStored:
            continue
        assert state.settings == {"steps": 29}


def test_a_folder_without_its_database_is_damaged(store: Store, project: Project) -> None:
    database_of(store, project).unlink()
    with pytest.raises(ProjectDamaged):
        store.open(project.id)
    assert store.projects()[0].problem == "project_damaged"


def test_a_newer_project_is_told_and_left_alone(store: Store, project: Project) -> None:
    with closing(sqlite3.connect(database_of(store, project))) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = database_of(store, project).read_bytes()
    for touch in (lambda: store.open(project.id), lambda: project.apply({"op": "undo"})):
        with pytest.raises(ProjectNewer) as told:
            touch()
        assert told.value.values["version"] == 99
    assert store.projects()[0].problem == "project_newer"
    assert database_of(store, project).read_bytes() == before


def test_a_home_that_cannot_be_made_is_not_stored(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(NotStored):
        Store(tmp_path / "file" / "home").create("a")


READ_ONLY = """
    import os, sys
    from pathlib import Path
    from journey.errors import NotStored
    from journey.projects.store import Store

    store = Store(Path(sys.argv[1]))
    project = store.open(sys.argv[2])
    if os.geteuid() == 0:
        os.seteuid(65534)
    assert project.state.settings == {"steps": 3}
    for change in (lambda: project.apply({"op": "setting", "name": "steps", "value": 4}),
                   lambda: project.undo(), lambda: store.create("b")):
        try:
            change()
        except NotStored as error:
            assert error.values["reason"] == "read_only", error.values
        else:
            raise SystemExit("stored in a read-only folder")
    assert project.state.settings == {"steps": 3}
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_read_only_folder_can_be_read_and_says_not_stored(store: Store, project: Project) -> None:
    project.apply({"op": "setting", "name": "steps", "value": 3})
    folders = [store.home, store.home / "projects", store.home / "projects" / project.id]
    # Root may write everywhere, so the child becomes somebody else, who may look at all and change nothing.
    above = [folder for folder in store.home.parents if folder.stat().st_mode & 0o005 != 0o005]
    modes = {folder: stat.S_IMODE(folder.stat().st_mode) for folder in above if os.geteuid() == 0}
    try:
        for folder in [*folders, *modes]:
            folder.chmod(0o555)
        database_of(store, project).chmod(0o444)
        child = subprocess.run(
            [sys.executable, "-B", "-c", textwrap.dedent(READ_ONLY), str(store.home), project.id],
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        for folder in folders:
            folder.chmod(0o700)
        for folder, mode in modes.items():
            folder.chmod(mode)
        database_of(store, project).chmod(0o600)
    assert child.returncode == 0, child.stderr


def test_what_a_project_read_last_is_at_hand_for_the_next(store: Store, project: Project) -> None:
    project.apply({"op": "add_stage", "name": "A"})
    assert store.open(project.id).state.stage_map is store.open(project.id).state.stage_map
    Store(store.home).open(project.id).apply({"op": "add_stage", "name": "B"})
    assert project.state.stage_map.names == ("A", "B")


def test_a_project_whose_folder_is_gone_is_missing_though_it_was_open(store: Store, project: Project) -> None:
    (store.home / "projects" / project.id).rename(store.home / "elsewhere")
    for touch in (lambda: store.open(project.id), lambda: project.state, project.undo):
        with pytest.raises(ProjectMissing):
            touch()


@pytest.mark.parametrize("column", ["name", "revision", "created_at", "changed_at"])
@pytest.mark.parametrize("odd", ["x'00'", "'soon'", "9e18", "-9223372036854775808"])
def test_facts_of_another_kind_are_damage_and_hide_no_other_project(
    store: Store, project: Project, column: str, odd: str
) -> None:
    other = store.create("other")
    file = store.home / "projects" / project.id / "project.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"UPDATE project SET {column} = {odd}")
        connection.commit()
    listed = {summary.id: summary for summary in store.projects()}
    assert listed[other.id].problem is None
    assert listed[project.id].problem in (None, "project_damaged")
    if odd.startswith("x"):
        with pytest.raises(ProjectDamaged):
            store.open(project.id)


def test_a_project_that_was_begun_stays_only_if_nothing_failed(store):
    with store.begun("first") as kept:
        kept.apply({"op": "setting", "name": "steps", "value": 3})
    with pytest.raises(NotStored), store.begun("second"):
        raise NotStored(reason="disk_full")
    assert [summary.id for summary in store.projects()] == [kept.id]
    assert {entry.name for entry in (store.home / "projects").iterdir()} == {kept.id}
