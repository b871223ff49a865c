"""Journey maps in a project: nothing of two people is lost, each once, and each takes back their own."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.errors import MapPartGone, Misuse, ProjectFull, SettingWrong, UndoHeld
from journey.i18n import LANGUAGES, text
from journey.projects import state as states
from journey.projects.map_seen import seen_name
from journey.projects.maps import MOST_MAPS, Reader, area, changed, map_named, maps, removed, written
from journey.projects.notebook import written as note
from journey.projects.person import LOCAL, Person
from journey.projects.portable_form import state_bytes
from journey.projects.project import Project
from journey.projects.setting_edits import done_backwards, touched
from journey.projects.state import ProjectState, edited
from journey.projects.store import Store
from journey.stages.board import STATES, Board, Card, Lane, MapPersona
from tests.endurance import examples
from tests.stages.test_board import EDITS, empty

MINJI, JUNHO = Person("minji@a.kr", "민지"), Person("junho@a.kr", "준호")
A, B = "a" * 12, "b" * 12
NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
AREA = area(A)


def board(id_: str = A, name: str = "단골 손님") -> Board:
    lanes = {id_: Lane(id_, kind, key) for id_, kind, key in (("pain", "pains", "i"), ("do", "actions", "r"))}
    cards = {"c": Card("c", "pain", "s1", "i", text="배송이 늦어요", tags=("배송",))}
    people = {"p": MapPersona("p", "단골", "i")}
    return Board(id_, name, NOON, by="민지", lanes=lanes, personas=people, cards=cards)


def of_map(edit: dict[str, Any], id_: str = A) -> dict[str, Any]:
    return {"op": "board", "map": id_, "edit": edit}


def added(id_: str, words: str = "글", lane: str = "pain", **fields: Any) -> dict[str, Any]:
    place = {"id": id_, "lane": lane, "stage": "s1", "key": "r"}
    return of_map({"op": "add_card", "card": {**place, "text": words, **fields}})


def set_to(id_: str = "c", **fields: Any) -> dict[str, Any]:
    return of_map({"op": "set_card", "id": id_, "fields": fields})


def moved_to(stage: str, key: str = "i", lane: str = "pain", id_: str = "c") -> dict[str, Any]:
    return of_map({"op": "move_card", "id": id_, "lane": lane, "stage": stage, "key": key})


def gone(id_: str = "c", what: str = "card") -> dict[str, Any]:
    return of_map({"op": f"remove_{what}", "id": id_})


def felt(stage: str, value: float | None, who: str = "") -> dict[str, Any]:
    return of_map({"op": "feel", "persona": who, "stage": stage, "value": value})


def the(project: Project, id_: str = A) -> Board:
    return map_named(project.state.settings, id_)


def undo(project: Project, where: str = AREA) -> ProjectState:
    return project.apply({"op": "undo", "area": where})


def redo(project: Project, where: str = AREA) -> ProjectState:
    return project.apply({"op": "redo", "area": where})


@pytest.fixture
def minji(project: Project) -> Project:
    mine = project.for_(LOCAL)
    for person in (MINJI, JUNHO):
        mine.add_member(person.id, person.name)
    mine.apply({"op": "settings", "values": written(board())})
    return project.for_(MINJI)


@pytest.fixture
def junho(minji: Project) -> Project:
    return minji.for_(JUNHO)


# ---- edits ----------------------------------------------------------------------------------------------


def test_a_map_comes_is_edited_and_goes_with_all_that_stands_on_it(project: Project) -> None:
    project.apply({"op": "settings", "values": written(board())})
    project.apply({"op": "settings", "values": written(board(B, "다른 지도"))})
    seen = removed(project.state.settings, A)
    # What somebody put there in the meantime does not stay behind.
    state = project.apply(added("late"))
    assert the(project).cards["late"].text == "글" and map_named(state.settings, B) == board(B, "다른 지도")
    figures = {seen_name(A): {"figures": {}}, seen_name(B): {"figures": {}}}
    project.apply({"op": "settings", "values": figures})
    state = project.apply({"op": "settings", "values": seen})
    assert maps(state.settings) == (board(B, "다른 지도"),)
    assert not any(name.startswith(AREA) or name == seen_name(A) for name in state.settings)
    assert seen_name(B) in state.settings
    with pytest.raises(MapPartGone):
        project.apply(added("later"))


@pytest.mark.parametrize(
    "op",
    [
        {"op": "board"},
        {"op": "board", "map": A},
        {"op": "board", "map": A, "edit": "x"},
        {"op": "board", "map": [A], "edit": {"op": "many", "edits": []}},
        {"op": "board", "map": f"{A}.card.c", "edit": {"op": "many", "edits": []}},
        of_map({"op": "set_card", "id": "c", "fields": {"lane": "do"}}),
        of_map({"op": "set_card", "id": ["c"], "fields": {}}),
        of_map({"op": "feel", "persona": {}, "stage": "s1", "value": 1}),
        {"op": "undo", "area": "elsewhere"},
        {"op": "redo", "area": ["notebook"]},
    ],
)
def test_what_is_no_edit_is_refused_and_changes_nothing(minji: Project, op: dict[str, Any]) -> None:
    before = minji.state
    with pytest.raises(Misuse):
        minji.apply(op)
    assert (minji.state, minji.revision) == (before, before.revision)


def test_there_are_only_so_many_maps(project: Project) -> None:
    facts = {f"map.{number:012x}": {"name": "지도"} for number in range(MOST_MAPS)}
    project.apply({"op": "settings", "values": facts})
    with pytest.raises(SettingWrong):
        project.apply({"op": "settings", "values": written(board())})
    project.apply({"op": "settings", "values": {f"map.{0:012x}": None} | written(board())})
    assert len(maps(project.state.settings)) == MOST_MAPS


def test_two_people_who_edit_different_things_lose_nothing_in_any_order(store: Store) -> None:
    steps = [
        (MINJI, set_to(text="배송이 사흘이나 걸려요")),
        (JUNHO, moved_to("s2", "9")),
        (MINJI, set_to(colour="#aa3344")),
        (JUNHO, set_to(owner="준호")),
        (MINJI, felt("s1", -1.5)),
        (JUNHO, felt("s2", 2)),
        (MINJI, added("m")),
        (JUNHO, added("j", lane="do")),
    ]
    found = []
    for order in (steps, steps[::-1], [*steps[1::2], *steps[::2]]):
        project = store.create(f"{len(found)}")
        for person in (MINJI, JUNHO):
            project.add_member(person.id, person.name)
        project.apply({"op": "settings", "values": written(board())})
        for person, op in order:
            project.for_(person).apply(op)
        found.append(the(project))
    card = found[0].cards["c"]
    assert found[0] == found[1] == found[2]
    assert (card.text, card.stage, card.colour, card.owner) == (
        "배송이 사흘이나 걸려요",
        "s2",
        "#aa3344",
        "준호",
    )
    assert found[0].felt == {"": {"s1": -1.5, "s2": 2.0}} and {"m", "j"} <= set(found[0].cards)


def test_an_edit_that_is_sent_twice_is_done_once(minji: Project) -> None:
    ops = [{"seq": 1, **added("x")}, {"seq": 2, **gone("nobody")}, {"seq": 3, **moved_to("s2")}]
    first = minji.apply_ops("tab", ops)
    again = minji.apply_ops("tab", ops)
    assert (first.seq, [one.seq for one in first.refused], again.refused) == (3, [2], ())
    assert (again.state, again.state.revision) == (first.state, first.state.revision)
    minji.apply_ops("tab", [*ops, {"seq": 4, "op": "undo", "area": AREA}])
    assert (the(minji).cards["c"].stage, set(the(minji).cards)) == ("s1", {"c", "x"})


# ---- undo and redo --------------------------------------------------------------------------------------


def done(kept: dict[str, Any], edit: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The settings after an edit, what it wrote, and what was there."""
    try:
        after = dict(edited(ProjectState(settings=kept), of_map(edit, "0" * 12), lambda: None).settings)
    except Misuse:
        after = kept
    other = [name for name in {*kept, *after} if kept.get(name) != after.get(name)]
    return after, {name: after.get(name) for name in other}, {name: kept.get(name) for name in other}


