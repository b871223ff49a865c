from __future__ import annotations

import errno
import hashlib
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from journey.errors import NotStored, ProjectDamaged
from journey.events.log import EventLog
from journey.projects import data_files
from journey.projects.data_files import DataFiles

RAW = "고객,이벤트\n1,구매\n".encode("cp949")


@pytest.fixture
def files(tmp_path: Path) -> DataFiles:
    return DataFiles(tmp_path)


def entries(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir()) if folder.exists() else []


def test_bytes_come_back_as_they_were_under_their_digest(files: DataFiles, tmp_path: Path) -> None:
    digest = files.put_raw(RAW)
    assert digest == hashlib.sha256(RAW).hexdigest()
    assert files.raw(digest) == RAW
    assert files.has_raw(digest)
    assert entries(tmp_path / "raw") == [digest]
    assert stat.S_IMODE((tmp_path / "raw" / digest).stat().st_mode) == 0o600 or os.name == "nt"


def test_equal_content_is_kept_once(
    files: DataFiles, tmp_path: Path, log: EventLog, log_of: Callable[..., EventLog]
) -> None:
    assert files.put_raw(RAW) == files.put_raw(RAW)
    assert files.put_log(log) == files.put_log(log_of("view", "cart", "buy"))
    assert len(entries(tmp_path / "raw")) == len(entries(tmp_path / "logs")) == 1


def test_a_log_comes_back_as_it_was(files: DataFiles, tmp_path: Path, log: EventLog) -> None:
    fingerprint = files.put_log(log)
    again = files.log(fingerprint)
    assert (again.fingerprint, again.event_names, again.zone) == (log.fingerprint, log.event_names, log.zone)
    assert again.customer_ids.to_pylist() == ["가"]
    np.testing.assert_array_equal(again.event, log.event)
    np.testing.assert_array_equal(again.time, log.time)
    assert again.attributes["channel"].categories == ("search",)
    assert isinstance(again.time, np.memmap)
    assert files.has_log(fingerprint)
    assert stat.S_IMODE((tmp_path / "logs" / fingerprint).stat().st_mode) == 0o700 or os.name == "nt"


@pytest.mark.parametrize(
    "hostile", ["", "../project.sqlite", "/etc/passwd", "0" * 63, "0" * 64 + "\n", None, 5]
)
def test_only_a_digest_names_a_file(files: DataFiles, hostile: str) -> None:
    assert not files.has_raw(hostile)
    assert not files.has_log(hostile)
    for look in (files.raw, files.log):
        with pytest.raises(ProjectDamaged):
            look(hostile)


def test_what_is_gone_or_torn_is_told(files: DataFiles, tmp_path: Path, log: EventLog) -> None:
    digest, fingerprint = files.put_raw(RAW), files.put_log(log)
    (tmp_path / "raw" / digest).write_bytes(RAW[:-1])
    (tmp_path / "logs" / fingerprint / "time.npy").write_bytes(b"")
    for look in (lambda: files.raw(digest), lambda: files.log(fingerprint), lambda: files.raw("0" * 64)):
        with pytest.raises(ProjectDamaged):
            look()


@pytest.mark.parametrize(
    "name", ["meta.json", "customers.arrow", "event.npy", "offsets.npy", "attribute_0.npy"]
)
@pytest.mark.parametrize("content", [None, b"", b"{}", b"\x93NUMPY\x01\x00"])
def test_a_torn_log_is_damaged_and_the_next_upload_heals_it(
    files: DataFiles, tmp_path: Path, log: EventLog, name: str, content: bytes | None
) -> None:
    file = tmp_path / "logs" / files.put_log(log) / name
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ProjectDamaged):
        files.log(log.fingerprint)
    files.put_log(log)
    assert files.log(log.fingerprint).n_rows == 3
    assert entries(tmp_path / "logs") == [log.fingerprint]


def test_torn_bytes_are_healed_by_the_next_upload(files: DataFiles, tmp_path: Path) -> None:
    digest = files.put_raw(RAW)
    (tmp_path / "raw" / digest).write_bytes(b"")
    assert files.put_raw(RAW) == digest
    assert files.raw(digest) == RAW


