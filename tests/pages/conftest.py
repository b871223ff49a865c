"""How a page is opened, with a sample or without."""

import shutil
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from journey.sources import child, workbook
from tests.books_here import read_here
from tests.one_process import run_here
from ui.picture import Unchecked

ROOT = Path(__file__).resolve().parents[2]
LOCALES = {"ko": "ko-KR", "en": "en-US"}


@pytest.fixture(autouse=True)
def one_process():
    """Files are read and projects unpacked in the process of the test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(child, "run", run_here)
        patch.setattr(workbook, "_run", read_here)
        yield


@pytest.fixture
def checked(monkeypatch):
    """What a page draws is checked against the schema of Vega-Lite, which the app itself leaves out."""
    monkeypatch.setattr(Unchecked, "to_dict", lambda self: self.chart.to_dict())


@pytest.fixture
def app(home):
    """Start the app in a language, on a page, with a project (an id) and whatever else in the URL."""
    return started


@pytest.fixture(scope="session")
def made_samples(tmp_path_factory, looked_for_once):
    """made_samples(language): a home with the project that the sample's own button makes, and its id.

    Reading the sample takes seconds, so it is read once a language; whoever changes the project copies it.
    """
    made = {}

    def make(language):
        if language not in made:
            home = tmp_path_factory.mktemp("sample") / "home"
            with pytest.MonkeyPatch.context() as environment:
                environment.setenv("JOURNEY_HOME", str(home))
                st.cache_resource.clear()
                made[language] = home, opened(language)
                st.cache_resource.clear()
        return made[language]

    return make


@pytest.fixture
def sample_project(app, home, made_samples):
    """The id of a project as the sample's own button makes it; a second one in a home is really made."""

    def make(language="ko"):
        made_in, project = made_samples(language)
        if (home / "projects" / project).exists():
            return opened(language)
        shutil.copytree(made_in, home, dirs_exist_ok=True)
        return project

    return make


def opened(language):
    """Press the sample's button and say the id of its project."""
    at = started(language)
    at.button(key="sample.shop").click().run()
    assert not at.exception
    return at.query_params["project"]


def started(language="ko", page="home", project=None, **query):
    at = AppTest.from_file(str(ROOT / "ui" / "main.py"), default_timeout=60)
    at.context = {"locale": LOCALES[language]}
    if project:
        at.query_params["project"] = project
    for name, value in query.items():
        at.query_params[name] = value
    if page != "home":
        at.switch_page(f"../pages/{page}.py")
    at.run()
    assert not at.exception
    return at
