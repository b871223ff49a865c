"""The number of a project for whoever looks at it: pushed over a WebSocket, or asked for where none works.

Nothing but that number travels. Each connection brings a ticket that a run of the page has given it: it holds
in the hands of that person, and no longer than their login. The store is asked again before every number.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
import secrets
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from journey.errors import JourneyError, ProjectMissing
from journey.projects.person import Person
from journey.projects.store import Store
from journey.projects.watcher import Watcher
from ui.identity import BADGE, person_at

__all__ = ["HEADER", "PATH", "PROTOCOL", "LiveRoute", "ticket"]

PATH = "/live"
PROTOCOL = "journey-live"
HEADER = "x-journey-ticket"
# What is left over after a restart is worth nothing: the pages get new tickets when they run again.
_SECRET = secrets.token_bytes(32)
_HOUR = 3600
_HOURS = 12
_MOST_SOCKETS = 500
_MOST_OF_ONE = 100
_ASK_AGAIN = 30.0
_PAUSE = 1.0
_NOTHING_TO_SAY, _TOO_MANY, _EXPIRED, _GONE = 1008, 1013, 4401, 4404


@dataclass(frozen=True)
class _Ticket:
    """Who may hear of which project, until when (seconds since 1970)."""

    project_id: str
    person: Person
    until: int


def ticket(project_id: str, person: Person, *, now: float | None = None) -> str:
    """What lets this person's browser hear of the project for some 12 hours; the same for an hour."""
    until = (int(time.time() if now is None else now) // _HOUR + _HOURS + 1) * _HOUR
    said = json.dumps([project_id, person.id, person.name, person.sees_all, until]).encode()
    body = base64.urlsafe_b64encode(said).decode().rstrip("=")
    return f"{body}.{_sign(body)}"


def _sign(body: str) -> str:
    return hmac.new(_SECRET, body.encode(), hashlib.sha256).hexdigest()


def _read(text: str) -> _Ticket | None:
    """What a ticket of ours says; None for anybody else's."""
    body, _, signature = text.partition(".")
    if not hmac.compare_digest(_sign(body).encode(), signature.encode()):
        return None
    try:
        said = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (binascii.Error, ValueError):
        return None
    project_id, person_id, name, sees_all, until = said
    return _Ticket(project_id, Person(person_id, name, sees_all), until)


def _is_from_here(asking: HTTPConnection) -> bool:
    """Does a page of this very host ask? A browser says so, and no script can change what it says."""
    host, origin = asking.headers.get("host"), asking.headers.get("origin")
    if not is_host_allowed(host):
        return False
    if origin is not None:
        return urlsplit(origin).netloc == host
    # A plain request to its own host bears no origin; a WebSocket always does.
    site = asking.headers.get("sec-fetch-site", "same-origin")
    return asking.scope["type"] == "http" and site == "same-origin"


def _person(asking: HTTPConnection) -> Person | None:
    return person_at(asking.headers.get(BADGE))


class LiveRoute:
    """The two routes over one store; `most` sockets in all and `most_of_one` of one person may be open.

    `who` tells whose connection it is, None from the moment in which they signed out.
    """

    def __init__(
        self,
        store: Store,
        *,
        who: Callable[[HTTPConnection], Person | None] = _person,
        most: int = _MOST_SOCKETS,
        most_of_one: int = _MOST_OF_ONE,
        ask_again: float = _ASK_AGAIN,
    ) -> None:
        self._store, self._who = store, who
        self._watcher = Watcher(store)
        self._most, self._most_of_one, self._ask_again = most, most_of_one, ask_again
        self._open: Counter[str] = Counter()

    def routes(self, base: str = "") -> list[BaseRoute]:
        """Both under one address, below the address of the app."""
        path = f"/{base.strip('/')}{PATH}/{{project}}".replace("//", "/")
        return [WebSocketRoute(path, self.socket), Route(path, self.plain, methods=["GET"])]

    async def plain(self, request: Request) -> Response:
        """The number now: 403 without a ticket that holds, 404 without the project, 503 when it must wait."""
        held = self._held(request, request.headers.get(HEADER, ""))
        if held is None:
            return PlainTextResponse("", 403)
        try:
            number = await run_in_threadpool(self._number, held)
        except ProjectMissing:
            return PlainTextResponse("", 404)
        except JourneyError:
            return PlainTextResponse("", 503)
        return PlainTextResponse(str(number), headers={"cache-control": "no-store"})

    async def socket(self, websocket: WebSocket) -> None:
        """Push the number at once and after each change, until something speaks against it."""
        offered = websocket.scope["subprotocols"]
        known = len(offered) == 2 and offered[0] == PROTOCOL
        held = self._held(websocket, offered[1]) if known else None
        if held is None:
            await websocket.close(_NOTHING_TO_SAY)
            return
        if self._open.total() >= self._most or self._open[held.person.key] >= self._most_of_one:
            await websocket.close(_TOO_MANY)
            return
        # Nothing waits between the look and the note, so two sockets cannot both take the last place.
        self._open[held.person.key] += 1
        try:
            await self._serve(websocket, held)
        finally:
            self._open[held.person.key] -= 1
            self._open += Counter()

    async def _serve(self, websocket: WebSocket, held: _Ticket) -> None:
        loop, changed = asyncio.get_running_loop(), asyncio.Event()

        def wake(_: int | None) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(changed.set)

        try:
            await run_in_threadpool(self._number, held)
            await run_in_threadpool(self._watcher.subscribe, held.project_id, wake)
        except JourneyError:
            await websocket.close(_NOTHING_TO_SAY)
            return
        try:
            await websocket.accept(PROTOCOL)
            code = await _first(
                self._push(websocket, held, changed), self._over(websocket, held), _said_something(websocket)
            )
            if code is not None:
                await websocket.close(code)
        finally:
            self._watcher.unsubscribe(held.project_id, wake)

    async def _push(self, websocket: WebSocket, held: _Ticket, changed: asyncio.Event) -> int:
        """Why it came to an end, as the code of a closing socket."""
        told = None
        while True:
            # Where nothing happens for long, somebody may still have lost the right to hear of it.
            with anyio.move_on_after(self._ask_again):
                await changed.wait()
            changed.clear()
            if not self._holds(websocket, held):
                return _EXPIRED
            try:
                number = await run_in_threadpool(self._number, held)
            except ProjectMissing:
                return _GONE
            except JourneyError:
                await anyio.sleep(_PAUSE)
                changed.set()
                continue
            if number != told:
                await websocket.send_text(str(number))
                told = number

    def _held(self, asking: HTTPConnection, text: str) -> _Ticket | None:
        """The ticket, if it holds here and now."""
        held = _read(text) if _is_from_here(asking) else None
        if held is None or held.project_id != asking.path_params["project"]:
            return None
        return held if self._holds(asking, held) else None

    def _holds(self, asking: HTTPConnection, held: _Ticket) -> bool:
        """Is the ticket good now, and in the hands of whom it was given to?"""
        return held.until > time.time() and self._who(asking) == held.person

    async def _over(self, asking: HTTPConnection, held: _Ticket) -> int:
        """Wait until the time of the ticket is over, or its person has signed out."""
        while self._holds(asking, held):
            await anyio.sleep(_PAUSE)
        return _EXPIRED

    def _number(self, held: _Ticket) -> int:
        """The number, if the person may still see the project."""
        return self._store.for_(held.person).open(held.project_id).head


async def _said_something(websocket: WebSocket) -> int | None:
    """Wait until the browser goes, or says what nobody asked it."""
    message = await websocket.receive()
    return None if message["type"] == "websocket.disconnect" else _NOTHING_TO_SAY


async def _first(*works: Awaitable[int | None]) -> int | None:
    """What the first of them says; the others end with it."""
    said: list[int | None] = []

    async def until_said(work: Awaitable[int | None]) -> None:
        said.append(await work)
        group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        for work in works:
            group.start_soon(until_said, work)
    return said[0]
