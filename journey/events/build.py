"""A raw table and a choice of columns -> an event log, with a note on all that was dropped or repaired."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa

from journey.errors import ColumnMissing, SettingWrong
from journey.events.blocks import looked_up
from journey.events.cleaned import REASONS
from journey.events.columns import ColumnChoice
from journey.events.encode import Encoded, encode
from journey.events.identity import LONGEST, clean_ids, clean_texts, shortened
from journey.events.log import EventLog
from journey.events.numbers import parse_numbers
from journey.events.times import Times, parse_times
from journey.findings import Finding
from journey.sources.raw_table import RawTable, as_text, text_series

__all__ = [
    "CONSTANT_EVENT",
    "check_columns",
    "check_zone",
    "event_rows",
    "finished",
    "notes_on_times",
    "steady_attributes",
    "with_total",
]

CONSTANT_EVENT = "event"


def event_rows(
    raw: RawTable,
    columns: ColumnChoice,
    *,
    zone: str = "Asia/Seoul",
    drop_duplicates: bool = False,
    excel_1904: bool = False,
    order: str | None = None,
    now: dt.datetime | None = None,
) -> tuple[EventLog, np.ndarray]:
    """Read the chosen columns of a table as events; tell of each row why it is not used (`cleaned.REASONS`).

    A row without customer, event or time is dropped and counted by reason; exact duplicates of a row (in
    every column of the file) are kept and counted unless `drop_duplicates`. Naive times are wall time of
    `zone`; `order` (ymd, mdy, dmy) overrules the reading of ambiguous dates. Rows after `now` stay but do
    not stretch `observed`. Attributes that never change within a customer become customer attributes.
    Raises ColumnMissing with the nearest name, SettingWrong for an unknown zone, NoUsableRows when none is
    left.
    """
    single = [columns.customer, columns.event, columns.time, columns.session, columns.amount]
    wanted = [*single, *columns.attributes]
    check_columns(raw, [name for name in wanted if name is not None])
    check_zone(zone)
    frame = raw.frame if raw.total_row is None else raw.frame.drop(index=raw.frame.index[raw.total_row])
    notes = list(raw.notes)
    made = _built(frame, columns, zone, order, excel_1904)
    reason = _reasons(made)
    twice = _duplicates(frame, made)
    if twice is not None and drop_duplicates:
        made = _built(frame[~twice], columns, zone, order, excel_1904)
        reason[twice] = REASONS.index("duplicate")
        notes.append(Finding("events.duplicates_dropped", {"rows": int(twice.sum())}))
    elif twice is not None:
        notes.append(Finding("events.duplicates_kept", {"rows": int(twice.sum())}))
    log, times = made.log, made.times
    notes += times.notes(columns.time)
    if made.cut:
        notes.append(Finding("events.texts_cut", {"n": made.cut, "most": LONGEST}))
    if made.unreadable:
        told = {"column": columns.amount, "n": made.unreadable}
        notes.append(Finding("tables.numbers_unreadable", told))
    if columns.event is None:
        notes.append(Finding("events.event_constant_used", {"event": CONSTANT_EVENT}))
    log = finished(log, notes, date_only=times.mostly_dates, now=now)
    return log, with_total(reason, raw)


def finished(
    log: EventLog, notes: Sequence[Finding], *, date_only: bool, now: dt.datetime | None
) -> EventLog:
    """A log that was just sorted, with all that hangs on its rows as a whole, after the `notes` so far."""
    log, later = _up_to_now(replace(steady_attributes(log), date_only=date_only), now)
    return replace(log, notes=(*notes, *log.notes, *later, *notes_on_times(log)))


def notes_on_times(log: EventLog) -> list[Finding]:
    """What the owner of a log should know about its times as a whole."""
    notes: list[Finding] = []
    if len(log.tied):
        notes.append(Finding("events.rows_tied", {"rows": len(log.tied)}))
    if log.date_only:
        notes.append(Finding("events.date_only"))
    return notes


@dataclass(frozen=True, eq=False)
class _Built:
    """A log, and the codes and times of the rows that it was made from, in the order of the file.

    `n_ids` counts the distinct customers of all rows, also of those that were dropped; `unreadable` counts
    amounts that are no numbers.
    """

    log: EventLog
    times: Times
    who: np.ndarray
    what: np.ndarray
    n_ids: int
    cut: int
    unreadable: int


def _built(
    frame: pd.DataFrame, columns: ColumnChoice, zone: str, order: str | None, excel_1904: bool
) -> _Built:
    times = parse_times(frame[columns.time], zone=zone, order=order, excel_1904=excel_1904)
    cut = 0

    def encoded(name: str, clean: Callable[[pa.ChunkedArray], pa.ChunkedArray]) -> Encoded:
        """Codes of a column whose distinct texts are cleaned, each once."""

        def tidy(texts: pa.LargeStringArray) -> pa.LargeStringArray:
            nonlocal cut
            short, found = shortened(clean(pa.chunked_array([texts])).combine_chunks())
            cut += found
            return short

        return encode(as_text(frame[name]), tidy=tidy)

    who, ids = encoded(columns.customer, clean_ids)
    if columns.event is None:
        what, names = np.zeros(len(frame), np.int32), pa.array([CONSTANT_EVENT], pa.large_string())
    else:
        what, names = encoded(columns.event, clean_texts)
    amounts = None if columns.amount is None else parse_numbers(frame[columns.amount])
    log = EventLog.from_codes(
        who,
        ids,
        what,
        names,
        times.values.astype(np.int64),
        has_time=~np.isnat(times.values),
        attributes={name: (*encoded(name, clean_texts), "event") for name in columns.attributes},
        session=None if columns.session is None else encoded(columns.session, clean_ids).codes,
        amount=None if amounts is None else amounts.values,
        zone=zone,
    )
    return _Built(log, times, who, what, len(ids), cut, 0 if amounts is None else amounts.invalid)


def check_columns(raw: RawTable, wanted: Iterable[str]) -> None:
    """Raise ColumnMissing, with the nearest name, for the first column that the table lacks."""
    have = list(raw.frame.columns)
    for name in wanted:
        if name not in raw.frame.columns:
            raise ColumnMissing(name=name, have=have, near=_nearest(name, have))


def check_zone(zone: str) -> None:
    """Raise SettingWrong for what is no time zone."""
    try:
        ZoneInfo(zone)
    # A name that is none (ZoneInfoNotFoundError is a KeyError), none at all, or a folder of zones: "Asia".
    except (KeyError, ValueError, OSError):
        raise SettingWrong(
            setting="zone", value=zone, allowed="Asia/Seoul, UTC, Europe/London, ..."
        ) from None


def with_total(reason: np.ndarray, raw: RawTable) -> np.ndarray:
    """Reasons of the rows without the row of totals -> reasons of all rows of the file."""
    if raw.total_row is None:
        return reason
    return np.insert(reason, raw.total_row, np.uint8(REASONS.index("total")))


def _reasons(made: _Built) -> np.ndarray:
    """Why each row is not used: the first of customer, event and time that it lacks."""
    reason = np.zeros(len(made.who), dtype=np.uint8)
    if made.log.n_rows < len(reason):
        lacks = {
            "no_time": np.isnat(made.times.values),
            "no_event": made.what < 0,
            "no_customer": made.who < 0,
        }
        for name, rows in lacks.items():
            reason[rows] = REASONS.index(name)
    return reason


def _nearest(name: str, have: Sequence[str]) -> str:
    folded = {column.casefold(): column for column in reversed(have)}
    near = difflib.get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.5)
    return folded[near[0]] if near else ""


def _duplicates(frame: pd.DataFrame, made: _Built) -> np.ndarray | None:
    """Flags of the usable rows that repeat an earlier row in every column of the file; None without any.

    Such rows share customer, time and event, so only customers with two rows of one kind at one time are
    looked at, and of them only those rows.
    """
    log, tied = made.log, made.log.tied
    again = tied[1:][(np.diff(tied) == 1) & (log.event.take(tied[1:]) == log.event.take(tied[:-1]))]
    again = again[(log.time.take(again) == log.time.take(again - 1)) & ~log.start.take(again)]
    if not len(again):
        return None
    suspect = np.searchsorted(log.offsets, again, side="right") - 1
    if log.n_customers < made.n_ids:
        # Some ids have no usable row: the log holds the others, in this order.
        usable = (made.who >= 0) & (made.what >= 0) & ~np.isnat(made.times.values)
        suspect = np.flatnonzero(np.bincount(made.who[usable]))[suspect]
    suspects = np.zeros(made.n_ids + 1, dtype=bool)  # the last one is for rows without a customer, -1
    suspects[suspect] = True
    rows = np.flatnonzero(looked_up(suspects, made.who))
    rows = rows[(made.what.take(rows) >= 0) & ~np.isnat(made.times.values.take(rows))]
    kinds = pd.DataFrame(
        {"who": made.who.take(rows), "what": made.what.take(rows), "when": made.times.values.take(rows)}
    )
    alike = np.zeros(len(frame), dtype=bool)
    alike[rows[kinds.duplicated(keep=False).to_numpy()]] = True
    few = pd.DataFrame({name: text_series(as_text(frame[name]).filter(pa.array(alike))) for name in frame})
    repeated = few.duplicated().to_numpy()
    if not repeated.any():
        return None
    alike[alike] = repeated
    return alike


def steady_attributes(log: EventLog) -> EventLog:
    """Attributes with one value a customer belong to the customer; one row a customer proves nothing."""
    if log.n_rows <= log.n_customers:
        return log
    attributes = dict(log.attributes)
    for name, attribute in log.attributes.items():
        same = attribute.codes[1:] == attribute.codes[:-1]
        if attribute.of == "event" and (same | log.start[1:]).all():
            codes = np.ascontiguousarray(attribute.codes[log.offsets[:-1]])
            attributes[name] = replace(attribute, codes=codes, of="customer")
    return replace(log, attributes=attributes)


def _up_to_now(log: EventLog, now: dt.datetime | None) -> tuple[EventLog, list[Finding]]:
    """Leave what lies after `now` out of the observation window, and say how many rows that are."""
    if now is None:
        return log, []
    limit = int(now.timestamp() * 1_000_000)
    future = int((log.time > limit).sum())
    if not future:
        return log, []
    past = log.time[log.time <= limit]
    if not len(past):
        return log, [Finding("events.all_in_future", {"rows": future})]
    observed = (int(past.min()), int(past.max()))
    return replace(log, observed=observed), [Finding("events.rows_in_future", {"rows": future})]
