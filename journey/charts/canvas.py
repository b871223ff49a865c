"""The sheet that charts with a layout of their own draw on: pixels for scales, and words that stay readable.

Every column of data has a name of ours and values made for the screen, so that no name out of a file ever
becomes part of a chart's grammar.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from journey.charts.lettering import text_width
from journey.theme import FONT, ink, paper

__all__ = [
    "Place",
    "Row",
    "X",
    "Y",
    "boxes",
    "filled",
    "finished",
    "lines",
    "place_of",
    "rows_of",
    "sentence_only",
    "sentence_row",
    "spoken",
    "tooltip",
    "word",
    "words",
]

Row = dict[str, Any]


def rows_of(table: pd.DataFrame) -> list[Any]:
    """The rows of an answer's table, one named tuple each."""
    return list(table.itertuples(index=False))


@dataclass(frozen=True)
class Place:
    """A horizontal place or length that follows the width of the sheet: `part` of it plus `pixels`."""

    part: float
    pixels: float

    def __add__(self, other: Place) -> Place:
        return Place(self.part + other.part, self.pixels + other.pixels)

    def __sub__(self, other: Place) -> Place:
        return Place(self.part - other.part, self.pixels - other.pixels)

    def __mul__(self, times: float) -> Place:
        return Place(self.part * times, self.pixels * times)

    def toward(self, other: Place, part: float) -> Place:
        """What lies so far on the way to another place: 0 is here, 1 is there."""
        return self + (other - self) * part

    def on(self, width: float) -> float:
        """Pixels on a sheet of this width."""
        return self.part * width + self.pixels

    def row(self, name: str) -> Row:
        """Its two fields in a row of data."""
        return {f"{name}_f": round(self.part, 6), f"{name}_p": round(self.pixels, 2)}


def place_of(name: str) -> str:
    """The pixels of a place in a row of data, as an expression of the chart."""
    return f"datum.{name}_f * width + datum.{name}_p"


def X(field: str, width: float) -> Any:
    """A horizontal place in layout pixels; stretches with the chart."""
    return alt.X(f"{field}:Q", scale=alt.Scale(domain=[0, width], nice=False, zero=False), axis=None)


def Y(field: str, height: float) -> Any:
    """A vertical place in layout pixels, growing downwards."""
    scale = alt.Scale(domain=[0, height], reverse=True, nice=False, zero=False)
    return alt.Y(f"{field}:Q", scale=scale, axis=None)


def tooltip(titles: dict[str, str]) -> list[Any]:
    """Lines of a tooltip: our field -> its title in the reader's language."""
    return [alt.Tooltip(f"{field}:N", title=title) for field, title in titles.items()]


def spoken(tips: Sequence[Any]) -> Any:
    """What a screen reader says of a mark: the lines of its tooltip, and nothing of how it is drawn."""
    lines = [f"{json.dumps(tip['title'] + ': ')} + datum.{tip.shorthand.removesuffix(':N')}" for tip in tips]
    return alt.DescriptionValue(alt.expr(" + '; ' + ".join(lines)))


def words(name: str, rows: Sequence[Row], *, height: float, dark: bool, tips: Any = None) -> list[Any]:
    """The layers of texts that the data set `name` holds, with a rim of the page's colour where asked for.

    The rim keeps them readable on ribbons and when the theme flips. A row comes from `word`. On a sheet that
    is shown narrower than it was laid out, a text that no longer fits becomes its short form, and that is cut
    where it must be. Rows with `most` are not seen on a sheet of that width or more, unless that is 0. A
    screen reader is told of texts without `tips`; those with them stand beside a mark that says the same.
    """
    room = "(datum.room_f * width + datum.room_p)"
    seen = "width >= datum.needs"
    if any("most" in row for row in rows):
        seen = f"{seen} && (!datum.most || width < datum.most)"
    base = (
        alt.Chart(alt.NamedData(name))
        # What is not seen stays inside, or the sheet would be made narrower to have room for it.
        .transform_calculate(at=f"{seen} ? {place_of('x')} : 0")
        .encode(
            x=alt.X("at:Q", scale=None, axis=None),
            y=Y("y", height),
            opacity=alt.OpacityValue(0, condition={"test": seen, "value": alt.expr("datum.shown")}),
            tooltip=tips or alt.value(None),
            description=alt.DescriptionValue(alt.expr("datum.text")),
        )
    )
    style: Row = {
        "align": alt.expr("datum.align"),
        "baseline": "middle",
        "fontSize": alt.expr("datum.size"),
        "limit": alt.expr(room),
        "text": alt.expr(f"!({seen}) ? '' : {room} < datum.wide ? datum.short : datum.text"),
    }
    fill = base.mark_text(**style, aria=not tips).encode(color=alt.Color("ink:N", scale=None))
    if not any(row["rim"] for row in rows):
        return [fill]
    rim = base.mark_text(**style, aria=False, stroke=paper(dark), strokeWidth=3, strokeJoin="round")
    return [rim.transform_filter("datum.rim"), fill]


