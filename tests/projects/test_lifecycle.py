"""A project is called otherwise, copied, and removed for good."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from journey.errors import NotStored, ProjectMissing, SettingWrong
from journey.events.log import EventLog
from journey.projects.disk import size_of
from journey.projects.person import Person
from journey.projects.store import Project, Store
from tests.endurance import FULL_LENGTH
from tests.projects.conftest import LogOf
from tests.projects.one_file import put_log
from tests.projects.test_writers import child, last_words

# Stands in a file, an event, a stage, a setting, a file's name and the project's own name.
MARKER = "zq7표식"


@pytest.fixture
def full(store: Store, log_of: LogOf) -> Project:
    """A project with two files, of which an edit has taken one out, and the marker everywhere."""
    made = store.create(MARKER)
    put_log(made, MARKER.encode() * 1000, f"{MARKER}.csv", log_of(MARKER, "buy"))
    put_log(made, b"second" * 1000, "b.csv", log_of("view", MARKER))
    made.apply({"op": "add_stage", "name": MARKER})
    made.apply({"op": "setting", "name": "steps", "value": MARKER})
    return made


def told_of(project: Project) -> tuple[Any, ...]:
    """What a person finds in a project, without what is its own alone."""
    log = project.log()
    edits = [(edit.number, edit.op, edit.at) for edit in project.history()]
    return project.state, project.revision, edits, None if log is None else log.fingerprint


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


# ---- rename ---------------------------------------------------------------------------------------------


def test_another_name_is_no_edit(store: Store, full: Project) -> None:
    before = told_of(full)
    store.rename(full.id, "  봄\n여정 ")
    assert full.name == "봄 여정"
    assert told_of(full) == before
    for odd in ("", " \n"):
        with pytest.raises(SettingWrong):
            store.rename(full.id, odd)
    with pytest.raises(ProjectMissing):
        store.rename("0" * 32, "a")
    assert full.name == "봄 여정"


# ---- duplicate ------------------------------------------------------------------------------------------


def test_a_copy_is_the_same_project_with_a_life_and_a_secret_of_its_own(store: Store, full: Project) -> None:
    before = told_of(full)
    copy = store.duplicate(full.id, "copy")
    assert (copy.name, copy.id != full.id, copy.mask_key != full.mask_key) == ("copy", True, True)
    assert told_of(copy) == before
    copy.undo()
    copy.apply({"op": "add_stage", "name": "B"})
    assert told_of(full) == before
    # The files that an edit took out come back there too, though the first project is gone.
    later = store.duplicate(full.id, "later")
    store.delete(full.id)
    for made in (copy, later):
        while made.can_undo:
            made.undo()
        assert made.raw_path(made.state.data.files[0].id).read_bytes() == MARKER.encode() * 1000
        assert made.log().event_names == ("buy", MARKER)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
@pytest.mark.parametrize("linked", [True, False])
def test_a_copys_files_are_whole_and_its_owners_alone_with_and_without_second_names(
    store: Store, full: Project, linked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no second names here")

    if not linked:
        monkeypatch.setattr("journey.projects.data_files.os.link", none)
    copy = store.duplicate(full.id, "copy")
    theirs, ours = files_below(copy.database.parent), files_below(full.database.parent)
    names = {name for name in theirs if not name.startswith("project.sqlite")}
    assert names and all(theirs[name] == ours[name] for name in names)
    for name in names:
        found = (copy.database.parent / name).stat()
        assert (found.st_mode & 0o777, found.st_nlink) == (0o600, 2 if linked else 1)
    assert all(entry.stat().st_mode & 0o077 == 0 for entry in copy.database.parent.rglob("*"))


def test_the_one_who_copies_is_the_only_owner_and_no_name_of_others_stays_in_the_file(store: Store) -> None:
    mina, juno = Person("mina@shop.kr", "민아"), Person("juno-marker@shop.kr", "준호")
    made = store.for_(mina).create("a")
    made.add_member(juno.id, juno.name)
    copy = store.for_(juno).duplicate(made.id, "b")
    assert [(one.person, one.role) for one in copy.members()] == [(juno.id, "owner")]
    with pytest.raises(ProjectMissing):
        store.for_(mina).open(copy.id)
    again = store.for_(mina).duplicate(made.id, "c")
    assert juno.id.encode() not in again.database.read_bytes()
    assert made.mask_key not in again.database.read_bytes()
    assert store.duplicate(made.id, "d").members() == ()


@pytest.mark.parametrize("copied", [False, True])
def test_a_copy_for_which_there_is_no_room_is_refused_and_leaves_nothing(
    store: Store, full: Project, copied: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files_below(store.home)
    # With second names only the database takes room, without them all does, and is asked for again.
    free = iter([10**9, 1000] if copied else [1000])
    if copied:

        def none(*_: object, **__: object) -> None:
            raise OSError(errno.EPERM, "no second names here")

        monkeypatch.setattr("journey.projects.data_files.os.link", none)
        monkeypatch.setattr("journey.projects.data_files.shutil.copyfile", none)
    monkeypatch.setattr(
        "journey.projects.disk.shutil.disk_usage",
        lambda _: shutil._ntuple_diskusage(10**9, 0, next(free)),
    )
    with pytest.raises(NotStored) as refused:
        store.duplicate(full.id, "copy")
    assert refused.value.values == {"reason": "disk_full"}
    assert files_below(store.home) == before
    assert [entry.name for entry in (store.home / "projects").iterdir()] == [full.id]


# ---- delete ---------------------------------------------------------------------------------------------


def test_no_byte_of_a_deleted_project_is_left(store: Store, full: Project) -> None:
    other = store.create("other")
    spellings = (MARKER.encode(), MARKER.encode("utf-16-le"))
    assert any(one in content for content in files_below(store.home).values() for one in spellings)
    store.delete(full.id)
    assert not any(one in content for content in files_below(store.home).values() for one in spellings)
    assert {entry.name for entry in (store.home / "projects").iterdir()} == {other.id}
    for touch in (
        lambda: store.open(full.id),
        lambda: full.state,
        lambda: full.apply({"op": "undo"}),
        lambda: store.delete(full.id),
    ):
        with pytest.raises(ProjectMissing):
            touch()
    assert [one.id for one in store.projects()] == [other.id]


def test_an_edit_in_the_middle_of_which_the_project_goes_brings_nothing_of_it_back(
    store: Store, full: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from journey.projects import database

    opened = database._connection

    def gone(file: Path, mode: str) -> Any:
        monkeypatch.setattr(database, "_connection", opened)
        store.delete(full.id)
        return opened(file, mode)

    monkeypatch.setattr(database, "_connection", gone)
    with pytest.raises(ProjectMissing):
        full.apply({"op": "add_stage", "name": "B"})
    assert store.projects() == []
    assert list((store.home / "projects").iterdir()) == []


# ---- listing --------------------------------------------------------------------------------------------


def test_a_listing_says_how_much_a_project_takes(store: Store, full: Project) -> None:
    empty = store.create("empty")
    sizes = {one.id: one.size for one in store.projects()}
    assert sizes[full.id] == full.size() == sum(map(len, files_below(full.database.parent).values()))
    assert sizes[empty.id] == empty.database.stat().st_size
    assert size_of(store.home) == sum(sizes.values())


def test_a_link_named_like_a_project_is_not_followed(store: Store, full: Project, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(full.database.parent, elsewhere)
    link = store.home / "projects" / ("a" * 32)
    link.symlink_to(elsewhere)
    (store.home / "projects" / ".gone-link").symlink_to(elsewhere)
    before = files_below(elsewhere)
    assert [one.id for one in store.projects()] == [full.id]
    for ask in (
        store.open,
        store.delete,
        lambda known: store.rename(known, "a"),
        lambda k: store.duplicate(k, "a"),
    ):
        with pytest.raises(ProjectMissing):
            ask(link.name)
    assert files_below(elsewhere) == before


def test_what_killed_processes_left_is_swept(store: Store, project: Project) -> None:
    projects = store.home / "projects"
    for name in (".gone-1", ".new-young", ".new-old"):
        (projects / name / "raw").mkdir(parents=True)
        (projects / name / "raw" / "a").write_bytes(b"a")
    os.utime(projects / ".new-old", (1, 1))
    assert [one.id for one in store.projects()] == [project.id]
    assert {entry.name for entry in projects.iterdir()} == {project.id, ".new-young"}


KEEPER = """
    import sys
    from pathlib import Path
    from journey.projects.store import Store

    store, source = Store(Path(sys.argv[1])), sys.argv[2]
    print("ready", flush=True)
    while True:
        made = [store.create("new").id, *(store.duplicate(source, "copy").id for _ in range(3))]
        # Every change of members makes a backup.
        store.open(source).add_member("mina@shop.kr")
        for project in made:
            store.delete(project)
