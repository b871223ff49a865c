"""How many sessions are one event long?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from journey.errors import SettingWrong
from journey.events.log import MINUTE, EventLog

__all__ = ["Bounces", "bounces", "gaps", "of_beginnings", "session_units"]

# So many rows at once, whose differences fit a processor's cache.
_BLOCK = 1 << 16


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
        return of_beginnings(_begins(log, gap_minutes))
    _, sizes = session_units(log, gap_minutes)
    return Bounces(len(sizes), int((sizes == 1).sum()))


def of_beginnings(new: np.ndarray) -> Bounces:
    """The sessions of rows by one flag each: does one begin here?"""
    if not len(new):
        return Bounces()
    # One that begins where the next one begins, too, has one row; so has the last one, if it begins there.
    alone = np.count_nonzero(new[:-1] & new[1:]) + bool(new[-1])
    return Bounces(int(np.count_nonzero(new)), int(alone))


def session_units(log: EventLog, gap_minutes: float = 30) -> tuple[np.ndarray, np.ndarray]:
    """The customer and the number of rows of each session, in no order that means anything."""
    if log.date_only:
        raise SettingWrong(setting="unit", value="session", allowed="customer")
    who = log.customer_of_row()
    if log.session is None:
        return _units(who, _begins(log, gap_minutes))
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


def _begins(log: EventLog, gap_minutes: float) -> np.ndarray:
    """One flag a row: does a session begin, by the gap before it?"""
    new = gaps(log, gap_minutes)
    new[log.offsets[:-1]] = True
    return new


def gaps(log: EventLog, gap_minutes: float = 30) -> np.ndarray:
    """One flag a row: is the one before it, of whichever customer, so long ago that a session ended?"""
    new, time = np.zeros(log.n_rows, dtype=bool), np.asarray(log.time)
    for low in range(0, log.n_rows, _BLOCK):
        new[low + 1 : low + 1 + _BLOCK] = np.diff(time[low : low + 1 + _BLOCK]) > gap_minutes * MINUTE
    return new


def _units(who: np.ndarray, new: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    at = np.flatnonzero(new)
    return who.take(at), np.diff(at, append=len(new))
