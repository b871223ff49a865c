"""What a rule of a segment picks, in words short enough for one line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from journey.aggregates.rfm import GROUPS, NOBODY
from journey.errors import StageUnknown
from journey.stages.clustering import clusterings
from journey.stages.segment import Rule
from ui import arms, demo, session
from ui.ask import saved
from ui.rfm import called as group_name
from ui.veil import said, veiled
from ui.words import t

__all__ = ["ends_said", "figure_name", "is_known", "place_name", "rule_said", "value_said"]

_SHOWN = 3
# Kinds that were saved from a picture: what they are about is told by the name that they were given.
_DRAWN = (
    "link",
    "funnel",
    "design",
    "kpi",
    "cohort",
    "rebought",
    "last_visits",
    "feature",
    "stuck",
    "rfm",
    "cluster",
)


def rule_said(rule: Rule, *, within: bool = False) -> str:
    """The rule in words; a group `within` another stands in brackets."""
    match rule:
        case {"all": parts} | {"any": parts}:
            word = t("segments.said_and" if "all" in rule else "segments.said_or")
            whole = f" {word} ".join(rule_said(part, within=True) for part in parts)
            return f"({whole})" if within and len(parts) > 1 else whole
        case {"not": part}:
            return t("segments.said_not", what=rule_said(part, within=True))
        case {"attribute": name, "values": values}:
            names = [value_said(name, value) for value in values[:_SHOWN]]
            more = [t("controls.more_values", n=len(values) - _SHOWN)] if len(values) > _SHOWN else []
            return t("segments.said_attribute", name=name, values=", ".join([*names, *more]))
        case {"number": of}:
            return t("segments.said_range", name=of["attribute"], range=ends_said(of))
        case {"score": of}:
            return t("segments.said_range", name=of["question"], range=ends_said(of))
        case {"rating": of}:
            return t("segments.said_range", name=t("segments.kind_rating"), range=ends_said(of))
        case {"orders": of}:
            name = t(f"segments.orders_{of['what']}")
            return t("segments.said_range", name=name, range=ends_said(of)) + _span_said(of)
        case {"did": what}:
            return _did_said(rule, place_name(what))
        case {"looped": what} | {"skipped": what} | {"ended": what}:
            return t(f"segments.said_{next(iter(rule))}", name=place_name(what))
        case {"period": [first, last]}:
            return t("segments.said_period", first=first, last=last)
        case {"rfm": {"groups": [*codes]}} if is_known(codes):
            return t("segments.said_rfm", names=", ".join(group_name(code) for code in codes))
        case {"cluster": {"model": str(id_), "groups": [*places]}}:
            return _cluster_said(id_, places)
        case {"arm": {"experiment": source, "arm": label}}:
            return arms.arm_named(source, label)
        case {"segment": id_}:
            names = {one.id: one.name for one in saved()}
            return t("segments.said_segment", name=names.get(id_) or t("segments.gone"))
        case _:
            kind = next((kind for kind in _DRAWN if kind in rule), "")
            return t(f"segments.drawn_{kind}" if kind else "segments.drawn")


def is_known(codes: Sequence[Any]) -> bool:
    """Are these RFM groups, and nothing else?"""
    return all(code in (*GROUPS, NOBODY) for code in codes)


def _cluster_said(id_: str, places: list[int]) -> str:
    """Groups of a saved clustering by the names that they were given."""
    one = next((one for one in clusterings(session.state().settings) if one.id == id_), None)
    if one is None:
        return t("segments.drawn_cluster")
    names = [one.names.get(place) or t("segments.cluster_nth", n=place + 1) for place in places]
    named = ", ".join(veiled(name) for name in dict.fromkeys(names))
    return t("segments.said_cluster", name=veiled(one.name), names=named)


def _did_said(rule: Rule, name: str) -> str:
    least, most = rule.get("at_least", 0 if "at_most" in rule else 1), rule.get("at_most")
    if most is None:
        words = t("segments.said_did" if least == 1 else "segments.said_did_least", name=name, n=least)
    elif least == most:
        words = t("segments.said_did_exactly" if most else "segments.said_never", name=name, n=most)
    elif not least:
        words = t("segments.said_did_most", name=name, n=most)
    else:
        words = t("segments.said_did_between", name=name, low=least, high=most)
    return words + _span_said(rule)


def _span_said(of: Mapping[str, Any]) -> str:
    if "last_days" in of:
        return " " + t("segments.said_last_days", n=of["last_days"])
    if "days" in of:
        return " " + t("segments.said_days", first=of["days"][0], last=of["days"][1])
    return ""


def ends_said(of: Mapping[str, Any]) -> str:
    """The ends of a range: 2–6, from 2 on, up to 6."""
    low, high = (_end(of.get(end)) for end in ("from", "to"))
    if low and high:
        return low if low == high else t("segments.said_between", low=low, high=high)
    return t("segments.said_from", low=low) if low else t("segments.said_to", high=high)


def _end(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return f"{int(value):,}" if float(value).is_integer() else f"{value:,g}"


def place_name(what: Mapping[str, str]) -> str:
    """The name of a stage, or of an event; of a stage that is gone, that it is."""
    if "event" in what:
        return what["event"]
    try:
        return session.state().stage_map.named(what["stage"]).name
    except StageUnknown:
        return t("segments.gone_stage")


def figure_name(kind: str, of: Mapping[str, Any]) -> str:
    """What a range is about."""
    if kind == "orders":
        return t(f"segments.orders_{of['what']}")
    return str(of.get("attribute") or of.get("question") or t("segments.kind_rating"))


def value_said(attribute: str, value: str | None) -> str:
    """A value as it may be shown: a missing one has a word, and demo mode its own."""
    if value is None:
        return t("controls.missing")
    names = said(attribute)
    return names.get(value, demo.word("value")) if names else value
