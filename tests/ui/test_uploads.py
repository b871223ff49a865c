"""What a tab left behind goes, and what another still uses stays."""

import os
import time

import pytest

from ui.uploads import clear_unused


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "staging" / "one"
    made.mkdir(parents=True)
    (made / "file").write_bytes(b"x")
    return made


def test_a_folder_goes_that_was_not_used_since_its_tab_left(folder):
    os.utime(folder, (time.time() - 60,) * 2)
    clear_unused(folder, time.time() - 30)
    assert not folder.exists()
    clear_unused(folder, time.time())


def test_a_folder_stays_whose_tab_came_back(folder):
    left = time.time() - 30
    os.utime(folder)
    clear_unused(folder, left)
    assert (folder / "file").read_bytes() == b"x"
