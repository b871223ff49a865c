"""Several files of a project: kept together or not at all, found again, replaced, removed, undone."""

from __future__ import annotations

import errno
import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from journey.errors import FileTooLarge, NotStored, ProjectDamaged, SettingWrong
from journey.events.cleaned import Cleaned
from journey.events.joined import Joined, joined
from journey.events.kinds import TableChoice
from journey.events.log import EventLog
from journey.findings import Finding
from journey.projects import data_files
from journey.projects.data_ref import DataRef
from journey.projects.incoming import Incoming
from journey.projects.project import Project
from journey.projects.store import Store
from journey.sources.files import read_table
from journey.sources.how import How
from journey.sources.limits import Limits
from journey.stages.stage_map import StageMap
from tests.projects.older_file import older_file

SURVEY = TableChoice("survey", {"customer": ("회원",), "scores": ("추천",)})
EVENTS = TableChoice("events", {"customer": ("c",), "event": ("e",), "time": ("t",)})


def log_of(*events: str, customer: str = "가", start: str = "2024-03-05 09:00") -> EventLog:
    times = pd.date_range(start, periods=len(events), freq="min")
    return EventLog.from_frame(pd.DataFrame({"customer": customer, "event": list(events), "time": times}))


def events(name: str, *did: str, source: bytes | Path | None = None, **about: Any) -> Incoming:
    """A file of events whose last row could not be used."""
    log = log_of(*did, **about)
    reason = np.array([0] * len(did) + [4], dtype=np.uint8)
    note = Finding("events.dropped_no_time", {"rows": 1})
    made = Cleaned("events", {}, log, log.customer_ids, reason, (note,))
    rejected = pa.table({"row": [len(did) + 2], "reason": ["no_time"], "c": ["나"]})
    return Incoming(name, source or name.encode(), EVENTS, made, columns=("c", "e", "t"), rejected=rejected)


def survey(name: str = "만족도.csv", scores: int = 2) -> Incoming:
    responses = pa.table(
        {
            "response": pa.array(range(scores)),
            "customer": [*"나가나가나가"][:scores],
            "time": pa.array([1_000 * n for n in range(scores)], pa.timestamp("us", "UTC")),
        }
    )
    answers = pa.table({"response": pa.array(range(scores)), "score": [9.0] * scores})
    tables = {"responses": responses, "answers": answers}
    ids = pa.array(["가", "나"][: min(2, scores)], pa.large_string())
    made = Cleaned("survey", tables, None, ids, np.zeros(scores, dtype=np.uint8))
    return Incoming(name, f"{name} {scores}".encode(), SURVEY, made, columns=("회원", "추천"))


def together(project: Project, *incoming: Incoming, drop: tuple[str, ...] = ()) -> Joined:
    return joined(project.parts(incoming, replace=drop))


def put(project: Project, *incoming: Incoming, drop: tuple[str, ...] = (), **more: Any) -> DataRef:
    state = project.put_files(incoming, together(project, *incoming, drop=drop), replace=drop, **more)
    assert state.data is not None
    return state.data


def folder_of(store: Store, project: Project) -> Path:
    return store.home / "projects" / project.id


def content(store: Store, project: Project) -> set[str]:
    """Every finished file of data beside the database, and every unfinished one."""
    return {
        f"{kind.name}/{entry.name}"
        for kind in folder_of(store, project).iterdir()
        if kind.is_dir() and kind.name != "backups"
        for entry in kind.iterdir()
    }


# ---- kept and found again -------------------------------------------------------------------------------


def test_several_files_are_one_edit(store: Store, project: Project) -> None:
    stage_map = StageMap().add_stage("A").put(["view"], "s1")
    first, second = events("3월.csv", "view", "buy"), survey()
    data = put(project, first, second, stage_map=stage_map)
    again = store.open(project.id)
    assert again.state.data == data
    assert again.state.stage_map == stage_map
    assert [(file.name, file.kind) for file in data.files] == [
        ("3월.csv", "events"),
        ("만족도.csv", "survey"),
    ]
    newest, create = project.history()
    assert (newest.op["op"], newest.op["added"], newest.op["removed"]) == ("data", 2, 0)
    assert create.op == {"op": "create"}


