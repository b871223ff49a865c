"""Words of the funnel's pictures, in one language and about units of one kind."""

from __future__ import annotations

from typing import Any

from journey.analysis.funnel import Funnel
from journey.charts.interval_words import interval_said
from journey.charts.lettering import plain_line
from journey.i18n import text

__all__ = ["FunnelWords"]


class FunnelWords:
    """Words of one language about units of one kind."""

    def __init__(self, answer: Funnel, language: str) -> None:
        self.language = language
        self.unit = "sessions" if answer.unit == "session" else "customers"
        self.is_any = answer.setting["order"] == "any"

    def __call__(self, key: str, **values: Any) -> str:
        """The sentence of a key of the funnel's own."""
        return text(f"funnel.{key}", self.language, **values)

    def amount(self, n: float) -> str:
        """So many customers, or sessions."""
        return text(f"charts.amount_{self.unit}", self.language, n=round(n))

    def interval(self, low: float, high: float) -> str:
        """From where to where, or a dash where nothing is known."""
        return interval_said(low, high, self.language)

    def step(self, row: Any) -> str:
        """What a step is called."""
        return self("any_steps", n=int(row.step)) if self.is_any else plain_line(str(row.name))
