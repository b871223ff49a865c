from collections import defaultdict
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.aggregates import behind as behind_module
from journey.aggregates.behind import Behind
from journey.aggregates.contrast import Contrast, compared, contrast, holders
from tests.analysis import oracle
from tests.analysis.logs import DAY, EVENTS, STAGES, disguised, event_log, places, rows, stage_map
from tests.analysis.oracle import Rules
from tests.endurance import examples

BEGIN = int(pd.Timestamp("2024-01-01", tz="Asia/Seoul").timestamp()) * 1_000_000
WHO = tuple("abcd")
FLAGS = st.fixed_dictionaries({who: st.booleans() for who in WHO})
UNTIL = st.none() | st.fixed_dictionaries({who: st.integers(-1, 220) for who in WHO})


def of(log, by_customer, dtype):
    return np.array([by_customer[who] for who in log.customer_ids.to_pylist()], dtype=dtype)


def instants(log, until):
    return None if until is None else BEGIN + of(log, until, np.int64) * 60_000_000


def counted(found, placed, among, reached, until, leave_out, attribute_of):
    """{(kind, name, value): (customers, reached)} as plain loops."""
    rules = Rules(order=STAGES, places={e: s for e, s in placed.items() if s is not None})
    all_events = {row.event for row in found}
    features = defaultdict(set)
    names = set()
    for name in all_events - set(leave_out):
        names.add(("event", name, ""))
    for stage in STAGES:
        if stage not in {rules.places.get(event) for event in leave_out}:
            names.add(("stage", stage, ""))
    for who, history in oracle.histories(found).items():
        seen = [row for row in history if until is None or row.minute < until[who]]
        own = next((row.value for row in sorted(history, key=order) if row.value), "")
        for event in {row.event for row in seen}:
            features["event", event, ""].add(who)
            features["stage", rules.places.get(event), ""].add(who)
        begun = [visit for visit in oracle.visits(history, rules) if until is None or visit[1] < until[who]]
        features["visits", "", str(len(begun))].add(who)
        features["days", "", str(len({row.minute // DAY for row in seen}))].add(who)
        if not seen:
            continue
        if attribute_of == "customer":
            features["attribute", "value", own].add(who)
            continue
        seen = sorted(seen, key=order)
        known = [row for row in seen if row.value]
        features["first", "value", known[0].value if known else ""].add(who)
        last = [row.value for row in known if row.minute == seen[-1].minute]
        features["last", "value", last[-1] if last else ""].add(who)
    reaching = {who for who in among if among[who] and reached[who]}
    inside = {who for who in among if among[who]}
    table = {key: (len(who & inside), len(who & reaching)) for key, who in features.items()}
    kept = {key: pair for key, pair in table.items() if pair[0] and key[0] not in ("event", "stage")}
    return kept | {key: table.get(key, (0, 0)) for key in names}


def order(row):
    """Rows of one time and event are sorted by value, a missing one first."""
    return (row.minute, row.event, row.value or "")


def table_of(one):
    rows = one.counts[["kind", "name", "value", "customers", "reached"]].itertuples(index=False, name=None)
    return {(kind, name, value): (n, k) for kind, name, value, n, k in rows}


CASE = (rows(), places(), FLAGS, FLAGS, UNTIL, st.sets(st.sampled_from(EVENTS), max_size=2))


@settings(max_examples=examples(16), deadline=None)
@given(*CASE, st.sampled_from(["event", "customer"]))
def test_what_lies_behind_customers_equals_plain_loops(found, placed, among, reached, until, leave, of_):
    log, stages = event_log(found, of=of_), stage_map(placed)
    got = contrast(
        log,
        stages,
        among=of(log, among, bool),
        outcome=of(log, reached, bool),
        until=instants(log, until),
        leave_out=leave,
    )
    here = {row.customer for row in found}
    inside = {who: among[who] and who in here for who in WHO}
    assert table_of(got) == counted(found, placed, inside, reached, until, leave, of_)
    assert got.n_customers == sum(inside.values())
    assert got.n_reached == sum(inside[who] and reached[who] for who in WHO)


@settings(max_examples=examples(16), deadline=None)
@given(*CASE, st.randoms(use_true_random=False))
def test_parts_add_up_and_order_and_names_change_nothing(found, placed, among, reached, until, leave, random):
    stages = stage_map(placed)

    def ask(some, new=None):
        names = {(new or {}).get(who, who): who for who in WHO}
        log = event_log(some)
        pick = [names[who] for who in log.customer_ids.to_pylist()]
        moments = None if until is None else BEGIN + np.array([until[who] for who in pick]) * 60_000_000
        return contrast(
            log,
            stages,
            among=np.array([among[who] for who in pick]),
            outcome=np.array([reached[who] for who in pick]),
            until=moments,
            leave_out=leave,
        )

    whole = ask(found)
    shuffled, renamed, new = disguised(found, random)
    assert table_of(ask(shuffled)) == table_of(ask(renamed, new)) == table_of(whole)
    parts = [[row for row in found if (row.customer < "c") == early] for early in (True, False)]
    if all(parts):
        one, other = (table_of(ask(part)) for part in parts)
        both = table_of(ask(parts[0]) + ask(parts[1]))
        for key in both:
            assert both[key] == tuple(np.add(one.get(key, (0, 0)), other.get(key, (0, 0))))
        assert both == table_of(whole)


def test_many_events_are_kept_in_several_words(monkeypatch):
    monkeypatch.setattr(behind_module, "_WORD", 2)
    found = [
        oracle.Row(who, event, minute)
        for minute, (who, event) in enumerate(zip("abcdab", EVENTS, strict=True))
    ]
    log = event_log(found)
    seen = Behind(log, stage_map({}))
    for event in EVENTS:
        assert seen.did([event]).tolist() == [
            any(row.customer == who and row.event == event for row in found) for who in WHO
        ]
    assert seen.did(EVENTS).all() and not seen.did(["없음"]).any()


def test_days_are_those_of_the_zone_also_where_clocks_change():
    times = pd.to_datetime(["2024-03-30 22:30", "2024-03-31 21:30", "2024-03-31 22:30"])
    found = pd.DataFrame({"customer": "a", "event": "x", "time": times.tz_localize("UTC")})
    log = type(event_log([oracle.Row("a", "보기", 0)])).from_frame(found, zone="Europe/Berlin")
    codes, values = Behind(log, stage_map({})).codes("days", "")
    assert values[codes[0]] == "3"


def whole_counts(*features, n=400, k=200):
    table = pd.DataFrame(features, columns=["kind", "name", "value", "customers", "reached"])
    return Contrast(table.astype({"customers": "int64", "reached": "int64"}), n, k)


def test_each_feature_is_held_against_everybody_else():
    table, left = compared(
        whole_counts(
            ("event", "담기", "", 100, 80),
            ("event", "보기", "", 400, 200),
            ("event", "결제", "", 200, 200),
            ("event", "드문", "", 29, 3),
            ("stage", "고려", "", 100, 80),
            ("first", "채널", "검색", 150, 75),
            ("first", "채널", "광고", 250, 125),
            ("last", "채널", "검색", 150, 75),
            ("last", "채널", "광고", 250, 125),
            *(("attribute", "나이", str(age), 20, 10) for age in range(20, 40)),
        )
    )
    rows = {(row.kind, row.name, row.value): row for row in table.itertuples(index=False, name="Row")}
    cart = rows["event", "담기", ""]
    assert (cart.n_with, cart.k_with, cart.n_without, cart.k_without) == (100, 80, 300, 120)
    assert cart.odds_ratio == pytest.approx((80 / 20) / (120 / 180))
    assert cart.clear and (table["clear"] == (table["q"] < 0.05)).all()
    age = rows["attribute", "나이", ""]
    assert (age.above, age.n_with, age.k_with) == (29, 200, 100)
    reasons = {(row.kind, row.name, row.reason): row.features for row in left.itertuples(index=False)}
    assert reasons == {
        ("event", "보기", "constant"): 1,
        ("event", "결제", "outcome"): 1,
        ("event", "드문", "rare"): 1,
        ("stage", "고려", "same"): 1,
        ("first", "채널", "same"): 1,
        ("last", "채널", "same"): 1,
    }
    assert len(table) == 3


def test_nobody_to_compare_is_an_empty_table():
    table, left = compared(whole_counts(("event", "담기", "", 0, 0), n=0, k=0))
    assert table.empty and left["reason"].tolist() == ["constant"]
    assert table.dtypes.equals(compared(whole_counts(("event", "담기", "", 100, 80)))[0].dtypes)
    assert compared(whole_counts())[0].empty


@settings(max_examples=examples(16), deadline=None)
@given(*CASE[:2], UNTIL, st.sampled_from(["event", "customer"]))
def test_the_holders_of_a_feature_are_those_who_were_counted(found, placed, until, of_):
    log, stages = event_log(found, of=of_), stage_map(placed)
    seen = Behind(log, stages, instants(log, until))
    everyone = np.ones(log.n_customers, dtype=bool)
    nobody = ~everyone
    got = contrast(log, stages, among=everyone, outcome=nobody, seen=seen)
    for row in got.counts.itertuples(index=False):
        who = holders(log, stages, seen, kind=row.kind, name=row.name, value=row.value, above=np.nan)
        assert who.sum() == row.customers
    table, _ = compared(replace(got, n_reached=0), least=0)
    for row in table.itertuples(index=False):
        who = holders(log, stages, seen, kind=row.kind, name=row.name, value=row.value, above=row.above)
        assert who.sum() == row.n_with
