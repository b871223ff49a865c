"""What befalls files on their way in: a full or read-only disk, another tab at the same project."""

import errno
import os

import pytest
from streamlit.runtime import Runtime

from journey.i18n import text
from journey.projects import data_files
from journey.projects.store import Store
from journey.sources import staging
from tests.pages.brought import MEMBERS, SHOP, button, drop, go_on
from ui import opening, reading

both = pytest.mark.parametrize("language", ["ko", "en"])
FAULTS = {errno.ENOSPC: "disk_full", errno.EROFS: "read_only", errno.EACCES: "read_only", errno.EIO: "disk"}


def stored(home):
    """All that is stored: projects with their revisions and files."""
    store = Store(home)
    projects = [(one.id, one.name, store.open(one.id).state) for one in store.projects()]
    return projects, sorted(path.name for path in home.glob("projects/*/data/*"))


def refuse(monkeypatch, number, where, name):
    """From now on the system refuses this call."""

    def refused(*_, **__):
        raise OSError(number, "of a row: SECRET")

    monkeypatch.setattr(where, name, refused)


@both
@pytest.mark.parametrize("number", FAULTS)
def test_a_disk_that_takes_no_upload_is_told_by_the_name_of_the_file(
    app, home, monkeypatch, caplog, language, number
):
    at = drop(app(language, "data"), ("shop.csv", SHOP))
    refuse(monkeypatch, number, staging.os, "open")
    drop(at, ("members.csv", MEMBERS.encode()))
    (said,) = [error.value for error in at.error]
    assert "members" in said
    assert text(f"projects.not_stored_{FAULTS[number]}", language) in said
    monkeypatch.undo()
    # The first file still waits, and goes in.
    assert len(at.session_state["journey"].tray.files) == 1
    button(at, "build").click().run()
    assert len(Store(home).projects()) == 1
    assert "SECRET" not in caplog.text


@both
def test_a_disk_that_fills_while_a_file_is_read_is_told_on_its_card_and_it_can_be_read_again(
    app, monkeypatch, language
):
    real = reading.read_file
    refuse(monkeypatch, errno.ENOSPC, reading, "read_file")
    at = drop(app(language, "data"), ("shop.csv", SHOP))
    (said,) = [error.value for error in at.error]
    assert "shop" in said
    assert text("projects.not_stored_disk_full", language) in said
    monkeypatch.setattr(reading, "read_file", real)
    button(at, "again").click().run()
    assert not at.error
    assert button(at, "build") is not None


@both
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_disk_that_fills_while_files_are_put_in_loses_nothing(app, home, monkeypatch, language, number):
    at = drop(app(language, "data"), ("shop.csv", SHOP))
    go_on(at)
    before = stored(home)
    at = drop(app(language, "data", at.query_params["project"]), ("members.csv", MEMBERS.encode()))
    real = os.replace

    def refused(source, target, **more):
        if "projects" in str(target):
            raise OSError(number, "of a row: SECRET")
        return real(source, target, **more)

    monkeypatch.setattr(data_files.os, "replace", refused)
    button(at, "build").click().run()
    assert not at.exception
    (said,) = [error.value for error in at.error]
    assert text(f"projects.not_stored_{FAULTS[number]}", language) in said
    monkeypatch.setattr(data_files.os, "replace", real)
    assert stored(home)[0] == before[0]
    at.run()
    go_on(at)
    (project,) = Store(home).projects()
    assert len(Store(home).open(project.id).state.data.files) == 2


def test_a_first_file_that_cannot_be_kept_leaves_no_project_behind(app, home, monkeypatch):
    at = drop(app("ko", "data"), ("shop.csv", SHOP))
    refuse(monkeypatch, errno.ENOSPC, data_files.os, "replace")
    button(at, "build").click().run()
    assert not at.exception
    assert any(text("projects.not_stored_disk_full", "ko") in error.value for error in at.error)
    assert Store(home).projects() == []
    assert len(at.session_state["journey"].tray.files) == 1


def test_files_of_two_tabs_at_once_are_both_kept(app, home):
    first = drop(app("ko", "data"), ("shop.csv", SHOP))
    project = go_on(first)
    tabs = [app("ko", "data", project), app("en", "data", project)]
    drop(tabs[0], ("members.csv", MEMBERS.encode()))
    drop(tabs[1], ("말.csv", "회원번호,만족도\n001,5\n002,3\n003,4\n".encode()))
    for tab in tabs:
        go_on(tab)
    assert {file.name for file in Store(home).open(project).state.data.files} == {
        "shop.csv",
        "members.csv",
        "말.csv",
    }


@both
def test_files_that_another_tab_puts_in_meanwhile_are_told_and_both_stay(app, home, monkeypatch, language):
    project = go_on(drop(app("ko", "data"), ("shop.csv", SHOP)))
    mine = drop(app(language, "data", project), ("members.csv", MEMBERS.encode()))
    other = drop(app("ko", "data", project), ("말.csv", "회원번호,만족도\n001,5\n002,3\n003,4\n".encode()))
    real = opening.joined

    def meanwhile(parts):
        monkeypatch.setattr(opening, "joined", real)
        # At the end of its run a test of a page leaves no runtime, and the run around it still needs one.
        runtime = Runtime._instance
        go_on(other)
        Runtime._instance = runtime
        return real(parts)

    monkeypatch.setattr(opening, "joined", meanwhile)
    button(mine, "build").click().run()
    assert not mine.exception
    (said,) = [error.value for error in mine.error]
    assert text("projects.not_stored_changed", language) in said
    assert [file.name for file in Store(home).open(project).state.data.files] == ["shop.csv", "말.csv"]
    mine.run()
    go_on(mine)
    names = {file.name for file in Store(home).open(project).state.data.files}
    assert names == {"shop.csv", "말.csv", "members.csv"}


@both
def test_a_file_that_another_tab_takes_out_while_its_columns_are_chosen_is_told(app, home, language):
    project = go_on(drop(app("ko", "data"), ("shop.csv", SHOP), ("members.csv", MEMBERS.encode())))
    (shop,) = [file for file in Store(home).open(project).state.data.files if file.name == "shop.csv"]
    mine, other = app(language, "data", project), app("ko", "data", project)
    button(mine, f"change.{shop.id}").click().run()
    for step in ("remove", "remove_yes"):
        button(other, f"{step}.{shop.id}").click().run()
        assert not other.exception
    before = stored(home)
    button(mine, "build").click().run()
    assert not mine.exception
    (said,) = [error.value for error in mine.error]
    assert "shop" in said
    assert text("projects.not_stored_changed", language) in said
    assert stored(home) == before
    button(mine, "put_away").click().run()
    assert not mine.error
    assert stored(home) == before
