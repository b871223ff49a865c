"""How customers feel from stage to stage: what a team drew, over what they said, with its interval."""

from __future__ import annotations

from typing import Any

import altair as alt

from journey.aggregates.feelings import FEWEST_RATERS
from journey.analysis.emotion import ALL, Emotion
from journey.charts.bound_words import felt_text
from journey.charts.canvas import (
    Place,
    Row,
    Y,
    finished,
    place_of,
    rows_of,
    sentence_only,
    spoken,
    tooltip,
    word,
    words,
)
from journey.charts.lettering import fit, plain_line, text_width
from journey.i18n import saying, text
from journey.theme import LESS, MUTED, accent, ink

__all__ = ["emotion_chart", "source_name"]

_HEIGHT = 300.0
_TOP, _FOOT = 44.0, 46.0
_MARGIN, _SIZE = 8.0, 12.0
_LARGEST = 2.0
# Beside a point its number needs a column so wide.
_LABELLED = 54.0


def emotion_chart(
    answer: Emotion,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float | None = None,
    source: str = ALL,
) -> alt.LayerChart:
    """One column a stage: the measured feeling with its 95 % interval, and the drawn one.

    A bar joins both where what was drawn lies outside of the interval. The curve of one source, or of all.
    """
    height = height or _HEIGHT

    say = saying("emotion", language)

    curve = answer.curve(source)
    if curve.empty or not (curve["raters"].any() or curve["felt"].notna().any()):
        return sentence_only(say("chart_empty"), width=width, height=height, dark=dark)
    rooms = [say(f"chart_{name}") for name in ("good", "even", "bad")]
    left = Place(0, _MARGIN + max(text_width(name, 11.0) for name in rooms) + 8)
    each = (Place(1, -_MARGIN) - left) * (1 / len(curve))
    bottom = height - _FOOT
    half = (bottom - _TOP) / 2
    paint, drawn_in = ink(dark), accent(dark)

    def y_of(value: float) -> float:
        return round(_TOP + half * (1 - min(max(value, -_LARGEST), _LARGEST) / _LARGEST), 2)

    rules: list[Row] = []
    dots: list[Row] = []
    texts: list[Row] = []

    def rule(
        at: Place, y: float, to: Place, y2: float, colour: str, thick: float, shown: float, layer: str = ""
    ) -> None:
        ends = {**at.row("x"), **to.row("x2"), "y": y, "y2": y2}
        rules.append({**ends, "colour": colour, "thick": thick, "shown": shown, "dash": layer == "dash"})

    for value in range(-2, 3):
        rule(left, y_of(value), Place(1, -_MARGIN), y_of(value), MUTED, 1.0, 0.55 if value == 0 else 0.22)
    for name, value in zip(rooms, (2, 0, -2), strict=True):
        texts.append(word(name, Place(0, _MARGIN), y_of(value), left, colour=paint, size=11.0, shown=0.8))
    _legend(texts, dots, say, dark=dark)

    before: dict[str, tuple[Place, float]] = {}
    for position, row in enumerate(rows_of(curve)):
        middle = left + each * (position + 0.5)
        name = plain_line(str(row.stage))
        tips = _tips(row, name, say)
        has_felt, has_feeling = row.felt == row.felt, row.feeling == row.feeling
        if row.outside:
            rule(middle, y_of(row.felt), middle, y_of(row.feeling), LESS, 9.0, 0.35)
        if has_feeling and row.raters >= FEWEST_RATERS:
            rule(middle, y_of(row.low), middle, y_of(row.high), paint, 1.6, 0.75)
            for end in (row.low, row.high):
                rule(middle - Place(0, 4), y_of(end), middle + Place(0, 4), y_of(end), paint, 1.6, 0.75)
        for kind, there, value in (("feeling", has_feeling, row.feeling), ("felt", has_felt, row.felt)):
            if not there:
                before.pop(kind, None)
                continue
            here = (middle, y_of(value))
            colour = paint if kind == "feeling" else drawn_in
            if kind in before:
                rule(*before[kind], *here, colour, 2.0, 0.9, "" if kind == "feeling" else "dash")
            before[kind] = here
            dots.append({**middle.row("x"), "y": here[1], "colour": colour, "size": 74, **tips})
        if has_feeling:
            texts.append(
                word(
                    felt_text(row.feeling),
                    middle + Place(0, 8),
                    y_of(row.feeling) - 9,
                    each * 0.5 - Place(0, 8),
                    colour=paint,
                    size=11.0,
                    rim=True,
                    needs=_LABELLED * 2 * len(curve) + left.pixels,
                )
            )
        column = each - Place(0, 4)
        room = column.on(width)
        texts.append(word(fit(name, _SIZE, room), middle, bottom + 18, column, colour=paint, align="center"))
        told = say("chart_n", n=int(row.raters)) if row.raters else "–"
        texts.append(
            word(
                told,
                middle,
                bottom + 35,
                column,
                colour=paint,
                align="center",
                size=10.5,
                shown=0.75,
                short=f"{int(row.raters):,}" if row.raters else "–",
            )
        )

    tips_of = tooltip(
        {
            "what": say("chart_stage"),
            "said": say("chart_feeling"),
            "span": say("chart_interval"),
            "many": say("chart_raters"),
            "drawn": say("chart_felt"),
            "gap": say("chart_gap"),
        }
    )
    layers = [
        _rules("rules", height),
        _dots("dots", height, tips_of),
        *words("words", texts, height=height, dark=dark),
    ]
    data = {"rules": rules, "dots": dots, "words": texts}
    described = say("chart_described", n=len(curve))
    return finished(layers, data, width=width, height=height, dark=dark, description=described)


