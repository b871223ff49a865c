"""What goes wrong is said in one sentence in the user's language, and the way on stays open."""

import json
import logging
import re
import sqlite3
import zlib
from contextlib import closing

import pytest
import streamlit as st

from journey.errors import NotStored, TooManyStages
from journey.events.log import EventLog
from journey.i18n import text
from journey.projects.project import Project
from tests.pages.brought import drop, go_on
from tests.pages.conftest import ROOT
from ui.navigation import PAGES

EXPLORE = [*PAGES["explore"], "conformance"]
NONSENSE = [
    {"period": 5, "where": 5, "unit": 5, "flows.steps": "x", "flows.group": {}, "confirmed": 5},
    {"period": ["x"], "where": {"": [[1]]}, "unit": [1], "flows.steps": 99, "flows.anchors": [["x"]]},
    {"period": ["9999-12-31", "9999-12-31"], "where": {"a": {"b": 1}}, "confirmed": [[1], {}]},
]
# Everything that a page keeps, as another version or a hand may have left it.
KEPT = sorted(
    {
        found
        for path in (ROOT / "ui").glob("*.py")
        for found in re.findall(
            r'(?:kept|remember)\(\s*"([a-z.]+_?[a-z]*)"', path.read_text(encoding="utf-8")
        )
    }
    | {
        f"comparison.{name}"
        for name in ("by", "attribute", "values_a", "period_a", "segment_a", "mix", "steps")
    }
    | {f"friction.view.{name}" for name in ("group", "benchmark", "typed", "delay")}
    | {f"kpi.{name}" for name in ("cards", "purchases", "clicks", "impressions")}
    | {"flows.opened", "goal.conversion", "goal.revenue", "retention.start", "notebook.order"}
    | {"segment.aaaaaaaaaaaa", "friction.cause.aaaaaaaaaaaa", "notebook.cell.a1"}
)
ODD = [5, 1e308, "x", [[1]], [{}], {"a": [1]}, True]
SMALL = "customer,event,time,plan\n" + "".join(
    f"c{n},{event},2024-05-{1 + n % 20:02d} 10:{at:02d},{'AB'[n % 2]}\n"
    for n in range(30)
    for at, event in enumerate(["view", "search", "buy"][: 1 + n % 3])
)


def errors_of(at):
    return [error.value for error in at.error]


def put(home, project, settings):
    """Write the settings into the project's file by hand."""
    with closing(sqlite3.connect(home / "projects" / project / "project.sqlite")) as connection:
        packed = zlib.compress(json.dumps(settings).encode())
        connection.execute("UPDATE project SET settings = ?, revision = revision + 1", (packed,))
        connection.commit()


@pytest.mark.parametrize("page", ["stages", *EXPLORE])
@pytest.mark.parametrize("settings", NONSENSE, ids=["numbers", "texts", "lists"])
def test_settings_that_a_hand_put_into_the_file_break_no_page(app, sample_project, home, page, settings):
    project = sample_project("en")
    put(home, project, settings)
    assert errors_of(app("en", page, project)) == []


def test_no_kept_setting_of_any_kind_breaks_a_page(app, home):
    project = go_on(drop(app("en", "data"), ("small.csv", SMALL.encode())))
    for number in (0, 3):
        put(home, project, {name: ODD[(number + at) % len(ODD)] for at, name in enumerate(KEPT)})
        for page in (*EXPLORE, *PAGES["gather"]):
            assert errors_of(app(("ko", "en")[number % 2], page, project)) == [], page


def test_a_choice_that_cannot_be_kept_is_told_and_the_page_goes_on(app, sample_project, monkeypatch):
    project = sample_project("en")
    at = app("en", "reach", project)

    def full(self, op, *, expected=None):
        raise NotStored(reason="disk_full")

    monkeypatch.setattr(Project, "apply", full)
    at.selectbox(key=f"{project}.unit").set_value("session").run()
    assert not at.exception
    assert errors_of(at) == [text("projects.not_stored_disk_full", "en")]
    assert at.get("vega_lite_chart")
    assert errors_of(at.run()) == []


def test_a_project_that_cannot_be_opened_leaves_home_in_reach(app, sample_project, home):
    project = sample_project("en")
    st.cache_resource.clear()
    (home / "projects" / project / "project.sqlite").write_bytes(b"garbage" * 1000)
    at = app("en", "flows", project)
    assert errors_of(at) == [text("errors.project_damaged", "en")]
    at.switch_page("../pages/home.py").run()
    assert errors_of(at) == []
    assert at.button(key="sample.shop")


@pytest.mark.parametrize("page", ["stages", "flows"])
def test_an_unexpected_problem_has_a_number_and_its_data_stays_out_of_the_log(
    app, sample_project, monkeypatch, caplog, page
):
    project = sample_project("en")
    st.cache_resource.clear()

    def broken(folder):
        raise KeyError("SECRET-CUSTOMER")

    monkeypatch.setattr(EventLog, "open", broken)
    with caplog.at_level(logging.DEBUG):
        at = app("en", page, project)
    assert len(at.error) == 1
    assert "SECRET-CUSTOMER" not in caplog.text + at.error[0].value


def test_a_problem_on_the_board_is_told_once_by_us(app, sample_project, monkeypatch):
    project = sample_project("en")

    def refused(*_, **__):
        raise TooManyStages(most=12)

    monkeypatch.setattr("ui.board.board_model", refused)
    at = app("en", "stages", project)
    assert errors_of(at) == [text("errors.too_many_stages", "en", most=12)]
