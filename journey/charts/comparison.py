"""Two groups in one picture, A minus B: the flow, and the matrix of steps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import altair as alt

from journey.analysis.comparison import Comparison
from journey.charts.canvas import (
    Place,
    Row,
    X,
    Y,
    boxes,
    finished,
    rows_of,
    sentence_row,
    spoken,
    word,
    words,
)
from journey.charts.comparison_words import ComparisonWords, paint_of
from journey.charts.flow_ids import link_id, node_id
from journey.charts.lettering import fit, text_width
from journey.charts.picking import picking
from journey.charts.sankey_layers import bent, written
from journey.charts.sankey_layout import sankey_layout
from journey.charts.sankey_shapes import Sankey, Word
from journey.charts.sankey_words import clash
from journey.i18n.formats import signed
from journey.theme import MUTED, ink

__all__ = ["comparison_chart", "step_matrix"]

_LEAST_LABELLED = 14.0
_MOST_RIBBONS = 600
_LINE = 18.0
_ROW, _HEAD, _SIZE, _MARGIN = 34.0, 26.0, 12.0, 6.0


def comparison_chart(
    answer: Comparison,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float = 560,
    picked: str | None = None,
) -> alt.LayerChart:
    """The flow of both groups: thickness is the mean of their shares of all, colour a clear difference.

    Grey ribbons do not differ clearly, pale ones were not tested. The selection `pick` gives the `id` of the
    ribbon or box that was clicked (see flow_ids); `picked` is the id that is selected from the beginning.
    """
    told = ComparisonWords(answer, language)
    legend = told.legend(answer.links)
    foot = _LINE * ((len(legend) + 1) // 2) + 6
    links = answer.links[answer.links["mean_share"] > 0].reset_index(drop=True)
    links = links.assign(customers=links["mean_share"])
    nodes = answer.cells[~answer.cells["kind"].isin(["exit", "active"])]
    sheet = sankey_layout(
        links,
        nodes.assign(customers=nodes["mean_share"]),
        width=width,
        height=height - foot,
        caption=told.caption,
        amount=told.share,
        heading=told.heading,
        end_caption=lambda kind, _customers, _part: told.caption(kind, ""),
    )
    if not sheet.nodes:
        return _nothing(told, "chart_empty", width=width, height=height, dark=dark)
    tips = told.tips("tip_link")
    rows = rows_of(links)
    shapes = _shapes(sheet, rows, told)
    box_tips = told.tips("tip_cell")
    cells = {(row.step, row.kind, row.name): row for row in rows_of(nodes)}
    data: dict[str, list[Row]] = {
        "shapes": shapes,
        "boxes": [
            {
                "id": node_id(*node.key),
                "x0": round(node.x0, 2),
                "x1": round(node.x1, 2),
                "y0": round(node.y0, 2),
                "y1": round(node.y1, 2),
                **told.cell(cells[node.key]),
            }
            for node in sheet.nodes
        ],
        "words": [
            written(
                place,
                width,
                dark=dark,
                strong=("name", "number"),
                rimmed=("name", "number", "end"),
            )
            for place in _with_differences(sheet, rows, told)
        ],
    }
    drawn = {row["id"] for row in (*shapes, *data["boxes"])}
    area = _areas(sheet.width, height, tips).add_params(picking(picked if picked in drawn else None))
    box = (
        alt.Chart(alt.NamedData("boxes"))
        .mark_rect(cornerRadius=2, fill=MUTED, cursor="pointer", strokeWidth=2)
        .encode(
            stroke=_rim(dark),
            x=X("x0", sheet.width),
            x2="x1:Q",
            y=Y("y0", height),
            y2="y1:Q",
            tooltip=box_tips,
            description=spoken(box_tips),
        )
    )
    layers = [area, box, *words("words", data["words"], height=height, dark=dark)]
    layers += _legend(legend, data, top=height - foot + _LINE / 2, height=height, dark=dark)
    described = told.say(
        "chart_described",
        a=answer.names[0],
        b=answer.names[1],
        tested=answer.n_tested,
        clear=answer.n_clear,
    )
    return finished(layers, data, width=width, height=height, dark=dark, description=described)


def step_matrix(
    answer: Comparison,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float | None = None,
    picked: str | None = None,
) -> alt.LayerChart:
    """Who is where at each step, A minus B, in percentage points of all customers of each group.

    A cell is coloured where the difference is clear; the last rows are those who had ended before the step.
    The selection `pick` gives the `id` of a cell as that of its node; `picked` is what was picked before, in
    whichever picture.
    """
    told = ComparisonWords(answer, language)
    cells = rows_of(answer.cells)
    if not cells:
        return _nothing(told, "chart_empty", width=width, height=height or 200, dark=dark)
    legend = told.legend(answer.cells)
    foot = _LINE * ((len(legend) + 1) // 2) + 6
    order = answer.cells.sort_values("position", kind="stable")
    names = list(dict.fromkeys(zip(order["kind"], order["name"], strict=True)))
    height = height or _HEAD + _ROW * len(names) + foot
    tall = (height - _HEAD - foot) / len(names)
    steps = sorted(int(step) for step in answer.cells["step"].unique())
    captions = {pair: told.row_name(*pair) for pair in names}
    widest = max(text_width(name, _SIZE) for name in captions.values())
    # On a phone the names take a third of the sheet and are cut; the numbers matter more.
    left = Place(0.16, min(widest, 150.0) * 0.5)
    pitch = (Place(1, -_MARGIN) - left) * (1 / len(steps))
    texts: list[Row] = []
    filled: list[Row] = []
    for number, step in enumerate(steps):
        at = left + pitch * (number + 0.5)
        brief = told.heading(step, 0, 2)
        texts.append(
            word(
                told.step(step),
                at,
                11,
                pitch,
                colour=ink(dark),
                align="center",
                size=11,
                short=brief,
                shown=0.78,
            )
        )
    for place, pair in enumerate(names):
        y = _HEAD + tall * (place + 0.5)
        room = left - Place(0, _MARGIN + 6)
        name = fit(captions[pair], _SIZE, room.on(width))
        texts.append(word(name, Place(0, _MARGIN), y, room, colour=ink(dark), size=_SIZE))
    rows = {pair: place for place, pair in enumerate(names)}
    for cell in cells:
        number, place = steps.index(int(cell.step)), rows[cell.kind, cell.name]
        top = _HEAD + tall * place
        start = left + pitch * number
        colour, shown = paint_of(cell)
        filled.append(
            {
                **(start + Place(0, 1)).row("x"),
                **(start + pitch - Place(0, 1)).row("x2"),
                "y0": round(top + 1, 2),
                "y1": round(top + tall - 1, 2),
                "needs": 0.0,
                "id": node_id(int(cell.step), cell.kind, cell.name),
                **told.cell(cell),
                "colour": f"{colour}{round(255 * shown):02X}",
            }
        )
        clear = cell.state == "clear"
        number_in = word(
            signed(cell.difference, language),
            start + pitch * 0.5,
            top + tall / 2,
            pitch,
            colour=ink(dark),
            align="center",
            size=12.0 if clear else 11.0,
            shown=1.0 if clear else 0.62,
            short=signed(cell.difference, language).partition(".")[0],
        )
        # A click on the number is one on its cell.
        texts.append({**number_in, "id": filled[-1]["id"]})
    data: dict[str, list[Row]] = {"cells": filled, "words": texts}
    squares = boxes("cells", height=height, tips=told.tips("tip_cell"))
    squares = squares.encode(stroke=_rim(dark), strokeWidth=alt.StrokeWidthValue(2))
    layers = [
        squares.add_params(picking(picked if picked in {row["id"] for row in filled} else None)),
        *words("words", texts, height=height, dark=dark),
    ]
    layers += _legend(legend, data, top=height - foot + _LINE / 2, height=height, dark=dark)
    described = told.say("matrix_described", a=answer.names[0], b=answer.names[1], n=len(cells))
    return finished(layers, data, width=width, height=height, dark=dark, description=described)


def _with_differences(sheet: Sankey, rows: list[Any], told: ComparisonWords) -> list[Word]:
    """The words of the picture, and by how much each clear ribbon differs where there is room to say it."""
    found = []
    for place in sheet.words:
        row = None if place.row is None else rows[place.row]
        if row is not None and row.state == "clear":
            text = f"{place.text} {told.difference(row)}"
            fits = text_width(text, place.size) <= place.room
            place = replace(place, text=text, short=place.text) if fits else place
        found.append(place)
    for ribbon in sheet.ribbons:
        row = rows[ribbon.row]
        if ribbon.end or row.state != "clear" or ribbon.y01 - ribbon.y00 < _LEAST_LABELLED:
            continue
        middle = (ribbon.y00 + ribbon.y01) / 2
        room = (ribbon.x1 - ribbon.x0) * 0.6
        text = told.difference(row)
        label = Word(text, "number", ribbon.x0 + 8, middle, 11.0, "left", room, row=ribbon.row)
        if text_width(text, 11.0) <= room and not any(clash(label, other) for other in found):
            found.append(label)
    return found


def _shapes(sheet: Sankey, rows: list[Any], told: ComparisonWords) -> list[Row]:
    """One row a ribbon or stub; the clear ones last, so that they lie on top."""
    widest = sorted(sheet.ribbons, key=lambda ribbon: -ribbon.customers)[:_MOST_RIBBONS]
    shapes = []
    for ribbon in sorted(widest, key=lambda ribbon: (rows[ribbon.row].state == "clear", ribbon.row)):
        link = rows[ribbon.row]
        colour, shown = paint_of(link)
        place = {name: round(getattr(ribbon, name), 2) for name in ("x0", "x1", "y00", "y01", "y10", "y11")}
        # Beside a picked box its ribbons stay bright.
        step = int(link.step)
        ends = {
            "begins": node_id(step, link.source_kind, link.source),
            "ends": node_id(step + 1, link.target_kind, link.target),
        }
        shape = {"id": link_id(link), **ends, **place, "colour": colour, "shown": shown}
        shapes.append({**shape, **told.link(link)})
    return shapes


def _rim(dark: bool) -> Any:
    """What is picked has a rim."""
    test = "pick.id && datum.id && datum.id == pick.id[0]"
    return alt.StrokeValue(None, condition={"test": test, "value": ink(dark)})


def _areas(width: float, height: float, tips: list[Any]) -> Any:
    picked = "pick.id && pick.id[0]"
    apart = " && ".join(f"datum.{name} != pick.id[0]" for name in ("id", "begins", "ends"))
    return bent("shapes", width, height).encode(
        detail=["id:N", "begins:N", "ends:N"],
        fill=alt.Fill("colour:N", scale=None),
        opacity=alt.OpacityValue(
            0.5,
            condition=[
                {"test": f"{picked} && {apart}", "value": alt.expr("datum.shown * 0.4")},
                {"test": "true", "value": alt.expr("datum.shown")},
            ],
        ),
        tooltip=tips,
        description=spoken(tips),
    )


def _legend(
    legend: list[tuple[str, str, float]], data: dict[str, list[Row]], *, top: float, height: float, dark: bool
) -> list[Any]:
    """What the colours mean, in two columns so that it fits a phone."""
    dots: list[Row] = []
    said: list[Row] = []
    for number, (text, colour, shown) in enumerate(legend):
        left = Place(0.3, 55) * (number % 2)
        y = top + _LINE * (number // 2)
        corner = left + Place(0, _MARGIN)
        dots.append(
            {
                **corner.row("x"),
                **(corner + Place(0, 11)).row("x2"),
                "y0": y - 5.5,
                "y1": y + 5.5,
                "colour": f"{colour}{round(255 * shown):02X}",
                "needs": 0.0,
                "what": text,
            }
        )
        room = Place(0.3, 55) - Place(0, 30) if number % 2 == 0 else Place(0.7, -55 - 30)
        said.append(word(text, corner + Place(0, 17), y, room, colour=ink(dark), size=11.0, shown=0.85))
    data["keys"], data["meanings"] = dots, said
    keys = boxes("keys", height=height, tips=[alt.Tooltip("what:N", title="-")])
    return [keys.encode(tooltip=alt.value(None)), *words("meanings", said, height=height, dark=dark)]


def _nothing(told: ComparisonWords, key: str, *, width: float, height: float, dark: bool) -> Any:
    empty = told.say(key)
    row = sentence_row(empty, height=height, dark=dark)
    layers = words("words", [row], height=height, dark=dark)
    layers[0] = layers[0].add_params(picking(None))
    return finished(layers, {"words": [row]}, width=width, height=height, dark=dark, description=empty)
