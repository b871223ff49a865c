"""Launcher: `streamlit run app.py` serves Journey Lab; the frame and every page live behind ui/main.py."""

from __future__ import annotations

import logging
import os
import sys
import threading
import traceback
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from journey.projects.store import Store
from journey.sources.limits import LIMITS
from ui.live_route import LiveRoute
from ui.upload_gate import UploadGate

_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"SAMEORIGIN"),
    # Streamlit writes its scripts and styles into the page, so these stay open; what a name in somebody's
    # data could make a browser fetch from elsewhere, or send there, does not.
    (
        b"content-security-policy",
        b"frame-ancestors 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-src 'self'; "
        b"img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:",
    ),
)


def keep_data_out_of_logs() -> None:
    """From now on a logged exception is its kind and where it happened: its message may hold a row."""
    make = logging.getLogRecordFactory()

    def without_message(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        if record.exc_info and record.exc_info[0] is not None:
            kind, _, trace = record.exc_info
            places = "".join(traceback.format_tb(trace))
            record.msg, record.args = f"{record.getMessage()}: {kind.__name__}\n{places}", ()
            record.exc_info = None
        return record

    logging.setLogRecordFactory(without_message)


class SecurityHeaders:
    """Adds the headers that Streamlit does not send to every HTTP answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *_HEADERS]
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


@asynccontextmanager
async def show_in_browser(_: Any) -> AsyncIterator[None]:
    """Open the page for whoever typed `make run` at a screen; a server without one stays quiet."""
    has_screen = sys.platform in ("darwin", "win32") or os.environ.keys() & {"DISPLAY", "WAYLAND_DISPLAY"}
    if os.environ.get("JOURNEY_OPEN_BROWSER") == "1" and has_screen:
        port = st.get_option("server.port")
        threading.Timer(1.0, webbrowser.open, [f"http://localhost:{port}"]).start()
    yield


keep_data_out_of_logs()
app = st.App(
    "ui/main.py",
    middleware=[
        Middleware(SecurityHeaders),
        Middleware(
            UploadGate,
            file_bytes=min(LIMITS.bytes, st.get_option("server.maxUploadSize") * 2**20),
            tab_bytes=LIMITS.session_bytes,
            tab_files=LIMITS.session_files,
            server_bytes=LIMITS.server_bytes,
        ),
    ],
    routes=LiveRoute(Store()).routes(st.get_option("server.baseUrlPath")),
    lifespan=show_in_browser,
)
