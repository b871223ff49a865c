"""When was it? Dates and times as people and programs write them, one reading for a whole column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from journey.events import time_numbers, time_stamps, time_words
from journey.events.time_stamps import FIRST, LAST
from journey.findings import Finding
from journey.sources.raw_table import as_text

__all__ = ["Times", "parse_times"]

_DAY = 86_400_000_000
_SAMPLE = 500
_ISO = r"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?$"
_ISO_ZONED = r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)$"


@dataclass(frozen=True, eq=False)
class Times:
    """Instants in UTC, one a row, NaT where there is none.

    `missing` cells were empty, `invalid` ones held something that is no date (Feb 30, month 13, a year
    before 1901 or after 2261). `date_only` flags rows without a clock time. `unit` is how the column was
    read: text, day_number (20240305), seconds, milliseconds, microseconds, nanoseconds, excel_1900 or
    excel_1904. `order` is ymd, dmy or mdy. `ambiguous` is a note with the readings where another order
    would have read every cell as well.
    """

    values: np.ndarray
    missing: int
    invalid: int
    date_only: np.ndarray
    unit: str = "text"
    order: str = "ymd"
    ambiguous: Finding | None = None

    @property
    def mostly_dates(self) -> bool:
        """More than half of the times that were read have no clock time."""
        return int(self.date_only.sum()) * 2 > int((~np.isnat(self.values)).sum())

    def notes(self, column: str) -> list[Finding]:
        """What the owner of the column of this name should know about its reading."""
        notes: list[Finding] = []
        if self.unit != "text":
            notes.append(Finding(f"events.unit_{self.unit}", {"column": column}))
        if self.invalid:
            notes.append(Finding("events.times_invalid", {"column": column, "rows": self.invalid}))
        if self.ambiguous is not None:
            notes.append(self.ambiguous)
        return notes


def parse_times(
    column: pd.Series, *, zone: str = "Asia/Seoul", order: str | None = None, excel_1904: bool = False
) -> Times:
    """Read a column of text as instants. Naive times are wall time of `zone`; epoch numbers are UTC.

    One order (year, day and month) holds for the whole column: `order`, or the one that reads most cells,
    of equals year-month-day, then month-day-year. In an hour that happens twice the later instant is taken;
    one that a clock change skips is moved to its end. Excel serials count from 1900, or from 1904 when said
    so.
    """
    if isinstance(column.dtype, pd.DatetimeTZDtype) or column.dtype.kind == "M":
        return _stamps(column, zone)
    texts = as_text(column.astype("str") if column.dtype.kind in "iufO" else column)
    if texts.null_count:
        texts = pc.fill_null(texts, "")
    return (
        _iso(texts, zone) or _whole_numbers(texts, zone, excel_1904) or _any(texts, zone, order, excel_1904)
    )


def _stamps(column: pd.Series, zone: str) -> Times:
    wall = (
        column.dt.tz_convert("UTC").dt.tz_localize(None)
        if isinstance(column.dtype, pd.DatetimeTZDtype)
        else column
    )
    values = wall.to_numpy().astype("datetime64[us]")
    missing = int(np.isnat(values).sum())
    date_only = ~np.isnat(values) & (values.astype(np.int64) % _DAY == 0)
    if wall is column:
        values = to_utc(values, zone)
    return _checked(values, np.isnat(values).sum() - missing, missing, date_only)


def _sample(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Cells from the beginning and the end, the empty ones left out."""
    ends = pa.chunked_array(
        [*texts.slice(0, _SAMPLE).chunks, *texts.slice(max(0, len(texts) - _SAMPLE)).chunks]
    )
    return ends.filter(pc.not_equal(ends, ""))


def _iso(texts: pa.ChunkedArray, zone: str) -> Times | None:
    """The whole column at once where every cell is plain ISO text; None where one is not."""
    sample = _sample(texts)
    if not len(sample):
        return None
    plain = pc.all(pc.match_substring_regex(sample, _ISO)).as_py()
    if not plain and not pc.all(pc.match_substring_regex(sample, _ISO_ZONED)).as_py():
        return None
    stamped = time_stamps.read(texts) if plain else None
    if stamped is not None:
        return Times(to_utc(stamped, zone), 0, 0, np.zeros(len(stamped), dtype=bool))
    empty = pc.equal(texts, "")
    missing = pc.sum(empty).as_py() or 0
    if missing:
        texts = pc.if_else(empty, pa.scalar(None, pa.large_string()), texts)
    try:
        stamps = pc.cast(texts, pa.timestamp("us") if plain else pa.timestamp("us", "UTC"))
    except pa.ArrowInvalid:
        return None
    values = _microseconds(stamps)
    date_only = pc.fill_null(pc.less_equal(pc.binary_length(texts), 10), False).to_numpy()
    return _checked(to_utc(values, zone) if plain else values, 0, missing, date_only)


def _microseconds(stamps: pa.ChunkedArray) -> np.ndarray:
    return stamps.cast(pa.timestamp("us")).to_numpy().astype("datetime64[us]", copy=False)


