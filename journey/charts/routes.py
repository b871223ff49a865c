"""The most common whole journeys, each a row of coloured stages."""

from __future__ import annotations

from typing import Any, Protocol

import altair as alt
import pandas as pd

from journey.charts.canvas import Row, X, Y, finished, rows_of, sentence_row, tooltip, word, words
from journey.charts.lettering import fit, plain_line, text_width
from journey.i18n import text
from journey.i18n.formats import count, share, span
from journey.theme import MUTED, ink, ink_on, stage_colour

__all__ = ["routes_chart"]

_ROW = 32.0
_HEAD = 28.0
_SIZE = 12.0
_MARGIN = 6.0
_GAP = 5.0
_PAD = 9.0
_MOST_CHIP = 120.0
_ROOMY_CHIP = 64.0
_LEAST_CHIP = 30.0
_REST_CHIP = 32.0


class _Routes(Protocol):
    table: pd.DataFrame


def routes_chart(
    answer: _Routes,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float | None = None,
    most: int = 15,
    colours: dict[str, str] | None = None,
) -> alt.LayerChart:
    """Draw the `most` most common routes: stages in order, customers with their share, median duration.

    A share divides by all customers of the answer. A route that is longer than its row ends in '+n', the
    number of visits that are not drawn; its tooltip names them all.
    """
    table = answer.table.head(most).reset_index(drop=True)
    height = height or _HEAD + _ROW * max(len(table), 3) + 4

    def say(key: str, **values: Any) -> str:
        return text(f"charts.{key}", language, **values)

    if table.empty:
        empty = say("routes_empty")
        row = sentence_row(empty, width=width, height=height, dark=dark)
        layers = words("words", [row], width=width, height=height, dark=dark)
        return finished(layers, {"words": [row]}, width=width, height=height, dark=dark, description=empty)

    unit = "sessions" if getattr(answer, "unit", "customer") == "session" else "customers"
    given = colours or getattr(answer, "colours", None) or {}
    seen = dict.fromkeys(str(name) for route in answer.table["route"] for name in route)
    paint = {name: given.get(name) or stage_colour(position) for position, name in enumerate(seen)}

    numbers = [f"{count(r.customers, language)} · {share(r.share, language)}" for r in rows_of(table)]
    spans = [span(r.median_seconds, language) for r in rows_of(table)]
    if width < 560:
        numbers = [count(r.customers, language) for r in rows_of(table)]
    heads = (
        say("routes_route"),
        say(f"tip_{unit}"),
        say("routes_span" if width >= 560 else "routes_span_short"),
    )
    number_room = max(text_width(line, _SIZE) for line in (heads[1], *numbers)) + 12
    span_room = max(text_width(line, _SIZE) for line in (*spans, heads[2])) + 6
    span_at = width - _MARGIN - span_room
    number_at = span_at - number_room
    row_height = (height - _HEAD - 4) / len(table)

    chips: list[Row] = []
    texts: list[Row] = []

    no_tips = dict.fromkeys(("what", "who", "part", "span", "took"), "")

    def put(
        at: float,
        y: float,
        line: str,
        room: float,
        *,
        colour: str = "",
        tips: Row | None = None,
        **style: Any,
    ) -> None:
        texts.append(word(line, at, y, room, colour=colour or ink(dark), **style, **(tips or no_tips)))

    for at, head, room in zip(
        (_MARGIN, number_at, span_at), heads, (200.0, number_room, span_room), strict=True
    ):
        put(at, 11, fit(head, 11.0, room), room, shown=0.75, size=11.0)
    for position, line in enumerate(rows_of(table)):
        middle = _HEAD + row_height * (position + 0.5)
        half = min(row_height * 0.36, 12.0)
        route, drawn = [str(name) for name in line.route], 0
        tips = {
            "what": " → ".join(plain_line(name) for name in route),
            "who": say(f"amount_{unit}", n=round(line.customers)),
            "part": say("share_of_all", share=line.share),
            "span": say("interval", low=line.low, high=line.high),
            "took": spans[position],
        }
        for visit, left, right in _chips(route, _MARGIN, number_at - 14):
            name = route[visit] if visit is not None else ""
            label = plain_line(name) if visit is not None else say("routes_more", n=len(route) - drawn)
            drawn = visit + 1 if visit is not None else drawn
            colour = paint[name] if visit is not None else MUTED
            chips.append(
                {
                    "x0": round(left, 2),
                    "x1": round(right, 2),
                    "y0": round(middle - half, 2),
                    "y1": round(middle + half, 2),
                    "colour": colour,
                    **tips,
                }
            )
            room = right - left - 8
            if shown := fit(label, _SIZE, room):
                put((left + right) / 2, middle, shown, room, align="center", colour=ink_on(colour), tips=tips)
        put(number_at, middle, numbers[position], number_room, tips=tips)
        put(span_at, middle, spans[position], span_room, tips=tips, shown=0.85)

    tips_of = tooltip(
        {
            "what": heads[0],
            "who": heads[1],
            "part": say("tip_share"),
            "span": say("tip_interval"),
            "took": heads[2],
        }
    )
    box = (
        alt.Chart(alt.NamedData("chips"))
        .mark_rect(cornerRadius=4)
        .encode(
            x=X("x0", width),
            x2="x1:Q",
            y=Y("y0", height),
            y2="y1:Q",
            fill=alt.Fill("colour:N", scale=None),
            tooltip=tips_of,
        )
    )
    heading, body = texts[:3], texts[3:]
    layers = [box, *words("heads", heading, width=width, height=height, dark=dark)]
    layers += words("words", body, width=width, height=height, dark=dark, tips=tips_of)
    described = say("routes_described", n=len(table))
    data = {"chips": chips, "heads": heading, "words": body}
    return finished(layers, data, width=width, height=height, dark=dark, description=described)


def _chips(route: list[str], start: float, stop: float) -> list[tuple[int | None, float, float]]:
    """(visit, left, right) of each chip; the last one has no visit when some of the route had no room."""
    wishes = [min(text_width(plain_line(name), _SIZE) + 2 * _PAD, _MOST_CHIP) for name in route]
    room = stop - start

    def taken(cap: float, visits: int) -> float:
        return sum(min(wish, cap) for wish in wishes[:visits]) + _GAP * (visits - 1)

    cap = _MOST_CHIP
    while cap > _LEAST_CHIP and taken(cap, len(route)) > room:
        cap -= 2.0
    visits = len(route)
    if taken(cap, visits) > room:
        cap = _ROOMY_CHIP if room > 300 else _LEAST_CHIP
        while visits > 1 and taken(cap, visits) + _GAP + _REST_CHIP > room:
            visits -= 1
    places: list[tuple[int | None, float, float]] = []
    at = start
    for visit in range(visits):
        wide = min(wishes[visit], cap)
        places.append((visit, at, at + wide))
        at += wide + _GAP
    if visits < len(route):
        places.append((None, at, at + _REST_CHIP))
    return places
