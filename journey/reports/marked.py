"""Words with marks: the few of Markdown that a note needs, read once and drawn safely anywhere.

Headings (`#` to `###`), lists (`-`, `*` or `1.`), quotes (`>`), **bold** and *italic*. A link is shown as its
words and its address, as text. Everything else - HTML, images, tables, formulas, icons - is what was typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

__all__ = ["Block", "Span", "blocks"]

BlockKind = Literal["heading", "bullets", "numbers", "quote", "paragraph"]

_HEADING = re.compile(r"(#{1,3})\s+(.*?)\s*#*\s*")
_BULLET = re.compile(r"[-*+•]\s+(.*)")
_NUMBER = re.compile(r"\d{1,3}[.)]\s+(.*)")
_QUOTE = re.compile(r">\s?(.*)")
_LINK = re.compile(r"(?<!!)\[([^\[\]\n]{1,500})\]\(([^()\s]{1,2000})\)")
# Bold before italic; the marks stand at the words; `7*7` and `a_b` are what they are.
_MARKED = re.compile(
    r"(\*\*|__)(?=\S)(?P<bold>.{1,500}?)(?<=\S)\1"
    r"|(?<!\w)\*(?=[^\s*])(?P<star>[^*]{0,500}?[^\s*])\*"
    r"|(?<!\w)_(?=[^\s_])(?P<line>[^_]{0,500}?[^\s_])_(?!\w)"
)
_LINE_ENDS = re.compile(r"\r\n|[\r\n\v\f\x85\u2028\u2029]")


@dataclass(frozen=True)
class Span:
    """A piece of a line."""

    text: str
    bold: bool = False
    italic: bool = False


@dataclass(frozen=True)
class Block:
    """A paragraph, a list or a quote with its lines, or a heading of level 1 to 3 with its one line."""

    kind: BlockKind
    lines: tuple[tuple[Span, ...], ...]
    level: int = 0


def blocks(words: str) -> tuple[Block, ...]:
    """What stands in the words, from the top."""
    read = [_line(line.strip()) for line in _LINE_ENDS.split(words)]
    found = []
    # A heading is one line; others of one kind that follow each other are one block.
    numbered = (
        (kind, level, number if level else 0, text) for number, (kind, level, text) in enumerate(read)
    )
    for (kind, level, _), lines in groupby(numbered, key=lambda one: one[:3]):
        if kind is not None:
            found.append(Block(kind, tuple(tuple(_spans(text)) for *_, text in lines), level))
    return tuple(found)


def _line(line: str) -> tuple[BlockKind | None, int, str]:
    if not line:
        return None, 0, ""
    if found := _HEADING.fullmatch(line):
        return "heading", len(found[1]), found[2]
    kinds: tuple[tuple[BlockKind, re.Pattern[str]], ...] = (
        ("bullets", _BULLET),
        ("numbers", _NUMBER),
        ("quote", _QUOTE),
    )
    for kind, pattern in kinds:
        if found := pattern.fullmatch(line):
            return kind, 0, found[1]
    return "paragraph", 0, line


def _spans(line: str) -> Iterator[Span]:
    line, at = _LINK.sub(_linked, line), 0
    for found in _MARKED.finditer(line):
        if found.start() > at:
            yield Span(line[at : found.start()])
        if found["bold"] is not None:
            yield Span(found["bold"], bold=True)
        else:
            yield Span(found["star"] or found["line"], italic=True)
        at = found.end()
    if at < len(line) or not line:
        yield Span(line[at:])


def _linked(found: re.Match[str]) -> str:
    words, address = found.groups()
    return address if words == address else f"{words} ({address})"
