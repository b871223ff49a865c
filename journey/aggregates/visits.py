"""A customer's visits: runs of mapped events in one node, in the order of time with ties settled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from journey.aggregates.nodes import Nodes
from journey.events.log import EventLog
from journey.stages.stage_map import UNMAPPED, StageMap

__all__ = [
    "NO_STAGE",
    "StageBlock",
    "Visits",
    "active",
    "block_borders",
    "code_blocks",
    "merged",
    "order_ties",
    "pairs_of",
    "pieces",
    "restaged",
    "run_begins",
    "stage_blocks",
    "visits",
]

# Stage codes from here on are no stage.
NO_STAGE = UNMAPPED
_BLOCK_ROWS = 1 << 17


def block_borders(log: EventLog) -> np.ndarray:
    """Customers' positions that cut the log into blocks of about 131,072 rows, no customer in two blocks."""
    marks = np.arange(0, log.n_rows + _BLOCK_ROWS, _BLOCK_ROWS)
    return np.unique(np.searchsorted(log.offsets[:-1], marks))


def pieces(log: EventLog) -> Iterator[tuple[int, int, EventLog]]:
    """The log in pieces of whole customers whose rows fit a processor's cache, with each one's first customer
    and row.

    What is made row by row stays near, where arrays as long as the whole log would come from far each time.
    """
    offsets, event, time = (np.asarray(column) for column in (log.offsets, log.event, log.time))
    for low, high in pairwise(block_borders(log).tolist()):
        first, last = int(offsets[low]), int(offsets[high])
        of = {"event": slice(first, last), "customer": slice(low, high)}
        piece = replace(
            log,
            customer_ids=log.customer_ids[low:high],
            offsets=offsets[low : high + 1] - first,
            event=event[first:last],
            time=time[first:last],
            attributes={
                name: replace(attribute, codes=attribute.codes[of[attribute.of]])
                for name, attribute in log.attributes.items()
            },
            session=None,
            owner=None,
            amount=None if log.amount is None else log.amount[first:last],
            origin=None,
        )
        yield low, first, piece


