"""Who goes from which stage to which, at which step, and who ends where: the pass behind every drag."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from journey.aggregates.visits import NO_STAGE, active, block_borders, order_ties, pairs_of, restaged
from journey.events.log import DAY, EventLog
from journey.stages.stage_map import MOST_STAGES, StageMap

__all__ = ["ACTIVE", "EXIT", "Steps", "steps"]

# The codes 0-11 are stages; after the collapse nothing is unmapped any more, so codes above serve as ends.
ACTIVE, EXIT = 14, 15
_SIDE = 16
# Beside the stage of a customer's first visit stand two flags: that a customer begins here, and that the one
# before is active. So what follows a visit has six bits, and a link is rank << 10 | from << 6 | what follows.
_BEGINS, _BEFORE_ACTIVE = 16, 32
_AFTER = 64


@dataclass(frozen=True, eq=False)
class Steps:
    """Counts of customers that add up over parts of a log with disjoint customers.

    links[k, a, b]   customers whose visit k + 1 is in stage a and the next in stage b (EXIT, ACTIVE: there
                     is none); the last k holds all later pairs of visits together
    reach[code]      customers with at least one visit, by stage
    rows[code]       rows by stage code
    n_customers      customers with at least one row of any kind
    n_visitors       customers with at least one visit
    """

    links: np.ndarray
    reach: np.ndarray
    rows: np.ndarray
    n_customers: int
    n_visitors: int

    def __add__(self, other: Steps) -> Steps:
        return Steps(
            self.links + other.links,
            self.reach + other.reach,
            self.rows + other.rows,
            self.n_customers + other.n_customers,
            self.n_visitors + other.n_visitors,
        )

    @property
    def transitions(self) -> np.ndarray:
        """Pairs of consecutive visits over all steps, ends included: [from, to]."""
        return self.links.sum(axis=0)


def steps(log: EventLog, stages: StageMap, *, steps: int, active_within: int = 30 * DAY) -> Steps:
    """Re-stage, put ties in order, collapse to visits and count, in blocks of whole customers.

    `active_within` is in microseconds. The cost is linear in the rows; a block fits the processor's cache.
    """
    codes = stages.codes(log.event_names)
    rows = np.zeros(_SIDE, dtype=np.int64)
    np.add.at(rows, codes, log.event_rows)
    hidden = bool(rows[MOST_STAGES:].any())
    pairs = pairs_of(codes) if log.event.dtype == np.uint8 else None
    events, offsets = np.asarray(log.event), np.asarray(log.offsets)
    still = active(log, active_within)
    most = 1 << (steps - 1).bit_length()
    counts = np.zeros((most + 1) * _SIDE * _AFTER, dtype=np.int64)
    reach = _Reach(log, codes)
    borders = block_borders(log)
    ties = np.searchsorted(log.tied, offsets.take(borders))

    for (low, high), (tie, tie_end) in zip(pairwise(borders.tolist()), pairwise(ties.tolist()), strict=True):
        first, last = int(offsets[low]), int(offsets[high])
        raw = events[first:last]
        stage = restaged(raw, codes, pairs)
        if tie < tie_end:
            order_ties(stage, log.tied[tie:tie_end] - first, log.tie_groups[tie:tie_end])
        begins, whose = offsets[low:high] - first, still[low:high]
        if hidden:
            mapped = stage < NO_STAGE
            before = np.cumsum(mapped, dtype=np.int32)
            sizes = np.diff(before.take(np.append(begins[1:], last - first) - 1), prepend=np.int32(0))
            present = np.flatnonzero(sizes)
            stage = stage.take(np.flatnonzero(mapped))
            begins, whose = (np.cumsum(sizes) - sizes).take(present), whose.take(present)
        if not len(stage):
            continue
        flags = np.full(len(begins), _BEGINS, dtype=np.uint8)
        flags[1:] |= whose[:-1].view(np.uint8) << 5
        mark = np.zeros(len(stage), dtype=np.uint8)
        mark[begins] = flags
        keep = mark.astype(bool)
        keep[1:] |= stage[1:] != stage[:-1]
        stage |= mark
        at = keep.nonzero()[0]
        visit = np.empty(len(at) + 1, dtype=np.uint8)
        stage.take(at, out=visit[:-1], mode="clip")
        visit[-1] = _BEGINS | _BEFORE_ACTIVE * bool(whose[-1])

        link = _ranks(visit[:-1] >= _BEGINS, most).astype(np.uint16)
        link <<= 4
        wide = visit.astype(np.uint16)
        link |= wide[:-1] & 15
        link <<= 6
        link |= wide[1:]
        counts += np.bincount(link, minlength=len(counts))
        reach.add(visit[:-1])
    return Steps(_folded(counts, steps), reach.customers, rows, log.n_customers, reach.visitors)


def _ranks(first: np.ndarray, most: int) -> np.ndarray:
    """How many visits of the same customer come before each one, at most `most`, a power of two."""
    rank = (~first).view(np.uint8)
    seen = 1
    while seen < most:
        # A visit with `seen` visits before it adds those of the one that lies so far back.
        more = (rank[seen:] == seen).view(np.uint8)
        more *= rank[:-seen]
        rank[seen:] += more
        seen *= 2
    return rank


def _folded(counts: np.ndarray, steps: int) -> np.ndarray:
    """Counts by rank, stage and what comes after -> links by step, stage and next stage or end."""
    wide = counts.reshape(-1, _SIDE, _AFTER)
    links = np.zeros((len(wide), _SIDE, _SIDE), dtype=np.int64)
    links[:, :, :MOST_STAGES] = wide[:, :, :MOST_STAGES]
    links[:, :, EXIT] = wide[:, :, _BEGINS:_BEFORE_ACTIVE].sum(axis=2)
    links[:, :, ACTIVE] = wide[:, :, _BEFORE_ACTIVE:].sum(axis=2)
    return np.concatenate([links[:steps], links[steps:].sum(axis=0, keepdims=True)])


class _Reach:
    """Customers by visited stage: from the log's sets of events, or where it has none from the visits."""

    def __init__(self, log: EventLog, codes: np.ndarray) -> None:
        self.customers = np.zeros(MOST_STAGES, dtype=np.int64)
        self.visitors = 0
        self._from_visits = log.event_sets is None
        self._bits = (1 << np.arange(_SIDE, dtype=np.uint32)).astype(np.uint16)
        if log.event_sets is None:
            return
        everyone = 0
        for code in range(MOST_STAGES):
            events = sum(1 << event for event in np.flatnonzero(codes == code).tolist())
            everyone |= events
            if events:
                self.customers[code] = _holders(log.event_sets, events)
        self.visitors = _holders(log.event_sets, everyone)

    def add(self, visit: np.ndarray) -> None:
        """Count the customers of a block by their visits, each one's first one flagged."""
        if not self._from_visits:
            return
        begin = np.flatnonzero(visit >= _BEGINS)
        sets = np.bitwise_or.reduceat(self._bits.take(visit & 15), begin)
        self.visitors += len(begin)
        self.customers += [np.count_nonzero(sets & bit) for bit in self._bits[:MOST_STAGES]]


def _holders(sets: np.ndarray, events: int) -> int:
    return int(np.count_nonzero((sets & sets.dtype.type(events)) != 0))