def test_a_file_says_what_was_found(project: Project) -> None:
    log, answers = put(project, events("3월.csv", "view", "buy"), survey()).files
    assert (log.rows, log.used, log.customers, log.names, log.matched) == (3, 2, 1, 2, 1)
    assert (answers.rows, answers.used, answers.customers, answers.names, answers.matched) == (
        2,
        2,
        2,
        None,
        1,
    )
    assert log.columns == ("c", "e", "t")
    assert log.notes == (Finding("events.dropped_no_time", {"rows": 1}),)
    assert answers.span == (0, 1_000)
    assert log.span is not None
    assert log.span[1] - log.span[0] == 60_000_000
    assert (log.log is not None, answers.log) == (True, None)
    assert set(log.tables) == {"rejected", "reason"}
    assert set(answers.tables) == {"responses", "answers", "reason"}


def test_what_is_kept_of_a_file_comes_back(store: Store, project: Project) -> None:
    first, second = events("3월.csv", "view", "buy"), survey()
    log, answers = put(project, first, second).files
    again = store.open(project.id)
    assert again.raw_path(log.id).read_bytes() == "3월.csv".encode()
    assert again.table(log.id, "rejected").equals(first.rejected)
    assert again.table(answers.id, "responses").equals(second.made.tables["responses"])
    kept = again.file_log(log.id)
    assert kept is not None and first.made.log is not None
    assert kept.fingerprint == first.made.log.fingerprint
    assert again.file_log(answers.id) is None
    assert again.customer_ids(answers.id).to_pylist() == ["가", "나"]
    assert again.customer_ids(log.id).to_pylist() == ["가"]


def test_a_file_is_cleaned_once_and_for_all(project: Project) -> None:
    for arriving in (events("3월.csv", "view", "buy"), survey()):
        file = put(project, arriving).files[-1]
        made, kept = arriving.made, project.made(file.id)
        assert (kept.kind, kept.rows, kept.used, kept.notes) == (made.kind, made.rows, made.used, made.notes)
        assert kept.reason.tolist() == made.reason.tolist()
        assert kept.customer_ids.equals(made.customer_ids)
        assert list(kept.tables) == list(made.tables)
        assert {name: t.to_pydict() for name, t in kept.tables.items()} == {
            name: t.to_pydict() for name, t in made.tables.items()
        }


def test_a_project_of_a_survey_only_has_no_log(project: Project) -> None:
    data = put(project, survey())
    assert data.fingerprint is None
    assert project.log() is None
    assert (
        project.apply({"op": "template", "template": "six", "language": "en", "suggest": True}).data == data
    )


def test_a_file_from_a_path_is_copied_in_pieces(project: Project, tmp_path: Path) -> None:
    source = tmp_path / "큰 파일.csv"
    source.write_bytes(os.urandom(3_000_000))
    (file,) = put(project, events("큰 파일.csv", "view", source=source)).files
    assert file.raw == file.upload == hashlib.sha256(source.read_bytes()).hexdigest()
    source.unlink()
    assert project.raw_path(file.id).stat().st_size == 3_000_000


def test_of_a_file_with_resident_numbers_only_what_is_left_is_kept(
    store: Store, project: Project, tmp_path: Path
) -> None:
    number, came = "900101-1234567", "c,메모\n1,900101-1234567\n".encode()
    scrubbed = tmp_path / "scrubbed.parquet"
    pq.write_table(pa.table({"c": ["1"], "메모": [""]}), scrubbed)
    upload = hashlib.sha256(came).hexdigest()
    arriving = replace(events("a.csv", "view", source=scrubbed), upload=upload, how=How(encoding="cp949"))
    (file,) = put(project, arriving).files
    assert (file.upload, file.is_scrubbed, file.kept_how) == (upload, True, How())
    again = read_table(project.raw_path(file.id), file.name, **file.kept_how.to_json())
    assert again.frame.to_dict("list") == {"c": ["1"], "메모": [""]}
    kept = [path for path in folder_of(store, project).rglob("*") if path.is_file()]
    kept = [path for path in kept if path.parent.name != "backups"]
    assert not any(number.encode() in path.read_bytes() for path in kept)


