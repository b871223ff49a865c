"""A saved clustering then and now: how many of the customers are in each cluster."""

from __future__ import annotations

from typing import Any

import altair as alt

from journey.analysis.segments import Drifted
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
from journey.charts.picking import clickable, picking
from journey.charts.segments_words import cluster_mark
from journey.i18n import saying, text
from journey.theme import MUTED, ink, stage_colour

__all__ = ["drift_bars", "drifted_name"]

_ROW, _BAR, _LEFT = 66.0, 12.0, 10.0


def drifted_name(answer: Drifted, cluster: int, language: str) -> str:
    """What a saved cluster is called."""
    return answer.names.get(cluster) or text("clusters.group", language, number=str(cluster + 1))


def drift_bars(
    answer: Drifted,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float | None = None,
    picked: str | None = None,
) -> alt.LayerChart:
    """Two bars a cluster: its share when the model was made (grey), and now, with the 95 % interval."""
    table = answer.table

    say = saying("clusters", language)

    if not answer.n:
        return sentence_only(say("chart_empty"), width=width, height=height or 120.0, dark=dark)
    row_height = _ROW if height is None else max(height / len(table), _ROW)
    height = row_height * len(table)
    most = max(float(table["high"].max()), float(table["share_then"].max()), 1e-9)
    room = Place(0.7, -_LEFT)
    bars: list[Row] = []
    spans: list[Row] = []
    texts: list[Row] = []
    for row in rows_of(table):
        top, mark = row_height * row.cluster, cluster_mark(row.cluster)
        named = drifted_name(answer, row.cluster, language)
        tips = {
            "id": mark,
            "what": named,
            "then": say("tip_amount", n=row.then, share=row.share_then),
            "now": say("tip_amount", n=row.now, share=row.share_now),
            "far": f"{row.distance_then:.2f} → {row.distance_now:.2f}" if row.now else "–",
        }
        start = Place(0, _LEFT)
        texts.append(word(named, start, top + 11, Place(1, -2 * _LEFT), colour=ink(dark), size=13.0, id=mark))
        said = (("drift_then", row.share_then, MUTED), ("drift_now", row.share_now, _colour(answer, row)))
        for at, (key, part, colour) in enumerate(said):
            y = top + 28 + (_BAR + 4) * at
            end = start + room * (part / most)
            bars.append(
                {
                    **start.row("x"),
                    **(end + Place(0, 1)).row("x2"),
                    "y0": round(y - _BAR / 2, 2),
                    "y1": round(y + _BAR / 2, 2),
                    "colour": colour,
                    "needs": 0.0,
                    **tips,
                }
            )
            after = end
            if at:
                after = start + room * (row.high / most)
                spans.append(
                    {
                        **(start + room * (row.low / most)).row("x"),
                        **after.row("x2"),
                        "y": round(y, 2),
                        **tips,
                    }
                )
            told = say(key, share=part)
            texts.append(
                word(told, after + Place(0, 6), y, Place(0.3, 0), colour=ink(dark), size=11.0, id=mark)
            )
    titles = tooltip({name: say(f"tip_{name}") for name in ("what", "then", "now", "far")})
    layers = [
        clickable("bars", height=height, tips=titles, dark=dark).add_params(picking(picked)),
        lines("spans", height=height, dark=dark, tips=titles),
        *words("words", texts, height=height, dark=dark),
    ]
    data = {"bars": bars, "spans": spans, "words": texts}
    described = say("drift_described", n=len(table))
    return finished(layers, data, width=width, height=height, dark=dark, description=described)


def _colour(answer: Drifted, row: Any) -> str:
    return answer.colours.get(row.cluster) or stage_colour(row.cluster)
