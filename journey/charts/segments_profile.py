"""What each cluster is like: a table of features by clusters, coloured by how far each is from all."""

from __future__ import annotations

import altair as alt
import numpy as np

from journey.analysis.segments import Segments
from journey.charts.canvas import Place, Row, finished, rows_of, sentence_only, tooltip, word, words
from journey.charts.picking import clickable, picking
from journey.charts.segments_words import (
    cluster_colour,
    cluster_mark,
    cluster_name,
    column_words,
    value_words,
)
from journey.i18n import saying
from journey.theme import LESS, MORE, ink, mixed, paper, text_on

__all__ = ["cluster_profile"]

_HEAD, _LABEL, _CELL, _GAP, _FOOT = 46.0, 20.0, 40.0, 8.0, 22.0
_MOST_ROWS = 24
# So many standard deviations away from all is the strongest colour.
_STRONGEST = 1.5


def cluster_profile(
    answer: Segments,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float | None = None,
    picked: str | None = None,
) -> alt.LayerChart:
    """A cell a feature and cluster: the mean, and how many times that of all it is.

    Blue is more than all, orange less, by standard deviations. Of more than 24 rows those that differ most
    are drawn.
    """
    table = answer.table

    say = saying("clusters", language)

    if table.empty:
        return sentence_only(say("chart_empty"), width=width, height=height or 120.0, dark=dark)
    told = table.assign(far=table["apart"].abs())
    by_row = told.groupby(["feature", "category"], sort=False)
    most = by_row["far"].max().sort_values(ascending=False, kind="stable").index[:_MOST_ROWS]
    wanted = set(most)
    groups = [rows for one, rows in by_row if one in wanted]
    row_height = _LABEL + _CELL + _GAP
    if height is not None:
        row_height = max(row_height, (height - _HEAD - _FOOT) / len(groups))
    height = _HEAD + row_height * len(groups) + _FOOT
    column = Place(1, 0) * (1 / answer.k)
    names = {c: cluster_name(answer, c, language) for c in range(answer.k)}
    cells: list[Row] = []
    chips: list[Row] = []
    texts: list[Row] = []
    for cluster in range(answer.k):
        x = column * cluster
        share = float(answer.clusters["share"].iloc[cluster])
        tips = {"what": names[cluster], "feature": "–", "mean": "–", "median": "–", "base": "–", "times": "–"}
        chips.append(
            {
                "id": cluster_mark(cluster),
                **x.row("x"),
                **(x + column - Place(0, 3)).row("x2"),
                "y0": 0.0,
                "y1": 6.0,
                "colour": cluster_colour(answer, cluster),
                "needs": 0.0,
                **tips,
            }
        )
        room = column - Place(0, 5)
        short = say("group_short", number=str(cluster + 1))
        texts.append(word(names[cluster], x, 17, room, colour=ink(dark), size=11.5, short=short))
        texts.append(word(say("share", share=share), x, 33, room, colour=ink(dark), size=10.5, shown=0.7))
    for at, rows in enumerate(groups):
        feature, category = str(rows["feature"].iloc[0]), str(rows["category"].iloc[0])
        top = _HEAD + row_height * at
        named = column_words(answer, feature, category, language)
        base = value_words(answer, feature, float(rows["base"].iloc[0]), language)
        said = say("profile_row", feature=named, base=base)
        texts.append(
            word(said, Place(0, 0), top + _LABEL / 2 + 2, Place(1, -4), colour=ink(dark), short=named)
        )
        for row in rows_of(rows):
            strength = min(abs(row.apart) / _STRONGEST, 1.0) ** 0.8
            fill = mixed(paper(dark), MORE if row.apart > 0 else LESS, 0.06 + 0.82 * strength)
            x = column * row.cluster
            value = value_words(answer, feature, row.value, language)
            times = f"×{row.lift:.2f}" if np.isfinite(row.lift) else "–"
            tips = {
                "what": names[row.cluster],
                "feature": named,
                "mean": value,
                "median": value_words(answer, feature, row.median, language) if not category else "–",
                "base": base,
                "times": times,
            }
            mark = cluster_mark(row.cluster)
            cells.append(
                {
                    "id": mark,
                    **x.row("x"),
                    **(x + column - Place(0, 3)).row("x2"),
                    "y0": round(top + _LABEL, 2),
                    "y1": round(top + row_height - _GAP, 2),
                    "colour": fill,
                    "needs": 0.0,
                    **tips,
                }
            )
            middle, room = x + column * 0.5 - Place(0, 1.5), column - Place(0, 5)
            style: Row = {"colour": text_on(fill), "align": "center", "id": mark}
            cell = row_height - _LABEL - _GAP
            texts.append(word(value, middle, top + _LABEL + cell * 0.33, room, size=12.0, **style))
            texts.append(word(times, middle, top + _LABEL + cell * 0.72, room, size=10.5, **style))
    texts.append(
        word(
            say("profile_key"),
            Place(0, 0),
            height - 9,
            Place(1, -4),
            colour=ink(dark),
            size=10.5,
            shown=0.75,
            short=say("profile_key_short"),
        )
    )
    asked = ("what", "feature", "mean", "median", "base", "times")
    titles = tooltip({name: say(f"tip_{name}") for name in asked})
    layers = [
        clickable("cells", height=height, tips=titles, dark=dark).add_params(picking(picked)),
        clickable("chips", height=height, tips=titles, dark=dark),
        *words("words", texts, height=height, dark=dark),
    ]
    data = {"cells": cells, "chips": chips, "words": texts}
    described = say("profile_described", n=answer.k)
    return finished(layers, data, width=width, height=height, dark=dark, description=described)
