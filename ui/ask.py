"""The one cached door to logs and answers. Keys are names and settings; a table is never hashed."""

from __future__ import annotations

import datetime as dt
import hashlib
import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import streamlit as st

from journey.aggregates.arm_members import ArmMembers, arm_members
from journey.aggregates.arm_sources import ArmSource, arm_sources
from journey.aggregates.arm_units import proposed_plans
from journey.aggregates.conditions import Conditions, conditions
from journey.aggregates.customer_figures import values_between
from journey.aggregates.customer_table import offered
from journey.aggregates.event_counts import EventCounts, event_counts
from journey.aggregates.event_counts import customers_of as customers_of_groups
from journey.aggregates.exposed import exposed, with_exposure
from journey.aggregates.plan_choices import PlanChoices, plan_choices
from journey.aggregates.segment import members_of
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
from journey.errors import ProjectMissing
from journey.events.disguise import are_plain_numbers, disguised, disguised_tables, naming, stand_ins
from journey.events.forgetting import is_telling
from journey.events.log import EventLog
from journey.events.other_tables import OTHER_KINDS, OtherTables, called, nobody, other_tables, registered
from journey.events.privacy import mask_ids
from journey.findings import Finding
from journey.projects.data_ref import FileRef
from journey.projects.project import Project
from journey.projects.register import entries
from journey.questions import QUESTIONS
from journey.stages.experiment_plan import Plan
from journey.stages.segment import Rule, Segment, is_about_customers, models, resolved, segments
from journey.stages.stage_map import StageMap
from journey.stages.suggest import Suggestion, suggest
from ui import demo, session
from ui.flow_names import renamed

__all__ = [
    "ASSIGNED",
    "HIDDEN",
    "RULES",
    "again",
    "ask",
    "choices",
    "counts",
    "customers_of",
    "experiments",
    "filtered",
    "filters_now",
    "hidden",
    "kept",
    "later",
    "log",
    "masked",
    "narrowed_to",
    "picked",
    "plainly",
    "plans",
    "real",
    "said",
    "saved",
    "sure",
    "veiled",
    "veiled_finding",
    "veiled_model",
    "view",
    "view_of",
    "whole",
]

