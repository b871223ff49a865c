"""Numbers, shares, dates and spans of time as people of a language write them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

__all__ = [
    "FORMATS",
    "amount",
    "arm",
    "arm_name",
    "bracket",
    "change",
    "clock",
    "count",
    "date",
    "measured",
    "metric",
    "moment",
    "moved",
    "number",
    "odds",
    "of_form",
    "percent_of",
    "plain",
    "points",
    "rate",
    "ratio",
    "share",
    "signed",
    "size",
    "span",
    "units",
]

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = {"ko": "월화수목금토일", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
_BYTES = ("B", "KB", "MB", "GB", "TB")
_UNITS = ((86400, "일", "d"), (3600, "시간", "h"), (60, "분", "min"), (1, "초", "s"))


def plain(value: Any, language: str) -> str:
    """A value as it stands in a sentence: whole numbers grouped, lists joined with commas, text as it is."""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int):
        return count(value, language)
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(plain(item, language) for item in value)
    return str(value)


def count(value: float, language: str) -> str:
    """A whole number with its thousands grouped: 12,345; a dash where there is none."""
    return "–" if value != value else f"{round(value):,}"


def amount(value: float, language: str) -> str:
    """Money with its thousands grouped; small amounts keep two digits; a dash where there is none."""
    if value != value or float(value).is_integer() or abs(value) >= 100:
        return count(value, language)
    return f"{value:,.2f}"


def number(value: float, language: str) -> str:
    """Any number: as an amount, but one so small that this would show a zero with two digits that count."""
    return f"{value:.2g}" if 0 < abs(value) < 0.01 else amount(value, language)


def percent_of(value: float) -> float:
    """A share as percent with one digit; halves go up on the decimal, as in browsers, so that all agree."""
    if value != value:
        return value
    return float((Decimal(repr(float(value))) * 100).quantize(Decimal("0.1"), ROUND_HALF_UP))


def share(value: float | None, language: str) -> str:
    """A share between 0 and 1 as percent with one digit; a dash where there is nothing to divide by.

    A share that is neither 0 nor 1 is never rounded to 0.0% or 100.0%.
    """
    if value is None or value != value:
        return "–"
    percent = percent_of(value)
    if percent == 0 and value > 0:
        return "<0.1%"
    if percent == 100 and value < 1:
        return ">99.9%"
    return f"{percent:.1f}%"


def rate(value: float | None, language: str) -> str:
    """The same of a share that is planned with: a small one keeps two digits that count, as 0.012%."""
    if value is None or not 0 < value < 0.001:
        return share(value, language)
    percent = 100 * value
    return f"{percent:.{1 - math.floor(math.log10(percent))}f}".rstrip("0") + "%"


def bracket(value: float, language: str) -> str:
    """What part of something that is, behind it in brackets; nothing where nobody can say."""
    if value != value:
        return ""
    return f"({share(value, language)})" if language == "ko" else f" ({share(value, language)})"


def signed(value: float | None, language: str) -> str:
    """A difference of two shares in percentage points, with its sign: +3.2; a dash where there is none."""
    if value is None or value != value:
        return "–"
    points = percent_of(value)
    return f"{points:+.1f}".replace("-", "−") if points else "0.0"


def points(value: float | None, language: str) -> str:
    """The same with its unit: +3.2%p, or +3.2 points."""
    told = signed(value, language)
    return told if told == "–" else f"{told}%p" if language == "ko" else f"{told} points"


def change(value: float | None, language: str) -> str:
    """By how much more or less, in percent of what it was, with its sign: +25.0%; a dash without any."""
    told = signed(value, language)
    return told if told == "–" else f"{told}%"


def measured(value: tuple[str, float], language: str) -> str:
    """A value with what it is: ("share", 0.05) is 5.0%, ("days", 2.5) 2.50 days, ("number", 12) 12."""
    form, found = value
    if form in ("share", "change"):
        return share(found, language)
    told = number(found, language)
    return told if form == "number" or told == "–" else f"{told}일" if language == "ko" else f"{told} days"


def moved(value: tuple[str, float], language: str) -> str:
    """The same for a difference, with its sign; that of two shares in percentage points: +1.0%p."""
    form, found = value
    if form == "share":
        return _close(found, language) if 0 < abs(found) < _CLOSE else points(found, language)
    if form == "change":
        return change(found, language)
    told = measured((form, abs(found)), language)
    return told if told == "–" or not found else f"{'+' if found > 0 else '−'}{told}"


# Differences of shares below this are told apart by one digit more.
_CLOSE = 0.001


def _close(value: float, language: str) -> str:
    told = f"{100 * value:+.2f}".replace("-", "−")
    return f"{told}%p" if language == "ko" else f"{told} points"


def arm_name(value: str, language: str) -> str:
    """What an arm is called: a bare number says nothing beside other numbers, so 3 is 3번 안, or arm 3."""
    if not _is_bare(value):
        return value
    return f"{value}번 안" if language == "ko" else f"arm {value}"


def arm(value: str, language: str) -> str:
    """An arm in a sentence: B 안, arm B; a name that says itself what it is stays as it is."""
    if _is_bare(value):
        return arm_name(value, language)
    if language == "ko":
        return value if value.endswith(("안", "군")) else f"{value} 안"
    return f"arm {value}" if len(value) == 1 else value


def metric(value: str, language: str) -> str:
    """What a metric is called, where that is only a number: 지표 3, or metric 3."""
    if not _is_bare(value):
        return value
    return f"지표 {value}" if language == "ko" else f"metric {value}"


def _is_bare(name: str) -> bool:
    return name.replace(".", "", 1).isdigit()


_COUNTED = {
    "customer": ("고객 {}명", "customer"),
    "session": ("세션 {}개", "session"),
    "row": ("대상 {}개", "unit"),
}


def units(value: tuple[str, int], language: str) -> str:
    """So many of what is compared: ("customer", 1200) is 고객 1,200명, or 1,200 customers."""
    unit, n = value
    korean, english = _COUNTED[unit]
    if language == "ko":
        return korean.format(count(n, language))
    return f"{count(n, language)} {english}{'' if n == 1 else 's'}"


def odds(value: float, language: str) -> str:
    """A probability or a false-discovery rate with two digits that count: 0.034, or <0.001."""
    return "<0.001" if value < 0.001 else f"{value:.2g}"


def ratio(value: float, language: str) -> str:
    """How many times: two digits after the point, or two that count where those would say little."""
    if value == float("inf"):
        return "∞"
    return f"{value:,.2f}" if value == 0 or 0.01 <= abs(value) < 1000 else f"{value:.2g}"


def date(value: dt.date, language: str) -> str:
    """A calendar day: 2024년 3월 5일, or Mar 5, 2024."""
    if language == "ko":
        return f"{value.year}년 {value.month}월 {value.day}일"
    return f"{_MONTHS[value.month - 1]} {value.day}, {value.year}"


def clock(value: dt.datetime, language: str) -> str:
    """The time of the day to the minute: 15:07."""
    return f"{value.hour:02d}:{value.minute:02d}"


def moment(value: dt.datetime, language: str) -> str:
    """A day and a time to the minute: 2024년 3월 5일 (화) 15:07, or Tue, Mar 5, 2024, 15:07."""
    weekday = _WEEKDAYS[language][value.weekday()]
    time = clock(value, language)
    if language == "ko":
        return f"{date(value, language)} ({weekday}) {time}"
    return f"{weekday}, {date(value, language)}, {time}"


def size(value: int, language: str) -> str:
    """A number of bytes in the unit that fits: 12.3MB, or 12.3 MB; a kilobyte has 1,024 bytes."""
    amount, units = float(value), list(_BYTES)
    # From here on it would be shown with four digits.
    while amount >= 999.5 and len(units) > 1:
        amount, units = amount / 1024, units[1:]
    written = f"{amount:.1f}" if amount < 99.95 and units[0] != _BYTES[0] else f"{amount:,.0f}"
    return f"{written}{units[0]}" if language == "ko" else f"{written} {units[0]}"


def span(seconds: float | None, language: str) -> str:
    """A span of time in its two largest units: 3일 4시간, or 3 d 4 h."""
    if seconds is None or seconds != seconds:
        return "–"
    rest = round(seconds)
    parts: list[str] = []
    for size, korean, english in _UNITS:
        amount, rest = divmod(rest, size)
        if amount:
            parts.append(f"{amount:,}{korean}" if language == "ko" else f"{amount:,} {english}")
        elif parts:
            break
        if len(parts) == 2:
            break
    if not parts:
        return "0초" if language == "ko" else "0 s"
    return " ".join(parts)


def of_form(value: float, form: str, language: str) -> str:
    """The value of a figure of this form (journey.figures.Form), with its unit where it has one."""
    match form:
        case "share":
            return share(value, language)
        case "points":
            return points(value, language)
        case "seconds":
            return span(value, language)
        case "score":
            return f"{value:,.1f}"
        case "ratio":
            return ratio(value, language)
        case _:
            return count(value, language)


FORMATS: dict[str, Callable[[Any, str], str]] = {
    "arm": arm,
    "arm_name": arm_name,
    "bracket": bracket,
    "change": change,
    "clock": clock,
    "count": count,
    "date": date,
    "measured": measured,
    "metric": metric,
    "moment": moment,
    "moved": moved,
    "number": number,
    "odds": odds,
    "points": points,
    "rate": rate,
    "ratio": ratio,
    "amount": amount,
    "share": share,
    "signed": signed,
    "size": size,
    "span": span,
    "units": units,
}
