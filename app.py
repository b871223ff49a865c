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
from streamlit import config

from journey.projects.store import Store
from journey.sources.limits import LIMITS
from ui.identity import TAB_OF
from ui.live_route import LiveRoute
from ui.login_gate import LoginGate
from ui.message_gate import MessageGate
from ui.peer import keep_peers
from ui.security_headers import SecurityHeaders
from ui.start import gate_options
from ui.upload_gate import UploadGate


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


@asynccontextmanager
async def show_in_browser(_: Any) -> AsyncIterator[None]:
    """Open the page for whoever typed `make run` at a screen; a server without one stays quiet."""
    has_screen = sys.platform in ("darwin", "win32") or os.environ.keys() & {"DISPLAY", "WAYLAND_DISPLAY"}
    if os.environ.get("JOURNEY_OPEN_BROWSER") == "1" and has_screen:
        port = st.get_option("server.port")
        threading.Timer(1.0, webbrowser.open, [f"http://localhost:{port}"]).start()
    yield


keep_data_out_of_logs()
keep_peers()
config.set_option("server.trustedUserHeaders", {TAB_OF: "tab_of"})
# `python app.py` listens on this machine where nothing says otherwise: on what is looked at here.
ADDRESS = st.get_option("server.address") or ("127.0.0.1" if __name__ == "__main__" else None)
app = st.App(
    "ui/main.py",
    middleware=[
        Middleware(SecurityHeaders),
        Middleware(LoginGate, **gate_options(ADDRESS)),
        Middleware(MessageGate),
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

if __name__ == "__main__":
    app.run(config={"server.address": ADDRESS})
