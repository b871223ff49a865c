"""Sessions of one event, against the sessions themselves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.aggregates import bounces as module
from journey.aggregates.bounces import Bounces, bounces
from tests.analysis.logs import event_log, rows
from tests.endurance import examples


@settings(max_examples=examples(60))
@given(rows(minutes=st.integers(0, 200), sessions=True), st.booleans(), st.sampled_from([1, 3, 1 << 17]))
def test_bounces_are_the_sessions_of_one_event_whatever_the_block(found, named, block):
    log = event_log(found, sessions=named)
    if log.date_only:
        return
    sizes = np.diff(log.by_session().offsets)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_BLOCK_ROWS", block)
        assert bounces(log) == Bounces(len(sizes), int((sizes == 1).sum()))
