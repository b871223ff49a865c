"""The one door to answers, for the open project under its filters, as its tab may show them."""

from __future__ import annotations

import datetime as dt
import hashlib
import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from journey.aggregates.arm_sources import ArmSource
from journey.aggregates.arm_units import proposed_plans
from journey.aggregates.before_after import before_after
from journey.aggregates.conditions import Conditions
from journey.aggregates.customer_table import offered
from journey.aggregates.event_counts import EventCounts
from journey.aggregates.exposed import with_exposure
from journey.aggregates.plan_choices import PlanChoices
from journey.aggregates.segment import members_of
from journey.analysis.emotion import emotion, emotion_quotes
from journey.analysis.people import (
    answer_people,
    arm_people,
    compared_people,
    feature_people,
    funnel_people,
    people,
    rule_people,
)
from journey.analysis.power import today
from journey.analysis.segments import cluster_drift
from journey.events.log import EventLog
from journey.findings import Finding
from journey.projects.register import entries
from journey.questions import QUESTIONS
from journey.stages.segment import Rule, Segment, is_about_customers, models, resolved, segments
from journey.stages.stage_map import StageMap
from ui import assigned, demo, logs, session
from ui.flow_names import renamed
from ui.logs import source, whole
from ui.veil import (
    RULES,
    disguise_now,
    meant,
    real,
    said,
    said_for,
    stood_in,
    veiled,
    veiled_rule,
    with_arms_shown,
)

__all__ = [
    "ASSIGNED",
    "EVERYTHING",
    "again",
    "ask",
    "choices",
    "counts",
    "customers_of",
    "experiments",
    "filtered",
    "filters_now",
    "finder",
    "kept",
    "later",
    "log",
    "members",
    "narrowed_to",
    "picked",
    "plainly",
    "plans",
    "saved",
    "sure",
    "view",
    "view_of",
]

# Counting the distinct customers of rules reads every row once: 2 million take about 0.2 s.
_MOST_ROWS_AT_ONCE = 2_000_000
# The filters of what is about all customers and all days, whatever the filters of the tab leave.
EVERYTHING: Mapping[str, Any] = {"period": None, "segment": None, "where": {}}
_QUESTIONS = {
    **QUESTIONS,
    "answer_people": answer_people,
    "arm_people": arm_people,
    "before_after": before_after,
    "cluster_drift": cluster_drift,
    "compared_people": compared_people,
    "emotion": emotion,
    "emotion_quotes": emotion_quotes,
    "feature_people": feature_people,
    "funnel_people": funnel_people,
    "offered": offered,
    "people": people,
    "today": today,
    "picked_people": rule_people,
    "proposed_plans": proposed_plans,
    "rule_people": rule_people,
}
# Their settings name nodes and values as they are drawn.
_FLOWS = frozenset({"flows", "people"})
# These compare with what lies before the period, so the rows are not cut to it.
_OWN_DAYS = frozenset({"kpi"})
# What came of an experiment lies after the exposures, in a window of its own: no period cuts it off.
_WHOLE_TIME = frozenset({"experiment", "arm_people"})
# Several RULES in one setting, found in the whole log too.
RULE_SET = "rules"
# A setting of questions about journeys: {"experiment": SOURCE, "since": bool, "arm": LABEL or none} asks of
# those assigned to the experiment, or to the arm, with `since` from their exposure on.
ASSIGNED = "assigned"
# What groups are called, which is made of the values that they are of, and what a team says of them.
_CALLED = frozenset({"assumed", "called", "names"})


def log() -> EventLog:
    """The whole log of the open project, in demo mode disguised."""
    return logs.shown(*source(), logs.NO_FILTERS, disguise_now())


def view() -> EventLog:
    """The log as the filters leave it, in demo mode disguised."""
    return logs.shown(*source(), _filters(), disguise_now())


def counts() -> EventCounts:
    """Rows and customers of each event in the filtered log."""
    return logs.counts(*source(), _filters())


def customers_of(groups: np.ndarray, n_groups: int) -> np.ndarray | None:
    """Distinct customers of each group of events in the filtered log; None where counting takes too long.

    `groups` says for each event name its group, or -1 for none.
    """
    if view().n_rows > _MOST_ROWS_AT_ONCE:
        return None
    digest = hashlib.sha256(groups.tobytes()).hexdigest()
    counted: np.ndarray = logs.customers_of(*source(), _filters(), digest, n_groups, groups)
    return counted


