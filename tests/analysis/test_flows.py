from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from journey.analysis.flows import flows
from journey.analysis.people import people
from journey.errors import ColumnMissing, SettingWrong, StageUnknown
from journey.events.log import EventLog
from journey.stages.stage_map import StageMap
from tests.analysis import oracle
from tests.analysis.logs import (
    DAY,
    EVENTS,
    STAGES,
    call,
    cases,
    disguised,
    event_log,
    links_of,
    nodes_of,
    setting_of,
    sizes,
    speak,
    stage_map,
)
from tests.analysis.oracle import Row
from tests.endurance import examples

# Rows alike but for a value that is looked at: a missing one comes last, as everywhere.
TIED = [Row("a", "가입", 0, "강남"), Row("a", "가입", 0, None)]
AT = {"가입": "인지"}
PLAIN = oracle.Rules(order=STAGES, places=AT, steps=1)


@settings(max_examples=examples(120), deadline=None)
@given(cases(anchored=True, reshaped=True))
@example((TIED, AT, replace(PLAIN, expand=("stage", "인지"))))
@example((TIED, AT, replace(PLAIN, where=(None,))))
def test_flows_equal_plain_loops(case):
    found, placed, rules = case
    want_links, want_nodes = oracle.flows(found, rules)
    answer = call(flows, event_log(found), stage_map(placed), rules)
    assert links_of(answer) == sizes(want_links)
    assert nodes_of(answer) == sizes(want_nodes)
    assert answer.n_customers == len({row.customer for row in found})
    assert answer.n_shown == len(oracle.drawn(found, rules))
    assert answer.direction == ("backward" if rules.into else "through" if rules.through else "forward")
    every, _ = oracle.flows(found, replace(rules, min_customers=0, nodes=None))
    other = ("other", "other")
    covered = oracle.folded(oracle.drawn(found, rules), rules).values()
    assert answer.coverage.of_links == len(every)
    assert answer.coverage.links == sum(other not in key[1:] for key in want_links)
    assert answer.coverage.customers == sum(other not in [node for _, node in seen] for seen, _, _ in covered)
    assert all(speak(answer))


@settings(max_examples=examples(60), deadline=None)
@given(cases(anchored=True, reshaped=True, sessions=True), st.booleans())
def test_sessions_equal_plain_loops(case, column):
    found, placed, rules = case
    if not column:
        found = [replace(row, session=None) for row in found]
    parts = oracle.sessions(found, gap=30)
    rules = replace(rules, within=30)
    want_links, want_nodes = oracle.flows(parts, rules)
    log = event_log(found, sessions=column)
    if log.date_only:
        with pytest.raises(SettingWrong):
            call(flows, log, stage_map(placed), rules, unit="session")
        return
    answer = call(flows, log, stage_map(placed), rules, unit="session")
    assert links_of(answer) == sizes(want_links)
    assert nodes_of(answer) == sizes(want_nodes)
    assert answer.n_customers == len({row.customer for row in parts})
    assert all(speak(answer))


@settings(max_examples=examples(60), deadline=None)
@given(cases(minutes=st.integers(0, 10 * DAY)), st.data())
def test_a_period_cuts_rows_and_sets_the_window(case, data):
    found, placed, rules = case
    first = data.draw(st.integers(0, 10))
    last = data.draw(st.integers(first, 10))
    inside = [row for row in found if first * DAY <= row.minute < (last + 1) * DAY]
    day = pd.Timestamp("2024-01-01")
    log = event_log(found).between(
        (day + pd.Timedelta(days=first)).date(), (day + pd.Timedelta(days=last)).date()
    )
    rules = replace(
        rules, window=(first * DAY, (last + 1) * DAY), within=data.draw(st.sampled_from([0, DAY]))
    )
    want_links, _ = oracle.flows(inside, rules)
    answer = call(flows, log, stage_map(placed), rules, active_within_days=rules.within / DAY)
    assert links_of(answer) == sizes(want_links)
    note = next(note for note in answer.notes if note.code == "notes.period")
    assert note.values == {
        "first": (day + pd.Timedelta(days=first)).date(),
        "last": (day + pd.Timedelta(days=last)).date(),
    }


