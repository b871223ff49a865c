"""Opportunities on the field of effort and impact: what to take first stands at the top left."""

from __future__ import annotations

from typing import Any

import altair as alt

from journey.analysis.priorities import Priorities, quarter
from journey.charts.canvas import Place, Row, boxes, finished, rows_of, sentence_only, tooltip, word, words
from journey.charts.lettering import plain_line
from journey.charts.picking import clickable, picking
from journey.i18n import saying
from journey.stages.board import LARGEST_POINTS
from journey.theme import MUTED, accent, ink, ink_on, mixed, paper

__all__ = ["priorities_chart"]

_LEFT, _FOOT, _HEAD = 30.0, 40.0, 22.0
_ROW, _CHIP, _GAP, _AIR = 62.0, 22.0, 4.0, 6.0
# So many stand in a cell by name; the others are counted.
_MOST = 6
_TINTS = {"first": 0.14, "plan": 0.07, "fill": 0.14, "later": 0.07}


def priorities_chart(
    answer: Priorities,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float | None = None,
    picked: str | None = None,
) -> alt.LayerChart:
    """A cell for each impact (5 is on top) and effort (1 is left), in it the opportunities by their rank.

    Those with a measured impact are filled, those that the team judged have a rim only. A row of cells is as
    high as the fullest cell asks for. Opportunities have their ids and can be picked.
    """

    say = saying("improvements", language)

    rated = answer.table[answer.table["rank"].notna()]
    if rated.empty:
        return sentence_only(say("chart_empty"), width=width, height=180, dark=dark)
    points = range(1, LARGEST_POINTS + 1)
    inside: dict[tuple[int, int], list[Any]] = {}
    for row in rows_of(rated):
        inside.setdefault((int(row.impact), int(row.effort)), []).append(row)
    tops, y = {}, _HEAD
    for impact in reversed(points):
        most = max(len(inside.get((impact, effort), ())) for effort in points)
        chips = min(most, _MOST + 1)
        tops[impact] = (y, y + max(_ROW, chips * (_CHIP + _GAP) + 2 * _AIR))
        y = tops[impact][1] + _GAP
    total = y - _GAP + _FOOT
    column = Place(1, -_LEFT) * (1 / LARGEST_POINTS)
    fields: list[Row] = []
    items: list[Row] = []
    texts: list[Row] = []
    faint: Row = {"colour": ink(dark), "shown": 0.7}
    for impact in points:
        top, bottom = tops[impact]
        middle = (top + bottom) / 2
        texts.append(
            word(str(impact), Place(0, _LEFT - 10), middle, Place(0, 20), size=12.0, align="right", **faint)
        )
        for effort in points:
            left = Place(0, _LEFT) + column * (effort - 1)
            part = quarter(impact, effort)
            tint = mixed(paper(dark), accent(dark) if part in ("first", "plan") else MUTED, _TINTS[part])
            fields.append(_box(left, column, top, bottom, tint, quarter=say(f"quarter_{part}")))
            items_here = inside.get((impact, effort), [])
            shown = items_here if len(items_here) <= _MOST + 1 else items_here[:_MOST]
            for at, row in enumerate(shown):
                _chip(items, texts, row, left, column, top + _AIR + at * (_CHIP + _GAP), dark, say)
            if len(items_here) > len(shown):
                below = top + _AIR + _MOST * (_CHIP + _GAP) + _CHIP / 2
                more = say("chart_more", n=len(items_here) - len(shown))
                texts.append(
                    word(more, left + Place(0, 10), below, column - Place(0, 16), size=11.5, **faint)
                )
    for effort in points:
        x = Place(0, _LEFT) + column * (effort - 0.5)
        texts.append(word(str(effort), x, total - _FOOT + 14, column, align="center", size=12.0, **faint))
    half = column * 2
    edge: Row = {"size": 11.5, "colour": ink(dark), "shown": 0.75}
    texts += [
        word(say("axis_impact"), Place(0, 2), 9, Place(0.4, 0), **edge),
        word(say("axis_effort"), Place(1, -2), total - 8, Place(0.6, 0), align="right", **edge),
        word(say("quarter_first"), Place(0, _LEFT) + half, 9, half, align="center", **edge),
        word(say("quarter_plan"), Place(1, -2), 9, half, align="right", **edge),
    ]
    names = ("what", "rank", "impact", "effort", "from", "stage", "owner")
    tips = tooltip({name: say(f"tip_{name}") for name in names})
    layers = [
        boxes("fields", height=total, tips=tooltip({"quarter": say("tip_quarter")}), corner=4),
        clickable("items", height=total, tips=tips, dark=dark, corner=6).add_params(picking(picked)),
        *words("words", texts, height=total, dark=dark),
    ]
    data = {"fields": fields, "items": items, "words": texts}
    described = say("chart_described", n=len(rated))
    return finished(layers, data, width=width, height=total, dark=dark, description=described)


def _box(left: Place, wide: Place, top: float, bottom: float, colour: str, **more: Any) -> Row:
    right = left + wide - Place(0, _GAP)
    edges = {"y0": round(top, 2), "y1": round(bottom, 2)}
    return {**left.row("x"), **right.row("x2"), **edges, "colour": colour, "needs": 0.0, **more}


def _chip(
    items: list[Row], texts: list[Row], row: Any, left: Place, column: Place, top: float, dark: bool, say: Any
) -> None:
    """One opportunity in its cell: a box with its rank and its text."""
    name = plain_line(row.text) or say("nameless")
    tips = {
        "id": row.id,
        "what": name,
        "rank": str(row.rank),
        "impact": str(row.impact),
        "effort": str(row.effort),
        "from": say("impact_measured" if row.measured else "impact_judged"),
        "stage": row.stage or "–",
        "owner": row.owner or "–",
    }
    colour = mixed(paper(dark), accent(dark), 0.55 if row.measured else 0.28)
    start = left + Place(0, _AIR)
    items.append(_box(start, column - Place(0, 2 * _AIR), top, top + _CHIP, colour, **tips))
    said = f"{row.rank}. {name}"
    room = column - Place(0, 2 * _AIR + _GAP + 10)
    look: Row = {"colour": ink_on(colour), "size": 11.5, "short": said, "id": row.id}
    texts.append(word(said, start + Place(0, 6), top + _CHIP / 2, room, **look))
