"""What the board of a journey map is sent: plain JSON, with every card, under the stages there are."""

import datetime as dt
import json
from dataclasses import replace

import pytest

from journey.i18n import text
from journey.stages.board import Card, MapPersona
from journey.stages.map_example import example_map
from journey.stages.map_templates import question, to_be
from journey.stages.templates import from_template
from ui.journey_map_model import Measures, lane_name, lost_stages, map_model

AT = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
STAGES = from_template("six", "ko")


@pytest.fixture(scope="module")
def board():
    return example_map(STAGES, ("결제 오류",), id_="0" * 12, at=AT, by="민지", language="ko")


def test_the_model_is_json_and_holds_every_card_lane_and_stage(board):
    model = map_model(board, STAGES, language="ko")
    assert json.loads(json.dumps(model, allow_nan=False)) == model
    assert {card["id"] for card in model["cards"]} == board.cards.keys()
    assert [lane["id"] for lane in model["lanes"]] == [lane.id for lane in board.ordered_lanes]
    assert [stage["name"] for stage in model["stages"]] == list(STAGES.names)
    assert not any(stage["lost"] for stage in model["stages"])
    assert (model["mode"], model["at"], model["read_only"]) == ("board", -1, False)


def test_every_empty_cell_is_asked_about_in_the_language_of_the_tab(board):
    for language in ("ko", "en"):
        lanes = map_model(board, STAGES, language=language)["lanes"]
        asked = {lane["kind"]: len(lane["hints"]) for lane in lanes}
        assert asked.pop("emotion") == 0  # the curve answers it
        assert set(asked.values()) == {len(STAGES.stages)}
        pains = next(lane for lane in lanes if lane["kind"] == "pains")
        assert pains["hints"]["s3"] == question("pains", "purchase", language)


def test_without_data_a_card_is_assumed_unless_somebody_said_so(board):
    cards = {card["id"]: card for card in map_model(board, STAGES, language="ko")["cards"]}
    for id_, card in board.cards.items():
        assert cards[id_]["evidence"] == ("partly" if card.source else "assumed")
        assert cards[id_]["figure"] is None
    said = next(card for card in board.cards.values() if card.source.get("kind") == "interview")
    assert cards[said.id]["source_text"].startswith(text("journey_map.source_interview", "ko"))


def test_what_was_measured_stands_beside_what_was_written(board):
    id_ = next(iter(board.cards))
    figure = {"text": "12%", "n_text": "고객 50명", "changed": True, "was_text": "10%"}
    head = {"key": "reach", "label": "도달률", "text": "50%"}
    found = Measures({"s1": [head]}, {}, {id_: figure}, {id_: "measured"}, {"l1|s1": "measured"})
    model = map_model(board, STAGES, language="ko", measures=found)
    card = next(one for one in model["cards"] if one["id"] == id_)
    assert (card["figure"], card["evidence"]) == (figure, "measured")
    assert model["stages"][0]["head"] == [head]
    assert model["cells"] == {"l1|s1": "measured"}


def test_a_cell_of_figures_asks_for_none(board):
    model = map_model(
        board, STAGES, language="ko", measures=Measures(kpi={"s1": [{"key": "reach"}], "s2": []})
    )
    kpi = next(lane for lane in model["lanes"] if lane["kind"] == "kpi")
    assert list(kpi["hints"]) == ["s2", "s3", "s4", "s5", "s6"]


def test_cards_of_a_stage_that_is_gone_are_shown_apart(board):
    fewer = STAGES.remove_stage("s6")
    assert lost_stages(board, fewer) == ["s6"]
    stages = map_model(board, fewer, language="en")["stages"]
    assert [stage["id"] for stage in stages][-2:] == ["s5", "s6"]
    assert [stage["lost"] for stage in stages] == [False] * 5 + [True]
    two = map_model(board, fewer.remove_stage("s1"), language="en")["stages"]
    assert len({stage["name"] for stage in two}) == 6


def test_the_other_version_shows_the_curve_of_the_same_persona(board):
    wished = to_be(board, id_="1" * 12, at=AT)
    wished = replace(
        wished,
        personas={"x": MapPersona("x", board.personas["jieun"].name, "i")},
        felt={"x": {"s1": 2.0}, "": {"s1": 1.0}},
    )
    there = map_model(board, STAGES, language="ko", other=wished, persona="jieun")
    assert (there["persona"], there["curve"]["other"]) == ("jieun", {"s1": 2.0})
    assert map_model(board, STAGES, language="ko", other=wished)["curve"]["other"] == {"s1": 1.0}
    gone = map_model(board, STAGES, language="ko", other=wished, persona="hyunwoo")
    assert gone["curve"]["other"] == {}
    assert map_model(board, STAGES, language="ko", persona="nobody")["persona"] == ""


def test_a_copy_takes_along_what_the_card_is_bound_to_but_not_what_came_of_it(board):
    card = Card(
        "c", "l1", "s1", "i", link={"kind": "stage", "stage": "s1"}, test="t1", state="doing", effort=2
    )
    model = map_model(replace(board, cards={"c": card}), STAGES, language="ko")
    assert model["cards"][0]["more"] == {"link": {"kind": "stage", "stage": "s1"}, "effort": 2}


def test_a_lane_is_called_by_its_own_name_first(board):
    lane = board.ordered_lanes[0]
    assert lane_name(lane, "en") == "Goals"
    assert lane_name(replace(lane, name="우리 목표"), "en") == "우리 목표"
