"""Nobody sees what is not theirs: somebody who knows every id of a project asks a real server for it."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pandas as pd
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from journey.errors import ProjectMissing
from journey.events.log import EventLog
from journey.i18n import catalogue
from journey.projects.person import Person
from journey.projects.store import Project, Store
from journey.stages.stage_map import StageMap
from tests.projects.one_file import put_log

from .browser import ROOT, serve
from .tab import Tab, query, tab

KIM, LEE = Person("kim@acme.com", "kim-secret"), Person("lee@acme.com", "Lee")
MARK = b"secret"
PAGES = ("", "data", "stages", "flows", "reach", "routes", "history")
EN = catalogue("en")
MAIL = "X-Forwarded-Email"

Headers = Sequence[tuple[str, str]]


def of(person: Person) -> Headers:
    return [(MAIL, person.id)]


@dataclass
class World:
    """A server behind a proxy that knows people, and Kim's project on it."""

    address: str
    kim: Store
    project: Project

    @contextmanager
    def tab(self, person: Person, **more: Any) -> Iterator[Tab]:
        with tab(self.address, of(person), **more) as opened:
            yield opened

    def ask(self, path: str, headers: Headers, method: str = "GET", **more: Any) -> httpx.Response:
        return httpx.request(method, f"{self.address}{path}", headers=list(headers), **more)


def project_of(store: Store, name: str) -> Project:
    """A project with a mark in everything that has a name."""
    times = pd.date_range("2024-03-05 09:00", periods=8, freq="h", tz="Asia/Seoul")
    names = {"customer": ["customer-secret", "b-secret"] * 4, "event": ["event-secret", "other-secret"] * 4}
    log = EventLog.from_frame(pd.DataFrame(names | {"time": times}))
    stages = StageMap().add_stage("stage-secret")
    made = store.create(name)
    put_log(made, b"x", "file-secret.csv", log, stage_map=stages.place("event-secret", stages.stages[0].id))
    return made


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    home = tmp_path_factory.mktemp("theirs")
    with serve(ROOT / "app.py", home, environment={"JOURNEY_LOGIN": "proxy"}) as address:
        kim = Store(home).for_(KIM)
        yield World(address, kim, project_of(kim, "project-secret"))
    log = (home / "server.log").read_text(encoding="utf-8")
    assert "secret" not in log and "acme.com" not in log, log
    assert "Traceback" not in log, log


@pytest.fixture
def shared(world):
    """Kim's project with Lee in it for now."""
    made = project_of(world.kim, "shared-secret")
    made.add_member(LEE.id)
    return made


def words(drawn: Tab, since: int = 0) -> list[str]:
    """What can be read of what was drawn, without ids."""
    said = [message.delta.new_element for message in drawn.said[since:] if message.HasField("delta")]
    texts = [one.markdown.body or one.heading.body or one.alert.body or one.toast.body for one in said]
    return [text for text in texts if text]


def asked(project_id: str) -> str:
    return query(project=project_id, lang="en")


def board_of(drawn: Tab) -> tuple[str, str]:
    """The ids of the board and of the fragment that it is in."""
    deltas = [message.delta for message in drawn.said if message.HasField("delta")]
    return next(
        (delta.new_element.bidi_component.id, delta.fragment_id)
        for delta in deltas
        if delta.new_element.bidi_component.component_name == "journey_lab_stage_board"
    )


def ticket_of(drawn: Tab) -> str:
    """The ticket with which a page hears of changes."""
    every = [message.SerializeToString() for message in drawn.said]
    return next(found[1].decode() for one in every if (found := re.search(rb'"ticket": ?"([^"]+)"', one)))


def parcel(**op: Any) -> dict[str, str]:
    ops = [{"seq": 1, "base": 1, **op}]
    return {"json_value": json.dumps({"ops": {"client": "mallory", "n": 1, "ops": ops}})}


def files_of(drawn: Tab) -> list[str]:
    return [
        one.download_button.deferred_file_id for one in drawn.elements() if one.HasField("download_button")
    ]


def test_the_address_of_a_project_tells_nothing_before_and_after_its_owner_looked(world):
    with world.tab(LEE) as lee, world.tab(KIM) as kim:
        for _ in range(2):
            for page in PAGES:
                start = len(lee.said)
                assert MARK not in lee.run(asked(world.project.id), page=page), page
                theirs, start = words(lee, start), len(lee.said)
                lee.run(asked(uuid.uuid4().hex), page=page)
                assert theirs == words(lee, start), "a project that is not theirs is as one that is not there"
                if page:
                    assert any(EN["errors.project_missing"] in text for text in theirs), page
            for page in PAGES:
                assert MARK in kim.run(asked(world.project.id), page=page), page


