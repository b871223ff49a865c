"""How many of those who began in a period came back, by the time that has passed since?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np

from journey.aggregates.calendar import Calendar
from journey.aggregates.presence import Presence, events_named, presence, presence_words
from journey.errors import SettingWrong
from journey.events.log import EventLog
from journey.stages.stage_map import StageMap

__all__ = ["FIRST", "MODES", "CohortSetting", "Cohorts", "cohort_members", "cohorts"]

MODES = ("n_day", "on_or_after", "bracket")
FIRST = ("first", "recurring")
_BYTE = 256
# So many customers at once, whose words fit a processor's cache.
_BLOCK = 1 << 15


@dataclass(frozen=True)
class CohortSetting:
    """Who belongs to a cohort, and what coming back means.

    mode          "n_day": in exactly the N-th period after; "on_or_after": in that one or any later one;
                  "bracket": in any of the periods from a to b after
    ages          how many periods after its own a cohort is followed (not in the mode "bracket")
    brackets      (a, b) pairs, both included, ascending and apart
    first         "first": a customer is in the cohort of its first start; "recurring": in that of every
                  period with a start
    start_event   stage, "event:NAME" or None for any event
    return_event  likewise; in the cohort's own period only what is not before the start counts
    """

    mode: str = "n_day"
    ages: int = 12
    brackets: tuple[tuple[int, int], ...] = ()
    first: str = "first"
    start_event: str | None = None
    return_event: str | None = None

    def __post_init__(self) -> None:
        for name, value, allowed in (("mode", self.mode, MODES), ("first", self.first, FIRST)):
            if value not in allowed:
                raise SettingWrong(setting=name, value=value, allowed=list(allowed))
        if not self.ages >= 0:
            raise SettingWrong(setting="ages", value=self.ages, allowed="≥ 0")
        ends = [end for pair in self.brackets for end in pair]
        apart = all(b < a for (_, b), (a, _) in zip(self.brackets, self.brackets[1:], strict=False))
        if self.mode == "bracket" and not (ends and min(ends) >= 0 and ends == sorted(ends) and apart):
            raise SettingWrong(setting="brackets", value=self.brackets, allowed="1-3,4-7,8-14")

    @property
    def columns(self) -> tuple[tuple[int, int], ...]:
        """From which to which period after its own each column of the triangle looks."""
        if self.mode == "bracket":
            return self.brackets
        return tuple((age, age) for age in range(self.ages + 1))


@dataclass(frozen=True, eq=False)
class Cohorts:
    """Counts that add up over parts of a log with disjoint customers and one calendar.

    customers[c]  customers of the cohort that began in period c
    kept[c, i]    of these, who came back within the i-th column of the setting
    """

    customers: np.ndarray
    kept: np.ndarray

    def __add__(self, other: Cohorts) -> Cohorts:
        return Cohorts(self.customers + other.customers, self.kept + other.kept)


def cohorts(log: EventLog, stages: StageMap, calendar: Calendar, setting: CohortSetting) -> Cohorts:
    """Count the customers of each cohort and those who came back. Raises StageUnknown.

    Cells that the window does not see to their end hold what was seen so far.
    """
    n = len(calendar)
    any_event = setting.start_event is None and setting.return_event is None
    words = presence_words(log, calendar) if any_event else None
    if words is not None:
        from_words = _first_from_words if setting.first == "first" else _recurring_from_words
        words = words[words != 0]
        parts = [words[low : low + _BLOCK] for low in range(0, max(1, len(words)), _BLOCK)]
        return reduce(add, (from_words(part, n, setting) for part in parts))
    begun, back = _both(log, stages, calendar, setting)
    customers = np.bincount(begun.period, minlength=n)
    kept = np.zeros((n, len(setting.columns)), dtype=np.int64)
    if setting.mode == "on_or_after":
        oldest = _oldest(begun, back)
        known = np.flatnonzero(oldest >= 0)
        ages = np.minimum(oldest[known], setting.ages)
        np.add.at(kept, (begun.period[known], ages), 1)
        kept = kept[:, ::-1].cumsum(axis=1)[:, ::-1]
    else:
        for column, entries in _returned(begun, back, setting):
            kept += np.bincount(begun.period[entries] * kept.shape[1] + column, minlength=kept.size).reshape(
                kept.shape
            )
    return Cohorts(customers, kept)


def cohort_members(
    log: EventLog,
    stages: StageMap,
    calendar: Calendar,
    setting: CohortSetting,
    *,
    cohort: int | None,
    column: int | None = None,
    returned: bool | None = True,
) -> np.ndarray:
    """One flag a customer: in this cohort, and (with a column) who of it came back then, or did not.

    None for `cohort` means every cohort that is seen to the end of the column, for `returned` both.
    """
    begun, back = _both(log, stages, calendar, setting)
    if cohort is None:
        until = 0 if column is None else setting.columns[column][1]
        own = np.flatnonzero(begun.period + until < calendar.observed)
    else:
        own = np.flatnonzero(begun.period == cohort)
    inside = np.zeros(log.n_customers, dtype=bool)
    if column is None or returned is None:
        inside[begun.customer[own]] = True
        return inside
    if setting.mode == "on_or_after":
        hit = _oldest(begun, back) >= column
    else:
        hit = np.zeros(len(begun.customer), dtype=bool)
        for columns, entries in _returned(begun, back, setting):
            hit[entries[np.broadcast_to(columns, len(entries)) == column]] = True
    inside[begun.customer[own[hit[own] == returned]]] = True
    return inside


def _first_from_words(words: np.ndarray, n: int, setting: CohortSetting) -> Cohorts:
    """The same for first starts and any event, from the periods of each customer as bits of one word."""
    kind = words.dtype.type
    first = _bit_number(words & (~words + kind(1)))
    since = words >> first.astype(words.dtype)
    cohort = first.astype(np.int64)
    columns = setting.columns
    kept = np.zeros((n, len(columns)), dtype=np.int64)
    if setting.mode == "bracket":
        for place, (low, high) in enumerate(columns):
            bits = sum(1 << age for age in range(low, min(high, n - 1) + 1))
            kept[:, place] = np.bincount(cohort[(since & kind(bits)) != 0], minlength=n)
    elif setting.mode == "on_or_after":
        oldest = np.minimum(_bit_number(_smeared(since) ^ (_smeared(since) >> kind(1))), setting.ages)
        counts = np.bincount(cohort * len(columns) + oldest, minlength=kept.size).reshape(kept.shape)
        kept = counts[:, ::-1].cumsum(axis=1)[:, ::-1]
    else:
        seen = _bits_counted(since, n, cohort)[:, : len(columns)]
        kept[:, : seen.shape[1]] = seen
    return Cohorts(np.bincount(cohort, minlength=n), kept)


def _recurring_from_words(words: np.ndarray, n: int, setting: CohortSetting) -> Cohorts:
    """The same where every period with an event is a start: bit c of a word shifted by N is period c + N."""
    kind = words.dtype.type
    columns = setting.columns
    kept = np.zeros((n, len(columns)), dtype=np.int64)
    later = _smeared(words) if setting.mode == "on_or_after" else words
    for place, (low, high) in enumerate(columns):
        if low >= n:
            break
        back = later >> kind(low)
        for age in range(low + 1, min(high, n - 1) + 1):
            back |= words >> kind(age)
        kept[:, place] = _bits_counted(words & back, n).sum(axis=0)[:n]
    return Cohorts(_bits_counted(words, n).sum(axis=0)[:n], kept)


def _bits_counted(words: np.ndarray, n: int, group: np.ndarray | None = None) -> np.ndarray:
    """How often each of the n lowest bits is set, a row for each of n groups (without: one row)."""
    octets = np.ascontiguousarray(words).view(np.uint8).reshape(len(words), words.itemsize)
    bits_of = np.unpackbits(np.arange(_BYTE, dtype=np.uint8)[:, None], axis=1, bitorder="little")
    rows = 1 if group is None else n
    start = 0 if group is None else group * _BYTE
    parts = [
        np.bincount(start + octets[:, place], minlength=rows * _BYTE).reshape(rows, _BYTE) @ bits_of
        for place in range(-(-n // 8))
    ]
    return np.concatenate(parts, axis=1)


def _bit_number(powers: np.ndarray) -> np.ndarray:
    """Which bit a word with one bit has; powers of two are exact as floats."""
    return np.frexp(powers.astype(np.float64))[1] - 1


def _smeared(words: np.ndarray) -> np.ndarray:
    """Each word with every bit below its highest one set as well."""
    for step in (1, 2, 4, 8, 16, 32):
        if step < words.itemsize * 8:
            words = words | (words >> words.dtype.type(step))
    return words


def _both(
    log: EventLog, stages: StageMap, calendar: Calendar, setting: CohortSetting
) -> tuple[Presence, Presence]:
    """The entries that make cohorts, and the periods in which customers came back."""
    start = presence(log, calendar, events_named(log, stages, setting.start_event))
    same = setting.return_event == setting.start_event
    back = start if same else presence(log, calendar, events_named(log, stages, setting.return_event))
    if setting.first == "first":
        at = start.begins
        start = Presence(*(part.take(at) for part in (start.customer, start.period, start.first, start.last)))
    return start, back


def _at_or_after(begun: Presence, back: Presence) -> np.ndarray:
    """For each entry the position of its customer's first return in the same period or later."""
    width = int(max(begun.period.max(initial=0), back.period.max(initial=0))) + 1
    key, wanted = (part.customer.astype(np.int64) * width + part.period for part in (back, begun))
    return np.searchsorted(key, wanted)


