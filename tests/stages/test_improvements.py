"""How far an improvement is: the day from which it is there for customers is kept, and only while it is."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.stages.board import STATES, Board, Card, Lane
from journey.stages.board_edits import apply
from journey.stages.improvements import (
    IMPROVED,
    improvements,
    is_lower,
    judged,
    measure_of,
    moved,
    opportunities,
)
from journey.stages.map_templates import to_be

DAY = dt.date(2026, 3, 1)
LANES = {"a": Lane("a", "pains", "9"), "b": Lane("b", "opportunities", "i")}


def board(*cards):
    at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    return Board("0" * 12, "지도", at, lanes=LANES, cards={card.id: card for card in cards})


@given(st.lists(st.sampled_from(STATES), min_size=1, max_size=8))
def test_the_day_is_that_on_which_it_was_last_done_and_is_kept_while_it_is_watched(states):
    now, since = board(Card("c", "b", "s1", "i")), ""
    before = ""
    for passed, state in enumerate(states):
        today = DAY + dt.timedelta(days=passed)
        now = apply(now, moved(now.cards["c"], state, today))
        begun = since if before in IMPROVED else today.isoformat()
        since = begun if state in IMPROVED else ""
        before = state
        assert (now.cards["c"].state, now.cards["c"].since) == (state, since)
    (found,) = opportunities([now])
    assert found.since == (dt.date.fromisoformat(since) if since else None)
    assert bool(improvements([now])) == bool(before)


def test_what_is_listed_in_which_order_and_what_is_late():
    cards = [
        Card("p", "a", "s1", "i", text="불편"),
        Card("o", "b", "s1", "i", text="기회"),
        Card("x", "a", "s1", "r", text="불편에서 바로", state="doing", due="2026-03-02"),
        Card("y", "b", "s1", "r", text="가", state="done", due="2026-02-01", since="2026-02-03"),
        Card("z", "b", "s1", "z", text="나", state="found"),
    ]
    assert [one.card.id for one in improvements([board(*cards)])] == ["y", "x", "z"]
    assert [one.card.id for one in opportunities([board(*cards)])] == ["y", "o", "z", "x"]
    late = {one.card.id: one.is_late(dt.date(2026, 3, 3)) for one in improvements([board(*cards)])}
    assert late == {"x": True, "y": False, "z": False}
    assert not improvements([board(*cards)])[1].is_late(dt.date(2026, 3, 2))


def test_a_card_that_stands_on_two_versions_of_a_map_is_listed_once_and_where_somebody_works_on_it():
    as_is = board(Card("o", "b", "s1", "i", text="기회"), Card("q", "b", "s1", "r", text="하나"))
    wished = to_be(as_is, id_="1" * 12, at=as_is.at)
    assert [(one.card.id, one.board.id) for one in opportunities([as_is, wished])] == [
        ("o", as_is.id),
        ("q", as_is.id),
    ]
    begun = apply(wished, moved(wished.cards["q"], "doing", DAY))
    for known in ([as_is, begun], [begun, as_is]):
        assert [(one.card.id, one.board.id) for one in improvements(known)] == [("q", begun.id)]
        assert dict((one.card.id, one.board.id) for one in opportunities(known))["q"] == begun.id


def test_what_was_chosen_to_measure_it_goes_before_what_it_is_bound_to():
    stage, link = {"kind": "stage", "stage": "s1"}, {"kind": "link", "from": "s1", "to": "s2"}
    assert measure_of(Card("c", "b", "s1", "i", link=stage, measure=link)) == link
    assert measure_of(Card("c", "b", "s1", "i", link=stage)) == stage
    assert measure_of(Card("c", "b", "s1", "i", link={"kind": "answer", "cell": "x"})) == {}
    drop_off = {**stage, "measure": "drop_off"}
    assert measure_of(Card("c", "b", "s1", "i", link=drop_off)) == drop_off and is_lower(drop_off)
    for name in ("time", "feeling"):
        shown = {**stage, "measure": name}
        assert measure_of(Card("c", "b", "s1", "i", link=shown)) == {}, "it is no share of customers"
        assert measure_of(Card("c", "b", "s1", "i", link=link, measure=shown)) == link
    with pytest.raises(ValueError, match="gone"):
        moved(Card("c", "b", "s1", "i"), "gone", DAY)


@pytest.mark.parametrize("kind", ["stage", "event", "link", "friction"])
def test_less_is_better_where_the_team_says_so_and_of_friction_always(kind):
    measure = {"kind": kind, "event": "결제 오류"}
    assert is_lower(judged(measure, lower=True)) and is_lower(measure) == (kind == "friction")
    assert judged(judged(measure, lower=True), lower=False) == measure
