"""Is a kept answer still what it was? Today's against the one that was pinned."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from journey.figures import Figure
from journey.findings import Finding
from journey.statistics.differences import mover

__all__ = ["Standing", "Verdict", "standing"]

# same     nothing changed              within   changed, by no more than chance explains
# beyond   changed beyond chance        changed  changed, and there is no interval to judge it by
# other    today's answer is about something else; the two numbers are not to be compared
Verdict = Literal["same", "within", "beyond", "changed", "other"]


@dataclass(frozen=True)
class Standing:
    """What became of a pinned answer; the difference is today minus then, NaN where it cannot be said."""

    verdict: Verdict
    difference: float = math.nan
    low: float = math.nan
    high: float = math.nan


def standing(
    finding: Finding, headline: Figure | None, now: Finding, headline_now: Figure | None
) -> Standing:
    """How today's answer stands to the pinned one.

    Two headlines are compared when they count the same thing (code, form, names in it). Their difference is
    beyond noise when its 95 % interval leaves out 0 (MOVER, as if the two samples were independent: today's
    data mostly hold those of then, so that less is called a change than is one). Without a headline the
    sentences are compared.
    """
    if headline is None or headline_now is None:
        return Standing(_of_findings(finding, now))
    if _counted(headline) != _counted(headline_now):
        return Standing("other")
    if not (headline.is_known and headline_now.is_known):
        return Standing("same" if headline.is_known == headline_now.is_known else "changed")
    difference = headline_now.value - headline.value
    if math.isclose(headline.value, headline_now.value, rel_tol=1e-12, abs_tol=1e-12):
        return Standing("same", 0.0)
    if not (headline.has_interval and headline_now.has_interval):
        return Standing("changed", difference)
    low, high = mover(
        headline_now.value, headline_now.low, headline_now.high, headline.value, headline.low, headline.high
    )
    return Standing("within" if low <= 0 <= high else "beyond", difference, float(low), float(high))


def _counted(figure: Figure) -> tuple[str, str, Any]:
    return figure.code, figure.form, _plain(dict(figure.values))


def _of_findings(then: Finding, now: Finding) -> Verdict:
    if (then.code, _named(then)) != (now.code, _named(now)):
        return "other"
    return "same" if _plain(then.values) == _plain(now.values) else "changed"


def _named(finding: Finding) -> dict[str, Any]:
    """Whom and what a finding tells of: its values that are no numbers."""
    return {name: one for name, one in _plain(finding.values).items() if not isinstance(one, int | float)}


def _plain(values: Any) -> Any:
    """Lists for tuples, and Python's numbers for numpy's: as JSON gave the pinned ones back."""
    if isinstance(values, dict):
        return {name: _plain(one) for name, one in values.items()}
    if isinstance(values, list | tuple):
        return [_plain(one) for one in values]
    return values.item() if hasattr(values, "item") else values
