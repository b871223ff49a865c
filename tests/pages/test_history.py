"""The history as its readers see it: who did what, versions, and the way back to any moment."""

import pytest

from journey.errors import NotStored
from journey.i18n import text
from journey.projects.person import Person
from journey.projects.project import Project
from journey.projects.store import Store
from tests.hostile import MARKUP
from tests.pages.test_home import both, button, click, plain, said

MINA, JOON = Person("mina@example.com", "민아"), Person("joon@example.com", "<b>준</b>")


@pytest.fixture
def opened(home):
    """A project with two stages and a card in the first."""
    project = Store(home).create("봄 캠페인")
    for op in (
        {"op": "add_stage", "name": "인지"},
        {"op": "add_stage", "name": "고려"},
        {"op": "place", "event": "장바구니", "to": "s1"},
    ):
        project.apply(op)
    return project


def last(opened):
    return opened.happened(limit=1)[0].number


@both
def test_without_a_project_it_says_where_there_are_some(app, home, language):
    at = app(language, "history")
    assert at.info[0].value == text("page.history.no_project", language)
    assert at.button(key="sample.shop")


@both
def test_every_change_is_told_under_its_day_the_newest_first(app, opened, language):
    opened.apply({"op": "place", "event": "장바구니", "to": "s2"})
    words = plain(said(app(language, "history", opened.id)))
    moved = text("history.moved", language, event="장바구니", origin="인지", to="고려")
    placed = text("history.placed", language, event="장바구니", to="인지")
    assert words.index(moved) < words.index(placed)
    assert text("page.when.today", language, at=opened.happened(limit=1)[0].at).split("·")[0] in words


@both
@pytest.mark.parametrize("name", [*MARKUP, "../../etc", "가" * 100, "👩‍👩‍👧‍👦", "שלום"])
def test_names_in_it_are_shown_to_the_letter(app, opened, name, language):
    opened.apply({"op": "place", "event": name, "to": "s2"})
    at = app(language, "history", opened.id)
    assert plain(name) in plain(said(at))
    at.text_input(key=f"{opened.id}.past.name").set_value(name)
    click(at, "version.keep")
    assert [version.name for version in opened.versions()] == [name]
    assert plain(f"**{name}**") in plain(said(at))


def test_undone_changes_are_struck_through_and_stay(app, opened):
    opened.undo()
    at = app("en", "history", opened.id)
    (struck,) = [one.value for one in at.markdown if one.value.startswith("~~")]
    assert "장바구니" in struck
    assert text("page.history.is_undone", "en") in said(at)
    # What stands now is the change before it.
    offered = {one.key for one in at.button if (one.key or "").startswith("back.")}
    undone, standing, *_ = (line.number for line in opened.happened())
    assert f"back.{undone}" in offered and f"back.{standing}" not in offered


def test_going_back_to_before_the_first_file_says_that_no_file_goes(app, sample_project, home):
    made = sample_project("en")
    opened = Store(home).open(made)
    at = click(app("en", "history", made), f"back.{opened.happened()[-1].number}")
    assert "shop_events.csv" not in " ".join(one.value for one in at.markdown if one.value.startswith("- "))
    click(at, "restore.yes")
    assert len(opened.state.data.files) == 1


def test_fifty_stand_there_and_more_come(app, opened):
    for turn in range(60):
        opened.apply({"op": "place", "event": "장바구니", "to": f"s{1 + (turn + 1) % 2}"})
    at = app("en", "history", opened.id)

    def lines():
        return [one for one in at.button if (one.key or "").startswith("back.")]

    assert len(lines()) == 49
    click(at, "past.more")
    assert len(lines()) == 60 + 3
    assert not [one for one in at.button if (one.key or "").startswith("past.more")]


# ---- back -----------------------------------------------------------------------------------------------