def value_of(kept: dict[str, Any], key: tuple[str, ...]) -> Any:
    fact = kept.get(key[1])
    if len(key) == 2 or fact is None:
        return fact
    return [fact.get(name) for name in (("lane", "stage", "key") if key[2] == "place" else (key[2],))]


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(EDITS, max_size=7), EDITS, st.lists(EDITS, max_size=3))
def test_undo_leaves_what_others_did_since_and_takes_back_all_else(earlier, mine, theirs):
    kept = written(empty())
    for edit in earlier:
        kept, _, _ = done(kept, edit)
    before = kept
    kept, values, was = done(kept, mine)
    others: set[tuple[str, ...]] = set()
    for edit in theirs:
        kept, new, old = done(kept, edit)
        others |= touched(new, old)
    back, left = done_backwards(values, was, area("0" * 12), kept, others)
    assert all(value_of(back, key) == value_of(kept, key) for key in others)
    assert left or all(value_of(back, key) == value_of(before, key) for key in touched(values, was))
    assert others or back == before
    (whole,) = maps(back)
    assert {card.lane for card in whole.cards.values()} <= set(whole.lanes)


def test_each_takes_back_their_own_field_by_field(minji: Project, junho: Project) -> None:
    minji.apply(set_to(text="새 글", owner="민지"))
    junho.apply(moved_to("s2"))
    junho.apply(set_to(owner="준호"))
    state = undo(minji)
    card = the(junho).cards["c"]
    assert (card.text, card.stage, card.owner) == ("배송이 늦어요", "s2", "준호")
    assert [(one.code, one.values["who"]) for one in state.told] == [("history.undone_partly", "준호")]
    redo(minji)
    assert the(minji).cards["c"].text == "새 글"
    minji.apply(set_to(colour="#aa3344"))
    junho.apply(set_to(colour="#11aa11"))
    with pytest.raises(UndoHeld) as held:
        undo(minji)
    assert held.value.values == {"who": "준호"}
    # The next step goes on to what was done before.
    undo(minji)
    assert (the(minji).cards["c"].text, the(minji).cards["c"].colour) == ("배송이 늦어요", "#11aa11")


