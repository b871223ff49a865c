"""Many p-values at once, against the published examples."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.statistics.corrections import false_discovery, holm
from tests.endurance import examples


def test_three_tests_as_o_15_has_them():
    p = [0.01, 0.04, 0.03]
    assert holm(p) == pytest.approx([0.03, 0.06, 0.06], abs=1e-12)
    assert false_discovery(p) == pytest.approx([0.03, 0.04, 0.04], abs=1e-12)


def test_fifteen_tests_of_benjamini_and_hochberg_as_o_14_has_them():
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344]
    p += [0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.000]
    q = [0.0015, 0.003, 0.0095, 0.035625, 0.0603, 0.06385714, 0.06385714, 0.0645, 0.0765]
    assert false_discovery(p)[:9] == pytest.approx(q, abs=1e-8)
    assert holm(p)[:6] == pytest.approx([0.0015, 0.0056, 0.0247, 0.114, 0.2211, 0.278], abs=1e-8)
    assert ((false_discovery(p) < 0.05).sum(), (holm(p) < 0.05).sum()) == (4, 3)


@settings(max_examples=examples(16))
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_corrected_values_are_those_of_statsmodels(p):
    from statsmodels.stats.multitest import multipletests

    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1], abs=1e-12)
    assert false_discovery(p) == pytest.approx(multipletests(p, method="fdr_bh")[1], abs=1e-12)


def test_what_was_not_tested_does_not_count():
    q = false_discovery([0.01, np.nan, 0.04, 0.03])
    assert np.isnan(q[1])
    assert q[[0, 2, 3]] == pytest.approx([0.03, 0.04, 0.04])
    assert holm([np.nan, 0.03])[1] == pytest.approx(0.03)
    assert np.isnan(false_discovery([np.nan])).all()
