from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from journey.analysis.flows import flows
from journey.analysis.people import people
from journey.errors import SettingWrong, StageUnknown
from tests.analysis import oracle
from tests.analysis.logs import call, cases, disguised, event_log, speak, stage_map
from tests.endurance import examples

ENDS = ("exit", "active", "more", "start", "earlier")


@settings(max_examples=examples(80), deadline=None)
@given(cases(anchored=True, reshaped=True))
def test_the_people_of_every_ribbon_and_node_are_exactly_those_counted(case):
    found, placed, rules = case
    log, stages = event_log(found), stage_map(placed)
    links, nodes = oracle.flows(found, rules)
    for (step, source, target), who in links.items():
        answer = call(
            people,
            log,
            stages,
            rules,
            step=step,
            source=source[1],
            source_kind=source[0],
            target=target[1],
            target_kind=target[0],
        )
        assert answer.table["customer"].tolist() == sorted(who)
        assert answer.n_customers == len(who) == len(answer.table)
    for (step, (kind, name)), who in nodes.items():
        answer = call(people, log, stages, rules, step=step, source=name, source_kind=kind)
        assert answer.table["customer"].tolist() == sorted(who)
    for end in ENDS:
        at = {key[0] for key in links if (end, end) in key[1:]}
        for step in at:
            who = set().union(
                *(who for key, who in links.items() if key[0] == step and (end, end) in key[1:])
            )
            answer = call(people, log, stages, rules, step=step, source=end, source_kind=end)
            assert answer.table["customer"].tolist() == sorted(who)


@settings(max_examples=examples(24), deadline=None)
@given(cases(anchored=True, reshaped=True, sessions=True))
def test_sessions_are_shown_with_their_customer_and_number(case):
    found, placed, rules = case
    log, stages = event_log(found, sessions=True), stage_map(placed)
    assume(not log.date_only)
    links, _ = oracle.flows(oracle.sessions(found, gap=30), replace(rules, within=30))
    for (step, source, target), who in links.items():
        answer = call(
            people,
            log,
            stages,
            rules,
            step=step,
            source=source[1],
            source_kind=source[0],
            target=target[1],
            target_kind=target[0],
            unit="session",
        )
        shown = list(zip(answer.table["customer"], answer.table["session"], strict=True))
        assert all(speak(answer))
        assert sorted(shown) == sorted(who) and answer.n_customers == len(who)


@settings(max_examples=examples(40), deadline=None)
@given(cases())
def test_a_persons_row_tells_the_whole_history(case):
    found, placed, rules = case
    histories = oracle.histories(found)
    answer = flows(event_log(found), stage_map(placed), steps=1, group=rules.group)
    for node in answer.nodes.itertuples(index=False):
        table = people(
            event_log(found),
            stage_map(placed),
            step=1,
            source=node.name,
            source_kind=node.kind,
            steps=1,
            group=rules.group,
        ).table
        for row in table.itertuples(index=False):
            history = histories[row.customer]
            begin = pd.Timestamp("2024-01-01")
            assert row.events == len(history)
            assert row.first == begin + pd.Timedelta(minutes=history[0].minute)
            assert row.last == begin + pd.Timedelta(minutes=history[-1].minute)
            assert row.route == [name for (_, name), _, _ in oracle.visits(history, rules)]


@settings(max_examples=examples(24), deadline=None)
@given(cases(anchored=True, reshaped=True), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing_and_new_names_only_the_names(case, random):
    found, placed, rules = case
    shuffled, renamed, new = disguised(found, random)
    nodes = call(flows, event_log(found), stage_map(placed), rules).nodes
    for node in nodes.itertuples(index=False):
        where = {"step": node.step, "source": node.name, "source_kind": node.kind}
        table, same, other = (
            call(people, event_log(rows), stage_map(placed), rules, **where).table
            for rows in (found, shuffled, renamed)
        )
        pd.testing.assert_frame_equal(table, same)
        table["customer"] = table["customer"].map(new)
        pd.testing.assert_frame_equal(
            table.sort_values("customer", ignore_index=True), other, check_dtype=False
        )


FOUND = [oracle.Row(customer, "보기", minute) for minute, customer in enumerate("dcba")]


def test_a_limit_cuts_the_table_and_not_the_number():
    answer = people(
        event_log(FOUND),
        stage_map({"보기": "인지"}),
        step=1,
        source="인지",
        target="exit",
        target_kind="exit",
        limit=2,
    )
    assert (answer.n_customers, answer.table["customer"].tolist()) == (3, ["b", "c"])


def test_a_node_that_is_gone_has_nobody():
    answer = people(event_log(FOUND), stage_map({"보기": "인지"}), step=1, source="예전 이름")
    assert answer.n_customers == 0 and answer.table.empty
    assert answer.finding.code == "people.finding_nobody"
    assert all(speak(answer))
    assert list(answer.table) == ["customer", "events", "first", "last", "route"]


@pytest.mark.parametrize(
    ("setting", "error"),
    [
        ({"source_kind": "planet"}, SettingWrong),
        ({"target_kind": "planet"}, SettingWrong),
        ({"limit": -1}, SettingWrong),
        ({"steps": 99}, SettingWrong),
        ({"start": "없음"}, StageUnknown),
    ],
)
def test_misuse_is_refused(setting, error):
    with pytest.raises(error):
        people(event_log(FOUND), stage_map({"보기": "인지"}), step=1, source="인지", **setting)