def _whole_numbers(texts: pa.ChunkedArray, zone: str, excel_1904: bool) -> Times | None:
    """The whole column at once where every cell is a whole number of one unit."""
    sample = _sample(texts)
    if not len(sample) or not pc.all(pc.match_substring_regex(sample, r"^(\d{1,18}|[1-8]\d{18})$")).as_py():
        return None
    empty = pc.equal(texts, "")
    missing = pc.sum(empty).as_py() or 0
    if missing:
        texts = pc.if_else(empty, pa.scalar(None, pa.large_string()), texts)
    try:
        whole = pc.cast(texts, pa.int64())
    except pa.ArrowInvalid:
        return None
    known = pc.is_valid(whole).to_numpy()
    numbers = pc.fill_null(whole, 0).to_numpy()
    return _numbers(numbers, np.zeros(len(numbers), np.int64), known, zone, excel_1904, missing, 0)


def _numbers(
    whole: np.ndarray,
    tiny: np.ndarray,
    known: np.ndarray,
    zone: str,
    excel_1904: bool,
    missing: int,
    other: int,
) -> Times:
    """`tiny` are 1e-12 after the point; `other` cells were no numbers."""
    read = time_numbers.read(whole, tiny, known, excel_1904=excel_1904)
    values = to_utc(read.values, zone) if read.wall else read.values
    return _checked(
        values, 0, missing, read.date_only & known, unit=read.unit, cells=int(known.sum()) + other
    )


def _any(texts: pa.ChunkedArray, zone: str, order: str | None, excel_1904: bool) -> Times:
    """The general way: distinct cells only, each tidied and matched against the grammar."""
    codes, distinct = pd.factorize(pd.Series(texts.to_pandas()))
    cells = pa.array(distinct, pa.large_string())
    counts = np.bincount(codes, minlength=len(cells))
    tidy = time_words.tidy(cells)
    filled = pc.not_equal(tidy, "").to_numpy(zero_copy_only=False)
    missing = int(counts[~filled].sum())
    whole, tiny, is_number = time_numbers.split(tidy)
    if counts[is_number].sum() * 2 > counts[filled].sum():
        whole, tiny, known = whole[codes], tiny[codes], is_number[codes]
        return _numbers(
            whole, tiny, known, zone, excel_1904, missing, int((filled & ~is_number)[codes].sum())
        )
    read = time_words.read(tidy, counts * filled, order)
    wall = to_utc(read.wall, zone)
    values = np.where(read.zoned, read.wall - read.offset.astype("timedelta64[us]"), wall)
    times = _checked(
        values[codes], 0, missing, read.date_only[codes], order=read.order, cells=len(codes) - missing
    )
    return Times(times.values, missing, times.invalid, times.date_only, "text", read.order, read.ambiguous)


def _checked(
    values: np.ndarray,
    invalid: int,
    missing: int,
    date_only: np.ndarray,
    *,
    unit: str = "text",
    order: str = "ymd",
    cells: int | None = None,
) -> Times:
    """Take out what lies outside the years that can be true, and count it."""
    outside = (values < FIRST) | (values >= LAST)
    if outside.any():
        values = np.where(outside, np.datetime64("NaT", "us"), values)
    lost = np.isnat(values)
    invalid = int(lost.sum()) - missing if cells is None else cells - int((~lost).sum())
    return Times(values, missing, invalid, date_only & ~lost, unit, order)


def to_utc(wall: np.ndarray, zone: str) -> np.ndarray:
    """Instants of wall-clock times in a time zone."""
    spread = _spread(wall)
    if spread is None:
        return wall
    first, last = spread
    # Away from clock changes the zone is a constant, which is ten times faster to subtract.
    days = pd.date_range(str(first - 1), str(last + 2), freq="D").to_numpy().astype("datetime64[us]")
    shifts = days - _localised(days, zone)
    if (shifts == shifts[0]).all():
        return wall - shifts[0] if shifts[0] else wall
    inside = np.where((wall >= FIRST) & (wall < LAST), wall, np.datetime64("NaT", "us"))
    return _localised(inside, zone)


def _spread(wall: np.ndarray) -> tuple[np.datetime64, np.datetime64] | None:
    """First and last day of the times that can be true; None without any."""
    # As numbers NaT is the smallest, so the common case costs two looks at each time and no copy.
    numbers = wall.view(np.int64)
    low, high = FIRST.astype(np.int64), LAST.astype(np.int64)
    if not len(numbers) or numbers.min() < low or numbers.max() >= high:
        numbers = numbers[(numbers >= low) & (numbers < high)]
        if not len(numbers):
            return None
    first, last = np.array([numbers.min(), numbers.max()]).view("datetime64[us]").astype("datetime64[D]")
    return first, last


def _localised(wall: np.ndarray, zone: str) -> np.ndarray:
    standard = np.zeros(len(wall), dtype=bool)
    index = pd.DatetimeIndex(wall).tz_localize(zone, ambiguous=standard, nonexistent="shift_forward")
    return index.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[us]")