def test_a_lane_that_others_use_stays_and_a_card_does_not_come_back_into_none(
    minji: Project, junho: Project
) -> None:
    minji.apply(of_map({"op": "add_lane", "lane": {"id": "mine", "kind": "own", "key": "9", "name": "줄"}}))
    junho.apply(added("j", lane="mine"))
    with pytest.raises(UndoHeld) as held:
        undo(minji)
    assert held.value.values == {"who": "준호"}
    minji.apply(gone("j"))
    junho.apply(gone("mine", "lane"))
    with pytest.raises(UndoHeld):
        undo(minji)
    undo(junho)
    assert "mine" in the(junho).lanes


def test_undo_goes_through_one_map_and_leaves_stages_notebook_and_other_maps(minji: Project) -> None:
    minji.apply({"op": "settings", "values": written(board(B, "다른 지도"))})
    minji.apply({"op": "add_stage", "name": "인지"})
    minji.apply(added("x"))
    minji.apply({"op": "setting", "name": "notebook.order", "value": ["a"]})
    minji.apply(of_map(added("y")["edit"], B))
    assert (minji.steps(AREA), minji.steps(area(B)), minji.steps("maps")) == (
        (True, False),
        (True, False),
        (False, False),
    )
    state = undo(minji)
    assert ("x" in the(minji).cards, "y" in the(minji, B).cards) == (False, True)
    assert state.stage_map.names == ("인지",) and state.settings["notebook.order"] == ["a"]
    assert minji.steps(AREA) == (False, True)
    minji.undo()
    undo(minji, area(B))
    assert (minji.state.stage_map.names, set(the(minji, B).cards)) == ((), {"c"})
    redo(minji)
    assert "x" in the(minji).cards and not minji.state.stage_map.names


def test_going_back_to_an_earlier_state_leaves_the_maps(minji: Project) -> None:
    before = minji.head
    minji.apply({"op": "add_stage", "name": "인지"})
    minji.apply(added("x"))
    state = minji.restore(before)
    assert (state.stage_map.names, set(the(minji).cards)) == ((), {"c", "x"})


def test_a_map_that_was_removed_comes_back_and_one_that_was_made_does_not_go(
    minji: Project, junho: Project
) -> None:
    # Nobody takes a map away by a step: others may have worked on it.
    assert minji.for_(LOCAL).steps("maps") == minji.for_(LOCAL).steps(AREA) == (False, False)
    minji.apply(set_to(text="새 글"))
    was = the(minji)
    minji.apply({"op": "settings", "values": removed(minji.state.settings, A)})
    assert (junho.steps("maps"), minji.steps("maps")) == ((False, False), (True, False))
    undo(minji, "maps")
    assert the(junho) == was and minji.steps("maps") == (False, False)
    undo(minji)
    assert the(junho).cards["c"].text == "배송이 늦어요"


