"""The same answer always looks the same."""

from __future__ import annotations

import pytest

from tests.charts.answers import nothing, sampled
from tests.charts.pictures import layout


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


def test_nothing_is_an_empty_sheet():
    assert layout(nothing()).nodes == ()
