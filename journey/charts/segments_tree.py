"""Ward's tree: which customers were joined at which height, cut where the clusters are."""

from __future__ import annotations

from dataclasses import dataclass

import altair as alt
import numpy as np

from journey.analysis.segments import Segments
from journey.charts.canvas import Place, Row, boxes, finished, sentence_only, tooltip, word, words
from journey.charts.picking import clickable, picking
from journey.charts.segments_words import cluster_colour, cluster_mark, cluster_name
from journey.i18n import saying
from journey.theme import ACCENT, MUTED, ink

__all__ = ["cluster_tree"]

_HEIGHT, _HEAD, _FOOT = 440.0, 24.0, 44.0
# So many branches are seen at the bottom; what lies below is one branch.
_MOST_LEAVES = 24
_LINE = 2.0
_EDGE = 26.0


@dataclass(frozen=True)
class _Branch:
    """A branch of the drawn tree: where it stands, at which height it ends, how many and in which cluster."""

    x: float
    height: float
    n: int
    cluster: int | None


def cluster_tree(
    answer: Segments,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float | None = None,
    picked: str | None = None,
) -> alt.LayerChart:
    """The last 24 branches of the tree; the line is where it is cut into the clusters that are looked at.

    Height is Ward's distance at which two branches were joined, the farther apart the higher. A branch has
    the colour of its cluster below the cut; where two clusters are equally large they cannot be told apart
    in the tree, and their branches stay grey.
    """

    say = saying("clusters", language)

    height = max(height or _HEIGHT, 300.0)
    linkage = answer.linkage.to_numpy(dtype=float)
    if not len(linkage) or not answer.k:
        return sentence_only(say("tree_none"), width=width, height=120.0, dark=dark)
    base = len(linkage) + 1
    drawn = min(_MOST_LEAVES, base)
    heights = linkage[:, 2]
    highest = float(heights[-1]) or 1.0
    cut_low = float(heights[-answer.k]) if answer.k <= len(heights) else 0.0
    cut = (cut_low + float(heights[-answer.k + 1])) / 2
    first = len(linkage) - (drawn - 1)
    tops = _cut_branches(linkage, answer.k)
    cluster_of = _matched(answer, linkage, tops, base)
    order = _in_order(linkage, first, base)
    place = {node: (at + 0.5) / len(order) for at, node in enumerate(order)}
    inside = _inside(linkage, tops, cluster_of, base)
    room = Place(1, -2 * _EDGE)
    deep = height - _HEAD - _FOOT
    strokes: list[Row] = []
    texts: list[Row] = []

    def across(part: float) -> Place:
        return Place(0, _EDGE) + room * part

    def down(value: float) -> float:
        return _HEAD + deep * (1 - value / highest)

    def stroke(x: Place, x2: Place, y0: float, y1: float, cluster: int | None, tips: Row) -> None:
        colour = MUTED if cluster is None else cluster_colour(answer, cluster)
        shape = {"y0": round(y0, 2), "y1": round(y1, 2), "colour": colour, "needs": 0.0}
        mark = "" if cluster is None else cluster_mark(cluster)
        strokes.append({"id": mark, **x.row("x"), **x2.row("x2"), **shape, **tips})

    known: dict[int, _Branch] = {}
    for node in order:
        known[node] = _Branch(place[node], 0.0, _size(linkage, node, base), inside.get(node))
    for at in range(first, len(linkage)):
        left, right = (known[int(side)] for side in linkage[at, :2])
        top, n, node = float(heights[at]), int(linkage[at, 3]), base + at
        whose = inside.get(node)
        tips = {
            "what": say("tree_above") if whose is None else cluster_name(answer, whose, language),
            "who": say("tree_joined", left=left.n, right=right.n),
            "far": f"{top:.2f}",
        }
        for side in (left, right):
            x, own = across(side.x), whose if side.cluster is None else side.cluster
            begin = down(side.height)
            stroke(x, x + Place(0, _LINE), down(top), begin, own, tips)
        stroke(across(left.x), across(right.x) + Place(0, _LINE), down(top), down(top) + _LINE, whose, tips)
        known[node] = _Branch((left.x + right.x) / 2, top, n, whose)
    line = [
        {
            **Place(0, 4).row("x"),
            **Place(1, -4).row("x2"),
            "y0": round(down(cut) - 0.75, 2),
            "y1": round(down(cut) + 0.75, 2),
            "colour": ACCENT,
            "needs": 0.0,
            "what": say("tree_cut", k=answer.k),
            "who": "–",
            "far": f"{cut:.2f}",
        }
    ]
    texts.append(
        word(say("tree_cut", k=answer.k), Place(0, 6), 11, Place(1, -12), colour=ink(dark), size=11.5)
    )
    for node in order:
        n = known[node].n
        x = across(place[node]) + Place(0, _LINE / 2)
        space = room * (1 / len(order))
        said = say("tree_size", n=n)
        style: Row = {"colour": ink(dark), "align": "center", "size": 10.5, "needs": 620.0}
        texts.append(word(said, x, height - _FOOT + 12, space, shown=0.8, **style))
    texts.append(
        word(say("tree_key"), Place(0, 4), height - 12, Place(1, -8), colour=ink(dark), size=11.0, shown=0.8)
    )
    titles = tooltip({"what": say("tip_what"), "who": say("tip_joined"), "far": say("tip_height")})
    layers = [
        clickable("strokes", height=height, tips=titles, dark=dark, corner=0).add_params(picking(picked)),
        boxes("line", height=height, tips=titles, corner=0),
        *words("words", texts, height=height, dark=dark),
    ]
    data = {"strokes": strokes, "line": line, "words": texts}
    described = say("tree_described", k=answer.k)
    return finished(layers, data, width=width, height=height, dark=dark, description=described)


