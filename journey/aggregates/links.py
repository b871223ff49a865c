"""How many customers go from node to node, column by column, and where journeys begin and end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from journey.aggregates.nodes import Nodes, nodes
from journey.aggregates.steps import ACTIVE, EXIT, steps
from journey.aggregates.visits import Visits, active, visits
from journey.errors import SettingWrong
from journey.events.log import DAY, MINUTE, EventLog
from journey.stages.stage_map import StageMap

__all__ = ["KINDS", "MOST_STEPS", "Drawn", "Links", "Picture", "drawn", "fold", "links", "picture"]

MOST_STEPS = 12
_LONGEST_DAYS = 1_000_000
# What a code at or above the number of nodes stands for, in this order.
KINDS = ("other", "exit", "active", "more", "start", "earlier")
_OTHER, _EXIT, _ACTIVE, _MORE, _START, _EARLIER = range(len(KINDS))


@dataclass(frozen=True, eq=False)
class Picture:
    """Which part of whose journeys is drawn: the setting of a flow, checked against a log and its stages.

    log     its "customers" are the units that are followed: customers, or sessions
    within  how near to the end a last event leaves a unit active, in microseconds
    anchor  code of the node where journeys begin (direction "forward") or end ("backward"), or None
    """

    log: EventLog
    stages: StageMap
    nodes: Nodes
    steps: int
    within: int
    unit: str = "customer"
    direction: str = "forward"
    anchor: int | None = None

    def worded(self, code: str) -> str:
        """The catalogue key of a sentence about the units: sessions have their own words."""
        return code if self.unit == "customer" else f"{code}_sessions"

    def column(self, index: int) -> int:
        """The step of the index-th column from the anchor: 1, 2, ... forward, 0, -1, ... backward."""
        return index + 1 if self.direction == "forward" else -index


def picture(
    log: EventLog,
    stages: StageMap,
    *,
    steps: int = 6,
    start: str | None = None,
    into: str | None = None,
    group: str = "stage",
    unit: str = "customer",
    active_within_days: float = 30,
    gap_minutes: float = 30,
) -> Picture:
    """Check a flow's setting. Raises SettingWrong and StageUnknown.

    In the unit "session" a session is active when its last event is at most the gap away from the end.
    """
    if isinstance(steps, bool) or not isinstance(steps, int | np.integer) or not 1 <= steps <= MOST_STEPS:
        raise SettingWrong(setting="steps", value=steps, allowed=f"1–{MOST_STEPS}")
    if start is not None and into is not None:
        raise SettingWrong(setting="into", value=into, allowed="start | into")
    if not active_within_days >= 0:
        raise SettingWrong(setting="active_within_days", value=active_within_days, allowed="≥ 0")
    # Above a quarter of the window it changes nothing, so a limit keeps "forever" a number of microseconds.
    within = int(min(active_within_days, _LONGEST_DAYS) * DAY)
    if unit == "session":
        log, within = log.by_session(gap_minutes), int(gap_minutes * MINUTE)
    elif unit != "customer":
        raise SettingWrong(setting="unit", value=unit, allowed=["customer", "session"])
    own = nodes(log, stages, group)
    anchor = start if into is None else into
    return Picture(
        log=log,
        stages=stages,
        nodes=own,
        steps=int(steps),
        within=within,
        unit=unit,
        direction="forward" if into is None else "backward",
        anchor=None if anchor is None else own.named(anchor, stages),
    )


@dataclass(frozen=True, eq=False)
class Links:
    """Customers by (step, source, target), sorted by these; codes as in `Nodes`, above them as in KINDS.

    `step` is the column of the source, for beginnings (start, earlier) the column of the target.
    n_customers have at least one row, n_visitors at least one visit, n_shown are drawn. All of it adds up
    over parts of a log with disjoint customers.
    """

    n_nodes: int
    step: np.ndarray
    source: np.ndarray
    target: np.ndarray
    customers: np.ndarray
    n_customers: int = 0
    n_visitors: int = 0
    n_shown: int = 0
    folded: frozenset[tuple[int, int]] = field(default_factory=frozenset)

    def __add__(self, other: Links) -> Links:
        return _links(
            self.n_nodes,
            *(
                np.concatenate([getattr(self, name), getattr(other, name)])
                for name in ("step", "source", "target", "customers")
            ),
            n_customers=self.n_customers + other.n_customers,
            n_visitors=self.n_visitors + other.n_visitors,
            n_shown=self.n_shown + other.n_shown,
        )

    @property
    def at_nodes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Customers at each node of each step: (step, node, customers), sorted."""
        begins = self.source > self.n_nodes
        arrival = self.step + ~begins
        # Forward, all at a node leave it by a link; backward nobody leaves step 0, so arrivals count there.
        arrives = arrival == 0
        step = np.r_[self.step[~begins], arrival[arrives]]
        node = np.r_[self.source[~begins], self.target[arrives]]
        count = np.r_[self.customers[~begins], self.customers[arrives]]
        key, place = np.unique(np.column_stack([step, node]), axis=0, return_inverse=True)
        return key[:, 0], key[:, 1], np.bincount(place.ravel(), count, len(key)).astype(np.int64)


