"""Odds of getting there, with a feature against without it, as points with intervals on a log axis."""

from __future__ import annotations

import json
import math
from typing import Any

import altair as alt

from journey.analysis.drivers import Drivers
from journey.charts.canvas import (
    Place,
    Row,
    boxes,
    finished,
    lines,
    rows_of,
    sentence_only,
    tooltip,
    word,
    words,
)
from journey.charts.lettering import plain_line
from journey.charts.picking import fields, picking
from journey.i18n import saying, text
from journey.i18n.formats import count, share
from journey.theme import MUTED, STAGE_COLOURS, ink

__all__ = ["drivers_chart", "feature_name", "mark_of"]

_MOST = 16
_ROW = 46.0
_HEAD = 50.0
_SIZE = 12.0
_MARGIN = 10.0
# Lines behind the names must not cross them out.
_FAINT = f"{MUTED}40"
_MORE, _LESS = STAGE_COLOURS[0], STAGE_COLOURS[1]
_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
# An interval that goes on beyond is drawn up to here, so that one rare feature does not squeeze the others.
_WIDEST = 30.0


def feature_name(kind: str, name: str, value: str, above: float, language: str) -> str:
    """A feature as the language calls it."""
    number = f"{above:,.10g}" if above == above else ""
    if kind in ("attribute", "first", "last") and number:
        return text(f"drivers.feature_{kind}_above", language, name=name, above=number)
    said = value or text("charts.kind_missing", language)
    return text(f"drivers.feature_{kind}", language, name=name, value=said, above=number)


def mark_of(kind: str, name: str, value: str) -> str:
    """The id of a row of the chart, and of the table: the feature."""
    return json.dumps([kind, name, value], ensure_ascii=False)


def drivers_chart(
    answer: Drivers,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float | None = None,
    picked: str | None = None,
) -> alt.LayerChart:
    """One row a feature, the clearest ones first: its name, both shares, and the odds ratio below them.

    Right of the line at 1 more of those with the feature get there, left of it fewer; what is not clear after
    the correction for many comparisons is grey. At most 16 features are drawn. Rows have ids (`mark_of`) and
    can be picked.
    """
    table = answer.table[answer.table["odds_ratio"].notna()].head(_MOST).reset_index(drop=True)
    row_height = _ROW if height is None else max((height - _HEAD) / max(len(table), 1), 30.0)
    height = height or _HEAD + _ROW * max(len(table), 3) + 6

    say = saying("drivers", language)

    if table.empty:
        return sentence_only(say("chart_empty"), width=width, height=height, dark=dark)

    ends = [value for name in ("odds_low", "odds_high") for value in table[name]]
    far = min(max(1.5, *(max(value, 1 / value) for value in ends if value > 0)), _WIDEST) * 1.08
    whole = Place(1, -2 * _MARGIN)

    def at(odds: float) -> Place:
        inside = min(max(odds, 1 / far), far)
        return Place(0, _MARGIN) + whole * (0.5 + math.log(inside) / math.log(far) / 2)

    quiet: Row = {"shown": 0.75}
    bottom = _HEAD + row_height * len(table)
    points: list[Row] = []
    spans: list[Row] = []
    grid: list[Row] = []
    beneath: list[Row] = []
    texts: list[Row] = []

    def put(place: Place, y: float, line: str, room: Place, **style: Any) -> None:
        texts.append(word(line, place, y, room, colour=ink(dark), **style))

    unit = "sessions" if answer.unit == "session" else "customers"
    put(Place(0, _MARGIN), 10, say("axis_less"), whole * 0.5 - Place(0, 8), size=11.0, **quiet)
    right = Place(1, -_MARGIN)
    put(right, 10, say("axis_more"), whole * 0.5 - Place(0, 8), size=11.0, align="right", **quiet)
    for tick in _TICKS:
        if not 1 / far <= tick <= far:
            continue
        mark = at(tick)
        thick = 0.9 if tick == 1 else 0.4
        grid.append(
            {
                **(mark - Place(0, thick)).row("x"),
                **(mark + Place(0, thick)).row("x2"),
                "y0": 38.0,
                "y1": round(bottom, 2),
                "colour": ink(dark) if tick == 1 else _FAINT,
                "needs": 0.0,
                "tick": say("times", ratio=f"{tick:g}"),
            }
        )
        put(mark, 29, say("times", ratio=f"{tick:g}"), Place(0, 44), size=11.0, align="center", **quiet)
    for position, line in enumerate(rows_of(table)):
        top = _HEAD + row_height * position
        named = plain_line(feature_name(line.kind, line.name, line.value, line.above, language))
        colour = MUTED if not line.clear else _MORE if line.odds_ratio > 1 else _LESS
        tips = {
            "id": mark_of(line.kind, line.name, line.value),
            "what": named,
            "with": _part(language, line.k_with, line.n_with, line.share_with),
            "without": _part(language, line.k_without, line.n_without, line.share_without),
            "ratio": _odds(say, line.odds_ratio, line.odds_low, line.odds_high),
            "adjusted": _odds(say, line.adjusted_odds, line.adjusted_odds_low, line.adjusted_odds_high),
            "sure": say("tip_clear" if line.clear else "tip_unclear", q=_small(line.q)),
        }
        both = {"one": line.share_with, "other": line.share_without}
        pair = say(f"pair_{unit}", n=line.n_with, rest=line.n_without, **both)
        style: Row = {"shown": 1.0 if line.clear else 0.75, "rim": True, **tips}
        beneath.append(
            {
                **Place(0, 0).row("x"),
                **Place(1, 0).row("x2"),
                "y0": round(top, 2),
                "y1": round(top + row_height - 4, 2),
                **tips,
            }
        )
        put(Place(0, _MARGIN), top + 10, named, whole * 0.56, **style)
        short = say("pair_short", **both)
        put(right, top + 10, pair, whole * 0.42, align="right", size=11.0, short=short, **style)
        middle = top + 28
        spans.append(
            {**at(line.odds_low).row("x"), **at(line.odds_high).row("x2"), "y": round(middle, 2), **tips}
        )
        here = at(line.odds_ratio)
        points.append(
            {
                **(here - Place(0, 5.5)).row("x"),
                **(here + Place(0, 5.5)).row("x2"),
                "y0": round(middle - 5.5, 2),
                "y1": round(middle + 5.5, 2),
                "colour": colour,
                "needs": 0.0,
                **tips,
            }
        )

    names = ("what", "with", "without", "ratio", "adjusted", "sure")
    tips_of = tooltip({name: say(f"tip_{name}") for name in names})
    layers = [
        fields("beneath", height=height, dark=dark, tips=tips_of).add_params(picking(picked)),
        boxes("grid", height=height, tips=tooltip({"tick": say("tip_ratio")}), corner=0),
        lines("spans", height=height, dark=dark, tips=tips_of),
        boxes("points", height=height, tips=tips_of, corner=6),
        *words("words", texts, height=height, dark=dark),
    ]
    data = {"beneath": beneath, "grid": grid, "spans": spans, "points": points, "words": texts}
    described = say("chart_described", n=len(table))
    return finished(layers, data, width=width, height=height, dark=dark, description=described)


def _part(language: str, k: int, n: int, part: float) -> str:
    return f"{share(part, language)} ({count(k, language)} / {count(n, language)})"


def _odds(say: Any, ratio: float, low: float, high: float) -> str:
    if ratio != ratio:
        return "–"
    return str(say("odds", ratio=ratio, low=low, high=high))


def _small(q: float) -> str:
    return f"{q:.3f}" if q >= 0.001 else "< 0.001"