@pytest.mark.parametrize("call", ["fsync", "replace", "rename"])
def test_a_full_disk_leaves_nothing_behind(
    files: DataFiles, tmp_path: Path, log: EventLog, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(data_files.os, call, full)
    puts = {"replace": [lambda: files.put_raw(RAW)], "rename": [lambda: files.put_log(log)]}.get(
        call, [lambda: files.put_raw(RAW), lambda: files.put_log(log)]
    )
    for put in puts:
        with pytest.raises(NotStored) as told:
            put()
        assert told.value.values == {"reason": "disk_full"}
    assert entries(tmp_path / "raw") == entries(tmp_path / "logs") == []


def test_everything_is_forced_to_the_disk_before_it_has_its_name(
    files: DataFiles, tmp_path: Path, log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    forced: set[int] = set()
    real = os.fsync

    def note(descriptor: int) -> None:
        forced.add(os.fstat(descriptor).st_ino)
        real(descriptor)

    monkeypatch.setattr(data_files.os, "fsync", note)
    digest, fingerprint = files.put_raw(RAW), files.put_log(log)
    kept = [tmp_path / "raw", tmp_path / "raw" / digest, tmp_path / "logs", tmp_path / "logs" / fingerprint]
    kept += (tmp_path / "logs" / fingerprint).iterdir()
    assert {path.stat().st_ino for path in kept} <= forced


def test_old_leftovers_are_swept_and_fresh_ones_kept(files: DataFiles, tmp_path: Path) -> None:
    files.put_raw(RAW)
    old, fresh = tmp_path / "raw" / ".new-old", tmp_path / "raw" / ".new-fresh"
    for leftover in (old, fresh):
        leftover.write_bytes(b"half")
    os.utime(old, (0, 0))
    files.put_raw(b"other")
    assert not old.exists()
    assert fresh.exists()


def test_many_threads_put_the_same_log(
    files: DataFiles, tmp_path: Path, log_of: Callable[..., EventLog]
) -> None:
    failed: list[BaseException] = []

    def put() -> None:
        try:
            files.put_log(log_of("view", "buy"))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=put) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert entries(tmp_path / "logs") == [log_of("view", "buy").fingerprint]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("event", [0, 1, 200]),
        ("offsets", [0, 2]),
        ("offsets", [0, 1 << 40]),
        ("offsets", [1, 3]),
        ("offsets", [0, 0, 3]),
        ("offsets", [0, 2, 3]),
        ("time", [1, 2]),
        ("attribute_0", [-2, 0, 0]),
        ("attribute_0", [0, 0, 99]),
        ("attribute_0", [0]),
    ],
)
def test_a_log_whose_parts_do_not_fit_together_is_damaged(
    files: DataFiles, tmp_path: Path, log: EventLog, name: str, wrong: list[int]
) -> None:
    file = tmp_path / "logs" / files.put_log(log) / f"{name}.npy"
    found = np.load(file)
    file.unlink()
    np.save(file, np.array(wrong).astype(np.int64 if name == "offsets" else found.dtype))
    with pytest.raises(ProjectDamaged):
        files.log(log.fingerprint)


def test_ids_that_point_beyond_their_text_are_damaged(
    files: DataFiles, tmp_path: Path, log: EventLog
) -> None:
    """Arrow would read foreign memory, or end the server."""
    file = tmp_path / "logs" / files.put_log(log) / "customers.arrow"
    offsets = log.customer_ids.buffers()[1].to_pybytes()[: 8 * (len(log.customer_ids) + 1)]
    content = file.read_bytes()
    at = content.rindex(offsets, 0, content.index("가".encode()))
    beyond = offsets[:-8] + (1 << 50).to_bytes(8, "little")
    file.write_bytes(content[:at] + beyond + content[at + len(offsets) :])
    with pytest.raises(ProjectDamaged):
        files.log(log.fingerprint)
