from __future__ import annotations

import datetime as dt
import json

import pytest

from journey.errors import SettingWrong
from journey.stages.experiment_plan import Arm, Metric, Plan

PLAN = Plan(
    name="무료배송 배너",
    hypothesis="배너를 보면 더 많이 결제해요",
    source={"records": "무료배송 배너"},
    arms=(Arm("A", "지금", 1.0), Arm("B", "배너", 1.0)),
    metrics=(
        Metric("m1", "conversion", {"column": "전환"}, role="primary"),
        Metric("m2", "ratio", {"above": {"revenue": True}, "below": {"event": "purchase"}}, cap=0.99),
        Metric("m3", "retention", {"active": [7, 14]}, role="guardrail", margin=0.02, before={"days": 28}),
    ),
    window=14,
    starts=dt.date(2024, 2, 5),
    planned=1_100,
    smallest=0.02,
)


def test_a_plan_written_as_json_is_read_as_it_was():
    assert Plan.from_json(json.loads(json.dumps(PLAN.to_json()))) == PLAN
    assert Plan.from_json({}) == Plan()


def test_the_primary_metric_decides_else_the_first_that_is_no_guardrail():
    assert PLAN.primary == PLAN.metrics[0]
    assert Plan(metrics=PLAN.metrics[2:]).primary is None
    assert Plan(metrics=PLAN.metrics[1:]).primary == PLAN.metrics[1]


@pytest.mark.parametrize(
    "change",
    [
        {"alpha": 0},
        {"alpha": float("nan")},
        {"planned": -1},
        {"source": {"records": "a", "sums": "b"}},
        {"source": {"attribute": None}},
        {"arms": [{"label": "A"}, {"label": "A"}]},
        {"arms": [{"label": "A", "weight": 0}]},
        {"arms": [{"label": f"{i}"} for i in range(11)]},
        {"metrics": [{"id": "m", "kind": "ratio", "of": {"column": "x"}}]},
        {"metrics": [{"id": "m", "kind": "mean", "of": {"active": [3, 1]}}]},
        {"metrics": [{"id": "m", "kind": "guess", "of": {"column": "x"}}]},
        {"starts": "soon"},
        {"unknown": 1},
    ],
)
def test_what_is_no_plan_is_refused(change):
    with pytest.raises(SettingWrong):
        Plan.from_json({**PLAN.to_json(), **change})
