"""The KPI board as a picture: one row a card, and the small curve of one of them."""

from __future__ import annotations

import math
from typing import Any

import altair as alt

from journey.analysis.kpi import Card, Kpi
from journey.charts.bound_words import called
from journey.charts.canvas import Place, Row, finished, place_of, sentence_only, word, words
from journey.charts.kpi_words import changed, interval, valued
from journey.charts.lettering import fit, plain_line
from journey.i18n import saying, text
from journey.i18n.formats import date
from journey.theme import MUTED, accent, ink

__all__ = ["kpi_chart", "tone", "trend"]

_ROW, _HEAD, _SIZE, _MARGIN = 46.0, 26.0, 13.0, 6.0
_CURVE = (0.74, 1.0)
# Readable beside either ink, and apart for the common colour blindnesses: they differ in lightness too.
_GOOD, _BAD = ("#0F766E", "#C2410C"), ("#5EEAD4", "#FDBA74")


def tone(card: Card, *, dark: bool) -> str:
    """The colour of a change: good, bad, or none where it may be chance."""
    if card.change not in ("up", "down"):
        return MUTED
    good, bad = _BAD if dark else _GOOD
    return good if card.change == card.better else bad


def kpi_chart(
    answer: Kpi,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float | None = None,
) -> alt.LayerChart:
    """One row a card: its name, its figure, how it changed, and the curve that led there with its goal."""
    height = height or _HEAD + _ROW * max(len(answer.cards), 2) + 4

    say = saying("kpi", language)

    if not answer.cards:
        return sentence_only(say("empty"), width=width, height=height, dark=dark)

    texts: list[Row] = []
    points: list[Row] = []
    goals: list[Row] = []
    step = (height - _HEAD - 4) / len(answer.cards)
    name_at, value_at, change_at = Place(0, _MARGIN), Place(0.3, 0), Place(0.44, 0)
    heads = ((name_at, "head_card"), (value_at, "head_value"), (change_at, "head_change"))
    for at, key in (*heads, (Place(_CURVE[0], 0), "head_curve")):
        line = say(key)
        texts.append(word(line, at, 11, Place(0.25, 0), colour=ink(dark), size=11.0, shown=0.75))
    for position, card in enumerate(answer.cards):
        middle = _HEAD + step * (position + 0.5)
        name = plain_line(called(card.figure, language))
        value = valued(card.figure.value, card.figure.form, language)
        texts.append(word(name, name_at, middle, Place(0.29, -_MARGIN), colour=ink(dark), size=_SIZE))
        texts.append(word(value, value_at, middle, Place(0.135, 0), colour=ink(dark), size=_SIZE + 1))
        if card.change != "none":
            moved = changed(card.difference[0], card.figure.form, language)
            line = say("row_change", change=say(f"change_{card.change}"), moved=moved)
            room = Place(0.285, 0)
            texts.append(word(line, change_at, middle - 8, room, colour=tone(card, dark=dark), size=12.0))
            span = say("row_interval", interval=interval(card, language))
            texts.append(word(span, change_at, middle + 9, room, colour=ink(dark), size=11.0, shown=0.75))
        _curve(card, middle, min(step * 0.34, 22.0), points, goals, str(position))
    layers = [_rules(height, dark), _curves(height, dark), *words("words", texts, height=height, dark=dark)]
    data = {"words": texts, "points": points, "goals": goals}
    described = say("described", n=len(answer.cards))
    return finished(layers, data, width=width, height=height, dark=dark, description=described)


def _curve(card: Card, middle: float, half: float, points: list[Row], goals: list[Row], name: str) -> None:
    """The places of a curve, and of its goal, in a row of the board."""
    values = [value for _, value in card.series]
    if not values:
        return
    known = [*values, *([] if card.goal is None else [card.goal])]
    low, high = min(known), max(known)
    left, right = Place(_CURVE[0], 4), Place(_CURVE[1], -_MARGIN - 4)

    def height_of(value: float) -> float:
        return middle if high == low else middle + half - 2 * half * (value - low) / (high - low)

    for place, value in enumerate(values):
        part = 1.0 if len(values) == 1 else place / (len(values) - 1)
        at = left + (right - left) * part
        last = place == len(values) - 1
        points.append({**at.row("x"), "y": round(height_of(value), 2), "curve": name, "last": last})
    if card.goal is not None:
        goals.append({**left.row("x"), **right.row("x2"), "y": round(height_of(card.goal), 2)})


