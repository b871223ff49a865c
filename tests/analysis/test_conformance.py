import math
from dataclasses import replace
from itertools import pairwise
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.aggregates.conformance import DEVIATIONS, WAYS, conformed, design
from journey.aggregates.segment import members_of
from journey.analysis.conformance import conformance
from journey.errors import SettingWrong
from journey.events.log import DAY as A_DAY
from journey.stages.stage_map import StageMap
from journey.statistics.intervals import newcombe
from tests.analysis import oracle
from tests.analysis.logs import (
    EVENTS,
    STAGES,
    disguised,
    event_log,
    mapped,
    places,
    rows,
    speak,
    stage_map,
)
from tests.endurance import examples


def serves(step, event, steps, placed):
    """Does a row of this event belong to the step? An event that is marked itself is no row of its stage."""
    if step.startswith("event:"):
        return step == f"event:{event}"
    return f"event:{event}" not in steps and placed.get(event) == step


def path_of(history, steps, placed):
    """The visits of one customer up to the first one of the last step: [(place, minute)]."""
    found = []
    marked = [
        (row.minute, place)
        for row in history
        for place, step in enumerate(steps)
        if serves(step, row.event, steps, placed)
    ]
    for minute, place in sorted(marked):
        if found and found[-1][0] == place:
            continue
        found.append((place, minute))
        if place == len(steps) - 1:
            break
    return found


def way_of(path, n):
    """Which of WAYS it is; None for who did not begin with the first step."""
    went = [place for place, _ in path]
    if not went or went[0] != 0:
        return None
    back = any(b < a for a, b in pairwise(went))
    skipped = any(place not in went for place in range(max(went)))
    if back or skipped:
        return "both" if back and skipped else "only_back" if back else "only_skipped"
    return "followed" if max(went) == n - 1 else "stopped"


def arrives(event, events, steps, placed, goal):
    """Is a row of this event an arrival: at the goal, or at the last step where no row is at the goal?"""
    if any(placed.get(one) == goal for one in events):
        return placed.get(event) == goal
    return serves(steps[-1], event, steps, placed)


def counted(found, steps, placed, goal):
    """Every number once more: of ways, of stops, of beginnings elsewhere and of deviations."""
    events = {row.event for row in found}
    n, histories = len(steps), oracle.histories(found)
    paths = {who: path_of(history, steps, placed) for who, history in histories.items()}
    goals = {
        who: max(
            (row.minute for row in history if arrives(row.event, events, steps, placed, goal)), default=-1
        )
        for who, history in histories.items()
    }
    ways = {who: way_of(path, n) for who, path in paths.items()}
    behind = {("elsewhere", None, None): {who for who, way in ways.items() if paths[who] and way is None}}
    behind["none", None, None] = {who for who in paths if not paths[who]}
    behind["began", None, None] = {who for who, way in ways.items() if way}
    for way in WAYS:
        behind[way, None, None] = {who for who, own in ways.items() if own == way}
    lines, times = [], {}
    for who in behind["began", None, None]:
        went = paths[who]
        seen = [place for place, _ in went]
        for place in set(range(max(seen))) - set(seen):
            lines.append((who, ("skipped", place, None)))
        for (a, _), (b, _) in pairwise(went):
            if b < a:
                lines.append((who, ("back", a, b)))
                times["back", a, b] = times.get(("back", a, b), 0) + 1
        for at, place in enumerate(seen):
            if place in seen[:at]:
                lines.append((who, ("looped", place, None)))
                times["looped", place, None] = times.get(("looped", place, None), 0) + 1
    for who, line in lines:
        behind.setdefault(line, set()).add(who)
    for who in behind["stopped", None, None]:
        behind.setdefault(("stopped", max(place for place, _ in paths[who]), None), set()).add(who)
    for who in behind["elsewhere", None, None]:
        behind.setdefault(("elsewhere", paths[who][0][0], None), set()).add(who)
    left, came, kept = {}, {}, {}
    for who in behind["began", None, None]:
        went = paths[who]
        straight = next((at for at, (place, _) in enumerate(went) if place != at), len(went))
        for place, minute in went[:straight]:
            came.setdefault(place, []).append(goals[who] >= minute)
            if straight == len(went) or place < straight - 1:
                kept.setdefault(place, []).append(goals[who] >= minute)
        if straight < len(went):
            (source, _), (target, minute) = went[straight - 1 : straight + 1]
            lines = [("skipped", place, None) for place in range(source + 1, target)]
            for line in lines or [("back", source, target)]:
                left.setdefault(line, []).append(goals[who] >= minute)
    return behind, times, left, came, kept


