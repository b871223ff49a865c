"""Nobody but its members sees a project, whatever they call, and whenever they were let in."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.errors import LastOwner, NotStored, OwnerOnly, ProjectDamaged, ProjectMissing, SettingWrong
from journey.events.log import EventLog
from journey.projects.data_ref import DataRef
from journey.projects.members import Member, identified
from journey.projects.person import LOCAL, Person
from journey.projects.store import Project, Store
from tests.projects.conftest import LogOf
from tests.projects.one_file import put_log

MINA = Person("mina@shop.kr", "민아")
JUNO = Person("juno@shop.kr", "준호")


@pytest.fixture
def mine(store: Store) -> Store:
    return store.for_(MINA)


@pytest.fixture
def project(mine: Store, log: EventLog) -> Project:
    """Mina's project with a file in it."""
    made = mine.create("여정")
    put_log(made, b"raw", "a.csv", log)
    return made


# Honest arguments for the ways into a project that need some, by the name of the method.
CALLS = {
    "add_member": lambda project, data: project.add_member(JUNO.id),
    "apply": lambda project, data: project.apply({"op": "add_stage", "name": "A"}),
    "apply_ops": lambda project, data: project.apply_ops("board", []),
    "customer_ids": lambda project, data: project.customer_ids(data.files[0].id),
    "data_paths": lambda project, data: project.data_paths(data),
    "drop_version": lambda project, data: project.drop_version(1),
    "file": lambda project, data: project.file(data.files[0].id),
    "file_log": lambda project, data: project.file_log(data.files[0]),
    "keep_version": lambda project, data: project.keep_version("v"),
    "made": lambda project, data: project.made(data.files[0].id),
    "overridden": lambda project, data: project.overridden(0),
    "steps": lambda project, data: project.steps("map.0123456789ab"),
    "put_files": lambda project, data: project.put_files((), None),
    "raw_path": lambda project, data: project.raw_path(data.files[0].id),
    "remove_file": lambda project, data: project.remove_file(data.files[0].id, None),
    "remove_member": lambda project, data: project.remove_member(MINA.id),
    "rename_version": lambda project, data: project.rename_version(1, "v"),
    "restore": lambda project, data: project.restore(1),
    "seen": lambda project, data: project.seen("board"),
    "state_at": lambda project, data: project.state_at(1),
    "table": lambda project, data: project.table(data.files[0].id, "events"),
}
# What says nothing of the project: whose hands it is in, and where it would lie.
NO_DOOR = {"for_", "database"}


def ways_in() -> list[str]:
    return [name for name in dir(Project) if not name.startswith("_") and name not in NO_DOOR]


def enter(project: Project, name: str, data: DataRef) -> object:
    if isinstance(inspect.getattr_static(Project, name), property):
        return getattr(project, name)
    return CALLS[name](project, data) if name in CALLS else getattr(project, name)()


@pytest.mark.parametrize("name", ways_in())
def test_no_way_in_opens_for_a_stranger_or_for_somebody_who_was_let_in_before(
    mine: Store, project: Project, name: str
) -> None:
    data = project.state.data
    assert data is not None
    stranger = project.for_(JUNO)
    project.add_member(JUNO.id)
    bound = mine.for_(JUNO).open(project.id)
    assert bound.name == "여정"
    project.remove_member(JUNO.id)
    before = project.state
    for theirs in (stranger, bound):
        with pytest.raises(ProjectMissing):
            enter(theirs, name, data)
    assert project.state == before
    assert project.members() == (Member(MINA.id, MINA.name, "owner"),)


OF_THE_STORE = {
    "backups": lambda store, project_id: store.backups(project_id),
    "compact": lambda store, project_id: store.compact(project_id),
    "delete": lambda store, project_id: store.delete(project_id),
    "duplicate": lambda store, project_id: store.duplicate(project_id, "copy"),
    "open": lambda store, project_id: store.open(project_id),
    "recover": lambda store, project_id: store.recover(project_id, "000001-0"),
    "rename": lambda store, project_id: store.rename(project_id, "mine now"),
}
# They ask for no project of somebody's: they make one, or are tried below.
OF_NO_PROJECT = {"begun", "create", "fitting", "for_", "free_name", "making", "projects", "scratch"}


def test_the_store_has_no_way_to_a_project_of_somebody_else(mine: Store, project: Project) -> None:
    theirs = mine.for_(JUNO)
    assert {name for name in dir(Store) if not name.startswith("_")} == OF_NO_PROJECT | set(OF_THE_STORE)
    for ask in OF_THE_STORE.values():
        with pytest.raises(ProjectMissing) as refused:
            ask(theirs, project.id)
        with pytest.raises(ProjectMissing) as absent:
            ask(theirs, "0" * 32)
        # What somebody else has is told in the same words as what nobody has.
        assert refused.value.values == absent.value.values
    assert theirs.projects() == []
    assert theirs.fitting(["customer", "event", "time"]) == []
    assert theirs.free_name("여정") == "여정"
    assert [one.name for one in mine.projects()] == ["여정"]


