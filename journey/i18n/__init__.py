"""Words for people: a key and values in, a sentence in the asked language out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Any

from journey.i18n import formats
from journey.i18n.josa import with_josa

__all__ = ["LANGUAGES", "catalogue", "holes", "pick_language", "saying", "text"]

LANGUAGES = ("ko", "en")

# {name}, {name:count} (a format), {name:은/는} (a Korean particle), {name:customer|customers} (one|many).
_HOLE = re.compile(r"\{(\w+)(?::([^{}]+))?\}")


@cache
def catalogue(language: str) -> dict[str, str]:
    """All sentences of a language by key; the part of a key before the first dot is the file it stands in."""
    sentences: dict[str, str] = {}
    for file in sorted(resources.files(__name__).joinpath(language).iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".json"):
            sentences |= json.loads(file.read_text(encoding="utf-8"))
    return sentences


def pick_language(*wishes: str | None) -> str:
    """The first wish that is a language here ('ko-KR' counts as 'ko'); English when none is."""
    for wish in wishes:
        short = (wish or "").replace("_", "-").split("-")[0].lower()
        if short in LANGUAGES:
            return short
    return "en"


def holes(sentence: str) -> set[str]:
    """The names of the values that a sentence asks for."""
    return {match.group(1) for match in _HOLE.finditer(sentence)}


def text(key: str, language: str, **values: Any) -> str:
    """The sentence of `key` with its holes filled, in one pass: a value is never read as a sentence again.

    Raises KeyError when the language lacks the key or a value is missing; a test keeps both catalogues alike.
    """

    def fill(match: re.Match[str]) -> str:
        value, form = values[match.group(1)], match.group(2)
        if form is None:
            return formats.plain(value, language)
        if "|" in form:
            one, many = form.split("|", 1)
            return one if value == 1 else many
        if "/" in form:
            return with_josa(formats.plain(value, language), form)
        return formats.FORMATS[form](value, language)

    return _HOLE.sub(fill, catalogue(language)[key])


def saying(file: str, language: str) -> Callable[..., str]:
    """What says the sentences of one file in a language, by what follows the file's name in their keys."""
    return lambda key, **values: text(f"{file}.{key}", language, **values)
