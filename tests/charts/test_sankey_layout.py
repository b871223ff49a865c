"""The picture's laws: fewest crossings, nothing overlaps, and every node fills its sides."""

from __future__ import annotations

import random
from collections import defaultdict
from itertools import combinations, pairwise, permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.charts.sankey_layout import crossings, orders, sankey_layout
from tests.charts.answers import EN, KO, counted, nothing, sampled


def layout(answer, width=1100, height=520, names=lambda kind, name: name or kind):
    return sankey_layout(
        answer.links,
        answer.nodes,
        width=width,
        height=height,
        caption=names,
        amount=lambda n: f"{n:,.0f}",
        heading=lambda step, n, brevity: (f"{step}단계 · {n:,.0f}", f"{step}단계", f"{step}")[brevity],
        end_caption=lambda kind, customers, share: f"{kind} {share:.1%}",
        direction=answer.direction,
    )


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


@settings(max_examples=40, deadline=None)
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


@settings(max_examples=15, deadline=None)
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


@pytest.mark.parametrize("stages", [5, 9])
def test_order_is_the_same_for_any_order_of_rows(stages):
    answer = sampled(800, stages, 5, stay=0.85)
    first = layout(answer)
    shuffled = type(answer)(
        answer.links.sample(frac=1, random_state=1),
        answer.nodes.sample(frac=1, random_state=2),
        answer.colours,
        answer.n_customers,
    )
    assert layout(shuffled).orders == first.orders
    assert {n.key: n.y0 for n in layout(shuffled).nodes} == pytest.approx({n.key: n.y0 for n in first.nodes})


LONG = (
    "아주 긴 이름을 가진 단계라서 다 들어갈 수 없는 것",
    "Wide MMMM WWWW",
    "결제",
    "i",
    "가입하기 (앱)",
    *KO[5:],
)
PICTURES = {
    "one step": (sampled(300, 6, 1), 1100, 520),
    "six steps": (sampled(2000, 6, 6), 1100, 520),
    "twelve stages, twelve steps": (sampled(3000, 12, 12, stay=0.93), 1100, 520),
    "twelve in English": (sampled(3000, 12, 12, names=EN, stay=0.93), 1100, 520),
    "long names": (sampled(1000, 12, 8, names=LONG, stay=0.9), 900, 520),
    "a phone": (sampled(2000, 6, 6), 360, 460),
    "a phone, twelve steps": (sampled(3000, 12, 12, stay=0.93), 360, 460),
    "backward": (sampled(2000, 6, 5, backward=True), 1100, 520),
    "backward on a phone": (sampled(2000, 6, 5, names=EN, backward=True), 360, 460),
    "one customer": (counted([[0]], KO[:1], steps=1), 1100, 520),
    "low": (sampled(1000, 12, 5), 800, 180),
}


@pytest.mark.parametrize("name", PICTURES)
def test_no_two_words_overlap_and_none_leaves_the_sheet(name):
    answer, width, height = PICTURES[name]
    assert_words_are_apart(layout(answer, width, height).words, width, height)


@pytest.mark.parametrize("steps", range(1, 13))
@settings(max_examples=4, deadline=None)
@given(data=st.data())
def test_no_two_words_overlap_at_any_number_of_steps(steps, data):
    stages = data.draw(st.integers(1, 12))
    names = tuple(data.draw(st.permutations([*LONG, *EN]))[:stages])
    backward = data.draw(st.booleans())
    answer = sampled(300, stages, steps, names=names, stay=0.9, backward=backward)
    width, height = data.draw(st.integers(320, 1600)), data.draw(st.integers(180, 900))
    assert_words_are_apart(layout(answer, width, height).words, width, height)


def assert_words_are_apart(words, width, height):
    """No two boxes overlap and none leaves the sheet."""
    assert words
    for one, other in combinations(words, 2):
        a, b = one.box, other.box
        assert a[0] >= b[2] or b[0] >= a[2] or a[1] >= b[3] or b[1] >= a[3], (one, other)
    for word in words:
        left, top, right, bottom = word.box
        assert left >= -0.01 and top >= 0 and right <= width + 0.01 and bottom <= height + 0.01, word


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


def test_nothing_is_an_empty_sheet():
    assert layout(nothing()).nodes == ()


def test_narrow_columns_bring_a_legend_with_every_name():
    sheet = layout(sampled(3000, 12, 12, stay=0.93), 360, 460)
    legend = [word.text for word in sheet.words if word.role == "legend"]
    assert legend == list(KO) and len(sheet.keys) == 12
