"""One number everywhere for arms: the journeys of an arm and the results of its test count alike."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.aggregates.arm_members import arm_members
from journey.aggregates.arm_sources import arm_sources
from journey.aggregates.arm_units import arm_units
from journey.aggregates.exposed import ARM, exposed, with_exposure
from journey.analysis.comparison import comparison
from journey.analysis.experiment import experiment
from journey.analysis.flows import flows
from journey.analysis.funnel import funnel
from journey.analysis.people import compared_people
from journey.analysis.reach import reach
from journey.events.log import EventLog
from journey.events.other_tables import OtherTables
from journey.stages.experiment_plan import Arm, Metric, Plan
from tests.analysis.logs import EVENTS, STAGES, event_log, places, rows, stage_map
from tests.analysis.oracle import Row
from tests.endurance import examples

SOURCE = {"records": "배너"}
BEGIN = pd.Timestamp("2024-01-01", tz="Asia/Seoul")
MINUTES = st.one_of(st.integers(1, 6), st.integers(1, 40 * 24 * 60))
RECORDS = st.lists(
    st.tuples(st.sampled_from("abcdxy"), st.sampled_from(["대조", "실험", "실험 "]), MINUTES),
    min_size=1,
    max_size=9,
)


def tables(found):
    """Rows of (customer, arm, minute) of one experiment."""
    text = pa.large_string()
    times = [BEGIN + pd.Timedelta(minutes=row[2]) for row in found]
    table = {
        "customer": pa.array([row[0] for row in found], text),
        "experiment": pa.array(["배너"] * len(found), text),
        "arm": pa.array([row[1] for row in found], text),
        "time": pa.array(times, pa.timestamp("us", "UTC")),
    }
    return OtherTables(records=(pa.table(table),))


def everyone(log: EventLog, source, beside, **more):
    """The log of all who were assigned, from their exposure on, also of those whom the log does not know."""
    found = arm_members(log, source, beside)
    return exposed(log, found, since=True, others=found.ids.filter(pa.array(found.customer < 0)), **more)


@given(rows(most=16, minutes=MINUTES), places(), RECORDS)
@settings(max_examples=examples(10))
def test_journeys_of_arms_have_the_units_and_the_conversions_of_the_test(drawn, placed, told):
    # A result leaves out whoever was exposed before the log begins, so it begins with somebody else's row.
    first = Row("e", EVENTS[0], 0, None, None)
    log, stages, beside = event_log([first, *drawn]), stage_map(placed), tables(told)
    reached = [Metric(stage.id, "conversion", {"stage": stage.id}) for stage in stages.stages]
    units = arm_units(log, stages, Plan(source=SOURCE, metrics=tuple(reached)), beside)
    own, marked = everyone(log, SOURCE, beside), with_exposure(stages)
    labels = [arm.label for arm in units.arms]
    sizes = dict(zip(labels, units.assigned.tolist(), strict=True))
    for number, label in enumerate(labels):
        alone = everyone(log, SOURCE, beside, only=number)
        if not sizes[label]:
            assert not alone.n_customers
            continue
        hits = [int(np.nansum(one.values[units.arm == number])) for one in units.measured]
        answer = reach(alone, marked)
        assert answer.n_customers == sizes[label] == alone.n_customers
        assert answer.table["customers"].tolist() == hits
        assert flows(alone, marked).n_customers == sizes[label]
    if len(labels) < 2:
        return
    rules = {
        side: {"arm": {"experiment": SOURCE, "arm": one}}
        for side, one in zip("ab", labels[::-1], strict=True)
    }
    answer = comparison(own, marked, **rules, tables=beside)
    assert [answer.n_a, answer.n_b] == [sizes[label] for label in labels[::-1]]
    turned = comparison(own, marked, a=rules["b"], b=rules["a"], tables=beside)
    assert turned.measures["difference"].tolist() == pytest.approx(
        (-answer.measures["difference"]).tolist(), nan_ok=True
    )
    for row in answer.measures[answer.measures["measure"] != "drop_off"].itertuples():
        place = stages.stages.index(stages.named(row.stage))
        hits = [int(np.nansum(units.measured[place].values[units.arm == number])) for number in (1, 0)]
        assert [row.customers_a, row.customers_b] == hits
        people = compared_people(
            own, marked, side="a", step=0, source=row.stage, left=False, tables=beside, **rules
        )
        assert people.n_customers == hits[0]
    # One step is reached by whoever has any such row.
    for stage, one in zip(stages.stages, units.measured, strict=True):
        found = funnel(own, marked, steps=[stage.id], by=ARM, base=labels[0]).compared
        assert dict(zip(found["value"], found["n"], strict=True)) == {
            k: n for k, n in sizes.items() if n or k == labels[0]
        }
        hits = {label: int(np.nansum(one.values[units.arm == number])) for number, label in enumerate(labels)}
        assert dict(zip(found["value"], found["customers"], strict=True)) == {
            k: hits[k] for k in found["value"]
        }


def test_the_stages_of_a_result_are_those_of_the_comparison_of_its_arms():
    random = np.random.default_rng(3)
    people = [f"c{number:03d}" for number in range(160)]
    drawn = [
        Row(one, str(event), int(minute), None, None)
        for one in people[:150]
        for event, minute in zip(random.choice(EVENTS[:4], 3), random.integers(1, 5_000, 3), strict=True)
    ]
    log, stages = event_log(drawn), stage_map(dict(zip(EVENTS[1:4], STAGES, strict=True)))
    # The last ten are in no log, and the second one is in both arms.
    beside = tables(
        [(one, "실험대조"[number % 2 * 2 :][:2], 2_500) for number, one in enumerate([*people, people[1]])]
    )
    result = experiment(log, stages, plan={"source": SOURCE}, tables=beside).stages
    own, marked = everyone(log, SOURCE, beside), with_exposure(stages)
    rules = {
        side: {"arm": {"experiment": SOURCE, "arm": one}}
        for side, one in zip("ab", ("실험", "대조"), strict=True)
    }
    answer = comparison(own, marked, **rules, tables=beside)
    assert (answer.n_a, answer.n_b) == (80, 79)
    shown = answer.measures[answer.measures["measure"] != "drop_off"].set_index("stage")
    for row in result.itertuples():
        side = {"실험": "a", "대조": "b"}[row.arm]
        beside_it = shown.loc[row.stage]
        assert (row.assigned, row.reached) == (beside_it[f"n_{side}"], beside_it[f"customers_{side}"])
        if side == "a":
            ends = beside_it[["difference", "difference_low", "difference_high"]].tolist()
            assert [row.difference, row.low, row.high] == pytest.approx(ends)
    assert len(result) == 2 * len(STAGES)


def test_arms_of_an_attribute_and_of_records_are_offered_with_the_names_of_their_plan():
    frame = pd.DataFrame(
        {
            "customer": ["a", "b", "c"],
            "event": ["보기"] * 3,
            "time": [BEGIN + pd.Timedelta(minutes=minute) for minute in (9, 10, 11)],
            "variant": ["B", "A", None],
        }
    )
    log = EventLog.from_frame(frame, attributes=["variant"])
    beside = tables([("a", "실험", 1), ("c", "대조", 2), ("x", "셋째", 2)])
    plans = [
        Plan("변형", source={"attribute": "variant"}, arms=(Arm("A", "그대로"), Arm("B"))),
        Plan("사라짐", source={"attribute": "else"}),
        Plan("합", source={"sums": "배너"}),
    ]
    found = arm_sources(log, beside, plans)
    assert [one.name for one in found] == ["변형", "배너"]
    # Of a third arm the log knows nobody.
    assert [[arm.label for arm in one.arms] for one in found] == [["A", "B"], ["대조", "실험"]]
    assert found[0].arms[0].name == "그대로" and all(one.has_times for one in found)
    assert arm_sources(log, tables([("a", "실험", 1)])) == ()