def active(log: EventLog, within: int) -> np.ndarray:
    """One flag a customer: is the last event of any kind so late that the journey may go on?

    True at or after end - min(within, (end - start) / 4) of the observation window, in microseconds.
    """
    start, end = log.observed
    return log.last_time >= end - min(within, (end - start) // 4)


def order_ties(stage: np.ndarray, rows: np.ndarray, groups: np.ndarray) -> None:
    """Put the stages of the `rows` that are tied in time, which have one group, into stage order, in place.

    Rows of one time and one stage are interchangeable for a run of stages, so their codes are sorted and the
    rows themselves stay.
    """
    keys = groups << 4
    keys |= stage.take(rows)
    keys.sort()
    stage[rows] = keys & 15


def pairs_of(codes: np.ndarray) -> np.ndarray:
    """The stages of two neighbouring events at once, for all pairs of bytes; see `restaged`."""
    table = np.zeros(256, dtype=np.uint16)
    table[: len(codes)] = codes
    return (table | table[:, None] << 8).ravel()


def restaged(raw: np.ndarray, codes: np.ndarray, pairs: np.ndarray | None) -> np.ndarray:
    """The stage of each row of events, a new array; with `pairs` for events of one byte, two at a time."""
    if pairs is None:
        return codes.take(raw)
    stage = np.empty(len(raw), dtype=np.uint8)
    even = len(raw) & ~1
    pairs.take(raw[:even].view(np.uint16), out=stage[:even].view(np.uint16), mode="clip")
    if even < len(raw):
        stage[-1] = codes[raw[-1]]
    return stage


@dataclass(frozen=True, eq=False)
class StageBlock:
    """The visits of stages of some customers who follow each other, one entry a visit.

    low, high  positions of the first customer and behind the last one
    stage      code of the stage
    row        position in the log of the visit's first row
    end        position in the log of the customer's last mapped row, by customer with a visit
    begins     one flag a visit: is it its customer's first?
    present    positions of the customers with a visit, ascending
    """

    low: int
    high: int
    stage: np.ndarray
    row: np.ndarray
    end: np.ndarray
    begins: np.ndarray
    present: np.ndarray


def stage_blocks(log: EventLog, stages: StageMap) -> Iterator[StageBlock]:
    """Re-stage, put ties in order and collapse, in blocks of whole customers that fit a processor's cache."""
    return code_blocks(log, stages.codes(log.event_names))


def code_blocks(log: EventLog, codes: np.ndarray) -> Iterator[StageBlock]:
    """The same for any places in an order: `codes` has one a name of an event, from NO_STAGE on none."""
    hidden = bool((codes.take(np.flatnonzero(log.event_rows)) >= NO_STAGE).any())
    pairs = pairs_of(codes) if log.event.dtype == np.uint8 else None
    events, offsets = np.asarray(log.event), np.asarray(log.offsets)
    borders = block_borders(log)
    ties = np.searchsorted(log.tied, offsets.take(borders))
    for (low, high), (tie, tie_end) in zip(pairwise(borders.tolist()), pairwise(ties.tolist()), strict=True):
        first, last = int(offsets[low]), int(offsets[high])
        stage = restaged(events[first:last], codes, pairs)
        if tie < tie_end:
            order_ties(stage, log.tied[tie:tie_end] - first, log.tie_groups[tie:tie_end])
        starts = offsets[low : high + 1] - first
        present, rows = np.arange(low, high), None
        if hidden:
            mapped = stage < NO_STAGE
            before = np.append(np.int32(0), np.cumsum(mapped, dtype=np.int32)).take(starts)
            there = np.flatnonzero(np.diff(before))
            present, rows = present.take(there), np.flatnonzero(mapped)
            stage, starts = stage.take(rows), np.append(before.take(there), before[-1])
        if not len(present):
            continue
        keep = np.zeros(len(stage), dtype=bool)
        keep[starts[:-1]] = True
        begins = keep.copy()
        keep[1:] |= stage[1:] != stage[:-1]
        at, ends = np.flatnonzero(keep), starts[1:] - 1
        yield StageBlock(
            low=low,
            high=high,
            stage=stage.take(at),
            row=(at if rows is None else rows.take(at)) + first,
            end=(ends if rows is None else rows.take(ends)) + first,
            begins=begins.take(at),
            present=present,
        )


@dataclass(frozen=True, eq=False)
class Visits:
    """The visits of every customer, one after the other.

    node      code of the node of each visit
    offsets   visits of customer i are ``offsets[i]:offsets[i + 1]``; a customer may have none
    first     instant of the first mapped row of each visit, microseconds UTC
    last      instant of the last one
    rows      mapped rows of each visit
    row       position in the log of the first one
    """

    node: np.ndarray
    offsets: np.ndarray
    first: np.ndarray
    last: np.ndarray
    rows: np.ndarray
    row: np.ndarray

    @cached_property
    def customer(self) -> np.ndarray:
        """The customer's position of each visit."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))


def visits(log: EventLog, stages: StageMap, nodes: Nodes, *, repeats: bool = False) -> Visits:
    """Collapse the mapped rows of each customer into visits of the nodes of a grouping.

    Ties are ordered by stage, then event name, then value (see `Nodes.tie_values`). Rows of hidden nodes are
    passed over like unmapped ones. With `repeats` nothing is collapsed: each row is a visit.
    """
    if log.n_rows <= _BLOCK_ROWS:
        counts, node, *rest = _visits(log, stages, nodes, repeats)
        return Visits(node.astype(np.int32, copy=False), np.append(0, np.cumsum(counts)), *rest)
    # No visit is without a row, so that all have room here; what stays empty takes no memory.
    columns = [np.empty(log.n_rows, dtype=kind) for kind in (np.int32, *[np.int64] * 4)]
    sizes, n = np.zeros(log.n_customers, dtype=np.int64), 0
    for low, row, piece in pieces(log):
        counts, *found = _visits(piece, stages, nodes, repeats)
        found[-1] += row
        sizes[low : low + len(counts)] = counts
        for column, part in zip(columns, found, strict=True):
            column[n : n + len(part)] = part
        n += len(found[0])
    return Visits(columns[0][:n], np.append(0, np.cumsum(sizes)), *(column[:n] for column in columns[1:]))


def _visits(log: EventLog, stages: StageMap, nodes: Nodes, repeats: bool) -> tuple[np.ndarray, ...]:
    """Visits by customer of a piece of the log, and of each visit the columns of `Visits`."""
    codes = stages.codes(log.event_names)
    stage = restaged(log.event, codes, pairs_of(codes) if log.event.dtype == np.uint8 else None)
    rows = np.flatnonzero(stage < NO_STAGE)
    if len(log.tied):
        rows = _with_ties_in_order(log, stage, nodes, rows)
    node = nodes.of_rows(log, stage, rows)
    if nodes.label is not None:
        shown = np.flatnonzero(node >= 0)
        rows, node = rows.take(shown), node.take(shown)
    starts = log.offsets
    if len(rows) < log.n_rows:
        there = np.zeros(log.n_rows + 1, dtype=bool)
        there[rows + 1] = True
        starts = np.cumsum(there, dtype=np.int32).take(starts)
    keep = np.ones(len(rows), dtype=bool) if repeats else run_begins(node, starts)
    at = np.flatnonzero(keep)
    so_far = np.append(np.int32(0), np.cumsum(keep, dtype=np.int32))
    counts = np.diff(so_far.take(starts))
    time = log.time.take(rows)
    ends = np.append(at[1:], len(rows))[: len(at)] - 1
    row = rows.take(at)
    node = nodes.split(log, node.take(at), row)
    return counts, node, time.take(at), time.take(ends), ends - at + 1, row


def merged(seen: Visits, coarser: np.ndarray) -> Visits:
    """The visits of coarser nodes; `coarser` gives for each node of `seen` the one that it is a part of.

    Stages are coarser than events: ties are ordered by stage first, so both tell the same order.
    """
    node = coarser.take(seen.node)
    keep = run_begins(node, seen.offsets)
    at = np.flatnonzero(keep)
    ends = np.append(at[1:], len(node))[: len(at)] - 1
    offsets = np.append(0, np.cumsum(keep, dtype=np.int32)).take(seen.offsets)
    rows = np.diff(np.append(0, np.cumsum(seen.rows)).take(np.append(at, len(node))))
    return Visits(node.take(at), offsets, seen.first.take(at), seen.last.take(ends), rows, seen.row.take(at))


def run_begins(node: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """One flag an entry: is it the first of its customer, or in another node than the one before it?"""
    keep = np.ones(len(node) + 1, dtype=bool)
    keep[1:-1] = node[1:] != node[:-1]
    keep[offsets] = True
    return keep[:-1]


def _with_ties_in_order(log: EventLog, stage: np.ndarray, nodes: Nodes, rows: np.ndarray) -> np.ndarray:
    """The mapped rows, those of one customer and time ordered by stage, event name and value."""
    group = np.full(log.n_rows, -1, dtype=np.int32)
    group[log.tied] = log.tie_groups
    places = np.flatnonzero(group.take(rows) >= 0)
    tied = rows.take(places)
    order = np.lexsort((*nodes.tie_values(log, tied), log.event[tied], stage[tied], group[tied]))
    rows[places] = tied.take(order)
    return rows
