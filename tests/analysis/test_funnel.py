import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.aggregates.funnel_attempts import attempts
from journey.aggregates.funnel_plan import funnel_plan
from journey.aggregates.segment import members_of
from journey.analysis.funnel import funnel
from journey.analysis.people import funnel_people
from journey.analysis.reach import reach
from journey.cli import grammar
from journey.errors import SettingWrong
from journey.figures import Figure
from journey.stages.stage_map import StageMap
from tests.aggregates.test_funnel import O_62, cases, of_days, spelt
from tests.analysis import oracle
from tests.analysis.logs import DAY, EVENTS, STAGES, event_log, places, rows, speak, stage_map
from tests.endurance import examples


def asked(log, stages, setting, **more):
    """The answer with an oracle's setting."""
    return funnel(
        log,
        stages,
        steps=setting.steps,
        order=setting.order,
        entry=setting.entry,
        window_days=None if setting.window is None else setting.window / DAY,
        exclude=setting.exclude,
        first=setting.first,
        **more,
    )


@settings(max_examples=examples(8), deadline=None)
@given(cases(), st.sampled_from([None, "value"]), st.sampled_from([None, "day", "week", "month"]))
def test_every_table_adds_up_to_the_funnel(case, by, every):
    found, placed, setting = case
    log = replace(event_log(found), date_only=False)
    answer = asked(log, stage_map(placed), setting, by=by, every=every, most=1)
    table, n_steps = answer.table, len(setting.steps)
    assert all(speak(answer))
    assert len(table) == n_steps
    assert table["entered"].sum() == answer.n_started
    if answer.n_started:
        assert table["share_of_start"].tolist() == (table["customers"] / answer.n_started).tolist()
        low, high = oracle.wilson(int(table["customers"].iloc[-1]), answer.n_started)
        headline = answer.headline
        assert isinstance(headline, Figure)
        assert (headline.low, headline.high) == pytest.approx((low, high))
    # Those who are lost did something next, or nothing: by events and by stages alike.
    for group in ("event", "stage"):
        next_ = answer.after[answer.after["group"] == group].groupby("step")["customers"].sum()
        lost = table.loc[table["lost"] > 0].set_index("step")["lost"]
        assert next_.to_dict() == lost.to_dict()
    continued = (table["customers"] - table["entered"]).iloc[1:]
    assert answer.times.groupby("step")["customers"].sum().sum() == continued.sum()
    if every is not None:
        assert answer.trend["customers"].sum() == answer.n_started
        assert answer.trend["completed"].sum() == answer.n_completed
    if by is not None and answer.n_started:
        parts = answer.breakdown.groupby("step")["customers"].sum()
        assert parts.tolist() == table["customers"].tolist()


@settings(max_examples=examples(15), deadline=None)
@given(cases(sessions=True), st.sampled_from(["customer", "session"]), st.data())
def test_the_people_of_a_bar_are_as_many_as_the_bar_says(case, unit, data):
    found, placed, setting = case
    log, stages = replace(event_log(found, sessions=True), date_only=False), stage_map(placed)
    answer = asked(log, stages, setting, unit=unit)
    step = data.draw(st.integers(1, len(setting.steps)))
    row = answer.table.iloc[step - 1]
    want = {"reached": row["customers"], "lost": row["lost"], "continued": row["customers"] - row["lost"]}
    for outcome, n in want.items():
        place = {"step": step, "outcome": outcome}
        people = funnel_people(log, stages, **answer.setting, **place)
        assert people.n_customers == n == len(people.table)
        flags = members_of(log, stages, {"funnel": {**answer.setting, **place}})
        names = set(np.array(log.customer_ids.to_pylist(), dtype=object)[flags])
        assert names == set(people.table["customer"])


def next_of(log, found, plan, step):
    """What each customer lost at `step` did next, as plain loops."""
    seen = {}
    for who, at, last in zip(log.customer_ids.to_pylist(), found.at, found.furthest, strict=True):
        if last == step < len(plan.steps):
            own = plan.steps[step - 1].events
            place = log.customer_ids.to_pylist().index(who)
            rows = range(log.offsets[place], log.offsets[place + 1])
            later = [log.event[row] for row in rows if log.time[row] > at[step - 1]]
            seen[who] = next((log.event_names[event] for event in later if not own[event]), None)
    return seen


@settings(max_examples=examples(8), deadline=None)
@given(cases())
def test_what_the_lost_did_next_equals_plain_loops(case):
    found, placed, setting = case
    setting = replace(setting, order="strict" if setting.order == "any" else setting.order)
    log, stages = replace(event_log(found), date_only=False), stage_map(placed)
    answer = asked(log, stages, setting)
    days = None if setting.window is None else setting.window / DAY
    own = {name: getattr(setting, name) for name in ("steps", "order", "entry", "exclude", "first")}
    plan = funnel_plan(log, stages, window_days=days, **own)
    tries = attempts(plan)
    for step in range(1, len(setting.steps)):
        want = list(next_of(log, tries, plan, step).values())
        rows = answer.after[(answer.after["step"] == step) & (answer.after["group"] == "event")]
        named = rows[rows["next_kind"] == "event"].set_index("next")["customers"].to_dict()
        assert named == {name: want.count(name) for name in set(want) - {None}}
        assert rows.loc[rows["next_kind"] != "event", "customers"].sum() == want.count(None)