@settings(max_examples=examples(60), deadline=None)
@given(cases(), st.sets(st.sampled_from(["강남", "부산", None])))
def test_an_attribute_filter_keeps_the_window(case, wanted):
    found, placed, rules = case
    window = (min(row.minute for row in found), max(row.minute for row in found))
    want_links, _ = oracle.flows([row for row in found if row.value in wanted], replace(rules, window=window))
    answer = call(flows, event_log(found).where("value", wanted), stage_map(placed), rules)
    assert links_of(answer) == sizes(want_links)


@settings(max_examples=examples(40), deadline=None)
@given(cases())
def test_a_customer_attribute_is_one_visit_a_customer(case):
    found, placed, rules = case
    value = {}
    for row in sorted(found, key=lambda row: (row.minute, row.event, row.value is None, row.value or "")):
        if value.get(row.customer) is None:
            value[row.customer] = row.value
    of_customer = [replace(row, value=value[row.customer]) for row in found]
    rules = replace(rules, group="value")
    want_links, _ = oracle.flows(of_customer, rules)
    answer = call(flows, event_log(found, of="customer"), stage_map(placed), rules)
    assert links_of(answer) == sizes(want_links)


@settings(max_examples=examples(40), deadline=None)
@given(cases(anchored=True, reshaped=True))
def test_what_comes_in_goes_out(case):
    found, placed, rules = case
    answer = call(flows, event_log(found), stage_map(placed), rules)
    links, anchors = answer.links, rules.into or rules.start or rules.through
    begins = links["source_kind"].isin(["start", "earlier"])
    for node in answer.nodes.itertuples(index=False):
        leaving = links[(links["step"] == node.step) & (links["source"] == node.name) & ~begins]
        leaving = leaving[leaving["source_kind"] == node.kind]
        arriving = links[(links["step"] + ~begins == node.step) & (links["target"] == node.name)]
        arriving = arriving[arriving["target_kind"] == node.kind]
        if answer.direction != "forward" or node.step > 1:
            assert arriving["customers"].sum() == node.customers
        if answer.direction != "backward" or node.step < 0:
            assert leaving["customers"].sum() == node.customers
    if anchors is not None:
        at = answer.nodes[answer.nodes["step"] == (1 if rules.start else 0)]
        assert at["customers"].sum() == answer.n_shown
        if not rules.min_customers and rules.nodes is None and rules.expand is None:
            drawn_as = {oracle.united(node, rules) for node in anchors}
            assert set(zip(at["kind"], at["name"], strict=True)) <= drawn_as
    shares = links.groupby(["step", "source", "source_kind"])["share"].sum()
    assert np.allclose(shares, 1)
    for row in links.itertuples():
        total = round(row.customers / row.share)
        assert (row.low, row.high) == pytest.approx(oracle.wilson(row.customers, total))
    for table in (links, answer.nodes):
        for name, of in (("anchor", answer.n_shown), ("all", answer.n_customers)):
            assert np.allclose(table[f"share_of_{name}"] * of, table["customers"])
            for k, low, high in table[["customers", f"{name}_low", f"{name}_high"]].itertuples(index=False):
                assert (low, high) == pytest.approx(oracle.wilson(k, of))


@settings(max_examples=examples(40), deadline=None)
@given(cases(anchored=True, reshaped=True, sessions=True), st.randoms(use_true_random=False), st.booleans())
def test_the_order_of_rows_and_the_names_of_customers_change_nothing(case, random, column):
    found, placed, rules = case
    shuffled, renamed, _ = disguised(found, random)
    one = event_log(found, sessions=column)
    other = event_log(shuffled, sessions=column)
    assert one.fingerprint == other.fingerprint
    tables = [
        call(flows, log, stage_map(placed), rules).links
        for log in (one, other, event_log(renamed, sessions=column))
    ]
    pd.testing.assert_frame_equal(tables[0], tables[1])
    pd.testing.assert_frame_equal(tables[0], tables[2])


