from __future__ import annotations

import datetime as dt

import pytest

from journey.analysis.retention import VIEWS, retention
from journey.charts.retention import retention_chart
from journey.i18n import LANGUAGES, catalogue
from journey.stages.stage_map import StageMap
from tests.aggregates.test_cohorts import made

BEGIN = dt.datetime(2024, 1, 1, 12)
STAGES = StageMap().add_stage("<b>$.x[0]")
STAGES = STAGES.place("e", STAGES.stages[0].id)


def weeks(n=8, customers=40):
    """Customers begin week after week, and every other one comes again after a week."""
    found = []
    for who in range(customers):
        begin = BEGIN + dt.timedelta(days=7 * (who % n))
        found += [(f"c{who}", begin)] + [(f"c{who}", begin + dt.timedelta(days=7))] * (who % 2)
    return made(found)


def data_of(chart, name):
    return chart.to_dict()["datasets"][name]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_is_drawn_without_names_in_its_grammar(view, language):
    answer = retention(weeks(), STAGES, view=view, period="week", purchase="event:e", active_within_days=7)
    assert not answer.table.empty
    for dark in (False, True):
        spec = retention_chart(answer, language=language, dark=dark).to_dict()
        grammar = {key: part for key, part in spec.items() if key != "datasets"}
        assert "<b>" not in str(grammar)
        assert any(spec["datasets"].values())


def test_cells_bear_their_numbers_and_those_not_seen_to_their_end_are_hatched():
    answer = retention(weeks(), STAGES, period="week")
    cells = data_of(retention_chart(answer, language="en"), "cells")
    hatched = [cell for cell in cells if cell["hatched"]]
    assert hatched and {cell["text"] for cell in hatched} == {""}
    assert {cell["text"] for cell in cells if cell["i"] == 0 and not cell["hatched"]} == {"100.0%"}
    assert len(cells) == len(answer.table) + len(answer.curve)
    assert len({(cell["i"], cell["y0"]) for cell in cells}) == len(cells)


def test_more_cohorts_than_can_be_read_are_left_to_the_table():
    answer = retention(weeks(n=40, customers=80), STAGES, period="week")
    words = data_of(retention_chart(answer, language="en"), "words")
    assert any(row["text"].startswith("14 earlier cohorts") for row in words)


def test_who_stayed_away_is_drawn_below_the_line_and_an_unfinished_period_pale():
    answer = retention(weeks(), STAGES, view="lifecycle", period="week")
    bars = data_of(retention_chart(answer, language="en"), "bars")
    away = catalogue("en")["retention.chart_dormant"]
    assert all((bar["n"] < 0) == (bar["kind"] == away) for bar in bars)
    assert {bar["shown"] for bar in bars} == {1.0, 0.45}


def test_nothing_to_draw_is_a_sentence():
    answer = retention(made([("a", BEGIN)]), StageMap(), view="churn")
    said = data_of(retention_chart(answer, language="ko"), "words")
    assert [row["text"] for row in said] == [catalogue("ko")["retention.chart_empty"]]


@pytest.mark.parametrize("view", VIEWS)
def test_cells_and_bars_can_be_picked_by_ids_of_their_own(view):
    answer = retention(weeks(), STAGES, view=view, period="week", purchase="event:e", active_within_days=7)
    name = {"cohorts": "cells", "lifecycle": "bars", "churn": "bars"}.get(view, "points")
    marks = data_of(retention_chart(answer, language="en"), name)
    ids = [mark["id"] for mark in marks if mark["id"]]
    assert ids and len(set(ids)) == len(ids)
    if view == "cohorts":
        assert len(ids) == answer.table["observed"].sum() + len(answer.curve)
    spec = retention_chart(answer, language="en", picked=ids[-1]).to_dict()
    pick = [param for layer in spec["layer"] for param in layer.get("params", [])] or spec["params"]
    assert [param["value"] for param in pick if param["name"] == "pick"] == [[{"id": ids[-1]}]]
