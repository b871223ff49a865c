"""A damaged project comes back with all that its newest backup has."""

from __future__ import annotations

import random
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from journey.errors import NotStored, ProjectDamaged, ProjectMissing, SettingWrong
from journey.projects import backups as copies
from journey.projects import database
from journey.projects.person import Person
from journey.projects.store import Project, Store
from tests.projects.conftest import LogOf
from tests.projects.one_file import put_log

MINA = Person("mina@shop.kr", "민아")
JUNO = Person("juno@shop.kr", "준호")
HOUR = 3600 * 10**9


class Clock:
    """The time of the computer, which goes on by itself and can be moved."""

    def __init__(self) -> None:
        self.ahead = 0
        self.real = time.time_ns

    def __call__(self) -> int:
        return self.real() + self.ahead


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    moved = Clock()
    monkeypatch.setattr(time, "time_ns", moved)
    return moved


def step(project: Project, number: int) -> None:
    project.apply({"op": "add_stage", "name": f"A{number}"})


def damage(project: Project) -> bytes:
    project.database.write_bytes(b"garbage" * 500)
    project.database.with_name("project.sqlite-wal").write_bytes(b"more")
    return project.database.read_bytes()


def test_the_first_edit_is_backed_up_and_then_one_an_hour(
    store: Store, project: Project, clock: Clock
) -> None:
    assert store.backups(project.id) == []
    for number in range(3):
        step(project, number)
    assert [(one.revision, one.edits) for one in store.backups(project.id)] == [(1, 1)]
    clock.ahead += HOUR + 1
    step(project, 3)
    step(project, 4)
    assert [(one.revision, one.edits) for one in store.backups(project.id)] == [(4, 4), (1, 1)]


def test_the_newest_five_stay_though_the_clock_goes_back(
    store: Store, project: Project, clock: Clock
) -> None:
    for number in range(7):
        step(project, number)
        clock.ahead -= HOUR + 1
    found = store.backups(project.id)
    assert [one.revision for one in found] == [7, 6, 5, 4, 3]
    assert [one.at for one in found] == sorted(one.at for one in found)
    # The order of edits is their number, whatever the clock says.
    assert [edit.op.get("name") for edit in project.history()][:7] == [f"A{n}" for n in range(6, -1, -1)]
    assert project.state.stage_map.names == tuple(f"A{n}" for n in range(7))


def test_a_damaged_project_is_listed_by_name_and_comes_back(
    store: Store, project: Project, clock: Clock
) -> None:
    for number in range(3):
        step(project, number)
        clock.ahead += HOUR + 1
    step(project, 3)
    before = project.state
    damaged = damage(project)
    (listed,) = store.projects()
    assert (listed.problem, listed.name, listed.role) == ("project_damaged", "여정", "owner")
    newest, *_, oldest = store.backups(project.id)
    assert newest.finding.values == {"at": newest.at, "n": 4}
    back = store.recover(project.id, newest.id)
    assert back.state == before
    back.undo()
    assert back.state.stage_map.names == ("A0", "A1", "A2")
    aside = [file for file in project.database.parent.iterdir() if file.name.startswith("damaged-")]
    assert damaged in [file.read_bytes() for file in aside]
    # A second click, or an older backup, takes nothing away from a project that is sound again.
    assert store.recover(project.id, oldest.id).state == back.state
    assert store.projects()[0].problem is None


def test_a_backup_that_is_not_there_is_refused_and_changes_nothing(store: Store, project: Project) -> None:
    step(project, 0)
    damaged = damage(project)
    for odd in ("", "000009-1", "../../x", None):
        with pytest.raises(SettingWrong):
            store.recover(project.id, odd)
    assert project.database.read_bytes() == damaged


