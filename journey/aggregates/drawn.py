"""Which visits of each customer are drawn, and which links they make, column by column?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from journey.aggregates.nodes import values_at
from journey.aggregates.picture import Picture
from journey.aggregates.visits import Visits, active

__all__ = [
    "ACTIVE",
    "EARLIER",
    "EXIT",
    "KINDS",
    "MORE",
    "OTHER",
    "START",
    "Drawn",
    "Window",
    "drawn",
    "window",
]

# What a code at or above the number of nodes stands for, in this order.
KINDS = ("other", "exit", "active", "more", "start", "earlier")
OTHER, EXIT, ACTIVE, MORE, START, EARLIER = range(len(KINDS))


@dataclass(frozen=True, eq=False)
class Window:
    """The drawn customers, and which of their visits are: one entry a customer, ascending.

    who    the customer's position
    zero   position of the visit that stands at the anchor's step
    low    position of the first visit that may be drawn
    high   position behind the last one
    end    position behind the customer's last visit of all
    n_begun     customers with the visit that the anchor asks for
    n_anchored  those of them who also came to where journeys are to end
    """

    who: np.ndarray
    zero: np.ndarray
    low: np.ndarray
    high: np.ndarray
    end: np.ndarray
    n_begun: int
    n_anchored: int

    def of(self, places: np.ndarray) -> Window:
        """Some of the customers."""
        if len(places) == len(self.who):
            return self
        return replace(
            self,
            who=self.who.take(places),
            zero=self.zero.take(places),
            low=self.low.take(places),
            high=self.high.take(places),
            end=self.end.take(places),
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


def window(view: Picture, seen: Visits) -> Window:
    """Who is drawn, and from which of their visits to before which."""
    who, zero = _anchored(view, seen)
    begun = len(who)
    end = seen.offsets[who + 1]
    high = end
    if view.until is not None:
        goals = np.append(_visits_to(view, seen, view.until), len(seen.node))
        arrived = goals[np.searchsorted(goals, zero, side="right").clip(max=len(goals) - 1)]
        comes = np.flatnonzero(arrived < end)
        who, zero, end, high = who[comes], zero[comes], end[comes], arrived[comes] + 1
    if view.direction == "backward":
        high = zero + 1
    low = zero if view.direction == "forward" else seen.offsets[who]
    found = Window(who, zero, low, high, end, begun, len(who))
    return _fitting(view, seen, found) if view.where else found


def _anchored(view: Picture, seen: Visits) -> tuple[np.ndarray, np.ndarray]:
    """The customers with the visit that journeys are drawn from, to or around, and where it stands."""
    if view.anchors is None:
        who = np.flatnonzero(np.diff(seen.offsets))
        return who, seen.offsets[who]
    hits = _visits_to(view, seen, view.anchors)
    borders = np.searchsorted(hits, seen.offsets)
    n_hits = np.diff(borders)
    if view.occurrence < 0:
        who = np.flatnonzero(n_hits)
        return who, hits[borders[who + 1] - 1]
    who = np.flatnonzero(n_hits >= view.occurrence)
    return who, hits[borders[who] + view.occurrence - 1]


def _visits_to(view: Picture, seen: Visits, codes: tuple[int, ...]) -> np.ndarray:
    wanted = np.zeros(len(view.nodes), dtype=bool)
    wanted[list(codes)] = True
    return np.flatnonzero(wanted.take(seen.node))


def _fitting(view: Picture, seen: Visits, found: Window) -> Window:
    """Those whose first, or last, drawn visit has a wanted value of every attribute asked for."""
    columns = view.columns
    if view.where_at == "start":
        visit = np.maximum(found.low, found.zero + (columns[0] - view.zero))
    else:
        visit = np.minimum(found.high, found.zero + (columns[-1] - view.zero) + 1) - 1
    rows = seen.row.take(visit)
    fits = np.ones(len(visit), dtype=bool)
    for name, values in view.where.items():
        wanted = {*values}
        hit = np.array([one in wanted for one in (*view.log.attributes[name].categories, None)])
        fits &= hit.take(values_at(view.log, name, rows))
    stay = np.flatnonzero(fits)
    return found.of(stay)


def drawn(view: Picture, seen: Visits, of: Window | None = None) -> Iterator[Drawn]:
    """Every drawn link of every customer, column by column away from the anchor."""
    found = window(view, seen) if of is None else of
    special, columns = len(view.nodes), view.columns
    ends = np.where(active(view.log, view.within), special + ACTIVE, special + EXIT).astype(np.int32)
    for step in columns if view.direction != "backward" else reversed(columns):
        at = found.zero + (step - view.zero)
        there = np.flatnonzero((at >= found.low) & (at < found.high))
        at, here = at.take(there), found.of(there)
        whose, source = here.who, seen.node.take(at)
        if view.direction != "through":
            # On one side of the anchor: who is not here is in no column beyond it.
            found = here
        if view.direction != "forward":
            first = at == here.low
            yield _beginning(whose[first], step, source[first], special + START)
            if step == columns[0]:
                yield _beginning(whose[~first], step, source[~first], special + EARLIER)
        if view.direction == "backward" and step == columns[-1]:
            continue
        target = np.where(at + 1 < here.end, np.int32(special + MORE), ends.take(whose))
        if step < columns[-1]:
            goes_on = np.flatnonzero(at + 1 < here.high)
            target[goes_on] = seen.node.take(at.take(goes_on) + 1)
        yield Drawn(whose, step, step + 1, source, target)


def _beginning(whose: np.ndarray, step: int, target: np.ndarray, code: int) -> Drawn:
    return Drawn(whose, step, step, np.full(len(whose), code, dtype=np.int32), target)
