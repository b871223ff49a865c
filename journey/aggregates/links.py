"""How many customers go from node to node, column by column, and where journeys begin and end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from journey.aggregates.drawn import ACTIVE as STILL_ACTIVE
from journey.aggregates.drawn import EXIT, KINDS, MORE, OTHER, drawn, window
from journey.aggregates.picture import MOST_STEPS, Picture, picture
from journey.aggregates.steps import ACTIVE, steps
from journey.aggregates.steps import EXIT as LEFT

__all__ = ["KINDS", "MOST_STEPS", "Links", "Picture", "fold", "links", "picture", "unfolded"]

_MOST_PAIRS = 1 << 20
_COUNTS = ("n_customers", "n_visitors", "n_begun", "n_anchored", "n_shown")


@dataclass(frozen=True, eq=False)
class Links:
    """Customers by (step, source, target), sorted by these; codes as in `Nodes`, above them as in KINDS.

    `step` is the column of the source, for beginnings (start, earlier) the column of the target.
    n_customers have at least one row, n_visitors at least one visit, n_begun the visit that journeys are
    drawn from, to or around, n_anchored also came to where they are to end, n_shown are drawn: they also have
    the value asked for. All of it adds up over parts of a log with disjoint customers.
    """

    n_nodes: int
    step: np.ndarray
    source: np.ndarray
    target: np.ndarray
    customers: np.ndarray
    n_customers: int = 0
    n_visitors: int = 0
    n_begun: int = 0
    n_anchored: int = 0
    n_shown: int = 0
    folded: frozenset[tuple[int, int]] = field(default_factory=frozenset)

    def __add__(self, other: Links) -> Links:
        return _links(
            self.n_nodes,
            *(
                np.concatenate([getattr(self, name), getattr(other, name)])
                for name in ("step", "source", "target", "customers")
            ),
            **{name: getattr(self, name) + getattr(other, name) for name in _COUNTS},
        )

    @property
    def at_nodes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Customers at each node of each step: (step, node, customers), sorted."""
        begins = self.source > self.n_nodes
        arrival = self.step + ~begins
        # All at a node leave it by a link; but where journeys lead into step 0, nobody does, and they arrive.
        arrives = (arrival == 0) & ~(self.step[~begins] >= 0).any()
        step = np.r_[self.step[~begins], arrival[arrives]]
        node = np.r_[self.source[~begins], self.target[arrives]]
        count = np.r_[self.customers[~begins], self.customers[arrives]]
        key, place = np.unique(np.column_stack([step, node]), axis=0, return_inverse=True)
        return key[:, 0], key[:, 1], np.bincount(place.ravel(), count, len(key)).astype(np.int64)


def links(view: Picture) -> Links:
    """Count the drawn links of all customers, before any folding."""
    return _from_steps(view) if view.whole else _from_visits(view)


def fold(counts: Links, view: Picture) -> Links:
    """Relabel to *other*, at each step, the nodes under a minimum and those beyond the `most` largest.

    Equal nodes are kept by position; steps that are opened keep all of theirs. A customer has one node a
    step, so it still counts once a link.
    """
    if not view.min_customers and view.most is None:
        return counts
    position = view.nodes.position
    step, node, customers = counts.at_nodes
    order = np.lexsort((position[node], -customers, step))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order)) - np.searchsorted(step[order], step[order])
    small = customers < view.min_customers
    if view.most is not None:
        small |= rank >= view.most
    small &= ~np.isin(step, list(view.opened))
    if not small.any():
        return counts
    gone = frozenset(zip(step[small].tolist(), node[small].tolist(), strict=True))
    width = counts.n_nodes + len(KINDS)
    keys = np.sort(step[small] * width + node[small])
    begins = counts.source > counts.n_nodes
    arrival = counts.step + ~begins
    other = counts.n_nodes + OTHER
    folded = _links(
        counts.n_nodes,
        counts.step,
        np.where(np.isin(counts.step * width + counts.source, keys), other, counts.source),
        np.where(np.isin(arrival * width + counts.target, keys), other, counts.target),
        counts.customers,
        **{name: getattr(counts, name) for name in _COUNTS},
    )
    return replace(folded, folded=gone)


def unfolded(view: Picture, counts: Links) -> int:
    """How many customers have no *other* among their drawn visits; `counts` are the folded links."""
    if not counts.folded:
        return counts.n_shown
    rest = np.zeros(view.log.n_customers, dtype=bool)
    found = window(view, view.seen)
    rest[found.who] = True
    for part in drawn(view, view.seen, found):
        for step, codes in ((part.step, part.source), (part.arrival, part.target)):
            gone = np.zeros(counts.n_nodes + len(KINDS), dtype=bool)
            gone[[node for at, node in counts.folded if at == step]] = True
            rest[part.customer[gone.take(codes)]] = False
    return int(np.count_nonzero(rest))


def _from_visits(view: Picture) -> Links:
    width = len(view.nodes) + len(KINDS)
    found = window(view, view.seen)
    parts: list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]] = []
    for part in drawn(view, view.seen, found):
        keys, counts = _counted(part.source.astype(np.int64) * width + part.target, width * width)
        parts.append((np.full(len(keys), part.step), keys // width, keys % width, counts))
    return _links(
        len(view.nodes),
        *(np.concatenate(column) for column in zip(*parts, strict=True)),
        n_customers=view.log.n_customers,
        n_visitors=int(np.count_nonzero(np.diff(view.seen.offsets))),
        n_begun=found.n_begun,
        n_anchored=found.n_anchored,
        n_shown=len(found.who),
    )


def _counted(keys: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """The different keys, ascending, and how often each occurs; all are below `most`."""
    if most > _MOST_PAIRS:
        found, counts = np.unique(keys, return_counts=True)
        return found, counts
    counts = np.bincount(keys, minlength=1)
    found = np.flatnonzero(counts)
    return found, counts[found]


def _from_steps(view: Picture) -> Links:
    table = steps(view.log, view.stages, steps=view.steps, active_within=view.within)
    n_nodes = len(view.nodes)
    flat = table.links[: view.steps].copy()
    # At the last column all who go on are together.
    more = flat[-1, :, :n_nodes].sum(axis=1)
    flat[-1, :, :n_nodes] = 0
    step, source, target = np.nonzero(flat)
    customers = flat[step, source, target]
    target = np.where(
        target == ACTIVE, n_nodes + STILL_ACTIVE, np.where(target == LEFT, n_nodes + EXIT, target)
    )
    on = np.flatnonzero(more)
    return _links(
        n_nodes,
        np.r_[step + 1, np.full(len(on), view.steps)],
        np.r_[source, on],
        np.r_[target, np.full(len(on), n_nodes + MORE)],
        np.r_[customers, more[on]],
        n_customers=table.n_customers,
        n_visitors=table.n_visitors,
        n_begun=table.n_visitors,
        n_anchored=table.n_visitors,
        n_shown=table.n_visitors,
    )


def _links(
    n_nodes: int,
    step: np.ndarray,
    source: np.ndarray,
    target: np.ndarray,
    customers: np.ndarray,
    **counts: Any,
) -> Links:
    """Sum what has the same step, source and target."""
    order = np.lexsort((target, source, step))
    step, source, target, customers = step[order], source[order], target[order], customers[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = np.diff(step).astype(bool) | np.diff(source).astype(bool) | np.diff(target).astype(bool)
    at = np.flatnonzero(new)
    sums = np.add.reduceat(customers, at) if len(at) else customers
    return Links(n_nodes, step[at], source[at], target[at], sums, **counts)