# Counting the distinct customers of rules reads every row once: 2 million take about 0.2 s.
_MOST_ROWS_AT_ONCE = 2_000_000
# The project's setting that overrules what was found: attribute -> is it hidden in demo mode?
HIDDEN = "demo.hidden"
_NO_FILTERS = '{"period": null, "segment": null, "where": {}}'
_QUESTIONS = {
    **QUESTIONS,
    "answer_people": answer_people,
    "arm_people": arm_people,
    "cluster_drift": cluster_drift,
    "compared_people": compared_people,
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
_OF_ATTRIBUTES = ("attribute", "first", "last")
# These compare with what lies before the period, so the rows are not cut to it.
_OWN_DAYS = frozenset({"kpi"})
# What came of an experiment lies after the exposures, in a window of its own: no period cuts it off.
_WHOLE_TIME = frozenset({"experiment", "arm_people"})
# Settings of questions that are rules: who is in a group is found in the whole log, whatever the filters.
RULES = ("a", "among", "b", "outcome", "rule")
# Several such rules, found in the whole log too.
RULE_SET = "rules"
# A setting of questions about journeys: {"experiment": SOURCE, "since": bool, "arm": LABEL or none} asks of
# those assigned to the experiment, or to the arm, with `since` from their exposure on.
ASSIGNED = "assigned"
# What groups are called, which is made of the values that they are of, and what a team says of them.
_CALLED = frozenset({"assumed", "called", "names"})
_LONGEST_NAME = 60


def log() -> EventLog:
    """The whole log of the open project, in demo mode disguised."""
    return _shown(*_names(), _NO_FILTERS, _disguise())


def whole() -> EventLog:
    """The whole log with ids and values as they are in demo mode too: to compare with, never to show."""
    return _log(*_names())


def view() -> EventLog:
    """The log as the filters leave it, in demo mode disguised."""
    return _shown(*_names(), _filters(), _disguise())


def hidden() -> list[str]:
    """The attributes whose values demo mode hides: those that may name somebody, and as its people say."""
    found, chosen = _naming(*_names()), session.state().settings.get(HIDDEN) or {}
    return [name for name in whole().attributes if chosen.get(name, name in found)]


def said(attribute: str) -> Mapping[str, str]:
    """Value -> what is said for it, of an attribute that demo mode hides; empty for any other."""
    disguise = _disguise()
    return _said(*_names(), disguise, attribute) if disguise else {}


def counts() -> EventCounts:
    """Rows and customers of each event in the filtered log."""
    return _counts(*_names(), _filters())


def customers_of(groups: np.ndarray, n_groups: int) -> np.ndarray | None:
    """Distinct customers of each group of events in the filtered log; None where counting takes too long.

    `groups` says for each event name its group, or -1 for none.
    """
    if view().n_rows > _MOST_ROWS_AT_ONCE:
        return None
    digest = hashlib.sha256(groups.tobytes()).hexdigest()
    counted: np.ndarray = _customers_of(*_names(), _filters(), digest, n_groups, groups)
    return counted


def sure() -> Mapping[str, float]:
    """How sure the first guess was, from the names of the whole log: by event, and by a rule's pattern."""
    return _sure(*_names(), session.current().language)


def ask(question: str, **settings: Any) -> Any:
    """The answer to a question about the open project under its stage map and filters."""
    return again(question, settings, filters_now())


def again(question: str, settings: Mapping[str, Any], filters: Mapping[str, Any]) -> Any:
    """The same under the filters of another day, as `filters_now` told them then."""
    settings, filters = _complete(question, _as_drawn(question, settings), filters)
    if demo.is_on():
        # What groups were called outside of demo mode may say whom they are of.
        settings |= {name: _stood_in(settings[name]) for name in _CALLED & set(settings)}
        settings = _with_arms_shown(settings)
    stages = session.state().stage_map.to_json()
    written = _text(_written(question, settings))
    answer = _answer(*_names(), question, stages, _filters_of(filters), _disguise(), written)
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
    return _answer(*_names(), question, stages, _filters_of(filters), "", _text(settings))


def kept(question: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a question as plain JSON that means the same another day, whatever this tab hides."""
    if question in _FLOWS:
        settings = renamed(settings, _meant)
    settings = {name: _written_out(name, value) for name, value in settings.items()}
    if RULE_SET in settings:
        settings[RULE_SET] = _each(settings[RULE_SET], lambda one: _written_out("rule", one))
    written: dict[str, Any] = json.loads(_text(settings))
    return written


def picked(rule: Rule) -> np.ndarray:
    """One flag a customer that the filters leave: does the rule pick them from the whole log?

    Raises what rules raise, where a stage, an attribute or a segment is gone.
    """
    written = _text(_written_out("rule", rule))
    flags = _members(*_names(), session.state().stage_map.to_json(), written)
    origin = view().origin
    return flags if origin is None else flags.take(origin)


def choices() -> Conditions:
    """What rules can be about in the open project, with names and values as they are."""
    named = session.state().settings.get("kpi.purchases")
    return _choices(*_names(), _text({"purchases": list(named)} if named else {}))


def experiments() -> tuple[ArmSource, ...]:
    """The experiments whose customers are known one by one, with names and labels as they are."""
    return _arm_sources(*_names(), _text(_written_plans()))


def _written_plans() -> list[dict[str, Any]]:
    """The plans that were written down, as a part of a key."""
    return [one.plan.to_json() for one in entries(session.state().settings) if not one.is_archived]


def plans() -> PlanChoices:
    """What a plan of an experiment can be made of, by the names that the data have."""
    data = session.state().data
    return PlanChoices() if data is None else _plans(*_names())


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
    return _shown(*_names(), _filters_of(filters), _disguise())


def later(question: str, filters: Mapping[str, Any] | None = None, **settings: Any) -> Callable[[], Any]:
    """The same answer, computed when it is called, outside of any run and for that once."""
    settings = dict(_as_drawn(question, settings))
    under = _filters_of(_of_all_days(settings, filters_now() if filters is None else filters))
    names, text, disguise = _names(), session.state().stage_map.to_json(), _disguise()
    wanted = _written(question, settings)
    found, stages = _asked_of(*names, text, under, disguise, wanted)
    given = _given(*names, text, question, wanted, found, disguise)
    return lambda: _QUESTIONS[question](found, stages, **given)


def saved() -> tuple[Segment, ...]:
    """The segments that this project keeps, by name; a name is proposed from what it is about."""
    return tuple(replace(one, name=veiled(one.name)) for one in segments(session.state().settings))


def veiled(words: str) -> str:
    """What people of the project wrote, in demo mode without ids of customers and values that are hidden."""
    data = session.state().data
    if not demo.is_on() or not words or data is None or data.fingerprint is None:
        return words
    return _without_names(*_names(), _disguise(), words)


def veiled_finding(found: Finding) -> Finding:
    """A sentence that was kept, with what `veiled` leaves of the texts in it."""
    return replace(found, values=_stood_in(found.values)) if demo.is_on() else found


def masked() -> Mapping[str, str]:
    """Customer id -> the code that stands for it in every table of the project; a code is its own."""
    codes = _codes(*_names())
    return {code: code for code in codes.values()} if demo.is_on() else codes


def _names() -> tuple[str, str]:
    opened, data = session.project(), session.state().data
    if opened is None or data is None or not (data.has_customers or data.has_experiments):
        raise ProjectMissing
    return opened.id, data.name


def filtered() -> tuple[tuple[dt.date, dt.date] | None, dict[str, list[str | None]]]:
    """The period and the attribute values that the filters leave, as they may be shown."""
    period, where = _filtered()
    names = {attribute: said(attribute) for attribute in where}
    return period, {
        attribute: [_said_for(names[attribute], value) for value in values]
        for attribute, values in where.items()
    }


def _said_for(names: Mapping[str, str], value: str | None) -> str | None:
    return names.get(value, demo.word("value")) if names and value is not None else value


def _filtered() -> tuple[tuple[dt.date, dt.date] | None, dict[str, list[str | None]]]:
    """The same with the values as they are, of attributes that the log has."""
    settings, found = session.state().settings, whole()
    first, last = settings.get("period") or (None, None)
    period = (dt.date.fromisoformat(first), dt.date.fromisoformat(last)) if first and last else None
    where = settings.get("where") or {}
    return period, {name: where[name] for name in sorted(where) if name in found.attributes and where[name]}


def _disguise() -> str:
    """What is hidden in this tab, as a part of a key; nothing outside of demo mode."""
    if not demo.is_on():
        return ""
    return _text({"word": demo.word("value"), "hidden": hidden(), "numbers": _told_as_numbers()})


def _told_as_numbers() -> list[str]:
    """Attributes that are hidden for having many values only and are numbers: means and ranges tell of them.

    What people hid by themselves stays hidden there too. Wherever values are shown one by one, each has its
    stand-in all the same.
    """
    found, plain = _naming(*_names()), _plain_numbers(*_names())
    return [name for name in hidden() if name in plain and name in found]


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
    return _text({"period": filters.get("period"), "segment": segment, "where": filters.get("where") or {}})


def _written_out(name: str, value: Any) -> Any:
    """A setting that is a rule, without names of saved segments and of values that are hidden in this tab."""
    if name not in RULES or not isinstance(value, Mapping):
        return value
    return real(resolved(value, {one.id: one.rule for one in saved()}, models(session.state().settings)))


def real(rule: Rule) -> Rule:
    """The rule about the values themselves: a link that demo mode draws bears the names of stand-ins."""
    for word in ("all", "any"):
        if word in rule:
            return {word: [real(part) for part in rule[word]]}
    if "not" in rule:
        return {"not": real(rule["not"])}
    feature = rule.get("feature")
    if isinstance(feature, Mapping):
        is_value = feature.get("kind") in _OF_ATTRIBUTES
        shown_as = _meant(str(feature["name"])) if is_value else {}
        inner = {
            word: real(part) for word, part in feature.items() if word in RULES and isinstance(part, dict)
        }
        value = feature.get("value", "")
        return {"feature": {**feature, **inner, "value": shown_as.get(value, value)}}
    stuck = rule.get("stuck")
    if isinstance(stuck, Mapping):
        shown_as = _meant(str(stuck["attribute"]))
        return {"stuck": {**stuck, "value": shown_as.get(stuck["value"], stuck["value"])}}
    if isinstance(rule.get("cluster"), Mapping):
        return _of_clusters(rule, _meant)
    link = rule.get("link")
    return {"link": renamed(link, _meant)} if isinstance(link, Mapping) else rule


def _meant(attribute: str) -> Mapping[str, str]:
    """What stands for a value of this attribute -> the value."""
    return {shown: value for value, shown in said(attribute).items()}


def _as_drawn(question: str, settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """The settings of a flow with the names of nodes and values that this tab shows."""
    return renamed(settings, said) if question in _FLOWS and demo.is_on() else settings


def _written(question: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with their rules written out, each with the names of the log that it is asked of."""
    written = {name: _written_out(name, value) for name, value in settings.items()}
    if RULE_SET in written:
        written[RULE_SET] = _each(written[RULE_SET], lambda one: _written_out("rule", one))
    return {
        name: _veiled(value) if _is_asked_here(question, name, value, settings.get("unit")) else value
        for name, value in written.items()
    }


def _with_arms_shown(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with arms by the labels that the shown log has, where these are values that are hidden."""
    plan = settings.get("plan")
    if not isinstance(plan, Mapping):
        return dict(settings)
    attribute = plan["source"].get("attribute")
    shown = said(attribute) if attribute in whole().attributes else {}
    arms = [
        {**one, "label": shown.get(one["label"], one["label"]), "name": veiled(one["name"])}
        for one in plan["arms"]
    ]
    metrics = [{**one, "name": veiled(one["name"])} for one in plan["metrics"]]
    named = {
        name: shown.get(settings[name], settings[name]) for name in ("arm", "baseline") if name in settings
    }
    return {**settings, **named, "plan": {**plan, "arms": arms, "metrics": metrics}}


def _stood_in(called: Any) -> Any:
    """What groups are called, with what is said for the values that demo mode hides."""
    if isinstance(called, list | tuple):
        return type(called)(_stood_in(one) for one in called)
    if isinstance(called, Mapping):
        return {name: _stood_in(one) for name, one in called.items()}
    return veiled(called) if isinstance(called, str) else called


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


def _veiled(rule: Rule) -> dict[str, Any]:
    """The rule in the words of the log that is shown: with what demo mode says. The way back of `real`."""
    for word in ("all", "any"):
        if word in rule:
            return {word: [_veiled(part) for part in rule[word]]}
    if "not" in rule:
        return {"not": _veiled(rule["not"])}
    if "attribute" in rule:
        shown = said(rule["attribute"])
        return {**rule, "values": [shown.get(one, one) if one else one for one in rule["values"]]}
    if "number" in rule and (shown := said(rule["number"]["attribute"])):
        return {"attribute": rule["number"]["attribute"], "values": _in_range(rule["number"], shown)}
    if "stuck" in rule:
        what = rule["stuck"]
        return {"stuck": {**what, "value": said(what["attribute"]).get(what["value"], what["value"])}}
    if "cluster" in rule:
        return _of_clusters(rule, said)
    if "arm" in rule and (name := rule["arm"]["experiment"].get("attribute")):
        label = rule["arm"]["arm"]
        return {"arm": {**rule["arm"], "arm": said(name).get(label, label)}}
    return dict(rule)


def _of_clusters(rule: Rule, names_of: Callable[[str], Mapping[str, str]]) -> dict[str, Any]:
    """The rule with other words for the categories that its model tells customers by."""
    model = rule["cluster"]["model"]
    if not isinstance(model, Mapping):
        return dict(rule)
    return {"cluster": {**rule["cluster"], "model": _renamed_model(model, names_of)}}


def _renamed_model(model: Mapping[str, Any], names_of: Callable[[str], Mapping[str, str]]) -> dict[str, Any]:
    scales = []
    for one in model["scales"]:
        attribute = (one.get("about") or {}).get("attribute")
        names = names_of(attribute) if one["categories"] and attribute else {}
        scales.append({**one, "categories": [names.get(text, text) for text in one["categories"]]})
    return {**model, "scales": scales}


def veiled_model(model: Mapping[str, Any]) -> Mapping[str, Any]:
    """A saved model of clusters in the words of the log that is shown."""
    return _renamed_model(model, said) if demo.is_on() else model


def _in_range(of: Mapping[str, Any], shown: Mapping[str, str]) -> list[str]:
    """What stands for the values of a hidden attribute that are numbers, or dates, in a range."""
    values = list(shown)
    inside = values_between(values, of.get("from"), of.get("to"))
    return [shown[value] for value, is_inside in zip(values, inside, strict=True) if is_inside]


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
        given["tables"] = _tables(project_id, fingerprint, disguise)
    if "survey" in takes:
        given["survey"] = _survey(_tables(project_id, fingerprint, disguise), found)
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
    flags = _members(project_id, fingerprint, stages, _text(rule))
    if found.origin is None:
        return flags
    strangers = found.origin < 0
    if not strangers.any():
        return flags.take(found.origin)
    tables = _tables(project_id, fingerprint, disguise)
    own = members_of(found, StageMap.from_json(stages), _veiled(rule), tables)
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
        return _shown(project_id, fingerprint, filters, disguise), own
    asked = _text({**wanted, "unit": settings.get("unit", "customer")})
    return _assigned(project_id, fingerprint, filters, disguise, asked), with_exposure(own)


@st.cache_resource(max_entries=16, show_spinner=False)
def _assigned(project_id: str, fingerprint: str, filters: str, disguise: str, wanted: str) -> EventLog:
    asked, found = json.loads(wanted), _shown(project_id, fingerprint, filters, disguise)
    source = asked["experiment"]
    everyone = _arm_members(project_id, fingerprint, _text(source))
    labels = [arm.label for arm in everyone.arms]
    if disguise and "attribute" in source:
        shown = _said(project_id, fingerprint, disguise, source["attribute"])
        labels = [shown.get(one, one) for one in labels]
    others = everyone.ids.filter(pa.array(everyone.customer < 0))
    if disguise:
        key = session.store().open(project_id).mask_key
        among = _log(project_id, fingerprint).customer_ids
        others = pa.array(mask_ids(others, key, among=among), pa.large_string())
    chosen = json.loads(filters)
    is_narrowed = bool(chosen["segment"] or chosen["where"])
    return exposed(
        found,
        everyone if found.origin is None else everyone.within(found.origin),
        since=asked["since"],
        only=everyone.number(asked["arm"]) if asked.get("arm") else None,
        # Of those whom the log does not know no filter can tell.
        others=None if is_narrowed else others,
        called=labels,
        # A session without a row is none.
        rows_for_all=asked["unit"] == "customer",
    )


@st.cache_resource(max_entries=16, show_spinner=False)
def _arm_members(project_id: str, fingerprint: str, source: str) -> ArmMembers:
    tables = _tables(project_id, fingerprint, "")
    return arm_members(_log(project_id, fingerprint), json.loads(source), tables)


@st.cache_resource(max_entries=16, show_spinner=False)
def _arm_sources(project_id: str, fingerprint: str, plans: str) -> tuple[ArmSource, ...]:
    tables = _tables(project_id, fingerprint, "")
    return arm_sources(
        _log(project_id, fingerprint), tables, [Plan.from_json(one) for one in json.loads(plans)]
    )


def _text(settings: Mapping[str, Any]) -> str:
    return json.dumps(settings, sort_keys=True, ensure_ascii=False)


@st.cache_resource(max_entries=8, show_spinner=False)
def _log(project_id: str, fingerprint: str) -> EventLog:
    found = session.store().open(project_id).log()
    return found or registered(_tables(project_id, fingerprint, "")) or nobody()


@st.cache_resource(max_entries=8, show_spinner=False)
def _tables(project_id: str, fingerprint: str, disguise: str) -> OtherTables:
    """What the project's other files say about its customers; demo mode's with codes and stand-ins."""
    if disguise:
        wanted, opened = json.loads(disguise), session.store().open(project_id)
        covered = [name for name in wanted["hidden"] if name not in wanted["numbers"]]
        names = {name: _said(project_id, fingerprint, disguise, name) for name in covered}
        plain, ids = _tables(project_id, fingerprint, ""), _log(project_id, fingerprint).customer_ids
        return disguised_tables(plain, opened.mask_key, ids, names)
    opened = session.store().open(project_id)
    files = () if opened.state.data is None else opened.state.data.of_kind(*OTHER_KINDS)
    return other_tables((file.kind, _typed(opened, file)) for file in files)


def _typed(opened: Project, file: FileRef) -> Mapping[str, pa.Table]:
    """The tables of one file that questions read; a test without a name is called as its file is."""
    made = {name: opened.table(file.id, name) for name in OTHER_KINDS[file.kind] if name in file.tables}
    return called(made, file.name) if file.kind == "experiment" else made


@st.cache_resource(max_entries=8, show_spinner=False)
def _choices(project_id: str, fingerprint: str, settings: str) -> Conditions:
    found, tables = _log(project_id, fingerprint), _tables(project_id, fingerprint, "")
    return conditions(found, tables, **json.loads(settings))


@st.cache_resource(max_entries=8, show_spinner=False)
def _plans(project_id: str, fingerprint: str) -> PlanChoices:
    return plan_choices(_log(project_id, fingerprint), _tables(project_id, fingerprint, ""))


@st.cache_resource(max_entries=16, show_spinner=False)
def _view(project_id: str, fingerprint: str, filters: str) -> EventLog:
    wanted = json.loads(filters)
    found = _log(project_id, fingerprint)
    if wanted["segment"]:
        rule, stages = _text(wanted["segment"]["rule"]), wanted["segment"]["stages"]
        found = found.of_customers(_members(project_id, fingerprint, stages, rule))
    for name, values in wanted["where"].items():
        found = found.where(name, values)
    if wanted["period"]:
        first, last = (dt.date.fromisoformat(day) for day in wanted["period"])
        found = found.between(first, last)
    return found


@st.cache_resource(max_entries=32, show_spinner=False)
def _members(project_id: str, fingerprint: str, stages: str, rule: str) -> np.ndarray:
    tables = _tables(project_id, fingerprint, "")
    flags = members_of(_log(project_id, fingerprint), StageMap.from_json(stages), json.loads(rule), tables)
    flags.setflags(write=False)
    return flags


@st.cache_resource(max_entries=32, show_spinner=False)
def _naming(project_id: str, fingerprint: str) -> tuple[str, ...]:
    return naming(_log(project_id, fingerprint))


@st.cache_resource(max_entries=32, show_spinner=False)
def _plain_numbers(project_id: str, fingerprint: str) -> frozenset[str]:
    found = _log(project_id, fingerprint).attributes.items()
    return frozenset(name for name, one in found if are_plain_numbers(name, one.categories))


def _shown(project_id: str, fingerprint: str, filters: str, disguise: str) -> EventLog:
    if disguise:
        return _disguised(project_id, fingerprint, filters, disguise)
    return _view(project_id, fingerprint, filters)


@st.cache_resource(max_entries=8, show_spinner=False)
def _disguised(project_id: str, fingerprint: str, filters: str, disguise: str) -> EventLog:
    wanted, key = json.loads(disguise), session.store().open(project_id).mask_key
    found = _view(project_id, fingerprint, filters)
    return disguised(found, key, attributes=wanted["hidden"], word=wanted["word"])


@st.cache_resource(max_entries=32, show_spinner=False)
def _said(project_id: str, fingerprint: str, disguise: str, attribute: str) -> Mapping[str, str]:
    wanted, found = json.loads(disguise), _log(project_id, fingerprint)
    if attribute not in wanted["hidden"]:
        return {}
    key = session.store().open(project_id).mask_key
    return stand_ins(found.attributes[attribute].categories, key, wanted["word"])


@st.cache_data(max_entries=512, show_spinner=False)
def _without_names(project_id: str, fingerprint: str, disguise: str, words: str) -> str:
    """The words with the code of each customer and the stand-in of each value that stands there as a word.

    Short ids, numbers and single letters stay: they may be anything (see `is_telling`).
    """
    codes, attributes = _codes(project_id, fingerprint), json.loads(disguise)["hidden"]
    values = [_said(project_id, fingerprint, disguise, name) for name in attributes]

    def shown_for(word: str) -> str | None:
        if is_telling(word) and word in codes:
            return codes[word]
        if len(word) < 2 or word.isdigit():
            return None
        return next((names[word] for names in values if word in names), None)

    def is_end(at: int) -> bool:
        # A Korean particle follows a name without a space.
        return not (words[at - 1 : at + 1].isalnum() and words[at - 1 : at + 1].isascii()) or at == len(words)

    told, at = [], 0
    while at < len(words):
        last = min(at + _LONGEST_NAME, len(words)) if not at or not words[at - 1].isalnum() else at
        ends = (end for end in range(last, at, -1) if is_end(end))
        found = next(((end, shown) for end in ends if (shown := shown_for(words[at:end])) is not None), None)
        at, piece = found or (at + 1, words[at])
        told.append(piece)
    return "".join(told)


@st.cache_resource(max_entries=32, show_spinner=False)
def _counts(project_id: str, fingerprint: str, filters: str) -> EventCounts:
    return event_counts(_view(project_id, fingerprint, filters))


@st.cache_resource(max_entries=32, show_spinner=False)
def _customers_of(
    project_id: str, fingerprint: str, filters: str, digest: str, n_groups: int, _groups: np.ndarray
) -> np.ndarray:
    return customers_of_groups(_view(project_id, fingerprint, filters), _groups, n_groups)


@st.cache_resource(max_entries=32, show_spinner=False)
def _guess(project_id: str, fingerprint: str, language: str) -> Suggestion:
    counted = _counts(project_id, fingerprint, _NO_FILTERS)
    return suggest(counted.names, counted.rows, language=language)


@st.cache_resource(max_entries=32, show_spinner=False)
def _sure(project_id: str, fingerprint: str, language: str) -> Mapping[str, float]:
    first = _guess(project_id, fingerprint, language)
    rules = {name: first.stage_map.rule_of(name) for name in first.confidence}
    ruled = {rule.pattern: first.confidence[name] for name, rule in rules.items() if rule is not None}
    return {**first.confidence, **ruled}


@st.cache_resource(max_entries=2, show_spinner=False)
def _codes(project_id: str, fingerprint: str) -> dict[str, str]:
    ids, key = _log(project_id, fingerprint).customer_ids, session.store().open(project_id).mask_key
    codes = dict(zip(ids.to_pylist(), mask_ids(ids, key), strict=True))
    # Who was assigned to an experiment may be somebody whom the log does not know.
    for table in _tables(project_id, fingerprint, "").records:
        strangers = [one for one in table.column("customer").unique().to_pylist() if one and one not in codes]
        codes |= zip(strangers, mask_ids(strangers, key, among=ids), strict=True)
    return codes


@st.cache_data(max_entries=512, show_spinner=False)
def _answer(
    project_id: str, fingerprint: str, question: str, stages: str, filters: str, disguise: str, settings: str
) -> Any:
    wanted = json.loads(settings)
    found, own = _asked_of(project_id, fingerprint, stages, filters, disguise, wanted)
    given = _given(project_id, fingerprint, stages, question, wanted, found, disguise)
    return _QUESTIONS[question](found, own, **given)


def _survey(tables: OtherTables, found: EventLog) -> pd.DataFrame | None:
    """The answers of the project's surveys; where customers are filtered, those of the ones that are left."""
    given = tables.answers
    if found.origin is None or given.empty:
        return None if given.empty else given
    return given[given["customer"].isin(set(found.customer_ids.to_pylist()))]
