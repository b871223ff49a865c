"""What columns of a summed table are called: numbers of units, means and spreads, of which arm and metric."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from journey.events.column_names import ends, normal, vocabulary

__all__ = ["MEASURES", "Measure", "is_control", "measures", "says_cumulative", "says_share", "summed_role"]

# Roles of columns that are numbers of a summed table, in the order in which their words decide.
MEASURES = ("deviation", "variance", "mean", "converted", "units")
_MARKS = re.compile(r"[\s_\-().:\[\]/·,%]+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[^\W\d])(?=\d)")
_NUMBER_OF = re.compile(r"(?<=\w)\s(\uc218)(?!\w)")
_PAIR = {"c": "control", "t": "treatment"}

Word = tuple[str, ...]


@dataclass(frozen=True)
class Measure:
    """One metric of one arm in a row of a summed table, and the columns that tell it.

    `arm` is what the columns are called beside other arms' (control, A); None where a column of the table
    names the arm. `is_control` says that other arms of such a table may share its numbers. `metric` is what
    their names say beside that. One of `converted`, `mean` and `total` is a column; `spread` is a standard
    deviation, or a variance where `is_variance`.
    """

    units: str
    arm: str | None
    metric: str
    converted: str | None = None
    mean: str | None = None
    total: str | None = None
    spread: str | None = None
    is_variance: bool = False
    is_control: bool = False


def summed_role(name: str) -> str | None:
    """What a column of this name holds in a summed table, one of MEASURES; None where it says nothing."""
    words = _tokens(name)
    return next((role for role in MEASURES if _found(words, _words(role)) is not None), None)


def says_share(name: str) -> bool:
    """Is the mean of this name a share of units: a rate, 전환율?"""
    return _found(_tokens(name), _words("rate")) is not None


def says_cumulative(name: str) -> bool:
    """Does the name say that each row holds all up to its time?"""
    return _found(_tokens(name), _words("cumulative")) is not None


def measures(roles: Mapping[str, Sequence[str]]) -> tuple[tuple[Measure, ...], tuple[str, ...]]:
    """Which columns belong together, by the roles that they were given; and those that belong to none.

    Several columns of units are those of several arms where what else they are called (a, control) stands in
    the names of the other columns too; else of several metrics.
    """
    units = {name: _without(_tokens(name), _words("units")) for name in roles.get("units", ())}
    values = [(role, name) for role in ("converted", "mean", "outcomes") for name in roles.get(role, ())]
    spreads = [(role, name) for role in ("deviation", "variance") for name in roles.get(role, ())]
    arms = _arms(units, [name for _, name in values])
    keyed = {
        (role == "variance", *_placed(name, role, units, arms)): name for role, name in reversed(spreads)
    }
    means = [_placed(name, role, units, arms)[0] for role, name in values if role == "mean"]
    made, taken = list[Measure](), set[str]()
    for role, name in values:
        of, rest = _placed(name, role, units, arms)
        if of is None:
            continue
        label = _label(units[of], arms) if arms else None
        plain = " ".join(rest) or " ".join(_without_arm(_tokens(name), units[of] if arms else ()))
        # 표준편차 alone is that of the only mean beside it, whatever that one is called.
        alike = [rest, ()] if means.count(of) == 1 else [rest]
        variance, deviation = (
            next((keyed[key] for key in ((kind, of, said) for said in alike) if key in keyed), None)
            if role == "mean"
            else None
            for kind in (True, False)
        )
        made.append(
            Measure(
                units=of,
                arm=label,
                metric=plain,
                converted=name if role == "converted" else None,
                mean=name if role == "mean" else None,
                total=name if role == "outcomes" else None,
                spread=variance or deviation,
                is_variance=variance is not None,
                is_control=label is not None and is_control(label),
            )
        )
        taken |= {one for one in (variance, deviation) if one is not None}
        taken |= {name}
    left = tuple(name for _, name in (*values, *spreads) if name not in taken)
    return tuple(_told_once(made)), left


def _told_once(made: Sequence[Measure]) -> list[Measure]:
    """A count and a rate, or a sum and a mean, of one metric tell the same: what tells its spread is kept."""
    best: dict[tuple[str | None, str, str], Measure] = {}
    for one in made:
        key = (one.arm, one.units, one.metric.casefold())
        if key not in best or _worth(one) > _worth(best[key]):
            best[key] = one
    return [one for one in made if one in best.values()]


def _worth(one: Measure) -> int:
    return 3 if one.converted else 2 if one.spread else 1 if one.mean else 0


def _arms(units: Mapping[str, Word], names: Sequence[str]) -> tuple[Word, ...]:
    """What the columns of units are called by arm; none where they are not told apart so."""
    rests = list(units.values())
    if len(rests) < 2 or not all(rests) or len(set(map(_folded, rests))) < len(rests):
        return ()
    told = [any(_place(_tokens(name), rest) is not None for name in names) for rest in rests]
    return tuple(rests) if all(told) else ()


def _placed(name: str, role: str, units: Mapping[str, Word], arms: Sequence[Word]) -> tuple[str | None, Word]:
    """The column of units to which a column belongs, and what its name says of the metric."""
    tokens = _tokens(name)
    if arms:
        # The longest first: of "control" and "control 2" the second is meant.
        for of, rest in sorted(units.items(), key=lambda one: -len(one[1])):
            if _place(tokens, rest) is not None:
                return of, _metric(_without_arm(tokens, rest), role)
        return None, ()
    rest = _metric(tokens, role)
    if len(units) == 1:
        return next(iter(units)), rest
    alike = [of for of, called in units.items() if called and _place(tokens, called) is not None]
    plain = [of for of, called in units.items() if not called]
    return next(iter([*alike, *plain]), None), rest


def _metric(tokens: Word, role: str) -> Word:
    """What is said of the metric: all of it where the count itself is one, as in purchases."""
    if role in ("converted", "outcomes"):
        return tokens
    rest = _without(tokens, _words(role))
    return _without(rest, _words("rate")) if role == "mean" else rest


def _label(rest: Word, arms: Sequence[Word]) -> str:
    """What an arm is called: in words where its columns say only c and t."""
    if {_folded(arm) for arm in arms} == {("c",), ("t",)}:
        return _PAIR[rest[0].casefold()]
    said = " ".join(rest)
    return said.upper() if len(said) == 1 else said


def is_control(label: str) -> bool:
    """Is an arm of this name the one that others are compared with?"""
    return normal(label) in {normal(word) for word in vocabulary("control_words")}


# ---- words of names ---------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _tokens(name: str) -> Word:
    """The words of a name as they are written; what syllables of Korean are joined in is taken apart."""
    said = unicodedata.normalize("NFKC", ends(name))
    # 방문자 수 is one word, as 방문자수 is.
    parts = [part for part in _MARKS.split(_HUMP.sub(" ", _NUMBER_OF.sub(r"\1", said))) if part]
    return tuple(piece for part in parts for piece in _apart(part))


def _apart(part: str) -> tuple[str, ...]:
    """대조군방문자수 is 대조군 and 방문자수; a word of its own stays as it is."""
    if part.isascii():
        return (part,)
    known = _syllables()
    if part in known:
        return (part,)
    for word in known:
        if part.endswith(word):
            return (*_apart(part[: -len(word)]), word)
        if part.startswith(word):
            return (word, *_apart(part[len(word) :]))
    return (part,)


@cache
def _syllables() -> tuple[str, ...]:
    """The Korean words of the vocabularies, the longest first."""
    lists = (*MEASURES, "rate", "cumulative")
    words = {word for of in lists for word in vocabulary(of) if not word.isascii() and len(word) > 1}
    return tuple(sorted(words, key=lambda word: (-len(word), word)))


@cache
def _words(of: str) -> tuple[Word, ...]:
    """The words of a role, those of most parts first."""
    lists = [vocabulary(of)] if of != "mean" else [vocabulary("mean"), vocabulary("rate")]
    found = {tuple(word.casefold().split("_")) for words in lists for word in words}
    return tuple(sorted(found, key=lambda word: (-len(word), -len("".join(word)), word)))


def _folded(tokens: Word) -> Word:
    return tuple(token.casefold() for token in tokens)


def _found(tokens: Word, words: Sequence[Word]) -> tuple[int, int] | None:
    """Where the first of these words stands among the tokens, from and to."""
    said = _folded(tokens)
    for word in words:
        for at in range(len(said) - len(word) + 1):
            if said[at : at + len(word)] == word:
                return at, at + len(word)
    return None


def _without(tokens: Word, words: Sequence[Word]) -> Word:
    place = _found(tokens, words)
    return tokens if place is None else tokens[: place[0]] + tokens[place[1] :]


def _place(tokens: Word, arm: Word) -> tuple[int, int] | None:
    """Where an arm is named: at the beginning or at the end."""
    said, wanted = _folded(tokens), _folded(arm)
    if said[: len(wanted)] == wanted:
        return 0, len(wanted)
    if said[len(said) - len(wanted) :] == wanted and len(wanted) < len(said):
        return len(said) - len(wanted), len(said)
    return None


def _without_arm(tokens: Word, arm: Word) -> Word:
    place = _place(tokens, arm) if arm else None
    return tokens if place is None else tokens[: place[0]] + tokens[place[1] :]
