"""Records of experiments by hand, and random ones."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st

from journey.events.encode import encode
from journey.events.log import EventLog
from journey.events.other_tables import OtherTables
from journey.stages.experiment_plan import Metric, Plan

BEGIN = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


def record_table(rows, *, numbers=("x",), texts=()):
    """A table of records of dicts with customer, arm and minute, and perhaps experiment and columns."""
    columns = {
        "customer": pa.array([row.get("customer") for row in rows], pa.large_string()),
        "experiment": pa.array([row.get("experiment") for row in rows], pa.large_string()),
        "arm": pa.array([row.get("arm") for row in rows], pa.large_string()),
        "time": pa.array([instant(row.get("minute")) for row in rows], pa.timestamp("us", "UTC")),
    }
    columns |= {name: pa.array([row.get(name) for row in rows], pa.float64()) for name in numbers}
    columns |= {name: pa.array([row.get(name) for row in rows], pa.large_string()) for name in texts}
    return pa.table(columns)


def instant(minute):
    """The moment so many minutes after the beginning; None for None."""
    return None if minute is None else BEGIN + dt.timedelta(minutes=minute)


def tables_of(*rows, **columns):
    """The tables of a project with one file of these records."""
    return OtherTables(records=(record_table(rows, **columns),))


def metric(kind, of, **more):
    """A metric of some kind; a text names a column."""
    return Metric(id=more.pop("id", "m"), kind=kind, of={"column": of} if isinstance(of, str) else of, **more)


def plan_of(*metrics, **more):
    """A plan with these metrics, about the only experiment there is."""
    return Plan(metrics=metrics, **more)


def record_rows(customers="abcdef", arms=("A", "B"), most=20):
    """Rows of an experiment with columns x (numbers), yes (0 or 1) and seen (a text)."""
    number = st.one_of(st.none(), st.integers(-3, 9).map(float), st.sampled_from([np.inf, -np.inf]))
    return st.lists(
        st.fixed_dictionaries(
            {
                "customer": st.sampled_from(customers),
                "arm": st.sampled_from(arms),
                "minute": st.one_of(st.none(), st.integers(0, 5 * 24 * 60)),
                "x": number,
                "yes": st.sampled_from([None, 0.0, 1.0]),
                "seen": st.sampled_from([None, "앱", "웹"]),
            }
        ),
        min_size=1,
        max_size=most,
    )


def log_of(rows, *, zone="UTC", of="event"):
    """The log of dicts with customer, event and minute, and perhaps amount and arm (an attribute)."""

    def codes(name):
        return encode(pa.chunked_array([pa.array([row.get(name) for row in rows], pa.large_string())]))

    minutes = np.array([row["minute"] for row in rows], dtype=np.int64)
    amounts = np.array([np.nan if row.get("amount") is None else row["amount"] for row in rows])
    return EventLog.from_codes(
        *codes("customer"),
        *codes("event"),
        int(BEGIN.timestamp()) * 1_000_000 + minutes * 60_000_000,
        attributes={"arm": (*codes("arm"), of)},
        amount=amounts,
        zone=zone,
    )


def log_rows(customers="abcdef", most=30):
    """Rows of a log of some days with ties, amounts and arms."""
    return st.lists(
        st.fixed_dictionaries(
            {
                "customer": st.sampled_from(customers),
                "event": st.sampled_from(["보기", "담기", "사기"]),
                "minute": st.one_of(st.integers(0, 9), st.integers(0, 24).map(lambda part: part * 360)),
                "amount": st.one_of(st.none(), st.integers(-2, 5).map(float)),
                "arm": st.sampled_from([None, None, "A", "B"]),
            }
        ),
        min_size=1,
        max_size=most,
    )
