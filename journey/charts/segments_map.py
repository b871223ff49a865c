"""Customers in two dimensions, and how well each fits into its cluster."""

from __future__ import annotations

import altair as alt
import numpy as np

from journey.analysis.segments import Segments
from journey.charts.canvas import (
    Place,
    Row,
    Y,
    boxes,
    finished,
    rows_of,
    sentence_only,
    spoken,
    tooltip,
    word,
    words,
)
from journey.charts.picking import clickable, picking
from journey.charts.segments_words import axis_words, cluster_colour, cluster_mark, cluster_name
from journey.i18n import saying
from journey.theme import ink

__all__ = ["cluster_map", "cluster_silhouettes"]

_HEIGHT, _FOOT = 440.0, 46.0
_EDGE = 16.0
_MOST_BARS = 240
_HEAD = 26.0
_BETWEEN = 14.0
# Names nearer than so many pixels, and so much of the width, would stand on each other.
_APART, _BESIDE = 18.0, 0.4
_LINE = 16.0


def cluster_map(
    answer: Segments,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float | None = None,
    picked: str | None = None,
) -> alt.LayerChart:
    """A dot a customer of the sample on the two axes that tell most apart; nothing of who it is.

    Names stand where the dots of a cluster have their median. Both axes fill the sheet, so that lengths on
    them cannot be compared with each other.
    """
    points = answer.points
    height = max(height or _HEIGHT, 260.0)

    say = saying("clusters", language)

    if points.empty:
        return sentence_only(say("chart_empty"), width=width, height=height, dark=dark)
    names = {c: cluster_name(answer, c, language) for c in range(answer.k)}
    across, up = _stretched(points["x"].to_numpy()), _stretched(points["y"].to_numpy())
    room = Place(1, -2 * _EDGE)
    top = height - _FOOT - 2 * _EDGE
    dots: list[Row] = []
    texts: list[Row] = []
    for at, row in enumerate(rows_of(points)):
        dots.append(
            {
                "id": cluster_mark(row.cluster),
                **(Place(0, _EDGE) + room * float(across[at])).row("x"),
                "y": round(_EDGE + top * (1 - float(up[at])), 1),
                "colour": cluster_colour(answer, row.cluster),
                "what": names[row.cluster],
                "fits": f"{row.silhouette:.2f}",
            }
        )
    labels: list[tuple[float, float, int]] = []
    for cluster in range(answer.k):
        own = (points["cluster"] == cluster).to_numpy()
        if own.any():
            x = float(np.median(across[own]))
            labels.append((_EDGE + top * (1 - float(np.median(up[own]))), x, cluster))
    stands: list[tuple[float, float]] = []
    for low, x, cluster in sorted(labels):
        y = low
        parts = names[cluster].split(" · ")
        # Names that would stand on each other move down.
        for other_y, other_x in stands:
            if abs(y - other_y) < _APART and abs(x - other_x) < _BESIDE:
                y = other_y + _APART
        y = min(y, height - _FOOT - 8 - _LINE * (len(parts) - 1))
        align = "left" if x < 0.25 else "right" if x > 0.75 else "center"
        start = Place(0, _EDGE) + room * x
        for part in parts:
            texts.append(
                word(
                    *(part, start, y, Place(0.46, -12)),
                    align=align,
                    size=13.0,
                    colour=ink(dark),
                    rim=True,
                    id=cluster_mark(cluster),
                )
            )
            stands.append((y, x))
            y += _LINE
    for axis in (0, 1):
        said = axis_words(answer, axis, language)
        y = height - _FOOT + 12 + 20 * axis
        texts.append(word(said, Place(0, 4), y, Place(1, -8), colour=ink(dark), size=11.5, shown=0.85))
    titles = tooltip({"what": say("tip_what"), "fits": say("tip_fits_in")})
    is_picked = "!pick.id || datum.id == pick.id[0]"
    layer = (
        alt.Chart(alt.NamedData("dots"))
        .transform_calculate(at="datum.x_f * width + datum.x_p")
        .mark_circle(size=34, cursor="pointer", strokeWidth=0)
        .encode(
            x=alt.X("at:Q", scale=None, axis=None),
            y=Y("y", height),
            fill=alt.Fill("colour:N", scale=None),
            opacity=alt.OpacityValue(0.12, condition={"test": is_picked, "value": 0.62}),
            tooltip=titles,
            description=spoken(titles),
        )
        .add_params(picking(picked))
    )
    layers = [layer, *words("words", texts, height=height, dark=dark)]
    described = say("map_described", n=len(points))
    data = {"dots": dots, "words": texts}
    return finished(layers, data, width=width, height=height, dark=dark, description=described)