def test_a_journey_counted_by_hand():
    """가영 looks, asks and buys; 나리 looks twice and leaves; 다온 buys at once and is still active."""
    log = EventLog.from_frame(
        pd.DataFrame(
            [
                ("가영", "보기", "2024-03-01 09:00"),
                ("가영", "묻기", "2024-03-02 09:00"),
                ("가영", "사기", "2024-03-03 09:00"),
                ("나리", "보기", "2024-03-01 10:00"),
                ("나리", "광고", "2024-03-01 11:00"),
                ("나리", "보기", "2024-03-01 12:00"),
                ("다온", "사기", "2024-06-01 09:00"),
                ("라희", "광고", "2024-06-09 09:00"),
            ],
            columns=["customer", "event", "time"],
        ).astype({"time": "datetime64[us]"})
    )
    stages = StageMap().add_stage("인지").add_stage("고려").add_stage("구매")
    stages = stages.place("보기", "s1").place("묻기", "s2").place("사기", "s3")
    answer = flows(log, stages, steps=2)
    assert answer.table[["step", "source", "target", "kind", "customers", "share"]].values.tolist() == [
        [1, "인지", "고려", "stage", 1, 0.5],
        [1, "인지", "exit", "exit", 1, 0.5],
        [1, "구매", "active", "active", 1, 1.0],
        [2, "고려", "more", "more", 1, 1.0],
    ]
    assert answer.nodes[["step", "name", "kind", "customers", "position"]].values.tolist() == [
        [1, "인지", "stage", 2, 0],
        [1, "구매", "stage", 1, 2],
        [2, "고려", "stage", 1, 1],
    ]
    assert (answer.n_customers, answer.n_shown) == (4, 3)
    assert answer.colours == {stage.name: stage.colour for stage in stages.stages}
    assert answer.finding.code == "flows.finding_largest_exit"
    assert {key: answer.finding.values[key] for key in ("stage", "step", "customers", "of", "share")} == {
        "stage": "인지",
        "step": 1,
        "customers": 1,
        "of": 2,
        "share": 0.5,
    }
    assert [(note.code, dict(note.values)) for note in answer.notes] == [
        ("flows.note_small_customer", {"customers": 3}),
        ("notes.unmapped", {"rows": 2, "share": 0.25, "events": 1}),
        ("notes.no_visit_customer", {"customers": 1, "share": 0.25}),
    ]
    back = flows(log, stages, into="구매", steps=2)
    assert back.table[["step", "source", "target", "kind", "customers"]].values.tolist() == [
        [-1, "고려", "구매", "stage", 1],
        [-1, "earlier", "고려", "earlier", 1],
        [0, "start", "구매", "start", 1],
    ]
    assert "flows.note_without_customer" in [note.code for note in back.notes]


@pytest.mark.parametrize("names", [256, 300, 70_000])
def test_more_names_than_a_byte_or_two_hold(names):
    frame = pd.DataFrame(
        {
            "customer": [f"c{i % 7}" for i in range(names)],
            "event": [f"e{i:05d}" for i in range(names)],
            "time": pd.date_range("2024-01-01", periods=names, freq="min"),
        }
    )
    log = EventLog.from_frame(frame)
    stages = stage_map({f"e{i:05d}": STAGES[i % 3] for i in (0, 1, 2, 7, 8, 43, names - 2, names - 1)})
    where = {event: stages.named(stage).name for event, stage in stages.events.items()}
    found = [oracle.Row(row.customer, row.event, i) for i, row in enumerate(frame.itertuples())]
    for group in ("stage", "event"):
        rules = oracle.Rules(order=STAGES, places=where, group=group, steps=3)
        assert links_of(call(flows, log, stages, rules)) == sizes(oracle.flows(found, rules)[0])


