"""What groups of buyers are called and which colours they have, on every picture of RFM."""

from __future__ import annotations

from typing import Any

from journey.aggregates.rfm import GROUPS, NOBODY
from journey.analysis.rfm import Rfm
from journey.charts.interval_words import interval_said
from journey.charts.lettering import plain_line
from journey.i18n import text
from journey.i18n.formats import count, share
from journey.theme import EXIT, OTHER, STAGE_COLOURS

__all__ = ["COLOURS", "RfmWords", "group_name"]

# From green to grey: who buys, who begins to, who is going, and who is gone.
COLOURS = {
    **dict(zip(GROUPS, (STAGE_COLOURS[index] for index in (9, 2, 6, 4, 1)), strict=False)),
    "inactive": EXIT,
    NOBODY: OTHER,
}


def group_name(code: str, names: Any, language: str) -> str:
    """What people call a group, else its usual name."""
    return plain_line((names or {}).get(code) or text(f"rfm.group_{code}", language))


class RfmWords:
    """What the charts of an answer say, in the reader's language."""

    def __init__(self, answer: Rfm, language: str) -> None:
        self.answer, self.language = answer, language

    def say(self, key: str, **values: Any) -> str:
        return text(f"rfm.chart_{key}", self.language, **values)

    def name(self, code: str) -> str:
        return group_name(code, self.answer.names, self.language)

    def short(self, code: str) -> str:
        """The name where there is little room."""
        known = code in (self.answer.names or {})
        return self.name(code) if known else text(f"rfm.short_{code}", self.language)

    def count(self, value: float) -> str:
        return count(value, self.language)

    def share(self, value: float) -> str:
        return share(value, self.language)

    def interval(self, low: float, high: float) -> str:
        return interval_said(low, high, self.language)

    def customers(self, n: float) -> str:
        return text("charts.amount_customers", self.language, n=round(n))
