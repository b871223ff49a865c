"""What comes from a browser is checked field by field; what goes to it is sorted, capped and plain."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.i18n import catalogue
from journey.stages.stage_map import Stage
from ui.components import board_queue
from ui.components import stage_board as package
from ui.components.board_queue import Parcel, heard
from ui.components.stage_board import board_model, clean_parcel

STAGES = (Stage("s1", "인지", "#4477AA"), Stage("s2", "구매", "#EE8866"))
SOURCE = "\n".join(
    path.read_text(encoding="utf-8")
    for one in (board_queue, package)
    for path in sorted(Path(one.__file__).parent.glob("*.js"))
)

GOOD_OPS: list[dict[str, Any]] = [
    {"op": "place", "event": "검색", "to": "s1"},
    {"op": "place", "event": "검색", "to": "tray"},
    {"op": "place_many", "events": ["검색", "구매"], "to": "bin"},
    {"op": "place_found", "text": "Cart", "to": "s1"},
    {"op": "add_rule", "pattern": "*cart*", "to": "s1", "at": None},
    {"op": "add_rule", "pattern": "/product/*", "to": "bin", "at": 3},
    {"op": "move_rule", "pattern": "/product/*", "to": "tray"},
    {"op": "remove_rule", "pattern": "/product/*"},
    {"op": "add_stage", "name": "재구매", "id": "sk3x", "at": None},
    {"op": "add_stage", "name": "재구매", "id": "sk3x", "at": 0},
    {"op": "rename_stage", "stage": "s1", "name": "알게 됨"},
    {"op": "move_stage", "stage": "s1", "at": 1},
    {"op": "remove_stage", "stage": "s1"},
    {"op": "recolour", "stage": "s1", "colour": "#00ff99"},
    {"op": "set_goal", "stage": "s1"},
    {"op": "set_goal", "stage": None},
    {"op": "undo"},
    {"op": "redo"},
]


def parcel(*ops: object, client: object = "abc123", n: object = 1) -> dict[str, object]:
    return {"client": client, "n": n, "ops": list(ops)}


@pytest.mark.parametrize("op", GOOD_OPS, ids=lambda op: op["op"])
def test_every_op_of_the_board_comes_through_as_it_is(op: dict[str, Any]) -> None:
    clean = clean_parcel(parcel({"seq": 7, **op}, n=3))
    assert clean is not None
    assert (clean.client, clean.n, clean.ops) == ("abc123", 3, ({"seq": 7, **op},))


def test_the_ops_of_the_board_are_the_ops_that_are_checked() -> None:
    sent = set(re.findall(r'\{ op: "(\w+)"', SOURCE))
    assert sent == {op["op"] for op in GOOD_OPS}


@pytest.mark.parametrize(
    "payload",
    [
        None,
        "text",
        7,
        [],
        {},
        {"client": "abc", "n": 1},
        {"client": "abc", "n": 1, "ops": {"0": {}}},
        parcel(client=""),
        parcel(client="x" * 41),
        parcel(client="a/b"),
        parcel(client=5),
        parcel(n=0),
        parcel(n=True),
        parcel(n="1"),
        parcel(n=2**60),
    ],
)
def test_a_parcel_of_the_wrong_make_is_none(payload: object) -> None:
    assert clean_parcel(payload) is None


@pytest.mark.parametrize(
    "op",
    [
        None,
        "place",
        {"op": "place", "event": "a", "to": "s1"},
        {"seq": 0, "op": "undo"},
        {"seq": -1, "op": "undo"},
        {"seq": True, "op": "undo"},
        {"seq": 1.5, "op": "undo"},
        {"seq": 1},
        {"seq": 1, "op": ["undo"]},
        {"seq": 1, "op": "replace", "map": {}},
        {"seq": 1, "op": "__class__"},
        {"seq": 1, "op": "place", "event": "", "to": "s1"},
        {"seq": 1, "op": "place", "event": 5, "to": "s1"},
        {"seq": 1, "op": "place", "event": "x" * 10_001, "to": "s1"},
        {"seq": 1, "op": "place", "event": "half \ud800", "to": "s1"},
        {"seq": 1, "op": "place", "event": "a", "to": "../s1"},
        {"seq": 1, "op": "place", "event": "a", "to": None},
        {"seq": 1, "op": "place", "event": "a", "to": ["s1"]},
        {"seq": 1, "op": "place_many", "events": [], "to": "s1"},
        {"seq": 1, "op": "place_many", "events": "abc", "to": "s1"},
        {"seq": 1, "op": "place_many", "events": ["a", 1], "to": "s1"},
        {"seq": 1, "op": "place_many", "events": ["a"] * 70_001, "to": "s1"},
        {"seq": 1, "op": "place_found", "text": "", "to": "s1"},
        {"seq": 1, "op": "place_found", "text": "x" * 201, "to": "s1"},
        {"seq": 1, "op": "place_found", "text": "cart"},
        {"seq": 1, "op": "add_rule", "pattern": "", "to": "s1", "at": None},
        {"seq": 1, "op": "add_rule", "pattern": ["*"], "to": "s1", "at": None},
        {"seq": 1, "op": "add_rule", "pattern": "*", "to": "../s1", "at": None},
        {"seq": 1, "op": "add_rule", "pattern": "*", "to": "s1", "at": -1},
        {"seq": 1, "op": "move_rule", "pattern": "half \ud800*", "to": "s1"},
        {"seq": 1, "op": "remove_rule", "pattern": None},
        {"seq": 1, "op": "add_stage", "name": "a", "id": "tray", "at": None},
        {"seq": 1, "op": "add_stage", "name": "a", "id": "s9", "at": -1},
        {"seq": 1, "op": "add_stage", "name": "a" * 201, "id": "s9", "at": None},
        {"seq": 1, "op": "rename_stage", "stage": "s1", "name": ""},
        {"seq": 1, "op": "move_stage", "stage": "s1", "at": "0"},
        {"seq": 1, "op": "move_stage", "stage": "s1", "at": True},
        {"seq": 1, "op": "recolour", "stage": "s1", "colour": "red;background:url(//evil)"},
        {"seq": 1, "op": "recolour", "stage": "s1", "colour": "#00ff99\n"},
        {"seq": 1, "op": "set_goal", "stage": 1},
    ],
)
def test_a_wrong_op_is_left_out_and_its_neighbours_stay(op: object) -> None:
    clean = clean_parcel(parcel(op, {"seq": 2, "op": "undo"}))
    assert clean is not None
    assert clean.ops == ({"seq": 2, "op": "undo"},)


def test_unknown_fields_and_doubles_are_dropped() -> None:
    extra = {"seq": 1, "op": "place_many", "events": ["a", "b", "a"], "to": "s1", "by": "mallory"}
    clean = clean_parcel(parcel(extra))
    assert clean is not None
    assert clean.ops == ({"seq": 1, "op": "place_many", "events": ["a", "b"], "to": "s1"},)


def test_ops_ascend_and_at_most_200_of_the_oldest_are_taken() -> None:
    ops = [{"seq": seq, "op": "undo"} for seq in (3, 2, 3, 4, *range(5, 400))]
    clean = clean_parcel(parcel(*ops))
    assert clean is not None
    assert [op["seq"] for op in clean.ops] == [3, *range(4, 201)]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_KEYS = st.sampled_from(
    ["seq", "op", "event", "events", "text", "pattern", "to", "stage", "name", "id", "at", "colour"]
)
_NAMES = st.sampled_from([op["op"] for op in GOOD_OPS])


@given(_JSON)
def test_nothing_from_outside_raises(payload: object) -> None:
    clean_parcel(payload)


@given(st.lists(st.dictionaries(_KEYS, _JSON | _NAMES | st.integers(1, 9), max_size=6), max_size=5))
def test_whatever_comes_through_has_its_fields_and_ascends(ops: list[dict[str, Any]]) -> None:
    clean = clean_parcel(parcel(*ops))
    assert clean is not None
    fields = {op["op"]: {"seq", *op} for op in GOOD_OPS}
    assert all(set(op) == fields[op["op"]] for op in clean.ops)
    assert all(a["seq"] < b["seq"] for a, b in zip(clean.ops, clean.ops[1:], strict=False))


def test_the_model_places_every_event_largest_first() -> None:
    model = board_model(
        STAGES,
        {"a": "s1", "b": "s1", "c": "bin", "d": "gone"},
        {"a": (5, 9), "b": (7, 7), "c": (1, 1), "d": (2, 2), "e": (3, 3)},
        language="ko",
        reach=[{"customers": 9, "share": 0.9, "drop_off": math.nan}],
        confidence={"a": 0.5},
    )
    first, second = model["stages"]
    assert [card["event"] for card in first["events"]] == ["b", "a"]
    assert [card["confidence"] for card in first["events"]] == [None, 0.5]
    assert [card["event"] for card in model["tray"]] == ["e", "d"]
    assert [card["event"] for card in model["bin"]] == ["c"]
    assert (first["reach"], first["reach_share"], first["drop_off"], first["goal"]) == (9, 0.9, None, False)
    assert (second["reach"], second["goal"], model["goal_fixed"]) == (None, True, False)
    json.dumps(model, allow_nan=False)


def test_too_many_cards_are_cut_and_counted() -> None:
    counts = {f"e{i}": (i, i) for i in range(30)}
    model = board_model(STAGES, {"e3": "s1"}, counts, language="en", most_cards=10)
    assert [card["customers"] for card in model["tray"]] == list(range(29, 19, -1))
    assert model["hidden"] == {"tray": 19}


def test_the_events_of_a_rule_are_one_card_with_its_own_customers() -> None:
    counts = {"/p/1": (5, 9), "/p/2": (4, 6), "/p/3": (3, 3), "home": (9, 9)}
    model = board_model(
        STAGES,
        {"/p/1": "s1", "/p/2": "s1", "/p/3": "s2", "home": "s1"},
        counts,
        language="ko",
        rules={"/p/1": "/p/*", "/p/2": "/p/*"},
        rule_customers={"/p/*": 6},
        confidence={"/p/*": 0.4, "/p/1": 0.9},
    )
    first, second = (stage["events"] for stage in model["stages"])
    assert first[0] == {"rule": "/p/*", "names": 2, "customers": 6, "rows": 15, "confidence": 0.4}
    assert [card["event"] for card in first[1:]] == ["home"]
    assert [card["event"] for card in second] == ["/p/3"]
    assert model["hidden"] == {} and model["found"] is None
    uncounted = board_model(STAGES, {}, counts, language="ko", rules=dict.fromkeys(counts, "*"))
    assert [(card["names"], card["customers"], card["rows"]) for card in uncounted["tray"]] == [(4, None, 27)]


def test_a_search_answers_for_all_names_also_those_that_are_not_sent() -> None:
    counts = {f"/p/{i}": (i, i) for i in range(50)} | {"pay": (1, 1)}
    places = {f"/p/{i}": "s1" for i in range(20)}
    rules = {f"/p/{i}": "/p/*" for i in range(20)}
    model = board_model(STAGES, places, counts, language="en", rules=rules, most_cards=5, find="/P/")
    found = model["found"]
    assert (found["text"], found["total"], found["pattern"]) == ("/P/", 50, "*/p/*")
    assert found["places"] == {"s1": 20, "tray": 30}
    assert [(card["event"], card["by"]) for card in found["cards"]["s1"]][:2] == [
        ("/p/19", "/p/*"),
        ("/p/18", "/p/*"),
    ]
    assert {len(cards) for cards in found["cards"].values()} == {5}
    assert all(card["by"] is None for card in found["cards"]["tray"])
    nothing = board_model(STAGES, places, counts, language="en", find="zzz")["found"]
    assert (nothing["total"], nothing["pattern"], nothing["cards"]) == (0, None, {})


def test_ten_thousand_names_make_a_small_model() -> None:
    counts = {f"/category/{i % 13}/product/{i}": (i, 2 * i) for i in range(10_000)}
    model = board_model(STAGES, {}, counts, language="ko", find="product")
    assert len(json.dumps(model)) < 80_000
    assert model["hidden"] == {"tray": 9_800}


def test_a_chosen_goal_is_kept_and_a_lost_one_is_the_last_stage() -> None:
    chosen = board_model(STAGES, {}, {}, language="ko", goal="s1")
    assert ([stage["goal"] for stage in chosen["stages"]], chosen["goal_fixed"]) == ([True, False], True)
    lost = board_model(STAGES, {}, {}, language="ko", goal="s9")
    assert ([stage["goal"] for stage in lost["stages"]], lost["goal_fixed"]) == ([False, True], False)
    assert board_model((), {}, {}, language="ko")["stages"] == []


def test_the_script_never_makes_markup_of_text() -> None:
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", SOURCE
    )
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", SOURCE)


def test_every_sentence_of_the_script_is_in_the_catalogue() -> None:
    asked = set(re.findall(r'\bw\("(\w+)"', SOURCE))
    known = {key.removeprefix("board.") for key in catalogue("ko") if key.startswith("board.")}
    assert asked <= known
    assert known - asked == {
        *("tray", "tray_empty", "tray_hint", "bin", "bin_empty", "bin_hint", "stage_empty"),
        *("none_found", "searching", "hidden", "more"),
        *("saving", "saved", "offline", "completed", "drop_off", "completed_hint", "drop_off_hint"),
    }


def test_a_refusal_is_told_until_the_board_has_dropped_the_op() -> None:
    def sent(n: int, *seqs: int) -> Parcel:
        return Parcel("abc", n, tuple({"seq": seq, "op": "undo"} for seq in seqs))

    first = heard(None, sent(1, 1), {1: "no"})
    assert first == {"client": "abc", "n": 1, "refused": {"1": "no"}}
    second = heard(first, sent(2, 1, 2), {2: "not either"})
    assert second == {"client": "abc", "n": 2, "refused": {"1": "no", "2": "not either"}}
    assert heard(second, sent(3, 2, 3), {})["refused"] == {"2": "not either"}
    assert heard(second, Parcel("other", 1, ()), {}) == {"client": "other", "n": 1, "refused": {}}
