from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.aggregates.nodes import nodes
from journey.aggregates.routes import route_counts
from journey.aggregates.visits import visits
from tests.analysis.logs import cases, event_log, stage_map
from tests.endurance import examples


@settings(max_examples=examples(100), deadline=None)
@given(cases(), st.sets(st.sampled_from("abcd")))
def test_counts_of_disjoint_customers_add_up(case, chosen):
    """All but the medians, which no two parts can give."""
    found, placed, rules = case
    log, stages = event_log(found), stage_map(placed)
    part = np.array([one in chosen for one in log.customer_ids.to_pylist()])

    def counted(some):
        own = nodes(some, stages, rules.group)
        return route_counts(visits(some, stages, own), own.position)

    def by_path(counts):
        paths = [tuple(path.tolist()) for path in counts.paths]
        assert len(set(paths)) == len(paths) == counts.n_routes
        return Counter(dict(zip(paths, counts.customers.tolist(), strict=True)))

    whole, one, other = (counted(some) for some in (log, log.of_customers(part), log.of_customers(~part)))
    assert by_path(whole) == by_path(one) + by_path(other)
    assert whole.n_visitors == one.n_visitors + other.n_visitors
