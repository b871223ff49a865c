from __future__ import annotations

import errno
import shutil
import sqlite3
from pathlib import Path

import pytest

from journey.errors import NotStored, ProjectDamaged
from journey.projects import database
from journey.projects.database import created, migrations, reading, writing
from journey.projects.disk import told


@pytest.fixture
def file(tmp_path: Path) -> Path:
    created(tmp_path / "project.sqlite")
    return tmp_path / "project.sqlite"


def test_a_project_file_is_durable_and_says_what_it_is(file: Path) -> None:
    with reading(file) as connection:
        pragma = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "application_id", "user_version", "foreign_keys")
        }
    assert pragma == {
        "journal_mode": "wal",
        "synchronous": 2,
        "application_id": database.APPLICATION_ID,
        "user_version": len(migrations()),
        "foreign_keys": 1,
    }


def test_migrations_are_numbered_without_a_gap() -> None:
    folder = Path(database.__file__).parent / "migrations"
    numbers = sorted(int(script.name[:4]) for script in folder.glob("*.sql"))
    assert numbers == list(range(1, len(migrations()) + 1))


def test_an_older_file_is_brought_up_to_date_once(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scripts = (*migrations(), "CREATE TABLE later (x); -- ;\nINSERT INTO later VALUES (';');\n")
    monkeypatch.setattr(database, "migrations", lambda: scripts)
    for _ in range(2):
        with reading(file) as connection:
            assert connection.execute("SELECT x FROM later").fetchall() == [(";",)]
            assert connection.execute("PRAGMA user_version").fetchone() == (len(scripts),)


def test_a_migration_that_fails_changes_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = migrations()
    monkeypatch.setattr(database, "migrations", lambda: (*sound, "CREATE TABLE later (x);\nSELECT no();\n"))
    with pytest.raises(ProjectDamaged), reading(file):
        pass
    monkeypatch.setattr(database, "migrations", lambda: sound)
    with reading(file) as connection:
        assert connection.execute("SELECT name FROM sqlite_master WHERE name = 'later'").fetchall() == []


def test_what_raises_is_rolled_back(file: Path) -> None:
    with pytest.raises(KeyError), writing(file) as connection:
        connection.execute("INSERT INTO client VALUES ('a', 1, 1)")
        raise KeyError
    with reading(file) as connection:
        assert connection.execute("SELECT count(*) FROM client").fetchone() == (0,)


def test_a_writer_that_waits_in_vain_is_told_busy(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_WAIT_SECONDS", 0.05)
    with writing(file), pytest.raises(NotStored) as refused, writing(file):
        pass
    assert refused.value.values == {"reason": "busy"}


def test_readers_do_not_wait_for_a_writer(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_WAIT_SECONDS", 0.0)
    with writing(file) as writer:
        writer.execute("INSERT INTO client VALUES ('a', 1, 1)")
        with reading(file) as reader:
            assert reader.execute("SELECT count(*) FROM client").fetchone() == (0,)


def test_no_file_is_left_open_or_beside_it(file: Path) -> None:
    with writing(file) as connection:
        connection.execute("INSERT INTO client VALUES ('a', 1, 1)")
    assert [entry.name for entry in file.parent.iterdir()] == ["project.sqlite"]


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.ENOSPC, "disk_full"),
        (errno.EFBIG, "disk_full"),
        (errno.EROFS, "read_only"),
        (errno.EACCES, "read_only"),
        (errno.EIO, "disk"),
    ],
)
def test_what_the_disk_says_is_a_reason(number: int, reason: str) -> None:
    with pytest.raises(NotStored) as told_of, told():
        raise OSError(number, "secret")
    assert told_of.value.values == {"reason": reason}
    assert "secret" not in str(told_of.value)


def test_a_database_that_is_full_is_a_full_disk(file: Path) -> None:
    with pytest.raises(NotStored) as told_of, writing(file) as connection:
        connection.execute("PRAGMA max_page_count = 1")
        connection.execute("INSERT INTO part VALUES (x'00', ?)", (bytes(10**6),))
    assert told_of.value.values == {"reason": "disk_full"}


def test_other_mistakes_of_sql_are_a_damaged_file(file: Path) -> None:
    with pytest.raises(ProjectDamaged), reading(file) as connection:
        connection.execute("SELECT nothing FROM nowhere")
    with pytest.raises(ProjectDamaged), writing(file) as connection:
        connection.execute("INSERT INTO client VALUES (NULL, NULL, NULL)")


def test_a_mistake_of_ours_is_not_blamed_on_the_file(file: Path) -> None:
    with pytest.raises(sqlite3.ProgrammingError), writing(file) as connection:
        connection.execute("INSERT INTO client VALUES (?, ?, ?)", ("a",))
    with pytest.raises(FileNotFoundError), reading(file):
        (file.parent / "nothing").read_bytes()


def refusing_to_write(kind: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError()
    error.sqlite_errorcode = kind
    return error


@pytest.mark.parametrize("left", [None, b""])
def test_a_disk_without_room_for_sqlites_own_files_can_still_be_read(
    file: Path, left: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer that found no room may leave an empty log of writing behind."""
    opened = database._opened

    def full(path: Path, mode: str) -> sqlite3.Connection:
        if mode == "rw":
            raise refusing_to_write(sqlite3.SQLITE_IOERR)
        return opened(path, mode)

    if left is not None:
        file.with_name(f"{file.name}-wal").write_bytes(left)
    monkeypatch.setattr(database, "_opened", full)
    with reading(file) as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (database.APPLICATION_ID,)
    file.with_name(f"{file.name}-wal").write_bytes(b"unfinished")
    with pytest.raises(NotStored), reading(file):
        pass


@pytest.mark.parametrize(("free", "reason"), [(0, "disk_full"), (10**9, "disk")])
def test_an_io_error_on_a_full_disk_is_told_as_what_it_is(
    file: Path, free: int, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 0, free))
    with pytest.raises(NotStored) as told_of, writing(file):
        raise refusing_to_write(sqlite3.SQLITE_IOERR)
    assert told_of.value.values == {"reason": reason}
