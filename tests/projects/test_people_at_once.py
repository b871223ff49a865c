"""Two people who edit, undo and redo at random: nobody's work is missing unless it was told."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from journey.errors import Misuse, UndoHeld
from journey.projects.history import Edit
from journey.projects.person import LOCAL, Person
from journey.projects.project import Project
from journey.projects.store import Store
from journey.stages.stage_map import StageMap
from tests.endurance import examples

PEOPLE = (Person("minji@a.kr", "민지"), Person("junho@a.kr", "준호"))
EVENTS = ("view", "cart", "buy")


class Two(RuleBasedStateMachine):
    """A model of cards: whoever put a card last holds it, until they take that back themselves."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        project = Store(Path(self.folder.name)).create("two")
        for name in "AB":
            project.apply({"op": "add_stage", "name": name})
        self.hands = []
        for person in PEOPLE:
            project.add_member(person.id, person.name)
            self.hands.append(project.for_(person))
        self.project, self.stepped = project, [0, 0]

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.folder.cleanup()

    who = st.integers(0, 1)
    ops = st.one_of(
        st.builds(
            lambda e, to: {"op": "place", "event": e, "to": to},
            st.sampled_from(EVENTS),
            st.sampled_from(["s1", "s2", "s3", "tray", "bin"]),
        ),
        st.builds(lambda n: {"op": "add_stage", "name": n}, st.sampled_from(["C", "D"])),
        st.builds(lambda s: {"op": "remove_stage", "stage": s}, st.sampled_from(["s2", "s3"])),
        st.builds(
            lambda s, n: {"op": "rename_stage", "stage": s, "name": n},
            st.sampled_from(["s1", "s2", "s3"]),
            st.sampled_from(["A", "D", "E"]),
        ),
    )

    @rule(who=who, op=ops)
    def edit(self, who: int, op: dict[str, Any]) -> None:
        number = self.project.head
        try:
            self.hands[who].apply(op)
        except Misuse:
            assert self.project.head == number

    @rule(who=who, back=st.booleans())
    def step(self, who: int, back: bool) -> None:
        mine, before = self.hands[who], self.project.state
        # Redo brings again what was put over the other's before: only what they did since is theirs.
        theirs = self._held_by(1 - who, since=0 if back else self.stepped[who])
        try:
            (mine.undo if back else mine.redo)()
        except UndoHeld:
            assert self.project.state == before
        self.stepped[who] = self.project.head
        after = self.project.state.stage_map
        # What the other put last, and has not taken back, is where it was.
        for event, to in theirs.items():
            if _place(before.stage_map, event) == to:
                assert _place(after, event) == to

    def _held_by(self, who: int, since: int) -> dict[str, str | None]:
        """The cards that this person was the last to put by hand in an edit that stands, and where."""
        last: dict[str, tuple[Edit, str | None]] = {}
        for edit in reversed(self.project.history(1000)):
            if edit.op["op"] == "place" and not edit.undone:
                last[edit.op["event"]] = (edit, None if edit.op["to"] == "tray" else edit.op["to"])
        mine = PEOPLE[who].key
        return {e: to for e, (edit, to) in last.items() if edit.person == mine and edit.number > since}

    @invariant()
    def is_sound(self) -> None:
        if not hasattr(self, "hands"):
            return
        state = self.project.state
        assert StageMap.from_json(state.stage_map.to_json()) == state.stage_map
        assert self.project.state_at(self.project.head).stage_map == state.stage_map


def _place(stage_map: StageMap, event: str) -> str | None:
    return "bin" if event in stage_map.ignored else stage_map.stage_of(event)


TestTwo = Two.TestCase
TestTwo.settings = settings(max_examples=examples(8), stateful_step_count=15, deadline=None)


def test_threads_of_two_people_lose_nothing(project: Project) -> None:
    for name in "AB":
        project.apply({"op": "add_stage", "name": name})
    for person in PEOPLE:
        project.add_member(person.id, person.name)
    failed: list[BaseException] = []

    def work(person: Person) -> None:
        mine = project.for_(person)
        try:
            for n in range(12):
                for kind in ("kept", "undone"):
                    mine.apply({"op": "place", "event": f"{person.name} {kind} {n}", "to": "s1"})
                mine.undo()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(person,)) for person in PEOPLE]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    kept = {f"{person.name} kept {n}" for person in PEOPLE for n in range(12)}
    assert set(project.state.stage_map.events) == kept
    assert project.head == 3 + 2 * 12 * 3


def test_a_clock_that_goes_backwards_changes_no_undo(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = project.for_(LOCAL)
    for name, at in (("A", 9_000), ("B", 5_000), ("C", 1_000)):
        monkeypatch.setattr("journey.projects.clock.time.time_ns", lambda at=at: at * 1000)
        mine.apply({"op": "add_stage", "name": name})
    assert [line.finding.values.get("stage") for line in mine.happened()] == ["C", "B", "A", None]
    assert mine.undo().stage_map.names == ("A", "B")
    assert mine.undo().stage_map.names == ("A",)
    assert mine.redo().stage_map.names == ("A", "B")
