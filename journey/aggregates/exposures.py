"""Who was in which arm of an experiment, and since when?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journey.aggregates.arm_labels import ArmLabels, arm_labels
from journey.aggregates.records import UNTIMED, Records, records
from journey.errors import ColumnMissing
from journey.events.encode import Encoded, encode
from journey.events.log import MINUTE, EventLog, day_start
from journey.events.numbered import has_numbers
from journey.events.other_tables import NO_TABLES, OtherTables
from journey.stages.experiment_plan import Arm, Plan

__all__ = ["Exposures", "exposures", "labels_of", "units_of_ids"]

_LATER = np.iinfo(np.int64).max
# As sessions are split where a file has none of its own.
_GAP = 30 * MINUTE


@dataclass(frozen=True, eq=False)
class Exposures:
    """The units that are in exactly one arm of the plan, one entry each, by id (without ids: by row).

    arm         position in `arms`, whose first is the control (int8)
    moment      of the unit's first record or row in its arm, microseconds UTC; UNTIMED where none is known
    customer    position of the unit's customer in the log that was asked about, -1 for strangers
    place       position of the unit in `log`, -1 for strangers; the log is by session where these are units
    first_row   of a log's attribute the row of the moment, else None
    records     of a file the rows, and `unit_of_row` the unit of each (-1: of none)
    left_out    units that are in no arm here, by reason: "filtered" (the log's filters left the customer
                out), "two_arms", "unknown_arm" (not of the plan), "no_arm"
    duplicates  rows beyond one a unit
    merged      see ArmLabels
    """

    unit: Literal["customer", "session", "row"]
    arms: tuple[Arm, ...]
    arm: np.ndarray
    moment: np.ndarray
    customer: np.ndarray
    place: np.ndarray
    log: EventLog
    left_out: Mapping[str, int]
    merged: tuple[tuple[str, tuple[str, ...]], ...] = ()
    duplicates: int = 0
    first_row: np.ndarray | None = None
    records: Records | None = None
    unit_of_row: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.arm)


def exposures(log: EventLog, plan: Plan, tables: OtherTables = NO_TABLES) -> Exposures:
    """Place the units of a plan whose source is "records" or "attribute".

    Units in two arms are excluded and counted, also where one of the two is not of the plan. Exposure is the
    first row in the arm; a unit without a time is exposed when the plan starts, where it says so. In a log of
    dates only, it is the beginning of that day. Raises ExperimentMissing and ColumnMissing.
    """
    (source, name), *_ = plan.source.items()
    found = _of_log(log, plan, name) if source == "attribute" else _of_records(log, plan, tables, name)
    moment = found.moment
    if plan.starts is not None:
        moment = np.where(moment == UNTIMED, day_start(plan.starts, log.zone), moment)
    if log.date_only and not log.is_empty:
        moment = _at_midnight(moment, log)
    return replace(found, moment=moment)


class _Placed(NamedTuple):
    """Which unit is in which arm, of all units that were seen."""

    kept: np.ndarray
    arm: np.ndarray
    left_out: dict[str, int]


def _of_records(log: EventLog, plan: Plan, tables: OtherTables, name: str | None) -> Exposures:
    rows = records(tables, name)
    arm = rows.texts("arm")
    labels = labels_of(arm, plan.arms)
    group = np.append(labels.place, -1).take(arm.codes)
    unit, customer = _named(log, rows.column("customer"))
    # Rows without a customer, as of files that have no column of these, are units of their own.
    nameless, n_named = np.flatnonzero(unit < 0), len(customer)
    unit[nameless] = n_named + np.arange(len(nameless))
    n = n_named + len(nameless)
    customer = np.append(customer, np.full(len(nameless), -1, dtype=np.int64))
    inside = np.ones(n, dtype=bool)
    if log.origin is not None:
        inside[:n_named] = customer[:n_named] >= 0
    when, view, place = rows.instants(), log, customer
    by_session = plan.unit == "session"
    if by_session:
        view, unit, customer, place, inside = _in_sessions(log, customer.take(unit), when, inside.take(unit))
        n = len(customer)
    placed = _placed(unit, group, n, len(labels.arms), inside)
    position = np.full(n + 1, -1, dtype=np.int64)
    position[placed.kept] = np.arange(len(placed.kept))
    unit_of_row = position.take(unit)
    mine = np.flatnonzero((unit_of_row >= 0) & (group >= 0))
    if len(mine) < len(unit_of_row):
        unit_of_row[group < 0] = -1
    return Exposures(
        unit="session" if by_session else "customer" if n_named else "row",
        arms=labels.arms,
        arm=placed.arm,
        moment=_earliest(unit_of_row, when, len(placed.kept)),
        customer=customer.take(placed.kept),
        place=place.take(placed.kept),
        log=view,
        left_out=placed.left_out,
        merged=labels.merged,
        duplicates=len(mine) - len(placed.kept),
        records=rows,
        unit_of_row=unit_of_row,
    )


class _Named(NamedTuple):
    """The unit of each row, -1 without a name, and of each unit the position in the log, -1 for strangers."""

    unit: np.ndarray
    customer: np.ndarray


def _named(log: EventLog, texts: pa.ChunkedArray) -> _Named:
    """Units by their names, in the order of the ids."""
    if log.is_empty or has_numbers(texts):
        who = encode(texts)
        return _Named(who.codes.astype(np.int64), units_of_ids(log, who.values))
    # To sort so many texts takes longer than all else, and the log has them sorted.
    row = _positions(texts, log.customer_ids)
    seen = np.zeros(log.n_customers + 1, dtype=bool)
    seen[row] = True
    customer = np.flatnonzero(seen[:-1])
    place = np.full(log.n_customers + 1, -1, dtype=np.int64)
    place[customer] = np.arange(len(customer))
    unit = place.take(row)
    others = np.flatnonzero(row < 0)
    strangers = encode(texts.take(pa.array(others)))
    if not len(strangers.values):
        return _Named(unit, customer)
    unit[others] = np.where(strangers.codes < 0, -1, strangers.codes + len(customer))
    ids = pa.concat_arrays([log.customer_ids.take(pa.array(customer)), strangers.values])
    order = pc.sort_indices(ids).to_numpy()
    rank = np.full(len(order) + 1, -1, dtype=np.int64)
    rank[order] = np.arange(len(order))
    nobody = np.full(len(strangers.values), -1, dtype=np.int64)
    return _Named(rank.take(unit), np.append(customer, nobody).take(order))


class _InSessions(NamedTuple):
    """The log by session; the session of each row; of each session its customer and place in that log, -1
    where none is known; and whether the filters left it."""

    view: EventLog
    unit: np.ndarray
    customer: np.ndarray
    place: np.ndarray
    inside: np.ndarray


def _in_sessions(log: EventLog, customer: np.ndarray, when: np.ndarray, inside: np.ndarray) -> _InSessions:
    """Put each row into the session of its customer that goes on at its time, or begins soon after.

    A row of which no session is known stands for one of its own, as all do beside a log without clock times.
    """
    view, place = log, np.full(len(customer), -1, dtype=np.int64)
    if not log.is_empty and not log.date_only:
        view = log.by_session()
        rows = np.flatnonzero((customer >= 0) & (when != UNTIMED))
        place[rows] = _sessions_at(view, customer.take(rows), when.take(rows))
    known = np.unique(place[place >= 0])
    alone = np.flatnonzero(place < 0)
    unit = np.searchsorted(known, place).astype(np.int64)
    unit[alone] = len(known) + np.arange(len(alone))
    whose = np.full(len(known) + len(alone), -1, dtype=np.int64)
    whose[unit] = customer
    stays = np.zeros(len(whose), dtype=bool)
    stays[unit] = inside
    return _InSessions(view, unit, whose, np.append(known, np.full(len(alone), -1)), stays)


def _sessions_at(view: EventLog, customer: np.ndarray, when: np.ndarray) -> np.ndarray:
    """The session of each customer at an instant: the last one that began, unless it had ended long before.

    Then it is the next one, where that begins soon; -1 for none. Soon and long are what splits sessions.
    """
    assert view.owner is not None
    begins, ends, n = view.time.take(view.offsets[:-1]), view.last_time, view.n_customers
    order = np.lexsort((np.arange(n + len(when)), np.append(begins, when), np.append(view.owner, customer)))
    # Sessions stand in this order already, so the largest number so far is that of the last one.
    before = np.maximum.accumulate(np.where(order < n, order, -1))
    last = np.empty(len(order), dtype=np.int64)
    last[order] = before
    last = last[n:]
    after = np.minimum(last + 1, n - 1)
    goes_on = (last >= 0) & (view.owner.take(last) == customer) & (when <= ends.take(last) + _GAP)
    begins_soon = (view.owner.take(after) == customer) & (begins.take(after) > when)
    begins_soon &= begins.take(after) <= when + _GAP
    found: np.ndarray = np.where(goes_on, last, np.where(begins_soon, after, -1))
    return found


def _of_log(log: EventLog, plan: Plan, name: str) -> Exposures:
    if name not in log.attributes:
        raise ColumnMissing(name=name, have=list(log.attributes), near="")
    view = log.by_session() if plan.unit == "session" else log
    attribute = view.attributes[name]
    codes = np.asarray(attribute.codes)
    told = np.flatnonzero(codes >= 0)
    of_customers = attribute.of == "customer"
    unit = told if of_customers else view.customer_of_row().take(told).astype(np.int64)
    row = view.offsets.take(told) if of_customers else told
    sizes = np.bincount(codes.take(told), minlength=len(attribute.categories))
    labels = arm_labels(attribute.categories, sizes, plan.arms)
    placed = _placed(unit, labels.place.take(codes.take(told)), view.n_customers, len(labels.arms))
    # Rows of a unit ascend in time: of those written backwards the first one stays.
    first_row = np.zeros(view.n_customers, dtype=np.int64)
    first_row[unit[::-1]] = row[::-1]
    first_row = first_row.take(placed.kept)
    return Exposures(
        unit="session" if view.owner is not None else "customer",
        arms=labels.arms,
        arm=placed.arm,
        moment=view.time.take(first_row),
        customer=placed.kept if view.owner is None else view.owner.take(placed.kept).astype(np.int64),
        place=placed.kept,
        log=view,
        # Whoever has no value was not exposed.
        left_out={**placed.left_out, "no_arm": 0},
        merged=labels.merged,
        first_row=first_row,
    )


def units_of_ids(log: EventLog, ids: pa.LargeStringArray) -> np.ndarray:
    """The position in the log of each of these customers, -1 for strangers; ids ascend, each once."""
    known = log.customer_ids
    if len(ids) == len(known) and ids.equals(known):
        return np.arange(len(ids), dtype=np.int64)
    return _positions(ids, known)


def _positions(texts: pa.LargeStringArray | pa.ChunkedArray, known: pa.LargeStringArray) -> np.ndarray:
    found = pc.fill_null(pc.index_in(texts, value_set=known, skip_nulls=True), -1)
    return np.asarray(found).astype(np.int64)


def labels_of(arm: Encoded, planned: Sequence[Arm] = ()) -> ArmLabels:
    """The labels of a column as arms; see arm_labels."""
    rows = np.bincount(arm.codes + 1, minlength=len(arm.values) + 1)[1:]
    return arm_labels(arm.values.to_pylist(), rows, planned)


def _placed(
    unit: np.ndarray, group: np.ndarray, n: int, n_arms: int, inside: np.ndarray | None = None
) -> _Placed:
    """Who of `n` units is in one arm alone? `group` is each row's arm, from n_arms on an unknown one."""
    inside = np.ones(n, dtype=bool) if inside is None else inside
    told = group >= 0
    who, what = (unit, group) if told.all() else (unit.compress(told), group.compress(told))
    first = np.full(n, -1, dtype=np.int32)
    first[who] = what
    twice = np.zeros(n, dtype=bool)
    twice[who.compress(first.take(who) != what)] = True
    reasons = {
        "filtered": ~inside,
        "two_arms": inside & twice,
        "unknown_arm": inside & ~twice & (first >= n_arms),
        "no_arm": inside & (first < 0),
    }
    kept = np.flatnonzero(inside & ~twice & (first >= 0) & (first < n_arms))
    counted = {reason: int(flags.sum()) for reason, flags in reasons.items()}
    return _Placed(kept, first.take(kept).astype(np.int8), counted)


def _earliest(unit_of_row: np.ndarray, when: np.ndarray, n: int) -> np.ndarray:
    """The first instant of each unit among its rows, UNTIMED where none of them has one."""
    rows = np.flatnonzero((unit_of_row >= 0) & (when != UNTIMED))
    who, time = unit_of_row.take(rows), when.take(rows)
    found = np.full(n, _LATER)
    found[who] = time
    if len(who) > n or (found.take(who) != time).any():
        np.minimum.at(found, who, time)
    found[found == _LATER] = UNTIMED
    return found


def _at_midnight(moment: np.ndarray, log: EventLog) -> np.ndarray:
    """The beginning of the day of each instant in the log's zone."""
    known = np.flatnonzero(moment != UNTIMED)
    if not len(known):
        return moment
    times = moment.take(known)
    low, high = (
        dt.datetime.fromtimestamp(int(one) / 1e6, dt.UTC).date() for one in (times.min(), times.max())
    )
    days = [low + dt.timedelta(days=n) for n in range(-1, (high - low).days + 2)]
    midnights = np.array([day_start(day, log.zone) for day in days])
    found = moment.copy()
    found[known] = midnights.take(np.searchsorted(midnights, times, side="right") - 1)
    return found
