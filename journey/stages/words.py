"""Which words are in an event's name, however it is written?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

__all__ = ["Found", "atoms", "find"]

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_RUN = re.compile(r"[\uac00-\ud7a3]+|[0-9]+|[^\W\d_\uac00-\ud7a3]+")
# Endings that carry no meaning in an event's name; the rest of the word is at least three letters.
_ENDINGS = (("ies", "y"), ("ied", "y"), ("ing", ""), ("ed", ""), ("es", "e"), ("s", ""))
_IRREGULAR = {
    "bought": "buy",
    "chosen": "choose",
    "made": "make",
    "paid": "pay",
    "sent": "send",
    "used": "use",
    "news": "news",
    "status": "status",
    "bonus": "bonus",
    "boarding": "boarding",
    "pricing": "pricing",
    "rating": "rating",
    "shipping": "shipping",
    "billing": "billing",
}


def _stem(word: str) -> str:
    """An English word without its ending, so that view, views, viewed and viewing are one.

    >>> [_stem(word) for word in ("purchases", "purchased", "cancelled", "canceled", "ads", "add")]
    ['purchas', 'purchas', 'cancel', 'cancel', 'ad', 'add']
    """
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith(("ss", "us", "is")):
            word = word[: -len(ending)] + instead
            break
    else:
        if len(word) == 3 and word.endswith("s") and word not in ("sms", "gps", "ios", "sns", "pos", "cms"):
            word = word[:-1]
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


def atoms(name: str) -> tuple[tuple[str, ...], tuple[bool, ...]]:
    """The pieces that phrases are made of, and for each whether a word begins there.

    An atom is an English word without its ending, a number, or one Hangul syllable: Korean names are written
    with and without blanks, so a phrase may begin and end inside a Korean word.

    >>> atoms("viewItemList/상품 조회")
    (('view', 'item', 'list', '상', '품', '조', '회'), (True, True, True, True, False, True, False))
    """
    parts: list[str] = []
    begins: list[bool] = []
    for run in _RUN.findall(_CAMEL.sub(" ", unicodedata.normalize("NFKC", name)).casefold()):
        if _is_syllable(run[0]):
            parts += run
            begins += [True] + [False] * (len(run) - 1)
        else:
            parts.append(_stem(run))
            begins.append(True)
    return tuple(parts), tuple(begins)


@dataclass(frozen=True)
class Found:
    """A phrase of the vocabulary in a name: the atoms from `first` up to `last`, without it."""

    phrase: tuple[str, ...]
    first: int
    last: int


def find(name: str, phrases: Mapping[tuple[str, ...], float], longest: int) -> tuple[list[Found], float]:
    """The phrases that cover the name best without overlapping, and the share of its letters they cover.

    `phrases` carry a weight; `longest` is the number of atoms of the longest. Few long phrases beat many
    short ones. Numbers do not count as letters. A phrase of a single Hangul syllable must be a whole word,
    and one that runs over a blank must begin with a word.
    """
    parts, begins = atoms(name)
    size = len(parts)
    best: list[tuple[float, Found | None]] = [(0.0, None)] * (size + 1)
    for last in range(1, size + 1):
        best[last] = (best[last - 1][0], None)
        for first in range(max(0, last - longest), last):
            phrase = parts[first:last]
            weight = phrases.get(phrase)
            if weight is None or not _fits(phrase, first, last, begins):
                continue
            score = best[first][0] + 10 * _letters(phrase) - 6 + weight
            if score > best[last][0]:
                best[last] = (score, Found(phrase, first, last))
    found: list[Found] = []
    last = size
    while last:
        step = best[last][1]
        if step is None:
            last -= 1
        else:
            found.append(step)
            last = step.first
    covered = sum(_letters(each.phrase) for each in found)
    everything = _letters(parts)
    return found[::-1], covered / everything if everything else 0.0


def _fits(phrase: tuple[str, ...], first: int, last: int, begins: tuple[bool, ...]) -> bool:
    closed = last == len(begins) or begins[last]
    if len(phrase) == 1 and _is_syllable(phrase[0]):
        return begins[first] and closed
    return begins[first] or not any(begins[first + 1 : last])


def _is_syllable(atom: str) -> bool:
    return 0xAC00 <= ord(atom[0]) <= 0xD7A3


def _letters(parts: Iterable[str]) -> float:
    """A length in which one Hangul syllable counts as much as two Latin letters; numbers count nothing."""
    return sum(1.0 if _is_syllable(part) else 0.0 if part.isdigit() else len(part) / 2 for part in parts)
