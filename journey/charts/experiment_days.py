"""The estimate of an experiment as units came in, with the interval that holds however often one looks."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from typing import Any

import altair as alt

from journey.analysis.experiment import Experiment
from journey.charts.canvas import Place, rows_of, sentence_only
from journey.charts.experiment_sheet import Cell, Lane, Sheet, axis_over
from journey.charts.experiment_words import scale_of
from journey.i18n import saying, text
from journey.i18n.formats import arm_name, date
from journey.theme import accent

__all__ = ["estimate_days"]

_HEAD, _PLOT, _FOOT = 30.0, 150.0, 26.0
_LEFT, _RIGHT = Place(0, 64), Place(1, -14)
_LANE = Lane((_LEFT, _RIGHT), (_LEFT, _RIGHT))
# The first days have intervals that would press all others flat.
_WIDEST = 4.0
_MOST_LABELS = 5


def estimate_days(
    answer: Experiment,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float | None = None,
    metric: str | None = None,
) -> alt.LayerChart:
    """One panel an arm: its difference from the control up to each day, of the primary metric or another."""

    say = saying("arms", language)

    decides = answer.plan.primary
    metric = metric or (decides.id if decides else None)
    table = answer.days[answer.days["metric"] == metric]
    table = table[table["difference"].notna() & (table["arm"] != answer.control)]
    if table.empty:
        return sentence_only(say("days_none"), width=width, height=height or 120.0, dark=dark)
    kind = next(one.kind for one in answer.plan.metrics if one.id == metric)
    sheet = Sheet(_LANE, dark, {name: say(f"tip_{name}") for name in ("arm", "day", "moved", "units")})
    y = 0.0
    for arm, block in table.groupby("arm", sort=False):
        rows = rows_of(block)
        colour = accent(dark)
        last = rows[-1]
        reach = _WIDEST * max(
            [abs(end) for end in (last.low, last.high, last.difference) if math.isfinite(end)], default=1.0
        )
        ends = [
            min(max(end, -reach), reach)
            for row in rows
            for end in (row.low, row.high, row.difference)
            if math.isfinite(end)
        ]
        axis = axis_over(ends)
        scale = scale_of(kind, "absolute", [last.low, last.high], language)
        top, bottom = y + _HEAD, y + _HEAD + _PLOT

        def tall(value: float, axis: Any = axis, bottom: float = bottom) -> float:
            return float(bottom - axis.part(value) * _PLOT)

        name = arm_name(last.arm_name or str(arm), language)
        all_of_it = Cell(Place(0, 6), Place(1, -12))
        told = say(
            "days_head", name=name, moved=scale.said(last.difference), span=scale.span(last.low, last.high)
        )
        sheet.put(told, y + 13, all_of_it, all_of_it)
        marks = replace(scale, digits=axis.digits(scale.times))
        for tick in axis.ticks:
            label = marks.said(tick) if tick else say("no_difference")
            at = Cell(Place(0, 58), Place(0, 54), "right")
            sheet.put(label, tall(tick), at, at, size=10.5, shown=0.7)
            sheet.level(tall(tick), is_zero=tick == 0)
        parts = _parts(rows)
        known = [
            (part, tall(row.low), tall(row.high))
            for part, row in zip(parts, rows, strict=True)
            if math.isfinite(row.low) and math.isfinite(row.high)
        ]
        sheet.band(known, colour)
        sheet.curve([(part, tall(row.difference)) for part, row in zip(parts, rows, strict=True)], colour)
        sheet.dot(parts[-1], tall(last.difference), colour)
        _across(sheet, rows, parts, bottom + 13, language)
        for number, row in enumerate(rows):
            edges = [
                (parts[number] + parts[min(max(other, 0), len(parts) - 1)]) / 2
                for other in (number - 1, number + 1)
            ]
            start, end = (_LEFT + (_RIGHT - _LEFT) * edge for edge in edges)
            sheet.field(
                top,
                bottom,
                between=(start, end),
                arm=name,
                day=_when(row, language),
                moved=say("with_span", moved=scale.said(row.difference), span=scale.span(row.low, row.high)),
                units=say(f"units_{answer.unit}", n=int(row.n)),
            )
        y = bottom + _FOOT
    return sheet.drawn(width=width, height=y, described=say("described_days", n=len(table)))


def _has_days(rows: list[Any]) -> bool:
    return all(isinstance(row.day, dt.date) for row in rows)


def _since_start(row: Any) -> float:
    """The day of the test, where the file has no dates; without any times the number of the look."""
    known = isinstance(row.day, int | float) and math.isfinite(row.day)
    return float(row.day if known else row.looked)


def _parts(rows: list[Any]) -> list[float]:
    """Where the days lie on the lane."""
    at = (
        [float(row.day.toordinal()) for row in rows]
        if _has_days(rows)
        else [_since_start(row) for row in rows]
    )
    wide = at[-1] - at[0]
    return [(one - at[0]) / wide if wide else 0.5 for one in at]


def _when(row: Any, language: str) -> str:
    if isinstance(row.day, dt.date):
        return date(row.day, language)
    return text("arms.looked", language, n=f"{_since_start(row):g}")


def _across(sheet: Sheet, rows: list[Any], parts: list[float], y: float, language: str) -> None:
    """A few days below the panel, the first and the last one among them."""
    n = min(_MOST_LABELS, len(rows))
    chosen = sorted({round(i * (len(rows) - 1) / max(n - 1, 1)) for i in range(n)})
    for number in chosen:
        row, part = rows[number], parts[number]
        is_end = number == chosen[-1] and len(chosen) > 1
        label = f"{row.day.month}/{row.day.day}" if _has_days(rows) else _when(row, language)
        align = "right" if is_end else "left" if part < 0.05 else "center"
        at = Cell(_LEFT + (_RIGHT - _LEFT) * part, Place(0, 60), align)
        sheet.put(label, y, at, at, size=10.5, shown=0.7)
