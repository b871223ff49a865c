from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from journey.charts.routes import routes_chart
from journey.i18n import LANGUAGES, catalogue
from tests.charts.answers import EN, KO, ROUTE_COLUMNS, FakeRoutes, routed


def rows(chart, field):
    return [row for data in chart.to_dict()["datasets"].values() for row in data if field in row]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_chip_a_visit(language):
    answer = routed(300, 5)
    chart = routes_chart(answer, language=language, most=10)
    assert len(rows(chart, "y0")) == sum(len(route) for route in answer.table["route"].head(10))


@pytest.mark.parametrize("width", [360, 700, 1100])
def test_a_long_route_ends_in_the_number_that_is_left_out(width):
    table = pd.DataFrame([(1, [*EN, *EN, *EN], 5, 0.5, 0.2, 0.8, 86400.0)], columns=ROUTE_COLUMNS)
    chart = routes_chart(FakeRoutes(table, 10), language="en", width=width)
    chips = rows(chart, "y0")
    left_out = next(row["text"] for row in rows(chart, "text") if row["text"].startswith("+"))
    assert int(left_out[1:]) + len(chips) - 1 == 36
    assert max(chip["x2_p"] for chip in chips) < width
    assert chips[0]["what"].count("→") == 35


def test_the_colours_are_those_of_the_stage_map():
    answer = replace(routed(300, 5), colours={name: "#123456" for name in KO})
    chart = routes_chart(answer, language="ko")
    assert {row["colour"] for row in rows(chart, "y0")} == {"#123456"}


def test_no_routes_is_a_sentence():
    empty = FakeRoutes(pd.DataFrame(columns=ROUTE_COLUMNS))
    for language in LANGUAGES:
        assert [row["text"] for row in rows(routes_chart(empty, language=language), "text")] == [
            catalogue(language)["charts.routes_empty"]
        ]
