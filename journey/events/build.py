"""A raw table and a choice of columns -> an event log, with a note on all that was dropped or repaired."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from journey.errors import ColumnMissing, SettingWrong
from journey.events.columns import ColumnChoice
from journey.events.identity import clean_ids, clean_texts
from journey.events.log import EventLog
from journey.events.times import Times, parse_times
from journey.findings import Finding
from journey.sources.files import RawTable, as_text, text_series

__all__ = ["CONSTANT_EVENT", "event_log"]

CONSTANT_EVENT = "event"
_WHO, _WHAT, _WHEN, _VISIT = "customer", "event", "time", "session"


def event_log(
    raw: RawTable,
    columns: ColumnChoice,
    *,
    zone: str = "Asia/Seoul",
    drop_duplicates: bool = False,
    excel_1904: bool = False,
    order: str | None = None,
    now: dt.datetime | None = None,
) -> EventLog:
    """Read the chosen columns of a table as events.

    A row without customer, event or time is dropped and counted by reason; exact duplicates of a row (in
    every column of the file) are kept and counted unless `drop_duplicates`. Naive times are wall time of
    `zone`; `order` (ymd, mdy, dmy) overrules the reading of ambiguous dates. Rows after `now` stay but do
    not stretch `observed`. Attributes that never change within a customer become customer attributes.
    Raises ColumnMissing with the nearest name, SettingWrong for an unknown zone, NoUsableRows when none is
    left.
    """
    _check(raw, columns, zone)
    frame = raw.frame if raw.total_row is None else raw.frame.drop(index=raw.frame.index[raw.total_row])
    notes = list(raw.notes)
    log, times = _built(frame, columns, zone, order, excel_1904)
    twice = _duplicates(frame, columns, log)
    if twice is not None and drop_duplicates:
        log, times = _built(frame[~twice], columns, zone, order, excel_1904)
        notes.append(Finding("events.duplicates_dropped", {"rows": int(twice.sum())}))
    elif twice is not None:
        notes.append(Finding("events.duplicates_kept", {"rows": int(twice.sum())}))
    notes += _time_notes(columns.time, times)
    if columns.event is None:
        notes.append(Finding("events.event_constant_used", {"event": CONSTANT_EVENT}))
    log = replace(_steady_attributes(log), date_only=times.mostly_dates)
    log, later = _observed(log, now)
    notes += [*log.notes, *later]
    if len(log.tied):
        notes.append(Finding("events.rows_tied", {"rows": len(log.tied)}))
    if log.date_only:
        notes.append(Finding("events.date_only"))
    return replace(log, notes=tuple(notes))


def _built(
    frame: pd.DataFrame, columns: ColumnChoice, zone: str, order: str | None, excel_1904: bool
) -> tuple[EventLog, Times]:
    times = parse_times(frame[columns.time], zone=zone, order=order, excel_1904=excel_1904)
    names = {f"a{i}": name for i, name in enumerate(columns.attributes)}
    log = EventLog.from_frame(
        _table(frame, columns, times),
        customer=_WHO,
        event=_WHAT,
        time=_WHEN,
        attributes=tuple(names),
        session=_VISIT if columns.session else None,
        zone=zone,
    )
    return replace(log, attributes={names[key]: a for key, a in log.attributes.items()}), times


def _check(raw: RawTable, columns: ColumnChoice, zone: str) -> None:
    have = list(raw.frame.columns)
    wanted = [columns.customer, columns.event, columns.time, columns.session, *columns.attributes]
    for name in wanted:
        if name is not None and name not in raw.frame.columns:
            raise ColumnMissing(name=name, have=have, near=_nearest(name, have))
    try:
        pd.Timestamp(0, tz=zone)
    except (KeyError, ValueError):  # zoneinfo's ZoneInfoNotFoundError is a KeyError
        raise SettingWrong(
            setting="zone", value=zone, allowed="Asia/Seoul, UTC, Europe/London, ..."
        ) from None


def _nearest(name: str, have: Sequence[str]) -> str:
    folded = {column.casefold(): column for column in reversed(have)}
    near = difflib.get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.5)
    return folded[near[0]] if near else ""


def _duplicates(frame: pd.DataFrame, columns: ColumnChoice, log: EventLog) -> np.ndarray | None:
    """Flags of the usable rows that repeat an earlier row in every column of the file; None without any.

    Such rows share customer, time and event, so only customers with two rows of one kind at one time are
    looked at.
    """
    again = (log.time[1:] == log.time[:-1]) & (log.event[1:] == log.event[:-1]) & ~log.start[1:]
    if not again.any():
        return None
    places = np.unique(np.searchsorted(log.offsets, np.flatnonzero(again) + 1, side="right") - 1)
    suspects = log.customer_ids.take(pa.array(places))
    ids = clean_ids(as_text(frame[columns.customer]))
    rows = np.flatnonzero(pc.is_in(ids, suspects).to_numpy())
    repeated = rows[frame.iloc[rows].duplicated().to_numpy()]
    if not len(repeated):
        return None
    flags = np.zeros(len(frame), dtype=bool)
    flags[repeated] = True
    return flags


def _table(frame: pd.DataFrame, columns: ColumnChoice, times: Times) -> pd.DataFrame:
    """The chosen columns under fixed names, cleaned: missing is null."""

    def column(name: str, values: pa.ChunkedArray) -> None:
        made[name] = text_series(values)

    made: dict[str, pd.Series] = {}
    column(_WHO, clean_ids(as_text(frame[columns.customer])))
    if columns.event is None:
        column(_WHAT, pa.chunked_array([pa.repeat(pa.scalar(CONSTANT_EVENT, pa.large_string()), len(frame))]))
    else:
        column(_WHAT, _null_if_empty(clean_texts(as_text(frame[columns.event]))))
    made[_WHEN] = pd.Series(times.values, copy=False).dt.tz_localize("UTC")
    for key, source in [(_VISIT, columns.session), *((f"a{i}", a) for i, a in enumerate(columns.attributes))]:
        if source is not None:
            cleaned = clean_texts(as_text(frame[source]))
            column(key, clean_ids(cleaned) if key == _VISIT else _null_if_empty(cleaned))
    return pd.DataFrame(made, copy=False)


def _null_if_empty(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    empty = pc.equal(texts, "")
    if not pc.any(empty).as_py():
        return texts
    return pc.if_else(empty, pa.scalar(None, pa.large_string()), texts)


def _time_notes(column: str, times: Times) -> list[Finding]:
    notes: list[Finding] = []
    if times.unit != "text":
        notes.append(Finding(f"events.unit_{times.unit}", {"column": column}))
    if times.invalid:
        notes.append(Finding("events.times_invalid", {"column": column, "rows": times.invalid}))
    if times.ambiguous is not None:
        notes.append(times.ambiguous)
    return notes


def _steady_attributes(log: EventLog) -> EventLog:
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


def _observed(log: EventLog, now: dt.datetime | None) -> tuple[EventLog, list[Finding]]:
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
