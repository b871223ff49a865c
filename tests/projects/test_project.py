from __future__ import annotations

import datetime as dt
import logging
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from journey.errors import (
    JourneyError,
    Misuse,
    NotStored,
    ProjectDamaged,
    ProjectFull,
    SettingWrong,
    StageUnknown,
)
from journey.events.kinds import TableChoice
from journey.events.log import EventLog
from journey.projects import data_files, database
from journey.projects.project import Project
from journey.projects.state import ProjectState
from journey.projects.store import Store
from journey.sources.how import How
from journey.stages import edits
from journey.stages.stage_map import StageMap
from tests.endurance import examples
from tests.projects.one_file import put_log

RAW = b"customer,event,time\n"
CHOICE = TableChoice(
    "events",
    {"customer": ("customer",), "event": ("event",), "time": ("time",), "attributes": ("channel",)},
    date_order="dmy",
    drop_duplicates=True,
)


def setting(name: str, value: Any) -> dict[str, Any]:
    return {"op": "setting", "name": name, "value": value}


def add(name: str) -> dict[str, Any]:
    return {"op": "add_stage", "name": name}


# ---- edits ----------------------------------------------------------------------------------------------


def test_every_edit_is_seen_by_whoever_opens_the_project_next(store: Store, project: Project) -> None:
    project.apply(add("인지"))
    project.apply({"op": "place", "event": "view", "to": "s1"})
    returned = project.apply(setting("flows.steps", 4))
    again = store.open(project.id).state
    assert again == returned == project.state
    assert again.stage_map.names == ("인지",)
    assert again.stage_map.stage_of("view") == "s1"
    assert again.settings == {"flows.steps": 4}
    assert again.revision == returned.revision == project.revision == 3


def test_a_map_is_changed_as_the_stages_floor_says(project: Project) -> None:
    expected = StageMap()
    for op in (add("A"), add("B"), {"op": "move_stage", "stage": "s2", "at": 0}):
        expected = edits.apply(expected, op)
        assert project.apply(op).stage_map == expected


@pytest.mark.parametrize(
    "op",
    [
        {"op": "place", "event": "view", "to": "s9"},
        {"op": "no such thing"},
        {"op": "create"},
        {"op": 3},
        {},
        [],
        None,
        {"op": "place"},
        setting("Steps", 1),
        setting("", 1),
        setting("a" * 81, 1),
        setting("../x", 1),
        {"op": "setting", "value": 1},
        setting("steps", float("nan")),
        setting("steps", {1, 2}),
        setting("steps", "x" * 1_000_001),
        {"op": "settings", "values": [1]},
        {"op": "settings", "values": {"A": 1}},
        {"op": "data"},
        {"op": "data", "data": {"fingerprint": "0" * 64, "raw": "0" * 64, "file_name": "a.csv"}},
        {"op": "data", "data": {"fingerprint": "../..", "raw": "..", "file_name": "a.csv"}},
        {"op": "data", "data": {"fingerprint": 1, "raw": 2, "file_name": 3}},
        {"op": "data", "data": {"unknown": 1, "fingerprint": "", "raw": "", "file_name": ""}},
        {"op": "replace", "map": {"stages": ["A", "A"]}},
        {"op": "place", "event": "x" * 9_000_000, "to": "tray"},
        {"op": "place", "event": "\ud83d", "to": "bin"},
    ],
)
def test_what_cannot_be_done_is_refused_and_changes_nothing(project: Project, op: Any) -> None:
    before = project.apply(setting("steps", 3))
    with pytest.raises(Misuse):
        project.apply(op)
    assert project.state == before
    assert project.revision == before.revision
    assert len(project.history()) == 1


def test_a_value_nested_without_end_is_refused(project: Project) -> None:
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(SettingWrong):
        project.apply(setting("steps", value))
    while value:
        value = value[0]


def test_settings_together_are_bounded(project: Project) -> None:
    for number in range(15):
        project.apply(setting(f"a{number}", "x" * 250_000))
    with pytest.raises(ProjectFull):
        project.apply({"op": "settings", "values": {"b": "x" * 250_000}})
    assert len(project.state.settings) == 15


@pytest.mark.parametrize(
    "value",
    [0, 1.5, "", "가", "\ud83d", [1, [2]], {"나": None, "a": {"b": []}}, True, False, 2**70, "</script>"],
)
def test_a_setting_comes_back_as_it_was(store: Store, project: Project, value: Any) -> None:
    project.apply(setting("x", value))
    assert store.open(project.id).state.settings == {"x": value}


