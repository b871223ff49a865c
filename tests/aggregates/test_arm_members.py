"""Who is in which arm, and their journeys from the exposure on, against loops over plain rows."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.aggregates.arm_members import arm_flags, arm_members
from journey.aggregates.coverage import coverage
from journey.aggregates.exposed import ARM, EXPOSED, exposed, with_exposure
from journey.aggregates.records import UNTIMED
from journey.aggregates.segment import members_of
from journey.analysis.reach import reach
from journey.errors import ColumnMissing, ExperimentMissing, SettingWrong
from journey.events.log import EventLog
from journey.events.other_tables import NO_TABLES, OtherTables
from journey.stages.segment import checked, is_about_customers
from journey.stages.stage_map import StageMap
from tests.endurance import examples

SOURCE = {"records": "배너"}
BEGIN = pd.Timestamp("2024-03-01 09:30", tz="Asia/Seoul")
STAGES = StageMap().add_stage("보기").add_stage("사기").place("보기", "s1").place("사기", "s2")


def at(minute):
    return BEGIN + pd.Timedelta(minutes=minute)


def records(rows):
    """Rows of (customer, arm, minute or None), all of one experiment."""
    table = {
        "customer": pa.array([row[0] for row in rows], pa.large_string()),
        "experiment": pa.array(["배너"] * len(rows), pa.large_string()),
        "arm": pa.array([row[1] for row in rows], pa.large_string()),
        "time": pa.array([None if row[2] is None else at(row[2]) for row in rows], pa.timestamp("us", "UTC")),
    }
    return OtherTables(records=(pa.table(table),))


def log_of(rows):
    """Rows of (customer, event, minute)."""
    frame = pd.DataFrame(rows, columns=["customer", "event", "time"])
    return EventLog.from_frame(frame.assign(time=[at(one) for one in frame["time"]]))


PEOPLE = st.sampled_from(["가", "나", "다", "라"])
MINUTES = st.integers(0, 6)
EVENTS = st.lists(st.tuples(PEOPLE, st.sampled_from(["보기", "사기"]), MINUTES), min_size=1, max_size=12)
ARMS = st.sampled_from(["A", "B", "b ", "Ｂ"])
RECORDS = st.lists(st.tuples(PEOPLE, ARMS, st.one_of(st.none(), MINUTES)), min_size=1, max_size=8)


def by_loop(rows):
    """Customer -> (arm, first known minute) of those in one arm."""
    arms, first = {}, {}
    for customer, arm, minute in rows:
        arms.setdefault(customer, set()).add("A" if arm == "A" else "B")
        if minute is not None:
            first[customer] = min(minute, first.get(customer, minute))
    return {one: (*arms[one], first.get(one)) for one in arms if len(arms[one]) == 1}


@given(EVENTS, RECORDS)
@settings(max_examples=examples(40))
def test_arms_are_those_of_a_loop_over_the_records(events, rows):
    log, wanted = log_of(events), by_loop(rows)
    found = arm_members(log, SOURCE, records(rows))
    arms = ["A" if found.arms[number].label == "A" else "B" for number in found.arm]
    minutes = [None if one == UNTIMED else (one - at(0).value // 1000) // 60_000_000 for one in found.time]
    assert dict(zip(found.ids.to_pylist(), zip(arms, minutes, strict=True), strict=True)) == wanted
    known = log.customer_ids.to_pylist()
    places = [known.index(one) if one in known else -1 for one in found.ids.to_pylist()]
    assert found.customer.tolist() == places
    for label in ("A", "b"):
        flags = arm_flags(log, {"experiment": SOURCE, "arm": label}, records(rows))
        assert flags.tolist() == [wanted.get(one, ("",))[0] == label.upper() for one in known]


@given(EVENTS, RECORDS, st.booleans())
@settings(max_examples=examples(40))
def test_all_who_were_assigned_are_counted_with_what_they_did_from_then_on(events, rows, since):
    log, tables, wanted = log_of(events), records(rows), by_loop(rows)
    found = arm_members(log, SOURCE, tables)
    others = found.ids.filter(pa.array(found.customer < 0))
    made = exposed(log, found, since=since, others=others)
    left = {}
    for customer, event, minute in sorted(events, key=lambda row: (row[2], row[1])):
        arm, first = wanted.get(customer, ("", None))
        if arm and (not since or first is None or minute >= first):
            left.setdefault(customer, []).append((event, minute))
    ids = made.customer_ids.to_pylist()
    assert sorted(ids) == sorted(wanted)
    attribute = made.attributes[ARM]
    for place, customer in enumerate(ids):
        low, high = made.offsets[place : place + 2]
        own = [
            (made.event_names[code], (time - at(0).value // 1000) // 60_000_000)
            for code, time in zip(made.event[low:high], made.time[low:high], strict=True)
            if made.event_names[code] != EXPOSED
        ]
        assert own == left.get(customer, [])
        label = attribute.categories[attribute.codes[place]]
        assert ("A" if label == "A" else "B") == wanted[customer][0]
    assert list(made.event_names) == sorted(made.event_names)
    # Their reach divides by everyone assigned, and the row of an exposure is no visit and in no file.
    answer = reach(made, with_exposure(STAGES))
    bought = sum(any(event == "사기" for event, _ in own) for own in left.values())
    assert answer.n_customers == len(wanted)
    assert answer.table["customers"].tolist()[1] == bought
    assert coverage(made, with_exposure(STAGES)).rows == sum(map(len, left.values()))
    with_rows = exposed(log, found, since=since, others=others, rows_for_all=False)
    assert with_rows.customer_ids.to_pylist() == [one for one in ids if one in left]


@given(EVENTS, RECORDS, st.lists(st.booleans(), min_size=4, max_size=4))
@settings(max_examples=examples(25))
def test_filters_leave_those_of_a_part_and_whom_no_filter_knows(events, rows, flags):
    log, tables = log_of(events), records(rows)
    chosen = np.array(flags[: log.n_customers])
    if not chosen.any():
        return
    part, found = log.of_customers(chosen), arm_members(log, SOURCE, tables)
    origin = np.arange(log.n_customers) if part.origin is None else part.origin
    left = found.within(origin)
    names = part.customer_ids.to_pylist()
    arms = dict(zip(found.ids.to_pylist(), found.arm.tolist(), strict=True))
    gone = set(log.customer_ids.to_pylist()) - set(names)
    assert left.ids.to_pylist() == [one for one in found.ids.to_pylist() if one not in gone]
    for one, place, arm in zip(left.ids.to_pylist(), left.customer.tolist(), left.arm.tolist(), strict=True):
        assert arm == arms[one]
        assert names[place] == one if place >= 0 else one not in names
    own = exposed(part, left, since=False)
    assert own.customer_ids.to_pylist() == [one for one in names if one in arms]
    assert own.origin.tolist() == [log.customer_ids.to_pylist().index(one) for one in names if one in arms]


def test_an_attribute_exposes_from_its_first_row_with_a_value():
    frame = pd.DataFrame(
        [
            ("가", "보기", 0, None),
            ("가", "보기", 2, "A"),
            ("가", "사기", 3, None),
            ("나", "보기", 1, "B"),
            ("다", "보기", 1, "A"),
            ("다", "사기", 2, "b"),
            ("라", "보기", 1, None),
        ],
        columns=["customer", "event", "time", "variant"],
    )
    log = EventLog.from_frame(frame.assign(time=[at(one) for one in frame["time"]]), attributes=["variant"])
    found = arm_members(log, {"attribute": "variant"}, NO_TABLES)
    assert [arm.label for arm in found.arms] == ["A", "B"]
    assert found.ids.to_pylist() == ["가", "나"]
    assert [one - at(0).value // 1000 for one in found.time] == [120_000_000, 60_000_000]
    assert exposed(log, found, since=True).n_rows == 3
    assert exposed(log, found, since=True, only=0).customer_ids.to_pylist() == ["가"]
    with pytest.raises(ColumnMissing):
        arm_members(log, {"attribute": "else"}, NO_TABLES)
    with pytest.raises(SettingWrong):
        arm_members(log, {"sums": "배너"}, NO_TABLES)


def test_dates_count_from_the_day_of_the_exposure_on():
    frame = pd.DataFrame(
        {
            "customer": ["가"] * 3,
            "event": ["보기"] * 3,
            "time": pd.to_datetime(["2024-03-01", "2024-03-02", "2024-03-03"]),
        }
    )
    log, tables = EventLog.from_frame(frame), records([("가", "A", 24 * 60 + 30)])
    assert log.date_only
    assert exposed(log, arm_members(log, SOURCE, tables), since=True).n_rows == 2


def test_a_rule_about_an_arm_is_one_about_customers_and_needs_the_records():
    rule = {"arm": {"experiment": SOURCE, "arm": "B"}}
    assert checked(rule) == rule and is_about_customers({"not": rule})
    log, tables = log_of([("가", "보기", 1), ("나", "보기", 2)]), records([("나", "B", 1)])
    assert members_of(log, STAGES, rule, tables).tolist() == [False, True]
    assert members_of(log, STAGES, {"not": rule}, tables).tolist() == [True, False]
    with pytest.raises(ExperimentMissing):
        members_of(log, STAGES, rule)


@pytest.mark.parametrize(
    "content",
    [
        {"experiment": SOURCE},
        {"experiment": {"sums": "배너"}, "arm": "A"},
        {"experiment": {"attribute": None}, "arm": "A"},
        {"experiment": {}, "arm": "A"},
        {"experiment": SOURCE, "arm": 1},
        "A",
    ],
)
def test_what_names_no_arm_is_no_rule(content):
    with pytest.raises(SettingWrong):
        checked({"arm": content})