def test_hundreds_of_values():
    frame = pd.DataFrame(
        {
            "customer": [f"c{i % 3}" for i in range(900)],
            "event": "보기",
            "time": pd.date_range("2024-01-01", periods=900, freq="h"),
            "channel": [f"ch{i % 600:03d}" for i in range(900)],
        }
    )
    log = EventLog.from_frame(frame, attributes=["channel"])
    answer = flows(log, stage_map({"보기": "인지"}), group="channel", steps=12)
    assert answer.links.groupby("step")["customers"].sum().tolist() == [3] * 12
    assert len(answer.colours) == 601
    few = flows(log, stage_map({"보기": "인지"}), group="channel", steps=3, nodes=1)
    assert few.nodes["customers"].tolist() == [1, 2] * 3
    assert few.nodes["kind"].tolist() == ["stage", "other"] * 3


@pytest.mark.parametrize(
    ("setting", "error"),
    [
        ({"steps": 0}, SettingWrong),
        ({"steps": 13}, SettingWrong),
        ({"steps": True}, SettingWrong),
        ({"steps": 2.5}, SettingWrong),
        ({"unit": "visitor"}, SettingWrong),
        ({"group": "city"}, SettingWrong),
        ({"nodes": 0}, SettingWrong),
        ({"min_customers": -1}, SettingWrong),
        ({"active_within_days": -1}, SettingWrong),
        ({"active_within_days": float("nan")}, SettingWrong),
        ({"start": "인지", "into": "구매"}, SettingWrong),
        ({"start": "없음"}, StageUnknown),
        ({"into": ""}, StageUnknown),
        ({"group": "event", "start": "묻기"}, StageUnknown),
        ({"before": 1}, SettingWrong),
        ({"before": 13, "through": "인지"}, SettingWrong),
        ({"through": "인지", "into": "구매"}, SettingWrong),
        ({"between": ["인지"]}, SettingWrong),
        ({"between": ["인지", "없음"]}, StageUnknown),
        ({"start": []}, SettingWrong),
        ({"start": ["인지", "없음"]}, StageUnknown),
        ({"occurrence": 0}, SettingWrong),
        ({"occurrence": "middle"}, SettingWrong),
        ({"hide": ["없음"]}, StageUnknown),
        ({"join": [["인지", "고려"], ["고려", "구매"]]}, SettingWrong),
        ({"expand": ["인지", "city"]}, SettingWrong),
        ({"expand": ["인지"]}, SettingWrong),
        ({"where": {"city": ["x"]}}, ColumnMissing),
        ({"where": {"value": ["x"]}, "where_at": "middle"}, SettingWrong),
        ({"opened": [1.5]}, SettingWrong),
    ],
)
def test_misuse_is_refused(setting, error):
    found = [oracle.Row("a", "보기", 1), oracle.Row("a", "묻기", 2)]
    with pytest.raises(error):
        flows(event_log(found), stage_map({"보기": "인지"}), **setting)


FOUND = [oracle.Row("a", "보기", 1), oracle.Row("a", "사기", 9), oracle.Row("b", "보기", 500)]