def _stretched(values: np.ndarray) -> np.ndarray:
    low, high = float(values.min()), float(values.max())
    told: np.ndarray = (values - low) / (high - low) if high > low else np.full(len(values), 0.5)
    return told


def cluster_silhouettes(
    answer: Segments,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float | None = None,
    picked: str | None = None,
) -> alt.LayerChart:
    """A bar a customer of the sample, sorted within its cluster: near 1 it fits, below 0 another is nearer.

    Where there are more customers than can be seen, a bar is the mean of several who stand side by side.
    """
    told = answer.silhouettes

    say = saying("clusters", language)

    if told.empty:
        return sentence_only(say("chart_empty"), width=width, height=height or 120.0, dark=dark)
    groups = [
        (int(rows["cluster"].iloc[0]), rows["silhouette"].to_numpy()[::-1])
        for _, rows in told.groupby("cluster")
    ]
    height = max(height or 0.0, 440.0, 120.0 + 56.0 * len(groups))
    lowest = min(0.0, float(told["silhouette"].min()))
    whole = Place(1, -8) * (1 / (1 - lowest))
    zero = whole * -lowest + Place(0, 2)
    free = height - _HEAD - (_BETWEEN + 16) * len(groups)
    bars: list[Row] = []
    rules: list[Row] = []
    texts: list[Row] = []
    top = _HEAD
    for cluster, values in groups:
        mark, named = cluster_mark(cluster), cluster_name(answer, cluster, language)
        size = max(free * len(values) / len(told), 4.0)
        mean, odd = float(values.mean()), float((values < 0).mean())
        said = say("silhouette_head", name=named, mean=f"{mean:.2f}", share=odd)
        texts.append(
            word(said, Place(0, 2), top + 7, Place(1, -6), colour=ink(dark), short=named, rim=True, id=mark)
        )
        top += 16
        n_bars = max(1, min(len(values), round(_MOST_BARS * len(values) / len(told)), int(size)))
        step = size / n_bars
        for at, some in enumerate(np.array_split(values, n_bars)):
            ends = zero, zero + whole * float(some.mean())
            if some.mean() < 0:
                ends = ends[1], ends[0]
            bars.append(
                {
                    "id": mark,
                    **ends[0].row("x"),
                    **ends[1].row("x2"),
                    "y0": round(top + step * at, 2),
                    "y1": round(top + step * (at + 1) + 0.4, 2),
                    "colour": cluster_colour(answer, cluster),
                    "needs": 0.0,
                    "what": named,
                    "fits": f"{some.mean():.2f}",
                    "who": say("silhouette_of", n=len(some)),
                }
            )
        top += size + _BETWEEN
    overall = float(told["silhouette"].mean())
    for value, said in ((0.0, "0"), (overall, say("silhouette_mean", mean=f"{overall:.2f}"))):
        x = zero + whole * value
        rules.append(
            {
                **x.row("x"),
                **(x + Place(0, 1)).row("x2"),
                "y0": _HEAD - 6,
                "y1": round(top - _BETWEEN, 2),
                "colour": ink(dark),
                "needs": 0.0,
                "what": said,
                "fits": f"{value:.2f}",
                "who": "–",
            }
        )
        align = "center" if value or lowest < -0.05 else "left"
        texts.append(word(said, x, 10, Place(0.4, 0), colour=ink(dark), size=11.0, align=align, shown=0.8))
    titles = tooltip({"what": say("tip_what"), "fits": say("tip_fits_in"), "who": say("tip_who")})
    layers = [
        clickable("bars", height=height, tips=titles, dark=dark, corner=0).add_params(picking(picked)),
        boxes("rules", height=height, tips=titles, corner=0),
        *words("words", texts, height=height, dark=dark),
    ]
    data = {"bars": bars, "rules": rules, "words": texts}
    described = say("silhouette_described", n=len(told))
    return finished(layers, data, width=width, height=height, dark=dark, description=described)
