"""At which stage does one group of customers get no further than the others, and what do they meet there?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from journey.aggregates.nodes import nodes
from journey.aggregates.visits import Visits, active, merged, visits
from journey.errors import ColumnMissing
from journey.events.log import Attribute, EventLog
from journey.stages.stage_map import MOST_STAGES, Stage, StageMap

__all__ = ["MOST_VALUES", "ByValue", "Stuck", "stuck", "stuck_at"]

# Attributes with more values are names of things or people, not groups.
MOST_VALUES = 100


@dataclass(frozen=True, eq=False)
class ByValue:
    """Customers by the value of an attribute as their first visit at a stage begins; missing stands last.

    customers  [stage, value] whose first visit there is over
    stuck      [stage, value] of these: those who got no further
    met        [event, value] of these: those with the event in that visit, at the stage of the event
    """

    values: tuple[str, ...]
    customers: np.ndarray
    stuck: np.ndarray
    met: np.ndarray

    def __add__(self, other: ByValue) -> ByValue:
        return ByValue(
            self.values, self.customers + other.customers, self.stuck + other.stuck, self.met + other.met
        )


@dataclass(frozen=True, eq=False)
class Stuck:
    """By attribute; adds up over parts of a log with disjoint customers."""

    by: Mapping[str, ByValue]

    def __add__(self, other: Stuck) -> Stuck:
        return Stuck({name: counts + other.by[name] for name, counts in self.by.items()})


def stuck(log: EventLog, stages: StageMap, *, active_within: int) -> Stuck:
    """Follow each customer's first visit at every stage.

    Stuck is who then goes back to an earlier stage, or leaves. Those whose journey stands there and is still
    active may yet go on, so they are left out. The first visit, because the last one would be picked by what
    came of it: who goes on comes again, perhaps with a newer value. `active_within` is in microseconds.
    """
    asked = {name: one for name, one in log.attributes.items() if 2 <= len(one.categories) <= MOST_VALUES}
    if not asked:
        return Stuck({})
    n, codes = len(stages.stages), stages.codes(log.event_names).astype(np.int64)
    runs = visits(log, stages, nodes(log, stages, "event"))
    seen = merged(runs, codes)
    at, no_further = _first_of_stage(seen, active(log, active_within))
    stage, who, row = seen.node.take(at), seen.customer.take(at), seen.row.take(at)
    met_at, met_event = _met(runs, seen, codes, at)
    found: dict[str, ByValue] = {}
    for name, attribute in asked.items():
        value, size = _values(attribute, who, row), len(attribute.categories) + 1
        cells, shape = stage * size + value, (n, size)
        met = np.bincount(met_event * size + value.take(met_at), minlength=len(codes) * size)
        found[name] = ByValue(
            values=attribute.categories,
            customers=np.bincount(cells, minlength=n * size).reshape(shape),
            stuck=np.bincount(cells, no_further, n * size).astype(np.int64).reshape(shape),
            met=met.reshape(len(codes), size),
        )
    return Stuck(found)


def stuck_at(
    log: EventLog, stages: StageMap, stage: Stage, name: str, value: str, *, active_within: int
) -> np.ndarray:
    """One flag a customer: are they among the stuck ones of this stage and value? Raises ColumnMissing."""
    if name not in log.attributes:
        raise ColumnMissing(name=name, have=list(log.attributes), near="")
    attribute = log.attributes[name]
    runs = visits(log, stages, nodes(log, stages, "event"))
    seen = merged(runs, stages.codes(log.event_names).astype(np.int64))
    at, no_further = _first_of_stage(seen, active(log, active_within))
    who = seen.customer.take(at)
    here = (seen.node.take(at) == stages.stages.index(stage)) & no_further
    if value in attribute.categories:
        here &= _values(attribute, who, seen.row.take(at)) == attribute.categories.index(value)
    else:
        here[:] = False
    flags = np.zeros(log.n_customers, dtype=bool)
    flags[who[here]] = True
    return flags


def _first_of_stage(seen: Visits, still: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each customer's first visit at every stage that is over, ascending, and whether they got no further."""
    who, n = seen.customer, len(seen.node)
    if not n:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=bool)
    # Written backwards, so that of a customer and stage the first one stays.
    first = np.full((len(seen.offsets) - 1) * MOST_STAGES, -1, dtype=np.int64)
    first[(who * MOST_STAGES + seen.node)[::-1]] = np.arange(n)[::-1]
    at = np.sort(first[first >= 0])
    ends = np.ones(n, dtype=bool)
    ends[:-1] = who[1:] != who[:-1]
    behind = np.zeros(n, dtype=bool)
    behind[:-1] = seen.node[1:] < seen.node[:-1]
    over = at[~(ends & still.take(who)).take(at)]
    return over, (ends | behind).take(over)


def _met(runs: Visits, seen: Visits, codes: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which events occur in these visits: positions in `at` with the code of the event, each pair once."""
    stage, who = codes.take(runs.node), runs.customer
    new = np.ones(len(stage), dtype=bool)
    new[1:] = (stage[1:] != stage[:-1]) | (who[1:] != who[:-1])
    place = np.full(len(seen.node), -1, dtype=np.int64)
    place[at] = np.arange(len(at))
    here = place.take(np.cumsum(new) - 1)
    inside = np.flatnonzero(here >= 0)
    here, event = here.take(inside), runs.node.take(inside).astype(np.int64)
    order = event.astype(np.min_scalar_type(len(codes))).argsort(kind="stable")
    here, event = here.take(order), event.take(order)
    once = np.ones(len(here), dtype=bool)
    once[1:] = (here[1:] != here[:-1]) | (event[1:] != event[:-1])
    return here[once], event[once]


def _values(attribute: Attribute, who: np.ndarray, row: np.ndarray) -> np.ndarray:
    codes = attribute.codes.take(row if attribute.of == "event" else who)
    return np.where(codes < 0, len(attribute.categories), codes).astype(np.int64)
