"""What an edit of a journey map did, in findings of the history."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from journey.findings import Finding
from journey.projects.maps import area_of_fact, fact_of
from journey.stages.changes import Key
from journey.stages.stage_map import StageMap

__all__ = ["drawn", "gone_over_on_map"]

Values = Mapping[str, Any]

# Letters of a card that a line shows.
_LONGEST = 60


def drawn(values: Values, was: Values, settings: Values, stage_map: StageMap) -> Finding | None:
    """What an edit did that made these values of those; None where nothing of it is of a map.

    `settings` are those after it.
    """
    facts = {name: fact for name in values if (fact := fact_of(name))}
    if not facts:
        return None
    for name, (_, kind, _) in facts.items():
        if not kind and (values[name] is None or was.get(name) is None):
            return _came_or_went(values[name], was.get(name))
        if not kind and _said(values[name], "name") != _said(was[name], "name"):
            old, new = _said(was[name], "name"), _said(values[name], "name")
            return Finding("history.map_renamed", {"old": old, "new": new})
    id_ = next(iter(facts.values()))[0]
    named = {"map": _said(settings.get(f"map.{id_}"), "name")}
    of = {kind: [name for name in facts if facts[name][1] == kind] for kind in _TOLD}
    # A lane goes with its cards, and a persona with its curve: the first of them is what was meant.
    for kind in ("lane", "persona"):
        if came_or_went := [name for name in of[kind] if values[name] is None or was.get(name) is None]:
            (name, *_) = came_or_went
            done = "removed" if values[name] is None else "added"
            what = _said(was.get(name) if values[name] is None else values[name], "name")
            return _of(f"map_{kind}_{done}", what, named)
    if sum(bool(those) for those in of.values()) > 1:
        return Finding("history.map_changed", named)
    for kind, told in _TOLD.items():
        if of[kind]:
            return told([(was.get(name), values[name]) for name in of[kind]], named, stage_map)
    return Finding("history.map_changed", named)


def gone_over_on_map(who: str, keys: Collection[Key], settings: Values, *, theirs: bool) -> Finding:
    """What an edit of a map went over without having seen it: told as history's `went_over` is."""
    begun = "overridden" if theirs else "over"
    names = {key[1] for key in keys}
    if len(names) > 1:
        return Finding(f"history.{begun}_many", {"who": who, "n": len(names)})
    (name,) = names
    fact = fact_of(name)
    text = _short(_said(settings.get(name), "text"))
    if fact and fact[1] == "card" and text:
        return Finding(f"history.{begun}_map_card", {"who": who, "what": text})
    head = settings.get(area_of_fact(name))
    return Finding(f"history.{begun}_map", {"who": who, "map": _said(head, "name")})


def _came_or_went(after: Any, before: Any) -> Finding:
    if after is None:
        return Finding("history.map_removed", {"map": _said(before, "name")})
    kind = "map_added_to_be" if _said(after, "version") == "to_be" else "map_added"
    return Finding(f"history.{kind}", {"map": _said(after, "name")})


Pairs = list[tuple[Any, Any]]


def _cards(pairs: Pairs, named: Values, stage_map: StageMap) -> Finding:
    """Cards before and after, None where there was none or is none any more."""
    done = {_done_to_card(before, after) for before, after in pairs}
    if len(pairs) > 1:
        kind = done.pop() if len(done) == 1 else "changed"
        kind = kind if kind in ("added", "removed", "moved") else "changed"
        return Finding(f"history.map_cards_{kind}", {"n": len(pairs), **named})
    ((before, after),) = pairs
    (kind,) = done
    text = _said(after, "text") or _said(before, "text")
    if kind == "moved" and _said(before, "stage") != _said(after, "stage"):
        stage = _said(after, "stage")
        to = next((one.name for one in stage_map.stages if one.id == stage), "")
        if to and text:
            return Finding("history.map_card_moved_to", {"what": _short(text), "to": to, **named})
    if not text and kind not in ("added", "removed", "moved"):
        return Finding("history.map_card_changed_bare", named)
    return _of(f"map_card_{kind}", _short(text), named)


def _done_to_card(before: Any, after: Any) -> str:
    if before is None or after is None:
        return "added" if before is None else "removed"
    other = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    if other <= {"lane", "stage", "key"}:
        return "moved"
    if "state" in other:
        return f"state_{after['state']}" if after.get("state") else "changed"
    if "text" in other and after.get("text"):
        return "reworded"
    if other == {"link"}:
        return "bound" if after.get("link") else "unbound"
    return "tested" if other == {"test"} and after.get("test") else "changed"


def _lanes(pairs: Pairs, named: Values, stage_map: StageMap) -> Finding:
    before, after = pairs[0]
    if len(pairs) == 1 and _said(before, "name") != _said(after, "name") and _said(after, "name"):
        return Finding("history.map_lane_renamed", {"what": _said(after, "name"), **named})
    if len(pairs) == 1 and before.get("hidden") != after.get("hidden"):
        done = "map_lane_hidden" if after.get("hidden") else "map_lane_shown"
        return _of(done, _said(after, "name"), named)
    if all(before.get("key") != after.get("key") for before, after in pairs):
        return Finding("history.map_lanes_ordered", named)
    return Finding("history.map_changed", named)


def _personas(pairs: Pairs, named: Values, stage_map: StageMap) -> Finding:
    return _of("map_persona_changed", _said(pairs[0][1], "name"), named)


def _curves(pairs: Pairs, named: Values, stage_map: StageMap) -> Finding:
    return Finding("history.map_curve_drawn", named)


_TOLD = {"lane": _lanes, "persona": _personas, "card": _cards, "felt": _curves}


def _of(code: str, what: str, named: Values) -> Finding:
    """A finding about something that may have no words of its own yet."""
    return (
        Finding(f"history.{code}", {"what": what, **named})
        if what
        else Finding(f"history.{code}_bare", named)
    )


def _said(fact: Any, name: str) -> str:
    told = fact.get(name) if isinstance(fact, Mapping) else None
    return told if isinstance(told, str) else ""


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1].rstrip()}…"
