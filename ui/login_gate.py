"""Nobody gets past the door unknown: every request and every connection, before Streamlit sees it."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import re
import time
import unicodedata
from collections.abc import Callable, Mapping
from secrets import token_hex
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from anyio import CapacityLimiter, to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from journey.i18n import text
from journey.projects.members import identified
from journey.projects.person import Person
from ui import oidc
from ui.identity import BADGE, TAB_OF, badge_of, ended
from ui.login_page import language_of, login_page, own_path
from ui.login_settings import LoginSettings
from ui.peer import PEER
from ui.seal import Seal
from ui.throttle import Throttle

__all__ = ["COOKIE", "SIGN_IN", "SIGN_OUT", "LoginGate", "clean_name"]

COOKIE = "journey_login"
SIGN_IN, SIGN_OUT = "/sign-in", "/sign-out"
_TARGET = "journey_target"
_TARGET_SECONDS = 900
_CLOSED = re.compile(r"/_stcore/(metrics|agent)(/|$)")
_HEALTH = "/_stcore/health"
_LEADS_IN = ("/auth/login", "/auth/logout")
_CALLBACK = "/oauth2callback"
_PARTS = re.compile(r"/(_stcore|media|component|static)(/|$)")
_MOST_BYTES = 8192
_LONGEST_NAME = 40
# About 50 ms and 16 MB a try.
_SCRYPT = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}

# A person, until when, and the mark of the login.
_Found = tuple[Person, float, str]


def clean_name(name: str) -> str:
    """A name as others will read it: no invisible marks, one space at a time, forty letters at most."""
    plain = "".join(" " if c.isspace() else c for c in unicodedata.normalize("NFC", name))
    seen = "".join(c for c in plain if unicodedata.category(c)[0] != "C")
    return " ".join(seen.split())[:_LONGEST_NAME].strip()


class LoginGate:
    """Lets through who came in, with a badge that says who it is; to others it shows the login or refuses.

    `secret` is the server's own; `base` the path below which the app lives.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        settings: LoginSettings,
        secret: bytes = b"",
        base: str = "",
        clock: Callable[[], float] = time.time,
        throttle: Throttle | None = None,
    ) -> None:
        self.app = app
        self._settings, self._clock, self._base = settings, clock, base
        self._throttle = throttle or Throttle()
        self._tries_at_once: CapacityLimiter | None = None
        self._salt = hashlib.sha256(b"passphrase" + secret).digest()
        self._right = self._digest(settings.passphrase) if settings.mode == "passphrase" else b""
        # Another passphrase makes other seals: what was sealed before opens nothing any more.
        self._seal = Seal(hmac.digest(secret or b"none", self._right, hashlib.sha256), "login")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        peer = scope.get(PEER)
        claimed = HTTPConnection(scope).headers
        taken = {BADGE, TAB_OF, self._settings.header, self._settings.name_header}
        kept = [pair for pair in scope["headers"] if pair[0].decode("latin-1") not in taken]
        scope = {**scope, "headers": kept}
        answer = self._closed(scope)
        if answer is None and not self._is_public(scope):
            answer = await self._answer(scope, receive, peer, claimed)
        if answer is None:
            await self.app(scope, receive, self._led(scope, send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await answer(scope, receive, send)

    # ---- what is the same for all ----

    def _path(self, scope: Scope) -> str:
        path: str = scope["path"]
        return path.removeprefix(self._base) if path.startswith(f"{self._base}/") else path

    def _closed(self, scope: Scope) -> Response | None:
        """What nobody gets: figures of the server, doors for programs, and a server that stands open."""
        if _CLOSED.search(scope["path"]):
            return PlainTextResponse("Not Found", 404)
        if self._settings.mode == "oidc" and scope["type"] == "http" and self._path(scope) == _LEADS_IN[1]:
            # Streamlit's own way out, which asks nothing.
            if _is_led_from_elsewhere(Request(scope)):
                return _to(self._root)
            self._end(_cookies(scope))
        if self._settings.mode == "none" and not self._settings.is_open and not _is_here(scope):
            language = language_of(Request(scope)) if scope["type"] == "http" else "en"
            return PlainTextResponse(text("login.wrong_open_request", language), 403)
        return None

    def _is_public(self, scope: Scope) -> bool:
        path = self._path(scope)
        leads_in = self._settings.mode == "oidc" and path in (*_LEADS_IN, _CALLBACK)
        return self._settings.mode == "none" or path == _HEALTH or leads_in

    async def _answer(
        self, scope: Scope, receive: Receive, peer: str | None, claimed: Headers
    ) -> Response | None:
        """The gate's own answer; None lets the request through, with its badge."""
        path = self._path(scope)
        if scope["type"] == "http" and path == SIGN_OUT:
            return self._signed_out(Request(scope))
        reason, who = "", ""
        try:
            found = self._who(scope, peer, claimed)
        except oidc.Refused as refused:
            found, reason, who = None, refused.reason, refused.who
        if scope["type"] == "http" and path == SIGN_IN:
            return await self._sign_in(Request(scope, receive), found, reason, who)
        if found is None:
            return self._refusal(scope, reason, who)
        tab_of = _mark([found[0].key, found[2]])
        scope["headers"] += [(BADGE.encode(), badge_of(*found).encode()), (TAB_OF.encode(), tab_of.encode())]
        return None

    def _who(self, scope: Scope, peer: str | None, claimed: Headers) -> _Found | None:
        """Whose request this is, until when and by which login; None for nobody."""
        now = self._clock()
        if self._settings.mode == "proxy":
            return self._of_proxy(peer, claimed, now)
        said = self._said(_cookies(scope))
        if said is None or _mark(said) in ended():
            return None
        if self._settings.mode == "oidc":
            return (*oidc.person_of(said, self._settings, now), _mark(said))
        return Person("team", said["name"], sees_all=True), said["until"], _mark(said)

    def _said(self, cookies: Mapping[str, str]) -> dict[str, Any] | None:
        """What the cookies say of a login, if they are ours."""
        if self._settings.mode == "oidc":
            return oidc.claims_of(cookies)
        return self._seal.opened(cookies.get(COOKIE), self._clock())

    def _end(self, cookies: Mapping[str, str]) -> None:
        """Let a login be over; one that never was leaves the list of those that are as it is."""
        said = self._said(cookies)
        if said is not None:
            ended().add(_mark(said))

    def _refusal(self, scope: Scope, reason: str, who: str) -> Response:
        if scope["type"] == "websocket" or not _wants_a_page(scope) or _PARTS.match(self._path(scope)):
            return PlainTextResponse("Sign in first", 403 if reason else 401)
        request = Request(scope)
        return self._page(request, own_path(_address(scope), self._base), reason=reason, who=who)

    def _page(
        self, request: Request, next_path: str, *, reason: str = "", status: int = 200, **more: object
    ) -> Response:
        language = str(more.pop("language", "")) or language_of(request)
        here = _address(request.scope)
        if self._path(request.scope) == SIGN_IN:
            here = f"{self._base}{SIGN_IN}?{urlencode({'next': next_path})}"
        values = {key: more.pop(key) for key in ("who", "wait") if key in more}
        return login_page(
            language,
            here=here,
            next_path=next_path,
            action=f"{self._base}{SIGN_IN}",
            has_form=self._settings.mode == "passphrase",
            providers=[self._way(name, next_path, language) for name in self._settings.providers],
            problem=text(f"login.problem_{reason}", language, **values) if reason else "",
            status=status,
            **more,  # type: ignore[arg-type]
        )

    async def _sign_in(self, request: Request, found: _Found | None, reason: str, who: str) -> Response:
        if self._settings.mode == "passphrase" and request.method == "POST":
            return await self._try(request)
        next_path = own_path(request.query_params.get("next"), self._base)
        provider = request.query_params.get("provider")
        if self._settings.mode == "oidc" and provider in self._settings.providers:
            away = _to(oidc.login_url(provider))
            away.set_cookie(
                _TARGET, next_path, _TARGET_SECONDS, path=self._root, httponly=True, samesite="lax"
            )
            return away
        if found is not None:
            return _to(next_path)
        if not reason and "failed" in request.query_params:
            reason = "failed"
        return self._page(request, next_path, reason=reason, who=who)

    def _signed_out(self, request: Request) -> Response:
        if _is_led_from_elsewhere(request):
            return _to(self._root)
        self._end(_cookies(request.scope))
        oidc_way, home = f"{self._base}/auth/logout", f"{self._root}?lang={language_of(request)}"
        away = _to(oidc_way if self._settings.mode == "oidc" else home)
        away.delete_cookie(COOKIE, path=self._root)
        return away

    @property
    def _root(self) -> str:
        return f"{self._base}/"

    # ---- one passphrase ----

    async def _try(self, request: Request) -> Response:
        if not _is_from_here(request):
            return PlainTextResponse("Not from here", 403)
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > _MOST_BYTES:
                return PlainTextResponse("Too large", 413)
        form = {key: values[0] for key, values in parse_qs(body.decode("utf-8", "replace")).items()}
        next_path, name = own_path(form.get("next"), self._base), clean_name(form.get("name", ""))
        told = {"name": name, "language": form.get("lang") if form.get("lang") in ("ko", "en") else ""}
        if not name:
            return self._page(request, next_path, reason="name", status=422, **told)
        address = request.client.host if request.client else None
        wait = self._throttle.begin(address)
        if wait:
            after = {"retry-after": str(wait)}
            return self._page(request, next_path, reason="wait", wait=wait, status=429, headers=after, **told)
        if not await self._is_right(form.get("passphrase", "")):
            return self._page(request, next_path, reason="wrong", status=403, **told)
        self._throttle.right(address)
        seconds = int(self._settings.hours * 3600)
        away = _to(next_path)
        away.set_cookie(
            COOKIE,
            self._seal.sealed({"name": name, "one": token_hex(8)}, self._clock() + seconds),
            seconds,
            path=self._root,
            httponly=True,
            samesite="lax",
            secure=request.scope["scheme"] == "https",
        )
        return away

    async def _is_right(self, passphrase: str) -> bool:
        if self._tries_at_once is None:
            self._tries_at_once = CapacityLimiter(2)
        digest = await to_thread.run_sync(self._digest, passphrase, limiter=self._tries_at_once)
        return hmac.compare_digest(digest, self._right)

    def _digest(self, passphrase: str) -> bytes:
        plain = unicodedata.normalize("NFKC", passphrase.strip())
        return hashlib.scrypt(plain.encode("utf-8", "replace"), salt=self._salt, **_SCRYPT)

    # ---- an OpenID provider ----

    def _way(self, provider: str, next_path: str, language: str) -> tuple[str, str]:
        """What the button of a provider says, and where it leads."""
        key = "login.go" if provider == "default" else "login.go_with"
        url = f"{self._base}{SIGN_IN}?{urlencode({'provider': provider, 'next': next_path})}"
        return text(key, language, name=provider.title()), url

    def _led(self, scope: Scope, send: Send) -> Send:
        """Streamlit leads everybody to the start: lead them where they wanted to go, or say that it failed.

        On the way to the provider that is a problem (it cannot be reached), on the way back an answer without
        a login; the way back from signing out has no state.
        """
        path = self._path(scope) if self._settings.mode == "oidc" else ""
        comes_back = path == _CALLBACK and b"state=" in scope.get("query_string", b"")
        if path != _LEADS_IN[0] and not comes_back:
            return send
        target = own_path(_cookies(scope).get(_TARGET), self._base)
        failed = f"{self._base}{SIGN_IN}?{urlencode({'failed': 1, 'next': target})}"

        async def lead(message: Message) -> None:
            if message["type"] == "http.response.start" and (comes_back or message["status"] >= 400):
                headers = MutableHeaders(raw=message["headers"])
                set_now = "; ".join(headers.getlist("set-cookie"))
                came_in = re.search(rf"(^|; ){oidc.COOKIE}=[^;\"]", set_now) is not None
                message["status"], headers["location"] = 303, target if came_in else failed
                if came_in:
                    gone = Response()
                    gone.delete_cookie(_TARGET, path=self._root)
                    headers.append("set-cookie", gone.headers["set-cookie"])
            await send(message)

        return lead

    # ---- a proxy that knows ----

    def _of_proxy(self, peer: str | None, claimed: Headers, now: float) -> _Found | None:
        if not self._settings.trusts(peer):
            return None
        told = claimed.getlist(self._settings.header)
        person_id = identified(told[0]) if len(told) == 1 else ""
        if not person_id:
            return None
        if not self._settings.lets_in(person_id):
            raise oidc.Refused("stranger", person_id)
        name = claimed.get(self._settings.name_header, "") if self._settings.name_header else ""
        return Person(person_id, clean_name(_utf8(name))), now + self._settings.hours * 3600, ""


def _utf8(latin: str) -> str:
    """Headers are read letter by letter as Latin; proxies send UTF-8."""
    return latin.encode("latin-1", "replace").decode("utf-8", "replace")


def _mark(said: object) -> str:
    """What tells a login from others: made of what its cookie says, which can be written in several ways."""
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]


def _to(path: str) -> RedirectResponse:
    return RedirectResponse(path, 303, {"cache-control": "no-store"})


def _address(scope: Scope) -> str:
    raw = scope.get("raw_path") or scope["path"].encode()
    query = scope.get("query_string", b"")
    return (raw.split(b"?")[0] + (b"?" + query if query else b"")).decode("latin-1")


def _cookies(scope: Scope) -> dict[str, str]:
    return dict(HTTPConnection(scope).cookies)


def _wants_a_page(scope: Scope) -> bool:
    accepted = dict(scope["headers"]).get(b"accept", b"")
    return scope["method"] in ("GET", "HEAD") and b"text/html" in accepted


def _is_from_here(request: Request) -> bool:
    """Was the form sent by a page of this server?"""
    origin = urlsplit(request.headers.get("origin", ""))
    return bool(origin.netloc) and origin.netloc == request.headers.get("host")


def _is_led_from_elsewhere(request: Request) -> bool:
    """Was a link or a picture on somebody else's page followed? Those sign nobody out."""
    return request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin")


def _is_here(scope: Scope) -> bool:
    """Did the request come in by an address that only this machine can reach?"""
    server = scope.get("server")
    try:
        return server is None or ipaddress.ip_address(server[0]).is_loopback
    except ValueError:
        return True