def links(view: Picture) -> Links:
    """Count the drawn links of all customers, before any folding."""
    if view.nodes.group == "stage" and view.anchor is None:
        return _from_steps(view)
    return _from_visits(view)


def fold(counts: Links, position: np.ndarray, *, min_customers: int = 0, most: int | None = None) -> Links:
    """Relabel to *other*, at each step, the nodes under a minimum and those beyond the `most` largest.

    Equal nodes are kept by position. A customer has one node a step, so it still counts once a link.
    Raises SettingWrong.
    """
    if not min_customers >= 0:
        raise SettingWrong(setting="min_customers", value=min_customers, allowed="≥ 0")
    if most is not None and not most >= 1:
        raise SettingWrong(setting="nodes", value=most, allowed="≥ 1")
    step, node, customers = counts.at_nodes
    order = np.lexsort((position[node], -customers, step))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order)) - np.searchsorted(step[order], step[order])
    small = customers < min_customers
    if most is not None:
        small |= rank >= most
    if not small.any():
        return counts
    gone = frozenset(zip(step[small].tolist(), node[small].tolist(), strict=True))
    width = counts.n_nodes + len(KINDS)
    keys = np.sort(step[small] * width + node[small])
    begins = counts.source > counts.n_nodes
    arrival = counts.step + ~begins
    other = counts.n_nodes + _OTHER
    folded = _links(
        counts.n_nodes,
        counts.step,
        np.where(np.isin(counts.step * width + counts.source, keys), other, counts.source),
        np.where(np.isin(arrival * width + counts.target, keys), other, counts.target),
        counts.customers,
    )
    return Links(
        counts.n_nodes,
        folded.step,
        folded.source,
        folded.target,
        folded.customers,
        counts.n_customers,
        counts.n_visitors,
        counts.n_shown,
        gone,
    )


@dataclass(frozen=True, eq=False)
class Drawn:
    """Some links of one column, one entry a customer: its position, and the codes of source and target.

    `arrival` is the column of the target.
    """

    customer: np.ndarray
    step: int
    arrival: int
    source: np.ndarray
    target: np.ndarray


def drawn(view: Picture, seen: Visits) -> Iterator[Drawn]:
    """Every drawn link of every customer, column by column from the anchor."""
    who, low, high = _windows(view, seen)
    special = len(view.nodes)
    if view.direction == "backward":
        for index in range(view.steps):
            at = high - 1 - index
            there = np.flatnonzero(at >= low)
            at, first, whose = at[there], low[there], who[there]
            if index:
                step = view.column(index)
                yield Drawn(whose, step, step + 1, seen.node[at], seen.node[at + 1])
            begins = np.flatnonzero(at == first)
            yield _beginning(whose[begins], view.column(index), seen.node[at[begins]], special + _START)
            if index == view.steps - 1:
                goes_on = np.flatnonzero(at > first)
                yield _beginning(
                    whose[goes_on], view.column(index), seen.node[at[goes_on]], special + _EARLIER
                )
        return
    ends = np.where(active(view.log, view.within), special + _ACTIVE, special + _EXIT).astype(np.int32)
    for index in range(view.steps):
        at = low + index
        there = np.flatnonzero(at < high)
        at, whose = at[there], who[there]
        target = ends[whose]
        goes_on = np.flatnonzero(at + 1 < high[there])
        target[goes_on] = special + _MORE if index == view.steps - 1 else seen.node[at[goes_on] + 1]
        yield Drawn(whose, view.column(index), view.column(index + 1), seen.node[at], target)


