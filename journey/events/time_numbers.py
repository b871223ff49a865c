"""Numbers that are times: 20240305, seconds since 1970, days since 1900."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["ReadNumbers", "excel", "read", "split"]

_NAT = np.datetime64("NaT", "us")
# Up to 8.9e18, so that it fits 64 bits.
_NUMBER = r"^(?P<whole>\d{1,18}|[1-8]\d{18})(?:\.(?P<part>\d{1,20}))?$"
# Which unit a number's size can mean. Whole days come first: 20240305 is no instant of August 1970.
_EPOCHS = (
    ("seconds", 10**8, 10**10, 1_000_000, 1),
    ("milliseconds", 10**11, 10**13, 1_000, 1),
    ("microseconds", 10**14, 10**16, 1, 1),
    ("nanoseconds", 10**17, 9 * 10**18, 1, 1_000),
)
_EXCEL_LIKELY = (15_000, 80_000)  # 1941 to 2119
_DAYS = (("day_number", 8), ("minute_number", 12), ("second_number", 14))


@dataclass(frozen=True, eq=False)
class ReadNumbers:
    """Times as `unit` says; `wall` is true where they are wall-clock times, false where they are UTC."""

    values: np.ndarray
    unit: str
    wall: bool
    date_only: np.ndarray


def split(texts: pa.LargeStringArray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Whole part, part after the point in 1e-12 (further digits cut), and whether the text is a number."""
    found = pc.extract_regex(texts, _NUMBER)
    is_number = pc.is_valid(found).to_numpy(zero_copy_only=False)
    whole = pc.cast(pc.fill_null(pc.struct_field(found, "whole"), "0"), pa.int64())
    part = pc.fill_null(pc.struct_field(found, "part"), "")
    tiny = pc.cast(pc.utf8_slice_codeunits(pc.utf8_rpad(part, 12, "0"), 0, 12), pa.int64())
    return whole.to_numpy(zero_copy_only=False), tiny.to_numpy(zero_copy_only=False), is_number


def read(whole: np.ndarray, tiny: np.ndarray, known: np.ndarray, *, excel_1904: bool = False) -> ReadNumbers:
    """Find the one unit that most numbers of a column can have, and read them all in it; others become NaT.

    A number is `whole` + `tiny` / 1e12; only those flagged `known` are numbers at all.
    """
    micro = tiny // 10**6
    best: tuple[int, ReadNumbers] | None = None
    for name, digits in _DAYS:
        values = _calendar(whole, known, digits)
        best = _better(best, ReadNumbers(values, name, True, np.full(len(values), digits == 8)))
    for name, low, high, times, over in _EPOCHS:
        fits = known & (whole >= low) & (whole < high)
        fraction = micro * times // 1_000_000 if over == 1 else 0
        stamps = np.where(fits, whole // over * times + fraction, 0).astype("datetime64[us]")
        values = np.where(fits, stamps, _NAT)
        best = _better(best, ReadNumbers(values, name, False, np.zeros(len(values), dtype=bool)))
    likely = known & (whole >= _EXCEL_LIKELY[0]) & (whole < _EXCEL_LIKELY[1])
    if likely.sum() * 2 > known.sum():
        values = np.where(known, excel(whole, tiny, system_1904=excel_1904), _NAT)
        name = "excel_1904" if excel_1904 else "excel_1900"
        best = _better(best, ReadNumbers(values, name, True, tiny == 0))
    assert best is not None
    return best[1]


def _better(best: tuple[int, ReadNumbers] | None, new: ReadNumbers) -> tuple[int, ReadNumbers]:
    fits = int((~np.isnat(new.values)).sum())
    return (fits, new) if best is None or fits > best[0] else best


def _calendar(whole: np.ndarray, known: np.ndarray, digits: int) -> np.ndarray:
    """20240305, 202403051512 or 20240305151207 as wall time; a day that does not exist is NaT."""
    fits = known & (whole >= 1800 * 10 ** (digits - 4)) & (whole < 2300 * 10 ** (digits - 4))
    number = np.where(fits, whole, 20000101 * 10 ** (digits - 8))
    clock = number % 10 ** (digits - 8)
    seconds = clock if digits == 14 else clock * 100
    hour, minute, second = seconds // 10000, seconds // 100 % 100, seconds % 100
    ymd = number // 10 ** (digits - 8)
    values = civil(ymd // 10000, ymd // 100 % 100, ymd % 100)
    values = values + (hour * 3600 + minute * 60 + second).astype("timedelta64[s]")
    right = fits & (hour < 24) & (minute < 60) & (second < 60)
    return np.where(right, values, _NAT)


def civil(year: np.ndarray, month: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Midnight of a calendar day; NaT where the month or the day does not exist."""
    right = (month >= 1) & (month <= 12) & (day >= 1) & (year >= 1) & (year <= 9999)
    months = (np.where(right, year, 1970) - 1970) * 12 + np.where(right, month, 1) - 1
    begin = months.astype("datetime64[M]").astype("datetime64[D]")
    end = (months + 1).astype("datetime64[M]").astype("datetime64[D]")
    days = begin + (np.where(right, day, 1) - 1).astype("timedelta64[D]")
    return np.where(right & (days < end), days.astype("datetime64[us]"), _NAT)


def excel(whole: np.ndarray, tiny: np.ndarray, *, system_1904: bool = False) -> np.ndarray:
    """Excel's day numbers as wall time, to the millisecond that Excel keeps.

    In the 1900 system day 60 is a 29 February 1900 that never was: NaT, and days before it count from one
    later.
    """
    milliseconds = np.round(tiny * 86.4e-6).astype("timedelta64[ms]")
    origin = "1904-01-01" if system_1904 else "1899-12-30"
    values = np.datetime64(origin, "us") + whole.astype("timedelta64[D]") + milliseconds
    if system_1904:
        return values
    values = np.where(whole < 60, values + np.timedelta64(1, "D"), values)
    return np.where((whole == 60) | (whole < 1), _NAT, values)