def sure() -> Mapping[str, float]:
    """How sure the first guess was, from the names of the whole log: by event, and by a rule's pattern."""
    return logs.sure(*source(), session.current().language)


def ask(question: str, **settings: Any) -> Any:
    """The answer to a question about the open project under its stage map and filters."""
    return again(question, settings, filters_now())


def again(question: str, settings: Mapping[str, Any], filters: Mapping[str, Any]) -> Any:
    """The same under the filters of another day, as `filters_now` told them then."""
    settings, filters = _complete(question, _as_drawn(question, settings), filters)
    if demo.is_on():
        # What groups were called outside of demo mode may say whom they are of.
        settings |= {name: stood_in(settings[name]) for name in _CALLED & set(settings)}
        settings = with_arms_shown(settings)
    stages = session.state().stage_map.to_json()
    written = logs.key(_written(question, settings))
    answer = _answer(*source(), question, stages, _filters_of(filters), disguise_now(), written)
    return _with_note(answer, settings)


def _with_note(answer: Any, settings: Mapping[str, Any]) -> Any:
    """The answer with a word on who was assigned to what, wherever it goes."""
    wanted = settings.get(ASSIGNED)
    if not wanted or not hasattr(answer, "notes"):
        return answer
    (name, *_) = wanted["experiment"].values()
    code = "journeys.note_since" if wanted["since"] else "journeys.note_whole"
    if wanted["since"] and settings.get("unit") == "session":
        code = "journeys.note_since_sessions"
    return replace(answer, notes=(Finding(code, {"name": veiled(name or "")}), *answer.notes))


def plainly(question: str, settings: Mapping[str, Any], filters: Mapping[str, Any]) -> Any:
    """The same with names as they are in demo mode too: to keep, never to show."""
    settings, filters = _complete(question, settings, filters)
    stages = session.state().stage_map.to_json()
    return _answer(*source(), question, stages, _filters_of(filters), "", logs.key(settings))