def _beginning(whose: np.ndarray, step: int, target: np.ndarray, code: int) -> Drawn:
    return Drawn(whose, step, step, np.full(len(whose), code, dtype=np.int32), target)


def _windows(view: Picture, seen: Visits) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The drawn customers, and from which of their visits to before which they are drawn."""
    if view.anchor is None:
        who = np.flatnonzero(np.diff(seen.offsets))
        return who, seen.offsets[who], seen.offsets[who + 1]
    hits = np.flatnonzero(seen.node == view.anchor)
    whose = seen.customer[hits]
    if view.direction == "forward":
        first = np.flatnonzero(np.diff(whose, prepend=-1))
        return whose[first], hits[first], seen.offsets[whose[first] + 1]
    last = np.flatnonzero(np.diff(whose, append=-1))
    return whose[last], seen.offsets[whose[last]], hits[last] + 1


def _from_visits(view: Picture) -> Links:
    seen = visits(view.log, view.stages, view.nodes)
    width = len(view.nodes) + len(KINDS)
    parts: list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]] = []
    for part in drawn(view, seen):
        keys, counts = np.unique(part.source.astype(np.int64) * width + part.target, return_counts=True)
        parts.append((np.full(len(keys), part.step), keys // width, keys % width, counts))
    return _links(
        len(view.nodes),
        *(np.concatenate(column) for column in zip(*parts, strict=True)),
        n_customers=view.log.n_customers,
        n_visitors=int(np.count_nonzero(np.diff(seen.offsets))),
        n_shown=len(_windows(view, seen)[0]),
    )


def _from_steps(view: Picture) -> Links:
    table = steps(view.log, view.stages, steps=view.steps, active_within=view.within)
    n_nodes = len(view.nodes)
    flat = table.links[: view.steps].copy()
    # At the last column all who go on are together.
    more = flat[-1, :, :n_nodes].sum(axis=1)
    flat[-1, :, :n_nodes] = 0
    step, source, target = np.nonzero(flat)
    customers = flat[step, source, target]
    target = np.where(target == EXIT, n_nodes + _EXIT, np.where(target == ACTIVE, n_nodes + _ACTIVE, target))
    on = np.flatnonzero(more)
    return _links(
        n_nodes,
        np.r_[step + 1, np.full(len(on), view.steps)],
        np.r_[source, on],
        np.r_[target, np.full(len(on), n_nodes + _MORE)],
        np.r_[customers, more[on]],
        n_customers=table.n_customers,
        n_visitors=table.n_visitors,
        n_shown=table.n_visitors,
    )


def _links(
    n_nodes: int,
    step: np.ndarray,
    source: np.ndarray,
    target: np.ndarray,
    customers: np.ndarray,
    *,
    n_customers: int = 0,
    n_visitors: int = 0,
    n_shown: int = 0,
) -> Links:
    """Sum what has the same step, source and target."""
    order = np.lexsort((target, source, step))
    step, source, target, customers = step[order], source[order], target[order], customers[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = np.diff(step).astype(bool) | np.diff(source).astype(bool) | np.diff(target).astype(bool)
    at = np.flatnonzero(new)
    sums = np.add.reduceat(customers, at) if len(at) else customers
    return Links(n_nodes, step[at], source[at], target[at], sums, n_customers, n_visitors, n_shown)
