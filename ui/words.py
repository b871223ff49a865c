"""Words of the tab's language, safe for where they are shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from journey.errors import JourneyError
from journey.findings import Finding
from journey.i18n import text
from ui import demo
from ui.session import current

__all__ = ["literal", "md", "sentence", "t"]

_LINE_ENDS = re.compile(r"[\r\n\v\f\x85\u2028\u2029]+")
_LINKED = re.compile(r":|@|www(?=\\\.)", re.IGNORECASE)
_MARKS = re.compile(r"([\\`*_{}\[\]()#+\-.!|~<>$&:^=])")


def t(key: str, **values: Any) -> str:
    """The sentence of a key, for places that show text as text."""
    return text(key, current().language, **{name: _each(demo.covered, one) for name, one in values.items()})


def md(key: str, **values: Any) -> str:
    """The sentence of a key for places that read Markdown: what users named is shown to the letter."""
    return text(key, current().language, **{name: _each(literal, one) for name, one in values.items()})


def sentence(said: Finding | JourneyError) -> str:
    """The sentence of a finding or of a problem, for places that read Markdown."""
    return md(said.code if isinstance(said, Finding) else said.key, **said.values)


def literal(words: str) -> str:
    """Text that Markdown shows to the letter.

    Backslashes hold back Markdown itself; emoji and icon short codes, and addresses that would become links,
    are looked for after that, so an invisible joiner parts what makes them one.
    """
    escaped = _MARKS.sub(r"\\\1", _LINE_ENDS.sub(" ", demo.covered(words)))
    return _LINKED.sub("\\g<0>\u2060", escaped)


def _each(change: Callable[[str], str], value: Any) -> Any:
    """The value with its texts changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list | tuple):
        return [_each(change, item) for item in value]
    return value
