"""How many sessions are one event long?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from journey.errors import SettingWrong
from journey.events.log import MINUTE, EventLog

__all__ = ["Bounces", "bounces", "session_units"]

_BLOCK_ROWS = 1 << 17


@dataclass(frozen=True)
class Bounces:
    """Sessions, and those of exactly one event; adds up over parts with disjoint customers."""

    sessions: int = 0
    bounced: int = 0

    def __add__(self, other: Bounces) -> Bounces:
        return Bounces(self.sessions + other.sessions, self.bounced + other.bounced)


def bounces(log: EventLog, gap_minutes: float = 30) -> Bounces:
    """Count the sessions that `EventLog.by_session` would make, without making them.

    Raises SettingWrong when more than half of the times are dates only.
    """
    if log.session is None and not log.date_only:
        return _by_gap(log, gap_minutes)
    _, sizes = session_units(log, gap_minutes)
    return Bounces(len(sizes), int((sizes == 1).sum()))


def _by_gap(log: EventLog, gap_minutes: float) -> Bounces:
    """The same from the gaps alone, in blocks that fit a processor's cache."""
    times, gap, found = np.asarray(log.time), gap_minutes * MINUTE, Bounces()
    for low in range(0, log.n_rows, _BLOCK_ROWS):
        # One row more on each side: does one begin before, does one begin after?
        high = min(low + _BLOCK_ROWS, log.n_rows)
        begins = np.ones(high - low + 1, dtype=bool)
        last = min(high + 1, log.n_rows)
        first = max(low, 1)
        begins[first - low : last - low] = times[first:last] - times[first - 1 : last - 1] > gap
        starts = log.offsets[slice(*np.searchsorted(log.offsets, [low, high + 1]))] - low
        begins[starts] = True
        alone = begins[:-1] & begins[1:]
        found += Bounces(int(np.count_nonzero(begins[:-1])), int(np.count_nonzero(alone)))
    return found


def session_units(log: EventLog, gap_minutes: float = 30) -> tuple[np.ndarray, np.ndarray]:
    """The customer and the number of rows of each session, in no order that means anything."""
    if log.date_only:
        raise SettingWrong(setting="unit", value="session", allowed="customer")
    who = log.customer_of_row()
    if log.session is None:
        new = log.start.copy()
        new[1:] |= np.diff(log.time) > gap_minutes * MINUTE
        return _units(who, new)
    session = np.asarray(log.session)
    named = np.flatnonzero(session >= 0)
    key = who.take(named).astype(np.int64) << 32 | session.take(named)
    key.sort()
    by_name = _units((key >> 32).astype(np.int32), np.diff(key, prepend=-1) != 0)
    # Rows without a session are split by their gaps, as if the others were not there.
    loose = np.flatnonzero(session < 0)
    own, time = who.take(loose), log.time.take(loose)
    begins = np.ones(len(loose), dtype=bool)
    begins[1:] = (own[1:] != own[:-1]) | (np.diff(time) > gap_minutes * MINUTE)
    by_gap = _units(own, begins)
    return np.concatenate([by_name[0], by_gap[0]]), np.concatenate([by_name[1], by_gap[1]])


def _units(who: np.ndarray, new: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    at = np.flatnonzero(new)
    return who.take(at), np.diff(at, append=len(new))
