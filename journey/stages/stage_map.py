"""Which stage does an event belong to, and in which order do the stages stand?"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from journey.errors import SettingWrong, StageMapWrong, StageUnknown, TooManyStages
from journey.theme import STAGE_COLOURS

__all__ = ["IGNORED", "MOST_STAGES", "TRAY", "UNMAPPED", "Rule", "Stage", "StageMap"]

MOST_STAGES = 12
UNMAPPED = 13
IGNORED = 14
# A rule that leads to the tray keeps its events unmapped, whatever later rules say.
TRAY = "tray"

_LONGEST_NAME = 60
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NUMBERED_ID = re.compile(r"s([1-9][0-9]{0,8})")
_PLACES = frozenset({TRAY, "bin"})
_JSON_KEYS = frozenset({"version", "stages", "events", "ignored", "tray", "rules", "goal", "last_id"})


@dataclass(frozen=True)
class Stage:
    """One column of the board. `id` outlives renaming and moving, and is never given twice in one map."""

    id: str
    name: str
    colour: str


@dataclass(frozen=True)
class Rule:
    """Events whose whole name fits `pattern` go to `stage`.

    `*` stands for any run of characters, also none; "prefix*" is a prefix. `stage` is a stage id,
    "" for the bin (ignore) or "tray" (leave unmapped, in spite of later rules).
    """

    pattern: str
    stage: str

    def fits(self, event: str) -> bool:
        """Does the whole name fit the pattern?"""
        return self._compiled.match(event) is not None

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(_expression(self.pattern), re.DOTALL)


@dataclass(frozen=True)
class StageMap:
    """Ordered stages and the events in them; every edit returns a copy.

    An explicit placement (`events`, `ignored`, `tray`) wins over the rules; of the rules the first that
    fits wins. `goal` is a stage id; None means the last stage. Event names are compared to the letter.
    """

    stages: tuple[Stage, ...] = ()
    events: Mapping[str, str] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()
    tray: frozenset[str] = frozenset()
    rules: tuple[Rule, ...] = ()
    goal: str | None = None
    # The highest number given to an id so far, so that the id of a removed stage does not come back.
    last_id: int = 0

    def __post_init__(self) -> None:
        ids = [stage.id for stage in self.stages]
        known = set(ids)
        if len(ids) > MOST_STAGES:
            raise TooManyStages(most=MOST_STAGES)
        if len(known) < len(ids):
            raise StageMapWrong(detail="stages: id")
        if len(set(self.names)) < len(ids):
            raise StageMapWrong(detail="stages: name")
        for stage in self.stages:
            if not _ID.fullmatch(stage.id) or stage.id in _PLACES:
                raise StageMapWrong(detail=f"stages: id {stage.id}")
        for event, stage_id in self.events.items():
            if stage_id not in known:
                raise StageMapWrong(detail=f"events: {event}: {stage_id}")
        for rule in self.rules:
            if rule.stage and rule.stage != TRAY and rule.stage not in known:
                raise StageMapWrong(detail=f"rules: {rule.pattern}: {rule.stage}")
        if self.goal is not None and self.goal not in known:
            raise StageMapWrong(detail=f"goal: {self.goal}")
        numbers = [int(match.group(1)) for id_ in ids if (match := _NUMBERED_ID.fullmatch(id_))]
        object.__setattr__(self, "events", dict(self.events))
        object.__setattr__(self, "last_id", max([self.last_id, *numbers]))

    def __hash__(self) -> int:
        return hash(self.to_json())

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the stages in their order."""
        return tuple(stage.name for stage in self.stages)

    @property
    def goal_stage(self) -> Stage | None:
        """The stage that counts as arriving: the goal, by default the last; None without stages."""
        if self.goal is not None:
            return self.stages[self._position(self.goal)]
        return self.stages[-1] if self.stages else None

    def named(self, name_or_id: str) -> Stage:
        """The stage of this id, else of this name."""
        name = _tidy(name_or_id) if isinstance(name_or_id, str) else ""
        for key in ("id", "name"):
            for stage in self.stages:
                if getattr(stage, key) == name:
                    return stage
        raise StageUnknown(name=name_or_id, have=list(self.names))

    def stage_of(self, event: str) -> str | None:
        """The id of the stage that holds the event; None when it is unmapped or ignored."""
        place = self._place_of(event)
        return None if place in ("", TRAY) else place

    def codes(self, event_names: Sequence[str]) -> np.ndarray:
        """For each event name the position of its stage (0-based), UNMAPPED or IGNORED, as uint8."""
        code = {stage.id: position for position, stage in enumerate(self.stages)}
        code |= {TRAY: UNMAPPED, "": IGNORED}
        place = self._place_of
        return np.fromiter(
            (code[place(name)] for name in event_names), dtype=np.uint8, count=len(event_names)
        )

    def rule_of(self, event: str) -> Rule | None:
        """The rule that places the event; None when it was placed itself, or when no rule fits."""
        if event in self.events or event in self.ignored or event in self.tray:
            return None
        return self._first_rule(event)

    def put(self, events: Iterable[str], place: str) -> StageMap:
        """The events stand in the stage of this id, in the bin ("") or in the tray ("tray").

        An event that a rule would take out of the tray is kept there in spite of the rule.
        """
        names = set(events)
        placed = {event: stage for event, stage in self.events.items() if event not in names}
        ignored, tray = self.ignored - names, self.tray - names
        if place == "":
            ignored |= names
        elif place == TRAY:
            tray |= {name for name in names if self._rule_of(name) != TRAY}
        else:
            self._position(place)
            placed |= dict.fromkeys(names, place)
        return replace(self, events=placed, ignored=ignored, tray=tray)

    def place(self, event: str, stage_id: str) -> StageMap:
        """The event stands in this stage."""
        self._position(stage_id)
        return self.put([event], stage_id)

    def ignore(self, event: str) -> StageMap:
        """The event stands in the bin: it never counts as a step."""
        return self.put([event], "")

    def unmap(self, event: str) -> StageMap:
        """The event stands in the tray."""
        return self.put([event], TRAY)

    def add_stage(
        self, name: str, *, colour: str | None = None, at: int | None = None, id: str | None = None
    ) -> StageMap:
        """A new empty stage before position `at`, by default at the end, in the first colour nobody has."""
        if len(self.stages) >= MOST_STAGES:
            raise TooManyStages(most=MOST_STAGES)
        fresh = f"s{self.last_id + 1}" if id is None else id
        if not isinstance(fresh, str) or not _ID.fullmatch(fresh) or fresh in _PLACES:
            raise SettingWrong(setting="id", value=id, allowed="A-Z a-z 0-9 _ -")
        if any(stage.id == fresh for stage in self.stages):
            raise SettingWrong(setting="id", value=id, allowed=f"≠ {fresh}")
        stage = Stage(
            fresh,
            self._free_name(name),
            _checked_colour(colour)
            if colour is not None
            else _free_colour(stage.colour for stage in self.stages),
        )
        stages = list(self.stages)
        stages.insert(len(stages) if at is None else _checked_position(at, len(stages)), stage)
        return replace(self, stages=tuple(stages))

    def rename_stage(self, stage_id: str, name: str) -> StageMap:
        return self._with_stage(stage_id, name=self._free_name(name, but=stage_id))

    def recolour(self, stage_id: str, colour: str) -> StageMap:
        return self._with_stage(stage_id, colour=_checked_colour(colour))

    def move_stage(self, stage_id: str, position: int) -> StageMap:
        """The stage stands at this position (0-based) of the new order."""
        stages = list(self.stages)
        stage = stages.pop(self._position(stage_id))
        stages.insert(_checked_position(position, len(stages)), stage)
        return replace(self, stages=tuple(stages))

    def remove_stage(self, stage_id: str) -> StageMap:
        """The stage is gone and everything that stood in it is unmapped; its rules lead to the tray."""
        self._position(stage_id)
        rules = [replace(rule, stage=TRAY) if rule.stage == stage_id else rule for rule in self.rules]
        freed = [event for event, place in self.events.items() if place == stage_id]
        return replace(
            self.put(freed, TRAY),
            stages=tuple(stage for stage in self.stages if stage.id != stage_id),
            rules=tuple(rules),
            goal=None if self.goal == stage_id else self.goal,
        )

    def set_goal(self, stage_id: str | None) -> StageMap:
        """This stage counts as arriving; None: the last one."""
        if stage_id is not None:
            self._position(stage_id)
        return replace(self, goal=stage_id)

    def with_rules(self, rules: Iterable[Rule]) -> StageMap:
        """These rules, in this order, instead of the present ones."""
        rules = tuple(rules)
        for rule in rules:
            _checked_pattern(rule.pattern)
            if rule.stage not in ("", TRAY):
                self._position(rule.stage)
        return replace(self, rules=rules)

    def add_rule(self, pattern: str, place: str, *, at: int | None = None) -> StageMap:
        """A rule before position `at` of the rules, by default before all, in place of one of this pattern.

        What it takes stands in `place` from now on, also events that were placed one by one before.
        """
        others = [rule for rule in self.rules if rule.pattern != pattern]
        position = 0 if at is None else _checked_position(at, len(others))
        rule = Rule(_checked_pattern(pattern), place)
        ruled = self.with_rules([*others[:position], rule, *others[position:]])
        by_hand = [*self.events, *self.ignored, *self.tray]
        taken = {event for event in by_hand if ruled._first_rule(event) == rule}
        return replace(
            ruled,
            events={event: stage for event, stage in self.events.items() if event not in taken},
            ignored=self.ignored - taken,
            tray=self.tray - taken,
        )

    def move_rule(self, pattern: str, place: str) -> StageMap:
        """What this rule takes stands in `place`; its position among the rules stays."""
        self._need_rule(pattern)
        return self.with_rules(
            replace(rule, stage=place) if rule.pattern == pattern else rule for rule in self.rules
        )

    def remove_rule(self, pattern: str) -> StageMap:
        """What this rule took goes to the next rule that fits, or to the tray."""
        self._need_rule(pattern)
        return self.with_rules(rule for rule in self.rules if rule.pattern != pattern)

    def to_json(self) -> str:
        """The map as text: two maps that are equal have the same text."""
        content = {
            "version": 1,
            "stages": [{"id": s.id, "name": s.name, "colour": s.colour} for s in self.stages],
            "events": dict(self.events),
            "ignored": sorted(self.ignored),
            "tray": sorted(self.tray),
            "rules": [{"pattern": rule.pattern, "stage": rule.stage} for rule in self.rules],
            "goal": self.goal,
            "last_id": self.last_id,
        }
        return json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1)

    @classmethod
    def from_json(cls, text: str) -> StageMap:
        """Read what `to_json` wrote, or what a person wrote by hand.

        By hand, a stage may be its name alone or an object with a name, and events, rules and goal may name
        stages by name instead of id.

        >>> StageMap.from_json('{"stages": ["A", "B"], "events": {"view": "A", "buy": "B"}}').names
        ('A', 'B')
        """
        try:
            content = json.loads(text, object_pairs_hook=_each_key_once)
            # Half a character (a lone surrogate) can be escaped in JSON, but written to no file.
            json.dumps(content, ensure_ascii=False).encode()
        except json.JSONDecodeError as error:
            raise StageMapWrong(line=error.lineno, column=error.colno) from error
        except _KeyTwice as error:
            raise StageMapWrong(detail=f"JSON: {error}") from error
        except (ValueError, TypeError, RecursionError) as error:
            raise StageMapWrong(detail="JSON") from error
        if not isinstance(content, dict):
            raise StageMapWrong(detail="JSON: {…}")
        unknown = sorted(set(content) - _JSON_KEYS)
        if unknown:
            raise StageMapWrong(detail=", ".join(unknown))
        if content.get("version", 1) != 1:
            raise StageMapWrong(detail=f"version: {content['version']}")
        try:
            return _read(content)
        except (SettingWrong, StageUnknown) as error:
            values = error.values
            detail = f"{values.get('setting', 'stage')}: {values.get('value', values.get('name'))}"
            raise StageMapWrong(detail=detail) from error

    @cached_property
    def _rules_compiled(self) -> re.Pattern[str] | None:
        """All rules as one expression: the group that fits is the rule, in time linear in the name."""
        if not self.rules:
            return None
        return re.compile("|".join(f"({_expression(rule.pattern)})" for rule in self.rules), re.DOTALL)

    def _first_rule(self, event: str) -> Rule | None:
        match = self._rules_compiled.match(event) if self._rules_compiled else None
        return self.rules[match.lastindex - 1] if match and match.lastindex else None

    def _rule_of(self, event: str) -> str:
        rule = self._first_rule(event)
        return TRAY if rule is None else rule.stage

    def _need_rule(self, pattern: str) -> None:
        if all(rule.pattern != pattern for rule in self.rules):
            have = ", ".join(rule.pattern for rule in self.rules[:10])
            raise SettingWrong(setting="pattern", value=pattern, allowed=have or "–")

    def _place_of(self, event: str) -> str:
        """A stage id, "" for the bin, or the tray."""
        place = self.events.get(event)
        if place is not None:
            return place
        if event in self.ignored:
            return ""
        return TRAY if event in self.tray else self._rule_of(event)

    def _position(self, stage_id: str) -> int:
        for position, stage in enumerate(self.stages):
            if stage.id == stage_id:
                return position
        raise StageUnknown(name=stage_id, have=list(self.names))

    def _with_stage(self, stage_id: str, **changes: str) -> StageMap:
        stages = list(self.stages)
        position = self._position(stage_id)
        stages[position] = replace(stages[position], **changes)
        return replace(self, stages=tuple(stages))

    def _free_name(self, name: str, but: str | None = None) -> str:
        tidy = _tidy(name) if isinstance(name, str) else ""
        if not 1 <= len(tidy) <= _LONGEST_NAME:
            raise SettingWrong(setting="name", value=name, allowed=f"1–{_LONGEST_NAME}")
        others = [stage.name for stage in self.stages if stage.id != but]
        if tidy in others:
            raise SettingWrong(setting="name", value=tidy, allowed=f"≠ {', '.join(others)}")
        return tidy


