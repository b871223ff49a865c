"""Several writers at once, and writers that are killed: what was acknowledged is there."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from journey.errors import NotStored
from journey.projects.store import Project, Store
from tests.endurance import FULL_LENGTH

ROOT = Path(__file__).parents[2]


def child(script: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-B", "-c", textwrap.dedent(script), *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def last_words(writer: subprocess.Popen[str]) -> tuple[str, str]:
    """All that a killed child said after its first line; `communicate` would lose what is buffered here."""
    assert writer.stdout is not None and writer.stderr is not None
    with writer:
        return writer.stdout.read(), writer.stderr.read()


# Says every edit that was acknowledged. The stage map grows, so that a commit is more than one page.
WRITER = """
    import sys
    from pathlib import Path
    from journey.projects.store import Store

    project = Store(Path(sys.argv[1])).open(sys.argv[2])
    if not project.state.stage_map.stages:
        project.apply({"op": "add_stage", "name": "A"})
    start = project.state.settings.get("n", 0)
    print("ready", flush=True)
    for n in range(start + 1, 1_000_000):
        names = [f"event {n} {k}" for k in range(20)]
        project.apply_ops("writer", [
            {"seq": 2 * n, "op": "place_many", "events": names, "to": "s1"},
            {"seq": 2 * n + 1, "op": "setting", "name": "n", "value": n},
        ])
        print(n, flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is not a thing of Windows")
def test_a_killed_writer_loses_nothing_that_it_acknowledged(store: Store, project: Project) -> None:
    chance = random.Random(7)
    acknowledged = kills = 0
    # On a busy machine a child may be killed before its first edit: such a kill proves nothing.
    while kills < (60 if FULL_LENGTH else 3) or (acknowledged <= 6 and kills < 60):
        kills += 1
        writer = child(WRITER, str(store.home), project.id)
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.005, 0.15))
        writer.send_signal(signal.SIGKILL)
        said, complaint = last_words(writer)
        assert complaint == ""
        acknowledged = max([acknowledged, *map(int, said.split())])
        state = store.open(project.id).state
        reached = state.settings.get("n", 0)
        # One more may have been committed whose acknowledgement was not said any more.
        assert reached in (acknowledged, acknowledged + 1)
        assert len(state.stage_map.events) == 20 * reached
        assert project.seen("writer") == (2 * reached + 1 if reached else 0)
        # It was seen now: two kills in a row may each leave one that was not said.
        acknowledged = reached
    assert acknowledged > 6


UPLOADER = """
    import sys
    from pathlib import Path
    import pandas as pd
    from journey.events.log import EventLog
    from journey.projects.store import Store
    from tests.projects.one_file import put_log

    project = Store(Path(sys.argv[1])).open(sys.argv[2])
    start = project.revision
    times = pd.date_range("2024-03-05", periods=5000, freq="min")
    print("ready", flush=True)
    for n in range(start, 1_000_000):
        frame = pd.DataFrame({"customer": "a", "event": f"event {n}", "time": times})
        raw, log = b"x" * 100_000 + str(n).encode(), EventLog.from_frame(frame)
        put_log(project, raw, f"{n}.csv", log)
        print(n, flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is not a thing of Windows")
def test_an_upload_that_is_killed_leaves_the_data_before_it_or_its_own(
    store: Store, project: Project
) -> None:
    chance = random.Random(11)
    for _ in range(40 if FULL_LENGTH else 2):
        writer = child(UPLOADER, str(store.home), project.id)
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.02, 0.2))
        writer.send_signal(signal.SIGKILL)
        said, complaint = last_words(writer)
        assert complaint == ""
        state = store.open(project.id).state
        if state.data is None:
            assert said == ""
            continue
        number = int(state.data.files[0].name.removesuffix(".csv"))
        assert number >= max([0, *map(int, said.split())])
        log, raw = project.log(), project.raw_path(state.data.files[0].id).read_bytes()
        assert log is not None
        assert log.event_names == (f"event {number}",)
        assert raw.endswith(f"x{number}".encode())


COUNTER = """
    import sys
    from pathlib import Path
    from journey.errors import NotStored
    from journey.projects.store import Store

    project = Store(Path(sys.argv[1])).open(sys.argv[2])
    for _ in range(int(sys.argv[3])):
        while True:
            state = project.state
            value = state.settings.get("n", 0) + 1
            try:
                project.apply({"op": "setting", "name": "n", "value": value}, expected=state.revision)
                break
            except NotStored as error:
                assert error.values["reason"] == "changed", error.values
"""


def test_two_editors_with_compare_and_set_lose_nothing(store: Store, project: Project) -> None:
    editors = [child(COUNTER, str(store.home), project.id, "40") for _ in range(2)]
    for editor in editors:
        assert editor.communicate()[1] == ""
        assert editor.returncode == 0
    assert project.state.settings == {"n": 80}
    assert project.revision == 80


def test_threads_that_share_a_project_lose_nothing(store: Store, project: Project) -> None:
    failed: list[BaseException] = []

    def edit(name: str, shared: Project) -> None:
        try:
            for n in range(15):
                shared.apply({"op": "setting", "name": f"{name}{n}", "value": n})
                shared.apply_ops(name, [{"seq": n + 1, "op": "setting", "name": name, "value": n}])
                assert shared.state.settings[f"{name}{n}"] == n
        except BaseException as error:
            failed.append(error)

    threads = [
        threading.Thread(target=edit, args=(name, project if name < "c" else store.open(project.id)))
        for name in "abcd"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    state = project.state
    assert len(state.settings) == 4 * 16
    assert state.revision == 4 * 15 * 2


def test_a_double_click_is_one_edit(project: Project) -> None:
    barrier, results = threading.Barrier(4), []

    def click() -> None:
        barrier.wait()
        results.append(project.apply_ops("board", [{"seq": 1, "op": "add_stage", "name": "A"}]))

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result.seq for result in results] == [1, 1, 1, 1]
    assert all(result.refused == () for result in results)
    assert project.state.stage_map.names == ("A",)
    assert project.revision == 1


def test_a_lock_that_is_held_too_long_is_told(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    from journey.projects import database

    monkeypatch.setattr(database, "_WAIT_SECONDS", 0.05)
    with database.writing(project._file.path), pytest.raises(NotStored) as refused:
        project.apply({"op": "setting", "name": "x", "value": 1})
    assert refused.value.values == {"reason": "busy"}
    assert project.apply({"op": "setting", "name": "x", "value": 1}).settings == {"x": 1}
