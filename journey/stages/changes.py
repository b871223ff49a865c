"""What is different between two stage maps, thing by thing, and the same difference done to a third map."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from journey.stages.stage_map import MOST_STAGES, TRAY, Rule, Stage, StageMap

__all__ = ["Changes", "Key", "applied", "changes", "reverse"]

# ("event", name)            where it was put: a stage id, "" for the bin, "tray", or None (nobody put it)
# ("stage", id, "name")      None where there is no such stage; ("stage", id, "colour") likewise
# ("stage", id, "after")     the ids that stand before it, of a stage that is new or gone
# ("rule", pattern)          where it leads, None where there is no such rule; it has an "after" too
# ("order",), ("rule_order",)  the order of those that are in both maps, where that is another one
# ("rules",)                 all rules at once, where a pattern stands twice
# ("goal",), ("last_id",)
Key = tuple[str, ...]
# Each thing that is different: what it was, and what it is.
Changes = Mapping[Key, tuple[Any, Any]]


def changes(before: StageMap, after: StageMap) -> dict[Key, tuple[Any, Any]]:
    """What makes the second map of the first."""
    found: dict[Key, tuple[Any, Any]] = {}
    for event in _moved(before, after):
        found["event", event] = (_put(before, event), _put(after, event))
    found |= _stages(before, after)
    found |= _rules(before, after)
    if before.goal != after.goal:
        found["goal",] = (before.goal, after.goal)
    if before.last_id != after.last_id:
        found["last_id",] = (before.last_id, after.last_id)
    return found


def reverse(done: Changes) -> dict[Key, tuple[Any, Any]]:
    """What takes these changes back."""
    return {key: (after, before) for key, (before, after) in done.items()}


def applied(stage_map: StageMap, wanted: Changes) -> tuple[StageMap, frozenset[Key]]:
    """The map with these changes, and the things that had to stay as they are.

    A thing changes only while it is what it was before. Nothing makes a map that could not be: a stage stays
    while something stands in it, and does not come where its name is taken or where there are twelve.
    """
    left = {key for key in wanted if not _fits(stage_map, key, wanted[key][0])}
    while True:
        plan = _planned(stage_map, {key: value for key, value in wanted.items() if key not in left})
        impossible = plan.impossible()
        if not impossible:
            return plan.made(), frozenset(left - {("last_id",)})
        left |= impossible


# ---- finding what is different --------------------------------------------------------------------------


def _moved(before: StageMap, after: StageMap) -> set[str]:
    if before.events == after.events:
        placed = set()
    else:
        placed = {event for event, _ in before.events.items() ^ after.events.items()}
    return placed | (before.ignored ^ after.ignored) | (before.tray ^ after.tray)


def _put(stage_map: StageMap, event: str) -> str | None:
    stage = stage_map.events.get(event)
    if stage is not None:
        return stage
    if event in stage_map.ignored:
        return ""
    return TRAY if event in stage_map.tray else None


def _stages(before: StageMap, after: StageMap) -> dict[Key, tuple[Any, Any]]:
    if before.stages == after.stages:
        return {}
    found: dict[Key, tuple[Any, Any]] = {}
    old, new = ({stage.id: stage for stage in one.stages} for one in (before, after))
    for id_ in {**old, **new}:
        for name in ("name", "colour"):
            pair = (getattr(old.get(id_), name, None), getattr(new.get(id_), name, None))
            if pair[0] != pair[1]:
                found["stage", id_, name] = pair
    return found | _places("stage", "order", tuple(old), tuple(new))


def _rules(before: StageMap, after: StageMap) -> dict[Key, tuple[Any, Any]]:
    if before.rules == after.rules:
        return {}
    pairs = [tuple((rule.pattern, rule.stage) for rule in one.rules) for one in (before, after)]
    old, new = map(dict, pairs)
    if len(old) < len(pairs[0]) or len(new) < len(pairs[1]):
        return {("rules",): (pairs[0], pairs[1])}
    found: dict[Key, tuple[Any, Any]] = {
        ("rule", pattern): (old.get(pattern), new.get(pattern))
        for pattern in {**old, **new}
        if old.get(pattern) != new.get(pattern)
    }
    return found | _places("rule", "rule_order", tuple(old), tuple(new))


def _places(
    kind: str, order: str, before: tuple[str, ...], after: tuple[str, ...]
) -> dict[Key, tuple[Any, Any]]:
    """Where new ones stand, where those that are gone stood, and the order of the others."""
    known, now = set(before), set(after)
    found: dict[Key, tuple[Any, Any]] = {}
    for at, one in enumerate(before):
        if one not in now:
            found[kind, one, "after"] = (before[:at], None)
    for at, one in enumerate(after):
        if one not in known:
            found[kind, one, "after"] = (None, after[:at])
    both = tuple(one for one in before if one in now), tuple(one for one in after if one in known)
    if both[0] != both[1]:
        found[order,] = both
    return found


# ---- doing it to another map ----------------------------------------------------------------------------


def _fits(stage_map: StageMap, key: Key, before: Any) -> bool:
    """Is this thing still what it was before?"""
    match key:
        case ("event", event):
            return _put(stage_map, event) == before
        case ("stage", id_, "after"):
            return (before is not None) == any(stage.id == id_ for stage in stage_map.stages)
        case ("stage", id_, name):
            stage = next((stage for stage in stage_map.stages if stage.id == id_), None)
            return bool(getattr(stage, name, None) == before)
        case ("rule", pattern, *rest):
            places = [rule.stage for rule in stage_map.rules if rule.pattern == pattern]
            if rest:
                return (before is not None) == bool(places)
            return places == ([] if before is None else [before])
        case ("order",):
            return _is_in_order([stage.id for stage in stage_map.stages], before)
        case ("rule_order",):
            return _is_in_order([rule.pattern for rule in stage_map.rules], before)
        case ("rules",):
            return tuple((rule.pattern, rule.stage) for rule in stage_map.rules) == before
        case ("goal",):
            return stage_map.goal == before
        case _:
            return stage_map.last_id == before


def _is_in_order(now: Sequence[str], wanted: Sequence[str]) -> bool:
    here = set(now)
    known = set(wanted)
    return [one for one in now if one in known] == [one for one in wanted if one in here]


@dataclass
class _Plan:
    """A map in the making: what would stand where, before it is asked whether that can be."""

    stage_map: StageMap
    wanted: Changes
    stages: dict[str, Stage]
    order: list[str]
    events: dict[str, str | None]
    rules: list[tuple[str, str]]
    goal: str | None

    def impossible(self) -> set[Key]:
        """The changes that cannot be, of the first kind of which there are any."""
        for kind in (self._strangers, self._still_used, self._half, self._without_a_name):
            found: set[Key] = kind()
            if found:
                return found
        return set()

    def made(self) -> StageMap:
        """The map, once nothing in it is impossible."""
        events = {event: place for event, place in self.events.items() if place not in (None, "", TRAY)}
        moved = self.events
        return StageMap(
            tuple(self.stages[id_] for id_ in self.order),
            {event: stage for event, stage in self.stage_map.events.items() if event not in moved}
            | {event: str(stage) for event, stage in events.items()},
            (self.stage_map.ignored - moved.keys()) | {event for event, to in moved.items() if to == ""},
            (self.stage_map.tray - moved.keys()) | {event for event, to in moved.items() if to == TRAY},
            tuple(Rule(pattern, place) for pattern, place in self.rules),
            self.goal,
            self.wanted.get(("last_id",), (0, self.stage_map.last_id))[1],
        )

    def _strangers(self) -> set[Key]:
        """Changes that lead into a stage which is not there."""
        found: set[Key] = set()
        for key, (_, after) in self.wanted.items():
            into: Iterable[Any] = ()
            if key[0] in ("event", "goal") or (key[0] == "rule" and len(key) == 2):
                into = (after,)
            elif key[0] == "rules":
                into = (place for _, place in after)
            if any(place not in (None, "", TRAY) and place not in self.stages for place in into):
                found.add(key)
        return found

    def _still_used(self) -> set[Key]:
        """Stages that would go while something that stays stands in them."""
        gone = {key[1] for key, (_, after) in self.wanted.items() if _is_of_stage(key) and after is None}
        gone -= self.stages.keys()
        if not gone:
            return set()
        used = {stage for event, stage in self.stage_map.events.items() if event not in self.events}
        used |= {place for _, place in self.rules} | ({self.goal} if self.goal else set())
        return {key for key in self.wanted if _is_of_stage(key) and key[1] in gone & used}

    def _half(self) -> set[Key]:
        """Stages and rules of which a part cannot come or go: then none of it does."""
        parts = Counter(key[:2] for key, pair in self.wanted.items() if _comes_or_goes(key, pair))
        whole = {"stage": 3, "rule": 2}
        broken = {thing for thing, n in parts.items() if n < whole[thing[0]]}
        return {key for key, pair in self.wanted.items() if key[:2] in broken and _comes_or_goes(key, pair)}

    def _without_a_name(self) -> set[Key]:
        """New stages that are too many, and names that somebody else has given by now."""
        new = [id_ for id_ in self.order if ("stage", id_, "after") in self.wanted]
        many = max(0, len(self.order) - MOST_STAGES)
        found = {key for key in self.wanted if _is_of_stage(key) and key[1] in set(new[len(new) - many :])}
        taken = Counter(self.stages[id_].name for id_ in self.order)
        for id_ in self.order:
            if taken[self.stages[id_].name] > 1 and ("stage", id_, "name") in self.wanted:
                parts = [("stage", id_, part) for part in ("name", "colour", "after")]
                found |= set(parts if id_ in new else parts[:1]) & self.wanted.keys()
        return found


def _is_of_stage(key: Key) -> bool:
    return key[0] == "stage"


def _comes_or_goes(key: Key, pair: tuple[Any, Any]) -> bool:
    return key[0] in ("stage", "rule") and (pair[0] is None) != (pair[1] is None)


def _planned(stage_map: StageMap, wanted: Changes) -> _Plan:
    stages = {stage.id: stage for stage in stage_map.stages}
    rules = [(rule.pattern, rule.stage) for rule in stage_map.rules]
    if ("rules",) in wanted:
        rules = list(wanted["rules",][1])
    for (kind, *names), (_, after) in wanted.items():
        if kind == "rule" and len(names) == 1 and after is not None:
            rules = [(pattern, after if pattern == names[0] else place) for pattern, place in rules]
    of_rules = _ordered("rule", "rule_order", [pattern for pattern, _ in rules], wanted, _whole("rule", 2))
    places = dict(rules) | {
        key[1]: after
        for key, (_, after) in wanted.items()
        if key[0] == "rule" and len(key) == 2 and after is not None
    }
    # Rules that stand twice are only ever changed all at once.
    twice = len(places) < len(rules)
    order = _ordered("stage", "order", list(stages), wanted, _whole("stage", 3))
    looks = {
        id_: Stage(
            id_,
            _after(wanted, ("stage", id_, "name"), getattr(stages.get(id_), "name", "")),
            _after(wanted, ("stage", id_, "colour"), getattr(stages.get(id_), "colour", "")),
        )
        for id_ in order
    }
    return _Plan(
        stage_map,
        wanted,
        looks,
        order,
        {key[1]: after for key, (_, after) in wanted.items() if key[0] == "event"},
        rules if twice else [(pattern, places[pattern]) for pattern in of_rules],
        _after(wanted, ("goal",), stage_map.goal),
    )


def _after(wanted: Changes, key: Key, now: Any) -> Any:
    """What this thing becomes; one that goes is planned as it is."""
    after = wanted[key][1] if key in wanted else now
    return now if after is None and key[0] == "stage" else after


def _whole(kind: str, parts: int) -> Callable[[Changes, str], bool]:
    """Is all of this one among the changes? A half of a stage neither comes nor goes."""
    names = ("name", "colour", "after") if parts == 3 else ("", "after")

    def is_whole(wanted: Changes, one: str) -> bool:
        return all(((kind, one, name) if name else (kind, one)) in wanted for name in names)

    return is_whole


def _ordered(
    kind: str, order: str, now: list[str], wanted: Changes, is_whole: Callable[[Changes, str], bool]
) -> list[str]:
    """The order after the changes: without those that go, then as it was moved, then with those that come."""
    moved = {key[1]: pair for key, pair in wanted.items() if key[0] == kind and key[-1] == "after"}
    moved = {one: pair for one, pair in moved.items() if is_whole(wanted, one)}
    gone = {one for one, (_, after) in moved.items() if after is None}
    order_now = [one for one in now if one not in gone]
    if (order,) in wanted:
        here = set(order_now)
        turned = [one for one in wanted[order,][1] if one in here]
        turning, next_one = set(turned), iter(turned)
        order_now = [next(next_one) if one in turning else one for one in order_now]
    coming = sorted((len(after), one, after) for one, (_, after) in moved.items() if after is not None)
    for _, one, before in coming:
        left = next((other for other in reversed(before) if other in order_now), None)
        order_now.insert(0 if left is None else order_now.index(left) + 1, one)
    return order_now
