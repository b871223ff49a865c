from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.aggregates.goal_revenue import GoalRevenue, goal_revenue
from journey.aggregates.stuck import firsts, met, stuck
from journey.events.log import DAY
from journey.stages.stage_map import StageMap
from tests.analysis import oracle
from tests.analysis.logs import STAGES, VALUES, event_log, places, rows, stage_map
from tests.endurance import examples

WITHIN = 30 * DAY


def held_up(found, placed, of):
    """{(place, value): [customers, stuck]} and {(place, value, event met): customers}, as plain loops."""
    rules = oracle.Rules(order=STAGES, places={e: s for e, s in placed.items() if s is not None})
    counts, together = {}, {}
    for history in oracle.histories(found).values():
        mapped = [row for row in history if row.event in rules.places]
        mapped.sort(key=lambda r: (r.minute, STAGES.index(rules.places[r.event]), *as_read(r)[1:]))
        visits = []
        for row in mapped:
            if visits and rules.places[visits[-1][-1].event] == rules.places[row.event]:
                visits[-1].append(row)
            else:
                visits.append([row])
        seen = set()
        own = next((row.value for row in sorted(history, key=as_read) if row.value is not None), None)
        for at, visit in enumerate(visits):
            stage = rules.places[visit[0].event]
            is_last = at == len(visits) - 1
            after = None if is_last else rules.places[visits[at + 1][0].event]
            for place, row in [(stage, visit[0]), *((row.event, row) for row in visit)]:
                if place in seen:
                    continue
                seen.add(place)
                if is_last and oracle.is_active(history, found, rules):
                    continue
                value = row.value if of == "event" else own
                cell = counts.setdefault((place, value), [0, 0])
                cell[0] += 1
                cell[1] += after is None or STAGES.index(after) < STAGES.index(stage)
                for event in {row.event for row in visit}:
                    key = place, value, event
                    together[key] = together.get(key, 0) + 1
    return counts, together


def as_read(row):
    """The order of a log: of rows with one time and event, those without a value come first."""
    return (row.minute, row.event, row.value is not None, row.value or "")


@settings(max_examples=examples(32), deadline=None)
@given(rows(), places(), st.sampled_from(["event", "customer"]))
def test_who_is_stuck_equals_plain_loops(found, placed, of):
    log = event_log(found, of=of)
    seen = firsts(log, stage_map(placed), active_within=WITHIN)
    got = stuck(log, seen, "value")
    counts, together = held_up(found, placed, of)
    values = [*log.attributes["value"].categories, None]
    for place, name in enumerate([*STAGES, *log.event_names]):
        events = met(log, seen, "value", place)
        for column, value in enumerate(values):
            cell = [got.customers[place, column], got.stuck[place, column]]
            assert cell == counts.get((name, value), [0, 0])
            for code, event in enumerate(log.event_names):
                assert events[code, column] == together.get((name, value, event), 0)


@settings(max_examples=examples(16), deadline=None)
@given(rows(), places(), st.data())
def test_who_is_stuck_adds_up_over_parts_of_the_customers(found, placed, data):
    log, stages = event_log(found), stage_map(placed)
    part = np.array(data.draw(st.lists(st.booleans(), min_size=log.n_customers, max_size=log.n_customers)))
    logs = [log, log.of_customers(part), log.of_customers(~part)]
    seen = [firsts(some, stages, active_within=WITHIN) for some in logs]
    whole, one, other = (stuck(some, times, "value") for some, times in zip(logs, seen, strict=True))
    both = one + other
    assert np.array_equal(whole.customers, both.customers)
    assert np.array_equal(whole.stuck, both.stuck)
    for place in range(seen[0].n_places):
        parts = [met(some, times, "value", place) for some, times in zip(logs, seen, strict=True)]
        assert np.array_equal(parts[0], parts[1] + parts[2])


def test_without_stages_nobody_is_anywhere():
    log = event_log([oracle.Row("a", "보기", 0, VALUES[0])])
    assert not stuck(log, firsts(log, StageMap(), active_within=0), "value").customers.any()


def test_revenue_is_that_of_customers_at_the_goal_and_adds_up():
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
