"""Sessions of one event, against the sessions themselves."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.aggregates.bounces import Bounces, bounces
from tests.analysis.logs import event_log, rows
from tests.endurance import examples


@settings(max_examples=examples(24))
@given(rows(minutes=st.integers(0, 200), sessions=True), st.booleans())
def test_bounces_are_the_sessions_of_one_event(found, named):
    log = event_log(found, sessions=named)
    if log.date_only:
        return
    sizes = np.diff(log.by_session().offsets)
    assert bounces(log) == Bounces(len(sizes), int((sizes == 1).sum()))
