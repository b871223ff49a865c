"""The sort of a log: packed words give what a plain sort of tuples gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.events import order
from journey.events.order import sort_rows

SECOND = 1_000_000
YEAR = 366 * 86_400 * SECOND

WHO = st.sampled_from([3, 4, 5, 6, 9])
WHAT = st.sampled_from([0, 1, 200, 255, 70_000])
WHEN = st.one_of(
    st.integers(0, 5).map(lambda k: k * SECOND),
    st.integers(0, 5).map(lambda k: k * 1_000),
    st.integers(-YEAR * 60, YEAR * 290),
)
ROWS = st.lists(st.tuples(WHO, WHAT, WHEN, st.integers(-1, 2), st.integers(-1, 2)), min_size=1, max_size=60)


@settings(deadline=None)
@given(ROWS, st.integers(0, 2))
def test_rows_are_ordered_by_customer_time_event_and_what_is_carried(rows, n_carried):
    who, what, when, *extra = (np.array(column) for column in zip(*rows, strict=True))
    carried = [codes.astype(np.int32) for codes in extra[:n_carried]]
    found = sort_rows(who.astype(np.int32), what, when, n_who=12, n_what=70_001, carried=carried)
    ordered = zip(np.repeat(np.arange(12), found.sizes), found.when, found.what, *found.carried, strict=True)
    expected = sorted((who, when, what, *extra[:n_carried]) for who, what, when, *extra in rows)
    assert list(ordered) == expected


@pytest.mark.parametrize("word", [64, 30, 20, 6])
@pytest.mark.parametrize("step", [1, 1_000, SECOND])
def test_every_road_gives_the_same_order(monkeypatch, word, step):
    # 64 bits hold the whole row; fewer hold a part of the time, which is repaired, or too little of it.
    monkeypatch.setattr(order, "_WORD", word)
    draw = np.random.default_rng(5)
    n = 3_000
    who, what = draw.integers(0, 40, n).astype(np.int32), draw.integers(0, 300, n).astype(np.int32)
    when, extra = draw.integers(0, 900_000, n) * step, draw.integers(-1, 3, n).astype(np.int32)
    when[::2] = when[1::2]
    for carried in ([], [extra]):
        found = sort_rows(who, what, when, n_who=40, n_what=300, carried=carried)
        rows = np.lexsort((*carried, what, when, who))
        assert (found.when == when[rows]).all()
        assert (found.what == what[rows]).all()
        assert (found.sizes == np.bincount(who)).all()
        assert not carried or (found.carried[0] == extra[rows]).all()


@pytest.mark.parametrize(
    ("n_what", "code"), [(255, np.uint8), (256, np.uint8), (257, np.uint16), (65_537, np.uint32)]
)
def test_codes_of_events_take_as_few_bytes_as_hold_them(n_what, code):
    what = np.array([n_what - 1, 0], dtype=np.int32)
    found = sort_rows(np.zeros(2, np.int32), what, np.array([2, 1]), n_who=1, n_what=n_what)
    assert found.what.dtype == code
    assert found.what.tolist() == [0, n_what - 1]
