"""An interval in words, as tooltips say it."""

from __future__ import annotations

from journey.i18n import text

__all__ = ["interval_said"]


def interval_said(low: float, high: float, language: str) -> str:
    """The 95 % interval of a share; a dash where an end of it is not known."""
    return text("charts.interval", language, low=low, high=high) if low == low and high == high else "–"
