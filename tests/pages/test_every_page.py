"""Every page, empty, with the sample, and after an error, in both languages."""

import re
import shutil

import pytest
import streamlit as st

from journey.i18n import text
from journey.projects.store import Store
from ui.navigation import PAGES

ALL = [page for section in PAGES.values() for page in section]
QUESTIONS = ["stages", *PAGES["explore"], "conformance"]
HANGUL = re.compile("[가-힣]")
both = pytest.mark.parametrize("language", ["ko", "en"])


def said(at):
    """Everything that the page says in words."""
    parts = [at.title, at.markdown, at.caption, at.info, at.error, at.success, at.subheader]
    return [element.value for elements in parts for element in elements]


@both
@pytest.mark.parametrize("page", ALL)
def test_an_empty_page_says_what_to_bring_and_offers_the_sample(app, page, language):
    at = app(language, page)
    assert at.title[0].value == text(f"page.{page}.title", language)
    assert not at.error
    assert at.button(key="sample.shop").label == text("page.home.open_sample", language)
    if page in QUESTIONS:
        assert at.info[0].value == text("app.no_data", language)


@both
@pytest.mark.parametrize("page", ALL)
def test_a_page_works_with_the_sample(app, checked, sample_project, page, language):
    project = sample_project(language)
    at = app(language, page, project)
    assert not at.error
    assert at.title[0].value == text(f"page.{page}.title", language)
    if page in QUESTIONS[1:]:
        assert at.get("vega_lite_chart")
        assert text(f"page.{page}.counted", language) in said(at)
    if page == "stages":
        assert at.get("bidi_component")
    if language == "ko":
        assert any(HANGUL.search(words) for words in said(at))


@both
@pytest.mark.parametrize("page", ALL)
def test_a_link_to_a_project_that_is_gone_is_answered_in_one_sentence(app, page, language):
    at = app(language, page, project="0" * 32)
    assert [error.value for error in at.error] == [text("errors.project_missing", language)]


@both
@pytest.mark.parametrize("page", QUESTIONS)
def test_data_that_was_damaged_on_disk_is_answered_in_one_sentence(app, sample_project, home, page, language):
    project = sample_project(language)
    for folder in list((home / "projects" / project).rglob("meta.json")):
        shutil.rmtree(folder.parent)
    st.cache_resource.clear()
    at = app(language, page, project)
    assert len(at.error) == 1
    assert "Traceback" not in at.error[0].value
    assert Store(home).open(project).state.data is not None
