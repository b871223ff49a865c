"""Who is in a segment: every rule against a loop over the rows."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from journey.aggregates.segment import members_of
from journey.analysis.flows import flows
from journey.analysis.people import people, rule_people
from journey.errors import ColumnMissing, SegmentMissing, StageUnknown
from journey.stages.segment import checked
from tests.analysis.logs import (
    DAY,
    EVENTS,
    STAGES,
    VALUES,
    cases,
    event_log,
    mapped,
    places,
    rows,
    setting_of,
    stage_map,
)
from tests.analysis.oracle import Row, Rules, visits
from tests.endurance import examples

FIRST = dt.date(2024, 1, 1)

plain_rules = st.one_of(
    st.builds(
        lambda event, n: {"did": {"event": event}, "at_least": n}, st.sampled_from(EVENTS), st.integers(1, 3)
    ),
    st.builds(lambda stage: {"did": {"stage": stage}}, st.sampled_from(STAGES)),
    st.builds(
        lambda values: {"attribute": "value", "values": values}, st.lists(st.sampled_from([*VALUES, None]))
    ),
    st.builds(
        lambda low, more: {"period": [str(FIRST + dt.timedelta(low)), str(FIRST + dt.timedelta(low + more))]},
        st.integers(0, 90),
        st.integers(0, 5),
    ),
)
spans = st.one_of(
    st.just({}),
    st.builds(lambda n: {"last_days": n}, st.integers(1, 100)),
    st.builds(
        lambda low, more: {"days": [str(FIRST + dt.timedelta(low)), str(FIRST + dt.timedelta(low + more))]},
        st.integers(0, 90),
        st.integers(0, 50),
    ),
)
walked_rules = st.one_of(
    st.builds(
        lambda event, few, more, span: {
            "did": {"event": event},
            "at_least": few,
            "at_most": few + more,
            **span,
        },
        st.sampled_from(EVENTS),
        st.integers(0, 2),
        st.integers(0, 2),
        spans,
    ),
    st.builds(lambda stage, span: {"did": {"stage": stage}, **span}, st.sampled_from(STAGES), spans),
    st.builds(lambda stage: {"looped": {"stage": stage}}, st.sampled_from(STAGES)),
    st.builds(lambda event: {"looped": {"event": event}}, st.sampled_from(EVENTS)),
    st.builds(lambda stage: {"skipped": {"stage": stage}}, st.sampled_from(STAGES)),
)
rules = st.recursive(
    plain_rules,
    lambda parts: st.one_of(
        st.builds(lambda part: {"not": part}, parts),
        st.builds(lambda some: {"all": some}, st.lists(parts, min_size=1, max_size=3)),
        st.builds(lambda some: {"any": some}, st.lists(parts, min_size=1, max_size=3)),
    ),
    max_leaves=4,
)


def is_in(rule, own, placed):
    """Does the rule pick a customer with these rows?"""
    match rule:
        case {"not": part}:
            return not is_in(part, own, placed)
        case {"all": parts}:
            return all(is_in(part, own, placed) for part in parts)
        case {"any": parts}:
            return any(is_in(part, own, placed) for part in parts)
        case {"did": {"event": event}}:
            return sum(row.event == event for row in own) >= rule["at_least"]
        case {"did": {"stage": stage}}:
            return any(placed.get(row.event) == stage for row in own)
        case {"attribute": _, "values": values}:
            return any(row.value in values for row in own)
        case {"period": [first, last]}:
            days = {str(FIRST + dt.timedelta(row.minute // DAY)) for row in own}
            return any(first <= day <= last for day in days)


@settings(max_examples=examples(24))
@given(rows(), places(), rules)
def test_a_rule_picks_whom_a_loop_over_the_rows_picks(found, placed, rule):
    log, stages = event_log(found), stage_map(placed)
    wanted = {
        row.customer
        for row in found
        if is_in(rule, [other for other in found if other.customer == row.customer], placed)
    }
    flags = members_of(log, stages, rule)
    assert {id_ for id_, hit in zip(log.customer_ids.to_pylist(), flags, strict=True) if hit} == wanted
    assert rule_people(log, stages, rule=rule).table["customer"].tolist() == sorted(wanted)


def walked(rule, own, placed, last):
    """Does a rule about the way pick a customer with these rows, in a log whose last observed day this is?"""
    match rule:
        case {"did": {"event": name} | {"stage": name}}:
            span = rule.get("days", [str(FIRST), "9999-12-31"])
            if "last_days" in rule:
                span = [str(last - dt.timedelta(rule["last_days"] - 1)), str(last)]
            own = [row for row in own if span[0] <= str(FIRST + dt.timedelta(row.minute // DAY)) <= span[1]]
            times = sum(name in (row.event, placed.get(row.event)) for row in own)
            return rule.get("at_least", 1) <= times <= rule.get("at_most", 99)
        case {"looped": {"event": name} | {"stage": name}}:
            group = "event" if "event" in rule["looped"] else "stage"
            way = visits(own, Rules(order=STAGES, places=mapped(placed), group=group))
            return [node for node, _, _ in way].count(("stage", name)) > 1
        case {"skipped": {"stage": name}}:
            seen = {placed.get(row.event) for row in own}
            return name not in seen and bool(seen & set(STAGES[STAGES.index(name) + 1 :]))


@settings(max_examples=examples(120))
@given(rows(), places(), walked_rules)
def test_a_rule_about_the_way_picks_whom_a_loop_picks(found, placed, rule):
    log, stages = event_log(found), stage_map(placed)
    last = FIRST + dt.timedelta(max(row.minute for row in found) // DAY)
    wanted = {
        row.customer
        for row in found
        if walked(rule, [other for other in found if other.customer == row.customer], placed, last)
    }
    flags = members_of(log, stages, checked(rule))
    assert {id_ for id_, hit in zip(log.customer_ids.to_pylist(), flags, strict=True) if hit} == wanted


@settings(max_examples=examples(10))
@given(cases(anchored=True, reshaped=True), st.sampled_from(["customer", "session"]), st.booleans())
def test_the_people_of_a_drawn_link_are_the_segment_of_that_link(case, unit, filtered):
    found, placed, rules = case
    log, stages = event_log(found), stage_map(placed)
    setting = {**setting_of(rules), "unit": "customer" if log.date_only else unit}
    if filtered and rules.group != "value" and rules.where is not None:
        # A filter of the page, and one of the question: neither may shift who is meant.
        log, setting = log.where("value", ["강남", None]), {**setting, "where_at": "whole"}
    assume(log.n_rows)
    for row in flows(log, stages, **setting).links.head(3).itertuples():
        place = {
            "step": row.step,
            "source": row.source,
            "source_kind": row.source_kind,
            "target": row.target,
            "target_kind": row.target_kind,
            **setting,
        }
        flags = members_of(log, stages, {"link": place})
        them = set(people(log, stages, **place).table["customer"])
        assert {id_ for id_, hit in zip(log.customer_ids.to_pylist(), flags, strict=True) if hit} == them


def test_what_a_rule_names_and_is_not_there_is_said():
    log, stages = event_log([Row("a", "보기", 0, None, None)]), stage_map({})
    with pytest.raises(ColumnMissing):
        members_of(log, stages, {"attribute": "없는 것", "values": ["a"]})
    with pytest.raises(StageUnknown):
        members_of(log, stages, {"did": {"stage": "없는 단계"}})
    with pytest.raises(SegmentMissing):
        members_of(log, stages, {"segment": "0123456789ab"})
    assert not members_of(log, stages, {"did": {"event": "없는 일"}}).any()


@settings(max_examples=examples(10))
@given(rows(), st.lists(st.sampled_from([*VALUES, None])), st.integers(0, 40))
def test_a_filtered_log_knows_where_its_customers_were(found, values, days):
    log = event_log(found)
    last = FIRST + dt.timedelta(days)
    left = log.where("value", values).between(FIRST, last)
    origin = np.arange(log.n_customers) if left.origin is None else left.origin
    assert left.customer_ids.to_pylist() == log.customer_ids.take(origin).to_pylist()
    if not left.date_only:
        units = left.by_session()
        owners = [one.rpartition("\x1f")[0] for one in units.customer_ids.to_pylist()]
        assert owners == log.customer_ids.take(units.origin).to_pylist()


@pytest.mark.parametrize("unit", ["customer", "session"])
def test_a_link_with_a_filter_of_its_own_picks_customers_of_the_log_that_was_asked(unit):
    found = [Row("a", "보기", 1, "부산"), Row("b", "보기", 2, "부산"), Row("c", "보기", 3, "강남")]
    log, stages = event_log(found), stage_map({"보기": "인지"})
    rule = {"link": {"step": 1, "source": "인지", "unit": unit, "where": {"value": ["강남"]}}}
    assert members_of(log, stages, rule).tolist() == [False, False, True]
    later = log.of_customers(np.array([False, True, True]))
    assert members_of(later, stages, rule).tolist() == [False, True]
