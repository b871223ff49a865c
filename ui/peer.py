"""Who really holds the other end of a connection: uvicorn puts what a proxy claims in that place."""

from __future__ import annotations

from typing import Any

import uvicorn.config
from starlette.types import Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

__all__ = ["PEER", "keep_peers"]

PEER = "journey.peer"


class _KeepsPeer(ProxyHeadersMiddleware):
    """Notes the address of the socket before X-Forwarded-For takes its place."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> Any:  # type: ignore[override]
        if scope["type"] in ("http", "websocket"):
            client = scope.get("client")
            scope[PEER] = client[0] if client else None
        return await super().__call__(scope, receive, send)  # type: ignore[arg-type]


def keep_peers() -> None:
    """Let the server that is about to start note them; called while it loads the app.

    `streamlit run` offers no setting for this. Without the note nobody is believed: the gate lets nobody in.
    """
    uvicorn.config.ProxyHeadersMiddleware = _KeepsPeer  # type: ignore[misc]
