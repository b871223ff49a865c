"""Outcomes of the log within a window from the exposure, against plain loops."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.aggregates.arm_units import arm_units, proposed_plans
from journey.errors import ColumnMissing, MetricUnfit, SettingWrong, StageUnknown
from journey.events.clean import cleaned
from journey.events.columns import guess_table
from journey.events.joined import joined
from journey.events.other_tables import NO_TABLES, other_tables
from journey.i18n import LANGUAGES, text
from journey.sources.files import read_table
from journey.stages.experiment_plan import Arm
from journey.stages.stage_map import StageMap
from tests.aggregates.arms import log_of, log_rows, metric, plan_of, tables_of
from tests.endurance import examples

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
DAY = 24 * 60
STAGES = StageMap().add_stage("고려").add_stage("구매")
STAGES = STAGES.place("보기", STAGES.named("고려").id).place("담기", STAGES.named("고려").id)
STAGES = STAGES.place("사기", STAGES.named("구매").id)
STAGE = {"stage": STAGES.named("고려").id}
METRICS = (
    metric("conversion", STAGE, id="reached"),
    metric("mean", {"event": "담기"}, id="count"),
    metric("revenue", {"revenue": True}, id="money"),
    metric("time", {"event": "사기"}, id="time"),
    metric("retention", {"active": [1, 2]}, id="back"),
    metric("retention", {"active": [0, 0.5]}, id="again"),
    metric("ratio", {"above": {"revenue": True}, "below": {"event": "사기"}}, id="basket"),
    metric("mean", {"event": "담기"}, id="before", before={"days": 1}),
)
ARMS = (Arm("A"), Arm("B"))


def by_hand(rows, exposed, window, end):
    """Customer -> what METRICS say of them, of those whose window was observed; and how many others are."""
    found, late = {}, 0
    length = math.inf if window is None else window * DAY
    for who, moment in sorted(exposed.items()):
        if moment + (0 if window is None else length) > end:
            late += 1
            continue
        mine = [row for row in rows if row["customer"] == who]
        inside = [row for row in mine if moment <= row["minute"] <= moment + length]
        bought = [row for row in inside if row["event"] == "사기"]
        last = min(moment + length, end)
        money = sum(row["amount"] or 0 for row in bought)
        found[who] = (
            float(any(row["event"] in ("보기", "담기") for row in inside)),
            sum(row["event"] == "담기" for row in inside),
            money,
            (min([row["minute"] for row in bought], default=last) - moment) / DAY,
            back(mine, moment, DAY, 2 * DAY, end),
            back(mine, moment, 1, DAY / 2, end),
            money,
            sum(row["event"] == "담기" for row in inside),
            sum(row["event"] == "담기" and moment - DAY <= row["minute"] < moment for row in mine),
            len(bought),
        )
    return found, late


def back(mine, moment, first, last, end):
    if moment + last > end:
        return None
    return float(any(moment + first <= row["minute"] <= moment + last for row in mine))


def compare(units, found):
    for at, one in enumerate(units.measured):
        values = [None if np.isnan(value) else pytest.approx(value) for value in one.values]
        assert values == [unit[at] for unit in found.values()], METRICS[at].id
    assert units.measured[6].below.tolist() == [unit[9] for unit in found.values()]
    if found:
        assert units.measured[7].before.tolist() == [unit[8] for unit in found.values()]
    assert units.measured[4].n_unobserved == sum(unit[4] is None for unit in found.values())


WINDOWS = st.sampled_from([None, 0.25, 1, 2.5])


@settings(max_examples=examples(60), deadline=None)
@given(
    log_rows(),
    st.dictionaries(st.sampled_from("abcdefxy"), st.integers(0, 24).map(lambda part: part * 360), min_size=1),
    WINDOWS,
)
def test_outcomes_of_exposures_in_a_file_are_those_of_a_plain_loop(rows, exposed, window):
    log = log_of([*rows, {"customer": "z", "event": "보기", "minute": 0, "amount": 1.0}])
    end = max(row["minute"] for row in rows)
    found, late = by_hand(rows, exposed, window, end)
    records = [
        {"customer": who, "arm": "AB"[ord(who) % 2], "minute": moment} for who, moment in exposed.items()
    ]
    tables = tables_of(*records, numbers=())
    units = arm_units(log, STAGES, plan_of(*METRICS, arms=ARMS, window=window), tables, purchases=["사기"])
    assert units.left_out["not_observed"] == late
    assert units.assigned.sum() == len(exposed)
    assert units.counted.sum() == len(found)
    assert units.strangers == sum(who not in {row["customer"] for row in rows} for who in exposed)
    compare(units, found)


@settings(max_examples=examples(60), deadline=None)
@given(log_rows(), WINDOWS)
def test_an_attribute_exposes_from_its_first_row_on(rows, window):
    rows = [*rows, {"customer": "z", "event": "보기", "minute": 0, "amount": 1.0}]
    log = log_of(rows)
    arms, exposed = {}, {}
    for row in rows:
        if row.get("arm"):
            arms.setdefault(row["customer"], set()).add(row["arm"])
            moments = [exposed.get(row["customer"], row["minute"]), row["minute"]]
            exposed[row["customer"]] = min(moments)
    one = {who: exposed[who] for who in exposed if len(arms[who]) == 1}
    found, late = by_hand(rows, one, window, max(row["minute"] for row in rows))
    plan = plan_of(*METRICS, arms=ARMS, window=window, source={"attribute": "arm"})
    units = arm_units(log, STAGES, plan, NO_TABLES, purchases=["사기"])
    assert units.left_out["two_arms"] == len(exposed) - len(one)
    assert units.left_out["not_observed"] == late
    ids = log.customer_ids.to_pylist()
    assert [ids[at] for at in units.customer] == list(found)
    assert [units.arms[code].label for code in units.arm] == [*(min(arms[who]) for who in found)]
    compare(units, found)


@settings(max_examples=examples(40), deadline=None)
@given(log_rows(customers="abc"))
def test_sessions_are_units_with_outcomes_inside_of_them(rows):
    log = log_of(rows)
    sessions = []
    for who in sorted({row["customer"] for row in rows}):
        mine = sorted((row for row in rows if row["customer"] == who), key=lambda row: row["minute"])
        for row in mine:
            if not sessions or sessions[-1][0] != who or row["minute"] - sessions[-1][1][-1]["minute"] > 30:
                sessions.append((who, []))
            sessions[-1][1].append(row)
    expected = []
    for who, mine in sessions:
        arms = {row["arm"] for row in mine if row["arm"]}
        if len(arms) == 1:
            moment = min(row["minute"] for row in mine if row["arm"])
            expected.append(
                (who, *arms, sum(row["event"] == "담기" and row["minute"] >= moment for row in mine))
            )
    plan = plan_of(METRICS[1], arms=ARMS, unit="session", source={"attribute": "arm"})
    if log.date_only:
        return
    units = arm_units(log, STAGES, plan)
    ids = log.customer_ids.to_pylist()
    assert units.unit == "session"
    assert expected == [
        (ids[who], units.arms[arm].label, count)
        for who, arm, count in zip(units.customer, units.arm, units.measured[0].values, strict=True)
    ]
    assert units.left_out["two_arms"] == sum(
        len({row["arm"] for row in mine if row["arm"]}) > 1 for _, mine in sessions
    )


@settings(max_examples=examples(40), deadline=None)
@given(
    log_rows(customers="abc"),
    st.lists(st.tuples(st.sampled_from("abz"), st.sampled_from("AB"), st.integers(0, 45)), min_size=1),
)
def test_rows_of_a_file_are_of_the_session_that_goes_on_then(rows, seen):
    log = log_of([*rows, {"customer": "c", "event": "보기", "minute": 11}])
    sessions = {}
    for row in sorted(rows, key=lambda row: row["minute"]):
        mine = sessions.setdefault(row["customer"], [])
        if not mine or row["minute"] - mine[-1][-1]["minute"] > 30:
            mine.append([])
        mine[-1].append(row)
    units = {}
    for at, (who, arm, minute) in enumerate(seen):
        mine = sessions.get(who, [])
        begun = [one for one in mine if one[0]["minute"] <= minute]
        soon = [one for one in mine if minute < one[0]["minute"] <= minute + 30]
        goes_on = begun and minute <= begun[-1][-1]["minute"] + 30
        session = begun[-1] if goes_on else soon[0] if soon else None
        key = (0, who, session[0]["minute"]) if session else (1, at, 0)
        units.setdefault(key, (session or [], []))[1].append((arm, minute))
    expected = []
    for _, (session, exposed) in sorted(units.items()):
        arms, moment = {arm for arm, _ in exposed}, min(minute for _, minute in exposed)
        if len(arms) == 1:
            counted = sum(row["event"] == "담기" and row["minute"] >= moment for row in session)
            expected.append((*arms, counted))
    if log.date_only:
        return
    records = [{"customer": who, "arm": arm, "minute": minute} for who, arm, minute in seen]
    late = max(minute for _, _, minute in seen)
    log = type(log)(**{**vars(log), "observed": (log.observed[0], log.observed[1] + late * 60_000_000)})
    plan = plan_of(METRICS[1], arms=ARMS, unit="session")
    found = arm_units(log, STAGES, plan, tables_of(*records, numbers=()))
    assert found.unit == "session"
    assert expected == [
        (found.arms[arm].label, count) for arm, count in zip(found.arm, found.measured[0].values, strict=True)
    ]
    assert found.left_out["two_arms"] == len(units) - len(expected)


def test_an_exposure_in_a_log_of_dates_is_the_beginning_of_its_day():
    rows = [{"customer": "a", "event": "사기", "minute": day * DAY} for day in (0, 3, 4)]
    log = log_of(rows)
    log = type(log)(**{**vars(log), "date_only": True})
    tables = tables_of({"customer": "a", "arm": "A", "minute": 3 * DAY + 600}, numbers=())
    units = arm_units(log, STAGES, plan_of(metric("mean", {"event": "사기"}), window=1), tables)
    assert units.measured[0].values.tolist() == [2.0]


def test_units_without_a_time_are_exposed_when_the_plan_starts_and_else_unknown():
    log = log_of([{"customer": "a", "event": "사기", "minute": minute} for minute in (0, DAY, 2 * DAY)])
    tables = tables_of({"customer": "a", "arm": "A"}, {"customer": "b", "arm": "B"}, numbers=())
    count = metric("mean", {"event": "사기"})
    units = arm_units(log, STAGES, plan_of(count), tables)
    assert np.isnan(units.measured[0].values).all()
    assert units.day is None
    units = arm_units(log, STAGES, plan_of(count, starts=(log.days()[0]).replace(day=2)), tables)
    assert units.measured[0].values.tolist() == [2.0, 0.0]


def test_customers_whom_the_filters_left_out_are_counted():
    rows = [{"customer": who, "event": "보기", "minute": 0, "arm": who} for who in "ab"]
    log = log_of(rows, of="customer").where("arm", ["a"])
    tables = tables_of(*({"customer": who, "arm": "A", "minute": 0} for who in "abc"), numbers=())
    units = arm_units(log, STAGES, plan_of(metric("conversion", STAGE)), tables)
    assert (units.left_out["filtered"], units.counted.tolist()) == (2, [1])


def test_what_cannot_be_measured_is_said():
    log = log_of([{"customer": "a", "event": "보기", "minute": 0, "arm": "A"}])

    def asked(one, **plan):
        return arm_units(log, STAGES, plan_of(one, source={"attribute": "arm"}, **plan))

    with pytest.raises(StageUnknown):
        asked(metric("conversion", {"stage": "없음"}))
    with pytest.raises(ColumnMissing):
        asked(metric("conversion", "x"))
    with pytest.raises(ColumnMissing):
        arm_units(log, STAGES, plan_of(source={"attribute": "gone"}))
    with pytest.raises(MetricUnfit) as unfit:
        asked(metric("retention", {"active": [1, 2]}), unit="session")
    assert all(text(unfit.value.key, language) for language in LANGUAGES)
    with pytest.raises(SettingWrong):
        arm_units(log, STAGES, plan_of(source={"sums": "e"}))
    money = asked(metric("revenue", {"revenue": True})).measured[0]
    assert np.isnan(money.values).all()
    assert asked(metric("conversion", {"event": "없음"})).measured[0].values.tolist() == [0.0]


def test_exposures_alone_are_judged_by_the_log():
    rows = [
        {"customer": who, "event": event, "minute": day * DAY, "amount": 1.0, "arm": who.upper()}
        for day in (0, 9)
        for who in "ab"
        for event in ("보기", "사기")
    ]
    log, stages = log_of(rows), STAGES.set_goal(STAGES.named("구매").id)
    tables = tables_of(
        *({"customer": who, "arm": who, "minute": 0, "experiment": "e"} for who in "ab"), numbers=()
    )
    (plan,) = proposed_plans(log, stages, tables)
    assert (plan.window, [one.kind for one in plan.metrics]) == (7, ["conversion", "revenue"])
    assert plan.primary.of == {"stage": STAGES.named("구매").id}
    units = arm_units(log, stages, plan, tables, purchases=["사기"])
    assert [one.values.tolist() for one in units.measured] == [[1.0, 1.0], [1.0, 1.0]]


def test_attributes_that_are_called_experiments_are_proposed():
    log = log_of([{"customer": who, "event": "보기", "minute": 0, "arm": who} for who in "ab"])
    stages = STAGES.set_goal(STAGES.named("고려").id)
    assert proposed_plans(log, stages) == ()
    log = type(log)(**{**vars(log), "attributes": {"실험군": log.attributes["arm"]}})
    (plan,) = proposed_plans(log, stages)
    assert (plan.source, [arm.label for arm in plan.arms]) == ({"attribute": "실험군"}, ["a", "b"])


def test_the_orders_of_the_shop_say_what_its_file_of_experiments_says():
    parts = []
    for name in ("shop_orders.csv", "shop_experiments.csv"):
        raw = read_table((SAMPLES / name).read_bytes(), name)
        parts.append(cleaned(raw, guess_table(raw).choice()))
    log, tables = joined(parts).log, other_tables((part.kind, part.tables) for part in parts)
    of_log = [metric(kind, {"revenue": True}, id=kind) for kind in ("conversion", "revenue")]
    plans = [plan for plan in proposed_plans(log, STAGES, tables) if "records" in plan.source]
    assert len(plans) == 2
    for plan in plans:
        plan = replace(plan, metrics=(*plan.metrics, *of_log), window=14)
        converted, paid, bought, kept = (one.values for one in arm_units(log, STAGES, plan, tables).measured)
        assert bought.tolist() == converted.tolist()
        # The file leaves cancelled orders out; the log takes off what was given back later, too.
        assert (kept <= paid).all()
        assert (kept != paid).mean() < 0.02
