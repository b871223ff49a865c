"""Where does every node, ribbon and word of a Sankey picture stand?

Pure geometry: tables and a size in, places in pixels out; y grows downwards. Columns are steps. A node is as
high as its customers. What ends at a node (exit, active, more) leaves it as a short stub of its own, below
the ribbons that go on, so that inflow = outflow + ends can be seen at each node; start and earlier mirror
that on the left side of a picture that leads into a stage.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise, permutations
from math import factorial
from typing import Any

import numpy as np
import pandas as pd

from journey.charts.lettering import fit, text_width

__all__ = ["ENDS", "Node", "Ribbon", "Sankey", "Word", "crossings", "orders", "sankey_layout"]

# Stubs on the right side of a node from top to bottom, then stubs on its left side.
ENDS = ("more", "active", "exit")
STARTS = ("earlier", "start")

Key = tuple[int, str, str]  # step, kind, name
Links = Mapping[tuple[Key, Key], float]

_LABEL_SIZE = 12.0
_SMALL_SIZE = 11.0
_LABEL_ROOM = 19.0
_NODE_GAP = 5.0
_LEAST_NODE = 2.0
_LEAST_RIBBON = 0.75
_MOST_PITCH = 400.0
_HEADING_ROOM = 24.0
_MARGIN = 6.0
_EXACT_STATES = 720 * 720


@dataclass(frozen=True)
class Node:
    """A box: `key` is (step, kind, name), `customers` its height."""

    key: Key
    customers: float
    x0: float
    x1: float
    y0: float
    y1: float


@dataclass(frozen=True)
class Ribbon:
    """A drawn link from (x0, y00..y01) to (x1, y10..y11); `row` is its row in the links table.

    `source` or `target` is None for a stub: nothing stands at that end. `end` is the kind of the stub.
    """

    row: int
    source: Key | None
    target: Key | None
    end: str
    customers: float
    x0: float
    x1: float
    y00: float
    y01: float
    y10: float
    y11: float


@dataclass(frozen=True)
class Word:
    """A text at a place: `x` is its left edge, or its right edge when aligned right, `y` its middle."""

    text: str
    role: str  # heading | name | number | end | legend | remark
    x: float
    y: float
    size: float
    align: str
    room: float  # the pixels it may take
    key: Key | None = None
    row: int | None = None
    short: str = ""  # what it says where the picture is shown too narrow for it

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        width = min(text_width(self.text, self.size), self.room)
        left = self.x if self.align == "left" else self.x - width
        return left, self.y - self.size * 0.6, left + width, self.y + self.size * 0.6


@dataclass(frozen=True)
class Sankey:
    """A laid-out picture. `keys` are the dots of the legend, which stands only where names have no room."""

    width: float
    height: float
    nodes: tuple[Node, ...] = ()
    ribbons: tuple[Ribbon, ...] = ()
    words: tuple[Word, ...] = ()
    keys: tuple[tuple[float, float, str, str], ...] = ()  # x, y, kind, name
    orders: tuple[tuple[Key, ...], ...] = field(default=())


def crossings(columns: Sequence[Sequence[Key]], links: Links) -> int:
    """How many pairs of ribbons cross between neighbouring columns?

    Ribbons a->b and c->d cross when a stands above c and d above b; sharing an end is no crossing, and the
    width of a ribbon does not matter. Stubs never count.
    """
    place = {key: position for column in columns for position, key in enumerate(column)}
    pairs = [(s[0], place[s], place[t]) for (s, t), weight in links.items() if weight > 0]
    return sum(
        (s1 - s2) * (t1 - t2) < 0
        for index, (step1, s1, t1) in enumerate(pairs)
        for step2, s2, t2 in pairs[:index]
        if step1 == step2
    )


def orders(given: Sequence[Sequence[Key]], links: Links) -> list[list[Key]]:
    """Each column from top to bottom with as few crossings as possible.

    The given order of a column (stage order) is the tie-break, so the same answer always looks the same:
    first fewer crossings, then less traffic in the crossings (product of the two ribbons' shares of their
    step), then fewer pairs out of the given order. Exact, over all columns together, while two neighbouring
    columns have no more than 720 x 720 orders (six nodes each); beyond that repeated sifting.
    """
    columns = [list(column) for column in given]
    if len(columns) < 2:
        return columns
    steps = [_cost_tensor(left, right, links, len(columns)) for left, right in pairwise(columns)]
    if all(factorial(len(a)) * factorial(len(b)) <= _EXACT_STATES for a, b in pairwise(columns)):
        return _exact(columns, steps)
    return _sifted(columns, links, steps)


_DISORDER = 1e-6


def _cost_tensor(left: list[Key], right: list[Key], links: Links, columns: int) -> np.ndarray:
    """cost[a, c, b, d] of ribbons a->b and c->d crossing: 1, plus at most a half in all for their traffic."""
    there = np.array([[links.get((a, b), 0.0) for b in right] for a in left]).reshape(len(left), len(right))
    share = there / there.sum() if there.sum() else there
    drawn = (there > 0).astype(float)
    return np.einsum("ab,cd->acbd", drawn, drawn) + 0.5 / columns * np.einsum("ab,cd->acbd", share, share)


def _above(order: Sequence[int]) -> np.ndarray:
    """above[a, c] = 1 where a stands above c."""
    place = np.argsort(np.asarray(order))
    return (place[:, None] < place[None, :]).astype(float)


def _disorder(order: Sequence[int]) -> float:
    return _DISORDER * sum(a > b for i, b in enumerate(order) for a in order[:i])


@cache
def _states(n: int) -> tuple[list[tuple[int, ...]], np.ndarray, np.ndarray]:
    """All orders of n nodes, what stands above what in each (flat), and how far each is from the first."""
    states = list(permutations(range(n)))
    above = np.array([_above(order).ravel() for order in states])
    return states, above, np.array([_disorder(order) for order in states])


def _exact(columns: list[list[Key]], steps: list[np.ndarray]) -> list[list[Key]]:
    """Dynamic programming over the orders of one column after the other."""
    states, above, disorder = zip(*(_states(len(column)) for column in columns), strict=True)
    best = disorder[0]
    back = []
    for index, cost in enumerate(steps):
        left, right = len(columns[index]), len(columns[index + 1])
        # a above c on the left, d above b on the right: transpose b and d to use `above` for both.
        table = above[index] @ cost.transpose(0, 1, 3, 2).reshape(left * left, right * right)
        total = np.round(best[:, None] + table @ above[index + 1].T, 9)
        back.append(total.argmin(axis=0))
        best = total.min(axis=0) + disorder[index + 1]
    choice = int(np.round(best, 9).argmin())
    chosen = [choice]
    for trace in reversed(back):
        choice = int(trace[choice])
        chosen.append(choice)
    chosen.reverse()
    return [
        [column[i] for i in states[c][pick]]
        for c, (column, pick) in enumerate(zip(columns, chosen, strict=True))
    ]


def _sifted(columns: list[list[Key]], links: Links, steps: list[np.ndarray]) -> list[list[Key]]:
    """Local search from two beginnings: every node in turn moves to the best place in its column."""

    def pair_costs(index: int, now: list[list[int]]) -> np.ndarray:
        """costs[u, v] of u above v, with the neighbouring columns as they are now."""
        n = len(columns[index])
        costs = _DISORDER * np.tril(np.ones((n, n)), -1)
        if index > 0:
            costs = costs + np.einsum("ac,acbd->db", _above(now[index - 1]), steps[index - 1])
        if index < len(steps):
            costs = costs + np.einsum("db,acbd->ac", _above(now[index + 1]), steps[index])
        return costs

    def sift(index: int, now: list[list[int]]) -> bool:
        costs, order, moved = pair_costs(index, now), now[index], False
        for node in range(len(order)):
            others = [other for other in order if other != node]
            # Moving down past `other` trades "node above other" for "other above node".
            change = np.concatenate(([0.0], np.cumsum(costs[others, node] - costs[node, others])))
            here, there = order.index(node), int(np.round(change, 9).argmin())
            if change[there] < change[here] - 1e-9:
                order = [*others[:there], node, *others[there:]]
                moved = True
        now[index] = order
        return moved

    def total(now: list[list[int]]) -> float:
        crossed = sum(
            float(np.einsum("ac,acbd,db->", _above(a), cost, _above(b)))
            for (a, b), cost in zip(pairwise(now), steps, strict=True)
        )
        return round(crossed + sum(_disorder(order) for order in now), 9)

    given = [list(range(len(column))) for column in columns]
    weighed = [list(order) for order in given]
    for index, (left, right) in enumerate(pairwise(columns)):
        there = np.array([[links.get((a, b), 0.0) for b in right] for a in left])
        mass = there.sum(axis=0)
        place = np.argsort(np.asarray(weighed[index]))
        mean = np.divide(place @ there, mass, out=np.full(len(mass), np.inf), where=mass > 0)
        weighed[index + 1] = [int(node) for node in np.argsort(mean, kind="stable")]
    found = []
    for now in (given, weighed):
        for _ in range(12):
            sweep = [*range(len(columns)), *reversed(range(len(columns)))]
            if not any([sift(index, now) for index in sweep]):
                break
        found.append((total(now), now))
    best = min(found, key=lambda pair: pair[0])[1]
    return [[column[i] for i in order] for column, order in zip(columns, best, strict=True)]


def sankey_layout(
    links: pd.DataFrame,
    nodes: pd.DataFrame,
    *,
    width: float,
    height: float,
    caption: Callable[[str, str], str],
    amount: Callable[[float], str],
    heading: Callable[[int, float, int], str],
    end_caption: Callable[[str, float, float], str],
    direction: str = "forward",
    remark: str = "",
) -> Sankey:
    """Lay out the links and nodes of a Flows answer on `width` x `height` pixels.

    `caption(kind, name)`, `amount(customers)`, `heading(step, customers, brevity)` (0 is in full, 2 shortest)
    and `end_caption(kind, customers, share)` are the words in the reader's language. No two words overlap: a
    word that has no room is shortened, and left out when not even that helps; where columns are too narrow
    for names at all, a legend stands at the foot.
    """
    nodes = nodes[nodes["customers"] > 0]
    if nodes.empty:
        return Sankey(width, height)
    backward = direction == "backward"
    steps = sorted(int(step) for step in nodes["step"].unique())
    pitch = min((width - 2 * _MARGIN) / len(steps), _MOST_PITCH)
    frame = _Frame(width, height, backward, steps, pitch, min(max(pitch * 0.1, 5.0), 16.0))

    given = nodes.sort_values(["step", "position", "kind", "name"], kind="stable")
    size = {(int(r.step), str(r.kind), str(r.name)): float(r.customers) for r in _rows(given)}
    columns = [[key for key in size if key[0] == step] for step in steps]
    between: dict[tuple[Key, Key], float] = {}
    stubs: list[tuple[int, Key, str, float]] = []
    joins: list[tuple[int, Key, Key, float]] = []
    for row, r in enumerate(_rows(links)):
        step, weight = int(r.step), float(r.customers)
        source, target = (
            (step, str(r.source_kind), str(r.source)),
            (step + 1, str(r.target_kind), str(r.target)),
        )
        if weight <= 0:
            continue
        if source[1] in STARTS:
            stubs.append((row, (step, target[1], target[2]), source[1], weight))
        elif target[1] in ENDS:
            stubs.append((row, source, target[1], weight))
        elif source in size and target in size:
            between[source, target] = between.get((source, target), 0.0) + weight
            joins.append((row, source, target, weight))
    columns = orders(columns, between)

    names_fit = pitch >= 4.2 * _LABEL_SIZE
    seen = given.sort_values(["position", "kind", "name"], kind="stable")[["kind", "name"]].drop_duplicates()
    pairs = list(seen.itertuples(index=False, name=None))
    legend = [] if names_fit else _legend(pairs, caption, frame)
    foot = (_legend_height(legend) if legend else 0.0) + (20.0 if remark else 0.0)
    bottom = height - foot - 2
    placed, labelled = _boxes(
        columns, size, between, frame, top=_HEADING_ROOM, bottom=bottom, named=names_fit
    )
    ribbons = _ribbons(placed, joins, stubs, frame)
    words = [*_headings(columns, size, heading, frame)]
    words += [
        word for key in placed if key in labelled for word in _name(placed[key], caption, amount, frame)
    ]
    for word in _end_words(ribbons, size, end_caption, frame):
        if not any(_clash(word, other) for other in words):
            words.append(word)
    keys: tuple[tuple[float, float, str, str], ...] = ()
    if legend:
        base = height - foot + 8
        words += [replace(word, y=word.y + base) for word, _, _ in legend]
        keys = tuple((word.x - 8, word.y + base, kind, name) for word, kind, name in legend)
    if remark:
        room = width - 2 * _MARGIN
        text = fit(remark, _SMALL_SIZE, room)
        words.append(Word(text, "remark", _MARGIN, height - 9, _SMALL_SIZE, "left", room))
    return Sankey(
        width,
        height,
        tuple(placed[key] for column in columns for key in column),
        tuple(ribbons),
        tuple(word for word in words if word.text),
        keys,
        tuple(tuple(column) for column in columns),
    )


@dataclass(frozen=True)
class _Frame:
    width: float
    height: float
    backward: bool
    steps: list[int]
    pitch: float
    node_width: float

    def left(self, step: int) -> float:
        """The left edge of the nodes of a step: at the left of their cell, or at its right when backward."""
        index = self.steps.index(step)
        if self.backward:
            right = self.width - _MARGIN - (len(self.steps) - 1 - index) * self.pitch
            return right - self.node_width
        return _MARGIN + index * self.pitch

    @property
    def gap(self) -> float:
        return self.pitch - self.node_width


def _rows(table: pd.DataFrame) -> list[Any]:
    return list(table.itertuples(index=False))


def _boxes(
    columns: list[list[Key]],
    size: Mapping[Key, float],
    links: Links,
    frame: _Frame,
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


def _ribbons(
    placed: Mapping[Key, Node],
    joins: Sequence[tuple[int, Key, Key, float]],
    stubs: Sequence[tuple[int, Key, str, float]],
    frame: _Frame,
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


def _headings(
    columns: list[list[Key]],
    size: Mapping[Key, float],
    heading: Callable[[int, float, int], str],
    frame: _Frame,
) -> list[Word]:
    """One line above each column, all of them in the longest form in which every one fits."""
    room = frame.pitch - 8
    totals = [(column[0][0], sum(size[key] for key in column)) for column in columns]
    texts: list[str] = []
    for brevity in range(3):
        texts = [heading(step, total, brevity) for step, total in totals]
        if all(text_width(text, _SMALL_SIZE) <= room for text in texts):
            break
    words = []
    for (step, total), text in zip(totals, texts, strict=True):
        x, align = _anchor(frame, step)
        text, short = fit(text, _SMALL_SIZE, room), heading(step, total, 2)
        words.append(Word(text, "heading", x, 9, _SMALL_SIZE, align, room, short=short))
    return words


def _anchor(frame: _Frame, step: int) -> tuple[float, str]:
    left = frame.left(step)
    return (left + frame.node_width, "right") if frame.backward else (left, "left")


def _name(
    node: Node, caption: Callable[[str, str], str], amount: Callable[[float], str], frame: _Frame
) -> list[Word]:
    """The name above a node; its number behind the name, else beside the node, else in the tooltip only."""
    room = frame.pitch - 8
    name, number = caption(node.key[1], node.key[2]), amount(node.customers)
    x, align = _anchor(frame, node.key[0])
    above = Word("", "name", x, node.y0 - 8.5, _LABEL_SIZE, align, room, key=node.key)
    if text_width(f"{name}  {number}", _LABEL_SIZE) <= room:
        return [replace(above, text=f"{name}  {number}", short=name)]
    found = [replace(above, text=fit(name, _LABEL_SIZE, room), short=name)]
    if node.y1 - node.y0 >= _SMALL_SIZE * 1.35 and text_width(number, _SMALL_SIZE) <= frame.gap - 10:
        side = node.x0 - 5 if frame.backward else node.x1 + 5
        y = node.y0 + _SMALL_SIZE * 0.7
        found.append(Word(number, "number", side, y, _SMALL_SIZE, align, frame.gap - 10, key=node.key))
    return found


def _clash(one: Word, other: Word) -> bool:
    """Do the boxes of two words overlap?"""
    left, top, right, bottom = one.box
    left2, top2, right2, bottom2 = other.box
    return left < right2 and left2 < right and top < bottom2 and top2 < bottom


def _end_words(
    ribbons: Sequence[Ribbon],
    size: Mapping[Key, float],
    end_caption: Callable[[str, float, float], str],
    frame: _Frame,
) -> list[Word]:
    """What a stub is and its share of the node, inside the stub where it is thick and long enough."""
    words = []
    for ribbon in ribbons:
        key = ribbon.source if ribbon.target is None else ribbon.target if ribbon.source is None else None
        if key is None:
            continue
        at_left = ribbon.source is None
        low, high = (ribbon.y10, ribbon.y11) if at_left else (ribbon.y00, ribbon.y01)
        if high - low < _SMALL_SIZE * 1.35:
            continue
        room = frame.gap * 0.75
        text = end_caption(ribbon.end, ribbon.customers, ribbon.customers / size[key])
        if text_width(text, _SMALL_SIZE) > room:
            continue
        x = ribbon.x1 - 6 if at_left else ribbon.x0 + 6
        # An exit sinks towards its lower edge, so its words stand low.
        sunk = ribbon.end in ("exit", "start")
        y = max((low + high) / 2, high - _SMALL_SIZE * 1.1) if sunk else (low + high) / 2
        y = min(y, high - _SMALL_SIZE * 0.65)
        words.append(
            Word(
                text, "end", x, y, _SMALL_SIZE, "right" if at_left else "left", room, key=key, row=ribbon.row
            )
        )
    return words


def _legend(
    pairs: Sequence[tuple[str, str]], caption: Callable[[str, str], str], frame: _Frame
) -> list[tuple[Word, str, str]]:
    """Names of (kind, name) pairs with room for a coloured dot before each, in lines that wrap."""
    x, y, items = _MARGIN + 8, 0.0, []
    for kind, name in pairs:
        text = fit(caption(kind, name), _SMALL_SIZE, frame.width - 2 * _MARGIN - 20)
        wide = text_width(text, _SMALL_SIZE)
        if x > _MARGIN + 8 and x + wide > frame.width - _MARGIN:
            x, y = _MARGIN + 8, y + 16.0
        items.append((Word(text, "legend", x, y, _SMALL_SIZE, "left", wide + 4), kind, name))
        x += wide + 22
    return items


def _legend_height(legend: Sequence[tuple[Word, str, str]]) -> float:
    return legend[-1][0].y + 16.0 + 4.0 if legend else 0.0
