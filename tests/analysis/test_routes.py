from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from journey.analysis.routes import routes
from journey.errors import SettingWrong
from tests.analysis import oracle
from tests.analysis.logs import STAGES, cases, disguised, event_log, speak, stage_map
from tests.endurance import examples


def counts_of(answer):
    return {
        tuple(row.route): (row.customers, row.median_seconds) for row in answer.table.itertuples(index=False)
    }


@settings(max_examples=examples(64), deadline=None)
@given(cases(), st.integers(1, 4))
def test_routes_equal_plain_loops(case, limit):
    found, placed, rules = case
    want = oracle.routes(found, rules)
    answer = routes(event_log(found), stage_map(placed), group=rules.group)
    assert counts_of(answer) == want
    assert (answer.n_routes, answer.n_visitors) == (len(want), sum(n for n, _ in want.values()))
    assert answer.n_customers == len({row.customer for row in found})
    for row in answer.table.itertuples():
        assert row.share == pytest.approx(row.customers / answer.n_visitors)
        assert (row.low, row.high) == pytest.approx(oracle.wilson(row.customers, answer.n_visitors))
    order = [(-row.customers, len(row.route)) for row in answer.table.itertuples()]
    assert order == sorted(order)
    few = routes(event_log(found), stage_map(placed), group=rules.group, limit=limit)
    assert few.table["route"].tolist() == answer.table["route"].tolist()[:limit]
    assert few.n_routes == answer.n_routes


@settings(max_examples=examples(40), deadline=None)
@given(cases(sessions=True))
def test_routes_of_sessions_equal_plain_loops(case):
    found, placed, rules = case
    log = event_log(found, sessions=True)
    assume(not log.date_only)
    want = oracle.routes(oracle.sessions(found, gap=30), replace(rules, group="stage"))
    answer = routes(log, stage_map(placed), unit="session")
    assert counts_of(answer) == want
    assert all(speak(answer))


@settings(max_examples=examples(24), deadline=None)
@given(cases(), st.randoms(use_true_random=False), st.integers(1, 4))
def test_the_order_of_rows_and_the_names_of_customers_change_nothing(case, random, limit):
    found, placed, rules = case
    answer, *others = [
        routes(event_log(rows), stage_map(placed), group=rules.group, limit=limit)
        for rows in (found, *disguised(found, random)[:2])
    ]
    for other in others:
        pd.testing.assert_frame_equal(answer.table, other.table)
        assert (answer.n_routes, answer.finding, answer.notes) == (
            other.n_routes,
            other.finding,
            other.notes,
        )


def test_equally_frequent_routes_come_shortest_first_then_in_the_order_of_the_stages():
    found = [
        *(oracle.Row("a", event, minute) for minute, event in enumerate(["사기", "보기"])),
        *(oracle.Row("b", event, minute) for minute, event in enumerate(["보기", "사기"])),
        oracle.Row("c", "사기", 3),
        oracle.Row("d", "사기", 9),
        oracle.Row("e", "담기", 9),
    ]
    answer = routes(event_log(found), stage_map({"보기": "인지", "담기": "고려", "사기": "구매"}))
    assert answer.table["route"].tolist() == [["구매"], ["고려"], ["인지", "구매"], ["구매", "인지"]]
    assert answer.finding.code == "routes.finding_most_frequent"
    assert answer.finding.values["customers"] == 2 and answer.finding.values["of"] == 5


def test_without_mapped_events_the_answer_says_so():
    found = [oracle.Row("a", "보기", 0)]
    nothing = routes(event_log(found), stage_map({}))
    some = routes(event_log(found), stage_map({"보기": STAGES[0]}))
    gone = routes(event_log(found).where("value", ["강남"]), stage_map({"보기": STAGES[0]}))
    assert nothing.finding.code == "routes.finding_no_mapped_events"
    assert some.finding.code == "routes.finding_one"
    assert gone.finding.code == "routes.finding_no_rows"
    assert all(speak(nothing) + speak(some) + speak(gone))
    assert nothing.table.empty and nothing.table.dtypes.equals(some.table.dtypes)


def test_a_limit_below_one_is_refused():
    with pytest.raises(SettingWrong):
        routes(event_log([oracle.Row("a", "보기", 0)]), stage_map({}), limit=0)
