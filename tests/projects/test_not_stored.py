from __future__ import annotations

import errno
import sqlite3

import pytest

from journey.i18n import LANGUAGES, catalogue, holes
from journey.projects import database, disk


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_for_not_storing_has_its_sentence(language: str) -> None:
    reasons = {*database._SQLITE_REASONS.values(), "disk_full", "read_only", "disk", "changed"}
    told = {key for key in catalogue(language) if key.startswith("projects.not_stored_")}
    assert told == {f"projects.not_stored_{reason}" for reason in reasons}
    assert all(holes(catalogue(language)[key]) == set() for key in told)


def test_the_causes_of_a_reason_do_not_overlap() -> None:
    assert not disk._DISK_FULL & disk._READ_ONLY
    assert {errno.ENOSPC, errno.EROFS} <= disk._DISK_FULL | disk._READ_ONLY
    assert sqlite3.SQLITE_CORRUPT not in database._SQLITE_REASONS
    assert sqlite3.SQLITE_NOTADB not in database._SQLITE_REASONS