def _size(linkage: np.ndarray, node: int, base: int) -> int:
    """Customers below a branch; a leaf of small clusters has its size from the merge that it is in."""
    if node >= base:
        return int(linkage[node - base, 3])
    at = int(np.flatnonzero((linkage[:, 0] == node) | (linkage[:, 1] == node))[0])
    other = int(linkage[at, 1] if linkage[at, 0] == node else linkage[at, 0])
    known = int(linkage[other - base, 3]) if other >= base else 1
    return max(int(linkage[at, 3]) - known, 1)


def _cut_branches(linkage: np.ndarray, k: int) -> list[int]:
    """The k branches that are left when the last k - 1 merges are taken back."""
    base = len(linkage) + 1
    undone = {base + at for at in range(len(linkage) - (k - 1), len(linkage))}
    found = [base + len(linkage) - 1] if not undone else []
    for node in undone:
        found += [int(side) for side in linkage[node - base, :2] if int(side) not in undone]
    return found


def _matched(answer: Segments, linkage: np.ndarray, tops: list[int], base: int) -> dict[int, int | None]:
    """By branch the cluster of its size; None where several clusters are as large."""
    sizes = answer.clusters["n"].tolist()
    found: dict[int, int | None] = {}
    for node in tops:
        n = _size(linkage, node, base)
        found[node] = sizes.index(n) if sizes.count(n) == 1 else None
    return found


def _inside(
    linkage: np.ndarray, tops: list[int], cluster_of: dict[int, int | None], base: int
) -> dict[int, int | None]:
    """By branch at or below the cut its cluster."""
    found: dict[int, int | None] = {}
    for top in tops:
        waiting = [top]
        while waiting:
            node = waiting.pop()
            found[node] = cluster_of[top]
            if node >= base:
                waiting += [int(side) for side in linkage[node - base, :2]]
    return found


def _in_order(linkage: np.ndarray, first: int, base: int) -> list[int]:
    """The drawn branches from left to right, so that no two lines cross."""
    order: list[int] = []
    waiting = [base + len(linkage) - 1]
    while waiting:
        node = waiting.pop()
        if node >= base + first:
            left, right = (int(side) for side in linkage[node - base, :2])
            waiting += [right, left]
        else:
            order.append(node)
    return order