@pytest.mark.parametrize(
    ("code", "placed", "setting"),
    [
        ("flows.finding_no_mapped_events", {}, {}),
        ("flows.finding_no_mapped_events_sessions", {}, {"unit": "session"}),
        ("flows.finding_nobody_there", {"보기": "인지"}, {"start": "고려"}),
        ("flows.finding_no_exit", {"보기": "구매"}, {}),
        ("flows.finding_largest_exit", {"보기": "인지"}, {}),
        ("flows.finding_largest_exit_sessions", {"보기": "인지"}, {"unit": "session"}),
        ("flows.finding_way_in", {"보기": "인지", "사기": "구매"}, {"into": "구매"}),
        ("flows.finding_came_directly", {"사기": "구매"}, {"into": "구매"}),
        ("flows.finding_came_into", {"사기": "구매"}, {"into": "구매", "steps": 1}),
        ("flows.finding_between", {"보기": "인지", "사기": "구매"}, {"between": ["인지", "구매"]}),
        ("flows.finding_none_arrived", {"보기": "인지"}, {"between": ["인지", "구매"]}),
        ("flows.finding_not_so_often", {"보기": "인지"}, {"start": "인지", "occurrence": 2}),
        (
            "flows.finding_no_such_value",
            {"보기": "인지"},
            {"where": {"value": ["강남"]}, "where_at": "end", "unit": "customer"},
        ),
        ("flows.finding_next", {"보기": "인지", "사기": "구매"}, {"through": "인지"}),
        ("flows.finding_left_after", {"사기": "구매"}, {"through": "구매"}),
    ],
)
def test_the_finding_says_what_there_is_to_see(code, placed, setting):
    answer = flows(event_log(FOUND), stage_map(placed), **setting)
    assert answer.finding.code == code
    assert all(speak(answer))


def test_without_rows_or_stages_the_columns_are_there_all_the_same():
    full = flows(event_log(FOUND), stage_map({"보기": "인지"}))
    nothing = flows(event_log(FOUND).where("value", []), stage_map({"보기": "인지"}))
    no_stages = flows(event_log(FOUND), StageMap())
    one = flows(event_log(FOUND), StageMap().add_stage("하나").place("보기", "s1"))
    assert nothing.finding.code == "flows.finding_no_rows"
    assert no_stages.finding.code == "flows.finding_no_mapped_events"
    assert one.finding.code == "flows.finding_one_stage"
    assert all(speak(one))
    for answer in (nothing, no_stages):
        assert all(speak(answer))
        assert answer.links.empty and answer.nodes.empty
        assert answer.links.dtypes.equals(full.links.dtypes)
        assert answer.nodes.dtypes.equals(full.nodes.dtypes)
        assert list(answer.table) == list(full.table)


def test_a_stage_may_bear_any_name():
    stages = StageMap().add_stage("exit").add_stage("other").place("보기", "s1").place("사기", "s2")
    answer = flows(event_log(FOUND), stages, steps=2, min_customers=2)
    assert nodes_of(answer) == {(1, ("stage", "exit")): 2, (2, ("other", "other")): 1}


@settings(max_examples=examples(40), deadline=None)
@given(cases(anchored=True), st.sets(st.sampled_from(["강남", "부산", None])), st.booleans())
def test_a_filter_on_whole_journeys_is_the_one_of_the_rows(case, wanted, of_customer):
    found, placed, rules = case
    log = event_log(found, of="customer" if of_customer else "event")
    setting = {**setting_of(rules), "where": {"value": list(wanted)}, "where_at": "whole"}
    if rules.group == "value" or not placed:
        setting |= {
            "group": "stage",
            "start": None,
            "into": None,
            "through": None,
            "between": None,
            "before": 0,
        }
    plain = {**setting, "where": None}
    one = flows(log, stage_map(placed), **setting)
    other = flows(log.where("value", wanted), stage_map(placed), **plain)
    pd.testing.assert_frame_equal(one.links, other.links)