def test_a_backup_is_made_before_a_migration_and_the_migration_waits_for_it(
    store: Store, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripts = (*database.migrations(), "CREATE TABLE later (x);\n")
    with monkeypatch.context() as full:
        full.setattr(database, "migrations", lambda: scripts)

        def no_room(*_: object) -> None:
            raise OSError(28, "full")

        full.setattr(copies, "copied", no_room)
        with pytest.raises(NotStored) as refused:
            store.open(project.id)
        assert refused.value.values == {"reason": "disk_full"}
    assert store.open(project.id).revision == 0
    monkeypatch.setattr(database, "migrations", lambda: scripts)
    assert store.open(project.id).revision == 0
    (backup,) = store.backups(project.id)
    with copies.looked_into(backup.path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == len(scripts) - 1


def test_a_backup_that_cannot_be_made_stops_no_edit(
    store: Store, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: object) -> None:
        raise OSError(28, "full")

    monkeypatch.setattr(copies, "copied", no_room)
    step(project, 0)
    assert project.state.stage_map.names == ("A0",)
    assert store.backups(project.id) == []
    assert list((project.database.parent / "backups").iterdir()) == []


def test_what_does_not_hold_together_drives_out_no_backup(store: Store, project: Project) -> None:
    step(project, 0)
    (stage,) = project.state.stage_map.stages
    for number in range(40):
        project.apply({"op": "rename_stage", "stage": stage.id, "name": f"B{number}"})
    good = store.backups(project.id)
    with closing(sqlite3.connect(project.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(project.database.read_bytes())
    content[4096 * 3 : 4096 * 5] = bytes(4096 * 2)
    project.database.write_bytes(content)
    with pytest.raises(sqlite3.DatabaseError), closing(sqlite3.connect(project.database)) as connection:
        copies.keep(connection, project.database.parent)
    assert store.backups(project.id) == good


def test_a_damaged_project_shows_itself_to_those_who_were_let_in_last(store: Store, clock: Clock) -> None:
    mine = store.for_(MINA)
    made = mine.create("여정")
    step(made, 0)
    made.add_member(JUNO.id, JUNO.name)
    clock.ahead += HOUR + 1
    step(made, 1)
    made.remove_member(JUNO.id)
    damage(made)
    old = mine.backups(made.id)[-1]
    with copies.looked_into(old.path) as connection:
        assert connection.execute("SELECT count(*) FROM member").fetchone()[0] == 2
    theirs = store.for_(JUNO)
    assert theirs.projects() == []
    for ask in (theirs.open, theirs.backups, theirs.delete, lambda known: theirs.recover(known, old.id)):
        with pytest.raises(ProjectMissing):
            ask(made.id)
    with pytest.raises(ProjectMissing):
        made.for_(JUNO).undo()
    with pytest.raises(ProjectDamaged):
        mine.open(made.id)
    assert [(one.name, one.role, one.owner) for one in mine.projects()] == [("여정", "owner", "민아")]
    # Whoever was let go does not come back with a backup from before.
    assert [one.person for one in mine.recover(made.id, old.id).members()] == [MINA.id]
    damage(made)
    mine.delete(made.id)
    assert store.projects() == []


def test_only_files_that_nothing_refers_to_are_taken_out(
    store: Store, project: Project, log_of: LogOf
) -> None:
    import os

    put_log(project, b"first", "a.csv", log_of("view"))
    put_log(project, b"second", "b.csv", log_of("buy"))
    project.undo()
    raw = project.database.parent / "raw"
    for name, age in (("a" * 64, 1), ("b" * 64, None)):
        (raw / name).write_bytes(b"left")
        if age is not None:
            os.utime(raw / name, (age, age))
    for kept in raw.iterdir():
        if not kept.name.startswith("bbb"):
            os.utime(kept, (1, 1))
    store.compact(project.id)
    assert len(list(raw.iterdir())) == 3
    assert not (raw / ("a" * 64)).exists()
    project.redo()
    assert project.raw_path(project.state.data.files[0].id).read_bytes() == b"second"


def test_a_recovery_that_is_stopped_leaves_the_damaged_project_to_be_recovered_again(
    store: Store, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    step(project, 0)
    before = project.state
    damage(project)
    (backup,) = store.backups(project.id)
    real = Path.rename

    def stop(self: Path, target: Path) -> Path:
        if self.name.startswith(".new-"):
            raise KeyboardInterrupt
        return real(self, target)

    with monkeypatch.context() as stopped:
        stopped.setattr(Path, "rename", stop)
        with pytest.raises(KeyboardInterrupt):
            store.recover(project.id, backup.id)
    assert store.projects()[0].problem == "project_damaged"
    assert store.recover(project.id, backup.id).state == before


def test_a_torn_backup_lets_nobody_in_and_breaks_no_listing(store: Store) -> None:
    mine = store.for_(MINA)
    made = mine.create("여정")
    step(made, 0)
    damage(made)
    (backup,) = mine.backups(made.id)
    whole, chance = backup.path.read_bytes(), random.Random(3)
    for _ in range(20):
        content = bytearray(whole)
        for _ in range(chance.choice((3, 40, 400))):
            content[chance.randrange(len(content))] ^= chance.randrange(1, 256)
        backup.path.write_bytes(content)
        assert store.for_(JUNO).projects() == []
        assert [one.problem for one in mine.projects()] in ([], ["project_damaged"])
        assert [one.problem for one in store.projects()] == ["project_damaged"]
