"""Fixtures for all floors."""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

from journey.sources import workbook
from tests.books_here import read_here
from tests.endurance import examples

# Bytecode is kept, whatever the machine says: many tests start Python, which would compile the package anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Two cores are shared by many: how long an example takes says nothing.
settings.register_profile("journey", deadline=None, max_examples=examples(40))
settings.load_profile("journey")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files beside the project; its files are never copied into it."""
    beside = Path(__file__).parents[1].parent / "shared" / "data"
    folder = Path(os.environ.get("JOURNEY_SHARED_DATA", beside))
    if not folder.is_dir():
        pytest.skip(f"the folder of real files is absent: {folder}")
    return folder


@pytest.fixture(scope="session")
def looked_for_once():
    """Streamlit looks for components in every installed package whenever an app starts: here once."""
    from streamlit.components.v2 import manifest_scanner

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests)
        )
        yield


@pytest.fixture
def books_here(monkeypatch):
    """Workbooks are read in this process: for tests of what is read, not of who reads it."""
    monkeypatch.setattr(workbook, "_run", read_here)


@pytest.fixture
def home(tmp_path, monkeypatch, looked_for_once):
    """A home of its own for a test of the app, so that none sees another's projects or answers."""
    import streamlit as st

    monkeypatch.setenv("JOURNEY_HOME", str(tmp_path / "home"))
    st.cache_resource.clear()
    st.cache_data.clear()
    yield tmp_path / "home"
    st.cache_resource.clear()
    st.cache_data.clear()
