"""Projects as their users see them: begun, found, renamed, copied, taken along, brought back and deleted."""

import io
import unicodedata

import pytest
import streamlit as st

from journey.errors import NotStored
from journey.i18n import text
from journey.projects.person import Person
from journey.projects.portable import export_project
from journey.projects.store import Store
from tests.hostile import MARKUP
from tests.pages.brought import SHOP, drop, go_on
from ui import presenting

both = pytest.mark.parametrize("language", ["ko", "en"])
NAMES = [*MARKUP, "../../etc/passwd", "C:\\Windows", "가" * 200, "👩‍👩‍👧‍👦🎉", "‮ltr‬ שלום", "a\nb", "."]


def button(at, name):
    """The button whose key begins so; those that work once bear the number of their turn."""
    (found,) = [one for one in at.button if one.key == name or (one.key or "").rpartition(".")[0] == name]
    return found


def click(at, name):
    button(at, name).click().run()
    assert not at.exception
    return at


def choose(at, project, way):
    """Pick from the menu of a project."""
    at.menu_button(key=f"menu.{project}").click(way).run()
    assert not at.exception
    return at


def said(at):
    kinds = (at.markdown, at.caption, at.info, at.warning, at.error, at.success, at.toast)
    return " ".join(element.value for elements in kinds for element in elements)


def plain(markdown):
    """What a reader sees of text that was made safe for Markdown."""
    return markdown.replace("\\", "").replace("⁠", "")


def named(home):
    return sorted(one.name for one in Store(home).projects())


@pytest.fixture
def project(home):
    """The id of a project without data."""
    return Store(home).create("봄 캠페인").id


# ---- begin ----------------------------------------------------------------------------------------------


@both
def test_a_new_project_opens_on_its_data_page_and_says_what_to_bring(app, home, language):
    at = app(language)
    at.text_input(key="home.name").set_value("봄 캠페인")
    click(at, "home.create")
    (made,) = Store(home).projects()
    assert made.name == "봄 캠페인"
    assert at.query_params["project"] == made.id
    assert at.title[0].value == text("page.data.title", language)
    assert "봄 캠페인" in at.info[0].value


@both
def test_a_project_without_a_name_is_called_something_and_numbered(app, home, language):
    for _ in range(2):
        click(app(language), "home.create")
    first = text("page.home.new_unnamed", language)
    assert named(home) == sorted([first, f"{first} (2)"])


def test_a_double_click_makes_one_project(app, home):
    at = app()
    twice = button(at, "home.create")
    twice.click().run()
    at.switch_page("../pages/home.py")
    twice.click().run()
    assert not at.exception
    assert len(Store(home).projects()) == 1


@pytest.fixture
def cut_short(monkeypatch):
    """The run that hears of the next click is cut short by another one before the page is drawn."""
    draw = presenting.mark

    def cut():
        monkeypatch.setattr(presenting, "mark", draw)
        st.rerun()

    return lambda: monkeypatch.setattr(presenting, "mark", cut)


def test_a_click_in_a_run_that_was_cut_short_is_followed_once(app, home, project, cut_short):
    at = app("en")
    cut_short()
    choose(at, project, "duplicate")
    assert len(named(home)) == 2
    at.run()
    assert len(named(home)) == 2
    cut_short()
    click(at, f"open.{project}")
    assert at.title[0].value == text("page.data.title", "en")
    assert at.query_params["project"] == project


def test_a_click_that_no_run_came_to_is_not_followed_on_another_page(app, home, project, monkeypatch):
    at = app("en")
    with monkeypatch.context() as patch:
        patch.setattr(presenting, "mark", st.stop)
        choose(at, project, "duplicate")
    at.switch_page("../pages/data.py").run()
    at.switch_page("../pages/home.py").run()
    assert not at.exception and at.menu_button(key=f"menu.{project}")
    assert named(home) == ["봄 캠페인"]


@both
@pytest.mark.parametrize("page", ["data", "stages", "flows", "reach", "routes", "history"])
def test_every_page_is_pleasant_for_a_project_without_data(app, project, page, language):
    at = app(language, page, project)
    assert not at.error
    assert at.title[0].value == text(f"page.{page}.title", language)
    if page != "history":
        assert "봄 캠페인" in at.info[0].value


def test_files_go_into_the_open_project_without_a_question(app, home, project):
    at = drop(app("ko", "data", project), ("shop.csv", SHOP))
    assert not [radio for radio in at.radio if "where" in radio.key]
    go_on(at)
    (only,) = Store(home).projects()
    assert (only.id, only.name, only.files) == (project, "봄 캠페인", 1)


