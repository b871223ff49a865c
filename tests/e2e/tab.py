"""A browser tab without a browser: it speaks Streamlit's own protocol, and may say what no page would say."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode, urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

_SECONDS = 20.0


class Tab:
    """One connection; `said` is every message that came, `session` what the server calls the tab."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self.said: list[ForwardMsg] = []
        self.session = ""

    def run(self, query: str = "", **wishes: Any) -> bytes:
        """Let the script run as `ask` does; what it draws, as it travels."""
        self.ask(query, **wishes)
        return self.hear(until="script_finished")

    def ask(
        self,
        query: str = "",
        *,
        page: str = "",
        widgets: Mapping[str, Mapping[str, Any]] | None = None,
        fragment: str = "",
    ) -> None:
        """Wish for a run, with these states of widgets; a fragment that is not there is not answered."""
        wish = BackMsg()
        state = wish.rerun_script
        state.query_string, state.page_name, state.fragment_id = query, page, fragment
        for name, value in (widgets or {}).items():
            state.widget_states.widgets.add(id=name, **value)
        self._socket.send(wish.SerializeToString())

    def file(self, file_id: str) -> bytes:
        """Click on a download: the answer, as it travels."""
        wish = BackMsg()
        wanted = wish.backend_operation_request
        wanted.request_id, wanted.session_id, wanted.deferred_file.file_id = "1", self.session, file_id
        self._socket.send(wish.SerializeToString())
        return self.hear(until="backend_operation_response")

    def hear(self, *, until: str) -> bytes:
        """All that comes up to a message of this kind, as it travels."""
        came = b""
        while True:
            raw = self._socket.recv(timeout=_SECONDS)
            message = ForwardMsg.FromString(raw)
            self.said.append(message)
            came += raw
            if message.HasField("new_session"):
                self.session = message.new_session.initialize.session_id
            if message.WhichOneof("type") == until and message.script_finished != 2:
                return came

    def elements(self) -> Iterator[Any]:
        """Everything that was drawn in this tab so far."""
        for message in self.said:
            if message.delta.HasField("new_element"):
                yield message.delta.new_element


@contextmanager
def tab(address: str, headers: Sequence[tuple[str, str]], *, again: str = "") -> Iterator[Tab]:
    """A tab with these headers; `again` is what the server called the tab that this one says it was."""
    protocols = ["streamlit", secrets.token_hex(8), *([again] if again else [])]
    to = urlsplit(address)
    with connect(
        f"ws://{to.netloc}/_stcore/stream",
        origin=address,
        subprotocols=protocols,
        additional_headers=list(headers),
        max_size=None,
        compression=None,
    ) as socket:
        yield Tab(socket)


def query(**asked: str) -> str:
    """A query string."""
    return urlencode(asked)
