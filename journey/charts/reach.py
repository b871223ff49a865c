"""How many customers come to each stage, and how many journeys end there, as bars side by side."""

from __future__ import annotations

from typing import Any, Protocol

import altair as alt
import pandas as pd

from journey.charts.canvas import Row, X, Y, finished, rows_of, sentence_row, tooltip, word, words
from journey.charts.lettering import fit, plain_line, text_width
from journey.i18n import text
from journey.i18n.formats import share
from journey.theme import EXIT, ink, stage_colour

__all__ = ["reach_chart"]

_ROW = 38.0
_HEAD = 30.0
_SIZE = 12.0
_MARGIN = 6.0


class _Reach(Protocol):
    table: pd.DataFrame


def reach_chart(
    answer: _Reach,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float | None = None,
    colours: dict[str, str] | None = None,
) -> alt.LayerChart:
    """One row a stage: its reach (of all customers) and its drop-off (of those who reached it).

    Whiskers are the 95 % intervals. Journeys that end at the goal stage are completed, so it has no drop-off.
    `colours` by stage name; else the answer's own `colours`, else the colours of the theme by position.
    """
    table = answer.table.reset_index(drop=True)
    height = height or _HEAD + _ROW * max(len(table), 3) + 4

    def say(key: str, **values: Any) -> str:
        return text(f"charts.{key}", language, **values)

    if table.empty:
        empty = say("reach_empty")
        row = sentence_row(empty, width=width, height=height, dark=dark)
        layers = words("words", [row], width=width, height=height, dark=dark)
        return finished(layers, {"words": [row]}, width=width, height=height, dark=dark, description=empty)

    unit = "sessions" if getattr(answer, "unit", "customer") == "session" else "customers"
    paint = colours or getattr(answer, "colours", None) or {}
    names = [plain_line(str(name)) for name in table["stage"]]
    name_room = min(max(text_width(name, _SIZE) for name in names) + 12, 0.26 * width)
    wide = width - 2 * _MARGIN - name_room
    # Beside every bar stands its number; a full bar leaves room for it.
    notes = [share(part, language) for part in table["share"]]
    if width >= 620:
        notes = [
            f"{note} · {say(f'amount_{unit}', n=round(n))}"
            for note, n in zip(notes, table["customers"], strict=True)
        ]
    note_room = max(text_width(note, _SIZE) for note in notes) + 8
    reach_from, reach_to = _MARGIN + name_room, _MARGIN + name_room + wide * 0.56 - note_room
    lost_from, lost_to = _MARGIN + name_room + wide * 0.6, width - _MARGIN - text_width("100.0%", _SIZE) - 8
    row_height = (height - _HEAD - 4) / len(table)

    bars: list[Row] = []
    spans: list[Row] = []
    texts: list[Row] = []

    def put(at: float, y: float, line: str, room: float, *, quiet: bool = False, size: float = _SIZE) -> None:
        shown = 0.75 if quiet else 1.0
        texts.append(word(fit(line, size, room), at, y, room, colour=ink(dark), size=size, shown=shown))

    put(reach_from, 11, say(f"reach_{unit}"), lost_from - reach_from - 8, quiet=True, size=11.0)
    put(lost_from, 11, say("reach_drop_off"), width - _MARGIN - lost_from, quiet=True, size=11.0)
    for position, (name, line) in enumerate(zip(names, rows_of(table), strict=True)):
        middle = _HEAD + row_height * (position + 0.5)
        half = min(row_height * 0.32, 13.0)
        colour = paint.get(str(line.stage)) or stage_colour(position)
        amount = say(f"amount_{unit}", n=round(line.customers))
        tips = {
            "what": name,
            "who": amount,
            "part": say("share_of_all", share=line.share),
            "span": _interval(say, line.low, line.high),
            "lost": say("share_of", share=line.drop_off, name=name),
            "lost_span": _interval(say, line.drop_low, line.drop_high),
        }
        put(_MARGIN, middle, name, name_room - 8)
        bars.append(_bar(reach_from, reach_to, line.share, middle, half, colour, tips))
        spans.append(_span(reach_from, reach_to, line.low, line.high, middle, tips))
        beside = _end(reach_from, reach_to, line.high if line.high == line.high else line.share) + 7
        put(beside, middle, notes[position], note_room)
        if bool(line.goal):
            put(lost_from, middle, say("reach_goal"), width - _MARGIN - lost_from, quiet=True)
            continue
        bars.append(_bar(lost_from, lost_to, line.drop_off, middle, half, EXIT, tips))
        spans.append(_span(lost_from, lost_to, line.drop_low, line.drop_high, middle, tips))
        beside = (
            _end(lost_from, lost_to, line.drop_high if line.drop_high == line.drop_high else line.drop_off)
            + 7
        )
        put(beside, middle, share(line.drop_off, language), width - _MARGIN - beside)

    tips_of = tooltip(
        {
            "what": say("reach_stage"),
            "who": say(f"tip_{unit}"),
            "part": say("reach_reach"),
            "span": say("tip_interval"),
            "lost": say("reach_drop_off"),
            "lost_span": say("tip_interval"),
        }
    )
    box = (
        alt.Chart(alt.NamedData("bars"))
        .mark_rect(cornerRadius=2)
        .encode(
            x=X("x0", width),
            x2="x1:Q",
            y=Y("y0", height),
            y2="y1:Q",
            fill=alt.Fill("colour:N", scale=None),
            opacity=alt.value(0.9),
            tooltip=tips_of,
        )
    )
    whisker = (
        alt.Chart(alt.NamedData("spans"))
        .mark_rule(strokeWidth=1.5, color=ink(dark), opacity=0.7)
        .encode(x=X("x0", width), x2="x1:Q", y=Y("y", height), tooltip=tips_of)
    )
    layers = [box, whisker, *words("words", texts, width=width, height=height, dark=dark)]
    described = say("reach_described", n=len(table))
    spans = [row for row in spans if row["x1"] > row["x0"]]
    data = {"bars": bars, "spans": spans, "words": texts}
    return finished(layers, data, width=width, height=height, dark=dark, description=described)


def _interval(say: Any, low: float, high: float) -> str:
    return say("interval", low=low, high=high) if low == low and high == high else "–"


def _end(start: float, stop: float, part: float) -> float:
    return start + (stop - start) * (part if part == part else 0.0)


def _bar(start: float, stop: float, part: float, middle: float, half: float, colour: str, tips: Row) -> Row:
    return {
        "x0": round(start, 2),
        "x1": round(max(_end(start, stop, part), start + 1), 2),
        "y0": round(middle - half, 2),
        "y1": round(middle + half, 2),
        "colour": colour,
        **tips,
    }


def _span(start: float, stop: float, low: float, high: float, middle: float, tips: Row) -> Row:
    return {
        "x0": round(_end(start, stop, low), 2),
        "x1": round(_end(start, stop, high), 2),
        "y": round(middle, 2),
        **tips,
    }
