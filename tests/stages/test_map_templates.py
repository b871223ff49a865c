"""A map begins with the lanes of its template, and asks what fits the stage."""

import datetime as dt
from dataclasses import replace

import pytest

from journey.errors import SettingWrong
from journey.i18n import LANGUAGES, catalogue
from journey.projects.maps import maps, written
from journey.stages.board import Card, MapPersona
from journey.stages.map_templates import MAP_TEMPLATES, copied, from_map_template, kind_of, question, to_be
from journey.stages.templates import TEMPLATES

AT = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
KINDS = {kind for template in TEMPLATES.values() for kind in template.kinds}


def begun(template="shop", language="ko"):
    return from_map_template(template, id_="0" * 12, name="지도", at=AT, by="민지", language=language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", MAP_TEMPLATES)
def test_a_map_of_a_template_can_be_written_and_read(template, language):
    board = begun(template, language)
    assert maps(written(board)) == (board,)
    lanes = board.ordered_lanes
    assert [lane.id for lane in lanes] == [f"l{n}" for n in range(1, len(lanes) + 1)]
    assert [bool(lane.name) for lane in lanes] == [lane.kind == "own" for lane in lanes]


def test_an_unknown_template_is_refused():
    with pytest.raises(SettingWrong):
        begun("hotel")


@pytest.mark.parametrize("language", LANGUAGES)
def test_stages_of_every_template_have_questions_of_their_own(language):
    lanes = ("goals", "actions", "touchpoints", "thoughts", "pains", "opportunities")
    asked = [question(lane, kind, language) for lane in lanes for kind in KINDS]
    assert all(asked)
    assert len(set(asked)) == len(asked)
    assert {question(lane, "", language) for lane in lanes}.isdisjoint(asked)
    assert all(said.endswith("?") for said in catalogue(language).values() if said in asked)


def test_a_stage_with_a_name_of_its_own_is_asked_what_the_lane_asks():
    assert kind_of("우리만의 단계") == ""
    assert question("pains", kind_of("우리만의 단계"), "ko") == question("pains", "", "ko") != ""
    assert kind_of(" PAYMENT ") == kind_of("결제") == "payment"
    assert question("nobody", "", "en") == ""


def test_a_copy_leaves_behind_what_came_of_the_cards():
    card = Card("c1", "l6", "s1", "i", "느려요", test="t1", state="doing", due="2026-05-01", owner="준호")
    one = MapPersona("p1", "직장인", "i")
    whole = replace(begun(), cards={"c1": card}, personas={"p1": one}, felt={"p1": {"s1": -1.0}})
    other = copied(whole, id_="1" * 12, name="사본", at=AT)
    assert other.cards["c1"] == replace(card, test="", state="", due="")
    assert (other.felt, other.personas, other.lanes) == (whole.felt, whole.personas, whole.lanes)
    bare = copied(whole, id_="1" * 12, name="사본", at=AT, cards=False)
    assert (bare.cards, bare.felt, bare.personas) == ({}, {}, whole.personas)
    wished = to_be(whole, id_="2" * 12, at=AT)
    assert (wished.version, wished.of, wished.name) == ("to_be", whole.id, whole.name)
