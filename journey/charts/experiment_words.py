"""Figures of an experiment as people write them: in what a metric is measured, and its differences."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from journey.i18n import text
from journey.i18n.formats import odds, share
from journey.theme import MUTED

__all__ = ["SCALES", "Scale", "ScaleName", "p_said", "scale_of", "state_word", "tone", "valued"]

# How differences are said: as they are, in percent of the baseline, or made up to a month of all traffic.
ScaleName = Literal["absolute", "relative", "scaled"]
SCALES: tuple[ScaleName, ...] = ("absolute", "relative", "scaled")
_SHARES = ("conversion", "retention")
# Readable beside either ink, and apart for the common colour blindnesses: they differ in lightness too.
_TONES = {"better": ("#0F766E", "#5EEAD4"), "worse": ("#C2410C", "#FDBA74")}
_MOST_DIGITS = 6
_POINTS = {"ko": "%p", "en": " pts"}


def tone(state: str, *, dark: bool) -> str:
    """The colour of a state: good, bad, or none where nothing can be said."""
    light, bright = _TONES.get(state, (MUTED, MUTED))
    return bright if dark else light


def valued(value: float, kind: str, language: str, *, digits: int = 0) -> str:
    """The value of a metric of this kind, with at least so many digits after the point; a dash for none."""
    if math.isnan(value):
        return "–"
    if kind in _SHARES:
        return share(value, language)
    said = _number(abs(value), max(digits, _digits(abs(value) / 50 if value else 1.0)))
    said = f"−{said}" if value < 0 and said.strip("0.,") else said
    return text("arms.in_days", language, n=said) if kind == "time" else said


def state_word(state: str) -> str:
    """The word for what is called of a whole arm: one that cannot be tested is not always a small one."""
    return "state_unknown" if state == "small" else f"state_{state}"


def p_said(p: float, language: str) -> str:
    """A p-value with two digits that count; a dash where there is none."""
    return "–" if math.isnan(p) else odds(p, language)


@dataclass(frozen=True)
class Scale:
    """In what the differences of one metric are said, and with how many digits.

    `times` brings a difference of the answer to what is said: 100 for shares and percent.
    """

    unit: str
    digits: int
    times: float
    language: str

    def said(self, value: float, *, unit: bool = True) -> str:
        """A difference with its sign, and its unit."""
        if math.isnan(value):
            return "–"
        if math.isinf(value):
            return "+∞" if value > 0 else "−∞"
        size = _number(abs(value) * self.times, self.digits)
        sign = "" if not size.strip("0.,") else "+" if value > 0 else "−"
        told = f"{sign}{size}"
        if not unit or self.unit == "plain":
            return told
        if self.unit in ("points", "percent"):
            return told + (_POINTS[self.language] if self.unit == "points" else "%")
        return text(f"arms.unit_{self.unit}", self.language, n=told)

    def span(self, low: float, high: float) -> str:
        """An interval: the unit once."""
        if math.isnan(low) or math.isnan(high):
            return text("arms.span_unknown", self.language)
        ends = {"low": self.said(low, unit=False), "high": self.said(high, unit=False)}
        return text("arms.span", self.language, **ends)

    def plain(self, value: float) -> str:
        """A size without a sign, such as a loss; one that is not 0 is never rounded to 0."""
        if value and not math.isnan(value) and not _number(abs(value) * self.times, self.digits).strip("0.,"):
            return f"<{self.plain(10.0**-self.digits / self.times)}"
        return "–" if math.isnan(value) else self.said(abs(value)).lstrip("+")


def scale_of(kind: str, scale: ScaleName, ends: Iterable[float], language: str) -> Scale:
    """How differences of a metric are said; the ends of all of its intervals set the digits."""
    known = [abs(one) for one in ends if math.isfinite(one)]
    is_share = kind in _SHARES
    if scale == "relative":
        unit, times = "percent", 100.0
    elif scale == "scaled":
        unit, times = "month", 1.0
    else:
        unit = "points" if is_share else "days" if kind == "time" else "plain"
        times = 100.0 if is_share else 1.0
    widest = max(known, default=1.0) * times
    digits = _digits(widest / 50 if widest else 1.0)
    return Scale(unit, min(digits, 2) if unit in ("points", "percent") else digits, times, language)


def _digits(step: float) -> int:
    """How many digits after the point tell values apart that differ by so much."""
    return min(max(0, -math.floor(math.log10(step))), _MOST_DIGITS) if step > 0 else 0


def _number(size: float, digits: int) -> str:
    return f"{size:,.{digits}f}"
