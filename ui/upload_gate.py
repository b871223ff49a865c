"""How much may wait in the server's memory: an upload over the quota is refused before it is read."""

from __future__ import annotations

import re
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping

import streamlit as st
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime import get_instance
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from journey.errors import FileTooLarge
from ui.identity import TAB_OF

__all__ = ["Refusals", "UploadGate", "refusals", "waiting"]

_UPLOAD = re.compile(r"/_stcore/upload_file/([^/]+)/[^/]+/?$")
_NOT_YOURS, _NO_LENGTH, _TOO_LARGE = 403, 411, 413
# What a form adds to the bytes of the file in it; the app itself looks at the file to the byte.
_FRAME = 2**20
_NAMED = re.compile(rb'filename="([^"\r\n]*)"')
_LONGEST_NAME = 255


def waiting() -> Mapping[str, list[int]]:
    """The sizes of the files that Streamlit holds for each browser tab until the app has taken them over."""
    manager = get_instance().uploaded_file_mgr
    if not isinstance(manager, MemoryUploadedFileManager):
        return {}
    # Copies, because other threads add and remove files meanwhile.
    tabs = dict(manager.file_storage)
    return {tab: [len(file.data) for file in list(files.values())] for tab, files in tabs.items()}


class Refusals:
    """What was refused at the gate and was not told yet, for each browser tab; the latest few."""

    def __init__(self, *, tabs: int = 200, files: int = 100) -> None:
        self._tabs, self._files = tabs, files
        self._told: OrderedDict[str, tuple[tuple[str, FileTooLarge], ...]] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, tab: str, name: str, problem: FileTooLarge) -> None:
        """Remember that the file of this name was refused."""
        with self._lock:
            self._told[tab] = (*self._told.get(tab, ()), (name, problem))[-self._files :]
            self._told.move_to_end(tab)
            while len(self._told) > self._tabs:
                self._told.popitem(last=False)

    def take(self, tab: str) -> tuple[tuple[str, FileTooLarge], ...]:
        """What was refused of this tab's files, to be told now and not again."""
        with self._lock:
            return self._told.pop(tab, ())


@st.cache_resource(max_entries=1, show_spinner=False)
def refusals() -> Refusals:
    """What the gate of this server has refused; a tab hears of its own files only."""
    return Refusals()


def _tell(tab: str, name: str, problem: FileTooLarge) -> None:
    if get_instance().is_active_session(tab):
        refusals().add(tab, name, problem)


def is_own(scope: Scope, tab: str) -> bool:
    """Does the tab of this name belong to the login that the request comes with, as the gate says of both?"""
    client = get_instance().get_client(tab)
    # What is sent to a tab that is not there any more is refused by Streamlit.
    if client is None:
        return True
    of = dict(client.client_context.headers).get(TAB_OF, "")
    return of == dict(scope["headers"]).get(TAB_OF.encode(), b"").decode("latin-1")


class UploadGate:
    """Streamlit would bound one file; this bounds the files of one tab, and those of all tabs together.

    What counts is what waits in memory: files that Streamlit holds, and those on their way. `held` tells the
    former, `tell` is told what was refused, by the name of the file. An upload that does not say how long it
    is gets no further, nor does one into somebody else's tab (`own` says whose it is).
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        file_bytes: int,
        tab_bytes: int,
        tab_files: int,
        server_bytes: int,
        held: Callable[[], Mapping[str, list[int]]] = waiting,
        tell: Callable[[str, str, FileTooLarge], None] = _tell,
        own: Callable[[Scope, str], bool] = is_own,
    ) -> None:
        self.app = app
        self._file_bytes = file_bytes
        self._tab_bytes, self._tab_files, self._server_bytes = tab_bytes, tab_files, server_bytes
        self._held, self._tell, self._own = held, tell, own
        self._files: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        upload = _UPLOAD.search(scope.get("path", "")) if scope["type"] == "http" else None
        if upload is not None and not self._own(scope, upload[1]):
            await PlainTextResponse("Not yours", _NOT_YOURS)(scope, receive, send)
            return
        if upload is None or scope["method"] != "PUT":
            await self.app(scope, receive, send)
            return
        length = dict(scope["headers"]).get(b"content-length", b"")
        if not length.isdigit():
            await PlainTextResponse("How long is it?", _NO_LENGTH)(scope, receive, send)
            return
        tab, size = upload[1], int(length)
        problem = self._problem(tab, size)
        if problem is not None:
            self._tell(tab, await _name(receive), problem)
            # Closed, so that the browser does not send all the rest in vain.
            refusal = PlainTextResponse("Too much at once", _TOO_LARGE, {"connection": "close"})
            await refusal(scope, receive, send)
            return
        # Nothing waits between the look and the note, so two uploads cannot both take the last place.
        self._files[tab] += 1
        self._bytes[tab] += size
        try:
            await self.app(scope, receive, send)
        finally:
            self._files[tab] -= 1
            self._bytes[tab] -= size
            if not self._files[tab]:
                del self._files[tab], self._bytes[tab]

    def _problem(self, tab: str, size: int) -> FileTooLarge | None:
        """Why there is no room for so many more bytes; None where there is."""
        held = self._held()
        own = held.get(tab, [])
        files = len(own) + self._files[tab] + 1
        mine = sum(own) + self._bytes[tab] + size
        everything = sum(map(sum, held.values())) + self._bytes.total() + size
        for what, found, most in (
            ("bytes", size - _FRAME, self._file_bytes),
            ("session_files", files, self._tab_files),
            ("session_bytes", mine, self._tab_bytes),
            ("server_bytes", everything, self._server_bytes),
        ):
            if found > most:
                return FileTooLarge(what=what, size=size if what == "bytes" else found, most=most)
        return None


async def _name(receive: Receive) -> str:
    """What the file is called, from the first bytes of its form; "" where they do not say."""
    message = await receive()
    named = _NAMED.search(bytes(message.get("body", b"")[: 2 * _LONGEST_NAME * 4]))
    return "" if named is None else named[1].decode("utf-8", "replace")[:_LONGEST_NAME]
