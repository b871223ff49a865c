"""A journey map is begun with one click, with or without data, and looked at, named, copied and deleted."""

from dataclasses import replace

import pytest

from journey.i18n import text
from journey.projects.maps import maps, written
from journey.projects.store import Store


def kept(home, project):
    return maps(Store(home).open(project).state.settings)


def click(at, beginning):
    """Press the button whose key begins so."""
    (button,) = [one for one in at.button if one.key and one.key.startswith(beginning)]
    return button.click().run()


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_map_begins_without_any_project(app, home, language):
    at = click(app(language, "journey_map"), "map.start.service.")
    assert not at.error and not at.exception
    project = at.query_params["project"]
    (board,) = kept(home, project)
    assert (board.name, board.template) == (text("journey_map.first", language), "service")
    state = Store(home).open(project).state
    assert state.data is None
    assert state.stage_map.names[0] == text("stages.kind_received", language)
    assert at.selectbox[0].options == [board.name]


def test_the_sample_has_an_example_that_is_measured(app, home, sample_project):
    project = sample_project("ko")
    at = app("ko", "journey_map", project)
    at.button(key="sample_map").click().run()
    assert not at.error and not at.exception
    (board,) = kept(home, project)
    assert len(board.cards) > 40
    assert [file.name for file in Store(home).open(project).state.data.files] == [
        "shop_events.csv",
        "shop_survey.csv",
    ]
    people = at.selectbox[1]
    assert people.options[0] == text("journey_map.everybody", "ko")
    people.select(board.ordered_personas[0].id).run()
    assert not at.error
    settings = Store(home).open(project).state.settings
    assert settings["journey_map.persona"] == board.ordered_personas[0].id
    assert text("emotion.panel", "ko") in [one.label for one in at.expander]
    # What is wished for is no judgement of how customers feel today.
    wished = replace(board, id="b" * 12, version="to_be", of=board.id)
    look = {"journey_map.version": "to_be"}
    Store(home).open(project).apply({"op": "settings", "values": {**written(wished), **look}})
    at.run()
    assert not at.error and not at.exception
    assert text("emotion.panel", "ko") not in [one.label for one in at.expander]


def test_a_map_is_named_given_another_version_copied_and_deleted(app, home):
    at = click(app("ko", "journey_map"), "map.start.empty.")
    project = at.query_params["project"]
    (board,) = kept(home, project)

    def ask(way):
        at.session_state["dialog.asked"] = (f"map_{way}", board.id)
        at.run()
        assert not at.exception

    ask("rename")
    at.text_input(key=f"map.rename.{board.id}").set_value("2026 여정")
    click(at, "map.rename.0")
    assert kept(home, project)[0].name == "2026 여정"

    ask("personas")
    at.text_input(key=f"map.persona.new.{board.id}").set_value("직장인")
    click(at, "map.persona.add.")
    assert [one.name for one in kept(home, project)[0].ordered_personas] == ["직장인"]
    at.button(key="map.personas.close").click().run()

    ask("remove")
    click(at, "map.remove.yes.")
    assert kept(home, project) == ()
    click(at, "map.bring_back.")
    assert [one.name for one in kept(home, project)] == ["2026 여정"]

    ask("copy")
    click(at, "map.copy.0")
    copied = text("journey_map.copy_of", "ko", name="2026 여정")
    assert {one.name for one in kept(home, project)} == {"2026 여정", copied}


def test_who_presents_or_hides_names_is_offered_no_new_map(app, home):
    at = click(app("ko", "journey_map"), "map.start.empty.")
    project = at.query_params["project"]
    for switch in ("demo", "show"):
        there = app("ko", "journey_map", project, **{switch: "1"})
        assert not there.error and not there.exception
        assert not there.get("menu_button")


def test_figures_that_changed_are_told_until_somebody_has_seen_them(app, home, sample_project):
    project = sample_project("ko")
    at = app("ko", "journey_map", project)
    at.button(key="sample_map").click().run()

    def told():
        return [one for one in at.button if one.key and one.key.startswith("map.seen.")]

    at.run()
    assert not told()
    Store(home).open(project).apply({"op": "place", "event": "광고 클릭", "to": "s2"})
    at.run()
    assert not at.exception
    assert len(told()) == 1
    told()[0].click().run()
    assert not told()