def test_o_62_with_times_shares_and_why_it_differs_from_reach():
    log, stages = of_days({who: spelt(text) for who, text in O_62.items()}, "ABC")
    answer = funnel(log, stages, steps=["A", "B", "C"], window_days=7)
    assert answer.table["customers"].tolist() == [8, 5, 4]
    assert answer.table["share_of_previous"].tolist()[1:] == [5 / 8, 4 / 5]
    assert answer.table["share_of_all"].iloc[0] == 8 / 9
    # A to B: u1 1, u2 2, u5 6, u6 4, u8 0 days; nearest rank.
    assert answer.table["median_seconds"].iloc[1] == 2 * 86_400
    assert answer.table["p90_seconds"].iloc[1] == 6 * 86_400
    said = {note.code: dict(note.values) for note in answer.notes}
    reached = reach(log, stages).table.set_index("stage")["customers"]
    assert said["funnel.note_reach"] == {"name": "C", "reach": reached["C"], "customers": 4}
    # u7 and u9 skip a step, u3 has B first; u5 takes 8 days.
    assert said["funnel.note_reach_order"]["customers"] == 3
    assert said["funnel.note_reach_window"] == {"customers": 1, "days": 7}
    assert reached["C"] - 3 - 1 == 4


def test_each_setting_says_how_many_it_takes_away():
    people = {
        "strict": "A0 X1 B2",
        "fine": "A0 B1",
        "again": "A0 X0 A50 B51",
        "late": "A0 B9",
        "void": "A0 V1 B2 A3",
        "skip": "B0",
    }
    log, stages = of_days({who: spelt(text) for who, text in people.items()}, "AB")
    answer = funnel(
        log, stages, steps=["A", "B"], window_days=7, first="ever", exclude=["event:V"], order="ordered"
    )
    said = {note.code: note.values.get("customers") for note in answer.notes}
    assert answer.table["customers"].tolist() == [4, 2]
    takes = {"order": 1, "window": 1, "first": 1, "exclude": 1}
    assert said["funnel.note_reach"] == 2
    assert {name: said[f"funnel.note_reach_{name}"] for name in takes} == takes
    assert said["funnel.note_void"] == 1
    assert reach(log, stages).table["customers"].iloc[1] == 2 + sum(takes.values())
    strict = funnel(log, stages, steps=["A", "B"], window_days=None, order="strict")
    codes = [note.code for note in strict.notes]
    assert "funnel.note_reach_strict" in codes
    open_ = funnel(log, stages, steps=["B"], entry="open", window_days=None)
    assert "funnel.note_as_reach" in [note.code for note in open_.notes]


def test_whoever_still_has_time_left_is_counted():
    log, stages = of_days({"a": spelt("A0 X40"), "b": spelt("A30 B31"), "c": spelt("A35")}, "AB")
    answer = funnel(log, stages, window_days=30, every="month")
    notes = {note.code: note.values for note in answer.notes}
    assert notes["funnel.note_still_open"] == {"customers": 1, "of": 2}
    assert answer.trend["complete"].tolist() == [False, False]
    assert answer.trend["completed"].tolist() == [1, 0]
    after = answer.after[answer.after["group"] == "event"]
    assert after[["next", "next_kind", "customers"]].values.tolist() == [["X", "event", 1], ["", "active", 1]]


def test_a_breakdown_takes_the_value_of_the_first_step_or_of_the_customer():
    rows = [
        oracle.Row("a", "보기", 0, "부산"),
        oracle.Row("a", "보기", 5, "강남"),
        oracle.Row("a", "사기", 6, "부산"),
        oracle.Row("b", "보기", 0, None),
    ]
    placed = {"보기": STAGES[0], "사기": STAGES[2]}
    stages = stage_map(placed).remove_stage(stage_map(placed).named(STAGES[1]).id)
    # The attempt that starts last counts, at minute 5.
    answer = funnel(event_log(rows), stages, by="value")
    assert answer.breakdown[["value", "kind", "customers"]].values.tolist() == [
        ["강남", "value", 1],
        ["강남", "value", 1],
        ["", "missing", 1],
        ["", "missing", 0],
    ]
    own = funnel(event_log(rows, of="customer"), stages, by="value")
    assert set(own.breakdown["value"]) == {"부산", ""}


