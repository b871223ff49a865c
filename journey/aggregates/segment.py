"""Who is in a segment?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journey.aggregates.arm_members import arm_flags
from journey.aggregates.arrivals import arrivals
from journey.aggregates.calendar import calendar
from journey.aggregates.cluster_points import cluster_members
from journey.aggregates.cohorts import CohortSetting, cohort_members
from journey.aggregates.conformance import conformance_members
from journey.aggregates.customer_figures import (
    between,
    latest_ratings,
    latest_scores,
    number_between,
    order_figures,
)
from journey.aggregates.funnel import funnel_members
from journey.aggregates.kpi_groups import groups, window_of
from journey.aggregates.kpi_survey import BOXES, SURVEY_KINDS, answers
from journey.aggregates.last_visits import last_visits_members
from journey.aggregates.members import of_mark
from journey.aggregates.nodes import nodes
from journey.aggregates.picture import FlowSettings, Picture, picture
from journey.aggregates.repurchase import repurchase_members
from journey.aggregates.rfm import rfm_members
from journey.aggregates.stuck import stuck_at
from journey.aggregates.visits import active, visits
from journey.errors import ColumnMissing, SegmentMissing, SettingWrong
from journey.events.log import DAY, MINUTE, EventLog, day_start
from journey.events.other_tables import NO_TABLES, OtherTables
from journey.stages.segment import Rule, checked, is_about_customers
from journey.stages.stage_map import StageMap

__all__ = ["members_of", "unit_members"]

# As every question has it where nothing else is set: of customers, and of sessions.
_ACTIVE, _GAP = 30 * DAY, 30 * MINUTE
# No log begins before, so more last days than since then are all of them.
_EARLIEST = dt.date(1900, 1, 1)

_OF_KPI = {"within_days", "active_within_days", "purchases", "clicks", "impressions"}
_OF_MARK = {"step", "source", "source_kind", "target", "target_kind"}
_OF_COHORT_SETTING = {"mode", "first", "start_event", "return_event"}
_OF_COHORT = {*_OF_COHORT_SETTING, "period", "cohort", "ages", "returned", "between"}
_OF_REBOUGHT = {"within_days", "returned", "purchase", "purchases"}
_OF_LAST_VISITS = {"route", "last", "active_within_days", "silent"}
_OF_BAR = {"step", "outcome"}
_OF_FUNNEL = {"steps", "order", "entry", "window_days", "exclude", "first", "unit"}
_OF_FEATURE = {"kind", "name", "value", "above", "reached"}
_OF_ARRIVALS = {"outcome", "start", "look_days", "within_days", "purchases", "unit"}
_OF_PICTURE = set(FlowSettings.__annotations__)


def members_of(log: EventLog, stages: StageMap, rule: Rule, tables: OtherTables = NO_TABLES) -> np.ndarray:
    """One flag a customer of the log: does the rule of a segment (see stages.segment) pick them?

    `tables` are what is known beside the log. Of a log by session it is one flag a session. Raises
    SettingWrong, ColumnMissing where an attribute is gone, StageUnknown where a stage is, and SegmentMissing
    for a saved segment that was not resolved.
    """
    try:
        return _members(log, stages, checked(rule), tables)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # What stands in a link, a funnel, a card or a cohort was written by another version, or by a hand.
        raise SettingWrong(setting="rule", value=str(rule)[:80], allowed="segment") from error


def unit_members(
    log: EventLog, view: Picture, rule: Rule | np.ndarray, tables: OtherTables = NO_TABLES
) -> np.ndarray:
    """One flag a unit of a picture of the log: customers, or sessions.

    A rule is about what is in the unit; one about customers (see stages.segment.is_about_customers), and one
    flag a customer of the log, pick all units of these. Raises what `members_of` raises.
    """
    if not isinstance(rule, np.ndarray):
        if view.unit == "customer" or not is_about_customers(checked(rule)):
            return members_of(view.log, view.stages, rule, tables)
        rule = members_of(log, view.stages, rule, tables)
    flags: np.ndarray = rule.take(view.customers_of(np.arange(view.log.n_customers)))
    return flags


def _members(log: EventLog, stages: StageMap, rule: Rule, tables: OtherTables) -> np.ndarray:
    match rule:
        case {"all": parts}:
            return np.logical_and.reduce([_members(log, stages, part, tables) for part in parts])
        case {"any": parts}:
            return np.logical_or.reduce([_members(log, stages, part, tables) for part in parts])
        case {"not": part}:
            return ~_members(log, stages, part, tables)
        case {"attribute": name, "values": values}:
            return _with_values(log, name, values)
        case {"number": settings}:
            return number_between(
                log, tables, settings["attribute"], settings.get("from"), settings.get("to")
            )
        case {"did": what}:
            return _so_often(log, stages, what, rule)
        case {"looped": what}:
            return _came_back(log, stages, what)
        case {"skipped": what}:
            return _skipped(log, stages, what)
        case {"orders": settings}:
            found = order_figures(
                log,
                settings["what"],
                purchases=settings.get("purchases"),
                span=_span(log, settings),
                tables=tables,
            )
            return between(found, settings.get("from"), settings.get("to"))
        case {"score": settings}:
            found = latest_scores(log, tables, settings["question"])
            return between(found, settings.get("from"), settings.get("to"))
        case {"rating": settings}:
            return between(latest_ratings(log, tables), settings.get("from"), settings.get("to"))
        case {"ended": what}:
            return _ended(log, stages, what)
        case {"stuck": what}:
            place = _place(log, stages, what)
            return stuck_at(log, stages, place, what["attribute"], what["value"], active_within=_within(log))
        case {"period": [first, last]}:
            return _rows_of(log, _on_days(log, first, last)) > 0
        case {"kpi": settings}:
            return _on_card(log, stages, settings, tables)
        case {"link": settings}:
            return _at_mark(log, stages, settings)
        case {"cohort": settings}:
            return _in_cohort(log, stages, settings)
        case {"rebought": settings}:
            return _bought_again(log, stages, settings)
        case {"last_visits": settings}:
            return _visited_last(log, stages, settings)
        case {"funnel": settings}:
            return _at_bar(log, stages, settings)
        case {"design": settings}:
            return conformance_members(log, stages, settings)
        case {"feature": settings}:
            return _with_feature(log, stages, settings, tables)
        case {"rfm": settings}:
            return rfm_members(log, settings, tables)
        case {"cluster": {"model": model, "groups": groups}} if not isinstance(model, str):
            return cluster_members(log, stages, model, groups, tables)
        case {"arm": settings}:
            return arm_flags(log, settings, tables)
        case {"segment": _} | {"cluster": _}:
            raise SegmentMissing()
        case _:
            raise SettingWrong(setting="rule", value=str(rule)[:80], allowed="segment")


def _rows_of(log: EventLog, hit: np.ndarray) -> np.ndarray:
    """How many of these rows each customer has."""
    before = np.concatenate([[0], np.cumsum(hit, dtype=np.int64)])
    counts: np.ndarray = np.diff(before.take(log.offsets))
    return counts


def _with_values(log: EventLog, name: str, values: list[str | None]) -> np.ndarray:
    if name not in log.attributes:
        raise ColumnMissing(name=name, have=list(log.attributes), near="")
    attribute, wanted = log.attributes[name], set(values)
    hit = np.array([*(category in wanted for category in attribute.categories), None in wanted], dtype=bool)
    flags = hit[attribute.codes]
    return flags if attribute.of == "customer" else _rows_of(log, flags) > 0


def _so_often(log: EventLog, stages: StageMap, what: Mapping[str, str], rule: Rule) -> np.ndarray:
    hit, span = _fits(log, stages, what).take(log.event), _span(log, rule)
    if span is not None:
        hit &= (log.time >= span[0]) & (log.time < span[1])
    rows, most = _rows_of(log, hit), rule.get("at_most")
    enough: np.ndarray = rows >= rule.get("at_least", 1 if most is None else 0)
    return enough if most is None else enough & (rows <= most)


def _span(log: EventLog, settings: Mapping[str, Any]) -> tuple[int, int] | None:
    """From which instant to before which: the days that are named, or the last observed ones; None: all."""
    if "days" in settings:
        first, last = map(dt.date.fromisoformat, settings["days"])
    elif "last_days" in settings:
        last = log.days()[1]
        first = last - dt.timedelta(days=min(settings["last_days"], (last - _EARLIEST).days + 1) - 1)
    else:
        return None
    return day_start(first, log.zone), day_start(last + dt.timedelta(days=1), log.zone)


def _came_back(log: EventLog, stages: StageMap, what: Mapping[str, str]) -> np.ndarray:
    """One flag a customer: are there two visits or more in the stage, or runs of the event?"""
    place = _place(log, stages, what)
    by_event = "event" in what
    seen = visits(log, stages, nodes(log, stages, "event" if by_event else "stage"))
    here = seen.node == place - len(stages.stages) * by_event
    there: np.ndarray = np.bincount(seen.customer.compress(here), minlength=log.n_customers) > 1
    return there


def _skipped(log: EventLog, stages: StageMap, what: Mapping[str, str]) -> np.ndarray:
    """One flag a customer: is there no row in the stage, but one in a later stage?"""
    place, codes = _place(log, stages, what), stages.codes(log.event_names)
    later = (codes > place) & (codes < len(stages.stages))
    return (_rows_of(log, later.take(log.event)) > 0) & (_rows_of(log, (codes == place).take(log.event)) == 0)


def _fits(log: EventLog, stages: StageMap, what: Mapping[str, str]) -> np.ndarray:
    """One flag an event name: is it the one, or does it stand in the stage?"""
    if "event" in what:
        return np.array([name == what["event"] for name in log.event_names], dtype=bool)
    fits: np.ndarray = stages.codes(log.event_names) == stages.stages.index(stages.named(what["stage"]))
    return fits


def _place(log: EventLog, stages: StageMap, what: Mapping[str, str]) -> int:
    """The number of a stage or an event among the places of `stuck`; -1 for an event that is not there."""
    if "stage" in what:
        return stages.stages.index(stages.named(what["stage"]))
    known = what["event"] in log.event_names
    return len(stages.stages) + log.event_names.index(what["event"]) if known else -1


def _ended(log: EventLog, stages: StageMap, what: Mapping[str, str]) -> np.ndarray:
    """One flag a customer: is the last mapped row at such an event, and the journey over?"""
    fits = _fits(log, stages, what)
    seen = visits(log, stages, nodes(log, stages, "event"))
    ended = np.zeros(log.n_customers, dtype=bool)
    there = np.flatnonzero(np.diff(seen.offsets))
    ended[there] = fits.take(seen.node.take(seen.offsets[1:].take(there) - 1))
    ended &= ~active(log, _within(log))
    return ended


def _within(log: EventLog) -> int:
    """How near to the end a last event leaves a customer, or a session, active."""
    return _ACTIVE if log.owner is None else _GAP


def _on_days(log: EventLog, first: str, last: str) -> np.ndarray:
    end = dt.date.fromisoformat(last) + dt.timedelta(days=1)
    low, high = day_start(dt.date.fromisoformat(first), log.zone), day_start(end, log.zone)
    inside: np.ndarray = (log.time >= low) & (log.time < high)
    return inside


def _at_bar(log: EventLog, stages: StageMap, settings: Mapping[str, Any]) -> np.ndarray:
    unknown = set(settings) - _OF_BAR - _OF_FUNNEL
    if unknown or "step" not in settings:
        raise SettingWrong(setting="funnel", value=", ".join(sorted(unknown)), allowed="step, outcome, …")
    return funnel_members(log, stages, **settings)


def _with_feature(
    log: EventLog, stages: StageMap, settings: Mapping[str, Any], tables: OtherTables
) -> np.ndarray:
    """Those compared who have a feature before the moment, by their outcome; of sessions, with one such."""
    unknown = set(settings) - _OF_FEATURE - _OF_ARRIVALS - {"rule", "among"}
    if unknown or "kind" not in settings:
        raise SettingWrong(setting="feature", value=", ".join(sorted(unknown)), allowed="kind, name, …")
    flags, among = (
        None if settings.get(word) is None else _members(log, stages, settings[word], tables)
        for word in ("rule", "among")
    )
    chosen = {name: settings[name] for name in _OF_ARRIVALS & set(settings)}
    found = arrivals(log, stages, flags=flags, among=among, **chosen)
    feature = {name: settings[name] for name in _OF_FEATURE & set(settings)}
    who = found.having(**{"reached": None, **feature})
    of = np.zeros(log.n_customers, dtype=bool)
    of[found.view.customers_of(np.flatnonzero(who))] = True
    return of


def _at_mark(log: EventLog, stages: StageMap, settings: Mapping[str, Any]) -> np.ndarray:
    unknown = set(settings) - _OF_MARK - _OF_PICTURE
    if unknown or not {"step", "source"} <= set(settings):
        raise SettingWrong(setting="link", value=", ".join(sorted(unknown)), allowed="step, source, …")
    view = picture(log, stages, **{name: settings[name] for name in _OF_PICTURE & set(settings)})
    who = of_mark(view, **{name: settings[name] for name in _OF_MARK & set(settings)})
    flags = np.zeros(log.n_customers, dtype=bool)
    flags[view.customers_of(who)] = True
    return flags


def _in_cohort(log: EventLog, stages: StageMap, settings: Mapping[str, Any]) -> np.ndarray:
    """The customers of a cell of the retention triangle, or of a point of the curve.

    `cohort` is its first day; without it all cohorts that are over by then. Without `ages` it is the whole
    cohort; `returned` None means both. `between` are the days to which the filters had cut the log.
    """
    wrong = SettingWrong(setting="cohort", value=str(dict(settings))[:80], allowed="period, cohort, ages, …")
    if set(settings) - _OF_COHORT or "period" not in settings or not {"cohort", "ages"} & set(settings):
        raise wrong
    ages, began = settings.get("ages"), settings.get("cohort")
    try:
        first = None if began is None else dt.date.fromisoformat(began)
        low, high = (0, 0) if ages is None else (int(age) for age in ages)
    except (TypeError, ValueError):
        raise wrong from None
    part = _between(log, settings)
    own = calendar(part, settings["period"])
    is_bracket = settings.get("mode") == "bracket"
    setting = CohortSetting(
        **{name: settings[name] for name in _OF_COHORT_SETTING & set(settings)},
        ages=high,
        brackets=((low, high),) if is_bracket else (),
    )
    cohort = None
    if first is not None:
        at = np.flatnonzero(own.days[:-1] == np.datetime64(first, "D"))
        if not len(at):
            return np.zeros(log.n_customers, dtype=bool)
        cohort = int(at[0])
    column = None if ages is None else 0 if is_bracket else low
    returned = settings.get("returned", True)
    inside = cohort_members(part, stages, own, setting, cohort=cohort, column=column, returned=returned)
    return _of_whole(log, part, inside)


def _bought_again(log: EventLog, stages: StageMap, settings: Mapping[str, Any]) -> np.ndarray:
    """Those behind a repurchase rate; `between` as of a cohort."""
    if set(settings) - _OF_REBOUGHT - {"between"} or "within_days" not in settings:
        raise SettingWrong(
            setting="rebought", value=str(dict(settings))[:80], allowed="within_days, returned, …"
        )
    part = _between(log, settings)
    chosen = {name: settings[name] for name in _OF_REBOUGHT & set(settings)}
    return _of_whole(log, part, repurchase_members(part, stages, **chosen))


def _visited_last(log: EventLog, stages: StageMap, settings: Mapping[str, Any]) -> np.ndarray:
    """Those behind a path before leaving; `between` as of a cohort."""
    if set(settings) - _OF_LAST_VISITS - {"between"} or not {"route", "last"} <= set(settings):
        raise SettingWrong(setting="last_visits", value=str(dict(settings))[:80], allowed="route, last, …")
    part = _between(log, settings)
    inside = last_visits_members(
        part,
        stages,
        route=settings["route"],
        most=settings["last"],
        within=int(settings.get("active_within_days", 30) * DAY),
        silent=bool(settings.get("silent", True)),
    )
    return _of_whole(log, part, inside)


def _between(log: EventLog, settings: Mapping[str, Any]) -> EventLog:
    """The log, cut to the days to which the filters had cut it where a rule was made."""
    part = replace(log, origin=None)
    days = [dt.date.fromisoformat(day) for day in settings.get("between") or ()]
    return part.between(*days) if days else part


def _of_whole(log: EventLog, part: EventLog, inside: np.ndarray) -> np.ndarray:
    """Flags of the customers of a part of the log as flags of all of them."""
    if part.origin is None:
        return inside
    flags = np.zeros(log.n_customers, dtype=bool)
    flags[part.origin[inside]] = True
    return flags


def _on_card(log: EventLog, stages: StageMap, settings: Mapping[str, Any], tables: OtherTables) -> np.ndarray:
    """The customers that a card is about; of one about answers, who gave one in its `box`."""
    unknown = set(settings) - _OF_KPI - {"card", "days", "box"}
    if unknown or not {"card", "days"} <= set(settings):
        raise SettingWrong(setting="kpi", value=", ".join(sorted(unknown)), allowed="card, days, …")
    card, window = settings["card"], window_of(settings["days"])
    if card.split(".")[0] in SURVEY_KINDS:
        given = answers(tables.answers, log.zone).givers(card, window, settings.get("box", BOXES[0]))
        known = pa.array(given, pa.large_string()).drop_null()
        flags: np.ndarray = pc.is_in(log.customer_ids, value_set=known).to_numpy(zero_copy_only=False)
        return flags
    chosen = {name: settings[name] for name in _OF_KPI & set(settings)}
    return groups(log, stages, **chosen).members(card, window)
