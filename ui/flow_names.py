"""The settings of a flow under other names of values: demo mode draws stand-ins, a project keeps values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["OWN_GROUPS", "renamed"]

# Groupings of our own; any other one is by the values of the attribute of that name.
OWN_GROUPS = ("stage", "event")
_NAMING = ("start", "into", "through", "between", "hide", "join")
# How `aggregates.regrouped` calls a part of a node, and nodes drawn as one.
_PART, _JOINED = " · ", " + "


def renamed(settings: Mapping[str, Any], names: Callable[[str], Mapping[str, str]]) -> dict[str, Any]:
    """The same settings where `names(attribute)` says what each value of an attribute is called instead."""
    group = str(settings.get("group", "stage"))
    nodes = {} if group in OWN_GROUPS else names(group)
    found = dict(settings)
    found |= {name: _each(settings[name], nodes) for name in _NAMING if settings.get(name)}
    values: Mapping[str, str] = {}
    if expand := settings.get("expand"):
        values = names(str(expand[1]))
        found["expand"] = [nodes.get(expand[0], expand[0]), expand[1]]
    for side in ("source", "target"):
        if settings.get(side):
            found[side] = _drawn(settings[side], str(settings.get(f"{side}_kind")), nodes, values)
    if where := settings.get("where"):
        found["where"] = {attribute: _each(chosen, names(attribute)) for attribute, chosen in where.items()}
    return found


def _each(written: Any, names: Mapping[str, str]) -> Any:
    """A name, or lists of names, with each name replaced."""
    if isinstance(written, list | tuple):
        return [_each(one, names) for one in written]
    return names.get(written, written)


def _drawn(name: str, kind: str, nodes: Mapping[str, str], values: Mapping[str, str]) -> str:
    if kind == "joined":
        return _JOINED.join(nodes.get(one, one) for one in name.split(_JOINED))
    if kind != "part":
        return nodes.get(name, name)
    # The longest first: a value may end, or a name begin, like another one.
    for value in sorted(values, key=len, reverse=True):
        if name.endswith(_PART + value):
            node = name.removesuffix(_PART + value)
            return nodes.get(node, node) + _PART + values[value]
    for node in sorted(nodes, key=len, reverse=True):
        if name.startswith(node + _PART):
            return nodes[node] + name.removeprefix(node)
    return name
