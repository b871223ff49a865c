"""One number everywhere for segments: their customers, sessions and money are alike in every question."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import combinations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.aggregates.cluster_points import assign, model_table
from journey.aggregates.customer_table import customer_table, offered
from journey.aggregates.segment import members_of
from journey.analysis.comparison import comparison
from journey.analysis.kpi import kpi
from journey.analysis.overlap import overlap
from journey.analysis.people import compared_people, rule_people
from journey.analysis.personas import personas
from journey.analysis.reach import reach
from journey.analysis.rfm import rfm
from journey.analysis.segments import cluster_drift, segments
from journey.events.other_tables import NO_TABLES
from journey.stages.segment import checked, is_about_customers
from tests.aggregates.test_customer_table import shop
from tests.analysis.logs import event_log, places, rows, stage_map
from tests.endurance import examples

BUYS = ["사기"]
OF_RANDOM = [
    {"attribute": "value", "values": ["강남", None]},
    {"number": {"attribute": "나이", "from": 20, "to": 39}},
    {"did": {"event": "보기"}, "at_least": 2},
    {"skipped": {"stage": "s2"}},
    {"looped": {"stage": "s1"}},
    {"ended": {"event": "담기"}},
    {"period": ["2024-01-01", "2024-01-07"]},
    {"orders": {"what": "count", "from": 1, "to": 2, "purchases": BUYS}},
    {"orders": {"what": "days_since", "to": 40, "purchases": BUYS}},
    {"score": {"question": "만족도", "from": 3, "to": 5}},
    {"rebought": {"within_days": 30, "purchases": BUYS}},
    {"cohort": {"period": "month", "cohort": "2024-01-01", "ages": None}},
    {"rfm": {"groups": ["champions", "loyal"], "purchases": BUYS}},
    {"rfm": {"groups": ["none"], "purchases": BUYS}},
    {"rfm": {"recency": [3, 5], "frequency": [2, 5], "purchases": BUYS}},
]


def beside():
    """What tables say of the customers a to d of random logs."""
    ages = {"customer": ["a", "b", "c", "z"], "나이": ["19", "20", "39", "33"]}
    answers = pd.DataFrame({"customer": ["a", "b", "b", "z"], "score": [5.0, 5.0, 1.0, 3.0]})
    days = pd.to_datetime(["2024-01-02", "2024-01-02", "2024-01-03", None], utc=True)
    texts = {name: pa.chunked_array([pa.array(values, pa.large_string())]) for name, values in ages.items()}
    given_ = answers.assign(time=days, question="만족도", scale="1-5", touchpoint=None)
    return replace(NO_TABLES, customers=(pa.table(texts),), answers=given_)


def ids_of(log, flags):
    return {who for who, flag in zip(log.customer_ids.to_pylist(), flags, strict=True) if flag}


def revenue(log, stages, bought=None):
    """The revenue of these customers on the KPI board; 0 where it says nothing."""
    days = [str(day) for day in log.days()]
    cards = kpi(log, stages, days=days, cards=["revenue"], purchases=bought).cards
    return cards[0].figure.value if cards and cards[0].figure is not None else 0.0


def check(log, stages, tables, rules, bought=None):
    """Each rule in every question that counts customers, and all of them over each other."""
    everybody, flags = ids_of(log, np.ones(log.n_customers, dtype=bool)), []
    for rule in rules:
        flags.append(members_of(log, stages, rule, tables))
        n = int(flags[-1].sum())
        people = rule_people(log, stages, rule=rule, tables=tables)
        assert set(people.table["customer"]) == ids_of(log, flags[-1]) and people.n_customers == n
        assert set(members_of(log, stages, {"not": rule}, tables) ^ flags[-1]) <= {True}
        assert reach(log.of_customers(flags[-1]), stages).n_customers == n
    compared = comparison(log, stages, a=rules[0], tables=tables)
    assert (compared.n_a, compared.n_b) == (flags[0].sum(), (~flags[0]).sum())
    groups = [ids_of(log, one) for one in flags]
    both = members_of(log, stages, {"all": rules[:2]}, tables)
    either = members_of(log, stages, {"any": rules[:3]}, tables)
    assert ids_of(log, both) == set.intersection(*groups[:2])
    assert ids_of(log, either) == set.union(*groups[:3])
    over = overlap(log, stages, rules=rules, tables=tables)
    assert over.sizes["customers"].tolist() == [len(group) for group in groups]
    for row, (a, b) in zip(over.pairs.itertuples(), combinations(groups, 2), strict=True):
        assert row.both == len(a & b)
    for row in over.table.itertuples():
        inside = [group for place, group in enumerate(groups) if place in row.places]
        rest = [group for place, group in enumerate(groups) if place not in row.places]
        assert row.customers == len(everybody.intersection(*inside).difference(*rest))
    names = [str(place) for place in range(len(rules))]
    told = {
        one.id: one
        for one in personas(
            log, stages, rules=flags, ids=names, names=names, purchases=bought, tables=tables
        ).personas
    }
    for place, own in enumerate(flags):
        assert (str(place) in told) == own.any()
        if own.any():
            one = told[str(place)]
            assert (one.customers, one.share) == (own.sum(), own.sum() / log.n_customers)
            if log.amount is not None:
                paid = 0.0 if np.isnan(one.revenue) else one.revenue
                assert paid == pytest.approx(revenue(log.of_customers(own), stages, bought))
    return flags


@settings(max_examples=examples(6), deadline=None)
@given(
    rows(most=40),
    places(),
    st.permutations(OF_RANDOM).map(lambda rules: rules[:5]),
    st.none() | st.lists(st.sampled_from([10.0, 500.0, -30.0, np.nan]), min_size=1, max_size=5),
)
def test_a_segment_has_one_size_and_one_revenue_in_every_question(found, placed, rules, paid):
    log = event_log(found)
    if paid is not None:
        log = replace(log, amount=np.resize(paid, log.n_rows))
    check(log, stage_map(placed), beside(), rules, BUYS)


@settings(max_examples=examples(10), deadline=None)
@given(rows(most=40), places(), st.sampled_from([10.0, -30.0]))
def test_groups_by_rfm_have_the_sizes_and_the_revenue_of_their_rules(found, placed, second):
    log, stages = event_log(found), stage_map(placed)
    log = replace(log, amount=np.resize([20.0, second, np.nan], log.n_rows))
    check_rfm(log, stages, NO_TABLES, BUYS)


def check_rfm(log, stages, tables, bought):
    named = {} if bought is None else {"purchases": bought}
    moved = rfm(log, stages, view="movement", tables=tables, **named)
    sizes = dict(zip(moved.groups["group"], moved.groups["customers"], strict=True))
    if len(moved.table):
        latest = moved.table[moved.table["step"] == moved.table["step"].max()]
        by_group = latest.groupby("group")["customers"].sum().to_dict()
        assert by_group == {group: n for group, n in sizes.items() if n}
    buyers = np.zeros(log.n_customers, dtype=bool)
    for group, n in sizes.items():
        flags = members_of(log, stages, {"rfm": {"groups": [group], **named}}, tables)
        assert flags.sum() == n
        buyers |= flags
        paid = moved.groups.set_index("group").get("revenue", {group: 0.0})[group]
        assert paid == pytest.approx(revenue(log.of_customers(flags), stages, bought))
    nobody = members_of(log, stages, {"rfm": {"groups": ["none"], **named}}, tables)
    assert (nobody == ~buyers).all() and buyers.sum() == moved.n_buyers
    for row in moved.cells[moved.cells["customers"] > 0].itertuples():
        cell = {"cells": [f"{row.recency_score}.{row.fm_score}"], **named}
        assert members_of(log, stages, {"rfm": cell}, tables).sum() == row.customers


@cache
def of_shop():
    """Rules of every kind that the sample can have, and its clusters."""
    log, stages, tables = shop()
    answer = segments(log, stages, tables=tables)
    model = dict(answer.model)
    return answer, [
        {"cluster": {"model": model, "groups": [1]}},
        {"rfm": {"groups": ["champions"]}},
        {"orders": {"what": "spent", "from": 100_000, "to": None}},
        {"score": {"question": "CSAT", "from": 1, "to": 2}},
        {"rating": {"from": 4, "to": 5}},
        {"attribute": "등급", "values": log.attributes["등급"].categories[:1]},
        {"looped": {"stage": "s2"}},
    ]


def test_so_it_is_in_the_sample_with_all_its_files():
    log, stages, tables = shop()
    answer, rules = of_shop()
    flags = check(log, stages, tables, rules)
    labels, _ = assign(answer.model, model_table(log, stages, answer.model, tables))
    now = cluster_drift(log, stages, model=answer.model, tables=tables)
    assert (labels == answer.labels).all() and (now.labels == answer.labels).all()
    assert now.table["now"].tolist() == now.table["then"].tolist() == answer.clusters["n"].tolist()
    for row in answer.clusters.itertuples():
        own = {"cluster": {"model": answer.model, "groups": [row.cluster]}}
        flags = members_of(log, stages, own, tables)
        assert (flags == (answer.labels == row.cluster)).all() and flags.sum() == row.n
        assert row.revenue == pytest.approx(revenue(log.of_customers(flags), stages))
    check_rfm(log, stages, tables, None)


def test_what_the_project_calls_a_purchase_is_one_for_features_clusters_and_their_rules():
    whole, stages, tables = shop()
    log, bought = whole.of_customers(np.arange(whole.n_customers) % 3 == 0), ["결제 완료"]
    assert "rfm.recency" not in [one.name for one in offered(log, stages, tables, purchases=["없는 일"])]
    wanted = ("rfm.recency", "rfm.frequency")
    table = customer_table(log, stages, features=wanted, purchases=bought, tables=tables)
    count = {"orders": {"what": "count", "from": 2, "to": None, "purchases": bought}}
    often = members_of(log, stages, count, tables)
    assert often.any() and (often == (table.features["rfm.frequency"].values >= 2)).all()
    assert (often != members_of(log, stages, {"orders": {"what": "count", "from": 2}}, tables)).any()
    answer = segments(log, stages, features=wanted, purchases=bought, tables=tables)
    again = cluster_drift(log, stages, model=answer.model, tables=tables)
    assert again.stability == 0 and (again.labels == answer.labels).all()
    n_buyers = rfm(log, stages, purchases=bought, tables=tables).n_buyers
    assert (answer.labels >= 0).sum() == n_buyers == answer.clusters["n"].sum()
    for row in answer.clusters.itertuples():
        flags = members_of(log, stages, {"cluster": {"model": answer.model, "groups": [row.cluster]}}, tables)
        assert (flags == (answer.labels == row.cluster)).all()


@settings(max_examples=examples(6), deadline=None)
@given(
    rows(sessions=True), places(), st.sampled_from([rule for rule in OF_RANDOM if is_about_customers(rule)])
)
def test_of_sessions_a_rule_about_customers_picks_all_of_theirs(found, placed, rule):
    log, stages = event_log(found, sessions=True), stage_map(placed)
    if not log.date_only:
        check_sessions(log, stages, NO_TABLES, rule)
        check_sessions(log, stages, NO_TABLES, {"all": [{"not": rule}, {"did": {"event": "보기"}}]})


def check_sessions(log, stages, tables, rule):
    flags = members_of(log, stages, rule, tables)
    theirs = reach(log.of_customers(flags), stages, unit="session").n_customers if flags.any() else 0
    people = rule_people(log, stages, rule=rule, unit="session", tables=tables)
    assert people.n_customers == theirs and set(people.table["customer"]) == ids_of(log, flags)
    by_rule = comparison(log, stages, a=rule, unit="session", tables=tables)
    by_flags = comparison(log, stages, a=flags, unit="session")
    assert by_rule.n_a == by_flags.n_a == theirs and by_rule.n_b == by_flags.n_b
    for row in by_rule.links.head(3).itertuples():
        link = {
            name: getattr(row, name) for name in ("step", "source", "source_kind", "target", "target_kind")
        }
        found = compared_people(log, stages, side="a", a=rule, unit="session", limit=0, tables=tables, **link)
        assert found.n_customers == row.customers_a


def test_so_it_is_with_clusters_scores_and_numbers_of_the_sample():
    log, stages, tables = shop()
    for rule in of_shop()[1][:5]:
        check_sessions(log, stages, tables, checked(rule))
