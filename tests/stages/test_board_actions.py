"""What follows from a card: an opportunity in its place, an impact, and how a test would be judged."""

import datetime as dt
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.stages.board import LARGEST_POINTS, LINKS, Board, Card, Lane
from journey.stages.board_actions import came_out_of, friction_of, opportunity, proposed_impact, signed, trial
from journey.stages.board_edits import apply, inverse
from journey.stages.stage_map import Stage, StageMap

NOON = dt.datetime(2024, 3, 5, 12, tzinfo=dt.UTC)
LINK = {"kind": "friction", "of": "stage", "name": "s2"}
PAIN = Card("p", "pains", "s2", "i", "Late", tags=("a",), persona="", link=LINK)
STAGES = StageMap(
    (Stage("s1", "Visit", "#4477AA"), Stage("s2", "Cart", "#EE8866"), Stage("s3", "Pay", "#44AA99"))
)


def board(*lanes, cards=(PAIN,)):
    known = [Lane("pains", "pains", "i"), *lanes]
    return Board(
        "a" * 12, "Map", NOON, lanes={one.id: one for one in known}, cards={one.id: one for one in cards}
    )


@pytest.mark.parametrize(
    "lanes",
    [[], [Lane("o", "opportunities", "r", hidden=True)], [Lane("o", "opportunities", "r")]],
    ids=["none", "hidden", "shown"],
)
def test_an_opportunity_stands_in_its_lane_below_the_others_and_can_be_taken_back(lanes):
    other = [Card("x", "o", "s2", "m")] if lanes else []
    before = board(*lanes, cards=(PAIN, *other))
    edit = opportunity(before, PAIN, id_="new", text="Show it first", lane="o", impact=4)
    after = apply(before, edit)
    home = after.lane_of("opportunities")
    assert home.id == "o" and not home.hidden
    assert [one.id for one in after.cell("o", "s2")] == [*(one.id for one in other), "new"]
    (made,) = came_out_of(after, "p")
    assert (made.text, made.impact, made.tags, dict(made.link)) == ("Show it first", 4, ("a",), LINK)
    assert apply(after, inverse(before, edit)) == before


def test_the_event_of_a_pain_point_should_become_rarer_and_of_other_cards_nothing_is_known():
    hurt = replace(PAIN, link={"kind": "event", "event": "결제 오류"})
    for lane, wished in (("pains", {**hurt.link, "better": "lower"}), ("doing", {})):
        card = replace(hurt, lane=lane)
        before = board(Lane("doing", "actions", "r"), cards=(card,))
        after = apply(before, opportunity(before, card, id_="new", text="Keep it", lane="o"))
        assert dict(after.cards["new"].measure) == wished


@given(st.lists(st.floats(0, 1e12), min_size=1, max_size=20))
def test_a_higher_score_never_proposes_a_lower_impact_and_the_largest_the_most(scores):
    found = [proposed_impact(one, [*scores, math.nan]) for one in sorted(scores)]
    assert found == sorted(found) and set(found) <= set(range(1, LARGEST_POINTS + 1))
    assert found[-1] == (LARGEST_POINTS if max(scores) > 0 else 1)


def test_a_score_lies_in_a_fifth_of_the_largest_and_none_proposes_nothing():
    assert [proposed_impact(one, [100, 40]) for one in (100, 81, 80, 20, 19, 0, math.nan)] == [
        5,
        5,
        4,
        1,
        1,
        1,
        0,
    ]
    assert proposed_impact(math.nan, []) == 0


@pytest.mark.parametrize(
    ("link", "line", "goal", "start"),
    [
        ({"kind": "stage", "stage": "s2"}, ("stage", "s2"), {"stage": "s2"}, "all"),
        (
            {"kind": "stage", "stage": "s1", "measure": "drop_off"},
            ("stage", "s1"),
            {"stage": "s2"},
            "stage:s1",
        ),
        ({"kind": "event", "event": "pay"}, ("event", "pay"), {"event": "pay"}, "all"),
        ({"kind": "link", "from": "s1", "to": "s2"}, ("stage", "s1"), {"stage": "s2"}, "stage:s1"),
        ({"kind": "link", "from": "gone", "to": "s2"}, ("stage", "gone"), {"stage": "s2"}, "all"),
        (LINK, ("stage", "s2"), {"stage": "s3"}, "stage:s2"),
        ({**LINK, "name": "s3"}, ("stage", "s3"), {"stage": "s3"}, "all"),
        ({"kind": "friction", "of": "event", "name": "e"}, ("event", "e"), {"stage": "s3"}, "event:e"),
        ({"kind": "segment", "segment": "x"}, None, {"stage": "s1"}, "all"),
        ({"kind": "answer", "cell": "x"}, None, {"stage": "s1"}, "all"),
        ({}, None, {"stage": "s1"}, "all"),
    ],
)
def test_a_card_knows_its_line_of_friction_and_by_what_its_test_is_judged(link, line, goal, start):
    assert link.get("kind", "") in ("", *LINKS)
    found = trial(Card("c", "l", "s1", "i", link=link), STAGES)
    assert (friction_of(link), dict(found.metric.of), found.start) == (line, goal, start)
    assert found.metric.role == "primary" and found.metric.kind == "conversion"


