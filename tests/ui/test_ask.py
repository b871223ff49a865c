"""Two users never see each other's answers, however much their data are alike."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from journey.events.log import EventLog
from journey.i18n import text
from journey.projects.store import Store
from journey.stages.stage_map import StageMap
from tests.projects.one_file import put_log
from ui import ask, session

ROOT = Path(__file__).resolve().parents[2]
ROWS = 60_000


def log_with(last_event):
    """60,000 rows that differ from each other's log in the last one only."""
    frame = pd.DataFrame(
        {
            "customer": [f"c{number:05d}" for number in range(ROWS)],
            "event": ["view"] * (ROWS - 1) + [last_event],
            "time": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(ROWS), unit="s"),
        }
    )
    return EventLog.from_frame(frame)


def project_with(store, log):
    stages = StageMap().add_stage("Look").add_stage("Buy").place("view", "s1").place("buy", "s2")
    project = store.create("one")
    put_log(project, b"x", "x.csv", log, stage_map=stages)
    return project.id


def test_sixty_thousand_rows_that_differ_in_one_cell_have_answers_of_their_own(home):
    store = Store(home)
    ids = [project_with(store, log_with(event)) for event in ("view", "buy")]
    reached = []
    for project_id in ids:
        at = AppTest.from_file(str(ROOT / "ui" / "main.py"), default_timeout=60)
        at.query_params["project"] = project_id
        at.query_params["lang"] = "en"
        at.switch_page("../pages/reach.py").run()
        assert not at.exception and not at.error
        table = at.dataframe[0].value
        reached.append(table[text("column.customers", "en")].tolist())
    assert reached == [[ROWS, 0], [ROWS - 1, 1]]


QUESTIONS_OF_PURCHASES = ("kpi", "retention", "drivers", "rfm", "segments", "personas", "offered")


@pytest.mark.parametrize("question", QUESTIONS_OF_PURCHASES)
def test_what_the_project_calls_a_purchase_goes_to_every_question_about_purchases(question, monkeypatch):
    kept = SimpleNamespace(settings={"kpi.purchases": ["buy"]})
    monkeypatch.setattr(session, "state", lambda: kept)
    assert ask._complete(question, {}, {})[0] == {"purchases": ["buy"]}
    assert ask._complete(question, {"purchases": ["pay"]}, {})[0] == {"purchases": ["pay"]}
    assert ask._complete("reach", {}, {})[0] == {}


@pytest.mark.parametrize("question", ["comparison", "compared_people"])
def test_sessions_are_compared_by_what_is_in_them_but_those_of_customers_by_whose_they_are(question):
    inside, theirs = {"did": {"event": "buy"}}, {"rfm": {"groups": ["champions"]}}
    for unit, rule, here in (
        ("session", inside, True),
        ("session", theirs, False),
        ("session", {"all": [inside, {"not": theirs}]}, False),
        ("session", {"period": ["2024-01-01", "2024-01-31"]}, True),
        ("customer", inside, False),
        ("customer", theirs, False),
    ):
        assert ask._is_asked_here(question, "a", rule, unit) is here
        assert ask._is_asked_here("rule_people", "rule", rule, unit)
