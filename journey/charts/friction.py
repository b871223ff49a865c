"""Where customers get stuck, line by line: the score, the drop-off beside its benchmark, time and circles."""

from __future__ import annotations

from typing import Any

import altair as alt

from journey.analysis.friction import Friction
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
from journey.i18n import text
from journey.i18n.formats import count, share, span
from journey.theme import EXIT, ink

__all__ = ["friction_chart"]

_ROW = 54.0
_BAR = 10.0
_HEAD = 30.0
_SIZE = 12.0
_SMALL = 11.0
_MARGIN = 6.0
_MOST = 12
_SCORE_PART = 0.5


def friction_chart(
    answer: Friction,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float | None = None,
) -> alt.LayerChart:
    """The twelve lines with the highest score.

    The left bar is the score, the right one the drop-off with its 95 % interval and a mark at its benchmark;
    below stand the time to go on and the shares of those who came back, went back and repeated. Lines of the
    goal have no score.
    """
    table = answer.table.head(_MOST).reset_index(drop=True)
    height = height or _HEAD + _ROW * max(len(table), 2) + 4

    def say(key: str, **values: Any) -> str:
        return text(f"friction.chart_{key}", language, **values)

    if table.empty:
        return sentence_only(say("empty"), width=width, height=height, dark=dark)

    unit = "sessions" if answer.unit == "session" else "customers"
    names = [plain_line(str(name)) for name in table["name"]]
    name_room = min(max(text_width(name, _SIZE) for name in names) + 12, 0.26 * width, 200.0)
    scores = [count(round(score), language) if score == score else "" for score in table["score"]]
    score_room = max(text_width(score, _SIZE) for score in scores) + 14
    drop_room = text_width("100.0%", _SIZE) + 14
    whole = Place(1, -2 * _MARGIN - name_room)
    begin = Place(0, _MARGIN + name_room)
    middle_line = begin + whole * _SCORE_PART
    score_to = middle_line - Place(0, score_room + 6)
    drop_to = Place(1, -_MARGIN - drop_room)
    most = max([score for score in table["score"] if score == score] + [0.0]) or 1.0
    widest = max(
        [part for name in ("drop_high", "benchmark") for part in table[name] if part == part] + [0.01]
    )
    row_height = (height - _HEAD - 4) / len(table)
    half = min(row_height * 0.2, _BAR * (1 if height is None else 2))

    bars: list[Row] = []
    marks: list[Row] = []
    spans: list[Row] = []
    texts: list[Row] = []

    def put(at: Place, y: float, line: str, room: Place, **style: Any) -> None:
        texts.append(word(line, at, y, room, colour=ink(dark), **style))

    quiet = {"shown": 0.75}
    score_said = say("score_amount" if answer.has_value else f"score_{unit}")
    put(begin, 11, score_said, whole * _SCORE_PART - Place(0, 8), size=_SMALL, short=say("score"), **quiet)
    drop_place = whole * (1 - _SCORE_PART)
    put(middle_line, 11, say("drop_off"), drop_place, size=_SMALL, short=say("drop_off_short"), **quiet)
    for position, (name, line) in enumerate(zip(names, rows_of(table), strict=True)):
        top = _HEAD + row_height * position
        y, below = top + row_height * 0.34, top + row_height * 0.72
        circles = {
            part: share(value / line.customers if line.customers else float("nan"), language)
            for part, value in (
                ("looped", line.looped),
                ("back", line.stepped_back),
                ("repeated", line.repeated),
            )
        }
        time = span(line.median_seconds, language) if line.finished else "–"
        slow = span(line.p90_seconds, language) if line.finished else "–"
        tips = {
            "what": name,
            "score": scores[position] or "–",
            "who": text(f"charts.amount_{unit}", language, n=round(line.customers)),
            "lost": share(line.drop_off, language),
            "lost_span": interval_said(line.drop_low, line.drop_high, language),
            "than": share(line.benchmark, language),
            "time": say("time_both", median=time, p90=slow),
            **circles,
        }

        def box(
            start: Place, stop: Place, colour: str, y: float = y, half: float = half, tips: Row = tips
        ) -> Row:
            places = {**start.row("x"), **stop.row("x2"), "y0": round(y - half, 2), "y1": round(y + half, 2)}
            return {**places, "colour": colour, "needs": 0.0, **tips}

        put(Place(0, _MARGIN), y, fit(name, _SIZE, name_room - 8), Place(0, name_room - 8))
        if line.goal:
            put(begin, y, say("goal"), whole * _SCORE_PART - Place(0, 8), **quiet)
        elif line.score == line.score:
            stop = begin.toward(score_to, max(line.score / most, 0.002))
            bars.append(box(begin, stop, answer.colours[str(line.name)]))
            put(stop + Place(0, 7), y, scores[position], Place(0, score_room))
        if line.drop_off == line.drop_off and not line.goal:
            stop = middle_line.toward(drop_to, max(line.drop_off / widest, 0.002))
            bars.append(box(middle_line, stop, EXIT))
            if line.drop_high > line.drop_low:
                ends = {
                    **middle_line.toward(drop_to, line.drop_low / widest).row("x"),
                    **middle_line.toward(drop_to, line.drop_high / widest).row("x2"),
                }
                spans.append({**ends, "y": round(y, 2), **tips})
            if line.benchmark == line.benchmark:
                at = middle_line.toward(drop_to, line.benchmark / widest)
                marks.append(box(at - Place(0, 1), at + Place(0, 1), ink(dark), half=half + 4))
            # Beyond the mark, which would strike the number out.
            furthest = max(part for part in (line.drop_high, line.benchmark) if part == part)
            put(
                middle_line.toward(drop_to, furthest / widest) + Place(0, 7),
                y,
                share(line.drop_off, language),
                Place(0, drop_room),
            )
        told = say("below", time=time, **circles)
        short = say("below_short", time=time, looped=circles["looped"])
        put(begin, below, told, whole, size=_SMALL, short=short, **quiet)

    tips_of = tooltip(
        {
            "what": say("line"),
            "score": score_said,
            "who": text(f"charts.tip_{unit}", language),
            "lost": say("drop_off"),
            "lost_span": text("charts.reach_drop_interval", language),
            "than": say("benchmark"),
            "time": say("time"),
            "looped": say("looped"),
            "back": say("back"),
            "repeated": say("repeated"),
        }
    )
    layers = [
        boxes("bars", height=height, tips=tips_of),
        boxes("marks", height=height, tips=tips_of, corner=0),
        lines("spans", height=height, dark=dark, tips=tips_of),
        *words("words", texts, height=height, dark=dark),
    ]
    data = {"bars": bars, "marks": marks, "spans": spans, "words": texts}
    described = say("described", n=len(table))
    return finished(layers, data, width=width, height=height, dark=dark, description=described)
