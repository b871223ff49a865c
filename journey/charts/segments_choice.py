"""How many clusters there are: silhouette, gap and stability of each number, side by side."""

from __future__ import annotations

import math
from typing import Any

import altair as alt

from journey.analysis.segments import Segments
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
from journey.i18n import saying
from journey.theme import ACCENT, MUTED, ink, mixed, paper

__all__ = ["cluster_choice", "number_mark"]

_HEAD, _ROW, _BAR, _LEFT, _GAP = 44.0, 34.0, 12.0, 76.0, 14.0
_MEASURES = ("silhouette", "gap", "stability")
_NUMBER = 34.0


def number_mark(k: int) -> str:
    """The id of a number of clusters."""
    return f"K:{k}"


def cluster_choice(
    answer: Segments,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float | None = None,
    picked: str | None = None,
) -> alt.LayerChart:
    """A row a number of clusters, with three bars; the one looked at stands out, a click takes another.

    Silhouette and stability begin at 0. The gap has no zero that means anything: its bars begin at the
    smallest value, and the line on each is one standard error to both sides.
    """
    table = answer.choice
    row_height = _ROW if height is None else max((height - _HEAD) / max(len(table), 1), _ROW)
    height = _HEAD + row_height * max(len(table), 3)

    say = saying("clusters", language)

    if table.empty:
        return sentence_only(say("chart_empty"), width=width, height=height, dark=dark)
    frames: list[Row] = []
    bars: list[Row] = []
    spans: list[Row] = []
    texts: list[Row] = []
    column = Place(1, -_LEFT) * (1 / len(_MEASURES))
    lowest = float((table["gap"] - table["gap_error"]).min())
    gap_room = max(float((table["gap"] + table["gap_error"]).max()) - lowest, 1e-9)
    for at, name in enumerate(_MEASURES):
        x = Place(0, _LEFT) + column * at
        head: Row = {"colour": ink(dark), "size": 12.0}
        texts.append(word(say(f"choice_{name}"), x, 12, column - Place(0, 6), **head))
        told = say(f"choice_{name}_said")
        texts.append(
            word(told, x, 29, column - Place(0, 6), colour=ink(dark), size=10.5, shown=0.7, short="")
        )
    for at, row in enumerate(rows_of(table)):
        y = _HEAD + row_height * (at + 0.5)
        shown, mark = row.k == answer.k, number_mark(row.k) if row.k in answer.views else ""
        tips = {"id": mark, **_tips(row, say)}
        frames.append(
            {
                **Place(0, 0).row("x"),
                **Place(1, 0).row("x2"),
                "y0": round(y - row_height / 2 + 1, 2),
                "y1": round(y + row_height / 2 - 1, 2),
                "colour": mixed(paper(dark), ACCENT, 0.16 if shown else 0.0),
                "needs": 0.0,
                **tips,
            }
        )
        style: Row = {"colour": ink(dark), "id": mark}
        texts.append(
            word(say("choice_k", k=row.k), Place(0, 8), y - 7, Place(0, _LEFT - 12), size=12.5, **style)
        )
        said = say("choice_one") if row.k == 1 else say(f"verdict_{row.verdict}")
        texts.append(word(said, Place(0, 8), y + 8, Place(0, _LEFT - 12), size=10.5, shown=0.75, **style))
        for place, name in enumerate(_MEASURES):
            value = float(getattr(row, name))
            x, room = Place(0, _LEFT) + column * place, column - Place(0, _GAP + _NUMBER)
            if math.isnan(value):
                texts.append(word("–", x, y, room, size=11.0, shown=0.6, **style))
                continue
            part = (value - lowest) / gap_room if name == "gap" else max(value, 0.0)
            end = x + room * min(part, 1.0)
            bars.append(
                {
                    **x.row("x"),
                    **(end + Place(0, 1)).row("x2"),
                    "y0": round(y - _BAR / 2, 2),
                    "y1": round(y + _BAR / 2, 2),
                    "colour": ACCENT if shown else MUTED,
                    "needs": 0.0,
                    **tips,
                }
            )
            after = end
            if name == "gap":
                low, high = ((value + side * row.gap_error - lowest) / gap_room for side in (-1, 1))
                after = x + room * high
                spans.append({**(x + room * low).row("x"), **after.row("x2"), "y": round(y, 2), **tips})
            texts.append(word(f"{value:.2f}", after + Place(0, 5), y, Place(0, _NUMBER), size=11.0, **style))
    names = ("what", "silhouette", "gap", "stability", "jaccard", "verdict")
    titles = tooltip({name: say(f"tip_{name}") for name in names})
    layers = [
        clickable("frames", height=height, tips=titles, dark=dark).add_params(picking(picked)),
        clickable("bars", height=height, tips=titles, dark=dark),
        lines("spans", height=height, dark=dark, tips=titles),
        *words("words", texts, height=height, dark=dark),
    ]
    data = {"frames": frames, "bars": bars, "spans": spans, "words": texts}
    described = say("choice_described", k=answer.k)
    return finished(layers, data, width=width, height=height, dark=dark, description=described)


def _tips(row: Any, say: Any) -> Row:
    def number(value: float) -> str:
        return "–" if math.isnan(value) else f"{value:.3f}"

    return {
        "what": say("choice_k", k=row.k),
        "silhouette": number(row.silhouette),
        "gap": f"{row.gap:.3f} ± {row.gap_error:.3f}",
        "stability": number(row.stability),
        "jaccard": number(row.jaccard),
        "verdict": say("choice_one") if row.k == 1 else say(f"verdict_{row.verdict}"),
    }
