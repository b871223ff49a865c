from dataclasses import fields

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.aggregates.goal_revenue import GoalRevenue, goal_revenue
from journey.aggregates.stuck import ByValue, stuck
from journey.events.log import DAY
from journey.stages.stage_map import StageMap
from tests.analysis import oracle
from tests.analysis.logs import STAGES, VALUES, event_log, places, rows, stage_map
from tests.endurance import examples

WITHIN = 30 * DAY


def held_up(found, placed, of):
    """{(stage, value): [customers, stuck]} and {(event, value): customers}, as plain loops."""
    rules = oracle.Rules(order=STAGES, places={e: s for e, s in placed.items() if s is not None})
    counts, met = {}, {}
    for history in oracle.histories(found).values():
        mapped = [row for row in history if row.event in rules.places]
        mapped.sort(
            key=lambda r: (
                r.minute,
                STAGES.index(rules.places[r.event]),
                r.event,
                r.value is None,
                r.value or "",
            )
        )
        visits = []
        for row in mapped:
            if visits and rules.places[visits[-1][-1].event] == rules.places[row.event]:
                visits[-1].append(row)
            else:
                visits.append([row])
        seen = set()
        own = next((row.value for row in sorted_as_read(history) if row.value is not None), None)
        for at, visit in enumerate(visits):
            stage = rules.places[visit[0].event]
            if stage in seen:
                continue
            seen.add(stage)
            is_last = at == len(visits) - 1
            if is_last and oracle.is_active(history, found, rules):
                continue
            value = visit[0].value if of == "event" else own
            after = None if is_last else rules.places[visits[at + 1][0].event]
            cell = counts.setdefault((stage, value), [0, 0])
            cell[0] += 1
            cell[1] += after is None or STAGES.index(after) < STAGES.index(stage)
            for event in {row.event for row in visit}:
                met[event, value] = met.get((event, value), 0) + 1
    return counts, met


def sorted_as_read(history):
    return sorted(history, key=lambda r: (r.minute, r.event, r.value is not None, r.value or ""))


@settings(max_examples=examples(80), deadline=None)
@given(rows(), places(), st.sampled_from(["event", "customer"]))
def test_who_is_stuck_equals_plain_loops(found, placed, of):
    log = event_log(found, of=of)
    got = stuck(log, stage_map(placed), active_within=WITHIN).by
    if len(log.attributes["value"].categories) < 2:
        assert not got
        return
    counts, met = held_up(found, placed, of)
    by = got["value"]
    for column, value in enumerate([*by.values, None]):
        for place, stage in enumerate(STAGES):
            assert [by.customers[place, column], by.stuck[place, column]] == counts.get(
                (stage, value), [0, 0]
            )
        for code, event in enumerate(log.event_names):
            assert by.met[code, column] == met.get((event, value), 0)


@settings(max_examples=examples(40), deadline=None)
@given(rows(), places(), st.data())
def test_who_is_stuck_adds_up_over_parts_of_the_customers(found, placed, data):
    log, stages = event_log(found), stage_map(placed)
    part = np.array(data.draw(st.lists(st.booleans(), min_size=log.n_customers, max_size=log.n_customers)))
    whole, one, other = (
        stuck(some, stages, active_within=WITHIN)
        for some in (log, log.of_customers(part), log.of_customers(~part))
    )
    both = one + other
    assert whole.by.keys() == both.by.keys()
    for name, counts in whole.by.items():
        for own in fields(ByValue):
            assert np.array_equal(getattr(counts, own.name), getattr(both.by[name], own.name))


def test_without_groups_nobody_is_compared():
    found = [oracle.Row("a", "보기", 0, VALUES[0]), oracle.Row("b", "담기", 1, VALUES[0])]
    assert not stuck(event_log(found), stage_map({"보기": "인지"}), active_within=0).by
    assert not stuck(event_log(found), StageMap(), active_within=0).by


def test_revenue_is_that_of_customers_at_the_goal_and_adds_up():
    from dataclasses import replace

    found = [
        oracle.Row("a", "보기", 0),
        oracle.Row("a", "사기", 1),
        oracle.Row("b", "보기", 2),
        oracle.Row("c", "사기", 3),
    ]
    log, stages = event_log(found), stage_map({"보기": "인지", "사기": "구매"})
    assert goal_revenue(log, stages) == GoalRevenue()
    paid = replace(log, amount=np.array([np.nan, 100.0, 7.0, -30.0]))
    assert goal_revenue(paid, stages) == GoalRevenue(70.0, 2)
    part = np.array([True, False, False])
    assert goal_revenue(paid.of_customers(part), stages) + goal_revenue(
        paid.of_customers(~part), stages
    ) == goal_revenue(paid, stages)