@given(rows(most=16), places())
@settings(max_examples=examples(25))
def test_values_are_compared_by_the_share_of_all_who_have_them(drawn, placed):
    log, stages = event_log(drawn, of="customer"), stage_map(placed)
    attribute = log.attributes["value"]
    if attribute.codes.max() < 0:
        return
    base = attribute.categories[attribute.codes.max()]
    answer = funnel(log, stages, by="value", base=base)
    assert answer.compared["value"].iloc[0] == base
    for value, table in answer.compared.groupby("value"):
        having = attribute.codes == attribute.categories.index(value)
        alone = funnel(log.of_customers(having), stages)
        assert table["n"].tolist() == [alone.n_customers] * len(stages.stages)
        assert table["customers"].tolist() == alone.table["customers"].tolist()
        assert table["share"].tolist() == alone.table["share_of_all"].tolist()
        if value != base:
            other = funnel(log, stages, by="value", base=value).compared
            turned = other[other["value"] == base]
            columns = ["against", "against_low", "against_high"]
            for one, two in zip(table[columns].values, turned[columns].values, strict=True):
                assert one == pytest.approx([-two[0], -two[2], -two[1]])


def test_only_values_of_customers_are_compared():
    drawn = [oracle.Row("a", "보기", 0, "부산")]
    for of, base in (("event", "부산"), ("customer", "강남")):
        with pytest.raises(SettingWrong):
            funnel(event_log(drawn, of=of), stage_map({}), by="value", base=base)


def test_drivers_find_the_planted_one_and_leave_out_the_step_itself():
    random = np.random.default_rng(7)
    people = {}
    for k in range(400):
        coupon = k % 2 == 0
        goes_on = random.random() < (0.8 if coupon else 0.3)
        people[f"u{k}"] = [
            *([("V", 0)] if coupon else [("W", 0)]),
            ("A", 1),
            *([("B", 2)] if goes_on else []),
        ]
    log, stages = of_days(people, "AB")
    answer = funnel(log, stages, driven=1)
    first = answer.drivers.iloc[0]
    assert first["name"] in ("V", "W") and bool(first["clear"])
    assert "B" in set(answer.left_out["name"])
    assert "B" not in set(answer.drivers["name"])
    assert funnel(log, stages).drivers.columns.tolist() == answer.drivers.columns.tolist()


def test_dates_alone_have_classes_of_days():
    log, stages = of_days({"a": spelt("A0 B0"), "b": spelt("A0 B2")}, "AB")
    times = funnel(replace(log, date_only=True), stages).times
    assert times[["to_seconds", "customers"]].values.tolist() == [[0, 1], [86_400, 0], [2 * 86_400, 1]]


@pytest.mark.parametrize(
    ("placed", "code"),
    [
        ({}, "funnel.finding_nobody"),
        ({"보기": STAGES[0]}, "funnel.finding_largest_loss"),
    ],
)
def test_what_cannot_be_said_is_a_sentence(placed, code):
    log = event_log([oracle.Row("a", "보기", 5)])
    answer = funnel(log, stage_map(placed))
    assert answer.finding.code == code and all(speak(answer))
    assert funnel(log, StageMap()).finding.code == "funnel.finding_no_stages"
    assert funnel(log, StageMap()).table.empty and funnel(log, StageMap()).headline is None
    nobody = funnel(log.of_customers(np.zeros(1, dtype=bool)), stage_map(placed), every="day", driven=1)
    assert nobody.finding.code == "funnel.finding_no_rows"
    assert nobody.table["customers"].tolist() == [0, 0, 0]
    assert math.isnan(nobody.table["share_of_start"].iloc[0])


def test_one_step_or_no_loss_or_any_order_have_words_of_their_own():
    log, stages = of_days({"a": spelt("A0 B1"), "b": spelt("A0 B1")}, "AB")
    assert funnel(log, stages).finding.code == "funnel.finding_no_loss"
    assert funnel(log, stages, steps=["A"]).finding.code == "funnel.finding_one_step"
    log, stages = of_days({"a": spelt("B0 A1"), "b": spelt("A0")}, "AB")
    either = funnel(log, stages, order="any", unit="session")
    assert either.finding.code == "funnel.finding_any_order_sessions"
    assert either.table["name"].tolist() == ["1/2", "2/2"] and all(speak(either))


@pytest.mark.parametrize(
    "wrong", [{"by": "없음"}, {"most": 0}, {"driven": 3}, {"every": "year"}, {"active_within_days": -1}]
)
def test_a_wrong_setting_is_refused(wrong):
    log = event_log([oracle.Row("a", "보기", 5)])
    with pytest.raises(SettingWrong) as caught:
        funnel(log, stage_map({}), **wrong)
    assert caught.value.values["setting"] in (*wrong, "period")


def test_the_command_line_writes_several_steps_with_commas():
    known = {name: kind for name, (kind, _) in grammar.own_settings(funnel).items()}
    written = ['steps=event:보기,"a,b",구매', "window_days=7", "exclude=", "by=none"]
    values, _ = grammar.settings(written, known)
    assert values == {"steps": ["event:보기", "a,b", "구매"], "window_days": 7.0, "exclude": [], "by": None}
    log = event_log([oracle.Row("a", name, k) for k, name in enumerate(EVENTS)])
    assert isinstance(funnel(log, StageMap(), steps=["event:보기", "event:사기"]).table, pd.DataFrame)