def _curves(height: float, dark: bool) -> Any:
    base = (
        alt.Chart(alt.NamedData("points"))
        .transform_calculate(at=place_of("x"))
        .encode(
            x=alt.X("at:Q", scale=None, axis=None),
            y=alt.Y(
                "y:Q",
                scale=alt.Scale(domain=[0, height], reverse=True, nice=False, zero=False),
                axis=None,
            ),
        )
    )
    line = base.mark_line(color=accent(dark), strokeWidth=1.6, aria=False).encode(detail="curve:N")
    dot = base.transform_filter("datum.last").mark_circle(size=34, color=ink(dark), opacity=1, aria=False)
    return line + dot


def _rules(height: float, dark: bool) -> Any:
    scale = alt.Scale(domain=[0, height], reverse=True, nice=False, zero=False)
    return (
        alt.Chart(alt.NamedData("goals"))
        .transform_calculate(left=place_of("x"), right=place_of("x2"))
        .mark_rule(strokeDash=[4, 3], strokeWidth=1.2, color=ink(dark), opacity=0.6, aria=False)
        .encode(
            x=alt.X("left:Q", scale=None, axis=None), x2="right:Q", y=alt.Y("y:Q", scale=scale, axis=None)
        )
    )


def trend(card: Card, *, language: str, dark: bool = False, height: float = 64) -> alt.LayerChart:
    """The curve of one card: each point is the same figure over the days that end there; dashed, the goal."""
    rows = [
        {
            "place": place,
            "value": value,
            "day": date(day, language),
            "said": valued(value, card.figure.form, language),
            "last": place == len(card.series) - 1,
        }
        for place, (day, value) in enumerate(card.series)
        if not math.isnan(value)
    ]
    known = [value for _, value in card.series if not math.isnan(value)]
    known += [] if card.goal is None else [card.goal]
    low, high = min(known, default=0.0), max(known, default=1.0)
    air = (high - low) * 0.15 or 1.0
    scale = alt.Scale(domain=[low - air, high + air], nice=False, zero=False)
    tips = [
        alt.Tooltip("day:N", title=text("kpi.tip_day", language)),
        alt.Tooltip("said:N", title=plain_line(fit(called(card.figure, language), 12, 220))),
    ]
    base = alt.Chart(alt.NamedData("points")).encode(
        x=alt.X("place:Q", axis=None, scale=alt.Scale(nice=False, zero=False, padding=6)),
        y=alt.Y("value:Q", axis=None, scale=scale),
        tooltip=tips,
    )
    colour = accent(dark)
    described = text(
        "kpi.curve_described",
        language,
        name=called(card.figure, language),
        first=rows[0]["said"] if rows else "–",
        last=rows[-1]["said"] if rows else "–",
    )
    layers = [
        base.mark_line(color=colour, strokeWidth=2, aria=False),
        base.mark_circle(size=60, color=colour, opacity=0.001, aria=False),
        base.transform_filter("datum.last").mark_circle(size=46, color=ink(dark), opacity=1, aria=False),
    ]
    data: dict[str, list[Row]] = {"points": rows}
    if card.goal is not None:
        data["goals"] = [{"value": card.goal}]
        rule = alt.Chart(alt.NamedData("goals")).mark_rule(
            strokeDash=[4, 3], color=ink(dark), opacity=0.6, aria=False
        )
        layers.insert(0, rule.encode(y=alt.Y("value:Q", axis=None, scale=scale)))
    return finished(layers, data, width="container", height=height, dark=dark, description=described)
