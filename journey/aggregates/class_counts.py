"""Links, ends and stages counted apart for several classes of customers, in one pass over their visits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from journey.aggregates.links import KINDS, Picture
from journey.aggregates.nodes import nodes
from journey.aggregates.visits import Visits, active, visits
from journey.events.log import EventLog

__all__ = ["ClassCounts", "class_counts", "first_values", "folded", "small_nodes"]

_OTHER, _EXIT, _ACTIVE, _MORE = (KINDS.index(kind) for kind in ("other", "exit", "active", "more"))
# Above so many possible cells they are sorted instead of counted in place.
_MOST_CELLS = 1 << 22


@dataclass(frozen=True, eq=False)
class ClassCounts:
    """Counts with a column for each class; they add up over parts of a log with disjoint customers.

    step, source, target   one entry a link, sorted; codes as in `Links`, forward from the first visit
    customers              [link, class] customers of each class on the link
    reach                  [stage, class] with at least one visit to the stage
    exits, still           [stage, class] whose last visit is there and who are no longer, or still, active
    units                  [class] with at least one row of any kind
    visitors               [class] with at least one visit
    """

    n_nodes: int
    step: np.ndarray
    source: np.ndarray
    target: np.ndarray
    customers: np.ndarray
    reach: np.ndarray
    exits: np.ndarray
    still: np.ndarray
    units: np.ndarray
    visitors: np.ndarray

    def __add__(self, other: ClassCounts) -> ClassCounts:
        return _summed(
            self,
            *(
                np.concatenate([getattr(self, name), getattr(other, name)])
                for name in ("step", "source", "target", "customers")
            ),
            **{name: getattr(self, name) + getattr(other, name) for name in _PLAIN},
        )

    def at_nodes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Customers at each node of each step: (step, node, [node, class]), sorted. All leave by a link."""
        width = self.n_nodes + len(KINDS)
        key, place = np.unique(self.step * width + self.source, return_inverse=True)
        sums = np.zeros((len(key), self.customers.shape[1]), dtype=np.int64)
        np.add.at(sums, place, self.customers)
        return key // width, key % width, sums

    def leaving(self) -> np.ndarray:
        """[link, class]: customers at the source of each link in its step."""
        width = self.n_nodes + len(KINDS)
        step, node, sums = self.at_nodes()
        leaving: np.ndarray = sums[np.searchsorted(step * width + node, self.step * width + self.source)]
        return leaving


_PLAIN = ("reach", "exits", "still", "units", "visitors")


def class_counts(view: Picture, of: np.ndarray, n_classes: int) -> ClassCounts:
    """Count the whole journeys of every unit of a picture, forward, into its class.

    `of` says for each unit of the picture's log its class, or -1 for none. The cost is linear in the rows.
    """
    seen = visits(view.log, view.stages, view.nodes)
    n_nodes, width = len(view.nodes), len(view.nodes) + len(KINDS)
    still = active(view.log, view.within)
    ends = np.where(still, n_nodes + _ACTIVE, n_nodes + _EXIT)
    begin, end = seen.offsets[:-1], seen.offsets[1:]
    who = np.flatnonzero((of >= 0) & (end > begin))
    visitors = who
    parts: list[tuple[np.ndarray, np.ndarray]] = []
    for index in range(view.steps):
        at = begin.take(who) + index
        there = np.flatnonzero(at < end.take(who))
        who, at = who.take(there), at.take(there)
        target = ends.take(who)
        on = np.flatnonzero(at + 1 < end.take(who))
        target[on] = n_nodes + _MORE if index == view.steps - 1 else seen.node.take(at.take(on) + 1)
        cells = (seen.node.take(at).astype(np.int64) * width + target) * n_classes + of.take(who)
        parts.append(_cells(cells, width * width * n_classes))
    step = np.repeat(np.arange(1, view.steps + 1), [len(cells) for cells, _ in parts])
    cells = np.concatenate([cells for cells, _ in parts])
    counted = np.concatenate([counts for _, counts in parts])
    pair = cells // n_classes
    customers = np.zeros((len(cells), n_classes), dtype=np.int64)
    customers[np.arange(len(cells)), cells % n_classes] = counted

    empty = ClassCounts(n_nodes, *(np.zeros(0, np.int64),) * 4, *(np.zeros(0, np.int64),) * 5)
    return _summed(
        empty,
        step,
        pair // width,
        pair % width,
        customers,
        **_at_stages(view, seen, of, n_classes, still),
        units=np.bincount(of[of >= 0], minlength=n_classes),
        visitors=np.bincount(of.take(visitors), minlength=n_classes),
    )


