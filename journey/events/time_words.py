"""Dates in words and marks: 2024년 3월 5일 오후 3:12, 24.03.05, 5 Mar 2024, 2024-03-05T15:12:07+09:00."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journey.events.time_numbers import civil
from journey.findings import Finding

__all__ = ["ORDERS", "ReadWords", "read", "tidy"]

# Of readings that fit equally well the first is taken.
ORDERS = ("ymd", "mdy", "dmy")
_NAT = np.datetime64("NaT", "us")
_SECOND = 1_000_000
_EMPTY = pa.scalar("", pa.large_string())
_MISSING = ("na", "n/a", "nan", "nat", "null", "none", "-", "--", "(not set)", "없음", "미상")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_WEEKDAY_KO = r"\(\s*[일월화수목금토](요일)?\s*\)|[일월화수목금토]요일"
_WEEKDAY_EN = r"(?i)\(?\b(mon|tues?|wed(nes)?|thu(rs?)?|fri|sat(ur)?|sun)(day)?\b\.?\)?,?"
_HALF = r"오전|오후|(?i:[ap]\.?m\.?)"
_SECONDS = r"(?:(?P<second>\d{1,2})(?:[.,](?P<part>\d{1,9}))? ?초?)?"
_MINUTES = rf"(?:(?P<minute>\d{{1,2}}) ?(?:[:분] ?{_SECONDS})?)?"
_CLOCK = (
    rf"(?:(?:T|,? )(?P<half>{_HALF})? ?(?P<hour>\d{{1,2}}) ?(?:(?P<hour_word>[:시]) ?{_MINUTES})?"
    rf" ?(?P<half_after>{_HALF})?)?"
)
_ZONE = r" ?\(?(?P<zone>Z|UTC|GMT|KST|(?:UTC|GMT)?[+-]\d\d(?::?\d\d)?)?\)?"
_MARKED = r"^(?P<a>\d{1,4}) ?(?P<mark>[-./년]) ?(?P<b>\d{1,2}) ?[-./월] ?(?P<c>\d{1,4}) ?(?P<end>[.일])?"
_SOLID = r"^(?P<ymd>\d{8})"
_DAY_FIRST = r"^(?P<day>\d{1,2})(?:st|nd|rd|th)?[ -](?P<month>[A-Za-z]{3,9})\.?,?[ -](?P<year>\d{4})"
_MONTH_FIRST = r"^(?P<month>[A-Za-z]{3,9})\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?,? (?P<year>\d{4})"
# 151207 after a solid date, without colons.
_SOLID_CLOCK = r"[T ](?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?(?:\.(?P<part>\d{1,9}))?"


@dataclass(frozen=True, eq=False)
class ReadWords:
    """Wall-clock times, NaT where unreadable; where `zoned`, the text tells the `offset` from UTC (us)."""

    wall: np.ndarray
    zoned: np.ndarray
    offset: np.ndarray
    date_only: np.ndarray
    order: str
    ambiguous: Finding | None


def tidy(cells: pa.LargeStringArray) -> pa.LargeStringArray:
    """Half-width signs, single spaces, no weekdays, no zone in brackets; '' for words that mean nothing."""
    if not len(cells):
        return cells
    cells = pc.utf8_normalize(cells, "NFKC")
    cells = pc.replace_substring_regex(cells, _WEEKDAY_KO, " ")
    cells = pc.replace_substring_regex(cells, _WEEKDAY_EN, " ")
    cells = pc.replace_substring_regex(cells, r"\[[^\]]*\]\s*$", "")
    cells = pc.replace_substring_regex(cells, r"일(\d|오[전후])", r"일 \1")
    cells = pc.replace_substring_regex(cells, r"(\d\.?)(오[전후])", r"\1 \2")
    cells = pc.utf8_trim_whitespace(pc.replace_substring_regex(cells, r"\s+", " "))
    nothing = pc.is_in(pc.utf8_lower(cells), pa.array(_MISSING, cells.type))
    return pc.if_else(nothing, _EMPTY, cells)


def read(cells: pa.LargeStringArray, weights: np.ndarray, order: str | None = None) -> ReadWords:
    """Read tidied distinct cells; `weights` are the rows that each stands for: most rows decide the order."""
    n = len(cells)
    day = np.full(n, _NAT)
    clock = np.zeros(n, dtype=np.int64)
    clocked = np.zeros(n, dtype=bool)
    zoned = np.zeros(n, dtype=bool)
    offset = np.zeros(n, dtype=np.int64)
    done = np.zeros(n, dtype=bool)
    chosen, ambiguous = order or "ymd", None
    for pattern in (
        _MARKED + _CLOCK + _ZONE + "$",
        _SOLID + _CLOCK + _ZONE + "$",
        _SOLID + _SOLID_CLOCK + _ZONE + "$",
        _DAY_FIRST + _CLOCK + _ZONE + "$",
        _MONTH_FIRST + _CLOCK + _ZONE + "$",
    ):
        if done.all():
            break
        rest = np.flatnonzero(~done)
        found = pc.extract_regex(cells.take(pa.array(rest)), pattern)
        hit = pc.is_valid(found).to_numpy(zero_copy_only=False)
        if not hit.any():
            continue
        rows = rest[hit]
        groups = _Groups(found.filter(pa.array(hit)))
        if pattern.startswith(_MARKED):
            day[rows], chosen, ambiguous = _marked(groups, cells.take(pa.array(rows)), weights[rows], order)
        elif pattern.startswith(_SOLID):
            ymd = groups.number("ymd")
            day[rows] = civil(ymd // 10000, ymd // 100 % 100, ymd % 100)
        else:
            day[rows] = civil(groups.number("year"), groups.month(), groups.number("day"))
        clock[rows], clocked[rows], right = _clock(groups)
        day[rows] = np.where(right, day[rows], _NAT)
        zoned[rows], offset[rows] = _offsets(groups.text("zone"))
        done[rows] = True
    wall = day + clock.astype("timedelta64[us]")
    return ReadWords(wall, zoned, offset, ~clocked & ~np.isnat(wall), chosen, ambiguous)


class _Groups:
    """The named groups of a match, as numbers (-1 where a group took no part) or as text."""

    def __init__(self, found: pa.StructArray) -> None:
        self._found = found
        self._names = {field.name for field in found.type}

    def text(self, name: str) -> pa.Array:
        if name not in self._names:
            return pa.array([""] * len(self._found), pa.large_string())
        return pc.struct_field(self._found, name)

    def number(self, name: str) -> np.ndarray:
        text = self.text(name)
        text = pc.if_else(pc.equal(text, ""), pa.scalar("-1", text.type), text)
        return pc.cast(text, pa.int64()).to_numpy(zero_copy_only=False)

    def length(self, name: str) -> np.ndarray:
        return pc.binary_length(self.text(name)).to_numpy(zero_copy_only=False)

    def month(self) -> np.ndarray:
        short = pc.utf8_lower(pc.utf8_slice_codeunits(self.text("month"), 0, 3))
        return pc.fill_null(pc.index_in(short, pa.array(_MONTHS, short.type)), -1).to_numpy() + 1


def _marked(
    groups: _Groups, cells: pa.Array, weights: np.ndarray, order: str | None
) -> tuple[np.ndarray, str, Finding | None]:
    """Days of three numbers with marks between, under one order for all cells that leave it open."""
    a, b, c = (groups.number(name) for name in "abc")
    wide_a, wide_c = groups.length("a"), groups.length("c")
    korean = pc.or_(pc.equal(groups.text("mark"), "년"), pc.not_equal(groups.text("end"), ""))
    fixed = (wide_a == 4) | (korean.to_numpy(zero_copy_only=False) & (wide_a == 2))
    year_a, year_c = _year(a, wide_a), _year(c, wide_c)
    short_c = np.where(wide_c <= 2, c, -1)
    parts = {"ymd": (year_a, b, short_c), "mdy": (year_c, a, b), "dmy": (year_c, b, a)}
    readings = {name: civil(*ymd) for name, ymd in parts.items()}
    open_ = ~fixed
    # February 30 is a slip within an order, not a sign of another one.
    fits = {name: int(weights[open_ & _plausible(*ymd)].sum()) for name, ymd in parts.items()}
    chosen = order or max(ORDERS, key=lambda name: (fits[name], -ORDERS.index(name)))
    days = np.where(fixed, readings["ymd"], readings[chosen])
    note = _ambiguous(cells, open_, readings, fits, chosen) if order is None and fits[chosen] else None
    return days, chosen, note


def _ambiguous(
    cells: pa.Array, open_: np.ndarray, readings: dict[str, np.ndarray], fits: dict[str, int], chosen: str
) -> Finding | None:
    """The first cell that another order reads otherwise, where that order fits the column as well."""
    days = readings[chosen]
    for other in ORDERS:
        if other == chosen or fits[other] != fits[chosen]:
            continue
        differs = open_ & ~np.isnat(days) & ~np.isnat(readings[other]) & (readings[other] != days)
        if not differs.any():
            continue
        place = int(np.flatnonzero(differs)[0])
        said = {
            order: str(readings[order][place].astype("datetime64[D]"))
            for order in ORDERS
            if fits[order] == fits[chosen] and not np.isnat(readings[order][place])
        }
        return Finding(
            "events.time_order_ambiguous",
            {
                "example": cells[place].as_py(),
                "read": said[chosen],
                "other": said[other],
                "order": chosen,
                "other_order": other,
                "readings": said,
            },
        )
    return None


def _plausible(year: np.ndarray, month: np.ndarray, day: np.ndarray) -> np.ndarray:
    return (year >= 0) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)


def _year(number: np.ndarray, width: np.ndarray) -> np.ndarray:
    """Two digits are 1969 to 2068; one or three digits are no year."""
    two = np.where(number < 69, number + 2000, number + 1900)
    return np.where(width == 4, number, np.where(width == 2, two, -1))


def _clock(groups: _Groups) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Microseconds since midnight, whether there was a clock at all, and whether it can be true."""
    hour = groups.number("hour")
    clocked = hour >= 0
    minute, second = (np.maximum(groups.number(name), 0) for name in ("minute", "second"))
    half = pc.utf8_lower(pc.binary_join_element_wise(groups.text("half"), groups.text("half_after"), _EMPTY))
    before, after = _starts(half, "오전", "a"), _starts(half, "오후", "p")
    # A bare number after the date ('2024-03-05 15') is an hour only where am or pm says so.
    said = pc.equal(groups.text("hour_word"), "시").to_numpy(zero_copy_only=False)
    bare = clocked & (groups.number("minute") < 0) & ~before & ~after & ~said
    right = ~clocked | ((hour <= 24) & (minute < 60) & (second < 60) & ~bare)
    right &= ~(before & (hour > 12)) & ~((hour == 24) & ((minute > 0) | (second > 0) | after))
    hour = np.where(before & (hour == 12), 0, np.where(after & (hour < 12), hour + 12, hour))
    part = groups.text("part")
    micro = pc.cast(pc.utf8_slice_codeunits(pc.utf8_rpad(part, 6, "0"), 0, 6), pa.int64()).to_numpy()
    total = (np.maximum(hour, 0) * 3600 + minute * 60 + second) * _SECOND + micro
    return np.where(clocked, total, 0), clocked, right


def _starts(text: pa.Array, *beginnings: str) -> np.ndarray:
    hit = np.zeros(len(text), dtype=bool)
    for beginning in beginnings:
        hit |= pc.starts_with(text, beginning).to_numpy(zero_copy_only=False)
    return hit


def _offsets(zone: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    zoned = pc.not_equal(zone, "").to_numpy(zero_copy_only=False)
    offset = np.zeros(len(zone), dtype=np.int64)
    for name in pc.unique(zone).to_pylist():
        if name not in ("", "Z", "UTC", "GMT"):
            offset[pc.equal(zone, name).to_numpy(zero_copy_only=False)] = _ahead(name)
    return zoned, offset


def _ahead(name: str) -> int:
    """Microseconds ahead of UTC: +0900, +09:00, -05, UTC+9 in full digits, KST."""
    if name == "KST":
        return 9 * 3600 * _SECOND
    digits = name.removeprefix("UTC").removeprefix("GMT")
    hours, minutes = int(digits[1:3]), int(digits[-2:]) if len(digits) > 3 else 0
    return (-1 if digits[0] == "-" else 1) * (hours * 3600 + minutes * 60) * _SECOND
