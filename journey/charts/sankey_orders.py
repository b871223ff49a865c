"""In which order do the nodes of each step stand, so that as few ribbons as possible cross?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise, permutations
from math import factorial

import numpy as np

from journey.charts.sankey_shapes import Key, Links

__all__ = ["crossings", "orders"]

_EXACT_STATES = 720 * 720
_DISORDER = 1e-6


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
