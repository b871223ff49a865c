"""Which stages did customers visit last, those who fell silent and those who stayed?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from journey.aggregates.nodes import nodes
from journey.aggregates.visits import active, visits
from journey.events.log import EventLog
from journey.stages.stage_map import MOST_STAGES, StageMap

__all__ = ["LastVisits", "last_visits", "last_visits_members"]

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
    keys, still = _keys(log, stages, most), active(log, within)
    here = keys > 0
    return LastVisits(*(np.bincount(keys[here & group], minlength=_SIDE**most) for group in (~still, still)))


def last_visits_members(
    log: EventLog, stages: StageMap, *, route: Sequence[str], most: int, within: int, silent: bool
) -> np.ndarray:
    """One flag a customer: are these stages (ids or names) the last `most` visits, and was that the end?

    `silent` picks those who fell silent, else those who stayed. Raises StageUnknown.
    """
    places = [stages.stages.index(stages.named(stage)) for stage in route]
    key = sum((place + 1) * _SIDE**back for back, place in enumerate(reversed(places)))
    flags: np.ndarray = (_keys(log, stages, most) == key) & (active(log, within) != silent) & (key > 0)
    return flags


def _keys(log: EventLog, stages: StageMap, most: int) -> np.ndarray:
    """The key of each customer's last visits; 0 without a visit."""
    seen = visits(log, stages, nodes(log, stages))
    ends, begins = seen.offsets[1:], seen.offsets[:-1]
    keys = np.zeros(log.n_customers, dtype=np.int64)
    for back in range(most):
        at = ends - 1 - back
        there = np.flatnonzero(at >= begins)
        keys[there] += (seen.node[at[there]].astype(np.int64) + 1) * _SIDE**back
    return keys
