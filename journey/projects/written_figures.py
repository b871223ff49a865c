"""Figures as a project writes them down, and reads them again."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any, cast, get_args

from journey.figures import Figure, Form
from journey.findings import Finding
from journey.projects.written_findings import finding_to_json

__all__ = ["figure_from_json", "figure_to_json", "moment_from_json"]

_MOST = 10**15  # of a number that somebody can mean
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def figure_to_json(figure: Figure) -> dict[str, Any]:
    """A figure as JSON has it, which has no word for NaN."""
    numbers = {name: float(getattr(figure, name)) for name in ("value", "low", "high")}
    return {
        **finding_to_json(Finding(figure.code, figure.values)),
        "form": figure.form,
        "n": int(figure.n),
        **{name: number if math.isfinite(number) else None for name, number in numbers.items()},
    }


def figure_from_json(value: Any) -> Figure | None:
    """Read what `figure_to_json` made; None for anything else."""
    match value:
        case {"code": str(code), "values": {}, "form": str(form), "n": int(n)} if form in get_args(Form):
            numbers = [value.get(name) for name in ("value", "low", "high")]
            if not all(one is None or (type(one) in (int, float) and abs(one) <= _MOST) for one in numbers):
                return None
            if not 0 <= n <= _MOST:
                return None
            said, low, high = (math.nan if one is None else float(one) for one in numbers)
            return Figure(code, said, cast(Form, form), n, low, high, dict(cast(Mapping, value["values"])))
        case _:
            return None


def moment_from_json(value: Any) -> dt.datetime:
    """When something was written, of its ISO text; the beginning of 1970 where that is none."""
    try:
        at = dt.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return _EPOCH
    # At the ends of the calendar there is no other zone to tell the moment in.
    at = at if at.tzinfo is not None else at.replace(tzinfo=dt.UTC)
    return at if 1 < at.year < dt.MAXYEAR else _EPOCH
