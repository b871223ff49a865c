"""Units of experiments against plain loops, laws, and what files are taken for."""

from __future__ import annotations

import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.aggregates.arm_sums import ArmSums, arm_sums, segment_sums
from journey.aggregates.arm_units import arm_units, proposed_plans
from journey.errors import ColumnMissing, ExperimentMissing
from journey.events.log import EventLog
from journey.events.other_tables import NO_TABLES, OtherTables, nobody
from journey.stages.experiment_plan import Arm, Plan
from journey.stages.stage_map import StageMap
from tests.aggregates.arms import metric, plan_of, record_rows, record_table, tables_of
from tests.endurance import examples

STAGES = StageMap()
METRICS = (
    metric("conversion", "yes", id="yes"),
    metric("mean", "x", id="sum"),
    metric("time", "x", id="first"),
    metric("ratio", {"above": {"column": "x"}, "below": {"column": "yes"}}, id="ratio"),
)


def measured(rows, *metrics, log=None, **plan):
    columns = {name for row in rows for name in row} - {"customer", "arm", "minute", "seen"}
    tables = tables_of(*rows, numbers=sorted(columns), texts=("seen",))
    return arm_units(log or nobody(), STAGES, plan_of(*metrics, **plan), tables)


def by_hand(rows):
    """Customer -> arm, values of METRICS; and how many are in two arms."""
    arms, known = {}, {}
    for row in rows:
        arms.setdefault(row["customer"], set()).add(row["arm"])
        known.setdefault(row["customer"], []).append(row)
    units = {}
    for who in sorted(arms):
        if len(arms[who]) > 1:
            continue
        numbers = [row["x"] for row in known[who] if row["x"] is not None and np.isfinite(row["x"])]
        answers = [row["yes"] for row in known[who] if row["yes"] is not None]
        total, said = sum(numbers) if numbers else None, sum(answers) if answers else None
        both = None if total is None or said is None else (total, said)
        units[who] = (
            *arms[who],
            float(any(answers)) if answers else None,
            total,
            min(numbers, default=None),
            both,
        )
    return units, sum(len(found) > 1 for found in arms.values())


@settings(max_examples=examples(60), deadline=None)
@given(record_rows(), st.randoms())
def test_units_of_records_are_those_of_a_plain_loop_whatever_the_order(rows, chance):
    units, twice = by_hand(rows)
    shuffled = list(rows)
    chance.shuffle(shuffled)
    for some in (rows, shuffled):
        found = measured(some, *METRICS, arms=(Arm("A"), Arm("B")))
        assert found.left_out["two_arms"] == twice
        assert [found.arms[code].label for code in found.arm] == [unit[0] for unit in units.values()]
        values = [[None if np.isnan(one) else one for one in m.values] for m in found.measured]
        for at in range(3):
            assert values[at] == [unit[at + 1] for unit in units.values()]
        ratio = found.measured[3]
        assert [None if np.isnan(one) else one for one in ratio.values] == [
            unit[4] and unit[4][0] for unit in units.values()
        ]
        assert [None if np.isnan(one) else one for one in ratio.below] == [
            unit[4] and unit[4][1] for unit in units.values()
        ]
        assert found.measured[1].n_infinite == sum(
            row["x"] is not None and np.isinf(row["x"]) for row in rows if row["customer"] in units
        )
        assert found.duplicates == sum(row["customer"] in units for row in rows) - len(units)


def test_numbers_whose_squares_cannot_be_added_up_count_as_infinite():
    rows = [{"customer": f"c{at}", "arm": "AB"[at % 2], "x": 1e300 if at < 3 else 1.0} for at in range(9)]
    found = measured(rows, metric("mean", "x"))
    assert found.measured[0].n_infinite == 3 and np.nansum(found.measured[0].values) == 6


@settings(max_examples=examples(40), deadline=None)
@given(record_rows(customers="abcdefghij"), record_rows(customers="klmnopqrst"))
def test_sums_of_two_halves_are_those_of_the_whole(one, other):
    arms = (Arm("A"), Arm("B"), Arm("C"))
    parts = [measured(rows, *METRICS, arms=arms) for rows in (one, other, one + other)]
    first, second, whole = map(arm_sums, parts)
    for name in ArmSums.__dataclass_fields__:
        np.testing.assert_allclose(getattr(first + second, name), getattr(whole, name), atol=1e-9)
        for summed in segment_sums(parts[2], list(parts[2].segments)).values():
            np.testing.assert_allclose(getattr(summed.whole(), name), getattr(whole, name), atol=1e-9)


