from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from journey.analysis.flows import flows
from tests.analysis import oracle
from tests.analysis.logs import STAGES, event_log, mapped, places, rows, stage_map


def links_of(answer):
    return {
        (r.step, (r.source_kind, r.source), (r.target_kind, r.target)): r.customers
        for r in answer.links.itertuples()
    }


def nodes_of(answer):
    return {
        (r.step, (r.kind, r.name)): r.customers
        for r in answer.nodes.rename(columns={"name": "name_"}).rename(columns={"name_": "name"}).itertuples()
    }


def counted(sets):
    return {key: len(who) for key, who in sets.items()}


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_flows_equal_plain_loops(data):
    found = data.draw(rows())
    placed = data.draw(places())
    group = data.draw(st.sampled_from(["stage", "event", "value"]))
    rules = oracle.Rules(
        order=STAGES,
        places=mapped(placed),
        group=group,
        steps=data.draw(st.integers(1, 5)),
        min_customers=data.draw(st.sampled_from([0, 0, 2, 3])),
        nodes=data.draw(st.sampled_from([None, None, 1, 2])),
    )
    names = {
        "stage": STAGES,
        "event": sorted(set(mapped(placed)) & {r.event for r in found}),
        "value": [*sorted({r.value for r in found if r.value}), ""],
    }[group]
    anchor = data.draw(st.sampled_from([None, *names]))
    into = data.draw(st.booleans())
    node = None if anchor is None else ("missing" if anchor == "" else "stage", anchor)
    rules = replace(rules, into=node) if into else replace(rules, start=node)
    want_links, want_nodes = oracle.flows(found, rules)
    answer = flows(
        event_log(found),
        stage_map(placed),
        steps=rules.steps,
        group=group,
        start=None if into else anchor,
        into=anchor if into else None,
        min_customers=rules.min_customers,
        nodes=rules.nodes,
    )
    assert links_of(answer) == counted(want_links)
    assert nodes_of(answer) == counted(want_nodes)
