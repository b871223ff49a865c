"""What does the name of a column say? Synonyms in Korean and English, however they are spelt."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources

__all__ = ["ends", "is_question", "normal", "vocabulary", "word_scores"]

# No synonym is longer.
_MOST_NAME = 200
_MOST_TOKENS = 8
_EXACT, _ENDING, _TOKEN, _RANK = 1.0, 0.8, 0.6, 0.0005
# Whatever ends in "id" may be somebody's id, or anything's.
_VAGUE_ENDING = 0.5
# What may stand behind a question: the scale on which it is answered, or a remark in brackets.
_ASKED = re.compile(r"\?\s*(?:[(\[][^()\[\]]{0,40}[)\]])?$")
_RANGE = re.compile(r"[(\[]\s*[01]\D?\s*[-~–∼〜]\s*(?:5|7|10)\D{0,6}[)\]]$")
_UNSPOKEN = re.compile(r"[\s_\-().:\[\]]+")
_MARKS = re.compile(r"[\s_\-().:\[\]/]+")
_HUMP = re.compile(r"([a-z])([A-Z])")


def normal(name: str) -> str:
    """Names that differ in spelling only become equal: 고객 ID, 고객_id and 고객ID."""
    return _UNSPOKEN.sub("", unicodedata.normalize("NFKC", name).casefold())


def ends(name: str) -> str:
    """A name of a thousand characters says no more than its beginning and its end do."""
    return name if len(name) <= _MOST_NAME else f"{name[: _MOST_NAME // 2]} {name[-_MOST_NAME // 2 :]}"


@lru_cache(maxsize=8192)
def is_question(name: str) -> bool:
    """Is the name a question of a form, its number or its scale: How was it?, Q1, 문항 3, Price (1-5)."""
    asked = unicodedata.normalize("NFKC", name[-_MOST_NAME:]).strip()
    if asked.rstrip(" *\"')").endswith("?") or _ASKED.search(asked) or _RANGE.search(asked):
        return True
    return bool(_numbered().match(normal(name[:_MOST_NAME])))


def vocabulary(of: str) -> tuple[str, ...]:
    """The words of one list, in their order."""
    return _lists()[of]


@lru_cache(maxsize=8192)
def word_scores(name: str) -> Mapping[str, float]:
    """How well a column's name fits each role: 1 exact, .8 as an ending, .6 as one of its words.

    Of two synonyms of a role the one that its list names first fits a little better.
    """
    name = ends(name)
    whole, tokens = normal(name), _tokens(name)
    words, longest = _words()
    vague = vocabulary("vague_ending")
    scores: dict[str, float] = {}

    def say(word: str, weight: float, shortest: int) -> None:
        if len(word) < shortest:
            return
        for role, rank in words.get(word, ()):
            found = _VAGUE_ENDING if weight == _ENDING and word in vague else weight
            scores[role] = max(scores.get(role, 0.0), found - _RANK * rank)

    say(whole, _EXACT, 1)
    for first in range(1, len(tokens)):
        say("".join(tokens[first:]), _ENDING, 2)
    for length in range(2, min(longest, len(whole) - 1) + 1):
        # An ending of letters may be chance (update, date); one of syllables is a word.
        if not whole[-length:].isascii():
            say(whole[-length:], _ENDING, 2)
    for token in tokens:
        say(token, _TOKEN, 3)
    return scores


@cache
def _lists() -> Mapping[str, tuple[str, ...]]:
    written = resources.files("journey.events").joinpath("column_words.json").read_text(encoding="utf-8")
    return {name: tuple(words) for name, words in json.loads(written).items()}


@cache
def _numbered() -> re.Pattern[str]:
    return re.compile(rf"^({'|'.join(vocabulary('numbered'))})\d{{1,3}}(\D.*)?$")


@cache
def _words() -> tuple[Mapping[str, tuple[tuple[str, int], ...]], int]:
    """The roles and ranks of each synonym, and the length of the longest."""
    found: dict[str, list[tuple[str, int]]] = {}
    for role, words in _lists().items():
        for rank, word in enumerate(dict.fromkeys(map(normal, words))):
            found.setdefault(word, []).append((role, rank))
    return {word: tuple(roles) for word, roles in found.items()}, max(map(len, found))


def _tokens(name: str) -> list[str]:
    spaced = _HUMP.sub(r"\1 \2", unicodedata.normalize("NFKC", name))
    tokens = [token for token in _MARKS.split(spaced.casefold()) if token]
    return tokens if len(tokens) <= _MOST_TOKENS else [tokens[0], *tokens[1 - _MOST_TOKENS :]]