def test_findings_for_the_card_are_kept_in_their_groups(project: Project) -> None:
    odd = Finding("events.dropped_no_time", {"rows": 7})
    arriving = replace(survey(), quality={"odd": [odd], "told": ()}, notes=(odd,))
    (file,) = put(project, arriving).files
    assert (file.quality, file.notes) == ({"odd": (odd,), "told": ()}, (odd,))


# ---- added, replaced, removed, undone -------------------------------------------------------------------


def test_a_file_that_is_added_stands_at_the_end(project: Project) -> None:
    first = put(project, events("3월.csv", "view"), survey())
    second = put(project, events("4월.csv", "buy", start="2024-04-05 09:00"))
    assert [file.name for file in second.files] == ["3월.csv", "만족도.csv", "4월.csv"]
    assert second.files[:1] == first.files[:1]
    log = project.log()
    assert log is not None
    assert log.event_names == ("buy", "view")


def test_a_file_that_replaces_takes_the_place_of_the_other(project: Project) -> None:
    first = put(project, events("3월.csv", "view"), survey())
    second = put(project, events("3월 다시.csv", "view", "buy"), drop=(first.files[0].id,))
    assert [file.name for file in second.files] == ["3월 다시.csv", "만족도.csv"]
    assert project.history()[0].op["removed"] == 1
    assert project.undo().data == replace(first, files=project.state.data.files if project.state.data else ())
    log = project.log()
    assert log is not None
    assert log.event_names == ("view",)
    redone = project.redo().data
    assert redone == second


def test_a_file_that_is_removed_comes_back_by_undo(project: Project) -> None:
    first = put(project, events("3월.csv", "view"), survey())
    events_id, survey_id = (file.id for file in first.files)
    state = project.remove_file(events_id, together(project, drop=(events_id,)))
    assert state.data is not None
    assert ([file.id for file in state.data.files], state.data.fingerprint) == ([survey_id], None)
    op = project.history()[0].op
    assert (op["op"], op["added"], op["removed"]) == ("data", 0, 1)
    with pytest.raises(SettingWrong):
        project.file_log(events_id)
    assert project.undo().data == first
    assert project.file_log(events_id) is not None


def test_a_project_without_its_last_file_can_go_back_even_after_new_data(project: Project) -> None:
    first = put(project, survey())
    emptied = project.remove_file(first.files[0].id, together(project, drop=(first.files[0].id,)))
    assert emptied.data == DataRef(None, (), "Asia/Seoul")
    put(project, events("3월.csv", "view"))
    assert project.undo().data == emptied.data
    assert project.undo().data == first
    assert not project.can_undo


def test_parts_are_in_the_order_of_the_files_that_will_be(project: Project) -> None:
    first = put(project, events("a.csv", "a"), survey(), events("b.csv", "b"))
    arriving = [events("c.csv", "c"), events("d.csv", "d")]
    drop = (first.files[1].id, first.files[2].id)
    parts = project.parts(arriving, replace=drop)
    assert [part.log.event_names[0] for part in parts if part.log] == ["a", "c", "d"]
    assert [file.name for file in put(project, *arriving, drop=drop).files] == ["a.csv", "c.csv", "d.csv"]


def test_equal_content_is_kept_once(store: Store, project: Project) -> None:
    put(project, events("3월.csv", "view"), survey())
    before = content(store, project)
    first = project.state.data
    assert first is not None
    put(project, events("3월.csv", "view"), drop=(first.files[0].id,))
    assert content(store, project) == before


