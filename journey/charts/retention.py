"""Who comes back: the triangle of cohorts with its numbers, and the curves and bars of the other views."""

from __future__ import annotations

import datetime as dt
from typing import Any

import altair as alt

from journey.analysis.retention import Retention
from journey.charts.canvas import (
    Place,
    Row,
    Y,
    finished,
    rows_of,
    sentence_only,
    spoken,
    tooltip,
    word,
    words,
)
from journey.charts.lettering import text_width
from journey.charts.picking import IS_PICKED, picking
from journey.charts.retention_plots import (
    churn,
    curve,
    lifecycle,
    mark_of,
    path,
    repurchase,
)
from journey.i18n import text
from journey.i18n.formats import count, percent_of, share
from journey.theme import ACCENT, MUTED, ink, mixed, paper, text_on

__all__ = ["mark_of", "retention_chart"]

_ROW, _HEAD, _FOOT = 27.0, 46.0, 22.0
_SIZE = 12.0
_LEAST, _MOST, _WIDE = 32, 92, 46  # pixels of a column: never less, never more, room for one decimal
_MOST_COHORTS = 26
_PLOTS = {"curve": curve, "lifecycle": lifecycle, "repurchase": repurchase, "churn": churn, "path": path}


def retention_chart(
    answer: Retention,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float | None = None,
    picked: str | None = None,
) -> alt.LayerChart:
    """The picture of the answer's view.

    In the triangle a row is a cohort and a column the time since its start; the first row is the average
    over the cells that are seen to their end. Cells that are not are hatched, and those to come are blank.
    Cells, points and bars have ids (`mark_of`, of paths `path_mark`) and can be picked.
    """
    if answer.table.empty:
        said = text("retention.chart_empty", language)
        return sentence_only(said, width=width, height=height or 120.0, dark=dark)
    if answer.view in _PLOTS:
        return _PLOTS[answer.view](
            answer, language=language, dark=dark, width=width, height=height, picked=picked
        )
    return _triangle(answer, language=language, dark=dark, width=width, height=height, picked=picked)