def test_all_is_undone_and_done_again_step_by_step(minji: Project) -> None:
    ops = [
        set_to(text="하나"),
        felt("s1", 1.5, "p"),
        set_to(persona="p", tags=["가", "나"]),
        gone("p", "persona"),
        moved_to("s2", lane="do"),
        gone("do", "lane"),
        of_map({"op": "set_map", "fields": {"name": "새 이름"}}),
        of_map({"op": "many", "edits": [added(f"n{at}")["edit"] for at in range(3)]}),
    ]
    states = [minji.state, *(minji.apply(op) for op in ops)]
    for state in reversed(states[:-1]):
        assert undo(minji).settings == state.settings
    assert minji.steps(AREA) == (False, True)
    for state in states[1:]:
        assert redo(minji).settings == state.settings
    assert minji.steps(AREA) == (True, False)


def test_what_was_done_before_there_were_areas_is_taken_back_where_it_was(minji: Project) -> None:
    minji.apply({"op": "add_stage", "name": "인지"})
    minji.apply(note("a", "하나", after=None, at=NOON, by=""))
    minji.apply({"op": "add_stage", "name": "구매"})
    minji.apply(note("b", "둘", after=None, at=NOON, by=""))
    minji.undo_notebook()
    with closing(sqlite3.connect(minji.database)) as connection:
        for index in ("edit_to_undo", "edit_to_redo", "edit_itself"):
            connection.execute(f"DROP INDEX {index}")
        connection.execute("ALTER TABLE edit DROP COLUMN area")
        for index in ("edit_to_undo", "edit_to_redo", "edit_itself"):
            connection.execute(f"CREATE INDEX {index} ON edit (number)")
        connection.execute("PRAGMA user_version = 5")
        connection.commit()
    assert (minji.can_undo, minji.steps("notebook")) == (True, (True, True))
    assert minji.undo().stage_map.names == ("인지",)
    assert {"notebook.cell.a", "notebook.cell.b"} <= set(minji.redo_notebook().settings)
    minji.undo_notebook()
    assert "notebook.cell.a" not in minji.undo_notebook().settings
    assert minji.undo().stage_map.names == ()


# ---- the history ----------------------------------------------------------------------------------------


def many(*ops: dict[str, Any]) -> dict[str, Any]:
    return of_map({"op": "many", "edits": [op["edit"] for op in ops]})


def lane_set(id_: str = "do", **fields: Any) -> dict[str, Any]:
    return of_map({"op": "set_lane", "id": id_, "fields": fields})


LONG = "  주문이\n " + "자꾸 " * 40
SHORT = ("주문이 " + "자꾸 " * 40)[:59].rstrip() + "…"
LANE = {"id": "own", "kind": "own", "key": "z", "name": "부서"}
LATE, SLOW = {"what": "배송이 늦어요"}, {"what": "배송이 느려요"}
OLD_AND_NEW = {"old": "단골 손님", "new": "새 손님"}
PERSONA = {"id": "q", "name": "큰손", "key": "i"}
STEPS = [
    (of_map({"op": "set_map", "fields": {"name": "새 손님"}}), "renamed", OLD_AND_NEW),
    (added("x", LONG), "card_added", {"what": SHORT}),
    (added("y", ""), "card_added_bare", {}),
    (many(added("n1"), added("n2")), "cards_added", {"n": 2}),
    (many(moved_to("s2", id_="n1"), moved_to("s2", id_="n2")), "cards_moved", {"n": 2}),
    (many(set_to("n1", owner="민지"), set_to("n2", owner="민지")), "cards_changed", {"n": 2}),
    (many(gone("n1"), gone("n2")), "cards_removed", {"n": 2}),
    (moved_to("s2"), "card_moved_to", {**LATE, "to": "구매"}),
    (moved_to("s2", "a"), "card_moved", LATE),
    (moved_to("s2", id_="y"), "card_moved_bare", {}),
    (set_to(text="배송이 느려요"), "card_reworded", SLOW),
    (set_to(link={"kind": "stage", "stage": "s1"}), "card_bound", SLOW),
    (set_to(link={}), "card_unbound", SLOW),
    *((set_to(state=state), f"card_state_{state}", SLOW) for state in STATES[1:]),
    (set_to(test="b" * 12), "card_tested", SLOW),
    (set_to(owner="준호"), "card_changed", SLOW),
    (set_to("y", state="doing"), "card_changed_bare", {}),
    (gone("y"), "card_removed_bare", {}),
    (gone("x"), "card_removed", {"what": SHORT}),
    (of_map({"op": "add_lane", "lane": LANE}), "lane_added", {"what": "부서"}),
    (of_map({"op": "add_lane", "lane": {**LANE, "id": "o", "name": ""}}), "lane_added_bare", {}),
    (lane_set("own", name="담당"), "lane_renamed", {"what": "담당"}),
    (lane_set("own", hidden=True), "lane_hidden", {"what": "담당"}),
    (lane_set("own", hidden=False), "lane_shown", {"what": "담당"}),
    (lane_set(hidden=True), "lane_hidden_bare", {}),
    (lane_set(hidden=False), "lane_shown_bare", {}),
    (lane_set(key="2"), "lanes_ordered", {}),
    (gone("own", "lane"), "lane_removed", {"what": "담당"}),
    (gone("do", "lane"), "lane_removed_bare", {}),
    (set_to(persona="p"), "card_changed", SLOW),
    (felt("s1", 1, "p"), "curve_drawn", {}),
    (
        of_map({"op": "set_persona", "id": "p", "fields": {"name": "새내기"}}),
        "persona_changed",
        {"what": "새내기"},
    ),
    (gone("p", "persona"), "persona_removed", {"what": "새내기"}),
    (of_map({"op": "add_persona", "persona": PERSONA}), "persona_added", {"what": "큰손"}),
    (many(added("z"), gone("c")), "cards_changed", {"n": 2}),
    (many(added("w"), felt("s2", 1)), "changed", {}),
]


