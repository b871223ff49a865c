"""Groups of buyers: the grid of their scores, the groups side by side, and who moves between them."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from journey.aggregates.rfm import SCORES, cell_of
from journey.analysis.rfm import Rfm
from journey.charts.canvas import (
    Place,
    Row,
    finished,
    lines,
    rows_of,
    sentence_only,
    tooltip,
    word,
    words,
)
from journey.charts.lettering import fit, text_width
from journey.charts.picking import clickable, picking
from journey.charts.rfm_movement import movement
from journey.charts.rfm_words import COLOURS, RfmWords
from journey.i18n import text
from journey.theme import ink, mixed, paper, text_on

__all__ = ["cell_mark", "group_mark", "rfm_chart"]

_CELL, _HEAD, _FOOT, _KEY = 62.0, 26.0, 40.0, 24.0
_LEFT = 24.0
_KEYS_A_LINE = 3
# Below this a cell has room for two short lines only.
_WIDE = 560.0
_ROW, _PLAIN_ROW, _BAR = 66.0, 48.0, 14.0  # a row with two bars, and with one
_SIZE = 12.0
_MOST_NAME = 118.0
_NARROW = 340.0  # a phone


def cell_mark(recency: int, level: int) -> str:
    """The id of a cell of the grid."""
    return f"C:{cell_of(recency, level)}"


def group_mark(code: str) -> str:
    """The id of a group."""
    return f"G:{code}"


def rfm_chart(
    answer: Rfm,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float | None = None,
    picked: str | None = None,
) -> alt.LayerChart:
    """The picture of the answer's view; cells, groups and ribbons have ids and can be picked.

    In the grid a row is a score of recency, a column one of FM (of frequency, without amounts); a cell is the
    stronger in the colour of its group the more buyers it has. The groups have a bar of their share of the
    buyers with its 95 % interval, and one of their share of the revenue.
    """
    if answer.table.empty:
        said = text("rfm.chart_empty", language)
        return sentence_only(said, width=width, height=height or 120.0, dark=dark)
    if answer.view == "movement":
        return movement(
            answer, language=language, dark=dark, width=width, height=height or 480.0, picked=picked
        )
    draw = _grid if answer.view == "grid" else _groups
    return draw(answer, RfmWords(answer, language), dark, width, height, picked)


def _grid(
    answer: Rfm, told: RfmWords, dark: bool, width: float, height: float | None, picked: str | None
) -> alt.LayerChart:
    keys = _KEY * -(-len(answer.groups) // _KEYS_A_LINE)
    cell = _CELL if height is None else max(_CELL, (height - _HEAD - _FOOT - keys) / SCORES)
    height = _HEAD + SCORES * cell + _FOOT + keys
    column = Place(1, -_LEFT) * (1 / SCORES)
    most = max(answer.cells["share"].max(), 1e-9)
    cells: list[Row] = []
    texts: list[Row] = []

    def put(said: str, x: Place, y: float, room: Place, **style: Any) -> None:
        texts.append(word(said, x, y, room, **{"colour": ink(dark), **style}))

    quiet: Row = {"size": 11.0, "shown": 0.75}
    put(told.say("recency"), Place(0, 2), 11, Place(0.55, -6), **quiet)
    day = text("rfm.as_of", told.language, day=answer.as_of)
    put(day, Place(1, -2), 11, Place(0.45, -6), align="right", **quiet)
    for row in rows_of(answer.cells):
        line, at = SCORES - row.recency_score, row.fm_score - 1
        left, top = Place(0, _LEFT) + column * at, _HEAD + cell * line
        strength = 0.12 + 0.78 * (row.share / most) ** 0.5 if row.customers else 0.05
        fill = mixed(paper(dark), COLOURS[row.group], strength)
        mark = cell_mark(row.recency_score, row.fm_score)
        tips = _tips(row, told) | {"what": told.name(row.group), "cell": f"R {_cell_said(row)}"}
        cells.append(
            {
                "id": mark,
                **left.row("x"),
                **(left + column - Place(0, 3)).row("x2"),
                "y0": round(top, 2),
                "y1": round(top + cell - 3, 2),
                "colour": fill,
                "needs": 0.0,
                **tips,
            }
        )
        if not row.customers:
            continue
        middle, room = left + column * 0.5 - Place(0, 1.5), column - Place(0, 8)
        style: Row = {"colour": text_on(fill), "align": "center", "id": mark}
        has_third = answer.has_money and row.revenue_share == row.revenue_share
        steps = (0.26, 0.53, 0.78) if has_third else (0.34, 0.68, 1.0)
        put(told.count(row.customers), middle, top + cell * steps[0], room, size=14.0, **style)
        put(told.share(row.share), middle, top + cell * steps[1], room, size=11.0, **style)
        if has_third:
            said = told.say("revenue_of", share=row.revenue_share)
            put(said, middle, top + cell * steps[2], room, size=11.0, needs=_WIDE, **style)
    for at in range(SCORES):
        put(
            str(SCORES - at),
            Place(0, 4),
            _HEAD + cell * (at + 0.5) - 2,
            Place(0, _LEFT - 6),
            size=12.0,
            shown=0.75,
        )
        middle = Place(0, _LEFT) + column * (at + 0.5)
        put(str(at + 1), middle, _HEAD + SCORES * cell + 8, column, align="center", shown=0.75)
    below = told.say("fm" if answer.has_money else "f")
    put(below, Place(1, -2), _HEAD + SCORES * cell + 26, Place(1, -8), align="right", **quiet)
    chips = _chips(answer, told, put, height - keys)
    names = [row for row in texts if row["id"].startswith(group_mark(""))]
    for row in names:
        # They become short together.
        row["wide"] = max(one["wide"] for one in names)
    tips_of = _titles(told, answer.has_money, cell=told.say("cell"))
    layers = [
        clickable("cells", height=height, tips=tips_of, dark=dark, corner=3).add_params(picking(picked)),
        clickable("chips", height=height, tips=tips_of, dark=dark, corner=3),
        *words("words", texts, height=height, dark=dark),
    ]
    data = {"cells": cells, "chips": chips, "words": texts}
    described = told.say("described_grid", n=answer.n_buyers)
    return finished(layers, data, width=width, height=height, dark=dark, description=described)


def _cell_said(row: Any) -> str:
    """A cell in words: its score of recency, and its FM."""
    return f"{row.recency_score} · FM {row.fm_score}" + ("" if row.fm_score == SCORES else "+")


def _chips(answer: Rfm, told: RfmWords, put: Any, top: float) -> list[Row]:
    """The groups with their colours and sizes, below the grid; each can be picked."""
    found = []
    part = Place(1, 0) * (1 / _KEYS_A_LINE)
    for at, row in enumerate(rows_of(answer.groups)):
        x = part * (at % _KEYS_A_LINE)
        y = top + _KEY * (at // _KEYS_A_LINE) + _KEY / 2
        mark = group_mark(row.group)
        tips = _tips(row, told) | {"what": told.name(row.group), "cell": "–"}
        found.append(
            {
                "id": mark,
                **(x + Place(0, 2)).row("x"),
                **(x + Place(0, 14)).row("x2"),
                "y0": y - 6,
                "y1": y + 6,
                "colour": COLOURS[row.group],
                "needs": 0.0,
                **tips,
            }
        )
        said = f"{told.name(row.group)}  {told.count(row.customers)} · {told.share(row.share)}"
        put(said, x + Place(0, 20), y, part - Place(0, 24), short=told.short(row.group), id=mark)
    return found


def _groups(
    answer: Rfm, told: RfmWords, dark: bool, width: float, height: float | None, picked: str | None
) -> alt.LayerChart:
    table = answer.groups
    has_money = answer.has_money and table["revenue"].sum() > 0
    least = _ROW if has_money else _PLAIN_ROW
    row_height = least if height is None else max(least, (height - _HEAD) / len(table))
    height = _HEAD + row_height * len(table)
    room = min(max(text_width(told.name(code), _SIZE) for code in table["group"]) + 14, _MOST_NAME)
    bars: list[Row] = []
    spans: list[Row] = []
    texts: list[Row] = []

    def put(said: str, x: Place, y: float, space: Place, **style: Any) -> None:
        texts.append(word(said, x, y, space, colour=ink(dark), **style))

    notes = [_notes(row, told, has_money) for row in rows_of(table)]
    largest = max(table["high"].max(), table["revenue_share"].max() if has_money else 0.0)
    note_room = _note_room(table, notes, room, largest, has_money)
    begin = Place(0, room)
    whole = Place(1, -room - note_room - 8)
    day = text("rfm.as_of", told.language, day=answer.as_of)
    head: Row = {"size": 11.0, "shown": 0.75}
    put(told.say("buyers", n=answer.n_buyers), Place(0, 2), 11, Place(0.5, -6), **head)
    put(day, Place(1, -2), 11, Place(0.5, -6), align="right", **head)
    for at, row in enumerate(rows_of(table)):
        top, mark = _HEAD + row_height * at + 4, group_mark(row.group)
        colour = COLOURS[row.group]
        tips = _tips(row, told) | {"what": told.name(row.group)}
        shares = [row.share, *([row.revenue_share] if has_money else [])]
        for line, (part, note) in enumerate(zip(shares, notes[at], strict=True)):
            y = top + 8 + line * (_BAR + 4)
            stop = begin + whole * (max(part, 0.002) / largest)
            furthest = begin + whole * (max(part, row.high if not line else 0.0) / largest)
            bars.append(
                {
                    "id": mark,
                    **begin.row("x"),
                    **stop.row("x2"),
                    "y0": round(y - _BAR / 2, 2),
                    "y1": round(y + _BAR / 2, 2),
                    "colour": mixed(paper(dark), colour, 0.5) if line else colour,
                    "needs": 0.0,
                    **tips,
                }
            )
            if not line and row.high > row.low:
                ends = {
                    **(begin + whole * (row.low / largest)).row("x"),
                    **(begin + whole * (row.high / largest)).row("x2"),
                }
                spans.append({"id": mark, **ends, "y": round(y, 2), **tips})
            put(note, furthest + Place(0, 7), y, Place(0, text_width(note, 11.0) + 4), size=11.0, id=mark)
        said = fit(told.name(row.group), _SIZE, room - 8)
        put(
            said,
            Place(0, 2),
            top + (8 if len(shares) == 1 else 8 + (_BAR + 4) / 2),
            Place(0, room - 4),
            id=mark,
        )
        if row.customers:
            low = top + 8 + (len(shares) - 1) * (_BAR + 4) + _BAR / 2 + 11
            put(_medians(row, told, answer.has_money), begin, low, Place(1, -room - 4), size=11.0, shown=0.7)
    tips_of = _titles(told, answer.has_money)
    layers = [
        clickable("bars", height=height, tips=tips_of, dark=dark, corner=3).add_params(picking(picked)),
        lines("spans", height=height, dark=dark, tips=tips_of),
        *words("words", texts, height=height, dark=dark),
    ]
    data = {"bars": bars, "spans": spans, "words": texts}
    described = told.say("described_groups")
    return finished(layers, data, width=width, height=height, dark=dark, description=described)


def _note_room(
    table: pd.DataFrame, notes: list[list[str]], room: float, largest: float, has_money: bool
) -> float:
    """Pixels beside the longest bar, so that every bar has room for its number on the narrowest sheet."""
    free, whole = _NARROW - room, _NARROW
    for at, row in enumerate(rows_of(table)):
        for part, note in zip((row.high, row.revenue_share if has_money else 0.0), notes[at], strict=False):
            if part > 0:
                whole = min(whole, (free - text_width(note, 11.0) - 14) * largest / part)
    return max(free - whole, 0.0)


def _notes(row: Any, told: RfmWords, has_money: bool) -> list[str]:
    found = [f"{told.share(row.share)} · {told.customers(row.customers)}"]
    if has_money:
        found.append(told.say("revenue_of", share=row.revenue_share))
    return found


def _medians(row: Any, told: RfmWords, has_money: bool) -> str:
    """The medians of a group in one line."""
    values = {"days": round(row.median_days), "orders": round(row.median_orders)}
    if has_money:
        return told.say("medians_money", money=row.median_money, **values)
    return told.say("medians", **values)


def _tips(row: Any, told: RfmWords) -> Row:
    has_money = hasattr(row, "revenue")
    return {
        "who": told.customers(row.customers),
        "part": told.share(row.share),
        "span": told.interval(row.low, row.high),
        "money": told.count(row.revenue) if has_money else "–",
        "money_part": told.share(row.revenue_share) if has_money else "–",
        "typical": _medians(row, told, has_money) if hasattr(row, "median_days") and row.customers else "–",
    }


def _titles(told: RfmWords, has_money: bool, **more: str) -> list[Any]:
    found = {
        "what": told.say("group"),
        **more,
        "who": told.say("customers"),
        "part": told.say("share"),
        "span": told.say("interval"),
    }
    if has_money:
        found |= {"money": told.say("revenue"), "money_part": told.say("revenue_share")}
    return tooltip(found if more else {**found, "typical": told.say("median")})
