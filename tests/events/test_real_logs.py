"""Logs from real files, by the facts that are known of them."""

from __future__ import annotations

import datetime as dt

import pytest

from journey.events.columns import event_columns, guess_table
from journey.sources.files import read_table
from tests.events.logs import event_log

pytestmark = pytest.mark.needs_shared_data


def load(folder, name, **settings):
    raw = read_table((folder / name).read_bytes(), name)
    found = guess_table(raw)
    return found, event_log(raw, event_columns(found.choice("events")), **settings)


@pytest.mark.parametrize(
    ("name", "roles", "rows", "customers", "events"),
    [
        (
            "events/helpdesk.csv",
            ("case:concept:name", "concept:name", "time:timestamp", None),
            21348,
            4580,
            14,
        ),
        ("events/receipt.csv", ("case:concept:name", "concept:name", "time:timestamp", None), 8577, 1434, 27),
        ("events/ga4_sample.csv", ("user_pseudo_id", None, "event_timestamp", None), 16003, 4418, 1),
        ("events/rees46_1000.csv", ("user_id", "event_type", "event_time", "user_session"), 1000, 330, 3),
        ("events/diginetica_semicolon.csv", ("session_id", None, "eventdate", None), 12391, 2986, 1),
        ("events/yoochoose_epoch_seconds.txt", ("SessionId", None, "Time", None), 13568, 3416, 1),
    ],
)
def test_logs(shared_data, name, roles, rows, customers, events):
    found, log = load(shared_data, name)
    choice = found.choice()
    assert tuple(map(choice.one, ("customer", "event", "time", "session"))) == roles
    assert (log.n_rows, log.n_customers, len(log.event_names)) == (rows, customers, events)


def test_ga4(shared_data):
    found, log = load(shared_data, "events/ga4_sample.csv", zone="UTC")
    assert log.days() == (dt.date(2020, 11, 1), dt.date(2021, 1, 31))
    assert found.events_possible[0] == "item_name"
    assert "item_name" in found.choice().all("attributes")


def test_sessions_stand_in_for_the_missing_users(shared_data):
    found, log = load(shared_data, "events/diginetica_semicolon.csv")
    assert found.roles["events"]["customer"][0].reason.values["missing"] == pytest.approx(0.62, abs=0.02)
    assert log.date_only


def test_deals_without_a_time_are_not_a_log_yet(shared_data):
    raw = read_table((shared_data / "korean/sales_funnel.xlsx").read_bytes(), "sales_funnel.xlsx")
    choice = guess_table(raw).choice("events")
    assert tuple(map(choice.one, ("customer", "event", "time"))) == ("Account", "Status", None)
    assert choice.missing == ("time",)
