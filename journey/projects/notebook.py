"""The notebook of a project: answers that somebody kept with a line of their own, and words between them.

Each cell is one setting of the project, so that two people who write in different cells disturb nobody. The
order is one more: what it does not name stands behind the cell that it was put behind, or at the end.

notebook.cell.<id>   {"kind": "answer" | "text", "text", "at", "by", "put", "after"} and of an answer
                     "question", "picture", "settings", "filters", "finding", "headline"
notebook.order       [id, ...]
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from journey.errors import SettingWrong
from journey.figures import Figure
from journey.findings import Finding
from journey.projects.written_figures import figure_from_json, figure_to_json, moment_from_json
from journey.projects.written_findings import (
    are_findings,
    can_be_said,
    finding_to_json,
    findings_from_json,
)

__all__ = [
    "LONGEST_LINE",
    "LONGEST_TEXT",
    "MOST_CELLS",
    "Cell",
    "Kind",
    "cell_name",
    "cells",
    "duplicated",
    "moved",
    "pinned",
    "removed",
    "reworded",
    "written",
]

Kind = Literal["answer", "text"]
Settings = Mapping[str, Any]

MOST_CELLS = 200
LONGEST_LINE, LONGEST_TEXT = 500, 20_000
_BEGINNING = "notebook."
_ORDER, _CELL = f"{_BEGINNING}order", f"{_BEGINNING}cell."
_ID = re.compile(r"[a-z0-9]{1,32}")
_START = ""  # what a cell that stands first was put behind
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Cell:
    """One cell. `text` is the line above an answer, or the Markdown of a text; the rest is of an answer.

    `picture` is the chart, where the question has several; `finding` and `headline` are what it said when
    `by` kept it `at` that moment. At the moment `put` it was put behind the cell `after`: "" is the
    beginning, None the end. A copy is put later than it was kept.
    """

    id: str
    kind: Kind
    text: str
    at: dt.datetime
    by: str = ""
    put: dt.datetime = _EPOCH
    after: str | None = None
    question: str = ""
    picture: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    filters: Mapping[str, Any] = field(default_factory=dict)
    finding: Finding = field(default_factory=lambda: Finding(""))
    headline: Figure | None = None


def cell_name(id_: str) -> str:
    """The setting that holds the cell of this id."""
    return f"{_CELL}{id_}"


def cells(settings: Settings) -> tuple[Cell, ...]:
    """The cells in their order. What is no cell is left out, as if nobody had written it."""
    found = {}
    for name, value in settings.items():
        id_ = name.removeprefix(_CELL)
        if name != id_ and _ID.fullmatch(id_) and (cell := _read(id_, value)) is not None:
            found[id_] = cell
    return tuple(found[id_] for id_ in _order(settings, found))


def _order(settings: Settings, found: Mapping[str, Cell]) -> list[str]:
    told = settings.get(_ORDER)
    known = [id_ for id_ in told if isinstance(id_, str)] if isinstance(told, list) else []
    order = [id_ for id_ in dict.fromkeys(known) if id_ in found]
    new = sorted(found.keys() - set(order), key=lambda id_: (found[id_].put, id_))
    # One may stand behind another that is new too, of a clock that goes after.
    waiting = [id_ for id_ in new if found[id_].after in found]
    order += [id_ for id_ in new if found[id_].after not in found and found[id_].after != _START]
    order[:0] = reversed([id_ for id_ in new if found[id_].after == _START])
    while waiting:
        placed = [id_ for id_ in waiting if found[id_].after in order]
        for id_ in placed or waiting:
            place = order.index(str(found[id_].after)) + 1 if placed else len(order)
            order.insert(place, id_)
        waiting = [id_ for id_ in waiting if id_ not in order]
    return order


# ---- changing it ----------------------------------------------------------------------------------------


def pinned(
    id_: str,
    question: str,
    settings: Settings,
    filters: Settings,
    *,
    line: str,
    finding: Finding,
    headline: Figure | None,
    at: dt.datetime,
    by: str,
    picture: str = "",
) -> dict[str, Any]:
    """The operation that keeps an answer at the end of the notebook."""
    value = {
        **_beginning("answer", line[:LONGEST_LINE], at, by, None),
        "question": question,
        "picture": picture,
        "settings": dict(settings),
        "filters": dict(filters),
        "finding": finding_to_json(finding),
        "headline": None if headline is None else figure_to_json(headline),
    }
    return _one(id_, value)


def written(id_: str, text: str, *, after: str | None, at: dt.datetime, by: str) -> dict[str, Any]:
    """The operation that writes a text behind a cell; "" is the beginning, None the end."""
    return _one(id_, _beginning("text", text[:LONGEST_TEXT], at, by, after))


def reworded(settings: Settings, id_: str, text: str) -> dict[str, Any]:
    """The operation that gives a cell other words; who had it and when stay."""
    value = _known(settings, id_)
    longest = LONGEST_LINE if value["kind"] == "answer" else LONGEST_TEXT
    return _one(id_, {**value, "text": text[:longest]})


def duplicated(settings: Settings, id_: str, new: str, *, at: dt.datetime, by: str) -> dict[str, Any]:
    """The operation that puts a copy behind a cell; of an answer also what was kept of it."""
    value = _known(settings, id_)
    stamp = {} if value["kind"] == "answer" else {"at": at.isoformat(), "by": by}
    return _one(new, {**value, **stamp, "put": at.isoformat(), "after": id_})


def moved(settings: Settings, id_: str, to: int) -> dict[str, Any]:
    """The operation after which this cell stands at this place, 0 for the first one."""
    order = [cell.id for cell in cells(settings)]
    if id_ not in order:
        raise _gone(id_)
    order.remove(id_)
    order.insert(min(max(to, 0), len(order)), id_)
    return {"op": "setting", "name": _ORDER, "value": order}


def removed(settings: Settings, id_: str) -> dict[str, Any]:
    """The operation that takes a cell out; those behind it stay where they are."""
    _known(settings, id_)
    values: dict[str, Any] = {cell_name(id_): None}
    stay = [cell.id for cell in cells(settings) if cell.id != id_]
    if [cell.id for cell in cells({**settings, **values})] != stay:
        values[_ORDER] = stay
    return {"op": "settings", "values": values}


def _one(id_: str, value: Mapping[str, Any]) -> dict[str, Any]:
    return {"op": "setting", "name": cell_name(id_), "value": dict(value)}


def _beginning(kind: Kind, text: str, at: dt.datetime, by: str, after: str | None) -> dict[str, Any]:
    return {"kind": kind, "text": text, "at": at.isoformat(), "by": by, "put": at.isoformat(), "after": after}


def _known(settings: Settings, id_: str) -> dict[str, Any]:
    value = settings.get(cell_name(id_))
    if _read(id_, value) is None:
        raise _gone(id_)
    return dict(value or {})


def _gone(id_: str) -> SettingWrong:
    return SettingWrong(setting=_CELL, value=id_[:80], allowed="")


# ---- reading it -----------------------------------------------------------------------------------------


def _read(id_: str, value: Any) -> Cell | None:
    match value:
        case {"kind": "answer" | "text" as kind, "text": str(text)}:
            pass
        case _:
            return None
    by, after = value.get("by"), value.get("after")
    cell = Cell(
        id_,
        kind,
        text,
        moment_from_json(value.get("at")),
        by if isinstance(by, str) else "",
        moment_from_json(value.get("put")),
        after if isinstance(after, str) else None,
    )
    if kind == "text":
        return cell
    question, finding = value.get("question"), value.get("finding")
    settings, filters, picture = (value.get(name) for name in ("settings", "filters", "picture"))
    if not isinstance(question, str) or not are_findings([finding]):
        return None
    if not isinstance(settings, Mapping) or not isinstance(filters, Mapping):
        return None
    try:
        (told,) = findings_from_json([finding])
    except SettingWrong:
        return None
    if not can_be_said([told]):
        # Another version said it in words that this one does not have; the cell itself is to stay.
        told = Finding("notebook.then_unknown")
    return replace(
        cell,
        question=question,
        picture=picture if isinstance(picture, str) else "",
        settings=settings,
        filters=filters,
        finding=told,
        headline=figure_from_json(value.get("headline")),
    )
