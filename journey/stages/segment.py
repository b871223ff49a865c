"""A segment: a rule that picks customers, written down so that it holds for tomorrow's data too."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from journey.errors import SegmentMissing, SettingWrong

__all__ = ["BEGINNING", "Rule", "Segment", "checked", "resolved", "segments"]

Rule = Mapping[str, Any]

# A project keeps each segment as a setting of its own, so that two people may add one at the same time.
BEGINNING = "segment."
_ID = re.compile(r"[0-9a-f]{12}")
_DEEPEST = 8
_MOST = 200
# Settings of a feature that are rules themselves.
_INNER = ("among", "rule")


@dataclass(frozen=True)
class Segment:
    """A saved rule under a name that people gave it."""

    id: str
    name: str
    rule: Rule


def checked(rule: Any) -> Rule:
    """The rule, if it is one; what it names need not exist. Raises SettingWrong.

    {"all": [rules]}, {"any": [rules]}, {"not": rule}
    {"attribute": NAME, "values": [..]}   the customer's value is one of these; of an attribute of events: at
                                          least one row has it; None is a missing value
    {"did": {"stage": ID} or {"event": NAME}, "at_least": N}   at least N such rows (1 without it)
    {"ended": {"stage": ID} or {"event": NAME}}   the last visit, or its last mapped row, is there and the
                                          customer is not active any more (30 days)
    {"stuck": {"stage": ID or "event": NAME, "attribute": NAME, "value": V}}   the first time there began
                                          with the value; after that visit the customer went back a stage
                                          or left
    {"period": [FROM, TO]}                at least one row on these days, both included, as ISO dates
    {"link": {...}}                       the customers of a drawn link or node: the settings of `people`
    {"funnel": {...}}                     those who continued, or did not, at a step of a funnel
    {"kpi": {...}}                        those whom a card of the KPI board is about, over some days
    {"cohort": {...}}                     those who began in a period (without one: in any that is over by
                                          then) and came back, or did not, by some time
    {"rebought": {...}}                   those who bought again within some days of the first time, or not
    {"last_visits": {...}}                those whose last visits were in these stages, and who then fell
                                          silent or stayed
    {"feature": {...}}                    those with a feature of `drivers` (kind, name, value, above),
                                          who reached the outcome or did not, with the question's settings
    {"rfm": {...}}                        those in RFM groups, cells or scores (see aggregates.rfm), as of the
                                          day after the last one, or after the day `on`
    {"segment": ID}                       a saved one; see `resolved`
    """
    _check(rule, _DEEPEST)
    return dict(rule)


def resolved(rule: Rule, known: Mapping[str, Rule]) -> Rule:
    """The rule with saved segments written out; `known` are their rules by id. Raises SegmentMissing.

    A segment that is about itself, in however many turns, is missing too.
    """
    if "segment" in rule:
        one = rule["segment"]
        if one not in known:
            raise SegmentMissing()
        rest = {id_: other for id_, other in known.items() if id_ != one}
        return resolved(known[one], rest)
    if "not" in rule:
        return {"not": resolved(rule["not"], known)}
    for word in ("all", "any"):
        if word in rule:
            return {word: [resolved(part, known) for part in rule[word]]}
    if "feature" in rule:
        inner = {
            word: resolved(part, known) for word, part in rule["feature"].items() if word in _INNER and part
        }
        return {"feature": {**rule["feature"], **inner}}
    return rule


def segments(settings: Mapping[str, Any]) -> tuple[Segment, ...]:
    """The saved segments among a project's settings, by name; what is no rule is left out."""
    found = []
    for name, content in settings.items():
        id_ = name.removeprefix(BEGINNING)
        if name == id_ or not _ID.fullmatch(id_) or not isinstance(content, Mapping):
            continue
        called = content.get("name")
        if isinstance(called, str) and called.strip() and _is_rule(content.get("rule")):
            found.append(Segment(id_, called, content["rule"]))
    return tuple(sorted(found, key=lambda one: (one.name.casefold(), one.id)))


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
            least = rule.get("at_least", 1)
            good = _is_place(content) and isinstance(least, int) and least >= 1
        case "ended":
            good = _is_place(content)
        case "stuck":
            good = isinstance(content, Mapping) and {"attribute", "value"} < set(content)
            good = good and all(isinstance(content[name], str) for name in ("attribute", "value"))
            rest = {name: content[name] for name in content if name not in ("attribute", "value")}
            good = good and _is_place(rest)
        case "period":
            good = _is_period(content)
        case "segment":
            good = isinstance(content, str)
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
    "did": frozenset({"did", "at_least"}),
    "ended": frozenset({"ended"}),
    "stuck": frozenset({"stuck"}),
    "period": frozenset({"period"}),
    "kpi": frozenset({"kpi"}),
    "link": frozenset({"link"}),
    "funnel": frozenset({"funnel"}),
    "cohort": frozenset({"cohort"}),
    "rebought": frozenset({"rebought"}),
    "last_visits": frozenset({"last_visits"}),
    "feature": frozenset({"feature"}),
    "rfm": frozenset({"rfm"}),
    "segment": frozenset({"segment"}),
}


def _is_place(content: Any) -> bool:
    """Is it one stage or one event?"""
    return (
        isinstance(content, Mapping)
        and len(content) == 1
        and all(key in ("stage", "event") and isinstance(name, str) for key, name in content.items())
    )


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
