"""What a tab may say to the server: what our pages say, and none of Streamlit's other commands."""

from __future__ import annotations

from google.protobuf.message import DecodeError
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

__all__ = ["MessageGate"]

_STREAM = "/_stcore/stream"
_SAID = ("rerun_script", "stop_script", "file_urls_request", "app_heartbeat")
# A download that is made now, and the rows of a long table that are scrolled to.
_WANTED = ("deferred_file", "dataframe_chunk")


class MessageGate:
    """Drops what no page of ours sends.

    To empty the caches, for one, would empty those of everybody, and with them go the files that others have
    brought and not yet put into a project.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def wanted() -> Message:
            while True:
                message = await receive()
                if message["type"] != "websocket.receive" or _is_wanted(message.get("bytes")):
                    return message

        is_tab = scope["type"] == "websocket" and scope["path"].endswith(_STREAM)
        await self.app(scope, wanted if is_tab else receive, send)


def _is_wanted(raw: bytes | None) -> bool:
    try:
        said = BackMsg.FromString(raw or b"")
    except DecodeError:
        return False
    kind = said.WhichOneof("type")
    return kind in _SAID or said.backend_operation_request.WhichOneof("payload") in _WANTED