def word(
    text: str,
    x: Place,
    y: float,
    room: Place,
    *,
    colour: str,
    align: str = "left",
    size: float = 12.0,
    shown: float = 1.0,
    rim: bool = False,
    short: str | None = None,
    needs: float = 0.0,
    **more: Any,
) -> Row:
    """A row of `words`: a text at (x, y) that may take `room`; `short` is what to say where it cannot.

    `shown` is opacity, `rim` draws the page's colour around the text, `needs` is the least width of a sheet
    on which it is seen at all, `more` is for tooltips and clicks.
    """
    return {
        "text": text,
        "short": text if short is None else short,
        **x.row("x"),
        "y": round(y, 2),
        **room.row("room"),
        "wide": round(text_width(text, size) * 0.98, 1),
        "align": align,
        "size": float(size),
        "ink": colour,
        "shown": shown,
        "rim": rim,
        "needs": float(needs),
        "id": "",
        **more,
    }


def boxes(name: str, *, height: float, tips: Any, corner: float = 2) -> Any:
    """The layer of filled boxes that the data set `name` holds, on sheets that are as wide as they need."""
    seen = alt.Chart(alt.NamedData(name)).transform_filter("width >= datum.needs")
    return filled(seen, height=height, cornerRadius=corner).encode(tooltip=tips, description=spoken(tips))


def filled(chart: Any, *, height: float, **look: Any) -> Any:
    """The boxes of a chart's data from x to x2 (places) and y0 to y1, filled with their own colour."""
    return (
        chart.transform_calculate(left=place_of("x"), right=place_of("x2"))
        .mark_rect(**look)
        .encode(
            x=alt.X("left:Q", scale=None, axis=None),
            x2="right:Q",
            y=Y("y0", height),
            y2="y1:Q",
            fill=alt.Fill("colour:N", scale=None),
        )
    )


def lines(name: str, *, height: float, dark: bool, tips: Any) -> Any:
    """The layer of level lines from x to x2 at y that the data set `name` holds; boxes tell of them."""
    return (
        alt.Chart(alt.NamedData(name))
        .transform_calculate(left=place_of("x"), right=place_of("x2"))
        .mark_rule(strokeWidth=1.5, color=ink(dark), opacity=0.7, aria=False)
        .encode(x=alt.X("left:Q", scale=None, axis=None), x2="right:Q", y=Y("y", height), tooltip=tips)
    )


def sentence_row(text: str, *, height: float, dark: bool) -> Row:
    """The one row of an empty chart: a sentence in the middle."""
    middle, room = Place(0.5, 0), Place(1, -24)
    return word(text, middle, height / 2, room, colour=ink(dark), align="center", size=14, shown=0.75)


def sentence_only(text: str, *, width: float, height: float, dark: bool) -> Any:
    """The whole chart where there is nothing to draw: a sentence that says so."""
    row = sentence_row(text, height=height, dark=dark)
    layers = words("words", [row], height=height, dark=dark)
    return finished(layers, {"words": [row]}, width=width, height=height, dark=dark, description=text)


def finished(
    layers: Sequence[Any],
    data: Mapping[str, Sequence[Row]],
    *,
    width: float | str,
    height: float,
    dark: bool,
    description: str,
) -> Any:
    """One chart of layers over named data sets, without a frame; as wide as "container" where it fills one.

    Each data set stands once however many layers use it; `usermeta` tells the export which page the chart was
    drawn for.
    """
    chart = (
        alt.layer(*layers)
        .properties(
            width=width,
            height=height,
            # Four zeros: of a single one Streamlit makes a foot of 20 pixels, which squeezes what is round.
            padding={"left": 0, "top": 0, "right": 0, "bottom": 0},
            description=description,
            background="transparent",
            usermeta={"journey": {"dark": dark}},
        )
        .configure(font=FONT)
        # Not seen, but filled: only then a click beside everything reaches the view and clears the pick.
        .configure_view(stroke=None, fill=paper(dark), fillOpacity=0)
    )
    # Set, not passed as a property: that would check every cell against the grammar's schema once more.
    chart.datasets = {name: list(rows) for name, rows in data.items()}
    return chart
