"""Every node fills its sides, and boxes stand apart."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import pytest

from tests.charts.answers import sampled
from tests.charts.pictures import PICTURES, layout


@pytest.mark.parametrize("name", PICTURES)
def test_nodes_stand_on_the_sheet_in_their_order_and_apart(name):
    answer, width, height = PICTURES[name]
    sheet = layout(answer, width, height)
    place = {node.key: node for node in sheet.nodes}
    assert len(place) == len(answer.nodes)
    for column_ in sheet.orders:
        for upper, lower in pairwise(column_):
            assert place[upper].y1 < place[lower].y0
    for node in sheet.nodes:
        assert 0 <= node.x0 < node.x1 <= width and 0 < node.y0 < node.y1 <= height + 0.01


@pytest.mark.parametrize("name", ["six steps", "twelve stages, twelve steps", "backward"])
def test_inflow_is_outflow_plus_ends_on_both_sides_of_every_node(name):
    answer, width, height = PICTURES[name]
    sheet = layout(answer, width, height)
    first, last = sheet.orders[0][0][0], sheet.orders[-1][0][0]
    sides = defaultdict(float)
    for ribbon in sheet.ribbons:
        for key, side in ((ribbon.source, "right"), (ribbon.target, "left")):
            if key is not None:
                sides[key, side] += ribbon.customers
    for node in sheet.nodes:
        step = node.key[0]
        if answer.direction == "forward":
            assert sides[node.key, "right"] == node.customers
            assert step == first or sides[node.key, "left"] == node.customers
        else:
            assert sides[node.key, "left"] == node.customers
            assert step == last or sides[node.key, "right"] == node.customers


def test_ribbons_of_a_node_do_not_cross_each_other_and_fill_its_side():
    sheet = layout(sampled(2000, 6, 6))
    place = {node.key: node for node in sheet.nodes}
    for node in sheet.nodes:
        leaving = sorted((r for r in sheet.ribbons if r.source == node.key), key=lambda r: r.y00)
        targets = [place[r.target].y0 for r in leaving if r.target]
        assert targets == sorted(targets)
        assert all(r.end == "" for r in leaving[: len(targets)]), "stubs stand below the ribbons that go on"
        assert leaving[0].y00 == pytest.approx(node.y0, abs=1) and leaving[-1].y01 == pytest.approx(
            node.y1, abs=1
        )


def test_heights_are_customers():
    sheet = layout(sampled(2000, 6, 6))
    tall = [node for node in sheet.nodes if node.y1 - node.y0 > 3]
    scale = {round((node.y1 - node.y0) / node.customers, 6) for node in tall}
    assert len(scale) == 1
