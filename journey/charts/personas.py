"""Personas as a picture: a portrait made of the segment's own journey, and what was measured about it."""

from __future__ import annotations

import math
from typing import Any

import altair as alt

from journey.analysis.personas import Persona, Personas
from journey.charts.canvas import Place, Row, finished, sentence_only, word, words
from journey.charts.lettering import plain_line
from journey.charts.persona_words import fact_words
from journey.i18n import text
from journey.i18n.formats import count, share
from journey.theme import ACCENT, MUTED, ink

__all__ = ["personas_chart", "portrait"]

_HEAD, _LINE, _MARGIN, _LEAST = 52.0, 21.0, 14.0, 168.0
_FACE, _HEART = 62.0, 16.0


def personas_chart(
    answer: Personas,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float | None = None,
) -> alt.LayerChart:
    """One card below the other: the portrait at the left, name, size and facts beside it."""
    sizes = [max(_LEAST, _HEAD + _LINE * len(one.facts) + _MARGIN) for one in answer.personas]
    height = height or max(sum(sizes), 120.0)
    if not answer.personas:
        said = text(answer.finding.code, language, **answer.finding.values)
        return sentence_only(said, width=width, height=height, dark=dark)
    texts: list[Row] = []
    petals: list[Row] = []
    top, scale = 0.0, height / sum(sizes)
    for one, size in zip(answer.personas, sizes, strict=True):
        petals += _petals(one, answer, 8 + _FACE, top * scale + _FACE + 12)
        texts += _card(one, answer, top * scale, language, dark)
        top += size
    layers = [*_roses(height, dark), *words("words", texts, height=height, dark=dark)]
    described = text("personas.chart_described", language, n=len(answer.personas))
    data = {"words": texts, "petals": petals}
    return finished(layers, data, width=width, height=height, dark=dark, description=described)


def portrait(answer: Personas, one: Persona, *, language: str, dark: bool = False, size: float = 140) -> Any:
    """One persona's portrait: a petal a stage, as long as the share of the segment that got there."""
    petals = _petals(one, answer, size / 2, size / 2)
    described = text("personas.portrait_described", language, name=plain_line(one.name))
    return finished(
        _roses(size, dark), {"petals": petals}, width=size, height=size, dark=dark, description=described
    )


def _petals(one: Persona, answer: Personas, x: float, y: float) -> list[Row]:
    """A petal a stage around a heart as large as the segment; the ring behind is everybody."""
    n = max(len(one.reach), 1)
    rows: list[Row] = [
        _arc(x, y, 0, 2 * math.pi, _HEART, _FACE, MUTED, 0.14),
        _arc(x, y, 0, 2 * math.pi, 0, _HEART * math.sqrt(one.share), ACCENT, 1.0),
    ]
    for place, (stage, reached) in enumerate(one.reach.items()):
        radius = _HEART + (_FACE - _HEART) * reached
        turn = (place * 2 * math.pi / n, (place + 1) * 2 * math.pi / n)
        rows.append(_arc(x, y, *turn, _HEART, radius, answer.colours[stage], 1.0))
    return rows


def _arc(
    x: float, y: float, begin: float, end: float, inner: float, outer: float, colour: str, shown: float
) -> Row:
    names = ("x", "y", "begin", "end", "inner", "outer")
    places = {
        name: round(value, 3) for name, value in zip(names, (x, y, begin, end, inner, outer), strict=True)
    }
    return {**places, "colour": colour, "shown": shown}


def _roses(height: float, dark: bool) -> list[Any]:
    arcs = (
        alt.Chart(alt.NamedData("petals"))
        .mark_arc(
            stroke="#14171F" if dark else "#FFFFFF",
            strokeWidth=1,
            aria=False,
            theta=alt.expr("datum.begin"),
            theta2=alt.expr("datum.end"),
            radius=alt.expr("datum.outer"),
            radius2=alt.expr("datum.inner"),
        )
        .encode(
            x=alt.X("x:Q", scale=None, axis=None),
            y=alt.Y(
                "y:Q",
                scale=alt.Scale(domain=[0, height], reverse=True, nice=False, zero=False),
                axis=None,
            ),
            color=alt.Color("colour:N", scale=None),
            opacity=alt.Opacity("shown:Q", scale=None, legend=None),
        )
    )
    return [arcs]


def _card(one: Persona, answer: Personas, top: float, language: str, dark: bool) -> list[Row]:
    left, room = Place(0, 2 * _FACE + 32), Place(1, -2 * _FACE - 40)
    size = text(
        "personas.card_size", language, n=count(one.customers, language), share=share(one.share, language)
    )
    rows = [
        word(plain_line(one.name), left, top + 18, room, colour=ink(dark), size=16.0),
        word(size, left, top + 39, room, colour=ink(dark), size=12.0, shown=0.75),
    ]
    for place, fact in enumerate(one.facts):
        said = plain_line(fact_words(fact, answer.offers, language))
        y = top + _HEAD + _LINE * (place + 0.5)
        rows.append(word(said, left, y, room, colour=ink(dark), size=12.5))
    return rows