def _tidy(name: str) -> str:
    """NFC, outer blanks gone, inner ones (also line ends) one space each."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def _checked_colour(colour: Any) -> str:
    if not isinstance(colour, str) or not _COLOUR.fullmatch(colour):
        raise SettingWrong(setting="colour", value=colour, allowed="#rrggbb")
    return colour


def _checked_position(at: Any, most: int) -> int:
    if isinstance(at, bool) or not isinstance(at, int) or not 0 <= at <= most:
        raise SettingWrong(setting="at", value=at, allowed=f"0–{most}")
    return at


def _checked_pattern(pattern: Any) -> str:
    if not isinstance(pattern, str) or not pattern:
        raise SettingWrong(setting="rules", value=pattern, allowed="prefix*, *suffix, a*b")
    return pattern


def _free_colour(taken: Iterable[str]) -> str:
    used = {colour.upper() for colour in taken}
    return next(
        (c for c in STAGE_COLOURS if c.upper() not in used), STAGE_COLOURS[len(used) % len(STAGE_COLOURS)]
    )


def _expression(pattern: str) -> str:
    """A pattern with stars as a regular expression that never goes back over a piece it has found.

    >>> _expression("a*b*c")
    'a(?>.*?b).*c\\\\Z'
    """
    first, *rest = pattern.split("*")
    if not rest:
        return re.escape(first) + r"\Z"
    *middle, last = rest
    found = "".join(f"(?>.*?{re.escape(piece)})" for piece in middle if piece)
    return re.escape(first) + found + (rf".*{re.escape(last)}\Z" if last else "")


class _KeyTwice(ValueError):
    """The message names the keys."""


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object in which a key stands twice would lose one of them silently."""
    content = dict(pairs)
    if len(content) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        raise _KeyTwice(f"{', '.join(sorted(key for key, count in counts.items() if count > 1))} ×2")
    return content


