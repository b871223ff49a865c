"""Only a number travels, to those who may hear it, from pages of this host."""

import time
import warnings

import pytest
from starlette.applications import Starlette
from starlette.websockets import WebSocketDisconnect

from journey.errors import ProjectMissing
from journey.projects.person import LOCAL, Person
from journey.projects.store import Store
from ui.live_route import HEADER, PROTOCOL, LiveRoute, ticket

with warnings.catch_warnings():
    # It would rather have another client of HTTP than the one that Streamlit's login brings.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

STAGE = {"op": "add_stage", "name": "구매", "id": "buy", "at": None}
HOST = "http://localhost"
MINJI = Person("minji@example.com", "민지")
JUNO = Person("juno@example.com", "준호")
PEOPLE = {person.id: person for person in (LOCAL, MINJI, JUNO)}


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "home")


@pytest.fixture
def project(store):
    """Minji's; whoever sees all may see it too."""
    return store.for_(MINJI).create("여정")


@pytest.fixture
def client(store):
    here = PEOPLE.copy()
    route = LiveRoute(
        store,
        who=lambda asking: here.get(asking.headers.get("x-who", LOCAL.id)),
        most=3,
        most_of_one=2,
        ask_again=0.05,
    )
    with TestClient(Starlette(routes=route.routes()), base_url=HOST) as client:
        client.route, client.here = route, here
        yield client


@pytest.fixture
def listen(client, project):
    """A socket of a page: listen(ticket=.., origin=.., who=..)."""

    def connect(held=None, *, origin=HOST, host="localhost", to=None, protocols=None, who=LOCAL):
        headers = {"host": host, "x-who": who.id} | ({} if origin is None else {"origin": origin})
        offered = protocols or [PROTOCOL, ticket(project.id, LOCAL) if held is None else held]
        return client.websocket_connect(f"/live/{to or project.id}", offered, headers=headers)

    return connect


def code_of(connecting):
    with pytest.raises(WebSocketDisconnect) as refused, connecting:
        pytest.fail("a socket was opened")
    return refused.value.code


def test_the_number_comes_at_once_and_after_each_change_and_nothing_else_ever(listen, project):
    with listen() as socket:
        assert socket.accepted_subprotocol == PROTOCOL
        said = [socket.receive()]
        for op in (STAGE, {"op": "undo"}, {"op": "redo"}):
            # A setting changes nothing that others are shown.
            project.apply({"op": "setting", "name": "period", "value": op["op"]})
            project.apply(op)
            said.append(socket.receive())
    assert all(message.keys() <= {"type", "text", "bytes"} for message in said)
    texts = [message["text"] for message in said]
    assert all(text.isascii() and text.isdecimal() for text in texts)
    assert texts == sorted(set(texts)) and texts[0] == "1" and texts[-1] == str(project.head)


def test_several_who_listen_hear_the_same(listen, project):
    with listen() as one, listen() as other:
        assert one.receive_text() == other.receive_text() == "1"
        project.apply(STAGE)
        assert one.receive_text() == other.receive_text() == str(project.head)


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "http://evil.example"},
        {"origin": "http://localhost.evil.example"},
        {"origin": "http://localhost:81"},
        {"origin": None},
        {"origin": "null"},
        {"origin": "http://evil.example", "host": "evil.example"},
        {"held": "x"},
        {"held": "x.y"},
        {"protocols": [PROTOCOL]},
        {"protocols": ["streamlit", "x"]},
    ],
)
def test_nobody_else_gets_a_socket(listen, wrong, monkeypatch):
    allowed = ["localhost", "127.0.0.1"]
    monkeypatch.setattr("ui.live_route.is_host_allowed", lambda host: host.split(":")[0] in allowed)
    assert code_of(listen(**wrong)) == 1008


def test_a_ticket_is_of_one_project_one_person_and_some_hours(listen, store, project, client):
    other = store.create("남의 여정")
    assert code_of(listen(ticket(other.id, LOCAL))) == 1008
    assert code_of(listen(ticket(project.id, LOCAL), to=other.id)) == 1008
    now = time.time()
    assert code_of(listen(ticket(project.id, LOCAL, now=now - 14 * 3600))) == 1008
    with listen(ticket(project.id, LOCAL, now=now - 11 * 3600)) as socket:
        assert socket.receive_text() == "1"


def test_nobody_can_write_a_ticket_or_change_one(listen, project):
    held = ticket(project.id, MINJI)
    body, signature = held.split(".")
    theirs = ticket(project.id, LOCAL).split(".")[0]
    for forged in (f"{theirs}.{signature}", f"{body}.", body, f"{body}.{'0' * 64}", f"{body}.{signature}é"):
        assert code_of(listen(forged.encode("ascii", "replace").decode())) == 1008


