"""The app with /held, which says how many bytes of uploads Streamlit holds; its own figures are closed."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from streamlit.runtime import get_instance

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT))

import app as launcher  # noqa: E402 - the folder of the project is not that of this script


def held(_: Request) -> PlainTextResponse:
    """The bytes of all files of all tabs."""
    tabs = get_instance().uploaded_file_mgr.file_storage.values()
    return PlainTextResponse(str(sum(len(file.data) for files in tabs for file in files.values())))


app = st.App(
    ROOT / "ui" / "main.py",
    middleware=launcher.app._user_middleware,
    routes=[Route("/held", held), *launcher.app._user_routes],
)
