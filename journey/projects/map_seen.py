"""Which figures of a map did its people see last, and which are others since then?

map_seen.<map id>   {"log": fingerprint, "stages": mark of the stage map,
                     "figures": {key: [value or null, n, code, form]}}

It is no edit: looking at a map changes nothing of the project.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, get_args

from journey.figures import Figure, Form
from journey.stages.stage_map import StageMap

__all__ = ["BEGINNING", "MapSeen", "changes", "link_key", "map_seen", "seen_name", "taken", "with_new"]

BEGINNING = "map_seen."
# What differs by less is the same number, added up in another order.
_SAME = 1e-12
_NOTHING = Figure("", math.nan, "count")


@dataclass(frozen=True)
class MapSeen:
    """The figures of a map by their keys, the log that they are of, and a mark of the stages.

    A key that has no figure, as its event is in no file, is there with one that is not known.
    """

    log: str
    stages: str
    figures: Mapping[str, Figure] = field(default_factory=dict)

    @property
    def source(self) -> tuple[str, str]:
        """What all figures are of."""
        return self.log, self.stages

    def to_json(self) -> dict[str, Any]:
        """As the setting has it."""
        told = {
            key: [one.value if one.is_known else None, one.n, one.code, one.form]
            for key, one in self.figures.items()
        }
        return {"log": self.log, "stages": self.stages, "figures": told}


def seen_name(map_id: str) -> str:
    """The setting that holds what was seen of this map."""
    return f"{BEGINNING}{map_id}"


def link_key(link: Mapping[str, Any]) -> str:
    """The key of what a card is bound to, all in texts: of two cards with one link it is one."""
    return _key(tuple(sorted(link.items())))


@lru_cache(maxsize=4096)
def _key(link: tuple[tuple[str, str], ...]) -> str:
    written = json.dumps(dict(link), sort_keys=True, ensure_ascii=True)
    return f"link.{hashlib.sha256(written.encode()).hexdigest()[:16]}"


def taken(log: str, stages: StageMap, figures: Mapping[str, Figure | None]) -> MapSeen:
    """What is to be seen now: figures of the log of this fingerprint under these stages."""
    mark = hashlib.sha256(stages.to_json().encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return MapSeen(log, mark, {key: one or _NOTHING for key, one in figures.items()})


def map_seen(settings: Mapping[str, Any], map_id: str) -> MapSeen | None:
    """What was seen of a map last; None where nobody has seen it, or what is written is none."""
    match settings.get(seen_name(map_id)):
        case {"log": str(log), "stages": str(stages), "figures": dict(told)}:
            return MapSeen(log, stages, {str(key): _figure(one) for key, one in told.items()})
        case _:
            return None


def with_new(before: MapSeen | None, now: MapSeen) -> MapSeen:
    """What counts as seen when the map is looked at.

    All of it the first time and while the data are the same; else what was seen before, and what was bound
    or made since then as it is now, so that the next data are compared with it too.
    """
    if before is None or before.source == now.source:
        return now
    return replace(before, figures={**now.figures, **before.figures})


def changes(before: MapSeen | None, now: MapSeen) -> dict[str, Figure]:
    """By key what a figure was, where another came out since: other value or n, or known only then or now.

    Of the same log under the same stages nothing can have changed. What was bound, or made, since then was
    never seen as another one, so it is not told before it is one.
    """
    if before is None or before.source == now.source:
        return {}
    both = before.figures.keys() & now.figures.keys()
    return {key: before.figures[key] for key in both if not _same(before.figures[key], now.figures[key])}


def _same(was: Figure, now: Figure) -> bool:
    if not was.is_known and not now.is_known:
        return True
    if was.n != now.n or was.is_known != now.is_known:
        return False
    return abs(was.value - now.value) <= _SAME * max(1.0, abs(was.value), abs(now.value))


def _figure(told: Any) -> Figure:
    match told:
        case [None | int() | float() as value, int(n), str(code), str(form)] if form in get_args(Form):
            return Figure(code, math.nan if value is None else float(value), form, n)  # type: ignore[arg-type]
        case _:
            return _NOTHING
