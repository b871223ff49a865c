"""No order of the nodes has fewer crossings."""

from __future__ import annotations

import random
from itertools import combinations, pairwise, permutations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from journey.charts.sankey_orders import crossings, orders
from tests.endurance import examples


def column(step, n):
    return [(step, "stage", name) for name in "abcdefgh"[:n]]


@st.composite
def small_pictures(draw):
    sizes = draw(st.lists(st.integers(1, 5), min_size=2, max_size=3))
    if sum(size == 5 for size in sizes) > 2:
        sizes[1] = 3
    columns = [column(step, size) for step, size in enumerate(sizes, 1)]
    links = {}
    for left, right in pairwise(columns):
        for pair in product(left, right):
            if draw(st.booleans()):
                links[pair] = float(draw(st.integers(1, 50)))
    return columns, links


@settings(max_examples=examples(16), deadline=None)
@given(small_pictures())
def test_crossings_equal_the_minimum_over_all_orders_of_all_columns(picture):
    columns, links = picture

    def crossed(left, right):
        """Crossings between two ordered columns, counted pair by pair."""
        up, down = {k: i for i, k in enumerate(left)}, {k: i for i, k in enumerate(right)}
        drawn = [(up[s], down[t]) for s, t in links if s in up and t in down]
        return sum((a - c) * (b - d) < 0 for (a, b), (c, d) in combinations(drawn, 2))

    # Columns interact only with their neighbours, so a middle column that is given splits the search; every
    # order of every column is still tried.
    if len(columns) == 2:
        least = min(
            crossed(left, right) for left in permutations(columns[0]) for right in permutations(columns[1])
        )
    else:
        least = min(
            min(crossed(left, middle) for left in permutations(columns[0]))
            + min(crossed(middle, right) for right in permutations(columns[2]))
            for middle in permutations(columns[1])
        )
    found = orders(columns, links)
    assert crossings(found, links) == least
    assert [sorted(column) for column in found] == columns


@settings(max_examples=examples(15), deadline=None)
@given(st.randoms(use_true_random=False))
def test_four_columns_of_three_equal_the_minimum_over_all_orders_jointly(rng):
    columns = [column(step, 3) for step in range(1, 5)]
    links = {
        pair: float(rng.randint(1, 9))
        for left, right in pairwise(columns)
        for pair in product(left, right)
        if rng.random() < 0.5
    }
    least = min(crossings(choice, links) for choice in product(*[list(permutations(c)) for c in columns]))
    assert crossings(orders(columns, links), links) == least


def test_three_columns_of_five_equal_the_minimum_over_all_orders():
    rng = random.Random(11)
    columns = [column(step, 5) for step in range(1, 4)]
    links = {
        pair: float(rng.randint(1, 9))
        for left, right in pairwise(columns)
        for pair in rng.sample(list(product(left, right)), 11)
    }

    def crossed(left, right):
        return crossings([left, right], {pair: n for pair, n in links.items() if pair[0] in left})

    # The outer columns meet only in the middle one, each of whose 120 orders is tried against theirs.
    least = min(
        min(crossed(left, middle) for left in permutations(columns[0]))
        + min(crossed(middle, right) for right in permutations(columns[2]))
        for middle in permutations(columns[1])
    )
    assert 0 < least < crossings(columns, links)
    assert crossings(orders(columns, links), links) == least


def test_more_nodes_than_can_be_searched_still_cross_less_than_stage_order():
    rng = random.Random(5)
    columns = [column(step, 8) for step in range(1, 5)]
    links = {
        pair: float(rng.randint(1, 9))
        for left, right in pairwise(columns)
        for pair in product(left, right)
        if rng.random() < 0.25
    }
    found = orders(columns, links)
    assert [sorted(c) for c in found] == columns
    assert crossings(found, links) < crossings(columns, links)


def test_without_crossings_to_save_stages_stand_in_their_order():
    columns = [column(1, 4), column(2, 4)]
    assert orders(columns, {}) == columns
    everything = dict.fromkeys(product(*columns), 1.0)
    assert orders(columns, everything) == columns
