"""What demo mode says in place of what the data and people say, and the way back, in texts and in rules.

`ui.demo` knows the names of people, files and projects; this knows the customers and their values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from journey.aggregates.customer_figures import values_between
from journey.findings import Finding
from journey.stages.segment import Rule
from ui import demo, logs, session
from ui.flow_names import renamed
from ui.logs import source, whole

__all__ = [
    "HIDDEN",
    "RULES",
    "disguise_now",
    "hidden",
    "masked",
    "meant",
    "real",
    "said",
    "said_for",
    "stood_in",
    "veiled",
    "veiled_change",
    "veiled_finding",
    "veiled_model",
    "veiled_rule",
    "with_arms_shown",
]

# The project's setting that overrules what was found: attribute -> is it hidden in demo mode?
HIDDEN = "demo.hidden"
# A setting of questions that is a rule: who is in a group is found in the whole log, whatever the filters.
RULES = ("a", "among", "b", "outcome", "rule")
# Changes that are told in the words of whoever made them begin so.
_WRITTEN = ("notebook_", "test_", "map_")
_OF_ATTRIBUTES = ("attribute", "first", "last")


def hidden() -> list[str]:
    """The attributes whose values demo mode hides: those that may name somebody, and as its people say."""
    found, chosen = logs.naming_attributes(*source()), session.state().settings.get(HIDDEN) or {}
    return [name for name in whole().attributes if chosen.get(name, name in found)]


def said(attribute: str) -> Mapping[str, str]:
    """Value -> what is said for it, of an attribute that demo mode hides; empty for any other."""
    disguise = disguise_now()
    return logs.said(*source(), disguise, attribute) if disguise else {}


def said_for(names: Mapping[str, str], value: str | None) -> str | None:
    return names.get(value, demo.word("value")) if names and value is not None else value


def disguise_now() -> str:
    """What is hidden in this tab, as a part of a key; nothing outside of demo mode."""
    if not demo.is_on():
        return ""
    return logs.key({"word": demo.word("value"), "hidden": hidden(), "numbers": _told_as_numbers()})


def _told_as_numbers() -> list[str]:
    """Attributes that are hidden for having many values only and are numbers: means and ranges tell of them.

    What people hid by themselves stays hidden there too. Wherever values are shown one by one, each has its
    stand-in all the same.
    """
    found, plain = logs.naming_attributes(*source()), logs.plain_numbers(*source())
    return [name for name in hidden() if name in plain and name in found]


def masked() -> Mapping[str, str]:
    """Customer id -> the code that stands for it in every table of the project; a code is its own."""
    codes = logs.codes(*source())
    return {code: code for code in codes.values()} if demo.is_on() else codes


def veiled(words: str) -> str:
    """What people of the project wrote, in demo mode without ids of customers and values that are hidden."""
    # Asked for each word of a page: what decides most often is asked first.
    if not words or not demo.is_on():
        return words
    data = session.state().data
    if data is None or not (data.has_customers or data.has_experiments):
        return words
    return logs.without_names(*source(), disguise_now(), words)


def veiled_change(said: Finding) -> Finding:
    """What was done to the project, with what people wrote themselves `veiled`: it may name somebody."""
    if not said.code.partition(".")[2].startswith(_WRITTEN):
        return said
    values = {name: veiled(one) if isinstance(one, str) else one for name, one in said.values.items()}
    return replace(said, values=values)


def veiled_finding(found: Finding) -> Finding:
    """A sentence that was kept, with what `veiled` leaves of the texts in it."""
    return replace(found, values=stood_in(found.values)) if demo.is_on() else found


def stood_in(called: Any) -> Any:
    """What groups are called, with what is said for the values that demo mode hides."""
    if isinstance(called, list | tuple):
        return type(called)(stood_in(one) for one in called)
    if isinstance(called, Mapping):
        return {name: stood_in(one) for name, one in called.items()}
    return veiled(called) if isinstance(called, str) else called


def with_arms_shown(settings: Mapping[str, Any]) -> dict[str, Any]:
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
        shown_as = meant(str(feature["name"])) if is_value else {}
        inner = {
            word: real(part) for word, part in feature.items() if word in RULES and isinstance(part, dict)
        }
        value = feature.get("value", "")
        return {"feature": {**feature, **inner, "value": shown_as.get(value, value)}}
    stuck = rule.get("stuck")
    if isinstance(stuck, Mapping):
        shown_as = meant(str(stuck["attribute"]))
        return {"stuck": {**stuck, "value": shown_as.get(stuck["value"], stuck["value"])}}
    if isinstance(rule.get("cluster"), Mapping):
        return _of_clusters(rule, meant)
    link = rule.get("link")
    return {"link": renamed(link, meant)} if isinstance(link, Mapping) else rule


def meant(attribute: str) -> Mapping[str, str]:
    """What stands for a value of this attribute -> the value."""
    return {shown: value for value, shown in said(attribute).items()}


def veiled_rule(rule: Rule) -> dict[str, Any]:
    """The rule in the words of the log that is shown: with what demo mode says. The way back of `real`."""
    for word in ("all", "any"):
        if word in rule:
            return {word: [veiled_rule(part) for part in rule[word]]}
    if "not" in rule:
        return {"not": veiled_rule(rule["not"])}
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


def veiled_model(model: Mapping[str, Any]) -> Mapping[str, Any]:
    """A saved model of clusters in the words of the log that is shown."""
    return _renamed_model(model, said) if demo.is_on() else model


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


def _in_range(of: Mapping[str, Any], shown: Mapping[str, str]) -> list[str]:
    """What stands for the values of a hidden attribute that are numbers, or dates, in a range."""
    values = list(shown)
    inside = values_between(values, of.get("from"), of.get("to"))
    return [shown[value] for value, is_inside in zip(values, inside, strict=True) if is_inside]