"""


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is not a thing of Windows")
def test_whoever_is_killed_while_projects_come_and_go_leaves_whole_ones_only(
    store: Store, full: Project
) -> None:
    before = told_of(full)
    for wait in (0.02, 0.07, 0.11, 0.18) * 5 if FULL_LENGTH else (0.02, 0.11):
        keeper = child(KEEPER, str(store.home), full.id)
        assert keeper.stdout is not None
        assert keeper.stdout.readline() == "ready\n"
        time.sleep(wait)
        keeper.send_signal(signal.SIGKILL)
        assert last_words(keeper)[1] == ""
        for one in store.projects():
            assert one.problem is None
            found = store.open(one.id)
            assert (found.revision == 0) if one.name == "new" else (told_of(found) == before)
        # A backup that has its name is whole, and an edit of another day removes what has none.
        place = full.database.parent / "backups"
        assert len(store.backups(full.id)) == len(list(place.glob("[0-9]*"))) >= 1
        for half in place.glob(".*"):
            os.utime(half, (1, 1))
        full.add_member("juno@shop.kr")
        assert list(place.glob(".*")) == []
        for entry in (store.home / "projects").glob(".*"):
            os.utime(entry, (1, 1))
        listed = {one.id for one in store.projects()}
        assert {entry.name for entry in (store.home / "projects").iterdir()} == listed


def test_a_log_that_two_projects_share_stays_open(store: Store, full: Project) -> None:
    copy = store.duplicate(full.id, "copy")
    log: EventLog | None = copy.log()
    store.delete(full.id)
    store.delete(copy.id)
    assert log is not None and log.n_rows == 2
