"""The gate before the app: who gets through, what the others get, and that nobody writes their own badge."""

import asyncio
import json
import re
import secrets
import string
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from ui import login_gate, oidc
from ui.identity import BADGE, TAB_OF, Ended, read_badge
from ui.login_gate import COOKIE, LoginGate, clean_name
from ui.login_settings import LoginSettings
from ui.peer import PEER
from ui.throttle import Throttle

from .test_login_settings import AUTH

PHRASE = "open sesame"
PAGE = {"accept": "text/html", "accept-language": "en"}
ORIGIN = {"origin": "http://testserver"}
BASE64 = string.ascii_letters + string.digits + "-_"


async def app(scope, receive, send):
    """Says whom it sees, and which headers reached it."""
    headers = dict(scope["headers"])
    person = read_badge(headers.get(BADGE.encode(), b"").decode())
    seen = {"person": person and [person.id, person.name, person.sees_all], "path": scope["path"]}
    seen["names"] = sorted(name.decode() for name in headers)
    seen["tab_of"] = headers.get(TAB_OF.encode(), b"").decode() or None
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": json.dumps(seen)})
        await send({"type": "websocket.close"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(seen).encode()})


class Clock:
    now = 1_000_000_000.0

    def __call__(self):
        return self.now


def in_a_loop(work):
    """What a coroutine returns; in a thread, because a browser test may have a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(work)).result()


class Visitor:
    """A browser in front of an app: it keeps cookies, and follows no redirect by itself."""

    def __init__(self, app, scheme="http"):
        self.app = app
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url=f"{scheme}://testserver", follow_redirects=False
        )
        self.cookies = self.client.cookies

    def get(self, path, **more):
        return in_a_loop(self.client.get(path, **{"headers": {"accept": "*/*"}, **more}))

    def put(self, path, **more):
        return in_a_loop(self.client.put(path, **more))

    def post(self, path, **more):
        return in_a_loop(self.client.post(path, **more))

    def connect(self, headers=()):
        """What the app says of a connection, or the code with which it is closed."""
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.cookies.jar)
        pairs = [(name.lower().encode(), value.encode()) for name, value in dict(headers).items()]
        pairs += [(b"cookie", cookies.encode())] if cookies else []
        scope = {"type": "websocket", "path": "/_stcore/stream", "headers": pairs, "query_string": b""}
        sent = []

        async def send(message):
            sent.append(message)

        async def receive():
            return {"type": "websocket.connect"}

        in_a_loop(self.app(scope, receive, send))
        last = sent[0] if sent[0]["type"] == "websocket.close" else sent[1]
        return last["code"] if "code" in last else json.loads(last["text"])


def visitor(environment, *, auth=None, peer="127.0.0.1", clock=None, base="", scheme="http", **more):
    """A browser in front of a gate that is set up like this; `peer` is the other end of its socket."""
    settings = LoginSettings.read(environment, auth or {})
    more.setdefault("secret", b"s" * 32)
    gate = LoginGate(app, settings=settings, base=base, clock=clock or Clock(), **more)

    async def by_socket(scope, receive, send):
        await gate({**scope, PEER: peer}, receive, send)

    return Visitor(by_socket, scheme)


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    monkeypatch.setitem(login_gate._SCRYPT, "n", 2)
    # The badge is read with the clock of the wall, which stands where the gate's stands here.
    monkeypatch.setattr("ui.identity.time.time", lambda: Clock.now)


def sign_in(browser, passphrase=PHRASE, name="민지", headers=ORIGIN, **form):
    form = {"passphrase": passphrase, "name": name, "lang": "en", **form}
    return browser.post("/sign-in", data=form, headers=headers)


@pytest.fixture
def browser():
    return visitor({"JOURNEY_PASSPHRASE": PHRASE})


# ---- one passphrase ----


def test_a_stranger_gets_the_login_in_place_of_any_page(browser):
    answer = browser.get("/stages?project=p1&lang=ko", headers=PAGE)
    assert answer.status_code == 200
    assert 'value="/stages?project=p1&amp;lang=ko"' in answer.text
    assert '<html lang="ko">' in answer.text
    assert "person" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/", {"accept": "*/*"}),
        ("/_stcore/host-config", PAGE),
        ("/_stcore/upload_file/tab/file", PAGE),
        ("/media/0123.csv", PAGE),
        ("/static/js/index.js", PAGE),
        ("/component/x", PAGE),
    ],
)
def test_a_stranger_gets_nothing_else(browser, path, headers):
    assert browser.get(path, headers=headers).status_code == 401
    assert browser.put(path, headers=headers, content=b"x").status_code == 401


def test_a_stranger_gets_no_connection(browser):
    assert browser.connect() == 1008


def test_health_is_for_everybody(browser):
    assert browser.get("/_stcore/health").json()["person"] is None


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/agent/mcp", "/x/_stcore/agent/interact"])
@pytest.mark.parametrize("environment", [{}, {"JOURNEY_PASSPHRASE": PHRASE}])
def test_figures_of_the_server_and_doors_for_programs_are_closed_to_all(path, environment):
    someone = visitor(environment)
    sign_in(someone)
    assert someone.get(path).status_code == 404
    assert someone.post(path).status_code == 404


def test_who_knows_the_passphrase_comes_in_under_a_name_and_goes_where_they_wanted(browser):
    answer = sign_in(browser, next="/stages?project=p1", name="  김\u202e 민지\n ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/stages?project=p1")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Secure" not in cookie
    assert browser.get("/").json()["person"] == ["team", "김 민지", True]
    assert browser.connect()["person"] == ["team", "김 민지", True]


def test_behind_https_the_cookie_is_for_https_only():
    safe = visitor({"JOURNEY_PASSPHRASE": PHRASE}, scheme="https")
    assert "Secure" in sign_in(safe, headers={"origin": "https://testserver"}).headers["set-cookie"]


def test_a_passphrase_typed_as_parts_of_syllables_is_the_same():
    someone = visitor({"JOURNEY_PASSPHRASE": "열려라 참깨 열려라"})
    assert sign_in(someone, "열려라 참깨 열려라").status_code == 303


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.kr",
        "https://evil.kr",
        "/\\evil.kr",
        "/\t/evil.kr",
        "evil",
        "",
        "/" + "x" * 3000,
        "/\r\nset-cookie: a",
    ],
)
def test_nobody_is_led_elsewhere(browser, elsewhere):
    assert sign_in(browser, next=elsewhere).headers["location"] == "/"


@pytest.mark.parametrize("headers", [{}, {"origin": "null"}, {"origin": "http://evil.kr"}])
def test_a_form_from_elsewhere_signs_nobody_in(browser, headers):
    answer = sign_in(browser, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_wrong_tries_are_told_and_soon_wait_even_with_the_right_one():
    clock = Clock()
    someone = visitor({"JOURNEY_PASSPHRASE": PHRASE}, throttle=Throttle(clock=clock))
    for _ in range(5):
        answer = sign_in(someone, "open barley", name="<b>Kim</b>", next="/flows")
        assert answer.status_code == 403
        assert "not right" in answer.text and 'value="/flows"' in answer.text
        assert "&lt;b&gt;Kim" in answer.text and "<b>Kim" not in answer.text
        assert "barley" not in answer.text
    answer = sign_in(someone)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "5")
    clock.now += 5
    assert sign_in(someone).status_code == 303


@pytest.mark.parametrize("name", ["", "   ", "\u200b\u202e", "\x00"])
def test_a_name_is_asked_for(browser, name):
    assert sign_in(browser, name=name).status_code == 422


def test_a_name_is_short_and_visible():
    assert clean_name("a\u200bb\tc\u2028d\ud800") == "ab c d"
    assert len(clean_name("가" * 100)) == 40


def test_too_much_in_the_form_is_not_read(browser):
    assert sign_in(browser, "x" * 20_000).status_code == 413


def test_the_login_ends_by_time_by_another_passphrase_and_by_the_way_out(monkeypatch):
    clock = Clock()
    someone = visitor({"JOURNEY_PASSPHRASE": PHRASE, "JOURNEY_LOGIN_HOURS": "1"}, clock=clock)
    sign_in(someone)
    cookie = someone.cookies[COOKIE]
    clock.now += 3599
    assert someone.get("/").status_code == 200
    again = visitor({"JOURNEY_PASSPHRASE": PHRASE})
    again.cookies[COOKIE] = cookie
    assert again.get("/").status_code == 200, "another start of the server"
    for other in (
        visitor({"JOURNEY_PASSPHRASE": "another one"}),
        visitor({"JOURNEY_PASSPHRASE": PHRASE}, secret=b"t" * 32),
    ):
        other.cookies[COOKIE] = cookie
        assert other.get("/").status_code == 401
    clock.now += 2
    assert someone.get("/").status_code == 401
    someone = visitor({"JOURNEY_PASSPHRASE": PHRASE})
    sign_in(someone)
    assert someone.get("/sign-out", headers={"sec-fetch-site": "cross-site"}).headers["location"] == "/"
    assert someone.get("/").status_code == 200, "a link elsewhere signs nobody out"
    cookie = someone.cookies[COOKIE]
    someone.get("/sign-out")
    assert someone.get("/").status_code == 401
    someone.cookies[COOKIE] = cookie
    assert someone.get("/").status_code == 401, "a copy of the cookie"


@pytest.mark.parametrize("cookie", ["", "x", "e30=.x", "a" * 5000])
def test_a_made_up_cookie_opens_nothing(browser, cookie):
    browser.cookies[COOKIE] = cookie
    assert browser.get("/").status_code == 401


def test_below_a_path_all_goes_on_below_it():
    someone = visitor({"JOURNEY_PASSPHRASE": PHRASE}, base="/lab")
    page = someone.get("/lab/stages", headers=PAGE).text
    assert 'action="/lab/sign-in"' in page and 'value="/lab/stages"' in page
    assert someone.get("/lab/_stcore/health").status_code == 200
    form = {"passphrase": PHRASE, "name": "Kim", "next": "/elsewhere"}
    answer = someone.post("/lab/sign-in", data=form, headers=ORIGIN)
    assert answer.headers["location"] == "/lab/"
    assert "Path=/lab/" in answer.headers["set-cookie"]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_other_language_is_one_click_away_and_keeps_the_place(browser, language):
    other = {"ko": "en", "en": "ko"}[language]
    page = browser.get(f"/stages?project=p1&lang={language}", headers=PAGE).text
    assert f'href="/stages?project=p1&amp;lang={other}"' in page
    assert not re.search(r"(src|href)=\"(https?:)?//", page)


# ---- without a login ----


@pytest.mark.parametrize(
    ("server", "environment", "status"),
    [
        (("127.0.0.1", 1), {}, 200),
        (("::1", 1), {}, 200),
        (("192.168.0.7", 1), {}, 403),
        (("2001:db8::7", 1), {}, 403),
        (("192.168.0.7", 1), {"JOURNEY_ALLOW_OPEN": "1"}, 200),
        (("192.168.0.7", 1), {"JOURNEY_PASSPHRASE": PHRASE}, 401),
    ],
)
def test_without_a_login_only_this_machine_comes_in(server, environment, status):
    someone = visitor(environment)
    gate = someone.app

    async def at(scope, receive, send):
        await gate({**scope, "server": server}, receive, send)

    assert Visitor(at).get("/").status_code == status


def test_nobody_writes_their_own_badge(browser):
    sign_in(browser)
    other = visitor({})
    badge = "x.y"
    assert BADGE not in other.get("/", headers={BADGE: badge}).json()["names"]
    assert browser.get("/", headers={BADGE: badge}).json()["person"] == ["team", "민지", True]


# ---- an OpenID provider: the rest is in tests/e2e/test_login.py ----


def test_a_provider_that_cannot_be_reached_is_told_on_our_own_page(monkeypatch):
    async def streamlit(scope, receive, send):
        await send({"type": "http.response.start", "status": 400, "headers": []})
        await send({"type": "http.response.body", "body": b"Authentication error"})

    monkeypatch.setattr("tests.ui.test_login_gate.app", streamlit)
    someone = visitor({}, auth=AUTH)
    someone.cookies["journey_target"] = "/flows"
    answer = someone.get("/auth/login?provider=x")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?failed=1&next=%2Fflows")


@pytest.fixture
def signed_in(monkeypatch):
    """Somebody who came in by a provider, and what a copy of their cookie can be written as."""
    monkeypatch.setattr("ui.oidc.get_cookie_secret", lambda: "s" * 32)
    monkeypatch.setattr("ui.oidc.get_origin_from_redirect_uri", lambda: "http://testserver")
    someone = visitor({}, auth=AUTH)
    said = {"email": "kim@acme.com", "iat": Clock.now, "nonce": secrets.token_hex()}
    said |= {"origin": "http://testserver", "is_logged_in": True}
    someone.cookies[oidc.COOKIE] = create_signed_value("s" * 32, oidc.COOKIE, json.dumps(said)).decode()
    assert someone.get("/").json()["person"] == ["kim@acme.com", "", False]
    return someone


def test_a_login_that_is_over_is_over_however_its_cookie_is_written(signed_in):
    cookie = signed_in.cookies[oidc.COOKIE]
    # The last letter of a signature holds two bits that nobody reads.
    copies = [cookie[:-1] + letter for letter in BASE64]
    signed_in.cookies[oidc.COOKIE] = cookie
    signed_in.get("/sign-out")
    for copy in copies:
        signed_in.cookies[oidc.COOKIE] = copy
        assert signed_in.get("/").status_code == 401
        assert signed_in.connect() == 1008


def test_streamlits_own_way_out_ends_the_login_too_and_only_from_here(signed_in):
    answer = signed_in.get("/auth/logout", headers={"sec-fetch-site": "cross-site"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert signed_in.get("/").status_code == 200
    assert signed_in.get("/auth/logout").json()["path"] == "/auth/logout"
    assert signed_in.get("/").status_code == 401


def test_made_up_logins_push_nobody_out_of_those_that_are_over(browser, monkeypatch):
    few = Ended(most=3)
    monkeypatch.setattr(login_gate, "ended", lambda: few)
    sign_in(browser)
    cookie = browser.cookies[COOKIE]
    browser.get("/sign-out")
    for number in range(5):
        browser.cookies[COOKIE] = f"x.{number}"
        browser.get("/sign-out")
    browser.cookies[COOKIE] = cookie
    assert browser.get("/").status_code == 401


# ---- a proxy that knows ----

MAIL = "X-Forwarded-Email"


def test_a_trusted_proxy_says_who_it_is_and_the_app_never_sees_its_header():
    someone = visitor({"JOURNEY_LOGIN": "proxy", "JOURNEY_PROXY_NAME_HEADER": "X-Name"})
    seen = someone.get("/", headers={MAIL: "Kim@ACME.com", "X-Name": "김민지".encode()}).json()
    assert seen["person"] == ["kim@acme.com", "김민지", False]
    assert not {"x-forwarded-email", "x-name"} & set(seen["names"])
    assert someone.connect({MAIL: "lee@acme.com"})["person"] == ["lee@acme.com", "", False]


@pytest.mark.parametrize("peer", ["10.0.0.9", "::2", None, ""])
def test_nobody_else_is_believed(peer):
    someone = visitor({"JOURNEY_LOGIN": "proxy"}, peer=peer)
    headers = {MAIL: "kim@acme.com", "x-forwarded-for": "127.0.0.1"}
    assert someone.get("/", headers=headers).status_code == 401
    assert someone.connect(headers) == 1008


def test_without_the_proxys_word_or_with_two_nobody_comes_in():
    someone = visitor({"JOURNEY_LOGIN": "proxy"})
    for headers in ([], [(MAIL, "")], [(MAIL, "a@b.kr"), (MAIL, "c@d.kr")], [(MAIL, "a b@c.kr")]):
        assert someone.get("/", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "name", ["X_Forwarded_Email", "X-Forwarded_Email", "X-Forwarded-Email ", "Forwarded"]
)
def test_what_only_looks_like_the_proxys_word_is_none(name):
    someone = visitor({"JOURNEY_LOGIN": "proxy"})
    assert someone.connect({name: "lee@acme.com"}) == 1008
    both = {name: "lee@acme.com", MAIL.upper(): "kim@acme.com"}
    assert someone.connect(both)["person"] == ["kim@acme.com", "", False]
    assert (
        someone.get(
            "/?X-Forwarded-Email=lee@acme.com", headers={"cookie": f"{MAIL}=lee@acme.com"}
        ).status_code
        == 401
    )


def test_a_tab_is_of_one_person_and_one_login(browser):
    """Streamlit gives a tab back to the same only: what the gate says of it cannot be said from outside."""
    someone = visitor({"JOURNEY_LOGIN": "proxy"})
    kim = {MAIL: "kim@acme.com"}
    mine = someone.connect(kim)["tab_of"]
    assert mine == someone.connect(kim | {TAB_OF: "x"})["tab_of"]
    assert mine != someone.connect({MAIL: "lee@acme.com", TAB_OF: mine})["tab_of"]
    sign_in(browser)
    mine = browser.connect()["tab_of"]
    assert mine == browser.connect()["tab_of"]
    sign_in(browser)
    assert mine != browser.connect({TAB_OF: mine})["tab_of"]
    assert visitor({}).connect({TAB_OF: mine})["tab_of"] is None


def test_the_proxy_may_know_more_people_than_are_let_in():
    someone = visitor({"JOURNEY_LOGIN": "proxy", "JOURNEY_PEOPLE": "@acme.com"})
    assert someone.get("/", headers={MAIL: "kim@acme.com"}).status_code == 200
    assert someone.get("/", headers={MAIL: "kim@other.com"}).status_code == 403
    page = someone.get("/", headers={MAIL: "<i>@other.com", **PAGE}).text
    assert "&lt;i&gt;@other.com has no access here" in page
