"""What can be picked in the charts of clusters, and how it shows."""

from __future__ import annotations

from typing import Any

import altair as alt

from journey.charts.canvas import Row, boxes
from journey.theme import ink

__all__ = ["clickable", "picking"]


def picking(picked: str | None) -> Any:
    """The click that picks a cluster by its id."""
    chosen: Row = {"value": [{"id": picked}]} if picked else {}
    return alt.selection_point(name="pick", fields=["id"], on="click", **chosen)


def clickable(name: str, *, height: float, tips: Any, dark: bool, corner: float = 2) -> Any:
    """The layer of boxes that say by their rim which one is picked."""
    is_picked = "pick.id && datum.id && datum.id == pick.id[0]"
    return (
        boxes(name, height=height, tips=tips)
        .mark_rect(cornerRadius=corner, cursor="pointer", strokeWidth=2)
        .encode(stroke=alt.StrokeValue(None, condition={"test": is_picked, "value": ink(dark)}))
    )