def test_nothing_takes_a_setting_away(project: Project) -> None:
    project.apply({"op": "settings", "values": {"a": 1, "b": 2}})
    assert project.apply(setting("a", None)).settings == {"b": 2}


def test_a_callers_copy_of_the_settings_is_not_the_projects(project: Project) -> None:
    given = [1]
    state = project.apply(setting("x", given))
    given.append(2)
    state.settings["x"].append(3)
    assert project.state.settings == {"x": [1]}


def test_an_edit_that_changes_nothing_is_no_edit(project: Project) -> None:
    project.apply(add("A"))
    project.apply({"op": "rename_stage", "stage": "s1", "name": "A"})
    project.apply(setting("x", None))
    assert project.revision == 1
    assert len(project.history()) == 2


def test_settings_are_kept_beside_the_history(project: Project) -> None:
    project.apply(add("A"))
    project.apply(setting("x", 1))
    state = project.undo()
    assert (state.stage_map.names, state.settings) == ((), {"x": 1})
    project.apply(setting("x", 2))
    assert project.can_redo
    state = project.redo()
    assert (state.stage_map.names, state.settings) == (("A",), {"x": 2})
    assert [edit.op["op"] for edit in project.history()] == ["add_stage", "create"]
    assert state.revision == 5


# ---- undo, redo, history --------------------------------------------------------------------------------


def test_undo_and_redo_walk_the_line(project: Project) -> None:
    states = [project.state] + [project.apply(add(name)) for name in "ABC"]
    for state in states[-2::-1]:
        assert project.undo() == state
    assert not project.can_undo
    for state in states[1:]:
        assert project.redo() == state
    assert not project.can_redo
    assert project.revision == 9


def test_undo_at_the_beginning_and_redo_at_the_end_do_nothing(project: Project) -> None:
    assert project.undo() == project.redo() == ProjectState()
    assert project.revision == 0


def test_an_edit_after_undo_ends_redo_and_keeps_the_rows(store: Store, project: Project) -> None:
    for name in "ABC":
        project.apply(add(name))
    project.undo()
    project.undo()
    state = project.apply(add("D"))
    assert (state.can_undo, state.can_redo) == (True, False)
    assert project.redo() == state
    assert [edit.op.get("name") for edit in project.history()] == ["D", "A", None]
    file = store.home / "projects" / project.id / "project.sqlite"
    with database.reading(file) as connection:
        # Two undone edits, and what took them back.
        assert connection.execute("SELECT count(*) FROM edit").fetchone() == (7,)
    assert project.undo().stage_map.names == ("A",)


def test_history_says_what_was_done_when_and_through_whom(project: Project) -> None:
    before = dt.datetime.now(dt.UTC)
    project.apply(add("A"))
    project.apply_ops("board-1", [{"seq": 1, **add("B")}])
    project.undo()
    newest, first, create = project.history()
    assert (newest.op, newest.client, newest.undone) == (add("B"), "board-1", True)
    assert (first.op, first.client, first.undone) == (add("A"), None, False)
    assert create.op == {"op": "create"}
    assert before - dt.timedelta(seconds=5) < newest.at <= dt.datetime.now(dt.UTC) + dt.timedelta(seconds=5)
    assert [edit.number for edit in project.history(limit=1)] == [newest.number]


