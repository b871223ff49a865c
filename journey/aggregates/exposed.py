"""What did those assigned to an experiment do, all of them, from their exposure on?"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from journey.aggregates.arm_members import ArmMembers
from journey.aggregates.records import UNTIMED
from journey.events.log import Attribute, EventLog
from journey.stages.stage_map import StageMap

__all__ = ["ARM", "EXPOSED", "exposed", "with_exposure"]

# The one row of those of whom nothing is known from their exposure on, and the attribute that tells the arm.
EXPOSED = "journey.exposed"
ARM = "journey.arm"


def with_exposure(stages: StageMap) -> StageMap:
    """The same stages, which pass over the row that only says that somebody was exposed."""
    return stages.ignore(EXPOSED)


def exposed(
    log: EventLog,
    found: ArmMembers,
    *,
    since: bool,
    only: int | None = None,
    others: pa.LargeStringArray | None = None,
    called: Sequence[str] | None = None,
    rows_for_all: bool = True,
) -> EventLog:
    """The log of those assigned, with their arm as the customers' attribute ARM; `found` is about this log.

    since   only rows at or after the exposure of each; of whom no time is known all rows
    only    the number of an arm: nobody of the others
    others  how those are called whom the log does not know, in their order; None leaves them out
    called  other names for the arms
    rows_for_all  who has no such row gets one of the event EXPOSED at the exposure, so that all who were
            assigned are counted; such rows stand in no stage. Otherwise they are left out
    """
    known, stay = found.customer >= 0, np.ones(len(found.arm), dtype=bool)
    if only is not None:
        stay = found.arm == only
    arm_of, when_of = np.full(log.n_customers, -1), np.full(log.n_customers, UNTIMED)
    arm_of[found.customer[known & stay]] = found.arm[known & stay]
    when_of[found.customer[known & stay]] = found.time[known & stay]
    sizes = np.diff(log.offsets)
    inside = np.repeat(arm_of >= 0, sizes)
    if since:
        inside &= log.time >= np.repeat(when_of, sizes)
    rows_of = np.add.reduceat(inside, log.offsets[:-1], dtype=np.int64) if log.n_rows else sizes
    who = np.flatnonzero((arm_of >= 0) & (rows_of > 0) if not rows_for_all else arm_of >= 0)
    more = (
        np.flatnonzero(~known & stay) if others is not None and rows_for_all else np.zeros(0, dtype=np.int64)
    )
    has_rows = np.append(rows_of.take(who), np.zeros(len(more), dtype=np.int64))
    offsets = np.append(0, np.cumsum(np.maximum(has_rows, 1))).astype(np.int64)
    bare = offsets[:-1][has_rows == 0]
    arms = np.append(arm_of.take(who), found.arm.take(more)).astype(np.int32)
    when = np.append(when_of.take(who), found.time.take(more))[has_rows == 0]
    rows = np.flatnonzero(inside)

    def filled(column: np.ndarray, value: Any) -> np.ndarray:
        """The column of the rows that stay, with a value at the rows that are put in."""
        made: np.ndarray = np.empty(int(offsets[-1]), dtype=column.dtype)
        own = np.ones(len(made), dtype=bool)
        own[bare] = False
        made[own], made[bare] = column.take(rows), value
        return made

    def of_customers(codes: np.ndarray) -> np.ndarray:
        return np.append(codes.take(who), np.full(len(more), -1, dtype=codes.dtype))

    names, event = log.event_names, log.event
    if len(bare) and EXPOSED not in names:
        place = bisect_left(names, EXPOSED)
        names = (*names[:place], EXPOSED, *names[place:])
        event = (event + (event >= place)).astype(np.min_scalar_type(len(names)), copy=False)
    time = np.clip(np.where(when == UNTIMED, log.observed[0], when), *log.observed)
    labels = tuple([arm.label for arm in found.arms] if called is None else called)
    ids = log.customer_ids.take(pa.array(who))
    origin = who if log.origin is None else log.origin.take(who)
    mark = hashlib.sha256(repr((since, only, labels, rows_for_all, others is None)).encode())
    for column in (arm_of, when_of, found.arm, found.time):
        mark.update(np.ascontiguousarray(column).data)
    return replace(
        log,
        customer_ids=pa.concat_arrays([ids, others.take(_place(known, more))])
        if len(more) and others
        else ids,
        event_names=names,
        offsets=offsets,
        event=filled(event, names.index(EXPOSED) if len(bare) else 0),
        time=filled(log.time, time),
        attributes={
            **{
                name: replace(
                    one, codes=filled(one.codes, -1) if one.of == "event" else of_customers(one.codes)
                )
                for name, one in log.attributes.items()
            },
            ARM: Attribute(arms, labels, "customer"),
        },
        session=None if log.session is None else filled(log.session, -1),
        amount=None if log.amount is None else filled(log.amount, np.nan),
        origin=np.append(origin, np.full(len(more), -1)),
        lineage=hashlib.sha256(f"{log.fingerprint} exposed {mark.hexdigest()}".encode()).hexdigest(),
    )


def _place(known: np.ndarray, more: np.ndarray) -> pa.Array:
    """Where each of those whom the log does not know stands among all of these."""
    return pa.array(np.cumsum(~known).take(more) - 1)
