"""A figure of a journey map in words: its number, how sure it is, and over how many of whom."""

from __future__ import annotations

from journey.aggregates.stage_measures import MEASURES
from journey.figures import Figure
from journey.i18n import formats, text
from journey.stages.evidence import Evidence

__all__ = ["called", "evidence_name", "felt_text", "measure_name", "n_text", "range_text", "value_text"]

# Over what a figure is, where that is not customers; by its code.
_COUNTED = {"bound.time": "visits", "bound.feeling": "raters"}
NONE = "–"


def value_text(figure: Figure | None, language: str) -> str:
    """The number alone: 40.2%, 3 h 20 min, +0.6; a dash where there is none."""
    if figure is None or not figure.is_known:
        return NONE
    return _number(figure, figure.value, language)


def range_text(figure: Figure | None, language: str) -> str:
    """Its 95 % interval; "" where there is none."""
    if figure is None or not figure.is_known or not figure.has_interval:
        return ""
    low, high = (_number(figure, end, language) for end in (figure.low, figure.high))
    return text("bound.range", language, low=low, high=high)


def n_text(figure: Figure | None, language: str) -> str:
    """Over how many of whom; "" where nobody is told."""
    if figure is None or not figure.n:
        return ""
    return text(f"bound.n_{_COUNTED.get(figure.code, 'customers')}", language, n=figure.n)


def called(figure: Figure, language: str) -> str:
    """What is counted: Reach of Purchase."""
    return text(figure.code, language, **figure.values)


def measure_name(measure: str, language: str) -> str:
    """What a measure of a stage's head is called; one of MEASURES."""
    return text(f"bound.measure_{measure if measure in MEASURES else MEASURES[0]}", language)


def evidence_name(evidence: Evidence, language: str) -> str:
    """How sure something is, in a word; "" where there is nothing to be sure of."""
    return text(f"bound.evidence_{evidence}", language) if evidence else ""


def felt_text(value: float) -> str:
    """A feeling, with its sign: +0.6, −1.2, 0.0."""
    told = f"{value:+.1f}".replace("-", "−")
    return "0.0" if told in ("+0.0", "−0.0") else told


def _number(figure: Figure, value: float, language: str) -> str:
    if figure.code == "bound.feeling":
        return felt_text(min(max(value, -2.0), 2.0))
    return formats.of_form(value, figure.form, language)