def test_a_clock_that_goes_backwards_changes_no_order(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, now in (("A", 9_000), ("B", 5_000), ("C", 1_000)):
        monkeypatch.setattr("journey.projects.clock.time.time_ns", lambda now=now: now)
        project.apply(add(name))
    assert [edit.op.get("name") for edit in project.history()] == ["C", "B", "A", None]
    assert project.undo().stage_map.names == ("A", "B")


# ---- two editors ----------------------------------------------------------------------------------------


def test_compare_and_set_refuses_what_was_made_on_an_old_revision(store: Store, project: Project) -> None:
    other = store.open(project.id)
    seen = project.state.revision
    other.apply(setting("x", 1))
    for change in (
        lambda: project.apply(setting("x", 2), expected=seen),
        lambda: project.undo(expected=seen),
    ):
        with pytest.raises(NotStored) as refused:
            change()
        assert refused.value.values == {"reason": "changed", "expected": 0, "revision": 1}
    assert project.apply(setting("x", 2), expected=1).settings == {"x": 2}


def test_edits_of_two_without_expectation_merge(store: Store, project: Project) -> None:
    other = store.open(project.id)
    project.apply(add("A"))
    other.apply(add("B"))
    project.apply({"op": "place", "event": "view", "to": "s1"})
    other.apply({"op": "place", "event": "buy", "to": "s2"})
    assert project.state == other.state
    assert dict(project.state.stage_map.events) == {"view": "s1", "buy": "s2"}


# ---- the queue of a board -------------------------------------------------------------------------------


def test_a_batch_that_arrives_twice_counts_once(store: Store, project: Project) -> None:
    batch = [{"seq": 1, **add("A")}, {"seq": 2, **add("B")}]
    first = project.apply_ops("board-1", batch)
    again = store.open(project.id).apply_ops("board-1", batch)
    assert first.seq == again.seq == project.seen("board-1") == 2
    assert first.state == again.state
    assert again.state.stage_map.names == ("A", "B")
    assert project.revision == 2


def test_a_longer_batch_counts_from_where_the_last_one_ended(project: Project) -> None:
    batch = [{"seq": n, **add(f"stage {n}")} for n in (1, 2, 3)]
    project.apply_ops("board-1", batch[:2])
    assert project.apply_ops("board-1", batch[::-1]).state.stage_map.names == (
        "stage 1",
        "stage 2",
        "stage 3",
    )


def test_each_client_has_its_own_numbers(project: Project) -> None:
    for client in ("board-1", "board-2"):
        project.apply_ops(client, [{"seq": 1, **add(client)}])
    assert project.state.stage_map.names == ("board-1", "board-2")
    assert project.seen("board-3") == 0


def test_undo_counts_once_too(project: Project) -> None:
    project.apply(add("A"))
    project.apply(add("B"))
    for _ in range(3):
        acknowledged = project.apply_ops("board-1", [{"seq": 1, "op": "undo"}])
    assert acknowledged.state.stage_map.names == ("A",)
    assert project.apply_ops("board-1", [{"seq": 2, "op": "redo"}]).state.stage_map.names == ("A", "B")


def test_an_op_that_cannot_be_done_is_acknowledged_and_told(project: Project) -> None:
    acknowledged = project.apply_ops(
        "board-1",
        [
            {"seq": 1, **add("A")},
            {"seq": 2, "op": "place", "event": "x", "to": "s9"},
            {"seq": 3, "op": "nonsense"},
            {"seq": 4, **add("B")},
        ],
    )
    assert acknowledged.seq == 4
    assert acknowledged.state.stage_map.names == ("A", "B")
    assert [(refusal.seq, type(refusal.error)) for refusal in acknowledged.refused] == [
        (2, StageUnknown),
        (3, SettingWrong),
    ]


@pytest.mark.parametrize(
    ("client", "ops"),
    [
        ("", []),
        ("a" * 65, []),
        ("a\n", []),
        (None, []),
        ("board", [{"op": "undo"}]),
        ("board", [{"seq": 0, "op": "undo"}]),
        ("board", [{"seq": True, "op": "undo"}]),
        ("board", [{"seq": 1.5, "op": "undo"}]),
        ("board", [{"seq": 2**60, "op": "undo"}]),
        ("board", ["undo"]),
    ],
)
def test_a_crafted_message_is_refused_whole(project: Project, client: Any, ops: Any) -> None:
    project.apply(add("A"))
    with pytest.raises(SettingWrong):
        project.apply_ops(client, [{"seq": 1, **add("B")}, *ops])
    assert project.state.stage_map.names == ("A",)


def test_a_batch_that_fails_half_way_is_not_acknowledged(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = edits.apply, []

    def fails(*arguments: Any) -> StageMap:
        calls.append(1)
        if len(calls) == 2:
            raise MemoryError
        return real(*arguments)

    batch = [{"seq": 1, **add("A")}, {"seq": 2, **add("B")}]
    monkeypatch.setattr("journey.projects.state.edits.apply", fails)
    with pytest.raises(MemoryError):
        project.apply_ops("board-1", batch)
    assert (project.state, project.seen("board-1")) == (ProjectState(), 0)
    assert project.apply_ops("board-1", batch).state.stage_map.names == ("A", "B")


def test_only_the_latest_clients_are_remembered(
    store: Store, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("journey.projects.history._MOST_CLIENTS", 3)
    for n in range(6):
        project.apply_ops(f"board-{n}", [{"seq": 5, **setting("x", n)}])
    assert [project.seen(f"board-{n}") for n in range(6)] == [0, 0, 0, 5, 5, 5]
    project.apply_ops("board-a", [{"seq": 1, **setting("x", 5)}])
    assert project.seen("board-a") == 1


# ---- data -----------------------------------------------------------------------------------------------


def raw_of(project: Project) -> bytes:
    data = project.state.data
    assert data is not None
    return project.raw_path(data.files[0].id).read_bytes()


def test_data_comes_back_after_reopening(store: Store, project: Project, log: EventLog) -> None:
    how = How(encoding="cp949", delimiter=",", header=0)
    state = put_log(project, RAW, "주문.csv", log, CHOICE, how=how)
    again = store.open(project.id)
    assert again.state == state
    data = again.state.data
    assert data is not None
    (file,) = data.files
    assert (data.fingerprint, file.log, data.zone) == (log.fingerprint, log.fingerprint, "Asia/Seoul")
    assert (file.name, file.choice, file.how) == ("주문.csv", CHOICE, how)
    assert (file.rows, file.used, file.customers, file.names) == (3, 3, 1, 3)
    assert file.span == (int(log.time[0]), int(log.time[-1]))
    assert raw_of(again) == RAW
    opened = again.log()
    assert opened is not None
    assert (opened.fingerprint, opened.n_rows, opened.zone) == (log.fingerprint, 3, "Asia/Seoul")


def test_new_data_with_its_map_is_one_edit(
    project: Project, log: EventLog, log_of: Callable[..., EventLog]
) -> None:
    stage_map = StageMap().add_stage("A").put(["view"], "s1")
    first = put_log(project, RAW, "a.csv", log, CHOICE)
    second = put_log(project, b"other", "b.csv", log_of("open"), CHOICE, stage_map=stage_map)
    assert second.stage_map == stage_map
    assert project.undo() == first
    opened = project.log()
    assert (opened.event_names if opened else ()) == ("buy", "cart", "view")
    assert raw_of(project) == RAW
    assert project.redo() == second
    assert raw_of(project) == b"other"


def test_undo_never_takes_away_the_data_that_a_project_began_with(project: Project, log: EventLog) -> None:
    first = put_log(project, RAW, "a.csv", log, CHOICE)
    assert not first.can_undo
    assert project.undo() == first
    project.apply(add("A"))
    assert project.undo() == first
    assert not project.can_undo


def test_a_template_places_the_events_of_the_data(project: Project, log: EventLog) -> None:
    put_log(project, RAW, "a.csv", log, CHOICE)
    op = {"op": "template", "template": "six", "language": "en", "suggest": True}
    names, rows = ["buy", "cart", "view"], [1, 1, 1]
    assert project.apply(op).stage_map == edits.apply(StageMap(), op, names, rows)


def test_data_that_is_gone_is_told(store: Store, project: Project, log: EventLog) -> None:
    put_log(project, RAW, "a.csv", log, CHOICE)
    for file in (store.home / "projects" / project.id / "raw").iterdir():
        file.unlink()
    with pytest.raises(ProjectDamaged):
        raw_of(project)
    assert project.state.data is not None


def test_a_project_cannot_refer_to_the_data_of_another(store: Store, project: Project, log: EventLog) -> None:
    data = put_log(project, RAW, "a.csv", log, CHOICE).data
    assert data is not None
    with pytest.raises(SettingWrong):
        store.create("b").apply({"op": "data", "data": data.to_json()})


# ---- a disk that refuses --------------------------------------------------------------------------------


def test_a_full_disk_keeps_the_old_state_and_the_edit_can_be_tried_again(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = project.apply(setting("x", 1))
    with monkeypatch.context() as full:
        full.setattr(database, "_PRAGMAS", (*database._PRAGMAS, "PRAGMA max_page_count = 1"))
        # Text that does not compress, so that it needs pages the database may not have.
        value = "".join(chr(0xAC00 + n * n * 7919 % 11172) for n in range(15_000))
        for change in (
            lambda: project.apply(setting("y", value)),
            lambda: project.apply_ops("board", [{"seq": 1, **setting("y", value)}]),
        ):
            with pytest.raises(NotStored) as refused:
                change()
            assert refused.value.values == {"reason": "disk_full"}
        assert project.state == before
    assert project.seen("board") == 0
    assert project.apply(setting("y", value)).settings == {"x": 1, "y": value}


def test_data_that_cannot_be_kept_leaves_the_old_data(
    project: Project, log: EventLog, log_of: Callable[..., EventLog], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = put_log(project, RAW, "a.csv", log, CHOICE)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(data_files.os, "replace", full)
    with pytest.raises(NotStored):
        put_log(project, b"other", "b.csv", log_of("open"), CHOICE)
    assert project.state == before
    assert raw_of(project) == RAW


def test_errors_and_logs_hold_no_data(
    project: Project, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "홍길동 010-1234-5678"
    told: list[JourneyError] = []
    for op in ({"op": secret}, setting(secret, 1), {"op": "place", "event": secret, "to": secret}):
        try:
            project.apply(op)
        except JourneyError as error:
            told.append(error)
    project.apply(setting("x", secret))
    assert len(told) == 3
    assert not any(secret in str(error) for error in told)
    assert caplog.text == ""
    assert capfd.readouterr() == ("", "")


def test_nothing_is_pickled(store: Store, project: Project, log: EventLog) -> None:
    put_log(project, RAW, "a.csv", log, CHOICE)
    kinds = {file.suffix for file in store.home.rglob("*") if file.is_file()}
    assert kinds == {".sqlite", ".npy", ".arrow", ".json", ""}
    assert {
        folder.name for folder in (store.home / "projects" / project.id).iterdir() if folder.is_dir()
    } == {
        "raw",
        "tables",
        "logs",
        "backups",
    }
    for file in store.home.rglob("*.npy"):
        assert b"'|O'" not in file.read_bytes()[:128]


# ---- against a model ------------------------------------------------------------------------------------


class Line(RuleBasedStateMachine):
    """The project does what a list of maps with a position does, however often it is opened again."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.store = Store(Path(self.folder.name))
        self.project = self.store.create("model")
        self.line, self.position, self.seq = [StageMap()], 0, 0
        self.settings: dict[str, Any] = {}

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.folder.cleanup()

    def expect(self, op: dict[str, Any]) -> bool:
        """Do it in the model; False where it must be refused."""
        if op["op"] == "setting":
            self.settings.pop(op["name"], None)
            self.settings |= {} if op["value"] is None else {op["name"]: op["value"]}
            return True
        try:
            changed = edits.apply(self.line[self.position], op)
        except Misuse:
            return False
        if changed != self.line[self.position]:
            self.line = [*self.line[: self.position + 1], changed]
            self.position += 1
        return True

    def model(self) -> ProjectState:
        return ProjectState(None, self.line[self.position], self.settings)

    ops = st.one_of(
        st.builds(setting, st.sampled_from(["a", "b"]), st.none() | st.integers(0, 2) | st.text(max_size=3)),
        st.builds(add, st.sampled_from(["가", "나", "B"])),
        st.builds(lambda s: {"op": "remove_stage", "stage": s}, st.sampled_from(["s1", "s2", "s3"])),
        st.builds(
            lambda e, s: {"op": "place", "event": e, "to": s},
            st.sampled_from(["view", "구매"]),
            st.sampled_from(["s1", "s2", "tray", "bin"]),
        ),
    )

    @rule(op=ops)
    def edit(self, op: dict[str, Any]) -> None:
        if self.expect(op):
            assert self.project.apply(op) == self.model()
        else:
            with pytest.raises(Misuse):
                self.project.apply(op)

    @rule(batch=st.lists(ops, min_size=1, max_size=4), times=st.integers(1, 2))
    def deliver(self, batch: list[dict[str, Any]], times: int) -> None:
        numbered = [{"seq": self.seq + n, **op} for n, op in enumerate(batch, 1)]
        done = [self.expect(op) for op in batch]
        self.seq += len(batch)
        for attempt in range(times):
            acknowledged = self.project.apply_ops("board", numbered)
            assert acknowledged.seq == self.seq
            assert acknowledged.state == self.model()
            assert len(acknowledged.refused) == (done.count(False) if attempt == 0 else 0)

    @rule()
    def undo(self) -> None:
        self.position = max(self.position - 1, 0)
        assert self.project.undo() == self.model()

    @precondition(lambda self: self.position < len(self.line) - 1)
    @rule()
    def redo(self) -> None:
        self.position += 1
        assert self.project.redo() == self.model()

    @rule()
    def reopen(self) -> None:
        self.project = Store(Path(self.folder.name)).open(self.project.id)

    @invariant()
    def is_the_model(self) -> None:
        if not hasattr(self, "line"):
            return
        state = self.project.state
        assert state == self.model()
        assert state.can_undo == (self.position > 0)
        assert state.can_redo == (self.position < len(self.line) - 1)
        assert len(self.project.history()) == len(self.line)
        assert state.stage_map.to_json() == self.line[self.position].to_json()


TestLine = Line.TestCase
TestLine.settings = settings(max_examples=examples(15), stateful_step_count=20, deadline=None)
