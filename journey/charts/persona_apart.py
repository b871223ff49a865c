"""What sets a segment apart: its figures above those of all others, a row a feature, with intervals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from journey.aggregates.portraits import Persona
from journey.analysis.personas import Personas
from journey.charts.canvas import Place, Row, boxes, finished, lines, rows_of, tooltip, word, words
from journey.charts.feature_words import category_words, feature_value, feature_words
from journey.charts.lettering import plain_line
from journey.i18n import text
from journey.i18n.formats import share
from journey.theme import ACCENT, MUTED, ink

__all__ = ["Apart", "apart_layers", "apart_rows", "apart_shown", "differences"]

_ROW, _HEAD, _BAR, _NOTE = 50.0, 26.0, 11.0, 92.0
_MOST = 5


@dataclass
class Apart:
    """Rows of data of the drawing, and how high it is."""

    bars: list[Row] = field(default_factory=list)
    spans: list[Row] = field(default_factory=list)
    texts: list[Row] = field(default_factory=list)
    height: float = 0.0


def apart_shown(one: Persona) -> pd.DataFrame:
    """The clearest differences, each thing once."""
    return one.apart[one.apart["clear"] & one.apart["first"]].head(_MOST)


def apart_rows(
    answer: Personas,
    one: Persona,
    left: Place,
    room: Place,
    top: float,
    *,
    language: str,
    dark: bool,
    needs: float = 0.0,
) -> Apart:
    """A row a difference from `left` on over `room`: two bars on one scale from 0 on, and their values.

    The line over the upper bar is where the segment's figure lies with 95 % certainty, as the difference's
    interval laid at the others' figure.
    """
    found = Apart()
    shown = apart_shown(one)
    if shown.empty:
        return found
    colour = ink(dark)

    def put(said: str, x: Place, y: float, space: Place, **style: Any) -> None:
        found.texts.append(word(said, x, y, space, colour=colour, needs=needs, **style))

    half = room * 0.5
    for at, (said, shade) in enumerate((("personas.mine", ACCENT), ("personas.others", MUTED))):
        begin = left + half * at
        found.bars.append(_box(begin, begin + Place(0, 10), top + 5, 10.0, shade, needs, {}))
        put(text(said, language), begin + Place(0, 15), top + 10, half - Place(0, 18), size=11.0, shown=0.75)
    whole = room - Place(0, _NOTE)
    for place, row in enumerate(rows_of(shown)):
        y = top + _HEAD + _ROW * place
        tips = _tips(row, answer, language)
        put(tips["what"], left, y + 8, room, size=12.0)
        ends = (row.others + row.low, row.others + row.high)
        lowest = min(0.0, row.mine, row.others)
        highest = max(row.mine, row.others, ends[1] if row.form == "mean" else min(ends[1], 1.0)) or 1.0
        size = highest - lowest

        def at_value(value: float, lowest: float = lowest, size: float = size) -> Place:
            return left + whole * (min(max((value - lowest) / size, 0.0), 1.0))

        for line, (value, name, shade) in enumerate(
            ((row.mine, "mine", ACCENT), (row.others, "rest", MUTED))
        ):
            middle = y + 22 + line * (_BAR + 3)
            begin, stop = sorted((at_value(0.0), at_value(value)), key=lambda one: one.part)
            found.bars.append(_box(begin, stop + Place(0, 1.5), middle - _BAR / 2, _BAR, shade, needs, tips))
            furthest = at_value(max(value, ends[1] if not line else value))
            put(tips[name], furthest + Place(0, 6), middle, Place(0, _NOTE - 8), size=11.0)
        span = {**at_value(ends[0]).row("x"), **at_value(ends[1]).row("x2")}
        found.spans.append({**span, "y": round(y + 22, 2), "needs": needs, **tips})
    found.height = _HEAD + _ROW * len(shown)
    return found


def apart_layers(height: float, language: str, dark: bool) -> list[Any]:
    """The layers of the data sets "bars" and "spans"."""
    names = {"what": "feature", "mine": "mine", "rest": "others", "between": "between"}
    tips = tooltip({field: text(f"personas.{key}", language) for field, key in names.items()})
    return [
        boxes("bars", height=height, tips=tips),
        lines("spans", height=height, dark=dark, tips=tips).transform_filter("width >= datum.needs"),
    ]


def differences(
    answer: Personas, one: Persona, *, language: str, dark: bool = False, width: float = 520
) -> Any:
    """The differences of one persona as a chart of their own; None where there is none to draw."""
    if apart_shown(one).empty:
        return None
    drawn = apart_rows(answer, one, Place(0, 2), Place(1, -4), 0.0, language=language, dark=dark)
    layers = [
        *apart_layers(drawn.height, language, dark),
        *words("words", drawn.texts, height=drawn.height, dark=dark),
    ]
    data = {"bars": drawn.bars, "spans": drawn.spans, "words": drawn.texts}
    described = text("personas.apart_described", language, name=plain_line(one.name))
    return finished(layers, data, width=width, height=drawn.height, dark=dark, description=described)


def _box(begin: Place, stop: Place, top: float, height: float, colour: str, needs: float, tips: Row) -> Row:
    empty = {"what": "", "mine": "", "rest": "", "between": ""}
    return {
        **begin.row("x"),
        **stop.row("x2"),
        "y0": round(top, 2),
        "y1": round(top + height, 2),
        "colour": colour,
        "needs": needs,
        **(tips or empty),
    }


def _tips(row: Any, answer: Personas, language: str) -> Row:
    offer = answer.offers[row.feature]
    named = feature_words(offer, language)
    if row.form == "share":
        named = text("personas.apart_of", language, feature=named, value=category_words(row.value, language))
        mine, others, low, high = (
            share(min(max(value, 0.0), 1.0), language)
            for value in (row.mine, row.others, row.others + row.low, row.others + row.high)
        )
    else:
        mine, others, low, high = (
            feature_value(offer, value, language)
            for value in (row.mine, row.others, row.others + row.low, row.others + row.high)
        )
    return {"what": plain_line(named), "mine": mine, "rest": others, "between": f"{low} – {high}"}
