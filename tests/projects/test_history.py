"""History only grows: each person takes back their own, nobody's work is lost, everybody is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from journey.errors import SettingWrong, UndoHeld
from journey.events.log import EventLog
from journey.findings import Finding
from journey.i18n import LANGUAGES, text
from journey.projects.person import LOCAL, Person
from journey.projects.project import Project
from journey.projects.store import Store
from journey.stages.stage_map import StageMap
from tests.projects.older_file import older_file
from tests.projects.one_file import put_log

MINJI, JUNHO = Person("minji@a.kr", "민지"), Person("junho@a.kr", "준호")


def add(name: str) -> dict[str, Any]:
    return {"op": "add_stage", "name": name}


def place(event: str, to: str, **more: Any) -> dict[str, Any]:
    return {"op": "place", "event": event, "to": to, **more}


@pytest.fixture
def minji(project: Project) -> Project:
    """A project with two stages that neither of the two has made."""
    mine = project.for_(LOCAL)
    mine.apply(add("A"))
    mine.apply(add("B"))
    for person in (MINJI, JUNHO):
        mine.add_member(person.id, person.name)
    return project.for_(MINJI)


@pytest.fixture
def junho(minji: Project) -> Project:
    return minji.for_(JUNHO)


# ---- undo among several people --------------------------------------------------------------------------


def test_each_takes_back_their_own_and_leaves_the_others(minji: Project, junho: Project) -> None:
    minji.apply(place("view", "s1"))
    junho.apply(place("buy", "s2"))
    state = minji.undo()
    assert dict(state.stage_map.events) == {"buy": "s2"}
    assert (state.can_undo, state.can_redo, state.told) == (False, True, ())
    assert junho.state.can_undo and not junho.state.can_redo
    assert dict(minji.redo().stage_map.events) == {"view": "s1", "buy": "s2"}
    assert dict(junho.undo().stage_map.events) == {"view": "s1"}


def test_what_somebody_changed_since_stays_theirs_and_is_told(minji: Project, junho: Project) -> None:
    minji.apply({"op": "place_many", "events": ["view", "buy"], "to": "s1"})
    junho.apply(place("buy", "s2"))
    state = minji.undo()
    assert dict(state.stage_map.events) == {"buy": "s2"}
    (told,) = state.told
    assert (told.code, told.values["who"], told.values["what"]) == (
        "history.undone_partly_cards",
        "준호",
        "buy",
    )
    assert [line.finding.code for line in minji.happened(3)] == [
        "history.undone_partly_cards",
        "history.moved",
        "history.many_moved",
    ]
    # Redo brings again just what undo took.
    assert dict(minji.redo().stage_map.events) == {"view": "s1", "buy": "s2"}


def test_undo_of_what_others_hold_is_refused_and_then_goes_on(minji: Project, junho: Project) -> None:
    minji.apply(place("view", "s1"))
    minji.apply(place("buy", "s1"))
    junho.apply(place("buy", "s2"))
    before = minji.state
    with pytest.raises(UndoHeld) as held:
        minji.undo()
    assert held.value.values == {"who": "준호"}
    assert minji.state == before
    assert dict(minji.undo().stage_map.events) == {"buy": "s2"}


def test_a_card_that_somebody_put_back_where_it_was_is_theirs(minji: Project, junho: Project) -> None:
    minji.apply(place("view", "s1"))
    junho.apply(place("view", "s2"))
    junho.apply(place("view", "s1"))
    with pytest.raises(UndoHeld):
        minji.undo()
    junho.undo()
    junho.undo()
    assert minji.state.stage_map.stage_of("view") == "s1"


def test_a_stage_in_which_somebody_put_a_card_stays(minji: Project, junho: Project) -> None:
    minji.apply(add("C"))
    junho.apply(place("view", "s3"))
    with pytest.raises(UndoHeld):
        minji.undo()
    assert minji.state.stage_map.names == ("A", "B", "C")


def test_the_undo_of_a_board_is_its_persons(minji: Project, junho: Project) -> None:
    minji.apply_ops("board-m", [{"seq": 1, **place("view", "s1")}])
    junho.apply_ops("board-j", [{"seq": 1, **place("buy", "s2")}])
    done = minji.apply_ops("board-m", [{"seq": 2, "op": "undo"}, {"seq": 3, "op": "undo"}])
    assert (dict(done.state.stage_map.events), done.refused) == ({"buy": "s2"}, ())


def test_files_that_changed_since_cannot_be_taken_back(
    minji: Project, junho: Project, log: EventLog, log_of: Callable[..., EventLog]
) -> None:
    put_log(minji.for_(LOCAL), b"0", "0.csv", log_of("first"))
    put_log(minji, b"1", "1.csv", log, stage_map=StageMap().add_stage("X"))
    put_log(junho, b"2", "2.csv", log_of("open"))
    with pytest.raises(UndoHeld):
        minji.undo()
    assert minji.state.stage_map.names == ("X",)
    assert junho.undo().data is not None
    data = minji.state.data
    assert data is not None and data.files[0].name == "1.csv"


# ---- over somebody unseen -------------------------------------------------------------------------------


def test_the_last_holds_and_both_are_told(minji: Project, junho: Project) -> None:
    base = minji.revision
    minji.apply(place("view", "s1"))
    done = junho.apply_ops("board", [{"seq": 1, **place("view", "s2", base=base)}])
    assert done.state.stage_map.stage_of("view") == "s2"
    assert done.over == ((1, Finding("history.over_event", {"who": "민지", "what": "view", "to": "A"})),)
    told = Finding("history.overridden_event", {"who": "준호", "what": "view", "to": "B"})
    assert minji.overridden(base) == (told,)
    assert minji.overridden(minji.revision) == junho.overridden(0) == ()
    theirs, mine = minji.happened(2)
    assert (theirs.over, mine.over, mine.name, theirs.name) == (mine.number, None, "민지", "준호")
    assert "base" not in minji.history(1)[0].op


def test_different_things_are_over_nothing(minji: Project, junho: Project) -> None:
    base = minji.revision
    minji.apply(place("view", "s1"))
    ops = [{"seq": 1, **place("buy", "s2", base=base)}, {"seq": 2, **add("C"), "base": base}]
    assert junho.apply_ops("board", ops).over == ()


def test_another_window_of_ones_own_is_told_too(minji: Project) -> None:
    base = minji.revision
    minji.apply_ops("one", [{"seq": 1, **place("view", "s1")}])
    assert minji.apply_ops("one", [{"seq": 2, **place("view", "bin", base=base)}]).over == ()
    other = minji.apply_ops("other", [{"seq": 1, **place("view", "s2", base=base)}])
    assert [said.code for _, said in other.over] == ["history.over_elsewhere"]
    assert minji.overridden(0) == ()


@pytest.mark.parametrize("base", [-1, True, "1", 1.5])
def test_a_base_that_is_no_revision_is_refused(minji: Project, base: Any) -> None:
    with pytest.raises(SettingWrong):
        minji.apply(place("view", "s1", base=base))


# ---- what happened --------------------------------------------------------------------------------------

OPS: list[tuple[dict[str, Any], str]] = [
    (place("view", "s1"), "placed"),
    (place("view", "s2"), "moved"),
    (place("view", "bin"), "placed_bin"),
    (place("view", "tray"), "placed_tray"),
    ({"op": "place_many", "events": ["a", "b"], "to": "s1"}, "many_moved"),
    ({"op": "add_rule", "pattern": "c*", "to": "s1"}, "rule_added"),
    ({"op": "move_rule", "pattern": "c*", "to": "bin"}, "rule_moved_bin"),
    ({"op": "remove_rule", "pattern": "c*"}, "rule_removed"),
    (add("C"), "stage_added"),
    ({"op": "rename_stage", "stage": "s3", "name": "D"}, "stage_renamed"),
    ({"op": "move_stage", "stage": "s3", "at": 0}, "stage_moved"),
    ({"op": "recolour", "stage": "s3", "colour": "#112233"}, "stage_recoloured"),
    ({"op": "set_goal", "stage": "s1"}, "goal_set"),
    ({"op": "set_goal", "stage": None}, "goal_cleared"),
    ({"op": "remove_stage", "stage": "s1"}, "stage_removed_cards"),
    ({"op": "remove_stage", "stage": "s2"}, "stage_removed"),
    ({"op": "template", "template": "six", "language": "en"}, "template"),
    ({"op": "replace", "map": {"stages": ["X"]}}, "replaced"),
]


def test_every_edit_says_what_it_did(minji: Project) -> None:
    for op, _ in OPS:
        minji.apply(op)
    lines = minji.happened(len(OPS))
    assert [line.finding.code for line in lines[::-1]] == [f"history.{code}" for _, code in OPS]
    assert {line.name for line in lines} == {"민지"}
    by_code = {line.finding.code.removeprefix("history."): line.finding.values for line in lines}
    assert by_code["moved"] == {"event": "view", "origin": "A", "to": "B"}
    assert by_code["stage_renamed"] == {"old": "C", "new": "D"}
    assert by_code["stage_removed_cards"] == {"stage": "A", "n": 2}
    assert by_code["stage_removed"] == {"stage": "B"}
    for line in lines:
        for language in LANGUAGES:
            assert text(line.finding.code, language, **line.finding.values)


def test_names_in_the_history_are_those_of_then(minji: Project) -> None:
    minji.apply(place("view", "s1"))
    minji.apply({"op": "rename_stage", "stage": "s1", "name": "Z"})
    assert minji.happened(2)[1].finding.values == {"event": "view", "to": "A"}


def test_files_are_named(minji: Project, log: EventLog, log_of: Callable[..., EventLog]) -> None:
    put_log(minji, b"1", "5월.csv", log)
    put_log(minji, b"2", "6월.csv", log_of("open"))
    replaced, added = minji.happened(2)
    assert added.finding == Finding("history.files_added", {"n": 1, "files": "5월.csv"})
    assert replaced.finding == Finding("history.files_replaced", {"old": "5월.csv", "new": "6월.csv"})


def test_an_undone_edit_is_marked_and_a_step_is_no_line(minji: Project) -> None:
    minji.apply(place("view", "s1"))
    minji.undo()
    assert [(line.finding.code, line.undone) for line in minji.happened(2)] == [
        ("history.placed", True),
        ("history.stage_added", False),
    ]
    minji.redo()
    assert not minji.happened(1)[0].undone


def test_lines_come_in_pages(minji: Project) -> None:
    lines = minji.happened()
    assert [line.number for line in lines] == [3, 2, 1]
    assert minji.happened(2, before=lines[0].number) == lines[1:]
    assert minji.happened(5, before=1) == ()


# ---- going back -----------------------------------------------------------------------------------------


def test_going_back_loses_nothing_that_came_later(minji: Project, junho: Project) -> None:
    early = minji.head
    version = minji.keep_version("  처음\n그대로 ")
    junho.apply(place("view", "s1"))
    late = junho.state
    state = minji.restore(version.edit)
    assert (version.name, version.by, version.edit) == ("처음 그대로", "민지", early)
    assert state.stage_map == minji.state_at(early).stage_map
    assert minji.state_at(early + 1).stage_map == late.stage_map
    assert minji.undo() == late
    assert [line.version for line in minji.happened(3)] == [None, None, "처음 그대로"]
    assert minji.happened(1)[0].finding == Finding("history.restored_version", {"version": "처음 그대로"})
    minji.rename_version(version.id, "시작")
    assert [kept.name for kept in junho.versions()] == ["시작"]
    minji.drop_version(version.id)
    assert minji.versions() == ()
    assert minji.head > early


def test_going_back_never_takes_the_data_away(minji: Project, log: EventLog) -> None:
    put_log(minji, b"1", "1.csv", log)
    state = minji.restore(1)
    assert state.data is not None and state.stage_map.names == ()


@pytest.mark.parametrize("edit", [0, 99, -1, True, "1", None])
def test_there_is_no_going_back_to_what_never_was(minji: Project, edit: Any) -> None:
    with pytest.raises(SettingWrong):
        minji.restore(edit)


@pytest.mark.parametrize("change", [lambda p: p.rename_version(9, "x"), lambda p: p.drop_version(9)])
def test_a_version_that_is_not_there_is_told(minji: Project, change: Callable[[Project], None]) -> None:
    with pytest.raises(SettingWrong):
        change(minji)
    with pytest.raises(SettingWrong):
        minji.keep_version(" \n")


# ---- the number that is pushed, and settings ------------------------------------------------------------


def test_the_head_grows_with_edits_and_steps_and_not_with_settings(minji: Project) -> None:
    heads = [minji.head]
    for change in (
        lambda: minji.apply(place("view", "s1")),
        minji.undo,
        minji.redo,
        lambda: minji.restore(1),
    ):
        change()
        heads.append(minji.head)
    assert heads == sorted(set(heads))
    revision = minji.revision
    minji.apply({"op": "setting", "name": "confirmed", "value": ["view"]})
    assert (minji.head, minji.revision) == (heads[-1], revision + 1)


def test_how_pages_are_looked_at_is_each_persons_own(minji: Project, junho: Project) -> None:
    values = {"period": ["2024-01-01", "2024-02-01"], "flows.steps": 3, "confirmed": ["a"]}
    minji.apply({"op": "settings", "values": values})
    assert minji.state.settings == values
    assert junho.apply({"op": "setting", "name": "flows.steps", "value": 9}).settings == {
        "flows.steps": 9,
        "confirmed": ["a"],
    }
    assert minji.apply({"op": "setting", "name": "flows.steps", "value": None}).settings == {
        "period": values["period"],
        "confirmed": ["a"],
    }


# ---- projects of before ---------------------------------------------------------------------------------


def test_a_project_of_before_opens_with_its_line_and_its_undone_end(store: Store, project: Project) -> None:
    maps = [StageMap()]
    for name in "ABCD":
        maps.append(maps[-1].add_stage(name))
    dropped = maps[1].add_stage("X")
    line = [
        ({"op": "create"}, None, maps[0], None),
        (add("A"), None, maps[1], None),
        (add("X"), None, dropped, 4),
        *((add(name), None, maps[at], None) for at, name in ((2, "B"), (3, "C"), (4, "D"))),
    ]
    settings = {"flows.steps": 4, "confirmed": ["a"]}
    file: Path = store.home / "projects" / project.id / "project.sqlite"
    older_file(file, 2, line, head=4, settings=settings)
    opened = Store(store.home).open(project.id)
    state = opened.state
    assert (state.stage_map, state.settings) == (maps[2], settings)
    assert (state.revision, state.can_undo, state.can_redo) == (6, True, True)
    assert [(edit.op.get("name"), edit.undone) for edit in opened.history()] == [
        ("D", True),
        ("C", True),
        ("B", False),
        ("A", False),
        (None, False),
    ]
    assert [line.finding.values.get("stage") for line in opened.happened()] == ["D", "C", "B", "A", None]
    assert [opened.redo().stage_map for _ in range(2)] == maps[3:]
    assert [opened.undo().stage_map for _ in range(5)] == [*maps[3::-1], maps[0]]
    # Who has not chosen otherwise sees what was chosen before people had settings of their own.
    opened.add_member(MINJI.id, MINJI.name)
    other = opened.for_(MINJI)
    assert other.apply({"op": "setting", "name": "flows.steps", "value": None}).settings == {
        "confirmed": ["a"]
    }
    assert opened.state.settings == settings
    assert not other.state.can_undo