def small_nodes(counts: ClassCounts, position: np.ndarray, most: int | None) -> frozenset[tuple[int, int]]:
    """All but the `most` largest (step, node) of each step, over all classes; None: no node is too small."""
    if most is None:
        return frozenset()
    step, node, sums = counts.at_nodes()
    order = np.lexsort((position[node], -sums.sum(axis=1), step))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order)) - np.searchsorted(step[order], step[order])
    small = rank >= most
    return frozenset(zip(step[small].tolist(), node[small].tolist(), strict=True))


def folded(counts: ClassCounts, position: np.ndarray, most: int | None) -> ClassCounts:
    """The same with the small nodes of each step together as *other*."""
    if most is None:
        return counts
    width = counts.n_nodes + len(KINDS)
    small = np.array([at * width + node for at, node in small_nodes(counts, position, most)], dtype=np.int64)
    other = counts.n_nodes + _OTHER
    goes_on = counts.target < counts.n_nodes
    return _summed(
        counts,
        counts.step,
        np.where(np.isin(counts.step * width + counts.source, small), other, counts.source),
        np.where(goes_on & np.isin((counts.step + 1) * width + counts.target, small), other, counts.target),
        counts.customers,
    )


def first_values(log: EventLog, attribute: str) -> np.ndarray:
    """Each unit's value of an attribute, of an attribute of events the first; missing is the last code."""
    found = log.attributes[attribute]
    codes = found.codes
    if found.of == "event":
        rows = np.flatnonzero(codes >= 0)
        who = log.customer_of_row().take(rows)
        first = np.flatnonzero(np.diff(who, prepend=-1))
        codes = np.full(log.n_customers, -1, dtype=np.int64)
        codes[who.take(first)] = found.codes.take(rows.take(first))
    return np.where(codes < 0, len(found.categories), codes)


def _at_stages(
    view: Picture, seen: Visits, of: np.ndarray, n_classes: int, still: np.ndarray
) -> dict[str, np.ndarray]:
    """Reach and ends of the stages by class, whatever the columns of the picture show."""
    if view.nodes.group != "stage":
        seen = visits(view.log, view.stages, nodes(view.log, view.stages))
    n_stages = len(view.stages.stages)
    who = np.flatnonzero(np.diff(seen.offsets))
    sets = np.zeros(0, dtype=np.uint16)
    if len(who):
        bits = np.left_shift(1, seen.node, dtype=np.uint16, casting="unsafe")
        sets = np.bitwise_or.reduceat(bits, seen.offsets.take(who))
    last = seen.node.take(seen.offsets[1:].take(who) - 1)
    inside = of.take(who) >= 0
    who, sets, last = who[inside], sets[inside], last[inside]
    own = of.take(who)
    shape = (n_stages, n_classes)
    reach = [np.bincount(own[sets & (1 << stage) > 0], minlength=n_classes) for stage in range(n_stages)]
    at_end, active_at_end = (
        np.bincount(last[flags] * n_classes + own[flags], minlength=n_stages * n_classes).reshape(shape)
        for flags in (~still.take(who), still.take(who))
    )
    return {"reach": np.array(reach, dtype=np.int64).reshape(shape), "exits": at_end, "still": active_at_end}


def _cells(cells: np.ndarray, n_cells: int) -> tuple[np.ndarray, np.ndarray]:
    """The cells that occur, ascending, and how often."""
    if n_cells > _MOST_CELLS:
        return np.unique(cells, return_counts=True)
    counts = np.bincount(cells, minlength=n_cells)
    found = np.flatnonzero(counts)
    return found, counts[found]


def _summed(
    like: ClassCounts,
    step: np.ndarray,
    source: np.ndarray,
    target: np.ndarray,
    customers: np.ndarray,
    **more: Any,
) -> ClassCounts:
    """The counts with links of the same step, source and target as one."""
    width = like.n_nodes + len(KINDS)
    key, place = np.unique((step * width + source) * width + target, return_inverse=True)
    sums = np.zeros((len(key), customers.shape[1]), dtype=np.int64)
    np.add.at(sums, place, customers)
    return replace(
        like,
        step=key // width // width,
        source=key // width % width,
        target=key % width,
        customers=sums,
        **more,
    )
