"""What charts say to those who cannot see them."""

from __future__ import annotations

import re

import pytest
import vl_convert as vlc

from journey.charts.flows import flows_chart
from journey.charts.reach import reach_chart
from journey.charts.routes import routes_chart
from tests.charts.answers import reached, routed, sampled

CHARTS = {
    "flows": lambda: flows_chart(sampled(200, 3, 3), language="ko"),
    "reach": lambda: reach_chart(reached(3), language="ko"),
    "routes": lambda: routes_chart(routed(80, 3), language="ko", most=4),
}


def labels(chart) -> list[str]:
    svg = vlc.vegalite_to_svg(chart.to_dict())
    return re.findall(r'aria-label="([^"]*)"', svg)


@pytest.mark.parametrize("name", CHARTS)
def test_a_screen_reader_hears_names_and_numbers_and_nothing_of_the_drawing(name):
    said = labels(CHARTS[name]())
    assert any("명" in label for label in said)
    for label in said:
        for field in ("x0:", "y0:", "left:", "at:", "ink:", "paint:", "[object", "undefined", "id:", "#"):
            assert field not in label
