"""Edits of settings that the history tells of: where they are taken back, what they touch, and that undone.

Each has an area, and undo and redo go through the edits of one area: "notebook", "map.<id>" for what was done
on one journey map, "maps" for maps that came or went, and "" for the data and the stages.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from journey.projects.maps import area_of_fact, is_head, is_lane, referred_to
from journey.stages.changes import Key

__all__ = ["BESIDE_ALL", "MAPS", "NOTEBOOK", "area_of", "done_backwards", "touched"]

Values = Mapping[str, Any]

NOTEBOOK, MAPS = "notebook", "maps"
# Of edits that nobody takes back: those of the register of tests.
BESIDE_ALL = "beside"
_NOTEBOOK_BEGINNING = "notebook."
# Where a card stands is one thing, whichever of these is another one now.
_PLACE = "place"
_FIELDS_OF_PLACE = frozenset({"lane", "stage", "key"})


def area_of(values: Values, was: Values) -> str:
    """Where an edit that made these values of those is taken back; BESIDE_ALL where it is not.

    A map that came is not taken back by a step, which would take what was put on it since along: there is a
    question for that. One that went is.
    """
    if any(is_head(name) and was.get(name) is not None and value is None for name, value in values.items()):
        return MAPS
    if any(is_head(name) and was.get(name) is None for name in values):
        return BESIDE_ALL
    areas = {_area(name) for name in values} - {BESIDE_ALL}
    return max(areas, default=BESIDE_ALL, key=lambda area: (area != NOTEBOOK, area))


def touched(values: Values, was: Values) -> set[Key]:
    """The things that an edit touched: a setting, or one field of a fact of a map."""
    return {key for name, value in values.items() for key in _keys(name, was.get(name), value)}


def done_backwards(
    values: Values, was: Values, area: str, now: Values, theirs: Collection[Key]
) -> tuple[dict[str, Any], frozenset[Key]]:
    """The settings without what an edit made, and the things that had to stay as they are.

    `theirs` are the things that others touched since. Of a fact of a map only the fields come back that the
    edit changed, and nothing is taken away that something else still stands in or names.
    """
    settings, left = dict(now), set[Key]()
    others: dict[str, set[Key]] = {}
    for key in theirs:
        if key[0] == "setting":
            others.setdefault(key[1], set()).add(key)
    mine = [name for name in was if _is_of(name, area) and (area != MAPS or values.get(name) is None)]
    for name in mine:
        back, stay = _back(name, was[name], values.get(name), now.get(name), others.get(name, set()))
        left |= stay
        _put(settings, name, back)
    while torn := list(_torn(settings, mine, now, others)):
        for name, because in torn:
            left |= others.get(because, set()) or others.get(name, set()) or {("setting", name)}
            _put(settings, name, now.get(name))
    return settings, frozenset(left)


def _area(name: str) -> str:
    if name.startswith(_NOTEBOOK_BEGINNING):
        return NOTEBOOK
    return area_of_fact(name) or BESIDE_ALL


def _is_of(name: str, area: str) -> bool:
    return bool(area_of_fact(name)) if area == MAPS else _area(name) == area


def _put(settings: dict[str, Any], name: str, value: Any) -> None:
    if value is None:
        settings.pop(name, None)
    else:
        settings[name] = value


def _back(name: str, before: Any, after: Any, now: Any, theirs: Collection[Key]) -> tuple[Any, set[Key]]:
    """What a setting becomes, and what of it stays as it is."""
    if not _is_in_parts(name, before, after):
        if theirs or now != after:
            return now, set(theirs) or {("setting", name)}
        return before, set()
    if not isinstance(now, Mapping):
        return now, set(theirs) or {("setting", name)}
    back, left = dict(now), set[Key]()
    for key, fields in _parts(name, before, after).items():
        held = {one for one in theirs if one in (key, key[:2])}
        if held or any(now.get(field) != after.get(field) for field in fields):
            left |= held or {key}
            continue
        for field in fields:
            _put(back, field, before.get(field))
    return back, left


def _keys(name: str, before: Any, after: Any) -> Collection[Key]:
    return _parts(name, before, after) if _is_in_parts(name, before, after) else {("setting", name)}


def _is_in_parts(name: str, before: Any, after: Any) -> bool:
    return bool(area_of_fact(name)) and isinstance(before, Mapping) and isinstance(after, Mapping)


def _parts(name: str, before: Values, after: Values) -> dict[Key, set[str]]:
    """The fields of a fact that are other ones, those of its place together."""
    parts: dict[Key, set[str]] = {}
    for field in {*before, *after}:
        if before.get(field) != after.get(field):
            part = _PLACE if field in _FIELDS_OF_PLACE else field
            parts.setdefault(("setting", name, part), set()).add(field)
    return parts


def _torn(
    settings: Values, mine: Collection[str], now: Values, others: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Settings that are not to become another one, and the setting that is the reason.

    A card does not come into a lane that is gone, and no lane goes from under a card. A persona stays while
    others have named it since; a card that names one which is gone is one of everybody.
    """
    other = {name for name in mine if settings.get(name) != now.get(name)}
    gone = {name for name in other if settings.get(name) is None}
    for name in settings if gone else other:
        for needed in referred_to(name, settings.get(name)):
            if needed in settings or not (is_lane(needed) or (needed in gone and name in others)):
                continue
            if name in other:
                yield name, needed
            elif needed in gone:
                yield needed, name