def _triangle(
    answer: Retention, *, language: str, dark: bool, width: float, height: float | None, picked: str | None
) -> alt.LayerChart:
    def say(key: str, **values: Any) -> str:
        return text(f"retention.chart_{key}", language, **values)

    table = answer.table
    cohorts = sorted(table["cohort"].unique())
    left_out = max(0, len(cohorts) - _MOST_COHORTS)
    cohorts = cohorts[left_out:]
    columns = sorted(set(zip(table["age"], table["until"], strict=True)))
    row_height = _ROW if height is None else max(_ROW, (height - _HEAD - _FOOT) / (len(cohorts) + 1))
    height = _HEAD + _FOOT + row_height * (len(cohorts) + 1)
    labels = [_told(day, answer.period) for day in cohorts]
    room = max(text_width(one, _SIZE) for one in [*labels, say("all")]) + 10
    sizes = [count(n, language) for n in table["customers"]]
    counts = max(text_width(one, _SIZE) for one in [*sizes, say("customers")]) + 12
    begin = room + counts
    most = table.loc[table["age"] > 0, "share"].max()
    most = float(most) if most == most and most > 0 else 1.0

    cells: list[Row] = []
    texts: list[Row] = []

    def put(x: float, y: float, said: str, fits: float, **style: Any) -> None:
        texts.append(word(said, Place(0, x), y, Place(0, fits), colour=ink(dark), **style))

    put(4, _HEAD - 12, say("began"), room, size=11.0, shown=0.75)
    put(begin - 8, _HEAD - 12, say("customers"), counts, size=11.0, shown=0.75, align="right")
    put(begin + 4, 12, say(f"after_{answer.period}"), 220, size=11.0, shown=0.75)

    def cell(row: Any, line: int, named: str, day: dt.date | None = None) -> None:
        known = row.share == row.share
        y0 = _HEAD + row_height * line + 1
        fill = mixed(paper(dark), ACCENT if not dark else "#6E8BFF", _strength(row.share / most))
        tips = {
            "what": named,
            "when": say(f"at_{answer.period}", age=_ages(row.age, row.until)),
            "part": share(row.share, language) if known else say("partly"),
            "who": say("of", k=int(row.returned), n=int(row.customers)) if known else "–",
            "span": text("charts.interval", language, low=row.low, high=row.high) if known else "–",
        }
        cells.append(
            {
                "id": mark_of(day, row.age, row.until) if known else "",
                "i": columns.index((row.age, row.until)),
                "y0": y0,
                "y1": y0 + row_height - 2,
                "y": y0 + row_height / 2 - 1,
                "fill": fill if known else paper(dark),
                "ink": text_on(fill),
                "text": share(row.share, language) if known else "",
                "short": f"{percent_of(row.share):.0f}%" if known else "",
                "hatched": not known,
                **tips,
            }
        )

    whole = answer.curve
    if whole is not None and not whole.empty:
        put(4, _HEAD + row_height / 2, say("all"), room)
        put(
            begin - 8,
            _HEAD + row_height / 2,
            count(whole["customers"].max(), language),
            counts,
            align="right",
        )
        for row in rows_of(whole):
            cell(row, 0, say("all"))
    for line, (day, label) in enumerate(zip(cohorts, labels, strict=True), start=1):
        own = table[table["cohort"] == day]
        middle = _HEAD + row_height * (line + 0.5)
        put(4, middle, label, room)
        put(begin - 8, middle, count(own["customers"].iloc[0], language), counts, align="right")
        for row in rows_of(own):
            cell(row, line, label, day)
    heads = [
        {"i": place, "y": _HEAD - 12, "text": _ages(*pair), "short": _ages(*pair), "ink": ink(dark)}
        for place, pair in enumerate(columns)
    ]
    if left_out:
        put(4, height - 9, say("older", n=left_out), 260, size=11.0, shown=0.75)
    tips_of = tooltip(
        {
            "what": say("began"),
            "when": say("when"),
            "part": say("share"),
            "who": say("returned"),
            "span": say("interval"),
        }
    )
    step = f"max({_LEAST}, min({_MOST}, (width - {begin + 2}) / {len(columns)}))"
    seen = f"{begin} + (datum.i + 1) * {step} <= width + 1"

    def at(name: str) -> Any:
        return (
            alt.Chart(alt.NamedData(name))
            .transform_filter(seen)
            .transform_calculate(
                left=f"{begin} + datum.i * {step}",
                right=f"{begin} + (datum.i + 1) * {step} - 2",
                middle=f"{begin} + (datum.i + 0.5) * {step} - 1",
            )
        )

    def x(field: str) -> Any:
        return alt.X(f"{field}:Q", scale=None, axis=None)

    def numbers(name: str) -> Any:
        return (
            at(name)
            .mark_text(
                baseline="middle",
                align="center",
                fontSize=11,
                aria=False,
                text=alt.expr(f"{step} < {_WIDE} ? datum.short : datum.text"),
            )
            .encode(x=x("middle"), y=Y("y", height), color=alt.Color("ink:N", scale=None))
        )

    filled = (
        at("cells")
        .mark_rect(cornerRadius=2, cursor="pointer", strokeWidth=2)
        .encode(
            stroke=alt.StrokeValue(None, condition={"test": IS_PICKED, "value": ink(dark)}),
            x=x("left"),
            x2="right:Q",
            y=Y("y0", height),
            y2="y1:Q",
            fill=alt.Fill("fill:N", scale=None),
            tooltip=tips_of,
            description=spoken(tips_of),
        )
        .add_params(picking(picked))
    )
    hatching = [
        at("cells")
        .transform_filter("datum.hatched")
        .transform_calculate(from_=f"datum.left + {part} * (datum.right - datum.left)")
        .transform_calculate(to=f"datum.from_ + {1 / 3} * (datum.right - datum.left)")
        .mark_rule(strokeWidth=1, color=MUTED, opacity=0.6, aria=False)
        .encode(x=x("from_"), x2="to:Q", y=Y("y1", height), y2="y0:Q")
        for part in (0, 1 / 3, 2 / 3)
    ]
    rest = word(
        say("rest"), Place(0, begin + 4), height - 9, Place(1, -begin - 8), colour=ink(dark), size=11.0
    )
    hidden = f"{begin} + {len(columns)} * {_LEAST} > width + 1"
    more = words("rest", [rest], height=height, dark=dark)
    more = [layer.transform_filter(hidden) for layer in more]
    layers = [
        filled,
        *hatching,
        numbers("cells"),
        numbers("heads"),
        *words("words", texts, height=height, dark=dark),
    ]
    data = {"cells": cells, "heads": heads, "words": texts, "rest": [rest]}
    described = say("described_cohorts", n=len(cohorts))
    return finished([*layers, *more], data, width=width, height=height, dark=dark, description=described)


def _strength(part: float) -> float:
    """How much of the colour a share has: all of it for the largest one after the start."""
    return 0.05 + 0.7 * min(max(part, 0.0), 1.0) if part == part else 0.0


def _ages(age: int, until: int) -> str:
    return str(age) if age == until else f"{age}–{until}"


def _told(day: dt.date, period: str) -> str:
    """A period by its first day, a month without one."""
    return day.isoformat()[:7] if period == "month" else day.isoformat()
