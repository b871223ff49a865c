"""The Sankey of a flows answer: who goes where, step by step, and who stays behind."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from journey.analysis.flows import Flows
from journey.charts.canvas import (
    Row,
    X,
    Y,
    finished,
    rows_of,
    sentence_row,
    words,
)
from journey.charts.flow_crowds import FOLDED, folded_nodes
from journey.charts.flow_ids import PickedLink, PickedNode, link_id, node_id, parse_id
from journey.charts.flow_words import MOST_RIBBONS, TIPS, FlowWords
from journey.charts.sankey_layers import boxes_layer, lit, ribbons_layer, touched, written
from journey.charts.sankey_layout import sankey_layout
from journey.charts.sankey_shapes import ENDS, STARTS, Key, Sankey, Word
from journey.i18n import text
from journey.theme import EXIT

__all__ = ["PickedLink", "PickedNode", "flows_chart", "link_id", "node_id", "parse_id"]

_LEAST_HATCHED = 3
_NOWHERE = "-"
# Who goes on beyond the picture, or comes from before it, fades away.
_FADES = (
    "{{gradient: 'linear', x1: 0, y1: 0, x2: 1, y2: 0, "
    "stops: [{{offset: 0, color: datum.colour + '{}'}}, {{offset: 1, color: datum.colour + '{}'}}]}}"
)
_PAINT = (
    f"datum.end == 'more' ? {_FADES.format('FF', '00')} "
    f": datum.end == 'earlier' ? {_FADES.format('00', 'FF')} : datum.colour"
)


def flows_chart(
    answer: Flows,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float = 520,
    picked: str | None = None,
    weight: str = "previous",
) -> alt.LayerChart:
    """Draw the flows of an answer as one layered chart.

    The selection `pick` gives the `id` of the ribbon, stub or node that was clicked (see `parse_id`). Heights
    are customers, whatever the numbers are (see WEIGHTS); a stub's share of the node before divides by the
    customers of its node, as in the table. `picked` is the id that is selected from the beginning.
    """
    words_of = FlowWords(answer, language, weight)
    links, nodes, folded = folded_nodes(answer.links, answer.nodes)
    hidden = len(links) - MOST_RIBBONS
    sheet = sankey_layout(
        links,
        nodes,
        width=width,
        height=height,
        caption=words_of.caption,
        amount=words_of.number,
        heading=words_of.heading,
        end_caption=words_of.end,
        direction=answer.direction,
        remark=words_of.remark(folded, hidden),
    )
    if not sheet.nodes:
        row = sentence_row(text("charts.flows_empty", language), height=height, dark=dark)
        data = {"words": [row]}
        layers = words("words", [row], height=height, dark=dark)
        description = text("charts.flows_empty", language)
    else:
        layers, data = _layers(sheet, links, words_of, dark)
        description = text(
            "charts.flows_described",
            language,
            steps=len(sheet.orders),
            amount=words_of.amount(
                sum(n.customers for n in sheet.nodes if n.key[0] == sheet.orders[0][0][0])
            ),
        )
    layers[0] = layers[0].add_params(*touched(data, picked))
    return finished(layers, data, width=width, height=height, dark=dark, description=description)


def _layers(
    sheet: Sankey, links: pd.DataFrame, words_of: FlowWords, dark: bool
) -> tuple[list[Any], dict[str, list[Row]]]:
    """Stubs and ribbons, hatching, boxes, words, from back to front, and the data sets they draw."""
    shapes = _shape_rows(sheet, links, words_of)
    boxes = [_box_row(node, words_of) for node in sheet.nodes]
    tips, box_tips = words_of.tips(), words_of.box_tips()

    area = ribbons_layer("shapes", sheet.width, sheet.height, tips=tips, paint=_PAINT)
    box = boxes_layer("boxes", sheet.width, sheet.height, tips=box_tips)
    layers = [area]
    if any(row["end"] == "active" and row["y01"] - row["y00"] >= _LEAST_HATCHED for row in shapes):
        stripes = (
            alt.Chart(alt.NamedData("shapes"))
            .transform_filter(f"datum.end == 'active' && datum.y01 - datum.y00 >= {_LEAST_HATCHED}")
            .transform_calculate(s="sequence(datum.x0 + 3, datum.x1 - 1.5, 5)")
            .transform_flatten(["s"])
            .transform_calculate(s2="datum.s + 1.5")
            .mark_rect(cursor="pointer", fill=EXIT, aria=False)
            .encode(
                x=X("s", sheet.width),
                x2="s2:Q",
                y=Y("y00", sheet.height),
                y2="y01:Q",
                opacity=lit(0.75, 0.25, 0.95),
                tooltip=tips,
            )
        )
        layers.append(stripes)
    layers.append(box)
    data: dict[str, list[Row]] = {"shapes": shapes, "boxes": boxes}
    if sheet.keys:
        data["keys"] = [_key_row(key, words_of) for key in sheet.keys]
        layers.append(
            alt.Chart(alt.NamedData("keys"))
            .mark_point(shape="circle", size=60, filled=True, opacity=1, aria=False)
            .encode(
                x=X("x", sheet.width),
                y=Y("y", sheet.height),
                color=alt.Color("colour:N", scale=None),
                tooltip=alt.value(None),
            )
        )
    tip_of = {row["id"]: row for row in (*boxes, *shapes)}
    table = rows_of(links)
    texts = [_word_row(place, table, tip_of, sheet.width, dark) for place in sheet.words]
    heads = [row for row in texts if not row["id"]]
    # Headings become short together.
    titles = [row for place, row in zip(sheet.words, texts, strict=True) if place.role == "heading"]
    widest = max(row["wide"] for row in titles)
    for row in titles:
        row["wide"] = widest
    boxed = [row for row in texts if row["id"].startswith("N:")]
    stubs = [row for row in texts if row["id"].startswith("L:")]
    for name, rows, tips_of in (("heads", heads, None), ("names", boxed, box_tips), ("ends", stubs, tips)):
        if rows:
            data[name] = rows
            layers += words(name, rows, height=sheet.height, dark=dark, tips=tips_of)
    return layers, data


def _shape_rows(sheet: Sankey, links: pd.DataFrame, words_of: FlowWords) -> list[Row]:
    """One row a ribbon or stub; its curve, fading and hatching are computed where it is drawn."""
    shapes = []
    table = rows_of(links)
    drawn = sorted(range(len(sheet.ribbons)), key=lambda at: -sheet.ribbons[at].customers)
    for at in sorted(drawn[:MOST_RIBBONS]):
        ribbon = sheet.ribbons[at]
        link = table[ribbon.row]
        node = ribbon.source or ribbon.target
        own_colour = ribbon.end in ("exit", "active", "start") or node is None
        kind, name = (ribbon.end, "") if own_colour or node is None else node[1:]
        row: Row = {
            "id": "" if FOLDED in (link.source_kind, link.target_kind) else link_id(link),
            "a": _key_id(ribbon.source) or _NOWHERE,
            "b": _key_id(ribbon.target) or _NOWHERE,
            "end": ribbon.end,
            "x0": ribbon.x0,
            "x1": ribbon.x1,
            "y00": ribbon.y00,
            "y01": ribbon.y01,
            "y10": ribbon.y10,
            "y11": ribbon.y11,
            "colour": words_of.colour(kind, name),
            **_link_tip(link, words_of),
        }
        shapes.append({key: round(v, 2) if isinstance(v, float) else v for key, v in row.items()})
    return shapes


def _link_tip(link: Any, words_of: FlowWords) -> Row:
    source = words_of.caption(link.source_kind, link.source)
    target = words_of.caption(link.target_kind, link.target)
    step = int(link.step)
    beside = link.source_kind in STARTS or link.target_kind in ENDS
    when = words_of.step(step) if beside else f"{words_of.step(step)} → {words_of.step(step + 1)}"
    part, low, high = words_of.part(link, source)
    known = low == low and high == high
    return {
        "what": f"{source} → {target}",
        "when": when,
        "who": words_of.amount(link.customers),
        "part": part,
        "span": words_of.say("interval", low=low, high=high) if known else "–",
    }


def _box_row(node: Any, words_of: FlowWords) -> Row:
    step, kind, name = node.key
    shown = words_of.caption(kind, name)
    of_all = node.customers / words_of.everyone if words_of.everyone else float("nan")
    own = _key_id(node.key)
    return {
        "id": own,
        "a": own,
        "b": own,
        "x0": round(node.x0, 2),
        "x1": round(node.x1, 2),
        "y0": round(node.y0, 2),
        "y1": round(node.y1, 2),
        "colour": words_of.colour(kind, name),
        "name": shown,
        "when": words_of.step(step),
        "who": words_of.amount(node.customers),
        "part": words_of.say("share_of_all", share=of_all),
    }


def _key_row(key: tuple[float, float, str, str], words_of: FlowWords) -> Row:
    x, y, kind, name = key
    return {"id": "", "a": "", "b": "", "x": x, "y": y, "colour": words_of.colour(kind, name)}


def _word_row(place: Word, links: list[Any], tip_of: dict[str, Row], width: float, dark: bool) -> Row:
    """A word is a handle of what it names: it has the id and the tooltip of its box or stub."""
    if place.row is not None:
        link = links[place.row]
        own = "" if FOLDED in (link.source_kind, link.target_kind) else link_id(link)
    else:
        own = _key_id(place.key)
    shape = tip_of.get(own, {}) if own else {}
    return written(
        place,
        width,
        dark=dark,
        strong=("name",),
        rimmed=("name", "number", "end"),
        short=place.text if place.role in ("legend", "remark") else place.short,
        **{**{field: shape.get(field, "") for field in ("a", "b", *TIPS)}, "id": own},
    )


def _key_id(key: Key | None) -> str:
    if key is None or key[1] == FOLDED:
        return ""
    return node_id(*key)
