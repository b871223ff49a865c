"""Quantiles of groups, against sorting each of them."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.aggregates.nearest_ranks import group_sizes, nearest_ranks
from tests.endurance import examples


@settings(max_examples=examples(24))
@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 1 << 45)), max_size=60),
    st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0]), min_size=1, max_size=3),
    st.sampled_from([1, 1000, 1 << 40]),
)
def test_every_quantile_is_the_value_that_sorting_finds(pairs, parts, unit):
    group = np.array([one for one, _ in pairs], dtype=np.int64)
    values = np.array([value // unit for _, value in pairs], dtype=np.int64)
    found = nearest_ranks(group, values, 5, *parts)
    # Whoever has a code beyond the groups counts nowhere.
    assert np.array_equal(nearest_ranks(group, values, 3, *parts), found[:, :3], equal_nan=True)
    for row, part in zip(found, parts, strict=True):
        for code in range(5):
            own = sorted(values[group == code].tolist())
            if not own:
                assert np.isnan(row[code])
                continue
            rank = max(1, math.ceil(round(part * len(own), 9)))
            assert row[code] == own[rank - 1]


def test_values_of_sixty_two_bits_are_found_too():
    group, values = np.array([0, 1, 1]), np.array([(1 << 62) + 8, 3, 1 << 62])
    assert nearest_ranks(group, values, 2, 0.5)[0] == pytest.approx([float((1 << 62) + 8), 3.0])


def test_a_million_values_give_those_of_numpy():
    draw = np.random.default_rng(3)
    group, values = draw.integers(0, 3, 50_000), draw.lognormal(18, 3, 50_000).astype(np.int64)
    for code in range(3):
        own = np.quantile(values[group == code], [0.5, 0.9], method="inverted_cdf")
        assert nearest_ranks(group, values, 3, 0.5, 0.9)[:, code] == pytest.approx(own)


@settings(max_examples=examples(8))
@given(st.lists(st.integers(0, 15), max_size=60), st.sampled_from([np.uint8, np.int64]))
def test_groups_of_bytes_and_of_numbers_have_the_same_sizes(codes, kind):
    group = np.array(codes, dtype=kind)
    for n in (16, 5):
        assert group_sizes(group, n).tolist() == [codes.count(code) for code in range(n)]
