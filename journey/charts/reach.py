"""How many customers come to each stage, and how many journeys end there, as bars side by side."""

from __future__ import annotations

from typing import Any

import altair as alt

from journey.analysis.reach import Reach
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
from journey.charts.interval_words import interval_said
from journey.charts.lettering import fit, plain_line, text_width
from journey.i18n import saying
from journey.i18n.formats import count, share
from journey.theme import EXIT, ink

__all__ = ["reach_chart"]

_ROW = 38.0
_BAR = 13.0  # half of the thickest bar
_HEAD = 30.0
_SIZE = 12.0
_MARGIN = 6.0


def reach_chart(
    answer: Reach,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float | None = None,
) -> alt.LayerChart:
    """One row a stage: its reach (of all customers) and its drop-off (of those who reached it).

    Whiskers are the 95 % intervals. Journeys that end at the goal stage are completed, so it has no drop-off.
    """
    table = answer.table.reset_index(drop=True)
    thickest = _BAR if height is None else 2 * _BAR
    height = height or _HEAD + _ROW * max(len(table), 3) + 4

    say = saying("charts", language)

    if table.empty:
        return sentence_only(say("reach_empty"), width=width, height=height, dark=dark)

    unit = "sessions" if answer.unit == "session" else "customers"
    names = [plain_line(str(name)) for name in table["stage"]]
    name_room = min(max(text_width(name, _SIZE) for name in names) + 12, 0.26 * width, 220.0)
    notes = [
        f"{share(part, language)} · {count(n, language)}"
        for part, n in zip(table["share"], table["customers"], strict=True)
    ]
    # Beside every bar stands its number; a full bar leaves room for it.
    note_room = max(text_width(note, _SIZE) for note in notes) + 14
    drop_room = text_width("100.0%", _SIZE) + 14
    whole = Place(1, -2 * _MARGIN - name_room)
    reach_from = Place(0, _MARGIN + name_room)
    reach_to = reach_from + whole * 0.6 - Place(0, note_room + 6)
    lost_from = reach_from + whole * 0.6
    lost_to = Place(1, -_MARGIN - drop_room)
    row_height = (height - _HEAD - 4) / len(table)

    bars: list[Row] = []
    spans: list[Row] = []
    texts: list[Row] = []

    def put(at: Place, y: float, line: str, room: Place, **style: Any) -> None:
        texts.append(word(line, at, y, room, colour=ink(dark), **style))

    quiet = {"shown": 0.75}
    put(reach_from, 11, say(f"reach_{unit}"), whole * 0.6 - Place(0, 8), size=11.0, **quiet)
    put(lost_from, 11, say("reach_drop_off"), whole * 0.4, size=11.0, **quiet)
    for position, (name, line) in enumerate(zip(names, rows_of(table), strict=True)):
        middle = _HEAD + row_height * (position + 0.5)
        half = min(row_height * 0.32, thickest)
        colour = answer.colours[str(line.stage)]
        tips = {
            "what": name,
            "who": say(f"amount_{unit}", n=round(line.customers)),
            "part": say("share_of_all", share=line.share),
            "span": interval_said(line.low, line.high, language),
            "lost": say("share_of", share=line.drop_off, name=name),
            "lost_span": interval_said(line.drop_low, line.drop_high, language),
        }

        def draw(
            start: Place,
            stop: Place,
            part: float,
            low: float,
            high: float,
            paint_of: str,
            note: str,
            room: float,
            middle: float = middle,
            half: float = half,
            tips: Row = tips,
        ) -> None:
            bars.append(
                {
                    **start.row("x"),
                    **start.toward(stop, max(part, 0.002) if part == part else 0.002).row("x2"),
                    "y0": round(middle - half, 2),
                    "y1": round(middle + half, 2),
                    "colour": paint_of,
                    "needs": 0.0,
                    **tips,
                }
            )
            if high > low:
                ends = {**start.toward(stop, low).row("x"), **start.toward(stop, high).row("x2")}
                spans.append({**ends, "y": round(middle, 2), **tips})
            furthest = max(value for value in (part, high, 0.0) if value == value)
            put(start.toward(stop, furthest) + Place(0, 7), middle, note, Place(0, room))

        put(Place(0, _MARGIN), middle, fit(name, _SIZE, name_room - 8), Place(0, name_room - 8))
        draw(reach_from, reach_to, line.share, line.low, line.high, colour, notes[position], note_room)
        if bool(line.goal):
            put(lost_from, middle, say("reach_goal"), Place(1, -_MARGIN) - lost_from, **quiet)
            continue
        lost = share(line.drop_off, language)
        draw(lost_from, lost_to, line.drop_off, line.drop_low, line.drop_high, EXIT, lost, drop_room)

    tips_of = tooltip(
        {
            "what": say("reach_stage"),
            "who": say(f"tip_{unit}"),
            "part": say("reach_reach"),
            "span": say("tip_interval"),
            "lost": say("reach_drop_off"),
            "lost_span": say("reach_drop_interval"),
        }
    )
    layers = [
        boxes("bars", height=height, tips=tips_of),
        lines("spans", height=height, dark=dark, tips=tips_of),
        *words("words", texts, height=height, dark=dark),
    ]
    data = {"bars": bars, "spans": spans, "words": texts}
    described = say("reach_described", n=len(table))
    return finished(layers, data, width=width, height=height, dark=dark, description=described)
