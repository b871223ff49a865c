"""Is it better since a day? Counted once more by loops over rows, and on logs with a planted change."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep

from journey.aggregates.before_after import HORIZON, MEASURES, before_after
from journey.errors import SettingWrong
from journey.events.log import EventLog
from journey.stages.stage_map import StageMap
from tests.endurance import examples

SINCE = dt.date(2024, 3, 1)
DAYS = 60
EVENTS = ("보기", "담기", "사기", "쉬기")


def mapped(**places):
    stages = StageMap()
    for name in dict.fromkeys(places.values()):
        stages = stages.add_stage(name)
    for event, name in places.items():
        stages = stages.place(event, stages.named(name).id)
    return stages


STAGES = mapped(보기="고려", 담기="고려", 사기="구매")
LINKS = {
    "stage": {"kind": "stage", "stage": STAGES.named("구매").id},
    "event": {"kind": "event", "event": "쉬기"},
    "link": {"kind": "link", "from": STAGES.named("고려").id, "to": STAGES.named("구매").id},
    "friction": {"kind": "friction", "of": "stage", "name": STAGES.named("고려").id},
    "friction_event": {"kind": "friction", "of": "event", "name": "담기"},
}


def log_of(rows):
    """(customer, event, hours since the day) -> a log that is watched for DAYS days on both sides."""
    begin = pd.Timestamp(SINCE, tz="UTC")
    edges = [("끝", "끝", -24 * DAYS), ("끝", "끝", 24 * DAYS - 1)]
    frame = pd.DataFrame([*rows, *edges], columns=["customer", "event", "hour"])
    times = begin + pd.to_timedelta(frame["hour"], unit="h")
    return EventLog.from_frame(frame.assign(time=times)[["customer", "event", "time"]], zone="UTC")


def by_loops(rows, link):
    """k and n before and after, by the words of the docstring."""
    stage_of = {"보기": "고려", "담기": "고려", "사기": "구매"}
    name_of = {STAGES.named(name).id: name for name in ("고려", "구매")}
    counts = []
    for low in (-(28 + HORIZON) * 24, 0):
        k = n = 0
        for customer in sorted({row[0] for row in rows}):
            own = sorted(
                (hour, stage_of.get(event, "~"), event) for who, event, hour in rows if who == customer
            )
            if link["kind"] in ("stage", "event"):
                starts = [hour for hour, stage, _ in own if stage != "~" and low <= hour < low + 28 * 24]
                if not starts:
                    continue
                n += 1
                wanted = name_of.get(link.get("stage"))
                k += any(
                    (stage == wanted if wanted else event == link["event"])
                    and starts[0] <= hour <= starts[0] + HORIZON * 24
                    for hour, stage, event in own
                )
                continue
            seen = []
            for hour, stage, event in own:
                node = event if link.get("of") == "event" else stage
                if stage != "~" and (not seen or seen[-1][1] != node):
                    seen.append((hour, node))
            base = (
                link.get("name") if link.get("of") == "event" else name_of[link.get("from") or link["name"]]
            )
            at = [i for i, (hour, node) in enumerate(seen) if node == base and low <= hour < low + 28 * 24]
            if not at:
                continue
            n += 1
            then = seen[at[0] + 1] if at[0] + 1 < len(seen) else None
            goes = then is not None and then[0] <= seen[at[0]][0] + HORIZON * 24
            if link["kind"] == "link":
                k += goes and then[1] == name_of[link["to"]]
            else:
                k += not goes
        counts += [k, n]
    return tuple(counts)


ROWS = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.sampled_from(EVENTS),
        st.one_of(st.integers(-40 * 24, 40 * 24), st.integers(-3, 3), st.sampled_from([0, 168, 169, -168])),
    ),
    min_size=1,
    max_size=20,
)


@settings(max_examples=examples(80), deadline=None)
@given(ROWS, st.sampled_from(sorted(LINKS)))
def test_the_counts_are_those_of_a_loop_over_the_rows(rows, name):
    found = before_after(log_of(rows), STAGES, LINKS[name], SINCE)
    if "쉬기" not in {row[1] for row in rows} and name == "event":
        assert found.verdict == "without"
        return
    if "담기" not in {row[1] for row in rows} and name == "friction_event":
        assert found.verdict == "without"
        return
    assert (found.k_before, found.n_before, found.k_after, found.n_after) == by_loops(rows, LINKS[name])
    assert found.days == 28 and found.verdict in ("few", "without")


def shop(before, after, n=400):
    """n customers on each side who view; the given shares of them buy a day later."""
    rows = []
    for side, share in ((-1, before), (1, after)):
        for at in range(n):
            hour = -35 * 24 + at % (28 * 24) if side < 0 else at % (28 * 24)
            rows.append((f"{side} {at}", "보기", hour))
            if at < share * n:
                rows.append((f"{side} {at}", "사기", hour + 24))
    return log_of(rows)


@pytest.mark.parametrize(
    ("before", "after", "verdict"), [(0.2, 0.4, "better"), (0.4, 0.2, "worse"), (0.3, 0.32, "open")]
)
def test_a_planted_change_is_found_and_the_interval_is_newcombes(before, after, verdict):
    log = shop(before, after)
    found = before_after(log, STAGES, LINKS["stage"], SINCE)
    assert found.verdict == verdict
    assert (found.before[0], found.after[0]) == (before, after)
    low, high = confint_proportions_2indep(
        found.k_after, found.n_after, found.k_before, found.n_before, method="newcomb"
    )
    assert found.difference == pytest.approx((after - before, low, high), abs=1e-9)
    lower = before_after(log, STAGES, LINKS["friction"], SINCE)
    drop_off = {"kind": "stage", "stage": LINKS["friction"]["name"], "measure": "drop_off"}
    assert before_after(log, STAGES, drop_off, SINCE) == lower, "both are who leaves there"
    assert lower.lower and lower.verdict == verdict
    assert lower.after[0] == pytest.approx(1 - after)


@pytest.mark.parametrize("name", ["stage", "link"])
def test_where_less_is_wished_for_the_shares_stay_and_the_verdict_turns(name):
    log = shop(0.4, 0.2)
    more, less = (
        before_after(log, STAGES, {**LINKS[name], **way}, SINCE) for way in ({}, {"better": "lower"})
    )
    assert (more.verdict, less.verdict) == ("worse", "better") and less.lower
    assert (less.before, less.after) == (more.before, more.after)


def test_what_cannot_be_told_is_not_told():
    log = shop(0.2, 0.4)
    link = LINKS["stage"]
    late = before_after(log, STAGES, link, SINCE + dt.timedelta(days=DAYS - 10))
    assert late.verdict == "early" and late.ready == SINCE + dt.timedelta(days=DAYS - 10 + HORIZON + 7)
    assert before_after(log, STAGES, link, SINCE - dt.timedelta(days=DAYS - 10)).verdict == "without"
    assert before_after(shop(0.2, 0.4, n=29), STAGES, link, SINCE).verdict == "few"
    assert before_after(shop(0.2, 0.4, n=30), STAGES, link, SINCE).verdict != "few"
    gone = {"kind": "stage", "stage": "gone"}
    assert before_after(log, STAGES, gone, SINCE).verdict == "without"
    with pytest.raises(SettingWrong):
        before_after(log, STAGES, {"kind": "segment", "segment": "x"}, SINCE)


def test_the_first_day_on_which_it_is_ready_is_the_first_one():
    log = log_of([("a", "보기", 24 * day) for day in range(-40, 40)])
    for passed in range(10, 20):
        # All of that day is there, so on the next one it is known.
        known = log.between(None, SINCE + dt.timedelta(days=passed))
        found = before_after(known, STAGES, LINKS["stage"], SINCE)
        assert (found.verdict == "early") == (passed + 1 < 14)
        assert found.ready == (SINCE + dt.timedelta(days=14) if found.verdict == "early" else None)


def test_a_window_of_which_the_last_hours_are_not_seen_is_not_used():
    begin = pd.Timestamp(SINCE, tz="UTC")
    for hours, verdict in ((14 * 24 - 1, "early"), (14 * 24, "few")):
        times = [begin - pd.Timedelta(days=40), begin + pd.Timedelta(hours=hours)]
        log = EventLog.from_frame(pd.DataFrame({"customer": "a", "event": "보기", "time": times}), zone="UTC")
        assert before_after(log, STAGES, LINKS["stage"], SINCE).verdict == verdict


@pytest.mark.parametrize(
    "link",
    [{"kind": kind} for kind in MEASURES]
    + [{"kind": "event", "event": None}, {"kind": "link", "from": "s1"}],
)
def test_a_link_that_says_too_little_is_one_to_what_is_not_there(link):
    log = log_of([("c", "보기", 1)])
    assert before_after(log, STAGES, link=link, since="2024-03-01").verdict == "without"


def test_a_day_at_the_end_of_the_calendar_is_one_that_has_not_come():
    found = before_after(log_of([("c", "쉬기", 1)]), STAGES, link=LINKS["event"], since=dt.date.max)
    assert (found.verdict, found.ready) == ("early", dt.date.max)


@pytest.mark.parametrize(
    ("zone", "since"),
    [
        ("America/New_York", dt.date(2024, 3, 11)),
        ("America/New_York", dt.date(2024, 11, 4)),
        ("Australia/Lord_Howe", dt.date(2024, 10, 7)),
        ("Asia/Seoul", dt.date(2024, 3, 11)),
    ],
)
def test_what_came_before_is_told_by_nothing_after_the_day_where_clocks_change(zone, since):
    """A customer every hour who buys 7 days later to the second; who counts before did so before it."""
    day = pd.Timestamp(since, tz=zone)
    arrived = pd.date_range(day - pd.Timedelta(days=60), day + pd.Timedelta(days=60), freq="h")
    rows = [(f"c{at}", event, time + pd.Timedelta(days=later)) for at, time in enumerate(arrived)
            for event, later in (("보기", 0), ("사기", 7))]  # fmt: skip
    log = EventLog.from_frame(pd.DataFrame(rows, columns=["customer", "event", "time"]), zone=zone)
    link = {"kind": "link", "from": STAGES.named("고려").id, "to": STAGES.named("구매").id}
    found = before_after(log, STAGES, link, since)
    assert (found.days, found.k_before, found.k_after) == (28, found.n_before, found.n_after)
    low = pd.Timestamp(since - dt.timedelta(days=35), tz=zone)
    wanted = (arrived >= low) & (arrived < pd.Timestamp(since - dt.timedelta(days=7), tz=zone))
    wanted &= arrived + pd.Timedelta(days=7) < day
    assert found.n_before == wanted.sum()
