"""The two groups of a comparison, chosen in every way that the page offers."""

import datetime as dt

import pytest

from journey.i18n import text
from journey.projects.store import Store


def said(at):
    return [element.value for elements in (at.markdown, at.caption, at.warning) for element in elements]


def sentence(at):
    return next(words for words in said(at) if words.startswith("**"))


@pytest.fixture
def page(app, sample_project, home):
    """The page of the sample in Korean, and a way to look again with other settings."""
    project = sample_project("ko")

    def look(settings, **query):
        opened = Store(home).open(project)
        opened.apply({"op": "settings", "values": settings})
        at = app("ko", "comparison", project, **query)
        assert not at.error
        return at

    return look


def test_every_way_to_choose_two_groups_is_answered(page):
    at = page({})
    keys = [element.key for element in at.selectbox]
    way = next(element for element in at.selectbox if element.key.endswith("comparison.by"))
    assert "segment" not in way.options and len(way.options) == 3
    assert not any("arm" in key for key in keys if key)
    assert at.get("vega_lite_chart")
    converted = page({"comparison.by": "converted"})
    assert text("comparison.not_converted", "ko") in sentence(converted)
    days = {
        "comparison.period_a": ["2024-04-29", "2024-05-29"],
        "comparison.period_b": ["2024-03-29", "2024-04-28"],
    }
    periods = page({"comparison.by": "period", **days})
    assert "4/29" in sentence(periods)
    calendars = text(
        "comparison.note_periods",
        "ko",
        first_a=dt.date(2024, 4, 29),
        last_a=dt.date(2024, 5, 29),
        days_a=31,
        first_b=dt.date(2024, 3, 29),
        last_b=dt.date(2024, 4, 28),
        days_b=31,
    )
    assert any(calendars in words.replace("\\", "") for words in said(periods))
    segment = {"segment.0123456789ab": {"name": "단골", "rule": {"did": {"event": "재구매"}}}}
    saved = page({**segment, "comparison.by": "segment", "comparison.view": "matrix"})
    assert "단골" in sentence(saved)


def test_sessions_are_told_apart_in_demo_mode_by_the_same_people(page):
    chosen = {
        "comparison.attribute": "채널",
        "comparison.values_a": {"채널": ["카카오톡"]},
        "unit": "session",
    }
    plain = page(chosen)
    hidden = page({"demo.hidden": {"채널": True}}, demo="1")
    assert not any("카카오톡" in words for words in said(hidden))
    figures = sentence(plain)[sentence(plain).index("차이") :]
    assert figures in sentence(hidden)


@pytest.mark.parametrize("how", [{"comparison.by": "period"}, {"unit": "session"}], ids=["period", "session"])
def test_the_people_of_a_ribbon_are_those_whom_it_counts(app, sample_project, home, how):
    project = sample_project("en")
    where = {"채널": ["카카오톡", "네이버 검색"]}
    Store(home).open(project).apply({"op": "settings", "values": {**how, "where": where}})
    at = app("en", "comparison", project)
    pick = at.selectbox(key=f"{project}.comparison.pick")
    name = pick.options[0]
    pick.select_index(0).run()
    assert not at.error and not at.exception
    number, share = at.metric
    assert f"A {share.value}" in name and int(number.value.replace(",", "")) > 0


def test_the_people_of_a_line_of_friction_are_those_whom_it_counts(app, sample_project, home):
    project = sample_project("en")
    settings = {"unit": "session", "where": {"채널": ["카카오톡"]}, "demo.hidden": {"채널": True}}
    Store(home).open(project).apply({"op": "settings", "values": settings})
    for query in ({}, {"demo": "1"}):
        at = app("en", "friction", project, **query)
        line = next(words for words in said(at) if words.startswith("1. **"))
        ended = text("friction.people_ended", "en", name=line.split("**")[1])
        at.selectbox(key=f"{project}.friction.view.pick").set_value(ended).run()
        assert not at.error and not at.exception
        assert at.metric[0].value in line
