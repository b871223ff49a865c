"""Exports that are known by their column names.

GA4, REES46 and XES are tried on real files in test_shared_roles.py. The Amplitude, Mixpanel and Segment
files here are generated from the column names that those tools document, not exported from them.
"""

from __future__ import annotations

import pytest

from journey.events.columns import event_columns, guess_table
from journey.i18n import LANGUAGES, text
from journey.sources.files import read_table
from tests.events.logs import event_log

AMPLITUDE = (
    "$insert_id,amplitude_id,app,city,client_event_time,client_upload_time,country,device_id,event_id,event_time,"
    "event_type,event_properties.plan,language,os_name,platform,session_id,user_id,user_properties.tier,uuid"
)
MIXPANEL = "event,time,distinct_id,$insert_id,$browser,$city,mp_country_code,mp_processing_time_ms,plan"
SEGMENT = "anonymousId,channel,event,messageId,originalTimestamp,receivedAt,sentAt,timestamp,type,userId"
SEGMENT_WAREHOUSE = (
    "id,received_at,uuid_ts,anonymous_id,context_ip,event,event_text,original_timestamp,sent_at,timestamp,"
    "user_id"
)
GA4 = (
    "event_date,event_timestamp,event_name,event_params.ga_session_id,event_params.page_title,user_id,"
    "user_pseudo_id,device.category,geo.country,traffic_source.medium"
)


def table(header, cells, rows=30):
    """A table whose cells follow from the number of the row; columns without a rule hold one constant."""
    names = header.split(",")
    lines = [",".join(str(cells.get(name, lambda i: "x")(i)) for name in names) for i in range(rows)]
    return read_table("\n".join([header, *lines]).encode(), "export.csv", header=1, delimiter=",")


def clock(i):
    return f"2024-03-{i % 28 + 1:02d} 10:{i % 60:02d}:00.123000"


def epoch(i):
    return 1_709_600_000 + 3600 * i


FILES = {
    "amplitude": (
        AMPLITUDE,
        {
            "amplitude_id": lambda i: 900_000_000 + i % 7,
            "user_id": lambda i: f"user-{i % 7}",
            "device_id": lambda i: f"device-{i % 9}",
            "event_type": lambda i: ("Sign Up", "Play")[i % 2],
            "event_time": clock,
            "client_event_time": clock,
            "client_upload_time": clock,
            "session_id": lambda i: 1_709_600_000_000 + i % 11,
            "event_id": lambda i: i,
        },
        ("user_id", "event_type", "event_time", "session_id"),
        "UTC",
    ),
    "mixpanel": (
        MIXPANEL,
        {
            "event": lambda i: ("Signed up", "Purchase")[i % 2],
            "time": epoch,
            "distinct_id": lambda i: f"user-{i % 7}",
            "$insert_id": lambda i: f"id{i}",
            "mp_processing_time_ms": lambda i: epoch(i) * 1000 + 5,
        },
        ("distinct_id", "event", "time", None),
        "Asia/Seoul",
    ),
    "segment": (
        SEGMENT,
        {
            "anonymousId": lambda i: f"anonymous-{i % 7}",
            "userId": lambda i: f"user-{i % 7}",
            "event": lambda i: ("Order Completed", "Product Viewed")[i % 2],
            "messageId": lambda i: f"m{i}",
            "type": lambda i: "track",
            **{
                name: lambda i: f"2024-03-{i % 28 + 1:02d}T10:00:00.000Z"
                for name in ("originalTimestamp", "receivedAt", "sentAt", "timestamp")
            },
        },
        ("userId", "event", "timestamp", None),
        "UTC",
    ),
}


@pytest.mark.parametrize("preset", FILES)
def test_a_preset_wins_over_the_guess(preset):
    header, cells, roles, zone = FILES[preset]
    raw = table(header, cells)
    found = guess_table(raw)
    assert (found.preset, found.kind, found.kinds["events"]) == (preset, "events", 1.0)
    choice = found.choice()
    assert tuple(choice.one(role) for role in ("customer", "event", "time", "session")) == roles
    assert choice.zone == zone
    assert not {*choice.all("attributes")} & {*roles}
    for role in ("customer", "event", "time"):
        (guess,) = found.roles["events"][role]
        assert guess.confidence == 1.0
        assert guess.reason.code == "columns.role_by_preset"
        assert all(
            found.reason.values["preset"] in text(guess.reason.code, language, **guess.reason.values)
            for language in LANGUAGES
        )
    log = event_log(raw, event_columns(choice), zone=choice.zone)
    assert (log.n_rows, log.n_customers, len(log.event_names)) == (30, 7, 2)
    assert log.days()[0].year == 2024


def test_properties_may_stand_under_a_prefix():
    header = "event,properties.time,properties.distinct_id,properties.$insert_id"
    cells = {
        "event": lambda i: ("a", "b")[i % 2],
        "properties.time": epoch,
        "properties.distinct_id": lambda i: f"u{i % 5}",
    }
    choice = guess_table(table(header, cells)).choice()
    assert (choice.one("customer"), choice.one("time")) == ("properties.distinct_id", "properties.time")


def test_a_warehouse_names_its_columns_in_another_way():
    cells = {
        **{name: clock for name in ("received_at", "original_timestamp", "sent_at", "timestamp", "uuid_ts")},
        "anonymous_id": lambda i: f"a{i % 7}",
        # Before they sign in nobody has a user id: the browser's id is full.
        "user_id": lambda i: f"u{i % 7}" if i % 3 == 0 else "",
        "event": lambda i: ("order_completed", "product_viewed")[i % 2],
        "event_text": lambda i: ("Order Completed", "Product Viewed")[i % 2],
    }
    found = guess_table(table(SEGMENT_WAREHOUSE, cells))
    choice = found.choice()
    assert found.preset == "segment"
    assert choice.one("customer") == "anonymous_id"
    assert (choice.one("event"), choice.one("time"), choice.zone) == ("event_text", "timestamp", "UTC")


def test_amplitude_without_users_counts_its_own_ids():
    header, cells, _, _ = FILES["amplitude"]
    choice = guess_table(table(header, {**cells, "user_id": lambda i: ""})).choice()
    assert choice.one("customer") == "amplitude_id"


def test_ga4_with_event_names_keeps_the_zone_of_the_project():
    cells = {
        "event_date": lambda i: f"202403{i % 28 + 1:02d}",
        "event_timestamp": lambda i: epoch(i) * 1_000_000,
        "event_name": lambda i: ("page_view", "purchase")[i % 2],
        "event_params.ga_session_id": epoch,
        "user_pseudo_id": lambda i: f"{i % 7}.123",
        "user_id": lambda i: "",
    }
    found = guess_table(table(GA4, cells))
    choice = found.choice(zone="Europe/London")
    assert found.preset == "ga4"
    assert choice.zone == "Europe/London"
    assert tuple(choice.one(role) for role in ("customer", "event", "time", "session")) == (
        "user_pseudo_id",
        "event_name",
        "event_timestamp",
        "event_params.ga_session_id",
    )


def test_one_name_of_a_tool_is_not_its_export():
    header, cells, _, _ = FILES["mixpanel"]
    assert (
        guess_table(table("event,time,user_id", {**cells, "user_id": lambda i: f"u{i % 5}"})).preset is None
    )
    # The names are there, but nothing stands under them.
    assert guess_table(table(header, {**cells, "distinct_id": lambda i: ""})).preset is None
