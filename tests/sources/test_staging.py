"""Uploads on disk: complete or not there, bounded, and gone when nobody needs them."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.errors import FileEmpty, FileTooLarge, UploadGone
from journey.sources.how import How
from journey.sources.limits import Limits
from journey.sources.staging import Staging, sweep


@pytest.fixture
def staging(tmp_path):
    return Staging(tmp_path / "session", limits=Limits(bytes=100, session_bytes=250, session_files=4))


def put(staging, content, name="a.csv"):
    return staging.put(io.BytesIO(content), name)


def names(staging):
    return sorted(path.name for path in staging.folder.iterdir())


def test_an_upload_is_named_by_its_content(staging):
    staged = put(staging, b"a,b\n1,2\n", "고객 ../x.csv")
    assert staged.digest == hashlib.sha256(b"a,b\n1,2\n").hexdigest()
    assert (staged.name, staged.size) == ("고객 ../x.csv", 8)
    assert staging.path(staged.digest).read_bytes() == b"a,b\n1,2\n"
    assert names(staging) == [staged.digest]
    assert staging.folder.stat().st_mode & 0o777 == 0o700
    assert staging.path(staged.digest).stat().st_mode & 0o777 == 0o600


def test_a_file_that_was_read_already_is_read_from_its_beginning(staging):
    file = io.BytesIO(b"abc")
    assert staging.put(file, "a").size == 3
    assert staging.put(file, "a").size == 3
    assert staging.total() == 3


@given(st.lists(st.binary(min_size=1, max_size=120), max_size=8))
def test_no_limit_is_ever_passed_and_a_refused_file_leaves_nothing(tmp_path_factory, contents):
    staging = Staging(
        tmp_path_factory.mktemp("s") / "x", limits=Limits(bytes=100, session_bytes=250, session_files=4)
    )
    held = {}
    for content in contents:
        total = sum(map(len, held.values()))
        is_new = content not in held.values()
        try:
            staged = put(staging, content)
        except FileTooLarge as refused:
            what = refused.values["what"]
            if what == "bytes":
                assert len(content) > 100
            elif what == "session_files":
                assert is_new and len(held) == 4
            else:
                assert is_new and total + len(content) > 250
        else:
            held[staged.digest] = content
        assert staging.total() == sum(map(len, held.values())) <= 250
        assert names(staging) == sorted(held)


def test_exactly_the_limit_is_kept(staging):
    assert put(staging, b"x" * 100).size == 100
    with pytest.raises(FileTooLarge) as caught:
        put(staging, b"x" * 101)
    assert caught.value.values == {"what": "bytes", "size": 101, "most": 100}


def test_sixty_files_in_one_session_are_refused(staging):
    for n in range(4):
        put(staging, b"%d" % n)
    with pytest.raises(FileTooLarge) as caught:
        put(staging, b"more")
    assert caught.value.values == {"what": "session_files", "size": 5, "most": 4}
    assert put(staging, b"3").size == 1


def test_uploads_count_together_up_to_exactly_the_limit_of_a_session(staging):
    for letter, size in ((b"a", 100), (b"b", 100), (b"c", 50)):
        put(staging, letter * size)
    with pytest.raises(FileTooLarge) as caught:
        put(staging, b"d")
    assert caught.value.values == {"what": "session_bytes", "size": 251, "most": 250}
    assert (staging.total(), put(staging, b"c" * 50).size) == (250, 50)


def test_nothing_in_it_is_empty(staging):
    with pytest.raises(FileEmpty):
        put(staging, b"")
    assert names(staging) == []


def test_what_cannot_be_read_leaves_nothing(staging):
    class Torn(io.BytesIO):
        def read(self, size=-1):
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        staging.put(Torn(b"abc"), "a.csv")
    assert names(staging) == []


def test_only_digests_are_names(staging):
    for wrong in ("", "../x", "/etc/passwd", "a" * 63, "A" * 64):
        for ask in (staging.path, staging.drop, lambda digest: staging.target(digest, How())):
            with pytest.raises(UploadGone):
                ask(wrong)
    with pytest.raises(UploadGone):
        staging.path("a" * 64)


def read_as(staging, digest, hows, age):
    """Leave what a reading leaves, each a second younger than the one before."""
    targets = [staging.target(digest, how) for how in hows]
    for n, target in enumerate(targets):
        for ending in (".arrow", ".json"):
            file = target.with_name(target.name + ending)
            file.write_bytes(b"x")
            os.utime(file, (time.time() - age + n,) * 2)
    return targets


def left(targets):
    return [target for target in targets if target.with_name(f"{target.name}.json").exists()]


def test_of_old_readings_of_a_file_few_stay(staging):
    staged = put(staging, b"a,b\n1,2\n")
    targets = read_as(staging, staged.digest, [How(header=n) for n in range(12)], age=3600)
    assert len(set(targets)) == 12
    assert staging.target(staged.digest, How(header=11)) == targets[11]
    assert left(targets) == targets[-8:]
    assert len(names(staging)) == 1 + 2 * 8
    staging.drop(staged.digest)
    assert names(staging) == []


def test_parts_of_a_zip_and_young_readings_do_not_push_each_other_out(staging):
    staged = put(staging, b"PK")
    parts = read_as(staging, staged.digest, [How(part=f"{n}.csv") for n in range(12)], age=3600)
    young = read_as(staging, staged.digest, [How(header=n) for n in range(12)], age=60)
    assert staging.target(staged.digest, How(part="0.csv")) == parts[0]
    assert left(parts) == parts
    assert left(young) == young


def test_clear_takes_the_folder_and_may_come_twice(staging):
    put(staging, b"abc")
    staging.clear()
    staging.clear()
    assert not staging.folder.exists()
    assert staging.total() == 0
    assert put(staging, b"abc").size == 3


def test_folders_that_nobody_uses_are_swept(tmp_path):
    root = tmp_path / "staging"
    assert sweep(root, 60) == 0
    old, used, other = (Staging(root / name) for name in ("old", "used", "other"))
    for staging in (old, used):
        staged = put(staging, b"abc")
    hour = time.time() - 3600
    outside = tmp_path / "outside"
    outside.mkdir()
    (root / "link").symlink_to(outside)
    for folder in (old.folder, used.folder, outside):
        os.utime(folder, (hour, hour))
    used.path(staged.digest)
    put(other, b"abc")
    assert sweep(root, 60) == 1
    assert not old.folder.exists()
    assert used.folder.exists() and other.folder.exists() and outside.exists()


def test_what_is_there_is_read_and_let_go_where_nothing_can_be_written(staging, monkeypatch):
    """A disk that was locked against writing since; its folder is swept later."""
    staged = put(staging, b"a,b\n1,2\n")

    def locked(*_, **__):
        raise OSError(errno.EROFS, "read-only")

    monkeypatch.setattr(os, "utime", locked)
    monkeypatch.setattr(Path, "unlink", locked)
    assert staging.path(staged.digest).read_bytes() == b"a,b\n1,2\n"
    assert staging.target(staged.digest, How()).parent == staging.folder
    staging.drop(staged.digest)
    assert names(staging) == [staged.digest]
