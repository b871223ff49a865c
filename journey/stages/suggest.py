"""Where does each event probably belong? A first map, with how sure it is and why."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from journey.stages.patterns import patterns
from journey.stages.stage_map import TRAY, Rule, StageMap
from journey.stages.templates import TEMPLATES, from_template
from journey.stages.words import Found, atoms, find

__all__ = ["Suggestion", "suggest"]

# Of several actions in one name the first of these decides: "결제 취소 완료" is a cancellation.
_PRECEDENCE = (
    *("cancel", "fail", "again", "share", "remove", "start", "request", "write", "use", "add", "edit"),
    *("done", "receive", "click", "select", "open", "view", "first"),
)
# How sure a match is by the weight of its word, before the rest of the name is looked at.
_SURE = {1: 0.42, 2: 0.65, 3: 0.8, 4: 0.88, 5: 0.93}
_LEAST_TO_PLACE = 0.25
_LEAST_TO_IGNORE = 0.6
# The template of a log that bears no other's signs, and how much must be understood to see signs at all.
_USUAL = "six"
_UNDERSTOOD = 0.6
_LEAST_UNDERSTOOD = 0.3


@dataclass(frozen=True)
class Suggestion:
    """A stage map for these events, and the template that its stages come from.

    `confidence` is 0 (no idea) to 1; `reason` is a catalogue key.
    """

    template: str
    stage_map: StageMap
    confidence: Mapping[str, float]
    reason: Mapping[str, str]


@dataclass(frozen=True)
class _Meaning:
    """What a name says: a kind of the vocabulary ('' when unknown), how sure, and why."""

    kind: str
    confidence: float
    reason: str


@dataclass(frozen=True)
class _Entry:
    kind: str
    weight: int
    when: Mapping[str, str]


class _Vocabulary:
    """The words of vocabulary.json, made ready for look-up.

    `entries` says what a name is about, `actions` what was done; a phrase may be both. `nearest` lists for
    each kind the stage kinds that it fits, best first.
    """

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.nearest: Mapping[str, list[str]] = content["nearest"]
        self.unknown_object: Mapping[str, list[Any]] = content["unknown_object"]
        self.signs: list[dict[str, Any]] = content["signs"]
        self.contexts = [
            (
                {key: frozenset(map(_phrase, context[key])) for key in ("words", "with", "without")},
                context["kind"],
            )
            for context in content["contexts"]
        ]
        self.entries: dict[tuple[str, ...], _Entry] = {}
        self.actions: dict[tuple[str, ...], str] = {}
        for entry in sorted(content["entries"], key=lambda entry: -entry["weight"]):
            for word in entry["words"]:
                for phrase in _spellings(word):
                    self.entries.setdefault(
                        phrase, _Entry(entry["kind"], entry["weight"], entry.get("when", {}))
                    )
        for action, words in content["actions"].items():
            for word in words:
                for phrase in _spellings(word):
                    self.actions.setdefault(phrase, action)
        self.phrases = {
            phrase: float(self.entries[phrase].weight) if phrase in self.entries else 0.0
            for phrase in self.entries.keys() | self.actions.keys()
        }
        self.longest = max(map(len, self.phrases))


def _phrase(word: str) -> tuple[str, ...]:
    return atoms(word)[0]


def _spellings(word: str) -> set[tuple[str, ...]]:
    """A phrase as its words and, in English, as one word too: add to cart, addtocart."""
    spellings = {_phrase(word)}
    if " " in word and word.isascii():
        spellings.add(_phrase(word.replace(" ", "")))
    return spellings


@cache
def _vocabulary() -> _Vocabulary:
    file = resources.files(__package__).joinpath("vocabulary.json")
    return _Vocabulary(json.loads(file.read_text(encoding="utf-8")))


def suggest(
    event_names: Iterable[str],
    rows: Sequence[int] | None = None,
    *,
    language: str = "ko",
    template: str | None = None,
) -> Suggestion:
    """Place the events in the stages of a template, as far as their names tell.

    Without a template it is "six", unless the names bear the signs of a trade that has its own: a service
    desk (most rows that are understood are steps of a case) or a subscription (trials and renewals).
    An attempt that may fail (a checkout, a payment error) stands before the purchase, so that whoever reaches
    that stage has bought.

    Names are read whatever their spelling (snake_case, camelCase, blanks, Korean, mixed) and in the light of
    the other names of the log; with `rows` (one a name), only of those that have rows. An event whose kind
    the template lacks goes to the nearest stage or stays in the tray; so do cancellations and names without
    a known word. System records go to the bin. Names that differ only in a number or an id are placed by
    one rule.
    """
    given = list(event_names)
    names = list(dict.fromkeys(given))
    present = names if rows is None else [name for name, n in zip(given, rows, strict=True) if n > 0]
    rules_of = patterns(names)
    texts = {name: rules_of.get(name, name) for name in names}
    read = {text: find(text, _vocabulary().phrases, _vocabulary().longest) for text in set(texts.values())}
    swaps = _swaps(found for name in present for found in read[texts[name]][0])
    meanings = {text: _meaning(founds, covered, swaps) for text, (founds, covered) in read.items()}
    if template is None:
        sizes = [1] * len(given) if rows is None else rows
        template = _template((meanings[texts[name]], int(n)) for name, n in zip(given, sizes, strict=True))
    stage_map = from_template(template, language)
    kinds = TEMPLATES[template].ids
    verdicts = {text: _verdict(meaning, kinds) for text, meaning in meanings.items()}

    rules: list[Rule] = []
    for pattern in dict.fromkeys(rules_of.values()):
        rules.append(Rule(pattern, verdicts[pattern][0]))
    stage_map = stage_map.with_rules(rule for rule in rules if rule.stage != TRAY)
    places: dict[str, list[str]] = {}
    for name in names:
        place = verdicts[texts[name]][0]
        by_rule = stage_map.stage_of(name)
        if name not in rules_of or place != (by_rule if by_rule is not None else place):
            places.setdefault(place, []).append(name)
    for place, placed in places.items():
        stage_map = stage_map.put(placed, place)
    return Suggestion(
        template,
        stage_map,
        {name: verdicts[texts[name]][1] for name in names},
        {
            name: "stages.reason_rule"
            if name in rules_of and verdicts[texts[name]][0] != TRAY
            else verdicts[texts[name]][2]
            for name in names
        },
    )


def _template(meanings: Iterable[tuple[_Meaning, int]]) -> str:
    """The first template whose signs the names bear, each weighed with its rows; "six" without any.

    Only names that are understood count: of their rows, each group of kinds must have its share. Too few of
    them say nothing about the trade.
    """
    rows: Counter[str] = Counter()
    everything = 0
    for meaning, n in meanings:
        everything += n if meaning.kind != "technical" else 0
        if meaning.kind not in ("", "technical") and meaning.confidence >= _UNDERSTOOD:
            rows[meaning.kind] += n
    understood = rows.total()
    if understood < _LEAST_UNDERSTOOD * everything:
        return _USUAL
    for sign in _vocabulary().signs:
        shares = [sum(rows[kind] for kind in group) for group in sign["groups"]]
        if understood and min(shares) >= sign["share"] * understood:
            return str(sign["template"])
    return _USUAL


def _swaps(founds: Iterable[Found]) -> dict[tuple[str, ...], str]:
    """Words that mean something else in this log: beside check-ins, without a cart, check-out is leaving.

    A context without words "with" holds in every log that has none of those "without".
    """
    present = {found.phrase for found in founds}
    swaps: dict[tuple[str, ...], str] = {}
    for phrases, kind in _vocabulary().contexts:
        if (not phrases["with"] or present & phrases["with"]) and not present & phrases["without"]:
            swaps |= dict.fromkeys(phrases["words"], kind)
    return swaps


def _meaning(founds: Sequence[Found], covered: float, swaps: Mapping[tuple[str, ...], str]) -> _Meaning:
    """What is it about, and what was done to it? The heaviest word decides, of equal ones the last."""
    vocabulary = _vocabulary()
    actions = {position: vocabulary.actions.get(found.phrase) for position, found in enumerate(founds)}
    objects: list[tuple[float, int, str, bool]] = []
    for position, found in enumerate(founds):
        entry = vocabulary.entries.get(found.phrase)
        if entry is None:
            continue
        done = {action for other, action in actions.items() if other != position}
        deciding = next((action for action in _PRECEDENCE if action in done and action in entry.when), None)
        if entry.weight == 0 and deciding is None:
            continue
        kind = entry.when[deciding] if deciding else swaps.get(found.phrase, entry.kind)
        length = found.last - found.first
        objects.append(
            (max(entry.weight, 1) + min(0.8, 0.2 * (length - 1)), position, kind, deciding is not None)
        )
    if not objects:
        return _by_action({action for action in actions.values() if action}, covered)
    weight, _, kind, by_action = max(objects)
    confidence = _SURE[int(weight)] * (0.55 + 0.45 * covered)
    rivals = [other for other, _, rival, _ in objects if rival != kind]
    if rivals:
        confidence *= 0.7 if max(rivals) >= weight - 0.5 else 0.9
    reason = "weak" if weight < 2 else "action" if by_action else "word"
    return _Meaning(kind, confidence, f"stages.reason_{reason}")


def _by_action(done: set[str], covered: float) -> _Meaning:
    """An action without a known thing is a weak hint (2: also when it stands alone), or none at all (0)."""
    unknown_object = _vocabulary().unknown_object
    for action in _PRECEDENCE:
        if action in done and action in unknown_object:
            kind, least = unknown_object[action]
            if least == 2 or (least == 1 and covered < 1):
                return _Meaning(kind, 0.3, "stages.reason_weak")
            break
    return _Meaning("", 0.0, "stages.reason_unknown")


def _verdict(meaning: _Meaning, kinds: Mapping[str, str]) -> tuple[str, float, str]:
    """The place (stage id, "" for the bin, or the tray), the confidence and the reason in this template."""
    if meaning.kind == "":
        return TRAY, 0.0, meaning.reason
    if meaning.kind == "loss":
        return TRAY, meaning.confidence, "stages.reason_loss"
    if meaning.kind == "technical":
        return (
            "" if meaning.confidence >= _LEAST_TO_IGNORE else TRAY,
            meaning.confidence,
            "stages.reason_technical",
        )
    for distance, kind in enumerate(_vocabulary().nearest[meaning.kind]):
        if kind in kinds:
            confidence = round(meaning.confidence * (1.0 if distance <= 1 else 0.85), 3)
            if confidence < _LEAST_TO_PLACE:
                return TRAY, confidence, "stages.reason_unknown"
            return kinds[kind], confidence, meaning.reason
    return TRAY, meaning.confidence, "stages.reason_no_stage"
