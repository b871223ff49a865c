from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.aggregates import visits as visits_module
from journey.aggregates.funnel import funnel_counts, funnel_members
from journey.aggregates.funnel_attempts import NEVER, Attempts, attempts
from journey.aggregates.funnel_plan import ENTRIES, ORDERS, funnel_plan
from journey.errors import SettingWrong, StageUnknown
from journey.events.log import EventLog
from journey.stages.stage_map import StageMap
from tests.analysis import oracle
from tests.analysis.logs import DAY, EVENTS, STAGES, disguised, event_log, places, rows, stage_map
from tests.endurance import examples

BEGIN = int(pd.Timestamp("2024-01-01", tz="Asia/Seoul").timestamp()) * 1_000_000


@dataclass(frozen=True)
class Funnel:
    """A setting as a user puts it, window in minutes."""

    steps: tuple[str, ...]
    order: str = "ordered"
    entry: str = "closed"
    window: float | None = 30 * DAY
    exclude: tuple[str, ...] = ()
    first: str = "matching"


# ---- the law, as plain loops over all chains of rows ------------------------------------------------------


def best_attempt(history, placed, funnel):
    """(entry, last step, instants by step) of one customer, steps counted from 1; None: no attempt counts."""

    def serves(event, name):
        return (
            event == name.removeprefix("event:") if name.startswith("event:") else placed.get(event) == name
        )

    steps = range(len(funnel.steps))
    served = {row.event: [k for k in steps if serves(row.event, funnel.steps[k])] for row in history}
    excluded = [row.minute for row in history if any(serves(row.event, name) for name in funnel.exclude)]
    history = [row for row in history if served[row.event] or not is_ignored(row.event, placed)]
    history.sort(key=lambda row: (row.minute, not served[row.event], served[row.event]))
    window = float("inf") if funnel.window is None else funnel.window

    def chains(chain, step):
        """All ways on from a chain of positions whose last one serves `step`."""
        yield chain
        if step + 1 == len(funnel.steps):
            return
        later = range(chain[-1] + 1, len(history))
        for at in later if funnel.order != "strict" else later[:1]:
            near = history[at].minute - history[chain[0]].minute <= window
            if near and step + 1 in served[history[at].event]:
                yield from chains([*chain, at], step + 1)

    tries = []
    for position, row in enumerate(history):
        if funnel.order == "any":
            inside = [r for r in history[position:] if r.minute - row.minute <= window and served[r.event]]
            if not served[row.event]:
                continue
            instants = sorted({k: r.minute for r in reversed(inside) for k in served[r.event]}.values())
            tries.append((position, 0, instants))
            continue
        for entry in steps if funnel.entry == "open" else steps[:1]:
            if entry in served[row.event]:
                times = [[history[at].minute for at in chain] for chain in chains([position], entry)]
                tries.append((position, entry, min(times, key=lambda found: (-len(found), found))))
    if funnel.first == "ever" and tries:
        tries = [one for one in tries if one[0] == tries[0][0]]
    valid = []
    for position, entry, times in tries:
        done = entry + len(times) == len(funnel.steps)
        until = times[-1] if done else times[0] + window
        void = [at for at in excluded if times[0] < at and (at < until if done else at <= until)]
        if not void:
            valid.append((position, entry, times))
    if not valid:
        return None
    # Of two that end and start at one time the later row in the order of the steps is the later start.
    _, entry, times = min(valid, key=lambda one: (-len(one[2]), -one[1], one[2][-1], -one[0]))
    return (1, len(times), times) if funnel.order == "any" else (entry + 1, entry + len(times), times)


def is_ignored(event, placed):
    return event in placed and placed[event] is None


@st.composite
def funnels(draw, placed):
    """Steps among stages and events, other settings at random; what is excluded serves no step."""
    names = [*STAGES, *(f"event:{event}" for event in EVENTS)]
    steps = tuple(draw(st.lists(st.sampled_from(names), min_size=1, max_size=4)))
    free = [event for event in EVENTS if f"event:{event}" not in steps and placed.get(event) not in steps]
    exclude = draw(st.sampled_from([None, None, *free]))
    order = draw(st.sampled_from(ORDERS))
    events = [name.removeprefix("event:") for name in steps if name.startswith("event:")]
    twice = len(set(steps)) < len(steps) or any(placed.get(event) in steps for event in events)
    return Funnel(
        steps=steps,
        order="strict" if twice and order == "any" else order,
        entry=draw(st.sampled_from(ENTRIES)),
        window=draw(st.sampled_from([None, 0, 1, 3, 60, 30 * DAY])),
        exclude=() if exclude is None else (f"event:{exclude}",),
        first=draw(st.sampled_from(["matching", "matching", "ever"])),
    )


