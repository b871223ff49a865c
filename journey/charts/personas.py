"""Personas as a picture: a portrait made of the segment's own journey, and what was measured about it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import altair as alt

from journey.aggregates.portraits import Fact, Persona
from journey.analysis.personas import Personas
from journey.charts.canvas import Place, Row, finished, sentence_only, word, words
from journey.charts.feature_words import feature_words
from journey.charts.lettering import fit, plain_line, wrapped
from journey.charts.persona_apart import Apart, apart_layers, apart_rows
from journey.charts.persona_words import evidence_words, fact_words, grouped
from journey.i18n import text
from journey.i18n.formats import amount, count, share
from journey.theme import ACCENT, MUTED, ink, paper, stage_colour

__all__ = ["personas_chart", "portrait"]

_FACE, _HEART, _KEY = 62.0, 16.0, 17.0
# The columns of a card: the portrait, the facts up to this part of the width, what sets apart.
_LEFT, _PART, _GAP = 172.0, 0.6, 26.0
# What stands at the right, below what sets apart.
_RIGHT = ("said",)
_HEAD, _FIGURES, _MARGIN = 54.0, 46.0, 30.0
_TITLE, _LINE, _AFTER, _SMALL = 22.0, 18.0, 5.0, 11.0
_TEXT = 12.5
# What is left of a long name in the key of a narrow portrait.
_SHORT = 70.0
# On a narrower sheet there is room for the portrait, the name and the figures only.
_NEEDS = 640.0
# Lines are parted for a sheet of this width, so that they fit any that is wider.
_NARROWEST = 940.0


def personas_chart(
    answer: Personas,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float | None = None,
) -> alt.LayerChart:
    """One card below the other: portrait, name, figures and facts, and at the right what sets them apart.

    A card is as high as its texts; `height` is the least that the picture has.
    """
    if not answer.personas:
        said = text(answer.finding.code, language, **answer.finding.values)
        return sentence_only(said, width=width, height=height or 120.0, dark=dark)
    drawn, petals, top = Apart(), [], 0.0
    for one in answer.personas:
        if top:
            drawn.bars.append(_rule(top - _MARGIN / 2, dark))
        card = _Card(answer, one, top, language, dark)
        petals += card.petals
        for name in ("bars", "spans", "texts"):
            getattr(drawn, name).extend(getattr(card.drawn, name))
        top = card.bottom + _MARGIN
    height = max(top - _MARGIN, height or 0.0)
    layers = [
        *apart_layers(height, language, dark),
        *_roses(height, dark),
        *words("words", drawn.texts, height=height, dark=dark),
    ]
    described = text("personas.chart_described", language, n=len(answer.personas))
    data = {"bars": drawn.bars, "spans": drawn.spans, "words": drawn.texts, "petals": petals}
    return finished(layers, data, width=width, height=height, dark=dark, description=described)


def portrait(answer: Personas, one: Persona, *, language: str, dark: bool = False, width: float = 300) -> Any:
    """One persona's portrait with its key: a petal a stage, as long as the share that got there.

    Without a journey a petal is a feature, as long as the segment's mean place among all customers.
    """
    named = _named(answer, one, language)
    height = max(2 * _FACE + 8, _KEY * len(named) + 8)
    texts: list[Row] = []
    petals = _petals(one, answer, _FACE + 4, height / 2)
    top = (height - _KEY * len(named)) / 2
    left, room = Place(0, 2 * _FACE + 22), Place(1, -2 * _FACE - 24)
    _key(named, left, room, top, texts, petals, dark)
    layers = [*_roses(height, dark), *words("words", texts, height=height, dark=dark)]
    described = text("personas.portrait_described", language, name=plain_line(one.name))
    data = {"petals": petals, "words": texts}
    return finished(layers, data, width=width, height=height, dark=dark, description=described)


class _Card:
    """One persona below `top`: what is drawn of it, and where it ends."""

    def __init__(self, answer: Personas, one: Persona, top: float, language: str, dark: bool) -> None:
        self.answer, self.one, self.language, self.dark = answer, one, language, dark
        self.drawn, self.petals = Apart(), _petals(one, answer, 8 + _FACE, top + _FACE + 8)
        named, below = _named(answer, one, language), top + 2 * _FACE + 20
        _key(named, Place(0, 12), Place(0, _LEFT - 24), below, self.drawn.texts, self.petals, dark)
        self._head(top)
        begin = top + _HEAD + _FIGURES
        groups = {name: facts for name, facts in grouped(one).items() if name != "apart"}
        room = Place(_PART, -_LEFT)
        y = begin
        for name in groups:
            if name not in _RIGHT:
                y = self._facts(name, groups[name], Place(0, _LEFT), room, y)
        left = Place(_PART, _GAP)
        room = Place(1, -8) - left
        beside = apart_rows(answer, one, left, room, begin + 4, language=language, dark=dark, needs=_NEEDS)
        for part in ("bars", "spans", "texts"):
            getattr(self.drawn, part).extend(getattr(beside, part))
        right = begin + beside.height + (8 if beside.height else 0)
        for name in _RIGHT:
            if name in groups:
                right = self._facts(name, groups[name], left, room, right)
        right = self._assumed(left, room, right)
        self.bottom = max(y, right, below + _KEY * len(named))

    def _put(self, said: str, x: Place, y: float, room: Place, **style: Any) -> None:
        self.drawn.texts.append(word(said, x, y, room, colour=ink(self.dark), **style))

    def _head(self, top: float) -> None:
        one, language = self.one, self.language
        left, room = Place(0, _LEFT), Place(1, -_LEFT - 8)
        self._put(plain_line(one.name), left, top + 16, room, size=18.0)
        size = text(
            "personas.card_size",
            language,
            n=count(one.customers, language),
            share=share(one.share, language),
            low=share(one.low, language),
            high=share(one.high, language),
        )
        if one.id == self.answer.target:
            size = f"{text('personas.suggested', language)} · {size}"
        short = text("personas.card_short", language, n=count(one.customers, language))
        self._put(size, left, top + 38, room, size=12.0, shown=0.75, short=short)
        figures = _figures(one, language)
        part = room * (1 / max(len(figures), 1))
        for place, (name, value) in enumerate(figures):
            at, needs = left + part * place, _NEEDS if place else 0.0
            space = part - Place(0, 8) if place else room
            self._put(value, at, top + _HEAD + 10, space, size=17.0, needs=needs)
            self._put(name, at, top + _HEAD + 29, space, size=_SMALL, shown=0.7, needs=needs)

    def _facts(self, name: str, facts: Sequence[Fact], left: Place, room: Place, y: float) -> float:
        """A heading and its facts from `y` on; where they end."""
        y = self._heading(f"personas.group_{name}", left, room, y)
        for fact in facts:
            said = fact_words(fact, self.answer.offers, self.language)
            y = self._lines(said, evidence_words(fact, self.language), left, room, y)
        return y

    def _assumed(self, left: Place, room: Place, y: float) -> float:
        if not self.one.assumed:
            return y
        y = self._heading("personas.group_assumed", left, room, y)
        known = text("personas.evidence_assumed", self.language)
        for name, said in self.one.assumed.items():
            told = f"{text(f'personas.text_{name}', self.language)}: {said}"
            y = self._lines(told, known, left, room, y)
        return y

    def _heading(self, key: str, left: Place, room: Place, y: float) -> float:
        said, middle = text(key, self.language), y + _TITLE / 2 + 2
        self._put(said, left, middle, room, size=_SMALL, shown=0.65, needs=_NEEDS)
        return y + _TITLE

    def _lines(self, said: str, known: str, left: Place, room: Place, y: float) -> float:
        for line in wrapped(plain_line(f"{said} ({known})"), _TEXT, room.on(_NARROWEST)):
            self._put(line, left, y + _LINE / 2, room, size=_TEXT, needs=_NEEDS)
            y += _LINE
        return y + _AFTER


def _figures(one: Persona, language: str) -> list[tuple[str, str]]:
    """The few figures that stand large on a card, by what they are called."""
    found = []
    if not math.isnan(one.revenue_share):
        found.append(("revenue_share", share(one.revenue_share, language)))
        found.append(("clv", amount(one.clv, language)))
    if one.orders:
        found.append(("buyers", share(one.buyers / one.customers, language)))
    if not math.isnan(one.aov):
        found.append(("aov", amount(one.aov, language)))
    return [(text(f"personas.value_{name}", language), value) for name, value in found]


def _parts(one: Persona, answer: Personas) -> list[tuple[str, float, str]]:
    """Name, length and colour of each petal."""
    if one.standing:
        return [(name, part, stage_colour(at)) for at, (name, part) in enumerate(one.standing.items())]
    return [(stage, reached, answer.colours[stage]) for stage, reached in one.reach.items()]


def _named(answer: Personas, one: Persona, language: str) -> list[tuple[str, str, str]]:
    """The key of a portrait: what each petal is called, what it says, and its colour."""
    said = []
    for name, part, colour in _parts(one, answer):
        is_feature = bool(one.standing)
        called = feature_words(answer.offers[name], language) if is_feature else name
        value = text("personas.standing", language, place=round(100 * part)) if is_feature else ""
        said.append((plain_line(called), value or share(part, language), colour))
    return said


def _key(
    named: list[tuple[str, str, str]],
    left: Place,
    room: Place,
    top: float,
    texts: list[Row],
    petals: list[Row],
    dark: bool,
) -> None:
    """A dot, a name and a figure a line."""
    for place, (name, value, colour) in enumerate(named):
        y = top + _KEY * (place + 0.5)
        petals.append(_arc(left.pixels + 4, y, 0, 2 * math.pi, 0, 4.0, colour, 1.0))
        space = room - Place(0, 14)
        # The figure stays to be read, however long the name is.
        short = f"{fit(name, _SMALL, _SHORT)}  {value}"
        full = f"{name}  {value}" if space.part else f"{fit(name, _SMALL, space.pixels - 48)}  {value}"
        at = left + Place(0, 13)
        texts.append(word(full, at, y, space, colour=ink(dark), size=_SMALL, shown=0.85, short=short))


def _rule(y: float, dark: bool) -> Row:
    """A thin line between two cards."""
    ends = {**Place(0, 0).row("x"), **Place(1, 0).row("x2")}
    empty = {"what": "", "mine": "", "rest": "", "between": ""}
    grey = "#39404D" if dark else "#D9DCE3"
    return {**ends, "y0": round(y, 2), "y1": round(y + 1, 2), "colour": grey, "needs": 0.0, **empty}


def _petals(one: Persona, answer: Personas, x: float, y: float) -> list[Row]:
    """A petal a stage around a heart as large as the segment; the ring behind is everybody."""
    parts = _parts(one, answer)
    n = max(len(parts), 1)
    rows: list[Row] = [
        _arc(x, y, 0, 2 * math.pi, _HEART, _FACE, MUTED, 0.14),
        _arc(x, y, 0, 2 * math.pi, 0, _HEART * math.sqrt(one.share), ACCENT, 1.0),
    ]
    for place, (_, part, colour) in enumerate(parts):
        radius = _HEART + (_FACE - _HEART) * part
        turn = (place * 2 * math.pi / n, (place + 1) * 2 * math.pi / n)
        rows.append(_arc(x, y, *turn, _HEART, radius, colour, 1.0))
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
            stroke=paper(dark),
            # A dot is whole: a rim would part it where it begins.
            strokeWidth=alt.expr("datum.inner > 0 ? 1 : 0"),
            aria=False,
            theta=alt.expr("datum.begin"),
            theta2=alt.expr("datum.end"),
            # The frame of a page may leave less height than was asked for; a circle shrinks with it.
            radius=alt.expr(f"datum.outer * height / {height}"),
            radius2=alt.expr(f"datum.inner * height / {height}"),
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