@pytest.mark.parametrize("wrong", ["0" * 12, "", "../raw"])
def test_a_file_that_is_not_there_is_told(project: Project, wrong: str) -> None:
    data = put(project, survey())
    for ask in (
        lambda: project.file_log(wrong),
        lambda: project.raw_path(wrong),
        lambda: project.table(wrong, "responses"),
        lambda: project.table(data.files[0].id, "orders"),
        lambda: project.put_files([], joined([]), replace=[wrong]),
    ):
        with pytest.raises(SettingWrong):
            ask()
    assert project.state.data == data


def test_an_edit_on_data_that_somebody_changed_is_refused(store: Store, project: Project) -> None:
    first = put(project, events("3월.csv", "view"))
    arriving = events("4월.csv", "buy")
    whole = together(project, arriving)
    second = put(store.open(project.id), survey())
    before = content(store, project)
    with pytest.raises(NotStored) as refused:
        project.put_files([arriving], whole, since=first)
    assert refused.value.values["reason"] == "changed"
    assert (project.state.data, content(store, project)) == (second, before)
    # An edit of the map in between does no harm.
    project.apply({"op": "add_stage", "name": "A"})
    put(project, arriving, since=second)


def test_data_that_change_while_they_are_written_are_refused(
    store: Store, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    arriving, other = events("4월.csv", "buy"), survey()
    whole, theirs = together(project, arriving), together(project, other)
    real = Project._apply

    def late(self: Project, *args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(Project, "_apply", real)
        store.open(project.id).put_files([other], theirs)
        return self._apply(*args, **kwargs)

    monkeypatch.setattr(Project, "_apply", late)
    with pytest.raises(NotStored) as refused:
        project.put_files([arriving], whole)
    assert refused.value.values["reason"] == "changed"
    data = project.state.data
    assert data is not None
    assert [file.kind for file in data.files] == ["survey"]
    # What was written for the edit that was refused is gone; what the other edit means is there.
    assert {entry.split("/")[0] for entry in content(store, project)} == {"raw", "tables"}
    project.table(data.files[0].id, "responses")


# ---- a disk that refuses, a project that is full ----------------------------------------------------------


@pytest.mark.parametrize("reason", [errno.ENOSPC, errno.EROFS])
@pytest.mark.parametrize("at", range(1, 12, 2))
@pytest.mark.parametrize("call", ["fsync", "replace", "rename"])
def test_files_that_cannot_be_kept_leave_all_as_it_was(
    store: Store, project: Project, monkeypatch: pytest.MonkeyPatch, call: str, at: int, reason: int
) -> None:
    before = put(project, events("3월.csv", "view"))
    there, arriving = content(store, project), [events("4월.csv", "buy"), survey(scores=3)]
    whole = together(project, *arriving)
    real, calls = getattr(os, call), []

    def refuses(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        if len(calls) >= at:
            raise OSError(reason, "refused")
        return real(*args, **kwargs)

    with monkeypatch.context() as full:
        full.setattr(data_files.os, call, refuses)
        try:
            project.put_files(arriving, whole)
        except NotStored as error:
            assert error.values["reason"] == ("disk_full" if reason == errno.ENOSPC else "read_only")
        else:
            assert len(calls) < at
            return
    assert (project.state.data, content(store, project)) == (before, there)
    assert len(put(project, *arriving).files) == 3


def test_a_stop_in_the_middle_leaves_all_as_it_was(
    store: Store, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stop(BaseException):
        pass

    def stop(*_: Any) -> None:
        raise Stop

    arriving = [events("4월.csv", "buy"), survey()]
    whole = together(project, *arriving)
    with monkeypatch.context() as stopped:
        stopped.setattr(data_files.DataFiles, "put_table", stop)
        with pytest.raises(Stop):
            project.put_files(arriving, whole)
    assert (project.state.data, content(store, project)) == (None, set())


def test_a_project_that_would_grow_too_large_is_refused_before_anything_is_written(
    store: Store, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = put(project, survey())
    there = content(store, project)
    small = Project(project.id, folder_of(store, project), Limits(project_bytes=project.size() + 100_000))
    arriving = events("큰.csv", "view", source=b"x" * 100_001)
    whole = together(small, arriving)

    def never(*_: Any) -> None:
        raise AssertionError("written")

    with monkeypatch.context() as watched:
        watched.setattr(data_files, "_unfinished", never)
        with pytest.raises(FileTooLarge) as refused:
            small.put_files([arriving], whole)
    assert refused.value.values["what"] == "project_bytes"
    assert refused.value.values["size"] > refused.value.values["most"]
    assert (project.state.data, content(store, project)) == (before, there)
    assert len(put(small, events("작은.csv", "view", source=b"x" * 10_000)).files) == 2


def test_what_is_removed_can_be_done_in_a_full_project(store: Store, project: Project) -> None:
    data = put(project, survey(), survey("b.csv", 3))
    full = Project(project.id, folder_of(store, project), Limits(project_bytes=1))
    gone = data.files[0].id
    assert len(full.remove_file(gone, together(full, drop=(gone,))).data.files) == 1  # type: ignore[union-attr]


def test_the_size_counts_every_file(store: Store, project: Project) -> None:
    before = project.size()
    put(project, events("a.csv", "view", source=b"x" * 1_000_000))
    assert 1_000_000 < project.size() - before < 1_200_000


def test_a_table_that_is_gone_or_torn_is_damaged(store: Store, project: Project) -> None:
    (file,) = put(project, survey()).files
    table = folder_of(store, project) / "tables" / file.tables["responses"]
    table.write_bytes(table.read_bytes()[:-1])
    with pytest.raises(ProjectDamaged):
        project.table(file.id, "responses")
    table.unlink()
    with pytest.raises(ProjectDamaged):
        project.table(file.id, "responses")
    assert project.table(file.id, "answers").num_rows == 2


def test_a_project_cannot_refer_to_the_tables_of_another(store: Store, project: Project) -> None:
    data = put(project, survey())
    with pytest.raises(SettingWrong):
        store.create("b").apply({"op": "data", "data": data.to_json()})


# ---- projects of before ---------------------------------------------------------------------------------


def test_a_project_with_one_file_of_before_opens_unchanged(
    store: Store, project: Project, log: EventLog
) -> None:
    """As the first version wrote it: the part of the data, and the edit, have one file."""
    files = data_files.DataFiles(folder_of(store, project))
    raw = "회원번호,이벤트,일시\n".encode("cp949")
    old = {
        "fingerprint": files.put_log(log),
        "raw": files.put_raw(raw),
        "file_name": "5월.csv",
        "columns": {
            "customer": "회원번호",
            "event": "이벤트",
            "time": "일시",
            "session": None,
            "attributes": [],
        },
        "sheet": None,
        "encoding": "cp949",
        "delimiter": None,
        "header": None,
        "date_order": None,
        "zone": "Asia/Seoul",
        "drop_duplicates": False,
    }
    line = [({"op": "create"}, None, StageMap(), None), ({"op": "data", "data": old}, old, StageMap(), None)]
    older_file(folder_of(store, project) / "project.sqlite", 1, line, head=2)
    opened = Store(store.home).open(project.id)
    kept = opened.log()
    assert kept is not None and opened.state.data is not None
    (file,) = opened.state.data.files
    assert (kept.fingerprint, file.name, file.how) == (log.fingerprint, "5월.csv", How(encoding="cp949"))
    assert opened.raw_path(file.id).read_bytes() == raw
    made = opened.made(file.id)
    assert (made.rows, made.used, made.customer_ids.to_pylist()) == (3, 3, ["가"])
    # It goes on like any other: a file is added, and undo gives the old data back.
    put(opened, survey())
    assert [f.name for f in opened.state.data.files] == ["5월.csv", "만족도.csv"]
    assert opened.undo().data == DataRef.from_json(old)
