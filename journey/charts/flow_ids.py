"""What does a clicked ribbon or box stand for? Ids that hold any name, there and back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

__all__ = ["PickedLink", "PickedNode", "link_id", "node_id", "parse_id"]


@dataclass(frozen=True)
class PickedLink:
    """A ribbon that was clicked: the settings that `people` asks for."""

    step: int
    source: str
    source_kind: str
    target: str
    target_kind: str


@dataclass(frozen=True)
class PickedNode:
    """A box that was clicked."""

    step: int
    name: str
    kind: str


def link_id(row: Any) -> str:
    """The id of a row of `Flows.links` for a click to give back: L:<step>:<kind>:<name>→<kind>:<name>."""
    return (
        f"L:{int(row.step)}:{row.source_kind}:{_quoted(str(row.source))}"
        f"→{row.target_kind}:{_quoted(str(row.target))}"
    )


def node_id(step: int, kind: str, name: str) -> str:
    """The id of a node: N:<step>:<kind>:<name>."""
    return f"N:{step}:{kind}:{_quoted(name)}"


_LINK = re.compile(r"L:(-?\d+):(\w+):([^:→]*)→(\w+):([^:→]*)")
_NODE = re.compile(r"N:(-?\d+):(\w+):([^:→]*)")


def parse_id(picked: str) -> PickedLink | PickedNode | None:
    """What a clicked id stands for; None for anything that is no id of a ribbon or a node.

    >>> parse_id("L:1:stage:view→exit:")
    PickedLink(step=1, source='view', source_kind='stage', target='', target_kind='exit')
    """
    if match := _LINK.fullmatch(picked):
        step, source_kind, source, target_kind, target = match.groups()
        return PickedLink(int(step), _unquoted(source), source_kind, _unquoted(target), target_kind)
    if match := _NODE.fullmatch(picked):
        step, kind, name = match.groups()
        return PickedNode(int(step), _unquoted(name), kind)
    return None


def _quoted(name: str) -> str:
    """Percent codes for what separates and for what a browser may not carry; the rest stays readable."""
    special = re.compile("[%:→\x00-\x1f\x7f\ud800-\udfff]")
    return special.sub(lambda found: quote(found.group(), safe="", errors="surrogatepass"), name)


def _unquoted(name: str) -> str:
    return unquote(name, errors="surrogatepass")
