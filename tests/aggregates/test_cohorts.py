"""Cohorts, lifecycle, churn and repurchase once more, as plain loops over tiny logs in several time zones."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.aggregates.calendar import calendar, fitting_period
from journey.aggregates.cohorts import CohortSetting, cohort_members, cohorts
from journey.aggregates.lifecycle import churn, lifecycle
from journey.aggregates.presence import events_named, presence
from journey.aggregates.repurchase import repurchase
from journey.errors import SettingWrong, StageUnknown
from journey.events.log import DAY, EventLog, day_start
from journey.stages.stage_map import StageMap
from tests.analysis.logs import EVENTS, STAGES, event_log, places, rows, stage_map
from tests.endurance import examples

ZONES = ("Asia/Seoul", "America/New_York", "America/Sao_Paulo", "Asia/Kolkata")
BEGIN = pd.Timestamp("2024-01-01", tz="Asia/Seoul").to_pydatetime()


def local_day(row, zone):
    return (BEGIN + dt.timedelta(minutes=row.minute)).astimezone(ZoneInfo(zone)).date()


def first_day(day, period):
    """The first day of the period that holds this one."""
    if period == "week":
        return day - dt.timedelta(days=day.weekday())
    return day.replace(day=1) if period == "month" else day


def following(day, period):
    if period == "month":
        return (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    return day + dt.timedelta(days=7 if period == "week" else 1)


def all_periods(found, period, zone):
    """(first day, last day) of each period from the first to the last day with a row."""
    days = [local_day(row, zone) for row in found]
    at, ends = first_day(min(days), period), []
    while at <= max(days):
        ends.append((at, following(at, period) - dt.timedelta(days=1)))
        at = following(at, period)
    return ends


def counts_as(row, named, placed):
    if named is None:
        return True
    if named.startswith("event:"):
        return row.event == named.removeprefix("event:")
    return placed.get(row.event) == named


def brute_cohorts(found, placed, setting, period, zone):
    """{cohort: set of customers}, {(cohort, column): set of customers}, by position of the period."""
    periods = [begin for begin, _ in all_periods(found, period, zone)]
    histories = defaultdict(list)
    for row in found:
        histories[row.customer].append(
            (row.minute, periods.index(first_day(local_day(row, zone), period)), row)
        )
    cohort, kept = defaultdict(set), defaultdict(set)
    for customer, history in histories.items():
        starts = sorted((m, p) for m, p, row in history if counts_as(row, setting.start_event, placed))
        backs = [(m, p) for m, p, row in history if counts_as(row, setting.return_event, placed)]
        own = {}
        for minute, p in starts if setting.first == "recurring" else starts[:1]:
            own.setdefault(p, minute)
        for c, begun in own.items():
            cohort[c].add(customer)
            for column, (low, high) in enumerate(setting.columns):
                for minute, p in backs:
                    late = p - c >= low if setting.mode == "on_or_after" else low <= p - c <= high
                    if late and p >= c and minute >= begun:
                        kept[c, column].add(customer)
    return cohort, kept


def a_setting():
    named = st.sampled_from([None, None, *STAGES, *(f"event:{name}" for name in EVENTS[:3])])
    brackets = st.sampled_from([((1, 3), (4, 7)), ((0, 0), (2, 9)), ((1, 1),)])
    return st.builds(
        CohortSetting,
        mode=st.sampled_from(["n_day", "on_or_after", "bracket"]),
        ages=st.sampled_from([0, 3, 100]),
        brackets=brackets,
        first=st.sampled_from(["first", "recurring"]),
        start_event=named,
        return_event=named,
    )


periods = st.sampled_from(["day", "week", "month"])
zones = st.sampled_from(ZONES)


@settings(max_examples=examples(100), deadline=None)
@given(rows(), places(), a_setting(), periods, zones)
def test_cohorts_equal_plain_loops(found, placed, setting, period, zone):
    log, stages = replace(event_log(found), zone=zone), stage_map(placed)
    own = calendar(log, period)
    assert len(own) == len(all_periods(found, period, zone))
    counts = cohorts(log, stages, own, setting)
    cohort, kept = brute_cohorts(found, placed, setting, period, zone)
    assert counts.customers.tolist() == [len(cohort[c]) for c in range(len(own))]
    want = [[len(kept[c, i]) for i in range(len(setting.columns))] for c in range(len(own))]
    assert counts.kept.tolist() == want


@settings(max_examples=examples(24), deadline=None)
@given(rows(), places(), a_setting(), periods, st.integers(0, 3), st.integers(0, 2))
def test_the_people_of_a_cell_are_those_that_are_counted(found, placed, setting, period, cohort, column):
    log, stages = event_log(found), stage_map(placed)
    own = calendar(log, period)
    cohort, column = min(cohort, len(own) - 1), min(column, len(setting.columns) - 1)
    members, kept = brute_cohorts(found, placed, setting, period, "Asia/Seoul")

    def who(**cell):
        flags = cohort_members(log, stages, own, setting, cohort=cohort, **cell)
        return {log.customer_ids[at].as_py() for at in np.flatnonzero(flags)}

    assert who() == members[cohort]
    assert who(column=column) == kept[cohort, column]
    assert who(column=column, returned=False) == members[cohort] - kept[cohort, column]


@settings(max_examples=examples(24), deadline=None)
@given(rows(), places(), a_setting(), periods, st.sets(st.sampled_from("abcd")))
def test_cohorts_of_parts_add_up_to_those_of_the_whole(found, placed, setting, period, part):
    log, stages = event_log(found), stage_map(placed)
    inside = np.array([one in part for one in log.customer_ids.to_pylist()])
    own = calendar(log, period)
    one, other = (cohorts(log.of_customers(flags), stages, own, setting) for flags in (inside, ~inside))
    both, whole = one + other, cohorts(log, stages, own, setting)
    assert np.array_equal(both.customers, whole.customers) and np.array_equal(both.kept, whole.kept)


@settings(max_examples=examples(60), deadline=None)
@given(rows(), periods, zones, st.sampled_from([1, 7, 30]))
def test_lifecycle_and_churn_equal_plain_loops(found, period, zone, within):
    log = replace(event_log(found), zone=zone)
    own, days = calendar(log, period), calendar(log, "day")
    spans = all_periods(found, period, zone)
    active = defaultdict(set)
    for row in found:
        active[row.customer].add(local_day(row, zone))
    got = lifecycle(presence(log, own), own)
    lost = churn(presence(log, days), days, own, within_days=within)
    for at, (begin, end) in enumerate(spans):

        def here(customer, index):
            return index >= 0 and any(spans[index][0] <= day <= spans[index][1] for day in active[customer])

        def before(customer, index):
            return any(day < spans[index][0] for day in active[customer])

        now = {customer for customer in active if here(customer, at)}
        previous = {customer for customer in active if here(customer, at - 1)}
        old = {customer for customer in active if before(customer, at)}
        assert got.new[at] == len(now - old)
        assert got.returning[at] == len(now & previous)
        assert got.resurrected[at] == len((now & old) - previous)
        assert got.dormant[at] == len(previous - now)
        recent = {
            customer
            for customer, own_days in active.items()
            if any(begin - dt.timedelta(days=within) <= day < begin for day in own_days)
        }
        assert lost.customers[at] == len(recent)
        silent = {c for c in recent if not any(begin <= day <= end for day in active[c])}
        assert lost.lost[at] == len(silent)


@settings(max_examples=examples(40), deadline=None)
@given(rows(), places(), zones)
def test_repurchase_equals_plain_loops(found, placed, zone):
    log, stages = replace(event_log(found), zone=zone), stage_map(placed)
    days = calendar(log, "day")
    bought = presence(log, days, events_named(log, stages, "구매"))
    asked = (1, 7, 30)
    got = repurchase(bought, days, within_days=asked)
    end = max(local_day(row, zone) for row in found)
    purchases = defaultdict(set)
    for row in found:
        if placed.get(row.event) == "구매":
            purchases[row.customer].add(local_day(row, zone))
    ordered = [sorted(own) for own in purchases.values()]
    for place, most in enumerate(asked):
        watched = [own for own in ordered if (end - own[0]).days >= most]
        assert got.customers[place] == len(watched)
        again = [own for own in watched if len(own) > 1 and (own[1] - own[0]).days <= most]
        assert got.within[place] == len(again)
    for day in range(len(days)):
        assert got.again[day] == sum(len(own) > 1 and (own[1] - own[0]).days == day for own in ordered)
        assert got.watched[day] == sum(len(own) == 1 and (end - own[0]).days == day for own in ordered)


def made(rows_, zone="Asia/Seoul", until=None):
    """A log of (customer, moment) rows, watched to the end of a day."""
    frame = pd.DataFrame(rows_, columns=["customer", "time"]).assign(event="e")
    log = EventLog.from_frame(frame.assign(time=pd.to_datetime(frame["time"])), zone=zone)
    return log if until is None else log.between(None, until)


def o_65():
    days = {"u1": [0, 1, 7], "u2": [0, 2, 8], "u3": [0, 7], "u4": [0], "u5": [0, 1, 3, 14]}
    begin = dt.datetime(2024, 1, 1, 12)
    found = [(who, begin + dt.timedelta(days=day)) for who, own in days.items() for day in own]
    return made(found, until=dt.date(2024, 1, 20))


@pytest.mark.parametrize(
    ("mode", "brackets", "want"),
    [
        ("n_day", (), {1: 0.4, 2: 0.2, 3: 0.2, 7: 0.4, 8: 0.2, 14: 0.2}),
        ("on_or_after", (), {1: 0.8, 2: 0.8, 3: 0.8, 7: 0.8, 8: 0.4, 14: 0.2}),
        ("bracket", ((1, 3), (4, 7), (8, 14)), {0: 0.6, 1: 0.4, 2: 0.4}),
    ],
)
def test_o_65_three_ways_to_come_back(mode, brackets, want):
    log = o_65()
    own = calendar(log, "day")
    counts = cohorts(log, StageMap(), own, CohortSetting(mode=mode, ages=14, brackets=brackets))
    assert counts.customers[0] == 5
    assert {column: counts.kept[0, column] / 5 for column in want} == want


@pytest.mark.parametrize(("zone", "day_1"), [("Asia/Seoul", 1), ("UTC", None)])
def test_o_66_a_day_is_a_calendar_day_of_the_zone(zone, day_1):
    log = made(
        [
            ("a", pd.Timestamp("2024-01-01 23:30", tz="Asia/Seoul")),
            ("a", pd.Timestamp("2024-01-02 00:30", tz="Asia/Seoul")),
        ],
        zone=zone,
    )
    own = calendar(log, "day")
    kept = cohorts(log, StageMap(), own, CohortSetting(ages=1)).kept
    assert (len(own), kept[0].tolist()) == ((2, [1, 1]) if day_1 else (1, [1, 0]))


def test_o_70_new_customers_are_no_part_of_those_who_could_be_lost():
    """200 at the start, 18 lost, 40 new: 9.0 %, not 18 of 240."""
    january, february = dt.datetime(2024, 1, 20), dt.datetime(2024, 2, 10)
    found = [(f"old{i}", january) for i in range(200)]
    found += [(f"old{i}", february) for i in range(182)] + [(f"new{i}", february) for i in range(40)]
    log = made(found, until=dt.date(2024, 2, 29))
    own, days = calendar(log, "month"), calendar(log, "day")
    counts = churn(presence(log, days), days, own, within_days=30)
    assert (counts.lost[1], counts.customers[1]) == (18, 200)
    assert counts.lost[1] / counts.customers[1] == 0.09


@pytest.mark.parametrize(
    ("zone", "first", "last"),
    [
        ("America/New_York", "2024-03-08", "2024-03-12"),  # an hour is missing
        ("America/New_York", "2024-11-01", "2024-11-05"),  # an hour comes twice
        ("America/Sao_Paulo", "2018-11-02", "2018-11-06"),  # a day begins at 1 o'clock
        ("Pacific/Apia", "2011-12-28", "2012-01-02"),  # a day is missing
        ("Asia/Kolkata", "2024-01-01", "2024-01-03"),
    ],
)
def test_days_are_those_of_the_clocks_also_where_they_change(zone, first, last):
    local = ZoneInfo(zone)
    begin, end = (dt.datetime.fromisoformat(day).replace(tzinfo=local).timestamp() for day in (first, last))
    instants = np.arange(int(begin), int(end), 600)
    moments = [pd.Timestamp(int(at), unit="s", tz="UTC") for at in instants]
    log = made([("a", moment) for moment in moments], zone=zone)
    own = calendar(log, "day")
    got = own.days[own.of(log.time)].tolist()
    assert got == [dt.datetime.fromtimestamp(int(at), local).date() for at in instants]
    outside = own.of(np.array([own.starts[0] - 1, own.starts[-1]]))
    assert outside.tolist() == [-1, len(own)]


def test_a_week_begins_on_monday_and_only_whole_periods_are_observed():
    log = made([("a", dt.datetime(2024, 1, 3)), ("a", dt.datetime(2024, 2, 1))])
    weeks, months = calendar(log, "week"), calendar(log, "month")
    assert [day.weekday() for day in weeks.days.tolist()] == [0] * 6
    assert (len(weeks), weeks.observed) == (5, 4)
    assert (len(months), months.observed) == (2, 1)
    assert calendar(made([("a", dt.datetime(2024, 1, 31, 1))]), "month").observed == 1


@pytest.mark.parametrize(("days", "period"), [(20, "day"), (21, "week"), (182, "week"), (183, "month")])
def test_the_period_fits_the_window(days, period):
    begin = dt.datetime(2024, 1, 1)
    assert fitting_period(made([("a", begin), ("a", begin + dt.timedelta(days=days - 1))])) == period


@pytest.mark.parametrize(
    "wrong",
    [
        {"mode": "sometimes"},
        {"first": "last"},
        {"ages": -1},
        {"mode": "bracket"},
        {"mode": "bracket", "brackets": ((4, 7), (1, 3))},
        {"mode": "bracket", "brackets": ((1, 4), (4, 7))},
        {"mode": "bracket", "brackets": ((3, 1),)},
    ],
)
def test_a_setting_that_means_nothing_is_refused(wrong):
    with pytest.raises(SettingWrong):
        CohortSetting(**wrong)


def test_a_stage_that_is_not_there_is_refused_and_an_event_that_is_not_there_is_nobodys():
    log = made([("a", dt.datetime(2024, 1, 1))])
    own = calendar(log, "day")
    with pytest.raises(StageUnknown):
        cohorts(log, StageMap(), own, CohortSetting(start_event="구매"))
    assert cohorts(log, StageMap(), own, CohortSetting(start_event="event:x")).customers.tolist() == [0]
    with pytest.raises(SettingWrong):
        calendar(log, "year")


@settings(max_examples=examples(8))
@given(
    st.lists(st.integers(0, 400 * DAY - 1), min_size=1, max_size=20),
    st.sampled_from(["day", "week", "month"]),
)
def test_instants_inside_of_the_calendar_are_in_the_periods_that_a_search_finds(since, period):
    frame = pd.DataFrame(
        {"customer": "a", "event": "b", "time": pd.to_datetime(["2024-01-01", "2025-02-03"], utc=True)}
    )
    weeks = calendar(EventLog.from_frame(frame, zone="UTC"), period)
    times = np.sort(np.array(since)) + day_start(dt.date(2024, 1, 1), "UTC")
    searched = np.searchsorted(weeks.starts, times, side="right") - 1
    assert weeks.of(times, inside=True).tolist() == searched.tolist() == weeks.of(times).tolist()