def test_people_who_see_all_see_all(store: Store, project: Project) -> None:
    machine = store.create("of the machine")
    everybody = Person("shared", "손님", sees_all=True)
    for person in (LOCAL, everybody):
        theirs = store.for_(person)
        assert {one.id for one in theirs.projects()} == {project.id, machine.id}
        assert {one.role for one in theirs.projects()} == {"owner"}
        assert theirs.open(project.id).role == "owner"
    with pytest.raises(ProjectMissing):
        store.for_(MINA).open(machine.id)
    assert machine.members() == ()
    assert [(one.id, one.owner) for one in store.for_(MINA).projects()] == [(project.id, "민아")]
    assert next(one.owner for one in store.projects() if one.id == machine.id) == ""


def test_a_project_of_the_machine_can_be_given_an_owner(store: Store) -> None:
    machine = store.create("of the machine")
    machine.add_member(" Mina@Shop.KR ", role="owner")
    assert store.for_(MINA).open(machine.id).role == "owner"
    assert next(one.owner for one in store.projects()) == MINA.id


def test_a_member_may_change_and_leave_but_neither_let_in_nor_delete(mine: Store, project: Project) -> None:
    project.add_member(JUNO.id, JUNO.name)
    theirs = mine.for_(JUNO).open(project.id)
    assert theirs.role == "member"
    assert theirs.apply({"op": "add_stage", "name": "A"}).stage_map.names == ("A",)
    mine.for_(JUNO).rename(project.id, "둘의 여정")
    assert project.name == "둘의 여정"
    for refused in (
        lambda: theirs.add_member("third@shop.kr"),
        lambda: theirs.add_member(JUNO.id, role="owner"),
        lambda: theirs.remove_member(MINA.id),
        lambda: mine.for_(JUNO).delete(project.id),
    ):
        with pytest.raises(OwnerOnly):
            refused()
    theirs.remove_member(JUNO.id)
    assert mine.for_(JUNO).projects() == []


def test_a_project_keeps_an_owner(project: Project) -> None:
    for leaving in (
        lambda: project.remove_member(MINA.id),
        lambda: project.add_member(MINA.id, role="member"),
    ):
        with pytest.raises(LastOwner):
            leaving()
        with pytest.raises(LastOwner):
            project.for_(LOCAL).remove_member(MINA.id)
    project.add_member(JUNO.id, JUNO.name, "owner")
    project.remove_member(MINA.id)
    assert project.for_(JUNO).members() == (Member(JUNO.id, JUNO.name, "owner"),)


def test_somebody_who_is_let_in_twice_is_there_once_with_the_last_role(project: Project) -> None:
    project.add_member(JUNO.id, "준")
    project.add_member("JUNO@SHOP.KR", "준호\n", "owner")
    assert project.members() == (Member(JUNO.id, "준호", "owner"), Member(MINA.id, "민아", "owner"))


@pytest.mark.parametrize("odd", ["", "  ", "a\nb", "a b", "a\0", "x" * 255])
def test_an_id_that_can_be_none_is_refused_and_lets_nobody_in(
    store: Store, project: Project, odd: str
) -> None:
    with pytest.raises(SettingWrong):
        project.add_member(odd)
    with pytest.raises(ProjectMissing):
        store.for_(Person(odd)).open(project.id)
    with pytest.raises(SettingWrong):
        store.for_(Person(odd)).create("nobody's")
    with pytest.raises(SettingWrong):
        project.add_member(JUNO.id, role="king")


@given(st.text(max_size=20), st.text(st.characters(max_codepoint=127), max_size=20))
def test_an_id_is_the_same_however_often_and_in_whatever_letters_it_is_typed(text: str, plain: str) -> None:
    assert identified(identified(text)) == identified(text)
    assert identified(plain.upper()) == identified(f" {plain.lower()}")


def test_hands_in_the_file_let_nobody_in(store: Store, project: Project) -> None:
    from journey.projects import database

    with database.writing(project.database) as connection:
        connection.execute("INSERT INTO member VALUES (x'00', x'00', 'owner')")
    with pytest.raises(ProjectDamaged):
        store.open(project.id).members()
    with pytest.raises(ProjectMissing):
        store.for_(JUNO).open(project.id)


def test_a_stranger_waits_for_nobody(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    from journey.projects import database

    monkeypatch.setattr(database, "_WAIT_SECONDS", 0.0)
    with database.writing(project.database), pytest.raises(ProjectMissing):
        project.for_(JUNO).apply({"op": "add_stage", "name": "A"})


def test_only_the_store_decides(tmp_path: Path, log_of: LogOf) -> None:
    """Nothing in a project's id, name or people's names opens it."""
    store = Store(tmp_path / "home")
    made = store.for_(MINA).create(JUNO.id)
    for person in (
        Person(made.id),
        Person("민아"),
        Person("owner"),
        Person("mina@shop.kr.evil.kr"),
        Person("local"),
    ):
        with pytest.raises(ProjectMissing):
            store.for_(person).open(made.id)


def test_a_project_that_is_busy_is_listed_for_no_stranger(
    store: Store, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.add_member("seoyun@shop.kr")

    def busy(file: object) -> None:
        raise NotStored(reason="busy")

    monkeypatch.setattr("journey.projects.database._opened_to_read", busy)
    assert store.for_(JUNO).projects() == []
    assert [one.id for one in store.projects()] == [project.id]