@both
@pytest.mark.parametrize("reason", ["read_only", "disk_full"])
def test_what_cannot_be_kept_is_told_and_the_name_is_still_there(app, home, monkeypatch, language, reason):
    def refused(*_, **__):
        raise NotStored(reason=reason)

    monkeypatch.setattr(Store, "create", refused)
    at = app(language)
    at.text_input(key="home.name").set_value("봄 캠페인")
    click(at, "home.create")
    assert [one.value for one in at.error] == [text(f"projects.not_stored_{reason}", language)]
    assert at.text_input(key="home.name").value == "봄 캠페인"
    monkeypatch.undo()
    st.cache_resource.clear()


# ---- the list -------------------------------------------------------------------------------------------


@both
def test_the_list_names_every_project_to_the_letter(app, home, language):
    kept = [Store(home).create(name).name for name in NAMES]
    at = app(language)
    shown = plain(said(at))
    for name in kept:
        assert plain(name) in shown, name
    assert not at.error


def test_the_last_changed_stands_first_and_of_many_one_is_found_by_its_name(app, home):
    store = Store(home)
    ids = [store.create(f"project {number}").id for number in range(15)]
    wanted = store.create(unicodedata.normalize("NFD", "가을 설문")).id
    store.open(ids[3]).apply({"op": "add_stage", "name": "x"})
    at = app("en")
    order = [one.key.removeprefix("open.") for one in at.button if (one.key or "").startswith("open.")]
    assert order[:2] == [ids[3], wanted]
    assert len(order) == 16
    at.text_input(key="home.search").set_value("가을").run()
    assert [one.key for one in at.button if (one.key or "").startswith("open.")] == [f"open.{wanted}"]
    at.text_input(key="home.search").set_value("<b>no*such*</b>").run()
    assert "<b>no*such*</b>" in plain(said(at))


def test_few_projects_need_no_search(app, project):
    assert not [one for one in app().text_input if one.key == "home.search"]


def test_a_project_with_data_opens_on_its_stages(app, sample_project):
    made = sample_project()
    at = app()
    click(at, f"open.{made}")
    assert at.title[0].value == text("page.stages.title", "ko")


# ---- menu -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_project_is_renamed_to_the_letter_on_any_page(app, home, project, name):
    at = click(app("ko", "data", project), "project.rename")
    at.text_input(key=f"rename.{project}").set_value(name)
    click(at, "rename.yes")
    (only,) = Store(home).projects()
    assert only.name == unicodedata.normalize("NFC", " ".join(name.split()))
    assert plain(only.name) in plain(said(at))
    assert not [one for one in at.text_input if one.key == f"rename.{project}"]


@both
def test_a_name_that_cannot_be_kept_stays_in_the_dialog(app, home, project, monkeypatch, language):
    at = choose(app(language), project, "rename")

    def refused(*_, **__):
        raise NotStored(reason="read_only")

    monkeypatch.setattr(Store, "rename", refused)
    at.text_input(key=f"rename.{project}").set_value("여름")
    click(at, "rename.yes")
    assert [one.value for one in at.error] == [text("projects.not_stored_read_only", language)]
    assert at.text_input(key=f"rename.{project}").value == "여름"
    assert named(home) == ["봄 캠페인"]


@both
def test_a_copy_is_a_project_of_its_own(app, home, sample_project, language):
    made = sample_project(language)
    at = choose(app(language), made, "duplicate")
    store = Store(home)
    assert len(store.projects()) == 2
    (copy,) = [one for one in store.projects() if one.id != made]
    assert copy.name == text("page.home.copy_of", language, name=store.open(made).name)
    assert store.open(copy.id).state.stage_map == store.open(made).state.stage_map
    assert plain(copy.name) in plain(said(at))


@both
def test_delete_says_what_goes_asks_once_and_the_url_loses_it(app, home, sample_project, language):
    made = sample_project(language)
    name = Store(home).open(made).name
    at = choose(app(language, "home", made), made, "delete")
    words = plain(said(at))
    assert name in words
    assert text("page.home.delete_final", language) in said(at)
    assert Store(home).projects()
    click(at, "delete.yes")
    assert Store(home).projects() == []
    assert not (home / "projects" / made).exists()
    assert "project" not in at.query_params
    assert not at.error


def test_delete_can_be_thought_better_of(app, home, project):
    at = choose(app(), project, "delete")
    click(at, "delete.no")
    assert named(home) == ["봄 캠페인"]
    assert not [one for one in at.button if (one.key or "").startswith("delete.")]


@both
def test_what_was_exported_comes_back_as_a_project(app, home, sample_project, language):
    made = sample_project(language)
    at = choose(app(language), made, "export")
    assert len(at.get("download_button")) == 2
    sink = io.BytesIO()
    export_project(Store(home).open(made), sink, with_data=True)
    at.file_uploader(key="import.0").set_value([("x.journey", sink.getvalue(), "application/zip")]).run()
    assert not at.exception
    assert not at.error
    store = Store(home)
    assert len(store.projects()) == 2
    assert at.title[0].value == text("page.stages.title", language)
    assert store.open(at.query_params["project"]).state.stage_map == store.open(made).state.stage_map


