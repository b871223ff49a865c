"""Which cards of the journey maps are tried by which tests of the register."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from journey.projects.maps import BEGINNING

__all__ = ["Origin", "origins"]


@dataclass(frozen=True)
class Origin:
    """The card that a test came from, by its map."""

    map: str
    map_name: str
    card: str
    text: str


def origins(settings: Mapping[str, Any]) -> Mapping[str, tuple[Origin, ...]]:
    """Id of a test -> the cards that it tries; of what is no card of a map that there is, nothing."""
    found: dict[str, list[Origin]] = {}
    for name, value in settings.items():
        parts = name.split(".")
        if not name.startswith(BEGINNING) or len(parts) != 4 or parts[2] != "card":
            continue
        test = value.get("test") if isinstance(value, Mapping) else None
        head = settings.get(".".join(parts[:2]))
        if not isinstance(test, str) or not test or not isinstance(head, Mapping):
            continue
        text = value.get("text")
        here = Origin(parts[1], str(head.get("name", "")), parts[3], text if isinstance(text, str) else "")
        found.setdefault(test, []).append(here)
    return {test: tuple(sorted(those, key=lambda one: (one.map, one.card))) for test, those in found.items()}
