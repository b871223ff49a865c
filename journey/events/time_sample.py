"""How will a column be read as times? A look before the log is built."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from journey.events.times import parse_times
from journey.findings import Finding

__all__ = ["TimeSample", "time_sample"]

_MOST = 20_000


@dataclass(frozen=True)
class TimeSample:
    """What a look at `rows` rows of a column says; `unread` of them are filled but read as no time.

    `unit` is as in `Times`. `ambiguous` is the note with the readings of an example, which holds for the
    whole column, or None; `mostly_dates` says that more than half of the times have no clock time.
    """

    rows: int
    unread: int
    unit: str
    mostly_dates: bool
    ambiguous: Finding | None = None


def time_sample(column: pd.Series, *, zone: str = "Asia/Seoul", most: int = _MOST) -> TimeSample:
    """Read at most about `most` rows, evenly spread over the file.

    Only where they leave open in which order year, month and day stand is the whole column read, for one of
    its other rows may tell.
    """
    some = column.iloc[:: max(1, -(-len(column) // most))]
    times = parse_times(some, zone=zone)
    ambiguous = times.ambiguous
    if ambiguous is not None and len(some) < len(column):
        ambiguous = parse_times(column, zone=zone).ambiguous
    unread = int(np.isnat(times.values).sum()) - times.missing
    return TimeSample(len(some), unread, times.unit, times.mostly_dates, ambiguous)
