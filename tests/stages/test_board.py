"""The document of a journey map: order keys have room everywhere, and every edit can be taken back."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from journey.errors import Misuse
from journey.projects.maps import changed, maps, written
from journey.stages.board import KINDS, Board, between, keys
from journey.stages.board_edits import apply, inverse
from tests.endurance import examples

IDS = st.sampled_from(["a", "b", "c1"])
STAGES = st.sampled_from(["s1", "s2"])
KEYS = st.sampled_from(["9", "i", "r"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
LINK = st.sampled_from([{}, {"kind": "stage", "stage": "s1"}, {"kind": "event", "event": "결제"}])
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "text": TEXTS,
        "tags": st.lists(st.sampled_from(["가", "나"]), unique=True),
        "link": LINK,
        "persona": st.sampled_from(["", "a"]),
        "effort": st.integers(0, 5),
        "due": st.sampled_from(["", "2026-02-28"]),
        "state": st.sampled_from(["", "doing"]),
    },
)
PLACES = st.fixed_dictionaries({"id": IDS, "lane": IDS, "stage": STAGES, "key": KEYS})
EDITS = st.deferred(
    lambda: st.one_of(
        st.builds(lambda at, told: {"op": "add_card", "card": at | told}, PLACES, FIELDS),
        st.builds(lambda at: {"op": "move_card", **at}, PLACES),
        st.builds(lambda id_, told: {"op": "set_card", "id": id_, "fields": told}, IDS, FIELDS),
        st.builds(lambda op, id_: {"op": op, "id": id_}, st.sampled_from(REMOVING), IDS),
        st.builds(
            lambda id_, kind, key: {"op": "add_lane", "lane": {"id": id_, "kind": kind, "key": key}},
            IDS,
            st.sampled_from(KINDS),
            KEYS,
        ),
        st.builds(
            lambda id_, name: {"op": "add_persona", "persona": {"id": id_, "name": name, "key": "i"}},
            IDS,
            TEXTS.filter(bool),
        ),
        st.builds(
            lambda who, at, value: {"op": "feel", "persona": who, "stage": at, "value": value},
            st.sampled_from(["", "a"]),
            STAGES,
            st.none() | st.floats(-2, 2),
        ),
        st.builds(lambda name: {"op": "set_map", "fields": {"name": name}}, TEXTS),
        st.builds(lambda edits: {"op": "many", "edits": edits}, st.lists(EDITS, max_size=3)),
    )
)
REMOVING = ["remove_card", "remove_lane", "remove_persona"]


def empty():
    return Board("0" * 12, "지도", dt.datetime(2026, 1, 1, tzinfo=dt.UTC))


# A card of a persona that is not there, because somebody removed it meanwhile, and the persona comes back.
ORPHAN = [
    {"op": "add_lane", "lane": {"id": "b", "kind": "goals", "key": "9"}},
    {"op": "add_card", "card": {"id": "a", "lane": "b", "stage": "s1", "key": "9", "persona": "a"}},
    {"op": "add_persona", "persona": {"id": "a", "name": "0", "key": "i"}},
]


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(EDITS, max_size=25))
@example(ORPHAN)
def test_an_edit_and_its_inverse_leave_no_trace_and_settings_hold_the_whole_map(edits):
    board = empty()
    kept = written(board)
    for edit in edits:
        try:
            after = apply(board, edit)
        except Misuse:
            continue
        assert apply(after, inverse(board, edit)) == board
        kept = {name: value for name, value in {**kept, **changed(board, after)}.items() if value is not None}
        assert maps(kept) == (after,)
        board = after


@given(st.lists(st.integers(0, 2**30), max_size=60))
def test_there_is_always_room_for_one_more_between_two(places):
    order = []
    for place in places:
        at = place % (len(order) + 1)
        key = between(order[at - 1] if at else "", order[at] if at < len(order) else "")
        assert not key.endswith("0")
        order.insert(at, key)
    assert order == sorted(set(order))


@given(st.integers(0, 1500))
def test_keys_for_many_rise_and_leave_room(n):
    made = keys(n)
    assert len(made) == n and made == sorted(set(made)) and not any(key.endswith("0") for key in made)
    assert all(low < between(low, high) < high for low, high in pairwise(made))
