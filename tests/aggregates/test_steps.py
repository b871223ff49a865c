from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.aggregates import visits as visits_module
from journey.aggregates.coverage import coverage
from journey.aggregates.links import Links, links, picture
from journey.aggregates.links import _from_visits as links_of_visits
from journey.aggregates.steps import ACTIVE, EXIT, steps
from journey.events.log import DAY, EventLog
from journey.stages.stage_map import StageMap
from tests.analysis import oracle
from tests.analysis.logs import STAGES, cases, event_log, setting_of, stage_map
from tests.endurance import examples


def same_steps(one, other):
    names = ("links", "reach", "rows", "n_customers", "n_visitors")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)


def same_links(one, other):
    counts = ("n_customers", "n_visitors", "n_begun", "n_anchored", "n_shown")
    names = ("step", "source", "target", "customers", *counts)
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)


@settings(max_examples=examples(80), deadline=None)
@given(cases(), st.sampled_from([1, 3, 8, 1 << 17]), st.integers(1, 12))
def test_the_blocked_pass_equals_plain_loops_whatever_the_block(case, block, n_steps):
    found, placed, rules = case
    rules = replace(rules, group="stage")
    visited = {
        customer: [STAGES.index(name) for (_, name), _, _ in oracle.visits(history, rules)]
        for customer, history in oracle.histories(found).items()
    }
    want = np.zeros((n_steps + 1, 16, 16), dtype=int)
    for customer, path in visited.items():
        active = oracle.is_active(oracle.histories(found)[customer], found, rules)
        for place, stage in enumerate(path):
            last = place == len(path) - 1
            target = (ACTIVE if active else EXIT) if last else path[place + 1]
            want[min(place, n_steps), stage, target] += 1
    before, visits_module._BLOCK_ROWS = visits_module._BLOCK_ROWS, block
    try:
        got = steps(event_log(found), stage_map(placed), steps=n_steps)
    finally:
        visits_module._BLOCK_ROWS = before
    assert np.array_equal(got.links, want)
    assert got.n_customers == len(visited)
    assert got.n_visitors == sum(bool(path) for path in visited.values())
    assert np.array_equal(got.transitions, want.sum(axis=0))
    for code, stage in enumerate(STAGES):
        assert got.reach[code] == sum(code in path for path in visited.values())
        assert got.rows[code] == sum(rules.places.get(row.event) == stage for row in found)


@settings(max_examples=examples(60), deadline=None)
@given(cases(anchored=True, reshaped=True), st.sets(st.sampled_from("abcd")))
def test_summaries_of_disjoint_customers_add_up(case, chosen):
    found, placed, rules = case
    log, stages = event_log(found), stage_map(placed)
    part = np.array([one in chosen for one in log.customer_ids.to_pylist()])
    one, other = log.of_customers(part), log.of_customers(~part)

    def both(question):
        return question(log), question(one) + question(other)

    whole, sum_ = both(lambda log: steps(log, stages, steps=rules.steps))
    assert same_steps(whole, sum_)
    whole, sum_ = both(lambda log: coverage(log, stages))
    assert whole == sum_

    def counted(log) -> Links:
        return links(picture(log, stages, **setting_of(rules)))

    assert same_links(*both(counted))


@settings(max_examples=examples(60), deadline=None)
@given(cases())
def test_the_fast_pass_and_the_general_one_agree(case):
    found, placed, rules = case
    view = picture(event_log(found), stage_map(placed), steps=rules.steps)
    assert same_links(links(view), links_of_visits(view))


def random_log(seed, *, rows, customers, names, minutes):
    """A log of thousands of rows, many of them tied, some customers with very long histories."""
    random = np.random.default_rng(seed)
    who = np.sort((random.random(rows) ** 3 * customers).astype(int))
    what = random.integers(0, names, rows)
    when = random.integers(0, minutes, rows) * 60_000_000
    order = np.lexsort((what, when, who))
    who, what, when = who[order], what[order], when[order]
    first = np.flatnonzero(np.diff(who, prepend=-1))
    return EventLog(
        customer_ids=pa.array([f"c{i:06d}" for i in range(len(first))], pa.large_string()),
        event_names=tuple(f"e{i:04d}" for i in range(names)),
        offsets=np.append(first, rows),
        event=what.astype(np.min_scalar_type(names)),
        time=when,
        observed=(int(when.min()), int(when.max())),
    )


@pytest.mark.parametrize("names", [30, 64, 65, 255, 256, 700])
@pytest.mark.parametrize("hidden", [False, True])
def test_the_two_passes_agree_on_many_rows_and_twelve_stages(names, hidden):
    log = random_log(names, rows=30_000, customers=2_000, names=names, minutes=300)
    assert len(log.tied) > 3_000
    stages = StageMap()
    for number in range(12):
        stages = stages.add_stage(f"단계 {number}")
    for number, name in enumerate(log.event_names):
        if not (hidden and number % 5 == 0):
            stages = stages.place(name, f"s{number % 12 + 1}")
    before, visits_module._BLOCK_ROWS = visits_module._BLOCK_ROWS, 4_096
    try:
        view = picture(log, stages, steps=12, active_within_days=0.2)
        assert same_links(links(view), links_of_visits(view))
    finally:
        visits_module._BLOCK_ROWS = before
    table = steps(log, stages, steps=12, active_within=DAY // 5)
    assert table.n_customers == log.n_customers
    assert table.links.sum() == table.transitions.sum() > 0


def test_what_maps_nothing_counts_nothing():
    found = [oracle.Row("a", "보기", 0), oracle.Row("b", "보기", 9)]
    table = steps(event_log(found), stage_map({}), steps=3)
    assert table.links.sum() == 0 and table.n_customers == 2 and table.n_visitors == 0
