"""The days, weeks or months of an observation window, and which of them an instant lies in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from journey.errors import SettingWrong
from journey.events.log import DAY, EventLog, day_start

__all__ = ["PERIODS", "Calendar", "calendar", "day_before", "fitting_period"]

PERIODS = ("day", "week", "month")
_HOUR = DAY // 24
_THURSDAY = 3  # 1970-01-01 is one, and weeks begin on Monday
_DAY_BELOW, _WEEK_BELOW = 21, 183


@dataclass(frozen=True, eq=False)
class Calendar:
    """Calendar periods of the log's zone, one after the other, that cover the whole window.

    days      first calendar day of each period, and of the one after the last (datetime64[D], n + 1)
    starts    the instants at which these days begin, microseconds UTC (n + 1)
    observed  how many periods are over: those whose last day is not after the last observed day; they are
              the first ones
    """

    period: str
    days: np.ndarray
    starts: np.ndarray
    observed: int

    def __len__(self) -> int:
        return len(self.days) - 1

    def of(self, times: np.ndarray, *, inside: bool = False) -> np.ndarray:
        """The position of the period of each instant; -1 before the first, len(self) after the last.

        `inside` says that no instant lies before or after, which need not be looked for then; positions are
        then unsigned where that is quicker.
        """
        n, begin = len(self), int(self.starts[0])
        widths = np.diff(self.starts)
        shortest, longest = int(widths.min()), int(widths.max())
        since = times - begin
        if shortest < _HOUR:
            # Islands that crossed the date line left a day out.
            return np.searchsorted(self.starts, times, side="right") - 1
        if shortest == longest:
            # Days are a power of two times a small number of microseconds: what is left after the power is
            # divided is the same, and half as wide.
            bits = (shortest & -shortest).bit_length() - 1
            if inside and int(self.starts[-1]) - begin >> bits < 1 << 32:
                since >>= bits
                narrow = since.astype(np.uint32)
                narrow //= np.uint32(shortest >> bits)
                return narrow
            since //= shortest
            return since if inside else np.clip(since, -1, n, out=since)
        # Cells shorter than any period: in each at most one period ends and another begins.
        bits = shortest.bit_length() - 1
        cells = np.arange(0, (int(self.starts[-1]) - begin >> bits) + 1) << bits
        at_cell = np.searchsorted(self.starts, cells + begin, side="right") - 1
        found = at_cell.take(since >> bits, mode="clip")
        found += times >= self.starts.take(found + 1, mode="clip")
        if inside:
            return found
        found[since < 0] = -1
        return np.minimum(found, n, out=found)

    def holds(self, log: EventLog) -> bool:
        """Does every row of the log lie in one of the periods?"""
        if log.is_empty:
            return True
        first = int(log.time.take(log.offsets[:-1]).min())
        return bool(self.starts[0] <= first and int(log.last_time.max()) < self.starts[-1])


def calendar(log: EventLog, period: str) -> Calendar:
    """The periods from the one of the first observed day to the one of the last. Raises SettingWrong.

    A day is a calendar day of the log's zone, also where clocks change; a week begins on Monday.
    """
    if period not in PERIODS:
        raise SettingWrong(setting="period", value=period, allowed=list(PERIODS))
    return _calendar(*log.days(), period, log.zone)


def fitting_period(log: EventLog) -> str:
    """Days for a window under three weeks, weeks for one under half a year, else months."""
    first, last = log.days()
    span = (last - first).days + 1
    return "day" if span < _DAY_BELOW else "week" if span < _WEEK_BELOW else "month"


def day_before(day: dt.date, period: str, times: int) -> dt.date:
    """The same day so many weeks, months or quarters before; of the last day of a month the last one."""
    if period == "week":
        return day - dt.timedelta(days=7 * times)
    months = day.year * 12 + day.month - 1 - times * (3 if period == "quarter" else 1)
    first = dt.date(months // 12, months % 12 + 1, 1)
    end = _month_end(first)
    if day == _month_end(day.replace(day=1)):
        return end
    return min(first + dt.timedelta(days=day.day - 1), end)


def _month_end(first: dt.date) -> dt.date:
    return (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)


@lru_cache(maxsize=16)
def _calendar(first: dt.date, last: dt.date, period: str, zone: str) -> Calendar:
    low, high = np.datetime64(first, "D"), np.datetime64(last, "D")
    if period == "month":
        months = np.arange(low.astype("datetime64[M]"), high.astype("datetime64[M]") + 2)
        days = months.astype("datetime64[D]")
    else:
        step = 7 if period == "week" else 1
        if period == "week":
            low -= (int(low.astype(np.int64)) + _THURSDAY) % 7
        days = np.arange(low, high + step, step)
        if days[-1] <= high:
            days = np.append(days, days[-1] + step)
    starts = np.array([day_start(day, zone) for day in days.tolist()], dtype=np.int64)
    return Calendar(period, days, starts, int(np.count_nonzero(days[1:] <= high + 1)))
