"""The event log: who did what, when; sorted once, encoded, read-only."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa

from journey.errors import ColumnMissing, NoUsableRows, SettingWrong
from journey.events.encode import encode
from journey.events.order import sort_rows
from journey.events.session_ids import SessionIds
from journey.findings import Finding

__all__ = ["DAY", "MINUTE", "Attribute", "EventLog", "day_start"]

MINUTE = 60_000_000
DAY = 24 * 60 * MINUTE
_FORMAT = 1
# So many rows at once are counted, as counting makes wide numbers of narrow codes.
_BLOCK = 1 << 17
# No row lies outside these days (times.py leaves such years out), and every time zone can express them.
_FIRST_DAY, _LAST_DAY = dt.date(1900, 1, 1), dt.date(2261, 12, 31)


def day_start(day: dt.date, zone: str) -> int:
    """The instant, in microseconds UTC, at which a calendar day begins in a time zone."""
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp()) * 1_000_000


@dataclass(frozen=True, eq=False)
class Attribute:
    """A property of each row (`of="event"`) or of each customer (`of="customer"`).

    `codes` index `categories` (ascending code-point order); -1 is missing.
    """

    codes: np.ndarray
    categories: tuple[str, ...]
    of: Literal["event", "customer"] = "event"


@dataclass(frozen=True, eq=False)
class EventLog:
    """Rows sorted by (customer, time, event name), with text turned into codes.

    customer_ids  one text id a customer; rows of customer i are ``offsets[i]:offsets[i + 1]``, never none; in
                  a log by session they are written only for those who are listed
    event_names   ascending Unicode code-point order; ``event`` holds positions (uint8; uint16 above 255
                  names, uint32 above 65,535)
    time          microseconds since 1970 UTC
    observed      first and last instant of the observation window, in the same unit; a period filter sets it
                  to [from 00:00, to + 1 day) of the zone (`period` is then true), every other filter keeps it
    session       the file's own session column as codes (-1 missing), or None
    date_only     more than half of the times carry no clock time
    owner         only in a log by session: the position of each unit's customer in the log it came from
    amount        money of each row as signed in the file (float64, NaN missing), or None
    origin        position of each customer (of a unit: its customer) in the log that the filters began with;
                  None: nothing was filtered
    notes         what was dropped or repaired on the way in
    """

    customer_ids: pa.LargeStringArray
    event_names: tuple[str, ...]
    offsets: np.ndarray
    event: np.ndarray
    time: np.ndarray
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    observed: tuple[int, int] = (0, 0)
    period: bool = False
    zone: str = "Asia/Seoul"
    session: np.ndarray | None = None
    date_only: bool = False
    owner: np.ndarray | None = None
    amount: np.ndarray | None = None
    origin: np.ndarray | None = None
    notes: tuple[Finding, ...] = ()
    lineage: str = ""

    # ---- made from a table ------------------------------------------------------------------------------

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        customer: str = "customer",
        event: str = "event",
        time: str = "time",
        attributes: Sequence[str] = (),
        customer_attributes: Sequence[str] = (),
        session: str | None = None,
        zone: str = "Asia/Seoul",
    ) -> EventLog:
        """Encode and sort a table with one row an event.

        Rows without customer, event or time are dropped and counted by reason in `notes`; naive times are
        wall time of `zone`. A customer attribute takes the customer's first value that is not missing.
        Raises ColumnMissing for a column the table lacks and NoUsableRows when nothing is left.
        """
        wanted = [customer, event, time, *attributes, *customer_attributes, *([session] if session else [])]
        for name in wanted:
            if name not in frame.columns:
                raise ColumnMissing(name=name, have=list(map(str, frame.columns)), near="")
        who, ids = encode(frame[customer])
        what, names = encode(frame[event])
        when, has_time = _microseconds(frame[time], zone)
        extra: dict[str, tuple[np.ndarray, pa.LargeStringArray]] = {
            name: encode(frame[name]) for name in [*attributes, *customer_attributes]
        }
        by_session = encode(frame[session])[0] if session else None
        log = cls.from_codes(
            who,
            ids,
            what,
            names,
            when,
            has_time=has_time,
            attributes={
                name: (codes, values, "customer" if name in customer_attributes else "event")
                for name, (codes, values) in extra.items()
            },
            session=by_session,
            zone=zone,
        )
        dates = (log.time + _wall_shift(log.time, zone)) % DAY == 0
        return replace(log, date_only=int(dates.sum()) * 2 > log.n_rows)

    @classmethod
    def from_codes(
        cls,
        who: np.ndarray,
        ids: pa.LargeStringArray,
        what: np.ndarray,
        names: pa.LargeStringArray,
        when: np.ndarray,
        *,
        has_time: np.ndarray | None = None,
        attributes: Mapping[str, tuple[np.ndarray, pa.LargeStringArray, Literal["event", "customer"]]]
        | None = None,
        session: np.ndarray | None = None,
        amount: np.ndarray | None = None,
        zone: str = "Asia/Seoul",
        date_only: bool = False,
    ) -> EventLog:
        """Sort encoded rows into a log; `ids` and `names` are in ascending code-point order, -1 is missing.

        Rows without customer, event or time are dropped and counted by reason in `notes`. Rows of one
        customer, time and event are ordered by their attributes (by name), session and amount, so that
        nothing hangs on the order of the rows. Amounts of which none is known are no amounts. Raises
        NoUsableRows when nothing is left.
        """
        attributes = attributes or {}
        known = sorted(attributes)
        columns = [who, what, when, *(attributes[name][0] for name in known)]
        if session is not None:
            columns.append(session)
        if amount is not None:
            columns.append(amount + 0.0)  # one zero: -0.0 would be other bytes
        keep, notes = _usable(who, what, has_time)
        if keep is not None:
            rows = np.flatnonzero(keep)
            columns = [column.take(rows) for column in columns]
        inorder = sort_rows(*columns[:3], n_who=len(ids), n_what=len(names), carried=columns[3:])
        present = np.flatnonzero(inorder.sizes)
        offsets = np.concatenate([[0], np.cumsum(inorder.sizes[present])]).astype(np.int64)
        used = np.flatnonzero(np.bincount(inorder.what, minlength=len(names)))
        event = inorder.what if len(used) == len(names) else np.searchsorted(used, inorder.what)
        return cls(
            customer_ids=ids.take(pa.array(present)) if len(present) != len(ids) else ids,
            event_names=tuple(names.take(pa.array(used)).to_pylist()),
            offsets=offsets,
            event=event.astype(np.min_scalar_type(len(used)), copy=False),
            time=inorder.when,
            attributes={
                name: _attribute(inorder.carried[known.index(name)], values, of, offsets)
                for name, (_, values, of) in attributes.items()
            },
            observed=(int(inorder.when.min()), int(inorder.when.max())),
            zone=zone,
            session=None if session is None else inorder.carried[len(known)].astype(np.int32, copy=False),
            amount=None if amount is None or np.isnan(inorder.carried[-1]).all() else inorder.carried[-1],
            date_only=date_only,
            notes=notes,
        )

    # ---- what it holds ----------------------------------------------------------------------------------

    @property
    def n_customers(self) -> int:
        """How many customers have at least one row."""
        return len(self.offsets) - 1

    @property
    def n_rows(self) -> int:
        return len(self.event)

    @property
    def is_empty(self) -> bool:
        return self.n_rows == 0

    @cached_property
    def start(self) -> np.ndarray:
        """One flag a row: is it its customer's first?"""
        flags = np.zeros(self.n_rows, dtype=bool)
        flags[self.offsets[:-1]] = True
        return flags

    @cached_property
    def tied(self) -> np.ndarray:
        """Positions of the rows that share customer and time with another row, ascending."""
        if self.n_rows < 2:
            return np.zeros(0, dtype=np.int64)
        same = (self.time[1:] == self.time[:-1]) & ~self.start[1:]
        flags = np.zeros(self.n_rows, dtype=bool)
        flags[1:] = same
        flags[:-1] |= same
        return np.flatnonzero(flags)

    @cached_property
    def tie_groups(self) -> np.ndarray:
        """For each row of `tied` a number that rows of one customer and time share, ascending (int32)."""
        who_when = self.time.take(self.tied)
        new = np.ones(len(self.tied), dtype=bool)
        new[1:] = (who_when[1:] != who_when[:-1]) | (np.diff(self.tied) > 1) | self.start.take(self.tied[1:])
        return np.cumsum(new, dtype=np.int32)

    @cached_property
    def last_time(self) -> np.ndarray:
        """The instant of each customer's last row of any kind."""
        return self.time.take(self.offsets[1:] - 1)

    @cached_property
    def event_rows(self) -> np.ndarray:
        """The number of rows of each event name."""
        found = np.zeros(len(self.event_names), dtype=np.int64)
        for low in range(0, self.n_rows, _BLOCK):
            found += np.bincount(self.event[low : low + _BLOCK], minlength=len(found))
        return found

    @cached_property
    def event_sets(self) -> np.ndarray | None:
        """One word a customer: bit i says that it has a row of event i. None above 64 names."""
        names = len(self.event_names)
        if names > 64:
            return None
        word = np.uint32 if names <= 32 else np.uint64
        bits = np.left_shift(1, np.arange(names), dtype=word, casting="unsafe")
        return np.bitwise_or.reduceat(bits.take(self.event), self.offsets[:-1]) if self.n_rows else bits[:0]

    @cached_property
    def fingerprint(self) -> str:
        """A name for exactly this content and notes: equal logs have equal ones, on every machine."""
        if self.lineage:
            return self.lineage
        digest = hashlib.sha256()

        def add(part: np.ndarray) -> None:
            digest.update(f"{part.dtype.name} {len(part)} ".encode())
            digest.update(np.ascontiguousarray(part).data)

        for column in (self.offsets, self.event, self.time, *_plain(self.customer_ids)):
            add(column)
        if self.session is not None:
            add(self.session)
        if self.amount is not None:
            add(self.amount)
        attributes = sorted(self.attributes.items())
        for _, attribute in attributes:
            add(attribute.codes)
        rest = {
            "event_names": self.event_names,
            "attributes": [[name, attribute.of, attribute.categories] for name, attribute in attributes],
            "session": self.session is not None,
            "observed": [int(instant) for instant in self.observed],
            "period": bool(self.period),
            "zone": self.zone,
            "date_only": bool(self.date_only),
            "notes": [[note.code, dict(note.values)] for note in self.notes],
        }
        digest.update(json.dumps(rest, sort_keys=True).encode())
        return digest.hexdigest()

    def customer_of_row(self) -> np.ndarray:
        """The customer's position of each row (int32)."""
        return np.repeat(np.arange(self.n_customers, dtype=np.int32), np.diff(self.offsets))

    def days(self) -> tuple[dt.date, dt.date]:
        """The first and the last calendar day of the observation window, in the log's zone."""
        zone = ZoneInfo(self.zone)
        first, last = (dt.datetime.fromtimestamp(t / 1e6, zone) for t in self.observed)
        if self.period:
            last -= dt.timedelta(microseconds=1)
        return first.date(), last.date()

    # ---- filters: each returns a new log ----------------------------------------------------------------

    def between(self, first: dt.date | None = None, last: dt.date | None = None) -> EventLog:
        """The rows of the days `first` to `last`, both included, in the log's zone; the window becomes it."""
        if first is None and last is None:
            return self
        if first is not None and last is not None and first > last:
            raise SettingWrong(setting="period", value=f"{first} > {last}", allowed="from <= to")
        for day in (first, last):
            if day is not None and not _FIRST_DAY <= day <= _LAST_DAY:
                raise SettingWrong(setting="period", value=day, allowed=f"{_FIRST_DAY} – {_LAST_DAY}")
        first, last = first or self.days()[0], last or self.days()[1]
        low, high = day_start(first, self.zone), day_start(last + dt.timedelta(days=1), self.zone)
        return self._rows((self.time >= low) & (self.time < high), f"between {low} {high}", (low, high))

    def where(self, name: str, values: Iterable[str | None]) -> EventLog:
        """The rows (event attribute) or the whole customers (customer attribute) with one of the values.

        None among the values means rows where the attribute is missing. Raises ColumnMissing.
        """
        if name not in self.attributes:
            raise ColumnMissing(name=name, have=list(self.attributes), near="")
        attribute, wanted = self.attributes[name], set(values)
        hit = np.zeros(len(attribute.categories) + 1, dtype=bool)
        hit[:-1] = [category in wanted for category in attribute.categories]
        hit[-1] = None in wanted
        chosen = hit[attribute.codes]
        step = f"where {json.dumps([name, sorted(map(str, wanted)), None in wanted])}"
        if attribute.of == "customer":
            return self._rows(np.repeat(chosen, np.diff(self.offsets)), step)
        return self._rows(chosen, step)

    def of_customers(self, chosen: np.ndarray) -> EventLog:
        """The rows of some customers; `chosen` is one flag a customer, in the order of `customer_ids`."""
        mark = hashlib.sha256(np.packbits(chosen).tobytes()).hexdigest()
        return self._rows(np.repeat(chosen, np.diff(self.offsets)), f"customers {mark}")

    def by_session(self, gap_minutes: float = 30) -> EventLog:
        """The same rows with each session as the unit that is followed; `owner` tells whose it is.

        The file's session column wins, per (customer, session); rows without one, and files without the
        column, are split where the gap since the customer's previous such row exceeds `gap_minutes`; midnight
        does not split. Sessions of a customer are numbered from 1 by their first instant.
        Raises SettingWrong when more than half of the times are dates only.
        """
        if self.date_only:
            raise SettingWrong(setting="unit", value="session", allowed="customer")
        who = self.customer_of_row()
        order: np.ndarray | None = None
        new = self.start.copy()
        if self.session is None:
            new[1:] |= np.diff(self.time) > gap_minutes * MINUTE
        elif self.n_rows:
            order = np.lexsort((self.time, self.session, who))
            session, time = self.session[order], self.time[order]
            new[1:] = (who[1:] != who[:-1]) | (session[1:] != session[:-1])
            new[1:] |= (session[1:] == -1) & (np.diff(time) > gap_minutes * MINUTE)
            run = np.cumsum(new) - 1
            # Whole sessions by customer and first instant; their rows stay together, in their order.
            begun = time[new].take(run)
            by_instant = np.lexsort((run, begun, who))
            order, new = order[by_instant], np.diff(run[by_instant], prepend=-1) != 0
        first = np.flatnonzero(new)
        owner = who[first]
        pick = slice(None) if order is None else order
        return replace(
            self,
            customer_ids=SessionIds(self.customer_ids, owner),
            offsets=np.r_[first, self.n_rows].astype(np.int64),
            event=self.event[pick],
            time=self.time[pick],
            attributes={
                name: replace(attribute, codes=attribute.codes[pick if attribute.of == "event" else owner])
                for name, attribute in self.attributes.items()
            },
            session=None,
            owner=owner,
            amount=None if self.amount is None else self.amount[pick],
            origin=owner if self.origin is None else self.origin.take(owner),
            lineage=_derive(self.fingerprint, f"sessions {gap_minutes}"),
        )

    def _rows(self, inside: np.ndarray, step: str, period: tuple[int, int] | None = None) -> EventLog:
        changed: dict[str, Any] = {"lineage": _derive(self.fingerprint, step)}
        if period is not None:
            changed |= {"observed": period, "period": True}
        if inside.all():
            return replace(self, **changed)
        sizes = np.add.reduceat(inside, self.offsets[:-1], dtype=np.int64)
        stay, rows = np.flatnonzero(sizes), np.flatnonzero(inside)
        picks = {"event": rows, "customer": stay}
        return replace(
            self,
            customer_ids=self.customer_ids.take(pa.array(stay)),
            offsets=np.r_[0, np.cumsum(sizes[stay])].astype(np.int64),
            event=self.event.take(rows),
            time=self.time.take(rows),
            attributes={
                name: replace(attribute, codes=attribute.codes.take(picks[attribute.of]))
                for name, attribute in self.attributes.items()
            },
            session=None if self.session is None else self.session.take(rows),
            owner=None if self.owner is None else self.owner.take(stay),
            amount=None if self.amount is None else self.amount.take(rows),
            origin=stay if self.origin is None else self.origin.take(stay),
            **changed,
        )

    # ---- kept on disk -----------------------------------------------------------------------------------

    def save(self, folder: Path) -> None:
        """Write the log as memory-mappable files into an existing, empty folder."""
        for name, array in (("offsets", self.offsets), ("event", self.event), ("time", self.time)):
            np.save(folder / f"{name}.npy", array, allow_pickle=False)
        for name, column in (("session", self.session), ("amount", self.amount)):
            if column is not None:
                np.save(folder / f"{name}.npy", column, allow_pickle=False)
        with pa.OSFile(str(folder / "customers.arrow"), "wb") as sink:
            table = pa.table({"customer": self.customer_ids})
            with pa.ipc.new_file(sink, table.schema) as writer:
                writer.write_table(table)
        for position, attribute in enumerate(self.attributes.values()):
            np.save(folder / f"attribute_{position}.npy", attribute.codes, allow_pickle=False)
        meta = {
            "format": _FORMAT,
            "fingerprint": self.fingerprint,
            "event_names": self.event_names,
            "attributes": [[name, a.of, a.categories] for name, a in self.attributes.items()],
            "observed": self.observed,
            "period": self.period,
            "zone": self.zone,
            "date_only": self.date_only,
            "session": self.session is not None,
            "amount": self.amount is not None,
            "notes": [[note.code, dict(note.values)] for note in self.notes],
        }
        (folder / "meta.json").write_text(json.dumps(meta, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def open(cls, folder: Path) -> EventLog:
        """The log that was saved in `folder`, its rows memory-mapped and read-only."""
        meta: dict[str, Any] = json.loads((folder / "meta.json").read_text(encoding="utf-8"))

        def rows(name: str) -> np.ndarray:
            return np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)

        with pa.memory_map(str(folder / "customers.arrow")) as source:
            customers = pa.ipc.open_file(source).read_all().column("customer").combine_chunks()
        return cls(
            customer_ids=customers.chunk(0) if isinstance(customers, pa.ChunkedArray) else customers,
            event_names=tuple(meta["event_names"]),
            offsets=rows("offsets"),
            event=rows("event"),
            time=rows("time"),
            attributes={
                name: Attribute(rows(f"attribute_{position}"), tuple(categories), of)
                for position, (name, of, categories) in enumerate(meta["attributes"])
            },
            observed=tuple(meta["observed"]),
            period=meta["period"],
            zone=meta["zone"],
            session=rows("session") if meta["session"] else None,
            # Logs that were kept before there were amounts do not speak of them.
            amount=rows("amount") if meta.get("amount") else None,
            date_only=meta["date_only"],
            notes=tuple(Finding(code, values) for code, values in meta["notes"]),
            lineage=meta["fingerprint"],
        )


def _plain(texts: pa.LargeStringArray) -> tuple[np.ndarray, np.ndarray]:
    """Where each text ends and the bytes of all, without what a slice leaves around them."""
    if not len(texts):
        return np.zeros(0, np.int64), np.zeros(0, np.uint8)
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    octets = np.frombuffer(data or b"", np.uint8)
    return ends[1:] - ends[0], octets[int(ends[0]) : int(ends[-1])]


def _derive(fingerprint: str, step: str) -> str:
    return hashlib.sha256(f"{fingerprint} {step}".encode()).hexdigest()


def _microseconds(column: pd.Series, zone: str) -> tuple[np.ndarray, np.ndarray]:
    """UTC microseconds, and one flag a row: is there a time?"""
    known = column.notna().to_numpy()
    if column.dt.tz is None:
        standard = np.zeros(len(column), dtype=bool)  # an hour that happens twice is read as the later one
        column = column.dt.tz_localize(zone, ambiguous=standard, nonexistent="shift_forward")
    stamps = column.dt.tz_convert("UTC").dt.tz_localize(None).astype("datetime64[us]")
    return np.where(known, stamps.to_numpy().astype(np.int64), 0), known


def _usable(
    who: np.ndarray, what: np.ndarray, has_time: np.ndarray | None
) -> tuple[np.ndarray | None, tuple[Finding, ...]]:
    """Flags of the rows that have all three (None: all of them), and a note on each reason to drop others."""
    timed = has_time is None or bool(has_time.all())
    if timed and len(who) and who.min() >= 0 and what.min() >= 0:
        return None, ()
    no_customer, no_event = who < 0, what < 0
    no_time = np.zeros(len(who), dtype=bool) if has_time is None else ~has_time
    keep = ~(no_customer | no_event | no_time)
    if not keep.any():
        missing = {"no_customer": no_customer, "no_event": no_event, "no_time": no_time}
        raise NoUsableRows(rows=len(who), **{name: int(flags.sum()) for name, flags in missing.items()})
    reasons = {
        "no_customer": no_customer,
        "no_event": no_event & ~no_customer,
        "no_time": no_time & ~no_customer & ~no_event,
    }
    notes = tuple(
        Finding(f"events.dropped_{reason}", {"rows": int(flags.sum())})
        for reason, flags in reasons.items()
        if flags.any()
    )
    return (keep if notes else None), notes


def _wall_shift(when: np.ndarray, zone: str) -> int:
    """Microseconds from UTC to wall time at the middle of the rows; enough to tell dates from times."""
    if not len(when):
        return 0
    middle = dt.datetime.fromtimestamp(int(np.median(when)) / 1e6, ZoneInfo(zone))
    offset = middle.utcoffset()
    return 0 if offset is None else int(offset.total_seconds() * 1_000_000)


def _attribute(
    codes: np.ndarray, values: pa.LargeStringArray, of: Literal["event", "customer"], offsets: np.ndarray
) -> Attribute:
    codes = codes.astype(np.int32, copy=False)
    return Attribute(
        _first_known(codes, offsets) if of == "customer" else codes, tuple(values.to_pylist()), of
    )


def _first_known(rows: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    known = np.where(rows >= 0, np.arange(len(rows)), len(rows))
    first = np.minimum.reduceat(known, offsets[:-1])
    ends = np.minimum(first, len(rows) - 1)
    return np.where(first < offsets[1:], rows[ends], -1).astype(np.int32)
