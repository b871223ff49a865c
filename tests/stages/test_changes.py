"""The difference of two maps: laws first, then who stays when several people work."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.errors import Misuse
from journey.stages import edits
from journey.stages.changes import applied, changes, reverse
from journey.stages.stage_map import StageMap
from tests.endurance import examples

EVENTS = ["view", "cart", "buy", "취소"]
STAGES = ["s1", "s2", "s3", "s4"]
NAMES = ["A", "B", "C", "가", "나"]

places = st.sampled_from([*STAGES, "tray", "bin"])
ops = st.one_of(
    st.builds(lambda e, to: {"op": "place", "event": e, "to": to}, st.sampled_from(EVENTS), places),
    st.builds(
        lambda n, at: {"op": "add_stage", "name": n, "at": at}, st.sampled_from(NAMES), st.integers(0, 3)
    ),
    st.builds(lambda s: {"op": "remove_stage", "stage": s}, st.sampled_from(STAGES)),
    st.builds(
        lambda s, n: {"op": "rename_stage", "stage": s, "name": n},
        st.sampled_from(STAGES),
        st.sampled_from(NAMES),
    ),
    st.builds(
        lambda s, at: {"op": "move_stage", "stage": s, "at": at}, st.sampled_from(STAGES), st.integers(0, 3)
    ),
    st.builds(
        lambda p, to, at: {"op": "add_rule", "pattern": p, "to": to, "at": at},
        st.sampled_from(["v*", "*y", "c*t"]),
        places,
        st.integers(0, 2),
    ),
    st.builds(lambda p: {"op": "remove_rule", "pattern": p}, st.sampled_from(["v*", "*y", "c*t"])),
    st.builds(lambda s: {"op": "set_goal", "stage": s}, st.sampled_from(STAGES) | st.none()),
)


def after(stage_map: StageMap, done: list[dict[str, Any]]) -> StageMap:
    """The map after those of the edits that can be done."""
    for op in done:
        try:
            stage_map = edits.apply(stage_map, op)
        except Misuse:
            continue
    return stage_map


BEGUN = after(StageMap(), [{"op": "add_stage", "name": name} for name in NAMES[:3]])
maps = st.builds(after, st.sampled_from([StageMap(), BEGUN]), st.lists(ops, max_size=14))


@given(maps, maps)
@settings(max_examples=examples(60), deadline=None)
def test_a_difference_leads_from_one_map_to_the_other_and_back(a: StageMap, b: StageMap) -> None:
    done = changes(a, b)
    assert applied(a, done) == (b, frozenset())
    assert applied(b, reverse(done)) == (a, frozenset())
    assert applied(a, done)[0].to_json() == b.to_json()
    assert (done == {}) == (a == b)


@given(maps, maps, maps)
@settings(max_examples=examples(60), deadline=None)
def test_done_to_any_third_map_it_gives_a_map_and_tells_what_stayed(
    a: StageMap, b: StageMap, c: StageMap
) -> None:
    done = changes(a, b)
    made, left = applied(c, done)
    assert StageMap.from_json(made.to_json()) == made
    assert left <= done.keys()
    # What changed is what was wanted and did not stay.
    # Order is told by its own key; a stage that comes among others moves none of them.
    assert {key for key in changes(c, made) if key[-1] not in ("after", "last_id")} <= set(done) - left


@given(maps, st.lists(ops, max_size=4), st.lists(ops, max_size=4))
@settings(max_examples=examples(60), deadline=None)
def test_changes_of_different_things_commute(
    a: StageMap, mine: list[dict[str, Any]], theirs: list[dict[str, Any]]
) -> None:
    one, other = changes(a, after(a, mine)), changes(a, after(a, theirs))
    # Two stages at one place stand as they came.
    both_grow = [any(key[-1] == "after" for key in done) for done in (one, other)]
    if one.keys() & other.keys() - {("last_id",)} or all(both_grow):
        return
    first, left = applied(a, one)
    first, more = applied(first, other)
    second, others = applied(a, other)
    second, still = applied(second, one)
    if not (left | more | others | still):
        assert first.events == second.events
        assert set(first.stages) == set(second.stages)
        assert (first.ignored, first.tray, set(first.rules), first.goal) == (
            second.ignored,
            second.tray,
            set(second.rules),
            second.goal,
        )


def begun(*names: str) -> StageMap:
    return after(StageMap(), [{"op": "add_stage", "name": name} for name in names])


def taken_back(before: StageMap, done: StageMap, now: StageMap) -> tuple[StageMap, set[Any]]:
    made, left = applied(now, reverse(changes(before, done)))
    return made, set(left)


def test_a_stage_comes_back_with_its_cards_that_nobody_moved() -> None:
    before = begun("A", "B").put(["view", "cart"], "s1")
    removed = before.remove_stage("s1")
    made, left = taken_back(before, removed, removed.put(["cart"], "s2"))
    assert made.names == ("A", "B")
    assert dict(made.events) == {"view": "s1", "cart": "s2"}
    assert left == {("event", "cart")}


def test_a_stage_into_which_somebody_put_a_card_stays() -> None:
    before, added = begun("A"), begun("A", "B")
    now = added.put(["view"], "s2")
    made, left = taken_back(before, added, now)
    assert made == now
    assert {key[:2] for key in left} == {("stage", "s2")}


@pytest.mark.parametrize("now", [begun("B", "A2"), begun(*(f"{n}" for n in range(12)))])
def test_a_stage_does_not_come_where_its_name_is_taken_or_where_there_are_twelve(now: StageMap) -> None:
    before = after(StageMap(), [{"op": "add_stage", "name": "B", "id": "x"}]).put(["view"], "x")
    made, left = taken_back(before, before.remove_stage("x"), now)
    assert made == now
    assert ("event", "view") in left


def test_a_name_that_somebody_took_meanwhile_is_left_to_them() -> None:
    before = begun("A", "B")
    renamed = before.rename_stage("s1", "C")
    now = renamed.rename_stage("s2", "A")
    assert taken_back(before, renamed, now) == (now, {("stage", "s1", "name")})


def test_two_names_can_change_places() -> None:
    before = begun("A", "B")
    turned = before.rename_stage("s1", "C").rename_stage("s2", "A").rename_stage("s1", "B")
    assert taken_back(before, turned, turned) == (before, set())


def test_stages_stand_where_they_stood_among_those_that_are_there() -> None:
    before = begun("A", "B", "C")
    removed = before.remove_stage("s2")
    now = removed.add_stage("D", at=0)
    made, left = taken_back(before, removed, now)
    assert made.names == ("D", "A", "B", "C")
    assert left == set()
