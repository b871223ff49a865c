"""The sheet that charts with a layout of their own draw on: pixels for scales, and words that stay readable.

Every column of data has a name of ours and values made for the screen, so that no name out of a file ever
becomes part of a chart's grammar.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from journey.theme import FONT, ink, paper

__all__ = ["Row", "X", "Y", "finished", "rows_of", "sentence_row", "tooltip", "words"]

Row = dict[str, Any]


def rows_of(table: pd.DataFrame) -> list[Any]:
    """The rows of an answer's table, one named tuple each."""
    return list(table.itertuples(index=False))


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


def words(rows: Sequence[Row], *, width: float, height: float, dark: bool, tips: Any = None) -> list[Any]:
    """Texts with a rim of the page's colour, so that they stay readable on ribbons and when the theme flips.

    A row has x, y, text, align (left|center|right), size, bold, room (pixels it may take), ink (its colour),
    shown (opacity), id. On a sheet narrower than laid out, the browser shortens the text further.
    """
    base = alt.Chart(alt.Data(values=list(rows))).encode(
        x=X("x", width),
        y=Y("y", height),
        text="text:N",
        **({"tooltip": tips} if tips else {"tooltip": alt.value(None)}),
    )
    style: Row = {
        "align": alt.expr("datum.align"),
        "baseline": "middle",
        "fontSize": alt.expr("datum.size"),
        "fontWeight": alt.expr("datum.bold ? 600 : 400"),
        "limit": alt.expr(f"datum.room * min(1, width / {width:g})"),
    }
    fill = base.mark_text(**style).encode(
        color=alt.Color("ink:N", scale=None), opacity=alt.Opacity("shown:Q", scale=None)
    )
    if not any(row["rim"] for row in rows):
        return [fill]
    rim = base.mark_text(**style, stroke=paper(dark), strokeWidth=3, strokeJoin="round", opacity=0.8)
    return [rim.transform_filter("datum.rim"), fill]


def sentence_row(text: str, *, width: float, height: float, dark: bool) -> Row:
    """The one row of an empty chart: a sentence in the middle."""
    return {
        "x": width / 2,
        "y": height / 2,
        "text": text,
        "align": "center",
        "size": 14.0,
        "bold": False,
        "rim": False,
        "room": width - 24,
        "ink": ink(dark),
        "shown": 0.75,
        "id": "",
    }


def finished(chart: Any, *, width: float, height: float, dark: bool, description: str) -> Any:
    """Size, font, no frame; `usermeta` tells the export which page the chart was drawn for."""
    return (
        chart.properties(
            width=width,
            height=height,
            padding=0,
            description=description,
            background="transparent",
            usermeta={"journey": {"dark": dark}},
        )
        .configure(font=FONT)
        .configure_view(stroke=None, fill=None)
    )