def source_name(source: str, language: str) -> str:
    """What a feeling was told by, in words; ALL, or one of SOURCES."""
    return text(f"emotion.source_{source}", language)


def _legend(texts: list[Row], dots: list[Row], say: Any, *, dark: bool) -> None:
    """What each colour is, above the curves."""
    at = _MARGIN
    for name, colour in (("feeling", ink(dark)), ("felt", accent(dark))):
        label = say(f"chart_{name}")
        dots.append({**Place(0, at + 5).row("x"), "y": 14.0, "colour": colour, "size": 74, **_NO_TIPS})
        wide = text_width(label, 11.5)
        place, room = Place(0, at + 15), Place(0, wide + 6)
        texts.append(word(label, place, 14.0, room, colour=ink(dark), size=11.5))
        at += wide + 40


_NO_TIPS = dict.fromkeys(("what", "said", "span", "many", "drawn", "gap"), "")


def _tips(row: Any, name: str, say: Any) -> Row:
    def told(value: float) -> str:
        return felt_text(value) if value == value else "–"

    low, high = (told(min(max(end, -_LARGEST), _LARGEST)) for end in (row.low, row.high))
    return {
        "what": name,
        "said": told(row.feeling),
        "span": "–" if low == "–" or high == "–" else say("range", low=low, high=high),
        "many": say("chart_n", n=int(row.raters)),
        "drawn": told(row.felt),
        "gap": told(row.gap),
    }


def _rules(name: str, height: float) -> Any:
    return (
        alt.Chart(alt.NamedData(name))
        .transform_calculate(left=place_of("x"), right=place_of("x2"))
        .mark_rule(strokeCap="round", aria=False)
        .encode(
            x=alt.X("left:Q", scale=None, axis=None),
            x2="right:Q",
            y=Y("y", height),
            y2="y2:Q",
            color=alt.Color("colour:N", scale=None),
            strokeWidth=alt.StrokeWidth("thick:Q", scale=None, legend=None),
            opacity=alt.Opacity("shown:Q", scale=None, legend=None),
            strokeDash=alt.condition("datum.dash", alt.value([5, 4]), alt.value([1, 0])),
        )
    )


def _dots(name: str, height: float, tips: Any) -> Any:
    return (
        alt.Chart(alt.NamedData(name))
        .transform_calculate(at=place_of("x"))
        .mark_circle(opacity=1)
        .encode(
            x=alt.X("at:Q", scale=None, axis=None),
            y=Y("y", height),
            color=alt.Color("colour:N", scale=None),
            size=alt.Size("size:Q", scale=None, legend=None),
            tooltip=tips,
            description=spoken(tips),
        )
    )
