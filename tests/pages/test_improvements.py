"""Improvements on their page: begun from an opportunity, moved by the board, compared before and after."""

from __future__ import annotations

import datetime as dt

import pytest

from journey.i18n import text
from journey.projects import maps
from journey.projects.maps import map_named, written
from journey.projects.store import Store
from journey.stages.board import Board, Card, Lane
from tests.hostile import NAMES
from tests.pages.test_every_page import said
from ui import room

AT = dt.datetime(2024, 3, 5, tzinfo=dt.UTC)
MAP = "a" * 12
BESIDE = 1  # the component that listens for what others do
LANES = {"p": Lane("p", "pains", "9"), "o": Lane("o", "opportunities", "i")}


@pytest.fixture
def mapped(home, sample_project):
    """mapped(language, cards): a project of the sample with one map of these cards."""

    def make(language, *cards):
        project = sample_project(language)
        board = Board(MAP, "Map", AT, lanes=LANES, cards={card.id: card for card in cards})
        Store(home).open(project).apply({"op": "settings", "values": written(board)})
        return project

    return make


def stage_ids(home, project):
    return [stage.id for stage in Store(home).open(project).state.stage_map.stages]


def test_without_a_map_the_page_says_where_improvements_come_from(app, sample_project):
    for language in ("ko", "en"):
        at = app(language, "improvements", sample_project(language))
        assert [one.value for one in at.info] == [text("improvements.no_map", language)]


def test_an_opportunity_is_begun_and_stands_on_the_board_as_found(app, mapped, home):
    cards = [
        Card("o1", "o", "s3", "9", text="Show the button", impact=4, effort=1),
        Card("o2", "o", "s3", "i", text="Later", impact=2, effort=5),
        Card("p1", "p", "s3", "i", text="A pain is no opportunity"),
    ]
    project = mapped("en", *cards)
    at = app("en", "improvements", project)
    assert not at.exception and not at.error
    assert text("improvements.empty", "en") in [one.value for one in at.info]
    assert any("Show the button" in words and "impact 4, effort 1" in words for words in said(at))
    assert at.get("vega_lite_chart") and len(at.get("bidi_component")) == BESIDE
    at.button(key=f"improvement.begin.{MAP}.o1.0").click().run()
    assert not at.exception and not at.error
    card = map_named(Store(home).open(project).state.settings, MAP).cards["o1"]
    assert (card.state, card.since) == ("found", "")
    assert len(at.get("bidi_component")) == BESIDE + 1


def test_an_impact_is_said_to_come_from_the_data_only_where_they_propose_it(app, mapped):
    """Five cards at one stage say 1 to 5: what friction proposes is one of them."""
    link = {"kind": "friction", "of": "stage", "name": "s2"}
    cards = [
        Card(f"o{n}", "o", "s2", str(n), text=f"It brings {n}", impact=n, effort=3, link=link)
        for n in range(1, 6)
    ]
    at = app("en", "improvements", mapped("en", *cards))
    assert not at.exception and not at.error
    assert text("improvements.note_judged", "en", n=4, all=5) in said(at)


def test_where_nothing_is_rated_it_is_said_once_with_the_card_to_begin_with(app, mapped):
    at = app("en", "improvements", mapped("en", Card("o1", "o", "s2", "i", text="Say when it comes")))
    assert not at.exception and not at.error
    assert [text("improvements.priorities_unrated", "en", n=1) in one.value for one in at.info].count(
        True
    ) == 1
    assert text("improvements.note_unrated", "en", n=1) not in said(at)
    assert text("improvements.open_card", "en") in [button.label for button in at.button]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_before_and_after_are_in_the_table_and_hostile_text_is_text(app, mapped, language):
    names = [name for name in NAMES if name.strip()][:6]
    link = {"kind": "stage", "stage": "s3"}
    cards = [
        Card(
            f"c{at}",
            "o",
            "s3" if at else "gone",
            "i",
            text=name,
            owner=name[:200],
            impact=1 + at % 5,
            effort=1 + at % 3,
            state="done",
            since="2024-03-01",
            due="2024-02-01",
            link=link,
        )
        for at, name in enumerate(names)
    ]
    at = app(language, "improvements", mapped(language, *cards))
    assert not at.exception and not at.error
    (frame,) = [one.value for one in at.dataframe]
    heads = {name: text(f"column.{name}", language) for name in ("improvement", "n_before", "effect", "due")}
    assert set(frame[heads["improvement"]]) == set(names) and set(frame[heads["due"]]) == {"2024-02-01"}
    assert frame[heads["effect"]].str.len().min() > 0


def test_maps_are_not_read_for_each_improvement_and_a_full_project_says_so(app, mapped, monkeypatch):
    cards = [Card(f"o{n}", "o", "s3", f"{n}i", text=f"{n}", state="doing") for n in range(9)]
    project = mapped("ko", *cards)
    read = []
    monkeypatch.setattr(maps, "maps", lambda *given, read_them=maps.maps: read.append(1) or read_them(*given))
    monkeypatch.setattr(room, "_NEARLY", 0.0)
    at = app("ko", "improvements", project)
    assert not at.exception and not at.error
    # Once for the page and once for its board, which reads the project anew.
    assert len(read) == 2
    assert [one.icon for one in at.warning] == [":material/inventory_2:"]
