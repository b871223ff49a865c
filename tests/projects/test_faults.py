"""Whatever happens to a project's file: it is told, or the right project is there."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest

from journey.errors import NotStored, ProjectDamaged
from journey.projects.state import ProjectState
from journey.projects.store import Project, Store
from tests.endurance import examples
from tests.projects.test_writers import WRITER, child, last_words


@pytest.fixture
def worked_on(project: Project) -> Project:
    """A project with some twenty edits."""
    for number in range(20):
        project.apply({"op": "add_stage" if number < 10 else "place", **_details(number)})
    return project


def _details(number: int) -> dict[str, str]:
    return {"name": f"A{number}"} if number < 10 else {"event": f"event {number}", "to": "s1"}


def touch(store: Store, project_id: str) -> list[object]:
    """Everything that a page asks of a project; only NotStored may come out, and no wrong state."""
    told: list[object] = []
    for ask in (
        lambda: store.open(project_id).state,
        lambda: store.open(project_id).history(),
        lambda: store.open(project_id).members(),
        lambda: store.backups(project_id),
        lambda: store.projects()[0].problem,
    ):
        try:
            told.append(ask())
        except NotStored as error:
            told.append(error)
    return told


def test_flipped_bytes_anywhere_are_damage_or_harmless_and_can_be_recovered(
    store: Store, worked_on: Project
) -> None:
    file, chance = worked_on.database, random.Random(5)
    whole, right = file.read_bytes(), worked_on.state
    (backup,) = store.backups(worked_on.id)
    seen = set()
    for _ in range(examples(24)):
        content = bytearray(whole)
        for _ in range(chance.choice((1, 3, 40))):
            content[chance.randrange(len(content))] ^= chance.randrange(1, 256)
        file.write_bytes(content)
        state = touch(Store(store.home), worked_on.id)[0]
        assert isinstance(state, NotStored) or state == right
        seen.add(type(state))
        with suppress(NotStored):
            worked_on.apply({"op": "add_stage", "name": "B"})
        file.write_bytes(whole)
        for beside in ("-wal", "-shm"):
            file.with_name(file.name + beside).unlink(missing_ok=True)
    # Some flips hit what nobody reads, others what everybody needs.
    assert {ProjectState, ProjectDamaged} <= seen
    file.write_bytes(content := bytes(len(whole)))
    assert content != whole
    assert store.recover(worked_on.id, backup.id).revision == backup.revision


@pytest.mark.parametrize("left", [0, 1, 100, 4096, 5000, 0.5, 0.9])
def test_a_file_that_was_cut_short_is_damaged(store: Store, worked_on: Project, left: float) -> None:
    whole, right = worked_on.database.read_bytes(), worked_on.state
    length = int(left * len(whole)) if isinstance(left, float) else left
    worked_on.database.write_bytes(whole[:length])
    for told in touch(Store(store.home), worked_on.id)[:2]:
        assert isinstance(told, NotStored) or told == right
    assert isinstance(touch(store, worked_on.id)[0], NotStored)


def _size(file: Path) -> int:
    """Bytes of a file that comes and goes."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a writer that was killed with much that is not in the project's file yet."""
    store = Store(tmp_path_factory.mktemp("killed") / "home")
    project = store.create("여정")
    writer = child(WRITER, str(store.home), project.id)
    assert writer.stdout is not None and writer.stdout.readline() == "ready\n"
    log = project.database.with_name("project.sqlite-wal")
    while True:
        while _size(log) < 50_000:
            time.sleep(0.005)
        # Held where it is: whoever closes a project takes its log along, and that may be in the next moment.
        writer.send_signal(signal.SIGSTOP)
        os.waitpid(writer.pid, os.WUNTRACED)
        if _size(log) >= 50_000:
            break
        writer.send_signal(signal.SIGCONT)
    writer.send_signal(signal.SIGKILL)
    last_words(writer)
    return store.home


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is not a thing of Windows")
@pytest.mark.parametrize("harm", ["missing", "garbage", "cut", "flipped"])
def test_what_was_not_written_into_the_file_yet_may_be_lost_but_never_wrong(
    killed: Path, store: Store, harm: str
) -> None:
    shutil.copytree(killed, store.home, dirs_exist_ok=True)
    (log,) = store.home.rglob("project.sqlite-wal")
    project_id = log.parent.name
    content = log.read_bytes()
    if harm == "missing":
        log.unlink(missing_ok=True)
    elif harm == "garbage":
        log.write_bytes(random.Random(1).randbytes(len(content)))
    elif harm == "cut":
        log.write_bytes(content[: len(content) // 2])
    else:
        log.write_bytes(content[:6000] + bytes(64) + content[6064:])
    told = touch(Store(store.home), project_id)
    if not isinstance(told[0], NotStored):
        state = told[0]
        assert len(state.stage_map.events) == 20 * state.settings.get("n", 0)
    assert len(store.projects()) == 1


def test_a_folder_that_is_no_project_is_told_and_hides_none(store: Store, worked_on: Project) -> None:
    empty = store.home / "projects" / ("b" * 32)
    empty.mkdir()
    assert {(one.id, one.problem) for one in store.projects()} == {
        (worked_on.id, None),
        (empty.name, "project_damaged"),
    }
    assert store.backups(empty.name) == []
    store.delete(empty.name)
    assert [one.id for one in store.projects()] == [worked_on.id]


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may mount a small disk"
)
def test_a_full_disk_refuses_each_change_and_keeps_what_was_there(tmp_path: Path) -> None:
    import subprocess

    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this machine lets nobody mount a disk")
    try:
        store = Store(disk)
        project = store.create("여정")
        project.apply({"op": "add_stage", "name": "A"})
        before = project.state
        with pytest.raises(OSError):
            (disk / "filler").write_bytes(bytes(4 * 2**20))
        for change in (
            lambda: project.apply({"op": "setting", "name": "x", "value": "y" * 200_000}),
            lambda: store.create("b"),
            lambda: store.duplicate(project.id, "c"),
        ):
            with pytest.raises(NotStored) as refused:
                change()
            assert refused.value.values["reason"] == "disk_full"
        assert store.open(project.id).state == before
        (disk / "filler").unlink()
        assert [one.id for one in store.projects()] == [project.id]
        assert store.duplicate(project.id, "c").state == before
        # To delete is what helps on a full disk, so it needs no room.
        with pytest.raises(OSError):
            (disk / "filler").write_bytes(bytes(4 * 2**20))
        store.delete(project.id)
        assert project.id not in {one.id for one in store.projects()}
    finally:
        subprocess.run(["umount", str(disk)], check=True)
        shutil.rmtree(disk)
