"""What can be picked in a chart by a click, and how it shows."""

from __future__ import annotations

from typing import Any

import altair as alt

from journey.charts.canvas import Row, Y, boxes
from journey.theme import ink

__all__ = ["IS_PICKED", "clickable", "fields", "picking"]

IS_PICKED = "pick.id && datum.id && datum.id == pick.id[0]"
_TINT = 0.08  # opacity of the field behind a picked row


def picking(picked: str | None) -> Any:
    """The click that picks a mark by its id."""
    chosen: Row = {"value": [{"id": picked}]} if picked else {}
    return alt.selection_point(name="pick", fields=["id"], on="click", **chosen)


def clickable(name: str, *, height: float, tips: Any, dark: bool, corner: float = 2) -> Any:
    """The layer of boxes that say by their rim which one is picked."""
    return (
        boxes(name, height=height, tips=tips)
        .mark_rect(cornerRadius=corner, cursor="pointer", strokeWidth=2)
        .encode(stroke=alt.StrokeValue(None, condition={"test": IS_PICKED, "value": ink(dark)}))
    )


def fields(name: str, *, height: float, dark: bool, tips: Any) -> Any:
    """The rows that the data set `name` holds as fields that can be picked; the picked one is tinted."""
    return (
        alt.Chart(alt.NamedData(name))
        .transform_calculate(left="datum.x_f * width + datum.x_p", right="datum.x2_f * width + datum.x2_p")
        .mark_rect(cornerRadius=4, cursor="pointer", color=ink(dark), aria=False)
        .encode(
            x=alt.X("left:Q", scale=None, axis=None),
            x2="right:Q",
            y=Y("y0", height),
            y2="y1:Q",
            opacity=alt.OpacityValue(0, condition={"test": IS_PICKED, "value": _TINT}),
            tooltip=tips,
        )
    )
