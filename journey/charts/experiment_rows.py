"""Rows with an interval each, all on one axis: the segments of an experiment, and its stages."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import altair as alt

from journey.charts.canvas import Place
from journey.charts.experiment_sheet import WIDE, Axis, Cell, Lane, Sheet
from journey.charts.experiment_words import Scale
from journey.i18n import text

__all__ = ["Line", "interval_rows"]

_TOP, _HEADING, _LINE, _PLAIN = 42.0, 36.0, 54.0, 30.0
_MARGIN = 6.0
_LANE = Lane((Place(0.36, 0), Place(0.7, 0)), (Place(0, _MARGIN), Place(1, -_MARGIN)))
_NAME = Cell(Place(0, _MARGIN), Place(0.23, -_MARGIN - 6))
_VALUE = Cell(Place(0.23, 0), Place(0.125, -6))
_MOVED = Cell(Place(0.715, 0), Place(0.145, -6))
_NOTE = Cell(Place(0.86, 0), Place(0.14, -4))
_LEFT = Cell(Place(0, _MARGIN), Place(0.5, -_MARGIN - 4))
_RIGHT = Cell(Place(1, -_MARGIN), Place(0.5, -_MARGIN - 4), "right")
_HEAD_LEFT = Cell(Place(0, _MARGIN), Place(0.36, -_MARGIN - 6))
_HEAD_RIGHT = Cell(Place(1, -_MARGIN), Place(0.63, -_MARGIN), "right")


@dataclass(frozen=True)
class Line:
    """One row: a heading over those that follow, a row without a difference, or one with an interval."""

    name: str
    value: str = ""
    of: str = ""
    note: str = ""
    is_heading: bool = False
    difference: float = math.nan
    low: float = math.nan
    high: float = math.nan
    colour: str = ""
    is_pale: bool = False
    tips: dict[str, Any] = field(default_factory=dict)

    @property
    def has_figure(self) -> bool:
        return math.isfinite(self.difference)

    @property
    def tall(self) -> float:
        return _HEADING if self.is_heading else _LINE if self.has_figure else _PLAIN


def interval_rows(
    lines: Sequence[Line],
    axis: Axis,
    scale: Scale,
    heads: Sequence[str],
    tips: dict[str, str],
    *,
    language: str,
    dark: bool,
    width: float,
    described: str,
) -> alt.LayerChart:
    """The rows below each other. `heads` are those of the name, the value, the difference, and the note."""
    sheet = Sheet(_LANE, dark, tips)
    cells = (_NAME, _VALUE, Cell(Place(0.36, 0), Place(0.34, 0)), _NOTE)
    for cell, head in zip(cells, heads, strict=True):
        sheet.put(head, 10, cell, size=11.0, shown=0.75)
    marks = replace(scale, digits=axis.digits(scale.times))
    for tick in axis.ticks:
        sheet.tick(axis, tick, marks.said(tick) if tick else text("arms.no_difference", language), 29)
    y = _TOP
    for line in lines:
        _draw(sheet, line, axis, scale, y)
        y += line.tall
    for tick in axis.ticks:
        sheet.rule(axis.part(tick), 37, y, is_zero=tick == 0, needs=WIDE)
    return sheet.drawn(width=width, height=y + 4, described=described)


def _draw(sheet: Sheet, line: Line, axis: Axis, scale: Scale, top: float) -> None:
    if line.is_heading:
        sheet.put(line.name, top + 22, _HEAD_LEFT, _HEAD_LEFT, size=14.0)
        sheet.put(line.note, top + 22, _HEAD_RIGHT, _HEAD_RIGHT, size=11.0, shown=0.8)
        return
    shown = 0.6 if line.is_pale else 1.0
    if not line.has_figure:
        sheet.put(line.name, top + 15, _NAME, _LEFT)
        sheet.put(line.value, top + 15, _VALUE, _RIGHT)
        sheet.put(line.note, top + 15, _NOTE, size=11.0, shown=0.8)
        sheet.field(top + 1, top + line.tall - 1, **line.tips)
        return
    moved, span = scale.said(line.difference), scale.span(line.low, line.high)
    middle = top + line.tall / 2
    # A pale colour made paler could not be read.
    ink = None if line.is_pale else line.colour or None
    sheet.put(line.name, middle - 8 if line.of else middle, _NAME, _LEFT, y_slim=top + 10, shown=shown)
    sheet.put(line.of, middle + 10, _NAME, size=11.0, shown=0.7)
    sheet.put(line.value, middle, _VALUE, _LEFT, y_slim=top + 44, size=12.0, shown=shown)
    sheet.put(moved, middle - 8, _MOVED, _RIGHT, y_slim=top + 10, colour=ink, shown=shown)
    sheet.put(span, middle + 10, _MOVED, _RIGHT, y_slim=top + 44, size=11.0, shown=0.8)
    sheet.put(line.note, middle, _NOTE, size=11.0, shown=0.85)
    y = top + 27
    for tick in axis.ticks:
        sheet.rule(axis.part(tick), y - 8, y + 8, is_zero=tick == 0, most=WIDE)
    if math.isfinite(line.low) and math.isfinite(line.high):
        sheet.span(axis.part(line.low), axis.part(line.high), y, line.colour, shown=shown)
    sheet.dot(axis.part(line.difference), y, line.colour, shown=shown)
    sheet.field(top + 1, top + line.tall - 1, **line.tips)
