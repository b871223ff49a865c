"""Whoever listens to a project hears of every change, and nobody waits for it."""

import queue
import shutil
import sqlite3
import threading

import pytest

from journey.errors import ProjectMissing
from journey.projects.store import Store
from journey.projects.watcher import Watcher

STAGE = {"op": "add_stage", "name": "구매", "id": "buy", "at": None}


@pytest.fixture
def watcher(store):
    made = Watcher(store, every=0.005)
    yield made
    for project_id, watched in list(made._watched.items()):
        for listener in list(watched.listeners):
            made.unsubscribe(project_id, listener)
    thread = made._thread
    if thread is not None:
        thread.join(5)
    assert made._thread is None, "without listeners nobody looks"


@pytest.fixture
def heard(watcher, project):
    """What a listener hears, waited for: heard() is the next."""
    said = queue.Queue()
    watcher.subscribe(project.id, said.put)
    return lambda seconds=5: said.get(timeout=seconds)


def test_a_listener_hears_the_number_at_once_and_after_each_change_by_whomever(store, project, heard):
    assert heard() == project.head
    after = project.apply(STAGE)
    assert heard() == after.head
    elsewhere = Store(store.home).open(project.id)
    assert elsewhere.undo().head == heard()


def test_everybody_who_listens_hears_it_and_later_ones_hear_what_is_now(watcher, project, heard):
    first = heard()
    other = queue.Queue()
    watcher.subscribe(project.id, other.put)
    assert other.get(timeout=5) == first
    project.apply(STAGE)
    assert heard() == other.get(timeout=5) > first


def test_who_listens_no_longer_hears_nothing(watcher, project, heard):
    heard()
    silent = queue.Queue()
    watcher.subscribe(project.id, silent.put)
    silent.get(timeout=5)
    watcher.unsubscribe(project.id, silent.put)
    project.apply(STAGE)
    heard()
    assert silent.empty()


def test_changes_of_other_projects_are_not_heard(store, project, heard):
    heard()
    store.create("다른 여정").apply(STAGE)
    project.apply(STAGE)
    assert heard() == project.head
    with pytest.raises(queue.Empty):
        heard(0.05)


def test_between_two_looks_nothing_is_locked(project, heard):
    heard()
    with sqlite3.connect(project.database, timeout=0, isolation_level=None) as alone:
        busy, *_ = alone.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        assert busy == 0
    alone.close()


def test_a_project_that_is_deleted_is_told_to_be_gone_and_deleting_does_not_wait(store, project, heard):
    heard()
    shutil.rmtree(project.database.parent)
    assert heard() is None
    with pytest.raises(ProjectMissing):
        store.open(project.id)


def test_a_file_that_takes_the_place_of_another_is_read_and_keeps_its_log(store, project, heard, watcher):
    heard()
    backup = project.database.with_name("backup.sqlite")
    with sqlite3.connect(project.database) as source, sqlite3.connect(backup) as copy:
        source.backup(copy)
    source.close(), copy.close()
    project.apply(STAGE)
    heard()
    for file in sorted(project.database.parent.glob("project.sqlite*")):
        file.rename(file.with_name(f"damaged-{file.name}"))
    backup.rename(project.database)
    assert heard() == 1
    # What is written into the new log is there after the watcher has let go of the old file and the new one.
    held = sqlite3.connect(project.database)
    held.execute("SELECT 1 FROM project").fetchall()
    after = store.open(project.id).apply(STAGE)
    assert heard() == after.head
    for listener in list(watcher._watched[project.id].listeners):
        watcher.unsubscribe(project.id, listener)
    if (thread := watcher._thread) is not None:
        thread.join(5)
    held.close()
    assert [stage.name for stage in store.open(project.id).state.stage_map.stages] == ["구매"]


def test_a_damaged_file_is_no_news_until_it_can_be_read_again(project, heard, monkeypatch):
    monkeypatch.setattr("journey.projects.watcher._PAUSE", 0.01)
    heard()
    aside = project.database.with_name("aside")
    project.database.rename(aside)
    project.database.write_bytes(b"no database at all")
    project.database.unlink()
    aside.rename(project.database)
    after = project.apply(STAGE)
    assert heard() == after.head


def test_a_project_that_is_not_there_cannot_be_listened_to(watcher):
    with pytest.raises(ProjectMissing):
        watcher.subscribe("0" * 32, lambda number: None)
    assert watcher._thread is None


def test_who_comes_while_the_last_one_leaves_is_heard(watcher, project):
    for _ in range(20):
        said = queue.Queue()
        watcher.subscribe(project.id, said.put)
        assert said.get(timeout=5) == project.head
        watcher.unsubscribe(project.id, said.put)
    assert sum(thread.name == "watcher" for thread in threading.enumerate()) <= 1
