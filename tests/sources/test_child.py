"""A process with limits: it answers or it ends, whole, and the one that waits for it lives on."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from journey.errors import FileBroken, FileTooLarge, NotStored, RowsRagged
from journey.sources import child
from journey.sources.limits import Limits
from journey.sources.progress import Progress

LIMITS = Limits(child_memory=2**30, child_seconds=30)
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="a process's memory is bounded on Linux only")


def run(task, order=None, *, limits=LIMITS, watch=None, folder):
    return child.run(f"tests.sources.children:{task}", order, folder=folder, limits=limits, watch=watch)


def is_alive(pid):
    """A process that has ended and was not yet asked for its end counts as gone."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def gone_within(seconds, *pids):
    until = time.monotonic() + seconds
    while any(map(is_alive, pids)):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def numbers_in(file):
    until = time.monotonic() + 20
    while not (file.is_file() and len(file.read_text().split()) == 2):
        assert time.monotonic() < until, "the process never started"
        time.sleep(0.02)
    return [int(number) for number in file.read_text().split()]


def test_the_answer_comes_back_and_nothing_else_does(tmp_path, capfd, monkeypatch):
    monkeypatch.setenv("SMTP_PASSWORD", "hidden")
    heard = []
    told = run("echo", {"가": [1, None, "나"]}, folder=tmp_path, watch=heard.append)
    assert told["order"] == {"가": [1, None, "나"]}
    assert Path(told["cwd"]) == tmp_path.resolve()
    assert "SMTP_PASSWORD" not in told["names"]
    assert capfd.readouterr() == ("", "")
    assert heard[0] == Progress("starting")


def test_a_problem_of_ours_keeps_its_class_and_values(tmp_path):
    values = {"bad": 3, "rows": 10, "fields": 2}
    with pytest.raises(RowsRagged) as caught:
        run("refuse", values, folder=tmp_path)
    assert caught.value.values == values


def test_another_problem_is_told_by_its_place_without_what_was_in_the_file(tmp_path, caplog):
    with pytest.raises(FileBroken) as caught:
        run("stumble", "secret of a row", folder=tmp_path)
    assert caught.value.values == {"reason": "KeyError"}
    assert "KeyError" in caplog.text and "children.py" in caplog.text
    assert "secret" not in caplog.text + str(caught.value)


@pytest.mark.parametrize("signal", ["SIGABRT", "SIGSEGV", "SIGTERM"])
def test_a_death_is_a_broken_file(signal, tmp_path):
    with pytest.raises(FileBroken):
        run("die", signal, folder=tmp_path)


@pytest.mark.parametrize("code", [0, 1, 3])
def test_an_end_without_an_answer_is_a_broken_file(code, tmp_path):
    with pytest.raises(FileBroken):
        run("leave", code, folder=tmp_path)


def test_a_process_that_the_system_killed_was_too_large(tmp_path):
    with pytest.raises(FileTooLarge) as caught:
        run("die", "SIGKILL", folder=tmp_path)
    assert caught.value.values["what"] == "child_memory"


@linux_only
def test_memory_is_bounded(tmp_path):
    with pytest.raises(FileTooLarge) as caught:
        run("swallow", 4 * 2**30, folder=tmp_path)
    assert caught.value.values == {"what": "child_memory", "size": 2**30 + 1, "most": 2**30}
    assert run("swallow", 2**20, folder=tmp_path) == 2**20


@linux_only
def test_processor_time_is_bounded(tmp_path):
    before = time.monotonic()
    with pytest.raises(FileTooLarge) as caught:
        run("spin", folder=tmp_path, limits=Limits(child_seconds=1, child_memory=2**30))
    assert caught.value.values["what"] == "child_seconds"
    assert time.monotonic() - before < 20


def test_waiting_is_bounded_and_takes_everything_along(tmp_path):
    file = tmp_path / "pids"
    with pytest.raises(FileTooLarge) as caught:
        run("have_child", str(file), folder=tmp_path, limits=Limits(child_seconds=1, child_memory=2**30))
    assert caught.value.values["what"] == "child_seconds"
    assert gone_within(2, *numbers_in(file))


def test_a_full_disk_is_told_as_one(tmp_path):
    with pytest.raises(NotStored) as caught:
        run("fill", folder=tmp_path)
    assert caught.value.values == {"reason": "disk_full"}


class Rerun(BaseException):
    """As Streamlit leaves a script: not an Exception."""


def test_whoever_watches_can_end_it_and_all_that_it_started(tmp_path):
    file = tmp_path / "pids"
    left = []

    def watch(_):
        if file.is_file() and len(file.read_text().split()) == 2:
            left.append(time.monotonic())
            raise Rerun

    with pytest.raises(Rerun):
        run("have_child", str(file), folder=tmp_path, watch=watch)
    assert time.monotonic() - left[0] < 2
    assert gone_within(2 - (time.monotonic() - left[0]), *numbers_in(file))


def test_it_ends_with_the_process_that_started_it(tmp_path):
    file = tmp_path / "pids"
    code = (
        "import sys; from pathlib import Path; from journey.sources import child\n"
        "child.run('tests.sources.children:have_child', sys.argv[1], folder=Path(sys.argv[2]))"
    )
    root = Path(__file__).parents[2]
    parent = subprocess.Popen([sys.executable, "-c", code, str(file), str(tmp_path)], cwd=root)
    try:
        numbers = numbers_in(file)
        assert all(map(is_alive, numbers))
    finally:
        parent.kill()
        parent.wait()
    assert gone_within(5, *numbers)


def test_few_are_read_at_a_time_and_the_others_wait(tmp_path, monkeypatch):
    monkeypatch.setattr(child, "_SEATS", threading.BoundedSemaphore(1))
    file, stages, stop = tmp_path / "pids", [], threading.Event()

    def watch(_):
        if stop.is_set():
            raise Rerun

    def first():
        with pytest.raises(Rerun):
            run("have_child", str(file), folder=tmp_path, watch=watch)

    def told(progress):
        stages.append(progress.stage)
        if stages.count("waiting") == 3:
            stop.set()

    other = threading.Thread(target=first)
    other.start()
    numbers_in(file)
    assert run("swallow", 1, folder=tmp_path, watch=told) == 1
    other.join()
    assert stages[:3] == ["waiting"] * 3
    assert stages[-1] == "starting"


def test_progress_is_heard(tmp_path):
    heard = []
    run("lie", folder=tmp_path, watch=heard.append)
    assert Progress("reading") in heard


def test_no_process_and_no_pipe_is_left(tmp_path):
    def held():
        return len(os.listdir("/proc/self/fd"))

    run("swallow", 1, folder=tmp_path)
    before = held()
    for _ in range(3):
        run("swallow", 1, folder=tmp_path)
    assert held() <= before
