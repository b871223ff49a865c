"""The example of the sample shop: whole in both languages, and bound only to what a project has."""

import datetime as dt

import pytest

from journey.i18n import LANGUAGES
from journey.projects.maps import maps, written
from journey.stages.board import EVERYBODY
from journey.stages.map_example import example_map
from journey.stages.stage_map import StageMap
from journey.stages.templates import from_template

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
EVENTS = ("광고 클릭", "결제 오류", "배송 지연 안내")


def example(stages="six", events=EVENTS, language="ko"):
    made = from_template(stages, language) if stages else StageMap()
    return example_map(made, events, id_="0" * 12, at=AT, by="민지", language=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_example_can_be_written_and_read(language):
    board = example(language=language)
    assert maps(written(board)) == (board,)
    assert len(board.cards) > 40
    assert all(card.text and card.lane in board.lanes for card in board.cards.values())
    assert {card.persona for card in board.cards.values()} == {EVERYBODY, *board.personas} == set(board.felt)
    parents = {card.parent for card in board.cards.values()} - {""}
    assert parents <= board.cards.keys()
    assert all(board.lanes[board.cards[one].lane].kind == "pains" for one in parents)


def test_cards_are_bound_only_to_events_of_the_data():
    bound = [card.link["event"] for card in example().cards.values() if card.link.get("kind") == "event"]
    assert sorted(bound) == sorted(EVENTS)
    assert not [
        card for card in example(events=()).cards.values() if "event" in {**card.link, **card.measure}
    ]


def test_cards_of_stages_that_a_project_does_not_have_are_left_out():
    board = example("acp")
    assert {card.stage for card in board.cards.values()} == {"s1", "s2", "s3"}
    assert all(set(curve) <= {"s1", "s2", "s3"} for curve in board.felt.values())
    assert example("").cards == {}


def test_an_improvement_is_due_four_weeks_after_it_was_put_there():
    (planned,) = [card for card in example().cards.values() if card.state == "planned"]
    assert (planned.since, planned.due) == ("2026-03-02", "2026-03-30")
    assert planned.measure == {"kind": "event", "event": "결제 오류", "better": "lower"}