def test_whoever_copies_what_another_tab_says_gets_nothing_and_changes_nothing(world):
    with world.tab(KIM) as kim, world.tab(LEE) as lee:
        kim.run(asked(world.project.id), page="stages")
        board, fragment = board_of(kim)
        before, known = world.project.revision, world.project.id
        lee.run(asked(known), page="stages")
        state = parcel(op="add_stage", name="mine", id="mine", at=None)
        crafted = {
            board: state,
            f"{known}.board": state,
            f"$$ID-0-{known}.period": {"string_value": "2024"},
            "journey": {"json_value": json.dumps({"project_id": known, "owner": KIM.key})},
            "dialog.asked": {"json_value": json.dumps(["export", known])},
            f"open.{known}": {"trigger_value": True},
            f"$$ID-0-menu.{known}": {"string_value": "export"},
            "project": {"string_value": known},
        }
        for page in ("", "stages"):
            assert MARK not in lee.run(asked(known), page=page, widgets=crafted)
            lee.ask(asked(known), page=page, widgets=crafted, fragment=fragment)
        assert world.project.revision == before
        # Somebody else's tab is no tab of theirs, and stays its owner's.
        with world.tab(LEE, again=kim.session) as thief:
            assert MARK not in thief.run(query(lang="en"), page="stages")
            thief.ask(query(lang="en"), page="stages", fragment=fragment)
            assert MARK not in thief.run(query(lang="en"), page="stages")
            assert thief.session != kim.session
        assert MARK in kim.run(asked(known), page="stages")
        with world.tab(KIM, again=kim.session) as back:
            assert MARK in back.run(page="stages")
            assert back.session == kim.session
            upload = f"/_stcore/upload_file/{back.session}/{uuid.uuid4()}"
            for method in ("PUT", "DELETE"):
                assert world.ask(upload, of(LEE), method, content=b"x").status_code == 403
            assert world.ask(upload, [], "PUT", content=b"x").status_code == 401


def test_a_ticket_is_its_owners(world):
    with world.tab(KIM) as kim:
        kim.run(asked(world.project.id), page="stages")
        held = ("x-journey-ticket", ticket_of(kim))
    live = f"/live/{world.project.id}"
    assert world.ask(live, [held, *of(KIM)]).text == str(world.project.head)
    for headers in ([held], [held, *of(LEE)], [held, *of(KIM), ("origin", "http://evil.kr")], of(KIM)):
        answer = world.ask(live, headers)
        assert (answer.status_code, answer.text) in ((401, "Sign in first"), (403, ""))
    socket = f"ws{world.address[4:]}{live}"
    for headers, origin in ((of(LEE), world.address), ([], world.address), (of(KIM), "http://evil.kr")):
        with pytest.raises(InvalidStatus):
            connect(
                socket,
                origin=origin,
                subprotocols=["journey-live", held[1]],
                additional_headers=list(headers),
            )


@pytest.mark.parametrize("ends", ["taken out", "deleted"])
def test_a_tab_that_was_open_gets_nothing_any_more(world, shared, ends):
    with world.tab(LEE) as lee, world.tab(LEE) as other:
        other.run(asked(shared.id), page="reach")
        table, *_ = files = files_of(other)[::-1]
        answer = other.file(table)
        assert b"/media/" in answer
        assert MARK in lee.run(asked(shared.id), page="stages")
        board, fragment = board_of(lee)
        held = ("x-journey-ticket", ticket_of(lee))
        assert MARK in lee.run(fragment=fragment, page="stages")
        before = shared.revision
        shared.remove_member(LEE.id) if ends == "taken out" else world.kim.delete(shared.id)
        moved = {board: parcel(op="add_stage", name="mine", id="mine", at=None)}
        assert MARK not in lee.run(fragment=fragment, page="stages", widgets=moved)
        for file in files:
            assert b"/media/" not in other.file(file)
        for page in PAGES:
            assert MARK not in lee.run(asked(shared.id), page=page), page
        assert MARK not in lee.run(asked(world.project.id), page="data")
    assert world.ask(f"/live/{shared.id}", [held, *of(LEE)]).status_code == 404
    if ends == "taken out":
        assert shared.revision == before
    else:
        with pytest.raises(ProjectMissing):
            shared.revision  # noqa: B018


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(MAIL, "")],
        [(MAIL, KIM.id), (MAIL, KIM.id)],
        [("X_Forwarded_Email", KIM.id)],
        [("x-journey-person", KIM.id), ("x-journey-tab-of", KIM.id)],
        [("Cookie", f"{MAIL}={KIM.id}; journey_login={KIM.id}; _streamlit_user={KIM.id}")],
    ],
)
def test_without_the_proxys_word_there_is_nothing(world, headers):
    for path in (
        f"/?project={world.project.id}&{MAIL}={KIM.id}",
        "/_stcore/host-config",
        "/_stcore/script-health-check",
        "/_stcore/bidi-components/x",
        "/media/x.csv",
        "/component/x",
        "/app/static/x",
        f"/live/{world.project.id}",
    ):
        assert world.ask(path, headers).status_code == 401, path
    assert world.ask("/_stcore/metrics", of(KIM)).status_code == 404
    with pytest.raises(InvalidStatus), tab(world.address, headers):
        pytest.fail("a tab was opened")