def test_from_one_stage_to_another_counted_by_hand():
    """a goes there by a detour and on, b at once and leaves, c never gets there, d gets there before it."""
    found = [
        *(oracle.Row("a", event, i) for i, event in enumerate(["보기", "묻기", "사기", "보기", "사기"])),
        *(oracle.Row("b", event, i) for i, event in enumerate(["묻기", "보기", "사기"])),
        *(oracle.Row("c", event, i) for i, event in enumerate(["보기", "묻기"])),
        *(oracle.Row("d", event, i) for i, event in enumerate(["사기", "보기"])),
        oracle.Row("e", "쉬기", 900),
    ]
    stages = stage_map({"보기": "인지", "묻기": "고려", "사기": "구매"})
    answer = flows(event_log(found), stages, between=["인지", "구매"])
    assert answer.table[["step", "source", "target", "kind", "customers"]].values.tolist() == [
        [1, "인지", "고려", "stage", 1],
        [1, "인지", "구매", "stage", 1],
        [2, "고려", "구매", "stage", 1],
        [2, "구매", "exit", "exit", 1],
        [3, "구매", "more", "more", 1],
    ]
    assert answer.table["share_of_anchor"].tolist() == [0.5] * 5
    assert answer.table["share_of_all"].tolist() == [0.2] * 5
    assert {key: answer.finding.values[key] for key in ("customers", "of", "share")} == {
        "customers": 2,
        "of": 4,
        "share": 0.5,
    }
    assert (answer.headline.value, answer.headline.n) == (0.5, 4)
    assert (answer.headline.low, answer.headline.high) == pytest.approx(oracle.wilson(2, 4))
    left_out = {note.code: note.values.get("customers") for note in answer.notes}
    assert left_out["flows.note_without_customer"] == 1 and left_out["flows.note_not_arrived_customer"] == 2


HOSTILE = ("other", "exit", "a", "b", "a + b", "a · 강남", "a + b · –", "–", "joined")


def test_joined_and_split_nodes_have_names_of_their_own_whatever_the_stages_are_called():
    stages = StageMap()
    for number, name in enumerate(HOSTILE[:6]):
        stages = stages.add_stage(name).place(EVENTS[number], f"s{number + 1}")
    found = [oracle.Row("a", event, i, "강남") for i, event in enumerate([*EVENTS, *EVENTS])]
    log = event_log(found)
    for setting in (
        {"join": ["a", "b"]},
        {"expand": ["a", "value"]},
        {"join": ["a", "b"], "expand": ["a + b", "value"]},
        {"join": [["a", "b"], ["exit", "other"]], "expand": ["other", "value"], "nodes": 1},
    ):
        answer = flows(log, stages, steps=12, **setting)
        own = answer.nodes[answer.nodes["kind"] != "other"]
        assert own.groupby("name")["kind"].nunique().max() == 1
        assert set(own["name"]) <= set(answer.colours)
        for node in answer.nodes.itertuples(index=False):
            there = people(
                log, stages, steps=12, step=node.step, source=node.name, source_kind=node.kind, **setting
            )
            assert there.n_customers == node.customers
    # "a + b" is a stage as well: by that name the stage is meant, so it is the stage that is split here.
    split = flows(log, stages, steps=12, join=["a", "b"], expand=["a + b", "value"]).nodes
    assert split["name"].tolist() == [
        *("other", "exit", "a + b (2)", "a + b · 강남", "a · 강남"),
        *("other", "exit", "a + b (2)", "a + b · 강남", "a · 강남"),
    ]
    assert split["kind"].tolist() == ["stage", "stage", "joined", "part", "stage"] * 2
    begun = flows(log, stages, join=["a", "b"], start="a + b (2)")
    assert begun.links["source"].iloc[0] == "a + b (2)" and begun.n_shown == 1


def test_a_missing_value_in_a_name_is_a_dash_and_unlike_a_value_that_is_one():
    found = [
        oracle.Row("a", "보기", 0, "–"),
        oracle.Row("b", "보기", 1, None),
        oracle.Row("c", "보기", 2, ""),
    ]
    nodes = flows(event_log(found), stage_map({"보기": "인지"}), expand=["인지", "value"]).nodes
    assert nodes["name"].tolist() == ["인지 · ", "인지 · –", "인지 · – (2)"]
    assert nodes["customers"].tolist() == [1, 1, 1]
