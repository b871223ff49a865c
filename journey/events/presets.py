"""Whose export is it? Tools that write their events under names that nobody else uses."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from journey.events.column_facts import Facts
from journey.events.column_names import ends, normal

__all__ = ["Preset", "PresetColumns", "presets", "recognise"]

_MOSTLY = 0.95


@dataclass(frozen=True)
class Preset:
    """The names that a tool's export is known by, and the roles that they play.

    Every group of `signature` must have one of its names in the file. `roles` lists names from the best to
    the last resort. `zone` is the time zone that the tool documents for times without an offset.
    """

    name: str
    called: str
    signature: tuple[tuple[str, ...], ...]
    roles: Mapping[str, tuple[str, ...]]
    zone: str | None = None


@dataclass(frozen=True)
class PresetColumns:
    """A preset and the columns of a file that play its roles."""

    preset: Preset
    roles: Mapping[str, str]


@cache
def presets() -> tuple[Preset, ...]:
    """All presets, in the order in which they are tried."""
    listed = json.loads(
        resources.files("journey.events").joinpath("presets.json").read_text(encoding="utf-8")
    )
    return tuple(
        Preset(
            name,
            one["called"],
            tuple(tuple(map(normal, group)) for group in one["signature"]),
            {role: tuple(map(normal, names)) for role, names in one["roles"].items()},
            one.get("zone"),
        )
        for name, one in listed.items()
    )


def recognise(facts: Sequence[Facts]) -> PresetColumns | None:
    """The first preset whose names are all there and whose customer and time hold values.

    Names count however they are spelt (userId, user_id). The customer is the first of its columns in which
    at most 1 row in 20 is missing, else the fullest; in the other roles the first with any value.
    """
    known: dict[str, Facts] = {}
    for one in sorted(facts, key=lambda one: one.name):
        known.setdefault(normal(ends(one.name)), one)
    for preset in presets():
        if not all(any(name in known for name in group) for group in preset.signature):
            continue
        roles = {
            role: found.name
            for role, names in preset.roles.items()
            if (found := _first_full(role, [known[name] for name in names if name in known]))
        }
        if roles.get("customer") and roles.get("time"):
            return PresetColumns(preset, roles)
    return None


def _first_full(role: str, found: Iterable[Facts]) -> Facts | None:
    full = [one for one in found if one.distinct]
    if role != "customer":
        return full[0] if full else None
    best = next((one for one in full if one.named >= _MOSTLY), None)
    return best or max(full, key=lambda one: one.named, default=None)
