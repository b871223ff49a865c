"""Who moves from one group of buyers to another, from day to day, as a Sankey that keeps its order."""

from __future__ import annotations

import datetime as dt
from typing import Any

import altair as alt
import pandas as pd

from journey.aggregates.rfm import GROUPS, NOBODY
from journey.analysis.rfm import Rfm
from journey.charts.canvas import Row, finished, rows_of, tooltip, words
from journey.charts.rfm_words import COLOURS, RfmWords
from journey.charts.sankey_layers import boxes_layer, ribbons_layer, touched, written
from journey.charts.sankey_layout import sankey_layout
from journey.charts.sankey_shapes import Key, Word
from journey.i18n.formats import date

__all__ = ["link_mark", "movement", "node_mark"]

_ORDER = (*GROUPS, NOBODY)
_KIND = "group"


def link_mark(step: int, before: str, group: str) -> str:
    """The id of a ribbon: at which step, from which group to which."""
    return f"M:{step}.{before}.{group}"


def node_mark(step: int, group: str) -> str:
    """The id of a box: a group before a step; after the last one it is one step later."""
    return f"N:{step}.{group}"


def movement(
    answer: Rfm, *, language: str, dark: bool, width: float, height: float, picked: str | None
) -> alt.LayerChart:
    """A column is a day, and the groups stand in one order in all of them; ribbons have the colour of before.

    Who had not bought yet stands below the others, with those only who bought until the next day.
    """
    told = RfmWords(answer, language)
    table = answer.table
    links = pd.DataFrame(
        {
            "step": table["step"],
            "source": table["group_before"],
            "source_kind": _KIND,
            "target": table["group"],
            "target_kind": _KIND,
            "customers": table["customers"],
        }
    )
    days = [*table.drop_duplicates("step")["day_before"], table["day"].iloc[-1]]
    nodes = _nodes(table)
    buyers = nodes[nodes["name"] != NOBODY].groupby("step")["customers"].sum()

    def heading(step: int, customers: float, brevity: int) -> str:
        day = days[step - 1]
        if brevity == 2:
            return _short(day, days)
        said = date(day, language)
        return said if brevity else f"{said} · {told.say('buyers', n=int(buyers.get(step, 0)))}"

    sheet = sankey_layout(
        links,
        nodes,
        width=width,
        height=height,
        caption=lambda kind, name: told.name(name),
        amount=told.count,
        heading=heading,
        end_caption=lambda kind, customers, share: "",
        in_order=True,
    )
    shares = table.groupby(["step", "group_before"])["customers"].sum()
    rows = rows_of(table)
    ribbons: list[Row] = []
    for ribbon in sheet.ribbons:
        row = rows[ribbon.row]
        source = told.name(row.group_before)
        ribbons.append(
            {
                "id": link_mark(row.step, row.group_before, row.group),
                "a": node_mark(row.step, row.group_before),
                "b": node_mark(row.step + 1, row.group),
                **{at: round(getattr(ribbon, at), 2) for at in ("x0", "x1", "y00", "y01", "y10", "y11")},
                "colour": COLOURS[row.group_before],
                "what": f"{source} → {told.name(row.group)}",
                "when": f"{date(row.day_before, language)} → {date(row.day, language)}",
                "who": told.customers(row.customers),
                "part": told.say("part_of", share=row.share, n=int(shares[row.step, row.group_before])),
                "span": told.interval(row.low, row.high),
            }
        )
    boxes: list[Row] = []
    for node in sheet.nodes:
        step, _, name = node.key
        n = int(buyers.get(step, 0))
        boxes.append(
            {
                "id": (own := node_mark(step, name)),
                "a": own,
                "b": own,
                **{at: round(getattr(node, at), 2) for at in ("x0", "x1", "y0", "y1")},
                "colour": COLOURS[name],
                "what": told.name(name),
                "when": date(days[step - 1], language),
                "who": told.customers(node.customers),
                "part": told.share(node.customers / n) if n and name != NOBODY else "–",
            }
        )
    tips = _titles(told, what="moved", when="when", who="customers", part="from", span="interval")
    box_tips = _titles(told, what="group", when="when", who="customers", part="share")
    tip_of = {row["id"]: row for row in boxes}
    texts = [_word(place, told, tip_of, width, dark) for place in sheet.words]
    heads = [row for row in texts if not row["id"]]
    names = [row for row in texts if row["id"]]
    titles = [row for place, row in zip(sheet.words, texts, strict=True) if place.role == "heading"]
    widest = max(row["wide"] for row in titles)
    for row in titles:
        row["wide"] = widest
    data = {"shapes": ribbons, "boxes": boxes, "heads": heads, "names": names}
    layers = [
        ribbons_layer("shapes", width, height, tips=tips, paint="datum.colour"),
        boxes_layer("boxes", width, height, tips=box_tips),
        *words("heads", heads, height=height, dark=dark),
        *words("names", names, height=height, dark=dark, tips=box_tips),
    ]
    layers[0] = layers[0].add_params(*touched(data, picked))
    described = told.say("described_movement", first=days[0], last=days[-1])
    return finished(layers, data, width=width, height=height, dark=dark, description=described)


def _nodes(table: pd.DataFrame) -> pd.DataFrame:
    """How many are in each group on each day; the day before step n is the n-th column."""
    before = table.rename(columns={"group_before": "name"})[["step", "name", "customers"]]
    after = table.rename(columns={"group": "name"})[["step", "name", "customers"]]
    after = after.assign(step=after["step"] + 1)
    # A group of a day between is told twice: those who were in it before, and those who came to be.
    sides = pd.concat([part.groupby(["step", "name"])["customers"].sum() for part in (before, after)])
    sizes = sides.groupby(level=[0, 1]).max().reset_index()
    return sizes.assign(kind=_KIND, position=[_ORDER.index(name) for name in sizes["name"]])


def _short(day: dt.date, days: list[dt.date]) -> str:
    """A day in few signs; with the year where the days lie in several."""
    several = len({one.year for one in days}) > 1
    return f"{day.year % 100:02d}.{day.month}.{day.day}" if several else f"{day.month}.{day.day}"


def _titles(told: RfmWords, **keys: str) -> list[Any]:
    return tooltip({field: told.say(key) for field, key in keys.items()})


def _word(place: Word, told: RfmWords, tip_of: dict[str, Row], width: float, dark: bool) -> Row:
    key: Key | None = place.key
    own = "" if key is None else node_mark(key[0], key[2])
    shape = tip_of.get(own, {})
    short = told.short(key[2]) if key is not None and place.role == "name" else place.short or place.text
    return written(
        place,
        width,
        dark=dark,
        strong=("name",),
        rimmed=("name", "number"),
        short=short,
        **{**{field: shape.get(field, "") for field in ("a", "b", "what", "when", "who", "part")}, "id": own},
    )
