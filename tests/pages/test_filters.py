"""Filters: kept with the project, told on every page, and taken back with one button."""

import pytest

from journey.i18n import text
from journey.projects.store import Store
from tests.pages.test_every_page import said

ALL = ["stages", "flows", "reach", "routes"]


def let(home, project, **settings):
    Store(home).open(project).apply({"op": "settings", "values": settings})


@pytest.mark.parametrize("page", ALL)
def test_every_page_says_which_filters_are_on_and_clears_them(app, sample_project, home, page):
    project = sample_project("en")
    let(home, project, where={"채널": ["블로그"]}, period=["2024-02-01", "2024-02-29"])
    at = app("en", page, project)
    told = next(words for words in said(at) if "블로그" in words)
    assert "Feb 1, 2024" in told and "Feb 29, 2024" in told
    at.button(key="clear_filters").click().run()
    assert not at.exception
    assert not [words for words in said(at) if "블로그" in words]
    assert not {"where", "period"} & set(Store(home).open(project).state.settings)


def test_a_filter_by_a_column_that_is_gone_is_not_counted(app, sample_project, home):
    project = sample_project("en")
    let(home, project, where={"gone": ["x"]})
    at = app("en", "reach", project)
    assert not [button for button in at.button if button.key == "clear_filters"]


@pytest.mark.parametrize("page", ALL)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_filters_that_leave_nothing_are_answered_in_a_sentence(app, sample_project, home, page, language):
    project = sample_project(language)
    let(home, project, where={"채널": ["nobody"]})
    at = app(language, page, project)
    assert not at.error
    if page in ("flows", "routes"):
        assert at.info[0].value
        assert not at.get("vega_lite_chart")


def test_what_another_tab_chose_is_what_this_one_shows(app, sample_project, home):
    project = sample_project("en")
    at = app("en", "flows", project)
    at.slider[0].set_value(3).run()
    let(home, project, **{"flows.steps": 9})
    assert at.run().slider[0].value == 9


def test_the_people_can_be_chosen_by_name_and_stay_while_they_are_in_the_picture(app, sample_project):
    project = sample_project("en")
    at = app("en", "flows", project)
    key = f"{project}.flows.pick"
    at.selectbox(key=key).set_value("L:5:stage:Awareness→stage:Consideration").run()
    assert at.metric[0].label == text("page.flows.metric_customers", "en")
    at.slider[0].set_value(8).run()
    assert at.metric
    at.slider[0].set_value(2).run()
    assert not at.metric
    assert at.selectbox(key=key).value is None
