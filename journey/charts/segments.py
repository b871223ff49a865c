"""Clusters of customers: how many are in each, what they bring, and the rule that tells them."""

from __future__ import annotations

import math
from typing import Any

import altair as alt
import pandas as pd

from journey.analysis.segments import Segments
from journey.charts.canvas import Place, Row, boxes, finished, rows_of, sentence_only, tooltip, word, words
from journey.charts.feature_words import category_words, feature_value, feature_words
from journey.charts.lettering import plain_line
from journey.i18n import text
from journey.i18n.formats import share
from journey.theme import MUTED, ink, stage_colour

__all__ = ["cluster_name", "rule_words", "segments_chart"]

_ROW = 84.0
_HEAD = 6.0
_MARGIN = 10.0
_BAR = 11.0


def cluster_name(cluster: int, language: str) -> str:
    """What a cluster is called before people name it: group 1 is the largest."""
    return text("clusters.group", language, number=str(cluster + 1))


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


def segments_chart(
    answer: Segments,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float | None = None,
) -> alt.LayerChart:
    """One block a cluster: a bar of its share of the customers, one of its share of the revenue, its rule.

    Without amounts there is no bar of revenue.
    """
    table = answer.clusters
    row_height = _ROW if height is None else max((height - _HEAD) / max(len(table), 1), 60.0)
    height = height or _HEAD + _ROW * max(len(table), 2)

    def say(key: str, **values: Any) -> str:
        return text(f"clusters.{key}", language, **values)

    if table.empty:
        return sentence_only(say("chart_empty"), width=width, height=height, dark=dark)

    bars: list[Row] = []
    texts: list[Row] = []
    whole = Place(1, -2 * _MARGIN)
    room = whole * 0.3

    def bar(y: float, part: float, colour: str, said: str, tips: Row) -> None:
        start = Place(0, _MARGIN)
        end = start + whole * 0.7 * part + Place(0, 2)
        bars.append(
            {
                **start.row("x"),
                **end.row("x2"),
                "y0": round(y - _BAR / 2, 2),
                "y1": round(y + _BAR / 2, 2),
                "colour": colour,
                "needs": 0.0,
                **tips,
            }
        )
        texts.append(word(said, end + Place(0, 6), y, room, colour=ink(dark), size=11.0))

    for line in rows_of(table):
        top = _HEAD + row_height * line.cluster
        named = cluster_name(line.cluster, language)
        rule = rule_words(answer, line.cluster, language)
        has_money = line.revenue_share == line.revenue_share
        tips = {
            "what": named,
            "who": say("tip_amount", n=line.n, share=line.share),
            "paid": share(line.revenue_share, language) if has_money else "–",
            "rule": rule,
        }
        head = say("head", name=named, n=line.n)
        texts.append(word(head, Place(0, _MARGIN), top + 10, whole, colour=ink(dark), size=13.0))
        said = say("share_of_customers", share=line.share)
        bar(top + 28, line.share, stage_colour(line.cluster), said, tips)
        if has_money:
            bar(top + 44, line.revenue_share, MUTED, say("share_of_revenue", share=line.revenue_share), tips)
        y = top + (60 if has_money else 44)
        texts.append(word(rule, Place(0, _MARGIN), y, whole, colour=ink(dark), size=11.0, shown=0.75))

    names = ("what", "who", "paid", "rule")
    layers = [
        boxes("bars", height=height, tips=tooltip({name: say(f"tip_{name}") for name in names})),
        *words("words", texts, height=height, dark=dark),
    ]
    data = {"bars": bars, "words": texts}
    described = say("chart_described", n=len(table))
    return finished(layers, data, width=width, height=height, dark=dark, description=described)
