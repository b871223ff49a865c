"""Chart grammar and places as files: read the difference before refreshing with JOURNEY_GOLDEN=1."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from journey.charts.flows import flows_chart
from journey.charts.reach import reach_chart
from journey.charts.routes import routes_chart
from tests.charts.answers import EN, reached, routed, sampled

FOLDER = Path(__file__).parent
CHARTS = {
    "flows_ko": lambda: flows_chart(sampled(200, 3, 3), language="ko"),
    "flows_backward_en_dark": lambda: flows_chart(
        sampled(200, 4, 3, names=EN, backward=True), language="en", dark=True, width=700, height=360
    ),
    "reach_ko": lambda: reach_chart(reached(3), language="ko"),
    "routes_en": lambda: routes_chart(routed(80, 3, names=EN), language="en", most=4),
}


def stable(spec: dict) -> str:
    """The specification without names that Altair counts or hashes, one row of data a line."""
    spec = {key: value for key, value in spec.items() if key != "$schema"}
    text = json.dumps(spec, ensure_ascii=False, indent=1, sort_keys=True)
    for kind in ("data", "view", "param"):
        found = dict.fromkeys(re.findall(rf'"({kind}[-_][0-9a-f]+(?:_\d+)?)"', text))
        for number, name in enumerate(found):
            text = text.replace(f'"{name}"', f'"{kind}-{number}"')
    return text + "\n"


@pytest.mark.parametrize("name", CHARTS)
def test_specification_is_as_reviewed(name):
    spec = CHARTS[name]().to_dict()
    file = FOLDER / f"{name}.json"
    now = stable(spec)
    if os.environ.get("JOURNEY_GOLDEN") == "1":
        file.write_text(now, encoding="utf-8")
    assert now == file.read_text(encoding="utf-8")
