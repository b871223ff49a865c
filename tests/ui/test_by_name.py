"""What is chosen by its name: remembered by the project, let go of when it is gone, covered in demo mode."""

import ast

import pytest
from streamlit.testing.v1 import AppTest

from journey.projects.person import LOCAL
from journey.projects.store import Store
from ui import by_name, session


def asks(names):
    """A page with one choice of each kind among the same things."""
    import streamlit as st

    from ui import by_name, session

    session.refresh()
    st.text(f"remembered: {by_name.one_of('of', 'Of which', names)!r}")
    st.text(f"open: {by_name.one_of('by', 'By which', names, nothing='by none')!r}")
    st.text(f"marked: {by_name.mark('chart', 'Which mark', names, 'none yet')!r}")
    st.text(f"line: {by_name.line('line', 'Which line', names, 'none yet')!r}")


def page(project, names, **tab):
    at = AppTest.from_function(asks, args=(names,))
    at.query_params["project"] = project
    at.query_params["lang"] = "en"
    at.session_state["journey"] = session.Session("en", project, owner=LOCAL.key, **tab)
    return at


def said(at):
    assert not at.exception
    return {what: ast.literal_eval(found) for what, found in (text.value.split(": ") for text in at.text)}


@pytest.fixture
def project(home):
    return Store(home).create("one").id


NAMES = {"a": "Apple", "b": "Pear · own@mail.com"}


def test_a_choice_begins_with_the_first_one_or_with_nothing(project):
    at = page(project, NAMES).run()
    assert said(at) == {"remembered": "a", "open": "", "marked": None, "line": None}
    assert [len(box.options) for box in at.selectbox] == [2, 3, 2, 2]


def test_what_was_chosen_is_remembered_and_falls_back_when_it_is_gone(project, home):
    at = page(project, NAMES).run()
    for box in at.selectbox:
        at = box.set_value("b").run()
    assert set(said(at).values()) == {"b"}
    settings = Store(home).open(project).state.settings
    assert settings["of"] == settings["by"] == "b" and "line" not in settings
    at.args = ({"a": "Apple", "c": "Plum"},)
    assert said(at.run()) == {"remembered": "a", "open": "", "marked": None, "line": None}


def test_each_project_has_its_own(project, home):
    at = page(project, NAMES).run()
    at.selectbox[0].set_value("b").run()
    at.selectbox[3].set_value("b").run()
    at.session_state["journey"].project_id = Store(home).create("other").id
    assert said(at.run()) == {"remembered": "a", "open": "", "marked": None, "line": None}


def test_demo_mode_covers_the_names_and_keeps_the_choice(project):
    at = page(project, NAMES, demo=True).run()
    for box in at.selectbox:
        assert "mail" not in str(box.options)
        at = box.select_index(len(box.options) - 1).run()
    assert set(said(at).values()) == {"b"}


def test_a_presentation_asks_for_no_mark(project):
    at = page(project, NAMES, show=True).run()
    assert [box.label for box in at.selectbox] == ["Of which", "By which", "Which line"]
    assert said(at)["marked"] is None


def test_another_memory_is_asked_as_the_own_one_is(monkeypatch):
    asked = []
    monkeypatch.setattr(by_name.st, "selectbox", lambda label, allowed, **more: more["default"])

    def keep(name, default, allowed):
        asked.append((name, default, allowed))
        return {"default": default}

    assert by_name.one_of("of", "Of which", NAMES, "b", keep=keep) == "b"
    assert by_name.one_of("of", "Of which", NAMES, "b", nothing="none", keep=keep) == "b"
    assert asked == [("of", "b", ["a", "b"]), ("of", "b", ["", "a", "b"])]