@settings(max_examples=examples(40), deadline=None)
@given(record_rows())
def test_sums_are_those_of_a_plain_loop(rows):
    found = measured(rows, *METRICS, arms=(Arm("A"), Arm("B")))
    sums = arm_sums(found)
    days = arm_sums(found, found.day, 6) if found.day is not None else None
    for at, one in enumerate(found.measured):
        for arm in range(2):
            mine = one.values[(found.arm == arm) & ~one.missing]
            assert sums.n[0, arm, at] == len(mine)
            assert sums.n_missing[0, arm, at] == (found.arm == arm).sum() - len(mine)
            assert sums.x[0, arm, at] == pytest.approx(sum(mine))
            assert sums.xx[0, arm, at] == pytest.approx(sum(x * x for x in mine))
            if days is not None:
                there = (found.arm == arm) & ~one.missing & (found.day == 2)
                assert days.n[2, arm, at] == there.sum()
    ratio = found.measured[3]
    both = ~ratio.missing & (found.arm == 1)
    assert sums.xy[0, 1, 3] == pytest.approx((ratio.values[both] * ratio.below[both]).sum())


def test_spellings_of_one_label_are_one_arm_and_told():
    rows = [
        {"customer": str(at), "arm": label, "x": 1.0}
        for at, label in enumerate(
            ["대조군", "대조 군", "대조군", "Test", "TEST ", "ＴＥＳＴ", "test", "test"]
        )
    ]
    found = measured(rows, metric("mean", "x"))
    assert [arm.label for arm in found.arms] == ["대조군", "test"]
    assert found.counted.tolist() == [3, 5]
    assert found.merged == (("대조군", ("대조 군",)), ("test", ("TEST ", "Test", "ＴＥＳＴ")))


def test_labels_that_the_plan_writes_apart_stay_apart():
    rows = [{"customer": str(at), "arm": label, "x": 1.0} for at, label in enumerate(["a", "A", "A", " a"])]
    found = measured(rows, metric("mean", "x"), arms=(Arm("a"), Arm("A")))
    assert found.counted.tolist() == [2, 2]


def test_the_same_customer_under_two_spellings_of_an_arm_is_in_one_arm():
    rows = [{"customer": "a", "arm": "B"}, {"customer": "a", "arm": "b "}, {"customer": "c", "arm": "A"}]
    found = measured([{**row, "x": 1.0} for row in rows], metric("mean", "x"))
    assert found.left_out["two_arms"] == 0
    assert found.duplicates == 1
    assert found.measured[0].values.tolist() == [2.0, 1.0]


def test_an_arm_that_is_not_of_the_plan_is_left_out_and_one_without_units_stays():
    rows = [{"customer": who, "arm": arm, "x": 1.0} for who, arm in ["aA", "bB", "cC", "dA", "dC"]]
    found = measured(rows, metric("mean", "x"), arms=(Arm("A"), Arm("B"), Arm("Z")))
    assert found.counted.tolist() == [1, 1, 0]
    assert (found.left_out["unknown_arm"], found.left_out["two_arms"]) == (1, 1)


@pytest.mark.parametrize(
    ("labels", "first"),
    [
        (["treatment", "control"], "control"),
        (["gate_40", "gate_30"], "gate_30"),
        (["Test Group", "Control Group"], "Control Group"),
        (["신규안", "기존안"], "기존안"),
        (["B", "A", "C"], "A"),
        (["B안", "A안"], "A안"),
        (["10", "2", "1"], "1"),
        (["on", "off"], "off"),
        (["그룹 B", "그룹 A"], "그룹 A"),
    ],
)
def test_the_control_is_guessed(labels, first):
    rows = [{"customer": label, "arm": label, "x": 1.0} for label in labels]
    assert measured(rows, metric("mean", "x")).arms[0].label == first


def test_a_file_without_customers_has_a_unit_a_row():
    rows = [{"arm": arm, "x": float(at)} for at, arm in enumerate("ABBA")]
    found = measured(rows, metric("mean", "x"))
    assert (found.unit, found.customer, len(found)) == ("row", None, 4)
    assert found.measured[0].values.tolist() == [0.0, 1.0, 2.0, 3.0]


