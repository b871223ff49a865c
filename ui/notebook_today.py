"""What became of a pinned answer: today's beside it, under the filters that it was pinned with."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

from journey.errors import JourneyError
from journey.figures import Figure
from journey.findings import Finding
from journey.i18n import text
from journey.projects.again import Standing, standing
from journey.projects.notebook import Cell
from journey.questions import QUESTIONS
from ui import ask, demo, logs, problems, session, veil
from ui.words import t

__all__ = [
    "Today",
    "chart_of",
    "filters_said",
    "headline_of",
    "is_empty",
    "shown_then",
    "source_of",
    "today_of",
]

# What joins names in a finding: those of a route, and of a node that is split by an attribute.
_JOINED = re.compile("( · | → )")
# Charts that a question has beside the one of its name.
_OTHER_PICTURES = frozenset(
    {
        *("pair_matrix", "step_matrix"),
        *("cluster_choice", "cluster_map", "cluster_profile", "cluster_silhouettes", "cluster_tree"),
    }
)


@dataclass(frozen=True)
class Today:
    """What became of a pinned answer: today's with its standing, or why there is none."""

    answer: Any
    standing: Standing | None
    why: Finding | None = None

    @property
    def verdict(self) -> str:
        return "gone" if self.standing is None else self.standing.verdict


def source_of(question: str) -> str:
    return t(f"page.{question}.title") if question in QUESTIONS else question


def chart_of(cell: Cell) -> Callable[..., Any] | None:
    """The charts of a question stand in the module of its name; one that is gone gives way to the first."""
    if cell.question not in QUESTIONS:
        return None
    module = import_module(f"journey.charts.{cell.question}")
    is_one = cell.picture in _OTHER_PICTURES and cell.picture in module.__all__
    name = cell.picture if is_one else f"{cell.question}_chart"
    chart: Callable[..., Any] = getattr(module, name)
    return chart


def headline_of(answer: Any) -> Figure | None:
    return getattr(answer, "headline", None)


def is_empty(answer: Any) -> bool:
    return bool(answer.table.empty)


def today_of(cell: Cell) -> Today:
    """Today's answer, or a sentence that says why it cannot be given any more."""
    data = session.state().data
    if data is None or data.fingerprint is None:
        return Today(None, None, Finding("notebook.why_data"))
    if cell.question not in QUESTIONS:
        return Today(None, None, Finding("notebook.why_question"))
    if _where(cell.filters) != (cell.filters.get("where") or {}):
        return Today(None, None, Finding("notebook.why_broken"))
    missing = [name for name in _where(cell.filters) if name not in logs.whole().attributes]
    if missing:
        return Today(None, None, Finding("notebook.why_attribute", {"name": missing[0]}))
    try:
        answer = ask.again(cell.question, cell.settings, cell.filters)
    except problems.LOST:
        raise
    except JourneyError as problem:
        return Today(None, None, Finding(problem.key, problem.values))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        # Settings of another version, or of a hand.
        return Today(None, None, Finding("notebook.why_broken"))
    then, headline = shown_then(cell)
    return Today(answer, standing(then, headline, answer.finding, headline_of(answer)))


def _where(filters: Mapping[str, Any]) -> Mapping[str, list[str | None]]:
    """The attributes and values of pinned filters, as far as they are written like this."""
    where = filters.get("where")
    return {
        name: values
        for name, values in (where.items() if isinstance(where, Mapping) else ())
        if isinstance(values, list) and all(one is None or isinstance(one, str) for one in values)
    }


def shown_then(cell: Cell) -> tuple[Finding, Figure | None]:
    """What was pinned, in demo mode with the names that the log bears there."""
    if not demo.is_on():
        return cell.finding, cell.headline
    names = _stand_ins()
    finding = replace(cell.finding, values=_disguised(cell.finding.values, names))
    headline = cell.headline
    if headline is not None:
        headline = replace(headline, values=_disguised(headline.values, names))
    return finding, headline


def _stand_ins() -> Mapping[str, str]:
    """Value -> what is said for it, of all attributes that are hidden."""
    data = session.state().data
    if data is None or data.fingerprint is None:
        return {}
    stages = {stage.name for stage in session.state().stage_map.stages}
    return {
        value: shown
        for attribute in veil.hidden()
        for value, shown in veil.said(attribute).items()
        if value not in stages
    }


def _disguised(values: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    def one(value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [one(inner) for inner in value]
        if not isinstance(value, str):
            return value
        return demo.covered(veil.veiled("".join(names.get(part, part) for part in _JOINED.split(value))))

    return {name: one(value) for name, value in values.items()}


def filters_said(filters: Mapping[str, Any], language: str | None = None) -> list[str]:
    """The pinned filters in words, a line each."""
    speak = language or session.current().language
    lines, period = [], filters.get("period")
    with suppress(TypeError, ValueError):
        first, last = (dt.date.fromisoformat(day) for day in period or ())
        lines.append(
            text("controls.one_day" if first == last else "controls.days", speak, first=first, last=last)
        )
    if filters.get("segment"):
        lines.append(text("notebook.segment", speak))
    for attribute, values in _where(filters).items():
        told = veil.said(attribute) if session.has_log() else {}
        shown = [
            text("controls.missing", speak)
            if one is None
            else told.get(one, demo.word("value") if told else one)
            for one in values
        ]
        lines.append(text("controls.where", speak, attribute=attribute, values=", ".join(shown)))
    return [demo.covered(line) for line in lines]
