"""How much may wait in the server's memory: an upload over the quota is refused before it is read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime import get_instance
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

__all__ = ["UploadGate", "waiting"]

_UPLOAD = re.compile(r"/_stcore/upload_file/([^/]+)/[^/]+/?$")
_NO_LENGTH, _TOO_LARGE = 411, 413


def waiting() -> Mapping[str, list[int]]:
    """The sizes of the files that Streamlit holds for each browser tab until the app has taken them over."""
    manager = get_instance().uploaded_file_mgr
    if not isinstance(manager, MemoryUploadedFileManager):
        return {}
    # Copies, because other threads add and remove files meanwhile.
    tabs = dict(manager.file_storage)
    return {tab: [len(file.data) for file in list(files.values())] for tab, files in tabs.items()}


class UploadGate:
    """Streamlit bounds one file; this bounds the files of one tab, and those of all tabs together.

    What counts is what waits in memory: files that Streamlit holds, and those on their way. `held` tells the
    former; an upload that does not say how long it is gets no further.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        tab_bytes: int,
        tab_files: int,
        server_bytes: int,
        held: Callable[[], Mapping[str, list[int]]] = waiting,
    ) -> None:
        self.app = app
        self._tab_bytes, self._tab_files, self._server_bytes = tab_bytes, tab_files, server_bytes
        self._held = held
        self._files: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        upload = _UPLOAD.search(scope.get("path", "")) if scope["type"] == "http" else None
        if upload is None or scope["method"] != "PUT":
            await self.app(scope, receive, send)
            return
        length = dict(scope["headers"]).get(b"content-length", b"")
        if not length.isdigit():
            await PlainTextResponse("How long is it?", _NO_LENGTH)(scope, receive, send)
            return
        tab, size = upload[1], int(length)
        if not self._has_room(tab, size):
            await PlainTextResponse("Too much at once", _TOO_LARGE)(scope, receive, send)
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

    def _has_room(self, tab: str, size: int) -> bool:
        held = self._held()
        own = held.get(tab, [])
        everything = sum(map(sum, held.values())) + self._bytes.total()
        return (
            len(own) + self._files[tab] < self._tab_files
            and sum(own) + self._bytes[tab] + size <= self._tab_bytes
            and everything + size <= self._server_bytes
        )
