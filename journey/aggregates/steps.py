"""Who goes from which stage to which, at which step, and who ends where: the pass behind every drag."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from journey.aggregates.visits import NO_STAGE, active, block_borders, order_ties
from journey.events.log import DAY, EventLog
from journey.stages.stage_map import MOST_STAGES, StageMap

__all__ = ["ACTIVE", "EXIT", "Steps", "steps"]

# A link is one number: step << 8 | from << 4 | to. The codes 0-11 are stages; after the collapse nothing is
# unmapped any more, so the codes above serve as ends.
ACTIVE, EXIT = 14, 15
_SIDE = 16


@dataclass(frozen=True, eq=False)
class Steps:
    """Counts that add up over parts of a log with disjoint customers.

    links[k, a, b]   customers whose visit k + 1 is in stage a and the next in stage b (EXIT, ACTIVE: there
                     is none); the last k holds all later pairs of visits together
    reach[a]         customers with at least one visit in stage a
    rows[a]          rows by stage code
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
    table = np.zeros(256, dtype=np.uint8)
    table[: len(codes)] = codes[:256]
    lookup = table.tobytes() if log.event.dtype == np.uint8 else None
    ends = np.where(active(log, active_within), np.uint8(ACTIVE), np.uint8(EXIT))
    sets = log.event_sets
    stage_bits = np.uint64(1) << np.arange(_SIDE, dtype=np.uint64)
    members = [
        _bits_of(codes == stage) if sets is not None else stage_bits[stage] for stage in range(MOST_STAGES)
    ]
    links = np.zeros((steps + 1) * _SIDE * _SIDE, dtype=np.int64)
    reach = np.zeros(MOST_STAGES, dtype=np.int64)
    n_visitors = 0

    for low, high in pairwise(block_borders(log)):
        first, last = int(log.offsets[low]), int(log.offsets[high])
        raw = log.event[first:last]
        if lookup is not None:
            stage = np.frombuffer(bytearray(raw.tobytes().translate(lookup)), np.uint8)
        else:
            stage = codes.take(raw)
        order_ties(log, stage, first, last)
        start = log.start[first:last]
        end = ends[low:high]
        if hidden:
            stage, start, end = _mapped(stage, log.offsets[low : high + 1] - first, end)
            if not len(stage):
                continue
        n_visitors += len(end)
        keep = start.copy()
        keep[1:] |= stage[1:] != stage[:-1]
        at = np.flatnonzero(keep)
        node, begins = stage.take(at), start.take(at)
        begin = np.flatnonzero(begins)
        to = np.empty_like(node)
        to[:-1] = node[1:]
        to[begin[1:] - 1] = end[:-1]
        to[-1] = end[-1]
        code = _step_of(begins, steps).astype(np.uint16)
        code <<= 4
        code |= node
        code <<= 4
        code |= to
        links += np.bincount(code, minlength=len(links))
        if sets is None:
            _count_members(reach, np.bitwise_or.reduceat(stage_bits.take(node), begin), members)
        else:
            _count_members(reach, sets[low:high], members)
    return Steps(links.reshape(steps + 1, _SIDE, _SIDE), reach, rows, log.n_customers, n_visitors)


def _mapped(
    stage: np.ndarray, offsets: np.ndarray, end: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Only the rows in a stage, which of them begin a customer, and the ends of those customers."""
    there = stage < NO_STAGE
    before = np.cumsum(there, dtype=np.int32)
    sizes = np.diff(before.take(offsets[1:] - 1), prepend=np.int32(0))
    present = np.flatnonzero(sizes)
    start = np.zeros(int(before[-1]), dtype=bool)
    start[(np.cumsum(sizes) - sizes).take(present)] = True
    return stage.take(np.flatnonzero(there)), start, end.take(present)


def _step_of(begins: np.ndarray, most: int) -> np.ndarray:
    """How many visits lie between each visit and its customer's first, at most `most` (below 16).

    The distance to the last flag is found by doubling, over whole arrays of bytes, instead of customer by
    customer: within one place, then within three, seven and fifteen.
    """
    step = np.where(begins, np.uint8(0), np.uint8(most))
    for far in (1, 2, 4, 8):
        np.minimum(step[far:], step[:-far] + np.uint8(far), out=step[far:])
    return step


def _bits_of(events: np.ndarray) -> np.uint64:
    """These events as one word, as in `EventLog.event_sets`."""
    return np.uint64(sum(1 << int(event) for event in np.flatnonzero(events)))


def _count_members(counts: np.ndarray, sets: np.ndarray, members: list[np.uint64]) -> None:
    """Add to each count the customers whose set has one of its members."""
    for place, bits in enumerate(members):
        if bits:
            counts[place] += np.count_nonzero((sets & bits) != 0)
