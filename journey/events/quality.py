"""How good is this file? What was repaired, left out or looks odd, and which rows are not used."""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journey.events.cleaned import REASONS, Cleaned
from journey.events.kinds import TableChoice
from journey.events.log import EventLog, day_start
from journey.events.masking import masked_texts
from journey.events.times import parse_times
from journey.findings import Finding
from journey.sources.raw_table import RawTable, as_text
from journey.sources.single_names import SingleNames

__all__ = ["GROUPS", "Quality", "quality", "reason_of", "rejected"]

# Where each note belongs; a test sees to it that none is forgotten. A note that stands nowhere is told.
GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        group: tuple(codes)
        for group, codes in json.loads(
            resources.files(__package__).joinpath("note_groups.json").read_text(encoding="utf-8")
        ).items()
    }
)
_GROUP_OF = {code: group for group, codes in GROUPS.items() for code in codes}

_MOST_ROWS_OF_ONE = 0.4
_MANY_DROPPED = 0.05
_FEWEST_ROWS = 20
_FEWEST_DAYS = 14
_ROWS_A_DAY = 50
_SAMPLE = 10_000
_EVENT_ID = re.compile(r"^\$?(event|insert|message)id$|^(event)?uuid$|^이벤트(id|번호)$")


@dataclass(frozen=True)
class Quality:
    """The quality card of one file.

    `rows_read` are the rows that could be split into fields, with a totals row; `rows_used` those of them
    that count. Each note is in one group: what was `repaired`, what was `dropped`, what looks `odd` and
    should be looked at, and what is only `told`.
    """

    rows_read: int
    rows_used: int
    repaired: tuple[Finding, ...] = ()
    dropped: tuple[Finding, ...] = ()
    odd: tuple[Finding, ...] = ()
    told: tuple[Finding, ...] = ()


def quality(raw: RawTable, made: Cleaned, *, choice: TableChoice | None = None) -> Quality:
    """All notes of a file in four groups, with what looks odd about its rows and columns.

    `raw` is the table that `made` was cleaned from. With the `choice` of columns the order of the rows in
    the file is looked at too, on 10,000 of them.
    """
    groups: dict[str, list[Finding]] = {group: [] for group in GROUPS}
    for note in (*raw.notes, *made.notes, *_oddities(raw, made, choice)):
        group = groups[_GROUP_OF.get(note.code, "told")]
        if note not in group:
            group.append(note)
    return Quality(made.rows, made.used, **{group: tuple(notes) for group, notes in groups.items()})


def _oddities(raw: RawTable, made: Cleaned, choice: TableChoice | None) -> Iterator[Finding]:
    dropped = made.rows - made.used - int((made.reason == REASONS.index("total")).sum())
    if dropped > _MANY_DROPPED * made.rows:
        yield Finding("quality.dropped_many", {"rows": dropped, "share": dropped / made.rows})
    yield from _columns(raw)
    yield from _ids(made)
    if made.log is not None and not made.log.is_empty:
        yield from _rows_of_one(made.log)
        yield from _days(made.log)
    if choice is not None:
        yield from _order(raw, choice)


def _columns(raw: RawTable) -> Iterator[Finding]:
    """Columns that say nothing, and ids of events that come back."""
    constant: list[str] = []
    empty: list[str] = []
    for name in raw.frame.columns:
        texts = as_text(raw.frame[name])
        first = texts[0].as_py()
        if len(texts) >= _FEWEST_ROWS and pc.all(pc.equal(pc.fill_null(texts, ""), first or "")).as_py():
            (constant if (first or "").strip() else empty).append(name)
        elif _EVENT_ID.search(re.sub(r"[\s_\-.]", "", unicodedata.normalize("NFKC", name).casefold())):
            filled = texts.filter(pc.not_equal(pc.fill_null(texts, ""), ""))
            again = len(filled) - pc.count_distinct(filled).as_py()
            if again:
                yield Finding("quality.event_ids_repeated", {"column": name, "rows": again})
    if empty:
        yield Finding("quality.columns_empty", {"n": len(empty), "columns": empty[:5]})
    if constant:
        yield Finding("quality.columns_constant", {"n": len(constant), "columns": constant[:5]})


def _ids(made: Cleaned) -> Iterator[Finding]:
    """Ids that differ only in capitals, leading zeros or ".0": part of the file went through Excel."""
    ids = made.customer_ids
    if not len(ids):
        return
    alike = pc.utf8_lower(pc.replace_substring_regex(pc.replace_substring_regex(ids, r"\.0$", ""), "^0+", ""))
    twins = len(ids) - pc.count_distinct(alike).as_py()
    if twins:
        yield Finding("quality.ids_alike", {"n": twins})


