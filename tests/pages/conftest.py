"""How a page is opened, with a sample or without."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]
LOCALES = {"ko": "ko-KR", "en": "en-US"}


@pytest.fixture
def app(home):
    """Start the app in a language, on a page, with a project (an id) and whatever else in the URL."""

    def start(language="ko", page="home", project=None, **query):
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

    return start


@pytest.fixture
def sample_project(app):
    """The id of a project that was made by the sample's own button."""

    def make(language="ko"):
        at = app(language)
        at.button(key="sample.shop").click().run()
        assert not at.exception
        return at.query_params["project"]

    return make