@pytest.mark.parametrize(
    ("link", "measure", "goal", "better", "why"),
    [
        ({}, {}, {"stage": "s1"}, "higher", "place"),
        ({"kind": "event", "event": "pay"}, {}, {"event": "pay"}, "higher", "link"),
        (LINK, {"kind": "event", "event": "fail", "better": "lower"}, {"event": "fail"}, "lower", "measure"),
        (
            {"kind": "stage", "stage": "s2"},
            {"kind": "stage", "stage": "s3"},
            {"stage": "s3"},
            "higher",
            "measure",
        ),
        (LINK, {}, {"stage": "s3"}, "higher", "link"),
        ({"kind": "stage", "stage": "s2", "measure": "drop_off"}, {}, {"stage": "s3"}, "higher", "link"),
        ({"kind": "stage", "stage": "s2", "measure": "time"}, {}, {"stage": "s2"}, "higher", "time"),
        ({"kind": "stage", "stage": "s2", "measure": "feeling"}, {}, {"stage": "s2"}, "higher", "feeling"),
        ({"kind": "segment", "segment": "x"}, {}, {"stage": "s1"}, "higher", "segment"),
        ({"kind": "answer", "cell": "x"}, {}, {"stage": "s1"}, "higher", "answer"),
        ({"kind": "event", "event": "unheard of"}, {}, {"stage": "s3"}, "higher", "gone"),
        ({"kind": "stage", "stage": "gone"}, {}, {"stage": "s3"}, "higher", "gone"),
    ],
)
def test_a_test_takes_the_measure_of_its_card_and_says_why_where_it_cannot(link, measure, goal, better, why):
    card = Card("c", "l", "s1", "i", link=link, measure=measure)
    found = trial(card, STAGES, {"pay", "fail"})
    assert (dict(found.metric.of), found.metric.better, found.why) == (goal, better, why)


def test_without_data_no_event_is_missed_and_without_stages_nothing_is_judged():
    event = {"kind": "event", "event": "unheard of"}
    assert trial(Card("c", "l", "s1", "i", link=event), STAGES).why == "link"
    assert dict(trial(Card("c", "l", "gone", "i"), STAGES).metric.of) == {"stage": "s3"}
    rubs = {"kind": "friction", "of": "event", "name": "e"}
    assert trial(Card("c", "l", "s1", "i", link=rubs), StageMap(())).metric is None


def test_what_is_a_fifth_on_paper_is_one_whatever_a_customer_is_worth():
    for worth in (1, 0.1, 119_381.84210526316, 1 / 3):
        scores = [part * worth for part in (3, 6, 9, 12, 15)]
        assert [proposed_impact(one, scores) for one in scores] == [1, 2, 3, 4, 5]


def test_cards_that_come_from_a_browser_bear_who_is_signed_in_and_not_what_they_say():
    new = {"op": "add_card", "card": {"id": "n", "lane": "pains", "stage": "s1", "key": "i", "by": "forged"}}
    moved = {"op": "move_card", "id": "p", "lane": "pains", "stage": "s1", "key": "i"}
    edit = {
        "op": "many",
        "edits": [new, moved, {"op": "many", "edits": [{**new, "card": {**new["card"], "id": "m"}}]}],
    }
    after = apply(board(), signed(edit, NOON.isoformat(), "민지"))
    assert {(one.at, one.by) for id_, one in after.cards.items() if id_ != "p"} == {
        (NOON.isoformat(), "민지")
    }
    assert (after.cards["p"].stage, after.cards["p"].by) == ("s1", "")
    assert signed(moved, "x", "y") == moved
