"""Which column says who, what and when? A guess with reasons, for the user to confirm."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from journey.events.identity import NO_CUSTOMER
from journey.events.times import parse_times
from journey.findings import Finding
from journey.sources.files import RawTable, as_text

__all__ = [
    "MOST_ATTRIBUTES",
    "MOST_NUMBERS",
    "MOST_VALUES",
    "ROLES",
    "ColumnChoice",
    "ColumnGuess",
    "guess_columns",
]

ROLES = ("customer", "event", "time", "session")
MOST_ATTRIBUTES = 20
MOST_VALUES = 500
MOST_NUMBERS = 30
_SAMPLE = 20_000
_ENOUGH = 0.35
_SAYS_SO = 0.9


@dataclass(frozen=True)
class ColumnChoice:
    """Which columns to read; without `event` every row is the one event named in `constant_event`."""

    customer: str
    event: str | None
    time: str
    session: str | None = None
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ColumnGuess:
    """A guess for each role, None where no column fits; `confidence` is 0 to 1, `reasons` say why.

    `event` None with an `events_possible` list means that the file names no event: one constant event is
    used unless one of those columns (2 to 500 values) is chosen.
    """

    customer: str | None
    event: str | None
    time: str | None
    session: str | None
    attributes: tuple[str, ...]
    reasons: Mapping[str, Finding] = field(default_factory=dict)
    confidence: Mapping[str, float] = field(default_factory=dict)
    events_possible: tuple[str, ...] = ()

    @property
    def choice(self) -> ColumnChoice | None:
        """The guess as a choice, or None while customer or time is missing."""
        if self.customer is None or self.time is None:
            return None
        return ColumnChoice(self.customer, self.event, self.time, self.session, self.attributes)


@dataclass(frozen=True)
class _Facts:
    """What a sample of a column holds: shares of the sampled rows, and distinct values."""

    name: str
    filled: float
    named: float
    distinct: int
    rows: int
    times: float
    years: bool
    length: float
    spaced: float
    numeric: float

    @property
    def repeats(self) -> float:
        """Rows per distinct value."""
        return self.rows * self.filled / max(1, self.distinct)


def guess_columns(raw: RawTable) -> ColumnGuess:
    """Guess from names (synonyms in Korean and English), checked against the first 20,000 rows."""
    facts = [_facts(raw.frame[name], name) for name in raw.frame.columns]
    words = [_word_scores(fact.name) for fact in facts]
    confidence: dict[str, float] = {}
    reasons: dict[str, Finding] = {}
    chosen: dict[str, str | None] = dict.fromkeys(ROLES)
    free = set(range(len(facts)))

    def take(role: str, scores: list[float]) -> None:
        order = sorted(free, key=lambda i: (-scores[i], i))
        if order and scores[order[0]] >= _ENOUGH:
            place = order[0]
            free.discard(place)
            chosen[role] = facts[place].name
            confidence[role] = round(min(1.0, scores[place]), 2)
            by = "name" if words[place].get(role) else "values"
            reasons[role] = Finding(f"events.{role}_by_{by}", {"column": facts[place].name})

    def take_unread(role: str, scores: list[float]) -> None:
        """Better a column whose values cannot be read than none: what is wrong with it is then said."""
        place = max(free, key=lambda i: (scores[i], -i), default=None)
        if chosen[role] is None and place is not None and scores[place] >= _SAYS_SO:
            free.discard(place)
            chosen[role], confidence[role] = facts[place].name, 0.1
            reasons[role] = Finding(f"events.{role}_unread", {"column": facts[place].name})

    take("time", [_time_score(f, w) for f, w in zip(facts, words, strict=True)])
    take_unread("time", [word.get("time", 0.0) for word in words])
    take("session", [_session_score(f, w) for f, w in zip(facts, words, strict=True)])
    take("customer", [_customer_score(f, w) for f, w in zip(facts, words, strict=True)])
    empty = [fact.distinct < 1 for fact in facts]
    take_unread("customer", [w.get("customer", 0.0) * e for w, e in zip(words, empty, strict=True)])
    by_name = {fact.name: fact for fact in facts}
    _prefer_session(chosen, by_name, confidence, reasons)
    take("event", [_event_score(f, w) for f, w in zip(facts, words, strict=True)])
    possible = tuple(
        facts[i].name
        for i in sorted(free, key=lambda i: (-words[i].get("item", 0.0), i))
        if 2 <= facts[i].distinct <= MOST_VALUES and facts[i].times < 0.5 and facts[i].numeric < 0.5
    )
    if chosen["event"] is None and raw.frame.shape[1]:
        reasons["event"] = (
            Finding("events.event_possible", {"columns": list(possible[:3])})
            if possible
            else Finding("events.event_constant")
        )
        confidence["event"] = 0.0
    attributes = tuple(facts[i].name for i in sorted(free) if _is_attribute(facts[i], words[i]))[
        :MOST_ATTRIBUTES
    ]
    return ColumnGuess(
        customer=chosen["customer"],
        event=chosen["event"],
        time=chosen["time"],
        session=chosen["session"],
        attributes=attributes,
        reasons=reasons,
        confidence=confidence,
        events_possible=possible if chosen["event"] is None else (),
    )


def _prefer_session(
    chosen: dict[str, str | None],
    facts: Mapping[str, _Facts],
    confidence: dict[str, float],
    reasons: dict[str, Finding],
) -> None:
    """More than half of the customers missing, or none at all, and a full session column: sessions it is."""
    customer, session = chosen["customer"], chosen["session"]
    if session is None or facts[session].named < 0.95:
        return
    if customer is not None and facts[customer].named >= 0.5:
        return
    missing = 1.0 if customer is None else 1 - facts[customer].named
    chosen["customer"], chosen["session"] = session, None
    confidence["customer"] = confidence.pop("session")
    reasons.pop("session")
    code = "events.session_instead_of_nobody" if customer is None else "events.session_instead_of_customer"
    reasons["customer"] = Finding(code, {"column": session, "instead": customer or "", "missing": missing})


def _facts(column: pd.Series, name: str) -> _Facts:
    sample = column if len(column) <= _SAMPLE else column.iloc[:_SAMPLE]
    texts = pc.fill_null(as_text(sample), "").combine_chunks()
    rows = len(texts)
    filled = pc.not_equal(texts, "")
    nobody = pc.is_in(pc.utf8_lower(texts), _nobody())
    distinct = pc.count_distinct(texts.filter(filled)).as_py() if rows else 0
    some = texts.filter(filled).slice(0, 2_000)
    times = parse_times(pd.Series(some.to_pandas()), zone="UTC") if len(some) else None
    found = 0.0 if times is None else float((~np.isnat(times.values)).mean())
    middle = (
        np.nanmedian(times.values.astype("datetime64[Y]").astype(int)) if times is not None and found else 0
    )
    return _Facts(
        name=name,
        filled=float(pc.mean(filled.cast("float64")).as_py() or 0),
        named=1 - float(pc.mean(nobody.cast("float64")).as_py() or 0) if rows else 0.0,
        distinct=distinct,
        rows=rows,
        times=found,
        years=10 <= middle <= 130,
        length=float(pc.mean(pc.utf8_length(some)).as_py() or 0) if len(some) else 0.0,
        spaced=_share(some, r"\S\s+\S+\s+\S"),
        numeric=_share(some, r"^[-+]?[\d,]+(\.\d+)?%?$"),
    )


@cache
def _nobody() -> object:
    import pyarrow as pa

    return pa.array(sorted(NO_CUSTOMER), pa.large_string())


def _share(texts: object, pattern: str) -> float:
    hit = pc.match_substring_regex(texts, pattern)
    return float(pc.mean(hit.cast("float64")).as_py() or 0)


def _time_score(fact: _Facts, words: Mapping[str, float]) -> float:
    name = words.get("time", 0.0)
    if fact.times < 0.5 or not fact.years:
        return 0.0
    # Numbers alone look like dates too easily: a price of 45,000 is an Excel day.
    values = 0.3 if fact.numeric > 0.5 else 0.6
    clock = 0.05 if fact.distinct > 1 else 0.0
    return (0.6 * name + 0.4 if name else values) * fact.times * fact.filled + clock


def _session_score(fact: _Facts, words: Mapping[str, float]) -> float:
    name = words.get("session", 0.0)
    return name * fact.named if name and fact.distinct > 1 else 0.0


def _customer_score(fact: _Facts, words: Mapping[str, float]) -> float:
    name = words.get("customer", 0.0)
    if fact.distinct < 1 or (fact.times > 0.9 and fact.numeric < 0.5):
        return 0.0
    if words.get("not_customer", 0.0) > name:
        return 0.0
    if not name:
        looks = (
            fact.distinct > 1
            and fact.repeats >= 1.2
            and fact.spaced < 0.2
            and fact.distinct > 0.02 * fact.rows
        )
        tail = _normal(fact.name).endswith(_synonyms()["id_ending"])
        return 0.4 * fact.named if looks and tail else 0.0
    # A real id has many values; a "customer" column of six segments has few.
    many = fact.distinct > min(20.0, 0.02 * fact.rows) or fact.rows < 50
    if not many and name < 0.9:
        return 0.0
    # A plain "id" that never repeats is more likely the number of the row.
    name = 0.5 if _normal(fact.name) == "id" and fact.repeats < 1.05 else name
    return (0.3 + 0.7 * name) * (1.0 if many else 0.6) * (0.4 + 0.6 * fact.named)


def _event_score(fact: _Facts, words: Mapping[str, float]) -> float:
    name = words.get("event", 0.0)
    if not name or fact.times > 0.5 or fact.distinct < 1 or words.get("not_event", 0.0) >= name:
        return 0.0
    few = 1.0 if fact.distinct <= MOST_VALUES else 0.7 if fact.repeats > 3 else 0.4
    return name * few * (0.5 + 0.5 * fact.filled)


def _is_attribute(fact: _Facts, words: Mapping[str, float]) -> bool:
    is_text = (
        words.get("free_text", 0.0) >= 0.9 or fact.length > 60 or (fact.spaced > 0.8 and fact.repeats < 5)
    )
    is_amount = fact.numeric > 0.9 and fact.distinct > MOST_NUMBERS
    is_id = words.get("not_customer", 0.0) >= 0.9 or words.get("customer", 0.0) >= 0.9
    few = 2 <= fact.distinct <= MOST_VALUES and (fact.repeats >= 2 or fact.rows < 50)
    return few and not (is_text or is_id or is_amount) and fact.times < 0.9


@cache
def _synonyms() -> dict[str, tuple[str, ...]]:
    words = json.loads(
        resources.files("journey.events").joinpath("column_words.json").read_text(encoding="utf-8")
    )
    return {role: tuple(dict.fromkeys(_normal(word) for word in found)) for role, found in words.items()}


def _normal(name: str) -> str:
    """Names that differ in spelling only become equal: 고객 ID, 고객_id and 고객ID."""
    return re.sub(r"[\s_\-().:\[\]]+", "", unicodedata.normalize("NFKC", name).casefold())


def _tokens(name: str) -> Sequence[str]:
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", unicodedata.normalize("NFKC", name))
    return [token for token in re.split(r"[\s_\-().:\[\]/]+", spaced.casefold()) if token]


def _word_scores(name: str) -> dict[str, float]:
    """How well a column's name fits each role: 1 exact, .8 as an ending, .6 as one of its words."""
    normal, tokens = _normal(name), _tokens(name)
    endings = {"".join(tokens[i:]) for i in range(1, len(tokens))}
    scores: dict[str, float] = {}
    for role, words in _synonyms().items():
        best = 0.0
        for rank, word in enumerate(words):
            if normal == word:
                found = 1.0 - 0.002 * rank
            elif len(word) > 1 and (word in endings or (not word.isascii() and normal.endswith(word))):
                found = 0.8 - 0.002 * rank
            elif len(word) > 2 and word in tokens:
                found = 0.6 - 0.002 * rank
            else:
                continue
            best = max(best, found)
        if best:
            scores[role] = best
    return scores