@st.composite
def cases(draw, *, sessions=False):
    """All events stand in the log, so that any of them may be a step; few rows of each customer."""
    found = draw(rows(most=20, sessions=sessions))
    found += [oracle.Row("other", event, 50 * DAY + k) for k, event in enumerate(EVENTS)]
    placed = draw(places())
    return found, placed, draw(funnels(placed))


def plan(log, stages, funnel, **more):
    days = None if funnel.window is None else funnel.window / DAY
    return funnel_plan(
        log,
        stages,
        steps=funnel.steps,
        order=funnel.order,
        entry=funnel.entry,
        window_days=days,
        exclude=funnel.exclude,
        first=funnel.first,
        **more,
    )


def by_customer(log, found):
    """{customer: (entry, last, minutes)} of those with an attempt."""
    seen = {}
    for position, customer in enumerate(log.customer_ids.to_pylist()):
        known = found.at[position][found.at[position] != NEVER]
        if found.furthest[position]:
            minutes = ((known - BEGIN) // 60_000_000).tolist()
            seen[customer] = (int(found.entry[position]), int(found.furthest[position]), minutes)
        else:
            assert not len(known) and not found.entry[position]
    return seen


@settings(max_examples=examples(160), deadline=None)
@given(cases(), st.sampled_from([1, 5, 1 << 17]))
def test_best_attempts_equal_all_chains_tried_one_by_one_whatever_the_block(case, block):
    found, placed, funnel = case
    log = replace(event_log(found), date_only=False)
    before, visits_module._BLOCK_ROWS = visits_module._BLOCK_ROWS, block
    try:
        got = attempts(plan(log, stage_map(placed), funnel))
    finally:
        visits_module._BLOCK_ROWS = before
    every = {who: best_attempt(history, placed, funnel) for who, history in oracle.histories(found).items()}
    want = {who: best for who, best in every.items() if best is not None}
    assert by_customer(log, got) == want
    counts = funnel_counts(got)
    steps = range(1, len(funnel.steps) + 1)
    assert counts.reached.tolist() == [sum(a <= k <= b for a, b, _ in want.values()) for k in steps]
    assert counts.entered.tolist() == [sum(a == k for a, _, _ in want.values()) for k in steps]
    assert counts.lost.tolist() == [
        sum(b == k for _, b, _ in want.values()) if k < len(steps) else 0 for k in steps
    ]
    assert counts.n_started == len(want)
    for k in steps:
        sizes = [int(got.members(k, outcome).sum()) for outcome in ("reached", "continued", "lost")]
        assert sizes[0] == counts.reached[k - 1] == sizes[1] + sizes[2]
        assert sizes[2] == counts.lost[k - 1]


# ---- laws ------------------------------------------------------------------------------------------------


@settings(max_examples=examples(16), deadline=None)
@given(cases())
def test_a_funnel_never_grows_but_by_those_who_enter_and_never_exceeds_reach(case):
    found, placed, funnel = case
    log, stages = replace(event_log(found), date_only=False), stage_map(placed)
    counts = funnel_counts(attempts(plan(log, stages, funnel)))
    assert (counts.continued[1:] <= counts.reached[:-1]).all()
    assert counts.n_started <= log.n_customers
    if funnel.entry == "closed" or funnel.order == "any":
        assert (np.diff(counts.reached) <= 0).all()
    if funnel.order != "any":
        for step, reached in zip(funnel.steps, counts.reached, strict=True):
            alone = funnel_counts(attempts(plan(log, stages, Funnel((step,), entry="open", window=None))))
            assert reached <= alone.reached[0]


@settings(max_examples=examples(16), deadline=None)
@given(rows(), places(), st.sampled_from(STAGES), st.sampled_from(ORDERS))
def test_a_one_step_open_funnel_without_window_is_reach(found, placed, stage, order):
    log = event_log(found)
    funnel = Funnel((stage,), order=order, entry="open", window=None)
    counts = funnel_counts(attempts(plan(log, stage_map(placed), funnel)))
    seen = {row.customer for row in found if placed.get(row.event) == stage}
    assert counts.reached.tolist() == [len(seen)]


@settings(max_examples=examples(16), deadline=None)
@given(cases(), st.randoms(use_true_random=False))
def test_order_of_rows_names_of_customers_and_parts_of_the_log_change_nothing(case, random):
    found, placed, funnel = case
    stages = stage_map(placed)

    def counted(some):
        log = replace(event_log(some), date_only=False)
        have = tuple(name for name in funnel.exclude if name.removeprefix("event:") in log.event_names)
        return funnel_counts(attempts(plan(log, stages, replace(funnel, exclude=have))))

    def same(one, other):
        return all(np.array_equal(getattr(one, n), getattr(other, n)) for n in ("reached", "entered", "lost"))

    mine = [row for row in found if row.customer != "other"]
    others = [row for row in found if row.customer == "other"]
    whole = counted(found)
    shuffled, renamed, _ = disguised(mine, random)
    assert same(whole, counted(shuffled + others))
    assert same(whole, counted(renamed + others))
    log = replace(event_log(found), date_only=False)
    part = np.arange(log.n_customers) % 2 == 0
    halves = [
        funnel_counts(attempts(plan(log.of_customers(flags), stages, funnel))) for flags in (part, ~part)
    ]
    assert same(whole, halves[0] + halves[1])
    assert (halves[0] + halves[1]).n_units == whole.n_units


@settings(max_examples=examples(16), deadline=None)
@given(cases(sessions=True), st.integers(1, 4))
def test_sessions_are_followed_each_on_its_own_and_lead_back_to_their_customers(case, step):
    found, placed, funnel = case
    log = replace(event_log(found, sessions=True), date_only=False)
    own = plan(log, stage_map(placed), funnel, unit="session")
    got = attempts(own)
    parts = oracle.histories(oracle.sessions(found, gap=30))
    every = {who: best_attempt(history, placed, funnel) for who, history in parts.items()}
    want = {who: best for who, best in every.items() if best is not None}
    ids = own.log.customer_ids.to_pylist()
    units = [(one.split("\x1f")[0], int(one.split("\x1f")[1])) for one in ids]
    assert {units[i]: int(got.furthest[i]) for i in np.flatnonzero(got.furthest)} == {
        who: last for who, (_, last, _) in want.items()
    }
    step = min(step, len(funnel.steps))
    days = None if funnel.window is None else funnel.window / DAY
    flags = funnel_members(
        log,
        stage_map(placed),
        step=step,
        outcome="reached",
        unit="session",
        **{n: getattr(funnel, n) for n in ("steps", "order", "entry", "exclude", "first")},
        window_days=days,
    )
    there = {who for (who, _), (entry, last, _) in want.items() if entry <= step <= last}
    assert set(np.array(log.customer_ids.to_pylist(), dtype=object)[flags]) == there


# ---- known answers ---------------------------------------------------------------------------------------


def of_days(people, step_names):
    """A log of letters at days (a number each) or (name, days), every letter a stage of its own."""
    told = [
        oracle.Row(who, event, round(day * DAY)) for who, events in people.items() for event, day in events
    ]
    stages = StageMap()
    for name in step_names:
        stages = stages.add_stage(name)
        stages = stages.place(name, stages.named(name).id)
    return replace(event_log(told), date_only=False), stages


def spelt(text):
    """ "A0 B1" -> [("A", 0), ("B", 1)]."""
    return [(word[0], float(word[1:])) for word in text.split()]


O_62 = {
    "u1": "A0 B1 C2",
    "u2": "A0 X1 B2 C3",
    "u3": "B0 A1 C2",
    "u4": "A0 B8",
    "u5": "A0 B6 C8",
    "u6": "A0 A5 B9 C11",
    "u7": "B0 C1",
    "u8": "A0 B0 C7",
    "u9": "A0 C1",
}


@pytest.mark.parametrize(
    ("order", "want"), [("ordered", [8, 5, 4]), ("strict", [8, 4, 3]), ("any", [9, 8, 5])]
)
def test_o_62_nine_customers_in_three_orders(order, want):
    log, stages = of_days({who: spelt(text) for who, text in O_62.items()}, "ABC")
    own = funnel_plan(log, stages, steps=["A", "B", "C"], order=order, window_days=7)
    assert funnel_counts(attempts(own)).reached.tolist() == want


def test_o_63_the_conversion_window_of_posthog():
    people = {f"a{k}": spelt("A0 B1" if k < 10 else "A0 B9") for k in range(25)}
    log, stages = of_days({**people, "b": [("X", 0)], "c": [("X", 3)]}, "ABC")
    own = funnel_plan(log, stages, steps=["A", "B", "C"], window_days=7)
    assert funnel_counts(attempts(own)).reached.tolist() == [25, 10, 0]


def test_o_64_the_exclusion_of_posthog():
    people = {
        "p1": [("S", 0), ("P", 0.1)],
        "p2": [("S", 0), ("X", 0.1), ("P", 0.2)],
        "p3": [("S", 0), ("X", 1 / 24)],
        "p4": [("S", 0), ("X", 25 / 24)],
    }
    log, stages = of_days(people, "SP")
    own = funnel_plan(log, stages, steps=["S", "P"], window_days=1, exclude=["event:X"])
    got = attempts(own)
    assert funnel_counts(got).reached.tolist() == [2, 1]
    assert np.array(["p1", "p2", "p3", "p4"])[got.furthest > 0].tolist() == ["p1", "p4"]


@pytest.mark.parametrize(
    ("text", "steps", "more", "want"),
    [
        # The best attempt ends first with the latest start, its steps as early as they come.
        ("A0 A1 B2 B3 C4 A5 B6 C7", "ABC", {}, [1, 2, 4]),
        # One that ends later counts where only it stays in the window.
        ("A0 B5 C9 A20 B21 C22", "ABC", {"window_days": 8}, [20, 21, 22]),
        # One row serves one step: a second purchase needs a second row.
        ("A0", "AA", {}, [0]),
        ("A0 A3", "AA", {}, [0, 3]),
        # First ever: the first start only, whatever came of later ones.
        ("A0 A50 B51", "AB", {"first": "ever"}, [0]),
        ("A0 A50 B51", "AB", {}, [50, 51]),
        # Nothing of the first step, but open.
        ("B0 C1", "ABC", {}, []),
        ("B0 C1", "ABC", {"entry": "open"}, [0, 1]),
        # Any order: the window that holds the most, reached in its own order.
        ("C0 A40 C41 B42", "ABC", {"order": "any"}, [40, 41, 42]),
        ("A0 B7", "AB", {"window_days": 7}, [0, 7]),
    ],
)
def test_instants_of_the_best_attempt(text, steps, more, want):
    log, stages = of_days({"u": spelt(text)}, sorted(set(text) & set("ABC") | set(steps)))
    got = attempts(funnel_plan(log, stages, steps=list(steps), **more))
    assert [round((at - BEGIN) / 86_400e6) for at in got.at[0] if at != NEVER] == want


# ---- the setting -----------------------------------------------------------------------------------------


def small():
    return event_log([oracle.Row("a", "보기", 5), oracle.Row("a", "사기", 7)])


@pytest.mark.parametrize(
    "wrong",
    [
        {"order": "random"},
        {"entry": "half"},
        {"first": "last"},
        {"unit": "visit"},
        {"window_days": -1},
        {"window_days": float("nan")},
        {"steps": [STAGES[0]] * 13},
        {"steps": ["event:보기"], "exclude": ["event:보기"]},
        {"steps": ["event:보기", "event:보기"], "order": "any"},
    ],
)
def test_a_wrong_setting_is_refused(wrong):
    with pytest.raises(SettingWrong) as caught:
        funnel_plan(small(), stage_map({}), **wrong)
    assert caught.value.values["setting"] in wrong


def test_dates_alone_have_windows_of_whole_days_only():
    log = replace(small(), date_only=True)
    assert funnel_plan(log, stage_map({}), window_days=7).within == 7 * 86_400_000_000
    with pytest.raises(SettingWrong):
        funnel_plan(log, stage_map({}), window_days=0.5)


def test_an_unknown_step_names_what_there_is():
    with pytest.raises(StageUnknown):
        funnel_plan(small(), stage_map({}), steps=["event:묻기"])
    with pytest.raises(StageUnknown):
        funnel_plan(small(), stage_map({}), steps=["없음"])


def test_without_stages_or_rows_nobody_is_anywhere():
    nothing = attempts(funnel_plan(small(), StageMap()))
    assert nothing.at.shape == (1, 0)
    assert funnel_counts(nothing).n_started == 0
    log: EventLog = small().of_customers(np.zeros(1, dtype=bool))
    empty = attempts(funnel_plan(log, stage_map({"보기": STAGES[0]})))
    assert isinstance(empty, Attempts)
    assert funnel_counts(empty).reached.tolist() == [0, 0, 0]


def test_who_is_asked_for_a_step_or_an_outcome_that_is_not_there():
    got = attempts(funnel_plan(small(), stage_map({"보기": STAGES[0]})))
    for step, outcome in ((0, "lost"), (4, "lost"), (True, "lost"), (1, "gone")):
        with pytest.raises(SettingWrong):
            got.members(step, outcome)
    assert got.members(1, "reached").tolist() == [True]
