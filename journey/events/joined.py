"""Several files of one project -> one log, and how well their customers match."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journey.events.build import notes_on_times, steady_attributes
from journey.events.cleaned import Cleaned
from journey.events.customers import filter_columns
from journey.events.encode import Encoded, encode
from journey.events.log import Attribute, EventLog
from journey.events.matches import Match, matches
from journey.events.orders import ORDER_EVENTS, named
from journey.findings import Finding
from journey.sources.single_names import SingleNames

__all__ = ["Joined", "joined", "with_customers"]

_MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, eq=False)
class Joined:
    """One log of all events and orders (None without any), and how each part's customers match."""

    log: EventLog | None
    matches: tuple[Match, ...]


def joined(parts: Sequence[Cleaned]) -> Joined:
    """Who did what, in all files together?

    The log holds the rows of all events and orders, none left out, and the attributes that tables of
    customers have of its customers. Of several tables the one with most rows comes first; what the log itself
    says about a customer comes before all. With several files of orders, first purchase days are those of all
    of them. Sessions of different files are different sessions. One file's log stays as it is, notes
    included; a log of several files notes only what the joining did. The order of the parts changes nothing.
    """
    logs = [part for part in parts if part.log is not None]
    log = logs[0].log if len(logs) == 1 else _merged(logs) if logs else None
    tables = [part.tables["customers"] for part in parts if part.kind == "customers"]
    if log is not None and tables:
        log = with_customers(log, tables)
    return Joined(log, matches(parts))


# ---- logs --------------------------------------------------------------------------------------------------


def _merged(parts: Sequence[Cleaned]) -> EventLog:
    kinds = {id(part.log): part.kind for part in parts}
    logs = sorted((part.log for part in parts if part.log is not None), key=lambda log: log.fingerprint)
    zone = _zone(logs)
    ids, whose = _united([log.customer_ids for log in logs])
    who = [place[log.customer_of_row()] for log, place in zip(logs, whose, strict=True)]
    names, which = _united([pa.array(log.event_names, pa.large_string()) for log in logs])
    what = [place[log.event] for log, place in zip(logs, which, strict=True)]
    notes = [Finding("tables.joined", {"files": len(logs), "rows": sum(log.n_rows for log in logs)})]
    of_orders = np.repeat([kinds[id(log)] == "orders" for log in logs], [log.n_rows for log in logs])
    all_who, all_what, all_when = (np.concatenate(each) for each in (who, what, [log.time for log in logs]))
    orders = [log for log in logs if kinds[id(log)] == "orders"]
    # Where a file calls orders of several days of a customer `purchase`, its owner wants no other name.
    if len(orders) > 1 and all(map(_tells_first_orders, orders)):
        names, all_what, changed = _orders_named(names, all_what, all_who, all_when, of_orders, zone)
        if changed:
            notes.append(Finding("tables.joined_orders_named", {"n": changed}))
    made = EventLog.from_codes(
        all_who,
        ids,
        all_what,
        names,
        all_when,
        attributes={
            name: (*_attribute(name, logs), "event")
            for name in sorted({name for log in logs for name in log.attributes})
        },
        session=_sessions(logs),
        amount=_amounts(logs),
        zone=zone,
    )
    dates = sum(log.n_rows for log in logs if log.date_only)
    log = replace(steady_attributes(made), date_only=dates * 2 > made.n_rows, observed=_observed(logs))
    again = _repeated(logs, all_who, all_what, all_when)
    if again:
        notes.append(Finding("tables.joined_repeated", {"n": again}))
    if len({log.zone for log in logs}) > 1:
        notes.append(Finding("tables.joined_zones", {"zone": zone}))
    return replace(log, notes=(*notes, *notes_on_times(log)))


def _united(texts: Sequence[pa.LargeStringArray]) -> tuple[pa.LargeStringArray, list[np.ndarray]]:
    """All distinct texts in code-point order, and the place of each text of each part among them."""
    found = encode(pa.chunked_array(texts, pa.large_string()))
    ends = np.cumsum([len(part) for part in texts])
    return found.values, np.split(found.codes, ends[:-1])


def _attribute(name: str, logs: Sequence[EventLog]) -> Encoded:
    """Each row's value of an attribute, -1 in logs that lack it."""
    known = [log.attributes.get(name) for log in logs]
    values, places = _united(
        [pa.array(() if found is None else found.categories, pa.large_string()) for found in known]
    )
    codes = []
    for log, found, place in zip(logs, known, places, strict=True):
        if found is None:
            codes.append(np.full(log.n_rows, -1, np.int32))
            continue
        mine = np.append(place, np.int32(-1))[found.codes]
        codes.append(np.repeat(mine, np.diff(log.offsets)) if found.of == "customer" else mine)
    return Encoded(np.concatenate(codes), values)


def _sessions(logs: Sequence[EventLog]) -> np.ndarray | None:
    if all(log.session is None for log in logs):
        return None
    codes: list[np.ndarray] = []
    used = 0
    for log in logs:
        mine = np.full(log.n_rows, -1, np.int32) if log.session is None else log.session
        codes.append(np.where(mine < 0, -1, mine + used).astype(np.int32))
        used += int(mine.max(initial=-1)) + 1
    return np.concatenate(codes)