def _rows_of_one(log: EventLog) -> Iterator[Finding]:
    most = int(np.diff(log.offsets).max())
    if log.n_customers > 2 and log.n_rows >= _FEWEST_ROWS and most >= _MOST_ROWS_OF_ONE * log.n_rows:
        yield Finding("quality.one_customer", {"rows": most, "share": most / log.n_rows})


def _days(log: EventLog) -> Iterator[Finding]:
    """Times that are all one, a day that has far too much, and days that are missing among busy ones."""
    if log.n_rows < _FEWEST_ROWS:
        return
    if int(log.time.max()) // 1_000_000 == int(log.time.min()) // 1_000_000:
        yield Finding("quality.one_second", {"rows": log.n_rows})
        return
    first, last = log.days()
    starts = [first + dt.timedelta(days=day) for day in range((last - first).days + 2)]
    edges = np.array([day_start(day, log.zone) for day in starts])
    counts = np.histogram(log.time, bins=edges)[0]
    if len(counts) < _FEWEST_DAYS:
        return
    top = int(counts.argmax())
    if counts[top] >= _MOST_ROWS_OF_ONE * log.n_rows:
        share = float(counts[top] / log.n_rows)
        yield Finding("quality.one_day", {"day": starts[top], "share": share})
    gaps = np.flatnonzero(counts == 0)
    if len(gaps) and len(gaps) * 10 < len(counts) and np.median(counts) >= _ROWS_A_DAY:
        yield Finding("quality.days_empty", {"n": len(gaps), "day": starts[gaps[0]]})


def _order(raw: RawTable, choice: TableChoice) -> Iterator[Finding]:
    column = choice.one("time")
    if column is None or column not in raw.frame.columns:
        return
    rows = np.unique(np.linspace(0, len(raw.frame) - 1, min(_SAMPLE, len(raw.frame))).astype(np.int64))
    some = raw.frame[column].iloc[rows]
    times = parse_times(some, zone=choice.zone, order=choice.date_order).values
    steps = np.diff(times[~np.isnat(times)].astype(np.int64))
    if (steps < 0).any() and (steps > 0).any():
        yield Finding("quality.out_of_order", {"column": column})


def rejected(raw: RawTable, made: Cleaned) -> pa.Table:
    """Every row of the file that is not used, why, and what it holds, with personal data masked.

    `row` is the line as an editor or spreadsheet counts it: the line of the names (0 without names), plus
    the row's place below it, plus the torn rows above it whose line is known. It is late by one for each
    blank line, second line of names and line break in a cell above it. `reason` is a code of REASONS, or
    `fields` for a row that had a wrong number of fields: its text stands in the first column (the first
    1,000 are shown). The file's own columns follow, as text; one called row or reason is numbered: "row.1".
    """
    places = np.flatnonzero(made.reason)
    torn = list(raw.rejected_rows)
    nothing = pa.nulls(len(torn), pa.large_string())
    known = [line or None for line in raw.rejected_lines] or [None] * len(torn)
    columns: dict[str, pa.ChunkedArray] = {
        "row": _chunked(pa.array(_lines(raw, places)), pa.array(known, pa.int64())),
        "reason": _chunked(
            pa.array(np.array(REASONS, dtype=object)[made.reason[places]], pa.large_string()),
            pa.array(["fields"] * len(torn), pa.large_string()),
        ),
    }
    names = SingleNames(columns)
    for position, name in enumerate(raw.frame.columns):
        cells = as_text(raw.frame[name]).take(pa.array(places)).combine_chunks()
        lines = pa.array(torn, pa.large_string()) if position == 0 else nothing
        columns[names.of(name)] = masked_texts(_chunked(cells, lines), name)
    return pa.table(columns)


def _lines(raw: RawTable, places: np.ndarray) -> np.ndarray:
    torn = np.array(sorted(line for line in raw.rejected_lines if line > raw.header_line), dtype=np.int64)
    lines = places.astype(np.int64) + raw.header_line + 1
    return lines + np.searchsorted(torn - np.arange(len(torn)), lines, side="right")


def reason_of(code: str) -> Finding:
    """Why a row is not used, in words: the sentence of a code in the column `reason` of `rejected`."""
    return Finding(f"quality.reason_{code}")


def _chunked(*arrays: pa.Array) -> pa.ChunkedArray:
    return pa.chunked_array(
        [one.combine_chunks() if isinstance(one, pa.ChunkedArray) else one for one in arrays]
    )
