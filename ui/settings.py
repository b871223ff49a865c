"""What a project remembers of how it is looked at, as pages can rely on it.

Settings stand in the project's file as any JSON: an older or newer version wrote them, or a hand did. What
is not of its kind is left out here, as if it had never been set.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["sound"]

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_FIRST, _LAST = dt.date(1900, 1, 1), dt.date(2262, 1, 1)


def sound(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of which each is of its own kind; those that are not known here stay as they are."""
    kept = {name: _KINDS[name](value) if name in _KINDS else value for name, value in settings.items()}
    return {name: value for name, value in kept.items() if value is not None}


def _period(value: Any) -> list[str] | None:
    """Two days in ISO form, in order, of years that calendars on the page can show."""
    if not isinstance(value, list) or len(value) != 2 or not all(isinstance(day, str) for day in value):
        return None
    try:
        first, last = (dt.date.fromisoformat(day) for day in value)
    except ValueError:
        return None
    return [first.isoformat(), last.isoformat()] if _FIRST <= first <= last <= _LAST else None


def _where(value: Any) -> dict[str, list[str | None]] | None:
    """Attribute -> its chosen values, each once; None is a missing value."""
    if not isinstance(value, dict):
        return None
    chosen = {
        name: list(dict.fromkeys(one for one in values if one is None or isinstance(one, str)))
        for name, values in value.items()
        if isinstance(values, list)
    }
    return {name: values for name, values in chosen.items() if values} or None


def _texts(value: Any) -> list[str] | None:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _steps(value: Any) -> int | None:
    return value if type(value) is int and 1 <= value <= 12 else None


def _columns(value: Any) -> list[int] | None:
    return [one for one in value if type(one) is int] if isinstance(value, list) else None


def _colours(value: Any) -> list[str] | None:
    return [one for one in _texts(value) or () if _COLOUR.fullmatch(one)][:2] or None


def _switches(value: Any) -> dict[str, bool] | None:
    if not isinstance(value, dict):
        return None
    return {name: on for name, on in value.items() if isinstance(on, bool)} or None


_KINDS: Mapping[str, Callable[[Any], Any]] = {
    "brand.colours": _colours,
    "brand.name": _text,
    "confirmed": _texts,
    "demo.hidden": _switches,
    "flows.anchors": _texts,
    "flows.group": _text,
    "flows.opened": _columns,
    "flows.steps": _steps,
    "goal.segment": _text,
    "goal.target": _text,
    "goal.text": _text,
    "kpi.cards": _texts,
    "kpi.clicks": _texts,
    "kpi.impressions": _texts,
    "kpi.purchases": _texts,
    "period": _period,
    "segment": _text,
    "unit": _text,
    "where": _where,
}