def test_each_edit_is_told_in_the_history(project: Project) -> None:
    project.apply({"op": "add_stage", "name": "인지"})
    project.apply({"op": "add_stage", "name": "구매"})
    to_be = written(replace(board(B, "앞으로"), version="to_be", of=A))
    steps = [
        ({"op": "settings", "values": written(board())}, "added", {"map": "단골 손님"}),
        ({"op": "settings", "values": to_be}, "added_to_be", {"map": "앞으로"}),
        *STEPS,
        ({"op": "settings", "values": {AREA: None}}, "removed", {"map": "새 손님"}),
    ]
    for op, code, values in steps:
        project.apply(op)
        said = project.happened(1)[0].finding
        assert said.code == f"history.map_{code}"
        assert dict(said.values) == {"map": "새 손님", **values} or (
            code == "renamed" and said.values == values
        )
        assert all(text(said.code, language, **said.values) for language in LANGUAGES)


def test_who_writes_over_something_unseen_is_told_and_so_is_who_wrote_it(
    minji: Project, junho: Project
) -> None:
    seen = minji.revision
    junho.apply(set_to(text="준호의 글"))
    junho.apply(lane_set(name="하는 일"))
    queue = [
        {"seq": 1, "base": seen, **moved_to("s2")},
        {"seq": 2, "base": seen, **set_to(text="민지의 글")},
        {"seq": 3, "base": seen, **lane_set(name="행동")},
    ]
    told = minji.apply_ops("tab", queue)
    assert [(seq, one.code, dict(one.values)) for seq, one in told.over] == [
        (2, "history.over_map_card", {"who": "준호", "what": "민지의 글"}),
        (3, "history.over_map", {"who": "준호", "map": "단골 손님"}),
    ]
    assert [one.code for one in junho.overridden(seen)] == [
        "history.overridden_map_card",
        "history.overridden_map",
    ]
    assert the(junho).cards["c"].text == "민지의 글"


# ---- what leaves with an exported file ------------------------------------------------------------------


def leaving(project: Project, *, with_data: bool) -> Board:
    return map_named(json.loads(state_bytes(project.state, with_data=with_data))["settings"], A)


def test_a_map_travels_whole_but_for_the_names_of_its_team(project: Project) -> None:
    voice = {"kind": "interview", "who": "고객 3", "quote": "느려요"}
    cards = {
        "c": Card("c", "pain", "s1", "i", text="배송", owner="준호", by="준호", tags=("가",), source=voice),
        "d": Card("d", "do", "s1", "i", link={"kind": "segment", "segment": "0" * 12}, test="1" * 12),
        "e": Card("e", "do", "s1", "r", text="결제", link={"kind": "event", "event": "결제"}, state="doing"),
        "f": Card("f", "do", "s2", "r", source={"kind": "import", "name": "비밀.csv"}),
    }
    whole = replace(board(), cards=cards, felt={"": {"s1": -1.0}, "p": {"s2": 2.0}})
    project.apply({"op": "settings", "values": written(whole)})
    nobody = {id_: replace(card, owner="", by="") for id_, card in cards.items()}
    assert leaving(project, with_data=True) == replace(whole, by="", cards=nobody)
    # Without data what customers said stays behind, and all that names what stood in a cell.
    bare = {
        "d": replace(cards["d"], link={}, test=""),
        "e": cards["e"],
        "f": replace(cards["f"], source={}),
    }
    assert leaving(project, with_data=False) == replace(whole, by="", cards=bare)


