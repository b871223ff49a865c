import numpy as np
from hypothesis import given, settings

from journey.aggregates.nodes import nodes
from journey.aggregates.routes import route_keys
from journey.aggregates.visits import Visits, active, visits
from journey.events.log import DAY
from tests.analysis import oracle
from tests.analysis.logs import cases, event_log, stage_map
from tests.endurance import examples

BEGIN = event_log([oracle.Row("a", "보기", 0)]).observed[0]


@settings(max_examples=examples(80), deadline=None)
@given(cases())
def test_visits_equal_plain_loops(case):
    found, placed, rules = case
    log, stages = event_log(found), stage_map(placed)
    own = nodes(log, stages, rules.group)
    got = visits(log, stages, own)
    want = [oracle.visits(history, rules) for _, history in sorted(oracle.histories(found).items())]
    assert np.diff(got.offsets).tolist() == [len(path) for path in want]
    flat = [visit for path in want for visit in path]
    assert [(own.kinds[code], own.names[code]) for code in got.node] == [node for node, _, _ in flat]
    assert ((got.first - BEGIN) // 60_000_000).tolist() == [first for _, first, _ in flat]
    assert ((got.last - BEGIN) // 60_000_000).tolist() == [last for _, _, last in flat]


@settings(max_examples=examples(40), deadline=None)
@given(cases())
def test_every_grouping_has_the_same_visitors(case):
    found, placed, _ = case
    log, stages = event_log(found), stage_map(placed)
    seen = [
        np.diff(visits(log, stages, nodes(log, stages, group)).offsets) > 0
        for group in ("stage", "event", "value")
    ]
    assert np.array_equal(seen[0], seen[1]) and np.array_equal(seen[0], seen[2])


def test_ties_are_ordered_by_stage_then_event_then_value():
    """All at one minute: 사기 is in an earlier stage than 가입 and 보기; 가입 precedes 보기 by name."""
    found = [
        oracle.Row("a", "보기", 0, "강남"),
        oracle.Row("a", "가입", 0, None),
        oracle.Row("a", "가입", 0, "부산"),
        oracle.Row("a", "사기", 0, "부산"),
        oracle.Row("a", "쉬기", 0, "강남"),
    ]
    log, stages = event_log(found), stage_map({"사기": "인지", "보기": "고려", "가입": "고려"})
    for group, names in (
        ("stage", ["인지", "고려"]),
        ("event", ["사기", "가입", "보기"]),
        ("value", ["부산", "", "강남"]),
    ):
        own = nodes(log, stages, group)
        assert [own.names[code] for code in visits(log, stages, own).node] == names


def test_active_is_at_most_a_quarter_of_the_window():
    """Window 0 to 400 minutes: with a day allowed, a last event at 300 is in time and one at 299 is not."""
    found = [
        oracle.Row(name, "보기", minute) for name, minute in (("a", 0), ("b", 299), ("c", 300), ("d", 400))
    ]
    log = event_log(found)
    assert active(log, DAY).tolist() == [False, False, True, True]
    assert active(log, 0).tolist() == [False, False, False, True]


def test_routes_with_equal_keys_are_equal_routes():
    """A million places of (visit, node): no two routes of this list share a key, and equal ones do."""
    random = np.random.default_rng(5)
    sizes = random.integers(1, 6, 100_000)
    seen = Visits(
        node=random.integers(0, 300, sizes.sum()).astype(np.int32),
        offsets=np.append(0, np.cumsum(sizes)),
        first=np.zeros(sizes.sum(), dtype=np.int64),
        last=np.zeros(sizes.sum(), dtype=np.int64),
        rows=np.ones(sizes.sum(), dtype=np.int64),
        row=np.zeros(sizes.sum(), dtype=np.int64),
    )
    who, keys = route_keys(seen)
    paths = [tuple(seen.node[seen.offsets[one] : seen.offsets[one + 1]].tolist()) for one in who]
    assert len(set(keys.tolist())) == len(set(paths))
