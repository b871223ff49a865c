"""An answer for programs and terminals: values as JSON knows them, a table in aligned text."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from journey.i18n import catalogue, formats, text

__all__ = ["SHARES", "aligned", "plain"]

# Columns of answers that hold shares of 0 to 1, on every way out.
SHARES = (
    *("share", "low", "high", "drop_off", "drop_low", "drop_high", "benchmark"),
    *("share_of_anchor", "anchor_low", "anchor_high", "share_of_all", "all_low", "all_high"),
    *("share_with", "share_without", "explained"),
    *("share_of_start", "start_low", "start_high", "share_of_previous", "previous_low", "previous_high"),
    *("share_a", "share_b", "difference", "difference_low", "difference_high"),
    *("adjusted", "adjusted_low", "adjusted_high", "share_silent", "share_stayed"),
    *("revenue_share", "missing_share", "share_then", "share_now"),
    *("share_of_segment", "share_of_other", "relative", "relative_low", "relative_high", "chance"),
    *("goal_share", "compared_share", "gap", "gap_low", "gap_high"),
    *("smallest_relative", "power", "harm", "harm_seen"),
    *("share_before", "share_after", "share_moved", "share_moved_low", "share_moved_high"),
)
_SHARES = frozenset([*SHARES, "confidence"])
# Ratios, and what is likely by chance: two digits that count.
_RATIOS = frozenset(
    ["odds_ratio", "odds_low", "odds_high", "adjusted_odds", "adjusted_odds_low", "adjusted_odds_high"]
)
_CHANCES = frozenset(["p", "q"])
# Figures of the metrics of a test are in the unit of their metric, relative to the control, or parts of all.
_KINDS_OF_SHARES = ("conversion", "retention")
_IN_ITS_UNIT = ("value", "difference", "error", "anytime_", "bootstrap_", "raw_difference", "loss")
_RELATIVE = ("lift", "anytime_lift")
_PARTS = ("chance", "best", "level", "harm")
# There a difference is an arm minus the control, and not group A minus B.
_OF_METRICS = {
    f"{name}{end}": f"{word}{end}"
    for name, word in (("difference", "moved"), ("lift", "relative"))
    for end in ("", "_low", "_high")
}


def plain(value: Any) -> Any:
    """A value as JSON knows it: what is no number (NaN, NaT, infinite) is null, moments are ISO 8601."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(plain(item) for item in value)
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return value if isinstance(value, bool | int | str) else str(value)


def aligned(table: pd.DataFrame, language: str) -> list[str]:
    """The table in columns of equal width: numbers to the right, a Hangul syllable as wide as two letters."""
    words = catalogue(language)
    called = _OF_METRICS if "metric" in table.columns else {}
    heads = [
        words.get(f"column.{called.get(name, name)}") or words.get(f"cli.column_{name}", str(name))
        for name in table.columns
    ]
    cells = [
        [_cell(row, str(name), value, language) for name, value in row.items()]
        for row in table.to_dict(orient="records")
    ]
    numeric = [pd.api.types.is_numeric_dtype(table[name].dtype) for name in table.columns]
    widths = [max(map(_width, column)) for column in zip(heads, *cells, strict=True)]

    def line(values: Sequence[str]) -> str:
        padded = []
        for value, width, right in zip(values, widths, numeric, strict=True):
            blank = " " * (width - _width(value))
            padded.append(blank + value if right else value + blank)
        return "  ".join(padded).rstrip()

    return [line(heads), line(["-" * width for width in widths]), *map(line, cells)]


def _cell(row: Mapping[Any, Any], name: str, value: Any, language: str) -> str:
    words = catalogue(language)
    if isinstance(value, list | tuple | np.ndarray):
        return " > ".join(str(item) for item in value)
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return "–"
    if name == "kind":
        return words.get(f"column.kind_{value}") or words.get(f"charts.kind_{value}", str(value))
    if name == "way":
        return words.get(f"conformance.way_{value}", str(value))
    if name in ("source", "target") and value == row.get("kind"):
        # The ends of a journey bear their kind as name; a stage of that name has the kind "stage".
        return words.get(f"charts.kind_{value}", str(value))
    if "metric" in row and isinstance(value, float) and name not in _CHANCES:
        return _of_metric(row, name, value, language)
    if name in _SHARES:
        return formats.share(float(value), language)
    if name in _RATIOS:
        return formats.ratio(float(value), language)
    if name in _CHANCES:
        return formats.odds(float(value), language)
    if name.endswith("_seconds"):
        return formats.span(float(value), language)
    if isinstance(value, bool | np.bool_):
        return text("cli.yes" if value else "cli.no", language)
    # Counts that are unknown in some rows are floats in all of them.
    if isinstance(value, int | np.integer) or (isinstance(value, float) and value.is_integer()):
        return formats.count(int(value), language)
    return re.sub(r"\s+", " ", str(value))


def _of_metric(row: Mapping[Any, Any], name: str, value: float, language: str) -> str:
    """A figure of one metric of a test: a share, a relative difference, or any number."""
    if name.startswith(_RELATIVE):
        return formats.change(value, language)
    if name.endswith("_p"):
        return formats.odds(value, language)
    of_shares = row.get("kind") in _KINDS_OF_SHARES and name.startswith(_IN_ITS_UNIT)
    return (formats.share if of_shares or name in _PARTS else formats.number)(value, language)


def _width(value: str) -> int:
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in value)
    return len(value) + wide - sum(unicodedata.combining(char) > 0 for char in value)
