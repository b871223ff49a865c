"""The most common whole journeys, each a row of coloured stages."""

from __future__ import annotations

from typing import Any

import altair as alt

from journey.analysis.routes import Routes
from journey.charts.canvas import Place, Row, boxes, finished, rows_of, sentence_only, tooltip, word, words
from journey.charts.lettering import fit, plain_line, text_width
from journey.i18n import saying
from journey.i18n.formats import count, share, span
from journey.theme import MUTED, ink, ink_on

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


def routes_chart(
    answer: Routes,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float | None = None,
    most: int = 15,
) -> alt.LayerChart:
    """Draw the `most` most common routes: stages in order, customers with their share, median duration.

    A share divides by the customers with at least one visit. A route that is longer than its row ends in
    '+n', the number of visits that are not drawn; its tooltip names them all.
    """
    table = answer.table.head(most).reset_index(drop=True)
    height = height or _HEAD + _ROW * max(len(table), 3) + 4

    say = saying("charts", language)

    if table.empty:
        return sentence_only(say("routes_empty"), width=width, height=height, dark=dark)

    unit = "sessions" if answer.unit == "session" else "customers"

    lines = rows_of(table)
    numbers = [f"{count(line.customers, language)} · {share(line.share, language)}" for line in lines]
    spans = [span(line.median_seconds, language) for line in lines]
    heads = (say("routes_route"), say(f"tip_{unit}"), say("routes_span_short"))
    number_room = max(text_width(line, _SIZE) for line in (heads[1], *numbers))
    span_room = max(text_width(line, _SIZE) for line in (heads[2], *spans))
    # Both columns of numbers keep their place at the right edge however wide the sheet is shown.
    span_at = Place(1, -_MARGIN)
    number_at = span_at - Place(0, span_room + 16)
    taken = 2 * _MARGIN + span_room + 16 + number_room + 14
    row_height = (height - _HEAD - 4) / len(table)

    chips: list[Row] = []
    texts: list[Row] = []
    no_tips = dict.fromkeys(("what", "who", "part", "span", "took"), "")

    def put(at: Place, y: float, line: str, room: float, *, tips: Row | None = None, **style: Any) -> None:
        style = {"colour": ink(dark), **style}
        texts.append(word(line, at, y, Place(0, room), **style, **(tips or no_tips)))

    quiet: Row = {"shown": 0.75, "size": 11.0}
    put(Place(0, _MARGIN), 11, heads[0], 120, **quiet)
    put(number_at, 11, heads[1], number_room, align="right", **quiet)
    put(span_at, 11, heads[2], span_room, align="right", **quiet)
    for position, line in enumerate(lines):
        middle = _HEAD + row_height * (position + 0.5)
        half = min(row_height * 0.36, 12.0)
        route, drawn = [str(name) for name in line.route], 0
        tips: Row = {
            "what": " → ".join(plain_line(name) or say("kind_missing") for name in route),
            "who": say(f"amount_{unit}", n=round(line.customers)),
            "part": say("share_of_routes", share=line.share),
            "span": say("interval", low=line.low, high=line.high),
            "took": spans[position],
        }
        end = 0.0
        for visit, left, right in _chips(route, _MARGIN, width - taken):
            name = route[visit] if visit is not None else ""
            if visit is None:
                label = say("routes_more", n=len(route) - drawn)
            else:
                label = plain_line(name) or say("kind_missing")
            drawn = visit + 1 if visit is not None else drawn
            colour = answer.colours[name] if visit is not None else MUTED
            needs, end = right + taken, right
            chips.append(
                {
                    **Place(0, left).row("x"),
                    **Place(0, right).row("x2"),
                    "y0": round(middle - half, 2),
                    "y1": round(middle + half, 2),
                    "colour": colour,
                    "needs": round(min(needs, width), 1) if visit is not None else width,
                    **tips,
                }
            )
            room = right - left - 8
            if shown := fit(label, _SIZE, room):
                style: Row = {"align": "center", "colour": ink_on(colour), "needs": chips[-1]["needs"]}
                put(Place(0, (left + right) / 2), middle, shown, room, tips=tips, **style)
        # Where the sheet is shown too narrow for the last chip, dots stand for those that are hidden.
        dots = Place(1, -taken - end)
        at = Place(1, -taken + 2)
        texts.append(word("", at, middle, dots, colour=ink(dark), short="…", shown=0.75, **tips))
        put(number_at, middle, numbers[position], number_room, align="right", tips=tips)
        put(span_at, middle, spans[position], span_room, align="right", shown=0.85, tips=tips)

    tips_of = tooltip(
        {
            "what": heads[0],
            "who": heads[1],
            "part": say("tip_share"),
            "span": say("tip_interval"),
            "took": say("routes_span"),
        }
    )
    heading, body = texts[:3], texts[3:]
    layers = [
        boxes("chips", height=height, tips=tips_of, corner=4),
        *words("heads", heading, height=height, dark=dark),
        *words("words", body, height=height, dark=dark, tips=tips_of),
    ]
    data = {"chips": chips, "heads": heading, "words": body}
    described = say("routes_described", n=len(table))
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