FACTS = st.dictionaries(
    st.sampled_from(["name", "kind", "key", "hidden", "lane", "stage", "text", "tags", "at", "s1", "link"]),
    st.sampled_from([None, 1, 2.5, True, "", "i", "pains", [], ["가"], {}, {"kind": []}, "\x00"]),
)
NAMES = st.builds(
    lambda tail: f"{AREA}{tail}", st.sampled_from(["", ".lane.a", ".card.c", ".persona.p", ".felt.all", ".x"])
)


@settings(max_examples=examples(100), deadline=None)
@given(st.dictionaries(NAMES, FACTS | st.sampled_from([None, 1, "x", []])))
def test_what_somebody_else_made_of_a_map_is_read_or_left_alone(told: dict[str, Any]) -> None:
    for one in maps(told):
        assert one.ordered_lanes is not None and one.ordered_personas is not None
        assert changed(one, one) == {}
        assert one.cell("a", "s1") is not None
        assert set(written(one)) <= set(told)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("", {"name": "x\ud800" * 9_000, "by": "\ud800", "of": {"a": 1}, "at": 5}),
        (".felt.all", {"s1": 10**400, "s2": 1}),
        (".felt.all", {"s1": "x", "": 1}),
        (".persona.all", {"name": "x", "key": "i"}),
        (".card.c9", {"lane": "gone", "stage": "__proto__", "key": "i", "effort": 10**400}),
    ],
)
def test_what_a_file_may_have_brought_breaks_no_map(name, value):
    facts = {f"{area(A)}": {"name": "x"}, f"{area(A)}{name}": value}
    (board,) = maps(facts)
    json.dumps(written(board), ensure_ascii=False).encode()
    assert len(board.name) <= 200 and "all" not in board.personas
    assert all(-2 <= one <= 2 for one in board.felt.get("", {}).values())


# ---- many, and too many ---------------------------------------------------------------------------------


@given(EDITS)
@settings(max_examples=examples(25), deadline=None)
def test_maps_that_are_read_again_say_what_maps_that_are_read_once_say(edits: Any) -> None:
    reader, now = Reader(), written(empty())
    for edit in [None, *edits]:
        if edit is not None:
            try:
                now = edited(ProjectState(settings=now), of_map(edit, empty().id), lambda: None).settings
            except Misuse:
                continue
        # As they come from the disk: equal, and other objects.
        assert reader.maps(json.loads(json.dumps(now))) == maps(now)


def test_only_what_another_fact_is_now_is_read_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, now = Reader(), written(board()) | written(board(B))
    reader.maps(now)
    read = []
    monkeypatch.setattr(
        "journey.projects.maps.card_from_json",
        lambda told: read.append(told["id"]) or Card("c", "do", "s1", "i"),
    )
    changed_card = now | {f"map.{A}.card.c": {**now[f"map.{A}.card.c"], "text": "빨라요"}}
    assert [one.id for one in reader.maps(changed_card)] == [A, B] and read == ["c"]
    assert [one.id for one in reader.maps(written(board(B)))] == [B] and read == ["c"]


def test_a_full_project_refuses_in_words_what_grows_and_nothing_else(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.apply({"op": "settings", "values": written(board())})
    size = states.written_size(project.state.settings)
    monkeypatch.setattr(states, "LARGEST_SETTINGS", size + 50)
    with pytest.raises(ProjectFull) as told:
        project.apply(added("n", "가" * 50))
    assert told.value.values["most"] == size + 50
    for language in LANGUAGES:
        assert "settings" not in text(told.value.key, language, **told.value.values)
    # A board hears why, and what comes after it is done: also what makes room, however full it is.
    monkeypatch.setattr(states, "LARGEST_SETTINGS", 10)
    ops = [added("n"), moved_to("s2"), of_map({"op": "remove_card", "id": "c"})]
    done = project.apply_ops("hand", [{**op, "seq": at} for at, op in enumerate(ops, 1)])
    assert [(one.seq, type(one.error)) for one in done.refused] == [(1, ProjectFull)]
    assert map_named(done.state.settings, A).cards == {}
    # How somebody looks at a page is not what people wrote.
    project.apply({"op": "setting", "name": "journey_map.view", "value": "table"})
    assert project.state.settings["journey_map.view"] == "table"