def test_who_is_taken_out_of_a_project_is_cut_off_at_once(listen, project):
    held = ticket(project.id, JUNO)
    assert code_of(listen(held, who=JUNO)) == 1008
    project.add_member(JUNO.id)
    with listen(held, who=JUNO) as socket:
        assert socket.receive_text() == "1"
        project.remove_member(JUNO.id)
        assert socket.receive() == {"type": "websocket.close", "code": 4404, "reason": ""}
    assert code_of(listen(held, who=JUNO)) == 1008


def test_a_ticket_is_worth_nothing_in_other_hands(listen, project, client):
    held = ticket(project.id, MINJI)
    for thief in (JUNO, LOCAL, Person("nobody")):
        assert code_of(listen(held, who=thief)) == 1008
        headers = {HEADER: held, "x-who": thief.id}
        assert client.get(f"/live/{project.id}", headers=headers).status_code == 403


def test_who_signs_out_hears_nothing_more_though_nothing_happens(listen, project, client):
    held = ticket(project.id, MINJI)
    with listen(held, who=MINJI) as socket:
        assert socket.receive_text() == "1"
        del client.here[MINJI.id]
        assert socket.receive() == {"type": "websocket.close", "code": 4401, "reason": ""}
    assert code_of(listen(held, who=MINJI)) == 1008


def test_the_store_is_asked_again_though_nothing_has_changed(listen, project, monkeypatch):
    with listen() as socket:
        assert socket.receive_text() == "1"

        def not_any_more(self, project_id):
            raise ProjectMissing

        monkeypatch.setattr(Store, "open", not_any_more)
        assert socket.receive()["code"] == 4404


def test_a_project_that_goes_closes_its_sockets(listen, project):
    with listen() as socket:
        socket.receive_text()
        project.database.parent.rename(project.database.parent.with_name(".gone"))
        assert socket.receive()["code"] == 4404


def test_a_ticket_that_ends_while_listening_ends_it(listen, project, monkeypatch):
    with listen() as socket:
        socket.receive_text()
        later = time.time() + 14 * 3600
        monkeypatch.setattr("ui.live_route.time.time", lambda: later)
        assert socket.receive()["code"] == 4401


@pytest.mark.parametrize("said", ["1", "x" * 100_000])
def test_a_browser_that_says_anything_is_closed(listen, said):
    with listen() as socket:
        socket.receive_text()
        socket.send_text(said)
        assert socket.receive()["code"] == 1008


def test_so_many_sockets_and_no_more_and_those_that_leave_make_room(listen, project):
    minji = ticket(project.id, MINJI)
    with listen() as one, listen() as two:
        one.receive_text(), two.receive_text()
        assert code_of(listen()) == 1013
        with listen(minji, who=MINJI) as three:
            three.receive_text()
            assert code_of(listen(minji, who=MINJI)) == 1013
    with listen() as again:
        again.receive_text()


def test_when_all_have_left_nobody_looks_at_the_disk(listen, client):
    with listen() as socket:
        socket.receive_text()
    thread = client.route._watcher._thread
    if thread is not None:
        thread.join(5)
    assert client.route._watcher._thread is None
    assert not client.route._open


def test_a_plain_request_gets_the_number_under_the_same_conditions(client, project, store):
    held = {HEADER: ticket(project.id, LOCAL)}
    answer = client.get(f"/live/{project.id}", headers=held)
    assert (answer.status_code, answer.text, answer.headers["cache-control"]) == (200, "1", "no-store")
    other = store.create("남의 여정")
    gone = {HEADER: ticket("0" * 32, LOCAL)}
    for path, headers, status in (
        (project.id, {}, 403),
        (project.id, {HEADER: "x.y"}, 403),
        (other.id, held, 403),
        (project.id, held | {"origin": "http://evil.example"}, 403),
        (project.id, held | {"sec-fetch-site": "cross-site"}, 403),
        (project.id, held | {"origin": HOST, "sec-fetch-site": "same-origin"}, 200),
        ("0" * 32, gone, 404),
    ):
        answer = client.get(f"/live/{path}", headers=headers)
        assert answer.status_code == status, (path, headers)
        assert answer.text == ("1" if status == 200 else "")


def test_a_database_that_cannot_be_read_now_is_asked_for_later(client, project):
    project.database.write_bytes(b"no database")
    assert client.get(f"/live/{project.id}", headers={HEADER: ticket(project.id, LOCAL)}).status_code == 503


@pytest.mark.parametrize(
    ("base", "path"), [("", "/live/"), ("journey", "/journey/live/"), ("/a/b/", "/a/b/live/")]
)
def test_the_routes_stand_below_the_address_of_the_app(store, base, path):
    assert {route.path for route in LiveRoute(store).routes(base)} == {f"{path}{{project}}"}
