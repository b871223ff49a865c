"""A segment: a rule that picks customers, written down so that it holds for tomorrow's data too."""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from journey.errors import SegmentMissing, SettingWrong

__all__ = [
    "BEGINNING",
    "OF_MODELS",
    "Rule",
    "Segment",
    "checked",
    "is_about_customers",
    "models",
    "resolved",
    "segments",
    "users_of",
    "without",
    "writable",
]

Rule = Mapping[str, Any]

# A project keeps each segment as a setting of its own, so that two people may add one at the same time.
BEGINNING = "segment."
# A saved clustering: {"name": text, "model": see aggregates.cluster_points.assign, ...}.
OF_MODELS = "clustering."
_ID = re.compile(r"[0-9a-f]{12}")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_DEEPEST = 8
_MOST = 200
# Settings of a feature that are rules themselves.
_INNER = ("among", "rule")
# Conditions on what a customer did over time, on arms of experiments, and on clusters of customers.
_OF_CUSTOMERS = frozenset({"arm", "cluster", "cohort", "kpi", "orders", "rebought", "rfm"})


@dataclass(frozen=True)
class Segment:
    """A saved rule under a name that people gave it, perhaps with a colour and with what it is about."""

    id: str
    name: str
    rule: Rule
    colour: str = ""
    about: str = ""


def checked(rule: Any) -> Rule:
    """The rule, if it is one; what it names need not exist. Raises SettingWrong.

    {"all": [rules]}, {"any": [rules]}, {"not": rule}
    {"attribute": NAME, "values": [..]}   the customer's value is one of these; of an attribute of events: at
                                          least one row has it; None is a missing value
    {"number": {"attribute": NAME, "from": X, "to": Y}}   the customer's value is a number between these, ends
                                          included (None: no end), or with ISO dates as ends such a date; of
                                          an attribute of events: at least one row has it
    {"did": {"stage": ID} or {"event": NAME}, "at_least": N, "at_most": M}   so many such rows (without both:
                                          1 or more); with "days": [FROM, TO] on these days, with
                                          "last_days": N in the last N observed ones
    {"looped": {"stage": ID} or {"event": NAME}}   left it and came back: two visits or more
    {"skipped": {"stage": ID}}            no visit there, but one in a later stage
    {"orders": {"what": W, "from": X, "to": Y}}   "count" of orders, "spent" less refunds, or "days_since" the
                                          last, as RFM counts; perhaps with days as above, and "purchases",
                                          the events that are orders
    {"score": {"question": Q, "from": X, "to": Y}}   the customer's latest answer to the question
    {"rating": {"from": X, "to": Y}}      the rating of the customer's latest review
    {"ended": {"stage": ID} or {"event": NAME}}   the last visit, or its last mapped row, is there and the
                                          customer is not active any more (30 days)
    {"stuck": {"stage": ID or "event": NAME, "attribute": NAME, "value": V}}   the first time there began
                                          with the value; after that visit the customer went back a stage
                                          or left
    {"period": [FROM, TO]}                at least one row on these days, both included, as ISO dates
    {"link": {...}}                       the customers of a drawn link or node: the settings of `people`
    {"funnel": {...}}                     those who continued, or did not, at a step of a funnel
    {"design": {...}}                     those who went a marked order of `steps`, or left it: a `kind` (see
                                          aggregates.conformance) and perhaps a `step` and a `target`
    {"kpi": {...}}                        those whom a card of the KPI board is about, over some days; of one
                                          about answers those who gave one in a `box` (high, middle, low)
    {"cohort": {...}}                     those who began in a period (without one: in any that is over by
                                          then) and came back, or did not, by some time
    {"rebought": {...}}                   those who bought again within some days of the first time, or not
    {"last_visits": {...}}                those whose last visits were in these stages, and who then fell
                                          silent or stayed
    {"feature": {...}}                    those with a feature of `drivers` (kind, name, value, above),
                                          who reached the outcome or did not, with the question's settings
    {"rfm": {...}}                        those in RFM groups, cells or scores (see aggregates.rfm), as of the
                                          day after the last one, or after the day `on`
    {"cluster": {"model": M, "groups": [..]}}   those whom a model (see aggregates.cluster_points) puts into
                                          these clusters, from 0 on; M is the model, or the id of a saved one
    {"arm": {"experiment": SOURCE, "arm": LABEL}}   those who were in this arm of an experiment, and in no
                                          other one of it; SOURCE is {"records": NAME or null}, or
                                          {"attribute": NAME}, as of a plan
    {"segment": ID}                       a saved one; see `resolved`
    """
    _check(rule, _DEEPEST)
    return dict(rule)


