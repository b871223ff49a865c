"""What comes from the board of a map is checked field by field; what it says stands in the catalogue."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.i18n import catalogue
from journey.stages.board_edits import OPS
from ui.components import board_queue
from ui.components import journey_board as package
from ui.components.journey_board import clean_parcel, shared_words

HERE = Path(package.__file__).parent
SOURCE = "\n".join(
    path.read_text(encoding="utf-8")
    for folder in (Path(board_queue.__file__).parent, HERE)
    for path in sorted(folder.glob("*.js"))
)
CARD = {"id": "c1", "lane": "l1", "stage": "s1", "key": "i", "text": "후기가 진짜일까?", "tags": ["신뢰"]}
GOOD: list[dict[str, Any]] = [
    {"op": "add_card", "card": CARD},
    {"op": "add_card", "card": {**CARD, "link": {"kind": "event", "event": "결제"}, "effort": 3}},
    {
        "op": "set_card",
        "id": "c1",
        "fields": {"text": "", "colour": "#AA0044", "owner": "하은", "status": "agreed"},
    },
    {"op": "move_card", "id": "c1", "lane": "l2", "stage": "s2", "key": "ii"},
    {"op": "remove_card", "id": "c1"},
    {"op": "add_lane", "lane": {"id": "l9", "kind": "own", "key": "z", "name": "채널", "hidden": False}},
    {"op": "set_lane", "id": "l9", "fields": {"hidden": True}},
    {"op": "remove_lane", "id": "l9"},
    {"op": "add_persona", "persona": {"id": "p1", "name": "지영", "key": "c"}},
    {"op": "set_persona", "id": "p1", "fields": {"name": "민수"}},
    {"op": "remove_persona", "id": "p1"},
    {"op": "feel", "persona": "", "stage": "s1", "value": -1.5},
    {"op": "feel", "persona": "p1", "stage": "s1", "value": None},
    {"op": "set_map", "fields": {"name": "쇼핑"}},
    {"op": "many", "edits": [{"op": "remove_card", "id": "c1"}, {"op": "remove_card", "id": "c2"}]},
    {"op": "undo"},
    {"op": "redo"},
]


def parcel(*ops: object) -> dict[str, object]:
    return {"client": "abc123", "n": 1, "ops": list(ops)}


@pytest.mark.parametrize("op", GOOD, ids=lambda op: op["op"])
def test_every_edit_of_a_map_comes_through_as_it_is(op: dict[str, Any]) -> None:
    clean = clean_parcel(parcel({"seq": 7, "base": 3, **op}))
    assert clean is not None
    assert clean.ops == ({"seq": 7, **op, "base": 3},)


def test_the_edits_that_are_checked_are_all_that_a_map_has() -> None:
    assert {op["op"] for op in GOOD} == {*OPS, "undo", "redo"}


@pytest.mark.parametrize(
    "op",
    [
        None,
        {"op": "remove_card", "id": "c1"},
        {"seq": 1, "op": "add_card", "card": {"id": "c1", "lane": "l1", "stage": "s1"}},
        {"seq": 1, "op": "add_card", "card": {**CARD, "id": "../c"}},
        {"seq": 1, "op": "add_card", "card": {**CARD, "key": "i0"}},
        {"seq": 1, "op": "add_card", "card": {**CARD, "text": "half \ud800"}},
        {"seq": 1, "op": "add_card", "card": {**CARD, "text": "x" * 2001}},
        {"seq": 1, "op": "add_card", "card": {**CARD, "colour": "red;background:url(//evil)"}},
        {"seq": 1, "op": "add_card", "card": {**CARD, "tags": ["a", "a"]}},
        {"seq": 1, "op": "set_card", "id": "c1", "fields": {}},
        {"seq": 1, "op": "set_card", "id": "c1", "fields": {"effort": 6}},
        {"seq": 1, "op": "set_card", "id": ["c1"], "fields": {"text": "a"}},
        {"seq": 1, "op": "move_card", "id": "c1", "lane": "l1", "stage": "s1"},
        {"seq": 1, "op": "add_lane", "lane": {"id": "l1", "kind": "secret", "key": "i"}},
        {"seq": 1, "op": "feel", "persona": "", "stage": "s1", "value": 2.1},
        {"seq": 1, "op": "feel", "persona": "", "stage": "s1", "value": float("nan")},
        {"seq": 1, "op": "feel", "persona": "", "stage": "s1", "value": True},
        {"seq": 1, "op": "many", "edits": []},
        {"seq": 1, "op": "many", "edits": [{"op": "remove_card", "id": "c1"}, {"op": "remove_card"}]},
        {"seq": 1, "op": "many", "edits": [{"op": "many", "edits": [{"op": "remove_card", "id": "c1"}]}]},
        {"seq": 1, "op": "many", "edits": [{"op": "undo"}]},
        {"seq": 1, "op": "place", "event": "a", "to": "s1"},
    ],
)
def test_a_wrong_edit_is_left_out_and_its_neighbours_stay(op: object) -> None:
    clean = clean_parcel(parcel(op, {"seq": 2, "op": "undo"}))
    assert clean is not None
    assert clean.ops == ({"seq": 2, "op": "undo"},)


def test_who_wrote_a_card_and_what_nobody_knows_is_not_taken_from_a_browser() -> None:
    told = {**CARD, "by": "mallory", "at": "2026-11-01", "admin": True}
    clean = clean_parcel(parcel({"seq": 1, "op": "add_card", "card": told, "map": "other"}))
    assert clean is not None
    assert clean.ops == ({"seq": 1, "op": "add_card", "card": CARD},)
    only = clean_parcel(
        parcel({"seq": 1, "op": "set_card", "id": "c1", "fields": {"by": "mallory", "lane": "l2"}})
    )
    assert only is not None and only.ops == ()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_NAMES = st.sampled_from(
    ["seq", "op", "id", "card", "lane", "fields", "edits", "stage", "value", "key", "text"]
)


@given(
    st.lists(
        st.dictionaries(_NAMES, _JSON | st.sampled_from(OPS) | st.integers(1, 9), max_size=6), max_size=5
    )
)
def test_nothing_from_outside_raises(ops: list[dict[str, Any]]) -> None:
    clean = clean_parcel(parcel(*ops))
    assert clean is not None
    assert all(a["seq"] < b["seq"] for a, b in zip(clean.ops, clean.ops[1:], strict=False))


def test_the_script_never_makes_markup_of_text() -> None:
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", SOURCE
    )
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", SOURCE)


def test_every_sentence_of_the_script_is_in_the_catalogue_and_the_other_way_round() -> None:
    asked = set(re.findall(r'\bw\(\s*"(\w+)"', SOURCE))
    known = {
        key.removeprefix("journey_board.") for key in catalogue("ko") if key.startswith("journey_board.")
    }
    shared = shared_words("ko").keys()
    assert asked <= known | shared and not known & shared
    named = set(re.findall(r'"(\w+)"', SOURCE))
    named |= {f"{level}_hint" for level in ("measured", "partly", "assumed")} | set(
        re.findall(r"words\.(\w+)", SOURCE)
    )
    assert known <= named
