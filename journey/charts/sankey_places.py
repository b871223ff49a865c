"""Where do the boxes and the ribbons of a Sankey picture stand, once their order is known?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from journey.charts.sankey_shapes import ENDS, STARTS, Frame, Key, Links, Node, Ribbon

__all__ = ["boxes", "ribbons"]

_LABEL_ROOM = 19.0
_NODE_GAP = 5.0
_LEAST_NODE = 2.0
_LEAST_RIBBON = 0.75


def boxes(
    columns: list[list[Key]],
    size: Mapping[Key, float],
    links: Links,
    frame: Frame,
    *,
    top: float,
    bottom: float,
    named: bool,
) -> tuple[dict[Key, Node], set[Key]]:
    """Heights and places of the nodes; which of them have room for a name."""
    body = bottom - top
    rooms, labelled = [], set()
    for column in columns:
        with_name = set(column) if named else set()
        gap = min(_NODE_GAP, 0.35 * body / len(column))
        for key in sorted(column, key=lambda key: size[key]):
            if sum(_LABEL_ROOM if k in with_name else gap for k in column) <= 0.55 * body:
                break
            with_name.discard(key)
        labelled |= with_name
        rooms.append([_LABEL_ROOM if key in with_name else gap for key in column])

    def too_high(scale: float) -> bool:
        return any(
            sum(max(size[key] * scale, _LEAST_NODE) for key in column) + sum(room) > body
            for column, room in zip(columns, rooms, strict=True)
        )

    low, high = 0.0, body / max(sum(size[key] for key in column) for column in columns)
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if too_high(middle) else (middle, high)
    scale = low
    heights = [
        [max(size[key] * scale, min(_LEAST_NODE, 0.5 * body / len(column))) for key in column]
        for column in columns
    ]

    tops = [
        _stacked([top] * len(column), h, r, top, bottom)
        for column, h, r in zip(columns, heights, rooms, strict=True)
    ]
    index_of = {key: (c, i) for c, column in enumerate(columns) for i, key in enumerate(column)}
    into: dict[Key, list[tuple[Key, float]]] = {key: [] for key in size}
    out: dict[Key, list[tuple[Key, float]]] = {key: [] for key in size}
    for (source, target), weight in links.items():
        out[source].append((target, weight))
        into[target].append((source, weight))

    def pulled(c: int, neighbours: Mapping[Key, list[tuple[Key, float]]]) -> None:
        wishes = []
        for i, key in enumerate(columns[c]):
            pull = neighbours[key]
            mass = sum(weight for _, weight in pull)
            if not mass:
                wishes.append(tops[c][i])
                continue
            centre = 0.0
            for other, weight in pull:
                oc, oi = index_of[other]
                centre += weight * (tops[oc][oi] + heights[oc][oi] / 2)
            wishes.append(centre / mass - heights[c][i] / 2)
        tops[c] = _stacked(wishes, heights[c], rooms[c], top, bottom)

    for _ in range(6):
        for c in range(1, len(columns)):
            pulled(c, into)
        for c in reversed(range(len(columns) - 1)):
            pulled(c, out)
    for c in range(1, len(columns)):
        pulled(c, into)
    highest = min(t[0] - r[0] for t, r in zip(tops, rooms, strict=True))
    placed = {}
    for c, column in enumerate(columns):
        for i, key in enumerate(column):
            y = tops[c][i] - (highest - top)
            x = frame.left(key[0])
            placed[key] = Node(key, size[key], x, x + frame.node_width, y, y + heights[c][i])
    return placed, labelled


def _stacked(
    wishes: Sequence[float], heights: Sequence[float], rooms: Sequence[float], top: float, bottom: float
) -> list[float]:
    """Tops nearest to the wishes (least squares, weighed by height) with the room that each node needs above.

    Without its offset in a tight stack every place must be at least the one before: pool adjacent violators.
    """
    offsets, offset = [], 0.0
    for h, r in zip(heights, rooms, strict=True):
        offset += r
        offsets.append(offset)
        offset += h
    slack = max(bottom - top - offset, 0.0)
    blocks: list[list[float]] = []  # mean, weight, count
    for wish, h, o in zip(wishes, heights, offsets, strict=True):
        blocks.append([wish - o, h, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, weight, count = blocks.pop()
            before = blocks[-1]
            before[0] = (before[0] * before[1] + mean * weight) / (before[1] + weight)
            before[1] += weight
            before[2] += count
    flat = [mean for mean, _, count in blocks for _ in range(int(count))]
    return [min(max(place, top), top + slack) + o for place, o in zip(flat, offsets, strict=True)]


def ribbons(
    placed: Mapping[Key, Node],
    joins: Sequence[tuple[int, Key, Key, float]],
    stubs: Sequence[tuple[int, Key, str, float]],
    frame: Frame,
) -> list[Ribbon]:
    """Ribbons fill the sides of nodes from the top in the order of their far ends, stubs fill the rest."""
    leaves = {key: node.y0 for key, node in placed.items()}
    arrives = {key: node.y0 for key, node in placed.items()}
    start_of: dict[int, tuple[float, float]] = {}
    end_of: dict[int, tuple[float, float]] = {}
    # A node that is drawn higher than its customers (the least height) spreads its ribbons over all of it.
    grow = {key: (node.y1 - node.y0) / node.customers for key, node in placed.items()}
    for row, source, _target, weight in sorted(joins, key=lambda j: (placed[j[2]].y0, j[0])):
        thick = weight * grow[source]
        start_of[row] = (leaves[source], leaves[source] + thick)
        leaves[source] += thick
    for row, _source, target, weight in sorted(joins, key=lambda j: (placed[j[1]].y0, j[0])):
        thick = weight * grow[target]
        end_of[row] = (arrives[target], arrives[target] + thick)
        arrives[target] += thick
    drawn = [
        _thickened(
            Ribbon(
                row,
                source,
                target,
                "",
                weight,
                placed[source].x1,
                placed[target].x0,
                *start_of[row],
                *end_of[row],
            )
        )
        for row, source, target, weight in joins
    ]
    ends = []
    rank = {kind: i for i, kind in enumerate((*STARTS, *ENDS))}
    for row, key, end, weight in sorted(stubs, key=lambda s: (rank[s[2]], s[0])):
        node, thick = placed[key], weight * grow[key]
        side = arrives if end in STARTS else leaves
        y0, y1 = side[key], side[key] + thick
        side[key] = y1
        long = end in ("more", "earlier")
        reach = min(frame.gap * (0.62 if long else 0.42), 130.0 if long else 84.0)
        far = (y0, y1) if long or end == "active" else _fallen(y0, y1)
        if end in STARTS:
            ends.append(Ribbon(row, None, key, end, weight, node.x0 - reach, node.x0, *far, y0, y1))
        else:
            ends.append(Ribbon(row, key, None, end, weight, node.x1, node.x1 + reach, y0, y1, *far))
    return [_thickened(stub) for stub in ends] + drawn


def _fallen(y0: float, y1: float) -> tuple[float, float]:
    """The thin far end of an exit: it sinks to the lower edge of where it left."""
    thin = min((y1 - y0) * 0.25, 10.0)
    return y1 - thin, y1


def _thickened(ribbon: Ribbon) -> Ribbon:
    """A hair that can still be seen and hit."""

    def least(low: float, high: float) -> tuple[float, float]:
        lack = max(_LEAST_RIBBON - (high - low), 0.0) / 2
        return low - lack, high + lack

    y00, y01 = least(ribbon.y00, ribbon.y01)
    y10, y11 = least(ribbon.y10, ribbon.y11)
    return replace(ribbon, y00=y00, y01=y01, y10=y10, y11=y11)
