"""How ribbons and boxes of a Sankey picture are drawn, and how they answer to the pointer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import altair as alt

from journey.charts.canvas import Place, Row, X, Y, spoken, word
from journey.charts.sankey_shapes import Word
from journey.theme import ink

__all__ = ["bent", "boxes_layer", "lit", "ribbons_layer", "touched", "written"]

_SAMPLES = 14
_FIELDS = ["id", "a", "b"]


def touched(data: Mapping[str, Sequence[Row]], picked: str | None) -> tuple[Any, Any]:
    """The click that picks a ribbon or a box by its id, and the pointer over one.

    Rows have an `id` and, as `a` and `b`, the ids of the boxes at their ends (a box its own, twice).
    """
    mark = next((row for rows in data.values() for row in rows if picked and row.get("id") == picked), None)
    chosen: Row = {"value": [{field: mark[field] for field in _FIELDS}]} if mark else {}
    pick = alt.selection_point(name="pick", fields=_FIELDS, on="click", **chosen)
    over = alt.selection_point(
        name="hover", fields=_FIELDS, on="pointerover", clear="pointerout", toggle=False
    )
    return pick, over


def lit(rest: float, faint: float, bright: float) -> Any:
    """How strong a thing is: a hovered one comes first, else the picked one; else everything is at rest."""
    any_over, any_pick = "(hover.id && hover.id[0])", "(pick.id && pick.id[0])"

    def near(param: str) -> str:
        """Is this the thing, an end of it, or a ribbon at it?"""
        pairs = [("id", "id"), ("a", "id"), ("b", "id"), ("id", "a"), ("id", "b")]
        return "(" + " || ".join(f"datum.{own} == {param}.{other}[0]" for own, other in pairs) + ")"

    return alt.OpacityValue(
        rest,
        condition=[
            {"test": f"{any_over} && {near('hover')}", "value": bright},
            {"test": f"!{any_over} && {any_pick} && {near('pick')}", "value": bright},
            {"test": f"{any_over} || {any_pick}", "value": faint},
        ],
    )


def ribbons_layer(name: str, width: float, height: float, *, tips: Any, paint: str) -> Any:
    """The ribbons that the data set holds; `paint` is an expression that gives their colour."""
    return bent(name, width, height, paint=paint).encode(
        detail=["id:N", "a:N", "b:N"],
        fill=alt.Fill("paint:N", scale=None),
        opacity=lit(0.42, 0.14, 0.78),
        tooltip=tips,
        description=spoken(tips),
    )


def written(
    place: Word, width: float, *, dark: bool, strong: Collection[str], rimmed: Collection[str], **more: Any
) -> Row:
    """A row of canvas.words for a text of the picture; those of roles that are not `strong` are fainter."""
    said: Row = {"short": place.short, **more}
    return word(
        place.text,
        Place(place.x / width, 0),
        place.y,
        Place(place.room / width, 0),
        colour=ink(dark),
        align=place.align,
        size=place.size,
        shown=1.0 if place.role in strong else 0.78,
        rim=place.role in rimmed,
        **said,
    )


def bent(name: str, width: float, height: float, **worked_out: str) -> Any:
    """The areas of ribbons from (x0, y00 to y01) to (x1, y10 to y11), with what is `worked_out` of each."""
    s = "datum.s"
    bend = f"({s} * {s} * (3 - 2 * {s}))"
    return (
        alt.Chart(alt.NamedData(name))
        .transform_calculate(s=f"sequence(0, {_SAMPLES})")
        .transform_flatten(["s"])
        .transform_calculate(s=f"datum.s / {_SAMPLES - 1}")
        .transform_calculate(
            x=f"datum.x0 + (datum.x1 - datum.x0) * {s}",
            y=f"datum.y00 + (datum.y10 - datum.y00) * {bend}",
            y2=f"datum.y01 + (datum.y11 - datum.y01) * {bend}",
            **worked_out,
        )
        .mark_area(interpolate="monotone", line=False, cursor="pointer")
        .encode(x=X("x", width), y=Y("y", height), y2="y2:Q")
    )


def boxes_layer(name: str, width: float, height: float, *, tips: Any) -> Any:
    """The boxes that the data set holds."""
    return (
        alt.Chart(alt.NamedData(name))
        .mark_rect(cornerRadius=2, cursor="pointer")
        .encode(
            x=X("x0", width),
            x2="x1:Q",
            y=Y("y0", height),
            y2="y1:Q",
            fill=alt.Fill("colour:N", scale=None),
            opacity=lit(1.0, 0.45, 1.0),
            tooltip=tips,
            description=spoken(tips),
        )
    )
