"""At which stage or event does one group of customers get no further, and what do they meet there?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np

from journey.aggregates.loops import Loops, Walk, loops_of
from journey.aggregates.nodes import Nodes
from journey.aggregates.time_in_stage import Spans, TimeInStage
from journey.aggregates.visits import active, pieces, run_begins
from journey.errors import ColumnMissing
from journey.events.log import Attribute, EventLog
from journey.stages.stage_map import StageMap

__all__ = ["MOST_VALUES", "Firsts", "Stuck", "firsts", "met", "stuck", "stuck_at", "walked"]

# Attributes with more values are names of things or people, not groups.
MOST_VALUES = 100
# So many times at once are counted, which a processor's cache holds.
_BLOCK = 1 << 17
# Up to so many cells an entry a table of customers and nodes is quicker than to sort.
_CELLS = 6


@dataclass(frozen=True, eq=False)
class Firsts:
    """Each customer's first time at every stage and event; a place is a stage, or above those an event.

    place   position of a stage, or the number of stages and the code of an event
    who     the customer's position
    row     the row with which that time begins
    visit   the visit to the stage that it is a part of
    stuck   is that visit followed by one in an earlier stage, or by nothing?

    A time is left out whose visit is the last of a customer who is still active: they may yet go on.
    The events of a visit are ``events[begins[visit]:begins[visit + 1]]``, runs of one event once each.
    """

    n_stages: int
    n_events: int
    place: np.ndarray
    who: np.ndarray
    row: np.ndarray
    visit: np.ndarray
    stuck: np.ndarray
    begins: np.ndarray
    events: np.ndarray

    @property
    def n_places(self) -> int:
        return self.n_stages + self.n_events


@dataclass(frozen=True, eq=False)
class Stuck:
    """Counts that add up over parts of a log with disjoint customers; the missing value stands last.

    customers  [place, value] who were there, with the value as their first time there began
    stuck      [place, value] of these: those who got no further
    """

    customers: np.ndarray
    stuck: np.ndarray

    def __add__(self, other: Stuck) -> Stuck:
        return Stuck(self.customers + other.customers, self.stuck + other.stuck)


def firsts(log: EventLog, stages: StageMap, *, active_within: int) -> Firsts:
    """Follow each customer's first time at every stage and event up to what comes after that stage.

    The first time, because the last one would be picked by what came of it: who goes on comes again, perhaps
    with a newer value. `active_within` is in microseconds.
    """
    return _joined(log, ((low, row, _firsts(walk, active_within)) for low, row, walk in _walks(log, stages)))


def walked(
    log: EventLog, stages: StageMap, own: Nodes, *, active_within: int
) -> tuple[Loops, TimeInStage, Firsts]:
    """`loops` and `time_in_stage` of these nodes, which are stages or events, and `firsts`, in one walk."""
    counts: list[Loops] = []
    spans = Spans(log, own)

    def parts() -> Iterator[tuple[int, int, Firsts]]:
        for low, row, walk in _walks(log, stages):
            counts.append(loops_of(walk, own, active_within=active_within))
            spans.add_visits(walk.seen if own.group == "stage" else walk.runs)
            yield low, row, _firsts(walk, active_within)

    found = _joined(log, parts())
    return reduce(add, counts), spans.time_in_stage(), found


def _walks(log: EventLog, stages: StageMap) -> Iterator[tuple[int, int, Walk]]:
    """Walks over parts of the log, with the positions of each one's first customer and row; at least one."""
    empty = True
    for low, row, piece in pieces(log):
        empty = False
        yield low, row, Walk.over(piece, stages)
    if empty:
        yield 0, 0, Walk.over(log, stages)


def _joined(log: EventLog, parts: Iterable[tuple[int, int, Firsts]]) -> Firsts:
    """The parts of a log one after the other, each where it is made and in numbers as narrow as they can be.

    With a first time at a stage and one at an event by row, a large log would fill gigabytes otherwise.
    """
    n_rows = log.n_rows
    number = np.dtype(np.int32 if 2 * n_rows < 1 << 31 else np.int64)
    kinds = {
        "place": np.dtype(np.uint16 if len(log.event_names) < 1 << 15 else np.int32),
        "who": number,
        "row": number,
        "visit": number,
        "stuck": np.dtype(bool),
    }
    # What stays empty takes no memory.
    times = {name: np.empty(2 * n_rows, dtype=kind) for name, kind in kinds.items()}
    begins, events = np.empty(n_rows + 1, dtype=number), np.empty(n_rows, dtype=number)
    n = n_visits = n_runs = n_stages = n_events = 0
    for low, row, part in parts:
        here = slice(n, n + len(part.place))
        for name, column in times.items():
            column[here] = getattr(part, name)
        for name, before in (("who", low), ("row", row), ("visit", n_visits)):
            times[name][here] += before
        visits_here, runs_here = len(part.begins) - 1, len(part.events)
        begins[n_visits : n_visits + visits_here] = part.begins[:-1] + n_runs
        events[n_runs : n_runs + runs_here] = part.events
        n, n_visits, n_runs = here.stop, n_visits + visits_here, n_runs + runs_here
        n_stages, n_events = part.n_stages, part.n_events
    begins[n_visits] = n_runs
    return Firsts(
        n_stages=n_stages,
        n_events=n_events,
        **{name: column[:n] for name, column in times.items()},
        begins=begins[: n_visits + 1],
        events=events[:n_runs],
    )


