"""What a plan can be made of, and what is wrong with it: on tables and a log that fit on a page."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from journey.aggregates.plan_choices import KINDS_OF, begun_metric, measures_of, plan_choices, plan_gaps
from journey.events.log import EventLog
from journey.events.other_tables import NO_TABLES, OtherTables, nobody
from journey.events.summed import SUMS
from journey.stages.experiment_plan import Arm, Metric, Plan
from journey.stages.stage_map import Stage, StageMap

STAGES = StageMap(stages=(Stage("s1", "방문", "#111111"), Stage("s2", "구매", "#222222")))
TIMES = pd.to_datetime(["2024-03-05", "2024-03-06", "2024-03-07"], utc=True)
RECORDS = pa.table(
    {
        "customer": pa.array(["가", "나", "다"], pa.large_string()),
        "experiment": pa.array(["쿠폰", "쿠폰", None], pa.large_string()),
        "arm": pa.array(["A", "b ", "B"], pa.large_string()),
        "time": pa.array(list(TIMES), pa.timestamp("us", "UTC")),
        "샀다": pa.array([1.0, 0.0, float("nan")]),
        "금액": pa.array([10.0, None, 3.5]),
        "지역": pa.array(["서울", None, "부산"], pa.large_string()),
    }
)
SUMMED = pa.Table.from_pylist(
    [
        {
            "experiment": "메일",
            "arm": arm,
            "metric": metric,
            "cumulative": False,
            "n": 10.0,
            "x": 4.0,
            "xx": xx,
        }
        for arm in ("old", "new", "Old")
        for metric, xx in (("clicked", 4.0), ("spent", 90.0), ("opened", None))
    ],
    schema=SUMS,
)
TABLES = OtherTables(records=(RECORDS, RECORDS.slice(0, 2)), sums=(SUMMED,))
BOUGHT = Metric("m1", "conversion", {"stage": "s2"}, role="primary")


@pytest.fixture
def log() -> EventLog:
    frame = pd.DataFrame(
        {"customer": ["가", "가", "나"], "event": ["visit", "buy", "visit"], "time": list(TIMES)}
        | {"variant": ["B", "B", "A"], "url": ["x", "y", "z"], "one": ["a", "a", "a"]}
    )
    return EventLog.from_frame(frame, attributes=["variant", "one"])


def plan(**changed: Any) -> Plan:
    whole = {
        "name": "쿠폰",
        "hypothesis": "더 산다",
        "source": {"records": "쿠폰"},
        "arms": (Arm("A"), Arm("B")),
        "metrics": (BOUGHT,),
        "window": 7,
        "planned": 100,
        "smallest": 0.1,
    }
    return Plan(**{**whole, **changed})


def codes(found: Any) -> list[str]:
    return [one.code.removeprefix("plan_form.") for one in found]


def test_each_experiment_and_each_attribute_of_few_values_is_a_place(log: EventLog) -> None:
    found = plan_choices(log, TABLES)
    assert [(dict(one.source), one.labels) for one in found.places] == [
        ({"records": "쿠폰"}, ("A", "b ")),
        ({"records": None}, ("B",)),
        ({"sums": "메일"}, ("old", "new")),
        ({"attribute": "variant"}, ("B", "A")),
    ]
    assert [one.columns for one in found.places] == [
        *[("샀다", "금액")] * 2,
        ("clicked", "spent", "opened"),
        (),
    ]
    assert [set(one.yes_no) for one in found.places] == [{"샀다"}, {"샀다"}, {"clicked"}, set()]
    assert [one.is_log for one in found.places] == [True, True, False, True]


def test_without_a_journey_there_are_columns_only(log: EventLog) -> None:
    found = plan_choices(nobody(), TABLES)
    assert not found.is_journey and found.events == ()
    assert not any(one.is_log for one in found.places)
    assert measures_of(found, plan(), STAGES, money=True) == [{"column": "샀다"}, {"column": "금액"}]
    whole = measures_of(plan_choices(log, TABLES), plan(), STAGES, money=True)
    kinds = [next(iter(one)) for one in whole]
    assert kinds == ["column", "column", "stage", "stage", "revenue", "active", "event", "event"]
    assert measures_of(plan_choices(log, NO_TABLES), plan(), STAGES, money=False) == whole[2:4] + whole[5:]


def test_a_source_without_a_name_is_the_only_one_of_its_kind(log: EventLog) -> None:
    found = plan_choices(log, TABLES)
    assert found.place({"records": None}) == found.places[1]
    assert found.place({"sums": None}) == found.places[2]
    assert found.place({"records": "gone"}) is None


def test_a_new_metric_is_of_a_kind_that_its_measure_can_be(log: EventLog) -> None:
    found = plan_choices(log, TABLES)
    empty, kinds = plan(metrics=()), {}
    for of in measures_of(found, empty, STAGES, money=True):
        made = begun_metric(empty, of, found.place(empty.source))
        assert next(iter(of)) in KINDS_OF[made.kind]
        assert Plan.from_json(replace(empty, metrics=(made,)).to_json()).metrics == (made,)
        assert (made.id, made.role) == ("m1", "primary")
        kinds[str(of)] = made.kind
    assert kinds["{'column': '샀다'}"] == "conversion"
    assert kinds["{'column': '금액'}"] == "mean"
    again = begun_metric(plan(metrics=(replace(BOUGHT, id="m2"),)), {"event": "buy"}, None)
    assert (again.id, again.role) == ("m1", "secondary")


def test_a_whole_plan_has_no_gaps_and_an_empty_one_has_all_of_them(log: EventLog) -> None:
    found = plan_gaps(plan(), plan_choices(log, TABLES), STAGES)
    assert (found.wrong, found.missing) == ((), ())
    found = plan_gaps(Plan(), plan_choices(nobody(), NO_TABLES), StageMap())
    assert codes(found.wrong) == ["few_arms", "no_metric"]
    assert codes(found.missing) == ["no_name", "no_hypothesis", "no_smallest", "no_planned"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"arms": (Arm("A"),)}, ["few_arms"]),
        ({"arms": (Arm("A"), Arm(" a"))}, ["same_arms"]),
        ({"arms": (Arm("A"), Arm("C"), Arm("D"))}, ["unknown_arm", "unknown_arm"]),
        ({"arms": (Arm("A"), Arm("C")), "source": {"records": "later"}}, []),
        ({"arms": ()}, []),
        ({"metrics": (replace(BOUGHT, role="guardrail"),)}, ["only_guardrails"]),
        ({"metrics": (BOUGHT, replace(BOUGHT, id="m2"))}, ["several_primary"]),
        ({"metrics": (replace(BOUGHT, of={"stage": "s9"}),)}, ["gone_stage"]),
        ({"metrics": (replace(BOUGHT, of={"event": "gone"}),)}, ["gone_event"]),
        ({"metrics": (replace(BOUGHT, of={"column": "없다"}),)}, ["gone_column"]),
        (
            {"metrics": (Metric("m", "ratio", {"above": {"event": "buy"}, "below": {"event": "buy"}}),)},
            ["same_measure"],
        ),
        ({"source": {"sums": "메일"}, "arms": (Arm("old"), Arm("NEW"))}, ["needs_log"]),
        (
            {"unit": "session", "metrics": (Metric("m", "retention", {"active": [1, 7]}),)},
            ["active_sessions"],
        ),
        ({"starts": dt.date(2024, 3, 2), "ends": dt.date(2024, 3, 1)}, ["ends_first"]),
        ({"starts": dt.date(2024, 3, 2), "ends": dt.date(2024, 3, 2)}, []),
    ],
)
def test_what_is_wrong_is_named(log: EventLog, changed: dict[str, Any], code: list[str]) -> None:
    assert codes(plan_gaps(plan(**changed), plan_choices(log, TABLES), STAGES).wrong) == code


def test_outcomes_of_the_log_without_a_window_are_asked_about(log: EventLog) -> None:
    choices = plan_choices(log, TABLES)
    assert codes(plan_gaps(plan(window=None), choices, STAGES).missing) == ["no_window"]
    of_file = (replace(BOUGHT, of={"column": "샀다"}),)
    assert plan_gaps(plan(window=None, metrics=of_file), choices, STAGES).missing == ()
