"""How the values of the units of each arm are spread: a block a metric, a box an arm."""

from __future__ import annotations

from typing import Any

import altair as alt

from journey.analysis.experiment import Experiment
from journey.charts.canvas import Place, rows_of, sentence_only
from journey.charts.experiment_sheet import Cell, Lane, Sheet, axis_over
from journey.charts.experiment_words import valued
from journey.i18n import saying
from journey.i18n.formats import arm_name, share
from journey.i18n.formats import metric as metric_name
from journey.theme import accent, ink

__all__ = ["spread_boxes"]

_HEAD, _ROW, _AIR, _MARGIN = 44.0, 50.0, 10.0, 6.0
_LANE = Lane((Place(0.22, 0), Place(0.78, 0)), (Place(0, _MARGIN), Place(1, -_MARGIN)))
_NAME = Cell(Place(0, _MARGIN), Place(0.21, -_MARGIN - 4))
_NOTE = Cell(Place(0.8, 0), Place(0.2, -_MARGIN))
_LEFT = Cell(Place(0, _MARGIN), Place(0.42, -_MARGIN - 4))
_RIGHT = Cell(Place(1, -_MARGIN), Place(0.58, -_MARGIN - 4), "right")


def spread_boxes(
    answer: Experiment,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float | None = None,
) -> alt.LayerChart:
    """The middle half as a box, nine tenths as a line, a dot at the median; shares have no spread to show."""

    say = saying("arms", language)

    metrics = {one.id: one for one in answer.plan.metrics if one.kind not in ("conversion", "retention")}
    table = answer.spread[answer.spread["metric"].isin(metrics)]
    if table.empty:
        return sentence_only(say("spread_none"), width=width, height=height or 120.0, dark=dark)
    sheet = Sheet(
        _LANE, dark, {name: say(f"tip_{name}") for name in ("arm", "median", "half", "most", "far", "zeros")}
    )
    colour, y = accent(dark), 0.0
    for metric, block in table.groupby("metric", sort=False):
        of, rows = metrics[str(metric)], rows_of(block)
        axis = axis_over([end for row in rows for end in (row.p5, row.p95)], zero=False)

        def said(value: float, kind: str = of.kind) -> str:
            return valued(value, kind, language)

        whole = Cell(Place(0, _MARGIN), Place(1, -2 * _MARGIN))
        sheet.put(metric_name(of.name or of.id, language), y + 13, whole, whole, size=14.0)
        bottom = y + _HEAD + _ROW * len(rows)
        for tick in axis.ticks:
            sheet.tick(axis, tick, said(tick), y + 33)
            sheet.rule(axis.part(tick), y + 40, bottom)
        top = y + _HEAD
        for row in rows:
            name, middle = arm_name(row.arm_name or row.arm, language), top + 30
            note = say("median_zeros", median=said(row.p50), zeros=share(row.zeros, language))
            sheet.put(name, middle, _NAME, _LEFT, y_slim=top + 10)
            sheet.put(note, middle, _NOTE, _RIGHT, y_slim=top + 10, size=11.0, shown=0.8)
            sheet.span(axis.part(row.p5), axis.part(row.p95), middle, colour, weight=1.6, shown=0.8)
            sheet.bar(axis.part(row.p25), axis.part(row.p75), middle - 8, middle + 8, f"{colour}88")
            sheet.dot(axis.part(row.p50), middle, ink(dark), size=46.0)
            between = {"half": (row.p25, row.p75), "most": (row.p5, row.p95), "far": (row.p99, row.max)}
            tips: dict[str, Any] = {
                what: say("span", low=said(low), high=said(high)) for what, (low, high) in between.items()
            }
            tips |= {"arm": name, "median": said(row.p50), "zeros": share(row.zeros, language)}
            sheet.field(top + 1, top + _ROW - 2, **tips)
            top += _ROW
        y = bottom + _AIR
    return sheet.drawn(width=width, height=y, described=say("described_spread", n=len(metrics)))