def _firsts(walk: Walk, active_within: int) -> Firsts:
    log, n, codes, runs, seen = walk.log, len(walk.stages.stages), walk.stage_of, walk.runs, walk.seen
    of_visit, of_run = seen.customer, runs.customer
    last = np.ones(len(seen.node), dtype=bool)
    last[:-1] = of_visit[1:] != of_visit[:-1]
    behind = np.zeros(len(seen.node), dtype=bool)
    behind[:-1] = seen.node[1:] < seen.node[:-1]
    over = ~(last & active(log, active_within).take(of_visit))

    begins = run_begins(codes.take(runs.node), runs.offsets)
    visit_of_run = np.cumsum(begins) - 1
    at_stage = _first_times(of_visit, seen.node, n)
    at_event = _first_times(of_run, runs.node, len(codes))
    place = np.concatenate([seen.node.take(at_stage), runs.node.take(at_event) + np.int32(n)])
    visit = np.concatenate([at_stage, visit_of_run.take(at_event)])
    row = np.concatenate([seen.row.take(at_stage), runs.row.take(at_event)])
    keep = np.flatnonzero(over.take(visit))
    visit = visit.take(keep)
    return Firsts(
        n_stages=n,
        n_events=len(codes),
        place=place.take(keep),
        who=of_visit.take(visit),
        row=row.take(keep),
        visit=visit,
        stuck=(last | behind).take(visit),
        begins=np.append(np.flatnonzero(begins), len(runs.node)),
        events=runs.node,
    )


def stuck(log: EventLog, found: Firsts, name: str) -> Stuck:
    """Count who was there and who got no further, by the value of an attribute."""
    size = len(log.attributes[name].categories) + 1
    n = found.n_places * size
    counts = np.zeros(2 * n, dtype=np.int64)
    for low in range(0, len(found.place), _BLOCK):
        some = slice(low, low + _BLOCK)
        cells = found.place[some].astype(np.int64) * size
        cells += _values(log.attributes[name], found.who[some], found.row[some])
        cells += found.stuck[some] * n
        counts += np.bincount(cells, minlength=2 * n)
    on, off = counts.reshape(2, found.n_places, size)
    return Stuck(on + off, off)


def met(log: EventLog, found: Firsts, name: str, place: int) -> np.ndarray:
    """Customers at a place by [event in that visit, value of the attribute]; adds up as `Stuck` does."""
    here = np.flatnonzero(found.place == place)
    visit, n = found.visit.take(here), found.n_events
    size = len(log.attributes[name].categories) + 1
    value = _values(log.attributes[name], found.who.take(here), found.row.take(here))
    low = found.begins.take(visit)
    sizes = found.begins.take(visit + 1) - low
    whose = np.repeat(np.arange(len(here)), sizes)
    event = found.events.take(np.arange(len(whose)) + (low - (np.cumsum(sizes) - sizes)).take(whose))
    once = _first_times(whose, event, n)
    cells = event.take(once).astype(np.int64) * size + value.take(whose.take(once))
    return np.bincount(cells, minlength=n * size).reshape(n, size)


def stuck_at(
    log: EventLog, stages: StageMap, place: int, name: str, value: str, *, active_within: int
) -> np.ndarray:
    """One flag a customer: are they among the stuck ones of this place and value? Raises ColumnMissing."""
    if name not in log.attributes:
        raise ColumnMissing(name=name, have=list(log.attributes), near="")
    attribute, flags = log.attributes[name], np.zeros(log.n_customers, dtype=bool)
    if value not in attribute.categories:
        return flags
    found = firsts(log, stages, active_within=active_within)
    of_value = _values(attribute, found.who, found.row) == attribute.categories.index(value)
    flags[found.who[(found.place == place) & found.stuck & of_value]] = True
    return flags


def _first_times(who: np.ndarray, node: np.ndarray, n: int) -> np.ndarray:
    """Positions of the first entry of each (customer, node); `who` ascends, `node` is below `n`."""
    n_who = int(who[-1]) + 1 if len(who) else 0
    if n * n_who <= _CELLS * len(who):
        # From the last entry to the first each one writes its position into its cell: the first one stays.
        cell, at = who * np.int64(n) + node, np.arange(len(who), dtype=np.int32)
        first_of = np.empty(n * n_who, dtype=np.int32)
        first_of[cell[::-1]] = at[::-1]
        return np.flatnonzero(first_of.take(cell) == at)
    order = node.astype(np.min_scalar_type(max(1, n))).argsort(kind="stable")
    own = who.take(order)
    first = np.ones(len(order) + 1, dtype=bool)
    np.not_equal(own[1:], own[:-1], out=first[1:-1])
    first[np.cumsum(np.bincount(node, minlength=n))] = True
    return order.take(np.flatnonzero(first[:-1]))


def _values(attribute: Attribute, who: np.ndarray, row: np.ndarray) -> np.ndarray:
    codes = attribute.codes.take(row if attribute.of == "event" else who)
    return np.where(codes < 0, len(attribute.categories), codes).astype(np.int64)
