"""Nobody can fill the server's memory by uploading, one legal file after the other."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from journey.errors import FileTooLarge
from ui.upload_gate import Refusals, UploadGate

TAB, THEIRS = "tab-1", "their-tab"


FORM = (
    '--x\r\nContent-Disposition: form-data; name="f"; filename="{}"\r\nContent-Type: text/csv\r\n\r\nid\r\n'
)


async def receive():
    return {"type": "http.request", "body": FORM.format("가 나.csv").encode(), "more_body": True}


def put(tab=TAB, size=1, *, method="PUT", path="/_stcore/upload_file/{}/f1", length=True):
    headers = [(b"content-length", str(size).encode())] if length else [(b"transfer-encoding", b"chunked")]
    return {"type": "http", "method": method, "path": path.format(tab), "headers": headers}


def in_a_loop(work):
    """What a coroutine returns; in a thread, because a browser test may have a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(work())).result()


def own(scope, tab):
    return tab != THEIRS


class Server:
    """Takes every upload that gets through, as Streamlit does, and holds it."""

    def __init__(self, **limits):
        self.held = {}
        self.seen = []
        self.told = []
        self.gate = UploadGate(self.take, held=lambda: self.held, tell=self.tell, own=own, **limits)

    def tell(self, tab, name, problem):
        self.told.append((tab, name, problem.values))

    async def take(self, scope, receive, send):
        self.seen.append(scope["path"])
        await asyncio.sleep(0)
        if scope["method"] == "PUT":
            size = int(dict(scope["headers"])[b"content-length"])
            self.held.setdefault(scope["path"].split("/")[3], []).append(size)
        await send({"type": "http.response.start", "status": 204, "headers": []})

    def statuses(self, *scopes):
        """The answers to requests that arrive together."""

        async def ask(scope):
            answers = []

            async def send(message):
                if message["type"] == "http.response.start":
                    answers.append(message["status"])

            await self.gate(scope, receive, send)
            return answers[0]

        async def together():
            return await asyncio.gather(*map(ask, scopes))

        return in_a_loop(together)


@pytest.fixture
def server():
    return Server(file_bytes=1000, tab_bytes=100, tab_files=3, server_bytes=150)


def test_sixty_small_files_are_not_all_held(server):
    found = server.statuses(*[put(size=1) for _ in range(60)])
    assert sorted(found) == [204] * 3 + [413] * 57
    assert server.held == {TAB: [1, 1, 1]}
    assert server.statuses(put(size=1)) == [413]


def test_bytes_of_one_tab_and_of_all_tabs_are_bounded_and_a_limit_itself_is_allowed(server):
    assert server.statuses(put(size=101)) == [413]
    assert server.statuses(put(size=100)) == [204]
    assert server.statuses(put(size=1)) == [413]
    assert server.statuses(put("tab-2", 51)) == [413]
    assert server.statuses(put("tab-2", 50)) == [204]
    assert server.held == {TAB: [100], "tab-2": [50]}


def test_what_the_app_took_over_makes_room_again(server):
    assert server.statuses(put(size=100)) == [204]
    server.held.clear()
    assert server.statuses(put(size=100)) == [204]


def test_an_upload_of_unknown_length_is_refused_and_everything_else_passes(server):
    assert server.statuses(put(length=False)) == [411]
    assert server.statuses(put(size=10**9, method="GET", path="/")) == [204]
    assert server.statuses(put(size=10**9, method="DELETE")) == [204]
    assert server.held == {}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST"])
def test_nothing_gets_into_somebody_elses_tab_or_out_of_it(server, method):
    assert server.statuses(put(THEIRS, method=method)) == [403]
    assert server.held == {} and server.seen == [] and server.told == []


def test_an_upload_that_breaks_gives_its_room_back():
    async def broken(scope, receive, send):
        raise ConnectionResetError

    gate = UploadGate(
        broken, file_bytes=1000, tab_bytes=100, tab_files=1, server_bytes=100, held=dict, own=own
    )

    async def twice():
        for _ in range(2):
            with pytest.raises(ConnectionResetError):
                await gate(put(size=100), None, None)

    in_a_loop(twice)


def test_what_is_refused_is_told_by_the_name_of_its_file_and_the_limit(server):
    assert server.statuses(put(size=40), put(size=40), put(size=40)) == [204, 204, 413]
    assert server.told == [(TAB, "가 나.csv", {"what": "session_bytes", "size": 120, "most": 100})]
    assert server.statuses(put("tab-2", 71)) == [413]
    assert server.told[1][2] == {"what": "server_bytes", "size": 151, "most": 150}


def test_a_file_over_the_limit_of_one_is_told_as_one(server):
    big = 1000 + 2**20
    assert server.statuses(put(size=big + 1)) == [413]
    assert server.told[0][2]["what"] == "bytes"
    # The frame of the form counts for nothing: the app looks at the file itself.
    server.statuses(put(size=big))
    assert server.told[1][2]["what"] == "session_bytes"


@pytest.mark.parametrize("body", [b"", b'filename="', b"\xff" * 9000, b'filename="' + b"\xff" * 9000 + b'"'])
def test_a_form_that_names_no_file_is_refused_all_the_same(server, body, monkeypatch):
    async def nameless():
        return {"type": "http.request", "body": body}

    monkeypatch.setattr("tests.ui.test_upload_gate.receive", nameless)
    assert server.statuses(put(size=101)) == [413]
    assert len(server.told[0][1]) <= 255


def test_refusals_are_heard_once_by_their_own_tab_and_are_few():
    refusals, problem = Refusals(tabs=2, files=3), FileTooLarge(what="bytes", size=2, most=1)
    for tab in ("a", "b", "c"):
        for number in range(5):
            refusals.add(tab, f"{number}.csv", problem)
    assert refusals.take("a") == ()
    assert refusals.take("c") == tuple((f"{number}.csv", problem) for number in (2, 3, 4))
    assert refusals.take("c") == ()
