"""Which stages did customers visit last, those who fell silent and those who stayed?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from journey.aggregates.nodes import nodes
from journey.aggregates.visits import active, visits
from journey.events.log import EventLog
from journey.stages.stage_map import MOST_STAGES, StageMap

__all__ = ["LastVisits", "last_visits"]

_SIDE = MOST_STAGES + 1


@dataclass(frozen=True, eq=False)
class LastVisits:
    """Customers by their last visits; counts add up over parts of a log with disjoint customers.

    silent[key], stayed[key]  customers whose last visits have this key: one digit a visit in base
                              `MOST_STAGES + 1`, the last visit lowest, 0 where there was none, else the
                              position of the stage + 1
    """

    silent: np.ndarray
    stayed: np.ndarray

    def __add__(self, other: LastVisits) -> LastVisits:
        return LastVisits(self.silent + other.silent, self.stayed + other.stayed)

    @staticmethod
    def route(key: int) -> tuple[int, ...]:
        """The positions of the stages of a key, the last visit last."""
        digits = []
        while key:
            key, digit = divmod(key, _SIDE)
            digits.append(digit - 1)
        return tuple(reversed(digits))


def last_visits(log: EventLog, stages: StageMap, *, most: int, within: int) -> LastVisits:
    """Count the last `most` visits (fewer where there were fewer) of every customer with a visit.

    Stayed: the last row of any kind is so late that the customer counts as still active (`within`, in
    microseconds); everybody else fell silent.
    """
    seen = visits(log, stages, nodes(log, stages))
    ends, begins = seen.offsets[1:], seen.offsets[:-1]
    keys = np.zeros(log.n_customers, dtype=np.int64)
    for back in range(most):
        at = ends - 1 - back
        there = np.flatnonzero(at >= begins)
        keys[there] += (seen.node[at[there]].astype(np.int64) + 1) * _SIDE**back
    here = ends > begins
    still = active(log, within)
    return LastVisits(*(np.bincount(keys[here & group], minlength=_SIDE**most) for group in (~still, still)))
