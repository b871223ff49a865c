"""At which time of day, and on which days of the week, was each customer there?"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from journey.aggregates.visits import block_borders
from journey.events.log import MINUTE, EventLog

__all__ = ["DAY_PARTS", "class_rows", "rows_by_time"]

# Six hours each, from midnight on.
DAY_PARTS = ("night", "morning", "afternoon", "evening")
# Every time zone changes, and stands beside UTC, by whole quarters of an hour; older ones are not in use.
_QUARTER = 15 * MINUTE
_WEEKEND = 4
_SATURDAY = 5


def rows_by_time(log: EventLog) -> tuple[np.ndarray, np.ndarray]:
    """By customer and part of the day the rows, and by customer those of Saturdays and Sundays.

    Hours and days are those of the log's zone. Both add up over parts with disjoint customers.
    """
    if log.is_empty:
        return np.zeros((0, len(DAY_PARTS)), dtype=np.int64), np.zeros(0, dtype=np.int64)
    first, last = int(log.time.min()) // _QUARTER, int(log.time.max()) // _QUARTER
    quarters = pd.DatetimeIndex(
        (np.arange(first, last + 1) * _QUARTER).view("datetime64[us]"), tz="UTC"
    ).tz_convert(log.zone)
    classes = (
        quarters.hour.to_numpy() // 6 + _WEEKEND * (quarters.day_of_week.to_numpy() >= _SATURDAY)
    ).astype(np.uint8)
    counts = np.zeros((log.n_customers, 2 * _WEEKEND), dtype=np.int64)
    time = np.asarray(log.time)
    for low, high in pairwise(block_borders(log).tolist()):
        rows = slice(int(log.offsets[low]), int(log.offsets[high]))
        found = classes.take(time[rows] // _QUARTER - first)
        counts[low:high] = _by_customer(log, low, high, found, 2 * _WEEKEND)
    return counts[:, :_WEEKEND] + counts[:, _WEEKEND:], counts[:, _WEEKEND:].sum(axis=1)


def class_rows(log: EventLog, codes: np.ndarray, n_classes: int) -> np.ndarray:
    """By customer and class its rows; `codes` has the class of each row, -1 for none."""
    counts = np.zeros((log.n_customers, n_classes), dtype=np.int64)
    codes = np.asarray(codes)
    for low, high in pairwise(block_borders(log).tolist()):
        rows = slice(int(log.offsets[low]), int(log.offsets[high]))
        # One class more takes the rows without one.
        found = _by_customer(log, low, high, codes[rows] + 1, n_classes + 1)
        counts[low:high] = found[:, 1:]
    return counts


def _by_customer(log: EventLog, low: int, high: int, classes: np.ndarray, n: int) -> np.ndarray:
    """Rows of the customers from `low` to before `high`, by class from 0."""
    sizes = np.diff(log.offsets[low : high + 1])
    keys = np.repeat(np.arange(0, (high - low) * n, n), sizes)
    keys += classes
    counts: np.ndarray = np.bincount(keys, minlength=(high - low) * n).reshape(-1, n)
    return counts
