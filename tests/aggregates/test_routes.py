from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.aggregates import routes as routes_module
from journey.aggregates import visits
from journey.aggregates.nodes import nodes
from journey.aggregates.routes import _numbered, route_counts
from tests.analysis.logs import cases, event_log, stage_map
from tests.analysis.oracle import Row
from tests.endurance import examples


@settings(max_examples=examples(40), deadline=None)
@given(cases(), st.sets(st.sampled_from("abcd")))
def test_counts_of_disjoint_customers_add_up(case, chosen):
    """All but the medians, which no two parts can give."""
    found, placed, rules = case
    log, stages = event_log(found), stage_map(placed)
    part = np.array([one in chosen for one in log.customer_ids.to_pylist()])

    def counted(some):
        return route_counts(some, stages, nodes(some, stages, rules.group))

    def by_path(counts):
        paths = [tuple(path.tolist()) for path in counts.paths]
        assert len(set(paths)) == len(paths) == counts.n_routes
        return Counter(dict(zip(paths, counts.customers.tolist(), strict=True)))

    whole, one, other = (counted(some) for some in (log, log.of_customers(part), log.of_customers(~part)))
    assert by_path(whole) == by_path(one) + by_path(other)
    assert whole.n_visitors == one.n_visitors + other.n_visitors


@pytest.mark.parametrize("block", [1 << 17, 700])
@pytest.mark.parametrize("short", [800, 799])
def test_a_route_is_the_same_in_every_block_and_however_long_others_are(monkeypatch, block, short):
    """Long and short routes of the same customers, once all together and once in blocks of few customers.

    Once all of their words are looked up, and once they are made where a route is longer than the table.
    """
    monkeypatch.setattr(visits, "_BLOCK_ROWS", block)
    monkeypatch.setattr(routes_module, "_SHORT", short)
    long = ("보기", "담기") * 400
    routes = {"a": long, "b": ("보기", "담기"), "c": long, "d": ("보기", "담기"), "e": long[:-1]}
    rows = [Row(who, event, minute) for who, path in routes.items() for minute, event in enumerate(path)]
    log, stages = event_log(rows), stage_map({"보기": "고려", "담기": "구매"})
    counts = route_counts(log, stages, nodes(log, stages))
    assert [len(path) for path in counts.paths] == [2, 800, 799]
    assert counts.customers.tolist() == [2, 2, 1]
    assert counts.median_seconds.tolist() == [60, 799 * 60, 798 * 60]


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(st.sampled_from([0, 1, 2, 1 << 62, (1 << 62) + 1, (1 << 64) - 1]), max_size=12))
def test_keys_have_one_number_exactly_where_they_are_equal(keys):
    """Also keys that begin alike and so meet in one cell."""
    codes, n_codes = _numbered(np.array(keys, dtype=np.uint64))
    assert len(codes) == len(keys)
    assert all(0 <= code < n_codes for code in codes.tolist())
    assert len(set(zip(codes.tolist(), keys, strict=True))) == len(set(codes.tolist())) == len(set(keys))