def test_two_files_of_one_experiment_are_one():
    one = record_table([{"customer": "a", "arm": "A", "experiment": "e", "x": 1.0}])
    two = record_table(
        [
            {"customer": "b", "arm": "B", "experiment": "e", "y": 2.0},
            {"customer": "b", "arm": "A", "experiment": "f", "y": 2.0},
        ],
        numbers=("y",),
    )
    tables = OtherTables(records=(one, two))
    plan = plan_of(metric("mean", "x", id="x"), metric("mean", "y", id="y"), source={"records": "e"})
    found = arm_units(nobody(), STAGES, plan, tables)
    np.testing.assert_array_equal(found.measured[0].values, [1.0, np.nan])
    np.testing.assert_array_equal(found.measured[1].values, [np.nan, 2.0])
    assert [one.source for one in proposed_plans(nobody(), STAGES, tables)] == [
        {"records": "e"},
        {"records": "f"},
    ]


def test_no_experiment_of_that_name_is_said():
    for tables, key in (
        (NO_TABLES, "errors.experiment_missing_none"),
        (
            tables_of(*({"customer": "a", "arm": "A", "experiment": name} for name in "ef")),
            "errors.experiment_missing_which",
        ),
    ):
        with pytest.raises(ExperimentMissing) as raised:
            arm_units(nobody(), STAGES, Plan(), tables)
        assert raised.value.key == key
    with pytest.raises(ExperimentMissing):
        arm_units(nobody(), STAGES, Plan(source={"records": "g"}), tables)
    with pytest.raises(ColumnMissing):
        measured([{"customer": "a", "arm": "A", "x": 1.0}], metric("mean", "gone"))


def test_values_are_cut_to_the_one_of_their_rank_in_all_arms_together():
    rows = [{"customer": f"{at:02}", "arm": "AB"[at % 2], "x": float(at)} for at in range(1, 101)]
    random.Random(3).shuffle(rows)
    found = measured(rows, metric("mean", "x", cap=0.95)).measured[0]
    assert (found.cap, found.n_capped, found.values.max()) == (95.0, 5, 95.0)


def test_what_is_known_from_before_is_the_mean_where_it_is_missing():
    rows = [
        {"customer": who, "arm": arm, "x": 1.0, "pre": before}
        for who, arm, before in [("a", "A", 4.0), ("b", "B", None), ("c", "B", 8.0)]
    ]
    found = measured(rows, metric("mean", "x", before={"column": "pre"})).measured[0]
    assert found.before.tolist() == [4.0, 6.0, 8.0]
    assert found.n_no_before == 1
    sums = arm_sums(measured(rows, metric("mean", "x", before={"column": "pre"})))
    assert (sums.b[0, 1, 0], sums.bb[0, 1, 0], sums.xb[0, 1, 0]) == (14.0, 100.0, 14.0)


def test_a_value_of_customers_is_called_without_the_number_that_tells_it_from_an_attribute_of_events():
    rows = [
        {
            "customer": f"c{n}",
            "event": "visit",
            "time": pd.Timestamp(2024, 3, day),
            "region": place,
            "region.1": home,
        }
        for n, home in enumerate(["Seoul", "Busan"] * 2)
        for day, place in ((1, "Seoul"), (2, "Jeju"))
    ]
    log = EventLog.from_frame(pd.DataFrame(rows), attributes=["region"], customer_attributes=["region.1"])
    units = measured(
        [{"customer": f"c{n}", "arm": "AB"[n // 2], "bought": 1.0} for n in range(4)],
        metric("conversion", "bought"),
        log=log,
    )
    codes, names = units.segments["region"]
    assert [names[code] for code in codes] == ["Seoul", "Busan"] * 2
    assert "region.1" not in units.segments


def test_metrics_are_guessed_from_names_and_numbers():
    numbers = ("전환", "매출", "사전매출", "retention_7", "rounds", "이탈", "사전예약")
    rows = [
        {"customer": "a", "arm": "A", "전환": 0.0, "매출": 3.5, "사전매출": 9.0, "retention_7": 1.0}
        | {"rounds": 12.0, "이탈": 1.0, "사전예약": 0.0}
    ]
    (plan,) = proposed_plans(nobody(), STAGES, tables_of(*rows, numbers=numbers))
    assert {one.name: (one.kind, one.role, one.better) for one in plan.metrics} == {
        "전환": ("conversion", "primary", "higher"),
        "매출": ("revenue", "secondary", "higher"),
        "retention_7": ("retention", "secondary", "higher"),
        "rounds": ("mean", "secondary", "higher"),
        "이탈": ("conversion", "secondary", "lower"),
        "사전예약": ("conversion", "secondary", "higher"),
    }
    assert plan.metrics[1].before == {"column": "사전매출"}
    assert Plan.from_json(plan.to_json()) == plan
