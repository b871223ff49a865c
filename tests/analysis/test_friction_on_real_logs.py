"""Loops, repeats and waiting in two logs that nobody here wrote, counted again by pandas alone."""

from __future__ import annotations

import pandas as pd
import pytest

from journey.analysis.friction import friction
from journey.events.log import EventLog
from journey.stages.stage_map import StageMap

FILES = ("helpdesk", "receipt")

pytestmark = pytest.mark.needs_shared_data


def rows(folder, name):
    frame = pd.read_csv(folder / f"events/{name}.csv", dtype=str)
    frame = frame.rename(
        columns={"case:concept:name": "case", "concept:name": "event", "time:timestamp": "time"}
    )
    return frame.assign(time=pd.to_datetime(frame["time"], utc=True, format="ISO8601"))


def answer(folder, name):
    """Every activity in one stage before an empty goal, so that each is scored as an event."""
    frame = rows(folder, name)
    log = EventLog.from_frame(frame, customer="case", event="event", time="time")
    stages = StageMap().add_stage("work").add_stage("goal")
    for event in log.event_names:
        stages = stages.place(event, stages.named("work").id)
    return friction(log, stages, group="event")


def counted(frame):
    """The same by pandas: runs of one activity in a case, the time to the next run, and repeats within."""
    frame = frame.sort_values(["case", "time", "event"], kind="stable")
    new = (frame["case"] != frame["case"].shift()) | (frame["event"] != frame["event"].shift())
    again = frame[~new].groupby("event")["case"].agg(repeats="size", repeated="nunique")
    runs = frame[new].copy()
    runs["wait"] = (runs.groupby("case")["time"].shift(-1) - runs["time"]).dt.total_seconds()
    table = runs.groupby("event").agg(visits=("case", "size"), customers=("case", "nunique"))
    table["loops"] = table["visits"] - table["customers"]
    waits = runs.dropna(subset="wait").groupby("event")["wait"]
    table["median_seconds"] = waits.quantile(0.5, interpolation="lower")
    table["finished"] = waits.size()
    return table.join(again).fillna({"repeats": 0, "repeated": 0, "finished": 0})


@pytest.mark.parametrize("name", FILES)
def test_loops_repeats_and_waiting_are_those_that_pandas_counts(shared_data, name):
    own = answer(shared_data, name).table.set_index("name")
    want = counted(rows(shared_data, name))
    assert set(own.index) == set(want.index)
    for column in want:
        pd.testing.assert_series_equal(
            own[column].sort_index(), want[column].sort_index(), check_dtype=False, check_names=False
        )


def test_tickets_wait_and_are_taken_in_charge_again_and_again(shared_data):
    found = answer(shared_data, "helpdesk")
    assert found.n_customers == 4580
    own = found.table.set_index("name")
    assert own.loc["Wait", ["reason", "median_seconds"]].tolist() == ["waiting", 630163]
    # A resolved ticket is closed by itself after thirty days.
    assert own.loc["Resolve ticket", "reason"] == "waiting"
    assert round(own.loc["Resolve ticket", "median_seconds"] / 86_400, 2) == 30
    assert own.loc["Take in charge ticket", ["loops", "looped", "reason"]].tolist() == [676, 562, "loops"]
    assert own.loc["Assign seriousness", ["repeats", "repeated"]].tolist() == [439, 392]
    assert own.iloc[0].name == "Closed"


def test_permits_go_round_where_they_are_checked(shared_data):
    found = answer(shared_data, "receipt")
    assert found.n_customers == 1434
    own = found.table.set_index("name")
    assert own["loops"].idxmax() == "T06 Determine necessity of stop advice"
    assert own.loc[own["loops"].idxmax(), ["loops", "looped"]].tolist() == [101, 58]
    assert own.loc["T03 Adjust confirmation of receipt", ["loops", "looped"]].tolist() == [18, 11]