def _part(content: Mapping[str, Any], key: str, kind: type) -> Any:
    value = content.get(key)
    if value is None:
        return kind()
    if not isinstance(value, kind):
        raise StageMapWrong(detail=key)
    return value


def _texts(content: Mapping[str, Any], key: str) -> frozenset[str]:
    values = _part(content, key, list)
    if not all(isinstance(value, str) for value in values):
        raise StageMapWrong(detail=key)
    return frozenset(values)


def _read(content: Mapping[str, Any]) -> StageMap:
    last_id = _part(content, "last_id", int)
    entries = _part(content, "stages", list)
    given = {entry["id"] for entry in entries if isinstance(entry, dict) and isinstance(entry.get("id"), str)}
    numbers = [int(match.group(1)) for id_ in given if (match := _NUMBERED_ID.fullmatch(id_))]
    stages = StageMap(last_id=max([last_id, *numbers]))
    for entry in entries:
        if isinstance(entry, str):
            entry = {"name": entry}
        if not isinstance(entry, dict) or not set(entry) <= {"id", "name", "colour"}:
            raise StageMapWrong(detail=f"stages: {entry}")
        stages = stages.add_stage(entry.get("name", ""), colour=entry.get("colour"), id=entry.get("id"))

    def id_of(name: Any, key: str) -> str:
        if not isinstance(name, str):
            raise StageMapWrong(detail=f"{key}: {name}")
        return stages.named(name).id

    events = {event: id_of(name, "events") for event, name in _part(content, "events", dict).items()}
    ignored, tray = _texts(content, "ignored"), _texts(content, "tray")
    twice = sorted((events.keys() & ignored) | (events.keys() & tray) | (ignored & tray))
    if twice:
        raise StageMapWrong(detail=", ".join(twice))
    rules = []
    for rule in _part(content, "rules", list):
        if not isinstance(rule, dict) or set(rule) != {"pattern", "stage"}:
            raise StageMapWrong(detail=f"rules: {rule}")
        if not isinstance(rule["pattern"], str):
            raise StageMapWrong(detail=f"rules: {rule['pattern']}")
        place = rule["stage"]
        rules.append(Rule(rule["pattern"], place if place in ("", TRAY) else id_of(place, "rules")))
    goal = content.get("goal")
    return replace(
        stages.with_rules(rules),
        events=events,
        ignored=ignored,
        tray=tray,
        goal=None if goal is None else id_of(goal, "goal"),
    )
