"""What clusters are called, the rule that tells each, and what the axes of their map are, in words."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from journey.analysis.segments import Segments
from journey.charts.canvas import rows_of
from journey.charts.feature_words import category_words, feature_value, feature_words
from journey.charts.lettering import plain_line
from journey.i18n import text
from journey.theme import stage_colour

__all__ = [
    "axis_words",
    "cluster_colour",
    "cluster_mark",
    "cluster_name",
    "column_words",
    "proposed_names",
    "rule_words",
    "value_words",
]

# So many standard deviations away from all is worth a name.
_APART, _LEAST_APART = 0.5, 0.25
_MOST_PARTS = 3
_LONGEST = 80
# Features with words of their own for having much or little of them.
_SAID: Mapping[str, tuple[str, str]] = {
    "rfm.recency": ("clusters.high_rfm_recency", "clusters.low_rfm_recency"),
    "rfm.frequency": ("clusters.high_rfm_frequency", "clusters.low_rfm_frequency"),
    "rfm.monetary": ("clusters.high_rfm_monetary", "clusters.low_rfm_monetary"),
    "journey.recency": ("clusters.high_recency", "clusters.low_recency"),
    "journey.active_days": ("clusters.high_active_days", "clusters.low_active_days"),
    "journey.visits": ("clusters.high_visits", "clusters.low_visits"),
    "orders.price": ("clusters.high_price", "clusters.low_price"),
    "when.night": ("clusters.high_night", "clusters.low_night"),
    "when.weekend": ("clusters.high_weekend", "clusters.low_weekend"),
}
# What stands in brackets at the end of a column's name is its unit.
_UNIT = re.compile(r"\s*\([^()]*\)$")
# An axis is told by the features that it hangs on most.
_MOST_LOADINGS = 3
_LEAST_LOADING = 0.3


def cluster_mark(cluster: int) -> str:
    """The id of a cluster in the charts."""
    return f"C:{cluster}"


def cluster_name(answer: Segments, cluster: int, language: str) -> str:
    """What a cluster is called: as people named it, or by what sets it apart."""
    return answer.names.get(cluster) or proposed_names(answer, language)[cluster]


def cluster_colour(answer: Segments, cluster: int) -> str:
    """The colour of a cluster: the one that people gave it, or that of its position."""
    return answer.colours.get(cluster) or stage_colour(cluster)


def proposed_names(answer: Segments, language: str) -> dict[int, str]:
    """By cluster a name made of what sets it apart most; all are different ones.

    Said are up to two features whose mean lies half a standard deviation or more away from that of all, or
    else the farthest one alone, from a quarter on; a third one where two clusters would be called the same,
    and a number where that does not help either.
    """
    table = answer.table.assign(far=answer.table["apart"].abs())
    parts: dict[int, dict[str, int]] = {}
    place = {feature: at for at, feature in enumerate(answer.offers)}
    for _, rows in table.sort_values("far", ascending=False, kind="stable").groupby("cluster"):
        said: dict[str, int] = {}
        for row in rows_of(rows):
            # Where nothing is so far away, the farthest alone may tell.
            if row.far >= (_APART if said else _LEAST_APART) and (part := _part(answer, row, language)):
                said.setdefault(part, place[row.feature])
        parts[int(rows["cluster"].iloc[0])] = said
    names = {cluster: _joined(found, 2, language) for cluster, found in parts.items()}
    for cluster, name in names.items():
        if list(names.values()).count(name) > 1 and len(parts[cluster]) >= _MOST_PARTS:
            names[cluster] = _joined(parts[cluster], _MOST_PARTS, language)
    seen: dict[str, int] = {}
    for cluster, name in names.items():
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            names[cluster] = f"{name} ({seen[name]})"
    return names


def _joined(parts: Mapping[str, int], most: int, language: str) -> str:
    """The strongest parts, in the order of the features, so that names of several clusters read alike."""
    strongest = list(parts)[:most]
    told = " · ".join(sorted(strongest, key=lambda part: parts[part]))
    return told[:_LONGEST] or text("clusters.average", language)


def _part(answer: Segments, row: Any, language: str) -> str:
    """One thing that sets a cluster apart; "" for a category that it has not."""
    offer = answer.offers[row.feature]
    if offer.kind == "category":
        return plain_line(category_words(row.category, language)) if row.apart > 0 else ""
    if row.feature in _SAID:
        return text(_SAID[row.feature][row.apart < 0], language)
    key = "clusters.high" if row.apart > 0 else "clusters.low"
    feature = plain_line(feature_words(offer, language))
    return text(key, language, feature=_UNIT.sub("", feature) or feature)


def rule_words(answer: Segments, cluster: int, language: str) -> str:
    """The rule of a cluster in words, condition after condition; where there is none, that."""
    rules: pd.DataFrame = answer.rules
    said = [_condition(answer, line, language) for line in rows_of(rules[rules["cluster"] == cluster])]
    return " · ".join(said) or text("clusters.no_rule", language)


def _condition(answer: Segments, line: Any, language: str) -> str:
    offer = answer.offers[line.feature]
    feature = plain_line(feature_words(offer, language))
    if offer.kind == "category":
        code = "clusters.rule_is" if line.low > 0 else "clusters.rule_is_not"
        return text(
            code, language, feature=feature, category=plain_line(category_words(line.category, language))
        )
    bounds = {
        name: feature_value(offer, value, language)
        for name, value in (("low", line.low), ("high", line.high))
        if math.isfinite(value)
    }
    codes: dict[tuple[str, ...], str] = {("low",): "clusters.rule_above", ("high",): "clusters.rule_most"}
    return text(codes.get(tuple(bounds), "clusters.rule_between"), language, feature=feature, **bounds)


def column_words(answer: Segments, feature: str, category: str, language: str) -> str:
    """A feature, of a category with the value that a share is about."""
    offer = answer.offers[feature]
    said = plain_line(feature_words(offer, language))
    if offer.kind == "number":
        return said
    named = plain_line(category_words(category, language))
    return text("clusters.rule_is", language, feature=said, category=named)


def value_words(answer: Segments, feature: str, value: float, language: str) -> str:
    """A mean of a feature; of a category the share that has it."""
    offer = answer.offers[feature]
    return text("clusters.share", language, share=value) if offer.kind == "category" else feature_value(
        offer, value, language
    )  # fmt: skip


def axis_words(answer: Segments, axis: int, language: str) -> str:
    """What one axis of the map is made of: how much of the variance it shows, and which features lead it."""
    rows = answer.axes[answer.axes["axis"] == axis]
    if rows.empty:
        return ""
    strongest = rows.assign(size=rows["loading"].abs()).sort_values("size", ascending=False, kind="stable")
    told = strongest[strongest["size"] >= _LEAST_LOADING].head(_MOST_LOADINGS)
    features = " · ".join(
        text(
            "clusters.axis_up" if row.loading > 0 else "clusters.axis_down",
            language,
            feature=column_words(answer, row.feature, row.category, language),
        )
        for row in rows_of(told)
    )
    return text(f"clusters.axis_{axis}", language, features=features, share=float(rows["explained"].iloc[0]))
