"""The page of an answer, opened from the disk: it draws, it tells on hover, and nothing in a name runs."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from playwright.sync_api import expect

from journey.analysis.flows import flows
from journey.analysis.reach import reach
from journey.analysis.routes import routes
from journey.charts.flows import flows_chart
from journey.charts.reach import reach_chart
from journey.charts.routes import routes_chart
from journey.events.log import EventLog
from journey.reports.html import html_page
from journey.stages.stage_map import StageMap

from ..hostile import NAMES

CHARTS = {"flows": (flows, flows_chart), "reach": (reach, reach_chart), "routes": (routes, routes_chart)}


def written(folder, question: str, language: str) -> str:
    """The address of the page of a question about customers whose every event and stage means harm."""
    rows = [
        (str(number % 40), name, pd.Timestamp("2024-01-01") + pd.Timedelta(hours=number))
        for number, name in enumerate(NAMES * 20)
    ]
    log = EventLog.from_frame(pd.DataFrame(rows, columns=["customer", "event", "time"]))
    stages = StageMap()
    for name in NAMES:
        stages = stages.add_stage(name)
        stages = stages.place(name, stages.stages[-1].id)
    ask, chart = CHARTS[question]
    answer = ask(log, stages)
    facts = [(name, name) for name in NAMES]
    page = html_page(
        answer, chart, answer.table, language=language, title=NAMES[0], counted=NAMES[1], facts=facts
    )
    file = folder / f"{question}.html"
    file.write_bytes(page)
    return file.as_uri()


@pytest.mark.parametrize(
    ("question", "language", "scheme"),
    [("flows", "ko", "light"), ("reach", "en", "dark"), ("routes", "ko", "dark")],
)
def test_names_that_mean_harm_are_shown_and_the_chart_is_drawn(
    tmp_path, open_page, question, language, scheme
):
    page = open_page(written(tmp_path, question, language), color_scheme=scheme)
    chart = page.locator(f"figure > .{scheme} svg")
    expect(chart.locator("path").nth(20)).to_be_attached()
    expect(chart).to_be_visible()
    expect(page.locator("figure svg:visible")).to_have_count(1)
    expect(page.locator("img")).to_have_count(1)
    expect(page.locator("img")).to_be_hidden()
    assert page.locator("dt").all_text_contents() == list(NAMES)
    assert page.locator("dd").all_text_contents() == list(NAMES)
    assert page.title() == re.sub(r"\s+", " ", NAMES[0])
    assert page.locator("h1").text_content() == NAMES[0]

    marks = chart.locator('path[aria-label]:not([aria-label=""])')
    marks.nth(1).hover(force=True)
    tip = page.locator("#vg-tooltip-element")
    expect(tip).to_be_visible()
    inside = tip.evaluate("tip => [...tip.querySelectorAll('*')].map(each => each.tagName)")
    assert set(inside) <= {"TABLE", "TBODY", "TR", "TD"}
    shown = re.sub(r"\W", "", tip.inner_text())
    assert any(re.sub(r"\W", "", name)[:12] in shown for name in NAMES)
    assert page.locator("script").count() == 3
    assert "owned" not in page.evaluate("document.title").replace(NAMES[0], "")
    assert page.evaluate("performance.getEntriesByType('resource').map(each => each.name)") == []


def test_a_script_that_is_not_ours_does_not_run_and_the_page_may_fetch_nothing(tmp_path, browser):
    address = written(tmp_path, "reach", "en")
    file = tmp_path / "reach.html"
    harm = "<script>window.ran = 1</script><img src='http://image.invalid/p' onerror='window.ran = 2'>"
    file.write_text(file.read_text("utf-8").replace("</h1>", f"</h1>{harm}"), "utf-8")
    # Each refusal is an error in the console, and here they are wanted.
    page = browser.new_page()
    page.goto(address)
    expect(page.locator("figure svg:visible")).to_have_count(1)
    assert page.evaluate("window.ran") is None
    assert page.evaluate("fetch('http://fetch.invalid/').then(() => 'sent', () => 'refused')") == "refused"
    page.close()


def test_where_no_script_runs_the_chart_is_a_picture_and_paper_shows_it_light(tmp_path, open_page):
    page = open_page(written(tmp_path, "reach", "ko"), java_script_enabled=False, color_scheme="dark")
    expect(page.locator("figure img")).to_be_visible()
    assert page.locator("figure img").bounding_box()["height"] > 100

    printed = open_page(written(tmp_path, "reach", "ko"), color_scheme="dark", viewport=(390, 844))
    expect(printed.locator("figure > .dark svg")).to_be_visible()
    wide = printed.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    printed.emulate_media(media="print")
    expect(printed.locator("figure > .light svg")).to_be_visible()
    expect(printed.locator("figure > .dark svg")).to_be_hidden()
