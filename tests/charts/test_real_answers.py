"""The answers of the questions themselves can be drawn, and what is clicked leads back to their rows."""

from __future__ import annotations

import pandas as pd
import pytest

from journey.analysis.flows import flows
from journey.analysis.people import people
from journey.analysis.reach import reach
from journey.analysis.routes import routes
from journey.charts.flows import PickedLink, flows_chart, parse_id
from journey.charts.reach import reach_chart
from journey.charts.routes import routes_chart
from journey.events.log import EventLog
from journey.stages.stage_map import StageMap

ROUTES = {"가": "vcp", "나": "vc", "다": "v", "라": "vcvcp", "마": "cp", "바": "p"}


@pytest.fixture(scope="module")
def log():
    rows = [
        (customer, event, pd.Timestamp("2024-01-01") + pd.Timedelta(days=10 * number, hours=position))
        for number, (customer, route) in enumerate(ROUTES.items())
        for position, event in enumerate(route)
    ]
    return EventLog.from_frame(pd.DataFrame(rows, columns=["customer", "event", "time"]))


@pytest.fixture(scope="module")
def stages():
    stages = StageMap()
    for name, event in (("인지", "v"), ("고려: a→b", "c"), ("exit", "p")):
        stages = stages.add_stage(name)
        stages = stages.place(event, stages.named(name).id)
    return stages


@pytest.mark.parametrize("settings", [{}, {"steps": 1}, {"into": "exit"}, {"group": "event"}, {"nodes": 1}])
def test_a_click_on_any_ribbon_finds_its_customers(log, stages, settings):
    answer = flows(log, stages, **settings)
    spec = flows_chart(answer, language="ko").to_dict()
    picked = [parse_id(shape["id"]) for shape in spec["datasets"]["shapes"]]
    assert len(picked) == len(answer.links)
    for pick, shape in zip(picked, spec["datasets"]["shapes"], strict=True):
        assert isinstance(pick, PickedLink)
        found = people(
            log,
            stages,
            step=pick.step,
            source=pick.source,
            source_kind=pick.source_kind,
            target=pick.target,
            target_kind=pick.target_kind,
            **settings,
        )
        assert shape["who"] == f"{found.n_customers}명"


def test_reach_and_routes_are_drawn(log, stages):
    reached = reach_chart(reach(log, stages), language="ko").to_dict()["datasets"]
    assert [row["what"] for row in reached["bars"]][::2] == ["인지", "고려: a→b", "exit"]
    routed = routes_chart(routes(log, stages), language="ko").to_dict()["datasets"]
    assert len(routed["chips"]) == sum(len(route) for route in ROUTES.values())
