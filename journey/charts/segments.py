"""Clusters of customers: how many are in each, what they bring, and the rule that tells them."""

from __future__ import annotations

import altair as alt

from journey.analysis.segments import Segments
from journey.charts.canvas import Place, Row, finished, rows_of, sentence_only, tooltip, word, words
from journey.charts.lettering import text_width, wrapped
from journey.charts.picking import clickable, picking
from journey.charts.segments_choice import cluster_choice
from journey.charts.segments_map import cluster_map, cluster_silhouettes
from journey.charts.segments_profile import cluster_profile
from journey.charts.segments_tree import cluster_tree
from journey.charts.segments_words import cluster_colour, cluster_mark, cluster_name, rule_words
from journey.i18n import saying
from journey.i18n.formats import share
from journey.theme import MUTED, ink

__all__ = [
    "cluster_choice",
    "cluster_map",
    "cluster_profile",
    "cluster_silhouettes",
    "cluster_tree",
    "rule_words",
    "segments_chart",
]

_ROW = 102.0
_HEAD = 6.0
_MARGIN = 10.0
_BAR = 11.0
# The rule of a cluster: its letters, and the room that a phone has for a line of it.
_RULE, _LINE, _PHONE = 11.5, 14.0, 320.0


def segments_chart(
    answer: Segments,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float | None = None,
    picked: str | None = None,
) -> alt.LayerChart:
    """One block a cluster: a bar of its share of the customers, one of its share of the revenue, its rule.

    Without amounts there is no bar of revenue. Below the rule stands how many of those who fit it are in the
    cluster (precision), and how many of the cluster fit it (coverage).
    """
    table = answer.clusters
    row_height = _ROW if height is None else max((height - _HEAD) / max(len(table), 1), 78.0)
    height = _HEAD + row_height * max(len(table), 2)

    say = saying("clusters", language)

    if table.empty:
        return sentence_only(say("chart_empty"), width=width, height=height, dark=dark)

    bars: list[Row] = []
    texts: list[Row] = []
    whole = Place(1, -2 * _MARGIN)
    room = whole * 0.34

    def bar(y: float, part: float, colour: str, said: str, tips: Row) -> None:
        start = Place(0, _MARGIN)
        end = start + whole * 0.64 * part + Place(0, 2)
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
        texts.append(word(said, end + Place(0, 6), y, room, colour=ink(dark), size=11.0, id=tips["id"]))

    fits = answer.rules.groupby("cluster")[["precision", "coverage"]].first()
    for line in rows_of(table):
        top = _HEAD + row_height * line.cluster
        named = cluster_name(answer, line.cluster, language)
        rule = rule_words(answer, line.cluster, language)
        has_money = line.revenue_share == line.revenue_share
        mark = cluster_mark(line.cluster)
        fit = fits.loc[line.cluster] if line.cluster in fits.index else None
        good = "" if fit is None else say("rule_fits", precision=fit["precision"], coverage=fit["coverage"])
        tips = {
            "id": mark,
            "what": named,
            "who": say("tip_amount", n=line.n, share=line.share),
            "paid": share(line.revenue_share, language) if has_money else "–",
            "rule": rule,
            "fits": good or "–",
            "held": f"{line.jaccard:.2f}",
        }
        left = Place(0, _MARGIN)
        head = say("head", name=named, n=line.n)
        texts.append(word(head, left, top + 10, whole, colour=ink(dark), size=13.0, short=named, id=mark))
        said = say("share_of_customers", share=line.share)
        bar(top + 29, line.share, cluster_colour(answer, line.cluster), said, tips)
        if has_money:
            bar(top + 45, line.revenue_share, MUTED, say("share_of_revenue", share=line.revenue_share), tips)
        y = top + (62 if has_money else 46)
        needs, parts = 0.0, wrapped(rule, _RULE, _PHONE)
        if len(parts) > 1:
            # A rule has to be read to its end on a phone too; a sheet that has room shows it as one line.
            needs = text_width(rule, _RULE) + 2 * _MARGIN
            for at, part in enumerate([parts[0], " ".join(parts[1:])]):
                texts.append(
                    word(part, left, y + _LINE * at, whole, colour=ink(dark), size=_RULE, id=mark, most=needs)
                )
        texts.append(word(rule, left, y, whole, colour=ink(dark), size=_RULE, id=mark, needs=needs))
        if fit is not None:
            short = say("rule_fits_short", precision=fit["precision"], coverage=fit["coverage"])
            pale: Row = {"colour": ink(dark), "size": 11.0, "shown": 0.7, "id": mark, "short": short}
            texts.append(word(good, left, y + 16, whole, needs=needs, **pale))
            if needs:
                texts.append(word(good, left, y + 16 + _LINE, whole, most=needs, **pale))

    titles = tooltip({name: say(f"tip_{name}") for name in ("what", "who", "paid", "rule", "fits", "held")})
    layers = [
        clickable("bars", height=height, tips=titles, dark=dark).add_params(picking(picked)),
        *words("words", texts, height=height, dark=dark),
    ]
    data = {"bars": bars, "words": texts}
    described = say("chart_described", n=len(table))
    return finished(layers, data, width=width, height=height, dark=dark, description=described)
