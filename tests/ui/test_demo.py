"""The one door of demo mode: which names go, which stay, and what a text becomes."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.i18n import text
from journey.projects.members import Member
from journey.projects.person import Person
from journey.projects.state import ProjectState
from journey.stages.stage_map import Stage, StageMap
from journey.theme import contrast, ink_on, text_on
from ui import demo, session
from ui.components.presenter import _is_size
from ui.session import Session
from ui.settings import sound
from ui.words import literal, md, t

FILES = ("명단.csv", "a.b", "이전 명단.csv")


@pytest.fixture
def tab(monkeypatch):
    """A tab in demo mode of which the names are known without a project."""
    here = Session("en", "here", state=ProjectState(), demo=True)
    projects = [SimpleNamespace(id="here", name="Ours"), SimpleNamespace(id="x", name="Rival Corp")]
    monkeypatch.setattr(session, "current", lambda: here)
    monkeypatch.setattr("ui.words.current", lambda: here)
    monkeypatch.setattr(session, "store", lambda: SimpleNamespace(projects=lambda: projects))
    monkeypatch.setattr(session, "person", lambda: Person("boss@corp.kr", "박부장"))
    monkeypatch.setattr(demo, "_files", lambda: list(FILES))
    monkeypatch.setattr(
        demo,
        "_history",
        lambda: (
            {},
            (
                ("옛 사람", "old@corp.kr"),
                ("", ""),
                ("", "local"),
                ("민지", "shared/민지"),
                ("준호", "shared/준호"),
            ),
        ),
    )
    monkeypatch.setattr(
        demo, "_members", lambda: [Member("boss@corp.kr", "박부장", "owner"), Member("lee", "", "member")]
    )
    return here


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("박부장", "Person 1"),
        ("boss@corp.kr", "Person 1"),
        ("lee", "Person 2"),
        ("옛 사람", "Person 3"),
        ("민지", "Person 4"),
        ("준호", "Person 5"),
        ("local", "local"),
        ("Rival Corp", "Project 1"),
        ("Ours", "Ours"),
        ("3 minutes ago · 박부장", "3 minutes ago · Person 1"),
        ("명단.csv", "File 1"),
        ("이전 명단.csv was replaced by 명단.csv", "File 3 was replaced by File 1"),
        ("write to kim@shop.kr, please", "write to Person, please"),
        ("a.b", "File 2"),
        ("data.bin", "data.bin"),
        ("박부장님의 구매", "박부장님의 구매"),
        ("", ""),
    ],
)
def test_names_are_covered_and_all_else_stays(tab, words, shown):
    assert demo.covered(words) == shown


def test_every_way_of_saying_something_covers_it(tab):
    assert t("brought.changed", name="명단.csv", old="a.b") == text(
        "brought.changed", "en", name="File 1", old="File 2"
    )
    assert "File 1" in md("brought.changed", name="명단.csv", old="a.b")
    assert literal("박부장") == "Person 1"
    assert "Person 1" in t("bring.left_out", names=["박부장", "x"])


@given(st.text(max_size=30))
def test_outside_of_demo_mode_nothing_changes(words):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "current", Session)
        assert demo.covered(words) == words


def test_a_name_that_is_also_a_stage_or_an_event_stays(tab):
    tab.state = ProjectState(stage_map=StageMap((Stage("a", "Rival Corp", "#4477AA"),), {"박부장": "a"}))
    assert demo.covered("박부장") == "박부장"
    assert demo.covered("Rival Corp") == "Rival Corp"


def test_settings_of_a_brand_are_names_and_colours_only():
    kept = sound(
        {
            "brand.name": 7,
            "brand.colours": ["#12ABef", "red", "#fff", "url(x)", "#000000;}", "#345678", "#999999"],
            "demo.hidden": {"a": True, "b": 1},
        }
    )
    assert kept == {"brand.colours": ["#12ABef", "#345678"], "demo.hidden": {"a": True}}
    assert sound({"brand.colours": ["red"], "demo.hidden": []}) == {}


@given(st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}"))
def test_text_is_read_on_every_colour(colour):
    assert contrast(text_on(colour), colour) >= 4.5
    assert contrast(ink_on(colour), colour) >= 3.3
    assert contrast(colour, "#FFFFFF") == contrast("#FFFFFF", colour) >= 1


@pytest.mark.parametrize("size", [None, "x", [1], [1, 2.0], [True, 3], [0, 5], [10**6, 5], {"a": 1}])
def test_what_is_no_size_of_a_screen_is_left_out(size):
    assert not _is_size(size)
    assert _is_size([1440, 900])
