"""A project that came without its data: it waits for files of a shape, and goes on with them."""

from __future__ import annotations

import pytest

from journey.i18n import text
from journey.projects.portable import export_project, import_project
from journey.projects.store import Store
from tests.pages.brought import HEAD, LINES, MEMBERS, SHOP, drop, go_on, kind, role, words_of

both = pytest.mark.parametrize("language", ["ko", "en"])


@pytest.fixture
def waiting(app, home, tmp_path):
    """The id of a project that came without its data; its maker chose a column that nobody would guess."""

    def make(first: tuple[str, bytes], *more: tuple[str, bytes]) -> str:
        at = drop(app("ko", "data"), first)
        role(at, "event").set_value("채널").run()
        project, store = go_on(at), Store(home)
        if more:
            go_on(drop(app("ko", "data", project), *more))
        made = store.open(project)
        made.apply({"op": "rename_stage", "stage": made.state.stage_map.stages[0].id, "name": "우리 단계"})
        path = tmp_path / "bare.journey"
        with path.open("wb") as sink:
            export_project(made, sink, with_data=False)
        return import_project(store, path, name="받은 것").id

    return make


@both
def test_a_project_without_data_says_which_files_it_waits_for(app, waiting, language):
    at = app(language, "data", waiting(("가게.csv", SHOP)))
    said = "\n".join(words_of(at))
    assert text("portable.waits", language) in said
    kind_said = text("bring.kind_events", language)
    columns = ["회원번호", "채널", "일시", "이벤트"]
    assert text("portable.waits_file", language, kind=kind_said, columns=columns) in said


def test_its_columns_and_its_stages_are_taken_over_by_the_file_that_comes(app, home, waiting):
    project = waiting(("가게.csv", SHOP))
    before = Store(home).open(project).state.stage_map
    june = (HEAD + "".join(LINES[:40])).replace("2024-05", "2024-06").encode()
    at = drop(app("ko", "data", project), ("유월.csv", june))
    assert text("portable.waited_for", "ko") in [one.value for one in at.info]
    assert [role(at, name).value for name in ("customer", "event", "time")] == ["회원번호", "채널", "일시"]
    assert go_on(at) == project
    state = Store(home).open(project).state
    assert state.stage_map == before
    assert "우리 단계" in state.stage_map.names
    assert state.data.files[0].choice.one("event") == "채널"


def test_what_is_missing_is_said_until_it_is_there(app, home, waiting):
    project = waiting(("가게.csv", SHOP), ("회원.csv", MEMBERS.encode()))
    go_on(drop(app("ko", "data", project), ("가게.csv", SHOP)))
    at = app("ko", "data", project)
    assert text("portable.waits_more", "ko") in "\n".join(words_of(at))
    at = drop(at, ("회원.csv", MEMBERS.encode()))
    assert kind(at).value == "customers"
    go_on(at)
    assert text("portable.waits_more", "ko") not in "\n".join(words_of(app("ko", "data", project)))
    assert len(Store(home).open(project).state.data.files) == 2


def test_another_file_is_understood_as_ever(app, home, waiting):
    project = waiting(("가게.csv", SHOP))
    at = drop(app("ko", "data", project), ("회원.csv", MEMBERS.encode()))
    assert text("portable.waited_for", "ko") not in [one.value for one in at.info]
    assert kind(at).value == "customers"