@both
@pytest.mark.parametrize("content", [b"PK\x03\x04 torn", b"customer,event\n1,2\n"])
def test_what_is_no_project_file_is_told_and_makes_none(app, home, project, language, content):
    at = app(language)
    at.file_uploader(key="import.0").set_value([("<b>x</b>.journey", content, "application/zip")]).run()
    assert not at.exception
    (error,) = at.error
    assert "<b>x</b>" in plain(error.value)
    assert named(home) == ["봄 캠페인"]
    assert not list((home / "staging").glob("*/*"))


# ---- people ------------------------------------------------------------------------------------------


MINA, JOON = Person("mina@example.com", "민아"), Person("joon@example.com", "<b>준</b>")


@pytest.fixture
def sits(monkeypatch):
    """sits(person): whoever sits at the tabs from now on."""
    return lambda person: monkeypatch.setattr("ui.session.person", lambda: person)


@both
def test_an_owner_lets_people_in_and_out_and_hands_the_project_over(app, home, sits, language):
    sits(MINA)
    made = Store(home, MINA).create("봄 캠페인").id
    at = choose(app(language), made, "members")
    at.text_input(key=f"add_member.{made}").set_value("Joon@Example.com")
    click(at, "add_member.yes")
    assert {one.person for one in Store(home, MINA).open(made).members()} == {MINA.id, JOON.id}
    assert at.text_input(key=f"add_member.{made}").value == ""
    assert text("page.home.shared", language, n=2) in said(at)
    click(at, f"hand_over.{JOON.id}")
    assert {one.person: one.role for one in Store(home, MINA).open(made).members()} == {
        MINA.id: "member",
        JOON.id: "owner",
    }
    sits(JOON)
    at = choose(app(language), made, "members")
    click(at, f"take_out.{MINA.id}")
    assert [one.person for one in Store(home, JOON).open(made).members()] == [JOON.id]
    sits(MINA)
    assert f"open.{made}" not in [one.key for one in app(language).button]


@both
def test_a_member_may_leave_but_not_delete_and_the_url_loses_it(app, home, sits, language):
    made = Store(home, MINA).create("봄 캠페인").id
    Store(home, MINA).open(made).add_member(JOON.id, JOON.name)
    sits(JOON)
    at = app(language, "home", made)
    assert text("page.home.owned_by", language, name="민아") in plain(said(at))
    offered = at.menu_button(key=f"menu.{made}").options
    assert text("page.home.menu_delete", language) not in offered
    choose(at, made, "members")
    assert not [one for one in at.text_input if (one.key or "").startswith("add_member")]
    assert "<b>준</b>" in plain(said(at))
    click(at, "members.close")
    choose(at, made, "leave")
    click(at, "leave.yes")
    assert [one.person for one in Store(home, MINA).open(made).members()] == [MINA.id]
    assert "project" not in at.query_params
    assert not at.error


@both
def test_delete_says_who_else_loses_it(app, home, sits, language):
    made = Store(home, MINA).create("봄 캠페인").id
    Store(home, MINA).open(made).add_member(JOON.id, JOON.name)
    sits(MINA)
    at = choose(app(language), made, "delete")
    assert "<b>준</b>" in plain(at.warning[0].value)


def test_without_a_login_nobody_is_let_in_or_out(app, project):
    offered = app("ko").menu_button(key=f"menu.{project}").options
    assert text("page.home.menu_members", "ko") not in offered


# ---- undo -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "language"), [("home", "ko"), ("home", "en"), ("data", "ko"), ("history", "en"), ("flows", "en")]
)
def test_undo_and_redo_work_on_every_page(app, home, sample_project, page, language):
    made = sample_project(language)
    opened = Store(home).open(made)
    before = opened.state.stage_map
    stage = before.stages[0].id
    opened.apply({"op": "rename_stage", "stage": stage, "name": "처음"})
    at = click(app(language, page, made), "project.undo")
    assert opened.state.stage_map == before
    click(at, "project.redo")
    assert opened.state.stage_map.stages[0].name == "처음"
    assert not at.error


def test_beside_the_board_only_the_board_offers_undo(app, sample_project):
    at = app("en", "stages", sample_project("en"))
    assert not [button for button in at.sidebar.button if button.key in ("project.undo", "project.redo")]
    assert not at.error


@both
def test_a_damaged_project_offers_its_backups_and_comes_back(app, home, language):
    project = Store(home).create("봄 캠페인")
    project.apply({"op": "add_stage", "name": "인지"})
    (backup,) = Store(home).backups(project.id)
    st.cache_resource.clear()
    (home / "projects" / project.id / "project.sqlite").write_bytes(b"garbage" * 1000)
    at = app(language)
    assert text("errors.project_damaged", language) in said(at)
    assert not at.error
    click(at, f"recover.{project.id}.{backup.id}")
    assert not at.error
    assert Store(home).open(project.id).state.stage_map.names == ("인지",)
    assert named(home) == ["봄 캠페인"]
