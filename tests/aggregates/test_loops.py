from dataclasses import fields
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.aggregates import loops as loops_module
from journey.aggregates.loops import Loops, loops
from journey.aggregates.nodes import nodes
from journey.errors import SettingWrong
from journey.events.log import DAY
from journey.stages.stage_map import StageMap
from tests.analysis import oracle
from tests.analysis.logs import cases, event_log, stage_map
from tests.endurance import examples


def circles(found, rules):
    """{node name: {count: number}} and the last events of exits, as plain loops over each customer's rows."""
    names = [name for name in fields(Loops) if name.name not in ("dead_ends", "n_customers", "n_visitors")]
    counts, ended = {}, {}

    def at(name):
        return counts.setdefault(name, {own.name: 0 for own in names})

    for history in oracle.histories(found).values():
        path = [name for (_, name), _, _ in oracle.visits(history, rules)]
        mapped = [row for row in history if row.event in rules.places]
        mapped.sort(key=lambda row: (row.minute, rules.order.index(rules.places[row.event]), row.event))
        node = [rules.places[row.event] if rules.group == "stage" else row.event for row in mapped]
        for name in node:
            at(name)["rows"] += 1
        again = [b for a, b, name in zip(mapped, mapped[1:], node[1:], strict=False) if a.event == b.event]
        where = [rules.places[row.event] if rules.group == "stage" else row.event for row in again]
        for name in where:
            at(name)["repeats"] += 1
        for name in set(where):
            at(name)["repeated"] += 1
        for name in path:
            at(name)["visits"] += 1
        for name in set(path):
            at(name)["customers"] += 1
            at(name)["looped"] += path.count(name) > 1

        def stage(name):
            return rules.order.index(name if rules.group == "stage" else rules.places[name])

        back = [a for a, b in pairwise(path) if stage(b) < stage(a)]
        for name in back:
            at(name)["back_steps"] += 1
        for name in set(back):
            at(name)["stepped_back"] += 1
        if path:
            active = oracle.is_active(history, found, rules)
            at(path[-1])["still" if active else "exits"] += 1
            if not active:
                ended[mapped[-1].event] = ended.get(mapped[-1].event, 0) + 1
    return counts, ended


@settings(max_examples=examples(40), deadline=None)
@given(cases(), st.sampled_from(["stage", "event"]))
def test_loops_equal_plain_loops(case, group):
    found, placed, rules = case
    rules = type(rules)(order=rules.order, places=rules.places, group=group)
    log, stages = event_log(found), stage_map(placed)
    own = nodes(log, stages, group)
    got = loops(log, stages, own, active_within=30 * DAY)
    counts, ended = circles(found, rules)
    for code, name in enumerate(own.names):
        for one, want in counts.get(name, {"rows": 0, "visits": 0, "exits": 0, "loops": 0}).items():
            assert getattr(got, one)[code] == want, (name, one)
    assert got.loops.tolist() == (got.visits - got.customers).tolist()
    assert {name: n for name, n in zip(log.event_names, got.dead_ends.tolist(), strict=True) if n} == ended
    assert got.n_customers == len(oracle.histories(found))
    assert got.exits.sum() + got.still.sum() == got.n_visitors
    assert got.exits.sum() == got.dead_ends.sum()


@settings(max_examples=examples(40), deadline=None)
@given(cases(), st.sampled_from(["stage", "event"]), st.data())
def test_loops_of_two_parts_of_the_customers_add_up(case, group, data):
    found, placed, _ = case
    log, stages = event_log(found), stage_map(placed)
    own = nodes(log, stages, group)
    part = np.array(data.draw(st.lists(st.booleans(), min_size=log.n_customers, max_size=log.n_customers)))
    # The observation window stays that of the whole, so the same customers are active.
    whole, one, other = (
        loops(some, stages, own, active_within=30 * DAY)
        for some in (log, log.of_customers(part), log.of_customers(~part))
    )
    both = one + other
    for count in fields(Loops):
        assert np.array_equal(getattr(whole, count.name), getattr(both, count.name)), count.name


def test_a_loop_a_back_step_and_a_repeat_are_counted_where_they_happen():
    found = [oracle.Row("a", event, minute) for minute, event in enumerate(("보기", "담기", "보기", "보기"))]
    log, stages = event_log(found), stage_map({"보기": "인지", "담기": "고려"})
    got = loops(log, stages, nodes(log, stages), active_within=0)
    assert got.loops.tolist() == [1, 0, 0]
    assert got.back_steps.tolist() == [0, 1, 0]
    assert got.repeats.tolist() == [1, 0, 0]
    assert got.still.tolist() == [1, 0, 0]


def test_only_stages_and_events_have_an_order_to_step_back_in():
    log = event_log([oracle.Row("a", "보기", 0, "강남")])
    with pytest.raises(SettingWrong) as caught:
        loops(log, stage_map({}), nodes(log, stage_map({}), "value"), active_within=0)
    assert caught.value.values["setting"] == "group"


def test_without_stages_nobody_goes_anywhere():
    log = event_log([oracle.Row("a", "보기", 0)])
    got = loops(log, StageMap(), nodes(log, StageMap()), active_within=0)
    assert (len(got.rows), got.n_customers, got.n_visitors) == (0, 1, 0)


@settings(max_examples=examples(8))
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), max_size=40))
def test_customers_of_a_node_are_the_same_counted_in_a_table_and_by_sorting(pairs):
    who, node = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2).T
    before = loops_module._CELLS
    found = []
    for cells in (0, 1 << 20):
        loops_module._CELLS = cells
        try:
            found.append([counts.tolist() for counts in loops_module._customers(who, node, 4)])
        finally:
            loops_module._CELLS = before
    assert found[0] == found[1]
