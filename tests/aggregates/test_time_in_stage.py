import math
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.aggregates import visits as visits_module
from journey.aggregates.nodes import nodes
from journey.aggregates.time_in_stage import TimeInStage, time_in_stage
from journey.stages.stage_map import StageMap
from tests.analysis import oracle
from tests.analysis.logs import cases, event_log, stage_map
from tests.endurance import examples


def spent(found, rules):
    """{node name: ([seconds of each finished visit], number of last visits)}, as plain loops."""
    times, last = {}, {}
    for history in oracle.histories(found).values():
        path = oracle.visits(history, rules)
        for (node, first, _), (_, then, _) in pairwise(path):
            times.setdefault(node[1], []).append((then - first) * 60)
        if path:
            last[path[-1][0][1]] = last.get(path[-1][0][1], 0) + 1
    return times, last


def nearest_rank(values, part):
    return sorted(values)[max(1, math.ceil(round(part * len(values), 9))) - 1] if values else math.nan


@settings(max_examples=examples(40), deadline=None)
@given(cases(), st.sampled_from([1, 3, 1 << 17]))
def test_time_in_stage_equals_plain_loops_whatever_the_block(case, block):
    found, placed, rules = case
    log, stages = event_log(found), stage_map(placed)
    own = nodes(log, stages, rules.group)
    before, visits_module._BLOCK_ROWS = visits_module._BLOCK_ROWS, block
    try:
        got = time_in_stage(log, stages, own)
    finally:
        visits_module._BLOCK_ROWS = before
    times, last = spent(found, rules)
    median, p90, most = got.seconds(0.5, 0.9, 1.0)
    for code, name in enumerate(own.names):
        values = times.get(name, [])
        assert got.finished[code] == len(values)
        assert got.last[code] == last.get(name, 0)
        for seconds, part in ((median, 0.5), (p90, 0.9), (most, 1.0)):
            assert np.array_equal(seconds[code], nearest_rank(values, part), equal_nan=True)


def same(one, other):
    """The same visits, in whatever order."""
    pairs = [np.lexsort((times.spans, times.node)) for times in (one, other)]
    return np.array_equal(one.last, other.last) and all(
        np.array_equal(getattr(one, name)[pairs[0]], getattr(other, name)[pairs[1]])
        for name in ("node", "spans")
    )


@settings(max_examples=examples(40), deadline=None)
@given(cases(), st.data())
def test_times_of_two_parts_of_the_customers_add_up(case, data):
    found, placed, rules = case
    log, stages = event_log(found), stage_map(placed)
    own = nodes(log, stages, rules.group)
    part = np.array(data.draw(st.lists(st.booleans(), min_size=log.n_customers, max_size=log.n_customers)))
    whole = time_in_stage(log, stages, own)
    parts = [time_in_stage(log.of_customers(chosen), stages, own) for chosen in (part, ~part)]
    both = parts[0] + parts[1]
    assert same(whole, both)
    assert np.array_equal(whole.seconds(0.5, 0.9), both.seconds(0.5, 0.9), equal_nan=True)


def times_of(node, spans, n):
    return TimeInStage(np.array(node), np.array(spans, dtype=np.int64), np.zeros(n, dtype=np.int64))


def test_spans_and_nodes_that_do_not_fit_one_number_are_ranked_all_the_same():
    spans = [(1 << 61) + 1, 1 << 61, 5, 7, 3]
    found = times_of([3, 3, 0, 0, 0], spans, 4).seconds(0.5)
    assert found[0].tolist()[0] == 5e-6
    assert found[0].tolist()[3] == float(1 << 61) / 1e6
    assert np.isnan(found[0][1:3]).all()


def test_many_nodes_are_ranked_like_few():
    draw = np.random.default_rng(3)
    node, spans = draw.integers(0, 200, 4000), draw.integers(0, 10**9, 4000)
    median, p90 = times_of(node, spans, 200).seconds(0.5, 0.9)
    for code in range(200):
        values = spans[node == code].tolist()
        assert (median[code], p90[code]) == (nearest_rank(values, 0.5) / 1e6, nearest_rank(values, 0.9) / 1e6)


def test_a_part_of_ten_is_its_rank_and_not_the_one_after():
    assert times_of([0] * 10, np.arange(1, 11) * 1_000_000, 1).seconds(0.9, 0.3, 0.0).ravel().tolist() == [
        9,
        3,
        1,
    ]


def test_without_stages_and_without_rows_there_is_no_time():
    log = event_log([oracle.Row("a", "보기", 0)])
    for found in (log, log.of_customers(np.array([False]))):
        none = time_in_stage(found, StageMap(), nodes(found, StageMap()))
        assert none.seconds(0.5).shape == (1, 0)
        empty = time_in_stage(found, stage_map({}), nodes(found, stage_map({})))
        assert np.isnan(empty.seconds(0.5)).all()