def _oldest(begun: Presence, back: Presence) -> np.ndarray:
    """For each entry how many periods later its customer came back last; -1 for never."""
    if not len(back.customer):
        return np.full(len(begun.customer), -1, dtype=np.int64)
    at = np.searchsorted(back.customer, begun.customer, side="right") - 1
    fits = (at >= 0) & (back.customer.take(at) == begun.customer) & (back.last.take(at) >= begun.first)
    return np.where(fits, back.period.take(at).astype(np.int64) - begun.period, -1)


def _returned(
    begun: Presence, back: Presence, setting: CohortSetting
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Each (column, entry) with a return once, in batches: the entries, and the column of each."""
    column_of = np.full(setting.columns[-1][1] + 1, -1, dtype=np.int64)
    for place, (low, high) in enumerate(setting.columns):
        column_of[low : high + 1] = place
    entries = np.arange(len(begun.customer))
    at = _at_or_after(begun, back)
    found = np.full(len(entries), -1, dtype=np.int64)
    while len(entries):
        fits = at < len(back.customer)
        entries, at, found = entries[fits], at[fits], found[fits]
        age = back.period.take(at).astype(np.int64) - begun.period.take(entries)
        fits = (back.customer.take(at) == begun.customer.take(entries)) & (age < len(column_of))
        entries, at, found, age = entries[fits], at[fits], found[fits], age[fits]
        column = column_of.take(age)
        early = (age == 0) & (back.last.take(at) < begun.first.take(entries))
        new = (column >= 0) & (column != found) & ~early
        yield column[new], entries[new]
        # Ages only grow, so a column that was left does not come again.
        found = np.where(new, column, found)
        at = at + 1