def _amounts(logs: Sequence[EventLog]) -> np.ndarray | None:
    """The amount of each row, NaN in logs that have none; None where no log has any."""
    if all(log.amount is None for log in logs):
        return None
    return np.concatenate([np.full(log.n_rows, np.nan) if log.amount is None else log.amount for log in logs])


def _observed(logs: Sequence[EventLog]) -> tuple[int, int]:
    """From the first to the last instant of all; files in the future count only without any others."""
    past = [log for log in logs if all(note.code != "events.all_in_future" for note in log.notes)] or logs
    return min(log.observed[0] for log in past), max(log.observed[1] for log in past)


def _zone(logs: Sequence[EventLog]) -> str:
    """The time zone of most rows."""
    rows = Counter[str]()
    for log in logs:
        rows[log.zone] += log.n_rows
    return min(rows, key=lambda zone: (-rows[zone], zone))


def _repeated(logs: Sequence[EventLog], who: np.ndarray, what: np.ndarray, when: np.ndarray) -> int:
    """How many events (a customer, a time and a name) stand in more than one file?"""
    mark = who.astype(np.uint64)
    for column in (what.astype(np.uint64), when.view(np.uint64)):
        mark = (mark ^ (mark >> np.uint64(29))) * _MIX ^ column
    files = np.split(mark, np.cumsum([log.n_rows for log in logs])[:-1])
    distinct = [_runs(np.sort(file))[0] for file in files]
    _, sizes = _runs(np.sort(np.concatenate(distinct)))
    return int((sizes > 1).sum())


def _runs(inorder: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct values of sorted ones, and how often each stands there; without numpy's slow hashing."""
    new = np.ones(len(inorder), dtype=bool)
    new[1:] = inorder[1:] != inorder[:-1]
    starts = np.flatnonzero(new)
    return inorder[starts], np.diff(starts, append=len(inorder))


def _orders_named(
    names: pa.LargeStringArray,
    what: np.ndarray,
    who: np.ndarray,
    when: np.ndarray,
    of_orders: np.ndarray,
    zone: str,
) -> tuple[pa.LargeStringArray, np.ndarray, int]:
    """The orders named by the first purchase days of all files, and how many names that changed."""
    wanted, (given, own) = _united([names, pa.array(ORDER_EVENTS, pa.large_string())])
    what, rows = given[what], np.flatnonzero(of_orders)
    refund = what[rows] == own[ORDER_EVENTS.index("refund")]
    again = own[named(who[rows], when[rows], refund, zone=zone, n_who=int(who.max()) + 1)]
    changed = int((what[rows] != again).sum())
    what[rows] = again
    return wanted, what, changed


def _tells_first_orders(log: EventLog) -> bool:
    """Does a log of orders call later ones `repurchase`, as far as it has any?"""
    if "repurchase" in log.event_names:
        return True
    refund = np.array([name == "refund" for name in log.event_names])[log.event]
    told = named(log.customer_of_row(), log.time, refund, zone=log.zone, n_who=log.n_customers)
    return not (told == ORDER_EVENTS.index("repurchase")).any()


# ---- attributes of customers -----------------------------------------------------------------------------


def with_customers(log: EventLog, tables: Sequence[pa.Table]) -> EventLog:
    """The log with what the tables say about its customers, as attributes of the customer."""
    attributes = dict(log.attributes)
    own = set(attributes)
    matched = np.zeros(log.n_customers, dtype=bool)
    if len(tables) > 1:
        tables = sorted(tables, key=lambda table: (-table.num_rows, _digest(table)))
    for table in tables:
        ids = table.column("customer").combine_chunks()
        row = pc.fill_null(pc.index_in(log.customer_ids, value_set=ids), -1).to_numpy(zero_copy_only=False)
        matched |= row >= 0
        for column, found in filter_columns(table).items():
            codes = np.append(found.codes, np.int32(-1))[row]
            name = column
            if column in own and attributes[column].of == "event":
                name = SingleNames(own).of(column)
            if (codes >= 0).any():
                attributes[name] = _filled(attributes.get(name), Encoded(codes, found.values))
    added = set(attributes) - own
    note = Finding(
        "tables.joined_customers",
        {"n": len(added), "customers": int(matched.sum()), "share": float(matched.mean())},
    )
    return replace(log, attributes=attributes, notes=(*log.notes, note), lineage="")


def _filled(known: Attribute | None, found: Encoded) -> Attribute:
    """What was known of each customer, and where nothing was, what was found."""
    if known is None:
        return Attribute(found.codes, tuple(found.values.to_pylist()), "customer")
    values, (before, now) = _united([pa.array(known.categories, pa.large_string()), found.values])
    first = np.append(before, np.int32(-1))[known.codes]
    second = np.append(now, np.int32(-1))[found.codes]
    return Attribute(np.where(first >= 0, first, second), tuple(values.to_pylist()), "customer")


def _digest(table: pa.Table) -> str:
    digest = hashlib.sha256()
    for batch in table.select(sorted(table.column_names)).combine_chunks().to_batches():
        digest.update(repr(batch.to_pydict()).encode())
    return digest.hexdigest()