@both
def test_going_back_says_what_would_change_and_keeps_what_came_later(app, opened, language):
    begun = opened.happened()[-1].number
    before = opened.state.stage_map
    at = click(app(language, "history", opened.id), f"back.{begun}")
    words = said(at)
    assert text("page.history.differ_stages", language, n=2) in words
    assert text("page.history.differ_cards", language, n=1) in words
    assert opened.state.stage_map == before
    lines = len(opened.happened())
    click(at, "restore.yes")
    assert opened.state.stage_map.stages == ()
    assert len(opened.happened()) == lines + 1
    assert not at.error
    click(at, "project.undo")
    assert opened.state.stage_map == before


def test_going_back_to_the_same_has_nothing_to_do(app, opened):
    number = last(opened)
    for stage in ("s2", "s1"):
        opened.apply({"op": "place", "event": "장바구니", "to": stage})
    at = click(app("en", "history", opened.id), f"back.{number}")
    assert text("page.history.restore_same", "en") in said(at)


@both
@pytest.mark.parametrize("reason", ["read_only", "disk_full"])
def test_a_way_back_that_cannot_be_kept_is_told(app, opened, monkeypatch, language, reason):
    begun, before = opened.happened()[-1].number, opened.state.stage_map
    at = click(app(language, "history", opened.id), f"back.{begun}")

    def refused(*_, **__):
        raise NotStored(reason=reason)

    monkeypatch.setattr(Project, "restore", refused)
    click(at, "restore.yes")
    assert [one.value for one in at.error] == [text(f"projects.not_stored_{reason}", language)]
    assert opened.state.stage_map == before


# ---- versions -------------------------------------------------------------------------------------------


@both
def test_a_version_is_kept_renamed_gone_back_to_and_removed(app, opened, language):
    at = app(language, "history", opened.id)
    at.text_input(key=f"{opened.id}.past.name").set_value("워크숍 전")
    click(at, "version.keep")
    (version,) = opened.versions()
    kept = opened.state.stage_map
    assert text("page.history.is_version", language, name="워크숍 전") in plain(said(at))
    opened.apply({"op": "add_stage", "name": "구매"})

    at.menu_button(key=f"version.menu.{version.id}").click("rename").run()
    at.text_input(key=f"version.{version.id}").set_value("워크숍")
    click(at, "version.yes")
    assert opened.versions()[0].name == "워크숍"

    click(at, f"back.version.{version.id}")
    click(at, "restore.yes")
    assert opened.state.stage_map.names == kept.names

    at.menu_button(key=f"version.menu.{version.id}").click("drop").run()
    assert opened.versions() == ()
    assert not at.error


@both
def test_a_version_without_a_name_is_asked_for_one(app, opened, language):
    at = click(app(language, "history", opened.id), "version.keep")
    assert [one.value for one in at.error] == [text("errors.name_missing", language)]
    assert opened.versions() == ()


# ---- others ---------------------------------------------------------------------------------------------


@both
def test_what_somebody_went_over_unseen_is_said_and_can_be_had_again(app, home, monkeypatch, language):
    mine = Store(home, MINA).create("봄 캠페인")
    mine.add_member(JOON.id, JOON.name)
    for name in ("인지", "고려", "구매"):
        mine.apply({"op": "add_stage", "name": name})
    seen = mine.revision
    mine.apply({"op": "place", "event": "장바구니", "to": "s1"})
    number = last(mine)
    Store(home, JOON).open(mine.id).apply({"op": "place", "event": "장바구니", "to": "s3", "base": seen})
    monkeypatch.setattr("ui.session.person", lambda: MINA)
    at = app(language, "history", mine.id)
    assert text("page.history.went_over", language, name="<b>준</b>") in plain(said(at))
    assert "민아" in said(at)
    click(at, f"take.{number}")
    assert mine.state.stage_map.stage_of("장바구니") == "s1"


@both
def test_undo_says_what_it_takes_back(app, opened, language):
    at = app(language, "home", opened.id)
    placed = text("history.placed", language, event="장바구니", to="인지")
    assert placed in plain(button(at, "project.undo").help)
    click(at, "project.undo")
    assert placed in plain(button(at, "project.redo").help)
    assert text("history.stage_added", language, stage="고려") in plain(button(at, "project.undo").help)
