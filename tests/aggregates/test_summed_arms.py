"""Sums of arms that a file has already, against plain loops."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.aggregates.summed_arms import proposed_sums, summed_arms
from journey.errors import ColumnMissing, ExperimentMissing, MetricUnfit
from journey.events.other_tables import OtherTables
from journey.events.summed import SUMS
from journey.stages.experiment_plan import Arm, Plan
from tests.aggregates.arms import metric, plan_of
from tests.endurance import examples


def sum_table(rows, *, cumulative=False, texts=()):
    """A table of sums of dicts with arm, metric, n, x, and perhaps xx, day, time, experiment and texts."""
    columns = {
        field.name: pa.array(
            [cumulative if field.name == "cumulative" else row.get(field.name) for row in rows], field.type
        )
        for field in SUMS
    }
    return pa.table(
        columns | {name: pa.array([row.get(name) for row in rows], pa.large_string()) for name in texts}
    )


def asked(*tables, metrics=None, **plan):
    metrics = [metric("mean", "m")] if metrics is None else metrics
    plan = plan_of(*metrics, **{"source": {"sums": None}, **plan})
    return summed_arms(plan, OtherTables(sums=tables))


def sum_rows():
    return st.lists(
        st.fixed_dictionaries(
            {
                "arm": st.sampled_from("AB"),
                "metric": st.sampled_from("mk"),
                "day": st.integers(0, 5).map(float),
                "seen": st.sampled_from(["앱", "웹", None]),
                "n": st.integers(0, 9).map(float),
                "x": st.integers(-9, 9).map(float),
                "xx": st.one_of(st.integers(0, 99).map(float), st.just(None)),
            }
        ),
        min_size=1,
        max_size=12,
        unique_by=lambda row: (row["arm"], row["metric"], row["day"], row["seen"]),
    )


def by_hand(rows, arm, name, until, cumulative):
    """n, x and xx of an arm and metric up to a day."""
    mine = [row for row in rows if (row["arm"], row["metric"]) == (arm, name) and row["day"] <= until]
    if cumulative:
        last = {}
        for row in sorted(mine, key=lambda row: row["day"]):
            last[row["seen"]] = row
        mine = list(last.values())
    known = [math.nan if row["xx"] is None else row["xx"] for row in mine]
    return sum(row["n"] for row in mine), sum(row["x"] for row in mine), sum(known)


@settings(max_examples=examples(80), deadline=None)
@given(sum_rows(), st.booleans())
def test_sums_are_those_of_a_plain_loop(rows, cumulative):
    names = sorted({row["metric"] for row in rows})
    metrics = [metric("mean", name, id=name) for name in names]
    found = asked(
        sum_table(rows, cumulative=cumulative, texts=("seen",)), metrics=metrics, arms=(Arm("A"), Arm("B"))
    )
    assert found.look_days == tuple(sorted({row["day"] for row in rows}))
    for at, name in enumerate(names):
        for place, arm in enumerate("AB"):
            for look, day in enumerate(found.look_days):
                some = found.looked
                mine = (some.n[look, place, at], some.x[look, place, at], some.xx[look, place, at])
                np.testing.assert_allclose(mine, by_hand(rows, arm, name, day, cumulative))
            whole = (found.whole.n[0, place, at], found.whole.x[0, place, at], found.whole.xx[0, place, at])
            np.testing.assert_allclose(whole, by_hand(rows, arm, name, math.inf, cumulative))
            for value, sums_of in enumerate(found.segments["seen"][0] if "seen" in found.segments else ()):
                mine = [row for row in rows if row["seen"] == sums_of]
                n, x, _ = by_hand(mine, arm, name, math.inf, cumulative)
                sums = found.segments["seen"][1]
                assert (sums.n[value, place, at], sums.x[value, place, at]) == (n, x)


def test_spellings_of_an_arm_are_added_and_told():
    rows = [{"arm": arm, "metric": "m", "n": 10.0, "x": 2.0, "xx": 2.0} for arm in ["대조군", "대조 군", "B"]]
    found = asked(sum_table(rows, cumulative=True))
    assert [arm.label for arm in found.arms] == ["대조 군", "B"]
    assert found.assigned.tolist() == [20, 10]
    assert found.merged == (("대조 군", ("대조군",)),)
    assert (found.looked, found.look_days) == (None, ())


def test_looks_of_dates_are_days_of_the_zone():
    rows = [
        {"arm": arm, "metric": "m", "n": 1.0, "x": 1.0, "time": dt.datetime(2024, 1, day, 15, tzinfo=dt.UTC)}
        for arm in "AB"
        for day in (1, 2)
    ]
    found = asked(sum_table(rows))
    assert found.look_days == (dt.date(2024, 1, 2), dt.date(2024, 1, 3))
    assert found.looked.n[:, 0, 0].tolist() == [1, 2]


def test_a_ratio_of_two_metrics_lacks_the_products():
    rows = [{"arm": "A", "metric": name, "n": 5.0, "x": x, "xx": 9.0} for name, x in [("m", 3.0), ("k", 4.0)]]
    of = {"above": {"column": "m"}, "below": {"column": "k"}}
    whole = asked(sum_table(rows), metrics=[metric("ratio", of)]).whole
    assert (whole.x[0, 0, 0], whole.y[0, 0, 0]) == (3.0, 4.0)
    assert math.isnan(whole.xy[0, 0, 0])


def test_arms_that_are_not_of_the_plan_are_counted():
    rows = [
        {"arm": arm, "metric": "m", "n": 10.0, "x": 2.0, "day": day} for arm in "ABC" for day in (0.0, 1.0)
    ]
    found = asked(sum_table(rows), arms=(Arm("B"), Arm("A")))
    assert found.left_out == {"unknown_arm": 20}
    assert found.assigned.tolist() == [20, 20]


def test_plans_are_proposed_with_kinds_that_the_sums_tell():
    rows = [
        {"experiment": one, "arm": arm, "metric": name, "n": 10.0, "x": x, "xx": xx}
        for one in ("e", "f")
        for arm in ("treatment", "control")
        for name, x, xx in [("매출", 90.0, 999.0), ("bought", 4.0, 4.0), ("retention", 3.0, 3.0)]
    ]
    tables = OtherTables(sums=(sum_table(rows),))
    first, second = proposed_sums(tables)
    assert (first.name, second.source) == ("e", {"sums": "f"})
    assert [arm.label for arm in first.arms] == ["control", "treatment"]
    assert [(one.kind, one.role) for one in first.metrics] == [
        ("revenue", "secondary"),
        ("conversion", "primary"),
        ("retention", "secondary"),
    ]
    assert Plan.from_json(first.to_json()) == first
    assert summed_arms(first, tables).whole.n.tolist() == [[[10] * 3] * 2]


def test_what_the_file_lacks_is_said():
    table = sum_table([{"arm": "A", "metric": "m", "n": 1.0, "x": 1.0, "experiment": "e"}])
    with pytest.raises(ColumnMissing):
        asked(table, metrics=[metric("mean", "k")])
    with pytest.raises(ExperimentMissing):
        asked(table, source={"sums": "f"})
    with pytest.raises(MetricUnfit):
        asked(table, metrics=[metric("mean", {"event": "x"})])
