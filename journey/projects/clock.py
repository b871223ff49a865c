"""When something happened, as a project writes it down."""

from __future__ import annotations

import datetime as dt
import time

from journey.errors import ProjectDamaged

__all__ = ["moment", "now"]


def moment(microseconds: int) -> dt.datetime:
    """The stored time as a datetime in UTC; ProjectDamaged when there is no such time."""
    try:
        return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=microseconds)
    except OverflowError as error:
        raise ProjectDamaged() from error


def now() -> int:
    """Microseconds since 1970, for people to read only."""
    return time.time_ns() // 1000