def resolved(
    rule: Rule, known: Mapping[str, Rule], models: Mapping[str, Mapping[str, Any]] | None = None
) -> Rule:
    """The rule with saved segments and models written out; by id, `known` are rules, `models` of clusters.

    Raises SegmentMissing. A segment that is about itself, in however many turns, is missing too.
    """
    if "cluster" in rule:
        model = rule["cluster"]["model"]
        if isinstance(model, str):
            if model not in (models or {}):
                raise SegmentMissing()
            return {"cluster": {**rule["cluster"], "model": (models or {})[model]}}
        return rule
    if "segment" in rule:
        one = rule["segment"]
        if one not in known:
            raise SegmentMissing()
        rest = {id_: other for id_, other in known.items() if id_ != one}
        return resolved(known[one], rest, models)
    if "not" in rule:
        return {"not": resolved(rule["not"], known, models)}
    for word in ("all", "any"):
        if word in rule:
            return {word: [resolved(part, known, models) for part in rule[word]]}
    if "feature" in rule:
        inner = {
            word: resolved(part, known, models)
            for word, part in rule["feature"].items()
            if word in _INNER and part
        }
        return {"feature": {**rule["feature"], **inner}}
    return rule


def models(settings: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The saved models of clusters among a project's settings, by id; what is none is left out."""
    found: dict[str, Mapping[str, Any]] = {}
    for name, content in settings.items():
        id_ = name.removeprefix(OF_MODELS)
        if name != id_ and _ID.fullmatch(id_) and isinstance(content, Mapping):
            model = content.get("model")
            if isinstance(model, Mapping) and {"scales", "centres"} <= set(model):
                found[id_] = model
    return found


def is_about_customers(rule: Rule) -> bool:
    """Does a condition of the rule (saved segments written out) tell of all that a customer ever did?

    Of sessions it picks all those of these customers: no session has an RFM group of its own.
    """
    for word in ("all", "any"):
        if word in rule:
            return any(map(is_about_customers, rule[word]))
    return is_about_customers(rule["not"]) if "not" in rule else not _OF_CUSTOMERS.isdisjoint(rule)


def segments(settings: Mapping[str, Any]) -> tuple[Segment, ...]:
    """The saved segments among a project's settings, by name; what is no rule is left out."""
    found = []
    for name, content in settings.items():
        id_ = name.removeprefix(BEGINNING)
        if name == id_ or not _ID.fullmatch(id_) or not isinstance(content, Mapping):
            continue
        content = writable(content)
        called = content.get("name")
        if isinstance(called, str) and called.strip() and _is_rule(content.get("rule")):
            colour, about = content.get("colour"), content.get("about")
            is_colour = isinstance(colour, str) and _COLOUR.fullmatch(colour)
            found.append(
                Segment(
                    id_,
                    called,
                    content["rule"],
                    str(colour) if is_colour else "",
                    about if isinstance(about, str) else "",
                )
            )
    return tuple(sorted(found, key=lambda one: (one.name.casefold(), one.id)))


def writable(content: Any) -> Any:
    """A setting as it can be shown: half a character (a lone surrogate), which no page can hold, is a "?"."""
    text = json.dumps(content, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.loads(text.encode("utf-8", "replace"))
    return content


def without(rule: Rule, gone: Segment) -> Rule:
    """The same rule with the one segment written out, as it is about to be taken away; others stay named."""
    if rule.get("segment") == gone.id:
        return dict(gone.rule)
    if "not" in rule:
        return {"not": without(rule["not"], gone)}
    for word in ("all", "any"):
        if word in rule:
            return {word: [without(part, gone) for part in rule[word]]}
    if "feature" in rule:
        inner = {
            word: without(part, gone) for word, part in rule["feature"].items() if word in _INNER and part
        }
        return {"feature": {**rule["feature"], **inner}}
    return rule


def users_of(id_: str, known: Iterable[Segment]) -> frozenset[str]:
    """The ids of the segments whose rules name this one."""
    gone = Segment(id_, "", {"not": {"segment": id_}})
    return frozenset(one.id for one in known if without(one.rule, gone) != one.rule)


def _is_rule(rule: Any) -> bool:
    try:
        _check(rule, _DEEPEST)
    except SettingWrong:
        return False
    return True


def _check(rule: Any, left: int) -> None:
    if not isinstance(rule, Mapping) or left == 0:
        raise _wrong(rule)
    kinds = [kind for kind in _KINDS if kind in rule]
    if len(kinds) != 1 or set(rule) - _KINDS[kinds[0]]:
        raise _wrong(rule)
    kind = kinds[0]
    content = rule[kind]
    match kind:
        case "all" | "any":
            if not isinstance(content, list | tuple) or not 0 < len(content) <= _MOST:
                raise _wrong(rule)
            for part in content:
                _check(part, left - 1)
            return
        case "not":
            return _check(content, left - 1)
        case "attribute":
            values = rule.get("values")
            good = isinstance(content, str) and isinstance(values, list | tuple)
            good = good and all(value is None or isinstance(value, str) for value in values or ())
        case "did":
            least, most = rule.get("at_least", 0 if "at_most" in rule else 1), rule.get("at_most")
            good = _is_place(content) and _is_whole(least, 0 if most is not None else 1)
            good = good and (most is None or _is_whole(most, least)) and _is_span(rule)
        case "ended" | "looped":
            good = _is_place(content)
        case "skipped":
            good = _is_place(content) and "stage" in content
        case "number" | "orders" | "score" | "rating":
            good = isinstance(content, Mapping) and _is_figure(kind, content)
        case "stuck":
            good = isinstance(content, Mapping) and {"attribute", "value"} < set(content)
            good = good and all(isinstance(content[name], str) for name in ("attribute", "value"))
            rest = {name: content[name] for name in content if name not in ("attribute", "value")}
            good = good and _is_place(rest)
        case "period":
            good = _is_period(content)
        case "segment":
            good = isinstance(content, str)
        case "cluster":
            good = _is_cluster(content)
        case "arm":
            good = _is_arm(content)
        case _:
            good = isinstance(content, Mapping) and all(isinstance(key, str) for key in content)
            if good and kind == "feature":
                for word in _INNER:
                    if content.get(word) is not None:
                        _check(content[word], left - 1)
    if not good:
        raise _wrong(rule)


# What a rule is, by its first word -> every word that it may have.
_KINDS: dict[str, frozenset[str]] = {
    "all": frozenset({"all"}),
    "any": frozenset({"any"}),
    "not": frozenset({"not"}),
    "attribute": frozenset({"attribute", "values"}),
    "number": frozenset({"number"}),
    "did": frozenset({"did", "at_least", "at_most", "days", "last_days"}),
    "looped": frozenset({"looped"}),
    "skipped": frozenset({"skipped"}),
    "orders": frozenset({"orders"}),
    "score": frozenset({"score"}),
    "rating": frozenset({"rating"}),
    "ended": frozenset({"ended"}),
    "stuck": frozenset({"stuck"}),
    "period": frozenset({"period"}),
    "kpi": frozenset({"kpi"}),
    "link": frozenset({"link"}),
    "funnel": frozenset({"funnel"}),
    "design": frozenset({"design"}),
    "cohort": frozenset({"cohort"}),
    "rebought": frozenset({"rebought"}),
    "last_visits": frozenset({"last_visits"}),
    "feature": frozenset({"feature"}),
    "rfm": frozenset({"rfm"}),
    "cluster": frozenset({"cluster"}),
    "arm": frozenset({"arm"}),
    "segment": frozenset({"segment"}),
}


# What a range is of, by the kind of its rule: the words that it must have, and may have, beside its ends.
_OF_FIGURES: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "number": (frozenset({"attribute"}), frozenset()),
    "orders": (frozenset({"what"}), frozenset({"purchases", "days", "last_days"})),
    "score": (frozenset({"question"}), frozenset()),
    "rating": (frozenset(), frozenset()),
}
_OF_ARMS = ("records", "attribute")
_OF_ORDERS = ("count", "spent", "days_since")


def _is_figure(kind: str, content: Mapping[str, Any]) -> bool:
    needed, more = _OF_FIGURES[kind]
    if not needed <= set(content) <= needed | more | {"from", "to"}:
        return False
    low, high = content.get("from"), content.get("to")
    if kind == "number" and (isinstance(low, str) or isinstance(high, str)):
        good = all(end is None or _day(end) is not None for end in (low, high))
    else:
        good = all(end is None or _is_number(end) for end in (low, high))
    good = good and (low is None or high is None or low <= high) and not low is high is None
    named = content.get("purchases")
    good = good and (named is None or (isinstance(named, list | tuple) and all(map(_is_text, named))))
    good = good and all(_is_text(content[word]) for word in needed)
    return good and _is_span(content) and content.get("what", "count") in _OF_ORDERS


def _is_span(content: Mapping[str, Any]) -> bool:
    """Are the days that it is about, if any, the last ones or some?"""
    if "days" in content and "last_days" in content:
        return False
    return ("days" not in content or _is_period(content["days"])) and (
        "last_days" not in content or _is_whole(content["last_days"], 1)
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    # A whole number may be longer than any float; nan is no number at all.
    is_one = isinstance(value, int | float) and not isinstance(value, bool)
    return is_one and -sys.float_info.max <= value <= sys.float_info.max


def _is_whole(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _day(value: Any) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        return None


def _is_place(content: Any) -> bool:
    """Is it one stage or one event?"""
    return (
        isinstance(content, Mapping)
        and len(content) == 1
        and all(key in ("stage", "event") and isinstance(name, str) for key, name in content.items())
    )


def _is_cluster(content: Any) -> bool:
    """Is it some clusters of a model?"""
    if not isinstance(content, Mapping) or set(content) != {"model", "groups"}:
        return False
    groups = content["groups"]
    numbered = isinstance(groups, list | tuple) and all(
        isinstance(one, int) and not isinstance(one, bool) and one >= 0 for one in groups
    )
    return numbered and bool(groups) and isinstance(content["model"], str | Mapping)


def _is_arm(content: Any) -> bool:
    """Is it an arm of an experiment whose units are known one by one?"""
    if not isinstance(content, Mapping) or set(content) != {"experiment", "arm"}:
        return False
    source, label = content["experiment"], content["arm"]
    if not isinstance(source, Mapping) or len(source) != 1 or not _is_text(label):
        return False
    (kind, name), *_ = source.items()
    return kind in _OF_ARMS and (_is_text(name) or (name is None and kind == "records"))


def _is_period(days: Any) -> bool:
    if not isinstance(days, list | tuple) or len(days) != 2:
        return False
    try:
        first, last = map(dt.date.fromisoformat, days)
    except (TypeError, ValueError):
        return False
    return first <= last


def _wrong(rule: Any) -> SettingWrong:
    return SettingWrong(setting="rule", value=str(rule)[:80], allowed=" | ".join(_KINDS))
