"""How customers keep to the way that was designed, and where they leave it, with what goes with that."""

from __future__ import annotations

from typing import Any

import altair as alt

from journey.analysis.conformance import Conformance
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
from journey.charts.lettering import fit, plain_line, text_width
from journey.i18n import text
from journey.i18n.formats import count, points, share
from journey.theme import EXIT, LESS, MORE, MUTED, TURNED, ink

__all__ = ["conformance_chart", "deviation_name"]

_WAYS = ("followed", "stopped", "only_skipped", "only_back", "both")
_COLOURS = {
    "followed": MORE,
    "stopped": EXIT,
    "only_skipped": LESS,
    "only_back": TURNED,
    "both": "#B0576B",
    "skipped": LESS,
    "back": TURNED,
    "looped": TURNED,
}
_ROW, _LINE = 30.0, 50.0
_BAR = 8.0
_HEAD = 30.0
_SIZE, _SMALL = 12.0, 11.0
_MARGIN = 6.0
_MOST = 10
_PART = 0.56


def conformance_chart(
    answer: Conformance,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float | None = None,
) -> alt.LayerChart:
    """Above the ways of those who began with the first step, below the ten most frequent deviations.

    A bar is a share of those who began. Beside a deviation stands how much more or less often those with it
    were at the goal since then, with the 95 % interval, than those who got as far without any; grey is not
    clear.
    """
    ways = [row for row in rows_of(answer.table) if row.way in _WAYS]
    found = rows_of(answer.deviations.head(_MOST))
    needed = _HEAD + _ROW * len(_WAYS) + (_HEAD + _LINE * len(found) if found else 0) + 8

    def say(key: str, **values: Any) -> str:
        return text(f"conformance.chart_{key}", language, **values)

    if not answer.n_began:
        return sentence_only(say("empty"), width=width, height=height or needed, dark=dark)
    scale = max(height / needed, 1.0) if height else 1.0
    height = height or needed
    row_height, line_height, half = _ROW * scale, _LINE * scale, _BAR * min(scale, 1.6)

    unit = "sessions" if answer.unit == "session" else "customers"
    named = {way: text(f"conformance.way_{way}", language) for way in _WAYS}
    name_room = min(max(text_width(name, _SIZE) for name in named.values()) + 12, 0.34 * width, 190.0)
    bars: list[Row] = []
    dots: list[Row] = []
    spans: list[Row] = []
    texts: list[Row] = []

    def put(at: Place, y: float, line: str, room: Place, **style: Any) -> None:
        texts.append(word(line, at, y, room, colour=ink(dark), **style))

    def note(row: Any) -> str:
        # Of whom is said above: on a phone the word would take the room of the bars.
        return f"{share(row.share, language)} · {count(round(row.customers), language)}"

    def bar(row: Any, name: str, start: Place, stop: Place, y: float, most: float) -> Place:
        """The bar of a share with its interval, and where what is written beside it begins."""
        tips = _tips(answer, row, name, unit, language)
        end = start.toward(stop, max(row.share / most, 0.002) if row.share == row.share else 0.002)
        places = {**start.row("x"), **end.row("x2"), "y0": round(y - half, 2), "y1": round(y + half, 2)}
        bars.append({**places, "colour": _COLOURS[row.way], "needs": 0.0, **tips})
        if row.high > row.low and row.customers:
            ends = {
                **start.toward(stop, row.low / most).row("x"),
                **start.toward(stop, min(row.high / most, 1)).row("x2"),
            }
            spans.append({**ends, "y": round(y, 2), **tips})
            end = start.toward(stop, min(row.high / most, 1))
        return end + Place(0, 7)

    quiet = {"shown": 0.75, "size": _SMALL}
    widest = max(text_width(note(row), _SIZE) for row in [*ways, *found]) + 14
    head = say(f"head_{unit}", n=answer.n_began, first=plain_line(answer.names[0]))
    put(
        Place(0, _MARGIN),
        12,
        head,
        Place(1, -2 * _MARGIN),
        **quiet,
        short=say(f"head_short_{unit}", n=answer.n_began),
    )
    begin, end = Place(0, _MARGIN + name_room), Place(1, -_MARGIN - widest)
    most = max(max((row.high for row in ways if row.high == row.high), default=1.0), 0.01)
    for position, row in enumerate(ways):
        y = _HEAD + row_height * (position + 0.5)
        put(Place(0, _MARGIN), y, fit(named[row.way], _SIZE, name_room - 8), Place(0, name_room - 8))
        put(bar(row, named[row.way], begin, end, y, most), y, note(row), Place(0, widest))

    top = _HEAD + row_height * len(ways)
    left, middle = Place(0, _MARGIN), Place(_PART, 0)
    share_end = middle - Place(0, widest + 10)
    if found:
        put(left, top + 18, say("deviations"), Place(_PART, -20), **quiet, short=say("deviations_short"))
        put(
            middle,
            top + 18,
            say("gap", goal=plain_line(answer.goal)),
            Place(1 - _PART, -_MARGIN),
            **quiet,
            short=say("gap_short"),
        )
        top += _HEAD
    gap_room = text_width(points(-0.888, language), _SIZE) + 12
    gap_from, gap_to = middle + Place(0, 4), Place(1, -_MARGIN - gap_room)
    far = max([abs(end) for row in found for end in (row.gap_low, row.gap_high) if end == end] + [0.01])
    most = max([row.high for row in found if row.high == row.high] + [0.01])
    zero = gap_from.toward(gap_to, 0.5)
    for position, row in enumerate(found):
        y_name, y = top + line_height * (position + 0.26), top + line_height * (position + 0.68)
        name = plain_line(deviation_name(row.way, row.step, row.target, language))
        put(left, y_name, name, Place(1, -2 * _MARGIN))
        put(bar(row, name, left, share_end, y, most), y, note(row), Place(0, widest))
        if row.way == "looped":
            continue
        if row.gap != row.gap:
            put(gap_from, y, say(f"gap_{_why_none(row)}"), Place(1 - _PART, -_MARGIN - 4), **quiet, short="–")
            continue
        tips = _tips(answer, row, name, unit, language)
        line = {**(zero - Place(0, 0.5)).row("x"), **(zero + Place(0, 0.5)).row("x2"), "needs": 0.0, **tips}
        over, under = y - line_height / 2, y + line_height / 2
        bars.append({**line, "y0": round(over, 2), "y1": round(under, 2), "colour": f"{EXIT}88"})
        paint = MUTED if not row.clear else LESS if row.gap < 0 else MORE
        ends = [gap_from.toward(gap_to, 0.5 + value / far / 2) for value in (row.gap_low, row.gap_high)]
        spans.append({**ends[0].row("x"), **ends[1].row("x2"), "y": round(y, 2), **tips})
        at = gap_from.toward(gap_to, 0.5 + row.gap / far / 2)
        dot, tall = {"needs": 0.0, **tips}, round(half * 0.75, 2)
        dots.append(
            {
                **(at - Place(0, half * 0.75)).row("x"),
                **(at + Place(0, half * 0.75)).row("x2"),
                "y0": round(y - tall, 2),
                "y1": round(y + tall, 2),
                "colour": paint,
                **dot,
            }
        )
        put(ends[1] + Place(0, 7), y, points(row.gap, language), Place(0, gap_room))
    tips_of = tooltip(
        {
            "what": say("what"),
            "who": text(f"charts.tip_{unit}", language),
            "part": say("share"),
            "part_span": text("charts.tip_interval", language),
            "goal": say("goal"),
            "than": say("goal_compared"),
            "gap": say("gap_tip"),
            "gap_span": text("charts.tip_interval", language),
        }
    )
    layers = [
        boxes("bars", height=height, tips=tips_of),
        lines("spans", height=height, dark=dark, tips=tips_of),
        boxes("dots", height=height, tips=tips_of, corner=9),
        *words("words", texts, height=height, dark=dark),
    ]
    data = {"bars": bars, "spans": spans, "dots": dots, "words": texts}
    described = say("described", n=len(found), share=answer.n_followed / answer.n_began)
    return finished(layers, data, width=width, height=height, dark=dark, description=described)


def deviation_name(way: str, step: str, target: str, language: str) -> str:
    """What a deviation is called: which step was skipped, where somebody went back to, or came back to."""
    return text(f"conformance.name_{way}", language, step=step, target=target)


def _why_none(row: Any) -> str:
    """Why nothing is compared beside a deviation."""
    return "none" if row.departed else "later"


def _tips(answer: Conformance, row: Any, name: str, unit: str, language: str) -> Row:
    interval = "–" if row.gap_low != row.gap_low else ""
    if not interval:
        interval = text("conformance.chart_gap_span", language, low=row.gap_low, high=row.gap_high)
    return {
        "what": name,
        "who": text(f"charts.amount_{unit}", language, n=round(row.customers)),
        "part": share(row.share, language),
        "part_span": text("charts.interval", language, low=row.low, high=row.high)
        if row.low == row.low
        else "–",
        "goal": share(row.goal_share, language),
        "than": share(row.compared_share, language),
        "gap": points(row.gap, language),
        "gap_span": interval,
    }
