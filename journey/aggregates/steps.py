"""Who goes from which stage to which, at which step, and who ends where: the pass behind every drag."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from journey.aggregates.visits import IGNORED_FROM, active, block_borders, order_ties
from journey.events.log import DAY, EventLog
from journey.stages.stage_map import MOST_STAGES, StageMap

__all__ = ["ACTIVE", "EXIT", "Steps", "steps"]

# A link is one number: step << 8 | from << 4 | to. The codes 0-11 are stages; after the collapse nothing is
# unmapped any more, so the codes above serve as ends.
ACTIVE, EXIT = 14, 15
_SIDE = 16
_SETS = 1 << MOST_STAGES


@dataclass(frozen=True, eq=False)
class Steps:
    """Counts of customers that add up over parts of a log with disjoint customers.

    links[k, a, b]   customers whose visit k + 1 is in stage a and the next in stage b (EXIT, ACTIVE: there
                     is none); the last k holds all later pairs of visits together
    sets[m]          customers by the set of stages they visited, bit i for stage i; sets[0]: no visit
    rows[code]       rows by stage code
    """

    links: np.ndarray
    sets: np.ndarray
    rows: np.ndarray

    def __add__(self, other: Steps) -> Steps:
        return Steps(self.links + other.links, self.sets + other.sets, self.rows + other.rows)

    @property
    def n_customers(self) -> int:
        """Customers with at least one row of any kind."""
        return int(self.sets.sum())

    @property
    def n_visitors(self) -> int:
        """Customers with at least one visit."""
        return int(self.sets[1:].sum())

    @property
    def transitions(self) -> np.ndarray:
        """Pairs of consecutive visits over all steps, ends included: [from, to]."""
        return self.links.sum(axis=0)

    @property
    def reach(self) -> np.ndarray:
        """Customers with at least one visit, by stage."""
        members = np.arange(_SETS)
        return np.array([self.sets[(members >> stage) & 1 == 1].sum() for stage in range(MOST_STAGES)])


def steps(log: EventLog, stages: StageMap, *, steps: int, active_within: int = 30 * DAY) -> Steps:
    """Re-stage, put ties in order, collapse to visits and count, in blocks of whole customers.

    `active_within` is in microseconds. The cost is linear in the rows; a block fits the processor's cache.
    """
    codes = stages.codes(log.event_names)
    rows = np.zeros(_SIDE, dtype=np.int64)
    np.add.at(rows, codes, log.event_rows)
    hidden = bool(rows[MOST_STAGES:].any())
    narrow = log.event.dtype == np.uint8
    table = np.zeros(256, dtype=np.uint8)
    table[: len(codes)] = codes[:256]
    text = table.tobytes()
    # Bit i of the set of a stage; the codes above the stages are never looked up.
    bits = (1 << np.arange(_SIDE, dtype=np.uint32)).astype(np.uint16)
    ends = np.where(active(log, active_within), np.uint8(ACTIVE), np.uint8(EXIT))
    links = np.zeros((steps + 1) * _SIDE * _SIDE, dtype=np.int64)
    sets = np.zeros(_SETS, dtype=np.int64)

    for low, high in pairwise(block_borders(log)):
        first, last = int(log.offsets[low]), int(log.offsets[high])
        raw = log.event[first:last]
        if narrow:
            stage = np.frombuffer(bytearray(raw.tobytes().translate(text)), np.uint8)
        else:
            stage = codes.take(raw)
        order_ties(log, stage, first, last)
        begins = log.offsets[low:high] - first
        end = ends[low:high]
        if hidden:
            mapped = stage < IGNORED_FROM
            before = np.cumsum(mapped, dtype=np.int32)
            sizes = np.diff(before.take(np.append(begins[1:], last - first) - 1), prepend=np.int32(0))
            present = np.flatnonzero(sizes)
            stage = stage.take(np.flatnonzero(mapped))
            begins = (np.cumsum(sizes) - sizes).take(present)
            end = end.take(present)
        if not len(stage):
            sets[0] += high - low
            continue
        start = np.zeros(len(stage), dtype=bool)
        start[begins] = True
        keep = start.copy()
        keep[1:] |= stage[1:] != stage[:-1]
        at = np.flatnonzero(keep)
        node = stage.take(at)
        begin = np.flatnonzero(start.take(at))

        n_visits = len(node)
        code = np.full(n_visits + steps, steps << 8, dtype=np.uint16)
        for step in range(steps - 1, -1, -1):
            # A short history writes into the next customer's visits, who overwrites it with a smaller step.
            code[begin + step] = step << 8
        code = code[:n_visits]
        to = np.empty(n_visits, dtype=np.uint8)
        to[:-1] = node[1:]
        to[begin[1:] - 1] = end[:-1]
        to[-1] = end[-1]
        code |= node.astype(np.uint16) << 4
        code |= to
        links += np.bincount(code, minlength=len(links))
        visited = np.bitwise_or.reduceat(bits.take(node), begin)
        sets += np.bincount(visited, minlength=_SETS)
        sets[0] += (high - low) - len(begin)
    return Steps(links.reshape(steps + 1, _SIDE, _SIDE), sets, rows)
