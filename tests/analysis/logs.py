"""Random tiny logs, and the bridge from an oracle's rows to the package's own types."""

from __future__ import annotations

import pandas as pd
from hypothesis import strategies as st

from journey.events.log import EventLog
from journey.stages.stage_map import StageMap
from tests.analysis.oracle import Row

EVENTS = ("가입", "보기", "담기", "사기", "묻기", "쉬기")
STAGES = ("인지", "고려", "구매")
VALUES = ("강남", "부산")
DAY = 24 * 60


def rows(*, most=24, customers=("a", "b", "c", "d"), minutes=None, sessions=False):
    """Few minutes, so that ties are common; values and sessions may be missing."""
    minute = minutes or st.one_of(st.integers(0, 6), st.integers(0, 200), st.integers(0, 90 * DAY))
    return st.lists(
        st.builds(
            Row,
            customer=st.sampled_from(customers),
            event=st.sampled_from(EVENTS),
            minute=minute,
            value=st.sampled_from([*VALUES, None]),
            session=st.sampled_from(["s1", "s2", None]) if sessions else st.none(),
        ),
        min_size=1,
        max_size=most,
    )


def places():
    """Where each event stands: in a stage, ignored (None) or nowhere."""
    return st.dictionaries(st.sampled_from(EVENTS), st.sampled_from([*STAGES, *STAGES, None]))


def stage_map(placed, goal=None):
    """The stages with these placements; None puts an event into the bin."""
    stages = StageMap()
    for name in STAGES:
        stages = stages.add_stage(name)
    for event, stage in placed.items():
        stages = stages.ignore(event) if stage is None else stages.place(event, stages.named(stage).id)
    return stages if goal is None else stages.set_goal(stages.named(goal).id)


def mapped(placed):
    """The placements as the oracle wants them: mapped events only."""
    return {event: stage for event, stage in placed.items() if stage is not None}


def event_log(found, *, sessions=False, of="event"):
    """The log of these rows, minutes counted from 2024-01-01 in Korea."""
    frame = pd.DataFrame(
        {
            "customer": [row.customer for row in found],
            "event": [row.event for row in found],
            "time": pd.Timestamp("2024-01-01") + pd.to_timedelta([row.minute for row in found], unit="min"),
            "value": pd.Series([row.value for row in found], dtype="str"),
            "session": pd.Series([row.session for row in found], dtype="str"),
        }
    )
    named = {"attributes": ["value"]} if of == "event" else {"customer_attributes": ["value"]}
    return EventLog.from_frame(frame, session="session" if sessions else None, **named)
