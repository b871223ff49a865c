"""What of journey maps leaves with an exported project: not who worked on them, and no data where none go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from journey.projects.maps import fact_of
from journey.stages.board import NOTES

__all__ = ["maps_of_nobody", "maps_without_values"]

Settings = Mapping[str, Any]

# Fields that name people of the team.
_NAMES = frozenset({"by", "owner"})
# Where without data something leaves, these fields of it do.
_WITHOUT_VALUES: Mapping[str, frozenset[str]] = {
    "": frozenset({"name", "version", "of", "template", "at"}),
    "lane": frozenset({"kind", "key", "name", "hidden"}),
    "persona": frozenset({"name", "key"}),
    "card": frozenset(
        {
            *("lane", "stage", "key", "text", "colour", "tags", "status", "persona", "link", "parent"),
            *("hypothesis", "effort", "impact", "state", "due", "since", "measure", "at"),
        }
    ),
}
# Links that name stages and events only: a segment is told by values, and a kept answer is one.
_LINKS = frozenset({"stage", "event", "link", "friction"})


def maps_of_nobody(settings: Settings) -> dict[str, Any]:
    """The settings with no name of whoever made a map or looks after a card of it."""
    return {name: _without(value, _NAMES) if fact_of(name) else value for name, value in settings.items()}


def maps_without_values(settings: Settings) -> dict[str, Any]:
    """The maps among the settings, with nothing in them that comes out of the data or of what somebody said.

    What a team wrote itself, the curves that it drew, and names of stages and events leave.
    """
    return {
        name: left
        for name, value in settings.items()
        if (fact := fact_of(name)) and (left := _left(fact[1], value)) is not None
    }


def _left(kind: str, value: Any) -> Any:
    if kind == "felt" or not isinstance(value, Mapping):
        return value if kind == "felt" else None
    source = value.get("source")
    # A card out of somebody's notes is in their words.
    if isinstance(source, Mapping) and (source.get("kind") in NOTES or source.get("quote")):
        return None
    kept = {name: one for name, one in value.items() if name in _WITHOUT_VALUES[kind]}
    for name in ("link", "measure"):
        link = kept.get(name)
        if not isinstance(link, Mapping) or link.get("kind") not in _LINKS:
            kept.pop(name, None)
    return kept


def _without(value: Any, names: frozenset[str]) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {name: one for name, one in value.items() if name not in names}