def kept(question: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a question as plain JSON that means the same another day, whatever this tab hides."""
    if question in _FLOWS:
        settings = renamed(settings, meant)
    settings = {name: _written_out(name, value) for name, value in settings.items()}
    if RULE_SET in settings:
        settings[RULE_SET] = _each(settings[RULE_SET], lambda one: _written_out("rule", one))
    written: dict[str, Any] = json.loads(logs.key(settings))
    return written


def picked(rule: Rule) -> np.ndarray:
    """One flag a customer that the filters leave: does the rule pick them from the whole log?

    Raises what rules raise, where a stage, an attribute or a segment is gone.
    """
    written = logs.key(_written_out("rule", rule))
    flags = logs.members(*source(), session.state().stage_map.to_json(), written)
    origin = view().origin
    return flags if origin is None else flags.take(origin)


def members(rule: Rule) -> np.ndarray:
    """One flag a customer of the whole log, whatever the filters: does the rule pick them?

    Raises what rules raise, where a stage, an attribute or a segment is gone.
    """
    return finder()(rule)


def finder() -> Callable[[Rule], np.ndarray]:
    """What finds the `members` of one rule after the other in this run: what all need is looked up once."""
    names, now = source(), session.state()
    known, own = {one.id: one.rule for one in segments(now.settings)}, models(now.settings)
    stages = now.stage_map.to_json()

    def found(rule: Rule) -> np.ndarray:
        return logs.members(*names, stages, logs.key(real(resolved(rule, known, own))))

    return found


def choices() -> Conditions:
    """What rules can be about in the open project, with names and values as they are."""
    named = session.state().settings.get("kpi.purchases")
    return logs.choices(*source(), logs.key({"purchases": list(named)} if named else {}))


def experiments() -> tuple[ArmSource, ...]:
    """The experiments whose customers are known one by one, with names and labels as they are."""
    return assigned.sources(*source(), logs.key(_written_plans()))


def _written_plans() -> list[dict[str, Any]]:
    """The plans that were written down, as a part of a key."""
    return [one.plan.to_json() for one in entries(session.state().settings) if not one.is_archived]


def plans() -> PlanChoices:
    """What a plan of an experiment can be made of, by the names that the data have."""
    data = session.state().data
    return PlanChoices() if data is None else logs.plans(*source())


def _complete(
    question: str, settings: Mapping[str, Any], filters: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a question takes beside the log: the period as its own days, and what a purchase is."""
    settings, filters = dict(settings), dict(filters)
    if question in _OWN_DAYS and filters.get("period"):
        settings.setdefault("days", filters["period"])
        filters["period"] = None
    if question in _WHOLE_TIME:
        filters["period"] = None
    filters = _of_all_days(settings, filters)
    takes = inspect.signature(_QUESTIONS[question]).parameters
    if "purchases" in takes and (named := session.state().settings.get("kpi.purchases")):
        # What the project says is a purchase is one on every page.
        settings.setdefault("purchases", list(named))
    return settings, filters


def _of_all_days(settings: Mapping[str, Any], filters: Mapping[str, Any]) -> dict[str, Any]:
    """Filters without a period where it is about everyone assigned: who came outside of it is one of them."""
    return {**filters, "period": None} if settings.get(ASSIGNED) else dict(filters)


def filters_now() -> dict[str, Any]:
    """The filters of this tab as plain JSON: period, where, and the rule of the segment."""
    period, where = _filtered()
    days, segment = period and [day.isoformat() for day in period], narrowed_to()
    return {"period": days, "segment": segment and dict(segment.rule), "where": where}


def view_of(filters: Mapping[str, Any]) -> EventLog:
    """The log as these filters would leave it, in demo mode disguised."""
    return logs.shown(*source(), _filters_of(filters), disguise_now())


def later(question: str, filters: Mapping[str, Any] | None = None, **settings: Any) -> Callable[[], Any]:
    """The same answer, computed when it is called, outside of any run and for that once."""
    settings = dict(_as_drawn(question, settings))
    under = _filters_of(_of_all_days(settings, filters_now() if filters is None else filters))
    names, text, disguise = source(), session.state().stage_map.to_json(), disguise_now()
    wanted = _written(question, settings)
    found, stages = _asked_of(*names, text, under, disguise, wanted)
    given = _given(*names, text, question, wanted, found, disguise)
    return lambda: _QUESTIONS[question](found, stages, **given)


def saved() -> tuple[Segment, ...]:
    """The segments that this project keeps, by name; a name is proposed from what it is about."""
    return tuple(replace(one, name=veiled(one.name)) for one in segments(session.state().settings))


def filtered() -> tuple[tuple[dt.date, dt.date] | None, dict[str, list[str | None]]]:
    """The period and the attribute values that the filters leave, as they may be shown."""
    period, where = _filtered()
    names = {attribute: said(attribute) for attribute in where}
    return period, {
        attribute: [said_for(names[attribute], value) for value in values]
        for attribute, values in where.items()
    }


def _filtered() -> tuple[tuple[dt.date, dt.date] | None, dict[str, list[str | None]]]:
    """The same with the values as they are, of attributes that the log has."""
    settings, found = session.state().settings, whole()
    first, last = settings.get("period") or (None, None)
    period = (dt.date.fromisoformat(first), dt.date.fromisoformat(last)) if first and last else None
    where = settings.get("where") or {}
    return period, {name: where[name] for name in sorted(where) if name in found.attributes and where[name]}


def narrowed_to() -> Segment | None:
    """The segment to which the filters narrow; None where it is not kept any more."""
    chosen = session.state().settings.get("segment")
    return next((one for one in saved() if one.id == chosen), None)


def _filters() -> str:
    return _filters_of(filters_now())


def _filters_of(filters: Mapping[str, Any]) -> str:
    """Filters as a part of a key; a segment is one of the stages that there are."""
    rule = filters.get("segment")
    segment = rule and {"rule": _written_out("rule", rule), "stages": session.state().stage_map.to_json()}
    return logs.key(
        {"period": filters.get("period"), "segment": segment, "where": filters.get("where") or {}}
    )


def _written_out(name: str, value: Any) -> Any:
    """A setting that is a rule, without names of saved segments and of values that are hidden in this tab."""
    if name not in RULES or not isinstance(value, Mapping):
        return value
    settings = session.state().settings
    return real(resolved(value, {one.id: one.rule for one in segments(settings)}, models(settings)))


def _as_drawn(question: str, settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """The settings of a flow with the names of nodes and values that this tab shows."""
    return renamed(settings, said) if question in _FLOWS and demo.is_on() else settings


def _written(question: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with their rules written out, each with the names of the log that it is asked of."""
    written = {name: _written_out(name, value) for name, value in settings.items()}
    if RULE_SET in written:
        written[RULE_SET] = _each(written[RULE_SET], lambda one: _written_out("rule", one))
    return {
        name: veiled_rule(value) if _is_asked_here(question, name, value, settings.get("unit")) else value
        for name, value in written.items()
    }


def _is_asked_here(question: str, name: str, value: Any, unit: Any) -> bool:
    """Is this setting a rule about the log that is shown, with its filters, and not about the whole one?

    A list names those whom a figure of the page counts. A period to compare is no group of customers: it is
    about rows. Which sessions are compared is about what is in each, so the question itself finds them,
    unless the rule is about customers.
    """
    if name not in RULES or not isinstance(value, Mapping):
        return False
    return question == "rule_people" or (
        name in ("a", "b")
        and (set(value) == {"period"} or (unit == "session" and not is_about_customers(value)))
    )


def _given(
    project_id: str,
    fingerprint: str,
    stages: str,
    question: str,
    settings: Mapping[str, Any],
    found: EventLog,
    disguise: str,
) -> dict[str, Any]:
    """The settings as the question takes them, with the tables that it takes beside the log.

    A rule becomes one flag for each customer of the log.
    """
    given: dict[str, Any] = {}
    for name, value in settings.items():
        if name == ASSIGNED:
            continue
        given[name] = value
        is_rule = name in RULES and isinstance(value, Mapping)
        if is_rule and not _is_asked_here(question, name, value, settings.get("unit")):
            given[name] = _flags(project_id, fingerprint, stages, found, disguise, value)
    if RULE_SET in settings:
        given[RULE_SET] = _each(
            settings[RULE_SET],
            lambda one: _flags(project_id, fingerprint, stages, found, disguise, one),
        )
    takes = inspect.signature(_QUESTIONS[question]).parameters
    if "tables" in takes:
        given["tables"] = logs.tables(project_id, fingerprint, disguise)
    if "survey" in takes:
        given["survey"] = logs.survey(logs.tables(project_id, fingerprint, disguise), found)
    return given


def _each(rules: Any, change: Callable[[Rule], Any]) -> Any:
    """Several rules, in a list or by name, each changed."""
    if isinstance(rules, Mapping):
        return {name: change(one) for name, one in rules.items()}
    return [change(one) for one in rules]


def _flags(
    project_id: str, fingerprint: str, stages: str, found: EventLog, disguise: str, rule: Rule
) -> np.ndarray:
    """Whom of a log the rule picks from the whole one; of those whom only records know it tells by itself."""
    flags = logs.members(project_id, fingerprint, stages, logs.key(rule))
    if found.origin is None:
        return flags
    strangers = found.origin < 0
    if not strangers.any():
        return flags.take(found.origin)
    tables = logs.tables(project_id, fingerprint, disguise)
    own = members_of(found, StageMap.from_json(stages), veiled_rule(rule), tables)
    return np.where(strangers, own, flags.take(found.origin, mode="clip"))


def _asked_of(
    project_id: str,
    fingerprint: str,
    stages: str,
    filters: str,
    disguise: str,
    settings: Mapping[str, Any],
) -> tuple[EventLog, StageMap]:
    """The log that a question is asked of, with its stages: as the filters leave it, or of those assigned."""
    own = StageMap.from_json(stages)
    wanted = settings.get(ASSIGNED)
    if not wanted:
        return logs.shown(project_id, fingerprint, filters, disguise), own
    asked = logs.key({**wanted, "unit": settings.get("unit", "customer")})
    return assigned.exposed_log(project_id, fingerprint, filters, disguise, asked), with_exposure(own)


@st.cache_data(max_entries=512, show_spinner=False)
def _answer(
    project_id: str, fingerprint: str, question: str, stages: str, filters: str, disguise: str, settings: str
) -> Any:
    wanted = json.loads(settings)
    found, own = _asked_of(project_id, fingerprint, stages, filters, disguise, wanted)
    given = _given(project_id, fingerprint, stages, question, wanted, found, disguise)
    return _QUESTIONS[question](found, own, **given)