orders = st.permutations([*STAGES, *(f"event:{event}" for event in EVENTS)]).flatmap(
    lambda mixed: st.integers(2, 5).map(lambda n: tuple(mixed[:n]))
)


def walked(placed, steps, chance):
    """Customers who go the marked way more or less: those of drawn rows seldom begin with its first step."""
    found = []
    for who in range(20):
        at = 0 if chance.random() < 0.9 else chance.randrange(len(steps))
        for minute in range(chance.randint(1, 7)):
            own = [event for event in EVENTS if serves(steps[at], event, steps, mapped(placed))]
            found.append(oracle.Row(f"c{who:02}", chance.choice(own or EVENTS), minute))
            at = min(max(at + chance.choice((1, 1, 1, 2, -1)), 0), len(steps) - 1)
    return found


@settings(max_examples=examples(60), deadline=None)
@given(rows(most=30), places(), orders, st.sampled_from(STAGES))
def test_every_line_and_its_people_are_those_of_plain_loops(found, placed, steps, goal):
    agree(found, placed, steps, goal)


@settings(max_examples=examples(60), deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_what_a_deviation_goes_with_is_that_of_plain_loops(seed):
    chance = Random(seed)
    placed = {event: chance.choice([*STAGES, None]) for event in EVENTS}
    steps = chance.sample([*STAGES, *(f"event:{event}" for event in EVENTS)], chance.randint(3, 5))
    agree(walked(placed, steps, chance), placed, tuple(steps), chance.choice(STAGES))


def agree(found, placed, steps, goal):
    """Hold each line, its people and its comparison against the loops."""
    events = {row.event for row in found}
    steps = tuple(step for step in steps if step in STAGES or step[6:] in events)
    if len(steps) < 2:
        steps = STAGES
    log, stages = event_log(found), stage_map(placed, goal)
    answer = conformance(log, stages, steps=steps)
    behind, times, left, came, kept = counted(found, steps, mapped(placed), goal)
    place_of = {name: place for place, name in enumerate(answer.names)} | {"": None}
    ids = np.array(log.customer_ids.to_pylist())
    kinds = {"stopped_at": "stopped", "began_at": "elsewhere"}
    n_began = len(behind["began", None, None])
    seen = set()
    for row in answer.table.itertuples():
        kind, at, to = kinds.get(row.way, row.way), place_of[row.step], place_of[row.target]
        seen.add((kind, at, to))
        want = behind.get((kind, at, to), set())
        assert row.customers == len(want)
        rule = {"steps": list(answer.steps), "kind": kind}
        rule |= {} if at is None else {"step": answer.steps[at]}
        rule |= {} if to is None else {"target": answer.steps[to]}
        assert set(ids[members_of(log, stages, {"design": rule})]) == want
        if row.way not in DEVIATIONS:
            continue
        assert row.n == n_began and row.times == times.get((kind, at, to), 0)
        assert (row.low, row.high) == pytest.approx(oracle.wilson(len(want), n_began))
        goals_at = [at for at in range(len(steps)) if is_goal(steps, at, placed, goal, events)]
        from_there = at + 1 if kind == "skipped" else at
        departed, others = left.get((kind, at, to), []), (came if kind == "skipped" else kept)
        others = others.get(from_there, []) if kind != "looped" else []
        assert row.departed == len(departed)
        is_known = any(arrives(event, events, steps, mapped(placed), goal) for event in events)
        if departed and others and is_known and from_there < min(goals_at, default=len(steps)):
            assert (row.at_goal, row.compared) == (sum(departed), len(others))
            k1, n1, k2, n2 = sum(departed), len(departed), sum(others), len(others)
            assert row.gap == pytest.approx(k1 / n1 - k2 / n2)
            assert (row.gap_low, row.gap_high) == pytest.approx(newcombe(k1, n1, k2, n2))
            assert row.goals_short == pytest.approx(k2 / n2 * n1 - k1)
        else:
            assert math.isnan(row.gap) and row.compared == row.at_goal == 0
    assert {line for line, who in behind.items() if who} <= seen
    assert (answer.n_began, answer.n_customers) == (n_began, len(ids))
    assert all(speak(answer)) and all(speak_lines(answer))


def is_goal(steps, at, placed, goal, events):
    own = [event for event in events if serves(steps[at], event, steps, mapped(placed))]
    return bool(own) and all(arrives(event, events, steps, mapped(placed), goal) for event in own)


def speak_lines(answer):
    return [
        line
        for said in (*answer.said, *answer.costs)
        if said is not None
        for line in speak(replace(answer, finding=said, notes=(), headline=None))
    ]


@settings(max_examples=examples(40), deadline=None)
@given(rows(most=30, sessions=True), places(), st.randoms(use_true_random=False))
def test_classes_sum_to_all_and_neither_order_nor_names_matter(found, placed, random):
    shuffled, renamed, _ = disguised(found, random)
    stages = stage_map(placed)
    unit = "customer" if event_log(found).date_only else "session"
    logs = [event_log(rows_, sessions=True) for rows_ in (found, shuffled, renamed)]
    answer, *others = [conformance(log, stages, unit=unit) for log in logs]
    for other in others:
        pd.testing.assert_frame_equal(answer.table, other.table)
        assert (answer.finding, answer.notes) == (other.finding, other.notes)
    size = answer.table[answer.table["step"] == ""].set_index("way")["customers"]
    assert size[list(WAYS)].sum() == size["began"]
    assert size[["began", "elsewhere", "none"]].sum() == answer.n_customers
    parts = answer.table.groupby("way")["customers"].sum()
    assert parts.get("stopped_at", 0) == size["stopped"] and parts.get("began_at", 0) == size["elsewhere"]
    assert all(speak(answer)) and all(speak_lines(answer))


@settings(max_examples=examples(20), deadline=None)
@given(rows(most=30), places())
def test_counts_of_parts_with_other_customers_add_up(found, placed):
    log, stages = event_log(found), stage_map(placed, "구매")
    first = np.arange(log.n_customers) % 2 == 0
    whole, *halves = [
        conformed(design(part, stages), active_within=A_DAY)
        for part in (log, log.of_customers(first), log.of_customers(~first))
    ]
    both = halves[0] + halves[1]
    for name in (
        "n_units",
        "ways",
        "elsewhere",
        "skipped",
        "back",
        "looped",
        "jumped",
        "turned",
        "came",
        "kept",
    ):
        assert np.array_equal(getattr(whole, name), getattr(both, name))


def test_known_ways():
    """One customer a way; what comes after the last step is another journey."""
    went = {
        "a": "보기 담기 사기 보기 사기",
        "b": "보기 담기",
        "c": "보기 사기",
        "d": "보기 담기 보기 담기 사기",
        "e": "담기 보기",
        "f": "쉬기",
    }
    found = [
        oracle.Row(who, event, minute)
        for who, events in went.items()
        for minute, event in enumerate(events.split())
    ]
    placed = {"보기": "인지", "담기": "고려", "사기": "구매"}
    table = conformance(event_log(found), stage_map(placed)).table.set_index(["way", "step", "target"])
    want = {"began": 4, "followed": 1, "stopped": 1, "only_skipped": 1, "only_back": 1, "both": 0}
    want |= {"elsewhere": 1, "none": 1}
    assert {way: table.loc[(way, "", ""), "customers"] for way in want} == want
    assert table.loc[("skipped", "고려", ""), "customers"] == 1
    assert table.loc[("back", "고려", "인지"), ["customers", "times", "departed"]].tolist() == [1, 1, 1]
    assert table.loc[("back", "고려", "인지"), ["at_goal", "compared", "compared_share"]].tolist() == [
        1,
        2,
        0.5,
    ]
    assert table.loc[("looped", "인지", ""), ["customers", "times", "departed"]].tolist() == [1, 1, 0]
    # Both who got past the stage are at the goal by that, so there is nothing to compare.
    assert math.isnan(table.loc[("skipped", "고려", ""), "gap"])


def test_a_clear_cost_is_said_with_conversions_and_revenue():
    n, found = 60, []
    for one in range(n):
        found += [oracle.Row(f"s{one:02}", "보기", 0), oracle.Row(f"s{one:02}", "묻기", 1)]
        found += [oracle.Row(f"s{one:02}", "담기", 2)] + [oracle.Row(f"s{one:02}", "사기", 3)] * (one < 45)
        found += [oracle.Row(f"x{one:02}", "보기", 0), oracle.Row(f"x{one:02}", "담기", 2)]
        found += [oracle.Row(f"x{one:02}", "사기", 3)] * (one < 15)
    log = event_log(found)
    log = replace(log, amount=np.where(log.event == log.event_names.index("사기"), 100.0, np.nan))
    stages = stage_map({"사기": "구매"}, "구매")
    answer = conformance(log, stages, steps=["event:보기", "event:묻기", "event:담기", "구매"])
    (row,) = answer.deviations.itertuples()
    assert (row.way, row.step, row.departed, row.at_goal, row.compared) == ("skipped", "묻기", 60, 15, 60)
    assert (row.gap, row.goals_short, row.money_short, row.clear) == (-0.5, 30.0, 3000.0, True)
    assert answer.costs[0].code == "conformance.cost_lower_money"
    assert answer.headline.value == 45 / 120
    assert all(speak(answer)) and all(speak_lines(answer))


def test_where_no_row_is_at_the_goal_it_is_the_last_step_and_the_page_says_so():
    found = []
    for one in range(60):
        found += [oracle.Row(f"s{one:02}", "보기", 0), oracle.Row(f"s{one:02}", "묻기", 1)]
        found += [oracle.Row(f"s{one:02}", "담기", 2)] * (one < 45)
        found += [oracle.Row(f"x{one:02}", "묻기", 0), oracle.Row(f"x{one:02}", "보기", 1)]
        found += [oracle.Row(f"y{one:02}", "보기", 0), oracle.Row(f"y{one:02}", "묻기", 1)]
        found += [oracle.Row(f"y{one:02}", "보기", 2)] + [oracle.Row(f"y{one:02}", "담기", 3)] * (one < 15)
    stages = stage_map({"보기": "인지", "묻기": "고려", "담기": "구매"}).add_stage("재구매")
    answer = conformance(event_log(found), stages, steps=["인지", "고려", "구매"])
    back = answer.deviations.set_index("way").loc["back"]
    assert (back.departed, back.at_goal, back.compared, back.compared_share) == (60, 15, 60, 0.75)
    assert (answer.goal, back.goals_short, math.isnan(back.money_short)) == ("구매", 30.0, True)
    notes = {note.code: note.values for note in answer.notes}
    assert notes["conformance.note_goal"] == {"stage": "재구매", "goal": "구매"}
    assert notes["conformance.note_mix"]["goal"] == "구매"
    assert all(speak(answer)) and all(speak_lines(answer))


def test_without_anybody_in_order_there_is_nobody_to_compare_with_and_not_no_goal():
    """All go back from their second step: none of them came there and on."""
    found = [oracle.Row(who, event, at) for who in "ab" for at, event in enumerate(["보기", "담기", "보기"])]
    stages = stage_map({"보기": "인지", "담기": "고려", "사기": "구매"}, "구매")
    found.append(oracle.Row("c", "사기", 0))
    answer = conformance(event_log(found), stages)
    (back,) = (at for at, row in enumerate(answer.deviations.itertuples()) if row.way == "back")
    assert answer.costs[back].code == "conformance.cost_alone"
    assert all(speak(answer)) and all(speak_lines(answer))


def test_what_cannot_be_an_order_is_refused_or_said():
    found = [oracle.Row("a", "보기", 0), oracle.Row("b", "사기", 50_000)]
    log, stages = event_log(found), stage_map({"보기": "인지", "사기": "구매"})
    for wrong in (
        {"steps": ["인지", "인지"]},
        {"steps": ["인지"] * 13},
        {"unit": "visit"},
        {"active_within_days": -1},
    ):
        with pytest.raises(SettingWrong):
            conformance(log, stages, **wrong)
    for rule in ({"kind": "lost"}, {"kind": "skipped", "step": "구매 "}, {"kind": "back", "from": "인지"}):
        with pytest.raises(SettingWrong):
            members_of(log, stages, {"design": rule})
    empty = {
        "conformance.finding_few_steps": (log, StageMap()),
        "conformance.finding_no_rows": (log.where("value", ["강남"]), stages),
        "conformance.finding_nobody": (log, stage_map({"사기": "구매"})),
        "conformance.finding_no_deviation": (log, stages),
    }
    kinds = {tuple(conformance(*of).table.dtypes) for of in empty.values()}
    assert len(kinds) == 1
    for code, (own, map_) in empty.items():
        answer = conformance(own, map_)
        assert answer.finding.code == code and all(speak(answer))
