"""What a test can see: the smallest effect week by week, and the chance of finding effects of every size."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from journey.analysis.power import Power
from journey.charts.canvas import Row, finished, rows_of, sentence_only, spoken, tooltip
from journey.i18n import text
from journey.i18n.formats import amount, count, date, share
from journey.theme import ACCENT, ink

__all__ = ["curve", "effect_said", "power_chart"]

_HEIGHT = 300.0
# More points than that would be a thick line.
_MANY = 30
_DARK_ACCENT = "#8CA2FF"


def effect_said(answer: Power, effect: float, relative: float, language: str) -> str:
    """An effect as people say it: how much, and how much of the base that is."""
    if effect != effect:
        return "–"
    much = amount(effect, language)
    if answer.kind == "share":
        much = text("planner.chart_points", language, n=_points(effect))
    if relative != relative:
        return much
    return text("planner.chart_effect", language, effect=much, relative=share(relative, language))


def _points(effect: float) -> str:
    """Percentage points: what is worth planning for is often a hundredth of one, or less."""
    points = 100 * effect
    if points >= 0.05 or not points:
        return f"{points:.{1 if points >= 1 else 2}f}"
    return f"{points:.{1 - math.floor(math.log10(points))}f}".rstrip("0")


def _in_words(answer: Power, by_relative: bool) -> tuple[str, float]:
    """The end of the key of an axis of effects, and by how much these are multiplied there."""
    if by_relative:
        return "_relative", 1.0
    return ("_points", 100.0) if answer.kind == "share" else ("", 1.0)


def power_chart(
    answer: Power, *, language: str, dark: bool = False, width: float = 1100, height: float | None = None
) -> alt.LayerChart:
    """The smallest effect that is found with the wished power: by week, or by n where no week is known.

    The ring marks what is planned, the level line the effect that is worth having.
    """
    tall = height or _HEIGHT
    table = answer.table[answer.table["smallest"].notna()]
    if table.empty:
        return sentence_only(text("planner.chart_empty", language), width=width, height=tall, dark=dark)
    is_timed, by_relative = bool(table["week"].notna().all()), bool(table["relative"].notna().all())
    planned = answer.weeks if is_timed else answer.n
    ending, times = _in_words(answer, by_relative)
    rows: list[Row] = []
    for row in rows_of(table):
        at = int(row.week) if is_timed else int(row.n)
        rows.append(
            {
                "at": at,
                "effect": row.relative if by_relative else row.smallest * times,
                "part": share(row.relative, language)
                if by_relative
                else _points(row.smallest)
                if answer.kind == "share"
                else amount(row.smallest, language),
                "when": text("planner.chart_week", language, n=at) if is_timed else count(at, language),
                "n": count(row.n, language),
                "seen": effect_said(answer, row.smallest, row.relative, language),
                "ends": "–" if row.ends is None else date(row.ends, language),
                "planned": at == planned,
            }
        )
    # The first weeks see giants only: they would press what matters flat.
    effects = [row["effect"] for row in rows]
    wished = answer.relative if by_relative else answer.effect * times
    least = min(effects)
    # No week shows an effect below the least one, so that is never cut off with them.
    near = max(least, min(wished, 2 * least)) if wished == wished else 2 * least
    rows = [row for row in rows if row["effect"] <= 6 * near * 1.0001]
    title = (
        f"planner.chart_{'week' if is_timed else 'n'}_axis{'_sessions' if answer.unit == 'session' else ''}"
    )
    x = alt.X(
        "at:Q",
        axis=alt.Axis(
            title=text(title, language), grid=False, tickMinStep=1, format=",d", labelOverlap="greedy"
        ),
        scale=alt.Scale(zero=False, nice=False, padding=14),
    )
    y_title = text(f"planner.chart_smallest{ending}", language)
    y = alt.Y(
        "effect:Q",
        axis=alt.Axis(title=y_title, format=".0%" if by_relative else ",~r", tickCount=5),
        scale=alt.Scale(zero=True, domainMin=0),
    )
    tips = tooltip(
        {
            "when": text("planner.chart_when", language),
            "seen": text("planner.chart_seen", language),
            "n": text(f"planner.chart_{answer.unit}s", language),
            "ends": text("planner.chart_ends", language),
        }
    )
    accent = _DARK_ACCENT if dark else ACCENT
    base = alt.Chart(alt.NamedData("points")).encode(x=x)
    layers: list[Any] = [
        base.mark_line(color=accent, strokeWidth=2.5, aria=False).encode(y=y),
        base.mark_circle(color=accent, size=70 if len(rows) <= _MANY else 16, opacity=1).encode(
            y=y, tooltip=tips, description=spoken(tips)
        ),
        base.transform_filter("datum.planned")
        .mark_point(color=ink(dark), size=240, strokeWidth=2.5, filled=False, aria=False)
        .encode(y=y, tooltip=tips),
        base.transform_filter("datum.planned")
        .mark_text(dy=-18, color=ink(dark), fontSize=13, fontWeight="bold", aria=False)
        .encode(y=y, text="part:N"),
    ]
    data: dict[str, list[Row]] = {"points": rows}
    # Rows that no layer draws would be asked for by the browser when the picture changes.
    if answer.mode == "size" and wished == wished:
        layers.insert(0, _level(y, dark))
        data["level"] = [{"effect": wished}]
    return _drawn(layers, data, text("planner.chart_described", language, n=len(rows)), width, tall, dark)


def curve(
    answer: Power, *, language: str, dark: bool = False, width: float = 1100, height: float | None = None
) -> alt.LayerChart:
    """The chance of finding an effect with the planned n, for effects up to twice the one it is for."""
    tall = height or _HEIGHT
    if answer.curve.empty:
        return sentence_only(text("planner.chart_empty", language), width=width, height=tall, dark=dark)
    by_relative = bool(answer.curve["relative"].notna().all())
    ending, times = _in_words(answer, by_relative)
    rows: list[Row] = [
        {
            "at": row.relative if by_relative else row.effect * times,
            "power": row.power,
            "seen": effect_said(answer, row.effect, row.relative, language),
            "chance": share(row.power, language),
            "planned": abs(row.effect - answer.effect) < 1e-9 * max(1.0, answer.effect),
        }
        for row in rows_of(answer.curve)
    ]
    axis = text(f"planner.chart_true{ending}", language)
    x = alt.X(
        "at:Q",
        axis=alt.Axis(title=axis, format=".0%" if by_relative else ",~r", grid=False, tickCount=6),
        scale=alt.Scale(nice=False),
    )
    y = alt.Y(
        "power:Q",
        axis=alt.Axis(title=text("planner.chart_power", language), format=".0%", tickCount=5),
        scale=alt.Scale(domain=[0, 1]),
    )
    tips = tooltip(
        {"seen": text("planner.chart_effect_true", language), "chance": text("planner.chart_power", language)}
    )
    accent = _DARK_ACCENT if dark else ACCENT
    base = alt.Chart(alt.NamedData("points")).encode(x=x)
    dots = base.mark_circle(color=accent, size=24).encode(
        y=y, opacity=alt.value(0.9), tooltip=tips, description=spoken(tips)
    )
    layers = [
        _level(y, dark),
        base.mark_line(color=accent, strokeWidth=2.5, aria=False).encode(y=y),
        dots,
        base.transform_filter("datum.planned")
        .mark_point(color=ink(dark), size=240, strokeWidth=2.5, filled=False, aria=False)
        .encode(y=y, tooltip=tips),
    ]
    data = {"points": rows, "level": [{"power": answer.wished}]}
    return _drawn(layers, data, text("planner.chart_described_curve", language), width, tall, dark)


def _level(y: Any, dark: bool) -> Any:
    """The level line of what is wished."""
    base = alt.Chart(alt.NamedData("level"))
    return base.mark_rule(
        strokeDash=[5, 4], strokeWidth=1.5, color=ink(dark), opacity=0.6, aria=False
    ).encode(y=y)


def _drawn(
    layers: Sequence[Any],
    data: Mapping[str, Sequence[Row]],
    described: str,
    width: float,
    height: float,
    dark: bool,
) -> Any:
    chart = finished(layers, data, width=width, height=height, dark=dark, description=described)
    quiet = {"labelColor": ink(dark), "titleColor": ink(dark), "titleFontWeight": "normal"}
    lines = {"gridColor": ink(dark), "gridOpacity": 0.12, "domain": False, "ticks": False}
    return chart.configure_axis(labelFontSize=11, titleFontSize=11, **quiet, **lines)
